"""No user blocks the others: work is shared, limited and cancelled; so are websockets, kernels and threads."""

import asyncio
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from dashboard.browser import Dashboard, dashboard, ready
from dashboard.crowd import idle
from dashboard.driving import driven, until
from dashboard.largest import largest
from realpolitik.scenario import loads
from realpolitik.sweeps import open_sweep
from realpolitik_viz.dashboard import session as sessions
from realpolitik_viz.dashboard.connections import BURST, Connection, Connections
from realpolitik_viz.dashboard.resources import Cache
from realpolitik_viz.dashboard.run_data import MOST_SECONDS, check_cost
from realpolitik_viz.dashboard.uploads import MOST_UPLOADED, Store, Uploads
from realpolitik_viz.dashboard.view import View
from realpolitik_viz.dashboard.workers import (
    LONG,
    MOST_QUEUED,
    Cancelled,
    Request,
    RequestRunner,
    Workers,
    ignore,
)


def test_a_new_user_is_served_at_once() -> None:
    """However many tasks one user has queued, the next task is that of the user with the least time used."""
    workers = Workers(1, "test")
    done: list[str] = []
    many, few = workers.queue_of("many"), workers.queue_of("few")
    first = threading.Event()
    waiting: list[Future[Any]] = [many.submit(first.wait)]
    waiting += [many.submit(done.append, "many") for _ in range(50)]
    waiting += [few.submit(done.append, "few") for _ in range(3)]
    first.set()
    for future in waiting:
        future.result(10)
    assert done.index("few") <= 1
    assert [n for n, who in enumerate(done) if who == "few"][-1] <= 6


def test_a_long_task_of_one_user_leaves_threads_to_others() -> None:
    """A user runs one long task at a time; the other threads are for other users."""
    workers, end = Workers(2, "test", each=1), threading.Event()
    queues = workers.queue_of("one"), workers.queue_of("other")
    waiting = [queues[0].submit(end.wait) for _ in range(3)]
    assert queues[1].submit(lambda: 42).result(10) == 42
    end.set()
    assert all(future.result(10) for future in waiting)


def test_a_queue_is_bounded() -> None:
    """A user has a limited number of waiting tasks, and an error beyond it; other users are not affected."""
    workers, end = Workers(1, "test"), threading.Event()
    queue = workers.queue_of("one")
    waiting: list[Future[Any]] = [queue.submit(end.wait)]
    with pytest.raises(RuntimeError, match="Too many tasks of yours"):
        waiting += [queue.submit(int) for _ in range(MOST_QUEUED + 2)]
    workers.queue_of("other").submit(int)
    end.set()


def test_a_request_is_cancelled_between_chunks() -> None:
    """A later request cancels an earlier one at its next chunk, and its waiting chunks are never computed."""
    runner, second = RequestRunner(ignore, ignore, "reader"), threading.Event()
    played: list[int] = []

    def ensemble(request: Request) -> None:
        while True:
            request.executor.submit(played.append, 1).result(10)
            request.check()

    runner.submit(ensemble)
    while not played:
        time.sleep(0.01)
    runner.submit(lambda _: second.set())
    assert second.wait(10)
    before = len(played)
    time.sleep(0.1)
    assert len(played) == before
    assert not runner.working


def test_a_waiting_long_task_is_cancelled() -> None:
    """A long task that has not started is dropped when its request is cancelled."""
    runner = RequestRunner(ignore, ignore, "busy")
    request = Request(runner, runner.number)
    end, began = threading.Event(), []
    LONG.queue_of("busy").submit(end.wait)
    threading.Timer(0.3, runner.cancel).start()
    with pytest.raises(Cancelled):
        request.run_long(lambda: began.append(1))
    end.set()
    time.sleep(0.1)
    assert began == []


def test_a_long_task_that_ends_as_one_looks_has_its_result(monkeypatch: pytest.MonkeyPatch) -> None:
    """A result that comes between the end of a wait and the look at the task is the result, and no failure."""
    result, waits = Future.result, list[float]()

    def late(future: Future[Any], timeout: float | None = None) -> Any:
        found = result(future)
        if timeout is not None and not waits:
            waits.append(timeout)
            raise TimeoutError
        return found

    monkeypatch.setattr(Future, "result", late)
    runner = RequestRunner(ignore, ignore, "late")
    assert Request(runner, runner.number).run_long(lambda: 7) == 7
    assert waits


def test_the_mark_of_work_is_right_at_last() -> None:
    """A request that begins while the end of another is shown is shown too, and its end after it."""
    shown: list[bool] = []
    began, end = threading.Event(), threading.Event()

    def second(_: Request) -> None:
        began.set()
        end.wait(10)

    def show(busy: bool) -> None:
        if not busy and not began.is_set():
            runner.submit(second)
            assert began.wait(10)
        shown.append(busy)

    runner = RequestRunner(show, ignore, "marked")
    runner.submit(lambda _: None)
    until(lambda: shown == [True, False, True], 5)
    end.set()
    until(lambda: shown == [True, False, True, False] and not runner.working, 5)


def test_a_request_that_takes_too_long_is_refused() -> None:
    """The estimated cost of a request is limited; the largest scenario with 10,000 worlds is within the limit."""
    case = loads(largest(), name="largest.toml").case()
    check_cost(case, 10_000)
    with pytest.raises(
        ValueError, match=rf"minutes of a processor core; the limit of the dashboard is {MOST_SECONDS // 60} "
    ):
        check_cost(case, 10_000_000)


def test_caches_and_uploads_are_limited() -> None:
    """Results and uploads are limited in size; the latest ones are kept."""
    cache = Cache(most=10, most_text=100)
    for n in range(5):
        cache.get(n, lambda: "x" * 40)
    assert [cache.get(n, lambda: "made again") for n in (4, 3, 2)] == ["x" * 40, "x" * 40, "made again"]
    uploads = Uploads()
    for n in range(7):
        uploads.add({"name": f"{n}.toml", "text": f'extends = "karabakh"\n# {"x" * 900_000}'})
    assert sum(len(text) for text in uploads.texts.values()) <= MOST_UPLOADED
    assert list(uploads) == list(uploads.about) == ["my-3", "my-4", "my-5", "my-6"]


def test_uploads_of_closed_pages_are_dropped_first() -> None:
    """The uploads of a browser are kept while there is room for all; those with an open page are never dropped."""
    store, page = Store(most=300), View()
    text = {"name": "a.toml", "text": f'extends = "karabakh"\n# {"x" * 100}'}
    for user in ("open", "closed", "last"):
        uploads = store.of(user)
        uploads.pages.add(page)
        uploads.add(text)
        if user != "open":
            uploads.leave(page)
    assert [list(store.of(user)) for user in ("open", "closed", "last")] == [["my-a"], [], ["my-a"]]
    store.of("last").pages.add(page)
    with pytest.raises(ValueError, match="cannot keep more uploads"):
        store.of("new").add(text)
    assert store.of("last")["my-a"].chain == ("<a.toml>", "karabakh.toml")
    assert store.of("") is not store.of("")


def test_the_least_important_websocket_is_closed() -> None:
    """Websockets without a page are closed first, then those of the user with most; each user has a limit."""
    bounds = Connections(most=6, most_of_one=4)

    def opened(user: str, started: bool) -> Connection:
        one = Connection(user, f"{user}-{len(bounds.open)}")
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
    """Messages of a page that sends too many are read at a limited rate, and none is lost."""

    async def read(count: int) -> float:
        one, began = Connection("x", "x"), time.monotonic()
        for _ in range(count):
            await one._paced({"type": "websocket.receive", "text": "x"})
        return time.monotonic() - began

    with ThreadPoolExecutor(1) as thread:  # the browser has a loop in this one
        assert thread.submit(asyncio.run, read(int(BURST) + 25)).result() > 0.3


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Dashboard]:
    """Serve a dashboard for one test alone, which closes its connections; it cancels soon."""
    with dashboard(tmp_path, cancel_after=2) as one:
        yield one


POINTS = 4096
START = """
() => {
  const all = (one) => [one, ...one.$children.flatMap(all)];
  const root = document.querySelector("[data-app]").__vue__ || document.querySelector("#app").__vue__;
  const page = all(root).find((one) => one.start && one.cancel);
  page.start({name: "abandoned", vary: [["theory.phi", 0, 1]], points: POINTS, worlds: 64});
}
""".replace("POINTS", str(POINTS))


def test_idle_websockets_leave_room_for_a_page(served: Dashboard, visit: Any) -> None:
    """With 200 websockets that send nothing, a new page opens, and no thread was started for them."""
    before = served.threads()
    with idle(served, 200):
        assert served.threads() < before + 10
        ready(visit("page=evidence"), "evidence")


def test_a_disconnected_page_uses_no_processor(alone: Dashboard, browser: Any) -> None:
    """A sweep of many minutes stops soon after its page has disconnected; its finished chunks are kept."""
    page = browser.new_context().new_page()
    page.goto(f"{alone.url}?page=sweep")
    ready(page, "sweep")
    page.evaluate(START)
    page.wait_for_function("!(document.querySelector('[data-task]') || {innerText: ': 0%'}).innerText.includes(': 0%')")
    alone.cable.close()
    time.sleep(4)
    before = alone.seconds()
    time.sleep(2)
    assert alone.seconds() - before < 1
    kept = open_sweep(alone.root / "abandoned")
    assert 0 < len(kept.missing) < kept.plan.chunks
    page.context.close()


def test_a_session_waits_for_its_page() -> None:
    """Requests are cancelled some seconds after the page has disconnected, and repeated when it is back."""
    with driven("worlds=500&seed=77") as session:
        before = session.parts["cards"].value
        session.presence.seconds = sessions.CANCEL_AFTER / 2
        session.go({"seed": 78})
        session.check_connection()
        until(lambda: session.parts["cards"].value != before)
        session.go({"seed": 79})
        session.presence.seconds = sessions.CANCEL_AFTER + 1
        session.check_connection()
        until(lambda: not session.runner.working)
        session.presence.seconds = 0
        session.parts["cards"].set("")
        session.check_connection()
        until(lambda: session.parts["cards"].value != "")


def test_one_score_sheet_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """However often a page asks for a score sheet, one thread computes it, and it ends with the session."""
    started: list[str] = []

    def score_sheet(name: str, _: Any, needed: Any) -> dict[str, Any]:
        started.append(name)
        until(lambda: not needed())
        raise Cancelled

    monkeypatch.setattr(sessions, "score_sheet", score_sheet)
    with driven("page=evidence") as session:
        for _ in range(200):
            session.validate("karabakh")
        assert "wait for it" in session.message.value
    until(lambda: session._scoring is not None and not session._scoring.is_alive())
    assert started == ["karabakh"]
