"""What a scenario is fitted to: dated history that is no hold-out, and quantities that grew."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from realpolitik.scenario import Scenario
from realpolitik_model import Case, Outputs

BEYOND = 24
"""Months played past the last date, in which what did happen still counts as late rather than never."""

Scores = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Dated:
    """A row of history: an outcome that had happened by a month, or that had not by the last month observed."""

    name: str
    outcome: int
    month: int
    happened: bool

    def score(self, first: npt.NDArray[np.int16], months: int) -> Scores:
        """Return the continuous ranked probability score of each row of `first` (settings, worlds), in months.

        The area between the share of worlds that have seen the outcome and the step that history took (Matheson &
        Winkler 1976). History is silent after its last month, but what happened stays so.
        """
        last = months if self.happened else self.month + 1
        share = shares(first, last)
        truth = (np.arange(last) >= self.month) & self.happened
        return summed((share - truth) ** 2)


@dataclass(frozen=True)
class Targets:
    """All that is fitted, and how many months must be played for it."""

    dated: tuple[Dated, ...]
    quantities: tuple[str, ...]
    months: int

    @property
    def names(self) -> tuple[str, ...]:
        """Rows in the order of their scores."""
        return (*(row.name for row in self.dated), *self.quantities)

    def scores(self, outputs: Outputs, settings: int) -> Scores:
        """Return (settings, dated rows): the score of every row, worlds of one setting standing together."""
        first = outputs.first.reshape(settings, -1, outputs.first.shape[1])
        return np.stack([row.score(first[:, :, row.outcome], self.months) for row in self.dated], axis=1)


def targets(scenario: Scenario, case: Case) -> Targets:
    """Collect what a scenario says happened; ValueError if that is nothing."""
    rows = scenario.document["history"].items()
    found = [dated(case, f"history.{name}", row) for name, row in rows if not row["holdout"]]
    kept = tuple(row for row in found if row is not None)
    if not kept:
        raise ValueError(f"{scenario.name} has no [history] to fit: rows with a date, or never with until, no holdout")
    months = min(case.months, max(row.month for row in kept) + 1 + BEYOND)
    return Targets(kept, tuple(f"quantities.{name}" for name in scenario.document["quantities"]), months)


def dated(case: Case, name: str, row: dict[str, str]) -> Dated | None:
    """Read one row of history; None if it says nothing within the scenario's months."""
    happened = row["date"] != "never"
    date = row["date"] if happened else row["until"]
    month = case.month_of(date) if date else case.months - 1
    inside = 0 <= month < case.months
    return Dated(name, case.outcomes.index(row["outcome"]), month, happened) if inside else None


def shares(first: npt.NDArray[np.int16], months: int) -> Scores:
    """Return (settings, months): the share of a setting's worlds that have seen an outcome by each month."""
    settings, worlds = first.shape
    setting, world = np.nonzero((first >= 0) & (first < months))
    cells = setting * months + first[setting, world]
    counts = np.bincount(cells, minlength=settings * months).reshape(settings, months)
    seen: Scores = counts.cumsum(axis=1) / worlds
    return seen


def summed(values: Scores) -> Scores:
    """Add up columns from left to right: `sum(axis=1)` may add in another order on another machine."""
    total = np.zeros(len(values))
    for column in values.T:
        total += column
    return total
