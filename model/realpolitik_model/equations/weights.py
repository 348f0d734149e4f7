"""E4, weights: whose interests an actor counts, and by what. One record per rule; every list of rules reads `RULES`.

What an actor could lose if another withheld it is the other's leverage over it (Emerson 1962). The rule `leverage` is
the theory; the others are its rivals, played on the same rows.
"""

from collections.abc import Callable
from typing import Literal, NamedTuple

from realpolitik_model.equations.arithmetic import Value, constant, positive


def misperception(sigma: Value, noise: Value) -> Value:
    """Return the factor by which an actor mistakes another's leverage, drawn once per world  (E4; Jervis 1976).

    >>> misperception(0.2, -1.5)
    0.7
    """
    return 1.0 + sigma * noise


def heeded(leverage: Value, factor: Value) -> Value:
    """Return another's leverage over an actor as that actor sees it: 0 or more  (E4).

    >>> heeded(0.5, 0.7), heeded(0.5, -0.1)
    (0.35, 0.0)
    """
    return positive(leverage * factor)


class WeightRule(NamedTuple):
    """What others' interests count for, and what an actor can bring to bear when terms are bargained."""

    name: str
    sentence: str
    """The rule in one sentence, for people."""
    weight: Callable[[Value, Value, Value], Value]
    """(phi, leverage seen, share of capability) -> what the holder's interests count for; one's own count 1."""
    power: Callable[[Value, Value], Value]
    """(leverage over the other, own capability) -> weight in the bargain over terms  (E7)."""
    heeds: Literal["providers", "everyone", "nobody"]
    """Who can count: those on whom an actor depends, all others, or none."""
    by_share: bool = False
    """Whether the weight depends on the share of capability, which is read only then."""
    displaced: bool = False
    """Whether leverage is taken from the next actor in order instead of its owner."""


def by_leverage(phi: Value, seen: Value, share: Value) -> Value:  # noqa: ARG001 (all rules take the same)
    """Return phi times the leverage seen."""
    return phi * seen


def by_capability(phi: Value, seen: Value, share: Value) -> Value:  # noqa: ARG001
    """Return phi times the share of capability."""
    return phi * share


def by_nothing(phi: Value, seen: Value, share: Value) -> Value:  # noqa: ARG001
    """Return 0: nobody else counts."""
    return constant(0.0, phi)


def leverage_held(leverage: Value, capability: Value) -> Value:  # noqa: ARG001
    """Return the leverage held."""
    return leverage


def capability_held(leverage: Value, capability: Value) -> Value:  # noqa: ARG001
    """Return the capability."""
    return capability


def equal(leverage: Value, capability: Value) -> Value:  # noqa: ARG001
    """Return 1: hands are equal."""
    return constant(1.0, leverage)


RULES = (
    WeightRule(
        name="leverage",
        sentence="Others count by the leverage that they hold: what an actor would lose if they withheld it.",
        weight=by_leverage,
        power=leverage_held,
        heeds="providers",
    ),
    WeightRule(
        name="self-interest",
        sentence="Nobody else counts, and bargains are struck between equal hands.",
        weight=by_nothing,
        power=equal,
        heeds="nobody",
    ),
    WeightRule(
        name="capability",
        sentence="Others count by their share of all capabilities, whatever the dependences.",
        weight=by_capability,
        power=capability_held,
        heeds="everyone",
        by_share=True,
    ),
    WeightRule(
        name="placebo",
        sentence="Leverage counts, but is given to the wrong owner: the next actor in order.",
        weight=by_leverage,
        power=leverage_held,
        heeds="providers",
        displaced=True,
    ),
)
"""The rules in the order in which lists and tables show them."""


def rule_named(name: str) -> int:
    """Return the position of a rule in `RULES`; ValueError if there is none of that name.

    >>> RULES[rule_named("capability")].heeds
    'everyone'
    """
    return [rule.name for rule in RULES].index(name)
