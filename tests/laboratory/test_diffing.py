"""Differences of scenarios: every row and value that differs is listed once, with its reason, and nothing else."""

import json
import shlex
import shutil
from pathlib import Path

import pytest

import realpolitik as rp
from commanding import command

SMALL = Path(__file__).parent / "small.toml"
DIFF = """extends = "{base}"
reason = "The clerk is ill, and the boats are old"
claims = ["C01"]
drop = ["moves.press"]

[meta]
title = "No clerk"

[set]
"moves.sell.cost" = 0.1
"theory.phi" = {{ value = 1.5, low = 1.0, high = 3.0 }}
"interests.upland_toll.reason" = "Bread is dear"

[moves.scuttle]
actor = "Upland"
label = "scuttles a boat"
changes = {{ ferry = {{ by = 0.1 }} }}
reason = "It leaks"
assumption = true

[[from]]
month = "2031-01"
[from.set]
"dependence.grain.stake" = 0.7
"""


@pytest.fixture
def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose name holds a space, with a small scenario and a diff on it; the current folder is its parent."""
    folder = tmp_path / "two words"
    folder.mkdir()
    shutil.copy(SMALL, folder / "case.toml")
    (folder / "no-clerk.toml").write_text(DIFF.format(base="case.toml"))
    monkeypatch.chdir(tmp_path)
    return folder


def test_rows_and_values_are_listed_with_reasons(there: Path) -> None:
    """Added and dropped rows, numbers, ranges, months of change and texts are each listed, with the reason given."""
    found = rp.diff(f"{there.name}/case.toml", f"{there.name}/no-clerk.toml")
    reason = "The clerk is ill, and the boats are old"
    assert [(row.path, row.label, row.reason) for row in found.added] == [
        ("moves.scuttle", "scuttles a boat", "It leaks")
    ]
    assert [(row.path, row.reason) for row in found.removed] == [("moves.press", reason)]
    assert {change.path: (change.first, change.other, change.reason) for change in found.changed} == {
        "moves.sell.cost": ({"value": 0.05, "low": 0.0, "high": 0.2}, 0.1, reason),
        "theory.phi": (
            {"value": 1.5, "low": 0.5, "high": 3.0},
            {"value": 1.5, "low": 1.0, "high": 3.0},
            reason,
        ),
        "dependence.grain.stake@2031-01": (None, 0.7, reason),
    }
    assert {change.path for change in found.texts} == {"meta.title", "interests.upland_toll.reason"}
    assert {change.path: change.where for change in found.changed}["theory.phi"] == "two words/no-clerk.toml:11"
    assert not found.same


def test_the_other_way_round_swaps_both_sides(there: Path) -> None:
    """From B to A, what was added is removed, and first and other values are exchanged."""
    ahead = rp.diff(there / "case.toml", there / "no-clerk.toml")
    back = rp.diff(there / "no-clerk.toml", there / "case.toml")
    assert [row.path for row in back.removed] == [row.path for row in ahead.added]
    assert [row.path for row in back.added] == [row.path for row in ahead.removed]
    assert {(c.path, c.first, c.reason) for c in back.changed if not isinstance(c.first, dict)} == {
        (c.path, c.other, c.reason) for c in ahead.changed if not isinstance(c.other, dict)
    }


@pytest.mark.parametrize("name", [one.name for one in rp.shipped() if one.extends])
def test_differences_explain_the_checksum(name: str) -> None:
    """A shipped diff differs from its base in something that runs depend on, and every such value has a reason."""
    scenario = rp.load(name)
    found = rp.diff(next(one.extends for one in rp.shipped() if one.name == name) or "", scenario)
    assert not found.same
    assert all(entry.reason for entry in (*found.added, *found.removed, *found.changed))


def test_two_readings_of_one_file_are_the_same() -> None:
    """A scenario does not differ from itself, nor from a copy in which only texts differ."""
    scenario = rp.load(SMALL)
    assert rp.diff(scenario, SMALL).same
    worded = rp.diff(scenario, scenario.set({"moves.sell.label": "sells it"}))
    assert worded.same
    assert [change.path for change in worded.texts] == ["moves.sell.label"]


def test_the_order_of_rows_is_a_difference() -> None:
    """The same rows in another order are reported, because the checksum depends on the order."""
    text = SMALL.read_text()
    block = text[text.index("[issues.toll]") : text.index("[drivers.flood]")]
    moved = text.replace(block, "").replace("[issues.ferry]", f"{block}[issues.ferry]")
    found = rp.diff(rp.loads(text), rp.loads(moved))
    assert found.reordered == ["issues"]
    assert found.changed == []


def test_the_command_prints_a_next_command_that_runs(there: Path) -> None:
    """Text shows both values below their reason; JSON has everything; the printed command keeps the path whole."""
    done = command("diff", "two words/case.toml", "two words/no-clerk.toml")
    assert done.code == 0
    assert "moves.sell.cost" in done.out
    assert "0.05 (0 to 0.2)" in done.out
    _, *words = shlex.split(done.out.rpartition("Next:")[2])
    assert words == ["compare", "two words/case.toml", "two words/no-clerk.toml"]
    assert command(*words, "--worlds", 8).code == 0
    document = json.loads(command("diff", there / "case.toml", there / "no-clerk.toml", "--json").stdout)
    assert document == rp.diff(there / "case.toml", there / "no-clerk.toml").to_dict()


def test_a_misspelt_name_is_refused() -> None:
    """An unknown scenario ends with exit code 2 and the nearest name."""
    done = command("diff", "karabakh", "no-invason")
    assert done.code == 2
    assert "did you mean 'no-invasion'" in done.err
