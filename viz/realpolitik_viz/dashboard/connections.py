"""Websockets: limits on their number per client and in all, on the rate of messages, and on what messages contain."""

import asyncio
import json
import logging
import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from contextlib import suppress
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

MOST_SILENT = 1_000
"""Websockets that have not sent a message yet; they have no thread and no kernel."""
MOST = 150
"""Websockets in use in all; each has a thread and a kernel."""
MOST_OF_ONE = 24
"""Websockets in use per client: more tabs than anybody has open."""
PATIENCE = 30.0
"""Seconds after which a websocket that has not started a page is closed."""
FULL = "Too many pages of this dashboard are open; this one was closed for a newer one."
IDLE = "No page was started on this websocket."
MOST_KERNELS, MOST_KERNELS_OF_ONE = 200, 40
"""Kernels in all and per client, including those whose page may reconnect."""
AWAY = 1013
"""The code with which a websocket is closed because there are too many: try again later."""
RATE, BURST = 50.0, 300.0
"""Messages per second that are read from one page, after a burst of so many."""
BYTES = 20_000.0
"""Bytes that count as one message."""
DEEPEST = 40
LONGEST_PATH = 40_000
"""Characters of the address of a page."""
MOST_CHANNELS = 64
"""Channels that a page may open on one websocket; it needs two."""
WORD = re.compile(r"[\w.-]{1,120}", re.ASCII)
EVENT = re.compile(r"[a-z_]{1,40}")
OPENED = ("solara.control", "jupyter.widget.control")
SYNCED = ("dark_effective",)
"""The only state that pages change themselves; everything else is an event."""
log = logging.getLogger(__name__)


class Connection:
    """One open websocket."""

    def __init__(self, client: str, kernel: str) -> None:
        self.client, self.kernel = client, kernel
        self.opened = self.heard = time.monotonic()
        self.started = False
        """Whether a page was started on it, or reconnected."""
        self.channels = 0
        self.end = asyncio.Event()
        self.why = ""
        self._left, self._looked = BURST, self.opened

    def close(self, why: str) -> None:
        """Ask it to close."""
        self.why = self.why or why
        self.end.set()

    async def received(self, receive: Receive) -> Message:
        """Return the next valid message, or a disconnect."""
        while not self.end.is_set():
            message = await self._next(receive)
            if message is None:
                break
            if message["type"] != "websocket.receive":
                return message
            await self._paced(message)
            if (flaw := flaw_of(message, self)) is None:
                return message
            log.warning("A message from a page was ignored: %s", flaw)
        return {"type": "websocket.disconnect", "code": AWAY, "reason": self.why}

    async def _next(self, receive: Receive) -> Message | None:
        """Return the next message, None if the websocket is to be closed."""
        message, end = asyncio.ensure_future(receive()), asyncio.ensure_future(self.end.wait())
        try:
            await asyncio.wait({message, end}, return_when=asyncio.FIRST_COMPLETED)
            return None if end.done() else message.result()
        finally:
            for one in (message, end):
                one.cancel()

    async def _paced(self, message: Message) -> None:
        """Limit the rate: messages beyond it wait in the network, none is lost."""
        now = self.heard = time.monotonic()
        self._left = min(BURST, self._left + RATE * (now - self._looked)) - 1 - size(message) / BYTES
        self._looked = now
        if self._left < 0:
            with suppress(TimeoutError):
                await asyncio.wait_for(self.end.wait(), -self._left / RATE)


class Connections:
    """All open websockets; when there are too many, the least important one is closed for a new one."""

    def __init__(self, most: int = MOST, most_of_one: int = MOST_OF_ONE, most_silent: int = MOST_SILENT) -> None:
        self.silent: list[Connection] = []
        self.open: list[Connection] = []
        self.most, self.most_of_one, self.most_silent = most, most_of_one, most_silent
        self.patience = PATIENCE

    def problem(self, scope: Scope, kernel: str, page: str) -> tuple[int, str] | None:
        """Say why a websocket to a kernel is refused, if so: it is another client's, or its page was closed."""
        from solara.server.kernel_context import PageStatus

        context = context_of(kernel)
        if context is None:
            return None
        if context.session_id != client_of(scope):
            return 403, "That page is another reader's."
        return (403, "That page is closed.") if context.page_status.get(page) == PageStatus.CLOSED else None

    async def serve(self, app: Any, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a page until it disconnects or is closed; the application starts with the first message."""
        one = Connection(client_of(scope), kernel_of(scope))
        context = context_of(one.kernel)
        one.started = context is not None and context.container is not None
        connect = await receive()
        await send({"type": "websocket.accept"})
        late = asyncio.get_running_loop().call_later(self.patience, self.look_at, one)
        try:
            first = await self.spoken(one, receive)
            if first["type"] == "websocket.receive":
                await self.use(app, scope, one, [connect, first], receive, send)
            elif one.end.is_set():
                await closed(send, one.why)
        finally:
            late.cancel()

    async def spoken(self, one: Connection, receive: Receive) -> Message:
        """Wait for the first message."""
        if len(self.silent) >= self.most_silent:
            self.silent[0].close(FULL)
        self.silent.append(one)
        try:
            return await one.received(receive)
        finally:
            self.silent.remove(one)

    async def use(
        self, app: Any, scope: Scope, one: Connection, begun: list[Message], receive: Receive, send: Send
    ) -> None:
        """Pass on what was received so far and everything that follows."""
        self.make_room(one)
        self.open.append(one)

        async def received() -> Message:
            if begun:
                return begun.pop(0)
            message = await one.received(receive)
            if one.end.is_set():
                await closed(send, one.why)
            return message

        async def sent(message: Message) -> None:
            if not one.end.is_set() and message["type"] != "websocket.accept":
                await send(message)

        try:
            if context_of(one.kernel) is None:
                await self.make_room_for_kernel(one)
            await app(scope, received, sent)
        finally:
            self.open.remove(one)
            await self.leave(one)

    def make_room(self, new: Connection) -> None:
        """Close a websocket if a new one would be one too many."""
        there = [one for one in self.open if not one.end.is_set()]
        of_one = [one for one in there if one.client == new.client]
        if len(of_one) >= self.most_of_one:
            least(of_one).close(FULL)
        elif len(there) >= self.most:
            least(there).close(FULL)

    def look_at(self, one: Connection) -> None:
        """Close a websocket on which no page was started in time."""
        if not one.started:
            one.close(IDLE)

    async def make_room_for_kernel(self, new: Connection) -> None:
        """Close kernels without a connected page if there would be too many, the oldest first."""
        from solara.server.kernel_context import contexts

        there = list(contexts.values())
        in_use = {one.kernel for one in self.open}
        of_one = [one for one in there if one.session_id == new.client]
        for kernels, most in ((of_one, MOST_KERNELS_OF_ONE), (there, MOST_KERNELS)):
            waiting = [one for one in kernels if one.id not in in_use]
            for one in waiting[: max(0, len(kernels) + 1 - most)]:
                await finished(one)

    async def leave(self, one: Connection) -> None:
        """Close the kernel of a websocket that never started a page; other kernels are kept for a reconnection."""
        context = context_of(one.kernel)
        if context is not None and context.container is None and not any(o.kernel == one.kernel for o in self.open):
            await finished(context)


def least(there: list[Connection]) -> Connection:
    """Return the least important websocket: without a page, of the client with most pages, silent for longest."""
    many = Counter(one.client for one in there)
    return min(there, key=lambda one: (one.started, -many[one.client] if one.started else 0, one.heard))


def context_of(kernel: str) -> Any:
    """Return the context of a kernel, None if there is none."""
    from solara.server.kernel_context import contexts

    return contexts.get(kernel)


async def finished(context: Any) -> None:
    """Close a kernel on another thread: its messages may be waiting for the event loop."""
    await asyncio.get_running_loop().run_in_executor(None, context.close)


def kernel_of(scope: Scope) -> str:
    """Return the id of the kernel that a websocket connects to."""
    return str(scope["path"]).split("/")[4]


def client_of(scope: Scope) -> str:
    """Return the session cookie, or nothing: all clients without a cookie count as one."""
    from solara.server.server import get_session_id_cookie

    text = ";".join(value.decode("latin-1") for key, value in scope["headers"] if key.lower() == b"cookie")
    pairs = (part.partition("=") for part in text.split(";"))
    return get_session_id_cookie({key.strip(): value.strip() for key, _, value in pairs}) or ""


async def closed(send: Send, why: str) -> None:
    """Close a websocket, which may be gone already."""
    try:
        await send({"type": "websocket.close", "code": AWAY, "reason": why})
    except (RuntimeError, OSError):
        log.debug("a websocket was gone before it was closed")


def size(message: Message) -> int:
    """Return how long a message is."""
    return len(message.get("text") or message.get("bytes") or "")


def flaw_of(message: Message, connection: Connection) -> str | None:
    """Say what is wrong with a message, if it is not one that our pages send."""
    text = message.get("text")
    if not isinstance(text, str):
        return "it is not a text"
    try:
        frame = json.loads(text)
        said = content_of(frame)
    except (ValueError, RecursionError):
        return "it is not JSON of the form that pages send"
    kind = frame["header"]["msg_type"]
    reader = KINDS.get(kind)
    if reader is None:
        return "it is of no kind that pages send"
    if not reader(said):
        return f"{kind} is not of the form that pages send"
    if kind == "comm_open":
        connection.channels += 1
        return "it opens one channel too many" if connection.channels > MOST_CHANNELS else None
    return misplaced(said, connection) if kind == "comm_msg" else None


def misplaced(said: Mapping[str, Any], connection: Connection) -> str | None:
    """Say why a well-formed message does not fit its page as it is, if so."""
    method = said["data"]["method"]
    if method == "run":
        again, connection.started = connection.started, True
        return "its page was started already" if again else None
    if method == "custom":
        context = context_of(connection.kernel)
        widget = context and context.widgets.get(said["comm_id"])
        return None if hasattr(widget, f"vue_{said['data']['content']['event']}") else "nothing on the page takes it"
    return None


def content_of(frame: Any) -> dict[str, Any]:
    """Return the content of a message of the Jupyter protocol; ValueError if it is not valid."""
    fine = (
        isinstance(frame, dict)
        and all(isinstance(frame.get(part), dict) for part in ("header", "parent_header", "metadata", "content"))
        and all(is_word(frame["header"].get(key)) for key in ("msg_id", "msg_type", "session"))
        and frame.get("channel") in ("shell", "control")
        and not frame.get("buffers")
        and not deeper(frame, DEEPEST)
    )
    if not fine:
        raise ValueError
    content: dict[str, Any] = frame["content"]
    return content


def deeper(value: Any, most: int) -> bool:
    """Tell whether a value is nested deeper than some levels."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return most == 0 or any(deeper(one, most - 1) for one in inner)


def is_word(value: Any) -> bool:
    """Tell whether a value is a short text of plain letters."""
    return isinstance(value, str) and WORD.fullmatch(value) is not None


def is_open(content: Mapping[str, Any]) -> bool:
    """Tell whether a page may open such a channel."""
    return is_word(content.get("comm_id")) and content.get("target_name") in OPENED


def is_said(content: Mapping[str, Any]) -> bool:
    """Tell whether a message on a channel is one of the few that pages send."""
    data = content.get("data")
    if not (is_word(content.get("comm_id")) and isinstance(data, dict) and isinstance(data.get("method"), str)):
        return False
    reader = METHODS.get(data["method"])
    return reader is not None and reader(data)


def is_run(data: Mapping[str, Any]) -> bool:
    """Tell whether it starts a page as our pages do."""
    given = data.get("args")
    if not isinstance(given, dict) or given.get("appName") is not None or not isinstance(given.get("dark"), bool):
        return False
    path, themes = given.get("path"), given.get("themes")
    inks = isinstance(themes, dict) and all(isinstance(one, dict) and not one for one in themes.values())
    return inks and isinstance(path, str) and len(path) <= LONGEST_PATH and re.match(r"/(\?|$)", path) is not None


def is_update(data: Mapping[str, Any]) -> bool:
    """Tell whether a page changes only what is its own."""
    state = data.get("state")
    return isinstance(state, dict) and all(key in SYNCED and isinstance(state[key], bool) for key in state)


def is_event(data: Mapping[str, Any]) -> bool:
    """Tell whether it is an event; its data is validated by the handler."""
    content = data.get("content")
    if not isinstance(content, dict) or not content.keys() <= {"event", "data"}:
        return False
    return isinstance(content.get("event"), str) and EVENT.fullmatch(content["event"]) is not None


METHODS: dict[str, Callable[[Mapping[str, Any]], bool]] = {
    "run": is_run,
    "app-status": lambda _: True,
    "request_state": lambda _: True,
    "request_states": lambda _: True,
    "update": is_update,
    "custom": is_event,
}
KINDS: dict[str, Callable[[Mapping[str, Any]], bool]] = {
    "kernel_info_request": lambda _: True,
    "comm_info_request": lambda _: True,
    "comm_open": is_open,
    "comm_close": lambda content: is_word(content.get("comm_id")),
    "comm_msg": is_said,
}
