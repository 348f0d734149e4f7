"""Fits words into the room there is for them."""

import warnings
from bisect import bisect_left
from functools import lru_cache
from threading import RLock

from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

from realpolitik.texts import inert

ONE_AT_A_TIME = RLock()
"""Held by whoever changes settings that threads share: Matplotlib's, or what is warned of."""
MORE = "\N{HORIZONTAL ELLIPSIS}"


def drawn(words: str) -> str:
    """Return words as they can be drawn: what acts instead of being seen, and what no SVG may hold, as escapes."""
    return inert(words, "\n").replace("\ufffe", "\\ufffe").replace("\uffff", "\\uffff")


@lru_cache(4096)
def inches(words: str, size: float, weight: str = "normal") -> float:
    """Return how wide words are, and a little more, for renderers round letters to pixels."""
    font = FontProperties(family="DejaVu Sans", size=size, weight=weight)
    with ONE_AT_A_TIME, warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from font", UserWarning)  # told when a figure is saved
        width: float = text_to_path.get_text_width_height_descent(drawn(words), font, ismath=False)[0]
    return 1.03 * width / 72


def fitted(words: str, room: float, size: float, weight: str = "normal") -> str:
    """Return words cut short, if need be, to the inches there are."""
    words = drawn(words)
    if inches(words, size, weight) <= room:
        return words

    def wide(end: int) -> bool:
        return inches(words[:end].rstrip() + MORE, size, weight) > room

    end = bisect_left(range(1, len(words) + 1), True, key=wide)
    return words[:end].rstrip() + MORE


def wrapped(words: str, room: float, size: float, lines: int = 2, weight: str = "normal") -> list[str]:
    """Return words as a few lines; what does not fit on the last one is cut."""
    rows: list[str] = []
    left = words.split()
    while left and len(rows) < lines - 1:
        taken = 1
        while taken < len(left) and inches(" ".join(left[: taken + 1]), size, weight) <= room:
            taken += 1
        rows.append(fitted(" ".join(left[:taken]), room, size, weight))
        left = left[taken:]
    return [*rows, fitted(" ".join(left), room, size, weight)] if left else rows
