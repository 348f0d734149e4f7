"""The caption of a figure says where the numbers of its worlds come from."""

from pathlib import Path

import pytest

import realpolitik as rp
from realpolitik.choices import Uncertainty
from realpolitik_viz import (
    audit_figure,
    comparison_figure,
    ensemble_figure,
    scoresheet_figure,
    story_figure,
    tornado_figure,
)
from realpolitik_viz.captions import caption_of_scenario, caption_of_story
from window.seeing import score_sheet, words_of

SMALL = Path(__file__).parents[1] / "laboratory" / "small.toml"
SAID: dict[Uncertainty, str] = {
    "none": "numbers as in the scenario",
    "prior": "numbers drawn from their ranges",
    "posterior": "numbers drawn from the posterior",
}


@pytest.mark.parametrize("uncertainty", SAID)
def test_a_caption_names_the_uncertainty(uncertainty: Uncertainty) -> None:
    """An ensemble, a comparison and a world name the scenario, the prior or the posterior."""
    figures = [
        ensemble_figure(rp.run("karabakh", worlds=20, uncertainty=uncertainty)),
        comparison_figure(rp.compare("karabakh", "no-invasion", worlds=20, uncertainty=uncertainty)),
        story_figure(rp.explain("karabakh", world=3, uncertainty=uncertainty, flips=False)),
    ]
    for figure in figures:
        written = " ".join(words for words, _ in words_of(figure))
        assert [words for words in SAID.values() if words in written] == [SAID[uncertainty]]


def test_a_caption_names_what_was_set() -> None:
    """An ensemble, a world and a tornado name what `--set` changed; of many settings, three and how many more."""
    changes = {"drivers.isolation.scale": 0.0, "theory.phi": "0.5@2024-04", "theory.weights": "capability"}
    figures = [
        ensemble_figure(rp.run("karabakh", worlds=20, set=changes)),
        story_figure(rp.explain("karabakh", world=3, set=changes, flips=False)),
        tornado_figure(rp.tornado(SMALL, "later_toll", worlds=20, set={"moves.sell.cost": 0.5})),
    ]
    said = ["karabakh with drivers.isolation.scale=0.0, theory.phi=0.5@2024-04,"] * 2 + [
        "small with moves.sell.cost=0.5,"
    ]
    for figure, settings in zip(figures, said, strict=True):
        assert settings in " ".join(words for words, _ in words_of(figure))
    assert caption_of_scenario("x", "0" * 64, [f"a.b{n}=1" for n in range(5)]) == (
        "Scenario x with a.b0=1, a.b1=1, a.b2=1, 2 more settings, sha256 000000000000"
    )


def test_score_sheets_and_audits_name_it_too() -> None:
    """A score sheet and an audit use the same words."""
    sheet = scoresheet_figure(score_sheet())
    audit = audit_figure(rp.audit("karabakh", "withdrawal", worlds=8, permutations=2, uncertainty="none"))
    for figure in (sheet, audit):
        assert any(SAID["none"] in words for words, _ in words_of(figure))


def test_the_caption_of_a_row_names_its_numbers(tmp_path: Path) -> None:
    """The world of a row of a sweep has the numbers of the row, and the others as in the scenario."""
    swept = rp.sweep("karabakh", tmp_path / "swept", vary={"drivers.war.scale": (0.2, 0.6)}, points=4, worlds=2)
    story = swept.explain(3, flips=False)
    value = swept.place(3).values["drivers.war.scale"]
    caption = caption_of_story(story)
    assert f"{SAID['none']}, but for those of one row of a sweep: drivers.war.scale={value:g}" in caption
    assert "ranges" not in caption
