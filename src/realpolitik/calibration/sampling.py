"""Sampling of settings by the share of their worlds that reproduce history: rejection, or sequential Monte Carlo.

Rejection (Tavare et al. 1997) draws settings independently from their ranges, plays each in one world, and keeps it if
that world reproduces history: with a chance that is the share of its worlds that do. There is nothing to converge. If
such worlds are too rare for it, sequential Monte Carlo (Del Moral, Doucet & Jasra 2012) keeps populations of settings,
weighted by the share of their worlds within a tolerance. The tolerance is lowered until it is the error that was asked
for; MCMC steps then mix the populations. A step is accepted by the ratio of the shares, which are unbiased estimates of
the likelihood (Andrieu & Roberts 2009).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from realpolitik.calibration.cube import Points, reflected
from realpolitik.calibration.fitness import Distances, Fitness, Values, shares, worst
from realpolitik.choices import Progress

Rng = np.random.Generator
REDRAWN = np.array([2.0, 8.0, 32.0])
"""How many numbers of a setting one proposal redraws, on average."""
SHARE = np.array([0.1, 0.3, 1.0])
"""Share of the numbers that a difference proposal changes."""
BATCH = 4_096
"""Settings per batch of rejection sampling, each played in one world."""
RARE = 10_000
"""Worlds per world that reproduces history beyond which sequential Monte Carlo is used."""
PILOT = 10 * RARE
"""Worlds after which it is decided whether such worlds are too rare: at the limit, ten would be expected."""
NONE = 3 * RARE
"""Worlds of which none reproduces history after which the same is decided: at the limit, one in twenty such runs."""
SURVIVE = 0.4
"""Least effective share of the settings that remains when the tolerance is lowered."""
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


class Matches:
    """Counts worlds drawn from the ranges that match each row of history, all rows, and all rows but one."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names, self.worlds, self.all = names, 0, 0
        self.each, self.others = (np.zeros(len(names), np.int64) for _ in range(2))

    def add(self, distances: Distances) -> None:
        """Count the worlds of some settings."""
        within = (distances <= 1.0).reshape(-1, len(self.names))
        missed = (~within).sum(axis=1)
        self.worlds += len(within)
        self.all += int((missed == 0).sum())
        self.each += within.sum(axis=0)
        self.others += (missed[:, None] - ~within == 0).sum(axis=0)

    def blocking(self) -> str:
        """Return the row without which the most worlds would match all; of several, the one matched least often."""
        return self.names[min(range(len(self.names)), key=lambda n: (-self.others[n], self.each[n]))]


@dataclass
class Population:
    """Independent populations ("islands") of settings. Agreement of the islands shows convergence."""

    points: npt.NDArray[np.float64]
    """(islands, settings, ranges)."""
    distances: npt.NDArray[np.float64]
    """(islands, settings, worlds, rows), in units of each row's error."""
    tolerance: float = np.inf
    rungs: int = 0
    rates: list[float] = field(default_factory=list)
    """Share of the worlds that match (rejection), or of the proposals accepted, per kind of proposal and step."""

    @property
    def islands(self) -> int:
        """The number of islands."""
        return len(self.points)

    def flat(self) -> Points:
        """Return the settings of all islands, (settings, ranges)."""
        return self.points.reshape(-1, self.points.shape[-1])

    def shares(self, tolerance: float) -> Values:
        """Return the share of each setting's worlds within a tolerance, (islands, settings)."""
        return shares(self.distances.reshape(-1, *self.distances.shape[2:]), tolerance).reshape(self.points.shape[:2])

    def effective(self) -> float:
        """Return the effective number of settings: fewer than there are if some occur several times."""
        counts = np.unique(self.flat(), axis=0, return_counts=True)[1].astype(float)
        return float(counts.sum() ** 2 / (counts**2).sum())


def draw_matching(rng: Rng, fitness: Fitness, matches: Matches) -> tuple[Points, Distances]:
    """Draw some settings; return those whose world reproduces history, with the distances of these worlds."""
    points = rng.random((BATCH, len(fitness.cube.paths)))
    distances = fitness.distances(points, 1)
    matches.add(distances)
    near = worst(distances)[:, 0] <= 1.0
    return points[near], distances[near]


def rejection_batches(rng: Rng, fitness: Fitness, matches: Matches) -> Iterator[tuple[Points, Distances]]:
    """Yield all settings kept so far, with the distances of their worlds, after each batch, without end."""
    points, distances = [], []
    while True:
        kept, off = draw_matching(rng, fitness, matches)
        points.append(kept)
        distances.append(off)
        yield np.concatenate(points), np.concatenate(distances)


def initial_population(rng: Rng, fitness: Fitness, islands: int, settings: int) -> Population:
    """Return islands of settings drawn from their ranges."""
    points = rng.random((islands, settings, len(fitness.cube.paths)))
    distances = fitness.distances(points.reshape(islands * settings, -1))
    return Population(points, distances.reshape(islands, settings, *distances.shape[1:]))


def lower_and_mix(rng: Rng, fitness: Fitness, population: Population, mixing: int, progress: Progress) -> None:
    """Lower the tolerance to 1, the error of every row, then run `mixing` MCMC steps; in place.

    If the error is not reached there is nothing to mix: the settings are then those that came nearest.
    """
    while population.tolerance > 1.0 and population.rungs < RUNGS:
        lower_tolerance(rng, population)
        for _ in range(STEPS):
            mcmc_step(rng, fitness, population)
        progress(population.rungs, RUNGS + mixing)
    for n in range(mixing if population.tolerance <= 1.0 else 0):
        mcmc_step(rng, fitness, population)
        progress(RUNGS + n + 1, RUNGS + mixing)


def lower_tolerance(rng: Rng, population: Population) -> None:
    """Lower the tolerance so that SURVIVE of all settings remain, and resample each island by its new shares."""
    before = population.shares(population.tolerance)
    population.tolerance = next_tolerance(population, before)
    population.rungs += 1
    after = population.shares(population.tolerance)
    weights = np.divide(after, before, out=np.zeros_like(after), where=before > 0)
    for island, weight in enumerate(weights):
        if weight.sum():  # an island in which no world is near enough is left as it is; R-hat shows it
            chosen = systematic(rng, weight)
            population.points[island] = population.points[island][chosen]
            population.distances[island] = population.distances[island][chosen]


def next_tolerance(population: Population, before: Values) -> float:
    """Return the least tolerance, 1 or more, that leaves an effective SURVIVE of the settings, or the next lower."""
    found = np.unique(np.maximum(1.0, population.distances.max(axis=3, initial=0.0)))
    found = found[found < population.tolerance]
    low, high = 0, len(found) - 1
    while low < high:
        middle = (low + high) // 2
        weight = np.divide(population.shares(found[middle]), before, out=np.zeros_like(before), where=before > 0)
        enough = weight.sum() ** 2 >= SURVIVE * weight.size * (weight**2).sum() and weight.any()
        low, high = (low, middle) if enough else (middle + 1, high)
    return float(found[low]) if len(found) else population.tolerance


def systematic(rng: Rng, weights: Values) -> npt.NDArray[np.int64]:
    """Return as many indices as there are weights, each about in proportion to its weight  (Kitagawa 1996)."""
    edges = np.cumsum(weights) / weights.sum()
    at = (rng.random() + np.arange(weights.size)) / weights.size
    return np.minimum(np.searchsorted(edges, at, side="right"), weights.size - 1)


def mcmc_step(rng: Rng, fitness: Fitness, population: Population) -> None:
    """Make one proposal of each kind for every setting."""
    for half, other in (split_in_halves(population.points.shape[1]), split_in_halves(population.points.shape[1])[::-1]):
        proposed = population.points.copy()
        for island, points in enumerate(population.points):
            proposed[island, half] = difference_proposals(rng, points[half], points[other])
        accept(rng, fitness, population, proposed, half)
    everyone = np.arange(population.points.shape[1])
    proposed = np.stack([redraw_proposals(rng, points) for points in population.points])
    accept(rng, fitness, population, proposed, everyone)


def accept(rng: Rng, fitness: Fitness, population: Population, proposed: Points, who: npt.NDArray[np.int64]) -> None:
    """Replace the settings `who` of each island by their proposals, by the ratio of the shares within the tolerance."""
    tried = proposed[:, who]
    distances = fitness.distances(tried.reshape(-1, tried.shape[-1]))
    new = shares(distances, population.tolerance).reshape(tried.shape[:2])
    old = population.shares(population.tolerance)[:, who]
    taken = rng.random(new.shape) * old < new
    distances = distances.reshape(*tried.shape[:2], *distances.shape[1:])
    for island in range(population.islands):
        chosen = who[taken[island]]
        population.points[island, chosen] = tried[island, taken[island]]
        population.distances[island, chosen] = distances[island, taken[island]]
    population.rates.append(float(taken.mean()))
