"""One colour an actor, everywhere, and the ink around it.

The colours were searched for, not picked: every one stands out from white and from dark paper by a contrast of 3 to 1
(WCAG 2.2, 1.4.11), and all pairs stay apart to an eye without red or green cones. tests/window holds them to it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import cycle

OF_ACTORS = {
    "Moscow": "#ab4232",
    "Baku": "#3398ec",
    "Yerevan": "#c68803",
    "Brussels": "#3653e9",
    "Washington": "#b38493",
}
"""Actors who keep their colour in every scenario."""
SPARE = ("#aa3584", "#6098c3", "#be8670")
"""For other actors, in the order of the scenario, before the colours of absent ones."""


@dataclass(frozen=True)
class Ink:
    """Colours of everything that is no actor."""

    paper: str
    text: str
    muted: str
    """Text of second rank."""
    series: str
    """Lines and areas that belong to nobody."""
    faint: str
    """Rules and grids."""


LIGHT = Ink(paper="#ffffff", text="#1a1d21", muted="#5c636b", series="#4d5b69", faint="#d8dce1")
DARK = Ink(paper="#14171b", text="#e8eaed", muted="#a3abb4", series="#9fadba", faint="#373d45")


def actor_colours(actors: Iterable[str]) -> dict[str, str]:
    """Return the colour of every actor of a scenario; past eight actors colours come round again."""
    names = list(actors)
    free = [colour for name, colour in OF_ACTORS.items() if name not in names]
    others = cycle([*SPARE, *free])
    return {name: OF_ACTORS.get(name) or next(others) for name in names}
