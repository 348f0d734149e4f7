"""Printing: texts exactly as they are written, tables that are never truncated, JSON, next commands.

No text is interpreted as markup or by the terminal: control characters, and characters that the encoding of the output
lacks, are printed as escapes.
"""

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import rich_click as click
from click import get_current_context
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from realpolitik.texts import acts, inert
from realpolitik.texts import argument as argument
from realpolitik.texts import command_line as command_line
from realpolitik.texts import printable as printable
from realpolitik.texts import quoted as quoted

if TYPE_CHECKING:
    from realpolitik.scenario import Scenario

PIPE = 120
"""Columns of output that goes to no terminal."""
UNLIMITED = 10**9
"""Columns of a table that goes to no terminal: one line per row, for other programs."""
PIECE = re.compile(r"[^\s_./-]*[_./-]+|[^\s_./-]+")
"""A word, or a part of a name with the sign after it."""
INDENTED = 2
"""Blanks before the cells below the name of a row."""
READABLE = 16
"""Least width of a column of prose."""
BLOCKS = " ▏▎▍▌▋▊▉█"
BAR = 24
"""Characters of a full bar in a table."""


def say(text: str, *, err: bool = False) -> None:
    """Print a line."""
    click.echo(printable(text), err=err)


BAD_INPUT = 2
"""The exit code for invalid input."""


def notify(text: str) -> None:
    """Print a message on stderr, as one line that starts with the name of the program."""
    click.echo(f"realpolitik: {inert(text)}", err=True)


def print_json(document: Any, indent: int | None = None) -> None:
    """Print one JSON document on stdout, in UTF-8 in any locale, with escapes for control characters."""
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, indent=indent)
    if not text.isprintable():
        text = "".join(json.dumps(c)[1:-1] if c != "\n" and acts(c) else c for c in text)
    click.echo(text.encode())


class Screen(Console):
    """A console that prints texts without interpreting them."""

    def __init__(self) -> None:
        super().__init__(markup=False, emoji=False, highlight=False)
        if not self.is_terminal:
            self.width, self.soft_wrap = PIPE, True

    def render_str(self, text: str, **options: Any) -> Text:
        """Convert a string, such as a line or a cell of a table."""
        return super().render_str(printable(text, self.encoding), **options)

    def say(self, *parts: str | tuple[str, str], style: str = "") -> None:
        """Print a line of parts, each a text or a text with its style."""
        pairs = ((part, "") if isinstance(part, str) else part for part in parts)
        self.print(Text.assemble(*((printable(text, self.encoding), look) for text, look in pairs), style=style))

    def note(self, indent: int, text: str) -> None:
        """Print an indented line; on a terminal, the lines that it is wrapped into are indented further."""
        blank = " " * indent
        if not self.is_terminal or cell_len(text) + indent <= self.width:
            self.say(f"{blank}{text}")
            return
        lines = Text(printable(text, self.encoding)).wrap(self, max(READABLE, self.width - indent - 2))
        for n, line in enumerate(lines):
            line.rstrip()
            self.print(Text(blank + "  " * (n > 0)) + line)

    def source(self, scenario: "Scenario", uncertainty: str) -> None:
        """Print which sample numbers are drawn from, and what it was fitted to, if they are drawn from one."""
        from realpolitik.posterior import source_of

        if found := source_of(scenario, uncertainty):
            self.say(found, style="dim")

    def hint(self, lead: str, *commands: str) -> None:
        """Print commands to run next, one per line."""
        for n, command in enumerate(commands):
            self.print(f"{lead if n == 0 else ' ' * len(lead)} {command}", style="dim", soft_wrap=True)

    def bar(self, share: float) -> str:
        """Return a bar of this share of its full length, with number signs if the encoding lacks blocks."""
        eighths = round(min(max(share, 0.0), 1.0) * BAR * 8)
        try:
            BLOCKS.encode(self.encoding)
        except UnicodeEncodeError:
            return "#" * round(eighths / 8)
        return "█" * (eighths // 8) + BLOCKS[eighths % 8].strip()


Kind = Literal["name", "prose", "number", "bar"]


class TableLayout(NamedTuple):
    """Layout of a table: blanks between columns, titles on several lines, and what has lines of its own."""

    gap: int
    stacked_titles: bool
    prose_below: bool
    name_above: bool


LAYOUTS = (
    TableLayout(2, False, False, False),
    TableLayout(1, True, False, False),
    TableLayout(1, True, True, False),
    TableLayout(1, True, True, True),
)
Row = tuple[list[str], str]
"""The cells of a row, and their style."""


class Grid:
    """A table of names, prose, numbers and bars. Prose and titles are wrapped, and nothing is cut.

    The first layout that fits is used; if none fits, the cells follow each other, each after its title.
    """

    def __init__(self, *columns: tuple[str, Kind]) -> None:
        self.columns = columns
        self.rows: list[Row] = []

    def add(self, *cells: str, style: str = "") -> None:
        """Add a row."""
        self.rows.append(([*cells], style))

    def show(self, out: Screen) -> None:
        """Print the table."""
        titles = [printable(title, out.encoding) for title, _ in self.columns]
        rows = [([printable(cell, out.encoding).expandtabs(4) for cell in cells], style) for cells, style in self.rows]
        for layout in LAYOUTS:
            widths = self._widths(titles, rows, layout, out.width if out.is_terminal else UNLIMITED)
            if widths is not None:
                self._print(out, titles, rows, layout, widths)
                return
        self._flow(out, titles, (titles, "bold"), heading=True)
        for row in rows:
            self._flow(out, titles, row)

    def _apart(self, layout: TableLayout) -> list[int]:
        """Return the columns that have lines of their own."""
        below = [n for n, (_, kind) in enumerate(self.columns) if layout.prose_below and kind == "prose"]
        return [0, *below] if layout.name_above else below

    def _widths(self, titles: list[str], rows: list[Row], layout: TableLayout, room: int) -> dict[int, int] | None:
        """Return the width of each column; None if the terminal is too narrow."""
        prose = [n for n, (_, kind) in enumerate(self.columns) if kind == "prose"]
        needs = {}
        for n, title in enumerate(titles):
            words = pieces(title) if layout.stacked_titles else [title]
            lines = (line for cells, _ in rows for line in cells[n].split("\n"))
            needs[n] = max(cell_len(text) for text in (*words, *lines, ""))
        apart = self._apart(layout)
        fixed = {n: need for n, need in needs.items() if n not in prose and n not in apart}
        if layout.name_above and not fixed:
            return None
        if layout.prose_below:
            taken = sum(fixed.values()) + layout.gap * (len(fixed) - 1) + INDENTED * layout.name_above
            return fixed if taken <= room else None
        room -= sum(fixed.values()) + layout.gap * (len(needs) - 1)
        for left, n in zip(range(len(prose), 0, -1), sorted(prose, key=needs.__getitem__), strict=True):
            fixed[n] = min(needs[n], room // left)
            room -= fixed[n]
            if fixed[n] < min(needs[n], READABLE):
                return None
        return fixed if room >= 0 else None

    def _print(
        self, out: Screen, titles: list[str], rows: list[Row], layout: TableLayout, widths: dict[int, int]
    ) -> None:
        stacked = [stack(title, widths.get(n, 0)) for n, title in enumerate(titles)]
        head = stacked if layout.stacked_titles else titles
        self._row(out, (head, "bold"), titles, layout, widths, heading=True)
        for row in rows:
            self._row(out, row, row[0], layout, widths)

    def _row(
        self,
        out: Screen,
        row: Row,
        whole: list[str],
        layout: TableLayout,
        widths: dict[int, int],
        *,
        heading: bool = False,
    ) -> None:
        """Print a row; `whole` are the cells on lines of their own, above or below the columns."""
        cells, style = row
        margin = " " * (INDENTED * layout.name_above)
        below = [whole[n] for n in self._apart(layout) if self.columns[n][1] == "prose" and whole[n]]
        lines = [Text(margin) + line for line in self._lines(out, cells, style, layout.gap, widths, heading=heading)]
        if layout.name_above:
            out.print(Text(whole[0], style or "bold"), soft_wrap=True)
        for text in below if layout.name_above else ():
            indented(out, text, style or "dim")
        for line in lines:
            out.print(line, soft_wrap=True)
        for text in below if not layout.name_above else ():
            indented(out, text, style or "dim")

    def _lines(
        self, out: Screen, cells: list[str], style: str, gap: int, widths: dict[int, int], *, heading: bool = False
    ) -> Iterator[Text]:
        """Yield the lines of a row, as many as its longest cell has."""
        columns = sorted(widths)
        parts = []
        for n in columns:
            text = Text(cells[n], style or ("dim" if self.columns[n][1] == "name" else ""))
            wrapped = self.columns[n][1] == "prose" and not heading
            parts.append(list(text.wrap(out, max(1, widths[n])) if wrapped else text.split("\n", allow_blank=True)))
        height = max(map(len, parts))
        for row in range(height):
            line = Text()
            for n, lines in zip(columns, parts, strict=True):
                offset = row - height + len(lines) if heading else row  # titles are aligned at the bottom
                text = lines[offset].copy() if 0 <= offset < len(lines) else Text()
                blank = Text(" " * max(0, widths[n] - text.cell_len))
                line.append_text(Text.assemble(blank, text) if self.columns[n][1] == "number" else text + blank)
                line.append(" " * gap)
            line.rstrip()
            yield line

    def _flow(self, out: Screen, titles: list[str], row: Row, *, heading: bool = False) -> None:
        """Print a row on several lines: its name, its prose, then each cell after its title."""
        cells, style = row
        out.print(Text(cells[0], style or "bold"), soft_wrap=True)
        items = []
        for title, (_, kind), cell in [*zip(titles, self.columns, cells, strict=True)][1:]:
            if kind == "prose" and cell:
                indented(out, cell, style or "dim")
            elif kind != "bar" and cell and not heading:
                items.append(f"{title} {cell}")
        for line in joined(items, out.width - INDENTED):
            indented(out, line, style)


def number_grid(name: str, *columns: str, prose: str | None = None) -> Grid:
    """Return a table of names and numbers, with at most one column of prose."""
    kinds: list[tuple[str, Kind]] = [(column, "prose" if column == prose else "number") for column in columns]
    return Grid((name, "name"), *kinds)


def pieces(title: str) -> list[str]:
    """Return a title in pieces that may be on lines of their own: words, and the parts of a name."""
    return PIECE.findall(title)


def stack(title: str, width: int) -> str:
    """Return a title on lines of a width, broken between words or after a sign of a name."""
    rows: list[str] = []
    end = 0
    for found in PIECE.finditer(title):
        blank = " " if found.start() > end else ""
        if rows and cell_len(rows[-1] + blank + found[0]) <= width:
            rows[-1] += blank + found[0]
        else:
            rows.append(found[0])
        end = found.end()
    return "\n".join(rows)


def joined(items: list[str], width: int) -> list[str]:
    """Join items with commas, on lines of a width if they fit."""
    rows: list[str] = []
    for n, item in enumerate(items):
        item += "," * (n + 1 < len(items))
        if rows and cell_len(f"{rows[-1]} {item}") <= width:
            rows[-1] += f" {item}"
        else:
            rows.append(item)
    return rows


def indented(out: Screen, text: str, style: str) -> None:
    """Print a text on lines with a margin."""
    for line in Text(text, style).wrap(out, max(1, out.width - INDENTED)):
        line.rstrip()
        out.print(Text(" " * INDENTED) + line, soft_wrap=True)


def same_world(name: str, scenario: str, *words: object) -> str:
    """Return a command on the worlds of the current one: same seed, settings, theory, foresight and uncertainty."""
    given = get_current_context().params
    options = {name: given.get(name) for name in ("seed", "theory", "foresight", "uncertainty")}
    again = [word for name, value in options.items() if value is not None for word in (f"--{name}", value)]
    again += [word for setting in given.get("settings") or () for word in ("--set", setting)]
    return command_line(name, argument(scenario), *words, *again)
