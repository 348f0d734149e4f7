"""Errors of scenario files: where the error is, what it is, and the nearest valid name, in one line."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import PurePath
from typing import Any, NamedTuple

from realpolitik.texts import inert

Loc = tuple[str | int, ...]
LONGEST_WORD = 100
SET = "set"
"""What messages call a setting in place of a file: the parameter and, with dashes, the option that gives it."""
READ_FOR = " (read for "
"""The beginning of what a problem says of the file that names the file at fault."""
NOUNS = {
    "actors": "actor",
    "issues": "issue",
    "drivers": "driver",
    "dependence": "row of dependence",
    "interests": "interest",
    "moves": "move",
    "shocks": "shock",
    "outcomes": "outcome",
    "claims": "claim",
    "history": "row of history",
    "quantities": "quantity",
    "directions": "direction",
    "levels": "level",
    "questions": "question",
    "levers": "lever",
}
"""What a row of each table is."""


class Place(NamedTuple):
    """A line and column of a file; rank is 0 for the base and grows along the chain of diffs."""

    file: str
    line: int
    column: int
    rank: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(frozen=True)
class Fault:
    """An error at a key of a document, before the key is mapped to a line and column."""

    loc: Loc
    problem: str
    word: str = ""
    near: tuple[str, ...] = ()
    also: tuple[Loc, ...] = ()
    targets: tuple[Loc, ...] = ()
    hint: Callable[[], str | None] | None = None

    def suggestion(self) -> str | None:
        """Return the nearest valid name, or None. Computed only for the fault that is shown."""
        return self.hint() if self.hint else nearest(self.word, self.near)


class ScenarioError(ValueError):
    """A scenario is invalid; `str()` gives one line, `file:line:column: problem`, without control characters.

    `others` are the further errors found, in the order of the file, and `unlisted` is how many more there are.
    """

    others: tuple["ScenarioError", ...] = ()
    unlisted: int = 0

    def __init__(self, place: Place, key: str, problem: str, suggestion: str | None = None) -> None:
        self.file, self.line, self.column, _ = place
        self.key = inert(key)
        self.problem = problem
        self.suggestion = suggestion
        super().__init__(place, key, problem, suggestion)

    def __str__(self) -> str:
        where = str(Place(self.file, self.line, self.column))
        hint = f"; did you mean '{self.suggestion}'?" if self.suggestion else ""
        return inert(f"{where}{': ' * bool(where)}{self.problem}{hint}")

    def read_for(self, key: str, place: Place) -> "ScenarioError":
        """Return the error, which says for which key of another file the file at fault was read; so do its others."""
        for one in (self, *self.others):
            if one.file != place.file:
                one.problem += f"{READ_FOR}{key} of {place})"
        return self

    def given_as(self, name: str) -> "ScenarioError":
        """Return the error of a setting, under the name of the parameter that gave it; so do its others."""
        for one in (self, *self.others):
            one.file = name if one.file == SET else one.file
        return self


def shown(value: object) -> str:
    """Format a value for a message, as TOML writes it, in 60 characters at most."""
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
    """Return the valid name closest to a misspelt one, or None if nothing is close."""
    if len(word) > LONGEST_WORD:
        return None
    names = {name.casefold(): name for name in reversed(list(valid))}
    match = get_close_matches(word.casefold(), names, n=1)
    return names[match[0]] if match else None


def nearest_file(word: str, valid: Iterable[str]) -> str | None:
    """Return the file whose name, without its ending, is closest to a misspelt one, or None if nothing is close.

    >>> nearest_file("nope.toml", ["box2.toml"]), nearest_file("sahle.toml", ["sahel.toml"])
    (None, 'sahel.toml')
    """
    files = {PurePath(name).stem: name for name in reversed(list(valid))}
    found = nearest(PurePath(word).stem, files)
    return files[found] if found else None


SYNONYMS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("min", "minimum", "lower"), ("low",)),
    **dict.fromkeys(("max", "maximum", "upper"), ("high",)),
    **dict.fromkeys(("mean", "median", "mode", "default", "best"), ("value",)),
    **dict.fromkeys(("to", "till", "last"), ("until",)),
    **dict.fromkeys(("since", "after", "first"), ("from",)),
    **dict.fromkeys(("name", "title", "description"), ("label",)),
    **dict.fromkeys(("weight", "importance"), ("salience",)),
    **dict.fromkeys(("target", "ideal", "wants"), ("position",)),
    **dict.fromkeys(("probability", "likelihood"), ("chance", "hazard")),
    **dict.fromkeys(("condition", "conditions", "if"), ("requires", "when")),
    **dict.fromkeys(("date", "month"), ("at",)),
    **dict.fromkeys(("initial", "value"), ("start",)),
    "why": ("reason",),
}
"""What is often written for a key -> the keys that are meant, the first of which a table may have counts."""


def meant(key: str, valid: Iterable[str]) -> str:
    """Return the valid key for which another word was written, otherwise the word itself.

    >>> meant("max", ("value", "low", "high")), meant("hihg", ("value", "low", "high"))
    ('high', 'hihg')
    """
    return next((other for other in SYNONYMS.get(key.casefold(), ()) if other in set(valid)), key)


def no_such(what: str, name: str, valid: Iterable[str], document: Mapping[str, Any] | None = None) -> str:
    """Return the message for a name that is not there: the names that are, and what may have been meant.

    With the document of a scenario, it says what the name is instead, if it is that of a row of another table.

    >>> no_such("actor", "baku", ["Moscow", "Baku"])
    "unknown actor 'baku'; there are Moscow, Baku; did you mean 'Baku'?"
    >>> no_such("actor", "Moscow,Baku", ["Moscow", "Baku"])
    "unknown actor 'Moscow,Baku'; there are Moscow, Baku; give each of them by itself"
    """
    names = list(valid)
    other = next((noun for table, noun in NOUNS.items() if document and name in document.get(table, ())), None)
    near = nearest(name, names)
    hint = f"; {name!r} is {'an' if other[0] in 'aeiou' else 'a'} {other}" if other else ""
    hint = hint or (f"; did you mean {near!r}?" if near else "")
    if "," in name and {part.strip() for part in name.split(",")} <= {*names}:
        hint = "; give each of them by itself"
    return f"unknown {what} {name!r}; there are {', '.join(names) or 'none'}{hint}"
