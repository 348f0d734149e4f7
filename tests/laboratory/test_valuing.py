"""`check --values`: what every move is worth, to be checked by hand."""

import json
import re
from itertools import pairwise
from pathlib import Path

import pytest

import realpolitik as rp
from commanding import command
from realpolitik.scenario import load
from realpolitik.scenario.traps import followers
from realpolitik.valuing import MoveValue, undone, value_moves
from realpolitik_model.considering import ConsideringModel
from realpolitik_model.equations.decision import chance_positive

BRIDGE = """
[issues.bridge]
label = "A bridge"
low = "none"
high = "open"
start = 0.05
reason = "Its first pier stands"
assumption = true

[interests.upland_bridge]
actor = "Upland"
issue = "bridge"
position = 0.0
salience = 0.6
reason = "Upland lives on the ferry"
assumption = true

[moves.build]
actor = "Lowland"
changes = { bridge = { to = 1.0 } }
label = "builds the bridge"
reason = "It takes a year"
assumption = true

[moves.mine]
actor = "Lowland"
changes = { toll = { by = -0.1 } }
requires = { bridge = { above = 0.5 }, ferry = { above = 0.9 } }
label = "lowers the toll"
reason = "Both ways across are Lowland's"
assumption = true

[moves.tear_down]
actor = "Upland"
changes = { bridge = { to = 0.0 } }
cost = 0.4
label = "tears the bridge down"
reason = "One pier is not worth the quarrel"
assumption = true

[moves.give_back]
actor = "Lowland"
changes = { ferry = { to = 0.2 } }
requires = { ferry = { above = 0.9 } }
label = "gives the ferry back"
reason = "It is a burden"
assumption = true

[moves.patch]
actor = "Lowland"
changes = { bridge = { by = -0.5 } }
requires = { flood = { below = 0.5 } }
label = "takes planks from it"
reason = "Boats need planks"
assumption = true
"""
START = """
[set]
"issues.ferry.start" = { value = 0.2, low = 0.1, high = 0.95 }
"""
VETOES, SMALL = (Path(__file__).parent / name for name in ("vetoes.toml", "small.toml"))


def worth(found: list[MoveValue], move: str, actor: str) -> MoveValue:
    """Return the row of a move and an actor."""
    (one,) = (one for one in found if (one.move, one.actor) == (move, actor))
    return one


def test_values_are_those_of_the_arithmetic() -> None:
    """Own interest, others' by their leverage, less the cost: by hand from the rows of the file, no noise in it."""
    values = value_moves(VETOES).values
    finland = worth(values, "hu_finland", "Budapest")
    assert finland.role == "owner"
    assert finland.start == pytest.approx(-0.25 + 0.3 * 0.5 * 0.4 - 0.5 * 0.7 * 0.2 - 0.03)
    helsinki = worth(values, "madrid", "Helsinki")
    assert helsinki.role == "asked"
    sale = worth(values, "sell_f16", "Washington")
    flank = 0.5 * (1 - (0.5 - 0.2 * 0.9))
    assert sale.drivers["congress"] == pytest.approx([sale.start + 0.8 * 0.6, sale.start])
    assert sale.drivers["war"] == pytest.approx([sale.start, sale.start + 0.7 * (0.5 * 0.7 - flank)])


def test_a_driver_at_its_extreme_is_the_same_as_a_path_that_is_level_there() -> None:
    """With the path of a driver at its highest value everywhere, values at the start are those at its highest."""
    found = value_moves(SMALL)
    for name, (_, high) in found.extremes.items():
        row = load(SMALL).document["drivers"][name]
        points = [f"path.{date}" for date in row["path"] or {}]
        points += [f"season.{n + 1}" for n in range(len(row["season"] or ()))]
        level = {f"drivers.{name}.{point}": high for point in points}
        moved = value_moves(load(SMALL).set({**level, f"drivers.{name}.scale": 1.0, f"drivers.{name}.shift": 0.0}))
        assert [one.start for one in moved.values] == pytest.approx([one.drivers[name][1] for one in found.values])


def test_changes_from_the_first_month_count_once() -> None:
    """A driver scaled from the first month on has the extremes, and the values, of one scaled from the beginning."""
    name = next(iter(value_moves(SMALL).extremes))
    start = load(SMALL).document["meta"]["start"]
    late = value_moves(load(SMALL).set({f"drivers.{name}.scale": f"0.5@{start}"}))
    early = value_moves(load(SMALL).set({f"drivers.{name}.scale": 0.5}))
    assert (late.extremes, late.values) == (early.extremes, early.values)


def test_a_value_below_zero_is_made_by_luck() -> None:
    """`above_zero` is the chance that noise brings the value at the start above 0."""
    values, noise = value_moves(VETOES).values, load(VETOES).numbers["theory.noise"]
    assert [one.above_zero for one in values] == [chance_positive(one.start, noise) for one in values]
    assert any(one.start < 0 < one.above_zero < 0.5 for one in values)


def test_check_prints_the_values() -> None:
    """`check --values` has a row per actor asked, as text and in JSON; without the option it runs nothing."""
    shown = command("check", VETOES, "--values")
    assert shown.code == 0, shown.err
    assert "hu_finland" in shown.out
    assert "Stockholm (payer)" in shown.out
    report = json.loads(command("check", VETOES, "--values", "--json").stdout)
    assert report["ok"]
    assert {one["role"] for one in report["values"]["values"]} == {"owner", "asked", "payer"}
    assert "values" not in json.loads(command("check", VETOES, "--json").stdout)


@pytest.mark.parametrize("file", [SMALL, VETOES, "karabakh"], ids=["small", "vetoes", "karabakh"])
def test_values_of_a_later_month_are_those_of_the_world_that_reaches_it(file: str | Path) -> None:
    """Each value is what the engine considers in that month, in a world without noise and misperception."""
    scenario = load(file).set({"theory.noise": 0.0, "theory.sigma": 0.0})
    case = scenario.case()
    model = ConsideringModel(case, moves=case.moves)
    found: dict[str, dict[str, float]] = {}
    while model.running:
        model.step()
        found[model.date] = {one.move: float(one.value[0]) for one in model.considered}
    dates = list(found)
    for month in (dates[0], dates[len(dates) // 2], dates[-1]):
        valued = value_moves(file, month)
        owners = {one.move: one.start for one in valued.values if one.role == "owner"}
        assert owners == pytest.approx(found[month], abs=1e-12)
    assert found[dates[0]] != found[dates[len(dates) // 2]]


def test_check_prints_the_values_of_a_month() -> None:
    """The month heads its column; a month outside the scenario, or without --values, is refused."""
    shown = command("check", SMALL, "--values", "--month", "2031-02")
    assert re.search(r"^move +worth to +2031-02 +above 0", shown.out, re.MULTILINE)
    assert "in 2031-02, in the state of world 0 without noise, whether" in " ".join(shown.out.split())
    first = command("check", SMALL, "--values").out
    assert command("check", SMALL, "--values", "--month", "2030-01").out == first
    report = json.loads(command("check", SMALL, "--values", "--month", "2031-02", "--json").stdout)
    assert report["values"]["month"] == "2031-02"
    for wrong in (("--month", "2031-02"), ("--values", "--month", "2039-01"), ("--values", "--month", "soon")):
        done = command("check", SMALL, *wrong)
        assert (done.code, done.err.count("\n")) == (2, 1), done.err


def bridge(folder: Path, extra: str = "") -> dict[str, str]:
    """What must come before the moves of a valley with a bridge, in words."""
    file = folder / "bridge.toml"
    head = f'extends = "{SMALL.as_posix()}"\nreason = "A bridge"\nassumption = true\n'
    file.write_text(head + extra + BRIDGE, encoding="utf-8")
    return {move: str(before) for move, before in followers(load(file)).items()}


def test_a_move_that_can_only_follow_others_is_named_with_them(tmp_path: Path) -> None:
    """A condition that the start does not meet, and a gain that is below the cost until another move was made."""
    assert bridge(tmp_path) == {"mine": "build", "tear_down": "build", "give_back": "hand_over or sell"}
    done = command("check", tmp_path / "bridge.toml", "--values")
    assert "\ngive_back can only follow hand_over or sell.\n" in done.out
    follows = json.loads(command("check", tmp_path / "bridge.toml", "--values", "--json").stdout)["values"]["follows"]
    assert follows["tear_down"] == {"moves": ["build"], "all": True}
    assert follows["give_back"] == {"moves": ["hand_over", "sell"], "all": False}


def test_all_that_must_come_before_is_named(tmp_path: Path) -> None:
    """With one way left to get the ferry, it and the bridge must both come first."""
    found = bridge(tmp_path, '[set]\n"moves.sell.requires.ferry.below" = 0.0\n')
    assert found["mine"] == "hand_over and build"


def test_what_a_shock_or_a_range_may_bring_about_needs_no_move(tmp_path: Path) -> None:
    """A shock that may raise the bridge, or a start that may be high, and no move must come before."""
    shock = """
[shocks.gift]
label = "A patron gives a bridge"
changes = { bridge = { to = 1.0 } }
hazard = 0.01
reason = "It may happen"
assumption = true
"""
    assert {"tear_down"}.isdisjoint(bridge(tmp_path, shock))
    assert bridge(tmp_path, shock)["mine"] == "hand_over or sell"
    assert "give_back" not in bridge(tmp_path, START)


RETAKE = """
[moves.take]
actor = "Lowland"
label = "takes the ferry"
changes = { ferry = { to = 1.0 } }
reason = "Its boats are nearer"
assumption = true

[moves.retake]
actor = "Upland"
label = "takes it back"
changes = { ferry = { to = 0.0 } }
cost = %s
reason = "Its boats are faster"
assumption = true
"""


def test_two_moves_that_undo_each_other_are_named(tmp_path: Path) -> None:
    """One takes the ferry and the other takes it back, month after month, unless that costs too much."""
    head = f'extends = "{SMALL.as_posix()}"\nreason = "Two grab it"\nassumption = true\n'
    for name, cost in (("free", "0.0"), ("dear", "0.9")):
        (tmp_path / f"{name}.toml").write_text(head + RETAKE % cost, encoding="utf-8")
    report = json.loads(command("check", tmp_path / "free.toml", "--values", "--json").stdout)
    (found,) = report["values"]["undoing"]
    assert (found["moves"], found["issue"]) == (["retake", "take"], "ferry")
    still = {"theory.noise": 0, "theory.sigma": 0}
    decisions = rp.explain(tmp_path / "free.toml", set=still, flips=False).decisions
    made = [one.account.move for one in decisions if one.changes.get("ferry") and one.account.result != "refused"]
    assert found["times"] == sum({*pair} == {"take", "retake"} for pair in pairwise(made)) > 6
    assert "\nnote: 'retake' and 'take' undo each other: " in command("check", tmp_path / "free.toml", "--values").out
    assert "undo each other" not in command("check", tmp_path / "dear.toml", "--values").out


@pytest.mark.parametrize("name", [one.name for one in rp.shipped()])
def test_shipped_scenarios_have_no_moves_that_undo_each_other(name: str) -> None:
    """Without luck, no two moves of a shipped scenario undo each other again and again."""
    assert undone(load(name)) == []


@pytest.mark.parametrize("name", ["sahel", "sweden-nato"])
def test_in_no_world_a_move_comes_before_those_that_it_can_only_follow(name: str) -> None:
    """In worlds with numbers from the ranges, one of the moves named, or all of them, are made in an earlier month."""
    scenario, seen = load(name), 0
    found = followers(scenario)
    for world in range(4):
        first: dict[str, int] = {}
        for one in rp.explain(scenario, world=world, uncertainty="prior", flips=False).decisions:
            account = one.account
            if account.move in found:
                before = [first.get(move, account.month) < account.month for move in found[account.move].moves]
                assert all(before) if found[account.move].all else any(before), (world, one.date, account.move)
                seen += 1
            if account.result != "refused":
                first.setdefault(account.move, account.month)
    assert seen
