"""TOML texts: parsed within limits, with the line and column of every key.

tomllib takes 18 s for a dotted key of 40 KB, and deep nesting exhausts its stack, so such texts are refused first.
It gives no positions either; no maintained library reads TOML 1.0 and gives them, so `positions` scans the text.
"""

import re
import tomllib
from bisect import bisect_right
from collections.abc import Callable, Mapping
from functools import lru_cache, wraps
from typing import Any, TypeVar

from realpolitik.scenario.errors import Loc, Place, ScenarioError

T = TypeVar("T")
MOST_BYTES = 1_000_000
MOST_DOTS = 8
DEEPEST = 16
MOST_MARKS = 60_000
LONGEST_TOKEN = 4_000
TOKEN = re.compile(
    r'''"""(?:[^"\\]++|\\.|"(?!""))*+(?:"{3,5})?|\'\'\'(?:[^\']++|'(?!\'\'))*+(?:'{3,5})?'''
    r"""|"(?:[^"\\\n]++|\\[^\n])*+"?|'[^'\n]*+'?|\#[^\n]*+|[.\[\]{}=,]|\n++""",
    re.DOTALL,
)
HINTS = (
    (
        re.compile(r"=[ \t]*+[+-]?[1-9]\d{0,2}(?:,\d{3})++(?!\d)[ \t]*+"),
        "write a decimal point, and no thousands separator",
    ),
    (re.compile(r"=[ \t]*+[+-]?\d++,\d++[ \t]*+"), "write a decimal point, not a comma"),
    (
        re.compile(r'[“”„\u2018\u2019«»]|"(?=[^"“”„\u2018\u2019«»]*+[“”„\u2018\u2019«»])[^"]*+$'),
        'write straight quotes, "..."',
    ),
    (re.compile(r"=[ \t]*+\d{4}-\d{1,2}+(?![\d-])"), 'write a month in quotes, "YYYY-MM"'),
    (re.compile(r"[=,][ \t]*+(?:\[[ \t]*+)?+(?=\u2212)"), "write a minus sign as -"),
    (
        re.compile(r"[=,][ \t]*+(?:\[[ \t]*+)?+(?=(true|false)\b)", re.IGNORECASE),
        "write true or false, in small letters",
    ),
    (re.compile(r"[=,][ \t]*+(?:\[[ \t]*+)?+(?=[A-Za-z])"), 'write a text in quotes, "..."'),
    (
        re.compile(r"(?:^|[{,])[ \t]*+\[{0,2}+[A-Za-z0-9_.-]*+(?:(?=[^\W\d_a-zA-Z])|[ \t]++(?=\w[^=]*[]=]))"),
        "a name without quotes has ASCII letters, digits, - and _ only; ids have no other characters, with quotes too",
    ),
)
"""Patterns of what is often written but is not TOML -> what to write instead."""
LONGEST_CACHED, CACHED = 200_000, 8
"""Characters of the longest text whose tables and positions are cached, and how many such texts are."""
GIVEN_TWICE = ("Cannot overwrite", "Cannot declare")
WHERE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


def _cached(read: Callable[..., T]) -> Callable[..., T]:
    """Cache what is read of the last few texts: the diffs on one scenario all read it. It must not be changed."""
    cached = lru_cache(CACHED)(read)

    @wraps(read)
    def called(text: str, *more: str) -> T:
        return (cached if len(text) <= LONGEST_CACHED else read)(text, *more)

    return called


def parsed(text: str, name: str) -> dict[str, Any]:
    """Return the tables of a TOML text; ScenarioError if it is not valid TOML, or beyond the limits."""
    tables: dict[str, Any] = _copied(_parsed(text, name))
    return tables


def _copied(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _copied(child) for key, child in node.items()}
    return [_copied(child) for child in node] if isinstance(node, list) else node


@_cached
def _parsed(text: str, name: str) -> dict[str, Any]:
    if len(text) > MOST_BYTES or len(text.encode(errors="replace")) > MOST_BYTES:
        raise invalid_file(name, "larger than 1 MB")
    if text.startswith("\ufeff"):
        raise invalid_file(name, "starts with a byte order mark; save it as plain UTF-8", 1, 1)
    check_shape(text, name)
    try:
        return tomllib.loads(text)
    except ValueError as error:
        raise syntax(text, name, str(error)) from None
    except RecursionError:
        raise invalid_file(name, "nested too deeply") from None


def check_shape(text: str, name: str) -> None:
    """Raise if a text has long dotted keys, deep nesting or too many tokens, outside strings and comments."""
    end = dots = depth = marks = 0
    for match in TOKEN.finditer(text + "\n"):
        mark = match[0][0]
        word, end = len(text[end : match.start()].lstrip()), match.end()
        if mark not in "\"'#":
            marks += 1
            dots = dots + 1 if mark == "." else 0
            depth = max(0, depth + (mark in "[{") - (mark in "]}"))
        problem = excess(dots, depth, marks, word)
        if problem:
            raise at_offset(text, name, match.start() - word * (word > LONGEST_TOKEN), problem)


def excess(dots: int, depth: int, marks: int, word: int) -> str | None:
    """Return which limit is exceeded, None if none is."""
    if dots > MOST_DOTS:
        return f"a key with more than {MOST_DOTS} dots"
    if depth > DEEPEST:
        return f"brackets nested more than {DEEPEST} deep"
    if marks > MOST_MARKS:
        return f"more than {MOST_MARKS:,} keys, entries and lines"
    return f"a name or number of more than {LONGEST_TOKEN:,} characters" if word > LONGEST_TOKEN else None


def syntax(text: str, name: str, message: str) -> ScenarioError:
    """Return the error for a message of tomllib, with its line and column."""
    found = WHERE.search(message)
    problem = f"not valid TOML: {message[: found.start()] if found else message}"
    end, hint = len(text.rstrip("\n")), ""
    if found and found[1]:
        above, column = text.split("\n")[: int(found[1])], int(found[2])
        end = sum(len(line) + 1 for line in above[:-1]) + column - 1
        hint = instead(above[-1], column)
    if message.startswith(GIVEN_TWICE) and (again := repeated(text, end)):
        problem, hint = f"not valid TOML: {again}", ""
    return at_offset(text, name, end, problem + f"; {hint}" * bool(hint))


def repeated(text: str, end: int) -> str:
    """Return which key is given again just before an offset, and where it is first; nothing if that is unclear.

    No more is scanned: what follows need not be valid. Of a header, the brackets that close it follow.
    """
    brackets = len(text[end : end + 2]) - len(text[end : end + 2].lstrip("]"))
    scan = Scan(text[: end + brackets] + "\n")
    try:
        scan.document()
    except (IndexError, ValueError):
        return ""
    parts = (scan.latest[:end] for end in range(len(scan.latest), 0, -1))
    loc = next((loc for loc in parts if loc in scan.given and scan.offsets[loc] < scan.began), ())
    line = text.count("\n", 0, scan.offsets[loc]) + 1
    name = ".".join(str(key + 1) if isinstance(key, int) else key for key in loc)
    return f"'{name}' is there already, in line {line}" if loc else ""


def instead(line: str, column: int) -> str:
    """Return what to write instead of what is at a column of a line, or just before it; nothing if it is unclear."""
    for pattern, hint in HINTS:
        if any(found.start() < column <= found.end() + 1 for found in pattern.finditer(line)):
            return hint
    return ""


def at_offset(text: str, name: str, offset: int, problem: str) -> ScenarioError:
    """Return the error for the character at an offset."""
    line = text.count("\n", 0, offset) + 1
    return invalid_file(name, problem, line, offset - text.rfind("\n", 0, offset))


def invalid_file(name: str, problem: str, line: int = 0, column: int = 0) -> ScenarioError:
    """Return the error for a file that cannot be read or parsed."""
    return ScenarioError(Place(name, line, column), "", problem)


BLANK = re.compile(r"(?:[ \t\n]++|#[^\n]*+)*+")
SPACE = re.compile(r"[ \t]*+")
KEY = re.compile(r"""[A-Za-z0-9_-]++|"(?:[^"\\\n]++|\\.)*+"|'[^'\n]*+'""")
STRING = re.compile(
    r'''"""(?:[^"\\]++|\\.|"(?!""))*+"{3,5}|\'\'\'(?:[^\']++|'(?!\'\'))*+'{3,5}|"(?:[^"\\\n]++|\\.)*+"|'[^'\n]*+\'''',
    re.DOTALL,
)
SCALAR = re.compile(r"[^,\]}#\n]++")
Name = tuple[str, int]


@_cached
def positions(text: str) -> Mapping[Loc, tuple[int, int]]:
    """Return location -> (line, column), from 1, of each table, key and list entry of a valid TOML text."""
    scan = Scan(text)
    scan.document()
    starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def line_column(offset: int) -> tuple[int, int]:
        line = bisect_right(starts, offset)
        return line, offset - starts[line - 1] + 1

    return {loc: line_column(offset) for loc, offset in scan.offsets.items()}


def value_spans(text: str) -> dict[Loc, tuple[int, int]]:
    """Return location -> (start, end) offsets of each value of a valid TOML text, tables with a header left out."""
    scan = Scan(text)
    scan.document()
    return scan.spans


class Scan:
    """A scanner of a valid TOML text: records where each key first appears, and each value."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.offsets: dict[Loc, int] = {(): 0}
        self.last: dict[Loc, int] = {}
        self.spans: dict[Loc, tuple[int, int]] = {}
        self.given: set[Loc] = set()
        """The keys with a value, and the tables with a header."""
        self.latest: Loc = ()
        """The last of them that was given."""
        self.began = 0
        """Where what gives it begins."""

    def document(self) -> None:
        """Scan headers and `key = value` lines to the end."""
        table: Loc = ()
        self.skip(BLANK)
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                table = self.header()
            else:
                self.began = self.at
                self.latest = self.pair(table)
            self.skip(BLANK)

    def header(self) -> Loc:
        """Scan `[a.b]` or `[[a.b]]` and return the location of that table."""
        array, self.began = self.text.startswith("[[", self.at), self.at
        self.at += 2 if array else 1
        names = self.names()
        self.at += 2 if array else 1
        if not array:
            table = self.resolved((), names)
            self.given.add(table)
            self.latest = table
            return table
        listed = self.latest = self.resolved((), names, enter=False)
        self.last[listed] = self.last.get(listed, -1) + 1
        return self.note((*listed, self.last[listed]), names[-1][1])

    def pair(self, table: Loc) -> Loc:
        """Scan `key = value` and return the location of the value."""
        loc = self.resolved(table, self.names())
        self.at += 1
        self.skip(SPACE)
        self.value(loc)
        self.given.add(loc)
        return loc

    def names(self) -> list[Name]:
        """Scan a dotted key and return its names, each with its offset."""
        names = [self.name()]
        while self.text[self.at] == ".":
            self.at += 1
            names.append(self.name())
        return names

    def name(self) -> Name:
        """Scan one name, bare or quoted."""
        self.skip(SPACE)
        start = self.at
        self.skip(KEY)
        word = self.text[start : self.at]
        self.skip(SPACE)
        return (next(iter(tomllib.loads(f"{word}=0"))) if word[0] in "\"'" else word), start

    def resolved(self, loc: Loc, names: list[Name], *, enter: bool = True) -> Loc:
        """Return the location of dotted names under a table; in a `[[list]]`, that of its last entry."""
        for n, (name, offset) in enumerate(names, 1):
            loc = self.note((*loc, name), offset)
            if loc in self.last and (enter or n < len(names)):
                loc = (*loc, self.last[loc])
        return loc

    def note(self, loc: Loc, offset: int) -> Loc:
        """Record the offset of a key, if it is the first one, and return its location."""
        self.offsets.setdefault(loc, offset)
        return loc

    def value(self, loc: Loc) -> None:
        """Scan a value and record the keys inside it."""
        start, first = self.at, self.text[self.at]
        if first == "[":
            self.entries(loc)
        elif first == "{":
            self.inline(loc)
        else:
            self.skip(STRING if first in "\"'" else SCALAR)
        self.spans[loc] = (start, start + len(self.text[start : self.at].rstrip()))

    def entries(self, loc: Loc) -> None:
        """Scan a list."""
        n = 0
        while not self.closed("]"):
            self.value(self.note((*loc, n), self.at))
            n += 1

    def inline(self, loc: Loc) -> None:
        """Scan an inline table."""
        while not self.closed("}"):
            self.pair(loc)

    def closed(self, bracket: str) -> bool:
        """Skip the opening bracket or a comma; return whether the list or table ends here."""
        self.skip(BLANK)
        if self.text[self.at] in "[{," and self.text[self.at] != bracket:
            self.at += 1
            self.skip(BLANK)
        ended = self.text[self.at] == bracket
        self.at += ended
        return ended

    def skip(self, pattern: re.Pattern[str]) -> None:
        """Skip what a pattern matches at the current offset."""
        match = pattern.match(self.text, self.at)
        self.at = match.end() if match else self.at
