"""Tornadoes: every end of a range is the run with that number, and no shuffling of worlds passes for an effect."""

import json
import re
import shlex
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import realpolitik as rp
from commanding import command
from realpolitik.pairing import Sample
from realpolitik.swings import FEWEST, MedianMonth, Tornado, _difference, _swing, joint

SMALL = Path(__file__).parent / "small.toml"
WORLDS = 700
IDLE = """
[interests.idle]
actor = "Upland"
issue = "toll"
position = { value = 0.5, low = 0.4, high = 0.6 }
salience = 0.0
reason = "No weight"
assumption = true
"""
EVERYWHERE = np.ones(500, bool)


@pytest.fixture(scope="module")
def found() -> Tornado:
    """The tornado of a high toll after the sale, with chunks that do not end with an end of a range."""
    return rp.tornado(SMALL, "later_toll", worlds=WORLDS, seed=3)


def level(path: str, value: float, outcome: str, statistic: str) -> Any:
    """What `run` reports of an outcome with one number changed."""
    ensemble = rp.run(SMALL, worlds=WORLDS, seed=3, set={path: value})
    if statistic == "measure":
        return (ensemble.measure(outcome) or {"mean": None})["mean"]
    return ensemble.probability(outcome) if statistic == "probability" else ensemble.month(outcome)


@pytest.mark.parametrize(
    ("outcome", "statistic"), [("later_toll", "probability"), ("price", "measure"), ("handed_over", "month")]
)
def test_both_ends_are_the_runs_with_that_number(outcome: str, statistic: Any) -> None:
    """Both ends of each range, and the value, are what `run` reports with `--set` on the same worlds."""
    result = rp.tornado(SMALL, outcome, statistic=statistic, worlds=WORLDS, seed=3).to_dict()
    scenario = rp.load(SMALL)
    still = level("theory.phi", scenario.numbers["theory.phi"], outcome, statistic)
    assert result["value"] == pytest.approx(still, abs=1e-12) if statistic != "month" else result["value"] == still
    assert result["swings"]
    assert sorted([*(swing["path"] for swing in result["swings"]), *result["unmoved"]]) == sorted(scenario.ranges)
    moved = {swing["path"]: (swing["at_low"], swing["at_high"]) for swing in result["swings"]}
    for path, span in scenario.ranges.items():
        ends = [level(path, value, outcome, statistic) for value in span]
        for end, shown in zip(ends, moved.get(path, (still, still)), strict=True):
            assert shown == (end if statistic == "month" else pytest.approx(end, abs=1e-12)), path


def test_the_command_says_of_which_worlds_a_month_or_a_measure_is() -> None:
    """Under a table of months or measures is a line on the worlds at each end; shares are of all worlds."""
    for statistic, says in (("month", True), ("measure", True), ("probability", False)):
        shown = command("tornado", SMALL, "--outcome", "price", "--statistic", statistic, "--worlds", 20).out
        assert ("over the worlds with the outcome at that end" in shown) == says
        assert ("medians that are interpolated within their months" in shown) == (statistic == "month")


def test_the_width_of_one_world_has_no_interval() -> None:
    """Of one world there is a width, and no interval that would tell it from noise."""
    found = rp.tornado("karabakh", "withdrawal", by="2024-12", worlds=1)
    widest = found.swings[0]
    assert widest.width == 1
    assert (widest.width_low, widest.width_high, widest.clear) == (None, None, False)


@pytest.mark.parametrize(("worlds", "told"), [(9, False), (10, True)])
def test_a_width_of_fewer_than_10_worlds_has_no_interval(worlds: int, told: bool) -> None:
    """Of a median or a mean over 9 worlds at one end there is no interval, as in a comparison; over 10 there is one."""
    n = np.arange(500)
    few, many = n < worlds, EVERYWHERE
    for kind in (MedianMonth, Sample):
        base, rare = kind(n % 40 * 1.0, many), kind(n % 3 * 1.0, few)
        swing = _swing("x", (0.0, 1.0), base, [base, rare], 3.0)
        assert swing.width is not None
        assert (swing.width_low is not None, swing.width_high is not None, swing.clear) == (told, told, False)


def test_a_tornado_of_few_worlds_is_printed_and_drawn() -> None:
    """A table and a figure of widths without an interval have the widths."""
    from realpolitik_viz import tornado_figure

    asked: dict[str, Any] = {"statistic": "month", "worlds": 9}
    found = rp.tornado(SMALL, "price", **asked)
    assert {swing.width_low for swing in found.swings} == {None}
    shown = command("tornado", SMALL, "--outcome", "price", "--statistic", "month", "--worlds", 9)
    assert shown.code == 0
    assert "or fewer than 30 worlds have the outcome at an end" in shown.out.replace("\n", " ")
    assert command("tornado", SMALL, "--outcome", "price", "--statistic", "month", "--worlds", 9, "--json").code == 0
    assert tornado_figure(found)


def test_the_width_of_a_probability_is_at_most_100_points() -> None:
    """An interval ends at what a probability allows, also where a number decides nearly alone; a mean has no bound."""
    share = Sample(np.arange(100) > 1, np.ones(100, bool))
    none = Sample(np.arange(100) < 1, np.ones(100, bool))
    bounded = _swing("x", (0.0, 1.0), none, [none, share], 3.0, 1.0)
    assert bounded.width is not None
    assert bounded.width_low is not None
    assert bounded.width_low < bounded.width < 1 == bounded.width_high
    free = _swing("x", (0.0, 1.0), none, [none, share], 3.0, np.inf).width_high
    assert free is not None
    assert free > 1
    chosen = rp.tornado(SMALL, "handed_over", statistic="probability", worlds=64)
    assert all(swing.width_high is None or swing.width_high <= 1 for swing in chosen.swings)


@pytest.mark.parametrize(("options", "says"), [((400,), False), ((400, "--top", 1), True), ((20,), True)])
def test_noise_is_explained_where_the_word_is(options: tuple[object, ...], says: bool) -> None:
    """The line under the table says what noise is if a row has it, or rows that are not shown are counted by it."""
    shown = command("tornado", SMALL, "--outcome", "price", "--worlds", *options).out
    assert ("noise: not more than chance" in shown) == says


def test_the_widest_comes_first(found: Tornado) -> None:
    """A width lies between the lowest and the highest of both ends and the value; swings descend by width."""
    for swing in found.swings:
        levels = [swing.at_low, swing.at_high, found.value]
        assert swing.width == pytest.approx(max(levels) - min(levels))
        assert swing.width_low <= swing.width <= swing.width_high
        assert swing.clear == (swing.width_low > 0)
    widths = [swing.width for swing in found.swings]
    assert widths == sorted(widths, reverse=True)


def test_threads_and_chunks_change_nothing(found: Tornado) -> None:
    """On one thread of the caller the document is the same; the progress ends with all worlds."""
    reports: list[tuple[int, int]] = []
    with ThreadPoolExecutor(1) as pool:
        again = rp.tornado(
            SMALL, "later_toll", worlds=WORLDS, seed=3, executor=pool, progress=lambda *r: reports.append(r)
        )
    assert again.to_dict() == found.to_dict()
    assert reports[-1][0] == reports[-1][1]


def test_a_number_without_influence_is_counted_only() -> None:
    """A range that changes no world is not a swing."""
    case = rp.loads(SMALL.read_text(encoding="utf-8") + IDLE)
    result = rp.tornado(case, "handed_over", worlds=64)
    assert "interests.idle.position" in result.unmoved
    assert "interests.idle.position" not in [swing.path for swing in result.swings]


def test_only_until_a_month() -> None:
    """With a last month, later events do not count."""
    early = rp.tornado(SMALL, "handed_over", by="2030-05", worlds=200, seed=3)
    assert early.value == rp.run(SMALL, worlds=200, seed=3).probability("handed_over", by="2030-05") < 1
    assert early.to_dict()["by"] == "2030-05"


def shuffled(rng: np.random.Generator) -> Sample:
    """An outcome that happens in half of the worlds, whatever its number is."""
    return Sample((rng.random(500) < 0.5).astype(float), EVERYWHERE)


def test_shuffled_worlds_are_noise() -> None:
    """Of 131 numbers that only shuffle the worlds, none is beyond noise; intervals of 95% each would find some."""
    rng = np.random.default_rng(1)
    base = shuffled(rng)
    ends = [[shuffled(rng), shuffled(rng)] for _ in range(131)]
    each, together = (sum(_swing("x", (0, 1), base, pair, z).clear for pair in ends) for z in (1.96, joint(131)))
    assert (each > 5, together) == (True, 0)


def test_an_effect_is_beyond_noise() -> None:
    """The same effect in the same worlds is beyond noise: worlds are paired."""
    base = shuffled(np.random.default_rng(2))
    up = Sample(np.where(np.arange(500) % 10 == 0, 1.0, base.values), EVERYWHERE)
    swing = _swing("x", (0, 1), base, [base, up], joint(131))
    assert swing.clear
    assert swing.at_low == base.mean


def test_few_worlds_prove_nothing() -> None:
    """A measure that exists in a few worlds only is not beyond noise, even if it is the same in all of them."""
    base, other = np.full(500, 0.2), np.full(500, 0.9)
    for count, clear in ((FEWEST - 1, False), (FEWEST, True)):
        some = np.arange(500) < count
        swing = _swing("x", (0, 1), Sample(base, some), [Sample(base, some), Sample(other, some)], joint(131))
        assert (swing.width, swing.clear) == (pytest.approx(0.7), clear)


def test_an_end_without_the_outcome_comes_first() -> None:
    """If the outcome never happens at one end it has no month there: no width, and the first place."""
    result = rp.tornado(SMALL, "handed_over", statistic="month", by="2030-02", worlds=200)
    never = [swing for swing in result.swings if swing.width is None]
    assert [swing.path for swing in never] == [swing.path for swing in result.swings[: len(never)]]
    for swing in never:
        assert None in (swing.at_low, swing.at_high)
        assert not swing.clear
    assert never


def test_the_median_is_that_of_run() -> None:
    """The interpolated median lies in the month that `run` reports, which ends at it rounded up."""
    rng = np.random.default_rng(3)
    for size in (1, 2, 3, 10, 51):
        for _ in range(50):
            months = rng.integers(0, 9, size)
            dated = MedianMonth(months.astype(float), np.ones(size, bool))
            reported = int(np.searchsorted(np.cumsum(np.bincount(months)), max(1, np.ceil(0.5 * size))))
            assert max(0, int(np.ceil(dated.mean)) - 1) == reported


@pytest.mark.parametrize("groups", ["one", "two"])
def test_the_interval_of_a_difference_of_medians_covers(groups: str) -> None:
    """Intervals of the tornado of 20 ranges hold the true difference, in smooth months and in two groups of months."""
    rng = np.random.default_rng(4)

    def months(size: int) -> list[MedianMonth]:
        first = rng.random(size)
        second = np.where(rng.random(size) < 0.8, first, rng.random(size))
        if groups == "one":
            dates = [np.floor(40 + 60 * first), np.floor(43 + 60 * second)]
        else:  # the median is in the first group in half of the samples
            dates = [np.where(part < 0.5, 20, 80) + np.floor(10 * part) for part in (first, second)]
        return [MedianMonth(dated, rng.random(size) < 0.9) for dated in dates]

    true = {"one": 3.0, "two": 0.0}[groups]
    pairs = [sorted(months(500), key=lambda sample: sample.mean) for _ in range(300)]
    held = [low - 1e-9 <= true <= high for _, low, high in (_difference(*pair, joint(20)) for pair in pairs)]
    assert np.mean(held) > 0.99
    if groups == "one":
        errors = [pair[1].resampled - pair[0].resampled for pair in pairs]
        true_error = np.std([second.mean - first.mean for first, second in (months(500) for _ in range(2_000))])
        assert np.median([error.std() for error in errors]) == pytest.approx(true_error, rel=0.15)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("small --outcome handed_ovr", "unknown outcome 'handed_ovr'; there are handed_over"),
        ("small --outcome handed_over --statistic measure", "handed_over has no measure; choose the statistic"),
        ("small --outcome handed_over --worlds 0", "worlds must be 1 to 10000, not 0"),
        ("small --outcome handed_over --worlds 1e5", "worlds must be 1 to 10000, not 100000"),
        ("small --outcome handed_over --top 0", "top must be 1 to 1000, not 0"),
        ("small --outcome handed_over --by 1990-01", "by 1990-01 is outside the scenario's"),
        ("small --outcome handed_over --by soon", "by: invalid month 'soon': use"),
        ("small --outcome later_toll --by 2030-01 --statistic month --worlds 8", "never happens in 8 worlds"),
        ("bare --outcome handed_over", "no number of bare has a range"),
        ("small --outcome handed_over --statistic mean", "'mean' is not one of"),
    ],
)
def test_bad_input_is_one_line(arguments: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unknown outcome, a statistic that it lacks, a count out of range: exit code 2 and one line."""
    text = SMALL.read_text(encoding="utf-8")
    (tmp_path / "small.toml").write_text(text, encoding="utf-8")
    bare = re.sub(r"\{ value = ([^,]+), low = [^,]+, high = [^}]+ \}", r"\1", text)
    (tmp_path / "bare.toml").write_text(bare, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    name, *words = arguments.split()
    done = command("tornado", f"{name}.toml", *words)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert says in done.err


@pytest.mark.parametrize("statistic", ["probability", "month", "measure"])
def test_the_next_command_gives_the_level_of_the_table(statistic: str) -> None:
    """The command that is printed for the widest number reports the outcome that the table shows."""
    outcome = "price" if statistic == "measure" else "later_toll"
    given = ["--outcome", outcome, "--statistic", statistic, "--worlds", "200", "--seed", "3"]
    given += [] if statistic == "measure" else ["--by", "2031-06"]
    given += ["--set", "theory.noise=0.08"]
    first = json.loads(command("tornado", SMALL, *given, "--json").stdout)["swings"][0]
    shown = command("tornado", SMALL, *given, "--top", "2")
    assert (shown.code, shown.err) == (0, "")
    line = re.findall(r"^Next: realpolitik (.*)$", shown.out, re.MULTILINE)
    done = command(*shlex.split(line[0]), "--json")
    row = json.loads(done.stdout)["outcomes"][outcome]
    key = {"month": "median", "measure": "mean"}.get(statistic, statistic)
    reached = row[key] if statistic == "month" else pytest.approx(row[key], abs=1e-12)
    assert reached in (first["at_low"], first["at_high"])


def test_the_table_counts_what_it_leaves_out(found: Tornado) -> None:
    """The table shows as many numbers as asked, and says how many more there are and how many have no effect."""
    shown = command("tornado", SMALL, "--outcome", "later_toll", "--worlds", WORLDS, "--seed", 3, "--top", 1).out
    assert found.swings[0].path in shown
    assert found.swings[1].path not in shown.split("Next:")[0]
    assert f"{len(found.swings) - 1} more move it less" in shown
    assert f"{len(found.unmoved)} range" in shown or not found.unmoved
