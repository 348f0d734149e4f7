"""Levers in words, and the smallest change that brings an outcome to a share of worlds."""

from importlib.resources import files
from typing import Any

import pytest

import realpolitik as rp
from realpolitik.goals import STEPS, coarse, first_span
from realpolitik.levers import levers_of

BASE = rp.load("karabakh")
LEVERS = {lever.name: lever for lever in levers_of(BASE)}
COUNCIL = """
extends = "karabakh"
reason = "A test"
assumption = true
[levers.both]
label = "Two numbers at once?"
low = "none"
high = "all"
numbers = { "dependence.transit.alternatives" = [0.0, 1.0], "dependence.outlet.stake" = [1.0, 0.0] }
"""


def test_a_lever_moves_all_of_its_numbers() -> None:
    """Its ends are those of the file, its base and range are those of its numbers."""
    routes = LEVERS["routes"]
    assert routes.at(0.0) == {"dependence.transit.stake": 0.0, "dependence.outlet.stake": 0.0}
    assert routes.at(1.0) == {"dependence.transit.stake": 1.2, "dependence.outlet.stake": 1.0}
    assert routes.at(routes.base) == {path: BASE.numbers[path] for path in routes.ends}
    assert routes.plausible == (pytest.approx(0.25), pytest.approx(0.75))


@pytest.mark.parametrize("name", LEVERS)
def test_a_lever_is_where_its_numbers_are(name: str) -> None:
    """The place of the numbers at a position is that position, and numbers that are apart have no place."""
    lever = LEVERS[name]
    for step in range(0, 101, 10):
        assert lever.place(lever.at(step / 100)) == pytest.approx(step / 100, abs=0.005)
    assert lever.place({}) == lever.base
    if len(lever.ends) > 1:
        assert lever.place({next(iter(lever.ends)): 0.1}) is None


def test_a_position_in_words() -> None:
    """The ends have the words of the file; between them, the words say how far it is from the scenario's value."""
    war = LEVERS["war"]
    assert [war.words(place) for place in (0.0, 0.2, 0.5, 0.75, 1.0)] == [
        "no war",
        "40% of what it was",
        "as it is",
        "150% of what it was",
        "twice as heavy",
    ]
    both = next(lever for lever in levers_of(rp.loads(COUNCIL)) if lever.name == "both")
    assert both.words(0.3) == "30% of the way from “none” to “all”"


def replayed(goal: rp.Goal, numbers: dict[str, float]) -> float:
    """Return the share of worlds after a change, run in the usual way."""
    changed = rp.run(goal.scenario, worlds=goal.worlds, seed=goal.seed, set=numbers)
    return changed.probability(goal.outcome, by=goal.by)


@pytest.fixture(scope="module")
def goals() -> dict[str, rp.Goal]:
    """Seek a likely and an unlikely outcome of the base case."""
    return {name: rp.reach(BASE, name, by="2025-12", worlds=100) for name in ("free_exit", "corridor_forced")}


@pytest.mark.parametrize(
    ("outcome", "kind"), [("free_exit", "lever"), ("free_exit", "number"), ("corridor_forced", "lever")]
)
def test_a_change_brings_the_outcome_to_the_share(goals: dict[str, rp.Goal], outcome: str, kind: str) -> None:
    """A run with the change gives the share that is stated, on the other side of one half than before."""
    goal = goals[outcome]
    way: Any = getattr(goal, kind)
    assert replayed(goal, {}) == goal.value
    assert replayed(goal, way.numbers) == pytest.approx(way.share)
    assert (goal.value < 0.5 <= way.share) if goal.rising else (way.share <= 0.5 < goal.value)


def test_one_step_less_is_not_enough(goals: dict[str, rp.Goal]) -> None:
    """The change is the smallest of its lever: one step before it, the share is not reached."""
    way = goals["corridor_forced"].lever
    assert way is not None
    lever = LEVERS[way.name]
    place = lever.place(way.numbers)
    assert place is not None
    assert replayed(goals["corridor_forced"], lever.at(place - 1 / STEPS)) < 0.5


def test_no_change_is_said_plainly(goals: dict[str, rp.Goal]) -> None:
    """An outcome that no number brings about within its range has no change of a number."""
    assert goals["corridor_forced"].number is None
    assert goals["corridor_forced"].to_dict()["number"] is None


def test_numbers_of_levers_are_not_found_twice(goals: dict[str, rp.Goal]) -> None:
    """The change of one number is of a number that no lever moves, and within its range."""
    way = goals["free_exit"].number
    assert way is not None
    assert all(way.name not in lever.ends for lever in LEVERS.values())
    low, high = BASE.ranges[way.name]
    assert low <= way.numbers[way.name] <= high


def test_a_template_has_numbers_and_no_levers() -> None:
    """In a file without levers, a number is found; a run with it gives the share."""
    file = files("realpolitik.cli") / "templates" / "garrison.toml"
    goals = [rp.reach(str(file), outcome, worlds=100) for outcome in rp.load(str(file)).document["outcomes"]]
    assert all(goal.lever is None for goal in goals)
    found = [(goal, goal.number) for goal in goals if goal.number]
    assert found
    for goal, way in found:
        assert replayed(goal, way.numbers) == pytest.approx(way.share)


def test_the_first_positions_and_the_first_crossing() -> None:
    """Quarters of a path are tried first; the span before the first crossing is searched, however the share goes on."""
    assert coarse(100) == [24, 49, 74, 99]
    assert coarse(2) == [0, 1]
    assert coarse(0) == []
    assert first_span([24, 49, 74, 99], lambda mark: mark == 49) == (24, 49)
    assert first_span([24, 49], lambda mark: mark > 0) == (-1, 24)
    assert first_span([24, 49], lambda mark: mark < 0) is None


@pytest.mark.parametrize(
    ("given", "message"), [({"target": 1.0}, "target must be"), ({"outcome": "x"}, "unknown outcome")]
)
def test_invalid_goals_are_refused(given: dict[str, Any], message: str) -> None:
    """A share of 0 or 1 and an unknown outcome are refused."""
    with pytest.raises(ValueError, match=message):
        rp.reach(BASE, **{"outcome": "free_exit", **given})
