"""Comparison of scenarios under common random numbers: the same worlds of the same seed, and paired differences."""

from collections.abc import Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from os import PathLike
from typing import Any

import numpy as np

from realpolitik.choices import REASONED, On, Progress, Uncertainty
from realpolitik.costs import KEPT
from realpolitik.diverging import summary
from realpolitik.ensembles import check_counts, month_in, run, scenario_of
from realpolitik.pairing import dated, difference, happened, measured, shift
from realpolitik.results import Ensemble
from realpolitik.scenario import Scenario, Setting, Settings, as_settings
from realpolitik.scenario.consistency import too_late
from realpolitik.scenario.fields import as_month
from realpolitik.scenario.forms import effect_paths, form_of
from realpolitik.texts import counted, unique_names
from realpolitik.uncertainty import uncertainty_of
from realpolitik.version import __version__

SWITCH = {"moves": "chance", "dependence": "stake", "interests": "salience", "shocks": "hazard"}
"""Table -> the number that switches a row off when it and its effects are 0."""


@dataclass(frozen=True)
class Comparison:
    """Ensembles of several scenarios over the same worlds; all are compared with the first."""

    ensembles: dict[str, Ensemble]
    fork: str | None
    divergences: dict[str, dict[str, Any]]

    def __repr__(self) -> str:
        which = f"{counted(self.first.worlds, 'world')} of seed {self.first.seed}"
        return f"<Comparison of {', '.join(self.ensembles)}: {which}>"

    @property
    def first(self) -> Ensemble:
        """The ensemble with which the others are compared."""
        return next(iter(self.ensembles.values()))

    @property
    def outcomes(self) -> list[str]:
        """The outcomes that all scenarios have, in the order of the first."""
        return [name for name in self.first.case.outcomes if all(name in e.case.outcomes for e in self.others(True))]

    def others(self, with_first: bool = False) -> list[Ensemble]:
        """Return the ensembles after the first, or all of them."""
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
        mean = dated(ensemble, name).mean
        row["mean_month"] = None if np.isnan(mean) else ensemble.months[round(mean)]
        return row | (measure or dates)


def against(first: Ensemble, other: Ensemble, outcome: str) -> dict[str, Any]:
    """Return the differences of an outcome, `other` minus `first`, with 95% intervals.

    Probabilities are of all worlds. Months and measures are of the `worlds` in which the outcome happens in both, with
    the mean of each there; of fewer than 10 worlds there are none.
    """
    chance = difference(happened(first, outcome), happened(other, outcome))
    row: dict[str, Any] = {"difference": chance.value, "low": max(-1.0, chance.low), "high": min(1.0, chance.high)}
    row["months"] = shift(dated(first, outcome), dated(other, outcome))._asdict()
    for side, months in (("first", first.months), ("second", other.months)):
        mean = row["months"][side]
        row["months"][side] = None if mean is None else months[round(mean)]
    if first.scenario.document["outcomes"][outcome].get("measure") is not None:
        row["measure"] = shift(measured(first, outcome), measured(other, outcome))._asdict()
    return row


def compare(
    *scenarios: str | PathLike[str] | Scenario,
    worlds: int = 2000,
    seed: int = 1,
    fork: str | None = None,
    uncertainty: Uncertainty | None = None,
    set: Settings | None = None,
    progress: Progress | None = None,
    executor: Executor | None = None,
    device: On | None = None,
) -> Comparison:
    """Run scenarios over the same worlds and compare all of them with the first.

    Parameters
    ----------
    scenarios
        Two or more: scenarios, paths, or names of shipped ones.
    worlds
        1 to 10,000. All worlds are kept, because differences are taken per world.
    seed
        0 to 2**63 - 1.
    fork
        A month "YYYY-MM" in which the numbers of the others take effect; until then all share the history of the first.
    uncertainty
        As for `run`, for all of them; by default that of the first.
    set
        Settings that are applied to every scenario.
    progress
        Called often with the scenarios played and all of them. If it raises, the exception is raised here.
    executor, device
        As for `run`.

    Returns
    -------
    Comparison
        The ensembles by name, and the first decisions that differ. `to_dict()` has the differences with 95% intervals:
        of probabilities (0 to 1), and of months and measures over the worlds in which the outcome happens in both.

    Raises
    ------
    ValueError
        If there are fewer than two scenarios, they start in different months or have no outcome in common, or `fork`
        is given and more than numbers differ.

    Examples
    --------
    >>> import realpolitik as rp
    >>> both = rp.compare("karabakh", "no-invasion", worlds=64)
    >>> row = both.to_dict()["outcomes"]["withdrawal"]["no-invasion"]
    >>> row["low"] <= row["difference"] <= row["high"]
    True
    """
    worlds, seed = check_counts(worlds, seed)
    for one in scenarios:
        if isinstance(one, list | tuple):
            raise ValueError("scenarios must be given one by one, compare(a, b), not in a list")
    changes = as_settings(set)
    chosen = [scenario_of(scenario, changes) for scenario in scenarios]
    _check(chosen, worlds)
    if fork is not None:
        fork = as_month("fork", fork)
        chosen = [chosen[0], *(forked(chosen[0], other, fork) for other in chosen[1:])]
    uncertainty = uncertainty_of(chosen[0], uncertainty)
    names = unique_names([scenario_of(scenario).name for scenario in scenarios])
    ensembles: dict[str, Ensemble] = {}

    def look(*_: int) -> None:
        if progress is not None:
            progress(len(ensembles), len(chosen))

    for name, scenario in zip(names, chosen, strict=True):
        ensembles[name] = run(
            scenario,
            worlds=worlds,
            seed=seed,
            uncertainty=uncertainty,
            progress=look,
            executor=executor,
            device=device,
        )
        look()
    parted = {
        name: summary(chosen[0], scenario, worlds=worlds, seed=seed, uncertainty=uncertainty, look=look)
        for name, scenario in zip(names[1:], chosen[1:], strict=True)
    }
    return Comparison(ensembles, fork, parted)


def _check(chosen: list[Scenario], worlds: int) -> None:
    """Raise ValueError if scenarios cannot be paired."""
    if len(chosen) < 2:
        raise ValueError("compare takes two scenarios or more")
    if worlds > KEPT:
        raise ValueError(f"compare keeps every world, so at most {KEPT:,}, not {worlds:,}")
    starts = {scenario.document["meta"]["start"] for scenario in chosen}
    if len(starts) > 1:
        raise ValueError(f"scenarios that begin in different months cannot be compared: {', '.join(sorted(starts))}")
    common = frozenset.intersection(*(frozenset(scenario.document["outcomes"]) for scenario in chosen))
    if not common:
        raise ValueError("the scenarios have no outcome in common")


def forked(first: Scenario, other: Scenario, month: str) -> Scenario:
    """Return the first scenario with the numbers of the other from a month on; ValueError if more than numbers differ.

    A number that differs takes the value of the other in every world, even if worlds draw it from a range. One that is
    not read any more, such as the start of an issue, stays as it is.
    """
    if first.document["meta"]["start"] != other.document["meta"]["start"]:
        raise ValueError(f"{first.name} and {other.name} begin in different months, so neither can fork from the other")
    month_in(first.case(), month, "fork")
    _refuse_structure(first, other)
    shared = replace(first, forks=tuple(fork for fork in first.forks if fork.month < month))
    given = [*_differing(shared, other, month), *_dropped(shared, other, month), *_later(other, month)]
    tables = shared.draft().full | {"from": [{"set": {one.path: one.value}} for one in given]}
    changes = [one for one in given if too_late(tables, one.path, str(one.month)) is None]
    return shared.set(changes) if changes or shared.forks != first.forks else first


def _differing(shared: Scenario, other: Scenario, month: str) -> Iterator[Setting]:
    """Set what has another value in that month."""
    before = _in_force(shared, month)
    for path, value in _in_force(other, month).items():
        if before.get(path) != value:
            yield Setting(path, value, month)


def _in_force(scenario: Scenario, month: str) -> dict[str, float]:
    """Return the numbers of a scenario in a month, its forks up to then applied."""
    found = dict(scenario.numbers)
    for fork in scenario.forks:
        if fork.month <= month:
            found |= fork.numbers
    return found


def _dropped(shared: Scenario, other: Scenario, month: str) -> Iterator[Setting]:
    """Switch off the rows that the other has dropped."""
    for table, key in SWITCH.items():
        for name, row in shared.document[table].items():
            if name not in other.document[table]:
                path = f"{table}.{name}"
                off = (f"{path}.{key}", *effect_paths(path, row)[key])
                yield from (Setting(number, 0.0, month) for number in off)


def _later(other: Scenario, month: str) -> Iterator[Setting]:
    """Add the forks of the other after the month."""
    for fork in other.forks:
        if fork.month > month:
            yield from (Setting(path, value, fork.month) for path, value in fork.numbers.items())


def _refuse_structure(first: Scenario, other: Scenario) -> None:
    for table in (*REASONED, "actors"):
        mine, theirs = first.document[table], other.document[table]
        new = [name for name in theirs if name not in mine]
        gone = [name for name in mine if name not in theirs and not _can_be_off(table, mine[name])]
        changed = [name for name in theirs if name in mine and form_of(mine[name]) != form_of(theirs[name])]
        for name in (*new, *gone, *changed):
            raise ValueError(
                f"--fork changes numbers only, and {table}.{name} differs in form between the two scenarios"
            )
    for key in ("loss", "weights"):
        if first.document["theory"][key] != other.document["theory"][key]:
            raise ValueError(f"--fork changes numbers only, and theory.{key} differs between the two scenarios")


def _can_be_off(table: str, row: Mapping[str, Any]) -> bool:
    """Return whether a number switches a row off; a dated shock has none."""
    return table in SWITCH and row[SWITCH[table]] is not None
