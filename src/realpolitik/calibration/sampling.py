"""Sampling of settings that fit: rejection sampling and, if fits are too rare for it, sequential Monte Carlo.

Rejection (Tavare et al. 1997) draws settings independently from their ranges and keeps those that fit, so there is
nothing to converge. Sequential Monte Carlo with approximate Bayesian acceptance (Sisson, Fan & Tanaka 2007; Del Moral,
Doucet & Jasra 2012) keeps populations of settings, all within a tolerance. The tolerance is lowered until it is the
error that was asked for; MCMC steps then mix the populations.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from realpolitik.calibration.cube import Points, reflected
from realpolitik.calibration.fitness import Fitness, Scores, distance
from realpolitik.ensembles import Progress

Rng = np.random.Generator
REDRAWN = np.array([2.0, 8.0, 32.0])
"""How many numbers of a setting one proposal redraws, on average."""
SHARE = np.array([0.1, 0.3, 1.0])
"""Share of the numbers that a difference proposal changes."""
BATCH = 4_096
"""Settings per batch of rejection sampling."""
FEW, LAX = 8, 3.0
"""Worlds of a first trial, and the distance beyond which a setting is dropped after it; hardly any fit is lost."""
RARE = 10_000
"""Draws per fit beyond which sequential Monte Carlo is used."""
PILOT = 10 * RARE
"""Draws after which it is decided whether fits are too rare: at the limit, ten fits would be expected."""
SURVIVE = 0.4
"""Least share of the settings that stays within the tolerance when it is lowered."""
RUNGS = 30
"""How often the tolerance is lowered at most."""
STEPS = 1
"""MCMC steps after each lowering."""


def redraw_proposals(rng: Rng, points: Points) -> Points:
    """Return proposals (settings, ranges) in which a few numbers of each setting are redrawn from their ranges."""
    count, ranges = points.shape
    few = REDRAWN[rng.integers(0, REDRAWN.size, count)][:, None]
    return np.where(rng.random((count, ranges)) * ranges < few, rng.random((count, ranges)), points)


def difference_proposals(rng: Rng, points: Points, others: Points) -> Points:
    """Return proposals (settings, ranges): a step along the difference of two `others`, with noise (ter Braak 2006)."""
    count, ranges = points.shape
    one, two = rng.integers(0, len(others), (2, count))
    share = SHARE[rng.integers(0, SHARE.size, count)][:, None]
    length = np.minimum(1.0, 1.68 / np.sqrt(np.maximum(share * ranges, 1.0))) * (0.25 + rng.random((count, 1)))
    step = length * (others[one] - others[two]) + 0.02 * (rng.random((count, ranges)) - 0.5)
    return reflected(np.where(rng.random((count, ranges)) < share, points + step, points))


def split_in_halves(count: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the indices of two halves of a population; each half uses differences within the other."""
    return np.arange(0, count, 2), np.arange(1, count, 2)


def draw_accepted(rng: Rng, fitness: Fitness, count: int) -> tuple[Points, Scores]:
    """Return the settings that fit among `count` draws, with their scores; the cheapest tests come first."""
    points = rng.random((count, len(fitness.cube.paths)))
    points = points[distance(fitness.quantities(points)) <= 1.0]
    points = points[distance(fitness.scores(points, FEW)) <= LAX]
    scores = fitness.scores(points)
    fits = distance(scores) <= 1.0
    return points[fits], scores[fits]


def rejection_batches(rng: Rng, fitness: Fitness) -> Iterator[tuple[int, Points, Scores]]:
    """Yield the number of draws, and all settings that fit with their scores, after each batch, without end."""
    points, scores, drawn = [], [], 0
    while True:
        drawn += BATCH
        fitting, scored = draw_accepted(rng, fitness, BATCH)
        points.append(fitting)
        scores.append(scored)
        yield drawn, np.concatenate(points), np.concatenate(scores)


@dataclass
class Population:
    """Independent populations ("islands") of settings. Agreement of the islands shows convergence."""

    points: npt.NDArray[np.float64]
    """(islands, settings, ranges)."""
    scores: npt.NDArray[np.float64]
    """(islands, settings, rows), in units of each row's error."""
    tolerance: float = np.inf
    rungs: int = 0
    tried: int = 0
    taken: int = 0
    rates: list[float] = field(default_factory=list)
    """Share of the proposals accepted, per kind of proposal and step."""

    @property
    def islands(self) -> int:
        """The number of islands."""
        return len(self.points)

    def flat(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return values (islands, settings, ...) as (islands * settings, ...)."""
        return values.reshape(-1, values.shape[-1])

    def distances(self) -> Scores:
        """Return the distance of each setting, (islands, settings), in units of the error."""
        return distance(self.flat(self.scores)).reshape(self.scores.shape[:2])


def initial_population(rng: Rng, fitness: Fitness, islands: int, settings: int) -> Population:
    """Return islands of settings drawn from their ranges."""
    points = rng.random((islands, settings, len(fitness.cube.paths)))
    scores = fitness.scores(points.reshape(islands * settings, -1))
    return Population(points, scores.reshape(islands, settings, -1))


def lower_and_mix(rng: Rng, fitness: Fitness, population: Population, mixing: int, progress: Progress) -> None:
    """Lower the tolerance to 1, the error of every row, then run `mixing` MCMC steps; in place."""
    while population.tolerance > 1.0 and population.rungs < RUNGS:
        lower_tolerance(rng, population)
        for _ in range(STEPS):
            mcmc_step(rng, fitness, population)
        progress(population.rungs, RUNGS + mixing)
    for n in range(mixing):
        mcmc_step(rng, fitness, population)
        progress(RUNGS + n + 1, RUNGS + mixing)


def lower_tolerance(rng: Rng, population: Population) -> None:
    """Lower the tolerance so that SURVIVE of all settings remain, and resample each island from those that remain."""
    distances = population.distances()
    nearest = np.sort(distances, axis=None)
    population.tolerance = max(1.0, float(nearest[int(SURVIVE * (nearest.size - 1))]))
    population.rungs += 1
    for island, near in enumerate(distances <= population.tolerance):
        kept = np.flatnonzero(near)
        if kept.size:  # an island without survivors is left as it is; R-hat shows it
            filled = np.concatenate([kept, kept[rng.integers(0, kept.size, near.size - kept.size)]])
            population.points[island] = population.points[island][filled]
            population.scores[island] = population.scores[island][filled]


def mcmc_step(rng: Rng, fitness: Fitness, population: Population) -> None:
    """Make one proposal of each kind for every setting."""
    for half, other in (split_in_halves(population.points.shape[1]), split_in_halves(population.points.shape[1])[::-1]):
        proposed = population.points.copy()
        for island, points in enumerate(population.points):
            proposed[island, half] = difference_proposals(rng, points[half], points[other])
        accept(fitness, population, proposed, half)
    everyone = np.arange(population.points.shape[1])
    proposed = np.stack([redraw_proposals(rng, points) for points in population.points])
    accept(fitness, population, proposed, everyone)


def accept(fitness: Fitness, population: Population, proposed: Points, who: npt.NDArray[np.int64]) -> None:
    """Replace the settings `who` of each island by their proposals where these are within the tolerance."""
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
