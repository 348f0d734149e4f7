"""Every page can be used with a keyboard, a screen reader, at any width, in the light and in the dark."""

import re
from pathlib import Path
from typing import Any

import pytest

from dashboard.browser import page_of, ready
from realpolitik_viz.dashboard import tasks
from realpolitik_viz.dashboard.scenario_data import dumps
from realpolitik_viz.dashboard.server import STATIC
from realpolitik_viz.dashboard.uploads import Uploads
from realpolitik_viz.palette import DARK, LIGHT
from window.seeing import contrast

axe = pytest.importorskip("axe_playwright_python", reason="needs axe-playwright-python")
QUERIES = {
    "story": "page=story&step=5&worlds=500&set=drivers.war.scale=0",
    "explore": "page=explore&worlds=500&scenario=no-invasion",
    "world": "page=world&world=17&decision=Moscow@2024-03&month=2024-03&against=no-invasion",
    "compare": "page=compare&against=no-invasion&worlds=500",
    "sweep": "page=sweep&folder=leverage&outcome=withdrawal",
    "no sweep": "page=sweep",
    "evidence": "page=evidence",
    "claims": "page=evidence&tab=claims",
    "model": "page=evidence&tab=model",
    "edit": "page=edit&scenario=no-invasion",
}
SERIOUS = """
async (rules) => (await axe.run(document, {resultTypes: ['violations'], ...rules})).violations
  .filter((one) => ['serious', 'critical'].includes(one.impact))
  .map((one) => one.id + ': ' + one.nodes.map((node) => node.target.join(' ')).slice(0, 4).join(' | '))
"""


FILL = """
(sheet) => {
  const all = (one) => [one, ...one.$children.flatMap(all)];
  const root = document.querySelector("[data-app]").__vue__ || document.querySelector("#app").__vue__;
  all(root).find((one) => one.validate).score = sheet;
}
"""
"""Shows a score sheet, as if the server had sent it."""


def accessible(page: Any) -> None:
    """Check a page: no serious violation of the guidelines, light or dark; no overflow at 400 pixels."""
    page.evaluate((Path(axe.__file__).parent / "axe.min.js").read_text())
    assert page.evaluate(SERIOUS, {}) == []
    page.emulate_media(color_scheme="dark")
    page.wait_for_selector("html[data-ink=dark]")
    assert page.evaluate(SERIOUS, {"runOnly": ["color-contrast"]}) == []
    page.set_viewport_size({"width": 400, "height": 860})
    page.wait_for_timeout(300)
    assert page.evaluate("document.documentElement.scrollWidth") <= 400


@pytest.mark.usefixtures("swept")
@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_a_page_is_accessible(visit: Any, query: str) -> None:
    """No serious violation of the guidelines, light or dark, where only contrast differs; no overflow at 400 pixels."""
    page = visit(query)
    ready(page, page_of(query))
    accessible(page)


def test_a_filled_score_sheet_is_accessible(visit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A score sheet with checks, tables of forecasters and its figure has no serious violation either."""
    monkeypatch.setattr(tasks, "SCORED", 4)
    sheet = tasks.scored("transnistria", Uploads(), lambda: True)
    assert sheet["checks"]
    assert sheet["scores"]
    page = visit("page=evidence&tab=score&scenario=transnistria")
    ready(page, "evidence")
    page.evaluate(FILL, dumps(sheet))
    page.wait_for_selector("[data-contest]")
    page.wait_for_selector("img.sheet")
    accessible(page)


def test_every_step_of_the_story_is_accessible(visit: Any) -> None:
    """No step has a serious violation: with a chart, a decision, a lever, or none."""
    page = visit("page=story&worlds=500")
    ready(page, "story")
    page.evaluate((Path(axe.__file__).parent / "axe.min.js").read_text())
    steps = page.locator(".turns li button").count()
    assert steps >= 5
    for n in range(steps):
        page.locator(".turns li button").nth(n).click()
        page.wait_for_selector(f".turns li:nth-child({n + 1}) button[aria-current]")
        assert page.evaluate(SERIOUS, {}) == [], n


def test_a_slider_moves_with_the_keyboard(visit: Any) -> None:
    """Arrow keys move the focused slider, and the view changes."""
    page = visit("page=explore&worlds=500")
    ready(page, "explore")
    page.fill("input[type=search]", "drivers.isolation.scale")
    page.focus("[data-path='drivers.isolation.scale']")
    page.keyboard.press("ArrowLeft")
    page.wait_for_url("**set=drivers.isolation.scale=0.99**")


def test_pages_and_figures_have_the_same_colours() -> None:
    """Pages and printed figures have the same colours."""
    style = (STATIC / "custom.css").read_text()
    for ink in (LIGHT, DARK):
        for name in ("paper", "text", "muted", "series", "faint"):
            assert f"--{name}: {getattr(ink, name)};" in style


def test_outlines_of_the_map_stand_out() -> None:
    """Coasts and borders have a contrast of 3 to 1 with the land and the sea, light and dark (WCAG 2.2, 1.4.11)."""
    blocks = (STATIC / "custom.css").read_text(encoding="utf-8").split(":root")[1:3]
    for block in blocks:
        inks = dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", block))
        assert min(contrast(inks["edge"], inks[ground]) for ground in ("land", "sea")) >= 3


PHONE = """
() => {
  const box = (one) => one.getBoundingClientRect();
  const all = (selector) => [...document.querySelectorAll(selector)].map(box);
  return {
    rows: new Set(all("nav[aria-label=Pages] a").map((one) => one.top)).size,
    least: Math.min(...all(".downloads button").flatMap((one) => [one.width, one.height])),
    chart: Math.max(...all(".story .chart [role=img]").map((one) => one.bottom)),
    bar: Math.min(...all(".turns").map((one) => one.top)),
  };
}
"""
"""Rows of the navigation, the least side of a download, the end of the story's chart, and the bar of steps."""


def test_a_phone_shows_the_chart_of_the_story_at_once(visit: Any) -> None:
    """At 400 pixels the pages are one row, a chart is whole above the bar of steps, and downloads are easy to hit."""
    page = visit("page=story&step=2&worlds=500", width=400)
    ready(page, "story")
    page.wait_for_selector(".chart svg text:has-text('Baku over Moscow')")
    seen = page.evaluate(PHONE)
    assert seen["rows"] == 1
    assert seen["least"] >= 24
    assert seen["chart"] <= seen["bar"]
