"""Twenty users move sliders at the same time for two minutes: python -m dashboard.load [SECONDS] [USERS]."""

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
"""Disconnected sessions are closed sooner than by default, so that the test is short."""
GONE = 30
SLIDE = """
([path, value]) => {
  const slider = document.querySelector(`[data-path="${path}"]`);
  slider.value = value;
  slider.dispatchEvent(new Event("input"));
  slider.dispatchEvent(new Event("change"));
}
"""
QUIET = "sha => document.querySelector('[data-ready-page=explore]')?.dataset.sha === sha"


def load(seconds: float, users: int) -> int:
    """Put a dashboard under load; return the number of errors."""
    with (
        TemporaryDirectory() as folder,
        dashboard(Path(folder), environment=CULLED) as served,
        sync_playwright() as driver,
    ):
        browser = driver.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        visited(browser, served, 2)
        start = settled(served)
        pages = [opened(browser, served, n) for n in range(users)]
        moves, slowest = moved(pages, seconds)
        waits = [wait(page, value) for page, value in zip(pages, values(users, moves), strict=True)]
        served.cable.cut()
        time.sleep(3)
        kept = sum(shows(page, value) for page, value in zip(pages, values(users, moves), strict=True))
        most = served.memory()
        for page in pages:
            page.context.close()
        time.sleep(GONE)
        end = settled(served)
        browser.close()
    wrong = users - kept
    say(f"{users} users, {seconds:.0f} s, {moves * users} moves of sliders; slowest round {slowest:.2f} s")
    say(f"the last outcomes were shown within {statistics.median(waits):.2f} s (median), {max(waits):.2f} s at most")
    say(f"{kept} of {users} show their last outcomes, also after all connections were dropped")
    say(f"memory: {start:.0f} MB before, {most:.0f} MB with all open, {end:.0f} MB after they were closed")
    return wrong + (end > 1.3 * start + 50)


def say(line: str) -> None:
    """Print a line."""
    sys.stdout.write(f"{line}\n")


def opened(browser: Any, served: Dashboard, n: int) -> Any:
    """Open a page as a new user, with a seed of its own."""
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    page.set_default_timeout(180_000)
    page.goto(f"{served.url}?page=explore&seed={n + 1}")
    ready(page, "explore", 180)
    page.fill("input[type=search]", PATH)
    return page


def visited(browser: Any, served: Dashboard, times: int) -> None:
    """Open and close pages, so that everything is loaded before memory is measured."""
    for n in range(times):
        opened(browser, served, n).context.close()


def settled(served: Dashboard) -> float:
    """Return the memory after a pause."""
    time.sleep(8)
    return served.memory()


def value_of(n: int, k: int) -> float:
    """Return the value that user n sets in move k, a step of the slider; it differs between any thirty users."""
    return round(rp.load("karabakh").ranges[PATH][0] + 0.01 * ((7 * n + 3 * k) % 30), 2)


def values(users: int, moves: int) -> list[float]:
    """Return the last value of every user."""
    return [value_of(n, moves - 1) for n in range(users)]


def moved(pages: list[Any], seconds: float) -> tuple[int, float]:
    """Move the slider of every user, round after round; return the rounds and the seconds of the slowest."""
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
    """Return the hash of the scenario with a value; at its own value the number is not changed."""
    base = rp.load("karabakh")
    return base.sha256 if value == base.numbers[PATH] else base.set({PATH: value}).sha256


def wait(page: Any, value: float, seconds: float = 120) -> float:
    """Wait for the last outcomes of a user; return the seconds, or print what the page shows instead."""
    began = time.monotonic()
    try:
        page.wait_for_function(QUIET, arg=sha_of(value), timeout=1000 * seconds)
    except Late:
        say(f"a user who set {value} sees {page.url}; {page.inner_text('header')!r}")
        return seconds
    return time.monotonic() - began


def shows(page: Any, value: float) -> bool:
    """Return whether a page connects again, which may reload it, and shows the outcomes of a value."""
    page.wait_for_selector(".v-overlay--active", state="detached", timeout=60_000)
    return wait(page, value, 60) < 60


if __name__ == "__main__":
    raise SystemExit(load(float([*sys.argv[1:], "120"][0]), int([*sys.argv[2:], "20"][0])))
