"""`realpolitik calibrate`: the settings that fit history."""

from typing import TYPE_CHECKING, Any

import rich_click as click

from realpolitik.cli.common import (
    Written,
    conclude,
    files_of,
    force_option,
    json_option,
    load,
    outputs,
    plot_option,
    scenario_argument,
    seed_option,
)
from realpolitik.cli.printing import Grid, Screen, progress

if TYPE_CHECKING:
    from realpolitik.calibration import Calibration

NOT_CONVERGED = 1
SHOWN = 15


@click.command()
@scenario_argument
@click.option("--out", metavar="FILE", help="Write the sample there; beside the scenario as NAME.posterior.parquet.")
@seed_option
@click.option("--settings", default=512, show_default=True, help="How many settings to sample, a multiple of 8.")
@click.option("--worlds", default=64, show_default=True, help="Worlds that each setting is tried in.")
@click.option("--error", default=1.5, show_default=True, help="Months by which a fitting forecast may be off (CRPS).")
@plot_option
@force_option
@json_option
@click.pass_context
def calibrate(
    context: click.Context,
    scenario: str,
    out: str | None,
    seed: int,
    settings: int,
    worlds: int,
    error: float,
    plot: str | None,
    force: bool,
    as_json: bool,
) -> None:
    """Fit the ranges of a scenario to its [history] and [quantities]; hold-outs are left alone.

    A setting of all ranges fits if its own forecast of every dated outcome scores within the error, and every quantity
    lies within its own. Settings are drawn from the whole ranges and kept if they fit; if fits are too rare for that,
    populations of settings walk to them. `run --uncertainty posterior` draws from the sample. Exit code 1: the sample
    is written, but has not converged.

    **Examples**

        realpolitik calibrate karabakh --out karabakh.posterior.parquet
        realpolitik calibrate my-case.toml --out my-case.posterior.parquet --settings 256 --error 3
        realpolitik calibrate karabakh --plot narrowing.svg --json > calibration.json
    """
    chosen = load(scenario)
    files = outputs(force, files_of(chosen.chain))
    files.file(out, "Parquet file")
    files.figure(plot, "calibration")
    from realpolitik import calibration

    with progress("steps") as report:
        found = calibration.calibrate(chosen, seed=seed, settings=settings, worlds=worlds, error=error, progress=report)
    written = [Written("Posterior", out, lambda: found.write(str(out)))]
    conclude("calibration", found, _print, files, plot=plot, as_json=as_json, written=written)
    if not found.converged:
        context.exit(NOT_CONVERGED)


def _print(out: Screen, found: "Calibration") -> None:
    """Print how well it went, what was fitted, what narrowed, and what the data could not tell."""
    result = found.to_dict()
    out.say((found.scenario.name, "bold"), f": {result['verdict']}")
    size, total = result["ess"], f"{result['settings']:,} settings"
    out.say(
        f"{total}, worth {size['median']:.0f} independent ones for the median number, {size['p10']:.0f} or more for "
        f"nine in ten; {result['simulations']:,} worlds played; {result['acceptance']:.2%} of settings fit\n",
    )
    _print_rows(out, result)
    if len(result["uninformed"]) < len(result["narrowings"]):
        _print_narrowed(out, result)
    out.say(
        f"\nThe data cannot tell {len(result['uninformed'])} of {len(result['narrowings'])} numbers: "
        f"their ranges neither narrowed nor moved by as much as 5%.",
    )
    out.say("  " + ", ".join(result["uninformed"]), style="dim")


def _print_rows(out: Screen, result: dict[str, Any]) -> None:
    grid = Grid(("fitted to", "name"), ("score, median", "number"), ("score, 90%", "number"))
    for name, row in result["rows"].items():
        grid.add(name, f"{row['median']:.2f}", f"{row['p90']:.2f}")
    grid.show(out)


def _print_narrowed(out: Screen, result: dict[str, Any]) -> None:
    numbers = ("range", "mean", "80% of settings", "narrowed by", "interval")
    grid = Grid(("what the data tell most about", "name"), *((title, "number") for title in numbers))
    told = sorted((n for n in result["narrowings"] if n["informed"]), key=lambda n: -n["narrowed"])
    for row in told[:SHOWN]:
        spread = f"{row['p10']:.3g} to {row['p90']:.3g}"
        span = f"{row['narrowed_low']:.0%} to {row['narrowed_high']:.0%}"
        low, high = row["prior"]
        grid.add(row["path"], f"{low:g} to {high:g}", f"{row['mean']:.3g}", spread, f"{row['narrowed']:.0%}", span)
    out.say()
    grid.show(out)
    out.say("Scores in units of the error; 95% intervals.", style="dim")
