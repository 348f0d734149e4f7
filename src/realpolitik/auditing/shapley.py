"""Shapley shares by sampling orders in which the claims are made (Shapley 1953; Castro, Gomez & Tejada 2009)."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from realpolitik.auditing.playing import Game, Values
from realpolitik.auditing.switches import Flags

RESAMPLES = 2_000
"""Bootstrap resamples behind an interval."""
INTERVAL = (0.025, 0.975)


class Round(NamedTuple):
    """One order of the claims and its reverse, played in the same worlds."""

    shares: Values
    """What each claim added, mean of both orders: they sum to `full` - `empty`."""
    without: Values
    """The outcome with all claims but this one."""
    full: float
    empty: float


def play(game: Game, round_: int) -> Round:
    """Play one order, its reverse, and the argument without each claim."""
    count = len(game.players)
    order = np.random.Generator(np.random.PCG64([game.seed, round_])).permutation(count)
    forward, backward = prefixes(order), prefixes(order[::-1])[1:-1]
    value = game.values(np.concatenate([forward, backward, ~np.eye(count, dtype=bool)]), round_)
    one, other, without = np.split(value, [count + 1, 2 * count])
    back = np.concatenate([one[:1], other, one[-1:]])
    shares = np.empty(count)
    shares[order] = 0.5 * np.diff(one)
    shares[order[::-1]] += 0.5 * np.diff(back)
    return Round(shares, without, float(one[-1]), float(one[0]))


def prefixes(order: npt.NDArray[np.int64]) -> Flags:
    """Return the coalitions that grow along an order, from nobody to all."""
    place = np.argsort(order)
    flags: Flags = place[None, :] < np.arange(order.size + 1)[:, None]
    return flags


def interval(seed: int, rounds: Values) -> Values:
    """Return (2, ...): a bootstrap interval of the mean over rounds, axis 0."""
    rng, count = np.random.Generator(np.random.PCG64(seed)), len(rounds)
    means = np.stack([rounds[rng.integers(0, count, count)].mean(axis=0) for _ in range(RESAMPLES)])
    bounds: Values = np.quantile(means, INTERVAL, axis=0)
    return bounds
