"""The score sheet, made by a process of its own: it holds dozens of ensembles, which nobody should wait behind."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from realpolitik_viz.dashboard.laboratory import shelf
from realpolitik_viz.dashboard.workers import Over

WORLDS = 500
LONGEST = 900
"""Seconds after which a score sheet is given up."""
LOOK = 0.5
"""Seconds between checks whether it is still wanted."""
COMMAND = "import os; os.nice(10)\nfrom realpolitik.cli import main; main()"
"""Validation runs at low priority, so that it does not slow the pages."""
SHEETS: dict[str, dict[str, Any]] = {}
_ONE_AT_A_TIME = threading.Lock()


def score(name: str, wanted: Callable[[], bool]) -> dict[str, Any]:
    """Return the score sheet of a shipped scenario: every check, and the figure; `Over` once it is not wanted."""
    if name not in shelf():
        raise ValueError("only shipped scenarios have a history to be scored against")
    while not _ONE_AT_A_TIME.acquire(timeout=LOOK):
        if not wanted():
            raise Over
    try:
        if name not in SHEETS:
            SHEETS[name] = scored(name, wanted)
        return SHEETS[name]
    finally:
        _ONE_AT_A_TIME.release()


def scored(name: str, wanted: Callable[[], bool]) -> dict[str, Any]:
    """Run the validation of a scenario."""
    with TemporaryDirectory() as folder:
        figure = Path(folder) / "sheet.svg"
        command = ["validate", name, "--worlds", str(WORLDS), "--json", "--plot", str(figure)]
        sheet = json.loads(output([sys.executable, "-c", COMMAND, *command], wanted))
        return {
            "scenario": name,
            "worlds": WORLDS,
            "checks": sheet["checks"],
            "svg": figure.read_text(encoding="utf-8"),
        }


def output(command: list[str], wanted: Callable[[], bool]) -> str:
    """Return the output of a command; kill it when the output is no longer wanted."""
    end = time.monotonic() + LONGEST
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8") as process:
        while True:
            try:
                printed, said = process.communicate(timeout=LOOK)
                break
            except subprocess.TimeoutExpired:
                if not wanted() or time.monotonic() > end:
                    process.kill()
                    process.communicate()
                    raise (RuntimeError("the validation took too long") if wanted() else Over()) from None
    if process.returncode not in (0, 1):
        raise RuntimeError(said.strip()[-400:] or "the validation ended without a word")
    return printed
