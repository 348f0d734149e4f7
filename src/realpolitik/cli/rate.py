"""The progress of a sweep: runs, rate and time left."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text


class _Rate(ProgressColumn):
    """Runs a second."""

    def render(self, task: Task) -> Text:
        """Show the speed of late."""
        return Text(f"{task.speed:,.0f} runs/s" if task.speed else "")


@contextmanager
def rated() -> Iterator[Callable[[int, int], None]]:
    """Show runs, rate and time left on stderr, if that is a terminal."""
    counts = TextColumn("{task.completed:,.0f} of {task.total:,.0f} runs")
    errors = Console(stderr=True)
    columns = BarColumn(), counts, _Rate(), TimeRemainingColumn()
    with Progress(*columns, console=errors, disable=not errors.is_terminal, transient=True) as bar:
        task = bar.add_task("runs", total=1, visible=False)
        yield lambda done, total: bar.update(task, completed=done, total=total, visible=True)
