"""What Compare, Sweep and Evidence are sent, tested without a browser."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

import realpolitik as rp
from dashboard.driving import driven
from realpolitik.choices import THEORIES
from realpolitik.pairing import FEWEST
from realpolitik.scenario import parse_setting
from realpolitik.sweeps import sensitivity, sweep
from realpolitik.sweeps.plan import versions
from realpolitik.validation.history import history
from realpolitik_viz.dashboard import compare_data, evidence_data, naming, run_data, scenario_data, sweep_data, tasks
from realpolitik_viz.dashboard.uploads import Uploads
from realpolitik_viz.dashboard.view import View
from realpolitik_viz.palette import OF_ACTORS

ROOT = Path(__file__).parents[2]
WAR = "How heavy is the war on Moscow:"


def compared(query: str) -> Any:
    """Return what Compare is sent for a view."""
    with driven(f"page=compare&worlds=200&{query}") as session:
        assert session.message.value == ""
        return session.shown("comparison")


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["karabakh", "no-invasion"]),
        ("scenario=west-mediates", ["karabakh", "west-mediates"]),
        ("set=drivers.war.scale=0", ["karabakh", "karabakh"]),
    ],
    ids=["base case", "what-if", "moved slider"],
)
def test_compare_opens_on_an_example(query: str, names: list[str]) -> None:
    """Without a second scenario, the base case is compared: with the view's, or with an example that its file names."""
    found = compared(query)
    assert [side["name"] for side in found["sides"]] == names
    assert [side["base"] for side in found["sides"]] == [True, False]
    assert found["example"] == (query == "")
    assert found["rows"]


def test_a_moved_slider_is_named_by_its_change_and_a_drop_is_negative() -> None:
    """The base case is called so and comes first, whichever was chosen first; less likely is a minus."""
    found = compared("set=drivers.war.scale=0&against=karabakh")
    assert [side["short"] for side in found["sides"]] == ["base case", f"{WAR} no war"]
    (rows,) = found["rows"].values()
    free = next(row for row in rows if row["outcome"] == "free_exit")
    assert free["first"] > 0.5 > free["other"]
    assert free["difference"] == pytest.approx(free["other"] - free["first"])
    assert free["difference"] < 0


def test_differences_are_sorted_and_what_is_the_same_is_marked() -> None:
    """The largest difference comes first, of a price too, and outcomes that differ in no digit are marked."""
    found = compared("against=war-without-isolation&against=no-invasion")
    rows = found["rows"]["war-without-isolation"]
    sizes = [row["size"] for row in rows]
    assert sizes == sorted(sizes, reverse=True)
    assert {row["same"] for row in rows} == {True, False}
    price = next(row for row in rows if row["outcome"] == "price_of_withdrawal")
    assert price["size"][0] == abs(price["measure"]["difference"])
    assert price["measure"]["difference"] == pytest.approx(price["means"][1] - price["means"][0])
    assert not any(row["same"] for row in rows if row["difference"])
    price = next(row for row in found["rows"]["no-invasion"] if row["outcome"] == "price_of_withdrawal")
    assert price["months"]["worlds"] < FEWEST
    assert (price["months"]["difference"], price["measure"]) == (None, None)
    assert (price["measured"], price["telling"], price["same"]) == (True, False, False)
    assert price["size"] == min(row["size"] for row in found["rows"]["no-invasion"])


def test_scenarios_have_no_colour_of_an_actor() -> None:
    """The first scenario has the ink of series, and the others have colours of their own."""
    sides = compared("against=no-invasion&against=west-mediates")["sides"]
    colours = [side["colour"] for side in sides]
    assert colours[0] == ""
    assert len(set(colours)) == 3
    assert not {*colours} & {*OF_ACTORS.values()}


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"fork": "1990-01"}, "Jan 1990, is outside this case, which runs from Dec 2020 to Dec 2030"),
        ({"against": ["nowhere"]}, "no scenario 'nowhere'"),
    ],
    ids=["month", "scenario"],
)
def test_an_error_replaces_the_table(given: dict[str, Any], why: str) -> None:
    """What cannot be compared leaves no table of something else: the reason is in its place."""
    with driven("page=compare&worlds=50&against=no-invasion") as session:
        assert "rows" in session.shown("comparison")
        session.go(given)
        found = session.shown("comparison") or {"why": session.missing.value}
        assert why in found["why"]
        assert "rows" not in found
        session.go({"fork": "", "against": ["no-invasion"]})
        assert "rows" in session.shown("comparison")


def test_a_number_moved_back_is_no_change() -> None:
    """A setting with the value of the scenario is not a change; one from a month on is."""
    scenario = rp.load("karabakh")
    assert in_words(scenario, "drivers.war.scale=1.0") == []
    assert in_words(scenario, "drivers.war.scale=0.5@2023-06") == [f"{WAR} 50% of what it was, from Jun 2023"]
    assert in_words(scenario, "drivers.isolation.shift=2", theory="capability") == [
        "Driver: Isolation of Moscow: delay in months 2 (was 0)",
        "theory: capability",
    ]


def in_words(scenario: rp.Scenario, *settings: str, theory: str = "") -> list[str]:
    """Return the changes of a scenario, each in one line."""
    return [one.text for one in naming.changes_of(scenario, [parse_setting(one) for one in settings], theory)]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        (
            "set=drivers.war.scale=0&seed=4",
            f"Karabakh and the peacekeepers, changed: {WAR} no war. 2,000 worlds, seed 4",
        ),
        ("page=world&world=17", "Karabakh and the peacekeepers. world 17, seed 1. realpolitik "),
        ("scenario=nowhere", "nowhere. 2,000 worlds, seed 1"),
    ],
    ids=["changed", "world", "unknown"],
)
def test_the_source_of_a_chart(query: str, words: str) -> None:
    """A saved chart says case, changes, worlds or world, seed and version."""
    with driven(query) as session:
        assert json.loads(naming.source_text(session.view.value, session.uploads)).startswith(words)


def test_sweep_offers_an_example_and_opens_it(tmp_path: Path) -> None:
    """Where there is no sweep, one is offered; once it has run it is shown, with its scenario and numbers in words."""
    with driven("page=sweep", tmp_path) as session:
        example = session.shown("example")
        assert example["words"] == ["How heavy is the war on Moscow?", "How isolated is Moscow?"]
        session.start({**example, "points": 128, "worlds": 4})
        assert session.task_over() == {"name": "example-karabakh", "over": True}
        found = session.shown("sweep")
        assert found["title"] == "Karabakh and the peacekeepers"
        assert found["outcome"] == "free_exit"
        assert list(found["words"].values()) == example["words"]
        assert (found["box"]["wanted"], found["box"]["level"]) == (0.8, 0.05)
        (box,) = found["box"]["boxes"]
        assert all(re.fullmatch(r"How .*, p = [\d.e-]+", one) for one in box["dropped"])
        assert {found["grid"]["x"], found["grid"]["y"]} == set(found["words"])
        session.row({"folder": found["name"], "row": 5})
        assert session.view.value.page == "world"


def test_a_sweep_shows_what_the_command_prints(tmp_path: Path) -> None:
    """Bars have the indices and intervals of `realpolitik sensitivity`; the cells hold all points, with their mean."""
    vary = {"drivers.isolation.scale": (0.0, 1.1), "drivers.war.scale": (0.0, 1.1)}
    made = sweep("karabakh", tmp_path / "small", vary=vary, points=64, worlds=4)
    found = sweep_data.summary(tmp_path, View(page="sweep", folder="small", outcome="withdrawal"))
    rows = {row["path"]: (row["value"], row["low"], row["high"]) for row in found["bars"]["rows"]}
    assert rows == {
        row["input"]: (row["total"], row["total_low"], row["total_high"])
        for row in sensitivity(made, ["withdrawal"]).rows
    }
    assert found["about"].startswith("64 points of 4 worlds each, spread evenly (Sobol sequence), seed ")
    assert (found["until"], found["grid"]["own"]) == ("2030-12", [2, 2])
    assert found["grid"]["across"] == ["0.00 to 0.36", "0.36 to 0.71", "0.71 to 1.07"]
    cells = found["grid"]["cells"]
    assert sum(points for *_, points in cells) == 64
    mean = sum(share * points for *_, share, points in cells) / 64
    assert mean == pytest.approx(sum(share for _, share, _ in found["points"]) / 64, abs=1e-3)


def test_pages_show_no_folder_of_the_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the list nor the results nor the errors of a sweep name a path of the server, whatever made it."""
    sweep("karabakh", tmp_path / "small", vary={"drivers.war.scale": (0.0, 1.0)}, points=4, worlds=2)
    monkeypatch.setattr("realpolitik.sweeps.opening.versions", lambda: {**versions(), "realpolitik": "9.9"})
    with driven("page=sweep&folder=small", tmp_path) as session:
        sent = json.dumps([session.shown("sweeps"), session.shown("sweep")])
        assert "small was made with realpolitik" in sent
        assert "indices need" in sent
        assert str(tmp_path) not in sent
        (tmp_path / "small" / "manifest.json").write_text("{")
        session.refresh()
        session.shown("sweep")
        assert "small" in session.message.value
        assert str(tmp_path) not in session.message.value


def test_evidence_begins_with_forecasters_scored_as_the_command_scores_them() -> None:
    """Leverage, its rivals and simpler forecasters are scored as in `validate`, all on numbers fitted under none."""
    scenario = rp.load("karabakh")
    runs = {theory: rp.run(scenario, worlds=500, theory=theory, uncertainty="prior") for theory in THEORIES}
    scores = history(runs)["scores"]
    with driven("page=evidence&scenario=no-invasion") as session:
        found = session.shown("verdict")
    assert {row["name"]: (row["months"], row["brier"]) for row in found["rows"]} == {
        name: (row["crps"], row["brier"]) for name, row in scores.items()
    }
    assert {"persistence", "compromise mean"} <= scores.keys()
    assert "leverage" in found["sentence"].lower()


def test_a_measure_says_what_it_is_of() -> None:
    """A price is a share of all that its payers could give, an issue has its ends, leverage no scale."""
    document = rp.load("karabakh").document
    assert run_data.scale_of(document, "price_of_withdrawal") == "Share of all that Baku could give"
    assert run_data.scale_of(document, "withdrawal") == ""
    given = {**document, "outcomes": {"one": {"measure": "peacekeepers"}, "two": {"measure": "Baku>Moscow"}}}
    low, high = (document["issues"]["peacekeepers"][end] for end in ("low", "high"))
    assert run_data.scale_of(given, "one") == f"From “{low}” (0) to “{high}” (1)"
    assert run_data.scale_of(given, "two") == ""


def test_forecasters_are_what_they_are() -> None:
    """Each forecaster has its kind: the theory, its rivals, the control with the wrong owner, and simple ones."""
    names = ("leverage", "capability", "self-interest", "placebo", "persistence", "compromise mean")
    rows = evidence_data.forecasters({name: {"crps": 1.0, "brier": 0.1} for name in names})
    assert {row["name"]: row["kind"] for row in rows} == dict(
        zip(names, ("own", "rival", "rival", "control", "simple", "simple"), strict=True)
    )


def test_the_errors_on_a_case_left_out_are_those_of_the_documentation() -> None:
    """Evidence shows the errors, signs and means that the page of the cases has, for the cases that it names."""
    made = json.loads(scenario_data.joint_text())
    text = (ROOT / "docs/cases.md").read_text(encoding="utf-8").split("## One case left out")[1].split("\n## ")[0]
    table = [[cell.strip(" *`") for cell in line.split("|")[1:-1]] for line in text.splitlines() if line[:1] == "|"]
    columns = ["leverage", "self-interest", "capability", "placebo", "constant dependence", "persistence"]
    errors = {row[0]: dict(zip(columns, row[5:], strict=True)) for row in table if len(row) == 11}
    signs = {"better": " +", "not distinguished": " ="}
    shown = {
        case: {name: f"{one['months']:.1f}{signs.get(one['against'], '')}" for name, one in row.items()}
        for case, row in made["cases"].items()
    }
    assert shown == {case: {name: value.replace("*", "") for name, value in errors[case].items()} for case in shown}
    assert all(rp.load(case).document["history"] for case in shown)
    means = {one["name"]: f"{one['share']:.2f}" for one in made["forecasters"]}
    assert means == {name: value.split()[0].strip("*") for name, value in errors["mean share of persistence"].items()}
    assert made["command"] in made["source"]
    assert made["command"] in " ".join(text.split())


def test_a_case_without_history_says_so() -> None:
    """Nothing is scored where nothing is dated."""
    with driven("page=evidence&scenario=deployment") as session:
        assert session.shown("verdict") == {"why": evidence_data.NO_HISTORY}


@pytest.mark.parametrize(
    ("months", "words"),
    [
        (
            {"leverage": 1.0, "placebo": 2.0},
            "No forecaster comes nearer to .* by 1.0 months on average; the next, placebo, by 2.0",
        ),
        ({"leverage": 1.01, "placebo": 1.04}, "No forecaster .*; placebo is as near"),
        ({"leverage": 3.0, "placebo": 2.0, "capability": 1.0}, "capability does better with 1.0, and so do placebo"),
    ],
    ids=["best", "tied", "beaten"],
)
def test_the_verdict_is_a_sentence(months: dict[str, float], words: str) -> None:
    """The sentence says who is nearest, ties in the printed digit, and who does better."""
    rows = evidence_data.forecasters({name: {"crps": value, "brier": 0.1} for name, value in months.items()})
    assert re.search(words, evidence_data.in_a_sentence(rows, "2024-04", 12))


def test_the_verdict_says_what_leverage_loses() -> None:
    """A rival with a better Brier score is named with both scores, also where leverage is nearest to the dates."""
    given = {"leverage": {"crps": 1.0, "brier": 0.2}, "self-interest": {"crps": 9.0, "brier": 0.1}}
    rows = evidence_data.forecasters(given)
    assert list(evidence_data.lost(rows)) == [
        "On the probability of what had happened by then it loses to self-interest (0.100): "
        "its Brier score is 0.200, and 0 is best."
    ]
    assert list(evidence_data.lost(evidence_data.forecasters({"leverage": {"crps": 1.0, "brier": 0.1}}))) == []


def test_names_that_repeat_get_numbers() -> None:
    """A repeated name gets a number."""
    assert compare_data.distinct(["a", "b", "a", "a"]) == ["a", "b", "a (2)", "a (3)"]


@pytest.mark.parametrize("headline", ["A sentence.", ["A sentence."]], ids=["text", "list"])
def test_a_score_sheet_keeps_what_compares_forecasters(headline: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Checks, the headline and the scores of every section that has some are sent, whatever the sections are."""
    scores = {"leverage": {"crps": 1.0}, "persistence": {"crps": 50.0}}
    theories = {"rows": [{"name": "leverage", "levels": {"dates": {"share": 0.02, "count": 20}}}], "headline": headline}
    sheet = {"checks": [], "history": {"rows": [], "scores": scores}, "claims": [], "theories": theories, "ok": True}

    def output(command: list[str], _: object) -> str:
        Path(command[command.index("--plot") + 1]).write_text("<svg/>")
        return json.dumps(sheet)

    monkeypatch.setattr(tasks, "output", output)
    made = tasks.scored("karabakh", Uploads(), lambda: True)
    assert made["scores"] == {"theories": {"leverage": {"dates": 0.02}}, "history": scores}
    assert (made["headline"], made["svg"]) == (["A sentence."], "<svg/>")
