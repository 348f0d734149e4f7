"""What the account of a decision says in words: whose interests, in what and when, the votes, and what was expected.

`explain`, its figure and the dashboard show the same texts. Dates are months "YYYY-MM".
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from realpolitik.scenario.forms import payers

if TYPE_CHECKING:
    from realpolitik_model import Account, Case, Expected, Party, Share

LEAST_PART, MOST_PARTS = 0.1, 5
"""Parts of an account that are shown: these are at least this share of the sum of all sizes, and the largest ones."""
LEAST_SHOWN = 0.005
"""Shares of an account that would be written as 0.00 are left out of a sentence."""
LEAST_PRINTED = 0.00005
"""Shares that would be written as 0.0000 have no line of their own."""
MOST_EXPECTED = 3
"""Consequences of a move that are shown; all are in the JSON document."""
MOSTLY = 0.9
"""Share of a part that falls in the months that are named with it."""
RESULTS = {"done": "", "agreed": "", "refused": " (refused)"}


# --- actors ---------------------------------------------------------------------------------------------------------


def called(document: Mapping[str, Any], actor: str) -> str:
    """Return the label of an actor as it reads within a sentence."""
    return lowered(str(document["actors"][actor]["label"]))


def beginning(document: Mapping[str, Any], actor: str) -> str:
    """Return the label of an actor as it reads at the start of a sentence."""
    label = str(document["actors"][actor]["label"])
    return label[0].upper() + label[1:] if label.startswith(("the ", "a ", "an ")) else label


def lowered(label: str) -> str:
    """Return a label as it reads within a sentence: an article in lower case, and names as they are."""
    first, _, rest = label.partition(" ")
    return f"{first.lower()} {rest}" if first in ("The", "A", "An") else label


# --- whose interests, in what, and when -----------------------------------------------------------------------------


class Part(NamedTuple):
    """What an actor's interests in one issue add to the value of a move, by the move itself or by its payment."""

    issue: str
    share: float
    when: str
    """The months ahead that it mostly falls in, in words; nothing without foresight."""
    paid: bool = False
    """Whether the payment adds it."""

    def titled(self, issue: str) -> str:
        """Return how the part is named, given the name of its issue."""
        return f"payment: {issue}" if self.paid else issue


def parts_of(weighing: "Account | Share", actor: str) -> list[tuple[str, bool, list[float]]]:
    """Return an actor's parts of what a move is worth: (issue, whether the payment adds it, shares by month ahead)."""
    found: list[tuple[str, bool, list[float]]] = []
    for issue, months in weighing.parts.get(actor, {}).items():
        paid = weighing.paid.get(actor, {}).get(issue, [0.0] * len(months))
        bare = [whole - part for whole, part in zip(months, paid, strict=True)]
        found += [(issue, is_paid, part) for is_paid, part in ((False, bare), (True, paid)) if any(part)]
    return found


def main_parts(account: "Account | Share") -> dict[str, list[Part]]:
    """Return the largest parts of an account, by actor, and those of its payment.

    If all parts of an actor but one are among them, that one is shown too.
    """
    parts = {actor: parts_of(account, actor) for actor in account.parts}
    sizes = sorted((abs(sum(months)) for found in parts.values() for _, _, months in found), reverse=True)
    least = max([LEAST_PART * sum(sizes), *sizes[MOST_PARTS - 1 : MOST_PARTS]])
    shown = {actor: list(_shown(found, least)) for actor, found in parts.items()}
    return {actor: found for actor, found in shown.items() if found}


def _shown(parts: list[tuple[str, bool, list[float]]], least: float) -> Iterator[Part]:
    """Yield the parts of an actor of at least a size, those of the payment, and what would be left out alone."""
    sizes = [abs(sum(months)) for _, _, months in parts]
    chosen = [size >= (LEAST_SHOWN if paid else least) for size, (_, paid, _) in zip(sizes, parts, strict=True)]
    left = [size for size, shown in zip(sizes, chosen, strict=True) if not shown and size >= LEAST_PRINTED]
    least_of_all = LEAST_PRINTED if any(chosen) and len(left) == 1 else math.inf
    for (issue, paid, months), size, shown in zip(parts, sizes, chosen, strict=True):
        if shown or size >= least_of_all:
            yield Part(issue, sum(months), mostly(months), paid)


OTHERS = "other issues"
"""What stands for the parts of an actor that are not shown."""


def not_shown(account: "Account | Share", actor: str, shown: Iterable[Part]) -> float:
    """Return what an actor's parts that are not shown add up to; 0.0 if none of its parts is shown."""
    named = {(part.issue, part.paid) for part in shown}
    rest = (sum(months) for issue, paid, months in parts_of(account, actor) if (issue, paid) not in named)
    return sum(rest) if named else 0.0


def mostly(months: list[float]) -> str:
    """Return the shortest span of months ahead that holds most of a part, in words; "" without foresight.

    >>> mostly([0.0, 0.1, 0.2, 0.001]), mostly([0.0, 0.0, 0.3]), mostly([0.4])
    ('in months 1-2', 'in month 2', '')
    """
    if len(months) == 1:
        return ""
    sizes = [abs(share) for share in months]
    spans = [(first, last) for first in range(len(sizes)) for last in range(first, len(sizes))]
    enough = [(f, t) for f, t in spans if sum(sizes[f : t + 1]) >= MOSTLY * sum(sizes)]
    first, last = min(enough, key=lambda span: (span[1] - span[0], span[0]))
    return f"in month {first}" if first == last else f"in months {first}-{last}"


# --- votes and payments ---------------------------------------------------------------------------------------------


def votes_in_words(account: "Account", document: Mapping[str, Any]) -> str:
    """Return how a vote went; "" if all who were asked had to consent."""
    from realpolitik_model.equations import votes_suffice

    if account.need is None:
        return ""
    given = sum(account.votes[one] for one, worth in account.consents.items() if worth > 0)
    tally = f"{given:g} of {sum(account.votes.values()):g} for it, {account.need:g} needed"
    unwilling = [one for one in payers(document["moves"][account.move]) if account.consents[one] <= 0]
    if unwilling and votes_suffice(given, account.need):
        verb = "refuse" if unwilling[1:] else "refuses"
        return f"{tally}, but {_all_called(document, unwilling)} would have to pay and {verb}"
    if not account.pivotal:
        return f"{tally}; no single answer would have changed the result"
    return f"{tally}; {_all_called(document, account.pivotal)} decided it"


def payment_in_words(account: "Account", document: Mapping[str, Any]) -> str:
    """Return who pays with what, that the price is 0, or why there was no deal; "" for a move without a payment."""
    row, refused = document["moves"][account.move], account.result == "refused"
    if account.deal is None:
        return ""
    if not account.deal:
        return f"{'offered' if refused else 'made'} unpaid: there was {no_deal_in_words(account, document)}"
    if not account.tau:
        return f"{'refused' if refused else 'a deal'} at a price of 0"
    paid = [f"{called(document, payer)} ({listed(changes)})" for payer, changes in payers(row).items()]
    whole = "" if row["payment"]["divisible"] else ", all or nothing"
    return f"{'would be ' * refused}paid by {listed(paid)}{whole}"


def no_deal_in_words(account: "Account", document: Mapping[str, Any]) -> str:
    """Return that there was no deal, and why: who would not have gained, or that no price was a gain for everybody."""
    losers = without_gain(account)
    if not losers:
        everyone = _all_called(document, [one.actor for one in account.parties])
        return f"no deal, because its price would not have left a gain for each of {everyone}"
    owner, who = called(document, account.actor), _all_called(document, [one.actor for one in losers])
    anyway = f" ({owner} would soon have acted unpaid anyway)" if any(one.bare > 0.0 for one in losers) else ""
    return f"no deal, because {who} would not have gained from one{anyway}"


def _all_called(document: Mapping[str, Any], actors: Iterable[str]) -> str:
    return listed(called(document, one) for one in actors)


def without_gain(account: "Account") -> "list[Party]":
    """Return those who would not have gained from a deal at any price that the payment allows."""
    useful = any(one.payment > 0.0 for one in account.parties[:1])  # else the price could only be 0
    return [one for one in account.parties if one.outside + (max(one.payment, 0.0) if useful else 0.0) <= 0.0]


def listed(words: Iterable[str]) -> str:
    """Return words as a list in a sentence.

    >>> listed(["Moscow"]), listed(["Moscow", "Baku", "Yerevan"])
    ('Moscow', 'Moscow, Baku and Yerevan')
    """
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last


# --- what was expected, and what then happened ----------------------------------------------------------------------


class Taken(NamedTuple):
    """A decision that was taken in the same world."""

    month: int
    actor: str
    move: str
    result: str


@dataclass(frozen=True)
class Foreseen:
    """A decision of another actor that an actor expected, and what that actor then did."""

    ahead: int
    month: str
    """The month in which it was expected."""
    actor: str
    name: str
    """The label of the actor."""
    move: str
    label: str
    result: str
    """done, agreed or refused, as expected."""
    differs: bool
    """Whether it was expected only after the move, or only without it."""
    happened: str | None
    """The month, of those looked ahead, in which the actor did decide on this move; the nearest to the expected one."""
    found: str | None
    """The result that it then had."""
    until: str
    """The last month looked ahead that the scenario has."""

    @property
    def expectation(self) -> str:
        """What was expected, in words."""
        colon = "" if self.label[:1].islower() else ":"
        return f"{self.name}{colon} {self.label}{RESULTS[self.result]} in month {self.ahead} ({self.month})"

    @property
    def verdict(self) -> str:
        """What then happened, in words."""
        if self.happened is None:
            return f"it did not by {self.until}" if self.month <= self.until else f"the scenario ends in {self.until}"
        if (self.found == "refused") == (self.result == "refused"):
            return "it did" if self.happened == self.month else f"it did, in {self.happened}"
        return f"it was {'refused' if self.found == 'refused' else 'made'} in {self.happened}"


def foreseen(
    case: "Case", document: Mapping[str, Any], account: "Account", taken: Iterable[Taken]
) -> tuple[list[Foreseen], list[Foreseen]]:
    """Return what an actor expected after its move, and without it, with what then happened in the world."""
    until = min(account.month + account.horizon, case.months - 1)
    after = [one for one in taken if account.month < one.month <= until]

    def followed(one: "Expected", others: "Iterable[Expected]") -> Foreseen:
        month = account.month + one.ahead
        same = [other for other in after if (other.actor, other.move) == (one.actor, one.move)]
        found = min(same, key=lambda other: abs(other.month - month), default=None)
        return Foreseen(
            ahead=one.ahead,
            month=case.date_of(month),
            actor=one.actor,
            name=document["actors"][one.actor]["label"],
            move=one.move,
            label=document["moves"][one.move]["label"],
            result=one.result,
            differs=one not in others,
            happened=None if found is None else case.date_of(found.month),
            found=None if found is None else found.result,
            until=case.date_of(until),
        )

    return (
        [followed(one, account.otherwise) for one in account.expected],
        [followed(one, account.expected) for one in account.otherwise],
    )


def expectations(account: "Account", expected: list[Foreseen], otherwise: list[Foreseen]) -> list[tuple[str, str, str]]:
    """Return what the actor expected to follow from its move: what it is, the decision, and what then happened.

    Decisions that it expected in either case are left out. What was to follow from a move that was refused has no
    verdict.
    """
    if not account.horizon:
        return []
    made = account.result != "refused"
    title = "expected" if made else "had it been made"
    rows = [(title, one.expectation, one.verdict if made else "") for one in _nearest(expected)]
    rows += [("without it", one.expectation, one.verdict) for one in _nearest(otherwise)]
    more = sum(one.differs for one in (*expected, *otherwise)) - len(rows)
    if more:
        rows.append(("and", f"{more} more, which --json lists", ""))
    return rows or [(title, f"nobody else acts differently within {_months(account.horizon)}", "")]


def _nearest(found: list[Foreseen]) -> list[Foreseen]:
    return [one for one in found if one.differs][:MOST_EXPECTED]


def _months(count: int) -> str:
    return f"{count} month{'s' * (count > 1)}"


def theory_in_words(theory: str, foresight: float) -> str:
    """Return the weight rule and the foresight, if there is any.

    >>> theory_in_words("leverage", 0.0), theory_in_words("leverage", 3.0)
    ('weights by leverage', 'weights by leverage, foresight 3 months')
    """
    ahead = f", foresight {_months(int(foresight))}" if foresight >= 1 else ""
    return f"weights by {theory}{ahead}"
