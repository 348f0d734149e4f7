"""Expectations in the scenario file: directions, levels and [validation], scored for any file."""

import json
from functools import partial
from pathlib import Path
from shutil import copy
from typing import Any

import pytest

import realpolitik as rp
from commanding import command
from realpolitik.pairing import level
from realpolitik.scenario import ScenarioError, loads
from realpolitik.texts import counted
from realpolitik.validation import cases, validating
from realpolitik.validation.directions import changed, verdict
from realpolitik.validation.headlines import beaten, standing

SMALL = (Path(__file__).parent / "small.toml").read_text(encoding="utf-8")
EXPECTED = """
[directions.proud]
set = { "interests.upland_ferry.salience" = 2.5 }
outcome = "handed_over"
by = "2031-06"
sign = "down"
text = "An Upland that cares more keeps it"
claims = ["C01"]

[directions.kept]
scenario = "kept.toml"
outcome = "handed_over"
sign = "down"
text = "Without either move the ferry stays"

[directions.toll]
set = { "dependence.grain.stake" = "0.0@2030-06" }
leverage = "Lowland>Upland"
by = "2031-01"
sign = "down"
text = "Other grain ends the hold"

[directions.pressing]
set = { "moves.press.chance" = 0.0 }
moves = ["press"]
sign = "up"
text = "A wrong guess"
miss = "It is here to miss"

[levels.crossover]
outcome = "crossover"
above = 0.5

[levels.less]
set = { "moves.press.chance" = 0.0 }
issues = ["toll"]
by = "2031-12"
difference = true
below = 0.0

[validation]
note = "The numbers of the ferry are invented."
widths = { crossover = 18 }
misses = { handed_over = "Nobody wrote it down" }
"""
KEPT = """
extends = "own ferry.toml"
reason = "Nobody may hand it over"
assumption = true
[set]
"moves.hand_over.chance" = 0.0
"moves.sell.chance" = 0.0
"""
THEIRS = ("karabakh", "moscow", "baku", "base case", "deployment", "article", "template")
"""Words of the base case, which the report of another case must not have."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder, whose name holds a space, with an own case and a diff on it."""
    folder = tmp_path_factory.mktemp("far") / "my cases"
    folder.mkdir()
    (folder / "own ferry.toml").write_text(SMALL + EXPECTED, encoding="utf-8")
    (folder / "kept.toml").write_text(KEPT, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def sheet(folder: Path) -> dict[str, Any]:
    """The score sheet of the own case, as JSON."""
    done = command("validate", folder / "own ferry.toml", "--worlds", 60, "--json")
    result = json.loads(done.out)
    assert done.code == (0 if result["ok"] else 1)
    return dict(result)


def test_an_own_file_is_scored_against_its_own_expectations(sheet: dict[str, Any]) -> None:
    """Changes are settings or a diff in the same folder, and each direction has its verdict."""
    rows = {row["id"]: row for row in sheet["directions"]["rows"]}
    assert {name: row["holds"] for name, row in rows.items()} == {
        "proud": True,
        "kept": True,
        "toll": True,
        "pressing": False,
    }
    assert rows["proud"]["scenario"] == "interests.upland_ferry.salience = 2.5"
    assert rows["kept"]["other"] == 0.0
    assert [row["holds"] for row in sheet["levels"]] == [True, True]
    assert [claim["status"] for claim in sheet["claims"]] == ["carried and tested", "carried"]
    listed = {check["name"]: check["listed"] for check in sheet["checks"] if not check["holds"]}
    assert listed["direction pressing"] == "It is here to miss"
    assert "width crossover" in {check["name"] for check in sheet["checks"]}


def test_a_direction_about_a_measure_is_of_the_worlds_that_have_it_on_both_sides() -> None:
    """Its means and its difference are those of `compare`; of a few worlds nothing is said, and nothing holds."""
    found = rp.compare("karabakh", "war-without-isolation", worlds=100, uncertainty="prior")
    first, other = found.ensembles.values()
    row = first.scenario.document["directions"]["X01_price"]
    shown = found.to_dict()["outcomes"][row["outcome"]]["war-without-isolation"]["measure"]
    said = verdict(first, other, row)
    assert (said["base"], said["other"], said["low"]) == (shown["first"], shown["second"], shown["low"])
    assert said["other"] - said["base"] == pytest.approx(said["difference"])
    assert said["holds"]
    few = [rp.run(one.scenario, worlds=4) for one in (first, other)]
    shared = rp.compare(*(one.scenario for one in (first, other)), worlds=4).to_dict()["outcomes"][row["outcome"]]
    worlds = shared["war-without-isolation"]["measure"]["worlds"]
    why = f"{counted(worlds, 'world')} with it on both sides, and 10 are needed"
    assert verdict(*few, row) == {**dict.fromkeys(said), "why": why, "holds": False}


def test_changes_that_end_in_another_month_are_named(folder: Path, tmp_path: Path) -> None:
    """The sheet says which changes of directions have other last months, since shares are over all months."""
    (tmp_path / "own ferry.toml").write_text(SMALL + EXPECTED, encoding="utf-8")
    (tmp_path / "kept.toml").write_text(KEPT + '[meta]\nend = "2032-06"\n', encoding="utf-8")
    said = "kept.toml ends in 2032-06, own ferry in 2031-12: what happens later counts on one side only."
    assert said in " ".join(command("validate", tmp_path / "own ferry.toml", "--worlds", 20).out.split())
    assert "ends in" not in command("validate", folder / "own ferry.toml", "--worlds", 20).out


def test_what_is_undefined_has_a_reason_and_does_not_hold(folder: Path) -> None:
    """One world has no interval, so that no direction holds, and the sheet says why."""
    sheet = json.loads(command("validate", folder / "own ferry.toml", "--worlds", 1, "--json").out)
    rows = sheet["directions"]["rows"]
    assert {row["why"] for row in rows} == {"one world has no interval"}
    assert not any(row["holds"] for row in rows)
    details = [check["detail"] for check in sheet["checks"] if check["name"].startswith("direction")]
    assert all(detail.endswith("undefined, because one world has no interval") for detail in details)


def test_no_report_has_words_of_another_case(folder: Path, tmp_path: Path) -> None:
    """Text, JSON and figure of an own case say nothing about the case that is shipped."""
    for options in ((), ("--json",), ("--plot", tmp_path / "sheet.svg")):
        done = command("validate", folder / "own ferry.toml", "--worlds", 20, *options)
        assert done.code in (0, 1), done.err
        printed = (done.out + done.err).lower().replace(str(folder).lower(), "").replace(str(tmp_path).lower(), "")
        assert [word for word in THEIRS if word in printed] == []
        assert "the numbers of the ferry are invented" in printed
    drawn = (tmp_path / "sheet.svg").read_text(encoding="utf-8").lower()
    assert [word for word in THEIRS if word in drawn] == []


def test_a_file_without_expectations_is_scored(tmp_path: Path) -> None:
    """A file with nothing but history has a sheet, even if it has the name of a shipped case."""
    file = tmp_path / "karabakh.toml"
    file.write_text(SMALL, encoding="utf-8")
    result = rp.validate(file, worlds=20).to_dict()
    assert {"directions", "levels", "deployments"}.isdisjoint(result)
    assert set(result["history"]["scores"]) >= {"leverage", "persistence"}


def test_a_file_with_claims_only_says_what_it_lacks(tmp_path: Path) -> None:
    """Without history and expectations the sheet has no note on scores, and it names what could be scored."""
    file = tmp_path / "own.toml"
    file.write_text(SMALL.partition("[history")[0] + SMALL[SMALL.index("[claims") :], encoding="utf-8")
    done = command("validate", file)
    assert done.code == 0
    assert "the file has no [history], [directions] or [levels]" in done.out
    assert "with this history in view" not in done.out


def test_expectations_are_not_inherited(folder: Path) -> None:
    """What is expected of a base is expected neither of a diff nor of the base without some of its rows."""
    own, diff = (rp.load(folder / name) for name in ("own ferry.toml", "kept.toml"))
    assert own.document["directions"]
    for other in (diff, own.drop(["moves.press"])):
        assert not other.document["directions"]
        assert not other.document["levels"]
        assert other.document["validation"]["note"] is None
    mine = 'extends = "own ferry.toml"\n[validation]\nnote = "Mine"\n' + EXPECTED.partition("[directions.kept]")[0]
    (folder / "mine.toml").write_text(mine, encoding="utf-8")
    document = rp.load(folder / "mine.toml").document
    assert (list(document["directions"]), document["validation"]["note"]) == (["proud"], "Mine")


def test_the_example_of_the_guide_is_valid() -> None:
    """The tables that the guide shows load as part of a diff on the base case, and each can be scored."""
    guide = (Path(__file__).parents[2] / "docs" / "reference" / "scenario-files.md").read_text(encoding="utf-8")
    example = guide.partition("## Expectations")[2].partition("```toml\n")[2].partition("```")[0]
    scenario = loads('extends = "karabakh"\n' + example)
    assert list(scenario.document["directions"]) == ["no_war", "phi"]
    assert list(changed(scenario)) == ["", "no-invasion", '{"theory.phi": 2.0}']


def test_no_world_depends_on_expectations(folder: Path) -> None:
    """They have no part in the checksum, the numbers or the ranges, so posteriors and sweeps stay valid."""
    with_them, without = rp.load(folder / "own ferry.toml"), loads(SMALL)
    assert with_them.sha256 == without.sha256
    assert with_them.numbers == without.numbers
    assert with_them.ranges == without.ranges


def test_the_second_case_is_scored_by_its_own_directions() -> None:
    """Each direction of the Sweden case, whose changes are diffs, has its verdict, and its claims count as tested."""
    scored = rp.validate("sweden-nato", worlds=300).to_dict()
    assert {row["scenario"] for row in scored["directions"]["rows"]} == {"no-f16", "early-congress"}
    assert all(row["holds"] for row in scored["directions"]["rows"])
    assert {"S03": "carried and tested"}.items() <= {claim["id"]: claim["status"] for claim in scored["claims"]}.items()


def test_a_claim_that_only_a_direction_tests_is_in_use(tmp_path: Path) -> None:
    """`check` does not call it unused, and its status is that it is tested."""
    file = tmp_path / "own.toml"
    claim = '[claims.C09]\ntext = "Tested only"\nparagraph = 9\n'
    tested = TABLES + CHANGE + 'outcome = "sale"\nclaims = ["C09"]\n'
    for rows, unused in ((claim, True), (claim + tested, False)):
        file.write_text(SMALL + rows, encoding="utf-8")
        assert ("claim 'C09'" in command("check", file).out) == unused


def test_a_change_of_another_case_is_pointed_out(folder: Path) -> None:
    """A copy of a case under another name is compared with a diff on the first one: the sheet says so."""
    (folder / "copy.toml").write_text(SMALL + EXPECTED, encoding="utf-8")
    note = "Not diffs on this scenario, so that other numbers may differ too: kept.toml."
    assert note in command("validate", folder / "copy.toml", "--worlds", 8).out
    assert note not in command("validate", folder / "own ferry.toml", "--worlds", 8).out


TOLLS = """
[directions.tolls]
scenario = "kept.toml"
issues = ["toll"]
by = "2030-12"
sign = "same"
text = "The toll is no part of it"

[levels.tolls]
scenario = "kept.toml"
issues = ["toll"]
by = "2030-12"
difference = true
above = -1.0
"""


@pytest.mark.parametrize("stale", [False, True])
def test_a_change_without_a_posterior_is_compared_by_the_ranges(tmp_path: Path, stale: bool) -> None:
    """Both sides of its rows draw their numbers from the ranges, those of all others from the posterior; it is said."""
    own, sample = tmp_path / "copy.toml", tmp_path / "copy.posterior.parquet"
    own.write_text(SMALL + EXPECTED + TOLLS, encoding="utf-8")
    (tmp_path / "own ferry.toml").write_text(SMALL + EXPECTED, encoding="utf-8")
    (tmp_path / "kept.toml").write_text(KEPT, encoding="utf-8")
    rp.calibrate(own, error=12.0, settings=32, worlds=1, mixing=1).write(sample)
    if stale:
        copy(sample, tmp_path / "kept.posterior.parquet")
    steps: list[tuple[int, int]] = []
    sheet = rp.validate(own, worlds=40, progress=lambda *at: steps.append(at)).to_dict()
    assert (sheet["uncertainty"], sheet["drawn_from_ranges"]) == ("posterior", ["kept.toml"])
    why = " (kept.posterior.parquet was fitted to another version of kept; " if stale else " has no posterior "
    assert f"kept.toml{why}" in sheet["note"]
    assert "both sides draw their numbers from the ranges." in sheet["note"]
    rows = {row["id"]: row["base"] for row in sheet["directions"]["rows"]}
    tolls = {
        kind: level(rp.run(own, worlds=40, uncertainty=kind), ["toll"], "2030-12").mean
        for kind in ("prior", "posterior")
    }
    kept = rp.run(tmp_path / "kept.toml", worlds=40, uncertainty="prior")
    assert rows["tolls"] == tolls["prior"] != tolls["posterior"]
    after = level(kept, ["toll"], "2030-12").mean
    assert {row["id"]: row["value"] for row in sheet["levels"]}["tolls"] == after - tolls["prior"]
    fitted = rp.run(own, worlds=40, uncertainty="posterior", paths=0)
    assert rows["proud"] == fitted.probability("handed_over", "2031-06")
    assert steps[-1][0] == steps[-1][1]
    asked = rp.validate(own, worlds=4, uncertainty="prior").to_dict()
    assert (asked["drawn_from_ranges"], "kept.toml" in asked["note"]) == ([], False)


def test_a_posterior_that_is_asked_for_and_is_not_there_ends_it_at_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The case itself needs one, and is refused before any theory is played."""
    monkeypatch.setattr(validating, "theories", lambda *_: pytest.fail("too late"))
    with pytest.raises(ValueError, match="own ferry has no posterior in its folder"):
        rp.validate(folder / "own ferry.toml", worlds=4, uncertainty="posterior")


def test_a_kept_score_sheet_depends_on_all_that_it_is_made_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The case, the scenarios that it names, the posterior of each, and the template; a comment changes nothing."""
    own, kept, rival = (tmp_path / f"{name}.toml" for name in ("own ferry", "kept", "rival"))
    rivals = 'rivals = { "of its own" = "./rival.toml" }\ndeployments = { brier = 0.2, auc = 0.9 }\n'
    own.write_text(SMALL + EXPECTED + rivals, encoding="utf-8")
    kept.write_text(KEPT, encoding="utf-8")
    rival.write_text(KEPT, encoding="utf-8")
    seen = [cases.sources(rp.load(own))]
    assert cases.sources(rp.load(own)) == seen[0]
    for file in (own, kept, rival):
        text = file.read_text(encoding="utf-8").replace("chance = 0.8", "chance = 0.7").replace(" = 0.0", " = 0.1")
        file.write_text(text, encoding="utf-8")
        seen.append(cases.sources(rp.load(own)))
        for content in (b"x", b"y"):
            file.with_suffix(".posterior.parquet").write_bytes(content)
            seen.append(cases.sources(rp.load(own)))
    for phi in (0.5, 0.6):
        monkeypatch.setattr(cases, "load", partial(rp.load, set={"theory.phi": phi}))
        seen.append(cases.sources(rp.load(own)))
    assert len(set(seen)) == len(seen) == 12
    own.write_text(f"# A comment\n{own.read_text(encoding='utf-8')}", encoding="utf-8")
    assert cases.sources(rp.load(own)) == seen[-1]


TABLES = '[directions.x]\ntext = "x"\nsign = "up"\n'
CHANGE = 'set = { "theory.phi" = 1.0 }\n'


@pytest.mark.parametrize(
    ("rows", "line", "says"),
    [
        (TABLES + 'outcome = "price"\n', 1, "directions.x: needs 'scenario' or 'set', the change that is made"),
        (TABLES + CHANGE, 1, "directions.x: needs one of 'outcome', 'issues', 'leverage' and 'moves', has none"),
        (
            TABLES + CHANGE + 'outcome = "pric"\n',
            5,
            "directions.x.outcome: unknown outcome 'pric'; did you mean 'price'?",
        ),
        (
            TABLES + CHANGE + 'issues = ["toll", "tol"]\nby = "2030-06"\n',
            5,
            "unknown issue 'tol'; did you mean 'toll'?",
        ),
        (TABLES + CHANGE + 'issues = ["toll"]\n', 1, "'issues' needs 'by', the month"),
        (TABLES + CHANGE + 'leverage = "Upland>Lowlnd"\nby = "2030-06"\n', 5, "unknown actor 'Lowlnd'"),
        (TABLES + CHANGE + 'moves = ["press"]\nby = "2030-06"\n', 6, "directions.x.by: cannot be used with 'moves'"),
        (TABLES + CHANGE + 'outcome = "price"\nby = "2040-06"\n', 6, "2040-06 is outside 2030-01 to 2031-12"),
        (TABLES + CHANGE + 'outcome = "sale"\nstatistic = "measure"\n', 6, "the outcome 'sale' has no measure"),
        (TABLES + CHANGE + 'outcome = "sale"\nclaims = ["C9"]\n', 6, "unknown claim 'C9'"),
        (TABLES + 'set = { "theory.fi" = 1.0 }\noutcome = "sale"\n', 4, "unknown path 'theory.fi'"),
        (TABLES + 'set = { "theory.phi" = nan }\n', 4, "nan is not a number, text, list or table that can be set"),
        (TABLES + 'set = { "theory.phi" = 2030-01-01 }\n', 4, "2030-01-01 is not a number, text, list or table"),
        (TABLES + 'set = { "theory.phi" = { value = [inf] } }\n', 4, "inf is not a number, text, list or table"),
        (TABLES + CHANGE + 'scenario = "no-f16"\noutcome = "sale"\n', 4, "has both of 'scenario' and 'set'"),
        (TABLES + 'scenario = "../other.toml"\noutcome = "sale"\n', 4, "only a shipped scenario can be named here"),
        ('[levels.x]\noutcome = "sale"\n', 1, "levels.x: has neither of 'above' and 'below'"),
        ('[levels.x]\noutcome = "sale"\nabove = 0.5\ndifference = true\n', 1, "the change that is made"),
        ("[validation]\nwidths = { sold = 3 }\n", 2, "validation.widths.sold: unknown outcome 'sold'"),
        (
            '[validation]\nmisses = { handed = "x" }\n',
            2,
            "unknown row of history 'handed'; did you mean 'handed_over'?",
        ),
    ],
)
def test_faulty_expectations_are_refused_at_their_line(rows: str, line: int, says: str) -> None:
    """What is missing, unknown or does not go together is named with its line."""
    with pytest.raises(ScenarioError) as refusal:
        loads(SMALL + rows)
    assert says in str(refusal.value)
    assert refusal.value.line == SMALL.count("\n") + line


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ('scenario = "no-such-case"', "unknown scenario 'no-such-case'"),
        ('scenario = "gone.toml"', "no such file"),
        ('set = { "theory.phi" = 99.0 }', "directions.x.set: theory.phi: 99.0 is out of range, 0 to 10"),
        ('scenario = "karabakh"', "directions.x.outcome: karabakh has no 'sale' in [outcomes]"),
    ],
)
def test_a_change_that_cannot_be_made_is_refused_before_any_run(change: str, says: str, tmp_path: Path) -> None:
    """`validate` names the line of the direction, and runs nothing."""
    file = tmp_path / "own.toml"
    file.write_text(SMALL + TABLES + f'outcome = "sale"\n{change}\n', encoding="utf-8")
    done = command("validate", file, "--worlds", 8)
    assert done.code == 2
    assert done.err.count("\n") == 1
    assert f"own.toml:{SMALL.count(chr(10)) + (4 if 'outcome:' in says or 'outcome' in says else 5)}:" in done.err
    assert says in done.err


def test_a_rival_that_scores_better_is_named() -> None:
    """Each score on which leverage is beaten is listed with both values; a tie as printed is none."""
    history = {
        "leverage": {"crps": 6.0, "brier": 0.3},
        "self-interest": {"crps": 5.0, "brier": 0.3004},
        "compromise mean": {"crps": None, "brier": 0.29999},
        "persistence": {"crps": 9.0, "brier": 0.2},
    }
    signs = {"leverage": 3, "placebo": 4, "persistence": 3}
    found = beaten({"history": {"scores": history}, "directions": {"scores": signs}})
    assert [(row["section"], row["score"], row["by"], row["value"], row["own"]) for row in found] == [
        ("history", "crps", "self-interest", 5.0, 6.0),
        ("history", "brier", "persistence", 0.2, 0.3),
        ("directions", "correct signs", "placebo", 4, 3),
    ]


def evidence(**counts: int) -> dict[str, Any]:
    """A section of theories with these worlds of 1,000 that reproduce the dates."""
    rows = [
        {"name": name, "worlds": 1000, "levels": {"dates": {"count": count, "share": count / 1000}}}
        for name, count in counts.items()
    ]
    return {"levels": ["dates"], "rows": rows}


@pytest.mark.parametrize(
    ("own", "rivals", "says"),
    [
        (0.15, {"placebo": 0.2, "a": 0.12}, "a does better than leverage (mean CRPS 0.12 against 0.15)"),
        (0.3, {"a": 0.2, "b": 0.1}, "b and a do better than leverage (mean CRPS 0.1 and 0.2 against 0.3)"),
        (0.15, {"capability": 0.16, "placebo": 0.1504}, "placebo does as well as leverage (mean CRPS 0.15)"),
        (0.1, {"capability": 0.12, "placebo": 0.2}, "leverage does best (mean CRPS 0.1; next is capability, 0.12)"),
    ],
    ids=["beaten", "beaten twice", "tied", "best"],
)
def test_a_sentence_says_how_leverage_does_against_its_rivals(own: float, rivals: dict[str, float], says: str) -> None:
    """It names those who score better, else those who score as well, else the next one."""
    scores = {name: {"crps": score, "brier": None} for name, score in {"leverage": own, **rivals}.items()}
    assert standing({"history": {"scores": scores}}) == f"Against its rivals: on history, {says}."


@pytest.mark.parametrize(
    ("counts", "says"),
    [
        ({"leverage": 300, "capability": 30}, "leverage has the best evidence"),
        ({"leverage": 300, "capability": 290}, "the evidence does not distinguish leverage from capability"),
        ({"leverage": 290, "capability": 300}, "the evidence does not distinguish leverage from capability"),
        ({"leverage": 30, "capability": 300}, "capability has better evidence than leverage"),
        ({"leverage": 0, "capability": 0}, "no theory has evidence"),
    ],
    ids=["best", "tied", "tied behind", "beaten", "none"],
)
def test_the_sentence_begins_with_the_evidence(counts: dict[str, int], says: str) -> None:
    """Whichever has more, theories that are not clearly apart are not distinguished."""
    assert standing({"theories": evidence(**counts)}) == f"Against its rivals: on the dates, {says}."
    assert standing({}) is None


def test_a_sheet_ends_with_what_was_checked_and_with_the_rivals(tmp_path: Path) -> None:
    """Where nothing ever happened, all checks hold and persistence still does better; the last lines say both."""
    file = tmp_path / "own.toml"
    never = SMALL.replace('date = "2030-08"', 'date = "never"').replace('date = "2031-03"', 'date = "never"')
    file.write_text(never, encoding="utf-8")
    done = command("validate", file, "--worlds", 20)
    sheet = json.loads(command("validate", file, "--worlds", 20, "--json").out)
    *_, held, _, claims, history, _, _, _, against = done.out.splitlines()
    assert "checks hold" in held
    assert "not about its rivals" in held
    assert [line.split()[:4] for line in (claims, history)] == [
        [kind, str(sheet["checked"][kind]["hold"]), "of", str(sheet["checked"][kind]["of"])]
        for kind in ("claims", "history")
    ]
    assert against == sheet["standing"]
    assert "persistence" in against
    assert "better than leverage (mean CRPS 0" in against
