"""Options that commands share, how they read a scenario, what they will write, and how they end.

What is heavy is imported by what needs it: the help of every command passes through here.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar, get_args

import rich_click as click
from click import get_current_context

from realpolitik.choices import Uncertainty, Weights
from realpolitik.cli.printing import Screen, print_json, say
from realpolitik.files import SWEEP_OWN, Outputs

if TYPE_CHECKING:
    from pathlib import Path

    from click.shell_completion import CompletionItem

    from realpolitik.scenario import Scenario, Setting
    from realpolitik.sweeps import Sweep


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
force_option = click.option(
    "--force", is_flag=True, help="Replace files that this command did not write. Inputs are never replaced."
)


class Result(Protocol):
    """What a command finds."""

    def to_dict(self) -> dict[str, Any]:
        """Return everything that `--json` prints."""
        ...


class Written(NamedTuple):
    """Something that a command writes: what it is called, or "" if that is told elsewhere, where it goes, and how."""

    what: str
    where: str | None
    write: Callable[[], object]


R = TypeVar("R", bound=Result)


def load(source: str) -> "Scenario":
    """Read a scenario."""
    from realpolitik.scenario import load as read

    return read(source)


def settings_of(texts: tuple[str, ...]) -> list["Setting"]:
    """Return the changes of `--set` options."""
    from realpolitik.scenario import parse_setting

    return [parse_setting(text) for text in texts]


def outputs(force: bool, reads: Iterable["str | Path"] = ()) -> Outputs:
    """Return what checks and writes the files of the command at hand."""
    return Outputs(str(get_current_context().command.name), force=force, reads=reads)


def files_of(chain: Iterable[str]) -> Iterator["Path"]:
    """Name the files that a scenario came from, its own and those that it extends."""
    from pathlib import Path

    from realpolitik.scenario.sources import shipped_folder

    for link in chain:
        yield Path(link)
        if "/" not in link:
            yield shipped_folder() / link


def files_of_sweep(sweep: "Sweep") -> Iterator["Path"]:
    """Name what a sweep has in its folder, and the files that its scenario came from."""
    from realpolitik.scenario import ScenarioError

    yield from (sweep.folder.path / name for name in SWEEP_OWN)
    stored = sweep.plan.scenario
    yield from files_of(stored["chain"])
    try:
        yield from files_of(load(stored["extends"]).chain)
    except (ScenarioError, OSError):
        yield from files_of([stored["extends"]])


def conclude(
    figure: str,
    found: R,
    show: Callable[[Screen, R], None],
    out: Outputs,
    *,
    plot: str | None,
    as_json: bool,
    written: Iterable[Written] = (),
    more: Mapping[str, Any] | None = None,
) -> None:
    """End a command: write what is asked for, then print what was found, as JSON or for people.

    People are also told what was written where; `more` goes into the document. What was found is printed even if it
    cannot be written.
    """

    def draw() -> None:
        from realpolitik import figures

        figures.plot(figure, found, str(plot), out.write)

    failure = None
    told = []
    try:
        for one in (*written, Written("Figure", plot, draw)):
            if one.where is not None:
                one.write()
                told += [f"{one.what} written to {one.where}"] if one.what else []
    except Exception as error:  # whatever it is, it is raised again once the result is safe
        failure = error
    if as_json:
        print_json({**found.to_dict(), **(more or {})})
    else:
        show(Screen(), found)
        for line in told:
            say(line)
    if failure is not None:
        raise failure
