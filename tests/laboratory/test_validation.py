"""The score sheet: no claim is lost, no counterfactual is forgotten, and what fails is said."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

import realpolitik as rp
from realpolitik.choices import THEORIES
from realpolitik.cli import cli
from realpolitik.cli.printing import Screen
from realpolitik.cli.validate import _evidence, _print_checks
from realpolitik.explaining import Decision, explain
from realpolitik.pairing import Interval
from realpolitik.scenario import loads
from realpolitik.validation import validating
from realpolitik.validation.claims import claim_statuses, status
from realpolitik.validation.directions import SIGNS, change_of, changed, changes_with_paths
from realpolitik.validation.forecasting import auc, brier, compromise, crps, crps_until, settles
from realpolitik.validation.history import history, open_in_words
from realpolitik.validation.validating import Check, ScoreSheet
from realpolitik_viz import report_page

BASE = rp.load("karabakh")
CLAIMS = [f"C{n:02d}" for n in range(1, 41)]
COUNTERFACTUALS = ("F01", "F02", "F03", "F04", "F05", "F06", "F08", "F10", "F15")
DIRECTIONS = BASE.document["directions"]
REGISTER = claim_statuses(BASE)
MODEL = Path(__file__).parents[2] / "model" / "README.md"
EXITS = ("withdraw", "withdraw_for_price")
PAID = 0.1
"""Terms (0-1) from which an exit counts as paid."""


def test_every_claim_has_its_place() -> None:
    """All forty claims are carried by rows, held by a test, or listed as not modelled with the reason."""
    assert [claim["id"] for claim in REGISTER] == CLAIMS
    assert [claim["id"] for claim in REGISTER if claim["status"] == "lost"] == []
    assert all(claim["rows"] or claim["tests"] or claim["not_modelled"] for claim in REGISTER)


@pytest.mark.parametrize(
    ("rows", "tests", "reason", "expected"),
    [
        (["moves.x"], [], None, "carried"),
        ([], ["F01"], None, "tested"),
        (["moves.x"], ["F01"], None, "carried and tested"),
        ([], [], "why", "not modelled"),
        ([], [], None, "lost"),
    ],
)
def test_the_status_of_a_claim(rows: list[str], tests: list[str], reason: str | None, expected: str) -> None:
    """A claim without row, test or reason is lost."""
    assert status(rows, tests, reason) == expected


def claims_table() -> str:
    """The claims as the Markdown table of `model/README.md`."""
    lines = ["| claim | in our words | became | rows | tests |", "|---|---|---|---|---|"]
    for claim in REGISTER:
        became = f"not modelled: {claim['not_modelled']}" if claim["not_modelled"] else claim["status"]
        rows = ", ".join(f"`{row}`" for row in claim["rows"])
        lines.append(f"| {claim['id']} | {claim['text']} | {became} | {rows} | {', '.join(claim['tests'])} |")
    return "\n".join(lines) + "\n"


def test_the_model_description_carries_the_register() -> None:
    """The table of claims in `model/README.md` is what the case file and the directions say."""
    assert claims_table() in MODEL.read_text(encoding="utf-8")


def test_every_counterfactual_has_directions() -> None:
    """Each counterfactual of the evidence is tested in at least one direction, on a scenario that is shipped."""
    assert {name[:3] for name in DIRECTIONS} >= set(COUNTERFACTUALS)
    assert {row["scenario"] for row in DIRECTIONS.values()} <= {shipped.name for shipped in rp.shipped()}


@pytest.mark.parametrize(
    ("sign", "good", "bad"),
    [
        ("up", Interval(0.2, 0.1, 0.3), Interval(0.2, -0.1, 0.5)),
        ("down", Interval(-0.2, -0.3, -0.1), Interval(0.0, 0.0, 0.0)),
        ("same", Interval(0.0, -0.05, 0.05), Interval(0.0, -0.2, 0.2)),
        ("not-up", Interval(0.0, -0.1, 0.1), Interval(0.1, 0.05, 0.2)),
    ],
)
def test_a_sign_needs_its_whole_interval(sign: str, good: Interval, bad: Interval) -> None:
    """A direction holds only if the interval is clear of what would contradict it."""
    assert SIGNS[sign](good)
    assert not SIGNS[sign](bad)


def test_scores_know_the_best_and_the_worst() -> None:
    """A perfect forecast scores 0 (Brier), 1 (area), 0 (CRPS); a coin and a tie lie in the middle."""
    assert brier([1.0, 0.0], [1, 0]) == 0
    assert brier([0.5, 0.5], [1, 0]) == 0.25
    assert auc([0.9, 0.1], [1, 0]) == 1
    assert auc([0.5, 0.5], [1, 0]) == 0.5
    assert crps(np.full(10, 7.0), 7.0) == 0


def test_crps_is_the_integral_of_brier_scores() -> None:
    """The score in months equals the sum over months of the squared distance of the two distributions.

    The share of a sample of n worlds is off by its own variance, which is taken away.
    """
    months = np.random.default_rng(1).integers(0, 50, 200).astype(float)
    grid = np.arange(60)
    share = np.searchsorted(np.sort(months), grid, side="right") / months.size
    variance = share * (1 - share) / (months.size - 1)
    assert crps(months, 20.0) == pytest.approx(np.sum((share - (grid >= 20)) ** 2 - variance))
    before = grid < 20
    assert crps_until(months, 19) == pytest.approx(np.sum(share[before] ** 2 - variance[before]))


def test_scores_do_not_depend_on_how_many_worlds_there_are() -> None:
    """A forecast from few worlds has the same mean score as one from many, and none is below 0."""
    rng = np.random.default_rng(1)
    for score in (lambda drawn: crps(drawn, 12.0), lambda drawn: crps_until(drawn, 30)):
        few, many = (
            np.mean([score(rng.integers(0, 50, n).astype(float)) for _ in range(9_600 // n)]) for n in (4, 480)
        )
        assert few == pytest.approx(many, rel=0.03)
        assert min(score(rng.integers(0, 50, 2).astype(float)) for _ in range(500)) >= -1e-12
    assert crps(np.array([3.0]), 5.0) == 2
    assert crps_until(np.array([3.0]), 9) == 7


def test_what_was_not_seen_is_scored_as_far_as_it_was_watched() -> None:
    """An event that every world sees in month 3 costs one a month from then to the last month watched."""
    assert crps_until(np.full(5, 3.0), 9) == 7
    assert crps_until(np.full(5, 30.0), 9) == 0


@pytest.mark.parametrize(
    ("row", "by", "happened"),
    [
        ('date = "2030-06"', "2030-12", 1.0),
        ('date = "2031-03"\nholdout = true', "2030-12", 0.0),
        ('date = "never"\nuntil = "2030-09"', "2030-09", 0.0),
    ],
)
def test_the_score_by_the_cutoff_is_of_what_was_known_then(row: str, by: str, happened: float) -> None:
    """A row that is dated after the cutoff had not happened by then; "never" counts as long as it was watched."""
    text = (Path(__file__).parent / "small.toml").read_text(encoding="utf-8")
    before, rest = text.split("[history.crossover]")
    one = f'[history.handed]\noutcome = "handed_over"\nsource = "S"\n{row}\n\n'
    after = rest[rest.index("[claims.C01]") :]
    ensemble = rp.run(loads(before + one + after, "ferry"), worlds=64, uncertainty="prior", paths=0)
    found = history({"leverage": ensemble})
    share = ensemble.probability("handed_over", by)
    assert 0 < share < 1
    assert found["cutoff"] == "2030-12"
    assert found["scores"]["leverage"]["brier"] == (happened - share) ** 2
    assert found["scores"]["persistence"]["brier"] == happened


def test_the_compromise_mean_is_a_mean() -> None:
    """Every issue settles between the extreme positions held on it."""
    means = compromise(BASE, "2024-04")
    assert all(0 <= value <= 1 for value in means.values())
    assert means["public_anger"] == BASE.document["issues"]["public_anger"]["start"]


DRY = """
[interests.lowland_ferry_in_drought]
actor = "Lowland"
issue = "ferry"
position = 0.0
salience = { value = 0.0, effects = { drought = 0.5, flood = 0.5 } }
reason = "A dry or a flooded valley needs the ferry"
assumption = true
"""


def drought(folder: Path, settings: dict[str, float]) -> float:
    """The compromise mean on the ferry in July 2030, in a valley where drought and flood matter."""
    file = folder / "dry.toml"
    base = (Path(__file__).parent / "small.toml").as_posix()
    file.write_text(f'extends = "{base}"\n{DRY}', encoding="utf-8")
    return compromise(rp.load(file, set=settings), "2030-07")["ferry"]


def test_the_compromise_mean_uses_the_drivers_of_the_model(tmp_path: Path) -> None:
    """A shift moves a driver in time, and a season times its scale ends at 1, as in E1."""
    never, late = ({f"drivers.drought.{key}": value} for key, value in (("scale", 0.0), ("shift", 60.0)))
    assert drought(tmp_path, late) == drought(tmp_path, never) > drought(tmp_path, {})
    flood = {"drivers.drought.scale": 0.0, "drivers.flood.season.7": 0.9}
    full = flood | {"drivers.flood.season.7": 1.0}
    assert drought(tmp_path, flood | {"drivers.flood.scale": 2.0}) == drought(tmp_path, full)


def test_the_compromise_mean_settles_outcomes() -> None:
    """With every issue at one end, what asks for that end stands, and what asks for the other does not."""
    low = dict.fromkeys(BASE.document["issues"], 0.0)
    high = dict.fromkeys(BASE.document["issues"], 1.0)
    assert settles(BASE, "withdrawal", low)
    assert not settles(BASE, "withdrawal", high)
    assert settles(BASE, "karabakh_taken", high)
    assert settles(BASE, "csto_refused", low)


def exit_of(scenario: str, world: int) -> Decision | None:
    """The decision by which Moscow leaves in a world, None if it stays."""
    story = explain(scenario, world=world, actor="Moscow", flips=False)
    return next((d for d in story.decisions if d.account.move in EXITS and d.account.result != "refused"), None)


def reading(decision: Decision) -> str:
    """Which explanation the exact account of an exit supports.

    "bargain" if the exit was paid; "cost-benefit" if Moscow's own interests exceed the cost; otherwise "leverage": it
    would have stayed without the weight of others' interests.
    """
    account = decision.account
    if account.tau >= PAID:
        return "bargain"
    return "cost-benefit" if account.own > account.cost else "leverage"


@pytest.mark.parametrize(
    ("scenario", "expected"),
    [("karabakh", "leverage"), ("cost-benefit-exit", "cost-benefit"), ("war-without-isolation", "bargain")],
)
def test_the_model_can_tell_all_three_stories_of_the_exit(scenario: str, expected: str) -> None:
    """Leverage, a sum of its own and a bargain each explain most exits under some setting."""
    exits = [found for world in range(9) if (found := exit_of(scenario, world)) is not None]
    assert sum(reading(found) == expected for found in exits) > len(exits) / 2


def test_a_listed_miss_does_not_fail() -> None:
    """A check fails if it does not hold and no reason is listed."""
    assert Check("x", False, "").failed
    assert not Check("x", False, "", "why").failed
    assert not Check("x", True, "").failed


def test_the_sheet_has_every_rung() -> None:
    """`validate --json` prints all sections with their baselines, and its exit code is its verdict."""
    result = CliRunner().invoke(cli, ["validate", "--worlds", "60", "--uncertainty", "none", "--json"])
    sheet = json.loads(result.stdout)
    assert {"claims", "history", "directions", "levels", "deployments", "checks"} <= sheet.keys()
    rivals = {*THEORIES, "persistence", "compromise mean"}
    assert rivals <= sheet["history"]["scores"].keys()
    assert rivals <= sheet["directions"]["scores"].keys()
    assert sheet["theories"]["calibrated"].keys() == set(THEORIES)
    assert len(sheet["theories"]["headline"]) >= len(sheet["theories"]["levels"]) + 2
    assert result.exit_code == (0 if sheet["ok"] else 1)


def test_the_sheet_is_printed_for_people() -> None:
    """The table names what fails in plain words, and says of which scores lower is better."""
    result = CliRunner().invoke(cli, ["validate", str(Path(__file__).parent / "small.toml"), "--worlds", "20"])
    assert "1. Claims" in result.stdout
    assert re.search(r"\d+ of \d+ checks hold", result.stdout)
    assert "CRPS in months and Brier score, of both of which lower is better." in " ".join(result.stdout.split())


def test_open_intervals_are_counted_where_rows_are_called_inside(capsys: pytest.CaptureFixture[str]) -> None:
    """An interval without an end holds any later date, so the sheet and the report say how many there are."""
    case = rp.load(Path(__file__).parent / "small.toml").set({"theory.weights": "self-interest"})
    section = history({"self-interest": rp.run(case, worlds=60, paths=0)})
    rows = [row for row in section["rows"] if row["date"] != "never"]
    count = sum(row["p90"] is None for row in rows)
    assert section["open"] == {"count": count, "of": len(rows)}
    assert count == 1 < len(rows)
    says = f"{count} of the {len(rows)} with a date has an open interval (p90 is never), and any date from p10 on is "
    says += "inside"
    assert open_in_words(section) == says
    assert open_in_words(section | {"open": {"count": 0, "of": 3}}) == ""
    _print_checks(Screen(), ScoreSheet({}, {"history": section}, [Check("history x", True, "")]))
    assert says in " ".join(capsys.readouterr().out.split())
    found = rp.report(case, worlds=60, what_ifs=())
    assert found.history is not None
    assert open_in_words(found.history) in report_page(found)


def test_paths_are_kept_only_where_an_expectation_reads_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """Monthly paths take most of the memory of a score sheet. Ensembles of rivals are dropped theory by theory."""
    kept: dict[tuple[str, str], int] = {}
    most = 0
    run = validating.run

    def noted(scenario: rp.Scenario, **given: Any) -> rp.Ensemble:
        kept[scenario.sha256, given["theory"]] = given["paths"]
        return run(scenario, **given)

    class Watched(validating._Runs):
        def __call__(self, *asked: Any, **alike: Any) -> rp.Ensemble:
            nonlocal most
            found = super().__call__(*asked, **alike)
            most = max(most, len(self.done))
            return found

    monkeypatch.setattr(validating, "run", noted)
    monkeypatch.setattr(validating, "_Runs", Watched)
    rp.validate("karabakh", worlds=2)
    rows = [row for table in ("directions", "levels") for row in BASE.document[table].values()]
    readers = {change_of(row) for row in rows if row["issues"] or row["leverage"]}
    changes = changed(BASE)
    assert set(changes_with_paths(BASE)) == readers | {""} < {*changes}
    read = {changes[key].sha256 for key in (*readers, "")}
    assert {key for key, paths in kept.items() if paths} == {(sha, theory) for sha in read for theory in THEORIES}
    assert most < len(kept)


def test_factors_are_printed_without_exponents() -> None:
    """A Bayes factor and its interval are plain numbers of two digits, however large or small."""
    row = {"count": 3, "share": 0.00003, "factor": 7.04, "factor_low": 0.00291, "factor_high": 173.4}
    assert _evidence(row) == ["3", "7 (0.0029 to 170)"]


def test_an_infinite_factor_says_what_it_is_above() -> None:
    """Where no world of leverage reproduces the rows, a rival is above the low end; if it has no share, undefined."""
    row = {"count": None, "share": 0.00003, "factor": None, "factor_low": 12.34, "factor_high": None}
    assert _evidence(row) == ["0.00003", "above 12"]
    assert _evidence({**row, "share": 0.0, "factor_low": 0.0})[1] == "undefined"
