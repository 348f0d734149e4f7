"""Coverage: intervals hold what they should, a wrong rule shows, and the command says so."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import realpolitik as rp
from commanding import command
from realpolitik.calibration import coverage
from realpolitik.calibration.coverage import Bank, Coverage, PriorCheck, Ranks, observed
from realpolitik.calibration.fitness import Dated, Targets
from realpolitik.pairing import wilson
from realpolitik_viz import coverage_figure

SMALL = (Path(__file__).parent / "small.toml").read_text(encoding="utf-8")
HISTORY = '\n[history.sold]\noutcome = "handed_over"\ndate = "2030-10"\nsource = "Invented"\n'
OWN = re.sub(r"(?s)\[history.*?(?=\[claims)", HISTORY + "\n", SMALL, count=1)
QUICK = {"histories": 400, "drawn": 4_000, "error": 2.0}


@pytest.fixture(scope="module")
def covered() -> Coverage:
    """Return the check of the ferry, whose history says much about what weighs on the owner."""
    return coverage(rp.loads(OWN), **QUICK)


def test_intervals_of_the_rule_cover(covered: Coverage) -> None:
    """Every number is held in about 80% of histories, also one that a history says much about."""
    assert covered.ok, covered.verdict()
    assert max(row.contraction for check in covered.checks for row in check.numbers) > 0.1
    left = sum(check.left_out for check in covered.checks)
    assert (f"{left} of 800 histories were too rare to be fitted" in covered.verdict()) is bool(left)
    for check in covered.checks:
        assert all(sum(row.histogram) == check.histories for row in check.numbers)
        assert check.histories + check.left_out == 400


def test_a_rule_that_is_too_sure_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the settings that reproduce a history, the tenth with the lowest numbers does not cover."""
    right = Bank.matching

    def sure(self: Bank, *seen: Any) -> Any:
        near = right(self, *seen)
        return near[np.argsort(self.points[near].sum(axis=1))[: max(100, len(near) // 10)]]

    monkeypatch.setattr(Bank, "matching", sure)
    found = coverage(rp.loads(OWN), **QUICK)
    assert not found.ok
    assert "outside 72% to 88%" in found.verdict()


@pytest.mark.parametrize(
    ("held", "of", "fails"), [(6, 10, 0), (1380, 2000, 1), (10, 10, 0), (0, 10, 1), (1600, 2000, 0)]
)
def test_a_share_that_few_histories_leave_open_does_not_fail(held: int, of: int, fails: int) -> None:
    """A share outside 72% to 88% fails if its interval excludes 80%; of any other, the verdict says that it is open."""
    number = Ranks("x", *wilson(held, of), 0.1, [])
    found = Coverage(rp.loads(OWN), 1, 3.0, 100, [PriorCheck("all ranges", of, 0, 200.0, [number])])
    beyond = not 0.72 <= held / of <= 0.88
    assert found.ok is not bool(fails)
    said = "1 number is" if fails else "no number is clearly" if beyond else "no number is"
    assert f"{said} outside 72% to 88%." in found.verdict()
    assert ("Of 1 outside, so few histories cannot tell" in found.verdict()) is (beyond and not fails)


def test_a_made_history_is_observed_as_long_as_the_real_one() -> None:
    """What a world shows after the last month of the real history is not seen, and counts as not yet."""
    rows = tuple(Dated(name, n, 5, True) for n, name in enumerate(("early", "late", "never")))
    seen = observed(Targets(rows, (), 30), np.array([3, 9, -1], np.int16), 7)
    assert [(row.month, row.happened) for row in seen.dated] == [(3, True), (7, False), (7, False)]


def test_the_command_says_whether_intervals_cover(tmp_path: Path) -> None:
    """Exit 0 with the table, a figure if asked for; a sample cannot be asked for at the same time."""
    (tmp_path / "own.toml").write_text(OWN, encoding="utf-8")
    asked = ("calibrate", tmp_path / "own.toml", "--check", "--histories", 200, "--error", 2)
    done = command(*asked, "--plot", tmp_path / "ranks.svg", "--json")
    found = json.loads(done.out)
    assert (done.code == 0) is found["ok"]
    assert found["checks"][0]["name"] == "all ranges"
    assert (tmp_path / "ranks.svg").is_file()
    refused = command(*asked, "--out", tmp_path / "x.parquet")
    assert (refused.code, refused.err.count("\n")) == (2, 1)


def test_the_figure_has_a_histogram_for_each_number(covered: Coverage) -> None:
    """Each prior has one axis for all numbers and one for each of those that histories say most about."""
    drawn = coverage_figure(covered)
    assert len(drawn.axes) == sum(1 + min(8, len(check.numbers)) for check in covered.checks)
