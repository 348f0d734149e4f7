"""The contestants: what each is, and how it runs worlds 0, 1, 2, ... of seed 1."""

import multiprocessing
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np

import realpolitik as rp
from benchmarks.about import ABOUT
from benchmarks.compiled import Compiled
from benchmarks.mesa_model import World
from benchmarks.mesa_reading import Rows
from benchmarks.results import Results, results_of
from benchmarks.twin import twin
from realpolitik.costs import CHUNK
from realpolitik_model import LeverageModel, Outputs, simulate

SEED = 1
PROCESSES = 2
LANES_NAME = "(e) C, 32 worlds side by side"


class Sample(NamedTuple):
    """One timed run."""

    results: Results
    wall: float
    """Seconds."""
    cpu: float
    """Seconds of all threads and processes."""


@dataclass(frozen=True)
class Contestant:
    """One way to run the worlds of a scenario."""

    key: str
    name: str
    about: str
    worlds: int
    """In one timed run."""
    play: Callable[[int], Sample]
    checked: int
    """How many worlds must agree before anything is timed."""
    all_cores: bool = False
    """Whether it uses every core; else one."""


def timed(run: Callable[[int], Results]) -> Callable[[int], Sample]:
    """Time what runs in this process, on however many threads."""

    def play(worlds: int) -> Sample:
        wall, cpu = time.perf_counter(), time.process_time()
        results = run(worlds)
        return Sample(results, time.perf_counter() - wall, time.process_time() - cpu)

    return play


# --- (a) Mesa, one world a model ---

_rows: dict[str, Rows] = {}


def prepare(document: Any) -> None:
    """Read the rows, once a process."""
    _rows["base"] = Rows(document)


def play_mesa(numbers: range) -> tuple[list[list[Any]], float]:
    """Run some worlds, each as a model; return what they left and the processor's seconds."""
    cpu = time.process_time()
    left = [mesa_world(_rows["base"], world) for world in numbers]
    return left, time.process_time() - cpu


def mesa_world(rows: Rows, world: int) -> list[Any]:
    """Run one world and return what it left, in the order of `Results`."""
    model = World(rows, seed=SEED, world=world)
    for _ in range(rows.months):
        model.step()
    return [model.first, model.x, model.price, model.measured, model.made, model.refused]


def results_from(worlds: list[list[Any]]) -> Results:
    """Put what worlds left side by side."""
    return Results(*(np.array(part) for part in zip(*worlds, strict=True)))


class MesaPool:
    """Two processes that run the scalar Mesa model, started before anything is timed."""

    def __init__(self, document: Any) -> None:
        context = multiprocessing.get_context("spawn")
        self.pool = ProcessPoolExecutor(PROCESSES, context, prepare, (document,))

    def play(self, worlds: int) -> Sample:
        """Run worlds in as many pieces as there are processes."""
        edges = [worlds * n // PROCESSES for n in range(PROCESSES + 1)]
        wall = time.perf_counter()
        pieces = list(self.pool.map(play_mesa, [range(*edges[n : n + 2]) for n in range(PROCESSES)]))
        wall = time.perf_counter() - wall
        return Sample(
            results_from([world for left, _ in pieces for world in left]), wall, sum(cpu for _, cpu in pieces)
        )


# --- (b) the twin, (c) the lifted model, (d) the ensemble path ---


def run_twin(document: Any, worlds: int) -> Results:
    """Run worlds by the plain-Python twin."""
    left = []
    for number in range(worlds):
        world = twin.run(document, seed=SEED, world=number)
        measured = [0.0 if value is None else value for value in world.value.values()]
        made, refused = ([len(months) for months in counts.values()] for counts in (world.made, world.refused))
        final = list(world.issues[-1].values())
        left.append([list(world.first.values()), final, list(world.prices.values()), measured, made, refused])
    return results_from(left)


def run_lifted(case: Any, worlds: int) -> Results:
    """Run worlds as one Mesa model that carries them all."""
    model = LeverageModel(case, worlds=worlds, rng=SEED)
    for _ in range(case.months):
        model.step()
    first = np.stack([model.happened(outcome) for outcome in case.outcomes], axis=1)
    return Results(first, np.stack([model.issue(issue) for issue in case.issues], axis=1))


def run_one_core(case: Any, worlds: int) -> Results:
    """Run worlds by the ensemble path, chunk after chunk on one thread."""
    starts = range(0, worlds, CHUNK)
    chunks = [simulate(case, np.arange(n, min(n + CHUNK, worlds)), seed=SEED) for n in starts]
    return results_of(Outputs(*(np.concatenate(parts) for parts in zip(*chunks, strict=True))))


def run_ensemble(scenario: Any, worlds: int) -> Results:
    """Run worlds as `realpolitik run` does, on every core."""
    return results_of(rp.run(scenario, worlds=worlds, seed=SEED, paths=0).kept)


# --- All of them ---


def contestants(scenario: Any) -> list[Contestant]:
    """Return all contestants on one scenario, in the order of the page."""
    case, document = scenario.case(), dict(scenario.document)
    lifted = timed(lambda worlds: run_lifted(case, worlds))
    mesa, one, every = (
        MesaPool(document).play,
        timed(lambda worlds: run_one_core(case, worlds)),
        timed(lambda worlds: run_ensemble(scenario, worlds)),
    )
    single, lanes = (Compiled(source, document) for source in ("worlds", "lanes"))
    every_lane = timed(partial(lanes.run_on, PROCESSES))
    twin_run = timed(lambda worlds: run_twin(document, worlds))
    return [
        Contestant("mesa", "(a) Mesa, one world a model", ABOUT["mesa"], 80, mesa, 80, all_cores=True),
        Contestant("twin", "(b) plain-Python twin", ABOUT["twin"], 6, twin_run, 3),
        *(
            Contestant(
                f"lifted{n}",
                f"(c) lifted Mesa model, {n:,} world{'' if n == 1 else 's'}",
                ABOUT["lifted"],
                n,
                lifted,
                min(n, 1000),
            )
            for n in (1, 100, 1000, 10_000)
        ),
        Contestant("one", "(d) ensemble path, one core", ABOUT["one"], 16_384, one, 2048),
        Contestant("every", "(d) ensemble path, all cores", ABOUT["every"], 32_768, every, 10_000, all_cores=True),
        Contestant("worlds", "(e) C, one world at a time", ABOUT["worlds"], 16_384, timed(single.run), 10_000),
        Contestant("lanes", f"{LANES_NAME}, one core", ABOUT["lanes"], 32_768, timed(lanes.run), 10_000),
        Contestant("lanes_all", f"{LANES_NAME}, all cores", ABOUT["lanes"], 65_536, every_lane, 10_000, all_cores=True),
    ]
