"""Ctrl-C at the worst moments."""

import signal
import sys
from threading import Condition, Lock, Thread
from time import sleep

import pytest

from realpolitik.cli.interrupting import interruptible


@pytest.fixture(autouse=True)
def _default():
    """Let Ctrl-C raise KeyboardInterrupt, also where tests run in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


class Interrupted:
    """A lock of a condition, in whose frame one signal is handled: once it is taken, or before it is released."""

    def __init__(self, acquiring):
        self.lock, self.acquiring, self.handled = Lock(), acquiring, False
        self.acquire, self.release = self.lock.acquire, self.lock.release

    def __enter__(self):
        self.lock.acquire()
        if self.acquiring:
            self.handle(sys._getframe(1))

    def __exit__(self, *_):
        if not self.acquiring:
            self.handle(sys._getframe(1))
        self.lock.release()

    def handle(self, frame):
        """Do what Python does when a signal came."""
        if self.handled:
            return
        self.handled = True
        signal.getsignal(signal.SIGINT)(signal.SIGINT, frame)


def use(lock):
    """Use a condition for at most a second."""
    condition = Condition(lock)
    for _ in range(10):
        with condition:
            sleep(0.1)


@pytest.mark.parametrize("acquiring", [True, False])
def test_an_interrupt_leaves_no_lock_held(acquiring):
    """What Python's own handler leaves held, the handler of the command line does not, and it interrupts as well."""
    plain, safe = Interrupted(acquiring), Interrupted(acquiring)
    with pytest.raises(KeyboardInterrupt):
        use(plain)
    with pytest.raises(KeyboardInterrupt), interruptible():
        use(safe)
    assert (plain.lock.locked(), safe.lock.locked()) == (True, False)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_signal_that_is_ignored_or_handled_elsewhere_is_left_alone():
    """In the background Ctrl-C is ignored, and a program that calls the command line may have its own handler."""
    for handler in (signal.SIG_IGN, lambda *_: None):
        signal.signal(signal.SIGINT, handler)
        with interruptible():
            assert signal.getsignal(signal.SIGINT) is handler


def test_another_thread_installs_no_handler():
    """Only the main thread can; the command line works in another one too."""
    seen = []

    def enter():
        with interruptible():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = Thread(target=enter)
    thread.start()
    thread.join()
    assert seen == [signal.default_int_handler]
