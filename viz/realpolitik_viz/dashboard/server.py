"""Starts the dashboard: Solara set up for one machine, behind the guard."""

import os
import socket
import sys
import threading
import warnings
from pathlib import Path

from realpolitik_viz.dashboard.collect import MEND, lacking
from realpolitik_viz.dashboard.freeing import keep_together
from realpolitik_viz.dashboard.guard import Guard
from realpolitik_viz.dashboard.places import ASSETS, STATIC

LONGEST_MESSAGE = 3_000_000
"""Bytes of one message from a page: an upload and room to spare."""
PATIENCE = 120
"""Seconds after which a page that does not answer is taken for lost; a busy machine may be silent for a while."""
SETTINGS = {
    "SOLARA_APP": "realpolitik_viz.dashboard.app",
    "SOLARA_ASSETS_PROXY_CACHE_DIR": str(ASSETS),
    "SOLARA_ASSETS_EXTRA_LOCATIONS": str(STATIC),
    "SOLARA_ASSETS_FONTAWESOME_ENABLED": "false",
    "SOLARA_ASSETS_CDN": "http://127.0.0.1:9/",
    "SOLARA_TELEMETRY_MIXPANEL_ENABLE": "false",
    "SOLARA_KERNEL_CULL_TIMEOUT": "3m",
    "SOLARA_KERNEL_MAX_COUNT": "200",
    "SOLARA_KERNEL_MAX_PER_SESSION": "40",
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
    server = uvicorn.Server(
        uvicorn.Config(application(host, port), log_level="warning", ws_max_size=LONGEST_MESSAGE, server_header=False)
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
    from solara.server.starlette import app

    begin()
    return Guard(app, [host], port, ASSETS)


def begin() -> None:
    """Start the threads that all sessions share, outside of any of them."""
    from realpolitik_viz.dashboard.session import attend
    from realpolitik_viz.dashboard.workers import CHUNKS, LONG

    CHUNKS.start()
    LONG.start()
    threading.Thread(target=attend, name="attendance", daemon=True).start()
