"""The two kinds of scenario file: complete, and a diff on another one."""

from typing import Annotated, Any

from pydantic import Discriminator, Field, Tag, WithJsonSchema

from realpolitik.scenario.fields import Id, Line
from realpolitik.scenario.heads import Fork, Meta, MetaChange, Theory
from realpolitik.scenario.rows import (
    Actor,
    Claim,
    Dependence,
    Driver,
    Growth,
    History,
    Interest,
    Issue,
    Move,
    Outcome,
    Row,
    Shock,
)

MOST_ROWS = 2_000
MOST_FORKS = 200
TABLES = (
    "actors", "issues", "drivers", "dependence", "interests", "moves", "shocks", "outcomes", "history", "quantities",
    "claims",
)  # fmt: skip
SETTABLE = {
    "anyOf": [
        {"type": ["number", "string", "boolean"]},
        {"type": "array"},
        {
            "type": "object",
            "properties": {key: {"type": "number"} for key in ("value", "low", "high")},
            "required": ["value", "low", "high"],
            "additionalProperties": False,
        },
    ]
}


def table(description: str, most: int = MOST_ROWS) -> Any:
    """Describe a table of rows."""
    return Field(default_factory=dict, description=description, max_length=most)


def form(claims: object) -> str:
    """Tell `claims = [...]`, why a diff differs, from `[claims.ID]`, new claims."""
    return "(list)" if isinstance(claims, list) else "(table)"


Claims = Annotated[Annotated[list[Id], Tag("(list)")] | Annotated[dict[Id, Claim], Tag("(table)")], Discriminator(form)]
Forks = Annotated[
    list[Fork],
    Field(default_factory=list, alias="from", description="Numbers from a month on", max_length=MOST_FORKS),
]


class CompleteHead(Row):
    """What only a complete file must have."""

    meta: Meta
    theory: Theory = Field(default_factory=lambda: Theory.model_validate({}))
    actors: dict[Id, Actor] = Field(description="Who decides", min_length=2, max_length=40)


class DiffHead(Row):
    """What only a diff can have."""

    extends: Line = Field(description="A shipped scenario's name, or a path relative to this file")
    reason: Line | None = Field(None, description="Why this differs from the base")
    assumption: bool = Field(False, description="true if no claim supports the difference")
    drop: list[Line] = Field([], description="Rows of the base to leave out, as 'moves.offensive'", max_length=4_000)
    meta: MetaChange = Field(
        default_factory=lambda: MetaChange.model_validate({}),
        description="Replaces what it names and inherits the rest",
    )
    theory: Theory = Field(
        default_factory=lambda: Theory.model_validate({}), description="Replaces what it names and inherits the rest"
    )
    set: dict[str, Annotated[object, WithJsonSchema(SETTABLE)]] = Field(
        default_factory=dict, description="Dotted path -> new number, text or list", max_length=4_000
    )
    actors: dict[Id, Actor] = table("Who decides", 40)


class Rows(Row):
    """The tables of rows, in the order in which they are resolved."""

    issues: dict[Id, Issue] = table("What is in dispute", 200)
    drivers: dict[Id, Driver] = table("What nobody here decides", 40)
    dependence: dict[Id, Dependence] = table("Who would lose what if whom withheld it")
    interests: dict[Id, Interest] = table("Who wants which issue where")
    moves: dict[Id, Move] = table("Who can do what")
    shocks: dict[Id, Shock] = table("What happens at a date or by chance")
    outcomes: dict[Id, Outcome] = table("What is read from each world, in the order tested")
    history: dict[Id, History] = table("What did happen")
    quantities: dict[Id, Growth] = table("What was measured")


class Complete(Rows, CompleteHead):
    """A scenario in full."""

    claims: dict[Id, Claim] = table("What the argument asserts")
    forks: Forks


class Diff(Rows, DiffHead):
    """What differs from another scenario, and why; the rest is inherited."""

    claims: Claims = Field(default_factory=dict, description="New claims, or those that support the difference")
    forks: Forks
