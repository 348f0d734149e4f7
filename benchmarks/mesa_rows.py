"""What actors depend on, want and may do: the objects of the scalar Mesa model."""

from dataclasses import dataclass
from typing import Any

Effects = list[tuple[int, float]]
"""Index of an issue or driver, and what one unit of it adds."""


@dataclass(slots=True)
class Dependence:
    """A channel through which an actor depends on a provider."""

    provider: int
    stake: float
    alternatives: float
    effects: Effects


@dataclass(slots=True)
class Interest:
    """What an actor wants on an issue; `salience` is the present one, set every month."""

    issue: int
    position: float
    base: float
    effects: Effects
    salience: float


@dataclass(slots=True)
class Change:
    """What a move does to an issue: set it, or shift it."""

    issue: int
    to: float | None
    by: float

    def target(self, x: float) -> float:
        """Return the outcome after the change."""
        if self.to is not None:
            return self.to
        x += self.by
        return 0.0 if x < 0.0 else x if x < 1.0 else 1.0


@dataclass(slots=True)
class Condition:
    """A bound on an issue, a driver, a leverage (holder, over) or a price; `other` may stand in for the number."""

    quantity: Any
    above: bool
    bound: Any


@dataclass(slots=True)
class Move:
    """What an actor may do, at whose consent, and for what."""

    index: int
    owner: int
    changes: list[Change]
    cost: float
    chance: float
    consent: list[tuple[int, int]]
    requires: list[Condition]
    payer: int | None
    payment: list[Change]
    fallback: int
    noise: int
    luck: int


@dataclass(slots=True)
class Shock:
    """What happens to actors without being anybody's move."""

    changes: list[Change]
    requires: list[Condition]
    hazard: float | None
    luck: int
    months: range


@dataclass(slots=True)
class Outcome:
    """An event to date and to measure."""

    when: list[Condition]
    move: int | None
    result: str
    at: int | None
    after: int | None
    measure: Any
    last_month: bool
