"""What stands at the head of a scenario file: the question, the theory's settings, and forks in time."""

from typing import Annotated, Literal

from pydantic import Field

from realpolitik.choices import Uncertainty, Weights
from realpolitik.scenario.fields import Bounded, Line, Month, MonthOrDate, Number, Strength, Text
from realpolitik.scenario.rows import Row

MOST_NUMBERS = 2_000


class Meta(Row):
    """[meta]: what is asked, and of which months."""

    title: Line = Field(description="A short name for the question")
    question: Text = Field(description="The question that the scenario asks")
    start: Month = Field(description="The first month")
    end: Month = Field(description="The last month")
    cutoff: MonthOrDate | None = Field(None, description="Nothing known only after this month was used")
    sources: list[Text] = Field([], description="What the scenario rests on", max_length=200)
    uncertainty: Uncertainty | None = Field(None, description="What a run draws from unless it is told (default: none)")


class Theory(Row):
    """[theory]: how actors weigh one another."""

    phi: Strength = Field(1.0, description="How far leverage turns into weight (0-10)")
    sigma: Annotated[Number, Bounded(0, 1)] = Field(0.2, description="Misperception of leverage (0-1)")
    noise: Annotated[Number, Bounded(0, 1)] = Field(0.05, description="Noise on each decision (0-1)")
    patience: Annotated[Number, Bounded(0, 120)] = Field(
        6.0, description="Months before a refused move returns (0-120)"
    )
    loss: Literal["linear", "quadratic"] = Field("linear", description="How distance from a position hurts")
    weights: Weights = Field("leverage", description="Whose interests an actor weighs, and by what")


class Fork(Row):
    """[[from]]: numbers that differ from a month on."""

    month: Month = Field(description="From this month on")
    set: dict[str, Annotated[float, Bounded(-1_000, 1_000, ranged=False)]] = Field(
        description="Dotted path -> number", min_length=1, max_length=MOST_NUMBERS
    )


class MetaChange(Row):
    """[meta] of a diff: it replaces what it names and inherits the rest."""

    title: Line | None = Field(None, description="A short name for the question")
    question: Text | None = Field(None, description="The question that the scenario asks")
    start: Month | None = Field(None, description="The first month")
    end: Month | None = Field(None, description="The last month")
    cutoff: MonthOrDate | None = Field(None, description="Nothing known only after this month was used")
    sources: list[Text] | None = Field(None, description="What the scenario rests on", max_length=200)
    uncertainty: Uncertainty | None = Field(None, description="What a run draws from unless it is told (default: none)")
