"""Settings drawn from the whole of their ranges and kept if they fit: independent, so there is nothing to converge.

Rejection (Tavare et al. 1997) is affordable because a world is cheap, and because most settings fail on a few worlds.
Where fits are too rare for it, populations have to walk there instead.
"""

from collections.abc import Iterator

import numpy as np

from realpolitik.calibration.cube import Points
from realpolitik.calibration.fitness import Fitness, distance
from realpolitik.calibration.moves import Rng
from realpolitik.calibration.targets import Scores

BATCH = 4_096
"""Settings drawn at a time."""
FEW, LAX = 8, 3.0
"""Worlds of a first trial, and how far off it may be, in units of the error: hardly any fit is lost by it."""
RARE = 10_000
"""Draws for one fit beyond which populations walk instead."""
PILOT = 10 * RARE
"""Draws before it is judged whether fits are too rare: ten would be expected if they were just not."""


def sifted(rng: Rng, fitness: Fitness, count: int) -> tuple[Points, Scores]:
    """Draw settings and keep those that fit; the cheapest question is asked first."""
    points = rng.random((count, len(fitness.cube.paths)))
    points = points[distance(fitness.quantities(points)) <= 1.0]
    points = points[distance(fitness.scores(points, FEW)) <= LAX]
    scores = fitness.scores(points)
    fits = distance(scores) <= 1.0
    return points[fits], scores[fits]


def batches(rng: Rng, fitness: Fitness) -> Iterator[tuple[int, Points, Scores]]:
    """Yield draws so far and what has fitted so far, batch after batch, for ever."""
    points, scores, drawn = [], [], 0
    while True:
        drawn += BATCH
        fitting, scored = sifted(rng, fitness, BATCH)
        points.append(fitting)
        scores.append(scored)
        yield drawn, np.concatenate(points), np.concatenate(scores)
