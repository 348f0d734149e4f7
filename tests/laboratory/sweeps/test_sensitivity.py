"""Indices: known functions have their known indices, and SALib agrees."""

import json
import math

import numpy as np
import pytest
from click.testing import CliRunner

import realpolitik as rp
from realpolitik.cli import cli
from realpolitik.sweeps.designs import Span, unit_points
from realpolitik.sweeps.indices import constant, morris_effects, moving, sensitivity, sobol_indices, variance_of
from sweeping import SMALL

PI = math.pi
ANGLES = tuple(Span(name, -PI, PI) for name in ("x1", "x2", "x3"))


def ishigami(x):
    """Return the function of Ishigami & Homma (1990), a = 7, b = 0.1."""
    return np.sin(x[..., 0]) + 7 * np.sin(x[..., 1]) ** 2 + 0.1 * x[..., 2] ** 4 * np.sin(x[..., 0])


def blocks(kind, count):
    """Return unit points of the three angles in blocks, and the function there."""
    width = 5 if kind == "sobol" else 4
    unit = unit_points(kind, 1, ANGLES, count * width, 0, count * width).reshape(count, width, 3)
    return unit, ishigami(-PI + 2 * PI * unit)


def test_indices_of_a_known_function():
    """The indices of the Ishigami function are its analytic ones, and lie in their intervals."""
    found = sobol_indices(blocks("sobol", 2048)[1])
    first, total = [0.3139, 0.4424, 0.0], [0.5576, 0.4424, 0.2437]
    np.testing.assert_allclose(found.first.value, first, atol=0.02)
    np.testing.assert_allclose(found.total.value, total, atol=0.02)
    for interval, truth in ((found.first, first), (found.total, total)):
        assert (interval.low - 0.005 <= truth).all()
        assert (truth <= interval.high + 0.005).all()


def test_salib_agrees():
    """SALib gives the same Sobol indices and Morris effects from the same points, but for rounding."""
    pytest.importorskip("SALib.analyze")
    from SALib.analyze import morris, sobol

    names = {"num_vars": 3, "names": ["x1", "x2", "x3"], "bounds": [[0, 1]] * 3}
    y = blocks("sobol", 512)[1]
    theirs, ours = sobol.analyze(names, y.ravel(), calc_second_order=False, seed=1), sobol_indices(y)
    np.testing.assert_allclose([ours.first.value, ours.total.value], [theirs["S1"], theirs["ST"]], atol=1e-12)
    unit, y = blocks("morris", 40)
    theirs, effects = (
        morris.analyze(names, unit.reshape(-1, 3), y.ravel(), num_levels=4, seed=1),
        morris_effects(unit, y),
    )
    expected = [theirs["mu_star"], theirs["mu"], theirs["sigma"]]
    np.testing.assert_allclose([effects.star.value, effects.mean.value, effects.sigma.value], expected, atol=1e-12)


def test_the_bootstrap_covers():
    """Of many small designs, about 95% have the truth in the interval."""
    hits = 0
    for seed in range(100):
        a, b = np.random.default_rng(seed).random((2, 128, 2))
        x = np.stack([a, np.c_[b[:, 0], a[:, 1]], np.c_[a[:, 0], b[:, 1]], b], axis=1)
        found = sobol_indices(x[..., 0] + 2 * x[..., 1], seed=seed, resamples=200)
        hits += found.total.low[0] <= 0.2 <= found.total.high[0]
    assert 88 <= hits <= 100


def test_an_outcome_that_never_varies_has_no_indices():
    """Where there is no variance there is nothing to share out."""
    assert np.isnan(sobol_indices(np.ones((32, 5))).total.value).all()


@pytest.mark.parametrize("size", [1e-30, 0.7, 1e9])
def test_rounding_is_no_variance(size):
    """Values that differ in their last bits alone are constant at any size: no Sobol index, no Morris effect."""
    y = size * (1 + np.random.default_rng(1).integers(-2, 3, (40, 4)) * 2.0**-52)
    assert y.var() > 0
    assert constant(y)
    assert variance_of(y) == 0
    assert np.isnan(sobol_indices(y).total.value).all()
    effects = morris_effects(blocks("morris", 40)[0], y)
    assert not np.concatenate([end for interval in effects for end in interval]).any()


def test_a_change_in_one_world_of_a_million_is_variance():
    """The smallest change that a share of worlds can show is larger than rounding."""
    y = np.ones((40, 5))
    y[3, 2] -= 1e-6
    assert not constant(y)
    assert variance_of(y) > 0


def test_morris_effects_of_a_line():
    """On a straight line every effect is the slope, and nothing spreads."""
    unit, _ = blocks("morris", 40)
    found = morris_effects(unit, unit @ np.array([3.0, -2.0, 0.0]))
    np.testing.assert_allclose(found.star.value, [3, 2, 0], atol=1e-12)
    np.testing.assert_allclose(found.mean.value, [3, -2, 0], atol=1e-12)
    np.testing.assert_allclose(found.sigma.value, 0, atol=1e-6)


def test_morris_finds_the_bend():
    """The Ishigami function bends in its second input, and its third works through the first alone."""
    unit, y = blocks("morris", 400)
    found = morris_effects(unit, y)
    assert (found.star.value > 1).all()
    assert (found.sigma.value > found.star.value / 2).all()


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    """A sweep of one number that matters and one that does not."""
    vary = {"theory.phi": (0.5, 3.0), "actors.Lowland.capability": (1.0, 2.0)}
    return rp.sweep(SMALL, tmp_path_factory.mktemp("sweep") / "D", vary=vary, points=256, worlds=32)


def test_an_input_that_no_rule_reads_has_no_index(swept):
    """Capability is read by the capability theory alone: under leverage its total index is exactly 0."""
    found = sensitivity(swept)
    varied = [row for row in found.rows if row["variance"] > 0]
    assert varied
    for row in varied:
        if row["input"] == "actors.Lowland.capability":
            assert row["total"] == row["first"] == 0.0
        else:
            assert row["total"] == pytest.approx(1.0, abs=0.3)


def test_rows_of_zeros_are_left_out_of_the_table_and_counted(swept):
    """An input whose indices are all 0.000 is not printed; how many are not is, and the document has every row."""
    name = next(row["outcome"] for row in sensitivity(swept).rows if row["variance"] > 0)
    asked = ["sensitivity", str(swept.folder), "--outcome", name]
    shown = CliRunner().invoke(cli, asked).output
    assert "theory.phi" in shown
    assert "actors.Lowland.capability" not in shown
    assert "1 input left out: 0.000 in every column" in shown
    rows = json.loads(CliRunner().invoke(cli, [*asked, "--json"]).output)["rows"]
    assert {row["input"] for row in rows} == {"theory.phi", "actors.Lowland.capability"}


def test_a_row_is_zero_only_if_every_number_of_it_is():
    """A row with one number that is printed as other than 0.000, or with an undefined index, is kept."""
    zero = dict.fromkeys(("first", "first_low", "first_high", "total", "total_low", "total_high"), 0.0)
    kept = [{**zero, "total_high": 0.0006}, {**zero, "first_low": -0.001}, {**zero, "total": None}]
    assert moving([zero, *kept, {**zero, "total": 0.0004}]) == kept


def test_inputs_that_change_nothing_are_reported_as_such(tmp_path):
    """Where no input matters, every outcome and issue is the same at every point, and the command says so."""
    vary = {"actors.Lowland.capability": (1.0, 2.0)}
    folder = tmp_path / "D"
    swept = rp.sweep(SMALL, folder, vary=vary, points=60, worlds=10, chunk=77)
    names = [*swept.outcomes, *(f"final.{issue}" for issue in swept.scenario.document["issues"])]
    assert {row["variance"] for row in sensitivity(swept, names).rows} == {0.0}
    asked = [word for name in names for word in ("--outcome", name)]
    done = CliRunner().invoke(cli, ["sensitivity", str(folder), *asked])
    assert done.exit_code == 0
    assert done.output.count("the same at every point") == len(names)


def test_an_outcome_that_varies_between_a_and_b_alone_is_shown_without_indices(swept, monkeypatch):
    """Where the points that the variance is estimated from are all the same, the indices are undefined, not a crash."""
    name, y = swept.outcomes[0], np.zeros(256)
    y[1] = 0.5
    monkeypatch.setattr("realpolitik.sweeps.indices.by_point", lambda *_: {name: y})
    (row, _) = sensitivity(swept, [name]).rows
    assert row["variance"] > 0
    assert row["total"] is row["total_low"] is None
    done = CliRunner().invoke(cli, ["sensitivity", str(swept.folder), "--outcome", name])
    assert done.exit_code == 0
    assert "- to -" in done.output


def test_several_outcomes_as_rows_and_as_a_file(swept, tmp_path):
    """One row for each outcome and input, the same in the frame, the document and the Parquet file."""
    import pandas as pd

    issue = f"final.{next(iter(swept.scenario.document['issues']))}"
    found = sensitivity(swept, [*swept.outcomes, issue])
    assert len(found.rows) == 2 * (len(swept.outcomes) + 1)
    found.write(tmp_path / "indices.parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "indices.parquet"), found.frame(), check_dtype=False)
    assert found.to_dict()["rows"] == found.rows


def test_points_and_worlds_give_the_same_indices(swept, tmp_path):
    """A sweep that kept points has the indices of one that kept worlds."""
    vary = {"theory.phi": (0.5, 3.0), "actors.Lowland.capability": (1.0, 2.0)}
    points = rp.sweep(SMALL, tmp_path / "D", vary=vary, points=256, worlds=32, keep="points")
    for one, two in zip(sensitivity(swept).rows, sensitivity(points).rows, strict=True):
        assert one["total"] == (None if two["total"] is None else pytest.approx(two["total"], abs=1e-9))


@pytest.mark.parametrize("keep", ["worlds", "points"])
def test_a_measure_is_analysed_by_its_own_name(keep, tmp_path):
    """An outcome with a measure is how often it happens, and the command says so; `NAME.measure` is its mean."""
    worlds = rp.sweep(SMALL, tmp_path / "D", vary={"theory.phi": (1.0, 2.0)}, points=48, worlds=64, keep=keep)
    points = worlds.points()
    plain = sensitivity(worlds, ["price", "price.measure"])
    for name in ("price", "price.measure"):
        assert plain.of(name)[0]["mean"] == pytest.approx(points[name].mean())
    case = rp.run(SMALL, set={"theory.phi": points["theory.phi"][0]}, worlds=64, seed=worlds.plan.seed)
    assert points["price.measure"][0] == pytest.approx(case.measure("price")["mean"])
    asked = ["sensitivity", str(worlds.folder), "--outcome", "price"]
    said = "how often it happens; its measure, where it happens, is the outcome price.measure"
    assert said in CliRunner().invoke(cli, asked).output
    assert said not in CliRunner().invoke(cli, [*asked[:-1], "sale"]).output


def test_a_measure_needs_worlds_at_every_point(tmp_path):
    """Where an outcome never happens at some points, its measure has no mean there, and is refused."""
    vary = {"moves.sell.cost": (0.0, 10.0), "moves.hand_over.cost": (0.0, 10.0)}
    worlds = rp.sweep(SMALL, tmp_path / "D", vary=vary, points=64, worlds=1)
    with pytest.raises(ValueError, match=r"price\.measure has no mean at [0-9]+ points, where the outcome never"):
        sensitivity(worlds, "price.measure")


def test_what_cannot_be_analysed_is_refused(swept, tmp_path):
    """Unknown outcomes, other designs and designs too small are refused with what would do."""
    with pytest.raises(ValueError, match="unknown outcome 'withdrawl'; there are"):
        sensitivity(swept, ["withdrawl"])
    plain = rp.sweep(SMALL, tmp_path / "lhs", vary={"theory.phi": (0.5, 3.0)}, design="lhs", points=20, worlds=2)
    with pytest.raises(ValueError, match="indices need --design sobol"):
        sensitivity(plain)
    small = rp.sweep(SMALL, tmp_path / "few", vary={"theory.phi": (0.5, 3.0)}, points=9, worlds=2)
    with pytest.raises(ValueError, match="indices need 16, 48 points"):
        sensitivity(small)
