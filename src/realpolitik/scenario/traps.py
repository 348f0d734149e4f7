"""Modelling traps: rows that are valid, and that no world can ever use, or uses by luck alone.

A row is named only if it is certain. Every quantity has bounds, outside of which it lies in no world: those of the
ranges, effects and forks of its numbers, and for issues those of the moves and shocks that can happen at all.
"""

import math
from collections import Counter
from collections.abc import Container, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from realpolitik.scenario.draft import place_of
from realpolitik.scenario.errors import Loc, Place
from realpolitik.scenario.fields import months_counted
from realpolitik.scenario.forms import RESPONSIVE, asked, effect_paths, effects_of, payers, payment_locs, value_of
from realpolitik.scenario.paths import Table, bounds, dotted
from realpolitik_model.equations.decision import chance_positive

if TYPE_CHECKING:
    from realpolitik.scenario.core import Scenario

MOST_ROUNDS = 1_000
"""How often the bounds of issues are widened; each round adds a move, a shock or a bound."""
FURTHEST = 2 * math.sqrt(3)
"""Standard deviations that noise and misperception never exceed: those of a sum of four uniforms."""
MOST_BEFORE = 50
"""Moves that may have to come before another one, at most: for more, nothing is said."""
LEAST_SHOWN = 0.001
"""Share of months below which the trap of luck gives no exact share."""


class Trap(NamedTuple):
    """A row that no world can use, or that only luck uses."""

    place: Place
    key: str
    problem: str

    @property
    def by_luck(self) -> bool:
        """Whether luck alone uses it: a move that only noise makes. Its key is that of its cost."""
        return self.key.startswith("moves.") and self.key.endswith(".cost")

    def __str__(self) -> str:
        where = f"{self.place.file}:{self.place.line}:{self.place.column}: " if self.place.line else ""
        return f"{where}{self.problem}"


class Limits(NamedTuple):
    """The bounds of a value."""

    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.low:g}" if self.low == self.high else f"{self.low:g} to {self.high:g}"


def traps(scenario: "Scenario") -> list[Trap]:
    """Return the traps of a scenario, in the order of its tables."""
    found = [*Reach(scenario).traps()]
    return [Trap(place_of(loc, scenario.places), dotted(loc), f"{dotted(loc)}: {problem}") for loc, problem in found]


class Before(NamedTuple):
    """Moves without which another one can never be made."""

    moves: list[str]
    all: bool
    """Whether each of them must have been made; otherwise one of them must."""

    def __str__(self) -> str:
        *others, last = self.moves
        return f"{', '.join(others)} {'and' if self.all else 'or'} {last}" if others else last


def followers(scenario: "Scenario") -> dict[str, Before]:
    """Return the moves that can only follow others, and which.

    A move is named only if it is certain: without these others, no move or shock brings about what it requires, its
    changes have no effect, or what it changes is worth less than it costs, whatever the noise.
    """
    moves = scenario.document["moves"]
    whole, found = Reach(scenario), {}
    for name in (name for name in moves if not whole.barred(name)):
        before = _before(scenario, name)
        if before:
            found[name] = before
    return found


def _before(scenario: "Scenario", name: str) -> Before | None:
    """Return what must come before a move, among those that change what it requires or what it changes itself."""
    moves = scenario.document["moves"]
    asked = {*(moves[name]["requires"] or {}), *moves[name]["changes"]}
    changed = {
        one: {*row["changes"], *(i for paid in payers(row).values() for i in paid)} for one, row in moves.items()
    }
    group = [one for one in moves if one != name and asked & changed[one]]

    def barred(without: list[str]) -> bool:
        return Reach(scenario, {name, *without}).barred(name)

    if not group or len(group) > MOST_BEFORE or not barred(group):
        return None
    needed = [one for one in group if barred([one])]
    if needed:
        return Before(needed, all=True)
    for one in [*group]:  # smaller while that is enough
        rest = [other for other in group if other != one]
        group = rest if rest and barred(rest) else group
    return Before(group, all=False)


class Reach:
    """The bounds of every quantity of a scenario, and which moves, shocks and outcomes are possible within them."""

    def __init__(self, scenario: "Scenario", without: Container[str] = ()) -> None:
        self.document: Table = scenario.document
        self.without = without
        """Moves that are never made."""
        self.forks = scenario.forks
        self.given: dict[str, list[float]] = {path: [*span] for path, span in scenario.ranges.items()}
        for fork in scenario.forks:
            for path, number in fork.numbers.items():
                self.given.setdefault(path, []).append(number)
        self.issues = {name: self.number(f"issues.{name}.start", row["start"]) for name, row in self.rows("issues")}
        self.drivers = {name: self.driver(name, row) for name, row in self.rows("drivers")}
        self.moved: set[str] = set()
        self.possible: set[tuple[str, str]] = set()
        self.widen()
        self.wants: dict[str, list[tuple[str, float, Limits]]] = {name: [] for name in self.issues}
        for name, row in self.rows("interests"):
            salience = self.number(f"interests.{name}.salience", row["salience"]).high
            position = self.number(f"interests.{name}.position", row["position"])
            self.wants[row["issue"]].append((row["actor"], salience, position))
        self.weights: dict[tuple[str, str], float] = {}

    def rows(self, table: str) -> list[tuple[str, Any]]:
        """Return the rows of a table, with their names."""
        return list(self.document[table].items())

    # --- bounds of numbers and quantities ---

    def number(self, path: str, number: Any) -> Limits:
        """Return the bounds of a number: its value, range and forks, and its effects."""
        values = [value_of(number), *self.given.get(path, ())]
        low, high = min(values), max(values)
        effects = effects_of(number)
        for z, effect in effects.items():
            of, by = self.quantity(z), self.number(f"{path}.effects.{z}", effect)
            ends = [a * b for a in of for b in by]
            low, high = low + min(ends), high + max(ends)
        if effects:
            most = 1.0 if bounds(path)[1] == 1 else math.inf
            low, high = min(max(low, 0.0), most), min(max(high, 0.0), most)
        return Limits(low, high)

    def driver(self, name: str, row: Any) -> Limits:
        """Return the bounds of a driver: those of its points, times its scale."""
        at = f"drivers.{name}"
        path = {f"{at}.path.{month}": value for month, value in (row["path"] or {}).items()}
        points = path or {f"{at}.season.{n}": value for n, value in enumerate(row["season"], 1)}
        spans = [self.number(key, value) for key, value in points.items()]
        scale = self.number(f"{at}.scale", row["scale"])
        low, high = min(span.low for span in spans), max(span.high for span in spans)
        return Limits(min(1.0, low * scale.low), min(1.0, high * scale.high))

    def quantity(self, name: str) -> Limits:
        """Return the bounds of an issue, a driver, a leverage or a price."""
        if name.startswith("price:"):
            move = name.removeprefix("price:")
            paid = self.document["moves"][move]["payment"] and ("moves", move) in self.possible
            return Limits(0.0, 1.0 if paid else 0.0)
        if ">" in name:
            holder, _, over = name.partition(">")
            held = [self.exposure(row) for row in self.rows("dependence") if pair(row[1]) == (over, holder)]
            return Limits(sum(span.low for span in held), sum(span.high for span in held))
        return self.issues[name] if name in self.issues else self.drivers[name]

    def exposure(self, named: tuple[str, Any]) -> Limits:
        """Return the bounds of the leverage that a row of dependence gives its provider."""
        name, row = named
        stake = self.number(f"dependence.{name}.stake", row["stake"])
        other = self.number(f"dependence.{name}.alternatives", row["alternatives"])
        return Limits(stake.low * (1 - other.high), stake.high * (1 - other.low))

    # --- what is possible ---

    def widen(self) -> None:
        """Widen the bounds of issues by what is possible, which makes more possible, until nothing is added."""
        for _ in range(MOST_ROUNDS):
            before = (dict(self.issues), len(self.possible), len(self.moved))
            for table in ("moves", "shocks"):
                names = (name for name, _ in self.rows(table) if table == "shocks" or name not in self.without)
                self.possible |= {(table, name) for name in names if self.obstacle(table, name) is None}
            self.drift()
            for path, issue, change in self.changes():
                self.change(path, issue, change)
            self.add_up()
            if before == (self.issues, len(self.possible), len(self.moved)):
                return

    def drift(self) -> None:
        """Widen the bounds of issues that return to a rest."""
        for name, row in self.rows("issues"):
            rest = self.number(f"issues.{name}.rest", row["rest"])
            if self.number(f"issues.{name}.decay", row["decay"]).high > 0:
                self.reach(name, rest)

    def change(self, path: str, issue: str, change: Any) -> None:
        """Widen the bounds of an issue by a change."""
        if change["to"] is not None:
            self.reach(issue, self.number(f"{path}.{issue}.to", change["to"]))
            return
        by, now = self.number(f"{path}.{issue}.by", change["by"]), self.issues[issue]
        self.reach(issue, Limits(0.0 if by.low < 0 else now.low, 1.0 if by.high > 0 else now.high))

    def reach(self, issue: str, span: Limits) -> None:
        """Widen the bounds of one issue to include others."""
        now = self.issues[issue]
        if not now.low == now.high == span.low == span.high:
            self.moved.add(issue)
            self.issues[issue] = Limits(min(now.low, span.low), max(now.high, span.high))

    def add_up(self) -> None:
        """Widen the bounds of issues that several moves or shocks raise, or lower: in one month, changes are added."""
        raised, lowered = Counter[str](), Counter[str]()
        for path, issue, change in self.changes():
            now = self.issues[issue]
            key = "by" if change["to"] is None else "to"
            end = self.number(f"{path}.{issue}.{key}", change[key])
            raised[issue] += end.high > (now.low if key == "to" else 0)
            lowered[issue] += end.low < (now.high if key == "to" else 0)
        for issue, (low, high) in self.issues.items():
            self.issues[issue] = Limits(0.0 if lowered[issue] > 1 else low, 1.0 if raised[issue] > 1 else high)

    def changes(self) -> Iterator[tuple[str, str, Any]]:
        """Yield path, issue and change of everything that possible moves, their payments and shocks change."""
        for table, name in sorted(self.possible):
            yield from self.changes_of(table, name)

    def changes_of(self, table: str, name: str) -> Iterator[tuple[str, str, Any]]:
        """Yield path, issue and change of everything that a move, its payment or a shock changes."""
        row = self.document[table][name]
        given: dict[Loc, Table] = {(table, name, "changes"): row["changes"]}
        if table == "moves":
            where = payment_locs((table, name, "payment"), row)
            given |= {where[payer]: paid for payer, paid in payers(row).items()}
        for loc, changes in given.items():
            yield from ((dotted(loc), issue, change) for issue, change in changes.items())

    def obstacle(self, table: str, name: str) -> str | None:
        """Return why a move or a shock can never happen, None if it can."""
        row, key = self.document[table][name], "chance" if table == "moves" else "hazard"
        if row.get(key) is not None and self.number(f"{table}.{name}.{key}", row[key]).high <= 0:
            return f"its {key} is always 0"
        changes = {f"moves.{name}.changes.{issue}": issue for issue in row["changes"]}
        if table == "moves" and all(self.idle(at, issue, row["changes"][issue]) for at, issue in changes.items()):
            return "its changes have no effect"
        return self.unmet(f"{table}.{name}.requires", row["requires"])

    def idle(self, path: str, issue: str, change: Any) -> bool:
        """Return whether a change never changes its issue."""
        now = self.issues[issue]
        if change["by"] is not None:
            by = self.number(f"{path}.by", change["by"])
            return (now.high <= 0 or by.low >= 0) and (now.low >= 1 or by.high <= 0)
        to = self.number(f"{path}.to", change["to"])
        return to.low == to.high == now.low == now.high

    def unmet(self, path: str, conditions: Table) -> str | None:
        """Return which condition never holds, None if all can."""
        for name, condition in conditions.items():
            of, sides = self.quantity(name), {}
            for side in (side for side in ("above", "below") if condition[side] is not None):
                given = condition[side]
                at = f"{path}.{name}.{side}"
                sides[side] = self.quantity(given) if isinstance(given, str) else self.number(at, given)
                met = of.high > sides[side].low if side == "above" else of.low < sides[side].high
                if not met:
                    other = f"'{given}', which is {sides[side]}" if isinstance(given, str) else f"{sides[side]}"
                    return f"'{name}' is never {side} {other}: it is {of}" + " at most" * (of.low < of.high)
            if len(sides) == 2 and not sides["above"].low < sides["below"].high:
                return f"'{name}' is never above {sides['above']} and below {sides['below']} at once"
        return None

    # --- what a move is worth ---

    def most_gained(self, name: str, enough: float) -> float:
        """Return the most that a move and its payment can be worth to its owner, without cost and noise (E5, E7).

        Others count by their leverage, without foresight. The sum ends once it is more than `enough`.
        """
        owner, total = self.document["moves"][name]["actor"], 0.0
        for path, issue, change in self.changes_of("moves", name):
            for actor, salience, position in self.wants[issue]:
                nearer = self.most_relief(f"{path}.{issue}", self.issues[issue], change, position)
                total += self.most_weight(owner, actor) * salience * nearer
                if total > enough:
                    return total
        return total

    def most_weight(self, owner: str, other: str) -> float:
        """Return the most that an actor can count for in the eyes of the owner of a move (E4)."""
        if (owner, other) not in self.weights:
            theory = self.document["theory"]
            phi, sigma = (self.number(f"theory.{key}", theory[key]).high for key in ("phi", "sigma"))
            held = 1.0 if other == owner else phi * self.quantity(f"{other}>{owner}").high * (1 + sigma * FURTHEST)
            self.weights[owner, other] = held
        return self.weights[owner, other]

    def most_relief(self, path: str, now: Limits, change: Any, position: Limits) -> float:
        """Return the most by which a change can lower the loss of an actor that wants the issue at a position (E3)."""
        power = 2 if self.document["theory"]["loss"] == "quadratic" else 1
        if change["to"] is not None:
            to = self.number(f"{path}.to", change["to"])
            return max(0.0, *(abs(x - w) ** power - abs(within(w, to) - w) ** power for x in now for w in position))
        by = self.number(f"{path}.by", change["by"])
        ways = ((position.high - now.low, by.high), (now.high - position.low, -by.low))
        return max(max(0.0, far) ** power - max(0.0, far - max(0.0, step)) ** power for far, step in ways)

    @property
    def valued(self) -> bool:
        """Whether bounds of what a move is worth are known: actors weigh others by leverage, and do not look ahead."""
        theory = self.document["theory"]
        return theory["weights"] == "leverage" and self.number("theory.foresight", theory["foresight"]).high < 1

    def odds(self, name: str) -> float:
        """Return the greatest share of months in which a move is worth more than its cost; 1 if no luck is needed."""
        cost = self.number(f"moves.{name}.cost", self.document["moves"][name]["cost"]).low
        gained, noise = self.most_gained(name, cost), self.number("theory.noise", self.document["theory"]["noise"]).high
        return 1.0 if gained > cost else float(chance_positive(gained - cost, noise))

    def barred(self, name: str) -> bool:
        """Return whether a move can never be made: it is hindered, or never worth making with any noise."""
        return self.obstacle("moves", name) is not None or (self.valued and not self.odds(name))

    # --- traps ---

    def traps(self) -> Iterator[tuple[Loc, str]]:
        """Yield the key and the problem of each trap."""
        for name, _ in self.rows("issues"):
            if name not in self.moved:
                problem = "nothing moves it: no move or shock that can happen changes it, and it does not decay"
                yield ("issues", name), problem
        yield from self.unused_names()
        yield from self.constant_paths()
        yield from self.unused_dependence()
        for name, row in self.rows("moves"):
            obstacle = self.obstacle("moves", name)
            if obstacle:
                yield ("moves", name), f"can never be made: {obstacle}"
            else:
                yield from self.luck(name, row)
                if row["payment"] and row["payment"]["fallback"]:
                    yield from self.fallback(name, row)
        for name, _ in self.rows("shocks"):
            obstacle = self.obstacle("shocks", name)
            if obstacle:
                yield ("shocks", name), f"can never happen: {obstacle}"
        yield from self.outcomes_and_history()
        yield from self.late_forks()

    def late_forks(self) -> Iterator[tuple[Loc, str]]:
        """Yield the changes of numbers of a move or a shock in a month after the last one in which it can be used."""
        moves = self.document["moves"]
        counted = {row["payment"]["fallback"] for row in moves.values() if row["payment"]}
        for n, fork in enumerate(self.forks):
            for path in fork.numbers:
                table, name = path.split(".")[:2]
                row = self.document[table][name] if table in ("moves", "shocks") else {}
                last = row.get("at") or row.get("until")
                if last and last < fork.month and name not in counted:
                    verb = "happens" if row.get("at") else "can be made" if table == "moves" else "can happen"
                    when = f"in {last}" if row.get("at") else f"until {last}"
                    yield ("from", n, "set", path), f"has no effect from {fork.month} on: '{name}' {verb} {when} only"

    def luck(self, name: str, row: Any) -> Iterator[tuple[Loc, str]]:
        """Yield the trap of a move that is never worth more than it costs, so that noise makes it or nothing does."""
        if not self.valued or (share := self.odds(name)) >= 1:
            return
        cost = self.number(f"moves.{name}.cost", row["cost"]).low
        gained, noise = self.most_gained(name, cost), self.number("theory.noise", self.document["theory"]["noise"]).high
        worth = f"what it changes is worth {gained:.3g} at most to '{row['actor']}', and costs {cost:g}"
        if not share:
            yield ("moves", name), f"can never be made: {worth}, which a noise of {noise:g} cannot make up for"
            return
        months = f"{share:.1%}" if share >= LEAST_SHOWN else f"less than {LEAST_SHOWN:.1%}"
        problem = (
            f"only luck makes it: {worth}. A noise of {noise:g} lifts that above 0 in up to {months} of the months. "
            f"Give an actor an interest in it, let actors look ahead (theory.foresight), raise the cost, or write a "
            f"shock instead"
        )
        yield ("moves", name, "cost"), problem

    def fallback(self, name: str, row: Any) -> Iterator[tuple[Loc, str]]:
        """Yield the trap of a paid move whose fallback cannot be made: without a deal nothing happens."""
        fallback = row["payment"]["fallback"]
        other, obstacle = self.document["moves"][fallback], self.obstacle("moves", fallback)
        if not obstacle and (apart(row, other) or apart(other, row)):
            obstacle = "their windows have no month in common"
        if obstacle:
            problem = f"without a deal nothing happens, because '{fallback}' can never be made instead: {obstacle}"
            yield ("moves", name, "payment", "fallback"), problem

    def unused_dependence(self) -> Iterator[tuple[Loc, str]]:
        """Yield the rows of dependence whose leverage changes no decision and is in no condition."""
        moves = self.document["moves"].values()
        decide = {actor for row in moves for actor in (row["actor"], *asked(row))}
        bargains = [{row["actor"], *payers(row)} for row in moves if row["payment"]]
        interested = {row["actor"] for row in self.document["interests"].values()}
        named = set(self.named())
        for name, row in self.rows("dependence"):
            dependent, provider = pair(row)
            if self.exposure((name, row)).high <= 0:
                yield ("dependence", name), "gives no leverage: its stake is always 0, or its alternatives always 1"
            elif f"{provider}>{dependent}" in named or any({provider, dependent} <= one for one in bargains):
                continue
            elif dependent not in decide:
                yield ("dependence", name), f"nobody can use it: '{dependent}' has no move, and is not asked to consent"
            elif provider not in interested:
                yield ("dependence", name), f"nobody can use it: '{provider}' has no interest that could be heeded"

    def unused_names(self) -> Iterator[tuple[Loc, str]]:
        """Yield the actors that no row is about, and the drivers that nothing responds to or is conditional on."""
        named = set(self.named())
        tables = ((table, self.document[table]) for table in RESPONSIVE)
        paths = [(f"{table}.{name}", row) for table, rows in tables for name, row in rows.items()]
        effects = [path for at, row in paths for found in effect_paths(at, row).values() for path in found]
        about = {actor for row in self.document["dependence"].values() for actor in pair(row)}
        about |= {row["actor"] for table in ("interests", "moves") for row in self.document[table].values()}
        about |= {actor for row in self.document["moves"].values() for actor in asked(row)}
        for name, _ in self.rows("actors"):
            if name not in about:
                yield ("actors", name), "no row is about it: it has no interest, move, dependence or consent"
        used = named | {path.rpartition(".")[2] for path in effects}
        for name, _ in self.rows("drivers"):
            if name not in used:
                yield (
                    ("drivers", name),
                    "nothing uses it: no number responds to it, and no condition or measure names it",
                )

    def constant_paths(self) -> Iterator[tuple[Loc, str]]:
        """Yield the paths of drivers whose points all lie before the scenario, or after it, so that nothing changes."""
        start, end = (self.document["meta"][key] for key in ("start", "end"))
        for name, row in self.rows("drivers"):
            path, shift = row["path"] or {}, self.number(f"drivers.{name}.shift", row["shift"])
            if len({*path.values()}) < 2:
                continue
            first, last = min(path), max(path)
            if months_counted(last, start) - 1 >= shift.high:
                yield ("drivers", name, "path"), f"ends in {last}, before the start, {start}: the driver never changes"
            if months_counted(end, first) - 1 >= -shift.low:
                yield ("drivers", name, "path"), f"begins in {first}, after the end, {end}: the driver never changes"

    def named(self) -> Iterator[str]:
        """Yield every quantity that a condition or an outcome names."""
        tables = (("moves", "requires"), ("shocks", "requires"), ("outcomes", "when"))
        for conditions in (row[key] for table, key in tables for _, row in self.rows(table)):
            for name, condition in conditions.items():
                yield name
                yield from (side for side in condition.values() if isinstance(side, str))
        yield from (row["measure"] for _, row in self.rows("outcomes") if row["measure"])

    def outcomes_and_history(self) -> Iterator[tuple[Loc, str]]:
        """Yield outcomes that nothing can bring about, and rows of history that the scenario cannot meet."""
        never: dict[str, str] = {}
        for name, row in self.rows("outcomes"):
            why = self.absent(name, row, never)
            if why:
                never[name] = why
                yield ("outcomes", name), f"nothing can bring it about: {why}"
        end = self.document["meta"]["end"]
        for name, row in self.rows("history"):
            if row["until"] and row["until"] > end:
                yield ("history", name, "until"), f"{row['until']} is after the end, {end}; calibration ignores the row"
            if row["date"] != "never" and row["outcome"] in never:
                yield ("history", name, "date"), f"'{row['outcome']}' has this date, and no world can have it"
        yield from contradictions(self.document)

    def absent(self, name: str, row: Any, never: dict[str, str]) -> str | None:
        """Return why an outcome never happens, None if it can."""
        for key in ("at", "after"):
            if row[key] in never:
                return f"it needs '{row[key]}', which never happens"
        if row["move"] and self.obstacle("moves", row["move"]):
            return f"'{row['move']}' can never be made"
        if row["result"] == "refused" and not asked(self.document["moves"][row["move"]]):
            return f"nobody is asked about '{row['move']}', so that nobody can refuse it"
        return self.unmet(f"outcomes.{name}.when", row["when"])


def contradictions(document: Table) -> Iterator[tuple[Loc, str]]:
    """Yield the rows of history that no world can have: together with an earlier row, or outside a move's window."""
    rows = dict[str | None, list[tuple[str, Any]]]()
    for name, row in document["history"].items():
        rows.setdefault(row["outcome"], []).append((name, row))
    for name, row in document["history"].items():
        outcome = document["outcomes"][row["outcome"]]
        same = rows[row["outcome"]]
        earlier = same[: [other for other, _ in same].index(name)]
        others = [*rows.get(outcome["at"], ()), *rows.get(outcome["after"], ())]
        why = next((why for other in earlier if (why := unlike(row, other))), None)
        why = why or next((why for other in others if (why := untimely(row, other, document))), None)
        why = why or outside_window(row, document)
        if why:
            yield ("history", name, "date"), f"{said(row)}, and {why}; no world can have that"
        fitted = (other for other, one in same if not one["holdout"] and possible_months(one) == possible_months(row))
        if row["holdout"] and (known := next(fitted, None)):
            yield ("history", name, "holdout"), f"history.{known} says the same and is fitted; a score on it is no test"


def said(row: Any) -> str:
    """Return what a row of history says of its outcome."""
    if row["date"] != "never":
        return f"'{row['outcome']}' happens in {row['date']}"
    return f"'{row['outcome']}' does not happen" + (f" until {row['until']}" if row["until"] else "")


def possible_months(row: Any) -> tuple[str, str]:
    """Return the first and last month in which the outcome of a row of history can happen, as texts to compare."""
    return (row["date"], row["date"]) if row["date"] != "never" else (f"{row['until'] or '9998'}+", "9999")


def overlap(row: Any, other: Any) -> bool:
    """Return whether there is a month in which the outcomes of two rows of history can both happen."""
    (low, high), (least, most) = possible_months(row), possible_months(other)
    return max(low, least) <= min(high, most)


def unlike(row: Any, other: tuple[str, Any]) -> str | None:
    """Return another row's statement on the same outcome, if both cannot be true."""
    name, earlier = other
    if row["outcome"] != earlier["outcome"] or overlap(row, earlier):
        return None
    return f"history.{name} says that {said(earlier)}"


def untimely(row: Any, other: tuple[str, Any], document: Table) -> str | None:
    """Return another row's statement on the outcome that this one happens with, or after, if it cannot.

    An outcome that is never there can lack its own conditions; without any, it happens whenever that of `at` does.
    """
    outcome, (name, before) = document["outcomes"][row["outcome"]], other
    dated = row["date"] != "never"
    bound = dated or not (outcome["when"] or outcome["move"] or outcome["after"])
    with_it, after_it = not bound or overlap(row, before), not dated or possible_months(before)[0] < row["date"]
    for key, possible in (("at", with_it), ("after", after_it)):
        if outcome[key] == before["outcome"] and not possible:
            where = "in the month of" if key == "at" else "after"
            return f"it comes {where} '{before['outcome']}', but history.{name} says that {said(before)}"
    return None


def outside_window(row: Any, document: Table) -> str | None:
    """Return the window of the move of a dated outcome, if the date is outside it."""
    name = document["outcomes"][row["outcome"]]["move"]
    move = document["moves"].get(name, {"from": None, "until": None})
    first, last = move["from"] or "", move["until"] or "9999"
    if row["date"] == "never" or first <= row["date"] <= last:
        return None
    return f"'{name}' is made only {f'from {first}' if row['date'] < first else f'until {last}'}"


def apart(first: Any, second: Any) -> bool:
    """Return whether the window of a move ends before that of another begins."""
    return bool(first["until"] and second["from"] and first["until"] < second["from"])


def within(value: float, span: Limits) -> float:
    """Return the value of a span that is nearest to another one."""
    return min(max(value, span.low), span.high)


def pair(row: Any) -> tuple[str, str]:
    """Return the dependent and the provider of a row."""
    return row["dependent"], row["provider"]
