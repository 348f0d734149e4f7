"""Ctrl-C: KeyboardInterrupt, raised only where it leaves no lock of a thread pool held."""

import signal
import sys
from _thread import interrupt_main, start_new_thread
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition, current_thread, main_thread
from time import sleep
from types import CodeType, FrameType
from typing import Any

_condition: Any = Condition
LOCKING: set[CodeType] = {_condition.__enter__.__code__, _condition.__exit__.__code__}
"""Where a lock is held while no `with` block releases it if an exception is raised."""
SOON = 0.001
"""Seconds after which an interrupt that came there is raised."""


@contextmanager
def interruptible() -> Iterator[None]:
    """Handle Ctrl-C with `interrupt`, unless a handler is installed or the signal is ignored, as in the background.

    Other threads than the main one cannot install a handler, and are not interrupted.
    """
    main = current_thread() is main_thread()
    if not main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def interrupt(_number: int, frame: FrameType | None) -> None:
    """Raise KeyboardInterrupt; if `frame` is taking or releasing the lock of a condition, a moment later.

    Python handles signals between any two steps of its main thread. Between taking such a lock and the start of the
    `with` block that releases it, an exception would leave the lock held: the threads of a pool would wait for it, and
    the end of the program for them.
    """
    if frame is None or frame.f_code not in LOCKING:
        raise KeyboardInterrupt
    start_new_thread(_interrupt_soon, ())


def _interrupt_soon() -> None:
    sleep(SOON)
    if not sys.is_finalizing():
        interrupt_main()
