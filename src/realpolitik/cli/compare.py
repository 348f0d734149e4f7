"""`realpolitik compare`: what differs between scenarios, world by world."""

from typing import TYPE_CHECKING, Any

import rich_click as click
from rich.console import Console
from rich.table import Table

from realpolitik.cli.common import (
    complete_scenario,
    conclude,
    json_option,
    load,
    plot_option,
    progress,
    seed_option,
    set_option,
    settings_of,
    uncertainty_option,
)

if TYPE_CHECKING:
    from realpolitik.choices import Uncertainty
    from realpolitik.comparing import Comparison


@click.command()
@click.argument("scenarios", nargs=-1, required=True, metavar="SCENARIO SCENARIO...", shell_complete=complete_scenario)
@click.option("--worlds", default=2000, show_default=True, help="How many worlds to play in each; 10,000 at most.")
@seed_option
@click.option("--fork", metavar="YYYY-MM", help="Let the others' numbers take effect only from this month on.")
@set_option
@uncertainty_option
@plot_option
@json_option
def compare(
    scenarios: tuple[str, ...],
    worlds: int,
    seed: int,
    fork: str | None,
    settings: tuple[str, ...],
    uncertainty: "Uncertainty | None",
    plot: str | None,
    as_json: bool,
) -> None:
    """Compare scenarios over the same worlds: differences with 95% intervals, and the first decision that differs.

    Every scenario is held against the first. World 17 has the same luck in all of them, so a difference is the
    scenario's and not the dice's.

    **Examples**

        realpolitik compare karabakh no-invasion
        realpolitik compare karabakh no-invasion war-without-isolation --plot what-if.svg
        realpolitik compare karabakh open-eu-market --fork 2023-06 --uncertainty prior
    """
    chosen = [load(scenario) for scenario in scenarios]
    from realpolitik import comparing

    with progress("scenarios") as report:
        comparison = comparing.compare(
            *chosen,
            worlds=worlds,
            seed=seed,
            fork=fork,
            uncertainty=uncertainty,
            set=settings_of(settings),
            progress=report,
        )
    conclude("comparison", comparison, _print, plot=plot, as_json=as_json)


def _print(out: Console, comparison: "Comparison") -> None:
    result = comparison.to_dict()
    first, *others = result["scenarios"]
    since = f", forked in {result['fork']}" if result["fork"] else ""
    out.print(f"{result['worlds']:,} worlds of seed {result['seed']} in each{since}; every number against {first}\n")
    for name in others:
        out.print(_table(result["outcomes"], first, name))
        out.print(parting(result["divergence"][name], first, name) + "\n", highlight=False)
    out.print("Differences in probability, paired by world, with 95% intervals.", style="dim")


def _table(outcomes: dict[str, Any], first: str, name: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("outcome", style="dim")
    for column in (first, name, "difference", "95% interval", "months later"):
        table.add_column(column, justify="right")
    for outcome, rows in outcomes.items():
        row = rows[name]
        span = f"{row['low']:+.3f} to {row['high']:+.3f}"
        later = "" if row["months"] is None else f"{row['months']['difference']:+.1f}"
        chances = (f"{rows[scenario]['probability']:.1%}" for scenario in (first, name))
        table.add_row(outcome, *chances, f"{row['difference']:+.3f}", span, later)
    return table


def parting(divergence: dict[str, Any], first: str, other: str) -> str:
    """Tell where two scenarios part, in a sentence or two."""
    modal, example = divergence["modal"], divergence["example"]
    if modal is None:
        return f"In {divergence['worlds']} worlds nobody decides otherwise."
    told = f"{divergence['share']:.0%} of {divergence['worlds']} worlds part, half of them by {divergence['median']}. "
    mine, theirs = (modal[side] or "holds" for side in ("first", "other"))
    what = f"Most often {modal['actor']} is the first: {mine} under {first}, {theirs} under {other}"
    where = f" ({modal['share']:.0%} of partings). For one: world {example['world']}, {example['month']}."
    return told + what + where
