"""Sweeps for tests: small ones made in this process, and the command in a process of its own that can be killed."""

import hashlib
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import realpolitik as rp

SMALL = Path(__file__).parent / "laboratory" / "small.toml"
VARIED = ["--vary", "drivers.war.scale=0:1", "--vary", "drivers.isolation.scale=0:1"]
COMMAND = [sys.executable, "-c", "from realpolitik.cli import main; main()"]
LIMIT = 240
"""Seconds after which a command counts as hung."""


def arguments(out: Path, *, points: int = 128, worlds: int = 64, chunk: int = 128) -> list[str]:
    """Give the arguments of a sweep of many small chunks."""
    counts = ["--points", str(points), "--worlds", str(worlds), "--chunk", str(chunk)]
    return ["sweep", "karabakh", *VARIED, *counts, "--out", str(out)]


def swept(folder: Path, **changes: Any) -> str:
    """Run a sweep of some small chunks in this process, and return what it said of the folder."""
    said: list[str] = []
    asked: dict[str, Any] = {"vary": {"theory.phi": (0.5, 2.0)}, "points": 30, "worlds": 32, "chunk": 128, **changes}
    rp.sweep(SMALL, folder, notice=said.append, **asked)
    return "; ".join(said)


def command(*given: str, **options: object) -> "subprocess.CompletedProcess[str]":
    """Run the command line to its end."""
    return subprocess.run([*COMMAND, *given], capture_output=True, text=True, timeout=LIMIT, check=False, **options)  # type: ignore[call-overload,no-any-return]


def started(*given: str) -> "subprocess.Popen[str]":
    """Start the command line, with its output kept."""
    return subprocess.Popen([*COMMAND, *given], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def results(folder: Path) -> list[Path]:
    """List the finished chunks."""
    return sorted((folder / "results").glob("part-*.parquet"))


def wait_for(process: "subprocess.Popen[str]", folder: Path, chunks: int) -> None:
    """Wait until a running sweep has at least so many chunks."""
    end = time.monotonic() + LIMIT
    while len(results(folder)) < chunks and process.poll() is None:
        assert time.monotonic() < end, "no chunk came"
        time.sleep(0.002)


def ended_by(process: "subprocess.Popen[str]", number: signal.Signals) -> tuple[int, str]:
    """Send a signal to a process that is surely running; give its exit code and what it said on stderr."""
    assert process.poll() is None, "it ended before the signal"
    process.send_signal(number)
    _, errors = process.communicate(timeout=LIMIT)
    return process.returncode, errors


def sums(folder: Path) -> dict[str, str]:
    """Give the sha256 of every data file."""
    files = [*results(folder), folder / "design.parquet", folder / "SHA256SUMS"]
    return {str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def leftovers(folder: Path) -> list[str]:
    """Name files that no finished sweep has."""
    known = {"design.parquet", "SHA256SUMS", "manifest.json", ".lock", "results"}
    strange = [file.name for file in folder.iterdir() if file.name not in known]
    return strange + [file.name for file in (folder / "results").iterdir() if not file.name.startswith("part-")]
