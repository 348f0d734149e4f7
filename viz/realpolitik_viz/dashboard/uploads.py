"""Scenarios that a reader hands over: a text of bounded size under a name that reaches no file."""

from collections.abc import Mapping
from typing import Any

LARGEST = 1_000_000
"""Bytes of a scenario."""


def upload_of(given: Mapping[str, Any]) -> tuple[str, str]:
    """Return the name and text of an upload; ValueError if it is none, or too large."""
    text, file = given.get("text"), str(given.get("name", ""))
    if not isinstance(text, str):
        raise ValueError("an upload must be a text")
    if len(text.encode()) > LARGEST:
        raise ValueError(f"{file[:60]}: a scenario has at most {LARGEST:,} bytes")
    stem = "".join(c if c.isascii() and (c.isalnum() or c in "_-") else "-" for c in file.removesuffix(".toml"))
    return f"my-{stem.strip('-')[:50] or 'scenario'}", text
