"""Texts of figures: measured, and wrapped to the space available; nothing that a reader needs is cut."""

import warnings
from bisect import bisect_left
from collections.abc import Sequence
from functools import lru_cache
from threading import RLock

from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

from realpolitik.texts import inert

ONE_AT_A_TIME = RLock()
"""Held while settings are changed that threads share: those of Matplotlib, and warning filters."""
BREAKS = "._-/>"
"""Signs after which a long name is broken."""
ENOUGH = 1_000
"""Characters that no line holds."""
MOST_LISTED = 200
"""More names than fit on a few lines."""


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


def leading(size: float) -> float:
    """Return the distance of two lines in inches."""
    return 1.2 * size / 72


def lines(words: str, room: float, size: float, weight: str = "normal") -> list[str]:
    """Return all of the words, as lines of at most `room` inches; only a word that is wider is broken."""
    rows: list[str] = []
    reached, space = 0.0, inches("a b", size, weight) - inches("ab", size, weight)
    for piece in (piece for word in drawn(words).split() for piece in _pieces(word, room, size, weight)):
        width = inches(piece, size, weight)
        if rows and reached + space + width <= room:
            rows[-1] += f" {piece}"
            reached += space + width
        else:
            rows.append(piece)
            reached = width
    return rows


def listed(names: Sequence[str], room: float, size: float, most: int) -> list[str]:
    """Return names as at most so many lines: whole names, and how many more there are."""
    for shown in range(min(len(names), MOST_LISTED), 0, -1):
        more = f" and {len(names) - shown} more" if shown < len(names) else ""
        rows = lines(", ".join(names[:shown]) + more, room, size)
        if len(rows) <= most:
            return rows
    return [f"{len(names)} names"] if names else []


def _pieces(word: str, room: float, size: float, weight: str) -> list[str]:
    """Return a word in pieces that fit, broken after a sign of a path if there is one."""
    pieces = []
    while len(word) > 1 and inches(word[:ENOUGH], size, weight) > room:
        end = _fits(word[:ENOUGH], room, size, weight)
        end = max((n for n in range(2, end + 1) if word[n - 1] in BREAKS), default=end)
        pieces.append(word[:end])
        word = word[end:]
    return [*pieces, word] if word else pieces


def _fits(words: str, room: float, size: float, weight: str) -> int:
    """Return how many characters fit, at least one."""

    def wide(count: int) -> bool:
        return inches(words[:count], size, weight) > room

    return max(1, bisect_left(range(1, len(words) + 1), True, key=wide))
