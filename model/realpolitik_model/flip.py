"""What would have flipped a decision: the smallest change of a single number, found by choosing again."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from realpolitik_model.accounting import Account
from realpolitik_model.case import Case
from realpolitik_model.engine import schedule
from realpolitik_model.engine.state import MADE, State
from realpolitik_model.moment import Indices, Moment, Values

Bounds = dict[str, tuple[float, float]]
Truths = npt.NDArray[np.bool_]
Flips = Callable[[Indices, Values], Truths]
"""(numbers, their values), one trial each -> whether the trial flips what is asked about."""

DISTANCES = np.geomspace(1e-4, 10.0, 31)
"""How far a number is moved, both ways, before the nearest flip is closed in on."""
SMALL = 0.1
"""A change is judged against the number's own size, or against this if the number is smaller."""
DIGITS = 2
"""How many digits of the change the new value has, if that many flip: 0.967 in place of 0.967184, from 1."""
MOST_DIGITS = 12
PARTS = 32
"""How many trials cut an interval at a time."""


@dataclass(frozen=True)
class Flip:
    """The number, its value, and the nearest value found with which the decision would have been otherwise."""

    path: str
    was: float
    value: float


def choices(case: Case, moment: Moment, actor: int, numbers: Indices, values: Values) -> Indices:
    """Return the move taken when number[n] is value[n], one trial each; -1 where the actor holds."""
    return _row(_deliberated(case, moment, actor, numbers, values).choice, actor, values.size).astype(np.int64)


def _deliberated(case: Case, moment: Moment, actor: int, numbers: Indices, values: Values) -> State:
    """Return worlds in which number[n] is value[n], one trial each, and the actor has chosen."""
    state = moment.worlds(case, numbers, values)
    if moment.horizon(case):
        schedule.look_ahead_all(case.directory, state.memory, moment.month, actor)
    schedule.deliberate_all(case.directory, state.memory, moment.month, actor)
    return state


def _row(rows: Values, index: int, trials: int) -> Values:
    """Return one row of a state over all trials."""
    found: Values = rows[:, index, :].reshape(-1)[:trials]
    return found


def smallest_flip(case: Case, moment: Moment, account: Account, bounds: Bounds) -> Flip | None:
    """Return the smallest change of one number, for its size, after which a decision is otherwise.

    After it the actor does not take this move; if its move was refused, it still does, and the move is made.

    Parameters
    ----------
    case
        What was played.
    moment
        The start of the account's month.
    account
        The decision, as `account` returns it.
    bounds
        Dotted path -> lowest and highest value that is tried.

    Returns
    -------
    Flip or None
        The path, its value and the value that flips the decision; None if nothing within bounds does it.

    Examples
    --------
    >>> import realpolitik as rp
    >>> from realpolitik_model import LeverageModel
    >>> model = LeverageModel(rp.load("karabakh").case(), worlds=[17], rng=1)
    >>> for _ in range(40):
    ...     model.step()
    >>> from realpolitik_model import Moment, decisions
    >>> taken = next(one for one in decisions(model) if one.actor == "Moscow")
    >>> flip = smallest_flip(model.case, Moment.of(model), taken, {"moves.withdraw_for_price.cost": (0.0, 10.0)})
    >>> flip.path, flip.value > flip.was
    ('moves.withdraw_for_price.cost', True)
    """
    actor, move = case.actors.index(account.actor), case.moves.index(account.move)

    def flips(numbers: Indices, values: Values) -> Truths:
        if account.result != "refused":
            return np.not_equal(choices(case, moment, actor, numbers, values), move)
        state = _deliberated(case, moment, actor, numbers, values)
        schedule.act_all(case.directory, state.memory, moment.month, actor)
        taken, result = _row(state.choice, actor, values.size), _row(state.result, move, values.size)
        return np.equal(taken, move) & np.equal(result, MADE)

    return smallest_change(case, moment, bounds, flips)


def smallest_change(case: Case, moment: Moment, bounds: Bounds, flips: Flips) -> Flip | None:
    """Return the smallest change of one number, for its size, after which `flips` holds at a moment.

    `flips` takes numbers and their values, one trial each. None if nothing within bounds does it.
    """
    index = np.array([case.paths[path] for path in bounds], np.int64)
    was = moment.numbers[index]
    limits = np.array(list(bounds.values()))
    near, far = _bracket(index, was, limits, flips)
    size = np.maximum(np.abs(was), SMALL)
    for n in np.argsort(np.abs(far - was) / size, kind="stable"):
        if not np.isfinite(far[n]):
            return None
        value = _close_in(index[n], near[n], far[n], float(was[n]), limits[n], flips)
        return Flip(list(bounds)[n], float(was[n]), value)
    return None


def _bracket(index: Indices, was: Values, bounds: Values, flips: Flips) -> tuple[Values, Values]:
    """Return for each number the last trial that did not flip and the first that did (inf if none)."""
    steps = np.concatenate([[0.0], DISTANCES])
    near, far = was.copy(), np.full(was.size, np.inf)
    for sign in (-1.0, 1.0):
        trials = np.clip(was[:, None] + sign * steps, bounds[:, :1], bounds[:, 1:])
        flipped = flips(np.repeat(index, steps.size), trials.ravel()).reshape(trials.shape)
        rows = np.flatnonzero(flipped.any(axis=1) & ~flipped[:, 0])
        first = flipped[rows].argmax(axis=1)
        nearer = np.abs(trials[rows, first] - was[rows]) < np.abs(far[rows] - was[rows])
        rows, first = rows[nearer], first[nearer]
        near[rows], far[rows] = trials[rows, first - 1], trials[rows, first]
    return near, far


def _close_in(number: int, near: float, far: float, was: float, bounds: Values, flips: Flips) -> float:
    """Return a value near the edge between keeping and flipping, short to write and certain to flip."""

    def flip(values: Values) -> Truths:
        return flips(np.full(values.size, number), values)

    for _ in range(4):
        trials = np.linspace(near, far, PARTS)
        first = int(flip(trials).argmax())
        near, far = float(trials[max(first - 1, 0)]), float(trials[first])
    short = np.clip([beyond(far, was, digits) for digits in range(DIGITS, MOST_DIGITS)], *bounds)
    usable = flip(short)
    return float(short[usable.argmax()]) if usable.any() else far


def beyond(edge: float, was: float, digits: int) -> float:
    """Return the nearest short number that is not nearer to `was` than an edge: so many digits of the change are kept.

    >>> beyond(0.967184, 1.0, 2), beyond(0.30121, 0.3, 2), beyond(-0.5, 0.25, 2)
    (0.967, 0.3013, -0.5)
    """
    places = digits - 1 - math.floor(math.log10(abs(edge - was)))
    unit = 10.0**-places
    towards = math.ceil if edge > was else math.floor
    return round(towards(round(edge / unit, 6)) * unit, places)
