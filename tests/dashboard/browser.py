"""A dashboard in a process of its own and a Chromium for the tests; both can reach only loopback addresses."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs
from urllib.request import urlopen

from dashboard.cutting import Cable

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
START = """
import sys
import realpolitik_viz.dashboard.server as server

port, name, root, cancel_after = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], float(sys.argv[4])
HERE = ("127.0.0.1", "localhost", "::1", None, "")

def watch(event, about):
    if event == "socket.connect" and isinstance(about[1], tuple) and about[1][0] not in HERE:
        print("FOREIGN connection", about[1], flush=True)
    if event == "socket.getaddrinfo" and about[0] not in HERE:
        print("FOREIGN name", about[0], flush=True)
    if event == "open" and "passwd" in str(about[0]):
        print("FOREIGN file", about[0], flush=True)

sys.addaudithook(watch)
made = server.application

def application(host, _):
    app = made(host, name)
    from realpolitik_viz.dashboard import session
    session.CANCEL_AFTER = cancel_after or session.CANCEL_AFTER
    return app

server.application = application
server.serve(port=port, root=root)
"""
"""Starts a dashboard that prints every foreign connection and file, behind the port that pages use."""
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")


def chromium() -> str | None:
    """Return the path of the installed Chromium, if there is one."""
    return next((path for name in CHROMIUMS if (path := shutil.which(name))), None)


def free_port() -> int:
    """Return a free port."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class Dashboard:
    """A dashboard in a process of its own."""

    def __init__(self, process: "subprocess.Popen[bytes]", cable: Cable, root: Path, log: Path) -> None:
        self.process = process
        self.cable = cable
        self.port = cable.port
        self.root = root
        self.log = log
        self.url = f"http://127.0.0.1:{self.port}/"

    def written(self, since: int = 0) -> str:
        """Return what the server has logged after the first bytes."""
        return self.log.read_bytes()[since:].decode(errors="replace")

    def memory(self) -> float:
        """Return the memory of the process in megabytes."""
        return self._status("VmRSS") / 1024

    def threads(self) -> int:
        """Return the number of threads of the process."""
        return self._status("Threads")

    def seconds(self) -> float:
        """Return the processor time of the process in seconds."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def _status(self, name: str) -> int:
        found = re.search(rf"{name}:\s+(\d+)", Path(f"/proc/{self.process.pid}/status").read_text())
        return int(found[1]) if found else 0


@contextmanager
def dashboard(
    folder: Path, cancel_after: float = 0, environment: Mapping[str, str] = {}, cable: Cable | None = None
) -> Iterator[Dashboard]:
    """Start a dashboard, and end it; requests of a disconnected page are cancelled after so many seconds.

    On the cable of another dashboard it takes the place of that one until it ends, and nothing answers until it starts.
    """
    port, root, log = free_port(), folder / "sweeps", folder / "server.log"
    root.mkdir(parents=True, exist_ok=True)
    other, cable = cable, cable or Cable(port)
    before = cable.lead_to(port)
    with log.open("wb") as out:
        command = [sys.executable, "-c", START, str(port), str(cable.port), str(root), str(cancel_after)]
        process = subprocess.Popen(command, stdout=out, stderr=out, env={**os.environ, **environment})
    try:
        wait_for(process, cable.port, log)
        yield Dashboard(process, cable, root, log)
    finally:
        if other is None:
            cable.close()
        else:
            cable.lead_to(before)
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for(process: "subprocess.Popen[bytes]", port: int, log: Path, seconds: float = 120) -> None:
    """Wait until a dashboard responds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        try:
            with urlopen(f"http://127.0.0.1:{port}/", timeout=5):
                return
        except OSError:
            time.sleep(0.3)
    raise RuntimeError(f"the dashboard did not start: {log.read_text()[-2000:]}")


class Faults:
    """Errors of a page: failed requests, foreign requests, errors of scripts."""

    def __init__(self, page: Any, url: str) -> None:
        self.found: list[str] = []
        page.on("pageerror", lambda error: self.found.append(f"script: {error}"))
        page.on("requestfailed", lambda request: self.found.append(f"failed: {request.url}"))
        page.on("response", lambda answer: self._answer(answer, url))
        page.on("console", lambda line: self.found.append(f"console: {line.text}") if line.type == "error" else None)

    def _answer(self, answer: Any, url: str) -> None:
        if answer.status >= 400 or not answer.url.startswith((url, "data:", "blob:")):
            self.found.append(f"{answer.status} {answer.url}")


def ready(page: Any, name: str, seconds: float = 60) -> None:
    """Wait until a page shows its results."""
    page.wait_for_selector(f"[data-ready-page={name}][data-ready=true]", timeout=1000 * seconds)


def page_of(query: str) -> str:
    """Return the page of a URL."""
    return parse_qs(query).get("page", ["explore"])[0]


def slide(page: Any, path: str, value: float) -> None:
    """Move a slider and release it; wait for the outcomes of the whole ensemble."""
    before = page.get_attribute("[data-ready-page=explore]", "data-sha")
    page.fill("input[type=search]", path)
    page.locator(f"[data-path='{path}']").evaluate(
        "(one, value) => { one.value = value; one.dispatchEvent(new Event('change')); }", value
    )
    page.wait_for_function(
        "before => document.querySelector('[data-ready-page=explore]').dataset.sha !== before", arg=before
    )
