"""The slow twin: model/README.md in plain Python, one world at a time, from drivers (E1) to the record."""

from dataclasses import dataclass, field
from typing import Any

from reference.equations import (
    changed,
    e1_driver,
    e2_dependence,
    e3_salience,
    e4_power,
    e4_weight,
    e5_gain,
    e5_weighed,
    e6_choice,
    e6_ready,
    e7_chance,
    e7_deal,
    e7_keep,
    e7_omega,
    e7_tau,
    e8_apply,
    e8_decay,
    others,
    path_at,
    season_at,
)
from reference.noise import draw, hashed, normal, uniform
from reference.tables import filled, fork_blocks, holds, month_index, quantity, with_numbers

__all__ = ["TwinWorld", "draw", "run"]


@dataclass
class TwinWorld:
    """One realisation, month by month; months are counted from 0."""

    issues: list[dict[str, float]] = field(default_factory=list)
    drivers: list[dict[str, float]] = field(default_factory=list)
    leverage: dict[tuple[str, str], list[float]] = field(default_factory=dict)
    first: dict[str, int] = field(default_factory=dict)
    value: dict[str, float | None] = field(default_factory=dict)
    decisions: list[dict[str, Any]] = field(default_factory=list)
    prices: dict[str, float] = field(default_factory=dict)
    made: dict[str, list[int]] = field(default_factory=dict)
    refused: dict[str, list[int]] = field(default_factory=dict)
    struck: dict[str, list[int]] = field(default_factory=dict)
    moves_value: list[dict[str, float | None]] = field(default_factory=list)
    terms: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Month:
    """What everybody perceives at the start of one month, with the numbers and the luck of that month."""

    t: int
    tables: dict[str, Any]
    luck: tuple[int, int]
    actors: list[str]
    x: dict[str, float]
    d: dict[str, float]
    D: dict[tuple[str, str], float]
    w: dict[tuple[str, str], float]
    interests: list[dict[str, Any]]
    prices: dict[str, float]

    def holds(self, conditions):
        """Say whether conditions hold at the start of the month."""
        return holds(conditions, self.x | self.d, self.D, self.prices)

    def noise(self, purpose):
        """Draw this month's noise on a decision or a consent."""
        return self.tables["theory"]["noise"] * normal(hashed(*self.luck, self.t, purpose))

    def comes_up(self, purpose, chance):
        """Say whether this month's chance comes up."""
        return uniform(hashed(*self.luck, self.t, purpose)) < chance

    def gains(self, changes):
        """Give every actor's gain from changes (g of a move, h of a payment)."""
        kind = self.tables["theory"]["loss"]
        return {a: e5_gain(a, changes, self.x, self.interests, kind) for a in self.actors}

    def weighed(self, i, gain):
        """Weigh everybody's gains as i does."""
        return e5_weighed(i, gain, self.w, self.actors)

    def bare(self, move):
        """Give A, the value of a move to its actor without payment and noise (E5)."""
        return self.weighed(move["actor"], self.gains(move["changes"])) - move["cost"]


def run(document, *, seed, world, forks=(), numbers=None, until=None):
    """Run one world of a resolved document, up to and including month `until` ("YYYY-MM" or an index)."""
    base = with_numbers(filled(document), numbers or {})
    start = base["meta"]["start"]
    end = month_index(base["meta"]["end"], start)
    blocks, luck = fork_blocks(forks, start), (seed, world)
    record, aside = empty_record(base), dict.fromkeys(base["moves"])
    tables = of_month(base, blocks, 0)
    x = {k: row["start"] for k, row in tables["issues"].items()}
    eps = misperceptions(list(tables["actors"]), luck)
    for t in range(last_month(until, start, end) + 1):
        tables = of_month(base, blocks, t)
        month = perceive(t, tables, luck, x, eps, record.prices)
        decisions = [decision for i in month.actors if (decision := act(month, i, aside, record))]
        x = settle(month, decisions, aside, record)
        note(month, x, decisions, record, t == end)
    return record


def last_month(until, start, end):
    """Give the index of the last month to run."""
    if until is None:
        return end
    return min(end, month_index(until, start) if isinstance(until, str) else until)


def of_month(base, blocks, t):
    """Give the tables of one month: those of the base with every fork that has begun."""
    tables = base
    for month, numbers in blocks:
        if month <= t:
            tables = with_numbers(tables, numbers)
    return tables


def empty_record(tables):
    """Start the record of a world in which nothing has happened."""
    actors, moves, outcomes = tables["actors"], tables["moves"], tables["outcomes"]
    return TwinWorld(
        leverage={(j, i): [] for j in actors for i in actors if i != j},
        first=dict.fromkeys(outcomes, -1),
        value=dict.fromkeys(outcomes),
        prices=dict.fromkeys(moves, 0.0),
        made={v: [] for v in moves},
        refused={v: [] for v in moves},
        struck={s: [] for s in tables["shocks"]},
    )


def misperceptions(actors, luck):
    """Draw how each actor sees each other's leverage over it, once a world."""
    return {(i, j): normal(hashed(*luck, -1, f"misperception/{i}/{j}")) for i in actors for j in others(actors, i)}


# --- Perceiving: E1 to E4 ---


def perceive(t, tables, luck, x, eps, prices):
    """Look at the world at the start of a month."""
    theory, actors = tables["theory"], list(tables["actors"])
    d = {m: driver(row, t, tables["meta"]["start"]) for m, row in tables["drivers"].items()}
    z = x | d
    D = e2_dependence(actors, tables["dependence"].values(), z)
    interests = [row | {"s": e3_salience(row, z)} for row in tables["interests"].values()]
    capability = {a: row["capability"] for a, row in tables["actors"].items()}
    w = {(i, a): e4_weight(theory, capability, D, eps, i, a) for i in actors for a in others(actors, i)}
    return Month(t, tables, luck, actors, dict(x), d, D, w, interests, dict(prices))


def driver(row, t, start):
    """Read one driver in month t."""
    tt = t - row["shift"]
    if row["season"] is not None:
        january = 1 - int(start.split("-")[1])
        return e1_driver(row["scale"], season_at(row["season"], january, tt))
    points = sorted((month_index(month, start), value) for month, value in row["path"].items())
    return e1_driver(row["scale"], path_at(points, tt))


# --- Deliberating: E5 to E7 ---


def terms_of(month, v):
    """Settle the terms of a move with payment (E7)."""
    move = month.tables["moves"][v]
    payment, i, theory = move["payment"], move["actor"], month.tables["theory"]
    j = payment["from"]
    g, h = month.gains(move["changes"]), month.gains(payment["changes"])
    A, b = month.bare(move), month.weighed(i, h)
    c, e = month.weighed(j, g), -month.weighed(j, h)
    fallback = month.tables["moves"][payment.get("fallback") or v]
    p = e7_chance(month.bare(fallback), theory["noise"])
    keep = e7_keep(p, theory["patience"])
    kept = keep * c
    tau = e7_tau(A, b, kept, e, omega(month, i, j))
    deal = e7_deal(A, b, kept, e, tau)
    return {
        "month": month.t, "move": v, "A": A, "b": b, "c": c, "e": e, "p": p, "keep": keep, "kept": kept,
        "tau": tau, "deal": deal, "mover": A + tau * b, "payer": kept - tau * e,
    }  # fmt: skip


def omega(month, i, j):
    """Give the share of bargaining power that i has with j."""
    rule = month.tables["theory"]["weights"]
    capability = {a: row["capability"] for a, row in month.tables["actors"].items()}
    return e7_omega(e4_power(rule, capability, month.D, i, j), e4_power(rule, capability, month.D, j, i))


def feasible(month, v, aside, terms):
    """Say whether a move can be made this month."""
    move, patience = month.tables["moves"][v], month.tables["theory"]["patience"]
    return (
        month.holds(move["requires"])
        and e6_ready(month.t, aside[v], patience)
        and month.comes_up(f"chance/{v}", move["chance"])
        and any(changed(change, month.x[k]) != month.x[k] for k, change in move["changes"].items())
        and (terms is None or terms["deal"])
    )


def deliberate(month, i, aside, record):
    """Value all moves of an actor; a move that is not feasible has none."""
    values, terms = {}, {}
    for v, move in month.tables["moves"].items():
        if move["actor"] != i:
            continue
        terms[v] = terms_of(month, v) if move["payment"] else None
        if terms[v]:
            record.terms.append(terms[v])
        values[v] = None
        if feasible(month, v, aside, terms[v]):
            A = terms[v]["mover"] if terms[v] else month.bare(move)
            values[v] = A + month.noise(f"decision/{i}/{v}")
    return values, terms


def consents(month, v, terms):
    """Ask everybody whose consent a move needs (E6)."""
    move = month.tables["moves"][v]
    return {j: consent(month, v, j, terms) for j in move["consent"]}


def consent(month, v, j, terms):
    """Give the value to j of a move it is asked to consent to."""
    move = month.tables["moves"][v]
    noise = month.noise(f"consent/{j}/{v}")
    own = month.weighed(j, month.gains(move["changes"]))
    if terms is None:
        return own + noise
    if j == move["payment"]["from"]:
        return terms["payer"] + noise
    return (own + terms["tau"] * month.weighed(j, month.gains(move["payment"]["changes"]))) + noise


def act(month, i, aside, record):
    """Let one actor choose and ask; give its decision, or None if it holds."""
    values, terms = deliberate(month, i, aside, record)
    while len(record.moves_value) <= month.t:
        record.moves_value.append({})
    record.moves_value[month.t].update(values)
    v = e6_choice(values)
    if v is None:
        return None
    return account(month, i, v, values[v], terms[v])


def account(month, i, v, V, terms):
    """Write down one decision: what it was worth to its actor, through whom, and who said what."""
    move = month.tables["moves"][v]
    tau = terms["tau"] if terms else 0.0
    g, h = month.gains(move["changes"]), month.gains(move["payment"]["changes"] if terms else {})
    said = consents(month, v, terms)
    agreed = "agreed" if all(value > 0.0 for value in said.values()) else "refused"
    return {
        "month": month.t, "actor": i, "move": v, "result": agreed if said else "done", "value": V,
        "own": g[i] + tau * h[i],
        "through": {a: month.w[i, a] * (g[a] + tau * h[a]) for a in others(month.actors, i)},
        "cost": move["cost"], "noise": month.noise(f"decision/{i}/{v}"), "tau": tau, "consents": said,
    }  # fmt: skip


# --- Settling and recording: E8 ---


def settle(month, decisions, aside, record):
    """Apply accepted moves in the order of moves, drift, and let shocks strike."""
    taken = {decision["move"]: decision for decision in decisions}
    accepted = []
    for v, move in month.tables["moves"].items():
        if v not in taken:
            continue
        if taken[v]["result"] == "refused":
            aside[v] = month.t
            record.refused[v].append(month.t)
            continue
        tau = taken[v]["tau"]
        accepted.append((move["changes"], move["payment"]["changes"] if move["payment"] else {}, tau))
        record.prices[v] = tau
        record.made[v].append(month.t)
    x = e8_decay(e8_apply(month.x, accepted), month.d, month.tables["issues"])
    return shocked(month, x, record)


def shocked(month, x, record):
    """Apply the shocks that strike, one after the other, each on what the one before left."""
    for s, row in month.tables["shocks"].items():
        if strikes(month, s, row) and holds(row["requires"], x | month.d, month.D, record.prices):
            x = x | {k: changed(change, x[k]) for k, change in row["changes"].items()}
            record.struck[s].append(month.t)
    return x


def strikes(month, s, row):
    """Say whether a shock is due: a dated one in its month, a random one by its hazard in its window."""
    start = month.tables["meta"]["start"]
    if row["at"] is not None:
        return month.t == month_index(row["at"], start)
    if row["from"] is not None and month.t < month_index(row["from"], start):
        return False
    if row["until"] is not None and month.t > month_index(row["until"], start):
        return False
    return month.comes_up(f"shock/{s}", row["hazard"])


def note(month, x, decisions, record, last):
    """Record a month and test its outcomes."""
    record.issues.append(dict(x))
    record.drivers.append(month.d)
    record.decisions.extend(decisions)
    for holder, over in record.leverage:
        record.leverage[holder, over].append(month.D[over, holder])
    z = x | month.d
    for o, row in month.tables["outcomes"].items():
        if record.first[o] == -1 and happens(row, month, z, record, last):
            record.first[o] = month.t
            if row["measure"]:
                record.value[o] = quantity(row["measure"], z, month.D, record.prices)


def happens(row, month, z, record, last):
    """Say whether an outcome that has not happened yet happens this month."""
    if row["measure"] and not (row["when"] or row["move"] or row["at"]) and not last:
        return False
    if row["move"]:
        events = record.made if row["result"] == "made" else record.refused
        if month.t not in events[row["move"]]:
            return False
    if row["at"] and record.first[row["at"]] != month.t:
        return False
    if row["after"] and not 0 <= record.first[row["after"]] < month.t:
        return False
    return holds(row["when"], z, month.D, record.prices)
