"""Each malformed file holds one fault, and is refused for it at its line and column."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from realpolitik.scenario import ScenarioError, load, shipped

HERE = Path(__file__).parent
EXPECTED: dict[str, dict[str, Any]] = tomllib.loads((HERE / "malformed.toml").read_text(encoding="utf-8"))


@pytest.fixture(autouse=True)
def _in_the_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Errors name files as they are given, from the current folder."""
    monkeypatch.chdir(HERE / "malformed")


@pytest.mark.parametrize("name", EXPECTED)
def test_a_fault_is_named_by_file_line_column_and_key(name: str) -> None:
    """The error gives the place, the dotted key, what is wrong and the nearest valid name."""
    expected = EXPECTED[name]
    with pytest.raises(ScenarioError) as refusal:
        load(f"{name}.toml")
    error = refusal.value
    assert error.file == expected.get("file", f"{name}.toml")
    assert (error.line, error.column, error.key) == (expected["line"], expected["column"], expected["key"])
    names = ", ".join(sorted(row.name for row in shipped()))
    assert error.problem == expected["says"].replace("{shipped}", names)
    assert error.suggestion == expected.get("suggestion")


@pytest.mark.parametrize("name", EXPECTED)
def test_an_error_is_one_legible_line(name: str) -> None:
    """The text of an error is `file:line:column: problem`, in printable characters only."""
    with pytest.raises(ScenarioError) as refusal:
        load(f"{name}.toml")
    error = refusal.value
    hint = f"; did you mean '{error.suggestion}'?" if error.suggestion else ""
    assert str(error).startswith(f"{error.file}:{error.line}:{error.column}: ")
    assert str(error).endswith(hint)
    assert str(error).isprintable()


def test_every_malformed_file_is_listed() -> None:
    """The table of expected errors and the folder name the same files."""
    assert sorted(path.stem for path in (HERE / "malformed").glob("*.toml")) == sorted(EXPECTED)


def test_the_message_reads_as_promised() -> None:
    """A misspelt key is answered in the words of the design."""
    with pytest.raises(ScenarioError) as refusal:
        load("unknown_key.toml")
    assert str(refusal.value) == "unknown_key.toml:19:1: unknown key 'strat' in issues.water; did you mean 'start'?"


def test_an_unknown_name_lists_what_is_shipped() -> None:
    """A misspelt name of a shipped scenario is answered with the names there are."""
    with pytest.raises(ScenarioError, match=r"^unknown scenario 'karabak' \(shipped: .*karabakh.*'karabakh'\?$"):
        load("karabak")


def test_a_missing_file_suggests_its_neighbour() -> None:
    """A misspelt path is answered with the nearest file of its folder."""
    with pytest.raises(ScenarioError, match=r"no such file: '../smal.toml'; did you mean '../small.toml'\?"):
        load("../smal.toml")
