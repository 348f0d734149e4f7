"""E8, settlement: what was agreed is done, issues drift towards rest, shocks strike."""

from typing import Any

from realpolitik_model.compiling import kernel
from realpolitik_model.lanes import DELTA, LANES, MADE, affine, anywhere, clip, holds
from realpolitik_model.noise import uniform
from realpolitik_model.value import aim


@kernel
def price_row(tables: Any, v: Any) -> Any:
    """Return the quantity row of the price of move v, the terms at which it was last made."""
    actors = tables.actors.size
    return tables.issues.size + tables.drivers.size + actors * actors + v


@kernel
def add_changes(tables: Any, lanes: Any, result: Any, scale: Any, start: Any, end: Any) -> None:
    """Add scale * (x' - x) to the month's change of every issue touched, where the move was made."""
    for c in range(start, end):
        k = tables.changes[c].issue
        target, x, delta = lanes.target[c], lanes.quantity[k], lanes.scratch[DELTA + k]
        for lane in range(LANES):
            changed = delta[lane] + scale[lane] * (target[lane] - x[lane])
            delta[lane] = changed if result[lane] == MADE else delta[lane]


@kernel
def apply_moves(tables: Any, lanes: Any) -> None:
    """Apply all accepted moves at once: the changes are summed, then held within [0, 1]  (E8)."""
    one = lanes.scratch[0]
    one[:] = 1.0
    lanes.scratch[DELTA : DELTA + tables.issues.size] = 0.0
    for v in range(tables.moves.size):
        result, move = lanes.result[v], tables.moves[v]
        if not anywhere(result):
            continue
        paid, price, tau = move.payer >= 0, lanes.quantity[price_row(tables, v)], lanes.tau[v]
        add_changes(tables, lanes, result, one, move.changes, move.changes_end)
        if paid:
            add_changes(tables, lanes, result, tau, move.paid, move.paid_end)
        for lane in range(LANES):
            terms = tau[lane] if paid else 0.0
            price[lane] = terms if result[lane] == MADE else price[lane]
    for k in range(tables.issues.size):
        x, delta = lanes.quantity[k], lanes.scratch[DELTA + k]
        for lane in range(LANES):
            x[lane] = clip(x[lane] + delta[lane], 0.0, 1.0)


@kernel
def drift(tables: Any, lanes: Any) -> None:
    """Let each issue with decay go part of its way to rest, all from the outcomes just reached  (E8)."""
    for k in range(tables.issues.size):
        issue, x, after = tables.issues[k], lanes.quantity[k], lanes.scratch[DELTA + k]
        decay = lanes.numbers[issue.decay]
        after[:] = x
        if not anywhere(decay):
            continue
        rest = lanes.scratch[0]
        affine(rest, lanes.numbers, issue.rest, tables.effects, issue.effects, issue.effects_end, lanes.quantity)
        for lane in range(LANES):
            after[lane] = clip(x[lane] + decay[lane] * (clip(rest[lane], 0.0, 1.0) - x[lane]), 0.0, 1.0)
    for k in range(tables.issues.size):
        lanes.quantity[k][:] = lanes.scratch[DELTA + k]


@kernel
def strike(tables: Any, lanes: Any, t: Any) -> None:
    """Apply the shocks of the month, dated or random, one after the other  (E8)."""
    struck, month = lanes.scratch[1], lanes.stream[1]
    for s in range(tables.shocks.size):
        shock = tables.shocks[s]
        if shock.at >= 0:
            if shock.at != t:
                continue
            struck[:] = 1.0
        else:
            if t < shock.since or t > shock.until:
                continue
            hazard, key = lanes.numbers[shock.hazard], shock.key
            for lane in range(LANES):
                struck[lane] = 1.0 if uniform(month[lane], key) < hazard[lane] else 0.0
        holds(struck, tables.conditions, shock.requires, shock.requires_end, lanes.numbers, lanes.quantity)
        for c in range(shock.changes, shock.changes_end):
            aim(tables, lanes, c)
            target, x = lanes.target[c], lanes.quantity[tables.changes[c].issue]
            for lane in range(LANES):
                x[lane] = target[lane] if struck[lane] != 0.0 else x[lane]


@kernel
def settle(tables: Any, lanes: Any, t: Any) -> None:
    """Settle the month: accepted moves, then drift, then shocks  (E8)."""
    apply_moves(tables, lanes)
    drift(tables, lanes)
    strike(tables, lanes, t)
