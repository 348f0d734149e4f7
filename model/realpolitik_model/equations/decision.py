"""E5-E7: what a move is worth now or with foresight, on what terms it is paid for, and who consents."""

from realpolitik_model.equations.arithmetic import Truth, Value, anywhere, clip, constant, divide, where
from realpolitik_model.equations.perception import loss

ROOT_THIRD = 0.5773502691896258
"""Standard deviation of a sum of four uniforms."""
ROUNDING = 1e-12
"""Outcomes (0-1) that are as near as this are the same: adding steps to an outcome rounds."""


def target(outcome: Value, number: Value, to: bool) -> Value:
    """Return the outcome x' (0-1) that a change would bring: `number` itself, or a step of that size  (E5).

    >>> target(0.75, 0.5, True), target(0.75, 0.5, False)
    (0.5, 1.0)
    """
    return clip(number if to else outcome + number, 0.0, 1.0)  # a `to` of -0.0 is 0.0 from here on


def differs(before: Value, after: Value) -> Truth:
    """Return whether a change would bring another outcome, but for rounding  (E6: a move that changes nothing is idle).

    >>> differs(1.0 + (0.2 - 1.0), 0.2), differs(0.5, 0.2)
    (False, True)
    """
    return abs(after - before) > ROUNDING


def gain(weight: Value, before: Value, after: Value, position: Value, quadratic: bool) -> Value:
    """Return what a change of outcome brings to one interest of salience `weight`: the loss that it saves  (E5).

    >>> gain(2.0, 0.0, 0.5, 1.0, False)
    1.0
    """
    return -(weight * (loss(after, position, quadratic) - loss(before, position, quadratic)))


def worse(before: Value, after: Value, position: Value, quadratic: bool) -> Value:
    """Return by how much the loss of an interest grows from one outcome to another  (E5 with foresight).

    >>> worse(0.0, 0.5, 1.0, False)
    -0.5
    """
    return loss(after, position, quadratic) - loss(before, position, quadratic)


def within_horizon(value: Value, months: float, foresight: Value) -> Value:
    """Return what belongs to a month so many months ahead: `value`, or 0 beyond the horizon  (E5 with foresight).

    >>> within_horizon(0.97, 1, 3.0), within_horizon(0.97, 4, 3.0)
    (0.97, 0.0)
    """
    return where(months <= foresight, value, 0.0)


def rested(months: Value, patience: Value) -> Truth:
    """Return whether a move refused so many months ago may be proposed again  (E6)."""
    return months > patience


def comes_up(chance: Value, uniform: Value) -> Truth:
    """Return whether a move that is not always possible can be made this month  (E6).

    >>> comes_up(1.0, 0.999), comes_up(0.3, 0.4)
    (True, False)
    """
    return (chance >= 1.0) | (uniform < chance)


def choose(chosen: Value, best: Value, move: float, value: Value, feasible: Truth) -> tuple[Value, Value]:
    """Return the move taken so far and its value, once one more has been considered  (E6).

    Moves are considered in their order, from (-1, 0): the first of the greatest value above 0 is taken, or none.

    >>> choose(-1.0, 0.0, 3, 0.2, True), choose(3.0, 0.2, 4, 0.2, True)
    ((3, 0.2), (3.0, 0.2))
    """
    better = feasible & (value > best)
    return where(better, move, chosen), where(better, value, best)


def consents(worth: Value) -> Truth:
    """Return whether an actor that is asked agrees to what a move is worth to it  (E6)."""
    return worth > 0.0


def chance_positive(value: Value, noise: Value) -> Value:
    """Return the chance (0-1) that value + noise > 0, noise being four uniforms, centred, of this deviation  (E7).

    The distribution is the piecewise quartic of Irwin and Hall: exact, without exp.

    >>> chance_positive(0.0, 0.1), chance_positive(1.0, 0.1), chance_positive(0.5, 0.0)
    (0.5, 1.0, 1.0)
    """
    y = divide(value, noise) * ROOT_THIRD + 2.0
    u = clip(where(y <= 2.0, y, 4.0 - y), 0.0, 2.0)
    low = u * u * u * u / 24.0
    high = ((((u * -3.0 + 16.0) * u - 24.0) * u + 16.0) * u - 4.0) / 24.0
    tail = where(u <= 1.0, low, high)
    chance = where(y <= 2.0, tail, 1.0 - tail)
    certain = where(value > 0.0, 1.0, 0.0)
    return where(noise > 0.0, chance, certain)


def keep_back(chance: Value, patience: Value) -> Value:
    """Return (1 - chance)^patience: how likely the mover would not soon do it anyway, unpaid  (E7).

    >>> keep_back(0.5, 3.0)
    0.125
    """
    hold = 1.0 - chance
    kept, n = constant(1.0, hold), 1
    while anywhere(n <= patience):
        kept = where(n <= patience, kept * hold, kept)
        n += 1
    return kept


def settle_terms(a: Value, b: Value, c: Value, e: Value, mine: Value, theirs: Value) -> Value:
    """Return tau (0-1), the share of a payment on which mover and payer settle  (E7; Binmore, Shaked & Sutton 1989).

    The asymmetric Nash bargain: the bare move is worth `a` to the mover and `c` to the payer, the whole payment is
    worth `b` to the mover and costs the payer `e`; `mine` and `theirs` are what each can bring to bear.

    >>> settle_terms(-0.25, 1, 0.5, 1, 1, 1)
    0.375
    """
    both = mine + theirs
    omega = where(both > 0.0, divide(mine, both), 0.5)
    tau = clip(divide(omega * c, e) - divide((1.0 - omega) * a, b), 0.0, 1.0)
    willing = where(e > 0.0, tau, 1.0)
    return where(b > 0.0, willing, 0.0)


def room(low: Value, high: Value, p: Value, q: Value) -> tuple[Value, Value]:
    """Return the part of low..high where p + tau * q is above 0  (E7, several payers).

    >>> room(0.0, 1.0, -0.5, 2.0), room(0.0, 1.0, 0.5, -1.0)
    ((0.25, 1.0), (0.0, 0.5))
    """
    least = where(q > 0.0, divide(-p, q), low)
    most = where(q < 0.0, divide(p, -q), high)
    return where(least > low, least, low), where(most < high, most, high)


def slope(omega: Value, p: Value, q: Value, tau: Value) -> Value:
    """Return the slope in tau of omega * log(p + tau * q)  (E7, several payers).

    >>> slope(0.5, 1.0, 2.0, 0.5)
    0.5
    """
    return divide(omega * q, p + tau * q)


def halve(low: Value, high: Value, middle: Value, rising: Truth) -> tuple[Value, Value]:
    """Return the half of low..high that has the maximum: the upper one where the objective rises in the middle  (E7).

    >>> halve(0.0, 1.0, 0.5, True)
    (0.5, 1.0)
    """
    return where(rising, middle, low), where(rising, high, middle)


def agree_jointly(tau: Value, b: Value, rises: Truth) -> Value:
    """Return the terms with several payers: none if the payment is worth nothing, all of it if more is always better.

    >>> agree_jointly(0.4, 1.0, False), agree_jointly(0.4, 1.0, True), agree_jointly(0.4, 0.0, True)
    (0.4, 1.0, 0.0)
    """
    return where(b > 0.0, where(rises, 1.0, clip(tau, 0.0, 1.0)), 0.0)


def votes_suffice(votes: Value, need: Value) -> Truth:
    """Return whether the votes for a move reach what is needed, but for rounding  (E6).

    >>> votes_suffice(0.1 + 0.2, 0.3), votes_suffice(1.0, 2.0)
    (True, False)
    """
    return votes >= need - 1e-9
