"""Compares scenarios under common noise: the same worlds of the same seed, and what differs between them."""

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from itertools import count
from os import PathLike
from typing import Any

from realpolitik.choices import Uncertainty
from realpolitik.costs import KEPT
from realpolitik.diverging import summary
from realpolitik.ensembles import check_counts, run, scenario_of
from realpolitik.forking import forked
from realpolitik.pairing import Interval, Sample, dated, difference, happened, measured
from realpolitik.results import Ensemble
from realpolitik.scenario import Scenario, Settings, as_settings
from realpolitik.version import __version__

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Comparison:
    """Ensembles of several scenarios over the same worlds; the first is what the others are held against."""

    ensembles: dict[str, Ensemble]
    fork: str | None
    divergences: dict[str, dict[str, Any]]

    @property
    def first(self) -> Ensemble:
        """The ensemble that the others are compared with."""
        return next(iter(self.ensembles.values()))

    @property
    def outcomes(self) -> list[str]:
        """The outcomes that all scenarios know, in the first one's order."""
        return [name for name in self.first.case.outcomes if all(name in e.case.outcomes for e in self.others(True))]

    def others(self, with_first: bool = False) -> list[Ensemble]:
        """Return the ensembles after the first."""
        return list(self.ensembles.values())[0 if with_first else 1 :]

    def to_dict(self) -> dict[str, Any]:
        """Return everything that `compare --json` prints."""
        first = self.first
        return {
            "scenarios": list(self.ensembles),
            "sha256": {name: ensemble.scenario.sha256 for name, ensemble in self.ensembles.items()},
            "version": __version__,
            "seed": first.seed,
            "worlds": first.worlds,
            "uncertainty": first.uncertainty,
            "fork": self.fork,
            "months": first.months,
            "outcomes": {name: self._outcome(name) for name in self.outcomes},
            "divergence": self.divergences,
        }

    def _outcome(self, name: str) -> dict[str, dict[str, Any]]:
        rows = {scenario: self._row(ensemble, name) for scenario, ensemble in self.ensembles.items()}
        for scenario, ensemble in list(self.ensembles.items())[1:]:
            rows[scenario] |= against(self.first, ensemble, name)
        return rows

    def _row(self, ensemble: Ensemble, name: str) -> dict[str, Any]:
        label = ensemble.scenario.document["outcomes"][name]["label"]
        row: dict[str, Any] = {"label": label, "probability": ensemble.probability(name)}
        dates = {key: ensemble.month(name, q) for key, q in {"p10": 0.1, "median": 0.5, "p90": 0.9}.items()}
        measure: dict[str, Any] | None = ensemble.measure(name)
        return row | (measure or dates)


def against(first: Ensemble, other: Ensemble, outcome: str) -> dict[str, Any]:
    """Return an outcome's difference in probability, and in its mean month and measure where both have them."""
    chance = difference(happened(first, outcome), happened(other, outcome))
    row: dict[str, Any] = {"difference": chance.value, "low": chance.low, "high": chance.high}
    row["months"] = _told(dated(first, outcome), dated(other, outcome))
    if first.scenario.document["outcomes"][outcome].get("measure") is not None:
        row["measure"] = _told(measured(first, outcome), measured(other, outcome))
    return row


def _told(first: Sample, other: Sample) -> dict[str, float] | None:
    if not first.exists.any() or not other.exists.any():
        return None
    return _named(difference(first, other))


def _named(interval: Interval) -> dict[str, float]:
    return {"difference": interval.value, "low": interval.low, "high": interval.high}


def compare(
    *scenarios: str | PathLike[str] | Scenario,
    worlds: int = 2000,
    seed: int = 1,
    fork: str | None = None,
    uncertainty: Uncertainty | None = None,
    set: Settings = (),
    progress: Progress | None = None,
    executor: Executor | None = None,
) -> Comparison:
    """Run scenarios over the same worlds and hold all of them against the first.

    Parameters
    ----------
    scenarios
        Two or more: scenarios, paths, or names of shipped ones.
    worlds
        Up to 10,000: each world is kept, for the differences are taken world by world.
    fork
        A month "YYYY-MM" from which the numbers of the others take effect, so that all share their history.
    set
        Changes made to every scenario.
    progress
        Called often with the scenarios played and all of them. If it raises, the exception is raised here.
    executor
        As for `run`.

    Examples
    --------
    >>> import realpolitik as rp
    >>> both = rp.compare("karabakh", "no-invasion", worlds=64)
    >>> row = both.to_dict()["outcomes"]["withdrawal"]["no-invasion"]
    >>> row["low"] <= row["difference"] <= row["high"]
    True
    """
    worlds, seed = check_counts(worlds, seed)
    changes = as_settings(set)
    chosen = [scenario_of(scenario, changes) for scenario in scenarios]
    _check(chosen, worlds)
    if fork is not None:
        chosen = [chosen[0], *(forked(chosen[0], other, fork) for other in chosen[1:])]
    names = _names([scenario_of(scenario).name for scenario in scenarios])
    ensembles: dict[str, Ensemble] = {}

    def look(*_: int) -> None:
        if progress is not None:
            progress(len(ensembles), len(chosen))

    for name, scenario in zip(names, chosen, strict=True):
        ensembles[name] = run(
            scenario, worlds=worlds, seed=seed, uncertainty=uncertainty, progress=look, executor=executor
        )
        look()
    parted = {
        name: summary(chosen[0], scenario, worlds=worlds, seed=seed, uncertainty=uncertainty, look=look)
        for name, scenario in zip(names[1:], chosen[1:], strict=True)
    }
    return Comparison(ensembles, fork, parted)


def _check(chosen: list[Scenario], worlds: int) -> None:
    """Refuse what cannot be paired, with a ValueError."""
    if len(chosen) < 2:
        raise ValueError("compare takes two scenarios or more")
    if worlds > KEPT:
        raise ValueError(f"compare keeps every world, so at most {KEPT:,}, not {worlds:,}")
    starts = {scenario.document["meta"]["start"] for scenario in chosen}
    if len(starts) > 1:
        raise ValueError(f"scenarios that begin in different months cannot be paired: {', '.join(sorted(starts))}")
    common = frozenset.intersection(*(frozenset(scenario.document["outcomes"]) for scenario in chosen))
    if not common:
        raise ValueError("the scenarios have no outcome in common")


def _names(names: list[str]) -> list[str]:
    """Tell scenarios of one name apart by a number that no other of them has in its name."""
    made: list[str] = []
    for name in names:
        numbered = (f"{name}#{n}" for n in count(2))
        made.append(name if name not in made else next(one for one in numbered if one not in (*made, *names)))
    return made
