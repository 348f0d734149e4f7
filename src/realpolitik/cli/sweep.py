"""`realpolitik sweep`: many settings of a scenario, many worlds of each."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, get_args

import rich_click as click

from realpolitik.choices import Design, Keep
from realpolitik.cli.common import (
    complete_scenario,
    json_option,
    load,
    print_json,
    seed_option,
    set_option,
    settings_of,
    theory_option,
)
from realpolitik.sweeps.counts import CHUNK, Counts
from realpolitik.sweeps.execution import check_engine

if TYPE_CHECKING:
    from realpolitik.sweeps import Sweep
    from realpolitik.sweeps.stopping import Stop


@click.command()
@click.argument("scenario", required=False, shell_complete=complete_scenario)
@click.option(
    "--vary",
    multiple=True,
    metavar="PATH=LOW:HIGH",
    help="What to vary; also PATH=ONE,TWO,... or PATH alone for its own range. By default every range of the scenario.",
)
@click.option("--out", metavar="DIR", help="The folder; the same command on it again goes on where it stopped.")
@click.option(
    "--design",
    type=click.Choice(get_args(Design)),
    default="sobol",
    show_default=True,
    help="sobol: for `sensitivity`. morris: to screen many inputs.",
)
@click.option("--points", default=1024, show_default=True, help="How many settings.")
@click.option("--worlds", default=64, show_default=True, help="Worlds at each, with the same luck at all of them.")
@seed_option
@click.option(
    "--keep",
    type=click.Choice(get_args(Keep)),
    default="worlds",
    show_default=True,
    help="One row a world or a point.",
)
@set_option
@theory_option
@click.option("--workers", type=int, help="Threads. By default one a processor.")
@click.option("--scheduler", metavar="ADDRESS", help="Run on a Dask cluster, such as tcp://127.0.0.1:8786.")
@click.option("--chunk", type=int, metavar="WORLDS", help="Worlds in one file. By default 16,384.")
@click.option("--status", metavar="DIR", help="Say how far the sweep in DIR has come, and whether its files are sound.")
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
    workers: int | None,
    scheduler: str | None,
    chunk: int | None,
    status: str | None,
    as_json: bool,
) -> None:
    """Sweep over numbers and theories: many worlds at each of many settings, their outcomes as Parquet files.

    Nothing is lost when it is stopped or killed: the same command on the same folder goes on, and the files come out
    the same to the byte.

    **Examples**

        realpolitik sweep karabakh --vary drivers.war.scale=0:1 --vary drivers.isolation.scale=0:1 --out war
        realpolitik sweep karabakh --vary theory.weights=leverage,capability --design grid --points 2 --out rivals
        realpolitik sweep --status war
    """
    if status is not None:
        _status(status, as_json)
        return
    if scenario is None or out is None:
        raise click.UsageError("a sweep needs a SCENARIO and --out DIR")
    if design != "grid":  # whose points depend on what is varied
        Counts(points=points, worlds=worlds, keep=keep, chunk=CHUNK if chunk is None else chunk).check()
    check_engine(workers, scheduler)
    chosen = load(scenario)
    from realpolitik import sweeps
    from realpolitik.cli.rate import rated
    from realpolitik.ensembles import scenario_of

    base = scenario_of(chosen, settings_of(settings), theory)
    with rated() as report, _stoppable() as stop:
        done = sweeps.sweep(
            scenario,
            out,
            vary=[sweeps.parse_vary(text, base) for text in vary] or None,
            design=design,
            points=points,
            worlds=worlds,
            seed=seed,
            keep=keep,
            set=settings_of(settings),
            theory=theory,
            workers=workers,
            scheduler=scheduler,
            chunk=chunk,
            progress=report,
            stop=stop,
            notice=_notice,
            command=["realpolitik", *sys.argv[1:]],
        )
    _print(done, as_json)


def _notice(text: str) -> None:
    click.echo(f"realpolitik: {text}", err=True)


@contextmanager
def _stoppable() -> "Iterator[Stop]":
    """Let a signal stop the sweep, and end with 128 + signal, as shells expect."""
    from realpolitik.sweeps.stopping import Stopped, stoppable

    try:
        with stoppable(_notice) as stop:
            yield stop
    except Stopped as stopped:
        _notice(str(stopped))
        sys.exit(128 + stopped.number)


def _print(done: "Sweep", as_json: bool) -> None:
    from realpolitik.sweeps.status import status_of

    if as_json:
        print_json(status_of(done, verify=False))
        return
    plan = done.plan
    varied = f"{len(plan.factors)} input{'s' * (len(plan.factors) > 1)}"
    click.echo(f"{plan.runs:,} runs: {plan.points:,} points ({plan.kind}, {varied}) of {plan.worlds:,} worlds each.")
    click.echo(f"{plan.rows:,} rows in {plan.chunks:,} files, {done.folder}/results/*.parquet")
    last = plan.runs - 1
    click.echo(
        f"Next: realpolitik sensitivity {done.folder} --outcome {done.outcomes[0]}" * (plan.kind in ("sobol", "morris"))
    )
    click.echo(f"      realpolitik explain {done.folder} --row {last // 2}")


def _status(folder: str, as_json: bool) -> None:
    from realpolitik.sweeps import open_sweep
    from realpolitik.sweeps.status import status_of

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
    click.echo(f"{report['folder']}: {state}, {report['done']:,} of {report['chunks']:,} chunks.")
    counts = f"{design['points']:,} points of {design['worlds']:,} worlds"
    click.echo(f"  {report['scenario']}, seed {report['seed']}; {design['kind']}, {counts}")
    for one in design["factors"]:
        reach = (
            ", ".join(str(level) for level in one["levels"])
            if "levels" in one
            else f"{one['low']:g} to {one['high']:g}"
        )
        click.echo(f"  {one['path']}: {reach}")
    for name in report["damaged"]:
        click.echo(f"  damaged: {name}; give the command again, and it is computed again")
    if state == "stopped":
        click.echo(f"To go on: {report['resume']}")
