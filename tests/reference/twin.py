"""The slow twin: model/README.md in plain Python, one world at a time, from the first month to the record."""

from dataclasses import dataclass, field, replace
from typing import Any

from reference.equations import others
from reference.months import State, account, act, driver, drivers, perceive, ready, settle
from reference.noise import draw, hashed, normal
from reference.tables import filled, fork_blocks, holds, month_index, quantity, with_numbers

__all__ = ["TwinWorld", "draw", "driver", "run"]


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
    shut: list[tuple[int, str]] = field(default_factory=list)


def run(document, *, seed, world, forks=(), numbers=None, until=None):
    """Run one world of a resolved document, up to and including month `until` ("YYYY-MM" or an index)."""
    tables = with_numbers(filled(document), numbers or {})
    start = tables["meta"]["start"]
    end, luck = month_index(tables["meta"]["end"], start), (seed, world)
    record, blocks = empty_record(tables), fork_blocks(forks, start)
    eps = misperceptions(list(tables["actors"]), luck)
    state = None
    for t in range(last_month(until, start, end) + 1):
        for _, values in [block for block in blocks if max(block[0], 0) == t]:
            tables = with_numbers(tables, values)
        state = state or initial(tables)
        horizon = int(tables["theory"]["foresight"])
        month = perceive(t, tables, luck, eps, state, drivers(tables, t), horizon)
        record.moves_value.append({})
        decisions = [decision for i in month.actors if (decision := decide(month, i, record))]
        state, struck = settle(month, decisions)
        note(month, state, decisions, struck, record, t == end)
    return record


def initial(tables):
    """Start every issue, with nothing refused and nothing paid."""
    x = {k: row["start"] for k, row in tables["issues"].items()}
    return State(x, dict.fromkeys(tables["moves"]), dict.fromkeys(tables["moves"], 0.0))


def last_month(until, start, end):
    """Give the index of the last month to run."""
    if until is None:
        return end
    return min(end, month_index(until, start) if isinstance(until, str) else until)


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
    """Draw how each actor sees each other's leverage over it, once per world."""
    return {(i, j): normal(hashed(*luck, -1, f"misperception/{i}/{j}")) for i in actors for j in others(actors, i)}


def decide(month, i, record):
    """Let one actor decide, and record what its moves were worth, what was kept from it, and its account."""
    decision, values, terms = act(month, i)
    record.moves_value[month.t].update(values)
    record.terms += [found for found in terms.values() if found]
    record.shut += [(month.t, v) for v in values if not month.open(month.moves[v]) and ready(month, v)]
    if decision is None:
        return None
    return account(month, decision) | {"shortsighted": shortsighted(month, i, decision)}


def shortsighted(month, i, decision):
    """Give the move that the actor would make this month without foresight."""
    if month.horizon:
        decision, *_ = act(replace(month, horizon=0, known={}), i)
    return decision["move"] if decision else None


# --- Recording ---


def note(month, state, decisions, struck, record, last):
    """Record a month and test its outcomes."""
    record.issues.append(state.x)
    record.drivers.append(month.d)
    record.decisions.extend(decisions)
    record.prices = state.prices
    for holder, over in record.leverage:
        record.leverage[holder, over].append(month.D[over, holder])
    for decision in decisions:
        events = record.refused if decision["result"] == "refused" else record.made
        events[decision["move"]].append(month.t)
    for s in struck:
        record.struck[s].append(month.t)
    z = state.x | month.d
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
