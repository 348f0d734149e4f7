"""Finds whoever draws: figures are functions of results, offered as entry points by the window."""

from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

GROUP = "realpolitik.figures"
FORMATS = (".png", ".svg", ".pdf")
"""The endings of figure files; each says the format."""

Write = Callable[[Path, bytes], None]


def offered(kind: str) -> dict[str, EntryPoint]:
    """Return what draws a kind of result and what saves it; RuntimeError if it is not installed."""
    points = {point.name: point for point in entry_points(group=GROUP)}
    if not {kind, "save"} <= points.keys():
        raise RuntimeError(f"nothing is installed that draws {kind!r}: reinstall realpolitik with its window")
    return points


def plot(kind: str, result: Any, path: str | Path, write: Write | None = None) -> None:
    """Draw a result and write it to a file whose suffix says the format: png, svg or pdf.

    `write` puts the bytes into the file; by default the file is simply replaced. ValueError if the format is unknown,
    RuntimeError if nothing is installed that draws this kind.
    """
    points = offered(kind)
    more = {} if write is None else {"write": write}
    points["save"].load()(points[kind].load()(result), path, **more)
