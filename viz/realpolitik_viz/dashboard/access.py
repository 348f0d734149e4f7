"""Access control: only pages of this server can use it, and nothing is fetched from elsewhere."""

import re
from base64 import b64encode
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from realpolitik_viz.dashboard.connections import Connections, context_of, user_of

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Any, Send], Awaitable[None]]
Problem = tuple[int, str]
LIBRARIES = "/_solara/cdn/"
CLOSING = "/_solara/api/close/"
DISABLED = ("/resourcez", "/_solara/auth", "/_solara/api/evict")
LONGEST_QUERY = 32_000
LONGEST_PATH = 1_000
LONGEST_NAME = 200
"""Bytes of one part of a path; no file has a longer name."""
INVALID = re.compile(r"[\x00-\x1f\x7f-\x9f\\\ufffd]")
"""Characters that are not valid in a path; the last one replaces bytes that are not UTF-8."""
IDENTIFIER = re.compile(r"[\w-]{1,64}", re.ASCII)
CHANNELS = re.compile(r"/jupyter/api/kernels/([\w-]{1,64})/channels", re.ASCII)
LOOPBACK = ("127.0.0.1", "localhost", "::1")
OF_PROXIES = (b"x-forwarded-", b"forwarded", b"script-name", b"x-script-name")
"""Prefixes of headers that a proxy sets; there is no proxy, so they are removed."""
INLINE = re.compile(r"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)
HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
]


class AccessControl:
    """ASGI middleware that refuses foreign hosts and origins, invalid requests, and libraries that are not shipped."""

    def __init__(
        self, app: App, hosts: Iterable[str], port: int, libraries: Path, page: Callable[[], str | None] = lambda: ""
    ) -> None:
        self.app = app
        self.names = {f"{f'[{host}]' if ':' in host else host}:{port}".lower() for host in (*LOOPBACK, *hosts)}
        self.origins = {f"{scheme}://{name}" for scheme in ("http", "https") for name in self.names}
        self.libraries = libraries.resolve()
        self.page = page
        self.connections = Connections()

    async def __call__(self, scope: Scope, receive: Any, send: Send) -> None:
        """Forward a request, or refuse it."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        headers = headers_of(scope)
        if problem := self.problem(scope, headers):
            await refuse(scope, send, *problem)
            return
        scope = {**scope, "headers": [(key, value) for key, value in scope["headers"] if not of_proxy(key)]}
        if scope["type"] == "websocket":
            await self.connections.serve(self.app, scope, receive, send)
        else:
            await self.app(scope, receive, with_headers(send, self.policy(headers["host"])))

    def problem(self, scope: Scope, headers: dict[str, str]) -> Problem | None:
        """Return the status and reason if a request is refused."""
        if headers.get("host", "").lower() not in self.names:
            return 421, "This dashboard does not answer to that name."
        origin = headers.get("origin")
        if origin is not None and origin.lower() not in self.origins:
            return 403, "Pages of other servers cannot use this dashboard."
        if len(scope.get("query_string", b"")) > LONGEST_QUERY:
            return 414, "The URL is too long."
        if problem := malformed(scope["path"]):
            return problem
        if scope["type"] == "websocket":
            return self.foreign(scope, origin)
        return self.missing(scope["path"]) or unknown_page(scope)

    def foreign(self, scope: Scope, origin: str | None) -> Problem | None:
        """Return the status and reason if a websocket is refused."""
        if origin is None:
            return 403, "A websocket needs an Origin header."
        found, page = CHANNELS.fullmatch(scope["path"]), parameter(scope, "session_id")
        if found is None or not IDENTIFIER.fullmatch(page):
            return 403, "There is no such websocket."
        return self.connections.problem(scope, found[1], page)

    def missing(self, path: str) -> Problem | None:
        """Refuse disabled paths, and libraries that are not shipped, which would be fetched from elsewhere."""
        if path.startswith(DISABLED):
            return 404, "There is nothing here."
        if not path.startswith(LIBRARIES):
            return None
        file = (self.libraries / path.removeprefix(LIBRARIES)).resolve()
        shipped = file.is_relative_to(self.libraries) and file.is_file()
        return None if shipped else (404, "That library is not shipped.")

    @cached_property
    def scripts(self) -> bytes:
        """The hashes of the inline scripts of the server's own page; no other inline script can run."""
        found = dict.fromkeys(INLINE.findall(self.page() or ""))
        return b" ".join(b"'sha256-" + b64encode(sha256(text.encode()).digest()) + b"'" for text in found)

    def policy(self, host: str) -> bytes:
        """Return the content security policy; Vue compiles its templates in the page, which needs eval."""
        return (
            b"default-src 'self'; script-src 'self' 'unsafe-eval' %b; script-src-attr 'none'; "
            b"style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
            b"connect-src 'self' ws://%b; frame-src 'none'; object-src 'none'; worker-src 'none'; "
            b"frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
        ) % (self.scripts, host.encode("latin-1"))


def headers_of(scope: Scope) -> dict[str, str]:
    """Return the headers of a request as texts."""
    return {key.decode("latin-1").lower(): value.decode("latin-1") for key, value in scope["headers"]}


def of_proxy(name: bytes) -> bool:
    """Return whether a header is one that proxies set."""
    return name.lower().startswith(OF_PROXIES)


def parameter(scope: Scope, key: str) -> str:
    """Return a parameter of the query, or an empty text."""
    query: bytes = scope.get("query_string", b"")
    return (parse_qs(query.decode("latin-1")).get(key) or [""])[0]


def malformed(path: str) -> Problem | None:
    """Refuse a path that is too long or has invalid characters."""
    if len(path) > LONGEST_PATH or max(len(part.encode()) for part in path.split("/")) > LONGEST_NAME:
        return 414, "The path is too long."
    return (400, "The path has invalid characters.") if INVALID.search(path) else None


def unknown_page(scope: Scope) -> Problem | None:
    """Refuse to close a page that is not open or belongs to another user."""
    if not scope["path"].startswith(CLOSING):
        return None
    context = context_of(scope["path"].removeprefix(CLOSING))
    known = context is not None and parameter(scope, "session_id") in context.page_status
    return None if known and context.session_id == user_of(scope) else (404, "There is no such page.")


def with_headers(send: Send, policy: bytes) -> Send:
    """Return a sender that adds our headers to every response."""

    async def sender(message: Message) -> None:
        if message["type"] == "http.response.start":
            ours = [*HEADERS, (b"content-security-policy", policy)]
            message = {**message, "headers": [*message.get("headers", []), *ours]}
        await send(message)

    return sender


async def refuse(scope: Scope, send: Send, status: int, why: str) -> None:
    """Send a refusal in plain text, or close the websocket before it opens."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": why})
        return
    headers = [(b"content-type", b"text/plain; charset=utf-8"), *HEADERS, (b"content-security-policy", NOTHING)]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": f"{why}\n".encode()})


NOTHING = b"default-src 'none'; frame-ancestors 'none'"
"""The policy of a plain text."""
