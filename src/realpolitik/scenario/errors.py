"""One clear line for anything wrong in a scenario: where it is, what it is, and the nearest valid name."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import NamedTuple

from realpolitik.texts import inert

Loc = tuple[str | int, ...]
LONGEST_WORD = 100


class Place(NamedTuple):
    """A line and column of a file; rank is 0 for the base and grows along the chain of diffs."""

    file: str
    line: int
    column: int
    rank: int = 0


@dataclass(frozen=True)
class Fault:
    """Something wrong at a key of a document, before it is known where that key stands."""

    loc: Loc
    problem: str
    word: str = ""
    near: tuple[str, ...] = ()
    also: tuple[Loc, ...] = ()
    targets: tuple[Loc, ...] = ()
    hint: Callable[[], str | None] | None = None

    def suggestion(self) -> str | None:
        """Give the nearest valid name; worked out for the one fault that is shown."""
        return self.hint() if self.hint else nearest(self.word, self.near)


class ScenarioError(ValueError):
    """A scenario was refused; `str()` is one line fit for a terminal and an editor."""

    def __init__(self, place: Place, key: str, problem: str, suggestion: str | None = None) -> None:
        self.file, self.line, self.column, _ = place
        self.key = inert(key)
        self.problem = problem
        self.suggestion = suggestion
        super().__init__(place, key, problem, suggestion)

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:{self.column}: " if self.line else f"{self.file}: " if self.file else ""
        hint = f"; did you mean '{self.suggestion}'?" if self.suggestion else ""
        return inert(f"{where}{self.problem}{hint}")


def shown(value: object) -> str:
    """Show a value in a message, in the words of TOML and never at length."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, int) and abs(value) > 10**15:
        return f"a number of about {int(value.bit_length() * 0.30103) + 1} digits"
    text = repr(value) if isinstance(value, str | int | float) else str(value)
    return text if len(text) <= 60 else text[:57] + "..."


def nearest(word: str, valid: Iterable[str]) -> str | None:
    """Give the valid name closest to a misspelt one, or None if nothing is close."""
    if len(word) > LONGEST_WORD:
        return None
    names = {name.casefold(): name for name in reversed(list(valid))}
    match = get_close_matches(word.casefold(), names, n=1)
    return names[match[0]] if match else None
