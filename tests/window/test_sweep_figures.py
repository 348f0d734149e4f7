"""Figures of sweeps can be read, and show the inputs that matter."""

from dataclasses import replace
from typing import Any

import pytest
from matplotlib.figure import Figure

import realpolitik as rp
from realpolitik.sweeps.discovery import Discovery, discover
from realpolitik.sweeps.indices import SHOWN, Sensitivity, sensitivity
from realpolitik_viz import DARK, discovery_figure, sensitivity_figure
from realpolitik_viz.palette import LIGHT, Ink
from sweeping import SMALL
from window.seeing import outside, touching, words_of

VARY: dict[str, Any] = {
    "actors.Upland.capability": (1.0, 2.0),
    "shocks.collision.hazard": (0.0, 0.04),
    "theory.weights": ["leverage", "self-interest"],
    "interests.upland_ferry.salience": (0.1, 2.5),
}
"""Only the last two matter to the hand-over."""
MATTER = {"theory.weights", "interests.upland_ferry.salience"}


def readable(figure: Figure) -> str:
    """Check that all words are on the sheet, each in its own place, and that none is cut; return them."""
    words = words_of(figure)
    assert outside(figure, words) == []
    assert touching(words) == []
    assert [word for word, _ in words if "\N{HORIZONTAL ELLIPSIS}" in word] == []
    return " ".join(word.replace("\n", "") for word, _ in words)


@pytest.fixture(scope="module")
def screened(tmp_path_factory: pytest.TempPathFactory) -> Sensitivity:
    """The indices of two numbers, one of which changes nothing."""
    vary = {"actors.Lowland.capability": (1.0, 2.0), "theory.phi": (0.5, 3.0)}
    return sensitivity(rp.sweep(SMALL, tmp_path_factory.mktemp("sobol") / "D", vary=vary, points=128, worlds=16))


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Discovery:
    """The box of an outcome that depends on the theory and on an interest."""
    folder = tmp_path_factory.mktemp("lhs") / "D"
    return discover(rp.sweep(SMALL, folder, vary=VARY, design="lhs", points=400, worlds=16), "handed_over")


def test_inputs_that_change_nothing_are_left_out(screened: Sensitivity) -> None:
    """The figure names the inputs that move the outcome, and how many do not; the document has all of them."""
    shown = readable(sensitivity_figure(screened))
    assert "theory.phi" in shown
    assert "actors.Lowland.capability" not in shown
    assert "1 of 2 inputs change nothing" in shown
    assert len(screened.rows) == 2 * len(screened.outcomes)
    idle = [row for row in screened.rows if row["input"] == "actors.Lowland.capability" and row["variance"]]
    assert all(abs(row["total"]) < SHOWN / 2 for row in idle)


@pytest.mark.parametrize("ink", [LIGHT, DARK])
def test_the_axes_of_a_box_are_the_inputs_that_matter(found: Discovery, ink: Ink) -> None:
    """The points are drawn over the inputs that decide, whatever their order, with the names of their levels."""
    assert set(found.inputs[:2]) == MATTER
    figure = discovery_figure(found, ink)
    shown = readable(figure)
    (axes,) = (axes for axes in figure.axes if axes.get_xlabel())
    assert {axes.get_xlabel(), axes.get_ylabel()} == MATTER
    assert all(level in shown for level in VARY["theory.weights"])


def test_the_limits_of_a_box_are_listed_with_their_tests(found: Discovery) -> None:
    """Next to the points is every limit with its p, and what was dropped as noise."""
    dropped = [{"input": "shocks.collision.hazard", "end": "low", "limit": 0.01, "p": 0.4}]
    box = replace(found.boxes[0], dropped=dropped)
    shown = readable(discovery_figure(replace(found, boxes=[box])))
    assert box.limits
    assert all(words in shown for words in box.words())
    assert shown.count("p < 0.001") + shown.count("p = ") >= len(box.limits)
    assert "No more than noise: limits of shocks.collision.hazard" in shown
    alone = replace(box, limits={}, tests=[])
    assert "No limit is more than noise" in readable(discovery_figure(replace(found, boxes=[alone])))


def test_a_long_path_is_not_cut(screened: Sensitivity) -> None:
    """The name of an input that is wider than its column is written on several lines, to be copied as a whole."""
    path = "dependence.a_name_of_a_row_that_is_as_long_as_one_may_be_and_then_longer.alternatives"
    rows = [{**row, "input": path} if row["input"] == "theory.phi" else row for row in screened.rows]
    assert path in readable(sensitivity_figure(replace(screened, rows=rows))).replace(" ", "")
