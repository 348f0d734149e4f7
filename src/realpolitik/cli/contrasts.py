"""`realpolitik compare` and `audit`: what changes between scenarios, and when claims are removed."""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import rich_click as click
from click import get_current_context

from realpolitik.choices import NUMBERS
from realpolitik.cli.options import (
    COUNT,
    choice_of,
    complete_scenario,
    computing,
    conclude,
    device_option,
    force_option,
    issue_option,
    json_option,
    leverage_option,
    load,
    opened,
    outcome_option,
    outputs,
    plot_option,
    scenario_argument,
    seed_option,
    set_option,
    settings_of,
    uncertainty_option,
    uncertainty_option_of,
)
from realpolitik.cli.printing import Grid, Kind, Screen, same_world
from realpolitik.texts import counted

if TYPE_CHECKING:
    from realpolitik.auditing import Audit
    from realpolitik.choices import Uncertainty
    from realpolitik.comparing import Comparison


@click.command()
@click.argument("scenarios", nargs=-1, required=True, metavar="SCENARIO SCENARIO...", shell_complete=complete_scenario)
@click.option("--worlds", default=2000, type=COUNT, show_default=True, help="Worlds per scenario; at most 10,000.")
@seed_option
@click.option("--fork", metavar="YYYY-MM", help="Apply the numbers of the other scenarios only from this month on.")
@set_option
@uncertainty_option_of("By default that of [meta] of the first scenario, for all of them, otherwise none.")
@device_option
@plot_option
@outcome_option
@issue_option
@leverage_option
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
    outcomes: tuple[str, ...],
    issues: tuple[str, ...],
    leverage: tuple[str, ...],
    force: bool,
    as_json: bool,
) -> None:
    """Compare scenarios over the same worlds: differences with 95% intervals, and the first decision that differs.

    There are differences in probability, over all worlds, and in months and measures, such as a price: these are means
    over the worlds in which an outcome happens in both scenarios. Of fewer than 10 such worlds there is none.

    Every scenario is compared with the first. World 17 has the same random numbers in all of them, so differences come
    from the scenarios alone.

    **Examples**

        realpolitik compare karabakh no-invasion
        realpolitik compare karabakh no-invasion war-without-isolation --plot what-if.svg
        realpolitik compare karabakh open-eu-market --fork 2023-06 --uncertainty prior
        realpolitik compare karabakh no-invasion --plot exit.svg --outcome withdrawal --leverage 'Baku>Moscow'
    """
    chosen = [load(scenario) for scenario in scenarios]
    choice = choice_of(chosen, plot, outcomes, issues, leverage)
    out = outputs(force, (file for one in chosen for file in one.files))
    out.figure(plot, "comparison")
    with computing("scenarios") as report:
        from realpolitik import comparing

        comparison = comparing.compare(
            *chosen,
            worlds=worlds,
            seed=seed,
            fork=fork,
            uncertainty=uncertainty,
            set=settings_of(settings),
            progress=report,
        )
    show = partial(_print_compare, names=outcomes)
    conclude("comparison", comparison, show, out, plot=plot, as_json=as_json, choice=choice)


def _print_compare(out: Screen, comparison: "Comparison", *, names: tuple[str, ...] = ()) -> None:
    from realpolitik.pairing import FEWEST, unequal_ends

    result = comparison.to_dict()
    rows = {name: result["outcomes"][name] for name in names or result["outcomes"]}
    first, *others = result["scenarios"]
    since = f", forked in {result['fork']}" if result["fork"] else ""
    numbers = f"numbers {NUMBERS[result['uncertainty']]}"
    out.say(f"{counted(result['worlds'], 'world')} of seed {result['seed']} per scenario{since}, {numbers}")
    ends = unequal_ends({name: ensemble.months[-1] for name, ensemble in comparison.ensembles.items()})
    for note in [*_sources(comparison), *(f"{said}, and is no decision that differs" for said in ends)]:
        out.say(note, style="dim")
    out.say(f"Each compared with {first}\n")
    for name in others:
        for heading, grid in _grids(rows, first, name):
            out.say((heading, "bold"))
            grid.show(out)
            out.say()
        out.say(parting(result["divergence"][name], first, name) + "\n")
    out.say(
        "Differences are paired by world, with 95% intervals. Those in months and of measures are over the worlds in "
        f"which an outcome happens in both, if {FEWEST} or more.",
        style="dim",
    )
    out.hint("Next:", *_examples(result))


def _sources(comparison: "Comparison") -> list[str]:
    """Return what each sample of numbers was fitted to, and what scenarios do not draw from it."""
    from realpolitik.posterior import source_of

    found = [source_of(one.scenario, one.uncertainty) for one in comparison.others(True)]
    return [source for source in dict.fromkeys(found) if source]


def _examples(result: dict[str, Any]) -> list[str]:
    """Return commands that explain the first decision that differs, in the first scenario and in the next one.

    A fork is not a scenario that a command could name.
    """
    first, *others = get_current_context().params["scenarios"]
    for file, name in zip(others, result["scenarios"][1:], strict=True):
        example = result["divergence"][name]["example"]
        if example is not None:
            which = ("--world", example["world"], "--month", example["month"])
            files = (first,) if result["fork"] else (first, file)
            return [same_world("explain", one, *which) for one in files]
    return []


def _grids(outcomes: dict[str, Any], first: str, name: str) -> Iterator[tuple[str, Grid]]:
    """Yield the tables that have rows, each with its heading: of probabilities, months, and measures.

    The table of months has no row of an outcome that differs neither in probability nor in months.
    """
    columns: list[tuple[str, Kind]] = [(title, "number") for title in (first, name, "change", "95% interval")]
    chance = Grid(("outcome", "name"), *columns)
    month, mean = (Grid(("outcome", "name"), *columns, ("worlds", "number")) for _ in range(2))
    for outcome, rows in outcomes.items():
        mine, theirs = rows[first], rows[name]
        if "measure" in theirs:
            mean.add(outcome, *_shift(theirs["measure"], 3))
            continue
        chance.add(outcome, *(f"{row['probability']:.1%}" for row in (mine, theirs)), *_change(theirs, 3))
        months = theirs["months"]
        few = months["difference"] is None and months["worlds"] > 0
        if theirs["difference"] or months["low"] or months["high"] or few:
            month.add(outcome, *_shift(months, 1))
    headings = (
        "Probability",
        "Mean month in the worlds in which it happens in both; change in months",
        "Mean of the measure in the worlds in which it happens in both",
    )
    yield from ((heading, grid) for heading, grid in zip(headings, (chance, month, mean), strict=True) if grid.rows)


def _shift(row: dict[str, Any], digits: int) -> tuple[str, ...]:
    """Return the means of both sides, their difference and its interval, and the worlds that they are of."""
    if row["difference"] is None:
        return "", "", "too few", "", f"{row['worlds']:,}"
    ends = (end if isinstance(end, str) else f"{end:.{digits}f}" for end in (row["first"], row["second"]))
    return *ends, *_change(row, digits), f"{row['worlds']:,}"


def _change(row: dict[str, float], digits: int) -> tuple[str, str]:
    """Return a difference and its interval."""
    low, high = (f"{row[end]:+.{digits}f}" for end in ("low", "high"))
    return f"{row['difference']:+.{digits}f}", f"{low} to {high}"


def parting(divergence: dict[str, Any], first: str, other: str) -> str:
    """Describe the first decisions that differ between two scenarios, in a sentence or two."""
    modal, example = divergence["modal"], divergence["example"]
    if modal is None:
        return f"All decisions are the same in {counted(divergence['worlds'], 'world')}."
    worlds = counted(divergence["worlds"], "world")
    share = f"A decision differs in {divergence['share']:.0%} of {worlds}, in half of these by {divergence['median']}. "
    mine, theirs = (modal[side] or "hold" for side in ("first", "other"))
    what = f"The most common first difference: {modal['actor']} decides {mine} in {first}, {theirs} in {other}"
    where = f" ({modal['share']:.0%} of these worlds). Example: world {example['world']}, {example['month']}."
    return share + what + where


@click.command()
@scenario_argument
@click.option("--outcome", required=True, help="Name of the outcome, as in the table of `run`.")
@click.option("--by", metavar="YYYY-MM", help="Month by which it must happen. By default the end of the scenario.")
@click.option("--worlds", default=8, type=COUNT, show_default=True, help="Worlds per pair of orders.")
@click.option(
    "--permutations",
    default=1024,
    type=COUNT,
    show_default=True,
    help="Number of orders of the claims, an even number.",
)
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
    """Measure how much each claim contributes to the probability of an outcome.

    A row of the scenario is removed with any of the claims that it cites. `without` is the probability with one claim
    removed; `share` is what the claim adds, averaged over all orders of adding claims (Shapley value). The shares sum
    to the effect of all claims together. Of an outcome with a measure, it is still how often it happens.

    **Examples**

        realpolitik audit karabakh --outcome withdrawal
        realpolitik audit karabakh --outcome free_exit --by 2024-12 --plot burden.svg
        realpolitik audit karabakh --outcome withdrawal --uncertainty posterior --json
    """
    chosen, out = opened(force, scenario)
    out.figure(plot, "audit")
    with computing("rounds") as report:
        from realpolitik import auditing

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
    conclude("audit", found, _print_audit, out, plot=plot, as_json=as_json)


def _print_audit(out: Screen, found: "Audit") -> None:
    """Print the claims, the largest share first, and their sum."""
    label = found.scenario.document["outcomes"][found.outcome]["label"]
    out.say((label, "bold"), f" by {found.by}: {found.full:.1%} with all claims, {found.empty:.1%} with none\n")
    if found.scenario.document["outcomes"][found.outcome]["measure"] is not None:
        out.say("The shares are of how often it happens, and not of its measure.\n", style="dim")
    grid = Grid(
        ("claim", "name"),
        ("share", "number"),
        ("95% interval", "number"),
        ("without", "number"),
        ("claim in words", "prose"),
    )
    for burden in found.burdens:
        span = f"{burden.low:+.3f} to {burden.high:+.3f}"
        grid.add(burden.claim, f"{burden.share:+.3f}", span, f"{burden.without:.1%}", burden.text)
    span = f"{found.effect_low:+.3f} to {found.effect_high:+.3f}"
    grid.add("sum", f"{found.sum:+.3f}", span, f"{found.empty:.1%}", "All claims together")
    grid.show(out)
    if found.unmoved:
        out.say(f"\nNo row cites {', '.join(found.unmoved)}: no effect here.", style="dim")
    out.say(
        f"{counted(found.permutations, 'order')}, {counted(found.worlds, 'world')} per pair, seed {found.seed}",
        style="dim",
    )
    out.source(found.scenario, found.uncertainty)
