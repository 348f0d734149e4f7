"""The two kinds of scenario file, complete and diff, and their JSON Schema."""

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from realpolitik.choices import Uncertainty, Weights
from realpolitik.scenario.fields import Bounded, Id, Line, Month, MonthOrDate, Number, Settable, Strength, Text
from realpolitik.scenario.format import (
    ActorRow,
    BaseRow,
    ClaimRow,
    DependenceRow,
    DirectionRow,
    DriverRow,
    GrowthRow,
    HistoryRow,
    InterestRow,
    IssueRow,
    LevelRow,
    LeverRow,
    MoveRow,
    OutcomeRow,
    QuestionRow,
    ShockRow,
    Show,
    StoryStep,
    Validation,
)

MOST_NUMBERS = 2_000
"""Numbers of one fork."""
MOST_ROWS = 2_000
"""Rows of one table."""
MOST_FORKS = 200


class Meta(BaseRow):
    """[meta]: the question, and the months that are played."""

    title: Line = Field(description="A short name for the question")
    question: Text = Field(description="The question that the scenario asks")
    start: Month = Field(description="The first month")
    end: Month = Field(description="The last month")
    cutoff: MonthOrDate | None = Field(None, description="No information from after this month was used")
    sources: list[Text] = Field([], description="The sources of the scenario", max_length=200)
    uncertainty: Uncertainty | None = Field(None, description="The default of --uncertainty (none if left out)")


class Theory(BaseRow):
    """[theory]: how actors weigh one another's interests  (E4-E7)."""

    phi: Strength = Field(1.0, description="How strongly leverage counts as weight (0-10)")
    sigma: Annotated[Number, Bounded(0, 1)] = Field(0.2, description="Misperception of leverage (0-1)")
    noise: Annotated[Number, Bounded(0, 1)] = Field(0.05, description="Noise on each decision (0-1)")
    patience: Annotated[Number, Bounded(0, 120)] = Field(
        6.0, description="Months before a refused move returns (0-120)"
    )
    foresight: Annotated[Number, Bounded(0, 24)] = Field(0.0, description="Months that actors look ahead (0-24)")
    discount: Annotated[Number, Bounded(0, 1)] = Field(
        0.97, description="Weight of a month ahead, relative to the month before (0-1)"
    )
    loss: Literal["linear", "quadratic"] = Field("linear", description="Loss by distance from a position")
    weights: Weights = Field("leverage", description="Whose interests an actor weighs, and by what")


class ForkRow(BaseRow):
    """[[from]]: numbers that change in a given month and stay changed."""

    month: Month = Field(description="The first month with the new numbers")
    set: dict[str, Annotated[float, Bounded(-1_000, 1_000, ranged=False)]] = Field(
        description="Dotted path -> number", min_length=1, max_length=MOST_NUMBERS
    )


class MetaChange(BaseRow):
    """[meta] of a diff: the keys to replace; other keys are inherited."""

    title: Line | None = Field(None, description="A short name for the question")
    question: Text | None = Field(None, description="The question that the scenario asks")
    start: Month | None = Field(None, description="The first month")
    end: Month | None = Field(None, description="The last month")
    cutoff: MonthOrDate | None = Field(None, description="No information from after this month was used")
    sources: list[Text] | None = Field(None, description="The sources of the scenario", max_length=200)
    uncertainty: Uncertainty | None = Field(None, description="The default of --uncertainty (none if left out)")


def table(description: str, most: int = MOST_ROWS) -> Any:
    """Return the field of a table of rows."""
    return Field(default_factory=dict, description=description, max_length=most)


def kind_of_claims(claims: object) -> str:
    """Return "(list)" for `claims = [...]`, the support of a diff, and "(table)" for `[claims.ID]`, new claims."""
    return "(table)" if isinstance(claims, dict) else "(list)"


Claims = Annotated[
    Annotated[list[Id], Tag("(list)")] | Annotated[dict[Id, ClaimRow], Tag("(table)")], Discriminator(kind_of_claims)
]
Directions = Annotated[dict[Id, DirectionRow], table("What a change should do, written down before it was run")]
Levels = Annotated[dict[Id, LevelRow], table("What worlds must show")]
Questions = Annotated[dict[Id, QuestionRow], table("What was open at the cutoff, for `realpolitik forecast`")]
Expected = Annotated[
    Validation,
    Field(
        default_factory=lambda: Validation.model_validate({}), description="How `realpolitik validate` scores the file"
    ),
]
First = Annotated[
    Show,
    Field(default_factory=lambda: Show.model_validate({}), description="What pages and reports show first"),
]
Levers = Annotated[dict[Id, LeverRow], table("The questions that a page lets its reader answer", 40)]
Story = Annotated[
    list[StoryStep],
    Field(default_factory=list, description="The steps that introduce the case on its page", max_length=20),
]
Forks = Annotated[
    list[ForkRow],
    Field(default_factory=list, alias="from", description="Numbers that change in a month", max_length=MOST_FORKS),
]


class CompleteOnly(BaseRow):
    """The tables that only a complete file must have."""

    meta: Meta
    theory: Theory = Field(default_factory=lambda: Theory.model_validate({}))
    actors: dict[Id, ActorRow] = Field(description="Who decides", min_length=2, max_length=40)


class DiffOnly(BaseRow):
    """The keys that only a diff can have."""

    extends: Line = Field(description="A shipped scenario's name, or a path relative to this file")
    reason: Line | None = Field(None, description="Why this differs from the base")
    assumption: bool = Field(False, description="true if no claim supports the difference")
    drop: list[Line] = Field([], description="Rows of the base to leave out, as 'moves.offensive'", max_length=4_000)
    meta: MetaChange = Field(
        default_factory=lambda: MetaChange.model_validate({}),
        description="The keys to replace; other keys are inherited",
    )
    theory: Theory = Field(
        default_factory=lambda: Theory.model_validate({}), description="The keys to replace; other keys are inherited"
    )
    set: dict[str, Settable] = Field(
        default_factory=dict, description="Dotted path -> new number, text or list", max_length=4_000
    )
    actors: dict[Id, ActorRow] = table("Who decides", 40)


class RowTables(BaseRow):
    """The tables of rows that both kinds have, in the order of the resolved document."""

    issues: dict[Id, IssueRow] = table("What is in dispute", 200)
    drivers: dict[Id, DriverRow] = table("What no actor decides", 40)
    dependence: dict[Id, DependenceRow] = table("What an actor would lose if another withheld it")
    interests: dict[Id, InterestRow] = table("Which outcome an actor wants on an issue")
    moves: dict[Id, MoveRow] = table("Who can do what")
    shocks: dict[Id, ShockRow] = table("What happens at a date or by chance")
    outcomes: dict[Id, OutcomeRow] = table("What is recorded in each world, in the order tested")
    history: dict[Id, HistoryRow] = table("What happened in fact")
    quantities: dict[Id, GrowthRow] = table("What was measured")


class Complete(RowTables, CompleteOnly):
    """A complete scenario."""

    claims: dict[Id, ClaimRow] = table("What the argument asserts")
    directions: Directions
    levels: Levels
    questions: Questions
    validation: Expected
    show: First
    levers: Levers
    story: Story
    forks: Forks


class Diff(RowTables, DiffOnly):
    """The differences from another scenario, the base; everything else is inherited."""

    claims: Claims = Field(default_factory=dict, description="New claims, or those that support the difference")
    directions: Directions
    levels: Levels
    questions: Questions
    validation: Expected
    show: First
    levers: Levers
    story: Story
    forks: Forks


def schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a scenario file, complete or diff, for completion in editors."""
    from pydantic.json_schema import models_json_schema  # imported here: no other command needs it

    kinds, body = models_json_schema([(Complete, "validation"), (Diff, "validation")], ref_template="#/$defs/{model}")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:realpolitik:scenario",
        "title": "realpolitik scenario",
        "description": "A scenario of realpolitik: complete, or a diff on another one",
        "anyOf": list(kinds.values()),
        **without_null(body),
    }


def without_null(node: Any) -> Any:
    """Return a schema without null, which TOML cannot express, and without defaults that are empty."""
    if isinstance(node, list):
        return [without_null(entry) for entry in node if entry != {"type": "null"}]
    if not isinstance(node, dict):
        return node
    kept = {key: without_null(entry) for key, entry in node.items() if key != "default" or is_shown(entry)}
    if "patternProperties" in kept:
        kept["additionalProperties"] = False
    options = kept.get("anyOf", [])
    if len(options) == 1:
        del kept["anyOf"]
        return kept | options[0]
    return kept


def is_shown(default: object) -> bool:
    """Return whether an editor should show a default: not None, a table or a list."""
    return default is not None and not isinstance(default, dict | list)
