"""Options that commands share, how they read a scenario, and how they print.

What is heavy is imported by what needs it: the help of every command passes through here.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, get_args

import rich_click as click
from rich.console import Console

from realpolitik.choices import Uncertainty, Weights

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from realpolitik.scenario import Scenario, Setting


def complete_scenario(_context: click.Context, _parameter: click.Parameter, typed: str) -> list["CompletionItem"]:
    """Offer the shipped scenarios to the shell, and files."""
    from click.shell_completion import CompletionItem

    from realpolitik.scenario import shipped

    names = [CompletionItem(s.name, help=s.title) for s in shipped() if s.name.startswith(typed)]
    return names or [CompletionItem(typed, type="file")]


scenario_argument = click.argument("scenario", shell_complete=complete_scenario)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
seed_option = click.option(
    "--seed", default=1, show_default=True, help="World i of a seed is the same to the bit anywhere, for ever."
)
set_option = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="PATH=VALUE[@YYYY-MM]",
    help="Change a number, from the start or from a month on; may be repeated.",
)
theory_option = click.option(
    "--theory",
    type=click.Choice(get_args(Weights)),
    help="Weight rule: what others' interests count for. By default the scenario's own.",
)
uncertainty_option = click.option(
    "--uncertainty",
    type=click.Choice(get_args(Uncertainty)),
    help="none: every number at its value. prior: each world draws its numbers from their ranges. "
    "posterior: from the settings that `calibrate` found to fit history. "
    "By default none, unless the scenario's [meta] says otherwise.",
)
plot_option = click.option("--plot", metavar="FILE", help="Write the figure: .svg, .png or .pdf.")


class Result(Protocol):
    """What a command finds."""

    def to_dict(self) -> dict[str, Any]:
        """Return everything that `--json` prints."""
        ...


R = TypeVar("R", bound=Result)


def load(source: str) -> "Scenario":
    """Read a scenario."""
    from realpolitik.scenario import load as read

    return read(source)


def settings_of(texts: tuple[str, ...]) -> list["Setting"]:
    """Return the changes of `--set` options."""
    from realpolitik.scenario import parse_setting

    return [parse_setting(text) for text in texts]


def conclude(
    figure: str,
    found: R,
    show: Callable[[Console, R], None],
    *,
    plot: str | None,
    as_json: bool,
    written: Mapping[str, str | None] | None = None,
    more: Mapping[str, Any] | None = None,
) -> None:
    """End a command: draw the figure if it is asked for, then print what was found, as JSON or for people.

    People are also told what was written where; `more` goes into the document.
    """
    if plot is not None:
        from realpolitik import figures

        figures.plot(figure, found, plot)
    if as_json:
        print_json({**found.to_dict(), **(more or {})})
        return
    show(console(), found)
    for what, where in {"Figure": plot, **(written or {})}.items():
        if where is not None:
            click.echo(f"{what} written to {where}")


def print_json(document: Any) -> None:
    """Print one JSON document on stdout."""
    click.echo(json.dumps(document, ensure_ascii=False, allow_nan=False))


def console() -> Console:
    """Return a console on stdout; tables are never cut when it is not a terminal."""
    plain = Console()
    return plain if plain.is_terminal else Console(width=120)


@contextmanager
def progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """Show progress on stderr, if that is a terminal."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    errors = Console(stderr=True)
    with Progress(*columns, console=errors, disable=not errors.is_terminal, transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
