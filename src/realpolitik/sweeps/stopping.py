"""Ctrl-C and SIGTERM ask a sweep to stop after the chunks at hand; a second one stops it on the spot."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)
STOPPING = "stopping after the chunks at hand; once more stops on the spot, and what is finished is safe"


class Stopped(Exception):
    """A sweep was asked to stop; what it finished is safe."""

    def __init__(self, number: int, message: str) -> None:
        super().__init__(message)
        self.number = number


@contextmanager
def stoppable(notice: Callable[[str], None]) -> Iterator[Callable[[], int]]:
    """Give a function that tells which signal has asked to stop, 0 if none has; the first time it says so."""
    asked: list[int] = []
    said: list[int] = []

    def ask(number: int, _frame: FrameType | None) -> None:
        if asked:
            os._exit(128 + number)
        asked.append(number)

    def stop() -> int:
        if asked and not said:
            said.append(asked[0])
            notice(STOPPING)
        return asked[0] if asked else 0

    if threading.current_thread() is not threading.main_thread():
        yield lambda: 0
        return
    before = {number: signal.signal(number, ask) for number in SIGNALS}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
