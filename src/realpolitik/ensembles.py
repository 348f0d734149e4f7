"""Runs an ensemble: many worlds of one scenario, in chunks over threads, summed up in bounded memory."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from math import inf
from operator import index
from os import PathLike, cpu_count
from typing import SupportsIndex

import numpy as np
import numpy.typing as npt

from realpolitik.choices import Uncertainty
from realpolitik.results import Ensemble, Tally
from realpolitik.scenario import Scenario, Setting, Settings, as_settings, load
from realpolitik.uncertainty import draw_numbers, uncertainty_of
from realpolitik_model import Case, Outputs, simulate

CHUNK = 1024
"""Worlds in one piece of work: a few milliseconds of a core, a few megabytes."""
PATHS = 2_000
"""Worlds whose monthly paths are kept, for the fans of issues and leverage."""
MOST_WORLDS = 2**53
MOST_SEED = 2**63 - 1

Progress = Callable[[int, int], None]
"""Called with the worlds done and the worlds asked for."""


def run(
    scenario: str | PathLike[str] | Scenario,
    *,
    worlds: int = 2000,
    seed: int = 1,
    until: str | None = None,
    set: Settings = (),
    theory: str | None = None,
    uncertainty: Uncertainty | None = None,
    progress: Progress | None = None,
    paths: int = PATHS,
) -> Ensemble:
    """Run an ensemble of worlds 0, 1, ..., worlds - 1.

    Parameters
    ----------
    scenario
        A scenario, a path, or the name of a shipped one.
    worlds
        How many, 1 or more. Memory does not grow with them beyond the first ten thousand.
    seed
        0 to 2**63 - 1; world i of a seed is the same to the bit in any ensemble.
    until
        Last month to play, "YYYY-MM"; the scenario's end by default.
    set
        Changes by dotted path, as `--set` takes them.
    theory
        Weight rule: leverage, self-interest, capability or placebo  (E4).
    uncertainty
        "none": every number at its value. "prior": each world draws its numbers from their ranges. "posterior": each
        world takes all of them from one of the settings that `calibrate` found to fit history. By default what the
        scenario's `[meta]` says, which is "none" unless it says otherwise.

    paths
        For how many of the worlds, the first ones, the monthly paths of issues and leverage are kept.

    Examples
    --------
    >>> import realpolitik as rp
    >>> ensemble = rp.run("karabakh", worlds=64, seed=1)
    >>> 0 <= ensemble.probability("withdrawal", by="2024-06") <= 1
    True
    """
    case_scenario = scenario_of(scenario, set, theory)
    uncertainty = uncertainty_of(case_scenario, uncertainty)
    case = case_scenario.case()
    months = months_until(case, until)
    worlds, seed = check_counts(worlds, seed)
    paths = whole("paths", paths, 0, MOST_WORLDS)
    tally = Tally(case, months)
    with ThreadPoolExecutor(cpu_count()) as pool:
        for done, outputs in _chunks(pool, case, case_scenario, worlds, seed, months, uncertainty, paths):
            tally.add(outputs)
            if progress is not None:
                progress(done, worlds)
    return Ensemble(case_scenario, case, seed, worlds, uncertainty, tally)


def scenario_of(scenario: str | PathLike[str] | Scenario, set: Settings = (), theory: str | None = None) -> Scenario:
    """Return a scenario, read if need be, with changes and a weight rule applied."""
    changes = as_settings(set)
    if theory is not None:
        changes.append(Setting("theory.weights", theory))
    if not isinstance(scenario, Scenario):
        scenario = load(scenario)
    return scenario.set(changes) if changes else scenario


def months_until(case: Case, until: str | None) -> int:
    """Return how many months to play up to and including `until`; ValueError if it lies outside the case."""
    if until is None:
        return case.months
    months = case.month_of(until) + 1
    if not 1 <= months <= case.months:
        raise ValueError(f"until {until} lies outside the scenario's {case.start} to {case.dates()[-1]}")
    return months


def check_counts(worlds: int, seed: int) -> tuple[int, int]:
    """Return worlds and seed as Python integers; ValueError if they cannot be run."""
    return whole("worlds", worlds, 1, MOST_WORLDS), whole("seed", seed, 0, MOST_SEED)


def whole(what: str, number: SupportsIndex, least: float = -inf, most: float = inf) -> int:
    """Return an integer of any library as Python's own; ValueError if it is none, or out of range.

    A truth value is no integer, nor is 2.0.
    """
    try:
        if isinstance(number, bool):
            raise TypeError
        found = index(number)
    except TypeError:
        raise ValueError(f"{what} must be a whole number, not {str(number)[:40]}") from None
    if not least <= found <= most:
        raise ValueError(f"{what} must be {least} to {most}, not {found}")
    return found


def _chunks(
    pool: ThreadPoolExecutor,
    case: Case,
    scenario: Scenario,
    worlds: int,
    seed: int,
    months: int,
    uncertainty: Uncertainty,
    paths: int,
) -> Iterator[tuple[int, Outputs]]:
    """Yield chunks in the order of their worlds, a few being worked on ahead."""

    def work(start: int) -> Outputs:
        numbers = np.arange(start, min(start + CHUNK, worlds), dtype=np.int64)
        drawn = draw_numbers(scenario, seed, numbers, uncertainty)
        return simulate(case, numbers, seed=seed, numbers=drawn, months=months, paths=_kept(start, numbers, paths))

    starts = iter(range(0, worlds, CHUNK))
    ahead = range(2 * (cpu_count() or 1))  # first in the zip: the other way round it would take a start and drop it
    waiting = [pool.submit(work, start) for _, start in zip(ahead, starts, strict=False)]
    done = 0
    while waiting:
        outputs = waiting.pop(0).result()
        if (start := next(starts, None)) is not None:
            waiting.append(pool.submit(work, start))
        done += len(outputs.first)
        yield done, outputs


def _kept(start: int, numbers: npt.NDArray[np.int64], paths: int) -> int:
    return max(0, min(numbers.size, paths - start))
