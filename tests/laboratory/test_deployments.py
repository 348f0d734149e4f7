"""One template answers whether a force leaves, from coded columns alone."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from realpolitik.cli import cli
from realpolitik.scenario import load
from realpolitik.validation.deployments import (
    DRIVERS,
    TEMPLATE,
    Deployment,
    deployments,
    exits,
    forecast,
    read_cases,
)
from realpolitik.validation.deployments import scenario_for as case_scenario
from realpolitik.validation.forecasting import auc, left_out, logistic, rule

MIDDLE = dict.fromkeys(DRIVERS, 0.5)
TOWARDS_LEAVING = {
    "host_capability": 1,
    "moscow_dependence_on_host": 1,
    "moscow_distracted_isolated": 1,
    "aligned_population": -1,
    "legal_lever_for_host": 1,
    "site_value_to_moscow": -1,
    "third_party_backing_of_host": 1,
}


def chance(**columns: float) -> float:
    """Return the chance of leaving of a made-up case in the middle of every column but those given."""
    return forecast([Deployment("X", "X", MIDDLE | {"aligned_population": 0.2} | columns, 0.1, None)], worlds=400)[0]


@pytest.mark.parametrize(("column", "sign"), TOWARDS_LEAVING.items())
def test_every_column_points_its_way(column: str, sign: int) -> None:
    """More of a column never makes an exit less likely where the claims say more likely, or the other way round."""
    assert sign * (chance(**{column: 0.9}) - chance(**{column: 0.1})) >= 0


def test_isolation_alone_ejects_nobody() -> None:
    """A force among friends stays where Moscow is cut off but nobody has a hold on it."""
    assert chance(moscow_distracted_isolated=1.0, aligned_population=0.8, moscow_dependence_on_host=0.1) < 0.05


def test_the_template_beats_its_bar() -> None:
    """On the thirteen coded cases the Brier score is under .16 and the area under the curve over .9."""
    scores = deployments(read_cases(), worlds=500)["scores"]
    assert scores["template"]["brier"] < 0.16
    assert scores["template"]["auc"] > 0.9
    assert scores["template"]["brier"] < scores["base rate"]["brier"]


def test_cases_differ_in_their_columns_only() -> None:
    """Two cases are the same scenario but for the seven drivers."""
    template = load(TEMPLATE)
    first, second = (case_scenario(case, template).numbers for case in read_cases()[:2])
    changed = {path for path in first if first[path] != second[path]}
    assert changed <= {f"drivers.{name}.path.2000-01" for name in DRIVERS.values()}


def test_the_uncertainty_column_spreads_a_case() -> None:
    """The coder's uncertainty lies to both sides of a value, within 0 and 1."""
    case = Deployment("X", "X", MIDDLE | {"aligned_population": 0.05}, 0.1, None)
    assert case_scenario(case, load(TEMPLATE)).ranges["drivers.population.path.2000-01"] == (0.0, pytest.approx(0.15))


def test_any_file_with_the_columns_is_scored(tmp_path: Path) -> None:
    """`validate --deployments` forecasts a file, and needs no result to do so."""
    file = tmp_path / "cases.csv"
    file.write_text(",".join(["id", *DRIVERS]) + "\nA,.9,.6,.8,0,.6,.2,.5\n", encoding="utf-8")
    result = CliRunner().invoke(cli, ["validate", "--deployments", str(file), "--worlds", "50", "--json"])
    document = json.loads(result.stdout)
    assert document["cases"][0]["left"] is None
    assert document["cases"][0]["chance"] > 0.5
    assert document["scores"] == {}


@pytest.mark.parametrize(("value", "message"), [("", "no value in column"), ("2", "from 0 to 1"), ("x", "from 0 to 1")])
def test_faulty_files_are_refused(value: str, message: str, tmp_path: Path) -> None:
    """A missing or impossible value is named with its line and column."""
    file = tmp_path / "cases.csv"
    file.write_text(",".join(DRIVERS) + f"\n{value},.6,.8,0,.6,.2,.5\n", encoding="utf-8")
    with pytest.raises(ValueError, match=rf"cases\.csv:2: .*{message}"):
        read_cases(file)


@pytest.mark.parametrize("lefts", ["1111", "1100"])
def test_cases_that_ended_alike_or_are_coded_alike_are_scored(lefts: str, tmp_path: Path) -> None:
    """Where all forces left there is no area under the curve, where all columns are the same no threshold."""
    file = tmp_path / "cases.csv"
    head = ",".join([*DRIVERS, "left"])
    file.write_text(head + "".join(f"\n.5,.5,.5,.5,.5,.5,.5,{left}" for left in lefts), encoding="utf-8")
    result = CliRunner().invoke(cli, ["validate", "--deployments", str(file), "--worlds", "20", "--json"])
    assert result.exit_code == 0
    scores = json.loads(result.stdout)["scores"]
    assert scores["template"]["auc"] == (None if lefts == "1111" else 0.5)
    if lefts == "1100":
        assert scores["rule on host_capability"]["brier"] == pytest.approx(0.36)


@pytest.mark.parametrize(
    ("content", "message"),
    [("x" * 1_000_001, "larger than 1 MB"), (f"id\n{'x' * 200_000}\n", "not valid CSV"), ("id\n\xff", "UTF-8")],
)
def test_files_that_are_no_tables_are_refused(content: str, message: str, tmp_path: Path) -> None:
    """A file too large or of another kind is refused in a line, and a pipe is not waited for."""
    file = tmp_path / "cases.csv"
    file.write_text(content, encoding="latin-1")
    with pytest.raises(ValueError, match=message):
        read_cases(file)
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(ValueError, match="not a regular file"):
        read_cases(tmp_path / "pipe.csv")


def test_rivals_do_not_see_what_they_forecast() -> None:
    """A forecaster that is fitted gets every case but its own."""
    columns, results = np.arange(4.0)[:, None], np.array([0.0, 0.0, 1.0, 1.0])
    sizes = left_out(columns, results, lambda rest, _results, case: float(case[0] in rest[:, 0]))
    assert not sizes.any()


@pytest.mark.parametrize("forecaster", [logistic, rule])
def test_rivals_find_what_parts_the_cases(forecaster: object) -> None:
    """On cases that one column parts, logistic regression and the rule both say so."""
    columns, results = np.linspace(0, 1, 10)[:, None], (np.arange(10) > 4).astype(float)
    assert callable(forecaster)
    assert forecaster(columns, results, np.array([0.95])) > 0.8
    assert forecaster(columns, results, np.array([0.05])) < 0.2


def test_slopes_do_not_depend_on_the_unit_of_a_column() -> None:
    """Columns are standardised, so that the penalty means the same for each, and one that never varies has no slope."""
    rng = np.random.default_rng(1)
    columns, results = rng.random((13, 3)), (np.arange(13) % 3 == 0).astype(float)
    case = np.array([0.3, 0.6, 0.5])
    columns[:, 2] = 0.5
    scaled = np.array([100.0, 0.01, 1.0])
    assert logistic(columns * scaled, results, case * scaled) == pytest.approx(logistic(columns, results, case))
    assert logistic(columns[:, :2], results, case[:2]) == pytest.approx(logistic(columns, results, case))


def test_the_penalty_keeps_separable_cases_from_certainty() -> None:
    """Thirteen cases that one column separates give a finite slope: no forecast is 0 or 1."""
    columns, results = np.linspace(0, 1, 13)[:, None], (np.arange(13) > 6).astype(float)
    assert 0.9 < logistic(columns, results, np.array([1.0])) < 0.999


def test_the_accounts_say_why_the_owner_of_leverage_does_not_matter() -> None:
    """Own interests separate the cases under every theory, and others add about the same under both theories."""
    cases = read_cases()
    left = np.array([case.left for case in cases], float)
    found = {theory: np.array(exits(cases, theory)) for theory in ("leverage", "placebo")}
    for own, others in (account.T for account in found.values()):
        assert auc(own, left) == 1.0
        assert auc(others, left) < 0.8
        assert others.std() < own.std() / 3
    assert found["leverage"][:, 1].mean() == pytest.approx(found["placebo"][:, 1].mean(), abs=0.02)


def test_the_template_is_compared_with_every_forecaster() -> None:
    """The difference of Brier scores has an interval over cases, 0 for the template itself."""
    scores = deployments(read_cases(), worlds=50)["scores"]
    assert scores["template"]["ahead"] == 0.0
    best = scores["logistic on all columns"]
    assert best["ahead"] == pytest.approx(scores["template"]["brier"] - best["brier"])
    assert best["ahead_low"] < best["ahead"] < best["ahead_high"]
