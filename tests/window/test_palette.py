"""All readers can distinguish the colours of figures, on light and on dark paper."""

import pytest

from realpolitik_viz import DARK, LIGHT, Ink, actor_colours
from realpolitik_viz.palette import OF_ACTORS, SPARE
from window.seeing import EYES, apart, contrast


@pytest.mark.parametrize("eye", EYES)
def test_the_five_actors_are_far_apart(eye: str) -> None:
    """The colours of the five actors of the Karabakh case differ clearly, also without red or without green cones."""
    assert apart(OF_ACTORS.values(), eye) > 30


@pytest.mark.parametrize("eye", EYES)
def test_eight_actors_are_apart(eye: str) -> None:
    """Up to eight actors have colours that all readers can distinguish."""
    assert apart([*OF_ACTORS.values(), *SPARE], eye) > 20


@pytest.mark.parametrize("ink", [LIGHT, DARK], ids=["light", "dark"])
def test_everything_stands_out_from_the_paper(ink: Ink) -> None:
    """Graphics have a contrast of 3 to 1 with the paper, words one of 4.5 to 1 (WCAG 2.2)."""
    assert min(contrast(colour, ink.paper) for colour in [*OF_ACTORS.values(), *SPARE, ink.series]) >= 3
    assert min(contrast(colour, ink.paper) for colour in (ink.text, ink.muted)) >= 4.5


def test_an_actor_keeps_its_colour_in_every_company() -> None:
    """Moscow has the same colour in every scenario, and no other actor of a scenario has it."""
    colours = actor_colours(["Ankara", "Moscow", "Tehran"])
    assert colours["Moscow"] == OF_ACTORS["Moscow"]
    assert len(set(colours.values())) == 3


def test_there_is_a_colour_for_every_actor_that_a_scenario_may_have() -> None:
    """Forty actors, the most that a scenario may have, get colours, the first eight of them different ones."""
    colours = list(actor_colours([f"A{n}" for n in range(40)]).values())
    assert len(colours) == 40
    assert len(set(colours[:8])) == 8
