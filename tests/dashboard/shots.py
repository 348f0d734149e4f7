"""Screenshots of every page, light and dark, wide and narrow: python -m dashboard.shots FOLDER."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import sync_playwright

from dashboard.browser import ARGUMENTS, chromium, dashboard, ready
from realpolitik.sweeps import sweep

VIEWS = {
    "story": "page=story&step=2",
    "explore": "page=explore&scenario=war-without-isolation",
    "world": "page=world&world=17&decision=Moscow@2024-03&month=2024-03",
    "compare": "page=compare&set=drivers.war.scale=0.5&against=karabakh&against=no-invasion",
    "sweep": "page=sweep&folder=leverage&outcome=free_exit&factor=drivers.isolation.scale",
    "evidence": "page=evidence",
    "edit": "page=edit&scenario=no-invasion",
}
VARIED = {
    "drivers.isolation.scale": (0.0, 1.1),
    "drivers.war.scale": (0.0, 1.1),
    "dependence.transit.stake": (0.3, 0.9),
}
SIZES = {"wide": (1440, 900), "narrow": (400, 860)}


def shots(target: Path) -> None:
    """Serve a dashboard and take all screenshots."""
    target.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder, dashboard(Path(folder)) as served, sync_playwright() as driver:
        sweep("karabakh", served.root / "leverage", vary=VARIED, points=320, worlds=32)
        browser = driver.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        for ink in ("light", "dark"):
            for size, (width, height) in SIZES.items():
                context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=ink)
                for name, query in VIEWS.items():
                    shot(context.new_page(), f"{served.url}?{query}", name, target / f"{name}-{ink}-{size}.png")


def shot(page: Any, url: str, name: str, file: Path) -> None:
    """Take a screenshot when the page shows its results."""
    page.goto(url)
    ready(page, name)
    page.wait_for_function("!document.querySelector('.working.on')")
    page.wait_for_selector(".pending", state="detached", timeout=120_000)
    page.wait_for_timeout(600)
    page.screenshot(path=file)
    page.close()


if __name__ == "__main__":
    shots(Path(sys.argv[1]))
