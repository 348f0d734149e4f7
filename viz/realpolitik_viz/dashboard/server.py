"""Starts the dashboard: Solara set up for one machine, behind the guard."""

import asyncio
import os
import socket
import sys
import threading
import warnings
from contextlib import suppress
from pathlib import Path

from realpolitik_viz.dashboard.collect import MEND, lacking
from realpolitik_viz.dashboard.freeing import keep_together
from realpolitik_viz.dashboard.guard import Guard
from realpolitik_viz.dashboard.places import ASSETS, STATIC

LONGEST_MESSAGE = 3_000_000
"""Bytes of one message from a page: an upload and room to spare."""
PATIENCE = 30
"""Seconds after which a connection without a request is closed."""
MOST_FILES = 65_536
"""Open files and connections that this process may have, if the system allows."""
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
SWITCH = 0.001
"""Seconds for which computing may keep what a page says waiting; Python's own choice is five times that."""
ROOT = "REALPOLITIK_ROOT"
"""Names the folder whose sweeps may be opened, for the pages."""


def serve(host: str = "127.0.0.1", port: int = 8765, root: str | None = None) -> None:
    """Serve the dashboard until it is interrupted; RuntimeError if it cannot."""
    if lacking():
        raise RuntimeError(f"libraries that the pages load are not here; this fetches them: {MEND}")
    prepare(root)
    import uvicorn

    sys.setswitchinterval(SWITCH)
    keep_together()
    warnings.filterwarnings("ignore", "Cookies with samesite=none")  # no page of ours is framed elsewhere
    allow_connections()
    server = uvicorn.Server(
        uvicorn.Config(
            application(host, port),
            log_level="warning",
            http=impatient(),
            ws_max_size=LONGEST_MESSAGE,
            proxy_headers=False,
            server_header=False,
        )
    )
    with listening(host, port) as listener:
        sys.stdout.write(f"The dashboard is at {address(host, port)} (Ctrl-C ends it)\n")
        server.run(sockets=[listener])


def listening(host: str, port: int) -> socket.socket:
    """Listen; RuntimeError if another program does."""
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise RuntimeError(f"cannot listen at {host}, port {port}, which may be taken: try another --port") from error


def address(host: str, port: int) -> str:
    """Return the address to open in a browser."""
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


def prepare(root: str | None) -> None:
    """Set Solara up; it reads these once, when it is imported."""
    os.environ.update({key: value for key, value in SETTINGS.items() if key != "SOLARA_KERNEL_CULL_TIMEOUT"})
    os.environ.setdefault("SOLARA_KERNEL_CULL_TIMEOUT", SETTINGS["SOLARA_KERNEL_CULL_TIMEOUT"])
    os.environ[ROOT] = str(Path(root or "sweeps").resolve())


def application(host: str, port: int) -> Guard:
    """Return the server's application, guarded."""
    from solara.server.server import read_root
    from solara.server.starlette import app

    begin()
    return Guard(app, [host], port, ASSETS, lambda: read_root("/"))


def begin() -> None:
    """Start the threads that all sessions share, outside any session's context."""
    from realpolitik_viz.dashboard.session import attend
    from realpolitik_viz.dashboard.workers import CHUNKS, LONG

    CHUNKS.start()
    LONG.start()
    threading.Thread(target=attend, name="attendance", daemon=True).start()


def impatient() -> type[asyncio.Protocol]:
    """Return uvicorn's HTTP protocol with a time limit for the first request."""
    from uvicorn.protocols.http.h11_impl import H11Protocol

    class Impatient(H11Protocol):
        """Closes a connection without a request in time."""

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self.loop.call_later(PATIENCE, self.look)

        def look(self) -> None:
            """Close if there was no request yet; a websocket has replaced the protocol by now."""
            if self.cycle is None and self.transport.get_protocol() is self:
                self.transport.close()

    return Impatient


def allow_connections() -> None:
    """Raise the limit of open files, which counts connections, as far as the system allows."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = MOST_FILES if most == resource.RLIM_INFINITY else min(most, MOST_FILES)
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
