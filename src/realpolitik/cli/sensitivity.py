"""`realpolitik sensitivity`: which inputs of a sweep matter."""

from typing import TYPE_CHECKING, Any

import rich_click as click
from rich.table import Table

from realpolitik.cli.common import conclude, json_option, plot_option

if TYPE_CHECKING:
    from rich.console import Console

    from realpolitik.sweeps.analysing import Sensitivity

BAR = 24


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path())
@click.option("--outcome", "outcomes", multiple=True, help="Of which outcome; may be repeated. By default of all.")
@click.option("--out", metavar="FILE", help="Write the indices as a Parquet file.")
@plot_option
@json_option
def sensitivity(folder: str, outcomes: tuple[str, ...], out: str | None, plot: str | None, as_json: bool) -> None:
    """Say which inputs of a sweep an outcome depends on, and how surely.

    After `--design sobol`: the share of the outcome's variance that each input carries alone (first) and with all its
    interactions (total). After `--design morris`: the mean size of the change that each input makes (mu*), and its
    spread. Intervals are 95%, by bootstrap.

    **Examples**

        realpolitik sensitivity war --outcome withdrawal
        realpolitik sensitivity war --outcome withdrawal --outcome final.karabakh --plot indices.svg
    """
    from realpolitik.sweeps.analysing import sensitivity as analyse

    found = analyse(folder, outcomes)
    if out is not None:
        found.write(out)
    conclude("sensitivity", found, _print, plot=plot, as_json=as_json, written={"Indices": out})


def _print(out: "Console", found: "Sensitivity") -> None:
    """Print a table an outcome, with bars, the input that matters most first."""
    for name in found.outcomes:
        rows = found.of(name)
        out.print(f"[bold]{name}[/bold]: mean {rows[0]['mean']:.3f} over {found.blocks:,} blocks", highlight=False)
        if rows[0]["variance"] == 0:
            out.print("  the same at every point; nothing to explain\n")
            continue
        out.print(_table(rows, found.indices))
        out.print()


def _table(rows: list[dict[str, Any]], indices: tuple[str, ...]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("input", style="dim")
    for index in indices:
        table.add_column(index.replace("_star", "*"), justify="right")
        table.add_column("95%", justify="right", style="dim")
    main = "total" if "total" in indices else indices[0]
    table.add_column(main.replace("_star", "*"))
    longest = 1.0 if main == "total" else max(row[main] for row in rows) or 1.0
    for row in rows:
        cells = [
            cell
            for index in indices
            for cell in (_number(row[index]), f"{_number(row[index + '_low'])} to {_number(row[index + '_high'])}")
        ]
        table.add_row(row["input"], *cells, _bar((row[main] or 0.0) / longest))
    return table


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _bar(share: float) -> str:
    """Draw a share of a full bar, to an eighth of a character."""
    eighths = round(min(max(share, 0.0), 1.0) * BAR * 8)
    return "█" * (eighths // 8) + " ▏▎▍▌▋▊▉"[eighths % 8].strip()
