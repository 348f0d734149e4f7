"""What a run will take is known before it starts: chunks, paths and memory follow the case."""

import threading
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import realpolitik as rp
from realpolitik import costs, ensembles
from realpolitik.ensembles import FORESIGHT, drawn_foresight
from realpolitik.sweeps.designs import Levels, Span
from realpolitik.sweeps.plan import farthest
from realpolitik_model import Case

MONTHS = 1_200


def large(actors: int = 40, issues: int = 200) -> Case:
    """A case near the bounds of the file format: every actor depends on every other."""
    why = {"reason": "r", "assumption": True}
    names, disputes = [f"a{n}" for n in range(actors)], [f"i{n}" for n in range(issues)]
    meta = {"title": "t", "question": "q", "start": "2000-01", "end": "2099-12", "sources": []}
    theory = {"phi": 1.0, "sigma": 0.2, "noise": 0.05, "patience": 6.0}
    theory |= {"foresight": 0.0, "discount": 0.97, "loss": "linear", "weights": "leverage"}
    issue = {"start": 0.5, "decay": 0.0, "rest": 0.0, **why}
    need = {"stake": 0.5, "alternatives": 0.5, "channel": "c", **why}
    return Case.of(
        {
            "meta": meta,
            "theory": theory,
            "actors": {name: {"capability": 1.0} for name in names},
            "issues": dict.fromkeys(disputes, issue),
            "dependence": {f"{i}-{j}": {**need, "dependent": i, "provider": j} for i in names for j in names if i != j},
        }
    )


def test_chunks_and_paths_of_a_small_case_are_as_ever() -> None:
    """The base case is played in chunks of 1,024 worlds, and keeps the paths of 2,000."""
    case = rp.load("karabakh").case()
    assert costs.chunk_of(case, case.months) == costs.CHUNK
    assert costs.paths_kept(case, case.months) == costs.PATHS


def test_a_large_case_is_played_within_bounds() -> None:
    """At the bounds of the format a chunk is whole blocks of at most about 0.25 s, and paths stay within 256 MiB."""
    case = large()
    chunk = costs.chunk_of(case, MONTHS)
    assert chunk % costs.BLOCK == 0
    assert chunk == costs.BLOCK or chunk * costs.seconds_per_world(case, MONTHS) <= costs.LONGEST_CHUNK
    assert 1 <= costs.paths_kept(case, MONTHS) * costs.path_bytes(case, MONTHS) <= costs.MOST_PATH_BYTES
    assert costs.cost_of(case, 10_000).memory < 2.5e9


MEASURED = {1: 12.0, 3: 32.0, 6: 60.0, 12: 130.0}
"""Months of foresight -> time of a world of the base case, relative to one without foresight."""


@pytest.mark.parametrize("ahead", MEASURED)
def test_foresight_costs_time(ahead: int) -> None:
    """A world with foresight takes longer by the measured factor, and its chunks are smaller."""
    short, far = (rp.load("karabakh", set={"theory.foresight": months}).case() for months in (0, ahead))
    times = costs.seconds_per_world(far, far.months) / costs.seconds_per_world(short, short.months)
    assert MEASURED[ahead] / 1.5 < times < MEASURED[ahead] * 1.5
    assert costs.chunk_of(far, far.months) < costs.chunk_of(short, short.months)


def test_the_greatest_foresight_decides() -> None:
    """Foresight that is drawn, varied or set from a month on counts with its largest value."""
    plain, far = (rp.load("karabakh", set={"theory.foresight": months}) for months in (0, 6))
    later = rp.load("karabakh", set=[rp.scenario.parse_setting("theory.foresight=6@2024-01")])
    ranged = rp.load("karabakh", set={"theory.foresight": {"value": 0, "low": 0, "high": 6}})
    wanted = costs.seconds_per_world(far.case(), 100)
    assert costs.seconds_per_world(later.case(), 100) == wanted
    assert (drawn_foresight(ranged, "prior"), drawn_foresight(ranged, "none")) == (6, 0)
    assert drawn_foresight(plain, "prior") == 0
    assert costs.seconds_per_world(plain.case(), 100, 6) == wanted
    varied = (Levels(FORESIGHT, (0.0, 6.0)), Span("theory.phi", 1.0, 9.0)), (Span(FORESIGHT, 0.0, 6.0),)
    assert [farthest(factors) for factors in (*varied, ())] == [6, 6, 0]


def test_what_does_not_fit_is_refused_with_the_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that needs more memory than is free is refused before anything is played."""
    monkeypatch.setattr(costs, "free_memory", lambda: 1e8)
    monkeypatch.setattr("realpolitik.ensembles.simulate", lambda *_, **__: pytest.fail("something was played"))
    with pytest.raises(MemoryError, match=r"2,000 worlds of 121 months .* need about \d+ MB of memory, and 100 MB are"):
        rp.run("karabakh")


def test_an_executor_of_the_caller_changes_no_bit() -> None:
    """A run on the caller's executor gives the same ensemble."""
    own = rp.run("karabakh", worlds=3_000)
    with ThreadPoolExecutor(3) as pool:
        lent = rp.run("karabakh", worlds=3_000, executor=pool)
        assert lent.to_dict() == own.to_dict()
        assert pool.submit(int).result() == 0, "the executor was shut down"
    assert np.array_equal(lent.kept.final, own.kept.final)


@pytest.mark.parametrize("lent", [True, False])
def test_a_caller_that_stops_leaves_nothing_to_do(monkeypatch: pytest.MonkeyPatch, lent: bool) -> None:
    """When progress raises, what has not begun is cancelled, on the caller's executor and on one of its own."""
    played: list[int] = []
    stopped = threading.Event()

    class Counting(ThreadPoolExecutor):
        def submit(self, call: Any, *given: Any, **named: Any) -> Any:
            def counted() -> Any:
                played.append(1)
                if len(played) > 1:
                    stopped.wait(60)
                return call(*given, **named)

            return super().submit(counted)

    def stop(*_: int) -> None:
        stopped.set()
        raise KeyboardInterrupt

    monkeypatch.setattr(costs, "cores", lambda: 16)  # 32 chunks are submitted, to a single thread
    monkeypatch.setattr(ensembles, "ThreadPoolExecutor", lambda _: Counting(1))
    with Counting(1) as pool, pytest.raises(KeyboardInterrupt):
        rp.run("karabakh", worlds=10**7, progress=stop, executor=pool if lent else None)
    assert len(played) <= 4


def test_an_ensemble_takes_results_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Results per world are in memory once when a run is over, and the estimate holds while it runs."""
    monkeypatch.setattr(costs, "cores", lambda: 2)
    case, worlds = rp.load("karabakh").case(), 20_000
    rp.run("karabakh", worlds=100)  # caches are filled
    tracemalloc.start()
    try:
        found = rp.run("karabakh", worlds=worlds, paths=100)
        held, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 1.3 * sum(array.nbytes for array in found.kept)
    estimate = costs.cost_of(case, worlds, paths=100).memory - costs.INTERPRETER
    assert most < estimate < 2 * most


GROUP_2 = ("memory.max", "memory.current", "memory.stat", "inactive_file")
GROUP_1 = ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes", "memory/memory.stat", "total_inactive_file")


@pytest.mark.parametrize("names", [GROUP_2, GROUP_1])
def test_a_limit_of_a_container_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, names: tuple[str, str, str, str]
) -> None:
    """Free memory is that of the machine, or what a control group leaves if that is less."""
    monkeypatch.setattr(costs, "MEMINFO", tmp_path / "meminfo")
    monkeypatch.setattr(costs, "CGROUP", tmp_path)
    assert costs.free_memory() is None
    (tmp_path / "meminfo").write_text("MemTotal: 4000 kB\nMemAvailable: 2000 kB\n")
    assert costs.free_memory() == 2_048_000
    limit, used, about, cache = names
    (tmp_path / limit).parent.mkdir(exist_ok=True)
    (tmp_path / used).write_text("700000\n")
    (tmp_path / about).write_text(f"anon 600000\n{cache} 100000\n")
    for most, free in (("max", 2_048_000), (str(2**63 - 4096), 2_048_000), ("1000000", 400_000), ("500000", 0)):
        (tmp_path / limit).write_text(f"{most}\n")
        assert costs.free_memory() == free
