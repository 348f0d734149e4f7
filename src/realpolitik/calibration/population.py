"""Populations of settings that walk towards history: sequential Monte Carlo with approximate Bayesian acceptance.

Sisson, Fan & Tanaka 2007; Del Moral, Doucet & Jasra 2012. Every setting of a population fits within a tolerance.
The tolerance falls until it is the error asked for; the settings then walk on until they have forgotten their origins.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from realpolitik.calibration.cube import Points
from realpolitik.calibration.fitness import Fitness, distance
from realpolitik.calibration.moves import Rng, along_differences, halves, redrawn
from realpolitik.calibration.targets import Scores

SURVIVE = 0.4
"""Share of the settings that a fall of the tolerance leaves at least."""
RUNGS = 30
"""Falls of the tolerance before the search is given up."""
STEPS = 1
"""Walks after each fall."""

Report = Callable[[int, int], None]


@dataclass
class Population:
    """Settings on islands that never meet: that the islands agree is what shows that they have converged."""

    points: npt.NDArray[np.float64]
    """(islands, settings, ranges)."""
    scores: npt.NDArray[np.float64]
    """(islands, settings, rows), in units of each row's error."""
    tolerance: float = np.inf
    rungs: int = 0
    tried: int = 0
    taken: int = 0
    rates: list[float] = field(default_factory=list)
    """Share of the proposals taken, by move."""

    @property
    def islands(self) -> int:
        """How many islands."""
        return len(self.points)

    def flat(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Put islands one after another."""
        return values.reshape(-1, values.shape[-1])

    def distances(self) -> Scores:
        """Return (islands, settings)."""
        return distance(self.flat(self.scores)).reshape(self.scores.shape[:2])


def founded(rng: Rng, fitness: Fitness, islands: int, settings: int) -> Population:
    """Draw the first settings from the whole of their ranges."""
    points = rng.random((islands, settings, len(fitness.cube.paths)))
    scores = fitness.scores(points.reshape(islands * settings, -1))
    return Population(points, scores.reshape(islands, settings, -1))


def settle(rng: Rng, fitness: Fitness, population: Population, mixing: int, report: Report) -> None:
    """Lower the tolerance to 1, the error of every row, and let the settings walk on from there."""
    while population.tolerance > 1.0 and population.rungs < RUNGS:
        lower(rng, population)
        for _ in range(STEPS):
            walk(rng, fitness, population)
        report(population.rungs, RUNGS + mixing)
    for n in range(mixing):
        walk(rng, fitness, population)
        report(RUNGS + n + 1, RUNGS + mixing)


def lower(rng: Rng, population: Population) -> None:
    """Let the tolerance fall so far that SURVIVE of all settings survive, and fill the islands up with their copies."""
    distances = population.distances()
    nearest = np.sort(distances, axis=None)
    population.tolerance = max(1.0, float(nearest[int(SURVIVE * (nearest.size - 1))]))
    population.rungs += 1
    for island, near in enumerate(distances <= population.tolerance):
        kept = np.flatnonzero(near)
        if kept.size:  # an island without survivors stays where it is, and shows in the report
            filled = np.concatenate([kept, kept[rng.integers(0, kept.size, near.size - kept.size)]])
            population.points[island] = population.points[island][filled]
            population.scores[island] = population.scores[island][filled]


def walk(rng: Rng, fitness: Fitness, population: Population) -> None:
    """Let every setting make one move of either kind."""
    for half, other in (halves(population.points.shape[1]), halves(population.points.shape[1])[::-1]):
        proposed = population.points.copy()
        for island, points in enumerate(population.points):
            proposed[island, half] = along_differences(rng, points[half], points[other])
        take(fitness, population, proposed, half)
    everyone = np.arange(population.points.shape[1])
    proposed = np.stack([redrawn(rng, points) for points in population.points])
    take(fitness, population, proposed, everyone)


def take(fitness: Fitness, population: Population, proposed: Points, who: npt.NDArray[np.int64]) -> None:
    """Accept the proposals that lie within the tolerance."""
    tried = proposed[:, who]
    scores = fitness.scores(tried.reshape(-1, tried.shape[-1])).reshape(*tried.shape[:2], -1)
    better = distance(scores.reshape(-1, scores.shape[-1])).reshape(tried.shape[:2]) <= population.tolerance
    for island in range(population.islands):
        chosen = who[better[island]]
        population.points[island, chosen] = tried[island, better[island]]
        population.scores[island, chosen] = scores[island, better[island]]
    population.tried += better.size
    population.taken += int(better.sum())
    population.rates.append(float(better.mean()))
