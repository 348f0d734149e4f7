"""The rows of a scenario file: one class per table, with the keys, their bounds and their meaning.

Editors show the descriptions (see `schema`). A row class is named after its table: `ActorRow` is a row of [actors].
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, WithJsonSchema

from realpolitik.scenario.fields import (
    Bounded,
    Deferred,
    Id,
    Line,
    Month,
    MonthOrNever,
    Number,
    Paragraph,
    Quantity,
    RespondingShare,
    RespondingStrength,
    Share,
    Step,
    Text,
    Threshold,
    Votes,
    Year,
)


class BaseRow(BaseModel):
    """A table with a fixed set of keys."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Reasoned(BaseRow):
    """A row with its reason, and the claims that support it."""

    reason: Line = Field(description="Why the row is as it is, in one line")
    claims: list[Id] = Field([], description="The claims, from [claims], that support the row")
    assumption: bool = Field(False, description="true if no claim supports the row")


class Change(BaseRow):
    """What a move or a shock does to one issue."""

    to: Share | None = Field(None, description="The new value of the issue (0-1)")
    by: Step | None = Field(None, description="How much is added to the issue (-1 to 1)")


class Condition(BaseRow):
    """A condition on one quantity."""

    above: Threshold | None = Field(None, description="The quantity must be greater than this number or quantity")
    below: Threshold | None = Field(None, description="The quantity must be less than this number or quantity")


Changes = Annotated[dict[Id, Change], Field(description="Issue -> what happens to it", min_length=1, max_length=200)]
Conditions = Annotated[
    dict[Quantity, Condition], Field(description="Quantity -> above, below; all must hold", max_length=100)
]


class ActorRow(BaseRow):
    """[actors.ID]: a state or bloc that decides."""

    label: Line = Field(description="The actor's name, as figures show it")
    role: Line = Field(description="The actor's role in the argument, in free text")
    capability: RespondingStrength = Field(1.0, description="Weight under weights = 'capability' (0-10)")


class IssueRow(Reasoned):
    """[issues.ID]: something in dispute, on a scale from 0 to 1."""

    label: Line = Field(description="The issue's name, as figures show it")
    low: Line = Field(description="What 0 means")
    high: Line = Field(description="What 1 means")
    start: Share = Field(description="The value at the start (0-1)")
    decay: RespondingShare = Field(0.0, description="Share of the distance to rest that is lost per month (0-1)")
    rest: RespondingShare = Field(0.0, description="The value to which the issue returns by itself (0-1)")


class SeriesTable(BaseRow):
    """A series: a column of a CSV file next to the scenario, scaled so that low is 0 and high is 1."""

    file: Line = Field(description="A CSV file in the folder of the scenario, or below it")
    month: Line = Field(description="The column of months, YYYY-MM, in order")
    value: Line = Field(description="The column of values")
    low: Annotated[float, Bounded(-1e15, 1e15, ranged=False)] = Field(description="The value that is 0 in the scenario")
    high: Annotated[float, Bounded(-1e15, 1e15, ranged=False)] = Field(
        description="The value that is 1 in the scenario"
    )
    at: Month | None = Field(None, description="For a number of dependence: the month of the value")


TABLE = SeriesTable.model_json_schema()
SERIES = {**TABLE, "properties": {key: row for key, row in TABLE["properties"].items() if key != "at"}}
"""JSON Schema of the series of a driver; the resolved document has a text instead."""
CELL = {**TABLE, "required": [*TABLE["required"], "at"]}
"""JSON Schema of a number that is read from a file; the resolved document has the number."""


def or_cell(schema: dict[str, Any]) -> None:
    """Add to the JSON Schema of a number that it may be read from a file."""
    schema["anyOf"].append(CELL)


class DriverRow(Reasoned):
    """[drivers.ID]: something that no actor decides, given as a path or a season."""

    label: Line = Field(description="The driver's name, as figures show it")
    path: dict[Month, Share] | None = Field(
        None, description="Month -> value (0-1), in order; linear interpolation", min_length=1, max_length=1_200
    )
    season: list[Share] | None = Field(
        None, description="Twelve values (0-1), January first", min_length=12, max_length=12
    )
    series: Annotated[Line, WithJsonSchema(SERIES)] | None = Field(
        None, description="Instead of a path: a column of a CSV file", exclude=True
    )
    scale: Annotated[Number, Bounded(0, 2)] = Field(1.0, description="Multiplies the path (0-2)")
    shift: Annotated[Number, Bounded(-60, 60)] = Field(0.0, description="Months later (-60 to 60)")


class DependenceRow(Reasoned):
    """[dependence.ID]: what one actor would lose if another withheld it (Emerson 1962)."""

    dependent: Id = Field(description="The actor who depends")
    provider: Id = Field(description="The actor depended on, who holds the leverage")
    channel: Line = Field(description="What is provided")
    series: Annotated[Line, WithJsonSchema({"not": {}})] | None = Field(
        None, description="Written when the scenario is read: where numbers of this row come from", exclude=True
    )
    stake: RespondingStrength = Field(description="How much the dependent would lose (0-10)", json_schema_extra=or_cell)
    alternatives: RespondingShare = Field(
        description="Which share of it could be replaced (0-1)", json_schema_extra=or_cell
    )


class InterestRow(Reasoned):
    """[interests.ID]: the outcome that an actor wants on an issue, and how much it matters."""

    actor: Id = Field(description="Whose interest")
    issue: Id = Field(description="In which issue")
    position: RespondingShare = Field(description="The outcome wanted (0-1)")
    salience: RespondingStrength = Field(description="How much it matters (0-10)")


def kind_of_value(given: object) -> str:
    """Return which form a key that takes a table has: a table, or the plain form, a list or a text."""
    return "(table)" if isinstance(given, dict | BaseModel) else "(plain)"


def kind_of_payers(given: object) -> str:
    """Return which form payers have: a text, or a table, which a list should have been."""
    return "(table)" if isinstance(given, list) else kind_of_value(given)


Asked = Annotated[list[Id], Field(description="The actors who are asked", min_length=1, max_length=40)]
Weighted = Annotated[dict[Id, Votes], Field(description="Actor -> its votes (0-1000)", min_length=1, max_length=40)]


class Vote(BaseRow):
    """A vote on a move: those who consent must have so many votes."""

    of: Annotated[
        Annotated[Asked, Tag("(plain)")] | Annotated[Weighted, Tag("(table)")], Discriminator(kind_of_value)
    ] = Field(description="The actors who are asked, one vote each; or actor -> votes")
    need: Votes = Field(description="The votes that are needed (0-1000)")


Consent = Annotated[
    Annotated[list[Id], Tag("(plain)"), Field(max_length=40)] | Annotated[Vote, Tag("(table)")],
    Discriminator(kind_of_value),
]
Payers = Annotated[
    Annotated[Id, Tag("(plain)")] | Annotated[dict[Id, Changes], Tag("(table)"), Field(min_length=1, max_length=40)],
    Discriminator(kind_of_payers),
]


class Payment(BaseRow):
    """What other actors give for a move."""

    payer: Payers = Field(alias="from", description="The actor who pays; or actor -> what it pays, for each payer")
    changes: Changes | None = Field(None, description="What the payer pays, if there is one")
    fallback: Id | None = Field(None, description="The move that the actor would make without payment")
    divisible: bool = Field(True, description="false if only the whole payment can be made")


class MoveRow(Reasoned):
    """[moves.ID]: what one actor can do."""

    actor: Id = Field(description="Who can make the move")
    label: Line = Field(description="The move, as shown in the chronicle")
    changes: Changes
    consent: Consent = Field([], description="The actors who must all agree; or a vote, { of = ..., need = ... }")
    requires: Conditions = {}
    first: Month | None = Field(None, alias="from", description="The first month in which it can be made")
    until: Month | None = Field(None, description="The last month in which it can be made")
    cost: RespondingStrength = Field(0.0, description="What the move costs the actor (0-10)")
    chance: RespondingShare = Field(1.0, description="Probability that the move is available in a month (0-1)")
    payment: Payment | None = Field(None, description="What other actors give for the move")


class ShockRow(Reasoned):
    """[shocks.ID]: something that happens to issues, at a date or by chance."""

    label: Line = Field(description="The shock, as shown in the chronicle")
    changes: Changes
    at: Month | None = Field(None, description="The month in which it happens")
    hazard: RespondingShare | None = Field(None, description="Probability that it happens in a month (0-1)")
    first: Month | None = Field(None, alias="from", description="The first month of the hazard")
    until: Month | None = Field(None, description="The last month of the hazard")
    requires: Conditions = {}


class OutcomeRow(BaseRow):
    """[outcomes.ID]: an event, or a number, recorded in each world."""

    label: Line = Field(description="The outcome, as tables show it")
    when: Conditions = {}
    move: Id | None = Field(None, description="The move that had the result in this month")
    result: Literal["made", "refused"] | None = Field(None, description="The result of the move")
    at: Id | None = Field(None, description="An earlier outcome that first happened in this month")
    after: Id | None = Field(None, description="An earlier outcome that happened in an earlier month")
    measure: Quantity | None = Field(
        None, description="The quantity recorded when it happens, otherwise in the last month"
    )


class HistoryRow(BaseRow):
    """[history.ID]: what happened in fact."""

    outcome: Id = Field(description="Which outcome")
    date: MonthOrNever = Field(description="When it happened, or 'never'")
    source: Text = Field(description="The source")
    until: Month | None = Field(None, description="The last month observed")
    holdout: bool = Field(False, description="true if used for scoring only, not for calibration")


class GrowthRow(BaseRow):
    """[quantities.ID]: the measured growth of one dependence, as the ratio of two years."""

    dependence: Id = Field(description="The measured row of [dependence]")
    before: Year = Field(description="The earlier year")
    after: Year = Field(description="The later year")
    ratio: Annotated[float, Bounded(0, 1_000, ranged=False)] = Field(description="Later year / earlier year (0-1000)")
    error: Annotated[float, Bounded(0.001, 1_000, ranged=False)] = Field(description="Largest accepted error of ratio")
    source: Text = Field(description="The source")


class ClaimRow(BaseRow):
    """[claims.ID]: something that the argument asserts."""

    text: Text = Field(description="The claim, paraphrased")
    paragraph: Paragraph = Field(description="Where the source states it")
    not_modelled: Text | None = Field(None, description="Why no row is based on it")


class Expectation(BaseRow):
    """What [directions] and [levels] share: the change that is made, and what is looked at."""

    scenario: Line | None = Field(
        None, description="The change: a shipped scenario's name, or a path relative to this file"
    )
    set: dict[str, Deferred] = Field({}, description="The change: dotted path -> new value", max_length=200)
    outcome: Id | None = Field(None, description="The outcome looked at: the share of worlds in which it happens")
    statistic: Literal["measure"] | None = Field(
        None, description="'measure': the mean measure of the outcome, not how often it happens"
    )
    given: Id | None = Field(None, description="Only worlds in which this outcome happens too")
    issues: list[Id] = Field([], description="The issues looked at: their sum in the month `by`", max_length=200)
    leverage: Quantity | None = Field(None, description="The leverage looked at in the month `by`, such as 'A>B'")
    moves: list[Id] = Field([], description="The moves looked at: how often they are made", max_length=200)
    by: Month | None = Field(None, description="The last month for an outcome, the month for issues and leverage")
    miss: Text | None = Field(None, description="Why it is known not to hold; it is then counted as a miss, no error")


class DirectionRow(Expectation):
    """[directions.ID]: which way a change should move something, written down before it was run."""

    text: Text = Field(description="The expectation, in words")
    sign: Literal["up", "down", "same", "not-up", "possible"] = Field(description="Which way")
    claims: list[Id] = Field([], description="The claims, from [claims], that it tests")


Level = Annotated[float, Bounded(-1_000, 1_200, ranged=False)]


class LevelRow(Expectation):
    """[levels.ID]: what worlds of the scenario, or of a change of it, must show."""

    above: Level | None = Field(None, description="It must be greater than this")
    below: Level | None = Field(None, description="It must be less than this")
    difference: bool = Field(False, description="true: the change less the scenario itself")


class Show(BaseRow):
    """[show]: what pages and reports show first."""

    headline: Id | None = Field(None, description="The outcome that the question is about")
    by: Month | None = Field(
        None, description="The month up to which the dashboard and the answer of `report` count outcomes"
    )
    outcomes: list[Id] = Field([], description="The outcomes that the case is about, in order", max_length=200)
    issue: Id | None = Field(None, description="The issue whose chart comes first")
    leverage: Quantity | None = Field(None, description="The pair whose leverage is shown first, such as 'A>B'")
    against: Line | None = Field(
        None, description="The scenario to compare with first: a shipped one's name, or a path"
    )


End = Annotated[float, Bounded(-1_000, 1_000, ranged=False)]


class LeverRow(BaseRow):
    """[levers.ID]: a question in words, answered by moving one number or several together."""

    label: Line = Field(description="The question, such as 'How heavy is the war?'")
    low: Line = Field(description="What the lower end means")
    high: Line = Field(description="What the upper end means")
    numbers: dict[str, Annotated[list[End], Field(min_length=2, max_length=2)]] = Field(
        description="Dotted path -> its values at the two ends", min_length=1, max_length=40
    )


class StoryStep(BaseRow):
    """[[story]]: one step of the story that introduces the case: a text, and what is shown next to it."""

    title: Line = Field(description="The step in a few words")
    text: Text = Field(description="Two or three sentences")
    show: Literal["outcome", "issue", "leverage", "decision", "lever"] | None = Field(
        None, description="What is shown: a chart, the account of a decision, or a lever with the headline outcome"
    )
    of: list[Id] = Field(
        [], description="Which outcomes, issues or levers; the two actors of a leverage; the move of a decision"
    )
    until: Month | None = Field(None, description="The last month of the chart")
    claims: list[Id] = Field([], description="The claims, from [claims], that the step states")


class QuestionRow(BaseRow):
    """[questions.ID]: what was open at the cutoff, and the outcome that says it."""

    text: Text = Field(description="The question, whose answer is yes or no")
    resolves: Text = Field(description="What has to be seen for a yes; everything else is a no")
    by: Month = Field(description="The last month in which it counts; after the cutoff")
    outcome: Id | None = Field(None, description="The outcome that is a yes if it happens after the cutoff")
    scenario: Line | None = Field(
        None, description="The scenario that has the outcome, if not this one: a shipped one's name, or a relative path"
    )
    cannot_say: Text | None = Field(None, description="Instead of an outcome: why no row can say it")
    past: Annotated[float, Bounded(0, 1_200, ranged=False)] = Field(
        0.0, description="In how many months, from the start to the cutoff, it happened; for the base rate"
    )


class DeploymentBounds(BaseRow):
    """The scores that the template of deployments must reach."""

    brier: Annotated[float, Bounded(0, 1, ranged=False)] = Field(description="The Brier score must be less")
    auc: Annotated[float, Bounded(0, 1, ranged=False)] = Field(description="The area under the curve must be greater")


class Validation(BaseRow):
    """[validation]: how `realpolitik validate` scores the file."""

    note: Text | None = Field(None, description="What readers of the scores should know, such as how numbers were set")
    widths: dict[Id, Annotated[float, Bounded(0, 1_200, ranged=False)]] = Field(
        {}, description="Outcome -> most months between p10 and p90 of its forecast", max_length=200
    )
    wide: Text | None = Field(None, description="Why forecasts are known to be wider than `widths`")
    misses: dict[Id, Text] = Field({}, description="Row of [history] -> why it is known not to hold", max_length=200)
    rivals: dict[Line, Line] = Field(
        {},
        description="Rival theory -> the diff on this file that states it, with its start: a shipped one or a path",
        max_length=20,
    )
    mandate: Annotated[float, Bounded(1, 1_200, ranged=False)] | None = Field(
        None, description="Months after which an observer without a theory would expect each event of [history]"
    )
    deployments: DeploymentBounds | None = Field(
        None, description="Score the deployments that come with the package too, against these bounds"
    )
