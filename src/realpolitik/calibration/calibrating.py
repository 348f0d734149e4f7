"""Calibration: samples the settings of a scenario's ranges that fit its history and its measured quantities."""

from os import PathLike

import numpy as np

from realpolitik.calibration.cube import Cube
from realpolitik.calibration.fitness import Fitness
from realpolitik.calibration.result import Calibration, effective_size, narrowings
from realpolitik.calibration.sampling import (
    PILOT,
    RARE,
    Population,
    Rng,
    initial_population,
    lower_and_mix,
    rejection_batches,
)
from realpolitik.choices import whole
from realpolitik.ensembles import MOST_SEED, Progress, scenario_of
from realpolitik.posterior import MOST_NUMBERS, MOST_SETTINGS
from realpolitik.scenario import Scenario

ISLANDS = 8
MIXING = 24
"""MCMC steps after the tolerance has been reached."""
FEWEST, MOST = 4 * ISLANDS, MOST_SETTINGS
MOST_WORLDS = 4_096
MOST_MIXING = 10_000
LEAST_ERROR, MOST_ERROR = 0.001, 1_000
"""Months. Scores are in units of the error, and would overflow for a much smaller one."""
LAST = 3 * MIXING
"""Proposals over which the acceptance is reported."""


def calibrate(
    scenario: str | PathLike[str] | Scenario,
    *,
    seed: int = 1,
    settings: int = 512,
    worlds: int = 64,
    error: float = 1.5,
    mixing: int = MIXING,
    progress: Progress | None = None,
) -> Calibration:
    """Sample the settings of a scenario's ranges that would have predicted what happened.

    Parameters
    ----------
    scenario
        A scenario, a path, or the name of a shipped one.
    seed
        0 to 2**63 - 1; the same seed gives the same sample to the bit.
    settings
        Sample size, a multiple of 8, 32 to 65,536.
    worlds
        Worlds in which each setting is played, 1 to 4,096.
    error
        Months, 0.001 to 1,000. A setting fits if the score (CRPS) of its forecast of every dated row is at most this.
        A forecast that is certain of the right month scores 0; one centred on it, with 80% within 8 months, about 1.5.
    mixing
        MCMC steps after the error is reached, 0 to 10,000; only where fits are too rare for rejection sampling.
    progress
        Called with the work done and all of it.

    Returns
    -------
    Calibration
        Its `values` are (settings, ranges).

    Raises
    ------
    ValueError
        If a parameter is out of range, or the scenario has no ranges or no [history] to fit.
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
    population = _rejection(rng, fitness, settings, report) or _monte_carlo(rng, fitness, settings, mixing, report)
    return _result(chosen, fitness, population, seed)


def _checked(settings: int, worlds: int, error: float) -> tuple[int, int, float]:
    """Return the parameters as Python's own numbers; ValueError if one is out of range."""
    settings = whole("settings", settings)
    if not (FEWEST <= settings <= MOST and settings % ISLANDS == 0):
        raise ValueError(f"settings must be a multiple of {ISLANDS}, {FEWEST} to {MOST}, not {settings}")
    if not LEAST_ERROR <= error <= MOST_ERROR:
        raise ValueError(f"error must be {LEAST_ERROR} to {MOST_ERROR} months, not {error}")
    return settings, whole("worlds", worlds, 1, MOST_WORLDS), float(error)


def _rejection(rng: Rng, fitness: Fitness, settings: int, report: Progress) -> Population | None:
    """Return a sample by rejection, None if fits are too rare for it."""
    for drawn, points, scores in rejection_batches(rng, fitness):
        report(min(len(points), settings), settings)
        if len(points) >= settings:
            kept, scored = (v[:settings].reshape(ISLANDS, settings // ISLANDS, -1) for v in (points, scores))
            return Population(kept, scored, tolerance=1.0, rates=[len(points) / drawn])
        if drawn >= PILOT and len(points) * RARE < drawn:
            return None
    return None


def _monte_carlo(rng: Rng, fitness: Fitness, settings: int, mixing: int, report: Progress) -> Population:
    """Return a sample by sequential Monte Carlo."""
    population = initial_population(rng, fitness, ISLANDS, settings // ISLANDS)
    lower_and_mix(rng, fitness, population, mixing, report)
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
