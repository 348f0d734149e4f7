"""`realpolitik tornado` and `derive`: which numbers of a scenario matter, and numbers from tables."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click
from click import get_current_context

from realpolitik.choices import STATISTICS, Statistic
from realpolitik.cli.options import (
    COUNT,
    NUMBER,
    WEIGHT_RULES,
    Written,
    computing,
    conclude,
    force_option,
    foresight_option,
    json_option,
    opened,
    outputs,
    plot_option,
    scenario_argument,
    seed_option,
    set_option,
    settings_of,
    theory_option,
)
from realpolitik.cli.printing import Grid, Screen, same_world, say
from realpolitik.texts import counted

if TYPE_CHECKING:
    from realpolitik.deriving import Derivation
    from realpolitik.swings import Swing, Tornado


@click.command(epilog=WEIGHT_RULES)
@scenario_argument
@click.option("--outcome", required=True, help="Name of the outcome, as in the table of `run`.")
@click.option(
    "--statistic",
    type=click.Choice(STATISTICS),
    help="probability of the outcome; mean of its measure, or its median month, where it happens. "
    "By default the measure of an outcome that has one, otherwise the probability.",
)
@click.option("--by", metavar="YYYY-MM", help="Last month. By default the end of the scenario.")
@click.option(
    "--worlds", default=2000, type=COUNT, show_default=True, help="Worlds per end of a range; at most 10,000."
)
@seed_option
@set_option
@theory_option
@foresight_option
@click.option("--top", default=20, type=COUNT, show_default=True, help="Numbers to show. JSON has all of them.")
@plot_option
@force_option
@json_option
def tornado(
    scenario: str,
    outcome: str,
    statistic: Statistic | None,
    by: str | None,
    worlds: int,
    seed: int,
    settings: tuple[str, ...],
    theory: str | None,
    foresight: int | None,
    top: int,
    plot: str | None,
    force: bool,
    as_json: bool,
) -> None:
    """Show which numbers move an outcome most: each at both ends of its range, all others at their values.

    The same worlds are used for all, so differences come from the numbers alone. The width of a number is the largest
    difference between the low end, the value and the high end. Its interval holds for all numbers together: at 95%, no
    number without influence is reported as more than noise. Months and measures are over the worlds in which the
    outcome happens at that end: a width also contains that other worlds have it at the other end. A width in months is
    between medians interpolated within their months, so it may be 0.4 where both ends show the same month. A number
    alone says nothing of interactions; for these, use `sweep` and `sensitivity`.

    **Examples**

        realpolitik tornado karabakh --outcome withdrawal --by 2024-12
        realpolitik tornado karabakh --outcome withdrawal --statistic month --plot tornado.svg
        realpolitik tornado karabakh --outcome price_of_withdrawal --theory self-interest --top 10
    """
    chosen, out = opened(force, scenario)
    out.figure(plot, "tornado")
    with computing("worlds") as report:
        from realpolitik import swings

        found = swings.tornado(
            chosen,
            outcome,
            statistic=statistic,
            by=by,
            worlds=worlds,
            seed=seed,
            set=settings_of(settings),
            theory=theory,
            foresight=foresight,
            top=top,
            progress=report,
        )
    conclude("tornado", found, _print_tornado, out, plot=plot, as_json=as_json)


def _print_tornado(out: Screen, found: "Tornado") -> None:
    """Print the widest swings, how many more there are, and the command that plays the widest one."""
    ranges = len(found.swings) + len(found.unmoved)
    what = {"probability": "probability", "measure": "mean", "month": "median month"}[found.statistic]
    level = _level(found, found.value)
    out.say((found.label, "bold"), f": {what} {level} by {found.by}, with every number at its value")
    out.say(f"{counted(found.worlds, 'world')} of seed {found.seed} per end of {counted(ranges, 'range')}\n")
    if found.shown:
        _grid(out, found).show(out)
        out.say()
    for line in _rest(found):
        out.say(line, style="dim")
    if found.shown:
        first = found.shown[0]
        value = first.low if first.at_low != found.value else first.high
        setting: tuple[object, ...] = ("--set", f"{first.path}={value!r}", "--worlds", found.worlds)
        setting += ("--uncertainty", "none")  # every other number has its value, as here
        until = () if found.by == found.case.dates()[-1] else ("--until", found.by)
        out.hint("Next:", same_world("run", get_current_context().params["scenario"], *until, *setting))


def _grid(out: Screen, found: "Tornado") -> Grid:
    numbers = ("low", "high", "at low", "at high", "width", "95% interval")
    grid = Grid(("number", "name"), *((title, "number") for title in numbers), ("", "bar"))
    longest = max((swing.width or 0.0 for swing in found.shown), default=0.0) or 1.0
    for swing in found.shown:
        ends = (f"{swing.low:g}", f"{swing.high:g}", _level(found, swing.at_low), _level(found, swing.at_high))
        share = 1.0 if swing.width is None else swing.width / longest
        noise = swing.width is not None and not swing.clear
        grid.add(swing.path, *ends, *_width(found, swing), out.bar(share), style="dim" * noise)
    return grid


def _level(found: "Tornado", value: float | None) -> str:
    level = found.level(value)
    if level is None:
        return "never"
    if isinstance(level, str):
        return level
    return f"{level:.1%}" if found.statistic == "probability" else f"{level:.3f}"


def _width(found: "Tornado", swing: "Swing") -> tuple[str, str]:
    """Return the width and its interval: probabilities in percentage points, or that it is within noise."""
    if swing.width is None:
        return "", ""
    scale, form = (100.0, ".1f") if found.statistic == "probability" else (1.0, ".3f")
    if found.statistic == "month":
        form = ".1f"
    ends = [end for end in (swing.width_low, swing.width_high) if end is not None and swing.clear]
    return format(scale * swing.width, form), " to ".join(format(scale * end, form) for end in ends) or "noise"


def _rest(found: "Tornado") -> list[str]:
    """Return what the table does not show, in sentences."""
    from realpolitik.swings import FEWEST

    unit = {"probability": "percentage points", "measure": "the unit of the measure", "month": "months"}
    more, still = found.swings[len(found.shown) :], len(found.unmoved)
    noisy = bool(more) or any(swing.width is not None and not swing.clear for swing in found.shown)
    few = f", or fewer than {FEWEST} worlds have the outcome at an end" * (found.statistic != "probability")
    noise = f"; noise: not more than chance would do, in all ranges together{few}" if noisy else ""
    lines = [f"Width is in {unit[found.statistic]}{noise}."]
    if found.statistic == "month":
        lines.append("It is between medians that are interpolated within their months, so it need not be whole.")
    if found.statistic != "probability":
        lines.append("Each level is over the worlds with the outcome at that end; the other end may have others.")
    if more:
        clear = sum(swing.clear for swing in more)
        lines.append(f"{len(more):,} more move it less, {clear:,} of them beyond noise (--top {len(found.swings)}).")
    if still:
        lines.append(f"{still:,} {'range does' if still == 1 else 'ranges do'} not move it.")
    return lines


class ChannelWeight(click.ParamType):  # type: ignore[type-arg]  # generic from click 8.2 on
    """The weight of a channel: CHANNEL=NUMBER."""

    name = "channel=number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, float]:
        """Return channel and number; whether the number is in range is checked where it is used."""
        if isinstance(value, tuple):
            return value
        channel, _, number = str(value).rpartition("=")
        if not channel or not NUMBER.fullmatch(number):
            self.fail(f"'{value}' is not CHANNEL=NUMBER, such as gas=1.5", param, ctx)
        return channel, float(number)


@click.command()
@click.argument("table", metavar="TABLE.csv", type=click.Path())
@click.option("--period", metavar="YYYY[-MM]", help="The period whose numbers the rows state. By default the last one.")
@click.option(
    "--weight",
    "weights",
    multiple=True,
    type=ChannelWeight(),
    metavar="CHANNEL=NUMBER",
    help="Stake of a provider with a share of 1, 0 to 10; may be repeated. By default 1.",
)
@click.option(
    "--slack",
    default=0.2,
    show_default=True,
    help="Share of its flow that a source without capacity is assumed to be able to add.",
)
@click.option("--dependent", "dependents", multiple=True, help="Only rows of this dependent; may be repeated.")
@click.option("--provider", "providers", multiple=True, help="Only rows of this provider; may be repeated.")
@click.option("--claim", "claims", multiple=True, metavar="ID", help="Claim that the rows cite; may be repeated.")
@click.option("--out", metavar="FILE.toml", help="Write the rows there instead of printing them.")
@force_option
@json_option
def derive(
    table: str,
    period: str | None,
    weights: tuple[tuple[str, float], ...],
    slack: float,
    dependents: tuple[str, ...],
    providers: tuple[str, ...],
    claims: tuple[str, ...],
    out: str | None,
    force: bool,
    as_json: bool,
) -> None:
    """Turn a table of trade or other flows into dependence rows, with ranges and the arithmetic in comments.

    The stake is the share of the provider in all that the dependent gets through a channel; alternatives are the share
    of this flow that its other sources could add (Hirschman 1945). The ranges are from the lowest to the highest value
    of all periods.

    TABLE.csv has the columns dependent, provider, channel, period (a year or a month), value, unit, source, and
    optionally capacity: what the provider could deliver at most. A row whose provider is the dependent is its own
    production. Paste the output into a scenario: a country that is written as provider or dependent must be an actor.

    **Examples**

        realpolitik derive gas.csv
        realpolitik derive gas.csv --provider Moscow --weight gas=1.5 --slack 0.1 --out rows.toml
    """
    from realpolitik.deriving import derive as derived

    files = outputs(force, [table])
    files.file(out, "scenario file")
    found = derived(
        table,
        period=period,
        weights=dict(weights),
        slack=slack,
        dependents=dependents,
        providers=providers,
        claims=claims,
    )
    text = found.toml().encode()

    def show(_out: Screen, found: "Derivation") -> None:
        if out is None:
            click.echo(text, nl=False)
        else:
            say(f"{counted(len(found.rows), 'dependence row')} from {found.table}")
            for sentence in found.left_out:
                say(f"  {sentence}")

    written = [Written("Rows", out, lambda: files.write(Path(str(out)), text))]
    conclude("", found, show, files, plot=None, as_json=as_json, written=written)
