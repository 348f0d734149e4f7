"""Figures show text as written: no mathematics, no markup, no characters that hide or reverse others."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from matplotlib.figure import Figure

import realpolitik as rp
from realpolitik.sweeps.discovery import discover
from realpolitik.sweeps.indices import sensitivity
from realpolitik_viz import (
    account_figure,
    comparison_figure,
    discovery_figure,
    ensemble_figure,
    save,
    sensitivity_figure,
    story_figure,
)
from realpolitik_viz.canvas import Canvas, house
from realpolitik_viz.palette import LIGHT

BROKEN = r"$\frac$ <b> & %s"
"""Invalid mathematics, markup, and a format specifier."""
FIELDS = {
    "meta.title": f"T {BROKEN}",
    "actors.Moscow.label": f"A {BROKEN}",
    "actors.Baku.label": f"B {BROKEN}",
    "issues.karabakh.label": f"I {BROKEN}",
    "outcomes.withdrawal.label": f"O {BROKEN}",
    "outcomes.karabakh_taken.label": f"K {BROKEN}",
    "moves.withdraw_for_price.label": f"M {BROKEN}",
}
CASE = rp.load("karabakh", set=FIELDS)


def story() -> Any:
    """Return a world in which Moscow withdraws, with the account of that."""
    return rp.explain(CASE, world=17, actor="Moscow", month="2024-03")


FIGURES: dict[str, tuple[Callable[[Path], Figure], str]] = {
    "ensemble": (lambda _: ensemble_figure(rp.run(CASE, worlds=20)), "TIO"),
    "story": (lambda _: story_figure(rp.explain(CASE, world=17, flips=False)), "T"),
    "account": (lambda _: account_figure(story().decisions[0], story()), "M"),
    "comparison": (lambda _: comparison_figure(rp.compare(CASE, "no-invasion", worlds=20)), "O"),
    "sensitivity": (lambda folder: sensitivity_figure(sensitivity(swept(folder), ["withdrawal"])), "O"),
    "discovery": (lambda folder: discovery_figure(discover(swept(folder), "withdrawal")), "O"),
}
"""Every figure that shows labels: how it is made, and the fields that it shows."""


def swept(folder: Path) -> Any:
    """Sweep the case over one number."""
    return rp.sweep(CASE, folder / "swept", vary={"drivers.war.scale": (0.0, 1.0)}, points=128, worlds=4)


@pytest.mark.parametrize("name", FIGURES)
def test_labels_are_literal_in_every_figure(name: str, tmp_path: Path) -> None:
    """A label that is broken mathematics or markup is drawn as it is written, in an SVG that is well formed."""
    make, shown = FIGURES[name]
    figure = make(tmp_path)
    for kind in ("svg", "png"):
        save(figure, tmp_path / f"figure.{kind}")
    words = " ".join(ElementTree.parse(tmp_path / "figure.svg").getroot().itertext())
    assert [field for field in shown if f"{field} {BROKEN}" not in words] == []


@pytest.mark.parametrize("hidden", ["\x00", "\x1b[31m", "\x9b", "\u202e", "\u2066", "\u200f", "\ufffe", "\uffff"])
def test_characters_that_act_are_drawn_as_escapes(hidden: str, tmp_path: Path) -> None:
    """A label with such a character is drawn as an escape, and the file can be read."""
    with house():
        canvas = Canvas(4, 2, LIGHT, f"title {hidden} end", f"caption {hidden} end")
        canvas.head(f"below {hidden} end")
        axes = canvas.place(1, 1, 1, 0.5)
        axes.set_xlabel("$\\frac$")
        axes.set_xticks([0, 1], ["$\\frac$", "$"])
        canvas.sign()
    for kind in ("svg", "png", "pdf"):
        save(canvas, tmp_path / f"figure.{kind}")
    words = " ".join(ElementTree.parse(tmp_path / "figure.svg").getroot().itertext())
    assert hidden not in words
    assert words.count(hidden[:1].encode("unicode_escape").decode()) >= 3
