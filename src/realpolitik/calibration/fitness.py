"""How far settings are from history: each played in worlds of its own, scored row by row."""

from concurrent.futures import ThreadPoolExecutor
from os import cpu_count

import numpy as np

from realpolitik.calibration.cube import Cube, Points
from realpolitik.calibration.growth import Growth
from realpolitik.calibration.targets import Scores, Targets, targets
from realpolitik.scenario import Scenario
from realpolitik_model import simulate

FIRST_WORLD = 2**52
"""A calibration plays none of the worlds that `run` counts from 0: a setting must not fit the luck it is tried with."""
TOGETHER = 32
"""Settings in one piece of work."""


class Fitness:
    """Scores settings; every call plays new worlds, so that no setting lives on one lucky draw."""

    def __init__(self, scenario: Scenario, cube: Cube, *, seed: int, worlds: int, error: float) -> None:
        self.case, self.cube, self.seed = scenario.case(), cube, seed
        self.worlds, self.error = worlds, error
        self.targets: Targets = targets(scenario, self.case)
        self.growths = [Growth(scenario, name) for name in scenario.document["quantities"]]
        self.played = 0

    def scores(self, points: Points, worlds: int | None = None) -> Scores:
        """Return (settings, rows): the score of every row in units of its error; in `worlds` worlds, if given."""
        worlds = self.worlds if worlds is None else worlds
        first = FIRST_WORLD + self.played
        self.played += len(points) * worlds

        def piece(start: int) -> Scores:
            return self._dated(points[start : start + TOGETHER], first + start * worlds, worlds)

        with ThreadPoolExecutor(cpu_count()) as pool:
            pieces = list(pool.map(piece, range(0, len(points), TOGETHER)))
        return np.column_stack([np.concatenate([self._none(), *pieces]), self.quantities(points)])

    def quantities(self, points: Points) -> Scores:
        """Return (settings, quantities): the scores that need no playing."""
        numbers = self.cube.numbers(points)
        return np.column_stack([np.zeros((len(points), 0)), *(g.scores(numbers, len(points)) for g in self.growths)])

    def _dated(self, points: Points, first: int, worlds: int) -> Scores:
        count, numbers = len(points), self.cube.numbers(points, worlds)
        here = np.arange(first, first + count * worlds, dtype=np.int64)
        outputs = simulate(self.case, here, seed=self.seed, numbers=numbers, months=self.targets.months)
        return self.targets.scores(outputs, count) / self.error

    def _none(self) -> Scores:
        return np.zeros((0, len(self.targets.dated)))


def distance(scores: Scores) -> Scores:
    """Return (settings,): the worst row, in units of its error; a setting fits history if that is at most 1."""
    worst: Scores = scores.max(axis=1, initial=0.0)
    return worst
