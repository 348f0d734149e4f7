"""What commands share: their options, reading a scenario, declaring outputs, and printing and writing the result.

Expensive modules are imported in functions, because the help of every command imports this module.
"""

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from decimal import Decimal
from functools import wraps
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar, cast, get_args

import rich_click as click
from click import get_current_context
from click.core import ParameterSource

from realpolitik.choices import THEORIES, On, Uncertainty
from realpolitik.cli.printing import Screen, argument, command_line, print_json, say
from realpolitik.cli.waiting import progress
from realpolitik.devices import playing_on
from realpolitik.files import SWEEP_OWN, OutputFiles
from realpolitik_model.equations.weights import RULES

if TYPE_CHECKING:
    from pathlib import Path

    from click.shell_completion import CompletionItem

    from realpolitik.figures import Choice
    from realpolitik.scenario import Scenario, Setting
    from realpolitik.sweeps import Sweep

NUMBER = re.compile(r"[+-]?[0-9]+(?:_[0-9]+)*(?:\.[0-9]*)?(?:[eE][+-]?[0-9]{1,4})?")
MOST_DIGITS = 30
BLAS = "scipy.linalg.cython_blas"


class Count(click.ParamType):  # type: ignore[type-arg]  # generic from click 8.2 on
    """A whole number, which may be written 1000000, 1_000_000 or 1e6."""

    name = "integer"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number; whether it is in range is checked where it is used."""
        if isinstance(value, int):
            return value
        number = Decimal(value) if NUMBER.fullmatch(value) else None
        if number is not None and number.adjusted() > MOST_DIGITS:
            self.fail(f"'{value}' is too large", param, ctx)
        if number is None or number != int(number):
            self.fail(f"'{value}' is not a whole number, such as 1000000, 1_000_000 or 1e6", param, ctx)
        return int(number)


def complete_scenario(_context: click.Context, _parameter: click.Parameter, typed: str) -> list["CompletionItem"]:
    """Offer the shipped scenarios to the shell, and files."""
    from click.shell_completion import CompletionItem

    from realpolitik.scenario import shipped

    names = [CompletionItem(s.name, help=s.title) for s in shipped() if s.name.startswith(typed)]
    return names or [CompletionItem(typed, type="file")]


COUNT = Count()
WEIGHT_RULES = "\n\n\n\n".join(("**Weight rules**", *(f"`{rule.name}`: {rule.sentence}" for rule in RULES)))
"""The end of the help of every command that has `--theory`; rich-click halves the line breaks."""
scenario_argument = click.argument("scenario", shell_complete=complete_scenario)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
seed_option = click.option(
    "--seed",
    default=1,
    type=COUNT,
    show_default=True,
    help="Random seed. World i of a seed is the same to the last bit on every machine.",
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
    type=click.Choice(THEORIES),
    help="Weight rule: how much the interests of others count. By default the scenario's own. Described below.",
)
foresight_option = click.option(
    "--foresight",
    type=COUNT,
    metavar="MONTHS",
    help="Months that actors look ahead, 0 to 24, when they weigh a move: what others, who look no further than the "
    "month, would then do. By default the scenario's own, mostly 0. Each month takes about ten times the time of a run "
    "without foresight.",
)


def uncertainty_option_of(default: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return the option --uncertainty, with what a command does without it."""
    return click.option(
        "--uncertainty",
        type=click.Choice(get_args(Uncertainty)),
        help="none: every number has its value. prior: each world draws its numbers from their ranges. "
        f"posterior: each world draws one of the settings that `calibrate` found to fit history. {default}",
    )


uncertainty_option = uncertainty_option_of("By default none, unless [meta] of the scenario names another.")
plot_option = click.option("--plot", metavar="FILE", help="Write the figure: .svg, .png or .pdf.")
outcome_option = click.option(
    "--outcome",
    "outcomes",
    multiple=True,
    metavar="NAME",
    help="Show only this outcome in tables and in the figure; may be repeated. --json and files have all.",
)
issue_option = click.option(
    "--issue",
    "issues",
    multiple=True,
    metavar="NAME",
    help="Draw this issue in the figure of --plot; may be repeated.",
)
leverage_option = click.option(
    "--leverage",
    multiple=True,
    metavar="'A>B'",
    help="Draw the leverage of A over B in the figure of --plot, such as 'Baku>Moscow' (in quotes); may be repeated.",
)
force_option = click.option(
    "--force", is_flag=True, help="Replace files that this command did not write. Inputs are never replaced."
)

C = TypeVar("C", bound=Callable[..., None])


def device_option(command: C) -> C:
    """Add the option --device to a command, all of whose worlds are played there."""

    @click.option(
        "--device",
        type=click.Choice(get_args(On)),
        default="cpu",
        show_default=True,
        help="Where worlds are played: on the processor, on an NVIDIA GPU (`cuda`), or on a GPU if there is one "
        "(`auto`). The worlds are the same to the last bit.",
    )
    @wraps(command)
    def on_device(*arguments: Any, device: On, **options: Any) -> None:
        with playing_on(device):
            command(*arguments, **options)

    return cast(C, on_device)


class Result(Protocol):
    """The result of a command."""

    def to_dict(self) -> dict[str, Any]:
        """Return everything that `--json` prints."""
        ...


class Written(NamedTuple):
    """An output of a command."""

    what: str
    """What the message calls it; "" for no message."""
    where: str | None
    """Its path; None if it was not requested."""
    write: Callable[[], object]


R = TypeVar("R", bound=Result)


def load(source: str) -> "Scenario":
    """Read a scenario; ValueError, which says what takes it, for the folder of a sweep."""
    from realpolitik.scenario import load as read
    from realpolitik.scenario.sources import shipped_names

    manifest = os.path.join(source, SWEEP_OWN[0])  # noqa: PTH118 (pathlib raises on names that no file system allows)
    if source not in shipped_names() and os.path.isfile(manifest):  # noqa: PTH113
        again = command_line("explain", argument(source), "--row", 0)
        raise ValueError(f"'{source}' is the folder of a sweep; give a row of it, one of its worlds: {again}")
    return read(source)


def load_engine() -> None:
    """Import numba without SciPy's linear algebra, which takes a quarter of the time of a small run.

    numba imports it to support matrix products in compiled functions. No kernel has any; in this process, compiled
    functions of other packages have none either.
    """
    if BLAS in sys.modules:
        return
    sys.modules[BLAS] = None  # type: ignore[assignment]  # importing it raises ImportError
    try:
        with suppress(ImportError):
            import_module("numba.np.arraymath")
    finally:
        del sys.modules[BLAS]


def settings_of(texts: tuple[str, ...]) -> list["Setting"]:
    """Return the changes of `--set` options; ValueError if two of them give one number different values."""
    from realpolitik.scenario import parse_setting

    found: dict[tuple[str, str | None], Setting] = {}
    for setting in map(parse_setting, texts):
        before = found.setdefault((setting.path, setting.month), setting)
        if before != setting:
            when = f" from {setting.month} on" if setting.month else ""
            raise ValueError(f"--set gives {setting.path} two values{when}: {before.value} and {setting.value}")
    return list(found.values())


def given(name: str) -> bool:
    """Return whether an option was given on the command line."""
    return get_current_context().get_parameter_source(name) != ParameterSource.DEFAULT


def refuse(mode: str, *names: str) -> None:
    """Raise ValueError for an option or argument that was given, and that has no effect in this mode of a command."""
    for one in get_current_context().command.params:
        if one.name in names and given(one.name):
            shown = one.opts[0] if isinstance(one, click.Option) else one.human_readable_name
            raise ValueError(f"{shown} does not go with {mode}")


def outputs(force: bool, reads: Iterable["str | Path"] = ()) -> OutputFiles:
    """Return the object that checks and writes the files of the current command."""
    return OutputFiles(str(get_current_context().command.name), force=force, reads=reads)


def opened(force: bool, source: str, *others: str) -> tuple["Scenario", OutputFiles]:
    """Read a scenario; return it and the files of the current command, which replace none that it was read from.

    Neither do they replace a file of the other scenarios that the command reads.
    """
    scenario = load(source)
    return scenario, outputs(force, [*scenario.files, *(file for one in others for file in load(one).files)])


@contextmanager
def computing(what: str, *, even: bool = True) -> Iterator[Callable[[int, int], None]]:
    """Prepare the import of what runs worlds, and show its progress; `what` and `even` as for `progress`."""
    load_engine()
    with progress(what, even=even) as report:
        yield report


def choice_of(
    scenarios: Iterable["Scenario"],
    plot: str | None,
    outcomes: tuple[str, ...],
    issues: tuple[str, ...],
    leverage: tuple[str, ...],
) -> "Choice":
    """Return what tables and figures show; ValueError for a name that not every scenario has, before any work."""
    from realpolitik.figures import Choice

    choice = Choice(outcomes, issues, leverage)
    for scenario in scenarios:
        choice.check(scenario.document)
    for option, names in (("--issue", issues), ("--leverage", leverage)):
        if names and plot is None:
            raise ValueError(f"{option} chooses what the figure shows: give --plot FILE too")
    return choice


def files_of_sweep(sweep: "Sweep") -> Iterator["Path"]:
    """Yield the files of a sweep, and those of its scenario."""
    from realpolitik.scenario import ScenarioError
    from realpolitik.scenario.sources import files_of

    yield from (sweep.folder.path / name for name in SWEEP_OWN)
    stored = sweep.plan.scenario
    yield from files_of(stored["chain"])
    try:
        yield from load(stored["extends"]).files
    except (ScenarioError, OSError):
        yield from files_of([stored["extends"]])


def conclude(
    figure: str,
    found: R,
    show: Callable[[Screen, R], None],
    out: OutputFiles,
    *,
    plot: str | None,
    as_json: bool,
    written: Iterable[Written] = (),
    more: Mapping[str, Any] | None = None,
    choice: "Choice | None" = None,
) -> None:
    """End a command: write the requested files, then print the result, as JSON or as text.

    As text, a line for each file written follows. `more` is added to the JSON document. `choice` is what the figure
    shows. The result is printed even if a file cannot be written.
    """

    def draw() -> None:
        from realpolitik import figures

        figures.plot(figure, found, str(plot), out.write, choice or figures.ALL)

    failure = None
    messages = []
    try:
        for one in (*written, Written("Figure", plot, draw)):
            if one.where is not None:
                one.write()
                messages += [f"{one.what} written to {one.where}"] if one.what else []
    except Exception as error:  # raised again once the result is printed
        failure = error
    if as_json:
        print_json({**found.to_dict(), **(more or {})})
    else:
        show(Screen(), found)
        for line in messages:
            say(line)
    if failure is not None:
        raise failure
