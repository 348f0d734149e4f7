"""Helpers for tests that run random cases on the kernels, and compare what worlds leave behind."""

import numpy as np

from realpolitik_model import Case, simulate


def worlds_of(case, count=5):
    """Return the number of a case's world, and those after it."""
    return case.world + np.arange(count)


def numbers_of(case, worlds):
    """Draw the numbers of some worlds of a random case, by path."""
    drawn = [case.numbers(int(world)) for world in worlds]
    return {path: np.array([numbers[path] for numbers in drawn]) for path in case.ranges}


def outputs_of(case, worlds=None, numbers=()):
    """Run some worlds of a random case, with more numbers that differ by world, keeping every path."""
    worlds = worlds_of(case) if worlds is None else worlds
    numbers = numbers_of(case, worlds) | dict(numbers)
    return simulate(Case.of(case.document, case.forks), worlds, seed=case.seed, numbers=numbers, paths=worlds.size)


def bits(outputs, *positions):
    """Return all bytes that worlds at some positions left behind, by default those of all worlds."""
    chosen = list(positions) or slice(None)
    return b"".join(np.ascontiguousarray(part[chosen]).tobytes() for part in outputs)
