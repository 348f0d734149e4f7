"""Readers of single values, whoever sent them: each returns what is fit, or says with a ValueError what is wanted."""

import re
from collections.abc import Callable
from typing import Any

from realpolitik.texts import inert

Reader = Callable[[Any], Any]


def plain(given: Any) -> str:
    """Read a text that can be shown and sent as it is."""
    text = str(given)
    if inert(text) != text:
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
