"""Chunks that fail: the others are done, the failure is named, and what is finished is kept for the next time."""

import pytest

from realpolitik.sweeps import driver
from realpolitik.sweeps.driver import MOST_FAILURES, Failures
from realpolitik.sweeps.versions import versions
from realpolitik.sweeps.work import chunk_of
from sweeping import results, sums, swept

CHUNKS = 8
"""Of the sweep that `swept` makes."""


@pytest.fixture
def failing(monkeypatch):
    """Make some chunks fail whenever they are tried; give the list of all that are tried."""
    tried: list[int] = []

    def make(chunks):
        def failing_chunk_of(plan, chunk):
            tried.append(chunk)
            if chunk in chunks:
                raise MemoryError(f"no room for {chunk}")
            return chunk_of(plan, chunk)

        monkeypatch.setattr(driver, "chunk_of", failing_chunk_of)
        return tried

    return make


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The sums of a sweep in which nothing fails."""
    folder = tmp_path_factory.mktemp("whole") / "D"
    swept(folder)
    assert len(results(folder)) == CHUNKS
    return sums(folder)


def test_one_chunk_that_fails_costs_no_other(failing, tmp_path, whole, monkeypatch):
    """A chunk that keeps failing is named with its error; the others are done, and it alone is computed next time."""
    tried = failing({3})
    with pytest.raises(
        Failures, match=r"1 chunk\(s\) failed; chunk 3: MemoryError: no room for 3; 7 of 8 chunks are safe"
    ):
        swept(tmp_path / "D")
    assert sorted(tried) == list(range(CHUNKS))
    tried.clear()
    with pytest.raises(Failures, match="7 of 8 chunks are safe"):
        swept(tmp_path / "D")
    assert tried == [3]
    monkeypatch.undo()
    swept(tmp_path / "D")
    assert sums(tmp_path / "D") == whole


def test_the_third_failure_ends_it(failing, tmp_path, whole, monkeypatch):
    """With three chunks failed it is likely not the chunks: nothing more is handed out, and what is done is safe."""
    tried = failing(set(range(1, CHUNKS)))
    with pytest.raises(Failures, match=rf"{MOST_FAILURES} chunk\(s\) failed; chunk 1: .* 1 of 8 chunks are safe"):
        swept(tmp_path / "D", workers=1)
    assert len(tried) < CHUNKS
    monkeypatch.undo()
    swept(tmp_path / "D")
    assert sums(tmp_path / "D") == whole


def test_a_worker_of_another_version_is_not_trusted(tmp_path, monkeypatch):
    """A worker with another NumPy would make other bytes: its chunks fail, and the difference is said."""
    monkeypatch.setattr("realpolitik.sweeps.plan.versions", lambda: {**versions(), "numpy": "1.0"})
    with pytest.raises(RuntimeError, match=r"other versions than the sweep: .*'numpy': '1.0'"):
        swept(tmp_path / "D")
    assert not (tmp_path / "D").exists()
