"""What Python users give by mistake: one sentence that names the parameter, and what is as good as a right value."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import realpolitik as rp
from realpolitik.hindrances import why_idle
from realpolitik.sweeps import discover, sensitivity
from sweeping import SMALL

COUNTS: dict[str, Any] = {"worlds": 2}
SHORT: dict[str, Any] = {"flips": False}


@pytest.fixture(scope="module")
def ensemble() -> rp.Ensemble:
    """A few worlds."""
    return rp.run(SMALL, worlds=20)


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> rp.Sweep:
    """A sweep of one number and one theory."""
    vary = {"theory.phi": (0.5, 1.5), "theory.sigma": (0.1, 0.3)}
    return rp.sweep(SMALL, tmp_path_factory.mktemp("sweep") / "D", vary=vary, points=64, worlds=2)


@pytest.mark.parametrize("wrong", [None, ["sale"], 3])
def test_what_is_no_name_is_refused(wrong: Any, ensemble: rp.Ensemble, swept: rp.Sweep) -> None:
    """None, a list and a number are no name of an outcome, a move, an actor or a column."""
    calls: list[tuple[str, Callable[[], Any]]] = [
        ("outcome", lambda: ensemble.probability(wrong)),
        ("outcome", lambda: ensemble.month(wrong)),
        ("outcome", lambda: ensemble.measure(wrong)),
        ("outcome", lambda: rp.tornado(SMALL, wrong)),
        ("outcome", lambda: rp.reach(SMALL, wrong)),
        ("outcome", lambda: rp.audit(SMALL, wrong, worlds=2)),
        ("outcome", lambda: discover(swept, wrong)),
        ("outcome", lambda: sensitivity(swept, [wrong])),
        ("move", lambda: rp.why_not(SMALL, wrong)),
        ("actor", lambda: rp.explain(SMALL, actor=wrong or [])),
        ("columns", lambda: swept.frame([wrong])),
        ("paths", lambda: rp.load(SMALL).drop([wrong])),
    ]
    for name, call in calls:
        with pytest.raises(ValueError, match=f"^{name} must be one name, as a text, not "):
            call()


@pytest.mark.parametrize("wrong", ["0.5", None, True, np.bool_(True), [0.5]])
def test_what_is_no_number_is_refused(wrong: Any, ensemble: rp.Ensemble, swept: rp.Sweep) -> None:
    """Texts, truth values and lists are no shares, errors or numbers of a world."""
    calls: dict[str, Callable[[], Any]] = {
        "quantile": lambda: ensemble.month("sale", wrong),
        "error": lambda: rp.calibrate(SMALL, error=wrong),
        "target": lambda: rp.reach(SMALL, "sale", target=wrong),
        "density": lambda: discover(swept, "sale", density=wrong),
        "numbers: theory.phi": lambda: rp.explain(SMALL, numbers={"theory.phi": wrong}),
        "allowance": lambda: rp.forecast("karabakh", allowance=wrong),
    }
    for name, call in calls.items():
        with pytest.raises(ValueError, match=f"^{name} must be a number, not {re.escape(repr(wrong))}$"):
            call()


@pytest.mark.parametrize("wrong", [None, {}, [SMALL], 3, b"sahel", rp.load(SMALL).case()])
def test_what_is_no_scenario_is_refused(wrong: Any, tmp_path: Path) -> None:
    """Only a Scenario, a path or a name is a scenario."""
    calls: list[tuple[str, Callable[[], Any]]] = [
        ("scenario", lambda: rp.run(wrong)),
        ("scenario", lambda: rp.explain(wrong)),
        ("scenario", lambda: rp.validate(wrong)),
        ("scenario", lambda: rp.report(wrong)),
        ("scenario", lambda: rp.sweep(wrong, tmp_path / "D")),
        ("first", lambda: rp.diff(wrong, SMALL)),
        ("other", lambda: rp.diff(SMALL, wrong)),
        ("what_ifs", lambda: rp.report(SMALL, what_ifs=[wrong])),
    ]
    for name, call in calls:
        with pytest.raises(ValueError, match=f"^{name} must be a Scenario, a path or the name of a shipped scenario, "):
            call()
    with pytest.raises(ValueError, match=r"^source must be a path or the name of a shipped scenario, not "):
        rp.load(wrong)
    with pytest.raises(ValueError, match=r"^table must be the path of a CSV file, not "):
        rp.derive(wrong)
    with pytest.raises(ValueError, match=r"^text must be the text of a scenario, not "):
        rp.loads(wrong)


def test_a_list_of_scenarios_is_not_compared() -> None:
    """Scenarios are given to `compare` one by one."""
    with pytest.raises(ValueError, match=r"given one by one, compare\(a, b\), not in a list"):
        rp.compare([SMALL, SMALL])  # type: ignore[arg-type]


def test_no_settings_can_be_none_and_a_series_is_a_mapping(tmp_path: Path) -> None:
    """None is no setting wherever settings are taken, and a Series of pandas has paths as its index."""
    plain = rp.load(SMALL)
    asked: dict[str, Any] = {"set": None, "worlds": 2}
    assert rp.run(SMALL, **asked).scenario.sha256 == plain.sha256
    assert plain.set(None).sha256 == plain.sha256
    assert rp.load(SMALL, set=None).sha256 == plain.sha256
    assert rp.explain(SMALL, set=None, **SHORT).scenario.sha256 == plain.sha256
    assert rp.why_not(SMALL, "sell", **asked).scenario.sha256 == plain.sha256
    assert why_idle(SMALL, None, set=None)[0].scenario.sha256 == plain.sha256
    assert rp.tornado(SMALL, "sale", **asked).scenario.sha256 == plain.sha256
    assert rp.reach(SMALL, "sale", **asked).scenario.sha256 == plain.sha256
    assert rp.compare(SMALL, SMALL, **asked).first.scenario.sha256 == plain.sha256
    vary = {"theory.sigma": (0.1, 0.3)}
    assert rp.sweep(SMALL, tmp_path / "D", vary=vary, points=8, **asked).plan.scenario["settings"] == []
    settings = pd.Series({"theory.phi": 0.5})
    for changed in (rp.load(SMALL, set=settings), rp.run(SMALL, set=settings, worlds=2).scenario):  # type: ignore[arg-type]
        assert changed.numbers["theory.phi"] == 0.5


@pytest.mark.parametrize(
    "wrong", [5, [5], [None], {5: 3}, [("theory.phi", 0.5)], [("a", "b", "c", "d")], [(1, 2, None)]]
)
def test_what_is_no_setting_is_refused(wrong: Any) -> None:
    """A pair, a number and None are no settings, and the message shows how one is given."""
    for call in (rp.load(SMALL).set, lambda given: rp.run(SMALL, set=given, worlds=2)):
        with pytest.raises(rp.ScenarioError, match=r'is not a setting: give \{"PATH": VALUE\}, or a text "PATH=VALUE"'):
            call(wrong)


def test_a_monthly_period_is_a_month(ensemble: rp.Ensemble) -> None:
    """A month may be a monthly Period of pandas wherever one is taken."""
    start = ensemble.months[0]
    month: Any = pd.Period(start, "M") + 3
    assert rp.explain(SMALL, month=month, **SHORT).to_dict() == rp.explain(SMALL, month=str(month), **SHORT).to_dict()
    assert rp.run(SMALL, until=month, worlds=2).months[-1] == str(month)
    assert ensemble.probability("sale", by=month) == ensemble.probability("sale", by=str(month))
    assert [one["month"] for one in rp.why_not(SMALL, "sell", month=month, worlds=2).months] == [str(month)]
    setting = rp.scenario.Setting("theory.phi", 0.5, month)
    assert rp.load(SMALL).set([setting]).forks[-1].month == str(month)
    first, other = (rp.load(SMALL, set={"theory.phi": f"{phi}@{ensemble.months[5]}"}) for phi in (0.5, 0.7))
    assert rp.compare(first, other, worlds=2, fork=month).fork == str(month)
    with pytest.raises(ValueError, match="month: invalid month 5"):
        rp.explain(SMALL, month=5)  # type: ignore[arg-type]


def test_origins_can_be_none_one_month_or_a_period() -> None:
    """No origins may be None, and one needs no list."""
    from realpolitik.choices import several
    from realpolitik.validation.theories import check_origins

    scenario = rp.load("sahel")
    assert check_origins(scenario, several(None)) == []
    assert check_origins(scenario, several("2022-02")) == ["2022-02"]
    assert check_origins(scenario, several(pd.Period("2022-02", "M"))) == ["2022-02"]
    with pytest.raises(ValueError, match="origin: invalid month 5"):
        rp.validate("sahel", origins=5)  # type: ignore[arg-type]


def test_one_name_needs_no_list(swept: rp.Sweep) -> None:
    """A text is one column of a sweep, and one row to drop."""
    assert list(swept.frame("sale")) == list(swept.frame(["sale"])) == ["sale"]
    with pytest.raises(ValueError, match="no column 'sal'; did you mean 'sale'"):
        swept.frame("sal")
    small = rp.load("karabakh")
    assert small.drop("moves.convene").sha256 == small.drop(["moves.convene"]).sha256


@pytest.mark.parametrize("row", [5.0, np.float64(5), np.float32(5), np.int16(5)])
def test_a_row_of_a_frame_is_replayed(row: Any, swept: rp.Sweep) -> None:
    """The number of a row may be a whole float, as pandas makes it of a row of mixed types."""
    assert swept.explain(row, **SHORT).to_dict() == swept.explain(5, **SHORT).to_dict()


@pytest.mark.parametrize("row", ["3", None, 2.5, float("nan"), float("inf"), pd.NA, True])
def test_what_is_no_row_is_refused(row: Any, swept: rp.Sweep) -> None:
    """Texts, fractions and missing values are no rows."""
    with pytest.raises(ValueError, match=f"row must be a whole number, not {re.escape(repr(row))}"):
        swept.explain(row)


def test_messages_name_the_parameter_that_was_given(tmp_path: Path) -> None:
    """The theory and the design are blamed, not the setting or the manifest that they become; a text has quotes."""
    with pytest.raises(ValueError, match=r"^worlds must be a whole number, not '100'$"):
        rp.run(SMALL, worlds="100")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"^theory must be one of leverage, .*, not 'lev'$"):
        rp.run(SMALL, theory="lev")
    for design in ("foo", None, []):
        with pytest.raises(ValueError, match=r"^design must be one of sobol, .*, not "):
            rp.sweep(SMALL, tmp_path / "D", design=design)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"^vary must be a mapping, or a list of Span and Levels, not 5$"):
        rp.sweep(SMALL, tmp_path / "D", vary=5)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"^numbers must be a mapping of dotted path to number, not 5$"):
        rp.explain(SMALL, numbers=5)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"^numbers: there is no number 'theory\.ph'; did you mean 'theory\.phi'\?$"):
        rp.why_not(SMALL, "sell", numbers={"theory.ph": 0.5})
    assert not (tmp_path / "D").exists()


@pytest.mark.parametrize("call", [rp.open_sweep, sensitivity, lambda folder: rp.sweep(SMALL, folder)])
def test_what_is_no_folder_of_a_sweep_is_refused(call: Callable[[Any], Any]) -> None:
    """None is not the folder of a sweep."""
    with pytest.raises(ValueError, match=r"^the folder of a sweep must be a path, not None$"):
        call(None)
