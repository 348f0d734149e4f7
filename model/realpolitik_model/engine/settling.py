"""E8 over rows: what was agreed is done, issues drift towards rest, shocks strike; and outcomes are recorded."""

from typing import Any

from realpolitik_model.engine.choosing import aim, aimed, is_paid, unaimed
from realpolitik_model.engine.compiling import kernel
from realpolitik_model.engine.flags import conditions_moved, put
from realpolitik_model.engine.noise import uniform
from realpolitik_model.engine.rows import holds, respond
from realpolitik_model.engine.state import MADE, NEVER, REFUSED
from realpolitik_model.engine.tables import price_row
from realpolitik_model.engine.vectors import spread
from realpolitik_model.equations import drift, settle
from realpolitik_model.equations.arithmetic import anywhere, opposite, where

ALMOST_ONE = 1.0 - 2.0**-53
"""The greatest number below 1: a shock that strikes even so is certain to strike."""

# --- Settlement


@kernel
def add_changes(tables: Any, state: Any, made: Any, scale: Any, start: Any, end: Any) -> None:
    """Add scale * (x' - x) to the month's change of every issue touched, where the move was made."""
    for c in range(start, end):
        add_change(tables, state, made, scale, c)


@kernel
def add_change(tables: Any, state: Any, made: Any, scale: Any, c: Any) -> None:
    """Add scale * (x' - x) of one change, aimed before, to the month's change of its issue."""
    k = tables.changes[c].issue
    delta = state.delta[k] if state.touched[k] == state.clock[0] else spread(0.0)
    _, outcome, target = aimed(tables, state, c, k, unaimed())
    state.delta[k] = where(made, delta + scale * (target - outcome), delta)
    state.touched[k] = state.clock[0]


@kernel
def settle_issue(tables: Any, state: Any, k: Any) -> None:  # noqa: ARG001 (kernels of rows take the same)
    """Apply the month's change of an issue  (E8)."""
    put(state, k, settle(state.quantity[k], state.delta[k]), state.clock[0] + 1)


@kernel
def apply_moves(tables: Any, state: Any) -> None:
    """Apply all accepted moves at once: the changes are summed, then held within [0, 1]  (E8)."""
    for v in range(tables.moves.size):
        if state.taken[v] == state.clock[0]:
            made, move, price = state.result[v] == MADE, tables.moves[v], price_row(tables, v)
            add_changes(tables, state, made, spread(1.0), move.changes, move.changes_end)
            if is_paid(tables, v):
                add_changes(tables, state, made, state.tau[v], move.paid, move.paid_end)
                state.quantity[price] = where(made, state.tau[v], state.quantity[price])
    for k in range(tables.issues.size):
        if state.touched[k] == state.clock[0]:
            settle_issue(tables, state, k)


@kernel
def drift_issue(tables: Any, state: Any, k: Any) -> None:
    """Note where the drift of an issue leads  (E8)."""
    issue = tables.issues[k]
    respond(tables, state, issue.responses, issue.responses_end)
    state.delta[k] = drift(state.quantity[k], state.numbers[issue.decay], state.numbers[issue.rest])


@kernel
def drift_all(tables: Any, state: Any) -> None:
    """Let each issue with decay go part of its way to rest, all from the outcomes just reached  (E8)."""
    for k in range(tables.issues.size):
        if state.drifts[k] == 1:
            drift_issue(tables, state, k)
    for k in range(tables.issues.size):
        if state.drifts[k] == 1:
            put(state, k, state.delta[k], state.clock[0] + 1)


@kernel
def strikes(tables: Any, state: Any, t: Any, s: Any) -> Any:
    """Return the worlds in which shock s strikes in month t, dated or random."""
    shock, everywhere = tables.shocks[s], spread(0.0) == 0.0
    due = shock.at == t if shock.dated == 1 else shock.since <= t <= shock.until
    if not due or (shock.dated == 1 and state.lucky[0] == 0):
        return opposite(everywhere)
    struck = holds(tables, state, shock.requires, shock.requires_end, everywhere)
    if shock.dated == 0 and anywhere(struck):
        respond(tables, state, shock.responses, shock.responses_end)
        luck = uniform(state.stream[1], shock.key) if state.lucky[0] == 1 else spread(ALMOST_ONE)
        struck = struck & (luck < state.numbers[shock.hazard])
    return struck


@kernel
def strike(tables: Any, state: Any, t: Any) -> None:
    """Apply the shocks of the month, one after the other  (E8)."""
    for s in range(tables.shocks.size):
        struck = strikes(tables, state, t, s)
        if anywhere(struck):
            for c in range(tables.shocks[s].changes, tables.shocks[s].changes_end):
                aim(tables, state, c)
                k = tables.changes[c].issue
                _, outcome, target = aimed(tables, state, c, k, unaimed())
                put(state, k, where(struck, target, outcome), state.clock[0] + 1)


@kernel
def settle_month(tables: Any, state: Any, t: Any) -> None:
    """Settle month t: accepted moves, then drift, then shocks  (E8)."""
    apply_moves(tables, state)
    drift_all(tables, state)
    strike(tables, state, t)


# --- Record


@kernel
def happens(tables: Any, state: Any, now: Any, t: Any, o: Any) -> Any:
    """Return the worlds among `now` in which outcome o happens this month."""
    outcome = tables.outcomes[o]
    if outcome.move >= 0:
        now = now & (state.result[outcome.move] == (MADE if outcome.made == 1 else REFUSED))
    if outcome.at >= 0:
        now = now & (state.first[outcome.at] == t)
    if outcome.after >= 0:
        other = state.first[outcome.after]
        now = now & (other != NEVER) & (other < t)
    return holds(tables, state, outcome.when, outcome.when_end, now)


@kernel
def in_question(tables: Any, state: Any, outcome: Any, final: Any) -> Any:
    """Return whether an outcome can happen this month as far as the block as a whole can tell."""
    if outcome.move >= 0:
        return state.taken[outcome.move] == state.clock[0]
    if outcome.at >= 0:
        return state.dated[outcome.at] == state.clock[0]
    if outcome.when == outcome.when_end:
        return final or outcome.measure < 0
    return outcome.after >= 0 or conditions_moved(tables, state, outcome.when, outcome.when_end)


@kernel
def test_outcome(tables: Any, state: Any, t: Any, last: Any, o: Any) -> None:
    """Test outcome o, and date and measure it where it first happens."""
    outcome = tables.outcomes[o]
    if state.settled[o] == 1 or not in_question(tables, state, outcome, t == last):
        return
    pending = state.first[o] == NEVER
    now = happens(tables, state, pending, t, o)
    if not anywhere(now):
        return
    state.dated[o] = t
    state.settled[o] = not anywhere(pending & opposite(now))
    state.first[o] = where(now, float(t), state.first[o])
    if outcome.measure >= 0:
        state.measured[o] = where(now, state.quantity[outcome.measure], state.measured[o])


@kernel
def close_month(tables: Any, state: Any, t: Any, last: Any) -> None:
    """End month t: settle it; then the outcomes are tested, in order  (E8)."""
    settle_month(tables, state, t)
    for o in range(tables.outcomes.size):
        test_outcome(tables, state, t, last, o)
