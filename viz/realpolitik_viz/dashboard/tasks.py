"""Long tasks that a page starts: a small sweep, and the score sheet, which runs in a process of its own."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from realpolitik.costs import chunk_of
from realpolitik.ensembles import FORESIGHT, scenario_of
from realpolitik.scenario import Scenario, ScenarioError, Setting, loads
from realpolitik.sweeps import Stopped, sweep
from realpolitik.validation.cases import sources
from realpolitik_viz.dashboard.catalogue import file_name, plain_scenario, source_of
from realpolitik_viz.dashboard.resources import Cache
from realpolitik_viz.dashboard.run_data import check_cost
from realpolitik_viz.dashboard.sweep_data import without_paths
from realpolitik_viz.dashboard.uploads import Uploads
from realpolitik_viz.dashboard.view import NAME
from realpolitik_viz.dashboard.workers import Cancelled, message_of

MOST_RUNS = 262_144
"""Worlds that a sweep started from the page can run."""
MOST_FACTORS = 8
DISCONNECTED = (
    "cancelled because its page was disconnected; finished points are kept, and the same sweep continues them"
)
CANCELLED = "cancelled; finished points are kept"
SCORED = 500
"""Worlds of a score sheet."""
LONGEST_SCORING = 900
"""Seconds after which a score sheet is abandoned."""
POLL = 0.5
"""Seconds between checks whether a score sheet is still needed."""
COMMAND = "import os; hasattr(os, 'nice') and os.nice(10)\nfrom realpolitik.cli import main; main()"
"""Validation runs at low priority, so that it does not slow the pages; Windows knows no `nice`."""
SHEETS = Cache(32)
"""Score sheets, by what decides them."""
_ONE_AT_A_TIME = threading.Lock()


class SweepTask:
    """The one sweep that a session can run, with its progress."""

    def __init__(self, report: Callable[[dict[str, Any]], None], executor: Executor) -> None:
        self._report = report
        self._executor = executor
        self._thread: threading.Thread | None = None
        self._cancelled = ""

    @property
    def running(self) -> bool:
        """Whether a sweep is running."""
        return self._thread is not None and self._thread.is_alive()

    def start(self, source: str | Scenario, settings: Sequence[Setting], root: Path, given: Mapping[str, Any]) -> None:
        """Start a sweep of a scenario with changes; ValueError if it is too large or another one is running."""
        if self.running:
            raise ValueError("a sweep is running; cancel it first")
        asked = asked_of(given)
        case = scenario_of(source, settings).case()
        _, ahead = asked["vary"].get(FORESIGHT, (0.0, 0.0))
        check_cost(case, asked["points"] * asked["worlds"], int(ahead))
        asked["chunk"] = chunk_of(case, case.months, int(ahead))
        root.mkdir(parents=True, exist_ok=True)
        self._cancelled = ""
        folder = root / asked.pop("name")
        self._thread = threading.Thread(target=self._run, args=(source, folder, asked, settings), daemon=True)
        self._thread.start()

    def cancel(self, why: str = CANCELLED) -> None:
        """Stop after the running chunks; what is finished is kept, and the same sweep would continue it."""
        self._cancelled = why

    def _run(self, source: str | Scenario, folder: Path, asked: dict[str, Any], settings: Sequence[Setting]) -> None:
        self._report({"name": folder.name, "done": 0, "of": 1})

        def progress(done: int, total: int) -> None:
            self._report({"name": folder.name, "done": done, "of": total})

        def stop() -> int:
            return int(self._cancelled != "")

        try:
            sweep(source, folder, **asked, set=settings, executor=self._executor, progress=progress, stop=stop)
            self._report({"name": folder.name, "over": True})
        except Stopped:
            self._report({"name": folder.name, "over": True, "why": self._cancelled})
        except Exception as error:
            self._report({"name": folder.name, "over": True, "why": without_paths(message_of(error), folder)})


def asked_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of a sweep that a page asks for; ValueError if they are invalid."""
    name, vary = str(given.get("name", "")), given.get("vary")
    if not NAME.fullmatch(name):
        raise ValueError("the name of a sweep has letters, digits, dots, dashes and underscores, 64 at most")
    if not isinstance(vary, list) or not 1 <= len(vary) <= MOST_FACTORS:
        raise ValueError(f"a sweep started here varies 1 to {MOST_FACTORS} numbers")
    points, worlds = (int(given.get(key, 0)) for key in ("points", "worlds"))
    if points < 2 or worlds < 1 or points * worlds > MOST_RUNS:
        raise ValueError(f"a sweep started here runs at most {MOST_RUNS:,} worlds; the command line has no such limit")
    spans = {str(path): (float(low), float(high)) for path, low, high in vary}
    design = given.get("design") if given.get("design") in ("sobol", "lhs") else "sobol"
    return {"name": name, "vary": spans, "points": points, "worlds": worlds, "design": design}


def score_sheet(name: str, uploads: Uploads, needed: Callable[[], bool]) -> dict[str, Any]:
    """Return the score sheet of a scenario: checks and figure. `Cancelled` once it is no longer needed."""
    if name in uploads:
        check_alone(name, uploads)
    key = (name, sources(plain_scenario(name, uploads)))
    while not _ONE_AT_A_TIME.acquire(timeout=POLL):
        if not needed():
            raise Cancelled
    try:
        return SHEETS.get(key, lambda: scored(name, uploads, needed))
    finally:
        _ONE_AT_A_TIME.release()


def scored(name: str, uploads: Uploads, needed: Callable[[], bool]) -> dict[str, Any]:
    """Run the validation of a scenario in a process of its own: it holds dozens of ensembles."""
    with TemporaryDirectory() as folder:
        figure = Path(folder) / "sheet.svg"
        source = source_of(name, uploads)
        if not isinstance(source, str):
            file = Path(folder) / file_name(name)
            file.write_text(uploads.texts[name], encoding="utf-8")
            source = str(file)
        command = ["validate", "--worlds", str(SCORED), "--json", "--plot", str(figure), "--", source]
        sheet = json.loads(output([sys.executable, "-c", COMMAND, *command], needed))
        return {
            "scenario": name,
            "worlds": SCORED,
            "checks": sheet["checks"],
            "headline": headline_of(sheet),
            "scores": tables_of(sheet),
            "beaten": sheet.get("beaten", []),
            "note": sheet.get("note", ""),
            "svg": figure.read_text(encoding="utf-8"),
        }


def headline_of(sheet: Mapping[str, Any]) -> list[str]:
    """Return the sentences that head a score sheet, if it has any."""
    found = sheet.get("headline") or sheet.get("theories", {}).get("headline") or []
    return [found] if isinstance(found, str) else list(found)


def tables_of(sheet: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the sections of a score sheet that compare forecasters: their names, each with its scores."""
    sections = {name: part for name, part in sheet.items() if isinstance(part, dict)}
    tables = {name: part["scores"] for name, part in sections.items() if isinstance(part.get("scores"), dict)}
    evidence = {
        row["name"]: {level: found["share"] for level, found in row["levels"].items()}
        for row in sections.get("theories", {}).get("rows", [])
    }
    return {"theories": evidence, **tables} if evidence else tables


def check_alone(name: str, uploads: Uploads) -> None:
    """Raise ValueError for an upload that names files of one's own: a copy in another folder would not find them."""
    try:
        loads(uploads.texts[name])
    except ScenarioError:
        raise ValueError(
            "this scenario names other files: save it in their folder, and start the dashboard with it"
        ) from None


def output(command: list[str], needed: Callable[[], bool]) -> str:
    """Return the output of a command; kill it when the output is no longer needed."""
    end = time.monotonic() + LONGEST_SCORING
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8") as process:
        while True:
            try:
                printed, errors = process.communicate(timeout=POLL)
                break
            except subprocess.TimeoutExpired:
                if not needed() or time.monotonic() > end:
                    process.kill()
                    process.communicate()
                    raise (RuntimeError("the validation took too long") if needed() else Cancelled()) from None
    if process.returncode not in (0, 1):
        raise RuntimeError(errors.strip()[-400:] or "the validation failed without a message")
    return printed
