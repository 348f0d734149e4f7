"""Forecasts: questions answered from worlds that agree with the history, sealed, and scored."""

import json
import re
from dataclasses import replace
from math import log
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import realpolitik as rp
from commanding import command
from realpolitik import conditioning
from realpolitik.calibration.fitness import Growth
from realpolitik.choices import THEORIES
from realpolitik.cli.forecast import SHORT
from realpolitik.conditioning import agrees
from realpolitik.forecasts import MOST_WORLDS, base_rate, chance, standard_error
from realpolitik.reporting import diffs_of
from realpolitik.scenario import ScenarioError, loads
from realpolitik.sealing import read_forecast
from realpolitik.uncertainty import draw_numbers

SMALL = (
    (Path(__file__).parent / "small.toml")
    .read_text(encoding="utf-8")
    .replace('cutoff = "2030-12"', 'cutoff = "2030-08"')
    .replace('date = "2030-08"', 'date = "2030-01"')
    .replace('date = "2031-03"', 'date = "2030-06"')
)
"""The ferry, asked about in August 2030, after it changed hands in June."""
QUESTIONS = """
[questions.soon]
text = "Is the toll high by January?"
resolves = "It is above 0.7 on a board"
by = "2031-01"
outcome = "later_toll"

[questions.later]
text = "Is the toll high by the end of the year?"
resolves = "It is above 0.7 on a board"
by = "2031-12"
outcome = "later_toll"
past = 2

[questions.bridge]
text = "Is a bridge built?"
resolves = "It opens"
by = "2031-12"
cannot_say = "No row is about bridges"
"""
WORLDS = 400
EXTENSION = "after-april-2024"


@pytest.fixture(scope="module")
def found() -> rp.Forecast:
    """The answers to the questions above."""
    return rp.forecast(loads(SMALL + QUESTIONS, "ferry"), worlds=WORLDS, tolerance=2)


@pytest.fixture
def sealed(found: rp.Forecast, tmp_path: Path) -> Path:
    """The answers, in a sealed file."""
    rp.write_forecast(found, tmp_path / "sealed.json")
    return tmp_path / "sealed.json"


def test_answers_come_from_worlds_that_agree_with_the_history(found: rp.Forecast) -> None:
    """An answer counts the worlds that agree with every row up to the cutoff and in which the question is open."""
    ensemble = rp.run(loads(SMALL, "ferry"), worlds=WORLDS, uncertainty="prior", until="2031-12", paths=0)
    first = {name: ensemble.kept.first[:, o].astype(int) for o, name in enumerate(ensemble.case.outcomes)}
    handed, dear = first["handed_over"], first["later_toll"]
    agree = (handed >= 3) & (handed <= 7) & (first["crossover"] >= 0) & (first["crossover"] <= 2)  # June is month 5
    still = agree & ((dear < 0) | (dear > 7))
    soon, later, _ = found.answers
    assert 0 < still.sum() < agree.sum() < WORLDS
    assert found.agreeing["ferry"]["leverage"] == {"worlds": agree.sum(), "played": WORLDS, "rows": 2, "of": 2}
    assert (soon.worlds, soon.happened) == (still.sum(), (still & (dear > 7) & (dear <= 12)).sum())
    assert soon.chance == chance(soon.happened, soon.worlds, 0.1)
    assert later.happened == (still & (dear > 7)).sum() > soon.happened


def test_rivals_answer_from_their_closest_worlds(found: rp.Forecast) -> None:
    """A rival of whose worlds fewer than 100 agree with all rows answers from those that agree with most."""
    counted = found.agreeing["ferry"]
    for theory in ("self-interest", "capability", "placebo"):
        ensemble = rp.run(
            loads(SMALL, "ferry"), worlds=WORLDS, uncertainty="prior", until="2031-12", paths=0, theory=theory
        )
        rows = ensemble.scenario.document["history"].values()
        close = np.sum([agrees(ensemble.case, ensemble.kept.first, row, 7, 2) for row in rows], axis=0)
        assert (close == 2).sum() < 100 <= (close >= 1).sum()
        assert counted[theory] == {"worlds": (close >= 1).sum(), "played": WORLDS, "rows": 1, "of": 2}


def test_a_posterior_changes_no_answer(found: rp.Forecast, tmp_path: Path) -> None:
    """Numbers come from the ranges: those of a fit to the same rows would count them twice."""
    file = tmp_path / "ferry.toml"
    file.write_text(SMALL + QUESTIONS, encoding="utf-8")
    fitted = command("calibrate", file, "--settings", 32, "--out", tmp_path / "ferry.posterior.parquet")
    assert fitted.code == 0, fitted.err
    assert rp.forecast(file, worlds=WORLDS, tolerance=2).answers == found.answers


def test_measured_ratios_are_part_of_the_record() -> None:
    """A world also agrees with the ratios of [quantities] that were measured by the cutoff."""
    scenario = rp.load("karabakh")
    asked = {"worlds": 200, "seed": 1, "tolerance": 120, "closest": False, "report": lambda _: None}
    known, later = (
        conditioning.agreeing(scenario, **asked, cutoff=cutoff, until="2024-04") for cutoff in ("2023-12", "2023-11")
    )
    assert known.rows.keys() - later.rows.keys() == {"quantities.oil_sales"}
    ratios = Growth(scenario, "oil_sales").ratios(draw_numbers(scenario, 1, np.arange(200), "prior"), 200)
    assert known.rows["quantities.oil_sales"] == (abs(ratios - 4.0) <= 1.0).sum()
    assert 0 < known.rows["quantities.oil_sales"] < 200


def test_an_example_is_a_world_that_says_so(found: rp.Forecast) -> None:
    """Each answer names a world for each side, and run alone with numbers from the ranges it says the same."""
    for answer in found.answers[:2]:
        assert answer.examples.keys() == {"yes", "no"}
        for said, world in answer.examples.items():
            ensemble = rp.run(found.scenario, worlds=world + 1, uncertainty="prior", paths=0)
            month = ensemble.kept.first[world, ensemble.case.outcomes.index("later_toll")]
            assert (7 < month <= ensemble.case.month_of(answer.by)) == (said == "yes")


def test_no_more_worlds_are_played_than_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first worlds that agree answer, up to a maximum, and rivals play as many worlds as it took."""
    monkeypatch.setattr(conditioning, "KEPT", 40)
    for chunk in (32, 1024):
        monkeypatch.setattr(conditioning, "chunk_of", lambda *_, chunk=chunk: chunk)
        few = rp.forecast(loads(SMALL + QUESTIONS, "ferry"), worlds=WORLDS, tolerance=2).agreeing["ferry"]
        assert few["leverage"]["worlds"] == 40
        played = few["leverage"]["played"]
        assert 40 < played < WORLDS
        until = rp.forecast(loads(SMALL + QUESTIONS, "ferry"), worlds=played, tolerance=2).agreeing["ferry"]
        assert until == few
        assert {one["played"] for one in few.values()} == {played}


def test_what_happens_after_the_cutoff_is_not_looked_at() -> None:
    """A date after the cutoff, and months of "never" after it, exclude only worlds in which it happened by then."""
    ensemble = rp.run(loads(SMALL, "ferry"), worlds=64, until="2031-12", paths=0)
    case, firsts = ensemble.case, ensemble.kept.first
    later = {"outcome": "handed_over", "date": "2031-03", "until": ""}
    never = {"outcome": "handed_over", "date": "never", "until": "2031-12"}
    first = firsts[:, case.outcomes.index("handed_over")]
    for row in (later, never):
        assert np.array_equal(agrees(case, firsts, row, 11, 0), (first < 0) | (first > 11))
    assert np.array_equal(agrees(case, firsts, never, 23, 0), first < 0)


def test_no_answer_is_certain(found: rp.Forecast) -> None:
    """Every chance of a theory lies between half the allowance and one minus it; nothing known is one half."""
    chances = {(one.id, name): p for one in found.answers for name, p in one.others.items()}
    chances |= {(one.id, ""): one.chance for one in found.answers if one.chance is not None}
    assert len(chances) == 2 * (len(THEORIES) + 3)
    assert all(0.05 <= p <= 0.95 for (_, name), p in chances.items() if name != "base rate")
    assert all(0 < p < 1 for p in chances.values())
    assert chance(0, 0, 0.2) == 0.5
    assert chance(0, 10**9, 0.2) == pytest.approx(0.1)
    assert chance(10**9, 10**9, 0.2) == pytest.approx(0.9)


def test_simple_forecasters(found: rp.Forecast) -> None:
    """Persistence says no with the allowance, and the base rate is that of the months before the cutoff."""
    soon, later, bridge = found.answers
    assert (soon.others["persistence"], soon.others["flat"]) == (0.05, 0.5)
    assert soon.others["base rate"] == pytest.approx(1 - 9 / 14)  # none in 8 months, 5 to come
    assert later.others["base rate"] == pytest.approx(base_rate(2, 8, 16))
    assert base_rate(1, 1, 1) == pytest.approx(2 / 3)
    assert set(soon.others) - {"persistence", "flat", "base rate"} == set(THEORIES) - {"leverage"}
    assert (bridge.chance, bridge.cannot_say, bridge.others) == (None, "No row is about bridges", {})


def test_a_question_that_was_settled_before_the_cutoff_is_declined() -> None:
    """Where the event had happened by the cutoff in nearly all worlds that agree, there is no answer."""
    early = QUESTIONS.replace("later_toll", "sale")
    first, *_ = rp.forecast(loads(SMALL + early, "ferry"), worlds=WORLDS, tolerance=2).answers
    assert first.chance is None
    assert str(first.cannot_say).startswith("It had happened by the cutoff in all but 1 of the 157 worlds that agree")


def test_another_scenario_can_answer(tmp_path: Path) -> None:
    """A question may name a diff that has the outcome, and is answered in its worlds."""
    diff = 'extends = "ferry.toml"\nreason = "The toll counts"\nassumption = true\n'
    more = '[outcomes.dear]\nlabel = "The toll is high"\nwhen = { toll = { above = 0.6 } }\nafter = "later_toll"\n'
    (tmp_path / "tolls.toml").write_text(diff + more, encoding="utf-8")
    asked = QUESTIONS.replace('outcome = "later_toll"', 'outcome = "dear"\nscenario = "tolls.toml"', 1)
    (tmp_path / "ferry.toml").write_text(SMALL + asked, encoding="utf-8")
    first, second, _ = (found := rp.forecast(tmp_path / "ferry.toml", worlds=WORLDS, tolerance=2)).answers
    assert (first.scenario, second.scenario) == ("tolls", "ferry")
    assert first.chance is not None
    assert set(found.answering) == {"tolls", "ferry"}
    (tmp_path / "ferry.toml").write_text(SMALL + asked.replace('"dear"', '"dera"'), encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"questions.soon.outcome: tolls has no 'dera' .*did you mean 'dear'"):
        rp.forecast(tmp_path / "ferry.toml", worlds=10)


@pytest.fixture
def two_theories(tmp_path: Path) -> rp.Forecast:
    """A forecast from two files with the same name, under different theories."""
    (tmp_path / "far").mkdir()
    diff = 'extends = "../ferry.toml"\nreason = "Power"\nassumption = true\n[set]\n"theory.weights" = "capability"\n'
    (tmp_path / "far" / "ferry.toml").write_text(diff, encoding="utf-8")
    asked = QUESTIONS.replace('outcome = "later_toll"', 'outcome = "later_toll"\nscenario = "far/ferry.toml"', 1)
    (tmp_path / "ferry.toml").write_text(SMALL + asked, encoding="utf-8")
    return rp.forecast(tmp_path / "ferry.toml", worlds=WORLDS, tolerance=2)


def test_scenarios_of_one_name_are_told_apart(two_theories: rp.Forecast) -> None:
    """Each answering scenario has a name of its own, its own worlds and its own command."""
    soon, later, _ = two_theories.answers
    assert (soon.scenario, later.scenario) == ("ferry", "ferry#2")
    assert {name: one.document["theory"]["weights"] for name, one in two_theories.answering.items()} == {
        "ferry": "capability",
        "ferry#2": "leverage",
    }
    assert list(two_theories.agreeing) == ["ferry", "ferry#2"]
    document = two_theories.to_dict()["scenarios"]
    assert document["ferry"]["sha256"] != document["ferry#2"]["sha256"]


def test_answers_under_different_theories_are_compared_with_the_same_forecasters(
    two_theories: rp.Forecast, tmp_path: Path
) -> None:
    """The theory of one answer is a rival of the other, with its own chance there: in the table, scores and figure."""
    soon, later, _ = two_theories.answers
    assert list(soon.others) == list(later.others)
    assert set(THEORIES) <= set(soon.others)
    assert soon.others["capability"] == soon.chance != soon.others["leverage"]
    assert later.others["leverage"] == later.chance != later.others["capability"]
    rp.write_forecast(two_theories, tmp_path / "sealed.json")
    scores = rp.score_forecast(tmp_path / "sealed.json", {"soon": True, "later": False}).scores
    assert set(scores) == {"answers", *soon.others}
    done = command(
        "forecast", tmp_path / "ferry.toml", "--worlds", WORLDS, "--tolerance", 2, "--plot", tmp_path / "a.svg"
    )
    assert done.code == 0, done.err
    heading = next(line for line in done.out.splitlines() if line.startswith("question"))
    assert heading.split()[-3:] == [SHORT.get(name, name) for name in list(soon.others)[-3:]]


def test_an_error_is_that_of_the_share_of_worlds() -> None:
    """The allowance, which is no count, adds nothing to the error of a count."""
    drawn = np.random.default_rng(1).binomial(400, 0.3, size=20_000)
    spread = np.std([chance(int(n), 400, 0.5) for n in drawn])
    assert standard_error(120, 400, 0.5) == pytest.approx(spread, rel=0.02)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('by = "2031-01"', 'by = "2030-08"', "2030-08 is not after the cutoff, 2030-08"),
        ('by = "2031-01"', 'by = "2032-01"', "2032-01 is outside 2030-01 to 2031-12"),
        ('outcome = "later_toll"', 'outcome = "latr_toll"', "unknown outcome 'latr_toll'; did you mean 'later_toll'"),
        ('outcome = "later_toll"', "", "has neither of 'outcome' and 'cannot_say'"),
        ("cannot_say", 'outcome = "sale"\ncannot_say', "has both of 'outcome' and 'cannot_say'"),
        ("cannot_say", 'scenario = "karabakh"\ncannot_say', "has 'scenario' without 'outcome'"),
        ("resolves", "resolve", "unknown key 'resolve' in questions.soon; did you mean 'resolves'"),
        ('cutoff = "2030-08"\n', "", "give cutoff in"),
        ("past = 2", "past = 9", "questions.later.past: 9 is no number of months from start to cutoff, 0 to 8"),
        ("past = 2", "past = 1.5", "1.5 is no number of months"),
    ],
)
def test_an_invalid_question_is_refused_with_its_line(old: str, new: str, problem: str) -> None:
    """Each error of a question has a line, and says what would be right."""
    assert old in SMALL + QUESTIONS
    with pytest.raises(ScenarioError, match=problem) as refused:
        loads((SMALL + QUESTIONS).replace(old, new, 1))
    assert refused.value.line


@pytest.mark.parametrize("cutoff", ["2029-12", "2001-01"])
def test_a_cutoff_before_the_start_leaves_nothing_to_ask(cutoff: str) -> None:
    """No month is played up to it, so that a question is refused, also in the month before the start."""
    text = (SMALL + QUESTIONS).replace('cutoff = "2030-08"', f'cutoff = "{cutoff}"').replace("past = 2\n", "")
    text = text.replace("holdout = true\n", "").replace("\nsource = ", "\nholdout = true\nsource = ")
    with pytest.raises(
        ScenarioError, match=f"questions.*: the cutoff, {cutoff}, is before the start, 2030-01: no month"
    ):
        loads(text)


def test_the_guide_asks_whether_something_happens_again() -> None:
    """Its chain of outcomes and its question load as part of a diff on the base case, and the last comes last."""
    guide = (Path(__file__).parents[2] / "docs" / "reference" / "scenario-files.md").read_text(encoding="utf-8")
    block = guide.partition("*again*, write a chain")[2].partition("```toml\n")[2].partition("```")[0]
    document = loads(f'extends = "karabakh"\n{block}').document
    assert list(document["questions"]) == ["gone_again"]
    assert [document["outcomes"][name]["after"] for name in ("back", "gone_again")] == ["withdrawal", "back"]


def test_questions_are_no_part_of_the_worlds() -> None:
    """Questions change no hash, and a diff does not inherit them."""
    assert loads(SMALL + QUESTIONS).sha256 == loads(SMALL).sha256
    asked = {name: rp.load(name).document["questions"] for name in ("no-invasion", "deployment")}
    assert asked == {"no-invasion": {}, "deployment": {}}


def test_too_few_agreeing_worlds_are_refused() -> None:
    """Where fewer than ten worlds agree, the message names the row that fewest agree with."""
    with pytest.raises(ValueError, match=r"^\d of 12 worlds .* history.handed_over: .*--tolerance"):
        rp.forecast(loads(SMALL + QUESTIONS, "ferry"), worlds=12, tolerance=0)
    with pytest.raises(ValueError, match=r"has no \[questions\]"):
        rp.forecast(loads(SMALL, "ferry"), worlds=12)


def test_what_is_advised_where_few_worlds_agree_can_be_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """More worlds, and a larger tolerance, are advised below their maximum only."""
    (tmp_path / "ferry.toml").write_text(SMALL + QUESTIONS, encoding="utf-8")
    asked = ("forecast", tmp_path / "ferry.toml", "--tolerance", 0, "--worlds", 12)
    assert command(*asked).err.endswith("give more --worlds (up to 100,000,000) or a larger --tolerance\n")
    monkeypatch.setattr("realpolitik.forecasts.MOST_WORLDS", 12)
    assert command(*asked).err.endswith("; give a larger --tolerance\n")


def test_a_row_that_no_world_reaches_is_named_with_when_worlds_have_it() -> None:
    """Where no world agrees with a row, not even of many, other ranges are advised, not more worlds."""
    late = SMALL.replace('date = "2030-01"', 'date = "2030-05"')
    with pytest.raises(ValueError, match="agree with its record") as refused:
        rp.forecast(loads(late + QUESTIONS, "ferry"), worlds=10_000, tolerance=0)
    assert str(refused.value).endswith(
        "; fewest, 0 of 10,000, agree with history.crossover: it says 2030-05, and within the ranges crossover happens "
        "in 100.0% of worlds, median month 2030-01; give other ranges or a larger --tolerance"
    )


@pytest.mark.parametrize(
    ("given", "problem"),
    [({"allowance": 0.0}, "allowance"), ({"tolerance": -1}, "tolerance"), ({"worlds": MOST_WORLDS + 1}, "100000000")],
)
def test_parameters_out_of_range_are_refused(given: dict[str, float], problem: str) -> None:
    """Each parameter has its limits."""
    with pytest.raises(ValueError, match=problem):
        rp.forecast(loads(SMALL + QUESTIONS), **given)  # type: ignore[arg-type]


def test_a_sealed_file_is_verified(found: rp.Forecast, sealed: Path) -> None:
    """A sealed file holds the answers and the time; after any change it is refused."""
    content = read_forecast(sealed)
    expected = json.loads(json.dumps(found.to_dict()))
    assert {key: content[key] for key in expected} == expected
    assert content["made"].endswith("+00:00")
    changed = sealed.read_text(encoding="utf-8").replace('"happened": ', '"happened": 1', 1)
    sealed.write_text(changed, encoding="utf-8")
    with pytest.raises(ValueError, match="or changed since"):
        read_forecast(sealed)


def test_a_sealed_forecast_replaces_no_other_file(found: rp.Forecast, sealed: Path, tmp_path: Path) -> None:
    """From Python too: a forecast may be written again, and the name ends as that of a sealed file."""
    rp.write_forecast(found, sealed)
    (tmp_path / "mine.json").write_text("{}")
    for name, says in (("mine.json", "was not written by `realpolitik forecast`"), ("f.txt", r"ends in \.json")):
        with pytest.raises(ValueError, match=says):
            rp.write_forecast(found, tmp_path / name)
    assert (tmp_path / "mine.json").read_text() == "{}"


def test_scores_of_a_sealed_forecast(found: rp.Forecast, sealed: Path) -> None:
    """Brier score, log score and calibration are those of the probabilities, for every forecaster."""
    scored = rp.score_forecast(sealed, {"soon": True, "later": False, "bridge": True})
    p, q = (float(one.chance or 0) for one in found.answers[:2])
    own, flat = scored.scores["answers"], scored.scores["flat"]
    assert own.brier == pytest.approx(((1 - p) ** 2 + q**2) / 2)
    assert own.log == pytest.approx(-(log(p) + log(1 - q)) / 2)
    assert own.expected == pytest.approx(p + q)
    assert (flat.brier, flat.log) == (0.25, pytest.approx(log(2)))
    assert flat.bins == [{"low": 0.4, "high": 0.6, "questions": 2, "mean": 0.5, "happened": 0.5}]
    assert scored.unscored == {"bridge": "the forecast could not say"}
    assert list(scored.scores) == ["answers", *found.answers[0].others]
    with pytest.raises(ValueError, match="nothing can be scored"):
        rp.score_forecast(sealed, {})


@pytest.mark.parametrize(
    "answers",
    [
        {"soon": "yes", "later": " No ", "bridge": "void"},
        {"soon": 1, "later": np.False_},
        pd.Series({"soon": 1.0, "later": 0.0}),
        pd.Series({"soon": True, "later": "no"}),
    ],
)
def test_answers_in_python_are_those_of_a_table(answers: Any, sealed: Path) -> None:
    """A mapping or a Series says yes and no in the words of a table, as truth values, or as 1 and 0."""
    happened = rp.score_forecast(sealed, answers).happened
    assert happened == {"soon": True, "later": False}
    assert {type(one) for one in happened.values()} == {bool}


@pytest.mark.parametrize(
    ("answers", "problem"),
    [
        ({"soon": 0.7}, "answers: soon: 0.7 is no answer; write yes, no or void"),
        ({"soon": None}, "answers: soon: None is no answer; write yes, no or void"),
        ({"soon": float("nan")}, "answers: soon: nan is no answer; write yes, no or void"),
        ({"soon": "maybe"}, "answers: soon: 'maybe' is no answer; write yes, no or void"),
        ({"soon": True, "son": True}, "answers: unknown question 'son'; did you mean 'soon'?"),
        ({3: True}, "answers: unknown question '3'"),
        (None, "answers must be a CSV file, a mapping or a Series, not None"),
        ([True], "answers must be a CSV file, a mapping or a Series, not [True]"),
        ("none.csv", "no such file: 'none.csv'"),
        (".", "answers: '.' is a folder; give a CSV file, a mapping or a Series"),
    ],
)
def test_other_answers_in_python_are_refused(answers: Any, problem: str, sealed: Path) -> None:
    """Anything else is refused, with the name of the question; so is an unknown question."""
    with pytest.raises(ValueError, match=f"^{re.escape(problem)}$"):
        rp.score_forecast(sealed, answers)


def test_a_sealed_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """A sealed file that does not exist, or is no path, is a ValueError as documented."""
    with pytest.raises(ValueError, match=r"no such file: .*none\.json'$"):
        rp.score_forecast(tmp_path / "none.json", {})
    with pytest.raises(ValueError, match="path must be a sealed forecast, not None"):
        rp.score_forecast(None, {})  # type: ignore[arg-type]


def test_forecast_on_the_command_line(tmp_path: Path) -> None:
    """`forecast` prints the answers and seals them; with --score it prints the scores, or what is invalid."""
    (tmp_path / "ferry.toml").write_text(SMALL + QUESTIONS, encoding="utf-8")
    sealed, table = tmp_path / "sealed.json", tmp_path / "answers.csv"
    asked = ("forecast", tmp_path / "ferry.toml", "--worlds", WORLDS, "--tolerance", 2, "--out", sealed)
    done = command(*asked)
    assert done.code == 0, done.err
    assert "bridge: cannot say. Is a bridge built?" in done.out
    open_ended = command(*asked[:-2], "--seed", 3).out.splitlines()
    seal, example = open_ended[-2:]
    assert seal.endswith(f"ferry.toml --worlds {WORLDS} --seed 3 --tolerance 2 --out sealed.json")
    command_of_example, _, said = example.partition("   # ")
    assert said.startswith("soon: ")
    assert command(*command_of_example.split()[1:]).code == 0
    assert f"Sealed in {sealed}, sha256 " in done.out
    content = sealed.read_bytes()
    again = command(*asked)
    assert again.code == 2
    assert "is a sealed forecast; choose another name, or give --force" in again.err
    assert sealed.read_bytes() == content
    table.write_text("question,answer\nsoon,Yes\nlater,void\n", encoding="utf-8")
    scored = command("forecast", sealed, "--score", table)
    assert scored.code == 0, scored.err
    assert "1 question scored, 1 of them a yes; 2 are not scored" in scored.out
    assert json.loads(command("forecast", sealed, "--score", table, "--json").out)["happened"] == {"soon": True}
    assert command("forecast", sealed, "--score", table, "--worlds", 10).code == 2
    forgotten = command("forecast", sealed)
    assert (forgotten.code, "to score a sealed forecast, give --score" in forgotten.err) == (2, True)
    for text, problem in (
        ("question,answer\nsoon,maybe\n", ":2: 'maybe' is no answer; write yes, no or void"),
        ("question,answer\nson,yes\n", ":2: unknown question 'son'; did you mean 'soon'?"),
        ("question,answer\nsoon,yes\nsoon,no\n", ":3: 'soon' has an answer already"),
        ("question\nsoon\n", ":1: needs the columns question and answer"),
        ("", ":1: needs the columns question and answer, has none"),
        ("answer,question\nyes\n", ":2: unknown question ''"),
        (f"question,answer\nsoon,{'y' * 200_000}\n", ":1: field larger than field limit"),
        ("question,answer\nsoon,\udcff\n", ": not a text in UTF-8"),
    ):
        table.write_text(text, encoding="utf-8", errors="surrogateescape")
        refused = command("forecast", sealed, "--score", table)
        assert refused.code == 2
        assert problem in refused.err
        assert refused.err.count("\n") == 1


def test_the_figure_shows_every_question(found: rp.Forecast) -> None:
    """The figure has a dot for each answer, and says which question has none."""
    from matplotlib.text import Text

    from realpolitik_viz import forecast_figure
    from window.seeing import outside, words_of

    figure = forecast_figure(found)
    words = [text.get_text() for text in figure.findobj(Text)]
    assert words.count("cannot say") == 1
    assert f"{found.answers[0].chance:.0%}" in words
    assert outside(figure, words_of(figure)) == []
    declined = tuple(replace(one, chance=None, others={}) for one in found.answers)
    assert forecast_figure(replace(found, answers=declined))


def test_the_base_case_asks_what_was_open_in_april_2024() -> None:
    """Every question is answered with a probability, or declined with a reason; the answers come from one scenario."""
    found = rp.forecast("karabakh", worlds=30_000, tolerance=6)
    answered = [one for one in found.answers if one.chance is not None]
    assert len(answered) >= 14
    assert {one.scenario for one in answered} == {"after-april-2024"}
    assert all(0.05 < float(one.chance or 0) < 0.95 for one in answered)
    declined = [one for one in found.answers if one.chance is None]
    assert all(one.cannot_say for one in declined)
    assert {one.outcome for one in declined} == {None}
    assert {one.by for one in found.answers} <= {"2024-12", "2025-02", "2025-04", "2026-04"}


def test_what_follows_april_2024_does_not_change_what_came_before() -> None:
    """Until April 2024 worlds of the extension are those of the base case, to the last bit."""
    base, more = (rp.run(name, worlds=64, uncertainty="prior", until="2024-04") for name in ("karabakh", EXTENSION))
    issues = [more.case.issues.index(name) for name in base.case.issues]
    outcomes = [more.case.outcomes.index(name) for name in base.case.outcomes]
    assert np.array_equal(more.kept.issues[:, :, issues], base.kept.issues)
    assert np.array_equal(more.kept.first[:, outcomes], base.kept.first)
    assert np.array_equal(more.kept.leverage, base.kept.leverage)
    later = rp.load(EXTENSION).document
    new = [row for table in ("moves", "shocks") for name, row in later[table].items()
           if name not in rp.load("karabakh").document[table]]  # fmt: skip
    assert new
    assert all(row["from"] >= "2024-05" for row in new)


def test_a_scenario_that_answers_questions_is_no_what_if() -> None:
    """A report compares with the counterfactuals of a scenario, and not with its continuation."""
    names = diffs_of(rp.load("karabakh"))
    assert "no-invasion" in names
    assert EXTENSION not in names
