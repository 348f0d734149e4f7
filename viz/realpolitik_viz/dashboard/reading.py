"""Readers of single values, whoever sent them: each returns what is fit, or says with a ValueError what is wanted."""

import re
from collections.abc import Callable
from typing import Any

Reader = Callable[[Any], Any]
CONTROL = "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
"""Characters that control, that change the direction of text, and halves of characters."""


def visible(text: str) -> str:
    """Return a text in which such characters are written as escapes."""
    return re.sub(CONTROL, lambda found: f"\\u{ord(found[0]):04x}", text)


def plain(given: Any) -> str:
    """Read a text that can be shown and sent as it is."""
    text = str(given)
    if re.search(CONTROL, text):
        raise ValueError("a text has no control characters")
    return text


def one_of(*names: str) -> Reader:
    """Read a word that is one of a few."""

    def read(given: Any) -> str:
        if given not in names:
            raise ValueError(f"one of {', '.join(name or 'nothing' for name in names)} is wanted")
        return str(given)

    return read


def whole(low: int, high: int) -> Reader:
    """Read a whole number between two bounds."""

    def read(given: Any) -> int:
        if isinstance(given, bool) or not re.fullmatch(r"\d{1,16}", str(given), re.ASCII):
            raise ValueError("a whole number is wanted")
        if not low <= int(given) <= high:
            raise ValueError(f"a number from {low:,} to {high:,} is wanted")
        return int(given)

    return read


def matching(pattern: re.Pattern[str]) -> Reader:
    """Read nothing, or a text of one form."""

    def read(given: Any) -> str:
        if given != "" and not (isinstance(given, str) and pattern.fullmatch(given)):
            raise ValueError("this is not of the form that is wanted")
        return str(given)

    return read
