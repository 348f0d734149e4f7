"""The section on cost: how it grows with worlds, months, actors, issues, rows and moves."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np

import realpolitik as rp
from benchmarks.agreement import Disagreement
from benchmarks.growing import ABOUT, grown
from benchmarks.markdown import paragraphs, seconds, table
from benchmarks.measuring import interleaved, median
from realpolitik_model import Case, simulate

WORLDS = (1_000, 10_000, 100_000, 1_000_000)
BUDGET = 400_000
"""Worlds of one size in all rounds together: a million is run once."""
TIMES = (1, 2, 4)
ENSEMBLE = 2_048
HORIZONS = (1, 3, 6, 12)
FORESEEING = 256
"""Worlds of one run with foresight."""


def section(rounds: int, say: Callable[[str], None], quick: bool = False) -> str:
    """Time growing ensembles and growing scenarios, and return the section."""
    scenario = rp.load("karabakh")
    return paragraphs(
        "## Cost",
        "### Worlds",
        "`realpolitik.run`, all cores, no paths kept.",
        worlds_table(scenario, rounds, WORLDS[:3] if quick else WORLDS, say),
        "### The size of the scenario",
        f"{ENSEMBLE:,} worlds on one thread; each scenario is the base case and more of one thing, added so that no "
        "event of any world comes out otherwise (checked before timing; only more months bring more events). Times are "
        "against the base case in the same round.",
        sizes_table(scenario, rounds, say),
        "### Foresight",
        f"{FORESEEING:,} worlds of the base case on one thread, by how many months actors look ahead "
        "(`theory.foresight`). Times per world are against those without foresight in the same round.",
        foresight_table(scenario, rounds, say),
    )


def worlds_table(scenario: Any, rounds: int, sizes: tuple[int, ...], say: Callable[[str], None]) -> str:
    """Time ensembles of several sizes."""
    rp.run(scenario, worlds=1_000, paths=0)
    found: dict[int, list[float]] = {size: [] for size in sizes}
    for n in range(rounds):
        say(f"worlds, round {n + 1} of {rounds}")
        for size in sizes:
            if not found[size] or len(found[size]) * size < BUDGET:
                found[size].append(cpu_per_world(scenario, size))
    least = median(found[sizes[0]])
    rows = [
        [f"{size:,}", str(len(took)), micro(median(took)), f"{median(took) / least:.2f}"]
        for size, took in found.items()
    ]
    return table(["worlds", "rounds", "CPU per world", f"of that with {sizes[0]:,}"], rows)


def cpu_per_world(scenario: Any, worlds: int) -> float:
    """Return the processor's seconds a world; small ensembles are run several times over."""
    repeats = max(1, 10_000 // worlds)
    cpu = time.process_time()
    for _ in range(repeats):
        rp.run(scenario, worlds=worlds, paths=0)
    return (time.process_time() - cpu) / worlds / repeats


def micro(value: float) -> str:
    """Return a time in microseconds."""
    return f"{value * 1e6:.3g} µs"


def sizes_table(scenario: Any, rounds: int, say: Callable[[str], None]) -> str:
    """Time scenarios with more of one thing."""
    document = dict(scenario.document)
    cases = {(what, n): Case.of(grown(document, what, n)) for what in ABOUT for n in TIMES if n > 1}
    cases["base", 1] = Case.of(document)
    harmless(cases)
    took = interleaved({key: seconds_of(case) for key, case in cases.items()}, rounds, say)
    base = took["base", 1]
    rows = [[what, about, *(ratio(took[what, n], base) for n in TIMES if n > 1)] for what, about in ABOUT.items()]
    rows.append(["the base case itself", seconds(median(base)), *("" for n in TIMES if n > 1)])
    return table(["more", "how", *(f"{n} times as many" for n in TIMES if n > 1)], rows)


def foresight_table(scenario: Any, rounds: int, say: Callable[[str], None]) -> str:
    """Time the base case at several horizons."""
    cases = {months: scenario.set({"theory.foresight": float(months)}).case() for months in (0, *HORIZONS)}
    jobs = {months: seconds_of(case, FORESEEING if months else ENSEMBLE) for months, case in cases.items()}
    for job in jobs.values():
        job()
    took = interleaved(jobs, rounds, say)
    per_world = {months: [t / (FORESEEING if months else ENSEMBLE) for t in took[months]] for months in took}
    rows = [[str(months), micro(median(per_world[months])), ratio(per_world[months], per_world[0])] for months in cases]
    return table(["foresight", "CPU per world", "of that without"], rows)


def ratio(took: list[float], base: list[float]) -> str:
    """Return the median of the ratios within a round."""
    return f"{median([mine / theirs for mine, theirs in zip(took, base, strict=True)]):.2f}"


def seconds_of(case: Case, worlds: int = ENSEMBLE) -> Callable[[], float]:
    """Return what times one run of a case."""

    def job() -> float:
        cpu = time.process_time()
        simulate(case, np.arange(worlds), seed=1)
        return time.process_time() - cpu

    return job


def harmless(cases: dict[tuple[str, int], Case]) -> None:
    """Check that additions change nothing: same events in the same months."""
    worlds = np.arange(200)
    expected = simulate(cases["base", 1], worlds, seed=1).first
    for (what, n), case in cases.items():
        got = simulate(case, worlds, seed=1, months=cases["base", 1].months).first
        wrong = (got != expected)[:, : expected.shape[1]] & (what != "months")
        if wrong.any():
            raise Disagreement(f"{n} times the {what} change {wrong.sum()} events: nothing was timed")
