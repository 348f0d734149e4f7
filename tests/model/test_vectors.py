"""Vectors of worlds do what NumPy does, lane by lane and to the bit, and a number may be shared or differ by world."""

import numba
import numpy as np
import pytest

import realpolitik as rp
from realpolitik_model import Case
from realpolitik_model.engine.memory import block
from realpolitik_model.engine.native import LANES, SCALAR
from realpolitik_model.engine.state import numbers_of, state_for
from realpolitik_model.engine.vectors import real, small_real
from realpolitik_model.equations.arithmetic import anywhere, clip, opposite, where

pytestmark = pytest.mark.skipif(SCALAR, reason="a scalar build has no vectors")
CASE: Case = rp.load("karabakh").case()
WORDS = [0, 1, 65535 * 4, 2**32, 2**52 - 1]


@pytest.fixture
def lanes():
    """Return one block with random numbers in its first rows."""
    one = state_for(CASE.tables, CASE.numbers, np.array([3, 7]), 1)
    one.quantity[0, :4] = np.random.default_rng(1).normal(size=(4, LANES)).round(1)
    return one


@numba.njit
def arithmetic(memory):
    """Compute one row by every operation."""
    lanes = block(memory, 0)
    a, b, out = lanes.quantity[0], lanes.quantity[1], lanes.gain
    out[0] = (a + b * 2.0 - 1.0 / (b + 9.0)) / (a + 9.0)
    out[1] = abs(-a)
    out[2] = where((a < b) | opposite(b >= 0.5), a, b)
    out[3] = clip(a, 0.0, 0.5)
    out[4] = where((a != b) & (a <= 1.0) & (b > -1.0), 1.0 - a, a)
    out[5] = 7
    out[6, 2] = lanes.quantity[0, 1]


@numba.njit
def some(memory, bar):
    """Return whether some lane lies above a bar."""
    return anywhere(block(memory, 0).quantity[0] > bar)


@numba.njit
def as_numbers(memory, shift):
    """Turn words into numbers, both ways."""
    lanes = block(memory, 0)
    lanes.gain[0] = small_real(lanes.stream[0])
    lanes.gain[1] = real(lanes.stream[0] >> shift)


@numba.njit
def doubled(memory, indices, everywhere):
    """Write twice some numbers, after setting the last of them in all worlds."""
    lanes = block(memory, 0)
    lanes.numbers[indices[-1]] = everywhere
    for row, p in enumerate(indices):
        lanes.gain[row] = lanes.numbers[p] * 2.0
        lanes.target[row, 0] = lanes.numbers[p, 5]


def test_arithmetic_is_that_of_numpy(lanes):
    """Every operation has NumPy's bits in every lane."""
    arithmetic(lanes.memory)
    a, b, out = lanes.quantity[0, 0], lanes.quantity[0, 1], lanes.gain[0]
    expected = [
        (a + b * 2.0 - 1.0 / (b + 9.0)) / (a + 9.0),
        np.abs(a),
        np.where((a < b) | ~(b >= 0.5), a, b),
        np.clip(a, 0.0, 0.5),
        np.where((a != b) & (a <= 1.0) & (b > -1.0), 1.0 - a, a),
        np.full(LANES, 7.0),
    ]
    assert all(np.array_equal(row, wanted) for row, wanted in zip(out, expected, strict=False))
    assert out[6, 2] == a[1]


def test_anywhere_sees_every_single_lane(lanes):
    """A mask that holds in one lane only, whichever it is, holds somewhere."""
    for lane in range(LANES):
        lanes.quantity[0, 0] = 0.0
        lanes.quantity[0, 0, lane] = 1.0
        assert some(lanes.memory, 0.5)
        assert not some(lanes.memory, 1.5)


@pytest.mark.parametrize("word", WORDS)
def test_words_become_numbers_exactly(lanes, word):
    """Whole words below 2**52, and hashes cut to 53 bits, become numbers without rounding."""
    lanes.stream[0, 0] = word
    as_numbers(lanes.memory, np.uint64(0))
    assert (lanes.gain[0, :2] == float(word)).all()
    lanes.stream[0, 0] = 2**64 - 1 - word
    as_numbers(lanes.memory, np.uint64(11))
    assert (lanes.gain[0, 1] == float((2**64 - 1 - word) >> 11)).all()


def test_numbers_are_shared_or_differ_by_world(lanes):
    """A number reads the same whether it stands once or in a row; setting it sets it in every world."""
    lanes.varied[0, 0] = np.arange(LANES)
    doubled(lanes.memory, np.array([3, 5, 7]), 0.25)
    assert np.array_equal(lanes.gain[0, 0], 2.0 * np.arange(LANES))
    assert (lanes.gain[0, 1] == 2.0 * CASE.numbers[5]).all()
    assert (lanes.gain[0, 2] == 0.5).all()
    assert list(lanes.target[0, :3, 0]) == [5.0, CASE.numbers[5], 0.25]
    world = numbers_of(lanes, 0, 9, CASE.numbers.size)
    assert list(world[[3, 5, 7]]) == [9.0, CASE.numbers[5], 0.25]


def test_a_row_begins_on_a_cache_line(lanes):
    """Rows are read whole, so none straddles more lines than it fills."""
    assert lanes.memory.ctypes.data % 64 == 0
    assert lanes.memory.shape[2] * 8 % 64 == 0
