"""`realpolitik calibrate`: fit the ranges of a scenario to its history, and check that rule of fitting."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click
from click import get_current_context

from realpolitik.cli.options import (
    COUNT,
    Written,
    conclude,
    device_option,
    force_option,
    json_option,
    opened,
    plot_option,
    refuse,
    scenario_argument,
    seed_option,
)
from realpolitik.cli.printing import Grid, Screen, argument, command_line, notify, number_grid, say
from realpolitik.cli.waiting import progress

if TYPE_CHECKING:
    from realpolitik.calibration import Calibration, Coverage

NOT_CONVERGED = 1
NOT_COVERED = 1
SHOWN_COVERED = 5
"""Numbers furthest from the nominal coverage, and best informed ones, in a table of `calibrate --check`."""
LITTLE = 0.05
"""Share of the variance below which a history says next to nothing about a number."""
SHOWN = 15
"""Ranges in the table of `calibrate`, the most narrowed first."""


@click.command()
@scenario_argument
@click.option(
    "--out", metavar="FILE", help="Write the sample; `run` finds NAME.posterior.parquet next to the scenario."
)
@click.option(
    "--write", metavar="FILE", help="Write the scenario file with fitted values and ranges; comments are kept."
)
@seed_option
@click.option("--settings", default=512, type=COUNT, show_default=True, help="Size of the sample, a multiple of 8.")
@click.option(
    "--worlds", default=4, type=COUNT, show_default=True, help="Worlds per setting of sequential Monte Carlo."
)
@click.option("--error", default=3.0, show_default=True, help="Months from a date within which a world matches it.")
@click.option("--check", is_flag=True, help="Check whether the intervals cover, on histories of the model itself.")
@click.option("--histories", default=2000, type=COUNT, show_default=True, help="Histories per prior of --check.")
@click.option("--unconverged", is_flag=True, help="Write a sample that has not converged too.")
@device_option
@plot_option
@force_option
@json_option
@click.pass_context
def calibrate(
    context: click.Context,
    scenario: str,
    out: str | None,
    write: str | None,
    seed: int,
    settings: int,
    worlds: int,
    error: float,
    check: bool,
    histories: int,
    unconverged: bool,
    plot: str | None,
    force: bool,
    as_json: bool,
) -> None:
    """Fit the ranges of a scenario to its [history] and [quantities], without the hold-outs.

    A setting has one value for every range. Settings are drawn from the ranges, and each is kept if its world
    reproduces the history, with every dated outcome within `--error` months of its date and every quantity within its
    own error: so each is weighed by the share of its worlds that do. If such worlds are too rare, settings are sampled
    by sequential Monte Carlo, with `--worlds` worlds each. `run --uncertainty posterior`
    draws from the sample. A sample that has not converged is not written, unless with `--unconverged`; the exit code
    is then 1.

    `--write` writes a copy of the scenario file, with its comments: each number that the data inform gets the median
    of the sample as its value and the 80% interval as its range. Only the sample of `--out` keeps which values go
    together.

    `--check` plays settings that are drawn from the ranges, fits the history that each of them makes by the same rule,
    and counts how often the 80% intervals of the posterior hold the numbers that made it (simulation-based
    calibration). Exit code 1: the coverage of a number is below 72% or above 88%, and its 95% interval does not
    contain 80%; with few histories it mostly does.

    **Examples**

        realpolitik calibrate karabakh --out karabakh.posterior.parquet
        realpolitik calibrate my-case.toml --out my-case.posterior.parquet --settings 256 --error 6
        realpolitik calibrate my-case.toml --write my-fitted-case.toml
        realpolitik calibrate karabakh --plot narrowing.svg --json > calibration.json
        realpolitik calibrate karabakh --check --plot ranks.svg
    """
    if check:
        refuse("--check, which draws no sample", "out", "write", "settings", "worlds", "unconverged")
    else:
        refuse("a fit, only with --check", "histories")
    chosen, files = opened(force, scenario)
    files.file(out, "Parquet file")
    files.file(write, "scenario file")
    files.figure(plot, "coverage" if check else "calibration")
    from realpolitik import calibration
    from realpolitik.posterior import inherited_history

    if check:
        with progress("steps") as report:
            covered = calibration.coverage(chosen, seed=seed, histories=histories, error=error, progress=report)
        conclude("coverage", covered, _print_coverage, files, plot=plot, as_json=as_json)
        context.exit(0 if covered.ok else NOT_COVERED)
    if write is not None:
        from realpolitik.calibration.rewriting import check_target

        check_target(chosen, Path(write))
    if inherited := inherited_history(chosen):
        notify(inherited)
    with progress("steps") as report:
        found = calibration.calibrate(
            chosen, seed=seed, settings=settings, worlds=worlds, error=error, progress=report, notice=notify
        )
    kept = found.converged or unconverged
    written = (
        []
        if not kept
        else [
            Written("Posterior", out, lambda: files.write(Path(str(out)), found.content(Path(str(out)).name))),
            Written("Scenario", write, lambda: files.write(Path(str(write)), _rewritten(found, str(write)))),
        ]
    )
    conclude("calibration", found, _print_calibrate, files, plot=plot, as_json=as_json, written=written)
    if written and not as_json:
        _print_next(found, out, write)
    if not found.converged:
        if not kept and (out or write):
            notify(f"not converged, so nothing was written. {found.advice()} To write it anyway: --unconverged")
        context.exit(NOT_CONVERGED)


def _print_coverage(out: Screen, found: "Coverage") -> None:
    """Print the coverage of the numbers furthest from 80%, and how much histories say about the best informed ones."""
    result = found.to_dict()
    out.say((found.scenario.name, "bold"), f": {result['verdict']}")
    for check in result["checks"]:
        some = f"{check['settings']:,.0f} of {result['drawn']:,} settings reproduce the median one"
        out.say((f"\nDrawn: {check['name']}", "bold"), f"  {check['histories']:,} histories fitted; {some}")
        if check["left_out"]:
            out.say(f"{check['left_out']:,} histories are too rare to be fitted, and left out.", style="dim")
        grid = number_grid("number", "coverage", "95% interval", "variance removed")
        far = sorted(check["numbers"], key=lambda row: -abs(row["coverage"] - result["nominal"]))[:SHOWN_COVERED]
        best = sorted(check["numbers"], key=lambda row: -row["contraction"])[:SHOWN_COVERED]
        for row in [*far, *(row for row in best if row not in far)]:
            span = f"{row['low']:.1%} to {row['high']:.1%}"
            style = "red" if row["path"] in check["outside"] else ""
            grid.add(row["path"], f"{row['coverage']:.1%}", span, f"{row['contraction']:.0%}", style=style)
        grid.show(out)
        least = sum(row["contraction"] < LITTLE for row in check["numbers"])
        out.say(f"Furthest from 80%, and best informed. A history removes less than {LITTLE:.0%} of the variance of "
                f"{least} of {len(check['numbers'])} numbers.", style="dim")  # fmt: skip


def _print_next(found: "Calibration", out: str | None, write: str | None) -> None:
    """Print the commands that run the sample and the scenario that were written."""
    from realpolitik.posterior import ENDING, posterior_file

    source = argument(get_current_context().params["scenario"])
    commands = []
    used = posterior_file(found.scenario)
    if out is not None and used is not None and used.samefile(out):
        commands.append(command_line("run", source, "--uncertainty", "posterior"))
    elif out is not None:
        say(f"`run` does not find the sample there: it reads NAME{ENDING} in the folder of NAME.toml.")
    if write is not None:
        commands.append(command_line("run", argument(write)))
    if commands:
        Screen().hint("Next:", *commands)


def _rewritten(found: "Calibration", target: str) -> bytes:
    from realpolitik.calibration.rewriting import rewritten

    return rewritten(found, Path(target)).encode()


def _print_calibrate(out: Screen, found: "Calibration") -> None:
    """Print the convergence, the fitted rows, the ranges that narrowed, and those that did not."""
    result = found.to_dict()
    out.say((found.scenario.name, "bold"), f": {result['verdict']}")
    accepted = f"; {result['acceptance']:.2%} of proposals were accepted" if result["method"] == "walking" else ""
    out.say(f"{result['simulations']:,} worlds run{accepted}")
    if not found.converged:
        out.say(found.advice(), style="red")
    out.say()
    _print_rows(out, result)
    _print_predicted(out, result["predicted"])
    if len(result["uninformed"]) < len(result["narrowings"]):
        _print_narrowed(out, result)
    out.say(
        f"\nThe data do not inform {len(result['uninformed'])} of {len(result['narrowings'])} numbers: "
        f"their ranges neither narrowed nor moved by 5% or more.",
    )
    out.say("  " + ", ".join(result["uninformed"]), style="dim")


def _print_rows(out: Screen, result: dict[str, Any]) -> None:
    """Print the shares of worlds that match each fitted row."""
    titles = ("matched by the ranges", "given all other rows", "by the sample")
    grid = Grid(("fitted to", "name"), *((title, "number") for title in titles))
    for name, row in result["rows"].items():
        grid.add(name, *(f"{row[key]:.1%}" for key in ("prior", "given_others", "sample")))
    grid.show(out)


def _print_predicted(out: Screen, rows: list[dict[str, Any]]) -> None:
    """Print when each outcome of the history happens, in worlds of the ranges and of the sample."""
    grid = number_grid("outcome", "actual", "ranges: p10", "median", "p90", "sample: p10", "median", "p90")
    for row in rows:
        months = [row[kind][key] or "later" for kind in ("prior", "posterior") for key in ("p10", "median", "p90")]
        grid.add(row["row"] + "*" * row["holdout"], row["date"], *months)
    out.say()
    grid.show(out)
    out.say("* held out of the fit; later: not within two years of the last date.", style="dim")


def _print_narrowed(out: Screen, result: dict[str, Any]) -> None:
    numbers = ("range", "mean", "80% of settings", "narrowed by", "interval")
    grid = Grid(("best informed", "name"), *((title, "number") for title in numbers))
    narrowed = sorted((n for n in result["narrowings"] if n["informed"]), key=lambda n: -n["narrowed"])
    for row in narrowed[:SHOWN]:
        spread = f"{row['p10']:.3g} to {row['p90']:.3g}"
        span = f"{row['narrowed_low']:.0%} to {row['narrowed_high']:.0%}"
        low, high = row["prior"]
        grid.add(row["path"], f"{low:g} to {high:g}", f"{row['mean']:.3g}", spread, f"{row['narrowed']:.0%}", span)
    out.say()
    grid.show(out)
    out.say("95% intervals.", style="dim")
