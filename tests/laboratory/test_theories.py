"""Theories compared as evidence: each on its own ranges, up to origins, and said in a headline."""

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import realpolitik as rp
from commanding import command
from realpolitik.pairing import wilson
from realpolitik.scenario import effects_of
from realpolitik.validation.forecasting import crps
from realpolitik.validation.headlines import headline
from realpolitik.validation.theories import (
    LEAST,
    LEAST_EACH,
    OWNERS,
    Contender,
    Counted,
    Evidence,
    Trial,
    bayes_factor,
    check_origins,
    compared,
    constant_dependence,
    default_origins,
    design_effect,
    naive_share,
    random_owners,
    scored_after,
    theories,
)

BASE = rp.load("karabakh")
SMALL = Path(__file__).parent / "small.toml"


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    """Return the history of the base case, with one origin."""
    return Evidence(BASE, seed=1, origins=["2023-10"])


@pytest.fixture(scope="module")
def trials(evidence: Evidence) -> dict[str, Trial]:
    """Return 10,000 worlds of each theory that costs little."""
    cheap = (theory for theory in theories(BASE, 10_000) if "foresight" not in theory.name)
    return {theory.name: evidence.trial(theory) for theory in cheap}


def test_every_theory_is_compared_on_its_own_ranges() -> None:
    """Weight rules, a change that any scenario allows, the rivals of the file, and foresight, in fewer worlds."""
    found = {theory.name: theory for theory in theories(BASE, 20_000)}
    assert list(found) == [
        "leverage", "self-interest", "capability", "placebo", "constant dependence",
        "declining power", "no hold of Baku", "leverage, foresight 3", "leverage, foresight 6",
    ]  # fmt: skip
    assert found["leverage, foresight 6"].worlds < found["leverage, foresight 3"].worlds < 20_000
    assert "actors.Moscow.capability" in found["declining power"].scenario.ranges


def test_the_dates_need_leverage_but_not_that_of_baku(trials: dict[str, Trial]) -> None:
    """Without Baku's hold the dates come out nearly as often, and the manner of the exit hardly ever."""
    own, without = (trials[name].counts for name in ("leverage", "no hold of Baku"))
    assert 0.5 * own["dates"] < without["dates"] < own["dates"]
    assert without["manner"] < 0.1 * own["manner"]
    assert trials["self-interest"].counts["dates"] == 0
    assert all(trials[name].counts["all"] < 0.1 * own["all"] for name in trials if name != "leverage")


def test_levels_are_nested(trials: dict[str, Trial], evidence: Evidence) -> None:
    """Who reproduces the manner reproduces the dates; the manner is what describes an event in its own month."""
    for trial in trials.values():
        assert all(more >= less for more, less in pairwise(trial.counts.values()))
    manner = set(evidence.levels["manner"]) - set(evidence.levels["dates"])
    assert manner == {"free_exit_2024", "quiet_exit_2024", "yerevan_blamed_2024"}


def test_constant_dependence_answers_to_nothing() -> None:
    """No effect is left on a dependence, and alternatives that moved may have any level."""
    found = constant_dependence(BASE)
    for name, row in found.document["dependence"].items():
        assert not any(effects_of(row["stake"]).values())
        assert not any(effects_of(row["alternatives"]).values())
        if any(effects_of(BASE.document["dependence"][name]["alternatives"]).values()):
            assert found.ranges[f"dependence.{name}.alternatives"] == (0.0, 1.0)


def test_random_owners_keep_who_depends() -> None:
    """Each dependence is on some other actor, and nobody depends on itself."""
    rng = np.random.Generator(np.random.PCG64(1))
    rows = random_owners(BASE, rng).document["dependence"]
    assert {name: row["dependent"] for name, row in rows.items()} == {
        name: row["dependent"] for name, row in BASE.document["dependence"].items()
    }
    assert all(row["dependent"] != row["provider"] for row in rows.values())
    assert any(row["provider"] != BASE.document["dependence"][name]["provider"] for name, row in rows.items())


def test_what_was_known_before_an_origin_counts(evidence: Evidence) -> None:
    """A world agrees if what had happened by then had happened in it, near its date, and what had not had not."""
    months = dict.fromkeys(evidence.rows, -1) | {"offensive_2023": 33}
    first = np.full((4, len(evidence.case.outcomes)), -1, np.int16)
    for name, month in months.items():
        first[:, evidence.rows[name].outcome] = month
    origin = evidence.case.month_of("2023-10")
    first[1, evidence.rows["offensive_2023"].outcome] = origin  # in time of its date, but after the origin
    first[2, evidence.rows["withdrawal_2024"].outcome] = origin - 1  # too early
    first[3, evidence.rows["withdrawal_2024"].outcome] = origin  # still open
    matched = {name: row.months_off(first[:, row.outcome], 65) <= 3 for name, row in evidence.rows.items()}
    assert evidence.agrees(first, matched, origin).tolist() == [True, False, False, True]


def test_forecasts_after_an_origin_are_scored_by_their_worlds(evidence: Evidence) -> None:
    """The score is the CRPS over the worlds that agree with the past; from too few worlds there is none."""
    row = evidence.rows["withdrawal_2024"]
    first = np.full((100, len(evidence.case.outcomes)), -1, np.int16)
    first[:, row.outcome] = np.arange(100) % 60
    trial = Trial("x", after={"2023-10": [first]})
    found = scored_after(evidence, trial, "2023-10")["rows"]["withdrawal_2024"]
    assert found["value"] == pytest.approx(crps(first[:, row.outcome].astype(float), row.month))
    assert found["low"] < found["value"] < found["high"]
    few = scored_after(evidence, Trial("x", after={"2023-10": [first[: LEAST - 1]]}), "2023-10")
    assert few["mean"] is None


def test_the_naive_forecaster_is_a_constant_hazard(evidence: Evidence) -> None:
    """Its share of one row is the chance of a geometric waiting time; how an event happens is a coin toss."""
    row = evidence.rows["withdrawal_2024"]
    waited = np.random.Generator(np.random.PCG64(1)).geometric(1 / 60, 400_000) - 1
    share = (row.months_off(waited.astype(np.int16), 10_000) <= 3).mean()
    assert naive_share(BASE, evidence.rows, ["withdrawal_2024"], 3.0) == pytest.approx(share, rel=0.03)
    both = naive_share(BASE, evidence.rows, ["withdrawal_2024", "free_exit_2024"], 3.0)
    assert both == pytest.approx(0.5 * naive_share(BASE, evidence.rows, ["withdrawal_2024"], 3.0))


def test_origins_are_months_with_something_to_come() -> None:
    """By default each January and the month after each date; a month after the last date is refused."""
    assert default_origins(BASE) == ["2021-01", "2022-01", "2023-01", "2023-10", "2023-11", "2024-01"]
    assert check_origins(BASE, ["2023-10", "2022-01", "2023-10"]) == ["2022-01", "2023-10"]
    for origin, says in (
        ("2024-05", "leaves nothing to forecast"),
        ("2023", "origin: invalid month '2023'"),
        ("2023-1", 'write "2023-01"'),
        ("2020-12", "after 2020"),
    ):
        done = command("validate", "--origin", origin)
        assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
        assert says in done.err


@pytest.mark.parametrize(("file", "says"), [("sweden-nato", "is no diff on karabakh"), ("no-such", "no-such")])
def test_a_rival_that_is_no_diff_is_refused_with_its_line(file: str, says: str, tmp_path: Path) -> None:
    """A rival theory changes the file that names it, and is looked for like the scenario of a direction."""
    text = (Path(__file__).parents[2] / "scenarios" / "karabakh.toml").read_text(encoding="utf-8")
    (tmp_path / "karabakh.toml").write_text(text.replace('"declining-power"', f'"{file}"'), encoding="utf-8")
    done = command("validate", tmp_path / "karabakh.toml", "--worlds", 4)
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert says in done.err
    assert ":1" in done.err


@pytest.mark.parametrize(
    ("file", "says"),
    [
        ("./late.toml", "late begins in 2021-02 and karabakh in 2020-12, so they cannot be compared"),
        ("./karabakh.toml", "karabakh is this scenario itself, so there is nothing to compare"),
    ],
)
def test_a_rival_that_cannot_be_compared_is_refused(file: str, says: str, tmp_path: Path) -> None:
    """A rival is another scenario, and begins when the case does: history is about the same months of both."""
    text = (Path(__file__).parents[2] / "scenarios" / "karabakh.toml").read_text(encoding="utf-8")
    own = re.sub(r"^rivals = .*", f'rivals = {{ rival = "{file}" }}', text, flags=re.MULTILINE)
    (tmp_path / "karabakh.toml").write_text(own, encoding="utf-8")
    late = 'extends = "./karabakh.toml"\nreason = "later"\nassumption = true\n[meta]\nstart = "2021-02"\n'
    (tmp_path / "late.toml").write_text(late, encoding="utf-8")
    for arguments in (["check"], ["validate", "--worlds", 4]):
        done = command(*arguments, tmp_path / "karabakh.toml")
        assert (done.code, done.err.count("\n")) == (2, 1)
        assert says in done.err


def section(**counts: int) -> dict[str, Any]:
    """Return a section in which theories reproduced the dates this often, of 1,000 worlds each."""
    rows = [
        {
            "name": name,
            "worlds": 1000,
            "levels": {"dates": {"count": n, "share": n / 1000, "low": 0, "high": 1}},
        }
        for name, n in counts.items()
    ]
    return {"levels": {"dates": []}, "rows": rows, "origins": []}


@pytest.mark.parametrize(
    ("counts", "says"),
    [
        ({"leverage": 200, "rival": 50}, r"leverage has the best evidence, 3.97 (2.95 to 5.34) times that of rival."),
        ({"leverage": 50, "rival": 200}, r"Leverage loses here: the best has 3.97 (2.95 to 5.34) times its evidence."),
        ({"leverage": 100, "rival": 101}, "rival has the best evidence; not distinguished from it: leverage."),
        ({"leverage": 0, "rival": 0}, "no theory has evidence"),
    ],
)
def test_the_headline_says_who_wins_and_what_leverage_loses(counts: dict[str, int], says: str) -> None:
    """One sentence: the best theory, by how much, and whether leverage loses."""
    (line,) = headline({"theories": section(**counts)})
    assert says in line


EXACT = "constant hazard has the best evidence"


@pytest.mark.parametrize(
    ("share", "own", "rival", "says"),
    [
        (1e-9, 0, 0, f"{EXACT}; not distinguished from it: leverage, rival."),
        (
            1e-3,
            0,
            90,
            f"{EXACT}, more than 26 times that of leverage; not distinguished from it: rival. "
            "Leverage loses here: the best has more than 26 times its evidence.",
        ),
        (
            0.0,
            50,
            49,
            "leverage has the best evidence, infinitely many times that of constant hazard; "
            "not distinguished from it: rival.",
        ),
    ],
    ids=["not distinguished", "more", "never"],
)
def test_a_factor_without_an_end_is_said_by_what_it_exceeds(share: float, own: int, rival: int, says: str) -> None:
    """An exact share is so many times the share of a theory without a world, as far as its worlds can tell."""
    rows = [
        {
            "name": name,
            "worlds": 100_000,
            "levels": {"dates": {"count": n, **wilson(n, 100_000)._asdict()}},
        }
        for name, n in (("leverage", own), ("rival", rival))
    ]
    exact = dict.fromkeys(("value", "low", "high"), share) | {"count": None}
    rows.append({"name": "constant hazard", "worlds": None, "levels": {"dates": exact}})
    for row in rows:
        row["levels"]["dates"]["share"] = row["levels"]["dates"].pop("value")
    (line,) = headline({"theories": {"levels": {"dates": []}, "rows": rows, "origins": []}})
    assert line == f"On the dates, {says}"


def after(origin: str, **errors: float | None) -> dict[str, Any]:
    """Return an origin with the mean error of each theory, None if it has too few worlds, and foresight as no rival."""
    rows = [{"theory": name, "mean": mean, "half": 0.1} for name, mean in errors.items()]
    return {"origin": origin, "theories": [*rows, {"theory": "leverage, foresight 3", "mean": 0.1, "half": 0.1}]}


BEST = "Forecasts after an origin have the smallest mean error with "
FEW = "Too few worlds of the other theories agree with the past: "
SOME = FEW.replace("the other", "some")


@pytest.mark.parametrize(
    ("origins", "says"),
    [
        (
            [after("2017-07", leverage=1.0, rival=2.0), after("2019-01", leverage=1.0, rival=None)],
            f"{BEST}leverage after 2017-07. {FEW}only leverage could be scored after 2019-01.",
        ),
        (
            [after("2019-01", leverage=1.0, rival=None), after("2020-01", leverage=None, rival=None)],
            f"{SOME}only leverage could be scored after 2019-01; no theory could be scored after 2020-01.",
        ),
        (
            [after("2018-01", leverage=2.0, rival=1.0), after("2019-01", leverage=None, rival=1.0, third=3.0)],
            f"{BEST}rival after 2018-01, 2019-01. Leverage loses 1 of the 1 after which it is compared. "
            f"{FEW}only rival and third could be scored after 2019-01.",
        ),
        (
            [after("2018-01", leverage=1.0, rival=1.1)],
            f"{BEST}leverage after 2018-01 (not distinguished: rival).",
        ),
    ],
    ids=["alone", "none", "without leverage", "all"],
)
def test_a_theory_is_best_only_where_another_is_scored(origins: list[dict[str, Any]], says: str) -> None:
    """Leverage does not do best after an origin where no rival could be scored, and does not lose where it was not."""
    _, line = headline({"theories": section(leverage=200, rival=50) | {"origins": origins}})
    assert line == says


def test_the_headline_says_how_many_random_owners_do_better() -> None:
    """Random owners are compared by their mean, so the headline also says how many of them beat the true owners."""
    theories = section(leverage=200, rival=50)
    many = {"of": 60, "better": {"dates": 32}, "not_distinguished": {"dates": 5}}
    theories["rows"].append(theories["rows"][1] | {"name": "random owners"} | many)
    *_, better, close = headline({"theories": theories})
    assert better == "Of 60 random assignments of owners, some do better than the true owners: 32 on the dates."
    assert (
        close == "Of 60 random assignments of owners, some are not distinguished from the true owners: 5 on the dates."
    )
    theories["rows"][-1] |= {"better": {"dates": 0}, "not_distinguished": {"dates": 0}}
    assert "assignments" not in " ".join(headline({"theories": theories}))


def test_random_owners_are_a_sample_of_assignments() -> None:
    """Their interval is over assignments: as wide as a bootstrap of them finds, and wider than that of their worlds."""
    rng = np.random.Generator(np.random.PCG64(3))
    each, chances = 3_000, rng.beta(0.5, 50, 60)
    counts = rng.binomial(each, chances)
    effect = design_effect(counts.tolist(), each)
    own = Counted(1_000, 100_000)
    _, low, high = bayes_factor(Counted(int(counts.sum()), each * 60, effect), own)
    again = rng.choice(counts, (4_000, 60)).sum(axis=1) / (each * 60) / rng.binomial(100_000, 0.01, 4_000) * 100_000
    between = np.quantile(again, [0.025, 0.975])
    assert np.log([low, high]) == pytest.approx(np.log(between), abs=0.12)
    assert effect > 5
    assert design_effect([5, 25], 100) > 100  # two say next to nothing
    assert design_effect([0, 0, 0], 100) == 1.0


def test_an_assignment_does_better_only_beyond_chance() -> None:
    """Of assignments that are as good as the true one, some have more worlds of history by luck: none does better."""
    text = SMALL.read_text(encoding="utf-8")
    alike = rp.loads(text).set({f"dependence.{name}.stake": 0.0 for name in rp.loads(text).document["dependence"]})
    section, _ = compared(alike, theories(alike, 6_000), seed=1, origins=[], report=lambda: None)
    (row,) = (row for row in section["rows"] if row["name"] == "random owners")
    assert set(row["better"].values()) == {0}
    assert row["not_distinguished"]["dates"] == row["of"]


def test_rows_held_out_long_after_the_fitted_dates_are_played(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A world that has not had an outcome by the end of the fitted rows may still have it, or not, by a later row."""
    late = """
        extends = "./case.toml"
        reason = "rows held out long after the dates that are fitted"
        assumption = true
        meta.end = "2032-12"
        history.cross = { outcome = "crossover", date = "2026-06", source = "invented" }
    """
    monkeypatch.chdir(tmp_path)
    done = command("new", "case")
    assert done.code == 0, done.err
    found = {}
    for row in ('{ outcome = "withdrawal", date = "2028-09", holdout = true, source = "invented" }',
                '{ outcome = "withdrawal", date = "never", holdout = true, source = "invented" }'):  # fmt: skip
        (tmp_path / "late.toml").write_text(f"{late}history.left = {row}\n", encoding="utf-8")
        scenario = rp.load(tmp_path / "late.toml").set({"theory.weights": "self-interest"})
        found[row] = Evidence(scenario, seed=1, origins=[]).trial(Contender("x", scenario, 200))
    dated, never = found.values()
    assert dated.counts == {"dates": dated.counts["dates"], "all": 0}
    assert never.counts["all"] == never.counts["dates"] > 50


def test_a_rival_that_is_leverage_itself_does_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two actors, those who have leverage and those who do not swap weights of 1: scores differ by the fit alone.

    So leverage is compared with numbers that are fitted as those of its rivals are, and not with those of the sample.
    """
    dated = """
        extends = "./case.toml"
        reason = "a date to fit"
        assumption = true
        history.left = { outcome = "withdrawal", date = "2026-10", source = "invented" }
        [directions.dearer]
        text = "A dear exit is made less often"
        set = { "moves.withdraw.cost" = 0.5 }
        outcome = "withdrawal"
        sign = "down"
    """
    monkeypatch.chdir(tmp_path)
    assert command("new", "case").code == 0
    (tmp_path / "dated.toml").write_text(dated, encoding="utf-8")
    rp.calibrate("./dated.toml", settings=64, error=2.0).write(tmp_path / "dated.posterior.parquet")
    sheet = rp.validate("./dated.toml", worlds=64)
    assert sheet.about["uncertainty"] == "posterior"
    scores = sheet.sections["history"]["scores"]
    assert scores["leverage"] == scores["placebo"] != scores["capability"]
    signs = sheet.sections["directions"]["scores"]
    assert signs["leverage"] == signs["placebo"]
    assert sheet.sections["beaten"] == []


def test_a_theory_without_ranges_is_compared_too() -> None:
    """Where nothing is drawn, worlds differ by their noise alone."""
    bare = rp.load(SMALL).set(
        {path: value for path, value in rp.load(SMALL).numbers.items() if path in rp.load(SMALL).ranges}
    )
    assert not bare.ranges
    assert Evidence(bare, seed=1, origins=[]).trial(Contender("x", bare, 10)).worlds == 10


def test_the_reference_says_how_often_random_owners_are_drawn() -> None:
    """Once per 1,000 settings that leverage has, within limits."""
    text = (Path(__file__).parents[2] / "docs" / "reference" / "scenario-files.md").read_text(encoding="utf-8")
    says = f"once per {LEAST_EACH:,} settings of leverage, at least twice and at most {OWNERS} times"
    assert says in text.replace("\n", " ")
