"""Sweeps for tests: small ones made in this process, and the command in a process of its own that can be killed."""

import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import realpolitik as rp

SMALL = Path(__file__).parent / "laboratory" / "small.toml"
VARIED = ["--vary", "drivers.war.scale=0:1", "--vary", "drivers.isolation.scale=0:1"]
MAIN = "from realpolitik.cli import main; main()"
PAUSING = """
import os, signal, sys
from realpolitik.sweeps.folder import Folder
keep, left = Folder.keep, [int(sys.argv.pop(1))]
def kept(folder, name, content):
    keep(folder, name, content)
    left[0] -= 1
    if left[0] == 0:
        os.kill(os.getpid(), signal.SIGSTOP)
Folder.keep = kept
from realpolitik.cli import main
main()
"""
"""The command line; it stops itself (SIGSTOP) when it has kept so many chunks, a moment that can be waited for."""
STARTED: "list[subprocess.Popen[str]]" = []
"""What a test has started; what it leaves, running or stopped, is killed when it ends."""
LIMIT = 900
"""Seconds after which a command counts as hung; a busy machine may take minutes to compile the model first."""


def arguments(out: Path, *, points: int = 128, worlds: int = 64, chunk: int = 128) -> list[str]:
    """Return the arguments of a sweep of many small chunks."""
    counts = ["--points", str(points), "--worlds", str(worlds), "--chunk", str(chunk)]
    return ["sweep", "karabakh", *VARIED, *counts, "--out", str(out)]


def swept(folder: Path, **changes: Any) -> str:
    """Run a sweep of some small chunks in this process, and return its notices about the folder."""
    notices: list[str] = []
    asked: dict[str, Any] = {"vary": {"theory.phi": (0.5, 2.0)}, "points": 30, "worlds": 32, "chunk": 128, **changes}
    rp.sweep(SMALL, folder, notice=notices.append, **asked)
    return "; ".join(notices)


def command(*given: str) -> "subprocess.CompletedProcess[str]":
    """Run the command line to its end."""
    asked = [sys.executable, "-c", MAIN, *given]
    return subprocess.run(asked, capture_output=True, text=True, timeout=LIMIT, check=False)


def started(*given: str, code: str = MAIN) -> "subprocess.Popen[str]":
    """Start the command line, with its output kept."""
    asked = [sys.executable, "-c", code, *given]
    STARTED.append(subprocess.Popen(asked, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
    return STARTED[-1]


def pausing(chunks: int, *given: str) -> "subprocess.Popen[str]":
    """Start a sweep that stops itself when it has kept so many chunks more, until it gets SIGCONT."""
    return started(str(chunks), *given, code=PAUSING)


def paused(chunks: int, *given: str) -> "subprocess.Popen[str]":
    """Start a sweep and wait until it has stopped itself there."""
    process = pausing(chunks, *given)
    end = time.monotonic() + LIMIT
    while not is_paused(process):
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < end, "no chunk came"
        time.sleep(0.01)
    return process


def is_paused(process: "subprocess.Popen[str]") -> bool:
    """Return whether a process is stopped."""
    return os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WNOWAIT | os.WNOHANG) is not None


def ended(process: "subprocess.Popen[str]", *numbers: signal.Signals) -> tuple[int, str]:
    """Let a paused process go on, after sending it signals; return its exit code and stderr."""
    for number in (*numbers, signal.SIGCONT):
        process.send_signal(number)
    _, errors = process.communicate(timeout=LIMIT)
    return process.returncode, errors


def results(folder: Path) -> list[Path]:
    """List the finished chunks."""
    return sorted((folder / "results").glob("part-*.parquet"))


def sums(folder: Path) -> dict[str, str]:
    """Return the sha256 of every data file."""
    files = [*results(folder), folder / "design.parquet", folder / "SHA256SUMS"]
    return {str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def leftovers(folder: Path) -> list[str]:
    """Name files that no finished sweep has."""
    known = {"design.parquet", "SHA256SUMS", "manifest.json", ".lock", "results"}
    strange = [file.name for file in folder.iterdir() if file.name not in known]
    return strange + [file.name for file in (folder / "results").iterdir() if not file.name.startswith("part-")]
