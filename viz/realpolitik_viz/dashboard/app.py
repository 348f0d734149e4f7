"""The application that Solara runs: the pages, each a Vue component that is sent texts and calls back."""

from collections.abc import Callable, Iterable
from inspect import Parameter, Signature
from typing import Any

import solara

from realpolitik_viz.dashboard import scenario_data as texts
from realpolitik_viz.dashboard.naming import case_of, source_text
from realpolitik_viz.dashboard.session import Session
from realpolitik_viz.dashboard.story_data import has_story
from realpolitik_viz.dashboard.view import PAGES

SORRY = "This page could not be shown. The server's log says more; other pages still work."


def component(name: str, values: Iterable[str], events: Iterable[str]) -> Callable[..., Any]:
    """Return the component of a Vue file, which Solara makes from a signature: texts, and callbacks of events."""

    def shown() -> None: ...

    by_name = Parameter.KEYWORD_ONLY
    parameters = [Parameter(value, by_name, default="") for value in values]
    parameters += [Parameter(f"event_{one}", by_name, default=None) for one in events]
    shown.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    made: Callable[..., Any] = solara.component_vue(f"widgets/{name}.vue")(shown)
    return made


Frame = component(
    "frame",
    ("view", "pages", "at", "busy", "progress", "message", "saved", "source"),
    ("go", "address", "dismiss", "toml"),
)
Missing = component("missing", ("missing", "catalogue"), ("go", "upload"))
COMPONENTS = {
    page.name: component(page.name, ("view", "failed", *page.texts, *page.parts, *page.later), ("go", *page.events))
    for page in PAGES.values()
}


@solara.component
def Page() -> None:  # noqa: N802
    """Show the head and the page of the view."""
    router = solara.use_router()
    session = solara.use_memo(lambda: Session(router.search), [])
    solara.use_effect(lambda: started(session), [])
    with solara.Div(classes=["house"]):
        Head(session)
        Body(session)


@solara.component
def Layout(children: list[Any] = []) -> None:  # noqa: B006, N802
    """Add nothing around the page."""
    solara.Div(children=children)


def started(session: Session) -> Callable[[], None]:
    """Start a session's first request; return what ends the session."""
    session.refresh()
    return session.close


@solara.component
def Head(session: Session) -> None:  # noqa: N802
    """Show the navigation and messages; the component also updates the browser's URL."""
    view = session.view.value
    Frame(
        view=texts.view_text(view, case_of(view, session.uploads)),
        pages=texts.pages_text(has_story(view.scenario, session.uploads)),
        at=texts.place_text(view, session.answered.value),
        busy=session.busy.value,
        progress=session.progress.value,
        message=session.message.value,
        saved=session.saved.value,
        source=source_text(view, session.uploads),
        event_go=session.go,
        event_address=session.address,
        event_dismiss=session.dismiss,
        event_toml=session.toml,
    )


@solara.component
def Body(session: Session) -> None:  # noqa: N802
    """Show the page of the view; an error there becomes a message."""
    error, clear = solara.use_exception()
    solara.use_effect(clear, [session.view.value.page])
    if error is not None:
        solara.Error(SORRY)
    elif session.missing.value:
        Missing(
            missing=session.missing.value,
            catalogue=texts.catalogue_text(session.uploads),
            event_go=session.go,
            event_upload=session.upload,
        )
    else:
        Content(session)


@solara.component
def Content(session: Session) -> None:  # noqa: N802
    """Send a page the texts and results that its entry in the table names, and its events to the session."""
    page = PAGES[session.view.value.page]
    view = session.view.value
    COMPONENTS[page.name](
        view=texts.view_text(view, case_of(view, session.uploads)),
        failed=session.failed.value,
        **{name: texts.TEXTS[name](session.uploads) for name in page.texts},
        **{name: session.parts[name].value for name in (*page.parts, *page.later)},
        **{f"event_{name}": getattr(session, name) for name in ("go", *page.events)},
    )
