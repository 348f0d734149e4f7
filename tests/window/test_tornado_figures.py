"""Figures of tornadoes can be read, wide and narrow: nothing overlaps, nothing is cut off or shortened."""

from dataclasses import replace
from pathlib import Path

import pytest
from matplotlib.figure import Figure

import realpolitik as rp
from realpolitik.choices import Statistic
from realpolitik.swings import Swing, Tornado
from realpolitik_viz import DARK, tornado_figure
from window.seeing import outside, touching, words_of

SMALL = Path(__file__).parents[1] / "laboratory" / "small.toml"
LONG = "A label that says at great length and in many words what could well have been said in a few of them"
WIDTHS = (10.0, 5.0)


def readable(figure: Figure) -> list[str]:
    """Check that all words are on the sheet, each in its own place and complete; return them."""
    words = words_of(figure)
    assert outside(figure, words) == []
    assert touching(words) == []
    assert not any("\N{HORIZONTAL ELLIPSIS}" in text for text, _ in words)
    return [text for text, _ in words]


@pytest.fixture(scope="module")
def base() -> Tornado:
    """The tornado of the withdrawal by the end of 2024."""
    return rp.tornado("karabakh", "withdrawal", by="2024-12", worlds=60)


@pytest.mark.parametrize("width", WIDTHS)
def test_tornadoes_are_readable(base: Tornado, width: float) -> None:
    """Every number has its name, both ends of its range and its width; the others are counted."""
    written = " ".join(readable(tornado_figure(base, width=width)))
    joined = written.replace(" ", "")
    assert all(swing.path in joined for swing in base.shown)
    assert f"{len(base.swings) - 20:,} other numbers move it less" in written
    assert f"{len(base.unmoved)} do not move it" in written
    for fact in ("karabakh", base.scenario.sha256[:12], "60 worlds", "seed 1", f"realpolitik {rp.__version__}"):
        assert fact in written


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(("outcome", "statistic"), [("price", "measure"), ("sale", "month"), ("handed_over", None)])
def test_every_statistic_is_readable(outcome: str, statistic: Statistic | None, width: float) -> None:
    """Means, months and an outcome that nothing moves are readable, with a long label on dark paper."""
    changed = {f"outcomes.{outcome}.label": LONG}
    found = rp.tornado(SMALL, outcome, statistic=statistic, worlds=60, set=changed)
    written = " ".join(readable(tornado_figure(found, ink=DARK, width=width)))
    assert LONG in written


@pytest.mark.parametrize("width", WIDTHS)
def test_awkward_swings_are_readable(base: Tornado, width: float) -> None:
    """Both ends on one side, ends without the outcome and very long names have their place."""
    one_side = Swing("theory.phi", -1.25, 1.75, base.value - 0.2, base.value - 0.1, 0.2, 0.1, 0.3, clear=True)
    never = Swing("moves.a.cost", 0.0, 1.0, None, base.value - 0.3, None, None, None, clear=False)
    wide = replace(one_side, path=f"interests.{'a' * 64}.effects.{'b' * 64}")
    written = readable(tornado_figure(replace(base, swings=[never, one_side, wide], unmoved=[]), width=width))
    assert {"0 never", "1", "\N{MINUS SIGN}1.25", "1.75"} <= set(written)
    assert wide.path in "".join(written)
