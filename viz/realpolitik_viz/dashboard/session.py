"""A session: the state of one browser tab, its requests and its tasks."""

import json
import logging
import os
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import Any, Protocol
from weakref import WeakSet

import solara

from realpolitik.scenario import loads
from realpolitik.texts import inert
from realpolitik_viz.dashboard import ROOT_VARIABLE, answers, catalogue, sweep_data
from realpolitik_viz.dashboard import view as views
from realpolitik_viz.dashboard.change_data import tidied
from realpolitik_viz.dashboard.resources import release_memory
from realpolitik_viz.dashboard.tasks import DISCONNECTED, SweepTask, score_sheet
from realpolitik_viz.dashboard.view import View
from realpolitik_viz.dashboard.workers import CHUNKS, Cancelled, Request, RequestRunner, ignore, message_of

PREVIEWED = 256
"""Worlds of a preview, which runs while a slider moves."""
STILL = 2.0
"""Seconds without another request after which what a page shows later is computed."""
WAITING = 0.1
"""Seconds between checks whether a page is still."""
RELEASE_AFTER = 5.0
"""Seconds after which the memory of a closed session is returned; by then nothing refers to it."""
CANCEL_AFTER = 10.0
"""Seconds without a connection after which the requests of a session are cancelled; its state is kept for longer."""
POLL = 1.0
"""Seconds between checks whether the pages of sessions are connected."""
LONGEST_MESSAGE = 2_000
INVALID = "The page sent an invalid message, which was ignored."
INVALID_DATA = (TypeError, LookupError, AttributeError, OverflowError, RecursionError)
"""Errors from reading a value of an unexpected type."""
Handler = Callable[..., None]
Answer = Callable[[answers.Question, Request], answers.Parts]


def event(*kinds: type) -> Callable[[Callable[["Session", Any], None]], Handler]:
    """Make a method an event handler: data of another type, and any error, becomes a message."""

    def made(method: Callable[["Session", Any], None]) -> Handler:
        @wraps(method)
        def handler(self: "Session", given: Any = None, *_: Any) -> None:
            try:
                if not isinstance(given, kinds):
                    raise TypeError(f"{method.__name__} was sent {type(given).__name__}")
                method(self, given)
            except INVALID_DATA as error:
                logging.getLogger(__name__).warning("an event was ignored: %s", error)
                self.report(INVALID)
            except Exception as error:
                self.report(message_of(error))

        return handler

    return made


class Presence(Protocol):
    """The connection of a session's page."""

    user: str
    """The session cookie, which all tabs of one browser share."""
    context: AbstractContextManager[Any]
    """The context in which threads can change what the page shows."""

    def disconnected_for(self) -> float:
        """Return the seconds since a page was last connected, 0 while one is."""


class Connected:
    """The connection of a session that Solara serves."""

    def __init__(self) -> None:
        from solara.server.kernel_context import get_current_context

        self.context = get_current_context()
        self.user = str(self.context.session_id)
        self._seen = time.monotonic()

    def disconnected_for(self) -> float:
        """Return the seconds since a page was last connected, 0 while one is."""
        from solara.server.kernel_context import PageStatus

        now = time.monotonic()
        if PageStatus.CONNECTED in list(self.context.page_status.values()):
            self._seen = now
        return now - self._seen


class Session:
    """The state of one tab: components read its reactive values, and its methods are their callbacks."""

    def __init__(self, query: str | None, presence: Presence | None = None) -> None:
        view, problems = views.view_of(query)
        self.presence = presence or Connected()
        self.uploads = catalogue.Uploads()
        view = tidied(view, self.uploads.scenarios)
        self.view = solara.reactive(view)
        self.answered = solara.reactive(0)
        """How many of the browser's steps back and forward are followed; set after the view."""
        self.message = solara.reactive("")
        self.report("\n".join(problems))
        self.busy = solara.reactive(False)
        self.progress = solara.reactive("")
        """The share that is computed of a request that takes long, such as "40%"."""
        self.parts: dict[str, solara.Reactive[str]] = {name: solara.reactive("") for name in views.PARTS}
        """What pages show, as JSON, by the names that the table of pages uses."""
        self.saved = solara.reactive("")
        self.root = Path(os.environ.get(ROOT_VARIABLE, "sweeps"))
        self.runner = RequestRunner(self.busy.set, self.report, self.presence.user, self.progress.set)
        self.preview_runner = RequestRunner(ignore, self.report, self.presence.user)
        """Previews have a runner of their own, so that a request never waits for a preview."""
        self.later_runner = RequestRunner(ignore, self.report, f"{self.presence.user}/later")
        self.goal_runner = RequestRunner(ignore, self.report, f"{self.presence.user}/later")
        """What is computed besides the page has a place of its own in the queue, so that no slider waits for it."""
        self.task = SweepTask(self._show_task, CHUNKS.queue_of(self.presence.user))
        self._previewed = False
        """Whether the page may show a preview."""
        self._scoring: threading.Thread | None = None
        self._closed = False
        self._paused = False
        SESSIONS.add(self)

    def report(self, message: str) -> None:
        """Show a message; its text may come from anywhere."""
        more = "\N{HORIZONTAL ELLIPSIS}" if len(message) > LONGEST_MESSAGE else ""
        self.message.set(inert(message[:LONGEST_MESSAGE], "\n") + more)

    @event(Mapping)
    def go(self, given: Mapping[str, Any]) -> None:
        """Show another view: the current one with other values."""
        self.show(views.changed(self.view.value, given))

    def show(self, view: View) -> None:
        """Show a view; request its results if they are others than those of the current view."""
        before, view = self.view.value, tidied(view, self.uploads.scenarios)
        if view.page != before.page or view.scenario != before.scenario:
            self.message.set("")
        if self._previewed or views.needs(view) != views.needs(before):
            self.submit(view)
        elif views.later_needs(view) != views.later_needs(before):
            self.compute_later(view)
        self.view.set(view)

    def refresh(self) -> None:
        """Request the results of the current view again."""
        self.submit(self.view.value)

    def submit(self, view: View) -> None:
        """Request the results of a view; earlier requests are cancelled."""
        self._previewed = False
        self.preview_runner.cancel()
        self.goal_runner.cancel()
        self.runner.submit(lambda request: self._answer(answers.answer, view, request))
        self.compute_later(view)

    def compute_later(self, view: View) -> None:
        """Request what is computed once the page has been still for a while; earlier requests are cancelled."""
        if later := answers.LATER.get(view.page):
            self.later_runner.submit(lambda request: self._when_still(later, view, request))
        else:
            self.later_runner.cancel()

    def _when_still(self, answer: Answer, view: View, request: Request) -> None:
        start = time.monotonic()
        while time.monotonic() - start < STILL or self.runner.working or self.preview_runner.working:
            request.pause(WAITING)
        self._answer(answer, view, request)

    def _answer(self, answer: Answer, view: View, request: Request) -> None:
        """Show each part of an answer when it is ready, until the request is cancelled."""
        for name, text in answer(answers.Question(view, self.uploads.scenarios, self.root), request):
            request.check()
            self.parts[name].set(text)

    @event(Mapping)
    def preview(self, given: Mapping[str, Any]) -> None:
        """Show the outcomes of a few worlds while a slider moves; the view itself changes when it is released."""
        view = views.changed(self.view.value, {"set": given["set"]})
        few = replace(view, worlds=min(view.worlds, PREVIEWED))
        self._previewed = True
        self.runner.cancel()
        self.later_runner.cancel()
        self.goal_runner.cancel()
        self.preview_runner.submit(lambda request: self._answer(answers.preview, few, request))

    @event(Mapping)
    def seek(self, given: Mapping[str, Any]) -> None:
        """Look for the smallest change that makes an outcome happen in half of the worlds."""
        view = views.changed(self.view.value, {"outcome": given["outcome"]})
        self.show(view)
        self.parts["goal"].set(json.dumps({"outcome": view.outcome, "waiting": True}))
        self.goal_runner.submit(lambda request: self._seek(view, request))

    def _seek(self, view: View, request: Request) -> None:
        try:
            self._answer(answers.goal, view, request)
        except ValueError as error:
            self.parts["goal"].set(answers.dumps({"outcome": view.outcome, "why": str(error)}))

    @event(str)
    def address(self, query: str) -> None:
        """Show the view of a URL: the browser went back or forward."""
        view, problems = views.view_of(query)
        try:
            self.show(view)
            self.report("\n".join(problems))
        finally:
            self.answered.set(self.answered.value + 1)

    @event(object)
    def dismiss(self, _: Any) -> None:
        """Remove the message."""
        self.message.set("")

    @event(Mapping)
    def upload(self, given: Mapping[str, Any]) -> None:
        """Read an uploaded scenario; it can extend shipped scenarios, and reaches no other file."""
        name = self.uploads.add(given, lambda name, text: loads(text, name=f"{name}.toml"))
        self.show(replace(self.view.value, scenario=name, set=(), theory="", issue="", pair=""))

    @event(object)
    def toml(self, _: Any) -> None:
        """Offer the scenario of the view as a file."""
        self.saved.set(catalogue.saved(self.view.value, self.uploads))

    @event(Mapping)
    def start(self, given: Mapping[str, Any]) -> None:
        """Start a small sweep of the view's scenario."""
        self.task.start(catalogue.scenario_of(self.view.value, self.uploads.scenarios), self.root, given)

    @event(object)
    def cancel(self, _: Any) -> None:
        """Cancel the running sweep."""
        self.task.cancel()

    @event(int, float, str)
    def row(self, row: Any) -> None:
        """Show the world of a row of the open sweep."""
        self.show(sweep_data.world_of(self.root, self.view.value, int(row)))

    @event(str)
    def validate(self, name: str) -> None:
        """Request the score sheet of a shipped scenario; it takes minutes, and other requests go on meanwhile."""
        if self._scoring is not None and self._scoring.is_alive():
            raise ValueError("a score sheet is being computed; wait for it")
        self.parts["score"].set(json.dumps({"scenario": name[:100], "waiting": True}))
        self._scoring = threading.Thread(target=self._validate, args=(name[:100],), daemon=True)
        self._scoring.start()

    def _validate(self, name: str) -> None:
        try:
            sheet = score_sheet(name, lambda: not (self._closed or self._paused))
        except Cancelled:
            return
        except (ValueError, RuntimeError, OSError, subprocess.SubprocessError) as error:
            sheet = {"scenario": name, "why": str(error)}
        self.parts["score"].set(answers.dumps(sheet))

    def _show_task(self, task: dict[str, Any]) -> None:
        self.parts["task"].set(answers.dumps(task))
        if task.get("over") and self.view.value.page == "sweep" and not self._closed:
            self.refresh()

    def check_connection(self) -> None:
        """Cancel the requests soon after the page disconnects; repeat the last one when it reconnects."""
        seconds = self.presence.disconnected_for()
        if seconds > CANCEL_AFTER and not self._paused and not self._closed:
            self._paused = True
            self.task.cancel(DISCONNECTED)
            self._cancel_all()
        elif seconds == 0 and self._paused:
            self._paused = False
            with self.presence.context:
                self.parts["score"].set("")
                self.refresh()

    def _cancel_all(self) -> None:
        for runner in (self.preview_runner, self.later_runner, self.goal_runner, self.runner):
            runner.cancel()

    def close(self) -> None:
        """Cancel everything that runs."""
        self._closed = True
        SESSIONS.discard(self)
        self.task.cancel()
        self._cancel_all()
        timer = threading.Timer(RELEASE_AFTER, release_memory)
        timer.daemon = True
        timer.start()


SESSIONS: "WeakSet[Session]" = WeakSet()


def check_connections() -> None:
    """Check the connections of all sessions regularly, as long as the process runs."""
    while True:
        time.sleep(POLL)
        try:
            for session in list(SESSIONS):
                session.check_connection()
        except Exception:
            logging.getLogger(__name__).exception("the connections of sessions could not be checked")
