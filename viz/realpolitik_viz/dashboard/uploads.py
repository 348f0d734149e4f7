"""Scenarios that a reader hands over: texts of bounded size under names that reach no file."""

import threading
from collections.abc import Callable, Mapping
from typing import Any

from realpolitik.scenario import Scenario

LARGEST = 1_000_000
"""Bytes of a scenario."""
MOST, MOST_BYTES = 8, 4_000_000
"""Scenarios that one page keeps, and their bytes; the oldest makes room for the latest."""
MOST_IN_ALL = 64_000_000
"""Bytes of the scenarios of all pages."""
FULL = "the dashboard keeps as many scenarios as it can; close other pages of it, and try again"


class Kept:
    """Counts the bytes of all pages together."""

    def __init__(self) -> None:
        self._bytes = 0
        self._lock = threading.Lock()

    def add(self, more: int) -> None:
        """Count bytes, or take them off; ValueError if there are too many."""
        with self._lock:
            if more > 0 and self._bytes + more > MOST_IN_ALL:
                raise ValueError(FULL)
            self._bytes += more


KEPT = Kept()


class Uploads:
    """The scenarios of one page, by name."""

    def __init__(self) -> None:
        self.scenarios: dict[str, Scenario] = {}
        self.texts: dict[str, str] = {}

    def __del__(self) -> None:
        KEPT.add(-self._bytes())

    def _bytes(self) -> int:
        return sum(len(text.encode()) for text in self.texts.values())

    def take(self, given: Mapping[str, Any], read: Callable[[str, str], Scenario]) -> str:
        """Read and keep an upload; return its name, ValueError if it is none, or too large."""
        name, text = upload_of(given)
        scenario = read(name, text)
        KEPT.add(len(text.encode()))
        self._drop(name)
        self.scenarios[name], self.texts[name] = scenario, text
        while len(self.texts) > MOST or (self._bytes() > MOST_BYTES and len(self.texts) > 1):
            self._drop(next(iter(self.texts)))
        return name

    def _drop(self, name: str) -> None:
        if name in self.texts:
            KEPT.add(-len(self.texts.pop(name).encode()))
            del self.scenarios[name]


def upload_of(given: Mapping[str, Any]) -> tuple[str, str]:
    """Return the name and text of an upload; ValueError if it is none, or too large."""
    text, file = given.get("text"), given.get("name", "")
    if not isinstance(text, str) or not isinstance(file, str):
        raise ValueError("an upload must be a text with a name")
    if len(text.encode()) > LARGEST:
        raise ValueError(f"{file[:60]}: a scenario has at most {LARGEST:,} bytes")
    stem = "".join(c if c.isascii() and (c.isalnum() or c in "_-") else "-" for c in file.removesuffix(".toml"))
    return f"my-{stem.strip('-')[:50] or 'scenario'}", text
