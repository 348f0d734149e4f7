"""`realpolitik discover`: where in a sweep an outcome comes about."""

from typing import TYPE_CHECKING

import rich_click as click

from realpolitik.cli.common import Written, conclude, files_of_sweep, force_option, json_option, outputs, plot_option
from realpolitik.cli.printing import Screen, argument, command_line, say

if TYPE_CHECKING:
    from realpolitik.sweeps.discovery import Discovery

MOST = 20
"""Boxes that may be asked for."""


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path())
@click.option("--outcome", required=True, help="Which outcome.")
@click.option("--density", default=0.8, show_default=True, help="The probability that it should have inside a box.")
@click.option("--boxes", default=1, show_default=True, help="How many boxes, one after the other.")
@click.option("--write", metavar="FILE.toml", help="Write each box as a scenario that `run` takes and draws from.")
@plot_option
@force_option
@json_option
def discover(
    folder: str,
    outcome: str,
    density: float,
    boxes: int,
    write: str | None,
    plot: str | None,
    force: bool,
    as_json: bool,
) -> None:
    """Find the settings under which an outcome comes about, as boxes in words (PRIM).

    Density is the outcome's probability inside a box, with a 95% interval, on points that did not choose the box;
    coverage is the share of all its cases that lie inside.

    **Examples**

        realpolitik discover war --outcome withdrawal
        realpolitik discover war --outcome withdrawal --write box.toml
        realpolitik run box.toml
    """
    from realpolitik.sweeps import open_sweep
    from realpolitik.sweeps.discovery import discover as seek
    from realpolitik.sweeps.discovery import files_of_boxes, write_boxes

    sweep = open_sweep(folder)
    out = outputs(force, files_of_sweep(sweep))
    out.file(write, "scenario file")
    for file in files_of_boxes(write, min(boxes, MOST))[1:] if write is not None else ():
        out.file(file, "scenario file")
    out.figure(plot, "discovery")
    found = seek(sweep, outcome, density=density, boxes=boxes)
    names: list[str] = []

    def write_all() -> None:
        names.extend(str(file) for file in write_boxes(found, str(write), out.write))

    written = [Written("", write, write_all)]
    conclude("discovery", found, _print, out, plot=plot, as_json=as_json, written=written, more={"files": names})
    for name in () if as_json else names:
        say(f"Box written to {name}. Next: {command_line('run', argument(name))}")


def _print(_out: Screen, found: "Discovery") -> None:
    """Print each box: what it promises, then its limits."""
    say(f"{found.outcome}: {found.overall:.1%} of all worlds of the sweep")
    for n, box in enumerate(found.boxes, 1):
        short = "" if box.density >= found.wanted else f", short of the {found.wanted:.0%} asked for"
        say(f"\nBox {n}: {box.density:.1%} ({box.low:.1%} to {box.high:.1%}) inside{short}")
        say(f"  coverage {box.coverage:.1%}, {box.mass:.1%} of the points")
        for line in box.words() or ["everything that was swept"]:
            say(f"  {line}")
