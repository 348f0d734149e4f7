"""A dashboard of its own and a Chromium for the tests, both without any network but loopback."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
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

port, name, root = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
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
server.application = lambda host, _: made(host, name)
server.serve(port=port, root=root)
"""
"""Starts a dashboard that tells of every foreign connection and file, and answers to the port that pages know it by."""
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")


def chromium() -> str | None:
    """Return the path of a Chromium that is installed."""
    return next((path for name in CHROMIUMS if (path := shutil.which(name))), None)


def free_port() -> int:
    """Return a port that nobody listens on."""
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
        """Return what the server wrote into its log, but for the first bytes."""
        return self.log.read_bytes()[since:].decode(errors="replace")

    def memory(self) -> float:
        """Return the megabytes that the process holds."""
        return self._status("VmRSS") / 1024

    def threads(self) -> int:
        """Return the threads that the process has."""
        return self._status("Threads")

    def seconds(self) -> float:
        """Return the processor time that the process has taken."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def _status(self, name: str) -> int:
        found = re.search(rf"{name}:\s+(\d+)", Path(f"/proc/{self.process.pid}/status").read_text())
        return int(found[1]) if found else 0


@contextmanager
def dashboard(folder: Path, **environment: str) -> Iterator[Dashboard]:
    """Start a dashboard, and end it."""
    port, root, log = free_port(), folder / "sweeps", folder / "server.log"
    root.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as out:
        cable = Cable(port)
        command = [sys.executable, "-c", START, str(port), str(cable.port), str(root)]
        process = subprocess.Popen(command, stdout=out, stderr=out, env={**os.environ, **environment})
    try:
        wait_for(process, cable.port, log)
        yield Dashboard(process, cable, root, log)
    finally:
        cable.close()
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for(process: "subprocess.Popen[bytes]", port: int, log: Path, seconds: float = 120) -> None:
    """Wait until a dashboard answers."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        try:
            with urlopen(f"http://127.0.0.1:{port}/", timeout=5):
                return
        except OSError:
            time.sleep(0.3)
    raise RuntimeError(f"the dashboard did not start: {log.read_text()[-2000:]}")


class Faults:
    """Whatever goes wrong in a page: failed requests, foreign requests, errors of scripts."""

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
    """Wait until a page shows what it computed."""
    page.wait_for_selector(f"[data-ready-page={name}][data-ready=true]", timeout=1000 * seconds)


def page_of(query: str) -> str:
    """Name the page of an address."""
    return parse_qs(query).get("page", ["explore"])[0]


def slide(page: Any, path: str, value: float) -> None:
    """Move a slider and let it go; wait for the outcomes of the whole ensemble."""
    before = page.get_attribute("[data-ready-page=explore]", "data-sha")
    page.fill("input[type=search]", path)
    page.locator(f"[data-path='{path}']").evaluate(
        "(one, value) => { one.value = value; one.dispatchEvent(new Event('change')); }", value
    )
    page.wait_for_function(
        "before => document.querySelector('[data-ready-page=explore]').dataset.sha !== before", arg=before
    )
