"""The page of a report in a browser: it needs no network, and nothing is cut on paper or on a telephone."""

import shutil
from pathlib import Path
from typing import Any

import pytest

import realpolitik as rp
from realpolitik_viz import report_page

SMALL = Path(__file__).parents[1] / "laboratory" / "small.toml"
WHAT_IF = (
    'extends = "case.toml"\nreason = "{0}"\nassumption = true\n[meta]\ntitle = "{0}"\n[set]\n"theory.phi" = 0.{1}\n'
)
PAPER = {"width": 680, "height": 1009}
"""Pixels of A4 within margins of 15 mm."""
SIZES = """() => [...document.images].map(i => {
    const box = i.getBoundingClientRect()
    return [i.complete && i.naturalWidth > 0, box.left, box.right, box.height,
            getComputedStyle(i.closest('figure')).breakInside, i.alt]
})"""
WIDE = "() => [document.documentElement.scrollWidth, innerWidth]"
OVER = """() => [...document.querySelectorAll('td, th, p, li, h1, h2, h3, pre')]
    .filter(e => e.getBoundingClientRect().right > innerWidth + 1).map(e => e.textContent)"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the page on a small case with many what-ifs, some of which have long names."""
    folder = tmp_path_factory.mktemp("report")
    shutil.copy(SMALL, folder / "case.toml")
    for n in range(1, 9):
        (folder / f"a-what-if-with-a-long-name-of-its-own-{n}.toml").write_text(WHAT_IF.format("W" * 10 * n, n))
    target = folder / "report.html"
    target.write_text(report_page(rp.report(folder / "case.toml", worlds=48)), encoding="utf-8")
    return target


@pytest.fixture
def opened(page: Path, browser: Any) -> Any:
    """Open the page without a network; nothing but the page itself may be requested."""
    context = browser.new_context(viewport=PAPER, offline=True, java_script_enabled=True)
    tab = context.new_page()
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    complaints: list[str] = []
    tab.on("console", lambda message: complaints.append(message.text))
    tab.goto(page.as_uri())
    yield tab
    context.close()
    assert [url for url in asked if not url.startswith("data:")] == [page.as_uri()]
    assert complaints == []


def test_no_figure_is_cut_in_print(opened: Any) -> None:
    """On A4, every figure is loaded, lies within the page, is not taller than it, and is not broken over pages."""
    opened.emulate_media(media="print")
    sizes = opened.evaluate(SIZES)
    assert len(sizes) >= 4
    for loaded, left, right, height, inside, alt in sizes:
        assert loaded, alt
        assert left >= 0, alt
        assert right <= PAPER["width"], alt
        assert height <= PAPER["height"], alt
        assert inside == "avoid", alt
    assert opened.evaluate(OVER) == []
    assert opened.pdf(format="A4").startswith(b"%PDF")


def test_the_page_fits_a_telephone(opened: Any) -> None:
    """At 360 pixels the page does not scroll sideways; wide tables do so within themselves."""
    opened.set_viewport_size({"width": 360, "height": 740})
    total, room = opened.evaluate(WIDE)
    assert total <= room
