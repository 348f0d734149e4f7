"""`realpolitik explain`: the chronicle of one world, each decision with its exact account."""

from functools import partial
from typing import TYPE_CHECKING

import rich_click as click
from click import get_current_context

from realpolitik.cli.common import (
    conclude,
    files_of,
    files_of_sweep,
    force_option,
    json_option,
    load,
    outputs,
    scenario_argument,
    seed_option,
    set_option,
    settings_of,
    theory_option,
    uncertainty_option,
)
from realpolitik.cli.printing import Screen, argument, command_line, quoted, same_world

if TYPE_CHECKING:
    from realpolitik.choices import Uncertainty
    from realpolitik.explaining import Decision, Story
    from realpolitik.files import Outputs
    from realpolitik.scenario import Scenario

INDENT = 11
"""Columns before the account of a decision, where there are so many."""


@click.command()
@scenario_argument
@click.option("--world", default=0, show_default=True, help="Which world of the seed.")
@click.option("--row", type=int, help="Which row of a sweep, SCENARIO being its folder: point * worlds + world.")
@seed_option
@click.option("--actor", help="Only this actor's decisions.")
@click.option("--month", metavar="YYYY-MM", help="Only the decisions of this month.")
@click.option("--full", is_flag=True, help="Give the account of every decision, not only of those asked for.")
@set_option
@theory_option
@uncertainty_option
@click.option("--plot", metavar="FILE", help="Write the world's timeline: .svg, .png or .pdf.")
@force_option
@json_option
def explain(
    scenario: str,
    world: int,
    row: int | None,
    seed: int,
    actor: str | None,
    month: str | None,
    full: bool,
    settings: tuple[str, ...],
    theory: str | None,
    uncertainty: "Uncertainty | None",
    plot: str | None,
    force: bool,
    as_json: bool,
) -> None:
    """Tell the story of one world, and why each decision was taken.

    The account of a decision is exact: own interest, what every other actor's interest counts for through the leverage
    it holds, cost and noise add up to its value. The flip is the smallest change of one number that would have changed
    the decision; give it to `--set` to see.

    **Examples**

        realpolitik explain karabakh --world 17
        realpolitik explain karabakh --world 17 --actor Moscow --month 2024-03
        realpolitik explain karabakh --world 17 --full
        realpolitik explain war --row 12345
    """
    if row is None:
        chosen, numbers = load(scenario), dict[str, float]()
        out = outputs(force, files_of(chosen.chain))
    else:
        chosen, numbers, world, seed, out = _row(scenario, row, force)
    out.figure(plot, "story")
    from realpolitik import explaining

    detailed = full or actor is not None or month is not None
    story = explaining.explain(
        chosen,
        world=world,
        seed=seed,
        actor=actor,
        month=month,
        set=settings_of(settings),
        theory=theory,
        uncertainty="none" if row is not None else uncertainty,
        flips=as_json or detailed,
        numbers=numbers,
    )
    conclude("story", story, partial(_print, detailed=detailed), out, plot=plot, as_json=as_json)


def _row(folder: str, row: int, force: bool) -> tuple["Scenario", dict[str, float], int, int, "Outputs"]:
    """Open a row of a sweep: its scenario, its own numbers, its world and its seed; and what keeps the sweep whole."""
    from realpolitik.sweeps import open_sweep

    sweep = open_sweep(folder)
    scenario, numbers, world = sweep.row(row)
    return scenario, numbers, world, sweep.plan.seed, outputs(force, files_of_sweep(sweep))


def _why(story: "Story") -> str:
    """Return the command that accounts for the first decision of the same world."""
    first = story.decisions[0]
    asked = get_current_context().params
    which = ("--actor", first.account.actor, "--month", first.date)
    if asked["row"] is None:
        return same_world("explain", asked["scenario"], "--world", story.world, *which)
    more = [word for setting in asked["settings"] for word in ("--set", setting)]
    more += ["--theory", asked["theory"]] if asked["theory"] else []
    return command_line("explain", argument(asked["scenario"]), "--row", asked["row"], *which, *more)


def _print(out: Screen, story: "Story", *, detailed: bool) -> None:
    """Print the chronicle month by month, with accounts if asked for."""
    title = story.scenario.document["meta"]["title"]
    out.say((title, "bold"), f": world {story.world} of seed {story.seed}\n")
    for path, number in story.numbers.items():
        out.say(f"  {path} = {number!r}", style="dim")
    events: dict[str, list[str]] = {}
    for date, name in story.events:
        events.setdefault(date, []).append(story.scenario.document["outcomes"][name]["label"])
    dates = sorted({d.date for d in story.decisions} | (set() if detailed else set(events)))
    for date in dates:
        for decision in (d for d in story.decisions if d.date == date):
            _print_decision(out, decision, detailed)
        for label in events.get(date, []):
            out.say(f"{date}  ", (f"=> {label}", "bold"))
    if not detailed and story.decisions:
        out.say()
        out.hint("Why:", _why(story))


def _print_decision(out: Screen, decision: "Decision", detailed: bool) -> None:
    account = decision.account
    verdict = {"done": ("", ""), "agreed": ("  (agreed)", ""), "refused": ("  (refused)", "red")}[account.result]
    price = f"  at a price of {account.tau:.2f}" if account.tau else ""
    out.say(f"{decision.date}  {account.actor}: {decision.text}", verdict, price)
    if not detailed:
        return
    shares = [("own interest", account.own)]
    shares += [(f"through {actor}'s leverage", share) for actor, share in account.through.items()]
    shares += [("cost", -account.cost), ("noise", account.noise), ("value", account.value)]
    shares += [(f"{one} {'consents' if value > 0 else 'refuses'}", value) for one, value in account.consents.items()]
    width = max(len(label) for label, _ in shares)
    indent = " " * max(2, min(INDENT, out.width - width - 9))
    for label, share in shares:
        out.say(f"{indent}{label:<{width}} {share:+.4f}")
    rival = account.runner_up or "hold"
    out.say(f"{indent}next best: {rival}, {account.margin:.4f} less")
    if decision.flip:
        flip = f"--set {quoted(decision.flip['set'])}"
        out.print(f"{indent}flipped by {flip} (was {decision.flip['was']:g})", soft_wrap=True)
    out.say(f"{indent}claims: {', '.join(decision.claims) or 'none'}\n")
