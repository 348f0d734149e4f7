"""Steps that leave a population of settings spread as it should be: each is as likely as its reverse."""

import numpy as np
import numpy.typing as npt

from realpolitik.calibration.cube import Points, reflected

Rng = np.random.Generator
REDRAWN = np.array([2.0, 8.0, 32.0])
"""How many numbers of a setting one step draws anew, on average."""
SHARE = np.array([0.1, 0.3, 1.0])
"""Share of the numbers that a step along a difference touches."""


def redrawn(rng: Rng, points: Points) -> Points:
    """Draw a few numbers of each setting anew from their ranges."""
    count, ranges = points.shape
    few = REDRAWN[rng.integers(0, REDRAWN.size, count)][:, None]
    return np.where(rng.random((count, ranges)) * ranges < few, rng.random((count, ranges)), points)


def along_differences(rng: Rng, points: Points, others: Points) -> Points:
    """Step along the difference of two other settings (ter Braak 2006), with a little blur."""
    count, ranges = points.shape
    one, two = rng.integers(0, len(others), (2, count))
    share = SHARE[rng.integers(0, SHARE.size, count)][:, None]
    length = np.minimum(1.0, 1.68 / np.sqrt(np.maximum(share * ranges, 1.0))) * (0.25 + rng.random((count, 1)))
    step = length * (others[one] - others[two]) + 0.02 * (rng.random((count, ranges)) - 0.5)
    return reflected(np.where(rng.random((count, ranges)) < share, points + step, points))


def halves(count: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Split a population in two: either half steps along differences within the other."""
    return np.arange(0, count, 2), np.arange(1, count, 2)
