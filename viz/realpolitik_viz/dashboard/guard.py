"""Stands before the server: only this machine's own pages may speak to it, and nothing is fetched from elsewhere."""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Any, Send], Awaitable[None]]
LIBRARIES = "/_solara/cdn/"
CLOSED = ("/resourcez", "/_solara/auth", "/_solara/api/evict")
LONGEST_QUERY = 32_000
LOOPBACK = ("127.0.0.1", "localhost", "::1")
HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (
        b"content-security-policy",
        b"default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
        b"img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' ws: wss:; frame-ancestors 'none'; "
        b"base-uri 'self'; form-action 'none'",
    ),
]
"""Pages may load from here only; Vue compiles its templates in the page, which needs eval."""


class Guard:
    """Refuses foreign hosts and origins, libraries that are not shipped, and addresses without end."""

    def __init__(self, app: App, hosts: Iterable[str], port: int, libraries: Path) -> None:
        self.app = app
        self.hosts = {f"[{host}]" if ":" in host else host for host in (*LOOPBACK, *hosts)}
        self.port = port
        self.libraries = libraries.resolve()

    async def __call__(self, scope: Scope, receive: Any, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif problem := self.problem(scope):
            await refuse(scope, send, *problem)
        else:
            await self.app(scope, receive, with_headers(send))

    def problem(self, scope: Scope) -> tuple[int, str] | None:
        """Say why a request is refused, if it is."""
        headers = {key.decode("latin-1").lower(): value.decode("latin-1") for key, value in scope["headers"]}
        if not self.ours(headers.get("host", "")):
            return 421, "This dashboard does not answer to that name."
        origin = headers.get("origin")
        if origin is not None and not self.ours(urlsplit(origin).netloc):
            return 403, "Pages from elsewhere may not speak to this dashboard."
        if scope["type"] == "websocket" and origin is None:
            return 403, "A websocket must say where its page comes from."
        if len(scope.get("query_string", b"")) > LONGEST_QUERY:
            return 414, "The address is too long."
        return self.missing(scope["path"])

    def ours(self, netloc: str) -> bool:
        """Tell whether a host, with its port, is one of ours."""
        return netloc.lower() in {f"{host}:{self.port}" for host in self.hosts}

    def missing(self, path: str) -> tuple[int, str] | None:
        """Refuse what is closed, and libraries that are not shipped, which would be fetched from elsewhere."""
        if path.startswith(CLOSED):
            return 404, "There is nothing here."
        if not path.startswith(LIBRARIES):
            return None
        file = (self.libraries / unquote(path.removeprefix(LIBRARIES))).resolve()
        shipped = file.is_relative_to(self.libraries) and file.is_file()
        return None if shipped else (404, "That library is not shipped.")


def with_headers(send: Send) -> Send:
    """Return a sender that adds our headers to every answer."""

    async def sender(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", []), *HEADERS]}
        await send(message)

    return sender


async def refuse(scope: Scope, send: Send, status: int, why: str) -> None:
    """Answer with a refusal in plain text, or close the websocket before it opens."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": why})
        return
    headers = [(b"content-type", b"text/plain; charset=utf-8"), *HEADERS]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": f"{why}\n".encode()})
