"""Figures of comparisons and score sheets can be read: nothing overlaps and nothing is cut off."""

import pytest
from matplotlib.figure import Figure

import realpolitik as rp
from realpolitik_viz import DARK, comparison_figure, scoresheet_figure
from window.seeing import outside, touching, words_of

OTHERS = [shipped.name for shipped in rp.shipped() if shipped.extends == "karabakh"]


def readable(figure: Figure) -> None:
    """Check that all words are on the sheet, each in its own place."""
    words = words_of(figure)
    assert outside(figure, words) == []
    assert touching(words) == []


@pytest.mark.parametrize("names", [OTHERS[:1], OTHERS[:5]], ids=["two", "six"])
def test_comparisons_are_readable(names: list[str]) -> None:
    """Two scenarios or six: every row, key and curve has its place."""
    readable(comparison_figure(rp.compare("karabakh", *names, worlds=20)))


def test_a_forked_comparison_is_readable_in_the_dark() -> None:
    """A fork is named in the title, on dark paper too."""
    figure = comparison_figure(rp.compare("karabakh", "no-invasion", worlds=20, fork="2023-01"), ink=DARK)
    assert any("2023-01" in words for words, _ in words_of(figure))
    readable(figure)


def test_the_score_sheet_is_readable() -> None:
    """All rungs of the ladder are on one page, and no two texts touch."""
    readable(scoresheet_figure(rp.validate(worlds=20, uncertainty="none")))
