"""Scenario discovery: in which part of a sweep an outcome comes about, as boxes in words, with what they promise.

A box is sought on one half of the points and judged on the other, so that its figures are not those it was chosen for.
Density is the outcome's probability inside; coverage the share of all its cases that lie inside.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from os import PathLike
from typing import Any

import numpy as np

from realpolitik.ensembles import whole
from realpolitik.sweeps.analysing import checked
from realpolitik.sweeps.designs import BLOCK
from realpolitik.sweeps.factors import Factor, Level, Levels
from realpolitik.sweeps.peeling import Array, Box, Mask, trajectory
from realpolitik.sweeps.reading import Sweep, open_sweep
from realpolitik.sweeps.summing import by_point
from realpolitik.sweeps.variance import ROUNDING, constant

DENSITY = 0.8
FEWEST = 100
"""Points below which nothing is sought."""
NORMAL = 1.959964
"""Half a 95% interval, in standard errors."""


@dataclass(frozen=True)
class Found:
    """A box and what it promises."""

    limits: dict[str, tuple[float, float] | list[Level]]
    """Per limited input, the span or the levels left."""
    density: float
    low: float
    high: float
    """95% interval of the density."""
    coverage: float
    mass: float
    """Share of all points that lie inside."""
    points: int

    def words(self) -> list[str]:
        """Say what the box is, a line an input."""
        return [f"{path} {said(limit)}" for path, limit in self.limits.items()]

    def to_dict(self) -> dict[str, Any]:
        """Return the box as JSON takes it."""
        limits = {path: list(limit) for path, limit in self.limits.items()}
        return {**self.__dict__, "limits": limits, "words": self.words()}


def said(limit: tuple[float, float] | list[Level]) -> str:
    """Say a limit in words."""
    if isinstance(limit, tuple):
        return f"from {limit[0]:.4g} to {limit[1]:.4g}"
    return "is " + " or ".join(str(level) for level in limit)


@dataclass(frozen=True)
class Discovery:
    """Boxes for one outcome of a sweep, the best first."""

    sweep: Sweep
    outcome: str
    overall: float
    """The outcome's probability over all points."""
    wanted: float
    boxes: list[Found]

    def to_dict(self) -> dict[str, Any]:
        """Return everything that `discover --json` prints."""
        head = {
            "sweep": str(self.sweep.folder),
            "outcome": self.outcome,
            "overall": self.overall,
            "wanted": self.wanted,
        }
        return {**head, "boxes": [box.to_dict() for box in self.boxes]}


def discover(
    sweep: Sweep | str | PathLike[str], outcome: str, *, density: float = DENSITY, boxes: int = 1
) -> Discovery:
    """Seek boxes in which an outcome has at least this density, one after the other among the points still uncovered.

    If no box is so dense, the densest is given.
    """
    sweep = sweep if isinstance(sweep, Sweep) else open_sweep(sweep)
    if checked(sweep, outcome) not in sweep.outcomes:
        raise ValueError(f"{outcome} is no outcome that happens or not; there are {', '.join(sweep.outcomes)}")
    density, boxes = float(density), whole("boxes", boxes)
    if not 0 < density <= 1 or not 1 <= boxes <= 20:
        raise ValueError(f"density must be above 0 and at most 1, boxes 1 to 20, not {density:g} and {boxes}")
    plan = sweep.plan
    if plan.points < FEWEST:
        raise ValueError(f"{sweep.folder} has {plan.points} points; {FEWEST} are the fewest to seek boxes in")
    x, y = sweep.positions(), by_point(sweep, [outcome])[outcome]
    if not y.any():
        raise ValueError(f"{outcome} happens nowhere in {sweep.folder}")
    if constant(y):
        raise ValueError(f"{outcome} is the same at every point of {sweep.folder}, {y[0]:.1%} of worlds: no box")
    found = list(sought(x, y, plan.factors, halves(sweep), density, boxes, plan.worlds))
    return Discovery(sweep, outcome, float(y.mean()), density, found)


def halves(sweep: Sweep) -> Mask:
    """Mark the half of the points on which boxes are sought; blocks stay together, for they share coordinates."""
    plan = sweep.plan
    width = len(plan.factors) + BLOCK[plan.kind] if plan.kind in BLOCK else 1
    block = np.arange(plan.points) // width
    half: Mask = np.random.default_rng([plan.seed, plan.points]).permutation(block.max() + 1)[block] % 2 == 0
    return half


def sought(
    x: Array, y: Array, factors: tuple[Factor, ...], half: Mask, density: float, boxes: int, worlds: int
) -> Iterator[Found]:
    """Peel box after box, each on what the earlier ones leave."""
    left = np.ones(len(y), bool)
    categorical = [isinstance(one, Levels) for one in factors]
    for n in range(boxes):
        here = left & half
        if here.sum() < FEWEST / 2 or not y[here].any() or (n > 0 and constant(y[here])):
            return
        peeled = trajectory(x[here], y[here], categorical)
        box = chosen(peeled, x[here], y[here], density)
        yield judged(box, x, y, factors, ~half, worlds)
        left &= ~box.holds(x)


def chosen(boxes: list[Box], x: Array, y: Array, density: float) -> Box:
    """Choose the largest box that is dense enough, else the densest; of boxes equal but for rounding the largest."""
    means = [float(y[box.holds(x)].mean()) for box in boxes]
    wanted = min(density, max(means) * (1 - ROUNDING))
    return next(box for box, mean in zip(boxes, means, strict=True) if mean >= wanted)


def judged(box: Box, x: Array, y: Array, factors: tuple[Factor, ...], fresh: Mask, worlds: int) -> Found:
    """Judge a box on points that did not choose it.

    The interval allows for chance between points, and for chance between worlds as if all points shared every whim of
    theirs, which is the worst that common noise can do.
    """
    inside = box.holds(x)
    shares = y[inside & fresh] if (inside & fresh).any() else y[inside]
    mean = float(shares.mean())
    error = np.sqrt(shares.var() / len(shares) + max(mean * (1 - mean), 1 / (worlds + 4)) / worlds)
    return Found(
        limits=limits_of(box, factors),
        density=mean,
        low=max(0.0, mean - NORMAL * float(error)),
        high=min(1.0, mean + NORMAL * float(error)),
        coverage=float(y[inside & fresh].sum() / max(y[fresh].sum(), 1e-300)),
        mass=float(inside.mean()),
        points=int(inside.sum()),
    )


def limits_of(box: Box, factors: tuple[Factor, ...]) -> dict[str, tuple[float, float] | list[Level]]:
    """Give the limits of a box by path, closed by the ends of what was varied."""
    limits: dict[str, tuple[float, float] | list[Level]] = {}
    for n, one in enumerate(factors):
        if isinstance(one, Levels):
            if n in box.levels:
                limits[one.path] = [one.levels[int(level)] for level in sorted(box.levels[n])]
        elif n in box.spans:
            limits[one.path] = (max(one.low, box.spans[n][0]), min(one.high, box.spans[n][1]))
    return limits
