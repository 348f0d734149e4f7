"""One class for each kind of row: its keys, their bounds and their meaning, as editors show them."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from realpolitik.scenario.fields import (
    Bounded,
    Effect,
    Id,
    Line,
    Month,
    MonthOrNever,
    Number,
    Paragraph,
    Quantity,
    Share,
    Step,
    Strength,
    Text,
    Threshold,
    Year,
)


class Row(BaseModel):
    """A table whose keys are all known."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Reasoned(Row):
    """A row that says why it is as it is."""

    reason: Line = Field(description="Why the row is as it is, in one line")
    claims: list[Id] = Field([], description="The claims, from [claims], on which the row stands")
    assumption: bool = Field(False, description="true if no claim supports the row")


Effects = Annotated[
    dict[Id, Effect], Field(description="effect * z added, for each issue or driver z (-10 to 10)", max_length=240)
]


class Change(Row):
    """What a move or a shock does to one issue."""

    to: Share | None = Field(None, description="The value that the issue takes (0-1)")
    by: Step | None = Field(None, description="How far the issue moves (-1 to 1)")


class Condition(Row):
    """What must hold of one quantity."""

    above: Threshold | None = Field(None, description="The quantity must be greater than this number or quantity")
    below: Threshold | None = Field(None, description="The quantity must be less than this number or quantity")


Changes = Annotated[dict[Id, Change], Field(description="Issue -> what happens to it", min_length=1, max_length=200)]
Conditions = Annotated[
    dict[Quantity, Condition], Field(description="Quantity -> above, below; all must hold", max_length=100)
]


class Actor(Row):
    """[actors.ID]: someone who decides."""

    label: Line = Field(description="The actor's name, as figures show it")
    role: Line = Field(description="The actor's part in the argument, in free text")
    capability: Strength = Field(1.0, description="Weight under weights = 'capability' (0-10)")


class Issue(Reasoned):
    """[issues.ID]: something in dispute, between 0 and 1."""

    label: Line = Field(description="The issue's name, as figures show it")
    low: Line = Field(description="What 0 means")
    high: Line = Field(description="What 1 means")
    start: Share = Field(description="The value at the start (0-1)")
    decay: Share = Field(0.0, description="Share of the way to rest covered in a month (0-1)")
    rest: Share = Field(0.0, description="Where the issue returns if left alone (0-1)")
    effects: Effects = {}


class Driver(Reasoned):
    """[drivers.ID]: something that nobody here decides."""

    label: Line = Field(description="The driver's name, as figures show it")
    path: dict[Month, Share] | None = Field(
        None, description="Month -> value (0-1), in order; linear between", min_length=1, max_length=1_200
    )
    season: list[Share] | None = Field(
        None, description="Twelve values (0-1), January first", min_length=12, max_length=12
    )
    scale: Annotated[Number, Bounded(0, 2)] = Field(1.0, description="Multiplies the path (0-2)")
    shift: Annotated[Number, Bounded(-60, 60)] = Field(0.0, description="Months later (-60 to 60)")


class Dependence(Reasoned):
    """[dependence.ID]: what one actor would lose if another withheld it."""

    dependent: Id = Field(description="The actor who depends")
    provider: Id = Field(description="The actor depended on, who holds the leverage")
    channel: Line = Field(description="What is provided, in words")
    stake: Strength = Field(description="How much hangs on it (0-10)")
    alternatives: Share = Field(description="How far it could be had elsewhere (0-1)")
    effects: Effects = {}


class Interest(Reasoned):
    """[interests.ID]: where an actor wants an issue to be, and how much it cares."""

    actor: Id = Field(description="Whose interest")
    issue: Id = Field(description="In which issue")
    position: Share = Field(description="The outcome wanted (0-1)")
    salience: Strength = Field(description="How much it matters (0-10)")
    effects: Effects = {}


class Payment(Row):
    """What another actor gives for a move."""

    payer: Id = Field(alias="from", description="The actor who pays, one of consent")
    changes: Changes
    fallback: Id | None = Field(None, description="The move that the mover would make anyway")


class Move(Reasoned):
    """[moves.ID]: what one actor can do."""

    actor: Id = Field(description="Who can make the move")
    label: Line = Field(description="The move, as the chronicle tells it")
    changes: Changes
    consent: list[Id] = Field([], description="The actors who must agree", max_length=40)
    requires: Conditions = {}
    cost: Strength = Field(0.0, description="What the move costs its maker (0-10)")
    chance: Share = Field(1.0, description="How likely the move can be made in a month (0-1)")
    payment: Payment | None = Field(None, description="What another actor gives for the move")


class Shock(Reasoned):
    """[shocks.ID]: something that happens to issues, at a date or by chance."""

    label: Line = Field(description="The shock, as the chronicle tells it")
    changes: Changes
    at: Month | None = Field(None, description="The month in which it happens")
    hazard: Share | None = Field(None, description="How likely it happens in a month (0-1)")
    first: Month | None = Field(None, alias="from", description="The first month of the hazard")
    until: Month | None = Field(None, description="The last month of the hazard")
    requires: Conditions = {}


class Outcome(Row):
    """[outcomes.ID]: an event, a yes or no, or a number to be read from each world."""

    label: Line = Field(description="The outcome, as tables show it")
    when: Conditions = {}
    move: Id | None = Field(None, description="The move that had the result in this month")
    result: Literal["made", "refused"] | None = Field(None, description="What became of the move")
    at: Id | None = Field(None, description="An earlier outcome that first happened in this month")
    after: Id | None = Field(None, description="An earlier outcome that happened in an earlier month")
    measure: Quantity | None = Field(None, description="The quantity read when it happens, else in the last month")


class History(Row):
    """[history.ID]: what did happen."""

    outcome: Id = Field(description="Which outcome")
    date: MonthOrNever = Field(description="When it happened, or 'never'")
    source: Text = Field(description="Who says so")
    until: Month | None = Field(None, description="The last month observed")
    holdout: bool = Field(False, description="true if kept for scoring and never fitted")


class Growth(Row):
    """[quantities.ID]: how many times as much of something there was in one year as in another."""

    dependence: Id = Field(description="Which row of dependence it measures")
    before: Year = Field(description="The year it is compared with")
    after: Year = Field(description="The later year")
    ratio: Annotated[float, Bounded(0, 1_000, ranged=False)] = Field(description="Times as much (0-1000)")
    error: Annotated[float, Bounded(0.001, 1_000, ranged=False)] = Field(description="How far off the ratio may be")
    source: Text = Field(description="Who says so")


class Claim(Row):
    """[claims.ID]: something that the argument asserts."""

    text: Text = Field(description="The claim, in one's own words")
    paragraph: Paragraph = Field(description="Where the source says it")
    not_modelled: Text | None = Field(None, description="Why no row stands on it")
