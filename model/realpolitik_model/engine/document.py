"""The names of a resolved scenario document, and what its rows say of one another."""

from collections.abc import Mapping
from typing import Any

from realpolitik_model.engine.tables import quantity_names
from realpolitik_model.equations.weights import RULES, rule_named

Document = Mapping[str, Any]
"""A resolved scenario: the tables of a scenario file with defaults filled in and every number a plain float."""
SHARES = ("alternatives", "position", "chance", "rest", "decay", "hazard")
"""Numbers that are held within 0-1 when they respond to the state."""
RESPONSIVE = (*SHARES, "capability", "stake", "salience", "cost")
"""All numbers that can respond; those that are not shares are held above 0."""
LONGEST_FORESIGHT = 24
"""Months."""


def month_number(date: str) -> int:
    """Return months since year 0 of a date "YYYY-MM"; ValueError if it is not one."""
    year, _, month = date.partition("-")
    if not (year.isdecimal() and month.isdecimal() and 1 <= int(month) <= 12):
        raise ValueError(f"'{date}' is not a month; write YYYY-MM, such as 2024-04")
    return int(year) * 12 + int(month) - 1


def responds(number: Any) -> bool:
    """Return whether a number carries effects: {"value": number, "effects": {quantity: number}}."""
    return isinstance(number, Mapping)


def moved_by(row: Document) -> set[str]:
    """Return the issues and drivers that move some number of a row."""
    return {z for key in RESPONSIVE if responds(row.get(key)) for z in row[key]["effects"]}


def asked(move: Document) -> list[str]:
    """Return the actors who are asked to consent to a move, whether all must agree or enough of them."""
    consent = move.get("consent") or []
    return list(consent["of"] if isinstance(consent, Mapping) else consent)


def payments(move: Document) -> Mapping[str, Mapping[str, Document]]:
    """Return payer -> changes of issues that it pays for a move."""
    payment = move.get("payment")
    if not payment:
        return {}
    payer = payment["from"]
    return {payer: payment["changes"]} if isinstance(payer, str) else dict(payer)


def touched_by(move: Document) -> set[str]:
    """Return the issues that a move and its payment change."""
    return {*move["changes"], *(k for changes in payments(move).values() for k in changes)}


def required_by(move: Document) -> set[str]:
    """Return the quantities that the conditions of a move name."""
    conditions = move.get("requires") or {}
    bounds = {bound for row in conditions.values() for bound in row.values() if isinstance(bound, str)}
    return {*conditions, *bounds}


def led(move: Document) -> set[tuple[str, str]]:
    """Return the (dependent, provider) of the leverage that the conditions of a move name."""
    return {(over, holder) for holder, _, over in (name.partition(">") for name in required_by(move)) if over}


class Register:
    """The names of a document, by table and position, and who is heard by whom.

    `joined` is the (dependent, provider) of every row of dependence, `named_pairs` has each once, in the order of the
    file, `pairs` has them by dependent, and `place` gives their positions there. `interested` has, for each issue, the
    interests in it: (row, actor). `quantities` gives the row of every quantity.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self.rule = RULES[rule_named(document["theory"]["weights"])]
        self.start = month_number(document["meta"]["start"])
        self.months = month_number(document["meta"]["end"]) - self.start + 1
        self.ids = {name: list(rows) for name, rows in document.items() if isinstance(rows, Mapping)}
        self.index = {table: {name: n for n, name in enumerate(names)} for table, names in self.ids.items()}
        named = [list(self.names(table)) for table in ("actors", "issues", "drivers", "moves")]
        self.quantities = {name: n for n, name in enumerate(quantity_names(*named))}
        self.joined = [(row["dependent"], row["provider"]) for row in self.table("dependence").values()]
        self.named_pairs = list(dict.fromkeys(self.joined))
        self.pairs = sorted(self.named_pairs, key=lambda pair: self.index["actors"][pair[0]])
        self.place = {pair: n for n, pair in enumerate(self.pairs)}
        self.interested = self._interested()

    def names(self, table: str) -> tuple[str, ...]:
        """Return the names of the rows of a table."""
        return tuple(self.ids.get(table, []))

    def table(self, name: str) -> Mapping[str, Document]:
        """Return the rows of a table by name; none if the document has no such table."""
        return self.document.get(name) or {}

    def month(self, date: str) -> int:
        """Return months from the start to a date "YYYY-MM"."""
        return month_number(date) - self.start

    def heard(self, judges: set[str]) -> set[str]:
        """Return whose gains can count when some actors judge a move: their own, and those of whom they may heed."""
        return judges | {a for i in judges for a in self.ids["actors"] if self.may_heed(i, a)}

    def may_heed(self, i: str, a: str) -> bool:
        """Return whether a can count for i, by the weight rule: as a provider, only if i depends on it."""
        depends = (i, self.source(i, a)) in self.place
        return i != a and {"providers": depends, "everyone": True, "nobody": False}[self.rule.heeds]

    def source(self, i: str, a: str) -> str:
        """Return whose leverage over i counts as a's: a's own, unless the weight rule gives it to the wrong owner."""
        return self._next_other(i, a) if self.rule.displaced else a

    def _next_other(self, i: str, a: str) -> str:
        """Return the actor that follows a, cyclically, among those other than i; a itself if it is i."""
        others = [other for other in self.ids["actors"] if other != i]
        return others[(others.index(a) + 1) % len(others)] if a != i else a

    def _interested(self) -> dict[str, list[tuple[int, str]]]:
        interested: dict[str, list[tuple[int, str]]] = {}
        for n, row in enumerate(self.table("interests").values()):
            interested.setdefault(row["issue"], []).append((n, row["actor"]))
        return interested
