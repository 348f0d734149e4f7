"""All that one browser tab has: its view, what it is being shown, its uploads and its slot of work."""

import json
import logging
import os
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar
from weakref import WeakSet

import solara

from realpolitik.scenario import loads
from realpolitik.texts import inert
from realpolitik_viz.dashboard import export, requests
from realpolitik_viz.dashboard import view as views
from realpolitik_viz.dashboard.freeing import give_back
from realpolitik_viz.dashboard.laboratory import scenario_of
from realpolitik_viz.dashboard.score import score
from realpolitik_viz.dashboard.server import ROOT
from realpolitik_viz.dashboard.sweeping import world_of
from realpolitik_viz.dashboard.tasks import AWAY, Task
from realpolitik_viz.dashboard.uploads import Uploads
from realpolitik_viz.dashboard.view import View
from realpolitik_viz.dashboard.workers import CHUNKS, Over, Slot, Turn, problem_of, quiet

T = TypeVar("T")
PREVIEWED = 256
"""Worlds run while a slider is still moving."""
LATER = 5.0
"""Seconds after which a closed session's memory is given back: by then nothing holds it any more."""
GONE = 10.0
"""Seconds without a connection after which work for a page is cancelled; its state is kept for longer."""
LOOK = 1.0
"""Seconds between checks which pages are connected."""
LONGEST_MESSAGE = 2_000
NOT_UNDERSTOOD = "The page sent something that was not understood, so nothing was changed."
WRONG = (TypeError, LookupError, AttributeError, OverflowError, RecursionError)
"""Errors from reading a value of an unexpected type."""
Handler = Callable[..., None]


def event(*kinds: type) -> Callable[[Callable[["Session", Any], None]], Handler]:
    """Make a method an event handler: data of another type, and any error, becomes a message."""

    def made(method: Callable[["Session", Any], None]) -> Handler:
        @wraps(method)
        def handler(self: "Session", given: Any = None, *_: Any) -> None:
            try:
                if not isinstance(given, kinds):
                    raise TypeError(f"{method.__name__} was sent {type(given).__name__}")
                method(self, given)
            except WRONG as error:
                logging.getLogger(__name__).warning("an event was not understood: %s", error)
                self.say(NOT_UNDERSTOOD)
            except Exception as error:
                self.say(problem_of(error))

        return handler

    return made


class Session:
    """One tab's state; components read the reactive values, and callbacks are its methods."""

    def __init__(self, query: str | None) -> None:
        view, problems = views.view_of(query)
        self.page = Presence()
        self.view = solara.reactive(view)
        self.message = solara.reactive("")
        self.say("\n".join(problems))
        self.busy = solara.reactive(False)
        self.shown: dict[str, solara.Reactive[str]] = {name: solara.reactive("") for name in requests.SHOWN}
        """JSON texts for the page, by what they are."""
        self.saved = solara.reactive("")
        self.uploads = Uploads()
        self.root = Path(os.environ.get(ROOT, "sweeps"))
        self.slot = Slot(self.busy.set, self.say, self.page.reader)
        self.ahead = Slot(quiet, self.say, self.page.reader)
        """Previews have a slot of their own: nothing waits for one that nobody wants any more."""
        self.drafted = False
        """Whether what is shown may be a preview."""
        self.task = Task(self._tell, CHUNKS.lane(self.page.reader))
        self._scoring: threading.Thread | None = None
        self._closed = False
        self._paused = False
        ATTENDANCE.add(self)

    def say(self, message: str) -> None:
        """Show a message; its text may come from anywhere."""
        more = "\N{HORIZONTAL ELLIPSIS}" if len(message) > LONGEST_MESSAGE else ""
        self.message.set(inert(message[:LONGEST_MESSAGE], "\n") + more)

    @event(Mapping)
    def go(self, given: Mapping[str, Any]) -> None:
        """Look at something else."""
        self.show(views.changed(self.view.value, given))

    def show(self, view: View) -> None:
        """Look at a view, and ask for what it needs."""
        before = self.view.value
        if view.page != before.page or view.scenario != before.scenario:
            self.message.set("")
        if self.drafted or requests.needs(view) != requests.needs(before):
            self.ask(view)
        self.view.set(view)

    def refresh(self) -> None:
        """Ask anew for everything that the view needs."""
        self.ask(self.view.value)

    def ask(self, view: View) -> None:
        """Ask for everything that a view needs."""
        self.drafted = False
        self.ahead.close()
        self.slot.ask(lambda turn: requests.answer(self, view, turn))

    def put(self, name: str, text: str, turn: Turn) -> None:
        """Show something, unless nobody waits for it any more."""
        if not turn.over:
            self.shown[name].set(text)

    @event(Mapping)
    def preview(self, given: Mapping[str, Any]) -> None:
        """Show the outcomes of a few worlds while a slider moves; the view itself waits for its release."""
        view = views.changed(self.view.value, {"set": given["set"]})
        few = replace(view, worlds=min(view.worlds, PREVIEWED))
        self.drafted = True
        self.slot.close()
        self.ahead.ask(lambda turn: requests.preview(self, few, turn))

    @event(str)
    def address(self, query: str) -> None:
        """Go back or forward to an address."""
        view, problems = views.view_of(query)
        self.show(view)
        self.say("\n".join(problems))

    @event(object)
    def dismiss(self, _: Any) -> None:
        """Take the message away."""
        self.message.set("")

    @event(Mapping)
    def upload(self, given: Mapping[str, Any]) -> None:
        """Read a scenario that the reader hands over; it reaches no file but the shipped ones."""
        name = self.uploads.take(given, lambda name, text: loads(text, name=f"{name}.toml"))
        self.show(replace(self.view.value, scenario=name, set=(), theory="", issue="", pair=""))

    @event(object)
    def toml(self, _: Any) -> None:
        """Hand the scenario of the view over as a file."""
        self.saved.set(export.saved(self.view.value, self.uploads.scenarios, self.uploads.texts))

    @event(Mapping)
    def sweep(self, given: Mapping[str, Any]) -> None:
        """Start a small sweep of the view's scenario."""
        self.task.start(scenario_of(self.view.value, self.uploads.scenarios), self.root, given)

    @event(object)
    def cancel(self, _: Any) -> None:
        """Cancel the sweep that is under way."""
        self.task.cancel()

    @event(int, float, str)
    def row(self, row: Any) -> None:
        """Open a row of the sweep that is shown, as the very world it was."""
        self.show(world_of(self.root, self.view.value, int(row)))

    @event(str)
    def score(self, name: str) -> None:
        """Ask for the score sheet of a shipped scenario; it takes minutes, and the session goes on meanwhile."""
        if self._scoring is not None and self._scoring.is_alive():
            raise ValueError("a score sheet is being made; wait for it")
        self.shown["score"].set(json.dumps({"scenario": name[:100], "waiting": True}))
        self._scoring = threading.Thread(target=self._score, args=(name[:100],), daemon=True)
        self._scoring.start()

    def _score(self, name: str) -> None:
        try:
            sheet = score(name, lambda: not (self._closed or self._paused))
        except Over:
            return
        except (ValueError, RuntimeError, OSError, subprocess.SubprocessError) as error:
            sheet = {"scenario": name, "why": str(error)}
        self.shown["score"].set(requests.dumps(sheet))

    def _tell(self, task: dict[str, Any]) -> None:
        self.shown["task"].set(requests.dumps(task))
        if task.get("over") and self.view.value.page == "sweep" and not self._closed:
            self.refresh()

    def attend(self) -> None:
        """Cancel the work for a page soon after it disconnects; start it again if the page reconnects."""
        gone = self.page.gone_for()
        if gone > GONE and not self._paused and not self._closed:
            self._paused = True
            self.task.cancel(AWAY)
            self.ahead.close()
            self.slot.close()
        elif gone == 0 and self._paused:
            self._paused = False
            with self.page.context:
                self.shown["score"].set("")
                self.refresh()

    def close(self) -> None:
        """Leave nothing running."""
        self._closed = True
        ATTENDANCE.discard(self)
        self.task.cancel()
        self.ahead.close()
        self.slot.close()
        later = threading.Timer(LATER, give_back)
        later.daemon = True
        later.start()


class Presence:
    """Whether the page of a session is connected, and its client."""

    def __init__(self) -> None:
        from solara.server.kernel_context import get_current_context

        self.context = get_current_context()
        self.reader = str(self.context.session_id)
        """The session cookie, which all tabs of one browser share."""
        self._seen = time.monotonic()

    def gone_for(self) -> float:
        """Return the seconds for which no page has been connected, 0 while one is."""
        from solara.server.kernel_context import PageStatus

        now = time.monotonic()
        if PageStatus.CONNECTED in list(self.context.page_status.values()):
            self._seen = now
        return now - self._seen


ATTENDANCE: "WeakSet[Session]" = WeakSet()


def attend() -> None:
    """Check all sessions regularly, as long as the process runs."""
    while True:
        time.sleep(LOOK)
        try:
            for session in list(ATTENDANCE):
                session.attend()
        except Exception:
            logging.getLogger(__name__).exception("a session could not be looked at")
