"""Audits: what an outcome would be without each claim, and the share of the effect that each claim carries."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from os import PathLike
from typing import Any

import numpy as np

from realpolitik.auditing.coalitions import Game, Round, game, interval, play
from realpolitik.choices import Progress, Uncertainty, whole
from realpolitik.costs import cores
from realpolitik.ensembles import MOST_SEED, scenario_of
from realpolitik.scenario import Scenario, Settings
from realpolitik.texts import counted
from realpolitik.version import __version__


@dataclass(frozen=True)
class Burden:
    """What one claim contributes to the probability of an outcome; intervals are 95%."""

    claim: str
    text: str
    rows: list[str]
    """The rows that cite it, which are switched off without it."""
    share: float
    """Its Shapley share of the whole effect, -1 to 1; positive if it makes the outcome more likely."""
    low: float
    high: float
    without: float
    """Probability of the outcome without the rows that cite it."""
    difference: float
    """Probability with all rows minus probability without those that cite it."""
    difference_low: float
    difference_high: float


@dataclass(frozen=True)
class Audit:
    """How an outcome depends on the claims; intervals are 95%, bootstrapped over orders and worlds."""

    scenario: Scenario
    outcome: str
    by: str
    seed: int
    worlds: int
    permutations: int
    uncertainty: str
    full: float
    """Probability of the outcome with all rows."""
    empty: float
    """Probability without any row that cites a claim: what assumptions alone give."""
    effect_low: float
    effect_high: float
    burdens: list[Burden]
    """In descending order of absolute share."""
    unmoved: list[str]
    """Claims that no row cites: they contribute nothing."""

    def __repr__(self) -> str:
        found = f"{counted(len(self.burdens), 'claim')}, {counted(self.permutations, 'order')}"
        return f"<Audit of {self.scenario.name}: {self.outcome} by {self.by}, {found}>"

    @property
    def effect(self) -> float:
        """The effect of all claims together on the probability, `full` - `empty`."""
        return self.full - self.empty

    @property
    def sum(self) -> float:
        """The sum of all shares: equal to `effect`, by Shapley's efficiency axiom."""
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


MOST_WORLDS, MOST_PERMUTATIONS = 4_096, 65_536


def audit(
    scenario: str | PathLike[str] | Scenario,
    outcome: str,
    *,
    by: str | None = None,
    worlds: int = 8,
    permutations: int = 1024,
    seed: int = 1,
    set: Settings | None = None,
    uncertainty: Uncertainty | None = None,
    progress: Progress | None = None,
) -> Audit:
    """Return how much each claim contributes to the probability of an outcome.

    A row counts only if all of its claims are made. The share of a claim is what it adds to the probability, averaged
    over the orders in which the claims can be made; the shares sum to the effect of all claims together.

    Parameters
    ----------
    scenario, seed, set, uncertainty
        As for `run`.
    outcome, by
        The outcome, and the month "YYYY-MM" by which it must happen; the scenario's end by default. Its measure, if it
        has one, is not used.
    permutations
        Orders of the claims, an even number, 2 to 65,536: each is played with its reverse, in the same worlds.
    worlds
        Worlds per pair of orders, 1 to 4,096.
    progress
        Called with the pairs of orders done and all of them.

    Returns
    -------
    Audit
        Its `burdens` have one row per claim, the largest share first; probabilities are 0 to 1.

    Raises
    ------
    ValueError
        If a parameter is out of range, the outcome is unknown, or no row cites a claim.

    Examples
    --------
    >>> import realpolitik as rp
    >>> found = rp.audit("karabakh", "withdrawal", permutations=2, worlds=1)
    >>> len(found.burdens) > 20
    True
    """
    permutations = whole("permutations", permutations, 2, MOST_PERMUTATIONS)
    if permutations % 2:
        raise ValueError(f"permutations must be an even number, 2 to {MOST_PERMUTATIONS}, not {permutations}")
    worlds, seed = whole("worlds", worlds, 1, MOST_WORLDS), whole("seed", seed, 0, MOST_SEED)
    chosen = scenario_of(scenario, set)
    played = game(chosen, outcome, by, worlds=worlds, seed=seed, uncertainty=uncertainty)
    rounds = _rounds(played, permutations // 2, progress)
    return _audit(played, outcome, permutations, rounds)


def _rounds(played: Game, count: int, progress: Progress | None) -> list[Round]:
    rounds = []
    with ThreadPoolExecutor(cores()) as pool:
        for found in pool.map(lambda round_: play(played, round_), range(count)):
            rounds.append(found)
            if progress is not None:
                progress(len(rounds), count)
    return rounds


def _audit(played: Game, outcome: str, permutations: int, rounds: list[Round]) -> Audit:
    full, empty = (np.array([getattr(r, name) for r in rounds]) for name in ("full", "empty"))
    low, high = interval(played.seed, full - empty)
    register = played.scenario.document["claims"]
    return Audit(
        scenario=played.scenario,
        outcome=outcome,
        by=played.case.date_of(played.months - 1),
        seed=played.seed,
        worlds=played.worlds,
        permutations=permutations,
        uncertainty=played.uncertainty,
        full=float(full.mean()),
        empty=float(empty.mean()),
        effect_low=float(low),
        effect_high=float(high),
        burdens=_burdens(played, rounds),
        unmoved=[claim for claim in register if claim not in played.players],
    )


def _burdens(played: Game, rounds: list[Round]) -> list[Burden]:
    """Return the burden of every claim in descending order of absolute share, ties in the order of [claims]."""
    shares, without = (np.stack([getattr(r, name) for r in rounds]) for name in ("shares", "without"))
    differences = np.array([r.full for r in rounds])[:, None] - without
    register = played.scenario.document["claims"]
    share, difference = (interval(played.seed, values) for values in (shares, differences))
    burdens = [
        Burden(
            claim=claim,
            text=register[claim]["text"],
            rows=[switch.row for switch in played.switches if claim in switch.claims],
            share=float(shares[:, n].mean()),
            low=float(share[0, n]),
            high=float(share[1, n]),
            without=float(without[:, n].mean()),
            difference=float(differences[:, n].mean()),
            difference_low=float(difference[0, n]),
            difference_high=float(difference[1, n]),
        )
        for n, claim in enumerate(played.players)
    ]
    return sorted(burdens, key=lambda burden: -abs(burden.share))
