"""`realpolitik compare`: what differs between scenarios, world by world."""

from typing import TYPE_CHECKING, Any

import rich_click as click

from realpolitik.cli.common import (
    complete_scenario,
    conclude,
    files_of,
    force_option,
    json_option,
    load,
    outputs,
    plot_option,
    seed_option,
    set_option,
    settings_of,
    uncertainty_option,
)
from realpolitik.cli.printing import Grid, Screen, progress

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
@force_option
@json_option
def compare(
    scenarios: tuple[str, ...],
    worlds: int,
    seed: int,
    fork: str | None,
    settings: tuple[str, ...],
    uncertainty: "Uncertainty | None",
    plot: str | None,
    force: bool,
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
    out = outputs(force, (file for one in chosen for file in files_of(one.chain)))
    out.figure(plot, "comparison")
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
    conclude("comparison", comparison, _print, out, plot=plot, as_json=as_json)


def _print(out: Screen, comparison: "Comparison") -> None:
    result = comparison.to_dict()
    first, *others = result["scenarios"]
    since = f", forked in {result['fork']}" if result["fork"] else ""
    out.say(f"{result['worlds']:,} worlds of seed {result['seed']} in each{since}; every number against {first}\n")
    for name in others:
        _grid(result["outcomes"], first, name).show(out)
        out.say(parting(result["divergence"][name], first, name) + "\n")
    out.say("Differences in probability, paired by world, with 95% intervals.", style="dim")


def _grid(outcomes: dict[str, Any], first: str, name: str) -> Grid:
    numbers = (first, name, "difference", "95% interval", "months later")
    grid = Grid(("outcome", "name"), *((title, "number") for title in numbers))
    for outcome, rows in outcomes.items():
        row = rows[name]
        span = f"{row['low']:+.3f} to {row['high']:+.3f}"
        later = "" if row["months"] is None else f"{row['months']['difference']:+.1f}"
        chances = (f"{rows[scenario]['probability']:.1%}" for scenario in (first, name))
        grid.add(outcome, *chances, f"{row['difference']:+.3f}", span, later)
    return grid


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
