"""docs/howto/choose-numbers.md: its examples are those of the shipped scenarios, its arithmetic that of the program."""

import re
from pathlib import Path

import pytest

import realpolitik as rp
from commanding import command
from realpolitik_model.equations.decision import chance_positive

PAGE = Path(__file__).parents[2] / "docs" / "howto" / "choose-numbers.md"
TEXT = PAGE.read_text(encoding="utf-8")
DECISION = ["--set", "theory.sigma=0", "--set", "theory.noise=0", "--set", "moves.sell.chance=0"]


def blocks(language: str) -> list[str]:
    """The blocks of code of the page in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


def between(start: str, end: str) -> str:
    """The part of the page from one heading to another."""
    return TEXT.split(start, 1)[1].split(end, 1)[0]


def test_the_anchors_are_numbers_of_the_base_case() -> None:
    """Each example of a salience or a cost has that number in the base case."""
    numbers = rp.load("karabakh").numbers
    found = 0
    for line in re.findall(r"^\| [0-9.]+ \|.*$", TEXT, re.MULTILINE):
        stated = float(line.split("|")[1])
        for path in re.findall(r"`((?:interests|moves)\.\w+)`", line):
            key = "cost" if path.startswith("moves") else "salience"
            assert numbers[f"{path}.{key}"] == stated, path
            found += 1
    assert found == 8


def test_the_chances_of_noise_are_those_of_the_model() -> None:
    """The table of chances by value is computed from the model's own noise."""
    table = between("With a noise of 0.05", "Keep noise")
    rows = re.findall(r"^\| (-?[0-9.]+) \| ([0-9.]+%) \| ([0-9.]+%) \|$", table, re.MULTILINE)
    assert len(rows) == 5
    for value, month, year in rows:
        chance = chance_positive(float(value), 0.05)
        assert (month, year) == (f"{chance:.1%}", f"{1 - (1 - chance) ** 12:.1%}")


def test_the_decision_is_that_of_the_starter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`explain` on a new case prints the account that the page shows, and the command of the page asks for it."""
    monkeypatch.chdir(tmp_path)
    assert command("new", "my-case").code == 0
    done = command("explain", "my-case.toml", "--full", *DECISION)
    assert (done.code, done.err) == (0, "")
    (shown,) = blocks("text")
    assert shown in done.out
    assert f"realpolitik explain my-case.toml --full {' '.join(DECISION)}\n" in blocks("sh")


def test_the_arithmetic_of_the_decision_is_right() -> None:
    """Every computed equation of the page holds, within one unit of the fourth digit, because terms are rounded."""
    part = between("## One decision", "## From a table") + between("By hand, for 2023", "The weight says")
    equations = re.findall(r"`([-0-9.+*/() ]+) = (-?[0-9.]+)`", part)
    sums = [pair for pair in equations if re.fullmatch(r"[-0-9.+*/() ]+", pair[0])]
    assert len(sums) == 14
    for terms, result in sums:
        assert eval(terms) == pytest.approx(float(result), abs=1e-4), terms


def test_the_numbers_of_the_decision_are_those_of_the_starter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The numbers that the arithmetic starts from are those of the starter case."""
    monkeypatch.chdir(tmp_path)
    command("new", "my-case")
    numbers = rp.load(Path("my-case.toml")).numbers
    stated = {
        "interests.patron_garrison.salience": 0.35,
        "interests.host_garrison.salience": 0.7,
        "dependence.transit.stake": 0.8,
        "dependence.transit.alternatives": 0.8,
        "dependence.transit.alternatives.effects.sanctions": -0.8,
        "drivers.sanctions.path.2026-12": 0.8,
        "moves.withdraw.cost": 0.05,
        "theory.phi": 1.0,
        "theory.noise": 0.05,
    }
    assert {path: numbers[path] for path in stated} == stated


def test_the_rows_of_the_table_are_those_of_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`derive` on the table of the page prints the rows of the page, to the last character."""
    monkeypatch.chdir(tmp_path)
    ((table,), (rows,)) = blocks("csv"), blocks("toml")
    Path("gas.csv").write_text(table, encoding="utf-8", newline="")
    asked = next(line for line in "".join(blocks("sh")).splitlines() if "derive" in line)
    done = command(*asked.split()[1:])
    assert (done.code, done.err) == (0, "")
    assert done.out == rows
