"""Helpers for tests that run worlds of shipped scenarios and of random cases, and compare what they leave behind."""

import hashlib
from pathlib import Path

import numpy as np

from realpolitik.uncertainty import draw_numbers
from realpolitik_model import Case, simulate

GOLDEN = Path(__file__).parent / "golden" / "worlds.json"
"""Digests that only `tests/golden/accept.py` may write; `.ci/run` checks them on each Python it finds."""


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


def play(scenario, worlds, uncertainty="prior", device=None):
    """Run worlds of a scenario, keeping every path."""
    worlds = np.asarray(worlds)
    drawn = draw_numbers(scenario, 1, worlds, uncertainty)
    return simulate(scenario.case(), worlds, seed=1, numbers=drawn, paths=worlds.size, device=device)


def digest(outputs):
    """Hash everything that worlds left behind."""
    return hashlib.sha256(b"".join(np.ascontiguousarray(part).tobytes() for part in outputs)).hexdigest()


def digests(scenario, device=None):
    """Return the digests of worlds 0 to 19, with numbers drawn from ranges and with those of the file."""
    kinds = {"worlds": "prior", "plain": "none"}
    return {name: digest(play(scenario, range(20), kind, device)) for name, kind in kinds.items()}
