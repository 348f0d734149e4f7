"""What an actor with foresight expected of a move: the courses of events with and without it (E5 with foresight)."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from realpolitik_model.case import Case
from realpolitik_model.engine import schedule
from realpolitik_model.engine.state import MADE, MOVING, PAYING, REFUSED, WAITING, State
from realpolitik_model.engine.tables import WORD, words_for
from realpolitik_model.moment import Moment

Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Expected:
    """A decision of another actor that a course of events includes."""

    ahead: int
    """Months ahead, 1 or more."""
    actor: str
    move: str
    result: str
    """done (nobody was asked), agreed or refused."""


@dataclass(frozen=True)
class Prospect:
    """The courses of events that an actor compares when it values a move, month by month ahead."""

    weights: Values
    """beta, what each month ahead counts, shape (months,); their sum is 1."""
    waiting: Values
    """Outcomes if the actor makes no move, 0-1, shape (months, issues)."""
    moving: Values
    """The same if it makes the move, unpaid."""
    paying: Values
    """The same if it makes the move for its whole payment; for a move without payment, as `moving`."""
    expected: tuple[Expected, ...]
    """What others would then do, if the move is made: for its payment, if it has one."""
    otherwise: tuple[Expected, ...]
    """What others would do if the actor made no move."""


def prospect(case: Case, moment: Moment, v: int, paid: bool) -> Prospect | None:
    """Return what the owner of move v expects of it at a moment, for its payment if `paid`; None without foresight.

    Parameters
    ----------
    case
        What is played, with `theory.foresight` of 1 or more.
    moment
        One world at the start of the month: `Moment.of(model)` after a step.
    v
        The index of the move in `case.moves`.
    paid
        Whether the course includes its payment.

    Returns
    -------
    Prospect or None
        The courses with and without the move, month by month; None without foresight.

    Examples
    --------
    >>> import realpolitik as rp
    >>> from realpolitik_model import LeverageModel, Moment, prospect
    >>> model = LeverageModel(rp.load("karabakh", set={"theory.foresight": 1}).case(), worlds=1)
    >>> model.step()
    >>> found = prospect(model.case, Moment.of(model), model.case.moves.index("convene"), False)
    >>> found.moving.shape == found.waiting.shape
    True
    """
    months = moment.horizon(case) + 1
    if months == 1:
        return None
    state = moment.worlds(case, np.array([0]), moment.numbers[:1])
    owner = int(case.tables.moves[v]["actor"])
    schedule.foresee_all(case.directory, state.memory, moment.month, owner, v)
    issues, moves = len(case.issues), len(case.moves)

    def outcomes(slot: int) -> Values:
        rows: Values = state.course[0, :, 0].reshape(-1, months, issues + moves)[slot, :, :issues].copy()
        return rows

    payable = case.tables.moves[v]["payers"] < case.tables.moves[v]["payers_end"]
    return Prospect(
        weights=state.discount[0, :months, 0].copy(),
        waiting=outcomes(WAITING),
        moving=outcomes(MOVING),
        paying=outcomes(PAYING if payable else MOVING),
        expected=_decisions(case, state, months, PAYING if paid else MOVING),
        otherwise=_decisions(case, state, months, WAITING),
    )


def _decisions(case: Case, state: State, months: int, slot: int) -> tuple[Expected, ...]:
    moves, words = len(case.moves), words_for(len(case.moves))
    taken = state.decided_in[0].reshape(-1)[: state.decided_in[0].size]
    found = []
    for ahead in range(1, months):
        first = (slot * months + ahead) * words
        for v, row in enumerate(case.tables.moves):
            result = state.decided[0, (slot * months + ahead) * moves + v, 0]
            if taken[first + v // WORD] >> v % WORD & 1 and result in (MADE, REFUSED):
                asked = row["consents"] < row["consents_end"]
                verdict = "refused" if result == REFUSED else "agreed" if asked else "done"
                found.append(Expected(ahead, case.actors[row["actor"]], case.moves[v], verdict))
    return tuple(found)
