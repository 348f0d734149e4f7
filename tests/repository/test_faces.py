"""The public faces: what other people's programs rely on. A change here is one for CHANGELOG.md."""

from importlib import import_module

import pytest

FACES = {
    "realpolitik": [
        "Audit",
        "Calibration",
        "Comparison",
        "Decision",
        "Derivation",
        "Ensemble",
        "Forecast",
        "ForecastScores",
        "Goal",
        "Report",
        "Scenario",
        "ScenarioDiff",
        "ScenarioError",
        "ScoreSheet",
        "Story",
        "Sweep",
        "Tornado",
        "WhyNot",
        "__version__",
        "audit",
        "calibrate",
        "compare",
        "derive",
        "diff",
        "explain",
        "forecast",
        "load",
        "loads",
        "open_sweep",
        "playing_on",
        "reach",
        "report",
        "run",
        "score_forecast",
        "shipped",
        "sweep",
        "tornado",
        "validate",
        "why_not",
        "write_forecast",
    ],
    "realpolitik_model": [
        "Account",
        "Actor",
        "Case",
        "Expected",
        "Flip",
        "Fork",
        "LeverageModel",
        "Moment",
        "Outputs",
        "Party",
        "Prospect",
        "Share",
        "account",
        "decisions",
        "draw",
        "prospect",
        "simulate",
        "smallest_flip",
    ],
    "realpolitik_viz": [
        "DARK",
        "Ink",
        "LIGHT",
        "account_figure",
        "actor_colours",
        "audit_figure",
        "calibration_figure",
        "comparison_figure",
        "coverage_figure",
        "discovery_figure",
        "ensemble_figure",
        "forecast_figure",
        "report_page",
        "save",
        "scoresheet_figure",
        "sensitivity_figure",
        "story_figure",
        "tornado_figure",
    ],
}


@pytest.mark.parametrize("package", FACES)
def test_a_public_face_is_pinned(package: str) -> None:
    """Each package offers exactly the names written here."""
    assert import_module(package).__all__ == FACES[package]


@pytest.mark.parametrize(("package", "name"), [(package, name) for package in FACES for name in FACES[package]])
def test_a_public_name_is_there(package: str, name: str) -> None:
    """Every public name can be had, is listed by dir(), and says what it is."""
    module = import_module(package)
    assert getattr(module, name).__doc__ or not callable(getattr(module, name))
    assert name in dir(module)


@pytest.mark.parametrize("package", FACES)
def test_a_private_name_is_refused(package: str) -> None:
    """A name that is not there raises AttributeError, as of any module."""
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = import_module(package).no_such_name
