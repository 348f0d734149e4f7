"""Comparisons pair world with world: common noise, common history up to a fork, and the decision where two part."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

import realpolitik as rp
from realpolitik.choices import Z95
from realpolitik.cli import cli
from realpolitik.comparing import forked
from realpolitik.diverging import divergences
from realpolitik.pairing import FEWEST, Clusters, Sample, difference, estimate, shift
from realpolitik.texts import unique_names

PAIR = rp.compare("karabakh", "no-invasion", worlds=200, seed=3)


def test_a_scenario_does_not_differ_from_itself() -> None:
    """Under common noise the same scenario twice differs by exactly nothing, and nobody decides otherwise.

    Of more worlds some could still differ, by the score interval of 0 of 50: the interval has a width.
    """
    result = rp.compare("karabakh", "karabakh", worlds=50).to_dict()
    rows = [row["karabakh#2"] for row in result["outcomes"].values()]
    assert all(row["difference"] == 0 for row in rows)
    assert all(row["high"] == -row["low"] == pytest.approx(Z95**2 / (50 + Z95**2)) for row in rows)
    assert result["divergence"]["karabakh#2"]["modal"] is None


def test_one_world_has_no_interval() -> None:
    """Of one world nothing is said about others: the interval of a difference is all that it could be."""
    given = ["compare", "karabakh", "no-invasion", "--worlds", "1", "--uncertainty", "none"]
    rows = json.loads(CliRunner().invoke(cli, [*given, "--json"]).stdout)["outcomes"].values()
    assert {(row["no-invasion"]["low"], row["no-invasion"]["high"]) for row in rows} == {(-1, 1)}
    assert "A decision differs in 100% of 1 world, in half of these by" in " ".join(
        CliRunner().invoke(cli, given).stdout.split()
    )


def test_scenarios_of_one_name_are_told_apart_whatever_they_are_called() -> None:
    """No name is given twice, even where a file is called like the second of another."""
    for names in (["a", "a", "a#2"], ["a#2", "a", "a"], ["a", "a", "a", "a#3"]):
        made = unique_names(names)
        assert len(set(made)) == len(names)
        assert made[0] == names[0]


def test_differences_are_of_probabilities() -> None:
    """A difference is that of the two probabilities, and lies in its interval."""
    for rows in PAIR.to_dict()["outcomes"].values():
        row = rows["no-invasion"]
        assert row["difference"] == pytest.approx(row["probability"] - rows["karabakh"]["probability"])
        assert row["low"] <= row["difference"] <= row["high"]


def test_pairing_narrows_the_interval() -> None:
    """Worlds that move together give a narrower interval than worlds apart."""
    luck = np.random.default_rng(1).normal(size=500)
    everywhere = np.ones(500, bool)
    first, second = Sample(luck, everywhere), Sample(luck + 0.1, everywhere)
    alone = estimate(first)
    paired = difference(first, second)
    assert paired.high - paired.low < (alone.high - alone.low) / 100


def test_a_mean_over_some_worlds_has_the_interval_of_those_worlds() -> None:
    """The interval of a mean that exists in a quarter of the worlds is that of a sample of a quarter."""
    values = np.random.default_rng(2).normal(size=4000)
    some = Sample(values, np.arange(4000) % 4 == 0)
    own = estimate(Sample(values[::4], np.ones(1000, bool)))
    assert estimate(some) == pytest.approx(own)


@pytest.mark.parametrize(("worlds", "chance"), [(20, 0.05), (100, 0.01), (2_000, 0.0005), (40, 0.5)])
def test_intervals_of_rare_differences_cover(worlds: int, chance: float) -> None:
    """However seldom a change makes something happen, its interval holds the truth 95 times in 100."""
    rng, everywhere = np.random.default_rng(1), np.ones(worlds, bool)
    covered = 0
    for _ in range(1_000):
        before = rng.random(worlds) < 0.3
        after = before | (rng.random(worlds) < chance)
        shares = (Sample(values.astype(float), everywhere, step=1.0) for values in (before, after))
        found = difference(*shares)
        covered += found.low <= 0.7 * chance <= found.high
    assert covered > 925


@pytest.mark.parametrize(("settings", "worlds"), [(50, 1_000), (200, 300), (400, 40)])
def test_intervals_allow_for_settings_that_worlds_share(settings: int, worlds: int) -> None:
    """A posterior's settings are a sample: however many worlds draw them, the interval is as wide as they demand."""
    rng, everywhere = np.random.default_rng(1), np.ones(worlds, bool)
    covered = alone = 0
    for _ in range(1_000):
        own = rng.normal(size=settings)
        rows = rng.integers(0, settings, worlds)
        values = own[rows] + rng.normal(size=worlds)
        found = estimate(Sample(values, everywhere, clusters=Clusters(rows, settings)))
        without = estimate(Sample(values, everywhere))
        covered += found.low <= 0 <= found.high
        alone += without.low <= 0 <= without.high
    assert covered > 920
    assert settings > 50 or alone < 500


@pytest.mark.parametrize("worlds", [2, 10, 30])
def test_intervals_of_few_worlds_cover(worlds: int) -> None:
    """The interval of a mean over few worlds is as wide as Student's t."""
    rng = np.random.default_rng(1)
    found = [estimate(Sample(rng.normal(size=worlds), np.ones(worlds, bool))) for _ in range(2_000)]
    assert 0.935 < np.mean([one.low <= 0 <= one.high for one in found]) < 0.965


def test_a_fork_shares_history() -> None:
    """Before the fork every world is the base's to the bit, and afterwards it is not."""
    both = rp.compare("karabakh", "no-invasion", worlds=20, fork="2023-01")
    first, other = (ensemble.kept.issues for ensemble in both.ensembles.values())
    month = both.first.case.month_of("2023-01")
    assert np.array_equal(first[:, :month], other[:, :month])
    assert not np.array_equal(first, other)


def test_a_fork_takes_dropped_rows_out_of_play() -> None:
    """A move that the other scenario drops is made before the fork only."""
    base, other = rp.load("karabakh"), rp.load("no-courting")
    ensemble = rp.run(forked(base, other, "2021-01"), worlds=5)
    assert ensemble.kept.made[:, ensemble.case.moves.index("court")].max() <= 1


def test_all_scenarios_draw_their_numbers_as_the_first_does(tmp_path: Path) -> None:
    """[meta] of another scenario may name another uncertainty; a pair of worlds differs by what the files say only."""
    drawn = 'extends = "karabakh"\nreason = "none"\nassumption = true\n[meta]\nuncertainty = "prior"\n'
    (tmp_path / "drawn.toml").write_text(drawn, encoding="utf-8")
    pair = ("karabakh", tmp_path / "drawn.toml")
    for scenarios, kind in ((pair, "none"), (pair[::-1], "prior")):
        both = rp.compare(*scenarios, worlds=30)
        assert {one.uncertainty for one in both.ensembles.values()} == {kind}
        name = list(both.ensembles)[1]
        assert all(row[name]["difference"] == 0 for row in both.to_dict()["outcomes"].values())
        assert both.to_dict()["divergence"][name]["modal"] is None


WAR = "drivers.war.scale"


@pytest.mark.parametrize(
    ("mine", "theirs", "months"),
    [
        ({}, {WAR: 0.5}, [1.0, 0.5, 0.5, 0.5]),
        ({WAR: "0.5@2023-06"}, {}, [1.0, 1.0, 1.0, 1.0]),
        ({WAR: "0.5@2022-01"}, {}, [0.5, 1.0, 1.0, 1.0]),
        ({WAR: "0.5@2023-06"}, {WAR: 0.2}, [1.0, 0.2, 0.2, 0.2]),
        ({}, {WAR: "0.5@2022-01"}, [1.0, 0.5, 0.5, 0.5]),
        ({}, {WAR: "0.5@2023-06"}, [1.0, 1.0, 0.5, 0.5]),
        ({WAR: "0.5@2023-06"}, {WAR: "0.2@2024-01"}, [1.0, 1.0, 1.0, 0.2]),
        ({WAR: "0.5@2023-06"}, {WAR: "0.5@2023-06"}, [1.0, 1.0, 0.5, 0.5]),
    ],
)
def test_from_the_fork_on_the_numbers_are_those_of_the_other(
    mine: dict[str, Any], theirs: dict[str, Any], months: list[float]
) -> None:
    """Forks of both scenarios count: before the month those of the first, and from then on those of the other only."""
    base = rp.load("karabakh")
    made = forked(base.set(mine), base.set(theirs), "2023-01")
    found = [made.numbers[WAR]] * 4
    for n, month in enumerate(("2022-12", "2023-01", "2023-06", "2024-01")):
        for fork in made.forks:
            if fork.month <= month:
                found[n] = fork.numbers.get(WAR, found[n])
    assert found == months


def test_what_is_over_stays_as_it_was_at_a_fork() -> None:
    """The start of an issue, and points of a path in the past, are those of the first scenario: no world reads them."""
    base = rp.load("karabakh")
    past = {"issues.karabakh.start": 0.5, "drivers.war.path.2022-02": 0.1}
    assert past.keys() <= base.numbers.keys()
    made = forked(base, base.set({**past, "theory.phi": 0.5}), "2024-01")
    assert [fork.numbers for fork in made.forks] == [{"theory.phi": 0.5}]


def test_a_fork_has_the_same_hash_in_every_process() -> None:
    """Rows that the other drops are switched off in the order of the file."""
    base = rp.load("karabakh")
    paths = [f"interests.{name}" for name in list(base.document["interests"])[:5]]
    made = forked(base, base.drop(paths), "2023-01")
    switched = [path for fork in made.forks for path in fork.numbers if path.endswith(".salience")]
    assert switched == [f"{path}.salience" for path in paths]


def test_a_fork_refuses_new_rows() -> None:
    """What differs by more than numbers cannot begin in a month, and the message names the row."""
    with pytest.raises(ValueError, match=r"shocks\.western_meetings"):
        forked(rp.load("karabakh"), rp.load("west-mediates"), "2024-01")


def test_a_parting_is_the_first() -> None:
    """In the example both decisions are of the month in which the world parts, and they differ."""
    example = PAIR.to_dict()["divergence"]["no-invasion"]["example"]
    moves = [decision and decision["move"] for decision in example["decisions"]]
    assert moves[0] != moves[1]
    found = divergences(rp.load("karabakh"), rp.load("no-invasion"), worlds=200, seed=3)
    assert next(p.month for p in found if p.world == example["world"]) == example["month"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["karabakh"], "two scenarios or more"),
        (["karabakh", "deployment"], "begin in different months"),
        (["karabakh", "no-invasion", "--worlds", "20000"], "at most 10,000"),
        (["karabakh", "no-invasion", "--fork", "2050-01"], "fork 2050-01 is outside the scenario's 2020-12 to 2030-12"),
        (["karabakh", "no-invasion", "--fork", "2023-13"], "fork: invalid month '2023-13': use"),
        (["karabakh", "no-invasion", "--outcome", "x"], "unknown outcome 'x'; there are offensive_made, "),
        (["karabakh", "no-invasion", "--issue", "warmth"], "give --plot FILE too"),
    ],
)
def test_what_cannot_be_compared_is_refused(arguments: list[str], message: str) -> None:
    """A comparison that makes no sense ends in one clear message."""
    result = CliRunner().invoke(cli, ["compare", *arguments])
    assert message in str(result.exception)


def test_the_command_prints_one_document() -> None:
    """`compare --json` prints probability, difference and interval per scenario."""
    result = CliRunner().invoke(cli, ["compare", "karabakh", "no-invasion", "--worlds", "20", "--json"])
    row = json.loads(result.stdout)["outcomes"]["withdrawal"]
    assert {"probability", "difference", "low", "high"} <= row["no-invasion"].keys()
    assert "difference" not in row["karabakh"]


def test_the_command_tells_where_worlds_part() -> None:
    """`compare` ends with the most common first difference between decisions."""
    result = CliRunner().invoke(cli, ["compare", "karabakh", "no-invasion", "--worlds", "20"])
    assert "The most common first difference: " in " ".join(result.stdout.split())


def nudged() -> list[str]:
    """Return a command that compares a scenario with a copy of it that differs in one number."""
    return ["compare", "karabakh", "war-without-isolation", "--worlds", "60"]


def test_the_command_shows_months_and_measures() -> None:
    """`compare` has a table of probabilities, one of months and one of measures, each with intervals."""
    shown = CliRunner().invoke(cli, nudged()).stdout
    result = json.loads(CliRunner().invoke(cli, [*nudged(), "--json"]).stdout)["outcomes"]
    tables = dict(zip(("Probability", "Mean month", "Mean of the measure"), shown.split("\n\n")[1:4], strict=True))
    for heading, table in tables.items():
        assert table.startswith(heading)
    row = result["withdrawal"]["war-without-isolation"]["months"]
    change = [f"{row['difference']:+.1f}", f"{row['low']:+.1f}", "to", f"{row['high']:+.1f}"]
    line = next(line for line in tables["Mean month"].splitlines() if line.startswith("withdrawal"))
    assert line.split()[1:] == [row["first"], row["second"], *change, str(row["worlds"])]
    price = result["price_of_withdrawal"]["war-without-isolation"]["measure"]
    line = next(line for line in tables["Mean of the measure"].splitlines() if line.startswith("price_of_withdrawal"))
    assert line.split()[2:4] == [f"{price['second']:.3f}", f"{price['difference']:+.3f}"]
    assert line.split()[-1] == str(price["worlds"])
    assert "price_of_withdrawal" not in tables["Probability"]
    assert "csto_mission_posted" not in tables["Mean month"]


def test_a_mean_month_is_that_of_the_worlds_in_which_it_happens() -> None:
    """The document has the mean month of every outcome, and none for one that never happens."""
    rows = PAIR.to_dict()["outcomes"]
    first = PAIR.first.kept.first[:, PAIR.first.case.outcomes.index("realigned")]
    assert rows["realigned"]["karabakh"]["mean_month"] == PAIR.first.months[round(first[first >= 0].mean())]
    assert rows["corridor_forced"]["karabakh"]["mean_month"] is None


def test_months_and_measures_are_compared_in_the_worlds_that_have_them_in_both() -> None:
    """A shift is the mean over the worlds with the outcome on both sides, with their number and their two means."""
    found = rp.compare("karabakh", "war-without-isolation", worlds=100, uncertainty="prior")
    first, other = found.ensembles.values()
    rows = found.to_dict()["outcomes"]
    for name, kept in (("withdrawal", "first"), ("price_of_withdrawal", "measured")):
        o = first.case.outcomes.index(name)
        both = (first.kept.first[:, o] >= 0) & (other.kept.first[:, o] >= 0)
        mine, theirs = (np.asarray(getattr(one.kept, kept)[both, o], float) for one in (first, other))
        row = rows[name]["war-without-isolation"]["months" if kept == "first" else "measure"]
        assert FEWEST <= row["worlds"] == both.sum() < both.size
        assert row["difference"] == pytest.approx((theirs - mine).mean())
        assert row["low"] < row["difference"] < row["high"]
        if kept == "measured":
            assert (row["first"], row["second"]) == pytest.approx((mine.mean(), theirs.mean()))


def test_worlds_that_have_an_outcome_on_one_side_only_do_not_move_it() -> None:
    """Late cases that are added to the same early ones are no delay; of a few worlds nothing is said."""
    months = np.arange(600.0)
    before = Sample(months, months < 12)
    after = Sample(months, months < 555)
    assert after.mean - before.mean > 200
    assert shift(before, after) == (12, 5.5, 5.5, 0, 0, 0)
    assert shift(Sample(months, months < FEWEST - 1), after) == (FEWEST - 1, None, None, None, None, None)


def test_the_command_says_where_worlds_are_too_few() -> None:
    """Of an outcome that few worlds have in both, `compare` has the number of these worlds and no difference."""
    row = PAIR.to_dict()["outcomes"]["withdrawal"]["no-invasion"]["months"]
    assert 0 < row["worlds"] < FEWEST
    assert row["difference"] is None
    shown = CliRunner().invoke(cli, ["compare", "karabakh", "no-invasion", "--worlds", "200", "--seed", "3"]).stdout
    table = shown.split("Mean month")[1].split("\n\n")[0]
    line = next(line for line in table.splitlines() if line.startswith("withdrawal"))
    assert line.split()[1:] == ["too", "few", str(row["worlds"])]


def test_the_command_shows_chosen_outcomes() -> None:
    """With `--outcome` only these are in the tables; the document has all."""
    shown = CliRunner().invoke(cli, [*nudged(), "--outcome", "realigned"]).stdout
    assert "realigned" in shown
    assert "withdrawal" not in shown.split("The most common")[0]
    document = CliRunner().invoke(cli, [*nudged(), "--outcome", "realigned", "--json"]).stdout
    assert "withdrawal" in json.loads(document)["outcomes"]


def test_scenarios_may_end_in_different_months(tmp_path: Path) -> None:
    """The mean month of each side is one of its own months, which the other may not have; and the text says so."""
    short, late = tmp_path / "short.toml", tmp_path / "late.toml"
    short.write_text('extends = "karabakh"\n[meta]\nend = "2024-06"\n', encoding="utf-8")
    late.write_text('extends = "karabakh"\n[set]\n"drivers.war.scale" = 0.5\n', encoding="utf-8")
    given = ["compare", str(short), str(late), "--worlds", "200", "--uncertainty", "none"]
    result = json.loads(CliRunner().invoke(cli, [*given, "--json"]).stdout)
    months = [rows["late"]["months"]["second"] for rows in result["outcomes"].values()]
    assert max(month for month in months if month) > "2024-06"
    assert "late ends in 2030-12, short in 2024-06" in " ".join(CliRunner().invoke(cli, given).stdout.split())


def test_few_worlds_have_possible_intervals_and_rows_of_their_own() -> None:
    """No difference of shares is beyond 1, and the table of months says where few worlds have both."""
    given = ["compare", "karabakh", "war-without-isolation", "--worlds", "5", "--uncertainty", "none"]
    result = json.loads(CliRunner().invoke(cli, [*given, "--json"]).stdout)
    rows = [row["war-without-isolation"] for row in result["outcomes"].values()]
    assert all(-1 <= row["low"] <= row["high"] <= 1 for row in rows)
    shown = [row for row in rows if "measure" not in row and (row["months"]["worlds"] or row["difference"])]
    text = CliRunner().invoke(cli, given).stdout.partition("Mean month")[2].partition("Mean of the measure")[0]
    assert text.count("too few") == len(shown) > 10
