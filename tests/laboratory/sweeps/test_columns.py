"""Columns: one name for one thing, whatever a scenario calls its outcomes and issues."""

import re

import numpy as np
import pytest

import realpolitik as rp
from realpolitik.scenario.documents import Complete, Meta, Theory
from realpolitik.sweeps.columns import RESERVED, of_issue, of_outcome
from realpolitik.sweeps.discovery import discover
from realpolitik.sweeps.indices import sensitivity
from realpolitik_model import simulate
from sweeping import SMALL

NAMES = {"handed_over": "world", "sale": "row", "price": "final", "later_toll": "point", "crossover": "outcome"}
ASKED = {"vary": {"theory.phi": (0.5, 3.0)}, "points": 48, "worlds": 8, "seed": 2}


def clashing(issue):
    """Return the ferry with outcomes called like columns, and an issue called like a part of a column's name."""
    text = re.sub(r"\btoll\b", issue, SMALL.read_text())
    text = text.replace("[outcomes.price]", "[outcomes.final]")
    for was, now in NAMES.items():
        text = text if was == "price" else re.sub(rf"\b{was}\b", now, text)
    return rp.loads(text, "clash")


def alone(scenario, swept):
    """Simulate every row of a sweep on its own, without its table."""
    case = scenario.case()
    rows = [swept.place(n) for n in range(swept.plan.runs)]
    numbers = {"theory.phi": np.array([row.values["theory.phi"] for row in rows])}
    return case, simulate(case, np.array([row.world for row in rows]), seed=2, numbers=numbers)


@pytest.mark.parametrize("issue", ["measure", "month"])
def test_every_outcome_and_issue_has_a_column_of_its_own(issue, tmp_path):
    """In rows of worlds, of points, in frames and arrays no value is in, or is added to, the column of another."""
    scenario = clashing(issue)
    worlds, points = (rp.sweep(scenario, tmp_path / keep, keep=keep, **ASKED) for keep in ("worlds", "points"))
    case, outputs = alone(scenario, worlds)
    means = outputs.final.reshape(48, 8, -1).mean(axis=1)
    first = outputs.first.reshape(48, 8, -1)
    of_world, of_point, summed = worlds.frame(), points.frame(), worlds.points()
    for frame in (of_world, of_point, summed.reset_index()):
        assert frame.columns.is_unique
    for k, name in enumerate(case.issues):
        np.testing.assert_array_equal(of_world[f"final.{name}"], outputs.final[:, k])
        np.testing.assert_allclose(of_point[f"final.{name}"], means[:, k])
        np.testing.assert_allclose(summed[f"final.{name}"], means[:, k])
        np.testing.assert_array_equal(worlds.to_xarray()[f"final.{name}"], outputs.final[:, k].reshape(48, 8))
    for o, name in enumerate(case.outcomes):
        column = name if name == "outcome" else f"outcome.{name}"
        np.testing.assert_array_equal(of_world[column].fillna(-1), outputs.first[:, o])
        np.testing.assert_allclose(of_point[column], (first[:, :, o] >= 0).mean(axis=1))
        np.testing.assert_allclose(summed[column], (first[:, :, o] >= 0).mean(axis=1))
        np.testing.assert_array_equal(worlds.to_xarray()[column], first[:, :, o])
    there = outputs.first[:, case.outcomes.index("final")] >= 0
    measured = outputs.measured[there, case.outcomes.index("final")]
    np.testing.assert_array_equal(of_world["outcome.final.measure"].dropna(), measured)


def test_outcomes_called_like_columns_are_analysed_by_their_own_names(tmp_path):
    """`sensitivity` and `discover` take an outcome by its id, whatever its column is called."""
    swept = rp.sweep(clashing("measure"), tmp_path / "D", **(ASKED | {"points": 120}))
    names = [*NAMES.values(), "final.measure"]
    rows = {row["outcome"]: row for row in sensitivity(swept, names).rows}
    assert list(rows) == names
    for name in NAMES.values():
        assert rows[name]["mean"] == pytest.approx(swept.frame()[of_outcome(name)].notna().mean())
    name = max(RESERVED, key=lambda one: rows[one]["variance"])
    assert discover(swept, name).overall == pytest.approx(rows[name]["mean"])


def test_the_table_of_worlds_has_no_two_columns_of_one_name():
    """An outcome called `world` does not share a column with the number of the world under the same name."""
    table = rp.run(clashing("month"), worlds=5).worlds_frame()
    columns = table.reset_index().columns
    assert columns.is_unique
    assert list(columns[:2]) == ["world", "outcome.world"]
    assert table.to_csv().splitlines()[0].split(",").count("world") == 1


def test_no_outcome_is_called_like_another_column():
    """Names of columns are unique for the most awkward ids, and no dotted path of a scenario can be one of them."""
    ids = [*sorted(RESERVED), "outcome", "month", "measure", "Final", "plain"]
    columns = [of_outcome(name, what) for name in ids for what in ("", "month", "measure")]
    columns += [of_issue(name) for name in ids] + ["row", "point", "world"]
    assert len(set(columns)) == len(columns)
    assert of_outcome("plain", "measure") == "plain.measure"
    assert not set(Complete.model_fields) & {*RESERVED, "outcome"}
    assert not {*Meta.model_fields, *Theory.model_fields} & {"month", "measure"}
