"""`realpolitik discover`: where in a sweep an outcome comes about."""

from typing import TYPE_CHECKING

import rich_click as click

from realpolitik.cli.common import conclude, json_option, plot_option

if TYPE_CHECKING:
    from rich.console import Console

    from realpolitik.sweeps.discovery import Discovery


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path())
@click.option("--outcome", required=True, help="Which outcome.")
@click.option("--density", default=0.8, show_default=True, help="The probability that it should have inside a box.")
@click.option("--boxes", default=1, show_default=True, help="How many boxes, one after the other.")
@click.option("--write", metavar="FILE.toml", help="Write each box as a scenario that `run` takes and draws from.")
@plot_option
@json_option
def discover(
    folder: str, outcome: str, density: float, boxes: int, write: str | None, plot: str | None, as_json: bool
) -> None:
    """Find the settings under which an outcome comes about, as boxes in words (PRIM).

    Density is the outcome's probability inside a box, with a 95% interval, on points that did not choose the box;
    coverage is the share of all its cases that lie inside.

    **Examples**

        realpolitik discover war --outcome withdrawal
        realpolitik discover war --outcome withdrawal --write box.toml
        realpolitik run box.toml
    """
    from realpolitik.sweeps.boxes import write_boxes
    from realpolitik.sweeps.discovery import discover as seek

    found = seek(folder, outcome, density=density, boxes=boxes)
    files = write_boxes(found, write) if write is not None else []
    names = [str(file) for file in files]
    conclude("discovery", found, _print, plot=plot, as_json=as_json, more={"files": names})
    for name in () if as_json else names:
        click.echo(f"Box written to {name}. Next: realpolitik run {name}")


def _print(_out: "Console", found: "Discovery") -> None:
    """Print each box: what it promises, then its limits."""
    click.echo(f"{found.outcome}: {found.overall:.1%} of all worlds of the sweep")
    for n, box in enumerate(found.boxes, 1):
        short = "" if box.density >= found.wanted else f", short of the {found.wanted:.0%} asked for"
        click.echo(f"\nBox {n}: {box.density:.1%} ({box.low:.1%} to {box.high:.1%}) inside{short}")
        click.echo(f"  coverage {box.coverage:.1%}, {box.mass:.1%} of the points")
        for line in box.words() or ["everything that was swept"]:
            click.echo(f"  {line}")
