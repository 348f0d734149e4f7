"""Morris screening: which of many inputs matter at all, from the change that one step of each makes (Morris 1991).

`mu*` is the mean size of the change over the whole span (Campolongo, Cariboni & Saltelli 2007), `sigma` its spread:
large where an input interacts or bends.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from realpolitik.sweeps.variance import RESAMPLES, Array, Interval, constant, intervals, resampled


class Effects(NamedTuple):
    """Elementary effects of every input, shape (inputs,), in units of the outcome over an input's whole span."""

    star: Interval
    mean: Interval
    sigma: Interval


def elementary_effects(unit: Array, y: Array) -> Array:
    """Give the effect of each input in each trajectory, shape (trajectories, inputs).

    `unit` is (trajectories, inputs + 1, inputs), `y` (trajectories, inputs + 1).
    """
    step = np.diff(unit, axis=1)
    which = np.abs(step).argmax(axis=2)
    effect = np.diff(y, axis=1) / np.take_along_axis(step, which[:, :, None], axis=2)[:, :, 0]
    found = np.empty_like(effect)
    np.put_along_axis(found, which, effect, axis=1)
    return found


def morris_effects(unit: Array, y: Array, *, seed: int = 0, resamples: int = RESAMPLES) -> Effects:
    """Sum up the effects of an outcome, with bootstrap intervals over trajectories."""
    effects = elementary_effects(unit, np.zeros_like(y) if constant(y) else y)
    count = np.ones(len(effects))
    whole = summed(effects, count)
    bootstrap = np.array([summed(effects, counts) for counts in resampled(len(effects), seed, resamples)])
    star, mean, sigma = (intervals(whole[n], bootstrap[:, n]) for n in range(3))
    return Effects(star, mean, sigma)


def summed(effects: Array, counts: Array) -> Array:
    """Give mu*, mu and sigma, shape (3, inputs), each trajectory counted so many times."""
    total = counts.sum()
    star, mean, square = (counts @ values / total for values in (np.abs(effects), effects, effects**2))
    spread: npt.NDArray[np.float64] = np.sqrt(np.maximum(square - mean**2, 0.0) * total / max(total - 1, 1))
    return np.array([star, mean, spread])
