"""`check --values`: what every move is worth, to be checked by hand."""

import json
from pathlib import Path

import pytest

from commanding import command
from realpolitik.scenario import load
from realpolitik.valuing import MoveValue, value_moves
from realpolitik_model.equations.decision import chance_positive

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
