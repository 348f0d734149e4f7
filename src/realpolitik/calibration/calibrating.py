"""Fits the ranges of a scenario to its dated history and to the quantities it names."""

from os import PathLike

import numpy as np

from realpolitik.calibration.cube import Cube
from realpolitik.calibration.fitness import Fitness
from realpolitik.calibration.moves import Rng
from realpolitik.calibration.narrowing import effective_size, narrowings
from realpolitik.calibration.population import Population, Report, founded, settle
from realpolitik.calibration.result import Calibration
from realpolitik.calibration.screening import PILOT, RARE, batches
from realpolitik.ensembles import MOST_SEED, scenario_of, whole
from realpolitik.posterior import MOST_NUMBERS, MOST_SETTINGS
from realpolitik.scenario import Scenario

ISLANDS = 8
MIXING = 24
"""Walks of the settings once the tolerance stands still."""
FEWEST, MOST = 4 * ISLANDS, MOST_SETTINGS
MOST_WORLDS = 4_096
MOST_MIXING = 10_000
LEAST_ERROR, MOST_ERROR = 0.001, 1_000
"""Months. Scores are in units of the error, and would not be finite numbers in units of much less."""
LAST = 3 * MIXING
"""Moves over which the share of proposals taken is reported."""


def calibrate(
    scenario: str | PathLike[str] | Scenario,
    *,
    seed: int = 1,
    settings: int = 512,
    worlds: int = 64,
    error: float = 1.5,
    mixing: int = MIXING,
    progress: Report | None = None,
) -> Calibration:
    """Sample the settings of a scenario's ranges that would have foretold what happened.

    Parameters
    ----------
    scenario
        A scenario, a path, or the name of a shipped one.
    seed
        0 to 2**63 - 1; the same seed gives the same sample.
    settings
        How many to sample, a multiple of eight.
    worlds
        Worlds that each setting is tried in.
    error
        A setting fits if its own forecast of every dated row is at most this many months off (CRPS: 0 is a sure
        forecast of the very month; a forecast centred on it and 80% sure to within 8 months scores about 1.5).
    mixing
        Walks after the error is reached, where fits are so rare that populations have to walk to them.
    """
    settings, worlds, error = _checked(settings, worlds, error)
    seed, mixing = whole("seed", seed, 0, MOST_SEED), whole("mixing", mixing, 0, MOST_MIXING)
    chosen = scenario_of(scenario)
    cube = Cube.of(chosen)
    if settings * len(cube.paths) > MOST_NUMBERS:
        most = MOST_NUMBERS // len(cube.paths)
        raise ValueError(f"settings must be {most} at most, for each has {len(cube.paths)} numbers; not {settings}")
    fitness = Fitness(chosen, cube, seed=seed, worlds=worlds, error=error)
    rng = np.random.Generator(np.random.PCG64(seed))
    report = progress or _silent
    population = _screened(rng, fitness, settings, report) or _walked(rng, fitness, settings, mixing, report)
    return _result(chosen, fitness, population, seed)


def _checked(settings: int, worlds: int, error: float) -> tuple[int, int, float]:
    """Return the counts and the error as Python's own numbers; ValueError if nothing can be fitted with them."""
    settings = whole("settings", settings)
    if not (FEWEST <= settings <= MOST and settings % ISLANDS == 0):
        raise ValueError(f"settings must be a multiple of {ISLANDS}, {FEWEST} to {MOST}, not {settings}")
    if not LEAST_ERROR <= error <= MOST_ERROR:
        raise ValueError(f"error must be {LEAST_ERROR} to {MOST_ERROR} months, not {error}")
    return settings, whole("worlds", worlds, 1, MOST_WORLDS), float(error)


def _screened(rng: Rng, fitness: Fitness, settings: int, report: Report) -> Population | None:
    """Draw settings until enough fit; None if fits are too rare for that."""
    for drawn, points, scores in batches(rng, fitness):
        report(min(len(points), settings), settings)
        if len(points) >= settings:
            kept, scored = (v[:settings].reshape(ISLANDS, settings // ISLANDS, -1) for v in (points, scores))
            return Population(kept, scored, tolerance=1.0, rates=[len(points) / drawn])
        if drawn >= PILOT and len(points) * RARE < drawn:
            return None
    return None


def _walked(rng: Rng, fitness: Fitness, settings: int, mixing: int, report: Report) -> Population:
    """Let populations walk to where settings fit."""
    population = founded(rng, fitness, ISLANDS, settings // ISLANDS)
    settle(rng, fitness, population, mixing, report)
    return population


def _silent(_done: int, _total: int) -> None:
    return


def _result(scenario: Scenario, fitness: Fitness, population: Population, seed: int) -> Calibration:
    cube, scores = fitness.cube, population.flat(population.scores)
    middle, ninth = np.quantile(scores, [0.5, 0.9], axis=0).tolist()
    rows = {name: {"median": middle[n], "p90": ninth[n]} for n, name in enumerate(fitness.targets.names)}
    walked = population.rungs > 0
    return Calibration(
        scenario=scenario,
        seed=seed,
        worlds=fitness.worlds,
        error=fitness.error,
        tolerance=population.tolerance,
        islands=population.islands,
        rungs=population.rungs,
        method="walking" if walked else "rejection",
        simulations=fitness.played,
        acceptance=float(np.mean(population.rates[-LAST:])),
        sizes=effective_size(population.points) if walked else np.full(len(cube.paths), float(len(scores))),
        paths=cube.paths,
        values=cube.values(population.flat(population.points)),
        rows=rows,
        narrowings=narrowings(cube.paths, cube.low, cube.high, population.points),
    )
