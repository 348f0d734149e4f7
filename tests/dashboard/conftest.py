"""One dashboard and one browser, shared by all tests that need them."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from dashboard.browser import ARGUMENTS, Dashboard, Faults, chromium, dashboard
from realpolitik.sweeps import Sweep, sweep
from realpolitik_viz.dashboard.collect import RETRY, missing

pytest.importorskip("solara", reason="needs the extra `viz`")
Open = Callable[..., Any]


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    """Serve one dashboard for the session."""
    if missing():
        pytest.skip(f"the libraries of the pages are missing: {RETRY}")
    with dashboard(tmp_path_factory.mktemp("dashboard")) as one:
        yield one


@pytest.fixture(scope="session")
def swept(served: Dashboard) -> Sweep:
    """Run a sweep under the root of the dashboard."""
    vary = {"drivers.isolation.scale": (0.0, 1.1), "drivers.war.scale": (0.0, 1.1)}
    return sweep("karabakh", served.root / "leverage", vary=vary, points=48, worlds=8, theory="capability", seed=5)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Run one Chromium for the session."""
    playwright = pytest.importorskip("playwright.sync_api", reason="needs Playwright")
    path = chromium()
    if path is None:
        pytest.skip("no Chromium is installed")
    with playwright.sync_playwright() as driver:
        one = driver.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield one
        one.close()


@pytest.fixture
def visit(served: Dashboard, browser: Any) -> Iterator[Open]:
    """Open pages, each as a user of its own; no error may occur in any of them."""
    contexts, faults = [], []

    def opened(query: str = "", width: int = 1280, ink: str = "light", faultless: bool = True) -> Any:
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=ink, accept_downloads=True)
        page = context.new_page()
        contexts.append(context)
        if faultless:
            faults.append(Faults(page, served.url))
        page.goto(f"{served.url}?{query}")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert [fault for one in faults for fault in one.found] == []


class Elsewhere(list[bytes]):
    """What another server on this machine was sent."""

    url = ""


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    """Listen on another port, and keep what arrives."""
    heard = Elsewhere()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        heard.url = f"http://127.0.0.1:{listener.getsockname()[1]}/"

        def listen() -> None:
            with suppress(OSError):
                while True:
                    one, _ = listener.accept()
                    with one:
                        heard.append(one.recv(100))

        threading.Thread(target=listen, daemon=True).start()
        yield heard
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
