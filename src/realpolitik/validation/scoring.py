"""Scores of forecasts: Brier, area under the curve, and the continuous ranked probability score in months."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]


def brier(chances: Sequence[float] | Values, happened: Sequence[float] | Values) -> float:
    """Return the mean squared distance of chances from what happened  (Brier 1950); 0 is best."""
    return float(np.mean((np.asarray(chances) - np.asarray(happened)) ** 2))


def auc(chances: Sequence[float] | Values, happened: Sequence[float] | Values) -> float:
    """Return how often a case that happened is given the higher chance, a tie counting half; NaN with one kind only."""
    given, seen = np.asarray(chances, float), np.asarray(happened, bool)
    if seen.all() or not seen.any():
        return float("nan")
    ahead = given[seen][:, None] - given[~seen][None, :]
    return float(((ahead > 0) + 0.5 * (ahead == 0)).mean())


def crps(drawn: Values, observed: float) -> float:
    """Return E|X - y| - E|X - X'| / 2 of a sample X and an observation y  (Gneiting & Raftery 2007)."""
    ordered = np.sort(drawn)
    n = ordered.size
    spread = 2 * np.sum(ordered * (2 * np.arange(1, n + 1) - n - 1)) / (n * n)
    return float(np.mean(np.abs(ordered - observed)) - spread / 2)


def crps_until(drawn: Values, last: int) -> float:
    """Return the part of the score that an event not seen up to a month decides: squared chances of seeing it."""
    ordered = np.sort(drawn)
    chances = np.searchsorted(ordered, np.arange(last + 1), side="right") / ordered.size
    return float(np.sum(chances**2))
