"""Simple forecasters for coded cases, each fitted without the case that it forecasts."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]
Forecaster = Callable[[Values, Values, Values], float]
"""Called with the columns and results of the other cases, and the columns of the one to forecast."""
RIDGE = 1e-3
"""Penalty on a logistic slope: just enough for cases that a line separates."""


def left_out(columns: Values, results: Values, forecast: Forecaster) -> Values:
    """Return the forecast of every case, made from all the others."""
    rest = [np.arange(results.size) != n for n in range(results.size)]
    return np.array([forecast(columns[keep], results[keep], columns[n]) for n, keep in enumerate(rest)])


def base_rate(_columns: Values, results: Values, _case: Values) -> float:
    """Return how often it happened elsewhere; lower for what happened than for the rest, hence an area of 0."""
    return float(results.mean())


def logistic(columns: Values, results: Values, case: Values) -> float:
    """Return the chance by logistic regression, fitted by Newton's method."""
    design = np.column_stack([np.ones(len(columns)), columns])
    penalty = np.diag([0.0] + [RIDGE] * columns.shape[1])
    slope = np.zeros(design.shape[1])
    for _ in range(50):
        chance = _chance(design @ slope)
        step = np.linalg.solve(
            design.T @ (design * (chance * (1 - chance))[:, None]) + penalty,
            design.T @ (results - chance) - penalty @ slope,
        )
        slope = slope + step * min(1.0, 5 / max(np.abs(step).max(), 1e-12))
    return float(_chance(np.array([1.0, *case]) @ slope))


def rule(columns: Values, results: Values, case: Values) -> float:
    """Return the share, by Laplace's rule, on the case's side of the threshold of one column that parts best.

    Where the column is the same in all the others there is no threshold, and the share is that of all of them.
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
