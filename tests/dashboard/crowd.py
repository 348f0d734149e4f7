"""The wait of a new user while others run large requests: python -m dashboard.crowd [USERS].

Two users run the largest valid scenario with 10,000 worlds, and 300 idle websockets are open; how long does a new user
wait for the cards of Explore?
"""

import asyncio
import statistics
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from playwright.sync_api import sync_playwright

from dashboard.browser import ARGUMENTS, Dashboard, chromium, dashboard
from dashboard.largest import largest

IDLE = 300
PROMISED = 5.0
"""Median of the seconds until a new user has cards."""


@contextmanager
def idle(served: Dashboard, count: int, cookie: str | None = None) -> Iterator[None]:
    """Hold so many websockets open without a message; one that is closed is opened again."""
    end = threading.Event()
    opened = threading.Semaphore(0)
    thread = threading.Thread(target=lambda: asyncio.run(held(served, count, cookie, end, opened)), daemon=True)
    thread.start()
    for _ in range(count):
        opened.acquire(timeout=60)
    try:
        yield
    finally:
        end.set()
        thread.join(30)


async def held(
    served: Dashboard, count: int, cookie: str | None, end: threading.Event, opened: threading.Semaphore
) -> None:
    """Open websockets and keep them open until the end."""
    tasks = [asyncio.create_task(hold(served, cookie, opened)) for _ in range(count)]
    while not end.is_set():
        await asyncio.sleep(0.2)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def hold(served: Dashboard, cookie: str | None, opened: threading.Semaphore) -> None:
    """Keep one websocket open, each time as another user."""
    from websockets.asyncio.client import connect
    from websockets.exceptions import WebSocketException
    from websockets.typing import Origin

    host = f"127.0.0.1:{served.port}"
    first = True
    while True:
        url = f"ws://{host}/jupyter/api/kernels/{uuid4()}/channels?session_id={uuid4()}"
        headers = {"Cookie": f"solara-session-id={cookie or uuid4()}"}
        with suppress(WebSocketException, OSError, TimeoutError):
            async with connect(url, origin=Origin(f"http://{host}"), additional_headers=headers) as socket:
                opened.release()
                first = False
                await socket.wait_closed()
        if first:
            opened.release()
        await asyncio.sleep(1)


def begin_largest(browser: Any, served: Dashboard, n: int) -> Any:
    """Open a page as a new user and run the largest scenario."""
    page = browser.new_context().new_page()
    page.set_default_timeout(180_000)
    page.goto(f"{served.url}?page=explore&worlds=10000")
    page.wait_for_selector("[data-ready-page=explore][data-ready=true]")
    text = largest(f"The largest {n}").encode()
    page.set_input_files("input[type=file]", {"name": f"l{n}.toml", "mimeType": "text/plain", "buffer": text})
    page.wait_for_selector(f"h2:has-text('The largest {n}')")
    return page


def cards(browser: Any, served: Dashboard, seed: int) -> float:
    """Return the seconds until a new user has cards, with a seed that was not used before."""
    context = browser.new_context()
    page = context.new_page()
    began = time.monotonic()
    page.goto(f"{served.url}?page=explore&seed={seed}")
    page.wait_for_selector("[data-outcome] [data-p]", timeout=180_000)
    took = time.monotonic() - began
    context.close()
    return took


def crowd(users: int) -> list[float]:
    """Return how long each of some new users waits, one after the other."""
    with TemporaryDirectory() as folder, dashboard(Path(folder)) as served, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        cards(browser, served, 1)
        with idle(served, IDLE):
            others = [begin_largest(browser, served, n) for n in range(2)]
            took = []
            for n in range(users):
                took.append(cards(browser, served, n + 2))
                busy = [page.locator(".working.on").count() for page in others]
                say(f"{took[-1]:.2f} s; the others are busy: {busy}; {served.threads()} threads")
        browser.close()
    return took


def say(line: str) -> None:
    """Print a line."""
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    took = crowd(int([*sys.argv[1:], "9"][0]))
    say(f"{len(took)} new users waited {statistics.median(took):.2f} s (median), {max(took):.2f} s at most")
    raise SystemExit(statistics.median(took) > PROMISED)
