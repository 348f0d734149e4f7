"""`realpolitik calibrate`: the settings that fit history."""

from typing import TYPE_CHECKING, Any

import rich_click as click
from rich.console import Console
from rich.table import Table

from realpolitik.cli.common import conclude, json_option, load, plot_option, progress, scenario_argument, seed_option

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
    from realpolitik import calibration

    with progress("steps") as report:
        found = calibration.calibrate(chosen, seed=seed, settings=settings, worlds=worlds, error=error, progress=report)
    if out is not None:
        found.write(out)
    conclude("calibration", found, _print, plot=plot, as_json=as_json, written={"Posterior": out})
    if not found.converged:
        context.exit(NOT_CONVERGED)


def _print(out: Console, found: "Calibration") -> None:
    """Print how well it went, what was fitted, what narrowed, and what the data could not tell."""
    result = found.to_dict()
    out.print(f"[bold]{found.scenario.name}[/bold]: {result['verdict']}", highlight=False)
    size, total = result["ess"], f"{result['settings']:,} settings"
    out.print(
        f"{total}, worth {size['median']:.0f} independent ones for the median number, {size['p10']:.0f} or more for "
        f"nine in ten; {result['simulations']:,} worlds played; {result['acceptance']:.2%} of settings fit\n",
        highlight=False,
    )
    out.print(_rows(result))
    if len(result["uninformed"]) < len(result["narrowings"]):
        out.print("", _narrowed(result))
    out.print(
        f"\nThe data cannot tell {len(result['uninformed'])} of {len(result['narrowings'])} numbers: "
        f"their ranges neither narrowed nor moved by as much as 5%.",
        highlight=False,
    )
    out.print("  " + ", ".join(result["uninformed"]), style="dim", highlight=False)


def _rows(result: dict[str, Any]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("fitted to", style="dim")
    for column in ("score, median", "score, 90%"):
        table.add_column(column, justify="right")
    for name, row in result["rows"].items():
        table.add_row(name, f"{row['median']:.2f}", f"{row['p90']:.2f}")
    return table


def _narrowed(result: dict[str, Any]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", caption="Scores in units of the error; 95% intervals.")
    table.add_column("what the data tell most about", style="dim")
    for column in ("range", "mean", "80% of settings", "narrowed by", "interval"):
        table.add_column(column, justify="right")
    told = sorted((n for n in result["narrowings"] if n["informed"]), key=lambda n: -n["narrowed"])
    for row in told[:SHOWN]:
        spread = f"{row['p10']:.3g} to {row['p90']:.3g}"
        span = f"{row['narrowed_low']:.0%} to {row['narrowed_high']:.0%}"
        low, high = row["prior"]
        table.add_row(row["path"], f"{low:g} to {high:g}", f"{row['mean']:.3g}", spread, f"{row['narrowed']:.0%}", span)
    return table
