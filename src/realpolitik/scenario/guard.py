"""What is refused before a parser sees it: anything but a small, shallow text file.

A 40 KB dotted key costs tomllib 18 s and deep nesting exhausts its stack; both fit easily in a small upload.
"""

import os
import re
import stat
import tomllib
from pathlib import Path
from typing import Any

from realpolitik.scenario.errors import Place, ScenarioError

MOST_BYTES = 1_000_000
MOST_DOTS = 8
DEEPEST = 16
MOST_MARKS = 60_000
LONGEST_WORD = 4_000
TOKEN = re.compile(
    r'''"""(?:[^"\\]++|\\.|"(?!""))*+(?:"{3,5})?|\'\'\'(?:[^\']++|'(?!\'\'))*+(?:'{3,5})?'''
    r"""|"(?:[^"\\\n]++|\\[^\n])*+"?|'[^'\n]*+'?|\#[^\n]*+|[.\[\]{}=,]|\n++""",
    re.DOTALL,
)
WHERE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


def read(path: Path, name: str) -> str:
    """Read a regular file of at most 1 MB; a pipe, a device or a folder is refused unread."""
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a usable file name"
        raise refusal(name, f"cannot be read: {reason}") from None
    with os.fdopen(handle, "rb") if regular(handle) else refused(handle, name) as file:
        return decoded(file.read(MOST_BYTES + 1), name)


def regular(handle: int) -> bool:
    """Say whether an open file is an ordinary one."""
    return stat.S_ISREG(os.fstat(handle).st_mode)


def refused(handle: int, name: str) -> Any:
    """Close what is not an ordinary file."""
    os.close(handle)
    raise refusal(name, "not a regular file")


def decoded(raw: bytes, name: str) -> str:
    """Decode UTF-8, the only encoding of TOML."""
    if len(raw) > MOST_BYTES:
        raise refusal(name, "larger than 1 MB")
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode()
        line = before.count("\n") + 1
        column = len(before) - before.rfind("\n")
        raise refusal(name, "not valid UTF-8", line, column) from None


def parsed(text: str, name: str) -> dict[str, Any]:
    """Parse a TOML text of harmless shape."""
    if len(text) > MOST_BYTES or len(text.encode(errors="replace")) > MOST_BYTES:
        raise refusal(name, "larger than 1 MB")
    if text.startswith("\ufeff"):
        raise refusal(name, "starts with a byte order mark; save it as plain UTF-8", 1, 1)
    check_shape(text, name)
    try:
        return tomllib.loads(text)
    except ValueError as error:
        raise syntax(text, name, str(error)) from None
    except RecursionError:
        raise refusal(name, "nested too deeply") from None


def check_shape(text: str, name: str) -> None:
    """Refuse long dotted keys, deep nesting and too many marks, whatever strings and comments hold."""
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
            raise at_offset(text, name, match.start() - word * (word > LONGEST_WORD), problem)


def excess(dots: int, depth: int, marks: int, word: int) -> str | None:
    """Say what there is too much of."""
    if dots > MOST_DOTS:
        return f"a key of more than {MOST_DOTS} dots"
    if depth > DEEPEST:
        return f"brackets nested more than {DEEPEST} deep"
    if marks > MOST_MARKS:
        return f"more than {MOST_MARKS:,} keys, entries and lines"
    return f"a name or number of more than {LONGEST_WORD:,} characters" if word > LONGEST_WORD else None


def syntax(text: str, name: str, message: str) -> ScenarioError:
    """Turn a parser's complaint into one of ours."""
    found = WHERE.search(message)
    problem = f"not valid TOML: {message[: found.start()] if found else message}"
    if found and found[1]:
        return refusal(name, problem, int(found[1]), int(found[2]))
    return at_offset(text, name, len(text.rstrip("\n")), problem)


def at_offset(text: str, name: str, offset: int, problem: str) -> ScenarioError:
    """Refuse a text because of what stands at an offset."""
    line = text.count("\n", 0, offset) + 1
    return refusal(name, problem, line, offset - text.rfind("\n", 0, offset))


def refusal(name: str, problem: str, line: int = 0, column: int = 0) -> ScenarioError:
    """Make the error for a file that cannot be parsed."""
    return ScenarioError(Place(name, line, column), "", problem)
