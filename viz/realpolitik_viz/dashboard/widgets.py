"""Vue components: each is sent values, most of them one JSON text, and calls back with what the reader did."""

from collections.abc import Callable
from typing import Any

import solara

Callback = Callable[[Any], None]


@solara.component_vue("widgets/frame.vue")
def Frame(  # noqa: N802
    view: str = "",
    address: str = "",
    busy: bool = False,
    message: str = "",
    saved: str = "",
    event_go: Callback | None = None,
    event_address: Callback | None = None,
    event_dismiss: Callback | None = None,
) -> None:
    """Show the head of every page, which also keeps the browser's address."""


@solara.component_vue("widgets/explore.vue")
def Explore(  # noqa: N802
    view: str = "",
    shelf: str = "",
    outlines: str = "",
    levers: str = "",
    cards: str = "",
    base: str = "",
    fans: str = "",
    basefans: str = "",
    event_go: Callback | None = None,
    event_preview: Callback | None = None,
    event_upload: Callback | None = None,
    event_toml: Callback | None = None,
) -> None:
    """Show many worlds: sliders, outcomes, fans, map and network."""


@solara.component_vue("widgets/evidence.vue")
def Evidence(  # noqa: N802
    view: str = "",
    shelf: str = "",
    claims: str = "",
    model: str = "",
    score: str = "",
    event_go: Callback | None = None,
    event_validate: Callback | None = None,
) -> None:
    """Show the register of claims, the score sheet, and the model's description."""


@solara.component_vue("widgets/world.vue")
def World(  # noqa: N802
    view: str = "",
    shelf: str = "",
    outlines: str = "",
    levers: str = "",
    story: str = "",
    flip: str = "",
    event_go: Callback | None = None,
) -> None:
    """Show one world: its chronicle, and why each decision was taken."""


@solara.component_vue("widgets/compare.vue")
def Compare(  # noqa: N802
    view: str = "",
    shelf: str = "",
    levers: str = "",
    comparison: str = "",
    event_go: Callback | None = None,
) -> None:
    """Show two or three scenarios over the same worlds."""


@solara.component_vue("widgets/sweep.vue")
def Sweep(  # noqa: N802
    view: str = "",
    levers: str = "",
    sweeps: str = "",
    sweep: str = "",
    task: str = "",
    event_go: Callback | None = None,
    event_start: Callback | None = None,
    event_cancel: Callback | None = None,
    event_row: Callback | None = None,
) -> None:
    """Show a folder of results: scatter, what matters, boxes; and small sweeps of one's own."""
