"""`realpolitik sensitivity`: which inputs of a sweep matter."""

from typing import TYPE_CHECKING, Any

import rich_click as click

from realpolitik.cli.common import Written, conclude, files_of_sweep, force_option, json_option, outputs, plot_option
from realpolitik.cli.printing import Grid, Screen

if TYPE_CHECKING:
    from realpolitik.sweeps.indices import Sensitivity


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path())
@click.option("--outcome", "outcomes", multiple=True, help="Of which outcome; may be repeated. By default of all.")
@click.option("--out", metavar="FILE", help="Write the indices as a Parquet file.")
@plot_option
@force_option
@json_option
def sensitivity(
    folder: str, outcomes: tuple[str, ...], out: str | None, plot: str | None, force: bool, as_json: bool
) -> None:
    """Say which inputs of a sweep an outcome depends on, and how surely.

    After `--design sobol`: the share of the outcome's variance that each input carries alone (first) and with all its
    interactions (total). After `--design morris`: the mean size of the change that each input makes (mu*), and its
    spread. Intervals are 95%, by bootstrap.

    **Examples**

        realpolitik sensitivity war --outcome withdrawal
        realpolitik sensitivity war --outcome withdrawal --outcome final.karabakh --plot indices.svg
    """
    from realpolitik.sweeps import open_sweep
    from realpolitik.sweeps.indices import sensitivity as analyse

    sweep = open_sweep(folder)
    files = outputs(force, files_of_sweep(sweep))
    files.file(out, "Parquet file")
    files.figure(plot, "sensitivity")
    found = analyse(sweep, outcomes)
    written = [Written("Indices", out, lambda: files.write_frame(found.frame(), str(out)))]
    conclude("sensitivity", found, _print, files, plot=plot, as_json=as_json, written=written)


def _print(out: Screen, found: "Sensitivity") -> None:
    """Print a table for each outcome, with bars, the input that matters most first."""
    for name in found.outcomes:
        rows = found.of(name)
        out.say((name, "bold"), f": mean {rows[0]['mean']:.3f} over {found.blocks:,} blocks")
        if rows[0]["variance"] == 0:
            out.say("  the same at every point; nothing to explain\n")
            continue
        _grid(out, rows, found.indices).show(out)
        out.say()


def _grid(out: Screen, rows: list[dict[str, Any]], indices: tuple[str, ...]) -> Grid:
    main = "total" if "total" in indices else indices[0]
    grid = Grid(
        ("input", "name"),
        *((title, "number") for index in indices for title in (index.replace("_star", "*"), "95%")),
        (main.replace("_star", "*"), "bar"),
    )
    longest = 1.0 if main == "total" else max(row[main] for row in rows) or 1.0
    for row in rows:
        cells = [
            cell
            for index in indices
            for cell in (_number(row[index]), f"{_number(row[index + '_low'])} to {_number(row[index + '_high'])}")
        ]
        grid.add(row["input"], *cells, out.bar((row[main] or 0.0) / longest))
    return grid


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
