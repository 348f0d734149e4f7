"""Twenty readers move sliders at once for two minutes: python -m dashboard.load [SECONDS] [READERS]."""

import statistics
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import TimeoutError as Late
from playwright.sync_api import sync_playwright

import realpolitik as rp
from dashboard.browser import ARGUMENTS, Dashboard, chromium, dashboard, ready

PATH = "drivers.isolation.scale"
CULLED = {"SOLARA_KERNEL_CULL_TIMEOUT": "15s"}
"""Sessions that lost their page are given up sooner than in earnest, so that the wait for it is short."""
GONE = 30
SLIDE = """
([path, value]) => {
  const slider = document.querySelector(`[data-path="${path}"]`);
  slider.value = value;
  slider.dispatchEvent(new Event("input"));
  slider.dispatchEvent(new Event("change"));
}
"""
QUIET = "sha => document.querySelector('[data-ready-page=explore]').dataset.sha === sha"


def load(seconds: float, readers: int) -> int:
    """Put a dashboard under load; return how much went wrong."""
    with (
        TemporaryDirectory() as folder,
        dashboard(Path(folder), environment=CULLED) as served,
        sync_playwright() as driver,
    ):
        browser = driver.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        visited(browser, served, 2)
        start = settled(served)
        pages = [opened(browser, served, n) for n in range(readers)]
        moves, slowest = moved(pages, seconds)
        waits = [wait(page, value) for page, value in zip(pages, values(readers, moves), strict=True)]
        served.cable.cut()
        time.sleep(3)
        kept = sum(shows(page, value) for page, value in zip(pages, values(readers, moves), strict=True))
        most = served.memory()
        for page in pages:
            page.context.close()
        time.sleep(GONE)
        end = settled(served)
        browser.close()
    wrong = readers - kept
    say(f"{readers} readers, {seconds:.0f} s, {moves * readers} moves of sliders; slowest round {slowest:.2f} s")
    say(f"the last outcomes were there within {statistics.median(waits):.2f} s (median), {max(waits):.2f} s at most")
    say(f"{kept} of {readers} show what they asked for, also after every connection was cut")
    say(f"memory: {start:.0f} MB before, {most:.0f} MB with all there, {end:.0f} MB after they left")
    return wrong + (end > 1.3 * start + 50)


def say(line: str) -> None:
    """Print a line."""
    sys.stdout.write(f"{line}\n")


def opened(browser: Any, served: Dashboard, n: int) -> Any:
    """Open a page as a reader of one's own, with a seed of one's own."""
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    page.set_default_timeout(180_000)
    page.goto(f"{served.url}?page=explore&seed={n + 1}")
    ready(page, "explore", 180)
    page.fill("input[type=search]", PATH)
    return page


def visited(browser: Any, served: Dashboard, times: int) -> None:
    """Open and leave, so that everything is loaded before memory is looked at."""
    for n in range(times):
        opened(browser, served, n).context.close()


def settled(served: Dashboard) -> float:
    """Return the memory once nothing has changed for a while."""
    time.sleep(8)
    return served.memory()


def value_of(n: int, k: int) -> float:
    """Return the value that reader n gives in move k, a step of the slider: no two of thirty readers the same."""
    return round(rp.load("karabakh").ranges[PATH][0] + 0.01 * ((7 * n + 3 * k) % 30), 2)


def values(readers: int, moves: int) -> list[float]:
    """Return the last value of every reader."""
    return [value_of(n, moves - 1) for n in range(readers)]


def moved(pages: list[Any], seconds: float) -> tuple[int, float]:
    """Move every reader's slider, round after round; return rounds and the slowest of them."""
    end, moves, slowest = time.monotonic() + seconds, 0, 0.0
    while time.monotonic() < end:
        began = time.monotonic()
        for n, page in enumerate(pages):
            page.evaluate(SLIDE, [PATH, value_of(n, moves)])
        slowest = max(slowest, time.monotonic() - began)
        time.sleep(max(0.0, 0.5 - (time.monotonic() - began)))
        moves += 1
    return moves, slowest


def sha_of(value: float) -> str:
    """Return the hash of the scenario that a reader asked for."""
    return rp.load("karabakh", set={PATH: value}).sha256


def wait(page: Any, value: float, seconds: float = 120) -> float:
    """Wait for a reader's last outcomes; return the seconds, or say what is there instead."""
    began = time.monotonic()
    try:
        page.wait_for_function(QUIET, arg=sha_of(value), timeout=1000 * seconds)
    except Late:
        say(f"a reader who asked for {value} sees {page.url}; {page.inner_text('header')!r}")
        return seconds
    return time.monotonic() - began


def shows(page: Any, value: float) -> bool:
    """Tell whether a page is connected and shows what its reader asked for."""
    page.wait_for_selector(".v-overlay--active", state="detached", timeout=60_000)
    return bool(page.evaluate(QUIET, sha_of(value)))


if __name__ == "__main__":
    raise SystemExit(load(float([*sys.argv[1:], "120"][0]), int([*sys.argv[2:], "20"][0])))
