"""Calibration: what is fitted, that the sample fits, and that it can be made again."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from scipy.stats import t

import realpolitik as rp
from realpolitik.calibration import calibrating
from realpolitik.calibration.cube import Cube, reflected
from realpolitik.calibration.fitness import Dated, Fitness, Growth, shares, targets, worst
from realpolitik.calibration.result import effective_size, narrowings, rhat
from realpolitik.calibration.sampling import Matches, initial_population, lower_and_mix, rejection_batches
from realpolitik.cli import cli

SMALL = Path(__file__).parent / "small.toml"
QUICK = {"settings": 32, "worlds": 4, "mixing": 2}


@pytest.fixture(scope="module")
def small():
    """Return a calibration of the ferry, with an error that it can reach."""
    return rp.calibrate(SMALL, error=12.0, **QUICK)


def off(first, month, happened=True, months=10):
    """Return how many months worlds are off that see the outcome in these months."""
    return Dated("row", 0, month, happened).months_off(np.array(first, np.int16), months).tolist()


def test_a_world_is_as_far_off_as_its_month():
    """Early and late count alike; what never happens is as far off as what happens after the last month played."""
    assert off([4, 6, 1], 4) == [0, 2, 3]
    assert off([-1, 12, 9], 4) == [6, 6, 5]


def test_never_is_matched_by_any_later_month():
    """A row that had not happened by month 5 is matched from month 6 on; before that, a world is too early."""
    assert off([-1, 8, 6, 5, 3], 5, happened=False) == [0, 0, 0, 1, 3]


def test_a_setting_weighs_by_the_share_of_its_worlds():
    """A world matches if no row is further off than the tolerance; a setting's weight is the share of such worlds."""
    distances = np.array([[[0.2, 0.9], [1.4, 0.1]], [[0.5, 0.5], [1.0, 0.0]]])
    assert worst(distances).tolist() == [[0.9, 1.4], [0.5, 1.0]]
    assert shares(distances).tolist() == [0.5, 1.0]


def test_the_blocking_row_is_the_one_without_which_most_worlds_match():
    """Of rows that stand alike it is the one matched least often."""
    matches = Matches(("easy", "hard", "harder"))
    matches.add(np.array([[[0.0, 2.0, 0.0], [0.0, 2.0, 2.0], [0.0, 0.0, 0.0], [2.0, 0.0, 0.0], [0.0, 2.0, 0.0]]]))
    assert (matches.worlds, matches.all, matches.each.tolist()) == (5, 1, [4, 2, 4])
    assert matches.others.tolist() == [2, 3, 1]
    assert matches.blocking() == "hard"


def test_the_advice_is_of_a_sample_that_has_not_converged(small):
    """A converged sample needs none, and a row that is fitted alone is not compared with others."""
    assert small.converged
    assert small.advice() == "The sample has converged, so that there is nothing to try."
    unreached = replace(small, tolerance=2.0)
    assert list(small.rows) == [small.blocking]
    assert f"{small.blocking} blocks: " in unreached.advice()
    assert "of the worlds drawn from the ranges match it. Try" in unreached.advice()
    two = replace(unreached, rows={**small.rows, "history.sale": small.rows[small.blocking]})
    assert "of those that match all other rows. Try" in two.advice()


class Coin:
    """Replaces Fitness: a setting is one number, the chance that its worlds match."""

    cube = type("OneRange", (), {"paths": ("p",)})

    def __init__(self):
        self.rng = np.random.Generator(np.random.PCG64(3))

    def distances(self, points, worlds=4):
        """Return 0.5 for a world that matches, and 2 for one that does not."""
        return np.where(self.rng.random((len(points), worlds, 1)) < points[:, :, None], 0.5, 2.0)


def test_both_samplers_find_the_same_posterior():
    """With a likelihood of p and a uniform prior the posterior has the mean 2/3 and the deviation sqrt(1/18)."""
    rng = np.random.Generator(np.random.PCG64(1))
    batches = rejection_batches(rng, Coin(), Matches(("row",)))
    drawn = next(points for points, _ in batches if len(points) > 8_000)[:, 0]
    population = initial_population(rng, Coin(), 8, 512)
    lower_and_mix(rng, Coin(), population, 20, lambda _done, _total: None)
    for found in (drawn, population.flat()[:, 0]):
        assert found.mean() == pytest.approx(2 / 3, abs=0.02)
        assert found.std() == pytest.approx(np.sqrt(1 / 18), abs=0.01)


def test_holdouts_are_not_fitted():
    """Rows of history kept for scoring are no target."""
    scenario = rp.load("karabakh")
    names = targets(scenario, scenario.case()).names
    history = scenario.document["history"]
    assert {n.removeprefix("history.") for n in names if n.startswith("history.")} == {
        name for name, row in history.items() if not row["holdout"]
    }
    assert "quantities.oil_sales" in names


def test_growth_is_that_of_the_model():
    """With the values of the file, the outlet row grows 3.5-fold from 2022 to 2023, as its comment says."""
    scenario = rp.load("karabakh")
    values = {path: np.array([scenario.numbers[path]]) for path in scenario.ranges}
    assert Growth(scenario, "oil_sales").ratios(values, 1)[0] == pytest.approx(3.5, abs=0.05)


def test_a_growth_is_measured_where_capability_depends_on_an_issue():
    """Growth is computed without issues, and so without the effects that they have on capabilities."""
    ratio = [
        Growth(rp.load("karabakh", set={"actors.Moscow.capability": capability}), "oil_sales").ratios({}, 1)[0]
        for capability in (0.5, {"value": 0.5, "effects": {"karabakh": -0.2}})
    ]
    assert ratio[0] == ratio[1] > 3


def test_a_growth_of_what_issues_move_is_refused():
    """A dependence that an issue acts on cannot be fitted without playing, so naming it is an error."""
    text = (SMALL.parent.parent.parent / "scenarios" / "karabakh.toml").read_text()
    with pytest.raises(rp.ScenarioError, match="depends on the issue 'karabakh'; only drivers may affect it"):
        rp.loads(text.replace('dependence = "outlet"', 'dependence = "security"'))
    with pytest.raises(rp.ScenarioError, match="unknown row of dependence 'outlets'"):
        rp.loads(text.replace('dependence = "outlet"', 'dependence = "outlets"'))


def test_reflection_keeps_points_in_the_cube():
    """A step over the edge comes back as from a mirror."""
    assert reflected(np.array([-0.25, 0.5, 1.25, 2.5])).tolist() == [0.25, 0.5, 0.75, 0.5]


def test_every_setting_of_the_sample_fits():
    """Once the tolerance is 1, each setting has worlds within the error of every row."""
    scenario = rp.load("karabakh")
    fitness = Fitness(scenario, Cube.of(scenario), seed=1, worlds=4, error=12.0)
    rng = np.random.Generator(np.random.PCG64(1))
    population = initial_population(rng, fitness, 2, 16)
    lower_and_mix(rng, fitness, population, 1, lambda _done, _total: None)
    assert population.tolerance == 1.0
    assert (population.shares(1.0) > 0).all()


def test_the_same_seed_gives_the_same_file(small, tmp_path):
    """Calibrating twice writes the same bytes, and another seed other ones."""
    paths = [tmp_path / name / "small.posterior.parquet" for name in ("one", "two", "three")]
    found = [small, *(rp.calibrate(SMALL, error=12.0, seed=seed, **QUICK) for seed in (1, 2))]
    for calibration, path in zip(found, paths, strict=True):
        path.parent.mkdir()
        calibration.write(path)
    one, two, three = (path.read_bytes() for path in paths)
    assert one == two != three


def test_the_report_says_what_the_data_cannot_tell(small):
    """A number on which no date depends is listed as uninformed; every range has a narrowing."""
    result = small.to_dict()
    assert "moves.sell.cost" in result["uninformed"]
    assert len(result["narrowings"]) == len(small.scenario.ranges)
    assert result["reached"] is True
    assert 0 < result["effective"] <= result["settings"]
    assert {row["row"] for row in result["predicted"]} == small.scenario.document["history"].keys()


def test_intervals_of_narrowing_use_students_t():
    """Half an interval is the 97.5th percentile of Student's t times the standard error over islands."""
    points = np.random.Generator(np.random.PCG64(2)).random((8, 64, 1))
    (found,) = narrowings(("theory.phi",), np.zeros(1), np.ones(1), points)
    means = points.mean(axis=1)[:, 0]
    assert found.shift_error == pytest.approx(t.ppf(0.975, 7) * means.std(ddof=1) / np.sqrt(8), rel=1e-12)


def test_islands_that_disagree_are_seen():
    """R-hat is near 1 for islands drawn alike and large when each has a mean of its own; then few settings count."""
    alike = np.random.Generator(np.random.PCG64(1)).random((8, 64, 1))
    apart = alike + np.arange(8)[:, None, None]
    assert rhat(alike)[0] < 1.05 < 2 < rhat(apart)[0]
    assert effective_size(apart)[0] < 8 < effective_size(alike)[0]


def test_a_sample_worth_few_settings_has_not_converged(small):
    """Copies of a few settings are not evidence: the verdict says what they are worth."""
    few = replace(small, effective=1.0)
    assert small.converged
    assert not few.converged
    assert few.verdict().startswith("Not converged")
    assert "worth 1 independent setting" in few.verdict()


def test_the_verdict_says_how_rarely_a_converged_sample_matches(small):
    """A sample can converge on settings that hardly ever reproduce the history: both are said, with the worlds."""
    rare = replace(small, matching={"ranges": (512, 1_048_576), "sample": (14, 2_048)})
    assert rare.converged
    assert rare.verdict().startswith("Converged: 32 draws from the ranges")
    assert "Of new worlds of these settings 0.68% reproduce it (14 of 2,048)" in rare.verdict()
    assert "of worlds of the ranges 0.05% (512 of 1,048,576)." in rare.verdict()


def test_matching_worlds_are_counted(small):
    """Those of the ranges are as many as the sample needed, and each setting of the sample is played again."""
    matching, settings = small.to_dict()["matching"], len(small.values)
    assert matching["ranges"]["match"] / matching["ranges"]["worlds"] == pytest.approx(small.acceptance)
    assert matching["sample"]["worlds"] == settings * small.worlds
    each = [row["sample"] for row in small.rows.values()]
    assert 0 < matching["sample"]["match"] / matching["sample"]["worlds"] <= min(each)


def test_nothing_to_fit_is_refused():
    """A scenario without history, or settings that islands cannot share, end with a clear message."""
    bare = rp.load(SMALL).drop(["history.crossover"])
    with pytest.raises(ValueError, match=r"has no \[history\] to fit"):
        rp.calibrate(bare, **QUICK)
    with pytest.raises(ValueError, match="settings must be a multiple of 8"):
        rp.calibrate(SMALL, settings=30)


def test_a_sample_that_no_file_may_hold_is_refused_before_it_is_made(monkeypatch):
    """What `run` would refuse to read is not calibrated for an hour first."""
    monkeypatch.setattr("realpolitik.calibration.calibrating.MOST_NUMBERS", 100)
    with pytest.raises(ValueError, match=r"settings must be \d+ at most, for each has \d+ numbers; not 32"):
        rp.calibrate(SMALL, **QUICK)


def test_a_sample_that_has_not_converged_is_written_only_if_asked_for(tmp_path):
    """Exit 0 with a sample that fits; else exit 1, with the row that blocks, and a file only with --unconverged."""
    for error, more, code in (("12", (), 0), ("0.5", (), 1), ("0.5", ("--unconverged",), 1)):
        out = tmp_path / f"{error}{len(more)}.posterior.parquet"
        arguments = ["--settings", "32", "--worlds", "2", "--error", error, "--out", str(out), "--json", *more]
        done = CliRunner().invoke(cli, ["calibrate", str(SMALL), *arguments])
        assert done.exit_code == code
        assert json.loads(done.stdout)["converged"] is (code == 0)
        assert "holdout = true" not in done.stderr
        assert ("to hold out the row because it does not fit would hide it" in done.stderr) is (code == 1 and not more)
        assert out.is_file() is (code == 0 or bool(more))
        assert ("history.crossover blocks: 0.00% of the worlds" in done.stderr) is (code == 1 and not more)


def test_compiling_does_not_count_in_the_announced_time(monkeypatch):
    """The time of sequential Monte Carlo is extrapolated from playing worlds alone."""
    now, announced = [50.0], []

    def rejected(*_):
        now[0] += 31.0
        monkeypatch.setattr(calibrating.FIRST_CALLS, "seconds", calibrating.FIRST_CALLS.seconds + 25.0)

    monkeypatch.setattr(calibrating, "monotonic", lambda: now[0])
    monkeypatch.setattr(calibrating, "_rejection", rejected)
    monkeypatch.setattr(calibrating, "_rare", lambda *given: announced.append(given[-1]))
    monkeypatch.setattr(calibrating, "_monte_carlo", lambda *_: pytest.fail("enough"))
    with pytest.raises(pytest.fail.Exception):
        rp.calibrate(SMALL, error=12.0, notice=print, **QUICK)
    assert announced == [pytest.approx(6.0)]
