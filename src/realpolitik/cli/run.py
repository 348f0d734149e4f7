"""`realpolitik run`: the main job."""

from typing import TYPE_CHECKING

import rich_click as click
from rich.table import Table

from realpolitik.cli.common import (
    conclude,
    json_option,
    load,
    plot_option,
    progress,
    scenario_argument,
    seed_option,
    set_option,
    settings_of,
    theory_option,
    uncertainty_option,
)

if TYPE_CHECKING:
    from rich.console import Console

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
    from realpolitik import ensembles, files

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
    if out is not None:
        files.write_results(ensemble, out)
    conclude("ensemble", ensemble, _print, plot=plot, as_json=as_json, written={"Results": out})


def _print(out: "Console", ensemble: "Ensemble") -> None:
    """Print the outcomes as a table, and how to go on."""
    from realpolitik.posterior import posterior_of

    result = ensemble.to_dict()
    out.print(f"[bold]{result['title']}[/bold]")
    out.print(ensemble.scenario.document["meta"]["question"], highlight=False)
    span = f"{result['months'][0]} to {result['months'][-1]}"
    out.print(
        f"{ensemble.worlds:,} worlds, {span}, seed {ensemble.seed}, weights by {result['theory']}\n", highlight=False
    )
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("outcome", "what happens"):
        table.add_column(column, style="dim" if column == "outcome" else None)
    for column in ("probability", "p10", "median", "p90", "history"):
        table.add_column(column, justify="right")
    for name, row in result["outcomes"].items():
        cells = [_cell(row[key]) for key in ("p10", "median", "p90")]
        table.add_row(name, row["label"], f"{row['probability']:.1%}", *cells, row["history"] or "")
    out.print(table)
    if ensemble.uncertainty == "posterior":
        out.print(f"\n{posterior_of(ensemble.scenario).note(ensemble.scenario)}", style="dim", highlight=False)
    out.print("\nDates are of the worlds where it happens; history is what the file says did happen.", style="dim")
    out.print(f"Next: realpolitik explain {ensemble.scenario.name} --world 0 --seed {ensemble.seed}", highlight=False)


def _cell(value: str | float | None) -> str:
    return f"{value:.2f}" if isinstance(value, float) else value or ""
