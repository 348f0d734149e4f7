"""What commands print: texts exactly as they are written, tables that are never cut, JSON, and commands to run next.

No text is read as markup, and no text can command the terminal: control characters are shown as escapes, and so is
what the encoding of the output cannot say. What is heavy is imported by what needs it.
"""

import json
import os
import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal

import rich_click as click
from click import get_current_context
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from realpolitik.texts import acts, inert

KEPT = "\n\t\u200c\u200d"
"""What acts but belongs to texts: line breaks, tabs, and the joiners of scripts and emoji."""
PIPE = 120
"""Columns where no terminal says how many there are; a table that needs more takes more."""
READABLE = 16
"""Columns below which a column of prose is not worth reading."""
BLOCKS = " ▏▎▍▌▋▊▉█"
BAR = 24


def printable(text: str, encoding: str | None = None) -> str:
    """Return a text as it may be printed: what acts, or what the output's encoding lacks, as escapes."""
    encoding = encoding or getattr(sys.stdout, "encoding", None) or "utf-8"
    return inert(text, KEPT).encode(encoding, "backslashreplace").decode(encoding)


def say(text: str, *, err: bool = False) -> None:
    """Print a line."""
    click.echo(printable(text), err=err)


def notify(text: str) -> None:
    """Print a line on stderr, after the program's name; a message is one line."""
    click.echo(f"realpolitik: {inert(text)}", err=True)


def print_json(document: Any, indent: int | None = None) -> None:
    """Print one JSON document on stdout: UTF-8 whatever the locale, with escapes for whatever acts."""
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, indent=indent)
    if not text.isprintable():
        text = "".join(json.dumps(c)[1:-1] if c != "\n" and acts(c) else c for c in text)
    click.echo(text.encode())


class Screen(Console):
    """A console that prints texts as they are."""

    def __init__(self) -> None:
        super().__init__(markup=False, emoji=False, highlight=False)
        if not self.is_terminal:
            self.width, self.soft_wrap = PIPE, True

    def render_str(self, text: str, **options: Any) -> Text:
        """Make a text of a string, such as a line or a cell of a table."""
        return super().render_str(printable(text, self.encoding), **options)

    def say(self, *parts: str | tuple[str, str], style: str = "") -> None:
        """Print a line of parts, each a text or a text with its style."""
        pairs = ((part, "") if isinstance(part, str) else part for part in parts)
        self.print(Text.assemble(*((printable(text, self.encoding), look) for text, look in pairs), style=style))

    def hint(self, lead: str, *commands: str) -> None:
        """Print commands to run next, each whole on one line."""
        for n, command in enumerate(commands):
            self.print(f"{lead if n == 0 else ' ' * len(lead)} {command}", style="dim", soft_wrap=True)

    def bar(self, share: float) -> str:
        """Draw a share of a full bar, to an eighth of a character where there are such characters."""
        eighths = round(min(max(share, 0.0), 1.0) * BAR * 8)
        try:
            BLOCKS.encode(self.encoding)
        except UnicodeEncodeError:
            return "#" * round(eighths / 8)
        return "█" * (eighths // 8) + BLOCKS[eighths % 8].strip()


Kind = Literal["name", "prose", "number", "bar"]


class Grid:
    """A table: names, prose, numbers and bars. Where it does not fit, each row becomes a few lines; nothing is cut."""

    def __init__(self, *columns: tuple[str, Kind]) -> None:
        self.columns = columns
        self.rows: list[tuple[str, ...]] = []
        self.styles: list[str] = []

    def add(self, *cells: str, style: str = "") -> None:
        """Add a row."""
        self.rows.append(cells)
        self.styles.append(style)

    def show(self, out: Screen) -> None:
        """Print the table, or its rows one below the other."""
        least = self._least()
        if least > out.width and out.is_terminal:
            self._stack(out)
            return
        before = out.width
        out.width = max(before, least)
        out.print(self._table(), soft_wrap=False)
        out.width = before

    def _least(self) -> int:
        """Columns that the table needs if prose is wrapped and nothing else is."""
        widths = []
        for n, (title, kind) in enumerate(self.columns):
            longest = max((cell_len(line) for row in self.rows for line in row[n].split("\n")), default=0)
            widths.append(max(cell_len(title), min(longest, READABLE) if kind == "prose" else longest))
        return sum(widths) + len(widths) - 1

    def _table(self) -> Table:
        table = Table(box=None, pad_edge=False, header_style="bold")
        for title, kind in self.columns:
            prose = kind == "prose"
            table.add_column(
                title,
                style="dim" if kind == "name" else None,
                justify="right" if kind == "number" else "left",
                no_wrap=not prose,
                overflow="fold",
                min_width=min(READABLE, self._longest(title)) if prose else None,
            )
        for row, style in zip(self.rows, self.styles, strict=True):
            table.add_row(*row, style=style or None)
        return table

    def _longest(self, title: str) -> int:
        n = [name for name, _ in self.columns].index(title)
        return max(cell_len(cell) for cell in (title, *(row[n] for row in self.rows)))

    def _stack(self, out: Screen) -> None:
        for row, style in zip(self.rows, self.styles, strict=True):
            out.print(row[0], style=style or "bold", soft_wrap=True)
            for (title, kind), cell in list(zip(self.columns, row, strict=True))[1:]:
                if cell and kind != "bar":
                    out.print(f"  {title}: {cell}", style=style, soft_wrap=kind != "prose")


def quoted(word: object) -> str:
    """Quote a word for a shell; one that a terminal must not see as it is, in the `$'...'` of bash, zsh and ksh."""
    text = str(word)
    if printable(text) == text and not any(acts(c) for c in text):
        return shlex.quote(text)
    escaped = (chr(b) if 32 <= b < 127 and b not in b"\\'" else f"\\x{b:02x}" for b in os.fsencode(text))
    return f"$'{''.join(escaped)}'"


def command_line(*words: object) -> str:
    """Return a command of this program as a shell takes it."""
    return " ".join(("realpolitik", *map(quoted, words)))


def argument(path: object) -> str:
    """Return a path so that no command takes it for an option."""
    return f"./{path}" if str(path).startswith("-") else str(path)


def same_world(name: str, scenario: str, *words: object) -> str:
    """Return a command on the same worlds as the one at hand: its seed, settings, theory and uncertainty again."""
    given = get_current_context().params
    asked = {"--seed": given.get("seed"), "--theory": given.get("theory"), "--uncertainty": given.get("uncertainty")}
    again = [word for option, value in asked.items() if value is not None for word in (option, value)]
    again += [word for setting in given.get("settings") or () for word in ("--set", setting)]
    return command_line(name, argument(scenario), *words, *again)


@contextmanager
def progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """Show progress on stderr, if that is a terminal."""
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn

    with _bar(None, TextColumn(what, markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()) as report:
        yield report


@contextmanager
def rated() -> Iterator[Callable[[int, int], None]]:
    """Show runs, runs a second and the time left on stderr, if that is a terminal."""
    from rich.progress import BarColumn, ProgressColumn, Task, TextColumn, TimeRemainingColumn

    class Rate(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(f"{task.speed:,.0f} runs/s" if task.speed else "")

    counts = TextColumn("{task.completed:,.0f} of {task.total:,.0f} runs", markup=False)
    with _bar(1, BarColumn(), counts, Rate(), TimeRemainingColumn()) as report:
        yield report


@contextmanager
def _bar(total: int | None, *columns: Any) -> Iterator[Callable[[int, int], None]]:
    """Show a bar: at once, without an end, if no total is given; else from the first report on."""
    from rich.progress import Progress

    errors = Console(stderr=True, markup=False, emoji=False, highlight=False)
    with Progress(*columns, console=errors, disable=not errors.is_terminal, transient=True) as bar:
        task = bar.add_task("", total=total, visible=total is None)
        yield lambda done, total: bar.update(task, completed=done, total=total, visible=True)
