"""E1-E3: what happens around the actors, what they depend on, what they want, and how numbers respond to it."""

from realpolitik_model.equations.arithmetic import Value, clip, positive


def on_path(before: Value, after: Value, fraction: Value) -> Value:
    """Return the value on a driver's path, a fraction (0-1) of the way from one of its points to the next  (E1).

    >>> on_path(0.2, 0.6, 0.5)
    0.4
    """
    return before + (after - before) * fraction


def driver(scale: Value, path: Value) -> Value:
    """Return the level of a driver, 0-1, from its scale (0-2) and the value on its path (0-1)  (E1).

    >>> driver(1.5, 0.8)
    1.0
    """
    return clip(scale * path, 0.0, 1.0)


def held(number: Value, share: bool) -> Value:
    """Return a number that responds to the state within its bounds: 0-1 for a share, else 0 or more.

    >>> held(1.25, True), held(1.25, False), held(-0.5, False)
    (1.0, 1.25, 0.0)
    """
    return clip(number, 0.0, 1.0) if share else positive(number)


def exposure(stake: Value, alternatives: Value) -> Value:
    """Return what one row adds to the dependence of an actor on another, 0 or more  (E2; Emerson 1962).

    `stake` is 0 or more; `alternatives` are held within 0-1.

    >>> exposure(0.8, 0.25)
    0.6000000000000001
    """
    return stake * (1.0 - clip(alternatives, 0.0, 1.0))


def loss(outcome: Value, position: Value, quadratic: bool) -> Value:
    """Return the loss of an outcome (0-1) at a position (0-1): the distance, or its square  (E3).

    >>> loss(0.25, 0.75, False), loss(0.25, 0.75, True)
    (0.5, 0.25)
    """
    distance = abs(outcome - position)
    return distance * distance if quadratic else distance
