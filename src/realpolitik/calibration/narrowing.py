"""How much each range narrowed, and how far the islands agree on it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from realpolitik.calibration.cube import Points

UNIFORM = 1.0 / np.sqrt(12.0)
"""Standard deviation of a number that may lie anywhere in a range of length 1."""
TELLING = 0.05
"""A range of which less than this was lost, its middle moved by less than this, is one that the data cannot tell."""
AGREED = 1.1
"""The largest R-hat at which populations pass for one (Gelman & Rubin 1992; Vehtari et al. 2021 ask for less)."""
T95 = (12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.20, 2.18, 2.16, 2.14, 2.13)
"""Student's t at 97.5% for 1 to 15 degrees of freedom; beyond, 2.1 is used."""

Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Narrowing:
    """What became of one range."""

    path: str
    prior: tuple[float, float]
    prior_sd: float
    mean: float
    sd: float
    p10: float
    p90: float
    narrowed: float
    """Share of the prior's spread that is gone: 1 - sd / prior_sd."""
    narrowed_low: float
    narrowed_high: float
    shift: float
    """How far the mean moved from the middle of the range, as a share of its length."""
    shift_error: float
    rhat: float
    told: bool
    """Whether the data say anything about it: a narrowing or a shift clear of TELLING."""


def narrowings(paths: tuple[str, ...], low: Values, high: Values, points: Points) -> list[Narrowing]:
    """Compare the settings of all islands (islands, settings, ranges) with their ranges."""
    islands = len(points)
    t = T95[islands - 2] if islands - 2 < len(T95) else 2.1
    lost = 1.0 - points.std(axis=1, ddof=1) / UNIFORM
    moved = points.mean(axis=1) - 0.5
    error, lost_error = (t * v.std(axis=0, ddof=1) / np.sqrt(islands) for v in (moved, lost))
    flat = points.reshape(-1, points.shape[-1])
    narrowed = 1.0 - flat.std(axis=0, ddof=1) / UNIFORM
    shift, unlike, tenths = flat.mean(axis=0) - 0.5, rhat(points), np.quantile(flat, [0.1, 0.9], axis=0)
    told = (narrowed - lost_error > TELLING) | (np.abs(shift) - error > TELLING)
    length = high - low
    return [
        Narrowing(
            path=path,
            prior=(float(low[n]), float(high[n])),
            prior_sd=float(length[n] * UNIFORM),
            mean=float(low[n] + length[n] * (shift[n] + 0.5)),
            sd=float(length[n] * UNIFORM * (1.0 - narrowed[n])),
            p10=float(low[n] + length[n] * tenths[0, n]),
            p90=float(low[n] + length[n] * tenths[1, n]),
            narrowed=float(narrowed[n]),
            narrowed_low=float(narrowed[n] - lost_error[n]),
            narrowed_high=float(narrowed[n] + lost_error[n]),
            shift=float(shift[n]),
            shift_error=float(error[n]),
            rhat=float(unlike[n]),
            told=bool(told[n]),
        )
        for n, path in enumerate(paths)
    ]


def rhat(points: Points) -> Values:
    """Return for each range how much wider all islands together are than one of them: 1 if they agree."""
    between, within = _spreads(points)
    count = points.shape[1]
    wider: Values = np.sqrt((count - 1) / count + between / within)
    return wider


def effective_size(points: Points) -> Values:
    """Return for each range how many independent settings would make island means vary as these do."""
    between, within = _spreads(points)
    islands, count = points.shape[:2]
    size: Values = np.minimum(islands * within / np.maximum(between, 1e-12), islands * count)
    return size


def _spreads(points: Points) -> tuple[Values, Values]:
    """Return the variance of island means, and the mean variance on an island, of each range."""
    between = points.mean(axis=1).var(axis=0, ddof=1)
    within = np.maximum(points.var(axis=1, ddof=1).mean(axis=0), 1e-12)
    return between, within
