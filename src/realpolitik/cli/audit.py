"""`realpolitik audit`: how much each claim carries."""

from typing import TYPE_CHECKING

import rich_click as click

from realpolitik.cli.common import (
    conclude,
    files_of,
    force_option,
    json_option,
    load,
    outputs,
    plot_option,
    scenario_argument,
    seed_option,
    set_option,
    settings_of,
    uncertainty_option,
)
from realpolitik.cli.printing import Grid, Screen, progress

if TYPE_CHECKING:
    from realpolitik.auditing import Audit
    from realpolitik.choices import Uncertainty


@click.command()
@scenario_argument
@click.option("--outcome", required=True, help="Which outcome, as in the table of `run`.")
@click.option("--by", metavar="YYYY-MM", help="The month by which it must happen. By default the scenario's end.")
@click.option("--worlds", default=8, show_default=True, help="Worlds for each pair of orders.")
@click.option("--permutations", default=1024, show_default=True, help="Orders of the claims to play, an even number.")
@seed_option
@set_option
@uncertainty_option
@plot_option
@force_option
@json_option
def audit(
    scenario: str,
    outcome: str,
    by: str | None,
    worlds: int,
    permutations: int,
    seed: int,
    settings: tuple[str, ...],
    uncertainty: "Uncertainty",
    plot: str | None,
    force: bool,
    as_json: bool,
) -> None:
    """Say how much each claim carries for the probability of an outcome.

    A row falls as soon as one of the claims that it stands on is taken away. `without` is the outcome when one claim
    falls; `share` is what the claim adds, averaged over the orders in which claims could be made (Shapley). The shares
    sum to what all claims together do.

    **Examples**

        realpolitik audit karabakh --outcome withdrawal
        realpolitik audit karabakh --outcome free_exit --by 2024-12 --plot burden.svg
        realpolitik audit karabakh --outcome withdrawal --uncertainty posterior --json
    """
    chosen = load(scenario)
    out = outputs(force, files_of(chosen.chain))
    out.figure(plot, "audit")
    from realpolitik import auditing

    with progress("rounds") as report:
        found = auditing.audit(
            chosen,
            outcome,
            by=by,
            worlds=worlds,
            permutations=permutations,
            seed=seed,
            set=settings_of(settings),
            uncertainty=uncertainty,
            progress=report,
        )
    conclude("audit", found, _print, out, plot=plot, as_json=as_json)


def _print(out: Screen, found: "Audit") -> None:
    """Print the claims, the heaviest first, and what they sum to."""
    label = found.scenario.document["outcomes"][found.outcome]["label"]
    out.say((label, "bold"), f" by {found.by}: {found.full:.1%} with all claims, {found.empty:.1%} with none\n")
    grid = Grid(
        ("claim", "name"),
        ("share", "number"),
        ("95% interval", "number"),
        ("without", "number"),
        ("what it says", "prose"),
    )
    for burden in found.burdens:
        span = f"{burden.low:+.3f} to {burden.high:+.3f}"
        grid.add(burden.claim, f"{burden.share:+.3f}", span, f"{burden.without:.1%}", burden.text)
    span = f"{found.effect_low:+.3f} to {found.effect_high:+.3f}"
    grid.add("sum", f"{found.sum:+.3f}", span, f"{found.empty:.1%}", "All claims together")
    grid.show(out)
    if found.unmoved:
        out.say(f"\nNo row stands on {', '.join(found.unmoved)}, so they carry nothing here.", style="dim")
    out.say(f"{found.permutations:,} orders, {found.worlds} worlds for each pair, seed {found.seed}", style="dim")
