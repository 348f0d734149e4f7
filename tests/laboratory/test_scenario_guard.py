"""Hostile files are refused before they cost anything, and never with a traceback."""

import os
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realpolitik.scenario import ScenarioError, load, loads
from realpolitik.texts import acts

TEXT = (Path(__file__).parent / "small.toml").read_text(encoding="utf-8")
BOMBS = {
    "dotted key": "a" + ".a" * 20_000 + " = 1",
    "spaced dots": "a" + " . a" * 20_000 + " = 1",
    "dotted header": "[a" + ".a" * 20_000 + "]",
    "brackets": "a = " + "[" * 20_000,
    "closed brackets": "a = " + "[" * 20_000 + "]" * 20_000,
    "braces": "a = " + "{a = " * 20_000,
    "headers": "[" * 900_000,
    "unclosed quotes": '"\\' + '\\"' * 400_000,
    "quotes": '"""' * 300_000,
    "digits": "a = 1" + "0" * 900_000,
    "hexadecimal": "a = 0x" + "f" * 900_000,
    "keys": "".join(f"k{n} = 1\n" for n in range(80_000)),
    "tables": "".join(f"[moves.k{n}]\n" for n in range(60_000)),
    "entries": "a = [" + "1," * 450_000 + "]",
    "path": 'extends = "karabakh"\n[set]\n"' + "a." * 400_000 + '" = 1\n',
    "two megabytes": "#" * 2_000_000,
}


@contextmanager
def quickly() -> Iterator[None]:
    """Fail if the block takes a second."""
    start = time.perf_counter()
    yield
    assert time.perf_counter() - start < 1.0


@contextmanager
def lightly() -> Iterator[None]:
    """Fail if the block takes 50 MB."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < 50e6
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_at_once(name: str) -> None:
    """No text of any shape costs a second."""
    with quickly(), pytest.raises(ScenarioError):
        loads(BOMBS[name])


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_takes_little_memory(name: str) -> None:
    """No text of any shape costs 50 MB."""
    with lightly(), pytest.raises(ScenarioError):
        loads(BOMBS[name])


def test_pipes_and_devices_are_refused_unread(tmp_path: Path) -> None:
    """A FIFO without writer, an endless device, a folder and a missing file do not block."""
    os.mkfifo(tmp_path / "pipe.toml")
    for path in (tmp_path / "pipe.toml", Path("/dev/zero"), tmp_path):
        with quickly(), pytest.raises(ScenarioError, match="not a regular file"):
            load(path)
    with pytest.raises(ScenarioError, match="cannot be read: No such file"):
        load(tmp_path / "nothing.toml")


def test_a_huge_file_is_refused_by_its_size(tmp_path: Path) -> None:
    """Of a sparse file of 1 GB no more than 1 MB is read."""
    with (tmp_path / "huge.toml").open("wb") as file:
        file.truncate(10**9)
    with quickly(), lightly(), pytest.raises(ScenarioError, match="larger than 1 MB"):
        load(tmp_path / "huge.toml")


@pytest.mark.parametrize("character", ["\u202e", "\U00018d09", "\x1b", "\u2028"])
def test_a_character_that_may_act_is_escaped(character: str) -> None:
    """Marks that reverse text, unassigned characters, escapes and line separators are shown as their code."""
    error = refusal_of(f'"a{character}b" = 1\n', "odd.toml")
    assert error is not None
    assert character not in str(error)
    assert character.encode("unicode_escape").decode() in str(error)


@pytest.mark.parametrize("name", ["a\0b.toml", "x" * 5_000 + ".toml", "\n.toml", "../\u202e.toml", "/"])
def test_odd_names_are_refused_in_one_line(name: str) -> None:
    """NUL, endless and reversed file names are answered like any other misspelling."""
    with pytest.raises(ScenarioError) as refusal:
        load(name)
    assert str(refusal.value).isprintable()


def test_dots_and_brackets_in_texts_and_comments_are_harmless() -> None:
    """Only keys are counted: texts may hold any number of dots, brackets and quotes."""
    role = "and so on . . . . . . . . . . . . [[[[[[[[[[[[[[[[[[[[ {{{{{{{{{{{{{{{{{{{{"
    odd = TEXT.replace("owns the ferry", role) + "# ...........[[[[[[[[[[[[[[[[[[[[[[[[\n"
    odd = odd.replace('"Hunger makes sellers."', '"""\nHunger ""makes"" sellers.........."""')
    odd = odd.replace('"lends to both"', f"'{role} \"'")
    assert loads(odd).document["actors"]["Upland"]["role"] == role


@pytest.mark.parametrize("hidden", ["\\u202e", "\\u2066", "\\u200b", "\\u0000", "\\u001b", "\\u2028", "\\ufeff"])
@pytest.mark.parametrize("text", ["Upland buys its bread", "Hunger makes sellers.", "the ferry"])
def test_hidden_characters_are_refused_in_texts(text: str, hidden: str) -> None:
    """What is read must be what is written: no overrides, no zero width, no controls."""
    with pytest.raises(ScenarioError, match=r"contains the control character U\+"):
        loads(TEXT.replace(text, text[:2] + hidden + text[2:]))


def test_piled_marks_are_refused() -> None:
    """A flood of combining marks is refused; the accents of a language are not."""
    with pytest.raises(ScenarioError, match="combining marks"):
        loads(TEXT.replace("the ferry", "the fe" + "\u0301" * 30 + "rry"))
    assert loads(TEXT.replace("the ferry", "le bac a\u0300 péage"))


@pytest.mark.parametrize(
    "name", ["a b", "1a", "é", "a.b", "", "a>b", "price:a", "a" * 65, "Upl\u0430nd", "a\\u200bland"]
)
def test_an_id_is_plain(name: str) -> None:
    """Ids are letters, digits, _ and -: none can look like another."""
    with pytest.raises(ScenarioError):
        loads(TEXT.replace("[claims.C02]", f'[claims."{name}"]'))


def refusal_of(text: str, name: str) -> ScenarioError | None:
    """Read a text; give the error if it is refused."""
    try:
        loads(text, name)
    except ScenarioError as error:
        return error
    return None


@given(st.data())
def test_any_damage_is_answered_by_a_scenario_error(data: st.DataObject) -> None:
    """A file cut, spliced or overwritten is read or refused, never a crash."""
    start = data.draw(st.integers(0, len(TEXT)))
    end = data.draw(st.integers(start, min(len(TEXT), start + 40)))
    scrawl = data.draw(st.text(max_size=6) | st.sampled_from(["true", "{}", "[]", "nan", '"', "[[x]]\n", "1979-05-27"]))
    damaged = TEXT[:start] + scrawl + TEXT[end:]
    error = refusal_of(damaged, "damaged.toml")
    if error:
        assert error.file == "damaged.toml"
        assert not any(acts(character) for character in str(error))  # spaces of all widths are kept
        assert 1 <= error.line <= damaged.count("\n") + 1


@given(
    st.sampled_from(TEXT.splitlines()),
    st.sampled_from(["true", "1e400", "-1", '"x"', "[]", "{}", "{ a = 1 }", "[[1]]"]),
)
def test_any_wrong_value_is_answered_by_a_scenario_error(line: str, value: str) -> None:
    """Every value of every key can be replaced by one of another type without a crash."""
    key, equals, _ = line.partition(" = ")
    error = refusal_of(TEXT.replace(line, f"{key}{equals}{value}" if equals else line), "wrong.toml")
    if error:
        assert str(error).startswith(f"wrong.toml:{error.line}:{error.column}: ")
