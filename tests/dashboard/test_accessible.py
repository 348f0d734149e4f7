"""Every page can be used with a keyboard, a screen reader, at any width, in the light and in the dark."""

from pathlib import Path
from typing import Any

import pytest

from dashboard.browser import ready
from realpolitik_viz.dashboard.places import STATIC
from realpolitik_viz.palette import DARK, LIGHT

axe = pytest.importorskip("axe_playwright_python", reason="needs axe-playwright-python")
QUERIES = {
    "explore": "page=explore&worlds=500&scenario=no-invasion",
    "world": "page=world&world=17&decision=Moscow@2024-03&month=2024-03",
    "compare": "page=compare&against=no-invasion&worlds=500",
    "sweep": "page=sweep",
    "evidence": "page=evidence",
}
SERIOUS = """
async () => (await axe.run(document, {resultTypes: ['violations']})).violations
  .filter((one) => ['serious', 'critical'].includes(one.impact))
  .map((one) => one.id + ': ' + one.nodes.map((node) => node.target.join(' ')).slice(0, 4).join(' | '))
"""


@pytest.mark.parametrize("ink", ["light", "dark"])
@pytest.mark.parametrize("name", QUERIES)
def test_axe_finds_nothing_serious(visit: Any, name: str, ink: str) -> None:
    """No serious violation of the guidelines for accessible pages."""
    page = visit(QUERIES[name], ink=ink)
    ready(page, name)
    page.wait_for_timeout(400)
    page.evaluate((Path(axe.__file__).parent / "axe.min.js").read_text())
    assert page.evaluate(SERIOUS) == []


@pytest.mark.parametrize("name", QUERIES)
def test_a_narrow_page_shows_everything(visit: Any, name: str) -> None:
    """At 400 pixels nothing sticks out to the side."""
    page = visit(QUERIES[name], width=400)
    ready(page, name)
    page.wait_for_timeout(400)
    assert page.evaluate("document.documentElement.scrollWidth") <= 400


def test_a_slider_moves_with_the_keyboard(visit: Any) -> None:
    """Arrow keys move the slider that has the focus, and the outcomes follow."""
    page = visit("page=explore&worlds=500")
    ready(page, "explore")
    page.fill("input[type=search]", "drivers.isolation.scale")
    page.focus("[data-path='drivers.isolation.scale']")
    page.keyboard.press("ArrowLeft")
    page.wait_for_url("**set=drivers.isolation.scale=0.99**")


def test_the_ink_is_that_of_the_figures() -> None:
    """Pages and printed figures are drawn in the same ink."""
    style = (STATIC / "custom.css").read_text()
    for ink in (LIGHT, DARK):
        for name in ("paper", "text", "muted", "series", "faint"):
            assert f"--{name}: {getattr(ink, name)};" in style
