"""Boxes: found where they were hidden, honest about what they hold, and scenarios that run as promised."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binom

import realpolitik as rp
from realpolitik.sweeps import plan
from realpolitik.sweeps.designs import Levels, Span, unit_points
from realpolitik.sweeps.discovery import (
    LEVEL,
    Box,
    Points,
    beyond_noise,
    boxes_in,
    by_chance,
    chosen,
    discover,
    evaluated,
    explained,
    half_width,
    limit_tests,
    trajectory,
    write_boxes,
)
from sweeping import SMALL

rng = np.random.default_rng(5)


def hidden(count=4000):
    """Return points, and shares that are high inside x0 > 0.4, x1 < 0.6 and levels 0 and 2 of x2."""
    x = np.c_[rng.random((count, 2)), rng.integers(3, size=count)]
    inside = (x[:, 0] > 0.4) & (x[:, 1] < 0.6) & (x[:, 2] != 1)
    return x, np.where(inside, 0.95, 0.1)


def test_a_hidden_box_is_found():
    """PRIM peels down to the box that was hidden, in spans and in levels."""
    x, y = hidden()
    box = chosen(trajectory(x, y, [False, False, True]), x, y, 0.9)
    assert box.spans[0][0] == pytest.approx(0.4, abs=0.05)
    assert box.spans[1][1] == pytest.approx(0.6, abs=0.05)
    assert box.levels[2] == {0.0, 2.0}


def test_the_interval_of_a_density_allows_for_points_that_share_coordinates():
    """Points of one block of a sobol design are alike: the interval over blocks covers, one over points would not."""
    inputs, blocks = 12, 64
    spans = tuple(Span(f"x{n}", 0.0, 1.0) for n in range(inputs))
    covered = alone = 0
    for seed in range(400):
        count = blocks * (inputs + 2)
        x = unit_points("sobol", seed, spans, count, 0, count)
        shares = x.mean(axis=1)
        fresh = Points(x, shares, np.arange(count) // (inputs + 2))
        some = fresh.some(np.random.default_rng(seed).permutation(blocks)[fresh.block] % 2 == 0)
        off = abs(float(some.y.mean()) - 0.5)
        covered += off <= half_width(some, 0.0)
        alone += off <= 1.96 * some.y.std() / len(some.y) ** 0.5
    assert alone < 300
    assert covered > 365


def test_a_single_block_says_nothing_about_others():
    """The interval is then all that a probability can be."""
    x, y = hidden(40)
    found = evaluated(Box({}, {}), Points(x, y, np.zeros(40, int)), (), np.ones(40, bool), 100, [], [])
    assert (found.low, found.high) == (0.0, 1.0)


# --- noise ----------------------------------------------------------------------------------------------------------


def points(x, y, block=None):
    """Return points, each a block of its own unless blocks are given."""
    return Points(x, y, np.arange(len(x)) if block is None else block)


def step(count, seed, gain):
    """Return points along one input, and whether an outcome happens, more often in the upper half."""
    x = np.linspace(0, 1, count)[:, None]
    return x, (np.random.default_rng(seed).random(count) < 0.3 + gain * (x[:, 0] > 0.5)).astype(float)


UPPER = Box({0: (0.5, np.inf)}, {})


def test_the_test_of_a_limit_is_the_binomial_one():
    """The chance of as many cases as inside the box, if their share were that of the box without the limit."""
    x, y = step(200, 1, 0.3)
    inside = UPPER.holds(x)
    expected = binom.sf(y[inside].sum() - 1, inside.sum(), y.mean())
    assert by_chance(UPPER, Box({}, {}), points(x, y)) == pytest.approx(expected)
    assert by_chance(Box({0: (2.0, np.inf)}, {}), Box({}, {}), points(x, y)) == 1.0


def test_points_of_one_block_count_once():
    """Points that share coordinates are one case, so that repeating all points makes no limit surer."""
    x, y = step(60, 3, 0.25)
    once = by_chance(UPPER, Box({}, {}), points(x, y))
    again = points(np.repeat(x, 9, axis=0), np.repeat(y, 9), np.repeat(np.arange(60), 9))
    assert by_chance(UPPER, Box({}, {}), again) == pytest.approx(once)


def test_every_limit_is_tested_against_the_box_without_it():
    """Limits that were hidden have a small p, and those of the same box that change nothing a large one."""
    x, y = hidden()
    box = Box({0: (0.4, 0.98), 1: (0.05, 0.6)}, {2: frozenset({0.0, 2.0})})
    found = {(test.input, test.end): test.p for test in limit_tests(box, points(x, y))}
    assert {limit for limit, p in found.items() if p <= LEVEL} == {(0, "low"), (1, "high"), (2, "levels")}
    assert {limit for limit, p in found.items() if p > LEVEL} == {(0, "high"), (1, "low")}


def test_limits_that_are_noise_are_dropped_and_the_others_found():
    """Where a density was reached by slices of everything, the box is sought again where the slices mean something."""
    random = np.random.default_rng(12)
    x = random.random((1200, 8))
    y = (random.random(1200) < np.where((x[:, 0] > 0.6) & (x[:, 1] < 0.5), 0.95, 0.3)).astype(float)
    here, fresh = points(x[:600], y[:600]), points(x[600:], y[600:])
    peeled = chosen(trajectory(here.x, here.y, [False] * 8), here.x, here.y, 0.8)
    assert len(peeled.limits()) > 4
    box, kept, dropped = beyond_noise(here, fresh, [False] * 8, 0.8)
    assert set(box.limits()) == {(0, "low"), (1, "high")}
    assert {(test.input, test.end) for test in kept} == set(box.limits())
    assert fresh.y[box.holds(fresh.x)].mean() > fresh.y[peeled.holds(fresh.x)].mean()
    assert all(test.p <= LEVEL for test in kept)
    assert all(test.p > LEVEL for test in dropped)
    assert not set(box.limits()) & {(test.input, test.end) for test in dropped}


def test_a_level_that_is_noise_is_dropped():
    """Levels that make no difference are not limited."""
    x, y = hidden()
    x = np.c_[x, np.random.default_rng(8).integers(4, size=len(x))]
    categorical = [False, False, True, True]
    box, _, _ = beyond_noise(points(x[::2], y[::2]), points(x[1::2], y[1::2]), categorical, 0.99)
    assert 2 in box.levels
    assert 3 not in box.levels


def test_noise_alone_seldom_gives_a_limit():
    """Where no input matters, PRIM peels a box all the same, of which the tests seldom leave a limit."""
    peeled = boxes = 0
    for seed in range(40):
        random = np.random.default_rng(seed)
        x, y = random.random((400, 4)), (random.random(400) < 0.3).astype(float)
        here, fresh = points(x[:200], y[:200]), points(x[200:], y[200:])
        peeled += len(chosen(trajectory(here.x, here.y, [False] * 4), here.x, here.y, 0.9).limits())
        boxes += bool(beyond_noise(here, fresh, [False] * 4, 0.9)[1])
    assert peeled > 160
    assert boxes <= 8


def test_a_box_says_what_was_tested_and_what_was_dropped():
    """A box has the p of each limit that it keeps, the limits that it lost, and the density of what is left."""
    x, y = hidden()
    x = np.c_[x, np.random.default_rng(8).random(len(x))]
    factors = (Span("a", 0, 1), Span("b", 0, 1), Levels("c", ("x", "y", "z")), Span("d", 0, 1))
    half = np.random.default_rng(9).permutation(len(x)) % 2 == 0
    (box,) = boxes_in(points(x, y), factors, half, 0.99, 1, 100)
    assert set(box.limits) == {"a", "b", "c"}
    assert {test["input"] for test in box.tests} == {"a", "b", "c"}
    assert all(test["p"] <= LEVEL for test in box.tests)
    assert all(test["p"] > LEVEL and 0 <= test["limit"] <= 1 for test in box.dropped)
    levels = next(test for test in box.tests if test["input"] == "c")
    assert (levels["end"], levels["limit"]) == ("levels", ["x", "z"])
    assert box.density > 0.8


def test_a_further_box_needs_a_limit_that_is_more_than_noise():
    """Once what was hidden is covered, what PRIM peels from the rest is noise, and no box."""
    x, y = hidden()
    factors = (Span("a", 0, 1), Span("b", 0, 1), Levels("c", ("x", "y", "z")))
    half = np.random.default_rng(9).permutation(len(x)) % 2 == 0
    found = list(boxes_in(points(x, y), factors, half, 0.9, 5, 100))
    assert 1 <= len(found) < 5
    assert all(box.tests for box in found)


def test_an_input_that_explains_more_comes_first():
    """The share of the variance that an input carries is that of its steps; of noise it is about 0."""
    random = np.random.default_rng(4)
    x = np.c_[random.random((3000, 2)), random.integers(3, size=3000)]
    share = explained(x, x[:, 0] + 0.3 * (x[:, 2] == 1))
    assert share[0] > share[2] > 10 * abs(share[1])
    assert abs(share[1]) < 0.01


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    """A sweep of a small scenario over three numbers."""
    vary = {"theory.phi": (0.5, 3.0), "issues.toll.start": (0.0, 1.0), "theory.noise": (0.01, 0.3)}
    out = tmp_path_factory.mktemp("sweep") / "D"
    return rp.sweep(SMALL, out, vary=vary, points=1000, worlds=64, set={"theory.patience": 2})


def test_of_boxes_equal_but_for_rounding_the_largest_is_chosen():
    """Where nothing is denser than anything else, the box of everything is given, not the one that rounding favours."""
    x, _ = hidden()
    y = 0.7 * (1 + np.random.default_rng(2).integers(-2, 3, len(x)) * 2.0**-52)
    assert chosen(trajectory(x, y, [False, False, True]), x, y, 0.9).spans == {}


def test_an_outcome_that_is_the_same_everywhere_has_no_box(tmp_path):
    """Where no input matters there is no box to find, and the message says so."""
    vary = {"actors.Lowland.capability": (1.0, 2.0)}
    swept = rp.sweep(SMALL, tmp_path / "D", vary=vary, points=120, worlds=16)
    shares = swept.points()
    name = next(name for name in swept.outcomes if shares[name].iloc[0] > 0)
    with pytest.raises(ValueError, match=f"{name} is the same at every point"):
        discover(swept, name)


def contested(sweep):
    """Choose an outcome that happens in some settings more than in others."""
    points = sweep.points()
    return max(sweep.outcomes, key=lambda name: points[name].std())


def test_a_box_written_and_run_keeps_its_promise(swept, tmp_path):
    """A box is a scenario that checks, that a plain run draws from, and whose probability is as promised."""
    name = contested(swept)
    found = discover(swept, name, density=0.95)
    box = found.boxes[0]
    (file,) = write_boxes(found, tmp_path / "box.toml")
    scenario = rp.load(file)
    assert set(scenario.ranges) == set(swept.inputs)
    assert scenario.document["theory"]["patience"] == 2
    ensemble = rp.run(scenario, worlds=4000, seed=9)
    assert ensemble.uncertainty == "prior"
    assert box.low <= ensemble.probability(name) <= box.high
    assert box.density > found.overall
    plain = rp.run(scenario, worlds=100, uncertainty="none")
    assert plain.uncertainty == "none"


def test_a_box_keeps_the_values_of_inputs_without_a_limit(swept, tmp_path):
    """Middles of ranges, rounded, would count as values that the box sets: a posterior would no longer draw them."""
    found = discover(swept, contested(swept), density=0.95)
    (file,) = write_boxes(found, tmp_path / "box.toml")
    base, made, limited = swept.scenario.numbers, rp.load(file).numbers, found.boxes[0].limits
    kept = [one.path for one in swept.plan.factors if one.path not in limited]
    assert kept
    assert limited
    assert {path: made[path] for path in kept} == {path: base[path] for path in kept}


def test_a_box_replaces_a_box_only(swept, tmp_path):
    """From Python too: a scenario, or a box that was edited, is kept."""
    found = discover(swept, contested(swept), density=0.95)
    for _ in range(2):
        (file,) = write_boxes(found, tmp_path / "box.toml")
    (tmp_path / "mine.toml").write_text("title = 'Mine'\n")
    file.write_text(file.read_text() + "# edited\n")
    for path in (tmp_path / "mine.toml", file):
        before = path.read_bytes()
        with pytest.raises(ValueError, match="was not written by `realpolitik discover`, or was changed since"):
            write_boxes(found, path)
        assert path.read_bytes() == before


def test_a_box_beside_its_scenario_needs_no_absolute_path(swept, tmp_path):
    """The file extends its base by a relative path."""
    (file,) = write_boxes(discover(swept, contested(swept), density=0.95), tmp_path / "box.toml")
    line = next(line for line in file.read_text().splitlines() if line.startswith("extends"))
    assert not line.removeprefix("extends = ").strip('"').startswith("/")


def test_further_boxes_are_files_of_their_own(swept, tmp_path):
    """Each box of several is written, numbered from the second on."""
    found = discover(swept, contested(swept), density=0.95, boxes=3)
    files = write_boxes(found, tmp_path / "box.toml")
    assert len(files) == len(found.boxes)
    assert [file.name for file in files] == ["box.toml", "box-2.toml", "box-3.toml"][: len(files)]
    assert all(rp.load(file).ranges for file in files)


def test_names_and_titles_of_a_folder_stay_what_they_are_in_the_file(swept, tmp_path, monkeypatch):
    """A name with a line break, from a folder made by someone else, sets nothing; a long title is cut visibly."""
    found = discover(swept, contested(swept), density=0.95)
    stored = found.sweep.plan.scenario
    (plain,) = write_boxes(found, tmp_path / "plain.toml")
    monkeypatch.setitem(stored, "name", 'x"\n[set]\n"theory.patience" = 9')
    monkeypatch.setitem(stored["document"]["meta"], "title", "A title " + "x" * 990)
    (file,) = write_boxes(found, tmp_path / "box.toml")
    assert rp.load(file).numbers == rp.load(plain).numbers
    assert "xxx...: where" in rp.load(file).document["meta"]["title"]


def test_where_there_is_no_box_none_is_written(swept, tmp_path):
    """A box of all settings is no scenario to run, neither where all limits are noise nor where none is needed."""
    found = discover(swept, contested(swept), density=0.1)
    assert [box.limits for box in found.boxes] == [{}]
    assert write_boxes(found, tmp_path / "box.toml") == []
    assert not (tmp_path / "box.toml").exists()


def test_a_box_below_the_target_is_not_called_likely(swept, tmp_path):
    """The title and the reason of a box say that the outcome is likely only where it has the target density."""
    found = discover(swept, contested(swept), density=0.95)
    for wanted, says in ((0.0, "likely"), (1.0, "likelier than elsewhere")):
        (file,) = write_boxes(replace(found, wanted=wanted), tmp_path / f"{wanted}.toml")
        document = rp.load(file).document
        assert document["meta"]["title"].endswith(f": where {found.outcome} is {says}")
        assert f"# Where {found.outcome} is {says}: a box" in file.read_text()


def test_limits_are_documented(swept):
    """The document names the test and its level, and every limit has its p."""
    document = discover(swept, contested(swept), density=0.95).to_dict()
    assert document["test"] == {"name": "binomial, one-sided", "level": LEVEL}
    assert set(document["inputs"]) == set(swept.inputs)
    for box in document["boxes"]:
        assert {test["input"] for test in box["tests"]} == box["limits"].keys()
        assert all(test["p"] <= LEVEL for test in box["tests"])
        assert all(test["p"] > LEVEL for test in box["dropped"])


def test_a_base_that_changed_is_not_extended(tmp_path):
    """A box of a scenario that is no longer what was swept is refused."""
    base = tmp_path / "base.toml"
    base.write_text(SMALL.read_text())
    swept = rp.sweep(base, tmp_path / "D", vary={"theory.phi": (0.0, 1.0)}, points=120, worlds=16)
    found = discover(swept, contested(swept), density=0.99)
    assert write_boxes(found, tmp_path / "box.toml")
    base.write_text(SMALL.read_text().replace("patience = 3", "patience = 4"))
    with pytest.raises(ValueError, match="has changed since it was swept"):
        write_boxes(found, tmp_path / "box.toml")


@pytest.mark.parametrize("name", ["mine.toml", "karabakh.toml"])
def test_a_box_extends_the_file_of_a_scenario(name, tmp_path, monkeypatch):
    """A sweep of a scenario that was read before knows its file, also one with the name of a shipped scenario."""
    (tmp_path / name).write_text(SMALL.read_text())
    monkeypatch.chdir(tmp_path)
    swept = rp.sweep(rp.load(name), tmp_path / "D", vary={"theory.phi": (0.0, 1.0)}, points=120, worlds=16)
    assert swept.plan.scenario["extends"] == str((tmp_path / name).resolve())
    found = discover(swept, contested(swept), density=0.99)
    (tmp_path / "boxes").mkdir()
    monkeypatch.chdir("boxes")
    (file, *_) = write_boxes(found, tmp_path / "boxes" / "box.toml")
    assert rp.load(file).chain[-1].endswith(name)


def test_a_box_does_not_extend_a_text(tmp_path):
    """A scenario that was read from a text is no file, and its boxes are refused for that."""
    made = rp.loads(SMALL.read_text(), name="karabakh.toml")
    swept = rp.sweep(made, tmp_path / "D", vary={"theory.phi": (0.0, 1.0)}, points=120, worlds=16)
    with pytest.raises(ValueError, match="karabakh was read from a text"):
        write_boxes(discover(swept, contested(swept), density=0.99), tmp_path / "box.toml")
    vary = {"drivers.war.scale": (0.0, 1.0)}
    assert plan.planned(rp.load("karabakh"), vary, "sobol", 4, 1, 1, "worlds", {}, None, None).scenario["extends"] == (
        "karabakh"
    )


def test_theories_in_a_box_are_named(tmp_path):
    """A box may say which theories it holds for; several cannot be one scenario."""
    vary = {"theory.weights": ["leverage", "self-interest"], "theory.phi": (0.5, 3.0)}
    swept = rp.sweep(SMALL, tmp_path / "D", vary=vary, points=400, worlds=16)
    found = discover(swept, contested(swept))
    words = " ".join(found.boxes[0].words())
    if "theory.weights" in words:
        (file,) = write_boxes(found, tmp_path / "box.toml")
        assert rp.load(file).document["theory"]["weights"] in words
    else:
        with pytest.raises(ValueError, match=r"several levels of theory.weights"):
            write_boxes(found, tmp_path / "box.toml")


def test_what_cannot_be_sought_is_refused(swept):
    """Outcomes that are unknown, and densities that are none, are refused."""
    with pytest.raises(ValueError, match="unknown outcome"):
        discover(swept, "nothing")
    with pytest.raises(ValueError, match="density must be"):
        discover(swept, contested(swept), density=1.5)
