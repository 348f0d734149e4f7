"""All that one browser tab has: its view, what it is being shown, its uploads and its slot of work."""

import json
import os
import subprocess
import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import solara

from realpolitik.scenario import Scenario, loads
from realpolitik_viz.dashboard import export, requests
from realpolitik_viz.dashboard import view as views
from realpolitik_viz.dashboard.freeing import give_back
from realpolitik_viz.dashboard.laboratory import scenario_of
from realpolitik_viz.dashboard.score import score
from realpolitik_viz.dashboard.server import ROOT
from realpolitik_viz.dashboard.slot import Slot, Turn, quiet
from realpolitik_viz.dashboard.sweeping import world_of
from realpolitik_viz.dashboard.tasks import Task
from realpolitik_viz.dashboard.uploads import upload_of
from realpolitik_viz.dashboard.view import View

PREVIEWED = 256
"""Worlds run while a slider is still moving."""
MOST_UPLOADS = 8
LATER = 5.0
"""Seconds after which a closed session's memory is given back: by then nothing holds it any more."""


class Session:
    """One tab's state; components read the reactive values, and callbacks are its methods."""

    def __init__(self, query: str | None) -> None:
        view, problems = views.view_of(query)
        self.view = solara.reactive(view)
        self.message = solara.reactive("\n".join(problems))
        self.busy = solara.reactive(False)
        self.shown: dict[str, solara.Reactive[str]] = {name: solara.reactive("") for name in requests.SHOWN}
        """JSON texts for the page, by what they are."""
        self.saved = solara.reactive("")
        self.uploads: dict[str, Scenario] = {}
        self.texts: dict[str, str] = {}
        self.root = Path(os.environ.get(ROOT, "sweeps"))
        self.slot = Slot(self.busy.set, self.message.set)
        self.ahead = Slot(quiet, self.message.set)
        """Previews have a slot of their own: nothing waits for one that nobody wants any more."""
        self.drafted = False
        """Whether what is shown may be a preview."""
        self.task = Task(self._tell)

    def go(self, given: Mapping[str, Any]) -> None:
        """Look at something else; what is not fit becomes a message."""
        try:
            self.show(views.changed(self.view.value, given))
        except ValueError as error:
            self.message.set(str(error))

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

    def preview(self, given: Mapping[str, Any]) -> None:
        """Show the outcomes of a few worlds while a slider moves; the view itself waits for its release."""
        try:
            view = views.changed(self.view.value, {"set": given["set"]})
        except (ValueError, KeyError) as error:
            self.message.set(str(error))
            return
        few = replace(view, worlds=min(view.worlds, PREVIEWED))
        self.drafted = True
        self.slot.close()
        self.ahead.ask(lambda turn: requests.preview(self, few, turn))

    def address(self, query: str) -> None:
        """Go back or forward to an address."""
        view, problems = views.view_of(str(query))
        self.show(view)
        self.message.set("\n".join(problems))

    def dismiss(self, _: Any = None) -> None:
        """Take the message away."""
        self.message.set("")

    def upload(self, given: Mapping[str, Any]) -> None:
        """Read a scenario that the reader hands over; it reaches no file but the shipped ones."""
        try:
            name, text = upload_of(given)
            self.uploads[name] = loads(text, name=f"{name}.toml")
            self.texts[name] = text
        except ValueError as error:
            self.message.set(str(error))
            return
        for old in list(self.uploads)[:-MOST_UPLOADS]:
            del self.uploads[old], self.texts[old]
        self.show(replace(self.view.value, scenario=name, set=(), theory="", issue="", pair=""))

    def toml(self, _: Any = None) -> None:
        """Hand the scenario of the view over as a file."""
        try:
            self.saved.set(export.saved(self.view.value, self.uploads, self.texts))
        except ValueError as error:
            self.message.set(str(error))

    def sweep(self, given: Mapping[str, Any]) -> None:
        """Start a small sweep of the view's scenario."""
        try:
            self.task.start(scenario_of(self.view.value, self.uploads), self.root, given)
        except (ValueError, TypeError, OSError) as error:
            self.message.set(str(error))

    def row(self, row: Any) -> None:
        """Open a row of the sweep that is shown, as the very world it was."""
        try:
            self.show(world_of(self.root, self.view.value, int(row)))
        except (ValueError, TypeError, OSError) as error:
            self.message.set(str(error))

    def score(self, name: Any) -> None:
        """Ask for the score sheet of a shipped scenario; it takes minutes, and the session goes on meanwhile."""
        self.shown["score"].set(json.dumps({"scenario": str(name), "waiting": True}))
        threading.Thread(target=self._score, args=(str(name),), daemon=True).start()

    def _score(self, name: str) -> None:
        try:
            sheet = score(name)
        except (ValueError, RuntimeError, OSError, subprocess.SubprocessError) as error:
            sheet = {"scenario": name, "why": str(error)}
        self.shown["score"].set(json.dumps(sheet))

    def _tell(self, task: dict[str, Any]) -> None:
        self.shown["task"].set(json.dumps(task))
        if task.get("over") and self.view.value.page == "sweep":
            self.refresh()

    def close(self) -> None:
        """Leave nothing running."""
        self.task.cancel()
        self.ahead.close()
        self.slot.close()
        later = threading.Timer(LATER, give_back)
        later.daemon = True
        later.start()
