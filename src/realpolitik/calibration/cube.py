"""Settings as points of a unit cube: 0 and 1 are the ends of each range, and the prior is uniform."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from realpolitik.scenario import Scenario

Points = npt.NDArray[np.float64]
"""(settings, ranges), each in [0, 1]."""


@dataclass(frozen=True)
class Cube:
    """The ranges that are fitted, in the order of the scenario."""

    paths: tuple[str, ...]
    low: npt.NDArray[np.float64]
    high: npt.NDArray[np.float64]

    @classmethod
    def of(cls, scenario: Scenario) -> "Cube":
        """Return the cube of all ranges with low < high; ValueError if there is none."""
        spans = {path: span for path, span in scenario.ranges.items() if span[0] < span[1]}
        if not spans:
            raise ValueError(f"{scenario.name} has no ranges to fit: write numbers as {{ value, low, high }}")
        low, high = np.array(list(spans.values())).T
        return cls(tuple(spans), low, high)

    def only(self, paths: Sequence[str]) -> "Cube":
        """Return the cube of some of the ranges; all other numbers keep the value of the file."""
        kept = [self.paths.index(path) for path in paths]
        return Cube(tuple(paths), self.low[kept], self.high[kept])

    def values(self, points: Points) -> Points:
        """Return the numbers of points, (settings, ranges), rounded to single precision as in posterior files."""
        exact = self.low + (self.high - self.low) * points
        return np.clip(exact.astype(np.float32).astype(np.float64), self.low, self.high)

    def numbers(self, points: Points, worlds: int = 1) -> dict[str, npt.NDArray[np.float64]]:
        """Return dotted path -> values (settings * worlds,), each setting repeated for its worlds."""
        values = self.values(points)
        return {path: np.repeat(values[:, n], worlds) for n, path in enumerate(self.paths)}


def reflected(points: Points) -> Points:
    """Reflect points at the faces of the cube, so that a step and its reverse stay equally likely."""
    folded = np.abs(points) % 2.0
    return np.where(folded > 1.0, 2.0 - folded, folded)
