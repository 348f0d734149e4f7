"""Chunks: one that fails is named and stops no other, and workers that join later get their share."""

from collections import Counter
from concurrent.futures import Executor, Future

import pytest

from realpolitik.sweeps import driver
from realpolitik.sweeps.driver import AHEAD, MOST_FAILURES, Failures, drive
from realpolitik.sweeps.execution import Engine
from realpolitik.sweeps.folder import Folder
from realpolitik.sweeps.plan import planned, versions
from realpolitik.sweeps.work import chunk_of
from sweeping import SMALL, results, sums, swept

CHUNKS = 8
"""Of the sweep that `swept` makes."""


@pytest.fixture
def failing(monkeypatch):
    """Make some chunks fail whenever they are computed; return the list of all attempts."""
    tried: list[int] = []

    def make(chunks):
        def failing_chunk_of(plan, chunk, device):
            tried.append(chunk)
            if chunk in chunks:
                raise MemoryError(f"no room for {chunk}")
            return chunk_of(plan, chunk, device)

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
    """A worker with another NumPy would make other bytes: its chunks fail, and the message has the difference."""
    monkeypatch.setattr("realpolitik.sweeps.plan.versions", lambda: {**versions(), "numpy": "1.0"})
    with pytest.raises(RuntimeError, match=r"other versions than the sweep: .*'numpy': '1.0'"):
        swept(tmp_path / "D")
    assert not (tmp_path / "D").exists()


class Lost(Executor):
    """Gives up every chunk, as a cluster does whose scheduler has gone."""

    def submit(self, _function, /, *_given, **_named):
        """Take a chunk and cancel it."""
        future: Future[bytes] = Future()
        future.cancel()
        future.set_running_or_notify_cancel()
        return future


def test_chunks_that_an_executor_gives_up_have_failed(tmp_path, whole):
    """A chunk that is cancelled from outside counts as failed, and the sweep can be resumed elsewhere."""
    with pytest.raises(Failures, match="CancelledError: the cluster gave it up; 0 of 8 chunks are safe"):
        swept(tmp_path / "D", executor=Lost(), workers=2)
    swept(tmp_path / "D")
    assert sums(tmp_path / "D") == whole


class Slow(Executor):
    """Finishes one chunk each time that it is asked how many workers there are; two workers at first, five later."""

    def __init__(self):
        self.waiting: list[Future[bytes]] = []
        self.held: list[int] = []

    def submit(self, _function, /, *_given, **_named):
        """Take a chunk."""
        self.waiting.append(Future())
        self.held.append(len(self.waiting))
        return self.waiting[-1]

    def workers(self):
        """Finish the first chunk that waits, and count the workers."""
        if self.waiting:
            self.waiting.pop(0).set_result(b"bytes")
        return 2 if len(self.held) < 10 else 5


def test_workers_that_come_later_are_given_chunks(tmp_path):
    """How many chunks are handed out follows the workers of the moment, and none is lost."""
    plan = planned(SMALL, {"theory.phi": (0.5, 2.0)}, "lhs", 40, 1, 1, "worlds", (), None, 1)
    slow, folder, done = Slow(), Folder(tmp_path), []
    folder.make()
    drive(plan, range(40), Engine(slow, slow.workers), folder, lambda: 0, done.append)
    assert sorted(done) == list(range(40))
    assert max(slow.held[:10]) == 2 * AHEAD
    assert 2 * AHEAD < max(slow.held) <= 5 * AHEAD


class Losing(Executor):
    """Loses the first result of every chunk, as Dask's executor may when the worker dies."""

    def __init__(self):
        self.tries: Counter[int] = Counter()

    def submit(self, _function, /, _plan, chunk, _device, **_named):
        """Finish a chunk at once: with an error, and from the second time on with a result."""
        self.tries[chunk] += 1
        future = Future()
        if self.tries[chunk] == 1:
            future.set_exception(ValueError("too many values to unpack (expected 3)"))
        else:
            future.set_result(b"bytes")
        return future


def test_a_result_that_was_lost_is_computed_again(tmp_path):
    """With one retry every chunk is computed in the end; without, the sweep fails."""
    plan = planned(SMALL, {"theory.phi": (0.5, 2.0)}, "lhs", 4, 1, 1, "worlds", (), None, 1)
    folder, done = Folder(tmp_path), []
    folder.make()
    drive(plan, range(4), Engine(Losing(), lambda: 1, retries=1), folder, lambda: 0, done.append)
    assert sorted(done) == list(range(4))
    with pytest.raises(Failures, match=r"chunk \d: ValueError"):
        drive(plan, range(4), Engine(Losing(), lambda: 1), folder, lambda: 0, done.append)
