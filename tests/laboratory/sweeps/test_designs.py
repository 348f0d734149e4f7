"""Designs: any slice can be computed alone, and each design has the properties that define it."""

import numpy as np
import pytest

from realpolitik.sweeps.designs import (
    DESIGNS,
    MORRIS_STEP,
    Factor,
    Levels,
    Span,
    permuted,
    points_of,
    radices,
    uniforms,
    unit_points,
)

FACTORS: tuple[Factor, ...] = (Span("a", 0.0, 2.0), Levels("b", ("one", "two", "three")), Span("c", -1.0, 1.0))


@pytest.mark.parametrize("kind", DESIGNS)
def test_any_slice_of_a_design_is_that_slice_of_the_whole(kind):
    """A point is the same whichever slice it is computed in."""
    points = points_of(kind, FACTORS, 500)
    whole = unit_points(kind, 7, FACTORS, points, 0, points)
    for start, stop in ((0, 1), (1, 2), (3, 100), (99, 101), (points - 1, points), (250, 480)):
        stop = min(stop, points)
        start = min(start, stop - 1)
        np.testing.assert_array_equal(unit_points(kind, 7, FACTORS, points, start, stop), whole[start:stop])
    assert whole.min() >= 0
    assert whole.max() <= 1


@pytest.mark.parametrize("kind", [kind for kind in DESIGNS if kind != "grid"])
def test_another_seed_gives_another_design(kind):
    """The seed decides the points, and another seed moves them."""
    one, two = (unit_points(kind, seed, FACTORS, 200, 0, 200) for seed in (1, 2**63 - 1))
    assert (one != two).any()


def test_sobol_blocks_differ_in_one_coordinate_at_a_time():
    """A block is A, A with each coordinate of B in turn, and B  (Saltelli et al. 2010)."""
    blocks = unit_points("sobol", 1, FACTORS, 320, 0, 320).reshape(64, 5, 3)
    a, mixed, b = blocks[:, 0], blocks[:, 1:4], blocks[:, 4]
    for i in range(3):
        others = [j for j in range(3) if j != i]
        np.testing.assert_array_equal(mixed[:, i, i], b[:, i])
        np.testing.assert_array_equal(mixed[:, i, others], a[:, others])
    assert (np.bincount((a[:, 0] * 64).astype(int)) == 1).all(), "A is a net: one point in each of 64 parts"


def test_a_latin_hypercube_has_one_point_in_every_part_of_every_factor():
    """Each of n points has a part of its own in every factor  (McKay, Beckman & Conover 1979)."""
    unit = unit_points("lhs", 3, FACTORS, 777, 0, 777)
    for column in unit.T:
        assert sorted((column * 777).astype(int)) == list(range(777))


def test_a_grid_meets_both_ends_and_every_level():
    """A grid is the full factorial, spans met at both ends."""
    steps = radices(FACTORS, 100)
    points = points_of("grid", FACTORS, 100)
    unit = unit_points("grid", 1, FACTORS, points, 0, points)
    assert steps == [5, 3, 5]
    assert points == 75
    assert len({tuple(point) for point in unit}) == points
    assert {0.0, 1.0} <= set(unit[:, 0])
    assert set(FACTORS[1].index(unit[:, 1])) == {0, 1, 2}


def test_a_morris_trajectory_moves_every_factor_once():
    """Each step moves one factor by two thirds of its span, and no factor twice  (Morris 1991)."""
    trajectories = unit_points("morris", 5, FACTORS, 400, 0, 400).reshape(100, 4, 3)
    steps = np.abs(np.diff(trajectories, axis=1))
    assert ((steps > 0).sum(axis=2) == 1).all()
    assert ((steps > 0).sum(axis=1) == 1).all()
    np.testing.assert_allclose(steps[steps > 0], MORRIS_STEP)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 64, 1000, 4097])
def test_a_permutation_by_counter_is_one(size):
    """Every index is hit once, whatever the size."""
    assert sorted(permuted(np.arange(size), size, 11, 2)) == list(range(size))


def test_numbers_by_counter_are_uniform():
    """Means and variances of uniform numbers, and no correlation along a column."""
    u = uniforms(1, np.arange(100_000)[:, None], np.arange(2)[None, :])
    assert abs(u.mean() - 0.5) < 0.005
    assert abs(u.var() - 1 / 12) < 0.002
    assert abs(np.corrcoef(u[:-1, 0], u[1:, 0])[0, 1]) < 0.02
    assert abs(np.corrcoef(u[:, 0], u[:, 1])[0, 1]) < 0.02


def test_a_design_too_small_for_its_factors_is_refused():
    """A design that cannot hold one block or the corners of a grid is refused with the number it needs."""
    with pytest.raises(ValueError, match="needs 5 points or more, not 4"):
        points_of("sobol", FACTORS, 4)
    with pytest.raises(ValueError, match="needs 12 points or more, not 11"):
        points_of("grid", FACTORS, 11)


def test_a_grid_beyond_any_number_is_refused():
    """A grid of more points than a float can count is refused with their order of magnitude."""
    factors = [Levels(f"theory.{n}", tuple(float(level) for level in range(1000))) for n in range(131)]
    with pytest.raises(ValueError, match=r"needs 10\^393 points or more, not 1,024"):
        points_of("grid", factors, 1024)
