"""Scores against dated history: whether it is within the 80% interval, how wide that is, and the CRPS in months."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from realpolitik.results import Ensemble, month_by
from realpolitik.validation.forecasting import brier, compromise, crps, crps_until, settles

NOT_YET = 0.8
"""The row of an event that did not happen is inside if at least this share of worlds agrees."""


def history(ensembles: Mapping[str, Ensemble], own: Ensemble | None = None) -> dict[str, Any]:
    """Return every row of [history] with its interval, and the scores of each theory and of simple forecasters.

    `ensembles` are by theory. Intervals are those of `own`, by default the first of them.
    """
    own = next(iter(ensembles.values())) if own is None else own
    scenario, cutoff = own.scenario, _cutoff(own)
    rows, seen = [], []
    chances: dict[str, list[float]] = {name: [] for name in ensembles}
    for name, row in scenario.document["history"].items():
        scores = {theory: score(ensemble, row) for theory, ensemble in ensembles.items()}
        rows.append({**_described(name, row), **interval(own, row), "crps": scores})
        rows[-1]["crps"]["persistence"] = persistence_score(own, row)
        seen.append(float(row["date"] != "never" and row["date"] <= cutoff))
        for theory, ensemble in ensembles.items():
            chances[theory].append(ensemble.probability(row["outcome"], min(cutoff, row["until"] or cutoff)))
    means = compromise(scenario, cutoff)
    outcomes = [row["outcome"] for row in scenario.document["history"].values()]
    chances["persistence"] = [0.0] * len(seen)
    chances["compromise mean"] = [float(settles(scenario, outcome, means)) for outcome in outcomes]
    for n, row in enumerate(rows):
        row["by_cutoff"] = {theory: values[n] for theory, values in chances.items()}
    return {"rows": rows, "cutoff": cutoff, "open": _open(rows), "scores": _scores(rows, chances, seen)}


def _open(rows: list[dict[str, Any]]) -> dict[str, int]:
    """Return how many rows have a date, and how many of their intervals have no end."""
    dated = [row for row in rows if row["date"] != "never"]
    return {"count": sum(row["width"] is None for row in dated), "of": len(dated)}


def open_in_words(section: Mapping[str, Any]) -> str:
    """Say how many intervals of a section have no end, so that their rows are held easily; "" if none."""
    count, of = section["open"]["count"], section["open"]["of"]
    if not count:
        return ""
    verb = "has" if count == 1 else "have"
    return f"{count} of the {of} with a date {verb} an open interval (p90 is never), and any date from p10 on is inside"


def _scores(
    rows: list[dict[str, Any]], chances: Mapping[str, list[float]], seen: list[float]
) -> dict[str, dict[str, float | None]]:
    """Return forecaster -> mean CRPS over rows in months, and Brier score of "happened by the cut-off".

    A row that is dated later had not happened by then; one with "never" is scored by its `until`, if that is earlier.
    """
    scores = {}
    for theory, values in chances.items():
        months = [row["crps"][theory] for row in rows if theory in row["crps"]]
        scores[theory] = {"crps": float(np.mean(months)) if months else None, "brier": brier(values, seen)}
    return scores


def _cutoff(ensemble: Ensemble) -> str:
    return str(ensemble.scenario.document["meta"]["cutoff"] or ensemble.months[-1])[:7]


def _described(name: str, row: Mapping[str, Any]) -> dict[str, Any]:
    role = "holdout" if row["holdout"] else "fitted"
    return {"id": name, "outcome": row["outcome"], "date": row["date"], "until": row["until"], "role": role}


def interval(ensemble: Ensemble, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the months by which it has happened in 10%, 50% and 90% of all worlds, None for never.

    A dated row is inside if its month is between the first and the last. A row with "never" is inside if it has not
    happened by the last month observed in at least 80% of worlds.
    """
    if row["date"] == "never":
        chance = ensemble.probability(row["outcome"], row["until"])
        return {**_quantiles(ensemble, row), "inside": 1 - chance >= NOT_YET, "width": None}
    low, _, high = (_month(ensemble, row, share) for share in (0.1, 0.5, 0.9))
    actual = ensemble.case.month_of(row["date"])
    width = None if high >= ensemble.tally.months else high - low
    return {**_quantiles(ensemble, row), "inside": low <= actual <= high, "width": width}


def _quantiles(ensemble: Ensemble, row: Mapping[str, Any]) -> dict[str, str | None]:
    months = {"p10": 0.1, "median": 0.5, "p90": 0.9}
    found = {name: _month(ensemble, row, share) for name, share in months.items()}
    return {name: ensemble.months[t] if t < ensemble.tally.months else None for name, t in found.items()}


def _month(ensemble: Ensemble, row: Mapping[str, Any], share: float) -> int:
    """Return the month index by which a share of all worlds has had an outcome; never is the number of months."""
    return month_by(ensemble.tally.when[ensemble.case.outcomes.index(row["outcome"])], share * ensemble.worlds)


def drawn(ensemble: Ensemble, outcome: str) -> npt.NDArray[np.float64]:
    """Return the month index of an outcome per world, (worlds,); never is the number of months."""
    first = ensemble.kept.first[:, ensemble.case.outcomes.index(outcome)].astype(float)
    return np.where(first < 0, float(ensemble.tally.months), first)


def score(ensemble: Ensemble, row: Mapping[str, Any]) -> float:
    """Return the CRPS of a row in months; for "never", of the months observed only."""
    months = drawn(ensemble, row["outcome"])
    if row["date"] == "never":
        return crps_until(months, ensemble.case.month_of(row["until"] or ensemble.months[-1]))
    return crps(months, ensemble.case.month_of(row["date"]))


def persistence_score(ensemble: Ensemble, row: Mapping[str, Any]) -> float:
    """Return the CRPS in months of the forecast that nothing ever happens."""
    if row["date"] == "never":
        return 0.0
    return float(ensemble.tally.months - ensemble.case.month_of(row["date"]))
