"""`realpolitik run` and `explain`: an ensemble of one scenario, and the decisions of one world."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import rich_click as click
from click import get_current_context

from realpolitik.choices import Z95
from realpolitik.cli.options import (
    COUNT,
    WEIGHT_RULES,
    Written,
    choice_of,
    computing,
    conclude,
    device_option,
    files_of_sweep,
    force_option,
    foresight_option,
    given,
    issue_option,
    json_option,
    leverage_option,
    opened,
    outcome_option,
    outputs,
    plot_option,
    refuse,
    scenario_argument,
    seed_option,
    set_option,
    settings_of,
    theory_option,
    uncertainty_option,
    uncertainty_option_of,
)
from realpolitik.cli.printing import Grid, Screen, argument, command_line, quoted, same_world
from realpolitik.cli.why_not import explain_why_not, idle_moves, why_not_option, why_not_worlds_option
from realpolitik.texts import counted

if TYPE_CHECKING:
    from realpolitik.choices import Uncertainty
    from realpolitik.explaining import Decision, Story
    from realpolitik.files import OutputFiles
    from realpolitik.results import Ensemble
    from realpolitik.scenario import Scenario
    from realpolitik_model import Account, Share

INDENT = 11
"""Columns before the account of a decision, unless the terminal is narrow."""


@click.command(epilog=WEIGHT_RULES)
@scenario_argument
@click.option("--worlds", default=2000, type=COUNT, show_default=True, help="Number of worlds, such as 2000 or 1e6.")
@seed_option
@click.option("--until", metavar="YYYY-MM", help="Last month. By default the end of the scenario.")
@set_option
@theory_option
@foresight_option
@uncertainty_option_of("By default all that the scenario has, side by side, unless its [meta] names one.")
@device_option
@click.option("--out", metavar="DIR", help="Write result.json, outcomes.csv and worlds.csv there.")
@plot_option
@outcome_option
@issue_option
@leverage_option
@force_option
@json_option
def run(
    scenario: str,
    worlds: int,
    seed: int,
    until: str | None,
    settings: tuple[str, ...],
    theory: str | None,
    foresight: int | None,
    uncertainty: "Uncertainty | None",
    out: str | None,
    plot: str | None,
    outcomes: tuple[str, ...],
    issues: tuple[str, ...],
    leverage: tuple[str, ...],
    force: bool,
    as_json: bool,
) -> None:
    """Run an ensemble: the probability of each outcome, its date, and what was paid.

    Probabilities are side by side, in the same worlds: with numbers of the posterior, where there is one, with numbers
    drawn from their ranges (prior), and with all numbers at their values (plain). Everything else, and the figure and
    files, are of the first of these. `--uncertainty` selects one.

    SCENARIO is a file, or the name of a shipped scenario (`realpolitik list`). A move with a payment is *paid* in a
    world if its price was above 0 when it was last made, and *unpaid* if the price was 0, or if its fallback was made.

    **Examples**

        realpolitik run karabakh
        realpolitik run karabakh --worlds 10000 --plot karabakh.svg
        realpolitik run karabakh --set drivers.isolation.scale=0 --until 2025-12
        realpolitik run karabakh --theory self-interest --json > result.json
        realpolitik run karabakh --plot exit.svg --outcome free_exit --issue peacekeepers --leverage 'Moscow>Yerevan'
        realpolitik run karabakh --foresight 3
    """
    chosen, files = opened(force, scenario)
    choice = choice_of([chosen], plot, outcomes, issues, leverage)
    files.folder(out)
    files.figure(plot, "ensemble")
    changes = {"set": settings_of(settings), "theory": theory, "foresight": foresight}
    ensembles, missing = _run_all(chosen, changes, worlds, seed, until, uncertainty)
    ensemble = ensembles[0]
    more = {"probabilities": {one.uncertainty: _probabilities(one) for one in ensembles}}
    written = [Written("Results", out, lambda: files.write_results(ensemble, str(out), more))]
    show = partial(_print_run, names=outcomes, others=ensembles[1:], missing=missing)
    conclude("ensemble", ensemble, show, files, plot=plot, as_json=as_json, written=written, choice=choice, more=more)


def _run_all(
    scenario: "Scenario",
    changes: dict[str, Any],
    worlds: int,
    seed: int,
    until: str | None,
    uncertainty: "Uncertainty | None",
) -> tuple[list["Ensemble"], str | None]:
    """Return the ensembles of the same worlds that are shown side by side, and why a posterior is missing."""
    with computing("worlds") as report:
        from realpolitik import ensembles
        from realpolitik.costs import PATHS
        from realpolitik.uncertainty import side_by_side

        changed = ensembles.scenario_of(scenario, changes["set"], changes["theory"], changes["foresight"])
        kinds, missing = side_by_side(changed, uncertainty)
        found: list[Ensemble] = []

        def look(done: int, total: int) -> None:
            report((len(found) * total + done) // len(kinds), total)

        for n, kind in enumerate(kinds):
            paths = 0 if n else PATHS
            one = ensembles.run(
                changed, worlds=worlds, seed=seed, until=until, uncertainty=kind, progress=look, paths=paths
            )
            found.append(one)
    return found, missing


def _probabilities(ensemble: "Ensemble") -> dict[str, float]:
    return {name: ensemble.probability(name) for name in ensemble.case.outcomes}


PLAIN = {"none": "plain"}
"""Titles of columns, where they are not the name of the uncertainty."""


def _print_run(
    out: Screen,
    ensemble: "Ensemble",
    *,
    names: tuple[str, ...] = (),
    others: Sequence["Ensemble"] = (),
    missing: str | None = None,
) -> None:
    """Print a table of the outcomes, or of those chosen, one of the moves that may be paid, and the next command."""
    from realpolitik.accounts import theory_in_words
    from realpolitik.costs import MOST_PATH_BYTES, PATHS

    result = ensemble.to_dict()
    out.say((result["title"], "bold"))
    out.say(ensemble.scenario.document["meta"]["question"])
    span = f"{result['months'][0]} to {result['months'][-1]}"
    theory = theory_in_words(result["theory"], result["foresight"])
    out.say(f"{counted(ensemble.worlds, 'world')}, {span}, seed {ensemble.seed}, {theory}\n")
    shown = [ensemble, *others]
    columns = [PLAIN.get(one.uncertainty, one.uncertainty) for one in shown] if others else ["probability"]
    numbers = (*columns, "p10", "median", "p90", "history")
    grid = Grid(("outcome", "name"), ("what happens", "prose"), *((title, "number") for title in numbers))
    for name in names or result["outcomes"]:
        row = result["outcomes"][name]
        cells = [_cell(row[key]) for key in ("p10", "median", "p90")]
        chances = [f"{one.probability(name):.1%}" for one in shown]
        grid.add(name, row["label"], *chances, *cells, row["history"] or "")
    grid.show(out)
    if not names:
        _print_paid(out, ensemble, result["moves"])
    of = f" of the {columns[0]} column," if others else ""
    plain = "; plain: every number at its value" if others else ""
    out.say(
        f"\nDates are{of} over worlds where the outcome happens; history is the date in the file{plain}.", style="dim"
    )
    out.say(_sampling(shown), style="dim")
    out.source(ensemble.scenario, ensemble.uncertainty)
    if missing is not None:
        out.say(missing, style="dim")
    kept = result["paths_of"]
    if kept < min(ensemble.worlds, PATHS):
        limit = f"to fit into {MOST_PATH_BYTES / 2**20:,.0f} MiB"
        out.say(f"Monthly paths (fans) are of the first {counted(kept, 'world')} only, {limit}.", style="dim")
    given = get_current_context().params
    held = ("--uncertainty", ensemble.uncertainty) if others and ensemble.uncertainty != "none" else ()
    out.hint("Next:", same_world("explain", given["scenario"], "--world", 0, *held))


def _sampling(shown: "Sequence[Ensemble]") -> str:
    """Say by how much a share can be off: that of one half, the largest, if all luck is in the settings of a sample."""
    worlds, half = shown[0].worlds, 50 * Z95
    said = f"Sampling: a share of {counted(worlds, 'world')} is off by {half / worlds**0.5:.1f} points at most (95%)"
    settings = next((one.posterior_settings for one in shown if one.posterior_settings), 0)
    if settings:
        off = half * (1 / worlds + 1 / settings) ** 0.5
        said += f"; one of the posterior, whose {counted(settings, 'setting')} are a sample as well, by {off:.1f}"
    return f"{said}."


def _print_paid(out: Screen, ensemble: "Ensemble", moves: dict[str, dict[str, Any]]) -> None:
    """Print how often each move with a payment was paid and unpaid, and its fallback made instead."""
    rows = ensemble.scenario.document["moves"]
    paid = [name for name in moves if "paid" in moves[name]]
    if not paid:
        return
    out.say()
    numbers = ("paid", "mean price", "unpaid", "refused")
    grid = Grid(("move with a payment", "name"), ("what happens", "prose"), *((title, "number") for title in numbers))
    for name in paid:
        row = moves[name]
        price = "" if row["price"] is None else f"{row['price']:.2f}"
        grid.add(
            name, rows[name]["label"], f"{row['paid']:.1%}", price, f"{row['unpaid']:.1%}", f"{row['refused']:.2f}"
        )
        fallback = rows[name]["payment"]["fallback"]
        if fallback is not None and fallback not in paid:
            grid.add(
                fallback, f"{rows[fallback]['label']} (its fallback)", "", "", f"{moves[fallback]['ever']:.1%}", ""
            )
    grid.show(out)
    out.say("Share of worlds; paid is at a price above 0; refused is times per world.", style="dim")


def _cell(value: str | float | None) -> str:
    return f"{value:.2f}" if isinstance(value, float) else value or ""


@click.command(epilog=WEIGHT_RULES)
@scenario_argument
@click.option("--world", default=0, type=COUNT, show_default=True, help="Number of the world.")
@click.option("--row", type=COUNT, help="Row of a sweep: point * worlds + world. SCENARIO is the folder of the sweep.")
@seed_option
@click.option("--actor", help="Only decisions of this actor, and its answers to others.")
@click.option("--month", metavar="YYYY-MM", help="Only decisions of this month.")
@click.option("--full", is_flag=True, help="Print the account of every decision.")
@why_not_option
@why_not_worlds_option
@set_option
@theory_option
@foresight_option
@uncertainty_option
@click.option("--plot", metavar="FILE", help="Write the timeline of the world: .svg, .png or .pdf.")
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
    why_not: str | None,
    worlds: int,
    settings: tuple[str, ...],
    theory: str | None,
    foresight: int | None,
    uncertainty: "Uncertainty | None",
    plot: str | None,
    force: bool,
    as_json: bool,
) -> None:
    """Print the events of one world, and why each decision was taken.

    The account of a decision is exact: its value is the sum of the actor's own interest, the interests of others
    weighted by their leverage, the cost and the noise. The flip is the smallest change of one number that would have
    changed the decision; pass it to `--set` to try it.

    With `--why-not MOVE`, print why a move is not made: what stops it in each month (its window, a condition, its
    value, a refusal, ...), how much is missing, and the account of the month in which it came nearest. Without
    `--world`, of `--worlds` worlds.

    **Examples**

        realpolitik explain karabakh --world 17
        realpolitik explain karabakh --world 17 --actor Moscow --month 2024-03
        realpolitik explain karabakh --world 17 --full
        realpolitik explain karabakh --why-not withdraw_for_price
        realpolitik explain karabakh --why-not withdraw_for_price --world 17 --month 2024-03
        realpolitik explain war --row 12345
    """
    if row is None:
        chosen, out = opened(force, scenario)
        numbers: dict[str, float] = {}
    else:
        refuse("--row, which names one world of the sweep", "world", "seed", "uncertainty")
        chosen, numbers, world, seed, out = _row(scenario, row, force)
    if why_not is None and given("worlds"):
        raise ValueError("--worlds goes with --why-not; one world is chosen by --world")
    if why_not is not None:
        explain_why_not(chosen, numbers, world, worlds, seed, out)
        return
    out.figure(plot, "story")
    detailed = full or actor is not None or month is not None
    with computing("months") as report:
        from realpolitik import explaining

        story = explaining.explain(
            chosen,
            world=world,
            seed=seed,
            actor=actor,
            month=month,
            set=settings_of(settings),
            theory=theory,
            foresight=foresight,
            uncertainty="none" if row is not None else uncertainty,
            flips=as_json or detailed,
            numbers=numbers,
            progress=report,
        )
    idle = idle_moves(story, actor, month)
    show = partial(_print_explain, detailed=detailed, actor=actor, month=month)
    conclude(
        "story", story, idle.after(show) if idle else show, out, plot=plot, as_json=as_json, more=idle and idle.more
    )


def _row(folder: str, row: int, force: bool) -> tuple["Scenario", dict[str, float], int, int, "OutputFiles"]:
    """Open a row of a sweep: its scenario, numbers, world and seed, and outputs that never replace the sweep."""
    from realpolitik.sweeps import open_sweep

    sweep = open_sweep(folder)
    scenario, numbers, world = sweep.row(row)
    return scenario, numbers, world, sweep.plan.seed, outputs(force, files_of_sweep(sweep))


def _why(story: "Story") -> str:
    """Return the command that prints the account of the first decision of the same world."""
    first = story.decisions[0]
    given = get_current_context().params
    which = ("--actor", first.account.actor, "--month", first.date)
    if given["row"] is None:
        return same_world("explain", given["scenario"], "--world", story.world, *which)
    more = [word for setting in given["settings"] for word in ("--set", setting)]
    more += [word for name in ("theory", "foresight") if given[name] is not None for word in (f"--{name}", given[name])]
    return command_line("explain", argument(given["scenario"]), "--row", given["row"], *which, *more)


def _print_explain(
    out: Screen, story: "Story", *, detailed: bool, actor: str | None = None, month: str | None = None
) -> None:
    """Print the events month by month, of an actor or a month if asked; with accounts if `detailed`."""
    document = story.scenario.document
    out.say((document["meta"]["title"], "bold"), f": world {story.world} of seed {story.seed}, {story.theory}")
    out.source(story.scenario, story.uncertainty)
    out.say()
    for path, number in story.numbers.items():
        out.say(f"  {path} = {number!r}", style="dim")
    if not detailed and story.decisions:
        _print_narrative(out, story)
    events: dict[str, list[str]] = {}
    for date, name in story.events:
        events.setdefault(date, []).append(story.outcome_in_words(name))
    shocks = [one for one in story.shocks if one.month == month]
    alone = {date for date in (*events, *(one.month for one in shocks)) if not detailed or date == month}
    for date in sorted({one.date for one in (*story.decisions, *story.answers)} | alone):
        for decision in (one for one in story.decisions if one.date == date):
            _print_decision(out, decision, document, detailed)
        for answered in (one for one in story.answers if one.date == date):
            _print_answer(out, answered, str(actor), document)
        for shock in shocks:
            out.say(f"{date}  {document['shocks'][shock.shock]['label']} (a shock)")
        for text in events.get(date, []):
            out.say(f"{date}  ", (f"=> {text}", "bold"))
    if not detailed and story.decisions:
        out.say()
        out.hint("Why:", _why(story))


def _print_narrative(out: Screen, story: "Story") -> None:
    """Print the main outcome and the main events of a world, each with its outcomes and why it came about."""
    from realpolitik.narrating import narrate

    narrative, outcomes = narrate(story), story.scenario.document["outcomes"]
    out.note(0, narrative.title)
    out.say()
    for event in narrative.events:
        out.note(2, f"{event.month}  {event.text}")
        more = [story.outcome_in_words(name) for name in event.outcomes if outcomes[name]["label"] != event.text]
        for line in (f"=> {'; '.join(more)}" if more else "", event.why):
            if line:
                out.note(INDENT, line)
    out.say("\nAll decisions and outcomes:\n")


def _print_decision(out: Screen, decision: "Decision", document: "Mapping[str, Any]", detailed: bool) -> None:
    from realpolitik.narrating import flip_in_words, why_in_words

    account = decision.account
    _print_head(out, decision, document)
    if not detailed:
        return
    indent = _print_rows(out, why_in_words(decision, document), _shares(account, document))
    for note in _notes(decision, document):
        out.note(indent, note)
    if decision.flip:
        out.note(indent, f"flip: {flip_in_words(decision.flip, account, document)}")
        flip = f"--set {quoted(decision.flip['set'])}"
        out.print(f"{' ' * indent}flipped by {flip} (was {decision.flip['was']:g})", soft_wrap=True)
    out.note(indent, f"claims: {', '.join(decision.claims) or 'none'}")
    out.say()


def _print_answer(out: Screen, decision: "Decision", actor: str, document: "Mapping[str, Any]") -> None:
    """Print a decision of another actor, and the account of the answer of one that was asked."""
    from realpolitik.accounts import called, payment_in_words, votes_in_words
    from realpolitik.narrating import answer_in_words

    account = decision.account
    (answer,) = (one for one in account.asked if one.actor == actor)
    _print_head(out, decision, document)
    rows = _of_interests(answer, document)
    if answer.soon:
        rows.append((f"what {called(document, account.actor)} might soon do unpaid", answer.soon, ""))
    rows += [("noise", answer.noise, ""), _answered(answer, document)]
    indent = _print_rows(out, answer_in_words(answer, decision, document), rows)
    for title, text in (("votes", votes_in_words(account, document)), ("payment", payment_in_words(account, document))):
        if text:
            out.note(indent, f"{title}: {text}")
    out.say()


def _print_head(out: Screen, decision: "Decision", document: "Mapping[str, Any]") -> None:
    """Print who decided what, with which result and at which price."""
    from realpolitik.accounts import beginning
    from realpolitik.narrating import price_in_words

    account = decision.account
    verdict = {"done": ("", ""), "agreed": ("  (agreed)", ""), "refused": ("  (refused)", "red")}[account.result]
    price = price_in_words(account, document["moves"]) if account.result != "refused" else ""
    who = beginning(document, account.actor)
    out.say(f"{decision.date}  {who}: {decision.text}", verdict, f"{'  ' * bool(price)}{price}")


def _print_rows(out: Screen, sentence: str, rows: list[tuple[str, float, str]]) -> int:
    """Print a sentence and the rows of an account; return the columns before them."""
    width = max(len(label) for label, _, _ in rows)
    indent = max(2, min(INDENT, out.width - width - 9))
    out.note(indent, sentence)
    for label, share, when in rows:
        text, room = f"{label:<{width}} {share:+.4f}", out.width - indent - width - 10
        fits = when and (len(when) <= room or not out.is_terminal)
        out.say(f"{' ' * indent}{text}{f'  {when}' if fits else ''}")
        if when and not fits:
            out.note(indent + 4, when)
    return indent


def _shares(account: "Account", document: "Mapping[str, Any]") -> list[tuple[str, float, str]]:
    """Return the rows of an account: what it is, the share, and in which months ahead it falls."""
    rows = _of_interests(account, document)
    rows += [("cost", -account.cost, ""), ("noise", account.noise, ""), ("value", account.value, "")]
    return [*rows, *(_answered(one, document) for one in account.asked)]


def _of_interests(one: "Account | Share", document: "Mapping[str, Any]") -> list[tuple[str, float, str]]:
    """Return the rows of own interest and of leverage in what a move is worth to an actor, each with its main parts."""
    from realpolitik.accounts import LEAST_PRINTED, OTHERS, called, main_parts, not_shown

    main, rows = main_parts(one), list[tuple[str, float, str]]()
    for actor, share in ((one.actor, one.own), *one.through.items()):
        own, parts = actor == one.actor, main.get(actor, [])
        title = "own interest" if own else f"through {called(document, actor)}'s leverage"
        rows += [(title, share, ""), *((f"  {part.titled(part.issue)}", part.share, part.when) for part in parts)]
        rest = not_shown(one, actor, parts)
        rows += [(f"  {OTHERS}", rest, "")] if abs(rest) >= LEAST_PRINTED else []
    return rows


def _answered(one: "Share", document: "Mapping[str, Any]") -> tuple[str, float, str]:
    """Return the row of what a move is worth to one that was asked, and its answer."""
    from realpolitik.accounts import beginning

    return f"{beginning(document, one.actor)} {'consents' if one.value > 0 else 'refuses'}", one.value, ""


def _notes(decision: "Decision", document: "Mapping[str, Any]") -> "Iterator[str]":
    """Yield why those asked answered as they did, the vote, the payment, what was expected, and the next best move."""
    from realpolitik.accounts import expectations, payment_in_words, votes_in_words
    from realpolitik.narrating import answers_in_words

    account = decision.account
    if account.result != "refused" or account.need is not None:
        yield from answers_in_words(decision, document)
    for title, text in (("votes", votes_in_words(account, document)), ("payment", payment_in_words(account, document))):
        if text:
            yield f"{title}: {text}"
    for title, what, then in expectations(account, decision.expected, decision.otherwise):
        yield f"{title}: {what}{'; ' * bool(then)}{then}"
    yield f"next best: {account.runner_up or 'hold'}, {account.margin:.4f} less"
