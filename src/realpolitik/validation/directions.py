"""Counterfactual directions: the expected signs, from the scenario file, compared with paired runs."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from realpolitik import pairing
from realpolitik.pairing import Interval, Sample, Shift
from realpolitik.results import Ensemble
from realpolitik.scenario import Scenario, others
from realpolitik.scenario.errors import shown
from realpolitik.texts import counted
from realpolitik.validation.forecasting import compromise, settles

Row = Mapping[str, Any]
BASE = ""
"""The key of the scenario itself among its changes."""
SAME = 0.1
NOT_UP = 0.02
POSSIBLE = 0.1
SIGNS: dict[str, Callable[[Interval], bool]] = {
    "up": lambda change: change.low > 0,
    "down": lambda change: change.high < 0,
    "same": lambda change: change.low > -SAME and change.high < SAME,
    "not-up": lambda change: change.low <= NOT_UP,
}


class Pair(NamedTuple):
    """The ensembles of a scenario and of a change of it, over the same worlds."""

    base: Ensemble
    other: Ensemble


def change_of(row: Row) -> str:
    """Return the key of the change that an expectation is about; `BASE` if it is about the scenario itself."""
    return row["scenario"] or (json.dumps(row["set"], sort_keys=True) if row["set"] else BASE)


def change_shown(row: Row, base: str) -> str:
    """Return the change that an expectation is about in words."""
    settings = ", ".join(
        f"{path} = {value if isinstance(value, str) else shown(value)}" for path, value in row["set"].items()
    )
    return row["scenario"] or settings or base


def changed(base: Scenario) -> dict[str, Scenario]:
    """Return the scenario itself and every change of it that its expectations are about.

    Raises
    ------
    ScenarioError
        If a change cannot be made, or lacks what an expectation is about; with the line of the expectation.
    """
    found = {BASE: base}
    for table in ("directions", "levels"):
        for name, row in base.document[table].items():
            key = change_of(row)
            if key not in found:
                found[key] = others.changed_by(base, table, name)
            others.check_row(base, table, name, found[key])
    return found


def changes_with_paths(scenario: Scenario) -> Iterator[str]:
    """Yield the keys of the changes of which some expectation needs monthly paths, the scenario itself included."""
    for row in (row for table in ("directions", "levels") for row in scenario.document[table].values()):
        if row["issues"] or row["leverage"]:
            yield from (BASE, change_of(row))


def sample(ensemble: Ensemble, row: Row) -> Sample:
    """Return the values that an expectation is about, one per world."""
    if row["issues"]:
        return pairing.level(ensemble, row["issues"], row["by"])
    if row["leverage"]:
        return _leverage(ensemble, row["leverage"], row["by"])
    if row["moves"]:
        return pairing.made(ensemble, row["moves"])
    if row["statistic"] == "measure":
        return pairing.measured(ensemble, row["outcome"])
    return pairing.happened(ensemble, row["outcome"], row["by"], row["given"])


def _leverage(ensemble: Ensemble, pair: str, by: str) -> Sample:
    """Return a leverage in a month, 0 if nobody depends on its holder there."""
    if tuple(pair.split(">")) in ensemble.case.pairs:
        return pairing.leverage(ensemble, pair, by)
    return Sample(np.zeros(ensemble.worlds), np.ones(ensemble.worlds, bool))


def about(row: Row) -> str:
    """Return a short description of what an expectation is about."""
    what = row["outcome"] or row["leverage"] or " + ".join(row["issues"] or row["moves"])
    kind = "mean of " if row["statistic"] == "measure" else ""
    return f"{kind}{what}" + (f" by {row['by']}" if row["by"] else "")


def verdict(base: Ensemble, other: Ensemble, row: Row) -> dict[str, Any]:
    """Return the means of both sides of a direction, their paired difference (95%), and whether it holds."""
    samples = sample(base, row), sample(other, row)
    if row["statistic"] == "measure" and row["sign"] != "possible":
        return _shifted(row, pairing.shift(*samples))
    means = {"base": _number(samples[0].mean), "other": _number(samples[1].mean)}
    if row["given"] and (fewest := min(sample.worlds for sample in samples)) < pairing.FEWEST:
        why = f"{counted(fewest, 'world')} with {row['given']} on one side, and {pairing.FEWEST} are needed"
        return {**means, "difference": None, "low": None, "high": None, "why": why, "holds": False}
    if row["sign"] == "possible":
        change = pairing.estimate(samples[1])
        low, high = _number(change.low), _number(change.high)
        holds, value = change.low > POSSIBLE, None
    else:
        change = pairing.difference(*samples)
        low, high = _number(change.low), _number(change.high)
        holds, value = SIGNS[row["sign"]](change), _number(change.value)
    if low is None:
        why = "one world has no interval" if base.worlds == 1 else "no world has it on one side"
        return {**means, "difference": None, "low": None, "high": None, "why": why, "holds": False}
    return {**means, "difference": value, "low": low, "high": high, "why": None, "holds": holds}


def _shifted(row: Row, found: Shift) -> dict[str, Any]:
    """Return the same for a measure: the means are over the worlds that have it on both sides, if they are enough."""
    if found.difference is None or found.low is None or found.high is None:
        why = f"{counted(found.worlds, 'world')} with it on both sides, and {pairing.FEWEST} are needed"
        return {"base": None, "other": None, "difference": None, "low": None, "high": None, "why": why, "holds": False}
    holds = SIGNS[row["sign"]](Interval(found.difference, found.low, found.high))
    return {"base": found.first, "other": found.second, "difference": found.difference, "low": found.low,
            "high": found.high, "why": None, "holds": holds}  # fmt: skip


def directions(scenario: Scenario, pairs: Mapping[str, Pair]) -> list[dict[str, Any]]:
    """Return the result of every direction of a scenario; the pairs are by change."""
    found = []
    for name, row in scenario.document["directions"].items():
        result = verdict(*pairs[change_of(row)], row)
        change = change_shown(row, scenario.name)
        about_it = {"id": name, "text": row["text"], "scenario": change, "what": about(row)}
        found.append({**about_it, "sign": row["sign"], **result, "miss": row["miss"], "claims": row["claims"]})
    return found


def compromise_right(base: Scenario, changes: Mapping[str, Scenario]) -> int:
    """Return how many directions the compromise mean predicts; it predicts no leverage, price or number of moves."""
    rows = base.document["directions"].values()
    rows = [row for row in rows if not (row["leverage"] or row["moves"] or row["statistic"])]
    return sum(_compromise_holds(base, changes[change_of(row)], row) for row in rows)


def _compromise_holds(base: Scenario, other: Scenario, row: Row) -> bool:
    before, after = (_settled(scenario, row) for scenario in (base, other))
    if row["sign"] == "possible":
        return after > POSSIBLE
    return SIGNS[row["sign"]](Interval(after - before, after - before, after - before))


def _settled(scenario: Scenario, row: Row) -> float:
    """Return the value of a row with every issue at its compromise mean; forks are not taken into account."""
    means = compromise(scenario, row["by"] or scenario.document["meta"]["end"])
    if row["issues"]:
        return sum(means[issue] for issue in row["issues"])
    return float(settles(scenario, row["outcome"], means))


def levels(scenario: Scenario, pairs: Mapping[str, Pair]) -> list[dict[str, Any]]:
    """Return the result of every level that worlds must reach; the pairs are by change."""
    found = []
    for name, row in scenario.document["levels"].items():
        value = _level(pairs[change_of(row)], row)
        above, below = row["above"], row["below"]
        holds = value is not None and (value > above if above is not None else value < below)
        bound = f"above {above:g}" if above is not None else f"below {below:g}"
        change = change_shown(row, scenario.name)
        found.append({"id": name, "scenario": change, "what": about(row), "value": value, "must_be": bound,
                      "holds": holds, "miss": row["miss"]})  # fmt: skip
    return found


def _level(pair: Pair, row: Row) -> float | None:
    value = sample(pair.other, row).mean
    return _number(value - sample(pair.base, row).mean if row["difference"] else value)


def _number(value: float) -> float | None:
    return value if np.isfinite(value) else None
