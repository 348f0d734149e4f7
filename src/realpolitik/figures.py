"""Drawing results: figures are functions of results, found by their entry points, for `viz` imports this package."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "realpolitik.figures"
FORMATS = (".png", ".svg", ".pdf")
"""Valid endings of figure files, each for one format."""

Write = Callable[[Path, bytes], None]


def offered(kind: str) -> dict[str, "EntryPoint"]:
    """Return the entry points, of which one draws a kind of result; RuntimeError if it is not installed."""
    from importlib.metadata import entry_points

    points = {point.name: point for point in entry_points(group=GROUP)}
    if not {kind, "save"} <= points.keys():
        raise RuntimeError(f"the figure {kind!r} is not installed: reinstall realpolitik")
    return points


def plot(kind: str, result: Any, path: str | Path, write: Write | None = None) -> None:
    """Draw a result and write it to a file in the format of its suffix: png, svg or pdf.

    `write` writes the bytes; by default an existing file is replaced. ValueError for an unknown format, RuntimeError if
    nothing is installed that draws this kind.
    """
    points = offered(kind)
    more = {} if write is None else {"write": write}
    points["save"].load()(points[kind].load()(result), path, **more)
