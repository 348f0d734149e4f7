"""One month of one world, from what actors perceive to settlement, and the prospects of actors with foresight."""

from dataclasses import dataclass, field, replace
from typing import Any

from reference.equations import (
    changed,
    e1_driver,
    e2_dependence,
    e3_salience,
    e4_power,
    e4_weight,
    e5_beta,
    e5_foreseen,
    e5_gain,
    e5_weighed,
    e6_agreed,
    e6_choice,
    e6_differs,
    e6_open,
    e6_ready,
    e7_chance,
    e7_deal,
    e7_joint,
    e7_keep,
    e7_omega,
    e7_omegas,
    e7_tau,
    e7_whole,
    e8_apply,
    e8_decay,
    others,
    path_at,
    responding,
    season_at,
)
from reference.noise import hashed, normal, uniform
from reference.tables import asked, holds, month_index, payers, payment_of, window


@dataclass
class State:
    """What one month leaves to the next: outcomes, the months of refusals, and prices."""

    x: dict[str, float]
    aside: dict[str, int | None]
    prices: dict[str, float]


@dataclass
class Course:
    """What a prospect expects: outcomes by month ahead, and (months ahead, actor, move, result) of each choice."""

    x: list[dict[str, float]] = field(default_factory=list)
    choices: list[tuple[int, str, str, str]] = field(default_factory=list)


@dataclass
class Gains:
    """What everybody gains by a move (g) and by its payment (h); courses are those compared with foresight."""

    g: dict[str, float]
    h: dict[str, float]
    held: Course = field(default_factory=Course)
    made: Course = field(default_factory=Course)
    paid: Course = field(default_factory=Course)


@dataclass
class Month:
    """What everybody perceives at the start of one month, with the luck of that month: None in a prospect."""

    t: int
    tables: dict[str, Any]
    luck: tuple[int, int] | None
    horizon: int
    eps: dict[tuple[str, str], float]
    state: State
    d: dict[str, float]
    actors: list[str]
    D: dict[tuple[str, str], float]
    w: dict[tuple[str, str], float]
    capability: dict[str, float]
    interests: list[dict[str, Any]]
    moves: dict[str, dict[str, Any]]
    known: dict[str, Gains] = field(default_factory=dict)
    waiting: dict[str, Course] = field(default_factory=dict)

    @property
    def x(self):
        """Give the outcomes at the start of the month."""
        return self.state.x

    def holds(self, conditions):
        """Say whether conditions hold at the start of the month."""
        return holds(conditions, self.x | self.d, self.D, self.state.prices)

    def open(self, row):
        """Say whether the month lies in the window of a row."""
        return e6_open(self.t, *window(row, self.tables["meta"]["start"]))

    def noise(self, purpose):
        """Draw this month's noise on a decision or a consent; a prospect has none."""
        if self.luck is None:
            return 0.0
        return self.tables["theory"]["noise"] * normal(hashed(*self.luck, self.t, purpose))

    def comes_up(self, purpose, chance):
        """Say whether this month's chance comes up; in a prospect, only a certainty does."""
        if self.luck is None:
            return chance >= 1.0
        return uniform(hashed(*self.luck, self.t, purpose)) < chance

    def gains(self, v):
        """Give everybody's gains from a move and from its payment, by E5 or with foresight."""
        if v not in self.known:
            self.known[v] = foreseen(self, v) if self.horizon else immediate(self, v)
        return self.known[v]

    def weighed(self, i, gain):
        """Weigh everybody's gains as i does."""
        return e5_weighed(i, gain, self.w, self.actors)

    def bare(self, v):
        """Give A, the value of a move to its actor without payment and noise (E5)."""
        move = self.moves[v]
        return self.weighed(move["actor"], self.gains(v).g) - move["cost"]


# --- Perceiving: E1 to E4 ---


def drivers(tables, t, *, seasons_only=False):
    """Read all drivers in month t, or those whose later values everybody knows."""
    rows, start = tables["drivers"].items(), tables["meta"]["start"]
    return {m: driver(row, t, start) for m, row in rows if row["season"] is not None or not seasons_only}


def driver(row, t, start):
    """Read one driver in month t (E1)."""
    tt = t - row["shift"]
    if row["season"] is not None:
        january = 1 - int(start.split("-")[1])
        return e1_driver(row["scale"], season_at(row["season"], january, tt))
    points = sorted((month_index(month, start), value) for month, value in row["path"].items())
    return e1_driver(row["scale"], path_at(points, tt))


def perceive(t, tables, luck, eps, state, d, horizon=0):
    """Look at the world at the start of a month, given its drivers."""
    theory, actors = tables["theory"], list(tables["actors"])
    z = state.x | d
    D = e2_dependence(actors, tables["dependence"].values(), z)
    capability = {a: responding(row, "capability", z) for a, row in tables["actors"].items()}
    w = {(i, a): e4_weight(theory, capability, D, eps, i, a) for i in actors for a in others(actors, i)}
    interests = [
        row | {"s": e3_salience(row, z), "position": responding(row, "position", z)}
        for row in tables["interests"].values()
    ]
    moves = {
        v: row | {key: responding(row, key, z) for key in ("cost", "chance")} for v, row in tables["moves"].items()
    }
    return Month(t, tables, luck, horizon, eps, state, d, actors, D, w, capability, interests, moves)


# --- What moves bring: E5, and prospects ---


def immediate(month, v):
    """Give the gains of E5."""
    kind, move = month.tables["theory"]["loss"], month.moves[v]

    def gains(changes):
        return {a: e5_gain(a, changes, month.x, month.interests, kind) for a in month.actors}

    return Gains(gains(move["changes"]), gains(payment_of(move)))


def foreseen(month, v):
    """Compare the courses of events in which the actor waits, makes the move, and is paid for it too."""
    move, theory = month.moves[v], month.tables["theory"]
    i, beta = move["actor"], e5_beta(theory["discount"], month.horizon)
    if i not in month.waiting:
        month.waiting[i] = course(month, i)
    held, made = month.waiting[i], course(month, i, {"move": v, "result": "done", "tau": 0.0})
    paid = course(month, i, {"move": v, "result": "done", "tau": 1.0}) if move["payment"] else made

    def gains(after, before):
        return {a: e5_foreseen(a, after.x, before.x, beta, month.interests, theory["loss"]) for a in month.actors}

    return Gains(gains(made, held), gains(paid, made), held, made, paid)


def course(month, i, *first):
    """Play a prospect of actor i: its first move, if any, and then what the others do while it waits."""
    told, now = Course(), replace(month, luck=None)
    state, _ = settle(now, first)
    told.x.append(state.x)
    for s in range(1, month.horizon + 1):
        t = month.t + s
        d = month.d | drivers(month.tables, t, seasons_only=True)
        now = perceive(t, month.tables, None, month.eps, state, d)
        decisions = [decision for j in others(month.actors, i) if (decision := act(now, j)[0])]
        told.choices += [(s, decision["actor"], decision["move"], decision["result"]) for decision in decisions]
        state, _ = settle(now, decisions)
        told.x.append(state.x)
    return told


# --- Deliberating: E7, E6 ---


def terms_of(month, v):
    """Settle the terms of a move with payment (E7)."""
    move, theory, gains = month.moves[v], month.tables["theory"], month.gains(v)
    fallback = move["payment"]["fallback"] or v
    A, b = month.bare(v), month.weighed(move["actor"], gains.h)
    c = {j: month.weighed(j, gains.g) for j in payers(move)}
    e = {j: -month.weighed(j, gains.h) for j in payers(move)}
    p = e7_chance(month.bare(fallback), theory["noise"])
    keep = e7_keep(p, theory["patience"])
    kept = {j: keep * c[j] for j in c}
    tau = tau_of(month, move, A, b, [(kept[j], e[j]) for j in c])
    deal = all(e7_deal(A, b, kept[j], e[j], tau) for j in c)
    unpaid = not deal and fallback == v
    tau = 0.0 if unpaid else tau
    return {
        "month": month.t, "move": v, "A": A, "b": b, "c": c, "e": e, "p": p, "keep": keep, "kept": kept,
        "tau": tau, "deal": deal, "unpaid": unpaid, "mover": A if unpaid else A + tau * b,
        "payers": {j: (c[j] if fallback == v else kept[j]) - tau * e[j] for j in c},
    }  # fmt: skip


def tau_of(month, move, A, b, sides):
    """Choose the rule for tau; sides are pairs (c', e), one for each payer."""
    powers = [powers_of(month, move["actor"], j) for j in payers(move)]
    if not move["payment"]["divisible"]:
        return e7_whole(A, b, sides)
    if len(sides) == 1:
        return e7_tau(A, b, *sides[0], e7_omega(*powers[0]))
    return e7_joint(A, b, sides, *e7_omegas(powers))


def powers_of(month, i, j):
    """Give the bargaining power of i towards j, and of j towards i."""
    rule = month.tables["theory"]["weights"]
    return e4_power(rule, month.capability, month.D, i, j), e4_power(rule, month.capability, month.D, j, i)


def ready(month, v):
    """Say whether a move could be made this month, but for its window and its terms."""
    move, patience = month.moves[v], month.tables["theory"]["patience"]
    return (
        month.holds(move["requires"])
        and e6_ready(month.t, month.state.aside[v], patience)
        and month.comes_up(f"chance/{v}", move["chance"])
        and any(e6_differs(month.x[k], changed(change, month.x[k])) for k, change in move["changes"].items())
    )


def deliberate(month, i):
    """Value all moves of an actor, with their terms; a move that is not feasible has no value."""
    values, terms = {}, {}
    for v, move in month.moves.items():
        if move["actor"] != i:
            continue
        values[v], terms[v] = None, None
        if not (month.open(move) and ready(month, v)):
            continue
        terms[v] = terms_of(month, v) if move["payment"] else None
        if terms[v] is None or terms[v]["deal"] or terms[v]["unpaid"]:
            A = terms[v]["mover"] if terms[v] else month.bare(v)
            values[v] = A + month.noise(f"decision/{i}/{v}")
    return values, terms


def consent(month, v, j, terms):
    """Give the value to j of a move it is asked to consent to (E6)."""
    noise, gains = month.noise(f"consent/{j}/{v}"), month.gains(v)
    own = month.weighed(j, gains.g)
    if terms is None:
        return own + noise
    if j in terms["payers"]:
        return terms["payers"][j] + noise
    return (own + terms["tau"] * month.weighed(j, gains.h)) + noise


def act(month, i):
    """Let one actor choose and ask: its decision, or None if it holds, and the values and terms of its moves."""
    values, terms = deliberate(month, i)
    v = e6_choice(values)
    if v is None:
        return None, values, terms
    move = month.moves[v]
    said = {j: consent(month, v, j, terms[v]) for j in asked(move)}
    agreed = "agreed" if e6_agreed(move["consent"], said, payers(move)) else "refused"
    tau = terms[v]["tau"] if terms[v] else 0.0
    decision = {
        "month": month.t, "actor": i, "move": v, "result": agreed if said else "done", "value": values[v],
        "tau": tau, "deal": terms[v]["deal"] if terms[v] else None, "consents": said,
        "parties": parties(i, terms[v]) if terms[v] else [],
    }  # fmt: skip
    return decision, values, terms


# --- The account of a decision ---


def parties(i, terms):
    """List who has to gain by a deal: what the move is worth to each unpaid, outside a deal, and what payment adds."""
    sides = [(j, c, terms["kept"][j], -terms["e"][j]) for j, c in terms["c"].items()]
    return [(i, terms["A"], terms["A"], terms["b"]), *sides]


def account(month, decision):
    """Add to a decision what it was worth to its actor, through whom, by issue and month ahead, and what it expects."""
    i, v, tau, gains = decision["actor"], decision["move"], decision["tau"], month.gains(decision["move"])
    g, h = gains.g, gains.h
    return decision | {
        "own": g[i] + tau * h[i], "weights": {a: month.w[i, a] for a in others(month.actors, i)},
        "through": {a: month.w[i, a] * (g[a] + tau * h[a]) for a in others(month.actors, i)},
        "cost": month.moves[v]["cost"], "noise": month.noise(f"decision/{i}/{v}"), "horizon": month.horizon,
        "gains": {(a, k, s): gain for a in month.actors for (k, s), gain in divided(month, v, a, tau).items()},
        "expects": {name: getattr(gains, name).choices for name in ("held", "made", "paid")},
    }  # fmt: skip


def divided(month, v, a, tau):
    """Divide the gain of an actor from a move at its terms by issue and month ahead."""
    move, gains, theory = month.moves[v], month.gains(v), month.tables["theory"]
    kind, parts = theory["loss"], {}
    if not month.horizon:
        for changes, share in ((move["changes"], 1.0), (payment_of(move), tau)):
            for k in changes:
                parts[k, 0] = share * e5_gain(a, {k: changes[k]}, month.x, month.interests, kind)
        return parts
    for s, weight in enumerate(e5_beta(theory["discount"], month.horizon)):
        for k in month.x:
            rows = [row for row in month.interests if row["issue"] == k]
            held, made, paid = ([told.x[s]] for told in (gains.held, gains.made, gains.paid))
            g = e5_foreseen(a, made, held, [weight], rows, kind)
            parts[k, s] = g + tau * e5_foreseen(a, paid, made, [weight], rows, kind)
    return parts


# --- Settling: E8 ---


def settle(month, decisions):
    """Apply accepted moves in the order of moves, drift, and let shocks strike: the next state, and those shocks."""
    taken = {decision["move"]: decision for decision in decisions}
    accepted, aside, prices = [], dict(month.state.aside), dict(month.state.prices)
    for v, move in month.moves.items():
        if v not in taken:
            continue
        if taken[v]["result"] == "refused":
            aside[v] = month.t
            continue
        prices[v] = taken[v]["tau"]
        accepted.append((move["changes"], payment_of(move), prices[v]))
    x = e8_decay(e8_apply(month.x, accepted), month.d, month.tables["issues"])
    x, struck = shocked(month, x, prices)
    return State(x, aside, prices), struck


def shocked(month, x, prices):
    """Apply the shocks that strike, one after the other, each on what the one before left."""
    struck = []
    for s, row in month.tables["shocks"].items():
        z = x | month.d
        if strikes(month, s, row, z) and holds(row["requires"], z, month.D, prices):
            x = x | {k: changed(change, x[k]) for k, change in row["changes"].items()}
            struck.append(s)
    return x, struck


def strikes(month, s, row, z):
    """Say whether a shock is due: a dated one in its month, of which no prospect knows, a random one by its hazard."""
    if row["at"] is not None:
        return month.luck is not None and month.t == month_index(row["at"], month.tables["meta"]["start"])
    return month.open(row) and month.comes_up(f"shock/{s}", responding(row, "hazard", z))
