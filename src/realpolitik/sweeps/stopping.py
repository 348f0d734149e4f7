"""How a sweep is stopped: from a function that it asks between chunks, by Ctrl-C, or by a signal to the command."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)
STOPPING = "stopping after the chunks at hand; once more stops on the spot, and what is finished is safe"

Stop = Callable[[], int]
"""Asked between chunks and a few times a second; anything but 0 or False stops the sweep."""


class Stopped(KeyboardInterrupt):
    """A sweep was stopped; what it finished is safe. A KeyboardInterrupt, so that `except Exception` lets it pass."""

    def __init__(self, number: int, message: str) -> None:
        super().__init__(message)
        self.number = number
        """What `stop` answered; of the command line, the number of the signal."""

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass
class State:
    """What has been asked of a sweep, and what it has been told."""

    number: int = 0
    polled: bool = False
    told: bool = False


@contextmanager
def stoppable(notice: Callable[[str], None]) -> Iterator[Stop]:
    """For a program that owns its process: let the first SIGINT or SIGTERM stop a sweep, a second one the process.

    Gives what a sweep takes as `stop`, which tells the signal, 0 before there is one; the first time it says so. Before
    the sweep asks, there is nothing to finish, and the first signal is `Stopped` at once.
    """
    state = State()

    def ask(number: int, _frame: FrameType | None) -> None:
        if state.number:
            os._exit(128 + number)
        state.number = number
        if not state.polled:
            raise Stopped(number, "stopped before the first chunk")

    def stop() -> int:
        state.polled = True
        if state.number and not state.told:
            state.told = True
            notice(STOPPING)
        return state.number

    if threading.current_thread() is not threading.main_thread():
        yield lambda: 0
        return
    before = {number: signal.signal(number, ask) for number in SIGNALS}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
