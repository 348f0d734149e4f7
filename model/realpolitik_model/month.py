"""The month: drivers, then every actor perceives, deliberates and acts, then settlement and record."""

from typing import Any

from realpolitik_model.blocks import fill
from realpolitik_model.choice import act, deliberate
from realpolitik_model.compiling import kernel
from realpolitik_model.dependence import depend, dependence_moved
from realpolitik_model.drivers import drive, share_shift
from realpolitik_model.interests import take_interest, value_issue
from realpolitik_model.lanes import NEVER
from realpolitik_model.news import NOT_YET, unmark
from realpolitik_model.noise import at_month, stream
from realpolitik_model.record import remember
from realpolitik_model.settlement import price_row, settle
from realpolitik_model.vectors import LANES, anywhere
from realpolitik_model.weights import misperceive, weigh


@kernel
def renew(tables: Any, lanes: Any) -> None:
    """Work out what no month moves and make all else news to the coming one: at the start, and when numbers change."""
    misperceive(tables, lanes)
    for q in range(tables.issues.size + tables.drivers.size):
        lanes.moved[q] = lanes.clock[0] + 1
    for r in range(tables.interests.size):
        value_issue(tables, lanes, r)
    for p in range(tables.pairs.size):
        depend(tables, lanes, p)
    for i in range(tables.actors.size):
        weigh(tables, lanes, i)
    share_shift(tables, lanes)
    unmark(lanes.resting, tables.drivers.size)
    for v in range(tables.moves.size):
        lanes.chancy[v] = anywhere(lanes.numbers[tables.moves[v].chance] < 1.0)
    for k in range(tables.issues.size):
        lanes.drifts[k] = anywhere(lanes.numbers[tables.issues[k].decay] != 0.0)


@kernel
def begin(tables: Any, lanes: Any, seed: Any, worlds: Any) -> None:
    """Bring a block of worlds, whose numbers are set, to the start of month 0."""
    for lane in range(LANES):
        lanes.stream[0, lane] = stream(seed, worlds[lane])
    moves, outcomes = tables.moves.size, tables.outcomes.size
    fill(lanes.quantity, price_row(tables, moves), 0.0)
    for k in range(tables.issues.size):
        lanes.quantity[k] = lanes.numbers[tables.issues[k].start]
    for rows in (lanes.made, lanes.refused):
        fill(rows, moves, 0.0)
    fill(lanes.choice, tables.actors.size, -1.0)
    fill(lanes.aside, moves, NEVER)
    fill(lanes.first, outcomes, NEVER)
    fill(lanes.measured, outcomes, 0.0)
    for marks in (lanes.appraised, lanes.weighed_up, lanes.taken):
        unmark(marks, moves)
    unmark(lanes.touched, tables.issues.size)
    unmark(lanes.dated, outcomes)
    for o in range(outcomes):
        lanes.settled[o] = 0
    lanes.clock[0] = NOT_YET
    renew(tables, lanes)


@kernel
def open_month(tables: Any, lanes: Any, t: Any) -> None:
    """Start month t: its noise and its drivers."""
    lanes.stream[1] = at_month(lanes.stream[0], t)
    lanes.clock[0] = t
    drive(tables, lanes, t)


@kernel
def perceive(tables: Any, lanes: Any, i: Any) -> None:
    """Let actor i see whom it depends on, what it wants, and whom it must heed  (E2-E4)."""
    take_interest(tables, lanes, i)
    moved = False
    for p in range(tables.actors[i].pairs, tables.actors[i].pairs_end):
        if dependence_moved(tables, lanes, p):
            depend(tables, lanes, p)
            moved = True
    if moved:
        weigh(tables, lanes, i)


@kernel
def close_month(tables: Any, lanes: Any, t: Any, last: Any) -> None:
    """End month t: settlement and record  (E8)."""
    settle(tables, lanes, t)
    remember(tables, lanes, t, last)


@kernel
def play_month(tables: Any, lanes: Any, t: Any, last: Any) -> None:
    """Play month t in every world of the block."""
    open_month(tables, lanes, t)
    for i in range(tables.actors.size):
        perceive(tables, lanes, i)
    for i in range(tables.actors.size):
        deliberate(tables, lanes, t, i, False)
    for i in range(tables.actors.size):
        act(tables, lanes, t, i, False)
    close_month(tables, lanes, t, last)


@kernel
def set_numbers(tables: Any, lanes: Any, numbers: Any, values: Any) -> None:
    """Give numbers new values in every world of the block, as a fork does."""
    for n in range(numbers.size):
        lanes.numbers[numbers[n]] = values[n]
    renew(tables, lanes)
