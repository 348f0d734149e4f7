"""Finds whoever draws: figures are functions of results, offered as entry points by the window."""

from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

GROUP = "realpolitik.figures"


def plot(kind: str, result: Any, path: str | Path) -> None:
    """Draw a result and write it to a file whose suffix says the format: png, svg or pdf.

    ValueError if the format is unknown, RuntimeError if nothing is installed that draws this kind.
    """
    offered = {point.name: point for point in entry_points(group=GROUP)}
    if not {kind, "save"} <= offered.keys():
        raise RuntimeError(f"nothing is installed that draws {kind!r}: reinstall realpolitik with its window")
    offered["save"].load()(offered[kind].load()(result), path)
