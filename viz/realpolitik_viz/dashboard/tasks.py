"""Small sweeps started from the page: one at a time in a session, with progress, and cancelled if nobody waits."""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

from realpolitik.costs import chunk_of
from realpolitik.scenario import Scenario
from realpolitik.sweeps import Stopped, sweep
from realpolitik_viz.dashboard.laboratory import check_cost
from realpolitik_viz.dashboard.view import NAME
from realpolitik_viz.dashboard.workers import problem_of

MOST_RUNS = 262_144
"""Worlds that a sweep started from the page may play."""
MOST_FACTORS = 8
AWAY = "cancelled, for its page was away; what is finished is kept, and the same sweep goes on from there"
CANCELLED = "cancelled; what is finished is kept"


class Task:
    """The one sweep that a session may have under way."""

    def __init__(self, tell: Callable[[dict[str, Any]], None], lane: Executor) -> None:
        self._tell = tell
        self._lane = lane
        self._thread: threading.Thread | None = None
        self._cancelled = ""

    @property
    def running(self) -> bool:
        """Whether a sweep is under way."""
        return self._thread is not None and self._thread.is_alive()

    def start(self, scenario: Scenario, root: Path, given: Mapping[str, Any]) -> None:
        """Start a sweep; ValueError if it is too large or one is under way."""
        if self.running:
            raise ValueError("a sweep is under way; cancel it first")
        asked = asked_of(given)
        case = scenario.case()
        check_cost(case, asked["points"] * asked["worlds"])
        asked["chunk"] = chunk_of(case, case.months)
        root.mkdir(parents=True, exist_ok=True)
        self._cancelled = ""
        self._thread = threading.Thread(target=self._run, args=(scenario, root / asked.pop("name"), asked), daemon=True)
        self._thread.start()

    def cancel(self, why: str = CANCELLED) -> None:
        """Stop after the chunks at hand; what is finished stays, and the same sweep would go on from there."""
        self._cancelled = why

    def _run(self, scenario: Scenario, folder: Path, asked: dict[str, Any]) -> None:
        self._tell({"name": folder.name, "done": 0, "of": 1})

        def progress(done: int, total: int) -> None:
            self._tell({"name": folder.name, "done": done, "of": total})

        def stop() -> int:
            return int(self._cancelled != "")

        try:
            sweep(scenario, folder, **asked, executor=self._lane, progress=progress, stop=stop)
            self._tell({"name": folder.name, "over": True})
        except Stopped:
            self._tell({"name": folder.name, "over": True, "why": self._cancelled})
        except Exception as error:
            self._tell({"name": folder.name, "over": True, "why": problem_of(error)})


def asked_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """Check what a reader asks to be swept."""
    name, vary = str(given.get("name", "")), given.get("vary")
    if not NAME.fullmatch(name):
        raise ValueError("a sweep's name has letters, digits, dots, dashes and underscores, 64 at most")
    if not isinstance(vary, list) or not 1 <= len(vary) <= MOST_FACTORS:
        raise ValueError(f"a sweep started here varies 1 to {MOST_FACTORS} numbers")
    points, worlds = (int(given.get(key, 0)) for key in ("points", "worlds"))
    if points < 2 or worlds < 1 or points * worlds > MOST_RUNS:
        raise ValueError(f"a sweep started here plays at most {MOST_RUNS:,} worlds; the command line has no such limit")
    spans = {str(path): (float(low), float(high)) for path, low, high in vary}
    design = given.get("design") if given.get("design") in ("sobol", "lhs") else "sobol"
    return {"name": name, "vary": spans, "points": points, "worlds": worlds, "design": design}
