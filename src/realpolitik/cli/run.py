"""`realpolitik run`: the main job."""

from typing import TYPE_CHECKING

import rich_click as click
from click import get_current_context

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
    set_option,
    settings_of,
    theory_option,
    uncertainty_option,
)
from realpolitik.cli.printing import Grid, Screen, progress, same_world

if TYPE_CHECKING:
    from realpolitik.choices import Uncertainty
    from realpolitik.results import Ensemble


@click.command()
@scenario_argument
@click.option("--worlds", default=2000, show_default=True, help="How many worlds to play.")
@seed_option
@click.option("--until", metavar="YYYY-MM", help="Last month to play. By default the scenario's end.")
@set_option
@theory_option
@uncertainty_option
@click.option("--out", metavar="DIR", help="Write result.json, outcomes.csv and worlds.csv there.")
@plot_option
@force_option
@json_option
def run(
    scenario: str,
    worlds: int,
    seed: int,
    until: str | None,
    settings: tuple[str, ...],
    theory: str | None,
    uncertainty: "Uncertainty | None",
    out: str | None,
    plot: str | None,
    force: bool,
    as_json: bool,
) -> None:
    """Run an ensemble: how likely each outcome is, when, and at what price.

    SCENARIO is a file, or the name of a shipped scenario (`realpolitik list`).

    **Examples**

        realpolitik run karabakh
        realpolitik run karabakh --worlds 10000 --plot karabakh.svg
        realpolitik run karabakh --set drivers.isolation.scale=0 --until 2025-12
        realpolitik run karabakh --theory self-interest --json > result.json
    """
    chosen = load(scenario)
    files = outputs(force, files_of(chosen.chain))
    files.folder(out)
    files.figure(plot, "ensemble")
    from realpolitik import ensembles

    with progress("worlds") as report:
        ensemble = ensembles.run(
            chosen,
            worlds=worlds,
            seed=seed,
            until=until,
            set=settings_of(settings),
            theory=theory,
            uncertainty=uncertainty,
            progress=report,
        )
    written = [Written("Results", out, lambda: files.write_results(ensemble, str(out)))]
    conclude("ensemble", ensemble, _print, files, plot=plot, as_json=as_json, written=written)


def _print(out: Screen, ensemble: "Ensemble") -> None:
    """Print the outcomes as a table, and how to go on."""
    from realpolitik.posterior import posterior_of

    result = ensemble.to_dict()
    out.say((result["title"], "bold"))
    out.say(ensemble.scenario.document["meta"]["question"])
    span = f"{result['months'][0]} to {result['months'][-1]}"
    out.say(f"{ensemble.worlds:,} worlds, {span}, seed {ensemble.seed}, weights by {result['theory']}\n")
    numbers = ("probability", "p10", "median", "p90", "history")
    grid = Grid(("outcome", "name"), ("what happens", "prose"), *((title, "number") for title in numbers))
    for name, row in result["outcomes"].items():
        cells = [_cell(row[key]) for key in ("p10", "median", "p90")]
        grid.add(name, row["label"], f"{row['probability']:.1%}", *cells, row["history"] or "")
    grid.show(out)
    if ensemble.uncertainty == "posterior":
        out.say(f"\n{posterior_of(ensemble.scenario).note(ensemble.scenario)}", style="dim")
    out.say("\nDates are of the worlds where it happens; history is what the file says did happen.", style="dim")
    out.hint("Next:", same_world("explain", get_current_context().params["scenario"], "--world", 0))


def _cell(value: str | float | None) -> str:
    return f"{value:.2f}" if isinstance(value, float) else value or ""
