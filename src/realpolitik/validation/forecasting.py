"""Scores of forecasts, and the simple forecasters that the theories are compared with."""

from collections.abc import Callable, Mapping, Sequence
from math import inf
from typing import Any

import numpy as np
import numpy.typing as npt

from realpolitik.scenario import Scenario, effects_of, value_of
from realpolitik_model import Case, LeverageModel

Values = npt.NDArray[np.float64]


def brier(chances: Sequence[float] | Values, happened: Sequence[float] | Values) -> float:
    """Return the mean squared error of probabilities (n,) for events (n,) that are 0 or 1; 0 is best  (Brier 1950)."""
    return float(np.mean((np.asarray(chances) - np.asarray(happened)) ** 2))


def auc(chances: Sequence[float] | Values, happened: Sequence[float] | Values) -> float:
    """Return the area under the ROC curve, 0 to 1: how often an event has a higher probability than a non-event.

    Ties count half. NaN if there are only events, or none.
    """
    given, seen = np.asarray(chances, float), np.asarray(happened, bool)
    if seen.all() or not seen.any():
        return float("nan")
    ahead = given[seen][:, None] - given[~seen][None, :]
    return float(((ahead > 0) + 0.5 * (ahead == 0)).mean())


def crps(drawn: Values, observed: float) -> float:
    """Return the continuous ranked probability score of a sample (n,), in its units; 0 is best.

    E|X - y| - E|X - X'| / 2 for a sample X and an observation y, over pairs of different worlds: its expectation does
    not depend on n  (Gneiting & Raftery 2007; Ferro 2014).
    """
    ordered = np.sort(drawn)
    n = ordered.size
    spread = 2 * np.sum(ordered * (2 * np.arange(1, n + 1) - n - 1)) / (n * max(1, n - 1))
    return float(np.mean(np.abs(ordered - observed)) - spread / 2)


def crps_until(drawn: Values, last: int) -> float:
    """Return the part of the score that is known if an event has not happened up to month `last`.

    The sum of the squared probabilities that it has happened by each month 0, 1, ..., `last`; each is the share of
    pairs of different worlds in both of which it has, as in `crps`.
    """
    ordered = np.sort(drawn)
    n, by = ordered.size, np.searchsorted(ordered, np.arange(last + 1), side="right").astype(float)
    return float(np.sum(by * (by - 1) / (n * (n - 1)) if n > 1 else by))


def compromise(scenario: Scenario, month: str) -> dict[str, float]:
    """Return issue -> the compromise mean (0-1), the forecast that is hard to beat.

    The mean of the positions on an issue, weighted by capability times salience. All three respond to the state as in
    the model, with issues at their start and the drivers of `month` "YYYY-MM"  (E1, E3). An issue without interests
    keeps its start. Forks are not taken into account.
    """
    document = scenario.document
    state = _state(document, month)
    return {name: _mean(document, name, state) for name in document["issues"]}


def _state(document: Mapping[str, Any], month: str) -> dict[str, float]:
    """Return the start of every issue, and the level of every driver in a month, from a case without moves."""
    meta = {**document["meta"], "start": month, "end": month}
    idle = {"meta": meta, "interests": {}, "dependence": {}, "moves": {}, "shocks": {}, "outcomes": {}}
    model = LeverageModel(Case.of({**document, **idle}))
    model.step()
    drivers = {name: float(model.driver(name)[0]) for name in document["drivers"]}
    return {name: row["start"] for name, row in document["issues"].items()} | drivers


def _mean(document: Mapping[str, Any], issue: str, state: Mapping[str, float]) -> float:
    rows = [row for row in document["interests"].values() if row["issue"] == issue]
    weights = [
        at_state(document["actors"][row["actor"]]["capability"], state) * at_state(row["salience"], state)
        for row in rows
    ]
    if not sum(weights):
        return float(document["issues"][issue]["start"])
    positions = [at_state(row["position"], state, 1.0) for row in rows]
    return float(sum(w * position for w, position in zip(weights, positions, strict=True)) / sum(weights))


def at_state(number: float | Mapping[str, Any], state: Mapping[str, float], most: float = inf) -> float:
    """Return a number of a document in a state of issues and drivers, 0 to `most`.

    >>> at_state({"value": 0.5, "effects": {"war": -0.75}}, {"war": 1.0})
    0.0
    """
    value = value_of(number)
    for z, effect in effects_of(number).items():
        value = value + effect * state[z]
    return min(max(0.0, value), most)


def settles(scenario: Scenario, outcome: str, means: Mapping[str, float]) -> bool:
    """Return whether an outcome would happen if every issue settled at its compromise mean, without payments."""
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
    """Return whether the means are nearer to the result of a move than to the start; for a refusal, the opposite."""
    near = []
    for issue, change in document["moves"][row["move"]]["changes"].items():
        start = document["issues"][issue]["start"]
        target = change["to"] if change["to"] is not None else min(1.0, max(0.0, start + change["by"]))
        near.append(abs(means[issue] - target) < abs(means[issue] - start))
    return bool(all(near) == (row["result"] == "made"))


Forecaster = Callable[[Values, Values, Values], float]
"""Called with columns (cases, columns) and results (cases,) of the other cases, and the columns (columns,) of one."""
RIDGE = 1.0
"""Penalty on slopes of standardised columns: that of a standard normal prior. It was not chosen by its score."""


def left_out(columns: Values, results: Values, forecast: Forecaster) -> Values:
    """Return the forecast of every case, (cases,), each fitted to all the others."""
    rest = [np.arange(results.size) != n for n in range(results.size)]
    return np.array([forecast(columns[keep], results[keep], columns[n]) for n, keep in enumerate(rest)])


def base_rate(_columns: Values, results: Values, _case: Values) -> float:
    """Return the mean of the other results. It is lower for events than for non-events, so its area is 0."""
    return float(results.mean())


def logistic(columns: Values, results: Values, case: Values) -> float:
    """Return the probability by logistic regression with a ridge penalty, fitted by Newton's method.

    Columns are standardised over the cases that it is fitted to; one with the same value in all of them has no slope
    (le Cessie & van Houwelingen 1992).
    """
    middle, spread = columns.mean(axis=0), columns.std(axis=0)
    spread = np.where(spread > 0, spread, np.inf)
    design = np.column_stack([np.ones(len(columns)), (columns - middle) / spread])
    penalty = np.diag([0.0] + [RIDGE] * columns.shape[1])
    slope = np.zeros(design.shape[1])
    for _ in range(50):
        chance = _chance(design @ slope)
        step = np.linalg.solve(
            design.T @ (design * (chance * (1 - chance))[:, None]) + penalty,
            design.T @ (results - chance) - penalty @ slope,
        )
        slope = slope + step * min(1.0, 5 / max(np.abs(step).max(), 1e-12))
    return float(_chance(np.array([1.0, *((case - middle) / spread)]) @ slope))


def rule(columns: Values, results: Values, case: Values) -> float:
    """Return the share of events on the case's side of the best threshold of one column  (Laplace's rule).

    If the column has the same value in all other cases, there is no threshold, and all of them are used.
    """
    values = columns[:, 0]
    cuts = np.unique(values)
    middles = (cuts[1:] + cuts[:-1]) / 2
    best = min(middles, key=lambda cut: _error(values, results, cut), default=cuts[0])
    side = results[(values > best) == (case[0] > best)] if middles.size else results
    return float((side.sum() + 1) / (side.size + 2))


def _error(values: Values, results: Values, cut: float) -> float:
    above, below = results[values > cut], results[values <= cut]
    return float(((above - above.mean()) ** 2).sum() + ((below - below.mean()) ** 2).sum())


def _chance(score: npt.NDArray[np.float64]) -> Values:
    return np.asarray(1 / (1 + np.exp(-np.clip(score, -30, 30))))
