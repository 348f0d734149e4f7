"""No reader stops the others: work is shared, bounded and given up; so are websockets, kernels and threads."""

import asyncio
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from dashboard.browser import Dashboard, dashboard, ready
from dashboard.crowd import idle
from dashboard.largest import largest
from realpolitik.scenario import loads
from realpolitik_viz.dashboard.connections import BURST, Connection, Connections
from realpolitik_viz.dashboard.laboratory import MOST_SECONDS, Memory, check_cost
from realpolitik_viz.dashboard.uploads import MOST_BYTES, Uploads
from realpolitik_viz.dashboard.workers import LONG, MOST_QUEUED, Over, Slot, Turn, Workers, quiet


def test_a_new_reader_is_served_at_once() -> None:
    """However much one reader has handed in, the next piece of work is that of whoever has had least."""
    workers, done = Workers(1, "test"), []
    many, few = workers.lane("many"), workers.lane("few")
    first = threading.Event()
    waiting = [many.submit(first.wait)]
    waiting += [many.submit(done.append, "many") for _ in range(50)]
    waiting += [few.submit(done.append, "few") for _ in range(3)]
    first.set()
    for future in waiting:
        future.result(10)
    assert done.index("few") <= 1
    assert [n for n, who in enumerate(done) if who == "few"][-1] <= 6


def test_a_long_piece_of_one_reader_leaves_threads_to_others() -> None:
    """A reader has one long piece of work at a time; the other threads are for the others."""
    workers, end = Workers(2, "test", each=1), threading.Event()
    lanes = workers.lane("one"), workers.lane("other")
    waiting = [lanes[0].submit(end.wait) for _ in range(3)]
    assert lanes[1].submit(lambda: 42).result(10) == 42
    end.set()
    assert all(future.result(10) for future in waiting)


def test_a_queue_is_bounded() -> None:
    """One reader may have only so much waiting, and is told; another is not affected."""
    workers, end = Workers(1, "test"), threading.Event()
    lane = workers.lane("one")
    waiting = [lane.submit(end.wait)]
    with pytest.raises(RuntimeError, match="Too much is running"):
        waiting += [lane.submit(int) for _ in range(MOST_QUEUED + 2)]
    workers.lane("other").submit(int)
    end.set()


def test_work_ends_between_chunks_once_nobody_waits() -> None:
    """A later request ends an earlier one at its next chunk, and what of it was waiting is never computed."""
    slot, played, second = Slot(quiet, quiet, "reader"), [], threading.Event()

    def ensemble(turn: Turn) -> None:
        while True:
            turn.chunks.submit(played.append, 1).result(10)
            turn.look()

    slot.ask(ensemble)
    while not played:
        time.sleep(0.01)
    slot.ask(lambda _: second.set())
    assert second.wait(10)
    before = len(played)
    time.sleep(0.1)
    assert len(played) == before
    assert not slot.working


def test_a_long_piece_that_waits_is_cancelled() -> None:
    """A long piece of work that has not begun is dropped once nobody waits for it."""
    slot = Slot(quiet, quiet, "busy")
    turn = Turn(slot, slot.number)
    end, began = threading.Event(), []
    LONG.lane("busy").submit(end.wait)
    threading.Timer(0.3, slot.close).start()
    with pytest.raises(Over):
        turn.long(lambda: began.append(1))
    end.set()
    time.sleep(0.1)
    assert began == []


def test_what_takes_too_long_is_refused_with_the_figure() -> None:
    """One request has a bound, by what it is estimated to cost; the largest scenario at 10,000 worlds is within it."""
    case = loads(largest(), name="largest.toml").case()
    check_cost(case, 10_000)
    with pytest.raises(ValueError, match=rf"minutes of a processor core, more than the {MOST_SECONDS // 60} "):
        check_cost(case, 10_000_000)


def test_what_is_remembered_is_bounded() -> None:
    """Summaries are kept by their size, uploads by theirs; the latest stay."""
    memory = Memory(most=10, most_text=100)
    for n in range(5):
        memory.of(n, lambda: "x" * 40)
    made: list[int] = []
    for n in (4, 3, 2):
        memory.of(n, lambda n=n: made.append(n) or "x" * 40)  # type: ignore[misc]
    assert made == [2]
    uploads = Uploads()
    for n in range(7):
        uploads.take({"name": f"{n}.toml", "text": "x" * 900_000}, lambda *_: None)  # type: ignore[arg-type, return-value]
    assert sum(len(text) for text in uploads.texts.values()) <= MOST_BYTES
    assert list(uploads.texts)[-1] == "my-6"


def test_the_websocket_that_is_missed_least_makes_room() -> None:
    """Those that started no page go first; then those of whoever has most; a reader has only so many."""
    bounds = Connections(most=6, most_of_one=4)

    def opened(client: str, started: bool) -> Connection:
        one = Connection(client, f"{client}-{len(bounds.open)}")
        one.started = started
        bounds.make_room(one)
        bounds.open.append(one)
        return one

    pages = [opened("many", True) for _ in range(3)]
    idle_ones = [opened("idle", False) for _ in range(3)]
    opened("new", True)
    assert [one.end.is_set() for one in idle_ones] == [True, False, False]
    opened("newer", True)
    opened("newest", True)
    assert all(one.end.is_set() for one in idle_ones)
    opened("last", True)
    assert [one.end.is_set() for one in pages] == [True, False, False]


def test_messages_beyond_the_rate_wait() -> None:
    """A page that sends without end is read at a bounded rate, and loses nothing."""

    async def read(count: int) -> float:
        one, began = Connection("x", "x"), time.monotonic()
        for _ in range(count):
            await one._paced({"type": "websocket.receive", "text": "x"})
        return time.monotonic() - began

    with ThreadPoolExecutor(1) as thread:  # the browser has a loop in this one
        assert thread.submit(asyncio.run, read(int(BURST) + 25)).result() > 0.3


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Dashboard]:
    """Serve a dashboard for one test alone, which may take its connection away."""
    with dashboard(tmp_path) as one:
        yield one


START = """
() => {
  const all = (one) => [one, ...one.$children.flatMap(all)];
  const root = document.querySelector("[data-app]").__vue__ || document.querySelector("#app").__vue__;
  const page = all(root).find((one) => one.start && one.cancel);
  page.start({name: "abandoned", vary: [["theory.phi", 0, 1]], points: 512, worlds: 64});
}
"""
CLICKS = """
() => {
  const all = (one) => [one, ...one.$children.flatMap(all)];
  const root = document.querySelector("[data-app]").__vue__ || document.querySelector("#app").__vue__;
  const page = all(root).find((one) => one.validate);
  for (let n = 0; n < 200; n += 1) page.validate("karabakh");
}
"""


def test_a_crowd_and_an_abandoned_page(alone: Dashboard, browser: Any) -> None:
    """Idle websockets and clicks without end take no room from a new reader; what a killed page began ends soon."""
    with idle(alone, 200):
        page = browser.new_context().new_page()
        page.goto(f"{alone.url}?page=evidence&tab=score")
        ready(page, "evidence")
        before = alone.threads()
        page.evaluate(CLICKS)
        page.wait_for_timeout(1_500)
        assert alone.threads() < before + 10
        page.goto(f"{alone.url}?page=explore&worlds=1")
        ready(page, "explore")
        text = {"name": "l.toml", "mimeType": "text/plain", "buffer": largest().encode()}
        page.set_input_files("input[type=file]", text)
        page.wait_for_selector("h2:has-text('The largest')")
        page.click("[data-page=sweep]")
        ready(page, "sweep")
        page.evaluate(START)
        page.wait_for_selector("[data-cancel]", timeout=60_000)
    page.wait_for_function("!document.querySelector('[data-task]').innerText.includes(': 0%')", timeout=120_000)
    alone.cable.close()
    time.sleep(14)
    before = alone.seconds()
    time.sleep(3)
    assert alone.seconds() - before < 1
    assert 0 < len(list((alone.root / "abandoned" / "results").glob("part-*"))) < 1024
    page.context.close()
