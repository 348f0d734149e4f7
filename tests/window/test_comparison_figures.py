"""Figures of comparisons and score sheets can be read, and their axes fit what is drawn."""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from matplotlib.figure import Figure

import realpolitik as rp
from realpolitik.comparing import Comparison
from realpolitik_viz import DARK, comparison_figure, scoresheet_figure
from window.seeing import outside, score_sheet, touching, words_of

OTHERS = [shipped.name for shipped in rp.shipped() if shipped.extends == "karabakh"]
SMALL = Path(__file__).parents[1] / "laboratory" / "small.toml"


def readable(figure: Figure) -> None:
    """Check that all words are on the sheet, each in its own place, and that none is cut."""
    words = words_of(figure)
    assert outside(figure, words) == []
    assert touching(words) == []
    assert [word for word, _ in words if "\N{HORIZONTAL ELLIPSIS}" in word] == []


def written(figure: Figure) -> str:
    """Return all that is written in a figure, without line breaks."""
    return " ".join(words for words, _ in words_of(figure))


@pytest.mark.parametrize("names", [OTHERS[:1], OTHERS[:5]], ids=["two", "six"])
def test_comparisons_are_readable(names: list[str]) -> None:
    """Two scenarios or six: every row, key and curve has its place."""
    readable(comparison_figure(rp.compare("karabakh", *names, worlds=20)))


def test_long_names_and_labels_are_complete() -> None:
    """A title, a name of a scenario and a label of any length are written to their last word."""
    label = "A label that says at great length and in many words what could have been said in a few of them"
    text = SMALL.read_text(encoding="utf-8").replace("The ferry changes hands", label)
    names = [f"a-name-of-a-scenario-that-is-as-long-as-a-file-may-have-{n}" * 2 for n in range(3)]
    figure = comparison_figure(rp.compare(*(rp.loads(text, name=name) for name in names), worlds=20))
    readable(figure)
    assert written(figure).count(label) == 2
    joined = written(figure).replace(" ", "")
    assert all(joined.count(name) >= 2 for name in names)


def nudged(toll: float) -> Comparison:
    """Compare a small scenario with one that differs a little."""
    base = rp.load(SMALL)
    return rp.compare(base, base.set({"moves.press.chance": toll}), worlds=400)


def axes_of(figure: Figure, label: str) -> Any:
    """Return the axes below a heading."""
    box = next(box for words, box in words_of(figure) if words == label)
    below = [axes for axes in figure.axes if abs(axes.get_window_extent().x0 - box.x0) < 3]
    return max(below, key=lambda axes: axes.get_window_extent().y1)


def test_axes_fit_the_effect() -> None:
    """A small change fills most of its axis, in probability and in months, and 0 is on both."""
    comparison = nudged(0.7)
    rows = [row for of in comparison.to_dict()["outcomes"].values() for row in list(of.values())[1:]]
    figure = comparison_figure(comparison)
    readable(figure)
    events = [row for row in rows if "measure" not in row]
    for label, found in (
        ("Change in probability", events),
        ("Months later", [row["months"] for row in events if row["months"]]),
    ):
        low, high = axes_of(figure, label).get_xlim()
        ends = [0.0, *(row[end] for row in found for end in ("low", "high"))]
        assert low <= min(ends) <= max(ends) <= high
        assert high - low < 1.25 * (max(ends) - min(ends))
    assert max(abs(row["difference"]) for row in events) < 0.3


def test_months_and_measures_are_drawn_where_they_differ() -> None:
    """A comparison that differs in months and in a price shows both; one of a scenario with itself, no months."""
    shown = written(comparison_figure(nudged(0.2)))
    assert "Months later" in shown
    assert "What is measured" in shown
    assert "At what price" in shown
    same = comparison_figure(rp.compare(SMALL, SMALL, worlds=40))
    readable(same)
    assert "Months later" not in written(same)


def test_what_differs_is_shown_without_being_chosen() -> None:
    """Events that do not differ give way to those that do, and the figure says how many there are."""
    comparison = rp.compare("karabakh", "karabakh", worlds=60)
    still = written(comparison_figure(comparison))
    outcomes = comparison.first.scenario.document["outcomes"]
    assert outcomes["villages_started"]["label"] not in still
    assert "8 of 19 outcomes" in still
    result = comparison.to_dict()
    result["outcomes"]["villages_started"]["karabakh#2"] |= {"difference": 0.1, "low": 0.05, "high": 0.15}
    with patch.object(Comparison, "to_dict", lambda _: result):
        assert outcomes["villages_started"]["label"] in written(comparison_figure(comparison))


def test_what_is_compared_can_be_chosen() -> None:
    """Outcomes, issues and leverage are drawn if they are chosen, and only these."""
    comparison = rp.compare("karabakh", "no-invasion", worlds=40)
    figure = comparison_figure(comparison, outcomes=["realigned"], issues=["warmth"], leverage=["Baku>Moscow"])
    readable(figure)
    shown, document = written(figure), comparison.first.scenario.document
    for name, row in document["outcomes"].items():
        assert (row["label"] in shown) == (name == "realigned")
    assert document["issues"]["warmth"]["label"] in shown
    assert "Baku's leverage over Moscow" in shown
    with pytest.raises(ValueError, match="unknown outcome 'x'; there are "):
        comparison_figure(comparison, outcomes=["x"])


def test_a_forked_comparison_is_readable_in_the_dark() -> None:
    """A fork is named in the title, on dark paper too."""
    figure = comparison_figure(rp.compare("karabakh", "no-invasion", worlds=20, fork="2023-01"), ink=DARK)
    assert any("2023-01" in words for words, _ in words_of(figure))
    readable(figure)


def test_the_score_sheet_is_readable() -> None:
    """All rungs of the ladder are on one page, no two texts touch, and none is cut."""
    figure = scoresheet_figure(score_sheet())
    readable(figure)
    drawn = [Counter(str(line.get_marker()) for line in axes.lines) for axes in figure.axes]
    rows = len(rp.load("karabakh").document["history"])
    history = figure.axes[[one["D"] for one in drawn].index(rows)]
    order = {marker: [line.zorder for line in history.lines if line.get_marker() == marker] for marker in "oD"}
    assert min(order["o"]) > max(order["D"])  # where the median is the date in fact, both are seen


@pytest.mark.parametrize(
    ("factors", "shown", "arrows"),
    [
        ((0.3, 2.0, 30.0), 2.0, ""),
        ((3e3, 2e5, 4e6), 1e4, ">"),
        ((25.0, None, None), 25.0 * 10**0.1, ">"),
        ((1e-5, None, None), 10**0.5, "<>"),
        ((0.0, 0.0, 0.0), 1e-4, "<"),
    ],
    ids=["large", "larger than the axis", "infinite", "unknown", "none"],
)
def test_factors_by_which_leverage_loses_are_on_the_axis(
    factors: tuple[float | None, ...], shown: float, arrows: str
) -> None:
    """The axis reaches as far as the largest factor; arrows say which lie further out, and no mark lies outside it."""
    sheet = score_sheet()
    keys, share = ("factor_low", "factor", "factor_high"), 0.0 if factors[1] == 0 else 0.1
    level = {"count": None, **dict.fromkeys(("share", "low", "high"), share), **dict(zip(keys, factors, strict=True))}
    own = {"count": 9, "share": 0.1, "low": 0.1, "high": 0.2, **dict.fromkeys(keys, 1.0)}
    rows = [{"name": "leverage", "levels": {"dates": own}}, {"name": "rival", "levels": {"dates": level}}]
    section = {"levels": {"dates": []}, "rows": rows, "headline": []}
    figure = scoresheet_figure(replace(sheet, sections={"claims": [], "theories": section}, checks=[]))
    readable(figure)
    axes = next(axes for axes in figure.axes if len(axes.lines) > 4)
    first, last = axes.get_xlim()
    ends = [np.asarray(line.get_xdata(), float) for line in axes.lines[1:]]
    assert min(map(np.min, ends)) >= first
    assert max(map(np.max, ends)) <= last
    circles = [np.asarray(line.get_xdata(), float).item() for line in axes.lines if line.get_marker() == "o"]
    assert 10 ** circles[-1] == pytest.approx(shown)
    assert "".join(str(line.get_marker()) for line in axes.lines if line.get_marker() in ("<", ">")) == arrows
    assert written(figure).count("arrow: further out") == bool(arrows)
