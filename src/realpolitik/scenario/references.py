"""Checks of references: every name in a scenario must be that of a row, of the right table."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from realpolitik.choices import ABOUT_OTHERS, REASONED
from realpolitik.scenario.errors import NOUNS, Fault, Loc
from realpolitik.scenario.fields import Responsive
from realpolitik.scenario.forms import RESPONSIVE, asked, payers, payment_locs
from realpolitik.scenario.paths import Table, dotted

ACTORS = {"dependence": ("dependent", "provider"), "interests": ("actor",), "moves": ("actor",)}
STEPS = {
    "outcome": "outcomes",
    "issue": "issues",
    "leverage": "actors",
    "decision": "moves",
    "lever": "levers",
}
"""What a step of a story shows -> the table of what it shows."""


def other_scenarios(full: Table) -> dict[Loc, str]:
    """Return the location of each name of another scenario, and the name: that of a shipped one, or a path."""
    named: dict[Loc, str | None] = {("show", "against"): full["show"]["against"]}
    named |= {("validation", "rivals", name): other for name, other in full["validation"]["rivals"].items()}
    named |= {(table, name, "scenario"): row["scenario"] for table in ABOUT_OTHERS for name, row in full[table].items()}
    return {loc: other for loc, other in named.items() if other}


def broken_references(full: Table) -> Iterator[Fault]:
    """Yield a fault for every name that refers to no row, or to a row of the wrong table."""
    names = Names(full)
    for table, keys in ACTORS.items():
        for name, row in full[table].items():
            for key in keys:
                yield from names.row("actors", row[key], (table, name, key))
    for name, row in full["interests"].items():
        yield from names.row("issues", row["issue"], ("interests", name, "issue"))
    for name, row in full["moves"].items():
        yield from names.move(("moves", name), row)
    for name, row in full["shocks"].items():
        yield from names.changes(("shocks", name, "changes"), row["changes"])
        yield from names.conditions(("shocks", name, "requires"), row["requires"])
    for n, (name, row) in enumerate(full["outcomes"].items()):
        yield from names.outcome(("outcomes", name), row, list(full["outcomes"])[:n])
    for name, row in full["history"].items():
        yield from names.row("outcomes", row["outcome"], ("history", name, "outcome"))
    for name, row in full["quantities"].items():
        yield from names.row("dependence", row["dependence"], ("quantities", name, "dependence"))
    yield from names.effects()
    yield from names.claims()
    yield from names.expectations()
    yield from names.shown()
    yield from names.questions()


class Names:
    """The names of a document, and the checks against them."""

    def __init__(self, full: Table) -> None:
        self.full = full

    def unknown(self, noun: str, name: str, valid: Iterable[str], loc: Loc, *targets: Any) -> Fault:
        """Return the fault for a name that refers to no row of the right table; it may be that of a row of another."""
        problem = f"{dotted(loc)}: unknown {noun} '{name}'"
        other = next((NOUNS[table] for table in NOUNS if name in self.full.get(table, ())), None)
        if other:
            article = "an" if other[0] in "aeiou" else "a"
            return Fault(loc, f"{problem}; '{name}' is {article} {other}", targets=targets)
        return Fault(loc, problem, name, tuple(valid), targets=targets)

    def row(self, table: str, name: str, loc: Loc) -> Iterator[Fault]:
        """Check that a name is that of a row of one table."""
        if name not in self.full[table]:
            yield self.unknown(NOUNS[table], name, self.full[table], loc, (table, name))

    def keys(self, noun: str, tables: tuple[str, ...], given: Iterable[str], loc: Loc) -> Iterator[Fault]:
        """Check that keys are names of rows of one of several tables."""
        for name in given:
            if not any(name in self.full[table] for table in tables):
                valid = [valid for table in tables for valid in self.full[table]]
                yield self.unknown(noun, name, valid, (*loc, name), *((table, name) for table in tables))

    def changes(self, loc: Loc, given: Table) -> Iterator[Fault]:
        """Check that the keys of changes are issues."""
        yield from self.keys("issue", ("issues",), given, loc)

    def effects(self) -> Iterator[Fault]:
        """Check that the keys of effects are issues or drivers."""
        for table, keys in RESPONSIVE.items():
            for name, row in self.full[table].items():
                for key in keys:
                    if isinstance(row[key], Responsive):
                        loc = (table, name, key, "effects")
                        yield from self.keys("issue or driver", ("issues", "drivers"), row[key].effects, loc)

    def claims(self) -> Iterator[Fault]:
        """Check that the claims of rows are in [claims]."""
        for table in REASONED:
            for name, row in self.full[table].items():
                for n, claim in enumerate(row["claims"]):
                    yield from self.row("claims", claim, (table, name, "claims", n))

    def move(self, loc: Loc, row: Table) -> Iterator[Fault]:
        """Check the issues, quantities, actors and fallback that a move names."""
        yield from self.changes((*loc, "changes"), row["changes"])
        yield from self.conditions((*loc, "requires"), row["requires"])
        consent: Any = row["consent"]
        of: Loc = (*loc, "consent", "of") if isinstance(consent, dict) else (*loc, "consent")
        listed = not isinstance(consent, dict) or isinstance(consent["of"], list)
        for n, actor in enumerate(asked(row)):
            yield from self.row("actors", actor, (*of, n if listed else actor))
        if row["payment"]:
            for payer, given in payers(row).items():
                yield from self.changes(payment_locs((*loc, "payment"), row)[payer], given)
            yield from self.fallback((*loc, "payment", "fallback"), row)

    def fallback(self, loc: Loc, row: Table) -> Iterator[Fault]:
        """Check that a fallback is another move of the same actor."""
        name, moves = row["payment"]["fallback"], self.full["moves"]
        if name is None:
            return
        own = tuple(other for other in moves if moves[other]["actor"] == row["actor"] and moves[other] is not row)
        if moves.get(name) is row:
            yield Fault(loc, f"{dotted(loc)}: '{name}' is this move itself; leave fallback out to make it unpaid")
        elif name not in moves:
            yield self.unknown("move", name, own, loc, ("moves", name))
        elif name not in own:
            problem = f"{dotted(loc)}: '{name}' is a move of '{moves[name]['actor']}', not of '{row['actor']}'"
            yield Fault(loc, problem, name, own)

    def outcome(self, loc: Loc, row: Table, earlier: list[str]) -> Iterator[Fault]:
        """Check the move, the quantities and the earlier outcomes that an outcome names."""
        yield from self.conditions((*loc, "when"), row["when"])
        if row["move"]:
            yield from self.row("moves", row["move"], (*loc, "move"))
        if row["measure"]:
            yield from self.quantity(row["measure"], (*loc, "measure"))
        for key in ("at", "after"):
            name = row[key]
            if name in self.full["outcomes"] and name not in earlier:
                yield Fault((*loc, key), f"{dotted((*loc, key))}: '{name}' must come before this outcome in the file")
            elif name:
                yield from self.row("outcomes", name, (*loc, key))

    def expectations(self) -> Iterator[Fault]:
        """Check what directions, levels and [validation] name."""
        rows = [((t, name), row) for t in ("directions", "levels") for name, row in self.full[t].items()]
        for loc, row in rows:
            for key in ("outcome", "given"):
                if row[key]:
                    yield from self.row("outcomes", row[key], (*loc, key))
            for table in ("issues", "moves", "claims"):
                for n, name in enumerate(row.get(table, ())):
                    yield from self.row(table, name, (*loc, table, n))
            if row["leverage"]:
                yield from self.leverage(row["leverage"], (*loc, "leverage"))
        for table, key in (("outcomes", "widths"), ("history", "misses")):
            for name in self.full["validation"][key]:
                yield from self.row(table, name, ("validation", key, name))

    def shown(self) -> Iterator[Fault]:
        """Check what [show] and the story name."""
        show = self.full["show"]
        for key, table in (("headline", "outcomes"), ("issue", "issues")):
            if show[key]:
                yield from self.row(table, show[key], ("show", key))
        for n, name in enumerate(show["outcomes"]):
            yield from self.row("outcomes", name, ("show", "outcomes", n))
        if show["leverage"]:
            yield from self.leverage(show["leverage"], ("show", "leverage"))
        for n, step in enumerate(self.full["story"]):
            named = {"of": STEPS[step["show"]], "claims": "claims"} if step["show"] else {"claims": "claims"}
            for key, table in named.items():
                for m, name in enumerate(step[key]):
                    yield from self.row(table, name, ("story", n, key, m))

    def questions(self) -> Iterator[Fault]:
        """Check the outcomes of questions; those that another scenario has are checked when it is read."""
        for name, row in self.full["questions"].items():
            if row["outcome"] and not row["scenario"]:
                yield from self.row("outcomes", row["outcome"], ("questions", name, "outcome"))

    def conditions(self, loc: Loc, given: Table) -> Iterator[Fault]:
        """Check that conditions name quantities, on both sides of the comparison."""
        for name, condition in given.items():
            yield from self.quantity(name, (*loc, name))
            for side, other in condition.items():
                if isinstance(other, str):
                    yield from self.quantity(other, (*loc, name, side))

    def quantity(self, name: str, loc: Loc) -> Iterator[Fault]:
        """Check that a name is an issue, a driver, a leverage "A>B" or a price "price:MOVE"."""
        if spaced := self.spaced(self.quantity, name, loc):
            yield from spaced
        elif name.startswith("price:"):
            yield from self.part("moves", name.removeprefix("price:"), name, loc)
        elif ">" in name:
            yield from self.leverage(name, loc)
        elif name not in self.full["issues"] and name not in self.full["drivers"]:
            valid = [*self.full["issues"], *self.full["drivers"]]
            fault = self.unknown("quantity", name, valid, loc, ("issues", name), ("drivers", name))
            form = self.form(name)
            yield replace(fault, problem=f"{fault.problem}; {form}") if form and not fault.suggestion() else fault

    def form(self, name: str) -> str:
        """Return how the quantity is written that an unknown name was meant for, or nothing if that is unclear."""
        moves = self.full["moves"]
        if name in moves or name.lower().startswith("price"):
            paid = [move for move in moves if move == name or (name not in moves and moves[move]["payment"])]
            prices = [f"'price:{move}'" for move in paid[:3] or ["MOVE"]]
            return f"a price is written {' or '.join(prices)}"
        return f"leverage is written {self.example(name)}" if name in self.full["actors"] else ""

    def example(self, name: str) -> str:
        """Return how a leverage is written: that of an actor, if the name is one."""
        actors = list(self.full["actors"])
        holder = name if name in actors else actors[0]
        return f"'{holder}>{next(actor for actor in actors if actor != holder)}'"

    def spaced(self, check: Callable[[str, Loc], Iterator[Fault]], name: str, loc: Loc) -> list[Fault]:
        """Return the faults of a quantity with spaces in it: that they are there, if there is no other one."""
        plain = "".join(name.split())
        if plain == name:
            return []
        found = list(check(plain, loc))
        if not found:
            return [Fault(loc, f"{dotted(loc)}: '{name}' is written without spaces", plain, (plain,))]
        return found if ">" in name or ":" in name else []

    def leverage(self, name: str, loc: Loc) -> Iterator[Fault]:
        """Check that leverage is of one actor over another."""
        if spaced := self.spaced(self.leverage, name, loc):
            yield from spaced
            return
        if ">" not in name:
            yield Fault(loc, f"{dotted(loc)}: '{name}' is no leverage, which is written {self.example(name)}")
            return
        holder, _, over = name.partition(">")
        yield from self.part("actors", holder, name, loc)
        yield from self.part("actors", over, name, loc)
        if holder == over:
            yield Fault(loc, f"{dotted(loc)}: '{holder}' has no leverage over itself")

    def part(self, table: str, word: str, name: str, loc: Loc) -> Iterator[Fault]:
        """Check one name within the name of a quantity."""
        for fault in self.row(table, word, loc):
            problem, mark, rest = fault.problem.partition(";")
            problem = f"{problem} in quantity '{name}'{mark}{rest}"
            yield Fault(loc, problem, fault.word, fault.near, targets=fault.targets)
