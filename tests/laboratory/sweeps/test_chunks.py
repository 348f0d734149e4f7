"""Chunks: their size follows the cost of the case and changes no result, and what cannot fit is refused early."""

import pytest

import realpolitik as rp
from realpolitik.sweeps import driver, work
from realpolitik.sweeps.counts import CHUNK, MOST_CHUNKS
from realpolitik.sweeps.plan import affordable, planned
from sweeping import SMALL, results, sums, swept

VARY = {"theory.phi": (0.5, 2.0)}


def plan(points=30, worlds=32, keep="worlds", chunk=None, scenario=SMALL):
    """Return the plan of a sweep."""
    return planned(scenario, VARY, "lhs", points, worlds, 1, keep, (), None, chunk)


@pytest.fixture
def costly(monkeypatch):
    """Make a world of the small scenario cost hundreds of times what it does."""
    monkeypatch.setattr("realpolitik.costs.PER_ROW", 4e-6)
    assert 32 < affordable(rp.load(SMALL).case()) < CHUNK / 10


def test_a_case_like_karabakh_has_large_chunks():
    """Unless a world is costly, a chunk has 16,384 worlds."""
    assert plan(scenario="karabakh").chunk == plan().chunk == CHUNK


def test_an_estimate_times_no_reading_of_the_scenario(monkeypatch):
    """A scenario is restored once, before anything is timed, whatever the size of the chunks that are measured."""
    restored = []
    monkeypatch.setattr(work, "restored", lambda content: restored.append(content["sha256"]) or rp.load(SMALL))
    monkeypatch.setattr(work, "CACHE", {})
    assert work.estimate(plan(points=300), "cpu").seconds > 0
    assert restored == [rp.load(SMALL).sha256]


@pytest.mark.usefixtures("costly")
def test_a_chunk_of_a_costly_case_takes_a_few_seconds():
    """The costlier a world, the fewer per chunk; a chunk that is given is used as it is."""
    case = rp.load(SMALL).case()
    assert plan().chunk == affordable(case)
    assert 2 < affordable(case) * 4e-6 * case.months * sum(table.size for table in case.tables) <= 4
    assert plan(chunk=5_000).chunk == 5_000


@pytest.mark.usefixtures("costly")
@pytest.mark.parametrize(("keep", "worlds"), [("worlds", 64), ("points", 64), ("points", 1)])
def test_no_sweep_is_refused_for_its_default_chunk(keep, worlds):
    """Small chunks grow again where a folder could not hold so many of them."""
    found = plan(points=2**26 // worlds, worlds=worlds, keep=keep)
    assert affordable(rp.load(SMALL).case()) < found.chunk <= CHUNK
    assert found.chunks <= MOST_CHUNKS


def test_a_resumed_sweep_keeps_its_chunk(tmp_path, monkeypatch):
    """Without `--chunk` a sweep resumes with the chunk in its manifest, whether that was given or a default."""
    swept(tmp_path / "given")
    for folder, others in ((tmp_path / "given", {}), (tmp_path / "default", {"chunk": None, "points": 200})):
        with monkeypatch.context() as patch:
            patch.setattr("realpolitik.costs.PER_ROW", 4e-6)
            swept(folder, **others)
        before = sums(folder)
        assert len(results(folder)) > 1
        results(folder)[0].unlink()
        swept(folder, **{**others, "chunk": None})
        assert sums(folder) == before


def test_sums_do_not_depend_on_the_worlds_at_once(tmp_path, monkeypatch):
    """A point has the same bytes however few of its worlds are simulated at once, also beyond one partial sum."""
    asked = {"points": 2, "worlds": work.GROUP + 500, "keep": "points", "chunk": 1}
    swept(tmp_path / "many", design="lhs", **asked)
    at_once = []

    def simulated(case, world, **others):
        at_once.append(world.size)
        return simulate(case, world, **others)

    simulate = work.simulate
    monkeypatch.setattr("realpolitik.costs.PER_ROW", 4e-6)
    monkeypatch.setattr(work, "simulate", simulated)
    swept(tmp_path / "few", design="lhs", **asked)
    assert max(at_once) == affordable(rp.load(SMALL).case())
    assert sums(tmp_path / "few") == sums(tmp_path / "many")


def test_too_little_memory_is_refused_before_anything_is_computed(tmp_path, monkeypatch):
    """If the results being computed cannot fit into memory, nothing is measured first."""
    monkeypatch.setattr(driver, "free_memory", lambda: 2e8)
    monkeypatch.setattr(work, "chunk_of", lambda *_: pytest.fail("a chunk was computed"))
    with pytest.raises(ValueError, match=r"chunks of 16,384 worlds on .* MB of memory, .*200 MB.* a smaller --chunk"):
        rp.sweep(SMALL, tmp_path / "D", vary=VARY)
    assert not (tmp_path / "D").exists()
