"""Sessions driven without a browser: their pages are the JSON that components would show."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from realpolitik_viz.dashboard.session import Session


class Page:
    """The connection of a page that is there, until a test says that it has been away for some seconds."""

    def __init__(self, user: str) -> None:
        self.user = user
        self.context: AbstractContextManager[Any] = nullcontext()
        self.seconds = 0.0

    def disconnected_for(self) -> float:
        """Return the seconds since it was connected."""
        return self.seconds


class Driven(Session):
    """A session whose page is a test."""

    presence: Page

    def __init__(self, query: str, user: str = "test") -> None:
        super().__init__(query, Page(user))

    def shown(self, part: str) -> Any:
        """Return a part of the page once all requests are answered."""
        until(lambda: not (self.runner.working or self.preview_runner.working))
        text = self.parts[part].value
        return json.loads(text) if text else None

    def shown_later(self, part: str) -> Any:
        """Return a part that is computed once the page has been still."""
        until(lambda: not (self.later_runner.working or self.goal_runner.working))
        return self.shown(part)

    def task_over(self) -> Any:
        """Return the last report of the sweep that was started."""
        until(lambda: not self.task.running)
        return self.shown("task")


@contextmanager
def driven(query: str = "", root: Path | None = None, user: str = "test") -> Iterator[Driven]:
    """Open a session of a browser at a URL, with a folder of sweeps, and close it."""
    session = Driven(query, user)
    session.root = root or session.root
    session.refresh()
    until(lambda: not session.runner.working)
    try:
        yield session
    finally:
        session.close()


def until(holds: Callable[[], bool], seconds: float = 60) -> None:
    """Wait until a condition holds."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)
