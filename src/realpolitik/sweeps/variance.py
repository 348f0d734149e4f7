"""Sobol indices: what share of an outcome's variance each input carries, alone and with all its interactions.

First: the estimator of Saltelli et al. (2010), table 2 (b); total: that of Jansen (1999). Both need the blocks of the
`sobol` design. All points share their worlds, so the outcome is a function of the inputs and no noise is left in the
indices.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from realpolitik.sweeps.counts import MOST_WORLDS

Array = npt.NDArray[np.float64]
LEVEL = 0.95
RESAMPLES = 1_000
ROUNDING = MOST_WORLDS * float(np.finfo(np.float64).eps)
"""Relative difference that two means over the same worlds can have through the order of their sums alone."""


class Interval(NamedTuple):
    """An estimate, and the percentile interval of its bootstrap."""

    value: Array
    low: Array
    high: Array


class Indices(NamedTuple):
    """Indices of every input, shape (inputs,); NaN if the outcome does not vary over the blocks A and B."""

    first: Interval
    total: Interval


def constant(y: Array) -> bool:
    """Whether values are the same but for rounding, relative to their size."""
    return float(np.ptp(y)) <= ROUNDING * float(np.abs(y).max())


def variance_of(y: Array) -> float:
    """Return the variance of values; exactly 0 if they are the same but for rounding."""
    return 0.0 if constant(y) else float(y.var())


def sobol_indices(y: Array, *, seed: int = 0, resamples: int = RESAMPLES) -> Indices:
    """Estimate the indices of an outcome from its values in blocks, shape (blocks, inputs + 2)."""
    terms = block_terms(np.zeros_like(y) if constant(y) else y - y.mean())
    whole = from_sums(np.ones(len(y)) @ terms)
    bootstrap = np.array([from_sums(counts @ terms) for counts in resampled(len(y), seed, resamples)])
    first, total = (intervals(whole[n], bootstrap[:, n]) for n in range(2))
    return Indices(first, total)


def block_terms(y: Array) -> Array:
    """Lay out what each block adds to the sums: of y, of its square, and per input of both numerators."""
    a, mixed, b = y[:, 0], y[:, 1:-1], y[:, -1]
    first = b[:, None] * (mixed - a[:, None])
    total = (a[:, None] - mixed) ** 2 / 2
    count = np.ones(len(y))
    return np.column_stack([count, a + b, a * a + b * b, first, total])


def from_sums(sums: Array) -> Array:
    """Give first and total indices, shape (2, inputs), from sums over blocks."""
    count, plain, square = sums[:3]
    square = square / (2 * count)
    variance = square - (plain / (2 * count)) ** 2
    numerators = sums[3:].reshape(2, -1) / count
    return numerators / variance if variance > ROUNDING * square else np.full_like(numerators, np.nan)


def resampled(blocks: int, seed: int, resamples: int) -> Iterator[Array]:
    """Draw blocks with replacement: how often each, once a resample."""
    rng = np.random.default_rng([seed, blocks])
    for _ in range(resamples):
        yield np.bincount(rng.integers(blocks, size=blocks), minlength=blocks).astype(np.float64)


def intervals(whole: Array, bootstrap: Array) -> Interval:
    """Put the percentile interval of a bootstrap around estimates."""
    tail = (1 - LEVEL) / 2
    known = bootstrap[np.isfinite(bootstrap).all(axis=1)]
    if not len(known):
        return Interval(whole, np.full_like(whole, np.nan), np.full_like(whole, np.nan))
    low, high = np.quantile(known, [tail, 1 - tail], axis=0)
    return Interval(whole, low, high)
