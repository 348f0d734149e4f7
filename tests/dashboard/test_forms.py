"""Sliders and downloads of scenarios in which numbers respond, actors vote and several pay."""

from pathlib import Path

import pytest

import realpolitik as rp
from realpolitik.scenario import Scenario, bounds
from realpolitik.scenario.sources import Source
from realpolitik_viz.dashboard.editing import written
from realpolitik_viz.dashboard.scenario_data import levers
from realpolitik_viz.dashboard.view import View

HERE = Path(__file__).parents[1] / "laboratory"
FORMS = rp.load(HERE / "forms.toml")
COST, VOTES = "moves.lease.cost", "moves.council.consent.of.Lowland"
ROW = """
[moves.press_on]
actor = "Baku"
label = "presses on"
changes = { karabakh = { by = 0.1 } }
cost = { value = 0.1, low = 0.0, high = 0.2, effects = { war = 0.3 } }
reason = "r"
assumption = true
"""


def numbers(scenario: Scenario) -> dict[str, tuple[str, str, str, str]]:
    """Return path -> group, title of the row, name and unit of every slider."""
    return {
        one["path"]: (group["name"], row["title"], one["name"], one["unit"])
        for group in levers(scenario)["groups"]
        for row in group["rows"]
        for one in row["numbers"]
    }


def test_every_range_of_a_new_form_is_a_slider() -> None:
    """Each number with a range has a slider that names what it changes, within the bounds of the format."""
    shown = numbers(FORMS)
    lease, council = "Move: leases the ferry for a lower toll and credit", "Move: has the council open the ferry to all"
    assert shown.keys() == FORMS.ranges.keys() | {"theory.discount"}
    assert {path: shown[path] for path in shown if path.startswith(("moves.lease", "moves.council", "theory.f"))} == {
        "theory.foresight": (
            "The world",
            "The theory",
            "foresight",
            "months that actors look ahead; each takes ten times the time of a run without foresight",
        ),
        COST: ("Upland", lease, "cost", "utility per move"),
        f"{COST}.effects.flood": (
            "Upland",
            lease,
            "cost: effect of High water",
            "change of cost per unit of high water",
        ),
        "moves.lease.payment.from.Lowland.toll.by": (
            *("Upland", lease, "Lowland pays: Toll on grain by", "change of the issue, -1 to 1"),
        ),
        VOTES: ("Port", council, "votes of Lowland", "votes"),
    }
    assert all(one["bounds"] == list(bounds(path)) for path, one in by_path(FORMS).items())


def by_path(scenario: Scenario) -> dict[str, dict[str, object]]:
    """Return path -> slider."""
    rows = (row for group in levers(scenario)["groups"] for row in group["rows"])
    return {one["path"]: one for row in rows for one in row["numbers"]}


@pytest.mark.parametrize(
    ("path", "group", "title"),
    [
        ("actors.Moscow.capability", "Moscow", "Actor: Moscow"),
        ("outcomes.karabakh_taken.when.karabakh.above", "The world", "Outcome: "),
    ],
)
def test_rows_without_a_reason_have_sliders(path: str, group: str, title: str) -> None:
    """A range in [actors] or [outcomes], whose rows have no reason, is a slider like any other."""
    found = numbers(rp.load("karabakh", set={path: {"value": 0.5, "low": 0.4, "high": 0.6}}))[path]
    assert found[0] == group
    assert found[1].startswith(title)


@pytest.mark.parametrize("path", ["moves.press_on.cost", "moves.press_on.cost.effects.war"])
@pytest.mark.parametrize("base", ["complete", "diff", "set"])
def test_a_download_keeps_effects(path: str, base: str, tmp_path: Path) -> None:
    """A slider moved changes the value or one effect, in a complete file, a row of a diff and its [set] table."""
    text = (HERE.parents[1] / "scenarios" / "karabakh.toml").read_text(encoding="utf-8") + ROW
    if base == "diff":
        text = f'extends = "karabakh"\n{ROW}'
    if base == "set":
        path = path.replace("press_on", "withdraw")
        text = 'extends = "karabakh"\n[set]\n"moves.withdraw.cost" = { value = 0.1, effects = { war = 0.3 } }\n'
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    wanted = rp.load(tmp_path / "mine.toml", set={path: 0.15})
    made = written(Source("mine.toml", None, text), View(set=(f"{path}=0.15",)), wanted)
    (tmp_path / "made.toml").write_text(made, encoding="utf-8")
    assert rp.load(tmp_path / "made.toml").document == wanted.document
