"""Measuring: rounds that take turns, and commands in processes of their own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple, TypeVar

K = TypeVar("K")
T = TypeVar("T")
LAUNCHER = Path(__file__).parent / "launch.py"


def interleaved(jobs: Mapping[K, Callable[[], T]], rounds: int, say: Callable[[str], None]) -> dict[K, list[T]]:
    """Do every job once a round, in turn, so that a busy minute of the machine touches all of them."""
    done: dict[K, list[T]] = {key: [] for key in jobs}
    for n in range(rounds):
        say(f"round {n + 1} of {rounds}")
        for key, job in jobs.items():
            done[key].append(job())
    return done


class Spent(NamedTuple):
    """What a command took, with all processes that it started."""

    wall: float
    cpu: float
    peak: float
    """Most memory in use at once, MB."""


def spent(command: Sequence[str], *, env: Mapping[str, str] | None = None, cwd: str | None = None) -> Spent:
    """Run a command in a fresh process and measure it; RuntimeError with what it said if it fails."""
    launched = [sys.executable, "-I", "-S", str(LAUNCHER), *command]
    done = subprocess.run(launched, capture_output=True, encoding="utf-8", env={**os.environ, **(env or {})}, cwd=cwd)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed: {done.stderr[-2000:]}")
    return Spent(**json.loads(done.stdout))


def python(code: str) -> list[str]:
    """Return the command that runs some Python."""
    return [sys.executable, "-c", code]


def realpolitik(*arguments: str) -> list[str]:
    """Return the command line `realpolitik ...` of this very installation."""
    script = Path(sys.executable).with_name("realpolitik")
    return [str(script), *arguments]


def middle(values: Sequence[Spent]) -> Spent:
    """Return the medians."""
    return Spent(*(median(column) for column in zip(*values, strict=True)))


__all__ = ["Spent", "interleaved", "median", "middle", "python", "realpolitik", "spent"]
