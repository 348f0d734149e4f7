"""`explain --why-not`: why a move is not made, and why an actor makes none; `check --values`: what moves are worth."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

import rich_click as click
from click import get_current_context

from realpolitik.choices import NUMBERS
from realpolitik.cli.options import COUNT, computing, conclude, given, load_engine, refuse, settings_of
from realpolitik.cli.printing import Grid, Kind, Screen, argument, command_line, quoted, same_world
from realpolitik.texts import counted

if TYPE_CHECKING:
    from realpolitik.explaining import Story
    from realpolitik.files import OutputFiles
    from realpolitik.hindrances import Hindrance, Nearest, WhyNot
    from realpolitik.scenario import Scenario
    from realpolitik.valuing import Valuation
    from realpolitik_model import Account, Share

MARGIN = 2
why_not_option = click.option("--why-not", metavar="MOVE", help="Print why this move is not made.")
why_not_worlds_option = click.option(
    "--worlds",
    default=500,
    type=COUNT,
    show_default=True,
    help="Number of worlds for --why-not without --world.",
)
values_option = click.option(
    "--values",
    is_flag=True,
    help="Print what every move is worth to its owner and to those who must consent, at the start and with each "
    "driver at its lowest and highest.",
)
month_of_values_option = click.option(
    "--month",
    metavar="YYYY-MM",
    help="With --values: the month whose state is valued, which world 0 of seed 1 reaches without noise. "
    "By default the first.",
)


def explain_why_not(
    scenario: "Scenario", numbers: Mapping[str, float], world: int, worlds: int, seed: int, out: "OutputFiles"
) -> None:
    """Answer `explain --why-not` for the options of the current command."""
    options = get_current_context().params
    refuse("--why-not", "actor", "full", "plot")
    row = options["row"] is not None
    single = row or given("world")
    if single and given("worlds"):
        raise ValueError("give either one world (--world, --row) or several (--worlds), not both")
    with computing("months") as report:
        from realpolitik.hindrances import why_not

        answer = why_not(
            scenario,
            options["why_not"],
            world=world if single else None,
            worlds=worlds,
            seed=seed,
            month=options["month"],
            set=settings_of(options["settings"]),
            theory=options["theory"],
            foresight=options["foresight"],
            uncertainty="none" if row else options["uncertainty"],
            numbers=numbers,
            progress=report,
        )
    show = partial(print_why_not, given=bool(numbers))
    conclude("story", answer, show, out, plot=None, as_json=options["as_json"])


def print_why_not(out: Screen, answer: "WhyNot", *, given: bool = False) -> None:
    """Print the answer, what stops the move, and the account of the month in which it came nearest.

    `given` says whether numbers of the world were given, such as those of a row of a sweep.
    """
    document, several = answer.scenario.document, answer.world is None
    which = counted(answer.worlds, "world") if several else f"world {answer.world}"
    out.say(
        (document["meta"]["title"], "bold"),
        f": {which} of seed {answer.seed}, numbers {'given' if given else NUMBERS[answer.uncertainty]}",
    )
    out.source(answer.scenario, answer.uncertainty)
    row = document["moves"][answer.move]
    dates = ", ".join(month["month"] for month in answer.months if month["made"]) or "no month that was asked about"
    alone = f" in {answer.months[0]['month']}" if len(answer.months) == 1 else ""
    made = f"{answer.made:.1%} of worlds{alone}" if several else dates
    out.say(f"{answer.move} ({answer.actor}: {row['label']}): made in {made}\n")
    out.say((answer.verdict, "bold"))
    out.say()
    if not answer.hindrances:
        out.hint(
            "Why:", again("--world", answer.world or 0, "--actor", answer.actor, "--month", answer.months[0]["month"])
        )
    elif several or len(answer.months) == 1:
        _print_hindrances(out, answer)
    else:
        _print_months(out, answer)
    if answer.nearest is not None:
        _print_nearest(out, answer, answer.nearest)
    if several and answer.nearest is not None:
        month = get_current_context().params["month"]
        when = () if month is None else ("--month", month)
        out.say()
        out.hint("Next:", again("--why-not", answer.move, "--world", answer.nearest.world, *when))


def _print_hindrances(out: Screen, answer: "WhyNot") -> None:
    single = len(answer.months) == 1
    numbers = ("worlds" if single else "months", "short by at least", "on average")
    columns: list[tuple[str, Kind]] = [("stopped by", "name"), ("what stops it first", "prose")]
    columns += [(title, "number") for title in numbers]
    grid = Grid(*columns, ("nearest", "name"))
    for one in answer.hindrances:
        where = f"{one.month}, world {one.world}" if answer.world is None else one.month
        grid.add(one.kind, one.text, f"{one.months / answer.counted:.1%}", *_shortfall(one), where)
    grid.show(out)
    every = "all months of all worlds, up to the month in which the move is first made"
    of = f"all worlds in {answer.months[0]['month']}" if single else every
    out.say(f"Shares of {of}.", style="dim")


def _shortfall(one: "Hindrance") -> tuple[str, str]:
    if one.missing is None or one.mean is None:
        return "", ""
    return f"{abs(one.missing):.3f}", f"{one.mean:.3f}"


def _print_months(out: Screen, answer: "WhyNot") -> None:
    """Print the months of one world, those in a row that are stopped by the same as one line."""
    from realpolitik.accounts import called

    document, actors = answer.scenario.document, list(answer.months[0]["consents"]) if answer.months else []
    owner = called(document, answer.actor)
    titles = ("chance", "terms", f"value to {owner}", *(f"to {called(document, one)}" for one in actors))
    grid = Grid(("months", "name"), ("what stops it first", "prose"), *((title, "number") for title in titles))
    for stopped, months in groupby(answer.months, key=lambda month: next(iter(month["stopped"]), "made")):
        span = list(months)
        dates = span[0]["month"] if len(span) == 1 else f"{span[0]['month']} to {span[-1]['month']}"
        terms = _range([month["terms"] for month in span if month["terms"] is not None])
        worth = [_range([month["consents"][one]["mean"] for month in span], sign=True) for one in actors]
        value = _range([month["value"]["mean"] for month in span], sign=True)
        grid.add(dates, stopped, _range([month["chance"] for month in span]), terms, value, *worth)
    grid.show(out)
    out.say("Values are what the move would be worth if it could be made; who is asked consents above 0.", style="dim")


def _range(values: list[float], *, sign: bool = False) -> str:
    shown = [f"{value:+.2f}" if sign else f"{value:.2f}" for value in sorted(values)]
    return "" if not shown else shown[0] if shown[0] == shown[-1] else f"{shown[0]} to {shown[-1]}"


def _print_nearest(out: Screen, answer: "WhyNot", near: "Nearest") -> None:
    """Print the account of the month in which a move came nearest to being made."""
    from realpolitik.accounts import beginning, called, no_deal_in_words
    from realpolitik.hindrances import counted_anyway

    document = answer.scenario.document
    short = "" if near.missing is None else f", short by {abs(near.missing):.4f}"
    where = f"world {near.world}, " if answer.world is None else ""
    out.say()
    out.say((f"Nearest: {where}{near.month}: {near.hindrance}{short}", "bold"))
    for row in near.conditions:
        out.say(f"  requires {row['text']}: {'holds' if row['holds'] else 'fails'} ({row['value']:.3g})")
    account, payment = near.account, document["moves"][answer.move]["payment"]
    facts = [f"chance {near.chance:.3g}"] * (near.chance < 1) + [f"terms {account.tau:.2f}"] * bool(account.tau)
    if account.deal is False:
        facts.append(no_deal_in_words(account, document))
    if account.deal or (payment and payment["fallback"] is not None):
        sides = ", ".join(f"{value:+.4f} to {called(document, one)}" for one, value in near.sides.items())
        facts.append(f"without noise the deal is worth {sides} (a deal needs all above 0)")
    if facts:
        out.say(f"  {'; '.join(facts)}")
    lines = [*_of_interests(account, document), ("cost", -account.cost), ("noise", account.noise)]
    _print_shares(out, [*lines, (f"value to {called(document, account.actor)}", account.value)])
    for one in near.asked:
        parts = _of_interests(one, document)
        parts += [("may soon be made without its payment", one.soon)] * bool(one.soon)
        answered = f"{beginning(document, one.actor)} {'would consent' if one.value > 0 else 'would refuse'}"
        _print_shares(out, [*parts, ("noise", one.noise), (answered, one.value)])
        if one.soon and near.unable:
            out.note(MARGIN, counted_anyway(near))
    if near.flip is not None:
        out.print(f"  would change with --set {quoted(near.flip['set'])} (was {near.flip['was']:g})", soft_wrap=True)


def _of_interests(one: "Account | Share", document: Mapping[str, Any]) -> list[tuple[str, float]]:
    """Return the rows of own interest and of leverage in what a move is worth to an actor."""
    from realpolitik.accounts import called

    through = [(f"through {called(document, name)}'s leverage", part) for name, part in one.through.items()]
    return [("own interest", one.own), *through]


def _print_shares(out: Screen, lines: list[tuple[str, float]]) -> None:
    width = max(len(label) for label, _ in lines)
    for n, (label, share) in enumerate(lines):
        out.say(" " * MARGIN, (f"{label:<{width}} {share:+.4f}", "bold" if n == len(lines) - 1 else ""))


def again(*words: object) -> str:
    """Return an `explain` command on the worlds, or the row, of the current one."""
    options = get_current_context().params
    if options["row"] is None:
        return same_world("explain", options["scenario"], *words)
    kept = [word for n, word in enumerate(words) if "--world" not in (word, words[n - 1])]
    more = [word for setting in options["settings"] for word in ("--set", setting)]
    more += ["--theory", options["theory"]] if options["theory"] else []
    more += ["--foresight", options["foresight"]] if options["foresight"] is not None else []
    return command_line("explain", argument(options["scenario"]), "--row", options["row"], *kept, *more)


class Idle(NamedTuple):
    """An actor that makes no move, or nobody who makes one, and why not, move by move."""

    actor: str | None
    """None if nobody makes a move."""
    answers: "list[WhyNot]"

    @property
    def more(self) -> dict[str, Any]:
        """What `--json` adds to the story."""
        return {"why_not": [answer.to_dict() for answer in self.answers]}

    def after(self, show: Callable[[Screen, "Story"], None]) -> "Callable[[Screen, Story], None]":
        """Return what prints a story and then why the actor makes no move."""
        return partial(_print_both, show, self)


def idle_moves(story: "Story", actor: str | None, month: str | None) -> Idle | None:
    """Return why an actor makes no move in the world of a story, or why nobody does; None if one is made."""
    from realpolitik.hindrances import why_idle

    if story.decisions:
        return None
    numbers, kind = dict(story.given), story.uncertainty
    return Idle(
        actor,
        why_idle(
            story.scenario, actor, world=story.world, seed=story.seed, month=month, uncertainty=kind, numbers=numbers
        ),
    )


def _print_both(show: Callable[[Screen, "Story"], None], idle: Idle, out: Screen, story: "Story") -> None:
    from realpolitik.accounts import beginning

    show(out, story)
    actor, document = idle.actor, story.scenario.document
    who = "Nobody" if actor is None else beginning(document, actor)
    if not idle.answers:
        out.say(f"{who} has {'a move' if actor is None else 'no moves'} in this scenario.")
        return
    month = get_current_context().params["month"]
    moves = "each move" if actor is None else "each of its moves"
    out.say(f"{who} makes {'a' if actor is None else 'no'} move in {month or 'this world'}. What stops {moves}:\n")
    grid = Grid(("move", "name"), ("why it is not made", "prose"))
    for answer in idle.answers:
        grid.add(answer.move, answer.verdict)
    grid.show(out)
    out.say()
    out.hint("Next:", *_commands(idle, story, month))


def _commands(idle: Idle, story: "Story", month: str | None) -> Iterator[str]:
    """Yield what asks more about each move of an actor; where nobody moves, about the first move."""
    when = () if month is None else ("--month", month)
    for answer in idle.answers[: 1 if idle.actor is None else None]:
        yield again("--why-not", answer.move, "--world", story.world, *when)


def valuation(scenario: "Scenario", month: str | None) -> "Valuation":
    """Return what the moves of a scenario are worth in a month, by default the first."""
    load_engine()
    from realpolitik.valuing import value_moves

    return value_moves(scenario, month)


def print_values(out: Screen, found: "Valuation") -> None:
    """Print a row per move and actor, and a pair of columns per driver that matters to some move."""
    drivers = [name for name in found.extremes if any({*one.drivers[name]} != {one.start} for one in found.values)]
    later = found.month != found.scenario.document["meta"]["start"]
    column = found.month if later else "start"
    when = f"in {found.month}, in the state of world 0 without noise," if later else "in the first month,"
    ends = (f"{name} {end:.2g}" for name in drivers for end in found.extremes[name])
    names: list[tuple[str, Kind]] = [("move", "name"), ("worth to", "name")]
    grid = Grid(*names, *((title, "number") for title in (column, "above 0", *ends)))
    for one in found.values:
        cells = (f"{value:+.3f}" for name in drivers for value in one.drivers[name])
        who = one.actor if one.role == "owner" else f"{one.actor} ({one.role})"
        grid.add(one.move if one.role == "owner" else "", who, f"{one.start:+.3f}", f"{one.above_zero:.1%}", *cells)
    out.say()
    grid.show(out)
    about = (
        f"What a move would be worth {when} whether or not it can be made, without noise and misperception. Its owner "
        "makes it above 0, cost included; who is asked consents above 0. `above 0` is the share of months in which the "
        f"value of the column {column} is above 0 with noise: if it is below 0 without, by luck alone."
    )
    out.say(about, style="dim")
    still = [name for name in found.start if name not in drivers]
    if still:
        out.say(f"No value depends on {', '.join(still)}.", style="dim")
    if found.idle:
        then = f"In {found.month}" if later else "At the start"
        out.say(f"{then} these change nothing: {', '.join(found.idle)}.", style="dim")
    for move, before in found.follows.items():
        out.say(f"{move} can only follow {before}.", style="dim")
    for pair in found.undoing:
        out.say(f"note: {pair}.")
