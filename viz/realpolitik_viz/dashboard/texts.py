"""Texts that pages are sent besides results."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from functools import lru_cache

from realpolitik.scenario import Scenario
from realpolitik_viz.dashboard.laboratory import shelf
from realpolitik_viz.dashboard.places import MODEL, OUTLINES
from realpolitik_viz.dashboard.view import View

SCROLLED = {
    "<table>": '<div class="wide-table" tabindex="0" role="region" aria-label="Table"><table>',
    "</table>": "</table></div>",
    "<pre>": '<pre tabindex="0" role="region" aria-label="As it is written">',
}
"""What may be wider than the page scrolls by itself, with a keyboard too."""


def of_view(view: View) -> str:
    """Return a view as JSON."""
    return json.dumps(asdict(view))


def of_shelf(uploads: Mapping[str, Scenario]) -> str:
    """Return the scenarios there are as JSON: the shipped ones, and this session's own."""
    own = {name: described(scenario) for name, scenario in uploads.items()}
    return json.dumps(shelf() | own) if own else stock()


@lru_cache
def stock() -> str:
    """Return the shipped scenarios as JSON."""
    return json.dumps(shelf())


def described(scenario: Scenario) -> dict[str, str | None]:
    """Say what an upload asks and what it extends."""
    meta = scenario.document["meta"]
    base = scenario.chain[1].removesuffix(".toml") if len(scenario.chain) > 1 else None
    return {"title": meta["title"], "question": meta["question"], "extends": base}


@lru_cache
def outlines() -> str:
    """Return the outlines of the map."""
    return OUTLINES.read_text(encoding="utf-8")


@lru_cache
def model() -> str:
    """Return the description of the model as HTML."""
    import markdown

    html: str = markdown.markdown(MODEL.read_text(encoding="utf-8"), extensions=["tables", "fenced_code"])
    for plain, wide in SCROLLED.items():
        html = html.replace(plain, wide)
    return html
