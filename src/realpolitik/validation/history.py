"""Dated history against the spread of worlds: inside the 80% interval or not, how wide, and how far off in months."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from realpolitik.results import Ensemble
from realpolitik.scenario import Scenario
from realpolitik.validation.compromise import compromise
from realpolitik.validation.scoring import brier, crps, crps_until

NOT_YET = 0.8
"""How likely it must be that something unseen had not happened, for its row to hold."""


def history(ensembles: Mapping[str, Ensemble]) -> dict[str, Any]:
    """Return every dated row with its interval, and its scores under the first theory and its rivals."""
    own = next(iter(ensembles.values()))
    scenario, cutoff = own.scenario, _cutoff(own)
    rows, seen = [], []
    chances: dict[str, list[float]] = {name: [] for name in ensembles}
    for name, row in scenario.document["history"].items():
        scores = {theory: score(ensemble, row) for theory, ensemble in ensembles.items()}
        rows.append({**_described(name, row), **interval(own, row), "crps": scores})
        rows[-1]["crps"]["persistence"] = still(own, row)
        seen.append(float(row["date"] != "never"))
        for theory, ensemble in ensembles.items():
            chances[theory].append(ensemble.probability(row["outcome"], cutoff))
    means = compromise(scenario, cutoff)
    outcomes = [row["outcome"] for row in scenario.document["history"].values()]
    chances["persistence"] = [0.0] * len(seen)
    chances["compromise mean"] = [float(settles(scenario, outcome, means)) for outcome in outcomes]
    for n, row in enumerate(rows):
        row["by_cutoff"] = {theory: values[n] for theory, values in chances.items()}
    return {"rows": rows, "cutoff": cutoff, "scores": _scores(rows, chances, seen)}


def _scores(
    rows: list[dict[str, Any]], chances: Mapping[str, list[float]], seen: list[float]
) -> dict[str, dict[str, float | None]]:
    """Return each forecaster's mean CRPS over rows and Brier score of "happened by the cut-off"."""
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
    """Return the months by which 10%, 50% and 90% of all worlds have seen it (None: that share never does).

    A dated row is inside if its month lies between the first and the last; a row of something unseen, if it had not
    happened by the last month observed in at least four worlds of five.
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
    told = {name: _month(ensemble, row, share) for name, share in months.items()}
    return {name: ensemble.months[t] if t < ensemble.tally.months else None for name, t in told.items()}


def _month(ensemble: Ensemble, row: Mapping[str, Any], share: float) -> int:
    """Return the month by which this share of all worlds has seen an outcome, one past the end if fewer ever do."""
    counts = np.cumsum(ensemble.tally.when[ensemble.case.outcomes.index(row["outcome"])])
    return int(np.searchsorted(counts, share * ensemble.worlds))


def drawn(ensemble: Ensemble, outcome: str) -> npt.NDArray[np.float64]:
    """Return the month of an outcome world by world, never being the month after the end."""
    first = ensemble.kept.first[:, ensemble.case.outcomes.index(outcome)].astype(float)
    return np.where(first < 0, float(ensemble.tally.months), first)


def score(ensemble: Ensemble, row: Mapping[str, Any]) -> float:
    """Return the CRPS in months; of what was not seen, only the part that the months observed decide."""
    months = drawn(ensemble, row["outcome"])
    if row["date"] == "never":
        return crps_until(months, ensemble.case.month_of(row["until"] or ensemble.months[-1]))
    return crps(months, ensemble.case.month_of(row["date"]))


def still(ensemble: Ensemble, row: Mapping[str, Any]) -> float:
    """Return the score of one who expects that nothing ever happens."""
    if row["date"] == "never":
        return 0.0
    return float(ensemble.tally.months - ensemble.case.month_of(row["date"]))


def settles(scenario: Scenario, outcome: str, means: Mapping[str, float]) -> bool:
    """Say whether an outcome would stand if every issue settled at its compromise mean, unpaid."""
    document = scenario.document
    row = document["outcomes"][outcome]
    levels = {**means, **{f"price:{move}": 0.0 for move in document["moves"]}}
    held = all(_holds(levels, quantity, bounds) for quantity, bounds in row["when"].items() if quantity in levels)
    earlier = row["at"] is None or settles(scenario, row["at"], means)
    return held and earlier and (row["move"] is None or _moves(document, row, means))


def _holds(levels: Mapping[str, float], quantity: str, bounds: Mapping[str, Any]) -> bool:
    above, below = (_bound(levels, bounds[key]) for key in ("above", "below"))
    return (above is None or levels[quantity] > above) and (below is None or levels[quantity] < below)


def _bound(levels: Mapping[str, float], bound: str | float | None) -> float | None:
    return levels.get(bound) if isinstance(bound, str) else bound


def _moves(document: Mapping[str, Any], row: Mapping[str, Any], means: Mapping[str, float]) -> bool:
    """Say whether the means lie nearer to where a move leads than to the start; for a refusal, that they do not."""
    near = []
    for issue, change in document["moves"][row["move"]]["changes"].items():
        start = document["issues"][issue]["start"]
        target = change["to"] if change["to"] is not None else min(1.0, max(0.0, start + change["by"]))
        near.append(abs(means[issue] - target) < abs(means[issue] - start))
    return bool(all(near) == (row["result"] == "made"))
