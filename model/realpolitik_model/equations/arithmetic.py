"""The operations of the equations, besides `+ - * /`, comparison, `&`, `|` and `abs`.

Here for one world, in plain Python; the engine has the same operations for vectors of worlds (`engine/vectors.py`).
"""

import math
from typing import TypeAlias

Value: TypeAlias = float
"""A number of one world; in the engine, of many."""
Truth: TypeAlias = bool
"""A truth of one world; in the engine, of many."""


def where(condition: Truth, yes: Value, no: Value) -> Value:
    """Return `yes` where the condition holds and `no` elsewhere.

    >>> where(1 > 2, 0.25, 0.75)
    0.75
    """
    return yes if condition else no


def anywhere(condition: Truth) -> bool:
    """Return whether the condition holds in some world."""
    return bool(condition)


def opposite(condition: Truth) -> Truth:
    """Return where the condition does not hold."""
    return not condition


def constant(value: float, like: Value) -> Value:  # noqa: ARG001 (the engine takes its type from it)
    """Return a number as a value of the same kind as another: the same in all its worlds."""
    return value


def divide(a: Value, b: Value) -> Value:
    """Return a / b as IEEE 754 has it: a number over 0 is infinite, and 0 / 0 is not a number.

    >>> divide(1.0, 4.0), divide(1.0, 0.0)
    (0.25, inf)
    """
    if b == 0:
        return math.copysign(math.inf, a) * math.copysign(1.0, b) if a != 0 else math.nan
    return a / b


def clip(value: Value, low: float, high: float) -> Value:
    """Return a value held within [low, high].

    >>> clip(1.5, 0.0, 1.0)
    1.0
    """
    value = where(value > low, value, low)
    return where(value < high, value, high)


def positive(value: Value) -> Value:
    """Return a value, or 0 if it is not above 0."""
    return where(value > 0.0, value, 0.0)
