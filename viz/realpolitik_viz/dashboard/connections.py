"""Websockets: limits on their number per user and in all, on the rate of messages, and on their content."""

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
"""Websockets without a message so far; they have no thread and no kernel."""
MOST = 150
"""Websockets with a message, of all users; each has a thread and a kernel."""
MOST_OF_ONE = 24
"""Websockets with a message, per user: more than the tabs that anybody has open."""
START_TIMEOUT = 30.0
"""Seconds after which a websocket that has not started a page is closed."""
FULL = "Too many pages of this dashboard are open; this one was closed for a newer one."
IDLE = "No page was started on this websocket."
MOST_KERNELS, MOST_KERNELS_OF_ONE = 200, 40
"""Kernels of all users and per user, including those whose page may reconnect."""
TRY_AGAIN_LATER = 1013
"""The code with which a websocket is closed because there are too many."""
RATE, BURST = 50.0, 300.0
"""Messages per second that are read from one page, and the messages of a burst."""
BYTES = 20_000.0
"""Bytes that count as one message."""
DEEPEST = 40
LONGEST_PATH = 40_000
"""Characters of the URL of a page."""
MOST_CHANNELS = 64
"""Channels that a page can open on one websocket; it needs two."""
WORD = re.compile(r"[\w.-]{1,120}", re.ASCII)
EVENT = re.compile(r"[a-z_]{1,40}")
OPENED = ("solara.control", "jupyter.widget.control")
SYNCED = ("dark_effective",)
"""The only state that a page can change itself; everything else is an event."""
log = logging.getLogger(__name__)


class Connection:
    """One open websocket."""

    def __init__(self, user: str, kernel: str) -> None:
        self.user, self.kernel = user, kernel
        self.last_message = self._counted = time.monotonic()
        self.started = False
        """Whether a page was started on it, or reconnected."""
        self.channels = 0
        self.end = asyncio.Event()
        self.why = ""
        self._left = BURST
        """Messages that can still be read at once, counted at `_counted`."""

    def close(self, why: str) -> None:
        """Let the websocket be closed, with a reason."""
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
            log.warning("a message from a page was ignored: %s", flaw)
        return {"type": "websocket.disconnect", "code": TRY_AGAIN_LATER, "reason": self.why}

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
        """Limit the rate: further messages wait in the network, and none is lost."""
        now = self.last_message = time.monotonic()
        self._left = min(BURST, self._left + RATE * (now - self._counted)) - 1 - size(message) / BYTES
        self._counted = now
        if self._left < 0:
            with suppress(TimeoutError):
                await asyncio.wait_for(self.end.wait(), -self._left / RATE)


class Connections:
    """All open websockets; if there are too many, the least important one is closed for a new one."""

    def __init__(self, most: int = MOST, most_of_one: int = MOST_OF_ONE, most_silent: int = MOST_SILENT) -> None:
        self.silent: list[Connection] = []
        self.open: list[Connection] = []
        self.most, self.most_of_one, self.most_silent = most, most_of_one, most_silent
        self.timeout = START_TIMEOUT

    def problem(self, scope: Scope, kernel: str, page: str) -> tuple[int, str] | None:
        """Return why a websocket to a kernel is refused: it is another user's, or its page was closed."""
        from solara.server.kernel_context import PageStatus

        context = context_of(kernel)
        if context is None:
            return None
        if context.session_id != user_of(scope):
            return 403, "That page is another user's."
        return (403, "That page is closed.") if context.page_status.get(page) == PageStatus.CLOSED else None

    async def serve(self, app: Any, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a page until it disconnects or is closed; the application starts with the first message."""
        one = Connection(user_of(scope), kernel_of(scope))
        context = context_of(one.kernel)
        one.started = context is not None and context.container is not None
        connect = await receive()
        await send({"type": "websocket.accept"})
        late = asyncio.get_running_loop().call_later(self.timeout, self.check_started, one)
        try:
            first = await self.first_message(one, receive)
            if first["type"] == "websocket.receive":
                await self.use(app, scope, one, [connect, first], receive, send)
            elif one.end.is_set():
                await close(send, one.why)
        finally:
            late.cancel()

    async def first_message(self, one: Connection, receive: Receive) -> Message:
        """Wait for the first message."""
        if len(self.silent) >= self.most_silent:
            self.silent[0].close(FULL)
        self.silent.append(one)
        try:
            return await one.received(receive)
        finally:
            self.silent.remove(one)

    async def use(
        self, app: Any, scope: Scope, one: Connection, first: list[Message], receive: Receive, send: Send
    ) -> None:
        """Forward the messages received so far and everything that follows."""
        self.make_room(one)
        self.open.append(one)

        async def received() -> Message:
            if first:
                return first.pop(0)
            message = await one.received(receive)
            if one.end.is_set():
                await close(send, one.why)
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
            await self.close_unused(one)

    def make_room(self, new: Connection) -> None:
        """Close a websocket if a new one would be one too many."""
        there = [one for one in self.open if not one.end.is_set()]
        of_one = [one for one in there if one.user == new.user]
        if len(of_one) >= self.most_of_one:
            least(of_one).close(FULL)
        elif len(there) >= self.most:
            least(there).close(FULL)

    def check_started(self, one: Connection) -> None:
        """Close a websocket on which no page was started in time."""
        if not one.started:
            one.close(IDLE)

    async def make_room_for_kernel(self, new: Connection) -> None:
        """Close kernels without a connected page if there would be too many kernels, the oldest first."""
        from solara.server.kernel_context import contexts

        kernels = list(contexts.values())
        in_use = {one.kernel for one in self.open}
        of_one = [one for one in kernels if one.session_id == new.user]
        for some, most in ((of_one, MOST_KERNELS_OF_ONE), (kernels, MOST_KERNELS)):
            waiting = [one for one in some if one.id not in in_use]
            for one in waiting[: max(0, len(some) + 1 - most)]:
                await close_kernel(one)

    async def close_unused(self, one: Connection) -> None:
        """Close the kernel of a websocket that never started a page; other kernels are kept for a reconnection."""
        context = context_of(one.kernel)
        if context is not None and context.container is None and not any(o.kernel == one.kernel for o in self.open):
            await close_kernel(context)


def least(there: list[Connection]) -> Connection:
    """Return the least important websocket: without a page, of the user with most pages, the longest silent."""
    pages = Counter(one.user for one in there)
    return min(there, key=lambda one: (one.started, -pages[one.user] if one.started else 0, one.last_message))


def context_of(kernel: str) -> Any:
    """Return the context of a kernel, None if there is none."""
    from solara.server.kernel_context import contexts

    return contexts.get(kernel)


async def close_kernel(context: Any) -> None:
    """Close a kernel on another thread: its messages may be waiting for the event loop."""
    await asyncio.get_running_loop().run_in_executor(None, context.close)


def kernel_of(scope: Scope) -> str:
    """Return the id of the kernel that a websocket connects to."""
    return str(scope["path"]).split("/")[4]


def user_of(scope: Scope) -> str:
    """Return the session cookie; all users without a cookie count as one."""
    from solara.server.server import get_session_id_cookie

    text = ";".join(value.decode("latin-1") for key, value in scope["headers"] if key.lower() == b"cookie")
    pairs = (part.partition("=") for part in text.split(";"))
    return get_session_id_cookie({key.strip(): value.strip() for key, _, value in pairs}) or ""


async def close(send: Send, why: str) -> None:
    """Close a websocket, which may be closed already."""
    try:
        await send({"type": "websocket.close", "code": TRY_AGAIN_LATER, "reason": why})
    except (RuntimeError, OSError):
        log.debug("a websocket was closed already")


def size(message: Message) -> int:
    """Return the length of a message."""
    return len(message.get("text") or message.get("bytes") or "")


def flaw_of(message: Message, connection: Connection) -> str | None:
    """Return what is wrong with a message, if it is not one that our pages send."""
    text = message.get("text")
    if not isinstance(text, str):
        return "it is not a text"
    try:
        frame = json.loads(text)
        content = content_of(frame)
    except (ValueError, RecursionError):
        return "it is not a valid message of the Jupyter protocol"
    kind = frame["header"]["msg_type"]
    valid = KINDS.get(kind)
    if valid is None:
        return "pages do not send messages of this type"
    if not valid(content):
        return f"invalid {kind} message"
    if kind == "comm_open":
        connection.channels += 1
        return "it opens one channel too many" if connection.channels > MOST_CHANNELS else None
    return misplaced(content, connection) if kind == "comm_msg" else None


def misplaced(content: Mapping[str, Any], connection: Connection) -> str | None:
    """Return why a valid message does not fit the state of its page."""
    method = content["data"]["method"]
    if method == "run":
        again, connection.started = connection.started, True
        return "its page was started already" if again else None
    if method == "custom":
        context = context_of(connection.kernel)
        widget = context and context.widgets.get(content["comm_id"])
        return (
            None if hasattr(widget, f"vue_{content['data']['content']['event']}") else "no component has such an event"
        )
    return None


def content_of(frame: Any) -> dict[str, Any]:
    """Return the content of a message of the Jupyter protocol; ValueError if it is not valid."""
    valid = (
        isinstance(frame, dict)
        and all(isinstance(frame.get(part), dict) for part in ("header", "parent_header", "metadata", "content"))
        and all(is_word(frame["header"].get(key)) for key in ("msg_id", "msg_type", "session"))
        and frame.get("channel") in ("shell", "control")
        and not frame.get("buffers")
        and not deeper(frame, DEEPEST)
    )
    if not valid:
        raise ValueError
    content: dict[str, Any] = frame["content"]
    return content


def deeper(value: Any, most: int) -> bool:
    """Return whether a value is nested deeper than some levels."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return most == 0 or any(deeper(one, most - 1) for one in inner)


def is_word(value: Any) -> bool:
    """Return whether a value is a short text of plain letters."""
    return isinstance(value, str) and WORD.fullmatch(value) is not None


def is_open(content: Mapping[str, Any]) -> bool:
    """Return whether a page can open such a channel."""
    return is_word(content.get("comm_id")) and content.get("target_name") in OPENED


def is_message(content: Mapping[str, Any]) -> bool:
    """Return whether a message on a channel is one of the few that pages send."""
    data = content.get("data")
    if not (is_word(content.get("comm_id")) and isinstance(data, dict) and isinstance(data.get("method"), str)):
        return False
    valid = METHODS.get(data["method"])
    return valid is not None and valid(data)


def is_run(data: Mapping[str, Any]) -> bool:
    """Return whether a message starts a page as our pages do."""
    given = data.get("args")
    if not isinstance(given, dict) or given.get("appName") is not None or not isinstance(given.get("dark"), bool):
        return False
    path, themes = given.get("path"), given.get("themes")
    valid_themes = isinstance(themes, dict) and all(isinstance(one, dict) and not one for one in themes.values())
    return (
        valid_themes and isinstance(path, str) and len(path) <= LONGEST_PATH and re.match(r"/(\?|$)", path) is not None
    )


def is_update(data: Mapping[str, Any]) -> bool:
    """Return whether a message changes only the state that a page can change."""
    state = data.get("state")
    return isinstance(state, dict) and all(key in SYNCED and isinstance(state[key], bool) for key in state)


def is_event(data: Mapping[str, Any]) -> bool:
    """Return whether a message is an event; its handler validates the data."""
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
    "comm_msg": is_message,
}
