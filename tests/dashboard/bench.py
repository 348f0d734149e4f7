"""Time from the release of a slider to repainted cards, measured in the browser: python -m dashboard.bench."""

import os
import statistics
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import sync_playwright

from dashboard.browser import ARGUMENTS, chromium, dashboard, ready

PATH = "drivers.isolation.scale"
MOVES = 20
PROMISED = 300
MOVE = """
async ([path, values]) => {
  const main = document.querySelector("[data-ready-page=explore]"), before = main.dataset.sha;
  const slider = document.querySelector(`[data-path="${path}"]`);
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));
  for (const value of values) {
    await pause(60);
    slider.value = value;
    slider.dispatchEvent(new Event("input"));
  }
  await pause(30);
  const start = performance.now();
  slider.dispatchEvent(new Event("change"));
  const worlds = () => document.querySelector("[data-worlds]").innerText;
  const wanted = () => main.dataset.sha !== before && worlds().startsWith("2,000");
  return new Promise((done) => {
    const painted = () => requestAnimationFrame(() => setTimeout(() => done(performance.now() - start)));
    const watch = new MutationObserver(() => { if (wanted()) { watch.disconnect(); painted(); } });
    watch.observe(main, {attributes: true, childList: true, characterData: true, subtree: true});
  });
}
"""
"""Drags the slider over a few values, as a user does, and releases it; the clock starts at the release."""
DRAG = (-0.03, -0.02, -0.01, 0.0)
"""Values of a drag, relative to its last value."""


def bench() -> list[float]:
    """Return the milliseconds of every move."""
    with TemporaryDirectory() as folder, dashboard(Path(folder)) as served, sync_playwright() as driver:
        page = driver.chromium.launch(executable_path=chromium(), args=ARGUMENTS).new_page()
        page.goto(f"{served.url}?page=explore")
        ready(page, "explore")
        page.fill("input[type=search]", PATH)
        page.wait_for_timeout(3000)
        took = []
        for n in range(MOVES):
            took.append(page.evaluate(MOVE, [PATH, [round(0.80 + 0.01 * n + before, 2) for before in DRAG]]))
            page.wait_for_timeout(1200)
        return took


def say(line: str) -> None:
    """Print a line."""
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    took = sorted(bench())
    say(f"{MOVES} moves, 2,000 worlds, from release to repainted cards on {os.cpu_count()} cores:")
    say(f"median {statistics.median(took):.0f} ms, fastest {took[0]:.0f}, slowest {took[-1]:.0f}; promised {PROMISED}")
    raise SystemExit(statistics.median(took) > PROMISED)
