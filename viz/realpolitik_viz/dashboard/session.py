"""A session: the state of one browser tab, its requests and its tasks."""

import json
import logging
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import Any, Protocol
from weakref import WeakSet

import solara

from realpolitik.scenario import ScenarioError
from realpolitik.texts import inert
from realpolitik_model.engine.compiling import compilation
from realpolitik_viz.dashboard import ROOT_VARIABLE, answers, catalogue, editing, story_data, sweep_data
from realpolitik_viz.dashboard import view as views
from realpolitik_viz.dashboard.catalogue import file_name
from realpolitik_viz.dashboard.naming import tidied
from realpolitik_viz.dashboard.resources import release_memory
from realpolitik_viz.dashboard.scenario_data import dumps
from realpolitik_viz.dashboard.tasks import DISCONNECTED, SweepTask, score_sheet
from realpolitik_viz.dashboard.uploads import STORE
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
LOADING = 3.0
"""Seconds in which compiled kernels are loaded; a first call that takes longer compiles them."""
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


def parts_of(view: View) -> list[str]:
    """Return the parts that an answer to a view can send."""
    return [name for name in views.PAGES[view.page].parts if name not in views.TASKS]


class Session:
    """The state of one tab: components read its reactive values, and its methods are their callbacks."""

    def __init__(self, query: str | None, presence: Presence | None = None) -> None:
        view, problems = views.view_of(query)
        self.presence = presence or Connected()
        self.uploads = STORE.of(self.presence.user)
        self.view = solara.reactive(self._with_page(tidied(view, self.uploads)))
        self.answered = solara.reactive(0)
        """How many of the browser's steps back and forward are followed; set after the view."""
        self.message = solara.reactive("")
        self.report("\n".join([*problems, *catalogue.outside(view, self.uploads)]))
        self.failed = solara.reactive("")
        """Why the results of the view cannot be shown; nothing while they can, or may still come."""
        self.busy = solara.reactive(False)
        self.progress = solara.reactive("")
        """The share that is computed of a request that takes long, such as "40%"."""
        self.parts: dict[str, solara.Reactive[str]] = {name: solara.reactive("") for name in views.PARTS}
        """What pages show, as JSON, by the names that the table of pages uses."""
        self._answered: dict[str, tuple[Any, ...]] = {}
        """What decided the results that each page has."""
        self.saved = solara.reactive("")
        self.uploads.pages.add(self)
        self.missing = solara.reactive("")
        """Why the scenario of the view cannot be shown, and what is needed; nothing if it can be."""
        self.root = Path(os.environ.get(ROOT_VARIABLE, "sweeps"))
        self.runner = RequestRunner(self.busy.set, self._fail, self.presence.user, self.progress.set)
        self.preview_runner = RequestRunner(ignore, self._fail, self.presence.user)
        """Previews have a runner of their own, so that a request never waits for a preview."""
        self.later_runner = RequestRunner(ignore, self.report, f"{self.presence.user}/later")
        self.goal_runner = RequestRunner(ignore, self.report, f"{self.presence.user}/later")
        """What is computed besides the page has a place of its own in the queue, so that no slider waits for it."""
        self.task = SweepTask(self._show_task, CHUNKS.queue_of(self.presence.user))
        self._previewed = False
        """Whether the page may show a preview."""
        self._requested = self.view.value
        """The view whose results were requested last."""
        self._edited: editing.EditedText | None = None
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
        view, before = self._with_page(tidied(view, self.uploads)), self.view.value
        if view.page != before.page or view.scenario != before.scenario:
            self.message.set("")
        if view.page != before.page and self._answered.get(view.page) != views.needs(view):
            self._clear(parts_of(view))
        asked = self._previewed or views.needs(view) != views.needs(before)
        if asked:
            self.submit(view)
        elif views.later_needs(view) != views.later_needs(before):
            self.compute_later(view)
        self.view.set(view)
        if asked and self._requested != view:  # another thread requested the view before again
            self.submit(view)

    def _with_page(self, view: View) -> View:
        """Return a view with a page that its scenario has: Explore in place of a story that it has not."""
        untold = view.page == "story" and not story_data.has_story(view.scenario, self.uploads)
        return views.of_page(replace(view, page="explore")) if untold else view

    def refresh(self) -> None:
        """Request the results of the current view again; those of a later one, if another thread shows it meanwhile."""
        self.submit(view := self.view.value)
        if self.view.value != view:
            self.submit(self.view.value)

    def submit(self, view: View) -> None:
        """Request the results of a view; earlier requests are cancelled."""
        self._requested = view
        self._previewed = False
        self._recover()
        self.preview_runner.cancel()
        self.goal_runner.cancel()
        self.missing.set(inert(catalogue.why_missing(view, self.uploads)))
        if self.missing.value:
            self.runner.cancel()
            self.later_runner.cancel()
            for part in views.PAGES[view.page].parts:  # results of another scenario
                self.parts[part].set("")
            return
        self.runner.submit(lambda request: self._complete(view, request))
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

    def _complete(self, view: View, request: Request) -> None:
        """Show an answer to a view, and remove the parts that this view does not have."""
        self._answered.pop(view.page, None)
        self._clear(self._answer(answers.answer, view, request, parts_of(view)))
        self._answered[view.page] = views.needs(view)

    def _answer(self, answer: Answer, view: View, request: Request, due: Iterable[str] = ()) -> list[str]:
        """Show each part of an answer when it is ready, until the request is cancelled; return the `due` ones it lacks.

        If it fails, the `due` parts that it did not reach are removed: they would be those of an earlier view.
        """
        missing = list(due)
        try:
            for name, text in answer(answers.Question(view, self.uploads, self.root, self._draft(view)), request):
                request.check()
                self.parts[name].set(text)
                missing = [one for one in missing if one != name]
        except Exception:
            if not request.cancelled:
                self._clear(missing)
            raise
        return missing

    def _clear(self, names: Iterable[str]) -> None:
        """Remove parts that are of another view."""
        for name in names:
            self.parts[name].set("")

    def _fail(self, message: str) -> None:
        """Show why a request failed, as a message and where its results would be."""
        self.report(message)
        self.failed.set(self.message.value)

    def _recover(self) -> None:
        """Remove the message of a failed request, because another is made."""
        if self.failed.value:
            self.message.set("")
            self.failed.set("")

    @event(Mapping)
    def preview(self, given: Mapping[str, Any]) -> None:
        """Show the outcomes of a few worlds while a slider moves; the view itself changes when it is released."""
        view = views.changed(self.view.value, {"set": given["set"]})
        few = replace(view, worlds=min(view.worlds, PREVIEWED))
        self._previewed = True
        self._recover()
        self.runner.cancel()
        self.later_runner.cancel()
        self.goal_runner.cancel()
        self.preview_runner.submit(lambda request: self._preview(few, request))

    def _preview(self, few: View, request: Request) -> None:
        """Show the outcomes of a few worlds, and leave the other parts as they are."""
        self._answer(answers.preview, few, request, ("cards",))

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
            self.parts["goal"].set(dumps({"outcome": view.outcome, "why": str(error)}))

    @event(str)
    def address(self, query: str) -> None:
        """Show the view of a URL: the browser went back or forward."""
        view, problems = views.view_of(query)
        try:
            self.show(view)
            self.report("\n".join([*problems, *catalogue.outside(view, self.uploads)]))
        finally:
            self.answered.set(self.answered.value + 1)

    @event(object)
    def dismiss(self, _: Any) -> None:
        """Remove the message."""
        self.message.set("")

    @event(Mapping)
    def upload(self, given: Mapping[str, Any]) -> None:
        """Read an uploaded scenario and show it; if the view lacked a scenario, it takes the place of that one."""
        view = self.view.value
        lacking = catalogue.missing_name(view, self.uploads)
        name = self.uploads.add(given)
        self.message.set("")
        self.view.set(catalogue.with_scenario(view, lacking, name) if lacking else views.of_scenario(view, name))
        self.refresh()

    def _draft(self, view: View) -> editing.EditedText | None:
        """Return the invalid text that is edited in a view, None if there is none."""
        draft = self._edited
        return draft if draft is not None and (view.page, view.scenario) == ("edit", draft.shown) else None

    @event(Mapping)
    def edit(self, given: Mapping[str, Any]) -> None:
        """Change one value of the scenario that is edited."""
        view = self.view.value
        draft = self._draft(view) or editing.draft_of(view, self.uploads)
        self._keep(editing.with_value(draft, given["at"], given["value"]))

    @event(Mapping)
    def draft(self, given: Mapping[str, Any]) -> None:
        """Change the text of the scenario that is edited."""
        view = self.view.value
        draft = self._draft(view) or editing.draft_of(view, self.uploads)
        self._keep(editing.with_text(draft, given["text"]))

    @event(str)
    def template(self, name: str) -> None:
        """Start to edit a template, or a diff on the scenario of the view."""
        self._keep(editing.from_template(self.view.value, name, self.uploads))

    def _keep(self, draft: editing.EditedText) -> None:
        """Make an upload of a draft and show it; an invalid draft is kept as it is, and shown with its errors."""
        try:
            name = self.uploads.add({"name": file_name(draft.name), "text": draft.text}, draft.origin)
        except ScenarioError:
            self._edited = draft
        else:
            self._edited = None
            self.view.set(views.of_scenario(self.view.value, name))
        self.message.set("")
        self.refresh()

    @event(object)
    def toml(self, _: Any) -> None:
        """Offer the scenario of the view as a file."""
        self.saved.set(editing.saved(self.view.value, self.uploads))

    @event(Mapping)
    def start(self, given: Mapping[str, Any]) -> None:
        """Start a small sweep of the view's scenario."""
        view = self.view.value
        source = catalogue.source_of(view.scenario, self.uploads)
        self.task.start(source, catalogue.settings_of(view), self.root, given)

    @event(object)
    def cancel(self, _: Any) -> None:
        """Cancel the running sweep."""
        self.task.cancel()

    @event(Mapping)
    def row(self, given: Mapping[str, Any]) -> None:
        """Show the world of a row of the sweep that the page shows."""
        view = views.changed(self.view.value, {"folder": given["folder"]})
        self.show(sweep_data.world_of(self.root, view, int(given["row"]), self.uploads))

    @event(str)
    def validate(self, name: str) -> None:
        """Request the score sheet of a scenario; it takes minutes, and other requests go on meanwhile."""
        if self._scoring is not None and self._scoring.is_alive():
            raise ValueError("a score sheet is being computed; wait for it")
        self.parts["score"].set(json.dumps({"scenario": name[:100], "waiting": True}))
        self._scoring = threading.Thread(target=self._validate, args=(name[:100],), daemon=True)
        self._scoring.start()

    def _validate(self, name: str) -> None:
        try:
            sheet = score_sheet(name, self.uploads, lambda: not (self._closed or self._paused))
        except Cancelled:
            return
        except (ValueError, RuntimeError, OSError, subprocess.SubprocessError) as error:
            sheet = {"scenario": name, "why": str(error)}
        self.parts["score"].set(dumps(sheet))

    def _show_task(self, task: dict[str, Any]) -> None:
        self.parts["task"].set(dumps(task))
        if task.get("over") and self.view.value.page == "sweep" and not self._closed:
            self.refresh()

    def show_waiting(self) -> None:
        """Show what is being compiled, if requests wait for it; the first ones after installing do."""
        found = compilation()
        slow = found is not None and found.seconds > LOADING and self.runner.working
        text = dumps(found._asdict()) if found is not None and slow else ""
        if text != self.parts["waiting"].value:
            with self.presence.context:
                self.parts["waiting"].set(text)
                self.progress.set(f"compiling {found.done}/{found.functions}" if found is not None and slow else "")

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
        self.uploads.leave(self)
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
                session.show_waiting()
        except Exception:
            logging.getLogger(__name__).exception("the connections of sessions could not be checked")
