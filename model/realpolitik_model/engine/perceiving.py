"""E1-E4 over rows: drivers move, and each actor sees whom it depends on, what it wants and whom it must heed."""

from typing import Any

import numpy as np

from realpolitik_model.engine.compiling import kernel, uncached
from realpolitik_model.engine.flags import NOT_YET, answered_since, put
from realpolitik_model.engine.memory import every_lane
from realpolitik_model.engine.noise import ONCE, at_month, normal
from realpolitik_model.engine.tables import leverage_row
from realpolitik_model.engine.vectors import spread
from realpolitik_model.equations import RULES, driver, exposure, heeded, misperception, on_path
from realpolitik_model.equations.arithmetic import anywhere, divide, where

# --- E1 Drivers


@kernel
def share_shift(tables: Any, state: Any) -> None:
    """Note for each driver whether all worlds of the block share its shift, and so its place on the path."""
    for m in range(tables.drivers.size):
        shift = tables.drivers[m].shift
        state.shared_shift[m] = not anywhere(state.numbers[shift] != state.numbers[shift, 0])


@kernel
def place(tables: Any, row: Any, month: Any) -> Any:
    """Return the numbers before and after `month` on a driver's path, and the fraction of the way between."""
    points = tables.points
    if row.season:
        floor = np.int64(np.floor(month))
        phase = (floor + tables.theory[0].calendar) % 12
        return points[row.points + phase].number, points[row.points + (phase + 1) % 12].number, month - floor
    last = row.points_end - 1
    if month < points[row.points].month:
        return points[row.points].number, points[row.points].number, 0.0
    for s in range(row.points, last):
        before, after = points[s].month, points[s + 1].month
        if month < after:
            return points[s].number, points[s + 1].number, (month - before) / (after - before)
    return points[last].number, points[last].number, 0.0


@kernel
def drive(tables: Any, state: Any, t: Any, seasons: Any) -> None:
    """Set every driver of month t, or only those with a season  (E1)."""
    numbers = state.numbers
    for m in range(tables.drivers.size):
        row, out = tables.drivers[m], tables.issues.size + m
        if seasons and row.season == 0:
            continue
        if state.shared_shift[m] == 1:
            i, j, fraction = place(tables, row, t - numbers[row.shift, 0])
            if i == j and state.level[m] == i:
                continue
            state.level[m] = i if i == j else NOT_YET
            path = on_path(numbers[i], numbers[j], fraction)
        else:
            for lane in every_lane(state):
                i, j, fraction = place(tables, row, t - numbers[row.shift, lane])
                state.path[0, lane] = on_path(numbers[i, lane], numbers[j, lane], fraction)
            path = state.path[0]
        put(state, out, driver(numbers[row.scale], path), state.clock[0])


# --- E2 Dependence


@kernel
def depend(tables: Any, state: Any, p: Any) -> None:
    """Set D[i, j] of pair p: the sum over its rows  (E2)."""
    pair, total = tables.pairs[p], spread(0.0)
    for r in range(pair.rows, pair.rows_end):
        row = tables.dependence[r]
        total += exposure(state.numbers[row.stake], state.numbers[row.alternatives])
    state.quantity[pair.quantity] = total


@kernel
def depend_where_moved(tables: Any, state: Any, start: Any, end: Any) -> None:
    """Set the dependence of those of the pairs start..end that have an input which moved  (E2)."""
    for p in range(start, end):
        for r in range(tables.pairs[p].rows, tables.pairs[p].rows_end):
            row = tables.dependence[r]
            if answered_since(state, row.responses, row.responses_end, state.depended[p]):
                depend(tables, state, p)
                state.depended[p] = state.clock[0]
                break


# --- E4 Weights


def _by_rule(functions: list[Any]) -> Any:
    """Return a kernel (rule, *values) that calls the function of the rule: the first, the second, ..."""
    first, rest = functions[0], functions[1:]
    if not rest:
        return uncached(lambda _rule, *values: first(*values))
    others = _by_rule(rest)
    return uncached(lambda rule, *values: first(*values) if rule == 0 else others(rule - 1, *values))


weight_by_rule = _by_rule([rule.weight for rule in RULES])
power_by_rule = _by_rule([rule.power for rule in RULES])
[BY_SHARE] = [n for n, rule in enumerate(RULES) if rule.by_share]
"""The only rule that reads shares of capability."""


@kernel
def misperceive(tables: Any, state: Any) -> None:
    """Set the factor by which each actor mistakes each other's leverage over it  (E4)."""
    once = at_month(state.stream[0], ONCE)
    for n in range(tables.relations.size):
        sigma = state.numbers[tables.theory[0].sigma]
        state.misperception[n] = misperception(sigma, normal(once, tables.relations[n].key))


@kernel
def share_capability(tables: Any, state: Any) -> None:
    """Set each actor's share of all capabilities, 0 if nobody has any  (E4)."""
    total = spread(0.0)
    for a in range(tables.actors.size):
        total += state.numbers[tables.actors[a].capability]
    for a in range(tables.actors.size):
        state.share[a] = where(total > 0.0, divide(state.numbers[tables.actors[a].capability], total), 0.0)
    state.weighed[tables.actors.size] = state.clock[0]


@kernel
def share_where_moved(tables: Any, state: Any) -> None:
    """Set the shares of capability if a capability has responded to the state."""
    if answered_since(state, 0, tables.theory[0].capabilities, state.weighed[tables.actors.size]):
        share_capability(tables, state)


@kernel
def weigh(tables: Any, state: Any, i: Any) -> None:
    """Set w[i, a], what every other actor a counts for i, by the weight rule  (E4)."""
    theory, actors = tables.theory[0], tables.actors.size
    for a in range(actors):
        relation = tables.relations[i * actors + a]
        if relation.heeds == 1:
            leverage = state.quantity[leverage_row(tables, i, relation.source)]
            seen = heeded(leverage, state.misperception[i * actors + relation.source])
            share = spread(0.0)
            if theory.weights == BY_SHARE:
                share = state.share[a]
            state.weight[i * actors + a] = weight_by_rule(theory.weights, state.numbers[theory.phi], seen, share)


@kernel
def weigh_where_moved(tables: Any, state: Any, i: Any) -> None:
    """Set the weights of actor i if a dependence of its own, or a share of capability, has moved  (E4)."""
    moved = state.weighed[tables.actors.size] > state.weighed[i]
    for p in range(tables.actors[i].pairs, tables.actors[i].pairs_end):
        moved = moved or state.depended[p] > state.weighed[i]
    if moved:
        weigh(tables, state, i)
        state.weighed[i] = state.clock[0]


@kernel
def power(tables: Any, state: Any, i: Any, a: Any) -> Any:
    """Return B[i > a], what i can bring to bear on a when terms are bargained, by the weight rule  (E7)."""
    source = tables.relations[a * tables.actors.size + i].source
    leverage = state.quantity[leverage_row(tables, a, source)]
    return power_by_rule(tables.theory[0].weights, leverage, state.numbers[tables.actors[i].capability])
