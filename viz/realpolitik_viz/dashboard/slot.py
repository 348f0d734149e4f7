"""One slot of work a session: computing never blocks a page, and the latest request wins."""

import logging
import threading
import time
from collections.abc import Callable
from os import cpu_count
from typing import Any

Work = Callable[["Turn"], None]
Tell = Callable[[str], None]

CORES = threading.BoundedSemaphore(cpu_count() or 1)
"""How much is computed at a time in the whole process, however many sessions ask."""
SORRY = "Something went wrong while computing this. The server's log says more; other views still work."


class Turn:
    """One request's turn in the slot."""

    def __init__(self, slot: "Slot", number: int) -> None:
        self._slot = slot
        self._number = number

    @property
    def over(self) -> bool:
        """Whether a later request has come, so that nobody waits for this one."""
        return self._slot.number != self._number

    def pause(self, seconds: float) -> None:
        """Leave the processor to what is being sent and painted, unless nobody waits any more."""
        if not self.over:
            time.sleep(seconds)


class Slot:
    """Works on one request at a time; a request that waits is dropped when a later one comes."""

    def __init__(self, busy: Callable[[bool], None], problem: Tell) -> None:
        self.number = 0
        self._busy = busy
        self._problem = problem
        self._waiting: tuple[Work, int] | None = None
        self._working = False
        self._lock = threading.Lock()

    def ask(self, work: Work) -> None:
        """Hand in a request."""
        with self._lock:
            self.number += 1
            self._waiting = (work, self.number)
            if self._working:
                return
            self._working = True
        threading.Thread(target=self._run, daemon=True).start()

    def close(self) -> None:
        """Drop whatever waits, and let what is under way know that nobody does."""
        with self._lock:
            self.number += 1
            self._waiting = None

    def _next(self) -> tuple[Work, int] | None:
        with self._lock:
            taken, self._waiting = self._waiting, None
            self._working = taken is not None
            return taken

    def _run(self) -> None:
        self._busy(True)
        while (taken := self._next()) is not None:
            self._turn(*taken)
        self._busy(False)

    def _turn(self, work: Work, number: int) -> None:
        turn = Turn(self, number)
        try:
            with CORES:
                if not turn.over:
                    work(turn)
        except (ValueError, KeyError, OSError, RuntimeError) as error:
            self._tell(turn, str(error))
        except Exception:
            logging.getLogger(__name__).exception("a request failed")
            self._tell(turn, SORRY)

    def _tell(self, turn: Turn, problem: str) -> None:
        if not turn.over:
            self._problem(problem)


def quiet(*_: Any) -> None:
    """Say nothing."""
