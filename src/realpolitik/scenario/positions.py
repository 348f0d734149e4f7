"""Where every table and key of a TOML text stands: the part of a parse that tomllib throws away."""

import re
import tomllib
from bisect import bisect_right

from realpolitik.scenario.errors import Loc

BLANK = re.compile(r"(?:[ \t\n]++|#[^\n]*+)*+")
SPACE = re.compile(r"[ \t]*+")
KEY = re.compile(r"""[A-Za-z0-9_-]++|"(?:[^"\\\n]++|\\.)*+"|'[^'\n]*+'""")
STRING = re.compile(
    r'''"""(?:[^"\\]++|\\.|"(?!""))*+"{3,5}|\'\'\'(?:[^\']++|'(?!\'\'))*+'{3,5}|"(?:[^"\\\n]++|\\.)*+"|'[^'\n]*+\'''',
    re.DOTALL,
)
SCALAR = re.compile(r"[^,\]}#\n]++")
Name = tuple[str, int]


def positions(text: str) -> dict[Loc, tuple[int, int]]:
    """Line and column, from 1, of each table, key and list entry of a text that tomllib accepts."""
    scan = Scan(text)
    scan.document()
    starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def line_column(offset: int) -> tuple[int, int]:
        line = bisect_right(starts, offset)
        return line, offset - starts[line - 1] + 1

    return {loc: line_column(offset) for loc, offset in scan.offsets.items()}


class Scan:
    """One pass over a TOML text, noting the offset at which each key is first named."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.offsets: dict[Loc, int] = {(): 0}
        self.last: dict[Loc, int] = {}

    def document(self) -> None:
        """Read headers and `key = value` lines to the end."""
        table: Loc = ()
        self.skip(BLANK)
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                table = self.header()
            else:
                self.pair(table)
            self.skip(BLANK)

    def header(self) -> Loc:
        """Read `[a.b]` or `[[a.b]]` and give the table that follows."""
        array = self.text.startswith("[[", self.at)
        self.at += 2 if array else 1
        names = self.names()
        self.at += 2 if array else 1
        if not array:
            return self.settle((), names)
        listed = self.settle((), names, enter=False)
        self.last[listed] = self.last.get(listed, -1) + 1
        return self.note((*listed, self.last[listed]), names[-1][1])

    def pair(self, table: Loc) -> None:
        """Read `key = value`."""
        loc = self.settle(table, self.names())
        self.at += 1
        self.skip(SPACE)
        self.value(loc)

    def names(self) -> list[Name]:
        """Read a dotted key: its names, each with its offset."""
        names = [self.name()]
        while self.text[self.at] == ".":
            self.at += 1
            names.append(self.name())
        return names

    def name(self) -> Name:
        """Read one name, bare or quoted."""
        self.skip(SPACE)
        start = self.at
        self.skip(KEY)
        word = self.text[start : self.at]
        self.skip(SPACE)
        return (next(iter(tomllib.loads(f"{word}=0"))) if word[0] in "\"'" else word), start

    def settle(self, loc: Loc, names: list[Name], *, enter: bool = True) -> Loc:
        """Follow names from a table, through the latest entry of any `[[list]]` on the way."""
        for n, (name, offset) in enumerate(names, 1):
            loc = self.note((*loc, name), offset)
            if loc in self.last and (enter or n < len(names)):
                loc = (*loc, self.last[loc])
        return loc

    def note(self, loc: Loc, offset: int) -> Loc:
        """Remember where a key is first named."""
        self.offsets.setdefault(loc, offset)
        return loc

    def value(self, loc: Loc) -> None:
        """Pass over a value, noting the keys inside it."""
        first = self.text[self.at]
        if first == "[":
            self.entries(loc)
        elif first == "{":
            self.inline(loc)
        else:
            self.skip(STRING if first in "\"'" else SCALAR)

    def entries(self, loc: Loc) -> None:
        """Read a list."""
        n = 0
        while not self.closed("]"):
            self.value(self.note((*loc, n), self.at))
            n += 1

    def inline(self, loc: Loc) -> None:
        """Read an inline table."""
        while not self.closed("}"):
            self.pair(loc)

    def closed(self, bracket: str) -> bool:
        """Step over the opening bracket or a comma; say whether the list or table ends here."""
        self.skip(BLANK)
        if self.text[self.at] in "[{," and self.text[self.at] != bracket:
            self.at += 1
            self.skip(BLANK)
        ended = self.text[self.at] == bracket
        self.at += ended
        return ended

    def skip(self, pattern: re.Pattern[str]) -> None:
        """Move past what a pattern matches here."""
        match = pattern.match(self.text, self.at)
        self.at = match.end() if match else self.at
