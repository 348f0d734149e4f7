"""Counterfactual directions: the expected signs, written down before the runs, compared with paired runs."""

import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from realpolitik import pairing
from realpolitik.pairing import Interval, Sample
from realpolitik.results import Ensemble
from realpolitik.scenario import Scenario
from realpolitik.validation.forecasting import compromise, settles

Row = Mapping[str, Any]
SAME = 0.1
NOT_UP = 0.02
POSSIBLE = 0.1
SIGNS: dict[str, Callable[[Interval], bool]] = {
    "up": lambda change: change.low > 0,
    "down": lambda change: change.high < 0,
    "same": lambda change: change.low > -SAME and change.high < SAME,
    "not-up": lambda change: change.low <= NOT_UP,
}


@cache
def expectations() -> dict[str, Any]:
    """Return the table of directions, levels and widths."""
    text = files("realpolitik.validation").joinpath("directions.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def sample(ensemble: Ensemble, row: Row) -> Sample:
    """Return the values that a row of the table is about, one per world."""
    by = row.get("by")
    if "issues" in row:
        return pairing.level(ensemble, row["issues"], row["by"])
    if "leverage" in row:
        return pairing.leverage(ensemble, row["leverage"], row["by"])
    if "moves" in row:
        return pairing.made(ensemble, row["moves"])
    if row.get("statistic") == "measure":
        return pairing.measured(ensemble, row["outcome"])
    return pairing.happened(ensemble, row["outcome"], by, row.get("given"))


def about(row: Row) -> str:
    """Return a short description of what a row is about."""
    what = row.get("outcome") or row.get("leverage") or " + ".join(row.get("issues") or row.get("moves") or ())
    kind = {"measure": "mean of "}.get(row.get("statistic", ""), "")
    return f"{kind}{what}" + (f" by {row['by']}" if "by" in row else "")


def verdict(base: Ensemble, other: Ensemble, row: Row) -> dict[str, Any]:
    """Return the means of both sides of a direction, their paired difference (95%), and whether it holds."""
    samples = sample(base, row), sample(other, row)
    means = {"base": _number(samples[0].mean), "other": _number(samples[1].mean)}
    if row["sign"] == "possible":
        change = pairing.estimate(samples[1])
        low, high = _number(change.low), _number(change.high)
        return {**means, "difference": None, "low": low, "high": high, "holds": change.low > POSSIBLE}
    change = pairing.difference(*samples)
    low, high = _number(change.low), _number(change.high)
    return {**means, "difference": _number(change.value), "low": low, "high": high, "holds": SIGNS[row["sign"]](change)}


def directions(ensembles: Mapping[str, Ensemble], base: str) -> list[dict[str, Any]]:
    """Return the result of every direction of the table."""
    found = []
    for name, row in expectations()["directions"].items():
        result = verdict(ensembles[base], ensembles[row["scenario"]], row)
        about_it = {"id": name, "text": row["text"], "scenario": row["scenario"], "what": about(row)}
        found.append({**about_it, "sign": row["sign"], **result, "miss": row.get("miss"), "claims": row["claims"]})
    return found


def compromise_right(scenarios: Mapping[str, Scenario], base: str) -> int:
    """Return how many directions the compromise mean predicts; it predicts no leverage, price or number of moves."""
    rows = [row for row in expectations()["directions"].values() if not row.keys() & {"leverage", "moves", "statistic"}]
    return sum(_compromise_holds(scenarios[base], scenarios[row["scenario"]], row) for row in rows)


def _compromise_holds(base: Scenario, other: Scenario, row: Row) -> bool:
    before, after = (_settled(scenario, row) for scenario in (base, other))
    if row["sign"] == "possible":
        return after > POSSIBLE
    return SIGNS[row["sign"]](Interval(after - before, after - before, after - before))


def _settled(scenario: Scenario, row: Row) -> float:
    """Return the value of a row with every issue at its compromise mean; forks are not taken into account."""
    means = compromise(scenario, row.get("by") or scenario.document["meta"]["end"])
    if "issues" in row:
        return sum(means[issue] for issue in row["issues"])
    return float(settles(scenario, row["outcome"], means))


def levels(ensembles: Mapping[str, Ensemble], base: str) -> list[dict[str, Any]]:
    """Return the result of every level that a scenario must reach."""
    found = []
    for name, row in expectations()["levels"].items():
        scenario = row.get("scenario", base)
        value = _level(ensembles, base, scenario, row)
        holds = value is not None and row.get("below", 1e9) > value > row.get("above", -1e9)
        bound = f"above {row['above']}" if "above" in row else f"below {row['below']}"
        found.append({"id": name, "scenario": scenario, "what": about(row), "value": value, "must_be": bound,
                      "holds": holds, "miss": row.get("miss")})  # fmt: skip
    return found


def _level(ensembles: Mapping[str, Ensemble], base: str, scenario: str, row: Row) -> float | None:
    value = sample(ensembles[scenario], row).mean
    return _number(value - sample(ensembles[base], row).mean if row.get("difference") else value)


def _number(value: float) -> float | None:
    return None if value != value else value
