"""The score sheet, made by a process of its own: it holds dozens of ensembles, which nobody should wait behind."""

import json
import subprocess
import sys
import threading
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from realpolitik_viz.dashboard.laboratory import shelf

WORLDS = 500
LONGEST = 900
"""Seconds after which a score sheet is given up."""
COMMAND = "from realpolitik.cli import main; main()"
_ONE_AT_A_TIME = threading.Lock()


def score(name: str) -> dict[str, Any]:
    """Return the score sheet of a shipped scenario: every check, and the figure."""
    if name not in shelf():
        raise ValueError("only shipped scenarios have a history to be scored against")
    with _ONE_AT_A_TIME:
        return scored(name)


@lru_cache(maxsize=8)
def scored(name: str) -> dict[str, Any]:
    """Run the validation of a scenario."""
    with TemporaryDirectory() as folder:
        figure = Path(folder) / "sheet.svg"
        command = ["validate", name, "--worlds", str(WORLDS), "--json", "--plot", str(figure)]
        done = subprocess.run(
            [sys.executable, "-c", COMMAND, *command], capture_output=True, text=True, timeout=LONGEST
        )
        if done.returncode not in (0, 1):
            raise RuntimeError(done.stderr.strip()[-400:] or "the validation ended without a word")
        sheet = json.loads(done.stdout)
        return {
            "scenario": name,
            "worlds": WORLDS,
            "checks": sheet["checks"],
            "svg": figure.read_text(encoding="utf-8"),
        }
