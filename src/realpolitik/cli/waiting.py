"""What stderr shows during long work: progress, the remaining time, and that the model is being compiled."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

from rich.console import Console
from rich.text import Text

from realpolitik.cli.printing import notify

MEASURED, FEWEST = 1.0, 10
"""Seconds of work, and reports, from which the remaining time is estimated."""
LONG = 60.0
"""Seconds of remaining time from which the estimate is printed, where no progress bar is shown."""
COMPILER = "realpolitik_model.engine.compiling"
OFTEN, LOADED = 0.25, 1.0
"""Seconds between two looks at what is being compiled, and after which a kernel is not just read from the cache."""


@contextmanager
def progress(what: str, *, even: bool = True, rate: bool = False) -> Iterator[Callable[[int, int], None]]:
    """Show progress on stderr: a bar on a terminal; elsewhere one line, if a long time remains.

    Parameters
    ----------
    what
        Name of the steps, in the plural.
    even
        Whether steps take about the same time, so that the remaining time can be estimated.
    rate
        Whether to show steps per second; the bar then appears at the first report.
    """
    errors = Console(stderr=True, markup=False, emoji=False, highlight=False)
    if not errors.is_terminal:
        yield TimeLeft(what) if even else lambda _done, _total: None
        return
    from rich.progress import BarColumn, Progress, ProgressColumn, Task, TimeRemainingColumn

    class Completed(ProgressColumn):
        def render(self, task: Task) -> Text:
            count = f"{task.completed:,.0f} of {task.total:,.0f} {what}" if task.total else what
            return Text(f"{count}, {task.speed:,.0f} per second" if rate and task.speed else count)

    with Progress(BarColumn(), Completed(), TimeRemainingColumn(), console=errors, transient=True) as bar:
        task = bar.add_task("", total=None, visible=not rate)
        yield lambda done, total: bar.update(task, completed=done, total=total, visible=True)


class TimeLeft:
    """Prints the remaining time once, if it is long: an estimate from the first steps, without compiling the model."""

    def __init__(self, what: str) -> None:
        self.what = what
        self.first: tuple[int, float] | None = None
        self.reports = 0
        self.finished = False

    def __call__(self, done: int, total: int) -> None:
        """Report that `done` of `total` steps are complete."""
        if self.finished:
            return
        now = monotonic() - _compiling_seconds()
        self.first, self.reports = self.first or (done, now), self.reports + 1
        steps, seconds = done - self.first[0], now - self.first[1]
        if seconds < MEASURED or steps < 1 or self.reports < FEWEST:
            return
        self.finished = True
        left = (total - done) * seconds / steps
        if left > LONG:
            from realpolitik.costs import span

            notify(f"about {span(left)} remain for {total:,} {self.what}; Ctrl-C stops")


@contextmanager
def noting_compilation() -> Iterator[None]:
    """Say once, on a terminal, if the model is compiled meanwhile; not if kernels are only read from the cache."""
    over = threading.Event()
    if sys.stderr.isatty():
        threading.Thread(target=_note_compilation, args=(over,), daemon=True).start()
    try:
        yield
    finally:
        over.set()


def _note_compilation(over: threading.Event) -> None:
    while not over.wait(OFTEN):
        compiler = _compiler()
        found = compiler.compilation() if compiler else None
        if found is not None and found.done and found.seconds > LOADED:
            notify("compiling the model, which takes about half a minute; its code is kept for later runs")
            return


def _compiling_seconds() -> float:
    compiler = _compiler()
    return float(compiler.FIRST_CALLS.seconds) if compiler else 0.0


def _compiler() -> Any:
    """Return the module that compiles kernels, if it was imported; None before, for it takes a while to import."""
    return sys.modules.get(COMPILER)
