"""Runs an ensemble: many worlds of one scenario, in chunks over threads, summed up in bounded memory."""

from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import closing, contextmanager, nullcontext
from itertools import chain
from os import PathLike
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from realpolitik.choices import THEORIES, On, Progress, Uncertainty, brief, mapping, one_of, real, whole
from realpolitik.costs import KEPT, PATHS, chunk_of, paths_kept, players, refuse_unfit
from realpolitik.devices import device_for
from realpolitik.posterior import Posterior, Sampled, posterior_given, posterior_of
from realpolitik.results import Ensemble, Tally
from realpolitik.scenario import Scenario, Setting, Settings, as_settings, bounds
from realpolitik.scenario.core import scenario_given
from realpolitik.scenario.errors import nearest
from realpolitik.scenario.fields import as_month
from realpolitik.uncertainty import draw_numbers, uncertainty_of
from realpolitik_model import Case, simulate
from realpolitik_model.ensemble import Device

T = TypeVar("T")

MOST_WORLDS = 2**53
MOST_SEED = 2**63 - 1
FORESIGHT = "theory.foresight"

Numbered = npt.NDArray[np.int64]
"""(worlds,): consecutive numbers."""


def run(
    scenario: str | PathLike[str] | Scenario,
    *,
    worlds: int = 2000,
    seed: int = 1,
    until: str | None = None,
    set: Settings | None = None,
    theory: str | None = None,
    foresight: int | None = None,
    uncertainty: Uncertainty | None = None,
    posterior: str | PathLike[str] | Sampled | Posterior | None = None,
    progress: Progress | None = None,
    paths: int = PATHS,
    executor: Executor | None = None,
    device: On | None = None,
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
        New values by dotted path, `{"theory.phi": 0.5}`, or texts as `--set` takes them, `["theory.phi=0.5@2024-04"]`.
    theory
        Weight rule: leverage, self-interest, capability or placebo  (E4).
    foresight
        Months that actors look ahead, 0 to 24, as `theory.foresight`  (E5). Each takes about ten times the time of a
        run without foresight.
    uncertainty
        "none": every number at its value. "prior": each world draws its numbers from their ranges. "posterior": each
        world takes all of them from one of the settings that `calibrate` found to fit history. By default what the
        scenario's `[meta]` says, which is "none" unless it says otherwise.
    posterior
        The sample that "posterior" draws from: a file that `calibrate` wrote, or a `Calibration`; by default the file
        in the folder of the scenario. With it, `uncertainty` is "posterior" by default.
    progress
        Called after every chunk with the worlds done and the worlds asked for. If it raises, chunks that have not
        begun are cancelled and the exception is raised here.
    paths
        For how many of the worlds, the first ones, the monthly paths of issues and leverage are kept; fewer if they
        would take more than 256 MiB (`Ensemble.kept.issues` has the number).
    executor
        Where chunks of worlds are played; by default a pool of threads of its own, one per core. At most twice as many
        chunks as cores are submitted at a time, each of about a quarter of a second or less.
    device
        "cpu", "cuda" (an NVIDIA GPU) or "auto" (a GPU if there is one); by default that of `playing_on`, else "cpu".
        The worlds are the same to the bit.

    Returns
    -------
    Ensemble
        Probabilities, months and measures of outcomes, and paths of issues and leverage.

    Raises
    ------
    ValueError
        For a count, a month or a setting that is out of range, or a posterior that was not fitted to the scenario.
    MemoryError
        If the run would not fit into the memory that is free; nothing is played.
    RuntimeError
        If "cuda" is asked for and there is no GPU that can be used; the message says why.

    Examples
    --------
    >>> import realpolitik as rp
    >>> ensemble = rp.run("karabakh", worlds=64, seed=1)
    >>> 0 <= ensemble.probability("withdrawal", by="2024-06") <= 1
    True
    """
    case_scenario = scenario_of(scenario, set, theory, foresight)
    if posterior is not None and uncertainty is None:
        uncertainty = "posterior"
    uncertainty = uncertainty_of(case_scenario, uncertainty)
    if posterior is not None and uncertainty != "posterior":
        raise ValueError(f"posterior is drawn from with the uncertainty 'posterior', not with {uncertainty!r}")
    sample = None
    if uncertainty == "posterior":
        sample = posterior_of(case_scenario) if posterior is None else posterior_given(case_scenario, posterior)
    case = case_scenario.case()
    months = months_until(case, until, "until")
    worlds, seed = check_counts(worlds, seed)
    paths = whole("paths", paths, 0, MOST_WORLDS)
    ahead = drawn_foresight(case_scenario, uncertainty)
    kept, chunk = paths_kept(case, months, paths), chunk_of(case, months, ahead)
    drawn = greatest(case_scenario, uncertainty)

    def play(playing: Device | None, numbers: Numbered) -> list[Tally]:
        start = int(numbers[0])
        own = draw_numbers(case_scenario, seed, numbers, uncertainty, sample)
        with_paths = max(0, min(numbers.size, kept - start))
        outputs = simulate(case, numbers, seed=seed, numbers=own, months=months, paths=with_paths, device=playing)
        # in chunks of one size, so that sums have the same bits on every device
        parts = range(0, numbers.size, chunk)
        return [Tally(outputs.part(slice(n, n + chunk)), months, KEPT - start - n) for n in parts]

    report = progress or _silent
    with in_batches(case, play, worlds, months, chunk, drawn, paths, executor, device) as batches:
        chunks = chain.from_iterable(batches)
        tally = next(chunks)
        report(tally.worlds, worlds)
        for later in chunks:
            tally.add(later)
            report(tally.worlds, worlds)
    settings = 0 if sample is None else sample.settings
    return Ensemble(case_scenario, case, seed, worlds, uncertainty, tally, posterior_settings=settings)


def scenario_of(
    scenario: str | PathLike[str] | Scenario,
    set: Settings | None = None,
    theory: str | None = None,
    foresight: int | None = None,
) -> Scenario:
    """Return a scenario, read if need be, with changes, a weight rule and a foresight applied."""
    changes = [*as_settings(set), *theory_settings(theory, foresight)]
    found = scenario_given("scenario", scenario)
    return found.set(changes) if changes else found


def theory_settings(theory: str | None, foresight: int | None) -> list[Setting]:
    """Return the changes that `--theory` and `--foresight` stand for; ValueError if one is none, or out of range."""
    changes = [] if theory is None else [Setting("theory.weights", one_of("theory", theory, THEORIES))]
    if foresight is not None:
        low, high = map(int, bounds(FORESIGHT))
        changes.append(Setting(FORESIGHT, float(whole("foresight", foresight, low, high))))
    return changes


def greatest(scenario: Scenario, uncertainty: Uncertainty) -> dict[str, float]:
    """Return dotted path -> the greatest value of each number that is drawn from a range."""
    return {} if uncertainty == "none" else {path: high for path, (_, high) in scenario.ranges.items()}


def drawn_foresight(scenario: Scenario, uncertainty: Uncertainty) -> int:
    """Return how many months actors look ahead at most where foresight is drawn from a range; 0 if it is not."""
    return int(greatest(scenario, uncertainty).get(FORESIGHT, 0))


def month_in(case: Case, date: str, name: str) -> int:
    """Return which month of a case a date is; ValueError, with the name of the parameter, if it is none of them."""
    month = case.month_of(as_month(name, date))
    if not 0 <= month < case.months:
        raise ValueError(f"{name} {date} is outside the scenario's {case.start} to {case.dates()[-1]}")
    return month


def numbers_given(case: Case, numbers: Mapping[str, float] | None) -> dict[str, float]:
    """Return dotted path -> number of a world; ValueError for what is no number, or none of the case."""
    found = mapping({} if numbers is None else numbers)
    if found is None:
        raise ValueError(f"numbers must be a mapping of dotted path to number, not {brief(numbers)}")
    for path in found:
        if path not in case.paths:
            hint = nearest(str(path), case.paths)
            raise ValueError(f"numbers: there is no number {path!r}" + (f"; did you mean {hint!r}?" if hint else ""))
    return {path: real(f"numbers: {path}", value) for path, value in found.items()}


def months_until(case: Case, last: str | None, name: str) -> int:
    """Return how many months to play up to and including the last; ValueError if it is none of the case."""
    return case.months if last is None else month_in(case, last, name) + 1


def check_counts(worlds: int, seed: int) -> tuple[int, int]:
    """Return worlds and seed as Python integers; ValueError if they cannot be run."""
    return whole("worlds", worlds, 1, MOST_WORLDS), whole("seed", seed, 0, MOST_SEED)


@contextmanager
def in_batches(
    case: Case,
    play: Callable[[Device | None, Numbered], T],
    worlds: int,
    months: int,
    chunk: int,
    greatest: Mapping[str, float],
    paths: int = 0,
    executor: Executor | None = None,
    device: On | None = None,
) -> Iterator[Iterator[T]]:
    """Play worlds 0, 1, ..., worlds - 1 of a case in batches, a few ahead; a `with` statement yields their results.

    At the end of the statement, batches that have not begun are cancelled.

    Parameters
    ----------
    play
        Called by several threads with a device, None for the processor, and the worlds of a batch. What it returns
        waits for its turn, so it should hold no more than is needed.
    chunk
        Worlds of a batch on the processor; on a GPU it is a multiple of that.
    greatest
        The numbers that differ by world: dotted path -> the greatest value.
    months, paths, executor, device
        As for `run`.

    Raises
    ------
    MemoryError
        If they would not fit into the memory that is free; nothing is played.
    """
    playing, batch = device_for(case, greatest, chunk, device)
    refuse_unfit(case, worlds, months, paths, None if playing is None else batch, len(greatest))
    threads = players(playing is not None)

    def part(start: int) -> T:
        return play(playing, np.arange(start, min(start + batch, worlds), dtype=np.int64))

    with (
        ThreadPoolExecutor(threads) if executor is None else nullcontext(executor) as pool,
        closing(_in_order(pool, part, range(0, worlds, batch), 2 * threads)) as results,
    ):
        yield results


def _in_order(pool: Executor, play: Callable[[int], T], starts: range, most: int) -> Generator[T, None, None]:
    """Yield results in the order of their worlds, `most` being played or waiting; cancel those if the caller stops."""
    ahead: deque[Future[T]] = deque()
    try:
        for start in starts:
            ahead.append(pool.submit(play, start))
            if len(ahead) == most:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()
    finally:
        for future in ahead:
            future.cancel()


def _silent(_done: int, _all: int) -> None:
    return
