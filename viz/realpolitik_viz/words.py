"""Texts of figures: measured, shortened and wrapped to the space available."""

import warnings
from bisect import bisect_left
from functools import lru_cache
from threading import RLock

from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

from realpolitik.texts import inert

ONE_AT_A_TIME = RLock()
"""Held while settings are changed that threads share: those of Matplotlib, and warning filters."""
MORE = "\N{HORIZONTAL ELLIPSIS}"


def drawn(words: str) -> str:
    """Return words that can be drawn: control characters, and characters not valid in SVG, are escaped."""
    return inert(words, "\n").replace("\ufffe", "\\ufffe").replace("\uffff", "\\uffff")


@lru_cache(4096)
def inches(words: str, size: float, weight: str = "normal") -> float:
    """Return the width of words in inches, plus 3%, because renderers round letters to pixels."""
    font = FontProperties(family="DejaVu Sans", size=size, weight=weight)
    with ONE_AT_A_TIME, warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from font", UserWarning)  # reported when a figure is saved
        width: float = text_to_path.get_text_width_height_descent(drawn(words), font, ismath=False)[0]
    return 1.03 * width / 72


def fitted(words: str, room: float, size: float, weight: str = "normal") -> str:
    """Return words, shortened if they are wider than `room` inches."""
    words = drawn(words)
    if inches(words, size, weight) <= room:
        return words

    def wide(end: int) -> bool:
        return inches(words[:end].rstrip() + MORE, size, weight) > room

    end = bisect_left(range(1, len(words) + 1), True, key=wide)
    return words[:end].rstrip() + MORE


def wrapped(words: str, room: float, size: float, lines: int = 2, weight: str = "normal") -> list[str]:
    """Return words as a few lines; the last one is shortened."""
    rows: list[str] = []
    left = words.split()
    while left and len(rows) < lines - 1:
        taken = 1
        while taken < len(left) and inches(" ".join(left[: taken + 1]), size, weight) <= room:
            taken += 1
        rows.append(fitted(" ".join(left[:taken]), room, size, weight))
        left = left[taken:]
    return [*rows, fitted(" ".join(left), room, size, weight)] if left else rows
