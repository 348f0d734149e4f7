"""A variant of a course that is kept, from which it differs by the decisions of one actor alone.

It differs only as far as a difference reaches: an actor whose decisions watch nothing that differs decides as there,
and its decisions are repeated; an issue that nothing different touches has the outcome that it has there. Such outcomes
are brought to the block of courses (`there`) only when they are needed, and only what is asked is answered again.
"""

from typing import Any

from realpolitik_model.engine.choosing import aim, decide, is_paid
from realpolitik_model.engine.compiling import kernel, section
from realpolitik_model.engine.courses import (
    NOBODY,
    decision_in_course,
    include,
    includes,
    month_of_course,
    moves_in_course,
)
from realpolitik_model.engine.memory import ahead
from realpolitik_model.engine.perceiving import depend, drive, share_capability, weigh
from realpolitik_model.engine.rows import respond
from realpolitik_model.engine.settling import add_change, drift_issue, strike
from realpolitik_model.engine.state import MADE, REFUSED
from realpolitik_model.engine.tables import WORD, price_row
from realpolitik_model.engine.vectors import spread
from realpolitik_model.equations import settle
from realpolitik_model.equations.arithmetic import anywhere, where

SAME, TOUCHED, OPEN = range(3)
"""What is to be done about an issue in a month of a course: nothing; apply moves to it; settle it."""

# --- What moves, and what responds to it


@kernel
def await_answers(tables: Any, there: Any, q: Any) -> None:
    """Note that what responds to an issue or a driver is to be computed again, when it is needed."""
    words = tables.theory[0].response_words
    for w in range(words):
        there.pending[w] |= tables.answers[q * words + w]


@kernel
def shift(tables: Any, there: Any, q: Any, new: Any, moved: Any) -> None:
    """Set an issue or a driver; if that moves it in some world, note that, and flag it as moved in step `moved`."""
    if anywhere(new != there.quantity[q]):
        there.quantity[q], there.moved[q] = new, moved
        await_answers(tables, there, q)


@kernel
def answer(tables: Any, there: Any) -> None:
    """Bring up to date what is pending of all that is asked: responses, dependence and weights  (E2-E4)."""
    pairs, actors, shares = tables.pairs.size, tables.actors.size, False
    for w in range(tables.theory[0].response_words):
        due, r = there.pending[w] & there.asked[w], w * WORD
        there.pending[w] &= ~there.asked[w]
        while due:
            if due & 1:
                respond(tables, there, r, r + 1)
                there.answered[r] = there.clock[0]
                shares = shares or r < tables.theory[0].capabilities
                if tables.responses[r].pair >= 0:
                    there.dirty[tables.responses[r].pair] = 1
            due, r = due >> 1, r + 1
    if shares:
        share_capability(tables, there)
    for p in range(pairs):
        if there.dirty[p] == 1:
            depend(tables, there, p)
            there.depended[p], there.dirty[p] = there.clock[0], 0
            there.dirty[pairs + tables.pairs[p].dependent] = 1
    for i in range(actors):
        if shares or there.dirty[pairs + i] == 1:
            weigh(tables, there, i)
            there.weighed[i], there.dirty[pairs + i] = there.clock[0], 0


@kernel
def answer_all(tables: Any, there: Any) -> None:
    """Bring up to date all that responds to what has moved  (E2-E4)."""
    for w in range(tables.theory[0].response_words):
        there.asked[w] = there.pending[w]
    answer(tables, there)


@kernel
def bring(tables: Any, here: Any, there: Any, other: Any, s: Any, k: Any, moved: Any) -> None:
    """Bring issue k to its outcome at the start of month s, if it does not differ there from the other course.

    `moved` is the step in which it then counts as moved: the next one, if something has been computed in this.
    """
    if there.differs[k] == 0:
        if s == 0:
            shift(tables, there, k, here.quantity[k], moved)
        else:
            shift(tables, there, k, here.course[month_of_course(tables, here, other, s - 1) + k], moved)


@kernel
def set_out(tables: Any, here: Any, there: Any) -> None:
    """Bring the block of courses to the start of the first month, where nothing differs yet."""
    there.clock[0] += 1
    if tables.theory[0].seasonal == 1:
        for q in range(tables.issues.size, tables.issues.size + tables.drivers.size):
            shift(tables, there, q, here.quantity[q], there.clock[0])
    for w in range(tables.theory[0].words):
        there.differences[w] = 0
    for k in range(tables.issues.size):
        there.differs[k] = there.differed[k] = 0
    for n in range(there.opened[0]):
        there.open[there.open_list[n]] = SAME
    there.opened[0] = there.repriced[0] = 0
    for w in range(tables.theory[0].move_words):
        there.parted[w] = 0
    for n in range(tables.paid_for.size):
        price = price_row(tables, tables.paid_for[n])
        there.quantity[price] = here.quantity[price]


# --- What a difference reaches


@kernel
def open_issue(there: Any, k: Any, how: Any) -> None:
    """Mark an issue as one to settle (OPEN), or at least to apply moves to (TOUCHED)."""
    if there.open[k] == SAME:
        there.open_list[there.opened[0]] = k
        there.opened[0] += 1
    there.open[k] = max(there.open[k], how)


@kernel
def open_move(tables: Any, there: Any, v: Any) -> None:
    """Mark the issues that move v and its payment change: they may have other outcomes than in the other course."""
    move = tables.moves[v]
    for c in range(move.changes, move.changes_end):
        open_issue(there, tables.changes[c].issue, OPEN)
    if is_paid(tables, v):
        there.repriced[0] = 1
        for c in range(move.paid, move.paid_end):
            open_issue(there, tables.changes[c].issue, OPEN)


@kernel
def touch_causes(tables: Any, there: Any, k: Any) -> None:
    """Mark the issues to which the drift of an issue responds."""
    for r in range(tables.issues[k].responses, tables.issues[k].responses_end):
        for e in range(tables.responses[r].effects, tables.responses[r].effects_end):
            if tables.effects[e].quantity < tables.issues.size:
                open_issue(there, tables.effects[e].quantity, TOUCHED)


@kernel
def reach(tables: Any, here: Any, there: Any, other: Any, s: Any) -> None:
    """Mark the issues that a difference reaches in month s, and bring them to the start of the month.

    An issue whose drift responds to one that is open is open; to settle it, moves are applied to all that it responds
    to. Sure shocks may touch everything.
    """
    if there.sure[0] == 1:
        for k in range(tables.issues.size):
            open_issue(there, k, OPEN)
    for n in range(there.opened[0]):
        z = there.open_list[n]
        for m in range(tables.reach[z].issues, tables.reach[z].issues_end):
            open_issue(there, tables.reached[m], OPEN)
    for n in range(there.opened[0]):
        touch_causes(tables, there, there.open_list[n])
    for n in range(there.opened[0]):
        bring(tables, here, there, other, s, there.open_list[n], there.clock[0] + 1)
    if there.sure[0] == 1:
        answer_all(tables, there)


@kernel
def close_touched(there: Any) -> None:
    """Leave open, for the next month, the issues that have differed."""
    count = 0
    for n in range(there.opened[0]):
        k = there.open_list[n]
        there.open[k] = OPEN if there.differed[k] > 0 else SAME
        if there.open[k] == OPEN:
            there.open_list[count] = k
            count += 1
    there.opened[0] = count


# --- Who decides for itself


@kernel
def meets(tables: Any, there: Any, watched: Any, n: Any) -> Any:
    """Return whether the n-th words of a table have something that differs."""
    words = tables.theory[0].words
    for w in range(words):  # noqa: SIM110 (numba takes no generators)
        if watched[n * words + w] & there.differences[w]:
            return True
    return False


@kernel
def recall(tables: Any, here: Any, there: Any, other: Any, t: Any, s: Any, v: Any) -> None:
    """Set when move v was last refused, if that is as in the other course until month s."""
    if tables.moves[v].consents < tables.moves[v].consents_end and not includes(there.parted, 0, v):
        there.aside[v] = here.aside[v]
        for earlier in range(1, s):
            if includes(here.decided_in, moves_in_course(tables, here, other, earlier), v):
                row = decision_in_course(tables, here, other, earlier, v)
                refused = here.decided[row] == REFUSED
                there.aside[v] = where(refused, float(t + earlier), there.aside[v])


@kernel
def strays(tables: Any, here: Any, there: Any, sets: Any, a: Any) -> Any:
    """Return whether actor a may decide otherwise than in the other course; mark which of its moves may differ.

    What others make of a move matters only if it is worth making: it was so there (`sets`), or its value differs.
    """
    words, parted = tables.theory[0].move_words, False
    for w in range(words):
        parted = parted or (there.parted[w] & tables.owned_words[a * words + w]) != 0
    if not (parted or meets(tables, there, tables.watched_by, a)):
        return False
    some = False
    for m in range(tables.actors[a].owned, tables.actors[a].owned_end):
        v = tables.owned[m]
        there.needed[v] = includes(there.parted, 0, v) or meets(tables, there, tables.valued_by, v)
        if there.needed[v] == 0 and includes(here.live_in, sets, v):
            there.needed[v] = meets(tables, there, tables.watched, v)
        some = some or there.needed[v] == 1
    return some


@kernel
def go_own_way(tables: Any, there: Any, a: Any) -> None:
    """Note that the moves of actor a are decided otherwise than by repetition this month."""
    words = tables.theory[0].move_words
    for w in range(words):
        there.own_way[w] |= tables.owned_words[a * words + w]


@kernel
def ask_for(tables: Any, there: Any, v: Any) -> None:
    """Note what the value and the consents of move v depend on."""
    words, questions = tables.theory[0].words, tables.theory[0].response_words
    for w in range(words):
        there.wanted[w] |= tables.watched[v * words + w]
    for w in range(questions):
        there.asked[w] |= tables.questions[v * questions + w]


@kernel
def prepare(tables: Any, here: Any, there: Any, other: Any, t: Any, s: Any, i: Any) -> Any:
    """Mark who decides for itself in month s, and what it must value; return whether anybody does.

    An actor decides as in the other course if none of its moves may differ. Otherwise it values those that may, and
    those that were worth making there: no other can be its choice. All on which these depend is brought.
    """
    words, anybody, sets = tables.theory[0].words, False, moves_in_course(tables, here, other, s)
    for w in range(words):
        there.wanted[w] = 0
    for w in range(tables.theory[0].response_words):
        there.asked[w] = 0
    for a in range(tables.actors.size):
        there.strayed[a] = a != i and strays(tables, here, there, sets, a)
        if there.strayed[a] == 0:
            continue
        anybody = True
        go_own_way(tables, there, a)
        for m in range(tables.actors[a].owned, tables.actors[a].owned_end):
            v = tables.owned[m]
            there.live[v] = 0
            if there.needed[v] == 1 or includes(here.live_in, sets, v):
                there.needed[v] = 1
                recall(tables, here, there, other, t, s, v)
                ask_for(tables, there, v)
    for w in range(words):
        wanted, k = there.wanted[w] & ~there.differences[w], w * WORD
        while wanted and k < tables.issues.size:
            if wanted & 1:
                bring(tables, here, there, other, s, k, there.clock[0])
            wanted, k = wanted >> 1, k + 1
    return anybody


@kernel
def note_decisions(tables: Any, there: Any, a: Any) -> None:
    """Note which moves actor a has taken this month, and which were worth making."""
    for m in range(tables.actors[a].owned, tables.actors[a].owned_end):
        v = tables.owned[m]
        if there.live[v] == 1:
            include(there.live_here, 0, v)
            if there.taken[v] == there.clock[0]:
                include(there.taken_here, 0, v)


@kernel
def open_different(tables: Any, here: Any, there: Any, sets: Any) -> None:
    """Mark what is changed by moves that may have been decided otherwise than in the other course."""
    for w in range(tables.theory[0].move_words):
        different, v = there.taken_here[w] | (here.decided_in[sets + w] & there.own_way[w]), w * WORD
        while different:
            if different & 1:
                open_move(tables, there, v)
                if tables.moves[v].consents < tables.moves[v].consents_end:
                    include(there.parted, 0, v)
            different, v = different >> 1, v + 1


@kernel
def react(tables: Any, here: Any, there: Any, other: Any, t: Any, s: Any, i: Any) -> None:
    """Let those decide in month s of a course, actor i apart, who may decide otherwise than in the other course."""
    if prepare(tables, here, there, other, t, s, i):
        answer(tables, there)
        for a in range(tables.actors.size):
            if there.strayed[a] == 1:
                decide(tables, there, t + s, a)
                note_decisions(tables, there, a)
    if i != NOBODY:
        go_own_way(tables, there, i)
    open_different(tables, here, there, moves_in_course(tables, here, other, s))


# --- Settlement of what is open


@kernel
def change_open(tables: Any, there: Any, made: Any, scale: Any, start: Any, end: Any) -> None:
    """Add some changes of a move, where it was made, to those issues that are to be computed."""
    for c in range(start, end):
        if there.open[tables.changes[c].issue] != SAME:
            aim(tables, there, c)
            add_change(tables, there, made, scale, c)


@kernel
def apply_open(tables: Any, here: Any, there: Any, other: Any, s: Any, kept_in: Any) -> None:
    """Apply the moves of month s, decided here or repeated, to the issues that are to be computed  (E8).

    Decisions are kept in slot `kept_in`, if that is not NOBODY.
    """
    theirs = moves_in_course(tables, here, other, s)
    for w in range(tables.theory[0].move_words):
        taken, live, v = there.taken_here[w], there.live_here[w], w * WORD
        if s > 0:
            taken |= here.decided_in[theirs + w] & ~there.own_way[w]
            live |= here.live_in[theirs + w] & ~there.own_way[w]
        if kept_in != NOBODY:
            ours = moves_in_course(tables, here, kept_in, s)
            here.decided_in[ours + w], here.live_in[ours + w] = taken, live
        while taken:
            if taken & 1:
                if there.taken[v] != there.clock[0]:
                    row = decision_in_course(tables, here, other, s, v)
                    there.result[v], there.tau[v] = here.decided[row], here.agreed[row]
                if kept_in != NOBODY:
                    row = decision_in_course(tables, here, kept_in, s, v)
                    here.decided[row], here.agreed[row] = there.result[v], there.tau[v]
                apply_move(tables, there, v)
            taken, v = taken >> 1, v + 1


@kernel
def apply_move(tables: Any, there: Any, v: Any) -> None:
    """Apply move v and its payment, where it was made, to the issues that are to be computed  (E8)."""
    move, made = tables.moves[v], there.result[v] == MADE
    change_open(tables, there, made, spread(1.0), move.changes, move.changes_end)
    if is_paid(tables, v):
        change_open(tables, there, made, there.tau[v], move.paid, move.paid_end)
        price = price_row(tables, v)
        there.quantity[price] = where(made, there.tau[v], there.quantity[price])


@kernel
def settle_open(tables: Any, there: Any, month: Any) -> None:
    """Settle the issues that are open  (E8)."""
    for n in range(there.opened[0]):
        k = there.open_list[n]
        if there.touched[k] == there.clock[0]:
            shift(tables, there, k, settle(there.quantity[k], there.delta[k]), there.clock[0] + 1)
    for n in range(there.opened[0]):
        k = there.open_list[n]
        if there.open[k] == OPEN and there.drifts[k] == 1:
            drift_issue(tables, there, k)
    for n in range(there.opened[0]):
        k = there.open_list[n]
        if there.open[k] == OPEN and there.drifts[k] == 1:
            shift(tables, there, k, there.delta[k], there.clock[0] + 1)
    if there.sure[0] == 1:
        strike_in_course(tables, there, month)


@kernel
def strike_in_course(tables: Any, there: Any, month: Any) -> None:
    """Apply the shocks that are sure, and note that anything may have moved  (E8)."""
    strike(tables, there, month)
    for k in range(tables.issues.size):
        await_answers(tables, there, k)


@kernel
def mark(there: Any, bit: Any) -> None:
    """Mark an issue, or the price of a move, as differing."""
    there.differences[bit // WORD] |= 1 << bit % WORD


@kernel
def compare_prices(tables: Any, here: Any, there: Any, theirs: Any, ours: Any) -> None:
    """Mark the prices that differ, and keep all; `theirs` and `ours` are the first rows of prices."""
    for n in range(tables.paid_for.size):
        v = tables.paid_for[n]
        price = there.quantity[price_row(tables, v)]
        if there.repriced[0] == 1 and anywhere(price != here.course[theirs + v]):
            mark(there, tables.issues.size + v)
        here.course[ours + v] = price


@kernel
def compare(tables: Any, here: Any, there: Any, other: Any, slot: Any, s: Any, kept: Any) -> None:
    """Mark what differs from the other course at the end of month s, and keep outcomes: all, or what has differed."""
    theirs, ours = month_of_course(tables, here, other, s), month_of_course(tables, here, slot, s)
    issues = tables.issues.size
    for w in range(tables.theory[0].words):
        there.differences[w] = 0
    if kept:
        for k in range(issues):
            here.course[ours + k] = here.course[theirs + k]
    for n in range(there.opened[0]):
        k = there.open_list[n]
        there.differs[k] = there.open[k] == OPEN and anywhere(there.quantity[k] != here.course[theirs + k])
        if there.differs[k] == 1:
            mark(there, k)
            if there.differed[k] == 0:
                there.differed[k] = s + 1
        if there.differed[k] > 0:
            here.course[ours + k] = there.quantity[k]
    if kept or there.repriced[0] == 1:
        compare_prices(tables, here, there, theirs + issues, ours + issues)
    close_touched(there)


@kernel
def advance_seasons(tables: Any, there: Any, month: Any) -> None:
    """Move the drivers that have a season, and note those that moved  (E1)."""
    drive(tables, there, month, True)
    for q in range(tables.issues.size, tables.issues.size + tables.drivers.size):
        if there.moved[q] == there.clock[0]:
            await_answers(tables, there, q)


@section
def play_variant(tables: Any, here: Any, t: Any, i: Any, v: Any, tau: Any, slot: Any, other: Any, kept: Any) -> None:
    """Play a course from month t in which actor i makes move v or none, and keep it in a slot  (E5 with foresight).

    `tau` is 1 for a move made with its whole payment. `other` is the slot of a course, kept whole, that differs from
    this one by the decisions of i alone. If not `kept`, only outcomes that have differed from it are kept.
    """
    there = ahead(here)
    set_out(tables, here, there)
    for s in range(here.horizon[0] + 1):
        for w in range(tables.theory[0].move_words):
            there.own_way[w] = there.taken_here[w] = there.live_here[w] = 0
        if s > 0:
            there.clock[0] += 1
            if tables.theory[0].seasonal == 1:
                advance_seasons(tables, there, t + s)
            react(tables, here, there, other, t, s, i)
        elif v != NOBODY:
            open_move(tables, there, v)
            include(there.taken_here, 0, v)
            there.taken[v] = there.clock[0]
            there.result[v], there.tau[v] = spread(MADE), spread(tau)
        reach(tables, here, there, other, s)
        apply_open(tables, here, there, other, s, slot if kept else NOBODY)
        settle_open(tables, there, t + s)
        compare(tables, here, there, other, slot, s, kept)
