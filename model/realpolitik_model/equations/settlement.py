"""E8, settlement: what was agreed is done, and issues drift towards rest."""

from realpolitik_model.equations.arithmetic import Value, clip


def settle(outcome: Value, change: Value) -> Value:
    """Return the outcome (0-1) after the sum of all changes of the month  (E8).

    >>> settle(0.75, 0.5)
    1.0
    """
    return clip(outcome + change, 0.0, 1.0)


def drift(outcome: Value, decay: Value, rest: Value) -> Value:
    """Return the outcome (0-1) after a month's decay (0-1) towards rest, which is held within 0-1  (E8).

    >>> drift(1.0, 0.25, 0.0)
    0.75
    """
    return clip(outcome + decay * (clip(rest, 0.0, 1.0) - outcome), 0.0, 1.0)
