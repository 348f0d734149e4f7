"""The distance of settings from history: what is fitted, and the score of every setting on every row of it.

Each setting is played in worlds of its own. A row of [history] is scored by the continuous ranked probability score of
its forecast, a row of [quantities] by the error of its ratio; both in units of their error.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from realpolitik.calibration.cube import Cube, Points
from realpolitik.costs import cores
from realpolitik.scenario import Scenario
from realpolitik_model import Case, Outputs, simulate
from realpolitik_model.ensemble import Numbers

BEYOND = 24
"""Months played after the last date, so that an event that comes late is scored as late and not as never."""
UNREACHED = 1.0e6
"""The score of a ratio with a denominator of 0."""
FIRST_WORLD = 2**52
"""The first world of a calibration. `run` counts from 0, so settings are not fitted to the worlds that `run` plays."""
TOGETHER = 32
"""Settings per task of the thread pool."""
Scores = npt.NDArray[np.float64]
"""(settings, rows), or (settings,) for one row; 0 or more."""


@dataclass(frozen=True)
class Dated:
    """A row of history: an outcome that happened in a month, or had not happened by the last month observed."""

    name: str
    outcome: int
    month: int
    happened: bool

    def score(self, first: npt.NDArray[np.int16], months: int) -> Scores:
        """Return the continuous ranked probability score of each setting, (settings,), in months.

        The sum over months of the squared difference between the share of worlds in which the outcome has happened
        and the step function of history (Matheson & Winkler 1976). For "never", months after the last one observed
        do not count.

        Parameters
        ----------
        first
            (settings, worlds): month in which the outcome first happened, -1 never.
        months
            Months played.
        """
        last = months if self.happened else self.month + 1
        share = shares(first, last)
        truth = (np.arange(last) >= self.month) & self.happened
        return summed((share - truth) ** 2)


@dataclass(frozen=True)
class Targets:
    """The rows that are fitted, and the months that must be played for them."""

    dated: tuple[Dated, ...]
    quantities: tuple[str, ...]
    months: int

    @property
    def names(self) -> tuple[str, ...]:
        """The dotted paths of the rows, in the order of their scores."""
        return (*(row.name for row in self.dated), *self.quantities)

    def scores(self, outputs: Outputs, settings: int) -> Scores:
        """Return the score of every dated row, (settings, dated rows); worlds are grouped by setting."""
        first = outputs.first.reshape(settings, -1, outputs.first.shape[1])
        return np.stack([row.score(first[:, :, row.outcome], self.months) for row in self.dated], axis=1)


def targets(scenario: Scenario, case: Case) -> Targets:
    """Return the rows of a scenario that can be fitted; ValueError if there are none."""
    rows = scenario.document["history"].items()
    found = [dated(case, f"history.{name}", row) for name, row in rows if not row["holdout"]]
    kept = tuple(row for row in found if row is not None)
    if not kept:
        raise ValueError(
            f"{scenario.name} has no [history] to fit: it needs rows with a date, or with until, that are not holdout"
        )
    months = min(case.months, max(row.month for row in kept) + 1 + BEYOND)
    return Targets(kept, tuple(f"quantities.{name}" for name in scenario.document["quantities"]), months)


def dated(case: Case, name: str, row: dict[str, str]) -> Dated | None:
    """Return one row of history, None if its month is outside the scenario."""
    happened = row["date"] != "never"
    date = row["date"] if happened else row["until"]
    month = case.month_of(date) if date else case.months - 1
    inside = 0 <= month < case.months
    return Dated(name, case.outcomes.index(row["outcome"]), month, happened) if inside else None


def shares(first: npt.NDArray[np.int16], months: int) -> Scores:
    """Return the share of each setting's worlds in which an outcome has happened by each month, (settings, months)."""
    settings, worlds = first.shape
    setting, world = np.nonzero((first >= 0) & (first < months))
    cells = setting * months + first[setting, world]
    counts = np.bincount(cells, minlength=settings * months).reshape(settings, months)
    seen: Scores = counts.cumsum(axis=1) / worlds
    return seen


def summed(values: Scores) -> Scores:
    """Return the sum of columns, added from left to right; the order of `sum(axis=1)` depends on the machine."""
    total = np.zeros(len(values))
    for column in values.T:
        total += column
    return total


class Growth:
    """One row of [quantities], and a case with only the drivers and the dependence that it measures."""

    def __init__(self, scenario: Scenario, name: str) -> None:
        document, self.row = scenario.document, scenario.document["quantities"][name]
        measured = self.row["dependence"]
        only = {"dependence": {measured: document["dependence"][measured]}}
        actors = {name: {"capability": 1.0} for name in document["actors"]}  # no effects, because there are no issues
        bare = {**document, **only, "actors": actors, "issues": {}, "interests": {}, "moves": {}, "shocks": {}}
        bare["outcomes"] = {}
        known = Case.of(bare).paths
        forks = [(f.month, {path: n for path, n in f.numbers.items() if path in known}) for f in scenario.forks]
        self.case = Case.of(bare, forks)
        self.before, self.after = (self.case.month_of(f"{self.row[key]}-01") for key in ("before", "after"))

    def scores(self, numbers: Numbers, settings: int) -> Scores:
        """Return the error of the ratio for each setting, (settings,), in units of the row's error."""
        ratio, error = self.ratios(numbers, settings), float(self.row["error"])
        return np.minimum(np.abs(ratio - float(self.row["ratio"])) / error, UNREACHED)

    def ratios(self, numbers: Numbers, settings: int) -> Scores:
        """Return the dependence of the later year over that of the earlier year for each setting, (settings,)."""
        own = {path: values for path, values in numbers.items() if path in self.case.paths}
        if not settings:
            return np.zeros(0)
        months, worlds = self.after + 12, np.arange(settings, dtype=np.int64)
        path = simulate(self.case, worlds, seed=0, numbers=own, months=months, paths=settings).leverage[:, :, 0]
        before, after = year(path, self.before), year(path, self.after)
        ratio: Scores = np.divide(after, before, out=np.full(settings, UNREACHED), where=before > 0)
        return ratio


def year(path: Scores, start: int) -> Scores:
    """Return the sum over twelve months from `start`, (settings,)."""
    total = np.zeros(len(path))
    for month in range(start, start + 12):
        total += path[:, month]
    return total


class Fitness:
    """Scores settings. Every call plays new worlds, so that no setting is kept because of one lucky draw."""

    def __init__(self, scenario: Scenario, cube: Cube, *, seed: int, worlds: int, error: float) -> None:
        self.case, self.cube, self.seed = scenario.case(), cube, seed
        self.worlds, self.error = worlds, error
        self.targets: Targets = targets(scenario, self.case)
        self.growths = [Growth(scenario, name) for name in scenario.document["quantities"]]
        self.played = 0

    def scores(self, points: Points, worlds: int | None = None) -> Scores:
        """Return the score of every row in units of its error, (settings, rows).

        Parameters
        ----------
        points
            (settings, ranges), each in [0, 1].
        worlds
            Worlds per setting, if not the usual number.
        """
        worlds = self.worlds if worlds is None else worlds
        first = FIRST_WORLD + self.played
        self.played += len(points) * worlds

        def piece(start: int) -> Scores:
            return self._dated(points[start : start + TOGETHER], first + start * worlds, worlds)

        with ThreadPoolExecutor(cores()) as pool:
            pieces = list(pool.map(piece, range(0, len(points), TOGETHER)))
        return np.column_stack([np.concatenate([self._none(), *pieces]), self.quantities(points)])

    def quantities(self, points: Points) -> Scores:
        """Return the scores that need no ensemble, (settings, quantities)."""
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
    """Return the largest score of each setting, (settings,); a setting fits history if it is at most 1."""
    worst: Scores = scores.max(axis=1, initial=0.0)
    return worst
