"""The index of positions, against tomllib and against the text itself."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from realpolitik.scenario.toml import positions

BARE = st.text("abz09_-", min_size=1, max_size=4)
NAME = BARE | BARE.map(lambda name: f'"{name} .=#]"') | BARE.map(lambda name: f"'{name}\"}}'") | st.just('"\\u00e9\\""')
KEY = st.lists(NAME, min_size=1, max_size=3).map(" . ".join) | NAME
ATOM = st.sampled_from(
    [
        "1",
        "-0.5",
        "1e400",
        "0xff",
        "nan",
        "true",
        "2030-01-01",
        "2030-01-01 10:00:00",
        '""',
        '"a # b"',
        '"\\"]"',
        "'c = ['",
        "'''\n[t]\n'''",
        '"""x\n"quoted" = 1\n"""',
        '"""two" ends"""""',
    ]
)


def braces(pairs: list[tuple[str, str]]) -> str:
    """Write an inline table."""
    return "{ " + ", ".join(f"{key} = {value}" for key, value in pairs) + " }"


def brackets(values: list[str]) -> str:
    """Write a list over several lines, with a comment and a trailing comma."""
    return "[\n" + "".join(f"  {value}, # ], x = 1\n" for value in values) + "]"


VALUE = st.recursive(
    ATOM,
    lambda inner: st.lists(inner, max_size=3).map(brackets) | st.lists(st.tuples(KEY, inner), max_size=3).map(braces),
)
PAIR = st.builds("{} = {} # comment\n".format, KEY, VALUE)
HEADER = st.builds("[{}]\n".format, KEY) | st.builds("  [[ {} ]]  # [[x]]\n".format, KEY) | st.just("\n# [c]\n")


def legal(blocks: list[str]) -> str:
    """Keep the blocks that together make a text which tomllib accepts."""
    text = ""
    for block in blocks:
        try:
            tomllib.loads(text + block)
        except tomllib.TOMLDecodeError:
            continue
        text += block
    return text


def walked(node: Any, loc: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every table, key and list entry of a parsed text."""
    yield loc
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in children:
        yield from walked(child, (*loc, key))


def names_key(rest: str, key: str) -> bool:
    """Say whether a text begins with a key, bare or quoted."""
    word = rest.split("\n")[0]
    if word[0] not in "\"'":
        return word.startswith(key)
    ends = [n for n, character in enumerate(word) if n and character == word[0]]
    return any(key in parsed(word[: end + 1]) for end in ends)


def parsed(word: str) -> dict[str, Any]:
    """Read one quoted key, if it is one."""
    try:
        return tomllib.loads(f"{word} = 0")
    except tomllib.TOMLDecodeError:
        return {}


@given(st.lists(PAIR | HEADER, max_size=8).map(legal))
def test_everything_that_is_parsed_has_a_position(text: str) -> None:
    """The index holds the same tables, keys and entries that tomllib finds."""
    assert set(positions(text)) == set(walked(tomllib.loads(text)))


@given(st.lists(PAIR | HEADER, max_size=8).map(legal))
def test_each_position_is_where_the_key_is_written(text: str) -> None:
    """At the line and column of a key stands that key."""
    lines = text.split("\n")
    for loc, (line, column) in positions(text).items():
        if loc and isinstance(loc[-1], str):
            assert names_key(lines[line - 1][column - 1 :], loc[-1]), (loc, line, column)


def test_rows_of_a_file_are_found_at_their_header() -> None:
    """A row stands at its header, a key at its own line, a dotted key at each of its parts."""
    text = (Path(__file__).parent / "small.toml").read_text(encoding="utf-8")
    found, lines = positions(text), text.splitlines()
    line, column = found["moves", "sell"]
    assert (lines[line - 1], column) == ("[moves.sell]", 8)
    line, column = found["dependence", "grain", "alternatives", "effects", "drought"]
    assert lines[line - 1][column - 1 :] == "drought = -0.5 } }"
    line, column = found["dependence", "crossing", "alternatives", "effects", "ferry"]
    assert (lines[line - 1], column) == ("alternatives.effects.ferry = 0.4", 22)
    line, column = found["drivers", "flood", "season", 2]
    assert lines[line - 1][column - 1 :].startswith("0.7")
