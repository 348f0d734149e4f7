"""Several cases: the numbers that they share are fitted to all but one, and results are kept so that one can go on."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from click.testing import CliRunner

import realpolitik as rp
from realpolitik.calibration import calibrating
from realpolitik.calibration.fitness import Fitness
from realpolitik.cli import cli
from realpolitik.validation import Check, cases, joint, validate_cases
from realpolitik.validation.forecasting import crps, crps_until
from realpolitik.validation.history import drawn, interval
from realpolitik.validation.joint import (
    DRAWS,
    FITTED,
    HELD,
    RIVALS,
    Joint,
    JointDesign,
    Piece,
    Record,
    headline,
    left_out,
    sheet,
)

NAMES = ("sweden-nato", "transnistria")
SMALL = {"worlds": 16, "settings": 4}


def design(*names: str) -> JointDesign:
    """Return a small design."""
    return JointDesign(tuple(rp.load(name) for name in names), settings=4, worlds=16, foresights=(0, 3))


@pytest.fixture
def scored() -> Joint:
    """Return a joint fit of three cases with random scores, so that nothing is played."""
    fit, rng = Joint(design("karabakh", *NAMES)), np.random.default_rng(1)
    for piece in fit.design.pieces():
        record = fit.design.records[piece.case]
        fit.add(piece, rng.integers(0, record.months + 1, (4, 16, len(record.rows))).astype(np.int16))
    return fit


def test_errors_are_the_scores_of_validate() -> None:
    """The error of each row is its CRPS in months; of one that has not happened, the part that is known.

    It is that of the worlds as they are, without taking away the variance of their shares: all theories have as many.
    """
    record = Record(rp.load("transnistria"))
    first = np.random.default_rng(2).integers(0, record.months + 1, (3, 50, len(record.rows))).astype(np.int16)
    errors = record.errors(first, np.full((1, 50), 1 / 50))
    for n, row in enumerate(record.rows.values()):
        of = crps if row.happened else crps_until
        last = np.arange(record.months if row.happened else row.month + 1)
        shares = [(first[setting, :, n, None] <= last).mean(axis=0) for setting in range(3)]
        variances = [float((share * (1 - share)).sum()) / 49 for share in shares]
        scores = [of(first[setting, :, n].astype(float), row.month) for setting in range(3)]
        expected = np.add(scores, variances)
        assert errors[:, 0, n] == pytest.approx(expected, abs=1e-4)
    never = np.full_like(first, record.months)
    assert record.errors(never, np.full((1, 50), 1 / 50))[0, 0] == pytest.approx(record.persistence(), abs=1e-4)


def test_the_case_left_out_does_not_fit_itself(scored: Joint) -> None:
    """Other scores on a case change nothing in what is fitted without it, and its score there."""
    before = left_out(scored, "leverage", (0, 3))
    for piece, scores in scored.scores.items():
        if piece.case == 1:
            scores[:] = scores[::-1].copy()
    after = left_out(scored, "leverage", (0, 3))
    assert (before[1].chosen == after[1].chosen).all()
    assert not (before[1].ratio == after[1].ratio).all()
    assert not all((before[n].chosen == after[n].chosen).all() for n in (0, 2))


def test_rows_held_out_fit_nothing(scored: Joint) -> None:
    """Held-out rows have scores of their own, and no fit depends on them."""
    before = sheet(scored)
    for scores in scored.scores.values():
        scores[:, :, HELD] *= 2
    after = sheet(scored)
    for was, now in zip(before["left_out"], after["left_out"], strict=True):
        for theory in RIVALS:
            assert was["theories"][theory]["numbers"] == now["theories"][theory]["numbers"]
            assert was["theories"][theory]["ratio"] == now["theories"][theory]["ratio"]
            doubled = 2 * was["theories"][theory]["held_out"]
            assert now["theories"][theory]["held_out"] == pytest.approx(doubled)


def test_shares_of_worlds_are_counted_alike_everywhere() -> None:
    """By the month of p10 a tenth of all worlds has had an outcome: of 20 worlds two, and not three."""
    fit = Joint(replace(design(*NAMES), worlds=20))
    record, months = fit.design.records[0], np.arange(20)
    fit.first[Piece(0, "leverage", 0)] = np.tile(months[::-1, None].astype(np.int16), (4, 1, len(record.rows)))
    spans = {(row["p10"], row["median"], row["p90"]) for row in joint.misses(fit, 0, 0)}
    assert spans == {tuple(record.case.dates()[month] for month in (1, 9, 17))}
    fitness = SimpleNamespace(targets=SimpleNamespace(months=19), case=record.case)
    found = calibrating._months(cast(Fitness, fitness), np.where(months < 19, months, -1).astype(np.int16))
    assert {tuple(found.values())} == spans
    ensemble = rp.run(NAMES[0], worlds=20, uncertainty="prior", paths=0)
    for row in ensemble.scenario.document["history"].values():
        when = np.sort(drawn(ensemble, row["outcome"])).astype(int)
        dates = [ensemble.months[month] if month < len(ensemble.months) else None for month in when[[1, 9, 17]]]
        assert [interval(ensemble, row)[key] for key in ("p10", "median", "p90")] == dates


def test_a_theory_is_better_only_on_the_same_worlds(scored: Joint) -> None:
    """A rival with the same errors is a tie, one with smaller ones in every resample is better; the words say so."""
    for piece in scored.scores:
        own = scored.scores[piece._replace(theory="leverage")]
        factor = {"leverage": 1.0, "capability": 1.0, "placebo": 2.0}.get(piece.theory, 0.5)
        scored.scores[piece] = own * factor
    found = sheet(scored)
    verdicts = {theory: row["verdict"] for theory, row in found["mean"].items() if theory != "persistence"}
    given = {"leverage": "tie", "capability": "tie", "placebo": "worse"}
    assert verdicts == dict.fromkeys(RIVALS, "better") | given
    said = " ".join(found["headline"])
    assert "leverage loses here" in said
    assert "not distinguished from leverage: capability" in said
    assert "is beaten by self-interest" in said


def test_foresight_earns_its_place_only_if_it_is_clear(scored: Joint) -> None:
    """A foresight whose gain is not clear over the worlds is said to make no clear difference."""
    rows = [
        {"foresight": 0, "ratio": 0.5, "behind": 0.0, "low": 0.0, "high": 0.0, "verdict": "tie", "cases": {"a": 0.5}},
        {"foresight": 3, "ratio": 0.4, "behind": -0.1, "low": -0.2, "high": 0.1, "verdict": "tie", "cases": {"a": 0.4}},
    ]
    *_, last = headline({**sheet(scored), "foresight": {"leverage": rows}})
    assert last.startswith("Foresight of 3 months makes no clear difference")
    assert "gain 0.10, -0.10 to 0.20" in last


def test_a_fit_has_as_many_draws_as_it_says(scored: Joint) -> None:
    """The first draw has every world once, the others are resampled, and persistence is 1 in all."""
    ratios = scored.ratios("leverage", (0, 3))
    assert ratios.shape == (3, 8, 1 + DRAWS)
    assert scored.persistence(0)[FITTED] == pytest.approx(scored.design.records[0].persistence()[:6].mean())


@pytest.mark.parametrize(
    ("names", "problem"),
    [
        (("sahel", "sahel"), "sahel is given twice"),
        (("sahel",), "two cases or more"),
        (("sahel", "deployment"), "no date in"),
    ],
)
def test_cases_that_share_nothing_are_refused(names: tuple[str, ...], problem: str) -> None:
    """One case, the same twice, or a case without dates cannot be left out."""
    with pytest.raises(ValueError, match=problem):
        design(*names)


def test_an_interrupted_validation_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After Ctrl-C the same call computes only what is missing, and ends with the same result; a damaged file too."""
    seen: list[str] = []
    play = cases.play

    def played(*given: object) -> object:
        seen.append("piece")
        if len(seen) == 6:
            raise KeyboardInterrupt
        return play(*given)  # type: ignore[arg-type]

    def validated(case: rp.Scenario, **_named: object) -> rp.ScoreSheet:
        seen.append("sheet")
        return rp.ScoreSheet({"scenario": case.name, "worlds": 1 / 3}, {"levels": []}, [Check("x", True, "", "why")])

    monkeypatch.setattr(cases, "play", played)
    monkeypatch.setattr(cases, "validate", validated)
    monkeypatch.setattr(joint, "RIVALS", ("leverage", "placebo"))
    with pytest.raises(KeyboardInterrupt):
        validate_cases(NAMES, out=tmp_path / "kept", **SMALL)
    assert seen.count("sheet") == 2
    steps: list[tuple[int, int]] = []
    found = validate_cases(NAMES, out=tmp_path / "kept", progress=lambda *step: steps.append(step), **SMALL)
    total = len([*JointDesign(tuple(map(rp.load, NAMES))).pieces()])
    assert (seen.count("sheet"), seen.count("piece")) == (2, total + 1)
    assert steps == sorted(steps)
    assert steps[-1][0] == steps[-1][1]
    damaged = next((tmp_path / "kept" / "results").glob("joint-*"))
    damaged.write_bytes(b"other")
    again = validate_cases(NAMES, out=tmp_path / "kept", **SMALL)
    assert seen.count("piece") == total + 2
    assert again.to_dict() == found.to_dict()
    assert found.to_dict()["cases"][0] == validated(rp.load("sweden-nato")).to_dict()


def test_several_cases_on_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`validate` prints all sheets and the table of cases left out; a figure is of one case, a folder its own."""
    monkeypatch.setattr(joint, "RIVALS", ("leverage", "placebo"))
    done = CliRunner().invoke(cli, ["validate", *NAMES, "--worlds", "16", "--settings", "4"])
    assert done.stdout.count("1. Claims") == 2
    assert "Leave one case out, seed 1" in done.stdout
    assert "Misses of leverage on the case left out" in done.stdout
    refused = CliRunner().invoke(cli, ["validate", *NAMES, "--plot", str(tmp_path / "a.svg")])
    assert "one scenario" in str(refused.exception)
    (tmp_path / "mine.txt").write_text("", encoding="utf-8")
    refused = CliRunner().invoke(cli, ["validate", *NAMES, "--out", str(tmp_path)])
    assert "mine.txt" in str(refused.exception)
