"""All readers can distinguish the colours of figures, on light and on dark paper."""

import pytest

from realpolitik_viz import DARK, LIGHT, Ink, actor_colours
from realpolitik_viz.palette import OF_ACTORS, OF_SCENARIOS, SPARE, scenario_colours
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
    assert min(contrast(colour, ink.paper) for colour in [*OF_ACTORS.values(), *SPARE, *OF_SCENARIOS, ink.series]) >= 3
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


@pytest.mark.parametrize("eye", EYES)
def test_scenarios_are_apart_from_each_other_and_from_actors(eye: str) -> None:
    """Four scenarios differ clearly, and none can be taken for an actor."""
    assert apart(OF_SCENARIOS, eye) > 20
    pairs = [(scenario, actor) for scenario in OF_SCENARIOS for actor in [*OF_ACTORS.values(), *SPARE]]
    assert min(apart(pair, eye) for pair in pairs) > 13


def test_no_scenario_has_the_colour_of_a_named_actor() -> None:
    """Seven scenarios have different colours, none that of an actor with a colour of its own."""
    colours = list(scenario_colours([f"s{n}" for n in range(7)]).values())
    assert len(set(colours)) == 7
    assert not {*colours} & {*OF_ACTORS.values()}
