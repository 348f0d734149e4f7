"""Starts the dashboard: Solara configured for one machine, behind the access control."""

import asyncio
import os
import socket
import sys
import threading
import warnings
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from realpolitik_viz.dashboard import ROOT_VARIABLE
from realpolitik_viz.dashboard.access import AccessControl
from realpolitik_viz.dashboard.catalogue import OWN
from realpolitik_viz.dashboard.collect import ASSETS, RETRY, missing
from realpolitik_viz.dashboard.resources import limit_arenas
from realpolitik_viz.dashboard.view import View, query_of

STATIC = Path(__file__).parent / "static"
"""Our own scripts and styles."""
LONGEST_MESSAGE = 3_000_000
"""Bytes of one message from a page: more than an upload has."""
REQUEST_TIMEOUT = 30
"""Seconds after which a connection without a request is closed."""
MOST_FILES = 65_536
"""Open files and connections of this process, if the system allows as many."""
SETTINGS = {
    "SOLARA_APP": "realpolitik_viz.dashboard.app",
    "SOLARA_ASSETS_PROXY_CACHE_DIR": str(ASSETS),
    "SOLARA_ASSETS_EXTRA_LOCATIONS": str(STATIC),
    "SOLARA_ASSETS_FONTAWESOME_ENABLED": "false",
    "SOLARA_ASSETS_CDN": "http://127.0.0.1:9/",
    "SOLARA_TELEMETRY_MIXPANEL_ENABLE": "false",
    "SOLARA_KERNEL_CULL_TIMEOUT": "3m",
    "SOLARA_KERNEL_MAX_COUNT": "200",
    "SOLARA_ROOT_PATH": "",
    "SOLARA_SESSION_HTTP_ONLY": "true",
    "SOLARA_SESSION_SAME_SITE": "strict",
    "SOLARA_THEME_LOADER": "plain",
    "SOLARA_THEME_TITLE": "realpolitik",
    "SOLARA_THEME_SHOW_BANNER": "false",
}
SWITCH_INTERVAL = 0.001
"""Seconds for which a computing thread can delay messages of pages; Python's default is five times as long."""


def serve(host: str = "127.0.0.1", port: int = 8765, root: str | None = None, files: Sequence[str] = ()) -> None:
    """Serve the dashboard, with scenario files too, until it is interrupted; RuntimeError if it cannot."""
    names = OWN.open(files)
    if missing():
        raise RuntimeError(f"the libraries of the pages are missing; to fetch them: {RETRY}")
    prepare(root)
    run(host, port, query_of(View(scenario=names[0])) if names else "")


def run(host: str, port: int, first: str) -> None:
    """Run the server, and print the address of its first page, which shows a query."""
    import uvicorn

    sys.setswitchinterval(SWITCH_INTERVAL)
    limit_arenas()
    warnings.filterwarnings("ignore", "Cookies with samesite=none")  # no other page frames ours
    allow_connections()
    server = uvicorn.Server(
        uvicorn.Config(
            application(host, port),
            log_level="warning",
            http=protocol(),
            ws_max_size=LONGEST_MESSAGE,
            proxy_headers=False,
            server_header=False,
        )
    )
    with listening(host, port) as listener:
        sys.stdout.write(f"The dashboard is at {address(host, port)}{'?' if first else ''}{first} (Ctrl-C ends it)\n")
        sys.stdout.flush()
        server.run(sockets=[listener])


def listening(host: str, port: int) -> socket.socket:
    """Return a listening socket; RuntimeError if the port is in use."""
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise RuntimeError(f"cannot listen at {host}, port {port}, which may be in use: try another --port") from error


def address(host: str, port: int) -> str:
    """Return the address to open in a browser."""
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


def prepare(root: str | None) -> None:
    """Configure Solara, which reads these variables once, when it is imported."""
    os.environ.update({key: value for key, value in SETTINGS.items() if key != "SOLARA_KERNEL_CULL_TIMEOUT"})
    os.environ.setdefault("SOLARA_KERNEL_CULL_TIMEOUT", SETTINGS["SOLARA_KERNEL_CULL_TIMEOUT"])
    os.environ[ROOT_VARIABLE] = str(Path(root or "sweeps").resolve())


def application(host: str, port: int) -> AccessControl:
    """Return the server's application, behind the access control."""
    from solara.server.server import read_root
    from solara.server.starlette import app

    start_threads()
    return AccessControl(app, [host], port, ASSETS, lambda: read_root("/"))


def start_threads() -> None:
    """Start the threads that all sessions share, outside the context of any session."""
    from realpolitik_viz.dashboard.session import check_connections
    from realpolitik_viz.dashboard.workers import CHUNKS, LONG

    CHUNKS.start()
    LONG.start()
    threading.Thread(target=check_connections, name="connections", daemon=True).start()


def protocol() -> type[asyncio.Protocol]:
    """Return uvicorn's HTTP protocol with a time limit for the first request."""
    from uvicorn.protocols.http.h11_impl import H11Protocol

    class TimedProtocol(H11Protocol):
        """Closes a connection on which no request came in time."""

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self.loop.call_later(REQUEST_TIMEOUT, self.check)

        def check(self) -> None:
            """Close if there was no request; a websocket has replaced the protocol by now."""
            if self.cycle is None and self.transport.get_protocol() is self:
                self.transport.close()

    return TimedProtocol


def allow_connections() -> None:
    """Raise the limit of open files, which counts connections, as far as the system allows."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        files = MOST_FILES if most == resource.RLIM_INFINITY else min(most, MOST_FILES)
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, most))
