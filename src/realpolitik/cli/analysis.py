"""`realpolitik sensitivity` and `discover`: which inputs of a sweep matter, and where an outcome happens."""

from typing import TYPE_CHECKING, Any

import rich_click as click

from realpolitik.cli.options import (
    COUNT,
    Written,
    conclude,
    files_of_sweep,
    force_option,
    json_option,
    outputs,
    plot_option,
)
from realpolitik.cli.printing import Grid, Screen, argument, command_line, notify, say
from realpolitik.texts import counted

if TYPE_CHECKING:
    from realpolitik.sweeps.discovery import Discovery, Found
    from realpolitik.sweeps.indices import Sensitivity

MOST_BOXES, MOST_NAMED = 20, 8
NO_BOX = 1


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path())
@click.option("--outcome", "outcomes", multiple=True, help="Name of an outcome; may be repeated. By default all.")
@click.option("--out", metavar="FILE", help="Write the indices as a Parquet file.")
@plot_option
@force_option
@json_option
def sensitivity(
    folder: str, outcomes: tuple[str, ...], out: str | None, plot: str | None, force: bool, as_json: bool
) -> None:
    """Measure how much an outcome depends on each input of a sweep, with confidence intervals.

    With `--design sobol`: the share of the variance of the outcome due to each input alone (first) and with all its
    interactions (total). With `--design morris`: the mean absolute effect of each input (mu*), and the standard
    deviation of its effects (sigma). Intervals are 95%, by bootstrap.

    An outcome is how often it happens. `NAME.measure` is its measure, which needs every point to have worlds with the
    outcome, and `final.ISSUE` an issue in the last month.

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
    conclude("sensitivity", found, _print_sensitivity, files, plot=plot, as_json=as_json, written=written)


def _print_sensitivity(out: Screen, found: "Sensitivity") -> None:
    """Print a table with bars per outcome, the most important input first, without those that change nothing."""
    from realpolitik.sweeps.columns import of_outcome
    from realpolitik.sweeps.indices import moving

    for name in found.outcomes:
        rows = found.of(name)
        out.say((name, "bold"), f": mean {rows[0]['mean']:.3f} over {counted(found.blocks, 'block')}")
        if (measure := of_outcome(name, "measure")) in found.sweep.measures:
            out.say(f"  how often it happens; its measure, where it happens, is the outcome {measure}", style="dim")
        if rows[0]["variance"] == 0:
            out.say("  the same at every point: no variance to explain\n")
            continue
        shown = moving(rows)
        if shown:
            _grid(out, shown, found.indices).show(out)
        if len(shown) < len(rows):
            count = len(rows) - len(shown)
            out.say(f"{counted(count, 'input')} left out: 0.000 in every column", style="dim")
        out.say()


def _grid(out: Screen, rows: list[dict[str, Any]], indices: tuple[str, ...]) -> Grid:
    main = "total" if "total" in indices else indices[0]
    grid = Grid(
        ("input", "name"),
        *((title, "number") for index in indices for title in (index.replace("_star", "*"), "95%")),
        ("", "bar"),
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


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path())
@click.option("--outcome", required=True, help="Name of the outcome.")
@click.option("--density", default=0.8, show_default=True, help="Target probability of the outcome inside a box.")
@click.option("--boxes", default=1, type=COUNT, show_default=True, help="Number of boxes, found one after the other.")
@click.option(
    "--write", metavar="FILE.toml", help="Write each box as a scenario file; `run` draws its numbers from the box."
)
@plot_option
@force_option
@json_option
@click.pass_context
def discover(
    context: click.Context,
    folder: str,
    outcome: str,
    density: float,
    boxes: int,
    write: str | None,
    plot: str | None,
    force: bool,
    as_json: bool,
) -> None:
    """Find boxes of settings in which an outcome is likely (PRIM).

    Density is the probability of the outcome inside a box, with a 95% interval, on points that were not used to find
    the box; coverage is the share of all cases of the outcome that lie inside. On the same points, each limit is
    tested: p is the chance of as many cases inside if the limit made no difference (one-sided binomial test). Limits
    with p above 0.05 are dropped, and the box is sought again without them; --json lists them. Where no limit is
    left there is no box: then the exit code is 1, and `--write` writes nothing. With many inputs, a sweep with
    `--design lhs` finds boxes where one with `sobol` has too few blocks.

    **Examples**

        realpolitik discover war --outcome withdrawal
        realpolitik discover war --outcome withdrawal --write box.toml
        realpolitik run box.toml
    """
    from realpolitik.sweeps import open_sweep
    from realpolitik.sweeps.discovery import discover as find
    from realpolitik.sweeps.discovery import files_of_boxes, write_boxes

    sweep = open_sweep(folder)
    out = outputs(force, files_of_sweep(sweep))
    out.file(write, "scenario file")
    for file in files_of_boxes(write, min(boxes, MOST_BOXES))[1:] if write is not None else ():
        out.file(file, "scenario file")
    out.figure(plot, "discovery")
    found = find(sweep, outcome, density=density, boxes=boxes)
    names: list[str] = []

    def write_all() -> None:
        names.extend(str(file) for file in write_boxes(found, str(write), out.write))

    written = [Written("", write, write_all)]
    conclude(
        "discovery", found, _print_discover, out, plot=plot, as_json=as_json, written=written, more={"files": names}
    )
    for name in () if as_json else names:
        say(f"Box written to {name}. Next: {command_line('run', argument(name))}")
    if not any(box.limits for box in found.boxes):
        if write is not None:
            notify(f"there is no box, so nothing was written to {write}")
        context.exit(NO_BOX)


def _print_discover(out: Screen, found: "Discovery") -> None:
    """Print the density, coverage and limits of each box."""
    from realpolitik.sweeps.discovery import LEVEL

    out.say(f"{found.outcome}: {found.overall:.1%} of all worlds of the sweep")
    for n, box in enumerate(found.boxes, 1):
        if not box.limits:
            enough = box.density >= found.wanted
            why = "it has the target without any limit" if enough else "no limit is more than noise"
            out.say(f"\nNo box of a target of {found.wanted:.0%}: {why}")
            _print_noise(out, box)
            continue
        short = "" if box.density >= found.wanted else f", below the target of {found.wanted:.0%}"
        out.say(f"\nBox {n}: {box.density:.1%} ({box.low:.1%} to {box.high:.1%}) inside{short}")
        out.say(f"  coverage {box.coverage:.1%}, {box.mass:.1%} of the points")
        for path, line in zip(box.limits, box.words(), strict=True):
            out.say(f"  {line}  ({' and '.join(_chance(p) for p in box.p_of(path))})")
        _print_noise(out, box)
    if any(box.tests or box.dropped for box in found.boxes):
        out.say(f"\np: one-sided binomial test of each limit; limits above {LEVEL:g} are dropped", style="dim")


def _print_noise(out: Screen, box: "Found") -> None:
    """Print the inputs of which every limit was dropped."""
    if names := box.without_limit:
        more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
        out.say(f"  no more than noise: limits of {', '.join(names[:MOST_NAMED])}{more}", style="dim")


def _chance(p: float) -> str:
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"
