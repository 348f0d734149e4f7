"""Colours: one per actor in all figures and pages, and those of everything else.

The colours were found by a search: each has a contrast of at least 3 to 1 with white and with dark paper (WCAG 2.2,
1.4.11), and all pairs differ for readers without red or green cones. tests/window checks it.
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
"""Actors with the same colour in every scenario."""
SPARE = ("#aa3584", "#6098c3", "#be8670")
"""For other actors, in the order of the scenario, before the colours of absent ones."""
OF_SCENARIOS = ("#18755d", "#9a3bb0", "#93974f", "#b84008")
"""For the scenarios of a comparison after the first, which has the ink of series. No actor has one of them."""


@dataclass(frozen=True)
class Ink:
    """Colours of everything except actors."""

    paper: str
    text: str
    muted: str
    """Secondary text."""
    series: str
    """Lines and areas that belong to no actor."""
    faint: str
    """Lines and grids."""


LIGHT = Ink(paper="#ffffff", text="#1a1d21", muted="#5c636b", series="#4d5b69", faint="#d8dce1")
DARK = Ink(paper="#14171b", text="#e8eaed", muted="#a3abb4", series="#9fadba", faint="#373d45")


def actor_colours(actors: Iterable[str]) -> dict[str, str]:
    """Return the colour of every actor of a scenario; with more than eight actors, colours repeat.

    Parameters
    ----------
    actors
        Ids, in the order of the scenario.

    Returns
    -------
    dict of str to str
        Id -> colour as "#rrggbb".

    Examples
    --------
    >>> sorted(actor_colours(["Moscow", "Baku"]))
    ['Baku', 'Moscow']
    """
    names = list(actors)
    free = [colour for name, colour in OF_ACTORS.items() if name not in names]
    others = cycle([*SPARE, *free])
    return {name: OF_ACTORS.get(name) or next(others) for name in names}


def scenario_colours(names: Iterable[str]) -> dict[str, str]:
    """Return the colour of every scenario of a comparison after the first; never that of a named actor.

    With more than seven scenarios, colours repeat.
    """
    return dict(zip(names, cycle([*OF_SCENARIOS, *SPARE]), strict=False))
