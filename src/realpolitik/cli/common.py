"""Options that commands share, and how they print."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import rich_click as click
from click.shell_completion import CompletionItem
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from realpolitik.scenario import Setting, parse_setting, shipped


def complete_scenario(_context: click.Context, _parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """Offer the shipped scenarios to the shell, and files."""
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
    type=click.Choice(["leverage", "self-interest", "capability", "placebo"]),
    help="Weight rule: what others' interests count for. By default the scenario's own.",
)
uncertainty_option = click.option(
    "--uncertainty",
    type=click.Choice(["none", "prior", "posterior"]),
    help="none: every number at its value. prior: each world draws its numbers from their ranges. "
    "posterior: from the settings that `calibrate` found to fit history. "
    "By default none, unless the scenario's [meta] says otherwise.",
)


def settings_of(texts: tuple[str, ...]) -> list[Setting]:
    """Return the changes of `--set` options."""
    return [parse_setting(text) for text in texts]


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
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    errors = Console(stderr=True)
    with Progress(*columns, console=errors, disable=not errors.is_terminal, transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
