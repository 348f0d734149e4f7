"""Calibration: samples the settings of a scenario's ranges that fit its history and its measured quantities."""

from collections.abc import Callable
from os import PathLike
from time import monotonic
from typing import Any

import numpy as np
import numpy.typing as npt

from realpolitik.calibration.cube import Cube, Points
from realpolitik.calibration.fitness import Distances, Fitness, dated, worst
from realpolitik.calibration.result import Calibration, effective_size, narrowings
from realpolitik.calibration.sampling import (
    NONE,
    PILOT,
    RARE,
    RUNGS,
    STEPS,
    Matches,
    Population,
    Rng,
    initial_population,
    lower_and_mix,
    rejection_batches,
)
from realpolitik.choices import On, Progress, real, whole
from realpolitik.costs import span
from realpolitik.ensembles import MOST_SEED, scenario_of
from realpolitik.posterior import MOST_NUMBERS, MOST_SETTINGS
from realpolitik.results import month_by
from realpolitik.scenario import Scenario
from realpolitik_model.engine.compiling import FIRST_CALLS

ISLANDS = 8
MIXING = 24
"""MCMC steps after the tolerance has been reached."""
FEWEST, MOST = 4 * ISLANDS, MOST_SETTINGS
MOST_WORLDS = 4_096
MOST_MIXING = 10_000
LEAST_ERROR, MOST_ERROR = 0.001, 1_000
"""Months. Distances are in units of the error, and would overflow for a much smaller one."""
LAST = 3 * MIXING
"""Proposals over which the acceptance is reported."""


def calibrate(
    scenario: str | PathLike[str] | Scenario,
    *,
    seed: int = 1,
    settings: int = 512,
    worlds: int = 4,
    error: float = 3.0,
    mixing: int = MIXING,
    progress: Progress | None = None,
    notice: Callable[[str], None] | None = None,
    device: On | None = None,
) -> Calibration:
    """Sample the settings of a scenario's ranges in proportion to the share of their worlds that reproduce history.

    Parameters
    ----------
    scenario
        A scenario, a path, or the name of a shipped one.
    seed
        0 to 2**63 - 1; the same seed gives the same sample to the bit.
    settings
        Sample size, a multiple of 8, 32 to 65,536.
    worlds
        Worlds in which each setting is played, 1 to 4,096, where sequential Monte Carlo is needed; else it is one.
    error
        Months, 0.001 to 1,000. A world reproduces the history if every dated outcome happens within this time of its
        date, and every measured ratio lies within its own error.
    mixing
        MCMC steps after the error is reached, 0 to 10,000; only where such worlds are too rare for rejection sampling.
    progress
        Called with the work done and all of it.
    notice
        Called with a message if worlds that reproduce history are rare: how rare, and how long sampling will take.
    device
        As for `run`.

    Returns
    -------
    Calibration
        Its `values` are (settings, ranges).

    Raises
    ------
    ValueError
        If a parameter is out of range, or the scenario has no ranges or no [history] to fit.

    Examples
    --------
    >>> import realpolitik as rp
    >>> sample = rp.calibrate("karabakh", settings=32, error=12)
    >>> sample.values.shape
    (32, 184)
    """
    settings, worlds, error = _checked(settings, worlds, error)
    seed, mixing = whole("seed", seed, 0, MOST_SEED), whole("mixing", mixing, 0, MOST_MIXING)
    chosen = scenario_of(scenario)
    cube = Cube.of(chosen)
    if settings * len(cube.paths) > MOST_NUMBERS:
        most = MOST_NUMBERS // len(cube.paths)
        raise ValueError(f"settings must be {most} at most, for each has {len(cube.paths)} numbers; not {settings}")
    fitness = Fitness(chosen, cube, seed=seed, worlds=worlds, error=error, device=device)
    rng = np.random.Generator(np.random.PCG64(seed))
    report = progress or _silent
    matches = Matches(fitness.targets.names)
    start = _clock()
    population = _rejection(rng, fitness, settings, matches, report)
    if population is None:
        if notice is not None:
            notice(_rare(matches, settings * worlds, mixing, _clock() - start))
        population = _monte_carlo(rng, fitness, settings, mixing, report)
    return _result(chosen, fitness, population, matches, rng, seed)


def _clock() -> float:
    """Return seconds from some moment, without those in which the model was compiled."""
    return monotonic() - FIRST_CALLS.seconds


def _checked(settings: int, worlds: int, error: float) -> tuple[int, int, float]:
    """Return the parameters as Python's own numbers; ValueError if one is out of range."""
    settings = whole("settings", settings)
    if not (FEWEST <= settings <= MOST and settings % ISLANDS == 0):
        raise ValueError(f"settings must be a multiple of {ISLANDS}, {FEWEST} to {MOST}, not {settings}")
    return settings, whole("worlds", worlds, 1, MOST_WORLDS), check_error(error)


def check_error(error: float) -> float:
    """Return an error in months as Python's own number; ValueError if it is out of range."""
    found = real("error", error)
    if not LEAST_ERROR <= found <= MOST_ERROR:
        raise ValueError(f"error must be {LEAST_ERROR} to {MOST_ERROR} months, not {error}")
    return found


def _rejection(rng: Rng, fitness: Fitness, settings: int, matches: Matches, report: Progress) -> Population | None:
    """Return a sample by rejection, None if worlds that reproduce history are too rare for it."""
    for points, distances in rejection_batches(rng, fitness, matches):
        report(min(len(points), settings), settings)
        if len(points) >= settings:
            kept, off = (v[:settings].reshape(ISLANDS, -1, *v.shape[1:]) for v in (points, distances))
            return Population(kept, off, tolerance=1.0, rates=[matches.all / matches.worlds])
        rare = matches.worlds >= PILOT and len(points) * RARE < matches.worlds
        if rare or (matches.worlds >= NONE and not len(points)):
            return None
    return None


def _rare(matches: Matches, each: int, mixing: int, seconds: float) -> str:
    """Say how rare worlds are that reproduce history, and how long sequential Monte Carlo will take at most."""
    steps = 1 + 2 * (STEPS * RUNGS + mixing)
    return (
        f"of {matches.worlds:,} worlds of the ranges {matches.all:,} reproduce the history, so settings are sampled "
        f"step by step: {each * steps:,} worlds, {span(each * steps * seconds / matches.worlds)} at most"
    )


def _monte_carlo(rng: Rng, fitness: Fitness, settings: int, mixing: int, report: Progress) -> Population:
    """Return a sample by sequential Monte Carlo."""
    population = initial_population(rng, fitness, ISLANDS, settings // ISLANDS)
    lower_and_mix(rng, fitness, population, mixing, report)
    return population


def _silent(_done: int, _total: int) -> None:
    return


def _result(
    scenario: Scenario, fitness: Fitness, population: Population, matches: Matches, rng: Rng, seed: int
) -> Calibration:
    cube, walked = fitness.cube, population.rungs > 0
    effective = population.effective()
    sizes = effective_size(population.points) if walked else np.full(len(cube.paths), effective)
    drawn, kept = rng.random(population.flat().shape), population.flat()
    searched, after = fitness.played, fitness.distances(kept)
    return Calibration(
        scenario=scenario,
        seed=seed,
        worlds=fitness.worlds,
        error=fitness.error,
        tolerance=population.tolerance,
        islands=population.islands,
        rungs=population.rungs,
        method="walking" if walked else "rejection",
        simulations=searched,
        acceptance=float(np.mean(population.rates[-LAST:])),
        effective=min(effective, float(np.median(sizes))),
        sizes=sizes,
        paths=cube.paths,
        values=cube.values(kept),
        rows=_rows(fitness, matches, after),
        matching={"ranges": (matches.all, matches.worlds), "sample": _matching(after)},
        blocking=matches.blocking(),
        span=(fitness.case.start, fitness.case.dates()[fitness.targets.months - 1]),
        predicted=_predicted(scenario, fitness, drawn, kept),
        narrowings=narrowings(cube.paths, cube.low, cube.high, population.points),
    )


def _matching(after: Distances) -> tuple[int, int]:
    """Return how many worlds reproduce the history, and how many there are."""
    near = worst(after) <= 1.0
    return int(near.sum()), near.size


def _rows(fitness: Fitness, matches: Matches, after: Distances) -> dict[str, dict[str, float]]:
    """Return the share of worlds that match each fitted row: of the ranges, given all other rows, and of the sample."""
    within = (after <= 1.0).mean(axis=(0, 1))
    return {
        name: {
            "prior": float(matches.each[n] / matches.worlds),
            "given_others": float(matches.all / matches.others[n]) if matches.others[n] else 0.0,
            "sample": float(within[n]),
        }
        for n, name in enumerate(fitness.targets.names)
    }


def _predicted(scenario: Scenario, fitness: Fitness, drawn: Points, kept: Points) -> list[dict[str, Any]]:
    """Return when the outcome of every row of history happens, in worlds of the ranges and of the sample."""
    prior, posterior = (fitness.firsts(points) for points in (drawn, kept))
    found = []
    for name, row in scenario.document["history"].items():
        target = dated(fitness.case, name, row)
        if target is None:
            continue
        months = {kind: _months(fitness, first[:, :, target.outcome].ravel())
                  for kind, first in (("prior", prior), ("posterior", posterior))}  # fmt: skip
        about = {key: row[key] for key in ("outcome", "date", "until", "holdout")}
        found.append({"row": name, **about, **months})
    return found


def _months(fitness: Fitness, first: npt.NDArray[np.int16]) -> dict[str, str | None]:
    """Return the months by which 10%, 50% and 90% of worlds have had an outcome, None for later than was played."""
    played, names = fitness.targets.months, fitness.case.dates()
    counts = np.bincount(first[(first >= 0) & (first < played)], minlength=played)
    at = {key: month_by(counts, share * first.size) for key, share in (("p10", 0.1), ("median", 0.5), ("p90", 0.9))}
    return {key: names[month] if month < played else None for key, month in at.items()}
