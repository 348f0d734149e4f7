"""`realpolitik sweep`: many worlds at each of many settings of a scenario."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, get_args

import rich_click as click
from click import get_current_context
from click.core import ParameterSource

from realpolitik.choices import Design, Keep
from realpolitik.cli.options import (
    COUNT,
    WEIGHT_RULES,
    complete_scenario,
    device_option,
    foresight_option,
    json_option,
    opened,
    refuse,
    seed_option,
    set_option,
    settings_of,
    theory_option,
)
from realpolitik.cli.printing import Screen, argument, command_line, notify, print_json, say
from realpolitik.cli.waiting import progress
from realpolitik.sweeps.counts import CHUNK, Counts
from realpolitik.sweeps.execution import check_engine
from realpolitik.texts import counted

if TYPE_CHECKING:
    from realpolitik.sweeps import Sweep
    from realpolitik.sweeps.execution import Stop


@click.command(epilog=WEIGHT_RULES)
@click.argument("scenario", required=False, shell_complete=complete_scenario)
@click.option(
    "--vary",
    multiple=True,
    metavar="PATH=LOW:HIGH",
    help="A number to vary; also PATH=A,B,... for levels, or PATH for its own range. By default every range.",
)
@click.option("--out", metavar="DIR", help="Folder of the sweep. The same command on the same folder resumes it.")
@click.option(
    "--design",
    type=click.Choice(get_args(Design)),
    default="sobol",
    show_default=True,
    help="sobol: for `sensitivity`. morris: to screen many inputs.",
)
@click.option("--points", default=1024, type=COUNT, show_default=True, help="Number of settings.")
@click.option(
    "--worlds",
    default=64,
    type=COUNT,
    show_default=True,
    help="Worlds per point, the same random numbers at every point.",
)
@seed_option
@click.option(
    "--keep",
    type=click.Choice(get_args(Keep)),
    default="worlds",
    show_default=True,
    help="Write one row per world, or one per point.",
)
@set_option
@theory_option
@foresight_option
@click.option("--workers", type=COUNT, help="Number of threads. By default one per processor.")
@click.option("--scheduler", metavar="ADDRESS", help="Run on a Dask cluster, such as tcp://127.0.0.1:8786.")
@device_option
@click.option(
    "--chunk", type=COUNT, metavar="WORLDS", help="Worlds per file. By default 16,384, fewer for a large case."
)
@click.option("--status", metavar="DIR", help="Print the progress of the sweep in DIR, and check its files.")
@json_option
def sweep(
    scenario: str | None,
    vary: tuple[str, ...],
    out: str | None,
    design: Design,
    points: int,
    worlds: int,
    seed: int,
    keep: Keep,
    settings: tuple[str, ...],
    theory: str | None,
    foresight: int | None,
    workers: int | None,
    scheduler: str | None,
    chunk: int | None,
    status: str | None,
    as_json: bool,
) -> None:
    """Sweep over numbers and theories: many worlds at each of many settings, with outcomes in Parquet files.

    A sweep that was stopped or killed is resumed by the same command on the same folder, with the same files to the
    byte.

    **Examples**

        realpolitik sweep karabakh --vary drivers.war.scale=0:1 --vary drivers.isolation.scale=0:1 --out war
        realpolitik sweep karabakh --vary theory.weights=leverage,capability --design grid --points 2 --out rivals
        realpolitik sweep karabakh --vary theory.foresight=0,3,6 --design grid --points 3 --out ahead
        realpolitik sweep karabakh --points 1e6 --keep points --device auto --out all
        realpolitik sweep --status war
    """
    if status is not None:
        ignored = {str(one.name) for one in get_current_context().command.params} - {"status", "as_json"}
        refuse("--status", *ignored)
        _status(status, as_json)
        return
    if scenario is None or out is None:
        raise click.UsageError("a sweep needs a SCENARIO and --out DIR")
    if design != "grid":  # the points of a grid depend on the factors
        Counts(points=points, worlds=worlds, keep=keep, chunk=CHUNK if chunk is None else chunk).check()
    check_engine(workers, scheduler)
    chosen, files = opened(False, scenario)
    files.sweep(out)
    _check_encoding(*_same_command(scenario, out), *chosen.chain)
    from realpolitik import sweeps

    with progress("runs", rate=True) as report, _stoppable() as stop:
        done = sweeps.sweep(
            scenario,
            out,
            vary=[sweeps.parse_vary(text, chosen) for text in vary] or None,
            design=design,
            points=points,
            worlds=worlds,
            seed=seed,
            keep=keep,
            set=settings_of(settings),
            theory=theory,
            foresight=foresight,
            workers=workers,
            scheduler=scheduler,
            chunk=chunk,
            progress=report,
            stop=stop,
            notice=notify,
            command=_same_command(scenario, out),
        )
    _print(done, as_json)


@contextmanager
def _stoppable() -> "Iterator[Stop]":
    """Let a signal stop the sweep, and exit with 128 + signal, as shells expect."""
    from realpolitik.sweeps.execution import Stopped, stoppable

    try:
        with stoppable(notify) as stop:
            yield stop
    except Stopped as stopped:
        notify(str(stopped))
        sys.exit(128 + stopped.number)


def _check_encoding(*names: str) -> None:
    """Raise ValueError for a name that is not valid UTF-8, which a manifest cannot store."""
    for name in names:
        if name != name.encode("utf-8", "replace").decode("utf-8"):
            raise ValueError(f"'{name}' is not valid UTF-8, which the manifest of a sweep cannot store; rename it")


def _same_command(scenario: str, out: str) -> list[str]:
    """Return the current command with its options, so that it can be run again from any folder."""
    from realpolitik.scenario.sources import from_anywhere, shipped_names

    context = get_current_context()
    place = scenario if scenario in shipped_names() else from_anywhere(scenario)
    words = ["realpolitik", "sweep", place]
    for option in context.command.params:
        value = context.params.get(option.name or "")
        if option.name in ("scenario", "out", "as_json") or value in (None, ()):
            continue
        if context.get_parameter_source(str(option.name)) is not ParameterSource.DEFAULT:
            values = value if isinstance(value, tuple) else (value,)
            words += [word for one in values for word in (option.opts[0], str(one))]
    return [*words, "--out", from_anywhere(out)]


def _print(done: "Sweep", as_json: bool) -> None:
    from realpolitik.scenario.forms import main_outcome
    from realpolitik.sweeps.designs import BLOCK, blocks_of
    from realpolitik.sweeps.indices import FEWEST
    from realpolitik.sweeps.opening import status_of

    if as_json:
        print_json(status_of(done, verify=False))
        return
    plan, folder = done.plan, argument(done.folder)
    points = f"{counted(plan.points, 'point')} ({plan.kind}, {counted(len(plan.factors), 'input')})"
    say(f"{counted(plan.runs, 'run')}: {points} of {counted(plan.worlds, 'world')} each.")
    say(f"{counted(plan.rows, 'row')} in {counted(plan.chunks, 'file')}, {done.folder}/results/*.parquet")
    hints = [command_line("explain", folder, "--row", (plan.runs - 1) // 2)]
    if plan.kind in BLOCK:
        blocks, width = blocks_of(plan.kind, len(plan.factors), plan.points)
        if blocks >= FEWEST:
            outcome = main_outcome(done.scenario.document)
            about = ("--outcome", outcome) if outcome else ()
            hints.insert(0, command_line("sensitivity", folder, *about))
        else:
            say(f"Too few points for `sensitivity`, which needs {FEWEST * width:,}.")
    Screen().hint("Next:", *hints)


def _status(folder: str, as_json: bool) -> None:
    from realpolitik.sweeps import open_sweep
    from realpolitik.sweeps.opening import status_of

    report = status_of(open_sweep(folder))
    if as_json:
        print_json(report)
    else:
        _print_status(report)
    if report["damaged"]:
        sys.exit(1)


def _print_status(report: dict[str, Any]) -> None:
    design = report["design"]
    state = "complete" if report["done"] == report["chunks"] else "running" if report["running"] else "stopped"
    say(f"{report['folder']}: {state}, {report['done']:,} of {counted(report['chunks'], 'chunk')}.")
    counts = f"{counted(design['points'], 'point')} of {counted(design['worlds'], 'world')} each"
    say(f"  {report['scenario']}, seed {report['seed']}; {design['kind']}, {counts}")
    if report["device"] != "cpu":
        say(f"  begun on {report['device']}")
    for one in design["factors"]:
        levels = (
            ", ".join(str(level) for level in one["levels"])
            if "levels" in one
            else f"{one['low']:g} to {one['high']:g}"
        )
        say(f"  {one['path']}: {levels}")
    for name in report["damaged"]:
        say(f"  damaged: {name}; run the same command again to compute it again")
    if state == "stopped":
        say(f"To resume: {_resuming(report)}")


def _resuming(report: dict[str, Any]) -> str:
    """Return the command that resumes a sweep; what to call, if the sweep was started from Python."""
    words = [str(word) for word in report["command"] or ()][1:]
    if words[:1] != ["sweep"]:
        return str(report["resume"])
    if "--out" in words[:-1]:
        words[words.index("--out") + 1] = report["folder"]
    return command_line(*words)
