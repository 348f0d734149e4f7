"""What an audit found: the burden of every claim."""

from dataclasses import asdict, dataclass
from typing import Any

from realpolitik.scenario import Scenario
from realpolitik.version import __version__


@dataclass(frozen=True)
class Burden:
    """What one claim carries for an outcome."""

    claim: str
    text: str
    rows: list[str]
    """The rows that fall with it."""
    share: float
    """Its Shapley share of the whole effect; positive if it makes the outcome likelier."""
    low: float
    high: float
    without: float
    """Probability of the outcome without the rows that stand on it."""
    difference: float
    """How much likelier the outcome is with them, everything else being there."""
    difference_low: float
    difference_high: float


@dataclass(frozen=True)
class Audit:
    """How an outcome's probability rests on the claims; intervals are 95%, bootstrapped over orders and worlds."""

    scenario: Scenario
    outcome: str
    by: str
    seed: int
    worlds: int
    permutations: int
    uncertainty: str
    full: float
    """Probability of the outcome with every row."""
    empty: float
    """Without any row that stands on a claim: what assumptions alone would give."""
    effect_low: float
    effect_high: float
    burdens: list[Burden]
    """The heaviest first."""
    unmoved: list[str]
    """Claims on which no row stands: they carry nothing here."""

    @property
    def effect(self) -> float:
        """What all claims together do to the probability."""
        return self.full - self.empty

    @property
    def sum(self) -> float:
        """All shares together: the whole effect, as Shapley's first axiom has it."""
        return sum(burden.share for burden in self.burdens)

    def to_dict(self) -> dict[str, Any]:
        """Return everything that `audit --json` prints."""
        return {
            "scenario": self.scenario.name,
            "sha256": self.scenario.sha256,
            "version": __version__,
            "outcome": self.outcome,
            "label": self.scenario.document["outcomes"][self.outcome]["label"],
            "by": self.by,
            "seed": self.seed,
            "worlds": self.worlds,
            "permutations": self.permutations,
            "uncertainty": self.uncertainty,
            "full": self.full,
            "empty": self.empty,
            "effect": self.effect,
            "effect_low": self.effect_low,
            "effect_high": self.effect_high,
            "sum_of_shares": self.sum,
            "claims": [asdict(burden) for burden in self.burdens],
            "no_rows": self.unmoved,
        }
