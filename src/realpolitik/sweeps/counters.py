"""Chance by counter: any entry of a random table or permutation, without the entries before it."""

import numpy as np
import numpy.typing as npt

Words = npt.NDArray[np.uint64]

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
ROUNDS = 6
"""Feistel rounds; four already pass as random (Luby & Rackoff 1988)."""


def mix(word: Words) -> Words:
    """Scramble 64 bits (splitmix64; Steele, Lea & Flood 2014)."""
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return word ^ (word >> np.uint64(31))


def words(seed: int, *counters: npt.ArrayLike) -> Words:
    """Give the word at each place of a table with as many dimensions as counters; they broadcast."""
    word = mix(np.array([seed], np.uint64) + GOLDEN)
    for counter in counters:
        word = mix(word + GOLDEN * (np.atleast_1d(counter).astype(np.uint64) + np.uint64(1)))
    return word


def uniforms(seed: int, *counters: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Give the uniform number in [0, 1) at each place of such a table."""
    return (words(seed, *counters) >> np.uint64(11)).astype(np.float64) * 2.0**-53


def permuted(index: npt.NDArray[np.int64], size: int, seed: int, which: int) -> npt.NDArray[np.int64]:
    """Give where a permutation of 0, ..., size - 1 sends each index: a Feistel network, walked until within size."""
    half = max(1, (int(size - 1).bit_length() + 1) // 2)
    found = network(index.astype(np.uint64), half, seed, which)
    while (outside := found >= np.uint64(size)).any():
        found[outside] = network(found[outside], half, seed, which)
    return found.astype(np.int64)


def network(index: Words, half: int, seed: int, which: int) -> Words:
    """Permute numbers of 2 * half bits."""
    shift, mask = np.uint64(half), np.uint64((1 << half) - 1)
    left, right = index >> shift, index & mask
    for n in range(ROUNDS):
        left, right = right, left ^ (words(seed, which, n, right) & mask)
    return (left << shift) | right
