"""A world as a narrative: its title, its main events, why each came about, and what would have changed a decision.

`explain` and the dashboard show the same sentences. Everything in them is from the accounts of the world.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from realpolitik.accounts import LEAST_SHOWN, beginning, called, listed, lowered, parts_of, votes_in_words
from realpolitik.scenario.forms import effect_on, main_outcome
from realpolitik.texts import MINUS, told_apart

if TYPE_CHECKING:
    from realpolitik.explaining import Decision, Story
    from realpolitik_model import Account, Share
    from realpolitik_model.recording import Cause

MOST_EVENTS = 12
LEAST_NAMED = 0.1
"""What speaks for a move, and what speaks against it, is named until less than this share of it is left."""
MOST_DIGITS = 4
"""Digits of the two sums of a sentence, which are as few as tell them apart."""
LEAST_PERCENT, MOST_PERCENT = 0.0001, 2.0
"""A change of a number is given in percent within these shares of it; beyond, both values are given."""
MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


# --- words ------------------------------------------------------------------------------------------------------------


def month_in_words(month: str) -> str:
    """Return a month in words.

    >>> month_in_words("2024-03")
    'March 2024'
    """
    return f"{MONTHS[int(month[5:7]) - 1]} {month[:4]}"


def signed(value: float, digits: int = 2) -> str:
    """Return a share with its sign and a few digits.

    >>> signed(0.342), signed(0.0742, 3)
    ('+0.34', '+0.074')
    """
    return f"{'+' if value > 0 else MINUS}{abs(value):.{digits}f}"


def price_in_words(account: "Account", moves: Mapping[str, Any]) -> str:
    """Return at which price a move is made: "unpaid" for a price of 0, "" for a move that nobody would pay for.

    The fallback of a move with a payment is unpaid too.
    """
    if moves[account.move]["payment"] is None:
        fallbacks = {row["payment"]["fallback"] for row in moves.values() if row["payment"] is not None}
        return "unpaid" if account.move in fallbacks else ""
    if not account.tau:
        return "unpaid"
    return f"for a price of {account.tau:.2f}" if account.tau >= LEAST_SHOWN else "for a price below 0.01"


def _label(document: Mapping[str, Any], table: str, name: str) -> str:
    return str(document[table][name]["label"])


def _quantity(document: Mapping[str, Any], name: str) -> str:
    """Return an issue or a driver in quotation marks."""
    table = "issues" if name in document["issues"] else "drivers"
    return f"“{_label(document, table, name)}”"


def decision_in_words(decision: "Decision", document: Mapping[str, Any]) -> str:
    """Return who decided what, with its price, and who refused it; made unpaid, a move is called as its fallback."""
    account, moves = decision.account, document["moves"]
    payment, refused = moves[account.move]["payment"], account.result == "refused"
    unpaid = payment is not None and payment["fallback"] is not None and not account.tau and not refused
    label = moves[payment["fallback"]]["label"] if unpaid else decision.text
    colon = "" if label[:1].islower() else ":"
    said = f"{beginning(document, account.actor)}{colon} {label}"
    if refused:
        return f"{said}, refused{_by(_refusers(account), document)}"
    price = price_in_words(account, moves)
    return f"{said}, {price}" if price else said


def _refusers(account: "Account") -> list[str]:
    """Return who refused; nobody in particular if no single answer would have changed a vote."""
    return [one for one in account.pivotal or account.consents if account.consents[one] <= 0]


def _by(names: list[str], document: Mapping[str, Any]) -> str:
    return f" by {listed(called(document, one) for one in names)}" if names else ""


# --- why --------------------------------------------------------------------------------------------------------------


class Term(NamedTuple):
    """A part of what a move is worth to an actor, with its name in a sentence."""

    share: float
    name: str
    """For leverage, only who holds it, after `>`."""
    always: bool = False
    """Whether it is named even if it is small."""


def why_in_words(decision: "Decision", document: Mapping[str, Any]) -> str:
    """Return why a move was made or refused, from its account: what outweighed what, and what decided."""
    account = decision.account
    refused = account.result == "refused"
    terms = [*_terms(account, document), Term(-account.cost, "the cost")]
    terms.append(Term(account.noise, "noise", always=0 < account.margin < account.noise))
    did = "proposed it" if refused else "did so"
    made = f"{beginning(document, account.actor)} {did} because {_balance(terms, document, 1)}."
    return " ".join([*(_refusal(decision, document) if refused else ()), made, *_tipped(account, document)])


def answers_in_words(decision: "Decision", document: Mapping[str, Any]) -> Iterator[str]:
    """Yield why each actor that was asked consented or refused."""
    for one in decision.account.asked:
        yield answer_in_words(one, decision, document)


def answer_in_words(one: "Share", decision: "Decision", document: Mapping[str, Any]) -> str:
    """Return why an actor that was asked consented or refused, and whether noise decided."""
    agrees = one.value > 0
    did, other = ("consented", "refused") if agrees else ("refused", "consented")
    terms = [*_terms(one, document), Term(one.soon, _soon(decision, document))]
    terms.append(Term(one.noise, "noise", always=(one.value - one.noise > 0) != agrees))
    balance = _balance(terms, document, 1 if agrees else -1)
    tipped = f" Noise decided: without its {signed(one.noise)} it would have {other}."
    return f"{beginning(document, one.actor)} {did} because {balance}.{tipped * terms[-1].always}"


def _soon(decision: "Decision", document: Mapping[str, Any]) -> str:
    """Return what a payer loses to the fallback of a move, and that it counts outside of the fallback's window too."""
    moves, owner = document["moves"], called(document, decision.account.actor)
    payment = moves[decision.account.move]["payment"]
    fallback = moves[payment["fallback"]] if payment and payment["fallback"] else {"from": None, "until": None}
    if (fallback["from"] or "") <= decision.date <= (fallback["until"] or decision.date):
        return f"what {owner} might soon do unpaid"
    return f"an unpaid move of {owner}, which the theory counts although its window is closed"


def _balance(terms: Iterable[Term], document: Mapping[str, Any], sign: int) -> str:
    """Return what speaks for a move and what against it, as "what outweighed what: +0.34 against -0.08".

    The numbers at the end are of all that speaks for it, and of all that speaks against it: their sum is the value. The
    heaviest on each side are named, each with its number unless it is alone. What prevailed comes first: what speaks
    for a move with a sign of 1, what speaks against it with -1.
    """
    ordered = sorted(terms, key=lambda term: -abs(term.share))
    sides = [[term for term in ordered if term.share * side > 0] for side in (sign, -sign)]
    stronger, weaker = (sum(term.share for term in side) for side in sides)
    digits = 2
    while digits < MOST_DIGITS and f"{abs(stronger):.{digits}f}" == f"{abs(weaker):.{digits}f}":
        digits += 1
    power = "leverage" if document["theory"]["weights"] == "leverage" else "influence"
    first, then = (_side(side, digits, power) for side in sides)
    if not first:
        return "nothing spoke against it" if sign > 0 else "nothing spoke for it"
    if not then:
        return f"of {first}: {signed(stronger, digits)}"
    return f"{first} outweighed {then}: {signed(stronger, digits)} against {signed(weaker, digits)}"


def _terms(one: "Account | Share", document: Mapping[str, Any]) -> Iterator[Term]:
    """Yield what interests add to what a move is worth to an actor: its own, the payment, and others by leverage."""
    for issue, paid, months in parts_of(one, one.actor):
        name = "the payment" if paid else "its own interest"
        yield Term(sum(months), f"{name} in {_quantity(document, issue)}", always=paid)
    for name, share in one.through.items():
        yield Term(share, f">{called(document, name)}")


def _side(terms: list[Term], digits: int, power: str) -> str:
    """Return the heaviest of the terms on one side, and what the smaller ones add up to; "" if there are none."""
    named = _named(terms)
    shares = _joined([(term.name, term.share) for term in named], power)
    rest = sum(term.share for term in terms if term not in named)
    if shares and abs(rest) >= LEAST_SHOWN:
        shares.append(("smaller parts", rest))
    return (
        listed(f"{name} ({signed(share, digits)})" if shares[1:] else name for name, share in shares) if shares else ""
    )


def _named(terms: list[Term]) -> list[Term]:
    """Return the terms that are named: the heaviest until little is left, and one that would be left alone."""
    left, named = sum(abs(term.share) for term in terms), list[Term]()
    least = LEAST_NAMED * left
    seen = [term for term in terms if abs(term.share) >= LEAST_SHOWN]
    for n, term in enumerate(seen):
        alone = len(named) == n and n == len(seen) - 1
        if term.always or left >= least or alone:
            named.append(term)
            left -= abs(term.share)
    return named


def _joined(shares: list[tuple[str, float]], power: str) -> list[tuple[str, float]]:
    """Return shares by name, with the leverage of several actors as one.

    >>> _joined([(">Moscow", 0.5), ("the cost", 0.25), (">Brussels", 0.25)], "leverage")
    [('the leverage of Moscow and Brussels', 0.75), ('the cost', 0.25)]
    >>> _joined([(">Baku", 0.5)], "influence")
    [("Baku's influence", 0.5)]
    """
    holders = [name[1:] for name, _ in shares if name.startswith(">")]
    phrase = f"{holders[0]}'s {power}" if len(holders) == 1 else f"the {power} of {listed(holders or [''])}"
    joined: dict[str, float] = {}
    for name, share in shares:
        title = phrase if name.startswith(">") else name
        joined[title] = joined.get(title, 0.0) + share
    return sorted(joined.items(), key=lambda one: -abs(one[1]))


def _tipped(account: "Account", document: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence if the actor would not have taken this move without noise, and one if not without payment."""
    other = account.runner_up
    instead = f"chosen “{_label(document, 'moves', other)}”" if other else "made no move"
    by_noise = 0 < account.margin < account.noise
    if by_noise:
        yield f"Noise decided: without its {signed(account.noise)} it would have {instead}."
    payment = sum(sum(months) for issues in account.paid.values() for months in issues.values())
    if 0 < account.margin < payment:
        worth = signed(account.value - payment)
        too = " too" * by_noise
        yield f"The payment decided{too}: unpaid, the move would have been worth {worth}, and it would have {instead}."


def _refusal(decision: "Decision", document: Mapping[str, Any]) -> Iterator[str]:
    """Yield who refused and why, or how the vote went."""
    account = decision.account
    if account.need is not None:
        yield f"Refused by vote: {votes_in_words(account, document)}."
        return
    refusers = _refusers(account)
    answers = [answer_in_words(one, decision, document) for one in account.asked if one.actor in refusers]
    yield from answers or ["Refused."]


FLIPS = {
    "theory.phi": "what others want counted {amount} for everybody",
    "theory.discount": "each month ahead counted {value} instead of {was} of the month before",
    "interests.salience": "{actor} cared {amount} about {issue}",
    "interests.position": "{actor} wanted {issue} at {value} instead of {was}",
    "dependence.stake": "{dependent} had {amount} to lose from {provider} ({channel})",
    "dependence.alternatives": "{dependent} been able to get {value} instead of {was} elsewhere ({channel})",
    "moves.cost": "“{label}” cost {amount}",
    "actors.capability": "{label} been {amount} powerful",
    "issues.decay": "“{label}” returned to rest at {value} instead of {was} of the way per month",
    "issues.rest": "“{label}” come to rest at {value} instead of {was}",
}
"""Table and number -> what would have been otherwise, after "had"."""
BASES = {
    "interests.salience": "how much {actor} cares about {issue}",
    "interests.position": "where {actor} wants {issue}",
    "dependence.stake": "what {dependent} has to lose from {provider} ({channel})",
    "dependence.alternatives": "what {dependent} can get elsewhere ({channel})",
    "moves.cost": "the cost of “{label}”",
    "issues.rest": "where “{label}” comes to rest",
}
"""Table and number -> what an effect acts on."""


def flip_in_words(flip: Mapping[str, Any], account: "Account", document: Mapping[str, Any]) -> str:
    """Return the smallest change that would have changed a decision: "Had Moscow cared 3% more about ..." .

    That of a refused move is one with which it would have been agreed to.
    """
    path, was, value = str(flip["path"]), float(flip["was"]), float(flip["value"])
    table, name, *rest = path.split(".")
    now, before = told_apart(value, was)
    effect, numbers = effect_on(path), {"value": now, "was": before, "amount": _amount(was, value)}
    words = {} if table == "theory" else _words(document[table][name], document)
    kind = f"{table}.{effect[0] if effect else (rest or [name])[0]}"
    if effect and kind in BASES:
        base = BASES[kind].format(**words)
        change = f"the effect of {_quantity(document, effect[1])} on {base} been {now} instead of {before}"
    else:
        change = FLIPS.get(kind, f"{path} been {{value}} instead of {{was}}").format(**words, **numbers)
    refusers = _refusers(account)
    if account.result != "refused":
        return f"Had {change}, {called(document, account.actor)} would not have done so."
    who = called(document, refusers[0]) if len(refusers) == 1 else "it"
    return f"Had {change}, {who} would have {'agreed' if len(refusers) == 1 else 'been agreed to'}."


def _words(row: Mapping[str, Any], document: Mapping[str, Any]) -> dict[str, str]:
    """Return the words of a row that a sentence can use."""
    words = {key: str(row[key]) for key in ("label", "channel") if key in row}
    words |= {key: called(document, row[key]) for key in ("actor", "dependent", "provider") if key in row}
    return words | ({"issue": _quantity(document, row["issue"])} if "issue" in row else {})


def _amount(was: float, value: float) -> str:
    """Return a change of a number as a comparison.

    >>> _amount(0.5, 0.6), _amount(1.0, 0.998), _amount(0.0, 0.3), _amount(1.0, 1.00002)
    ('20% more', '0.2% less', '0.3 instead of 0', '1.00002 instead of 1')
    """
    share = abs(value - was) / abs(was) if was else MOST_PERCENT + 1
    if not LEAST_PERCENT <= share <= MOST_PERCENT:
        return " instead of ".join(told_apart(value, was))
    digits = 0 if share >= 0.02 else 1 if share >= 0.001 else 2
    return f"{share:.{digits}%} {'more' if value > was else 'less'}"


# --- events -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Event:
    """Something that mattered in a world: an outcome, a decision, a refusal or a shock."""

    month: str
    kind: str
    """outcome (without a decision or shock that brought it about), decision, refusal or shock."""
    name: str
    """The move, the shock or the outcome."""
    actor: str
    """Who decided; nothing for a shock or an outcome."""
    text: str
    why: str
    outcomes: tuple[str, ...]
    """The outcomes that first happened by it."""
    changes: Mapping[str, float]
    """Issue -> what it changed, or would have changed if it was refused."""

    @property
    def size(self) -> float:
        """The largest change of an issue."""
        return max(map(abs, self.changes.values()), default=0.0)


@dataclass(frozen=True)
class Narrative:
    """One world in words."""

    title: str
    events: list[Event]
    """At most a dozen, by month."""
    main: int | None
    """The number of the event that the title is about; None if that outcome does not happen."""


def narrate(story: "Story") -> Narrative:
    """Return the title and the main events of a world.

    The events with an outcome come first, in the order of `[show]`; then the decisions, refusals and shocks that
    change an issue most, or would have. Of the same move or shock with the same result, only the largest is taken.
    """
    document = story.scenario.document
    decisions = {(one.date, one.account.actor): one for one in story.decisions}
    chosen = main_events(_events(story), _order(document))
    subject = _subject(document)
    main = next((n for n, event in enumerate(chosen) if subject in event.outcomes), None)
    price = ""
    if main is not None and chosen[main].actor:
        price = price_in_words(decisions[chosen[main].month, chosen[main].actor].account, document["moves"])
    told = [_in_words(event, decisions.get((event.month, event.actor)), document) for event in chosen]
    return Narrative(_title(story, price), told, main)


def _in_words(event: Event, decision: "Decision | None", document: Mapping[str, Any]) -> Event:
    """Return the event of a decision with its text and its reason; others have theirs."""
    if decision is None:
        return event
    return replace(event, text=decision_in_words(decision, document), why=why_in_words(decision, document))


def main_events(events: Iterable[Event], order: list[str]) -> list[Event]:
    """Return at most a dozen events by month: those with outcomes first, by the order of outcomes, then by size."""

    def rank(event: Event) -> tuple[int, float, str]:
        return min((order.index(one) for one in event.outcomes), default=len(order)), -event.size, event.month

    seen: set[tuple[str, str, str]] = set()
    chosen: list[Event] = []
    for event in sorted((one for one in events if one.outcomes or one.size), key=rank):
        key = (event.kind, event.actor, event.name)
        if len(chosen) < MOST_EVENTS and (event.outcomes or key not in seen):
            chosen.append(event)
        seen.add(key)
    return sorted(chosen, key=lambda event: event.month)


def _order(document: Mapping[str, Any]) -> list[str]:
    """Return all outcomes: the headline and what it happens with, those shown first, then the others."""
    show, rows = document["show"], document["outcomes"]
    first = [one for one in (_headline(document), _subject(document)) if one]
    return list(dict.fromkeys([*first, *(show["outcomes"] or []), *rows]))


def _headline(document: Mapping[str, Any]) -> str | None:
    """Return the main outcome of a scenario; if that is a measure, the first that is none."""
    rows = document["outcomes"]
    return next((one for one in (main_outcome(document), *rows) if one and rows[one]["measure"] is None), None)


def _subject(document: Mapping[str, Any]) -> str | None:
    """Return the outcome that the title dates: the headline, or the one that the headline happens with."""
    headline = _headline(document)
    return headline and (document["outcomes"][headline]["at"] or headline)


def _title(story: "Story", price: str) -> str:
    """Return the number of a world and its main outcome, with the price in words."""
    document, dates = story.scenario.document, {name: date for date, name in story.events}
    world = f"World {story.world} of seed {story.seed}"
    headline, subject = _headline(document), _subject(document)
    if headline is None or subject is None:
        return world
    label = _label(document, "outcomes", headline)
    if subject not in dates:
        missing = _label(document, "outcomes", subject)
        return f"{world}: “{missing}” does not happen by {month_in_words(document['meta']['end'])}"
    if price or headline not in dates:
        what = lowered(_label(document, "outcomes", subject))
        missed = "" if headline in dates or price else f", but not “{label}”"
        return f"{world}: {what} in {month_in_words(dates[subject])}{', ' * bool(price)}{price}{missed}"
    return f"{world}: {lowered(label)} in {month_in_words(dates[headline])}"


def _events(story: "Story") -> Iterator[Event]:
    """Yield every decision, refusal and shock with the outcomes that it brought about, then the other outcomes."""
    document = story.scenario.document
    order = _order(document)
    due: dict[str, list[str]] = {}
    for date, name in story.events:
        due.setdefault(date, []).append(name)
    here: dict[str, list[Event]] = {}
    for event in (*_decided(story), *_struck(story)):
        here.setdefault(event.month, []).append(event)
    for date in sorted(due.keys() | here.keys()):
        events, names = here.get(date, []), due.get(date, [])
        causes = _causes(names, events, document)
        for event in events:
            yield replace(event, outcomes=tuple(one for one in order if causes.get(one) is event))
        yield from (_undecided(story, date, name) for name, cause in causes.items() if cause is None)


def _decided(story: "Story") -> Iterator[Event]:
    """Yield an event for every decision, without words."""
    for one in story.decisions:
        kind = "refusal" if one.account.result == "refused" else "decision"
        yield Event(one.date, kind, one.account.move, one.account.actor, "", "", (), one.changes)


def _struck(story: "Story") -> Iterator[Event]:
    document = story.scenario.document
    for month, name, changes in story.shocks:
        moved = [f"{_quantity(document, issue)} by {signed(change)}" for issue, change in changes.items()]
        why = f"A shock, which no actor decides: it changed {listed(moved or ['nothing'])}."
        yield Event(month, "shock", name, "", _label(document, "shocks", name), why, (), changes)


def _undecided(story: "Story", month: str, name: str) -> Event:
    """Return an outcome that no decision or shock of its month brought about, with what did in the month before."""
    document, reached, causes = story.scenario.document, story.reached.get(name, {}), story.causes.get(name, [])
    values = listed([_value(document, one, value) for one, value in reached.items()] or [""])
    before = " or of the month before" * any(">" in quantity for quantity in reached)
    if causes:
        values += f". {'. '.join(_without(document, one) for one in causes)}."
    elif values:
        values += f"; no single move or shock of the month{before} did this."
    return Event(month, "outcome", name, "", _label(document, "outcomes", name), values, (name,), {})


def _value(document: Mapping[str, Any], quantity: str, value: float) -> str:
    """Return a quantity and its value in words."""
    if ">" in quantity:
        holder, over = (called(document, one) for one in quantity.split(">"))
        return f"{holder} could withhold {value:.2f} from {over}"
    if quantity.startswith("price:"):
        return f"the price of “{_label(document, 'moves', quantity.removeprefix('price:'))}” is {value:.2f}"
    return f"{_quantity(document, quantity)} is at {value:.2f}"


def _without(document: Mapping[str, Any], cause: "Cause") -> str:
    """Return what leverage would have been without a move or shock of the month before."""
    label = _label(document, f"{cause.kind}s", cause.name)
    pairs = [(*(called(document, one) for one in pair.split(">")), value) for pair, value in cause.without.items()]
    values = (f"{holder} could have withheld {value:.2f} from {over}" for holder, over, value in pairs)
    return f"Without the {cause.kind} “{label}” of the month before, {listed(values)}"


def _causes(names: list[str], here: list[Event], document: Mapping[str, Any]) -> dict[str, Event | None]:
    """Return what brought about each outcome of a month: its move, or what changed its issues most in its direction.

    An outcome that happens together with another has the same cause.
    """
    rows, found = document["outcomes"], dict[str, Event | None]()

    def cause(name: str) -> Event | None:
        row = rows[name]
        if row["at"] in names:
            return cause(row["at"])
        if row["move"] is not None:
            wanted = "refusal" if row["result"] == "refused" else "decision"
            return next((one for one in here if (one.kind, one.name) == (wanted, row["move"])), None)
        pushes = [(_push(one, row["when"] or {}), -n) for n, one in enumerate(here) if one.kind != "refusal"]
        best, place = max(pushes, default=(0.0, 0))
        return here[-place] if best > 0 else None

    for name in names:
        if rows[name]["measure"] is None:
            found[name] = cause(name)
    return found


def _push(event: Event, when: Mapping[str, Any]) -> float:
    """Return the largest change of an issue in the direction of a condition."""
    towards = [
        change if condition["above"] is not None else -change
        for issue, condition in when.items()
        for change in (event.changes.get(issue, 0.0),)
    ]
    return max(towards, default=0.0)
