"""PRIM, the patient rule induction method: a box is peeled, a few points at a time, until the outcome is dense in it.

Friedman & Fisher (1999), with the objective of Kwakkel & Jaxa-Rozen (2016): the gain in density per point given up, so
that a level of a theory and a slice of a span compete fairly. It is written out here because the EMA Workbench, where
it is at home, has one interface for Python 3.11 (2.5.3) and another from 3.12 (3.0.0), and brings scikit-learn,
statsmodels and seaborn; a test holds the two against each other.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
ALPHA = 0.05
"""Share of the points of a box that one peel takes."""
LEAST = 0.05
"""Share of all points below which a box is not peeled further."""


@dataclass(frozen=True)
class Box:
    """Limits of a numeric input, `(low, high)`, or the levels left of another; unlimited inputs are absent."""

    spans: dict[int, tuple[float, float]]
    levels: dict[int, frozenset[float]]

    def holds(self, x: Array) -> Mask:
        """Tell which points, rows of x, lie inside."""
        inside = np.ones(len(x), bool)
        for n, (low, high) in self.spans.items():
            inside &= (x[:, n] >= low) & (x[:, n] <= high)
        for n, levels in self.levels.items():
            inside &= np.isin(x[:, n], list(levels))
        return inside

    def narrowed(self, n: int, low: float, high: float) -> "Box":
        """Give the box with a span brought in on either side."""
        was = self.spans.get(n, (-np.inf, np.inf))
        return Box(self.spans | {n: (max(was[0], low), min(was[1], high))}, self.levels)

    def without(self, n: int, level: float, all_levels: frozenset[float]) -> "Box":
        """Give the box with one level less."""
        return Box(self.spans, self.levels | {n: self.levels.get(n, all_levels) - {level}})


def trajectory(x: Array, y: Array, categorical: Sequence[bool]) -> list[Box]:
    """Peel from the box of everything down to the least mass; y is the share of worlds at each point of x."""
    box, inside = Box({}, {}), np.arange(len(x))
    boxes = [box]
    while len(inside) > LEAST * len(x):
        best = max(
            ((gain(y, inside, kept), n, narrower, kept) for n, narrower, kept in peels(box, x, inside, categorical)),
            key=lambda found: (found[0], -found[1]),
            default=None,
        )
        if best is None or len(best[3]) < LEAST * len(x):
            break
        _, _, box, inside = best
        boxes.append(box)
    return boxes


def gain(y: Array, inside: npt.NDArray[np.int64], kept: npt.NDArray[np.int64]) -> float:
    """Give what density gains for each point given up."""
    return float((y[kept].mean() - y[inside].mean()) / (len(inside) - len(kept)))


def peels(
    box: Box, x: Array, inside: npt.NDArray[np.int64], categorical: Sequence[bool]
) -> Iterator[tuple[int, Box, npt.NDArray[np.int64]]]:
    """Offer every way to peel a box once: a low or a high slice of a span, or one level."""
    for n in range(x.shape[1]):
        values = x[inside, n]
        if categorical[n]:
            present = frozenset(np.unique(values).tolist())
            for level in sorted(present) if len(present) > 1 else []:
                yield n, box.without(n, level, present), inside[values != level]
            continue
        for sign in (1.0, -1.0):
            cut = slice_off(sign * values)
            if cut is not None:
                low, high = (cut, np.inf) if sign > 0 else (-np.inf, -cut)
                yield n, box.narrowed(n, low, high), inside[sign * values >= cut]


def slice_off(values: Array) -> float | None:
    """Give where to cut off the lowest few values, halfway between two of them; None if all are the same."""
    count = max(1, int(ALPHA * len(values)))
    lowest = np.partition(values, min(count, len(values) - 1))
    edge = lowest[min(count, len(values) - 1)]
    below = values[values < edge]
    if not below.size:
        above = values[values > edge]
        return float((edge + above.min()) / 2) if above.size else None
    return float((below.max() + edge) / 2)
