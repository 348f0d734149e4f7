"""Courses of events, of which foresight compares two: the months ahead as they would go if one move were made, or none.

They are played in the block behind a block of worlds (`there`) and kept in that block (`here`), in slots. Nothing in
them depends on luck. Results of equations stay there from course to course, and are computed again where an input
moved (`flags`).
"""

from typing import Any

from realpolitik_model.engine.choosing import decide
from realpolitik_model.engine.compiling import kernel, section
from realpolitik_model.engine.flags import put
from realpolitik_model.engine.memory import ahead
from realpolitik_model.engine.perceiving import depend_where_moved, drive, share_where_moved, weigh_where_moved
from realpolitik_model.engine.rows import respond_where_moved
from realpolitik_model.engine.settling import settle_month
from realpolitik_model.engine.tables import WORD, price_row

NOBODY = -1

# --- What is kept of a course


@kernel
def month_of_course(tables: Any, here: Any, slot: Any, s: Any) -> Any:
    """Return the first row of month s of a course in `here.course`: its issues, then the prices of moves."""
    return (slot * (here.horizon[0] + 1) + s) * (tables.issues.size + tables.moves.size)


@kernel
def decision_in_course(tables: Any, here: Any, slot: Any, s: Any, v: Any) -> Any:
    """Return the row of move v in month s of a course in `here.decided`."""
    return (slot * (here.horizon[0] + 1) + s) * tables.moves.size + v


@kernel
def moves_in_course(tables: Any, here: Any, slot: Any, s: Any) -> Any:
    """Return the first of the words of month s of a course in `here.decided_in` and `here.live_in`."""
    return (slot * (here.horizon[0] + 1) + s) * tables.theory[0].move_words


@kernel
def includes(words: Any, first: Any, v: Any) -> Any:
    """Return whether a set of moves, words from `first` on, includes move v."""
    return words[first + v // WORD] >> v % WORD & 1 == 1


@kernel
def include(words: Any, first: Any, v: Any) -> None:
    """Add move v to a set of moves."""
    words[first + v // WORD] |= 1 << v % WORD


@kernel
def takes_part(tables: Any, here: Any, slot: Any, i: Any) -> Any:
    """Return whether actor i takes a move in some month of a course, in some world."""
    words = tables.theory[0].move_words
    for s in range(here.horizon[0] + 1):
        for w in range(words):
            if here.decided_in[moves_in_course(tables, here, slot, s) + w] & tables.owned_words[i * words + w]:
                return True
    return False


# --- The course in which everybody chooses


@kernel
def perceive_all_moved(tables: Any, there: Any) -> None:
    """Bring up to date all that decisions are computed from  (E2-E4)."""
    respond_where_moved(tables, there, 0, tables.theory[0].responses)
    share_where_moved(tables, there)
    depend_where_moved(tables, there, 0, tables.pairs.size)
    for j in range(tables.actors.size):
        weigh_where_moved(tables, there, j)


@section
def play_freely(tables: Any, here: Any, t: Any, slot: Any) -> None:
    """Play and keep the course from month t in which nobody moves in that month, and everybody chooses later."""
    there, issues = ahead(here), tables.issues.size
    there.clock[0] += 1
    for q in range(issues + tables.drivers.size):
        put(there, q, here.quantity[q], there.clock[0])
    for v in range(tables.moves.size):
        there.needed[v], there.live[v] = 1, 0
        there.aside[v] = here.aside[v]
        there.quantity[price_row(tables, v)] = here.quantity[price_row(tables, v)]
    perceive_all_moved(tables, there)
    for s in range(here.horizon[0] + 1):
        if s > 0:
            there.clock[0] += 1
            drive(tables, there, t + s, True)
            perceive_all_moved(tables, there)
            for a in range(tables.actors.size):
                decide(tables, there, t + s, a)
        settle_month(tables, there, t + s)
        keep_month(tables, here, there, slot, s)
    there.clock[0] += 1
    perceive_all_moved(tables, there)
    for w in range(tables.theory[0].response_words):
        there.pending[w] = 0


@kernel
def keep_month(tables: Any, here: Any, there: Any, slot: Any, s: Any) -> None:
    """Keep all of a month of a course."""
    first, issues = month_of_course(tables, here, slot, s), tables.issues.size
    for k in range(issues):
        here.course[first + k] = there.quantity[k]
    sets = moves_in_course(tables, here, slot, s)
    for w in range(tables.theory[0].move_words):
        here.decided_in[sets + w] = here.live_in[sets + w] = 0
    for v in range(tables.moves.size):
        here.course[first + issues + v] = there.quantity[price_row(tables, v)]
        if there.live[v] == 1:
            include(here.live_in, sets, v)
        if there.taken[v] == there.clock[0]:
            include(here.decided_in, sets, v)
            row = decision_in_course(tables, here, slot, s, v)
            here.decided[row], here.agreed[row] = there.result[v], there.tau[v]
