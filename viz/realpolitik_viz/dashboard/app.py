"""The dashboard's pages, as Solara runs them."""

from collections.abc import Callable
from typing import Any

import solara

from realpolitik_viz.dashboard import texts, widgets
from realpolitik_viz.dashboard.session import Session
from realpolitik_viz.dashboard.view import query_of

SORRY = "This page could not be shown. The server's log says more; other pages still work."


@solara.component
def Page() -> None:  # noqa: N802
    """Compose the head and the page of the view."""
    router = solara.use_router()
    session = solara.use_memo(lambda: Session(router.search), [])
    solara.use_effect(lambda: begun(session), [])
    with solara.Div(classes=["house"]):
        Head(session)
        Body(session)


@solara.component
def Layout(children: list[Any] = []) -> None:  # noqa: B006, N802
    """Add nothing around the page."""
    solara.Div(children=children)


def begun(session: Session) -> Callable[[], None]:
    """Start a session's first work; return what ends it."""
    session.refresh()
    return session.close


@solara.component
def Head(session: Session) -> None:  # noqa: N802
    """Show where the reader is, and keep the address."""
    view = session.view.value
    widgets.Frame(
        view=texts.of_view(view),
        address=query_of(view),
        busy=session.busy.value,
        message=session.message.value,
        saved=session.saved.value,
        event_go=session.go,
        event_address=session.address,
        event_dismiss=session.dismiss,
    )


@solara.component
def Body(session: Session) -> None:  # noqa: N802
    """Show the page of the view; a failure there becomes a message."""
    error, clear = solara.use_exception()
    solara.use_effect(clear, [session.view.value.page])
    if error is not None:
        solara.Error(SORRY)
    else:
        PAGES[session.view.value.page](session)


@solara.component
def ExplorePage(session: Session) -> None:  # noqa: N802
    """Show many worlds."""
    widgets.Explore(
        view=texts.of_view(session.view.value),
        shelf=texts.of_shelf(session.uploads.scenarios),
        outlines=texts.outlines(),
        **{name: session.shown[name].value for name in ("levers", "cards", "base", "fans", "basefans")},
        event_go=session.go,
        event_preview=session.preview,
        event_upload=session.upload,
        event_toml=session.toml,
    )


@solara.component
def EvidencePage(session: Session) -> None:  # noqa: N802
    """Show what it all stands on."""
    widgets.Evidence(
        view=texts.of_view(session.view.value),
        shelf=texts.of_shelf(session.uploads.scenarios),
        claims=session.shown["claims"].value,
        model=texts.model(),
        score=session.shown["score"].value,
        event_go=session.go,
        event_validate=session.score,
    )


@solara.component
def WorldPage(session: Session) -> None:  # noqa: N802
    """Show one world."""
    widgets.World(
        view=texts.of_view(session.view.value),
        shelf=texts.of_shelf(session.uploads.scenarios),
        outlines=texts.outlines(),
        **{name: session.shown[name].value for name in ("levers", "story", "flip")},
        event_go=session.go,
    )


@solara.component
def ComparePage(session: Session) -> None:  # noqa: N802
    """Show scenarios side by side."""
    widgets.Compare(
        view=texts.of_view(session.view.value),
        shelf=texts.of_shelf(session.uploads.scenarios),
        **{name: session.shown[name].value for name in ("levers", "comparison")},
        event_go=session.go,
    )


@solara.component
def SweepPage(session: Session) -> None:  # noqa: N802
    """Show many settings of a few numbers."""
    widgets.Sweep(
        view=texts.of_view(session.view.value),
        **{name: session.shown[name].value for name in ("levers", "sweeps", "sweep", "task")},
        event_go=session.go,
        event_start=session.sweep,
        event_cancel=session.cancel,
        event_row=session.row,
    )


PAGES = {
    "explore": ExplorePage,
    "world": WorldPage,
    "compare": ComparePage,
    "sweep": SweepPage,
    "evidence": EvidencePage,
}
