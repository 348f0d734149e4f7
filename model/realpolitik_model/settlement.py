"""E8, settlement: what was agreed is done, issues drift towards rest, shocks strike."""

from typing import Any

from realpolitik_model.blocks import affine, clip, holds
from realpolitik_model.compiling import kernel
from realpolitik_model.lanes import MADE
from realpolitik_model.news import put
from realpolitik_model.noise import uniform
from realpolitik_model.value import aim
from realpolitik_model.vectors import anywhere, spread, where


@kernel
def price_row(tables: Any, v: Any) -> Any:
    """Return the quantity row of the price of move v, the terms at which it was last made."""
    actors = tables.actors.size
    return tables.issues.size + tables.drivers.size + actors * actors + v


@kernel
def add_changes(tables: Any, lanes: Any, made: Any, scale: Any, start: Any, end: Any) -> None:
    """Add scale * (x' - x) to the month's change of every issue touched, where the move was made."""
    for c in range(start, end):
        k = tables.changes[c].issue
        delta = lanes.delta[k] if lanes.touched[k] == lanes.clock[0] else spread(0.0)
        lanes.delta[k] = where(made, delta + scale * (lanes.target[c] - lanes.quantity[k]), delta)
        lanes.touched[k] = lanes.clock[0]


@kernel
def apply_moves(tables: Any, lanes: Any) -> None:
    """Apply all accepted moves at once: the changes are summed, then held within [0, 1]  (E8)."""
    for v in range(tables.moves.size):
        if lanes.taken[v] == lanes.clock[0]:
            made, move, price = lanes.result[v] == MADE, tables.moves[v], price_row(tables, v)
            add_changes(tables, lanes, made, spread(1.0), move.changes, move.changes_end)
            if move.payer >= 0:
                add_changes(tables, lanes, made, lanes.tau[v], move.paid, move.paid_end)
                lanes.quantity[price] = where(made, lanes.tau[v], lanes.quantity[price])
    for k in range(tables.issues.size):
        if lanes.touched[k] == lanes.clock[0]:
            put(lanes, k, clip(lanes.quantity[k] + lanes.delta[k], 0.0, 1.0), lanes.clock[0] + 1)


@kernel
def drift(tables: Any, lanes: Any) -> None:
    """Let each issue with decay go part of its way to rest, all from the outcomes just reached  (E8)."""
    for k in range(tables.issues.size):
        if lanes.drifts[k] == 1:
            issue, x = tables.issues[k], lanes.quantity[k]
            rest = clip(affine(tables, lanes, issue.rest, issue.effects, issue.effects_end), 0.0, 1.0)
            lanes.delta[k] = clip(x + lanes.numbers[issue.decay] * (rest - x), 0.0, 1.0)
    for k in range(tables.issues.size):
        if lanes.drifts[k] == 1:
            put(lanes, k, lanes.delta[k], lanes.clock[0] + 1)


@kernel
def strikes(tables: Any, lanes: Any, t: Any, s: Any) -> Any:
    """Return the worlds in which shock s strikes in month t, dated or random."""
    shock = tables.shocks[s]
    due = shock.at == t if shock.dated == 1 else shock.since <= t <= shock.until
    if not due:
        return spread(0.0) != 0.0
    struck = holds(tables, lanes, shock.requires, shock.requires_end)
    if shock.dated == 0 and anywhere(struck):
        struck = struck & (uniform(lanes.stream[1], shock.key) < lanes.numbers[shock.hazard])
    return struck


@kernel
def strike(tables: Any, lanes: Any, t: Any) -> None:
    """Apply the shocks of the month, one after the other  (E8)."""
    for s in range(tables.shocks.size):
        struck = strikes(tables, lanes, t, s)
        if anywhere(struck):
            for c in range(tables.shocks[s].changes, tables.shocks[s].changes_end):
                aim(tables, lanes, c)
                k = tables.changes[c].issue
                put(lanes, k, where(struck, lanes.target[c], lanes.quantity[k]), t + 1)


@kernel
def settle(tables: Any, lanes: Any, t: Any) -> None:
    """Settle the month: accepted moves, then drift, then shocks  (E8)."""
    apply_moves(tables, lanes)
    drift(tables, lanes)
    strike(tables, lanes, t)
