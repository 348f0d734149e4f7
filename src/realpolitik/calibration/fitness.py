"""The distance of worlds from history: what is fitted, and how far every world of a setting is from every row of it.

Each setting is played in worlds of its own. A world is as far from a row of [history] as its month is from the date,
and as far from a row of [quantities] as its ratio is from the one measured; both in units of their error. A world with
all distances of at most 1 reproduces the history, and the share of a setting's worlds that do so estimates its
likelihood (approximate Bayesian computation: Tavare et al. 1997; Beaumont 2010).
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from realpolitik.calibration.cube import Cube, Points
from realpolitik.choices import On
from realpolitik.costs import CHUNK
from realpolitik.devices import device_for
from realpolitik.ensembles import in_batches
from realpolitik.scenario import Scenario
from realpolitik_model import Case, simulate
from realpolitik_model.ensemble import Device, Numbers

BEYOND = 24
"""Months played after the last date, so that late events differ from those that never come."""
UNREACHED = 1.0e6
"""The distance of a ratio with a denominator of 0."""
FIRST_WORLD = 2**52
"""The first world of a calibration. `run` counts from 0, so settings are not fitted to the worlds that `run` plays."""
TOGETHER = 128
"""Settings that are played at a time, at most."""
Distances = npt.NDArray[np.float64]
"""(settings, worlds, rows), 0 or more, in units of each row's error."""
Firsts = npt.NDArray[np.int16]
"""(settings, worlds, outcomes): month in which each outcome first happened, -1 never."""
Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Dated:
    """A row of history: an outcome that happened in a month, or had not happened by the last month observed."""

    name: str
    outcome: int
    month: int
    happened: bool

    def months_off(self, first: npt.NDArray[np.int16], months: int) -> Values:
        """Return how many months each world is from this row, in the shape of `first`.

        For an outcome that had not happened by a month, any later month is right, and so is never. A world in which
        an outcome never happened is as far off as one in which it happened after the last month played.

        Parameters
        ----------
        first
            Month in which the outcome first happened, -1 never.
        months
            Months played.
        """
        when = np.where((first < 0) | (first > months), months, first)
        off = np.abs(when - self.month) if self.happened else np.maximum(0, self.month + 1 - when)
        return np.asarray(off, np.float64)


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

    def distances(self, first: Firsts, error: float) -> Distances:
        """Return the distance of every world from every dated row, (settings, worlds, dated rows)."""
        off = [row.months_off(first[:, :, row.outcome], self.months) for row in self.dated]
        return np.stack(off, axis=2) / error


def targets(scenario: Scenario, case: Case) -> Targets:
    """Return the rows of a scenario that can be fitted; ValueError if there are none."""
    rows = scenario.document["history"].items()
    found = [dated(case, f"history.{name}", row) for name, row in rows if not row["holdout"]]
    kept = tuple(row for row in found if row is not None)
    if not kept:
        raise ValueError(
            f"{scenario.name} has no [history] to fit: it needs rows with a date, or with until, that are not holdout"
        )
    quantities = tuple(f"quantities.{name}" for name in scenario.document["quantities"])
    return Targets(kept, quantities, months_for(case, kept))


def months_for(case: Case, rows: Iterable[Dated]) -> int:
    """Return the months that are played for rows: to `BEYOND` months after the last one, within the scenario."""
    return min(case.months, max((row.month for row in rows), default=0) + 1 + BEYOND)


def dated(case: Case, name: str, row: dict[str, str]) -> Dated | None:
    """Return one row of history, None if its month is outside the scenario."""
    happened = row["date"] != "never"
    date = row["date"] if happened else row["until"]
    month = case.month_of(date) if date else case.months - 1
    inside = 0 <= month < case.months
    return Dated(name, case.outcomes.index(row["outcome"]), month, happened) if inside else None


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

    def distances(self, numbers: Numbers, settings: int) -> Values:
        """Return the error of the ratio for each setting, (settings,), in units of the row's error."""
        ratio, error = self.ratios(numbers, settings), float(self.row["error"])
        return np.minimum(np.abs(ratio - float(self.row["ratio"])) / error, UNREACHED)

    def ratios(self, numbers: Numbers, settings: int) -> Values:
        """Return the dependence of the later year over that of the earlier year for each setting, (settings,)."""
        own = {path: values for path, values in numbers.items() if path in self.case.paths}
        if not settings:
            return np.zeros(0)
        months, worlds = self.after + 12, np.arange(settings, dtype=np.int64)
        path = simulate(self.case, worlds, seed=0, numbers=own, months=months, paths=settings).leverage[:, :, 0]
        before, after = year(path, self.before), year(path, self.after)
        ratio: Values = np.divide(after, before, out=np.full(settings, UNREACHED), where=before > 0)
        return ratio


def year(path: Values, start: int) -> Values:
    """Return the sum over twelve months from `start`, (settings,)."""
    total = np.zeros(len(path))
    for month in range(start, start + 12):
        total += path[:, month]
    return total


class Fitness:
    """Plays settings. Every call plays new worlds, so that no setting is kept because of one lucky draw."""

    def __init__(
        self,
        scenario: Scenario,
        cube: Cube,
        *,
        seed: int,
        worlds: int,
        error: float,
        months: int = 0,
        device: On | None = None,
    ) -> None:
        self.case, self.cube, self.seed = scenario.case(), cube, seed
        self.worlds, self.error = worlds, error
        self.targets: Targets = targets(scenario, self.case)
        self.months = min(self.case.months, max(self.targets.months, months))
        """Months played: those that the fitted rows need, or more."""
        self.growths = [Growth(scenario, name) for name in scenario.document["quantities"]]
        self.played = 0
        self.greatest: dict[str, float] = dict(zip(cube.paths, cube.high.tolist(), strict=True))
        found, _ = device_for(self.case, self.greatest, TOGETHER, device)
        self.device: On = "cpu" if found is None else "cuda"

    def distances(self, points: Points, worlds: int | None = None) -> Distances:
        """Return the distance of every world from every row, in units of its error.

        Parameters
        ----------
        points
            (settings, ranges), each in [0, 1].
        worlds
            Worlds per setting, if not the usual number.
        """
        worlds = self.worlds if worlds is None else worlds
        measured = np.repeat(self.quantities(points)[:, None, :], worlds, axis=1)
        return np.concatenate([self.targets.distances(self.firsts(points, worlds), self.error), measured], axis=2)

    def firsts(self, points: Points, worlds: int = 1) -> Firsts:
        """Play settings in new worlds; return when each outcome first happened."""
        start, months = FIRST_WORLD + self.played, self.months
        every, chunk = len(points) * worlds, worlds * max(1, min(TOGETHER, CHUNK // worlds))
        self.played += every

        def play(device: Device | None, rows: npt.NDArray[np.int64]) -> Firsts:
            some = points[int(rows[0]) // worlds : int(rows[-1]) // worlds + 1]
            numbers = self.cube.numbers(some, worlds)
            outputs = simulate(self.case, start + rows, seed=self.seed, numbers=numbers, months=months, device=device)
            return outputs.first.reshape(len(some), worlds, -1)

        none = np.zeros((0, worlds, len(self.case.outcomes)), np.int16)
        with in_batches(self.case, play, every, months, chunk, self.greatest, device=self.device) as batches:
            return np.concatenate([none, *batches])

    def quantities(self, points: Points) -> Values:
        """Return the distances that need no worlds, (settings, quantities)."""
        numbers = self.cube.numbers(points)
        found = (growth.distances(numbers, len(points)) for growth in self.growths)
        return np.column_stack([np.zeros((len(points), 0)), *found])

    def ratios(self, points: Points) -> Values:
        """Return the ratio that each row of [quantities] measures, (settings, quantities)."""
        numbers = self.cube.numbers(points)
        found = (growth.ratios(numbers, len(points)) for growth in self.growths)
        return np.column_stack([np.zeros((len(points), 0)), *found])


def worst(distances: Distances) -> Values:
    """Return the largest distance of each world from any row, (settings, worlds)."""
    most: Values = distances.max(axis=2, initial=0.0)
    return most


def shares(distances: Distances, tolerance: float = 1.0) -> Values:
    """Return the share of each setting's worlds that are within a tolerance of history, (settings,)."""
    return np.asarray((worst(distances) <= tolerance).mean(axis=1), np.float64)
