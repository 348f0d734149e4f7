"""The columns of results: what a world leaves, one row a world, or their shares and means, one row a point.

`withdrawal`: the month since the start in which the outcome first happened, null for never; of a point, the share of
worlds. `withdrawal.month`: of a point, the mean month where it happened. `price_of_withdrawal.measure`: its measure
where it happened. `final.karabakh`: the issue in the last month.

No two columns have the same name. Ids hold no dot and dotted paths of inputs begin with a table of the scenario, so an
outcome could only be taken for a column of row numbers or of issues: one called `world` has the column `outcome.world`.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from realpolitik_model import Case, Outputs

Values = npt.NDArray[Any]
Masked = tuple[Values, npt.NDArray[np.bool_] | None]
"""Values, and where they are missing."""
RESERVED = frozenset({"row", "point", "world", "final"})
"""What other columns are called, or begin with; compared without case, as DuckDB compares."""


def measured(document: Mapping[str, Any]) -> set[str]:
    """Name the outcomes that have a measure."""
    return {name for name, row in document["outcomes"].items() if row["measure"] is not None}


def of_outcome(name: str, what: Literal["", "month", "measure"] = "") -> str:
    """Name the column of an outcome, or of its mean month or its measure."""
    column = f"outcome.{name}" if name.lower() in RESERVED else name
    return f"{column}.{what}" if what else column


def of_issue(name: str) -> str:
    """Name the column of an issue in the last month."""
    return f"final.{name}"


def column_of(name: str) -> str:
    """Name the column of what can be analysed: an outcome by its id, or an issue as `final.ID`."""
    return name if "." in name else of_outcome(name)


def of_worlds(case: Case, outputs: Outputs, measures: set[str]) -> Iterator[tuple[str, Masked]]:
    """Give the columns of worlds."""
    for o, name in enumerate(case.outcomes):
        never = outputs.first[:, o] < 0
        yield of_outcome(name), (outputs.first[:, o], never)
        if name in measures:
            yield of_outcome(name, "measure"), (outputs.measured[:, o], never)
    for k, name in enumerate(case.issues):
        yield of_issue(name), (outputs.final[:, k], None)


class Sums:
    """Adds up worlds by point, always in the order of their numbers, so that no chunk size shows in a last bit."""

    def __init__(self, case: Case, measures: set[str], points: int) -> None:
        self.case, self.measures, self.points = case, measures, points
        self.count = np.zeros(points)
        self.sums: dict[str, npt.NDArray[np.float64]] = {}
        self.where_happened: dict[str, str] = {}
        """Column -> the column of the outcome over whose worlds it is a mean, if it is not over all."""

    def add(self, outputs: Outputs, point: npt.NDArray[np.int64]) -> None:
        """Add worlds, `point` saying which point of the table each is of."""
        self.count += np.bincount(point, minlength=self.points)
        for o, name in enumerate(self.case.outcomes):
            happened = outputs.first[:, o] >= 0
            share, month, measure = (of_outcome(name, what) for what in ("", "month", "measure"))
            self._add(share, point, happened.astype(np.float64))
            self._add(month, point, np.where(happened, outputs.first[:, o], 0.0), share)
            if name in self.measures:
                self._add(measure, point, np.where(happened, outputs.measured[:, o], 0.0), share)
        for k, name in enumerate(self.case.issues):
            self._add(of_issue(name), point, outputs.final[:, k])

    def columns(self) -> Iterator[tuple[str, Masked]]:
        """Give the columns of points."""
        for name, total in self.sums.items():
            if name in self.where_happened:
                happened = self.sums[self.where_happened[name]]
                yield name, (total / np.maximum(happened, 1.0), happened == 0)
            else:
                yield name, (total / self.count, None)

    def _add(
        self, name: str, point: npt.NDArray[np.int64], values: npt.NDArray[np.float64], where: str | None = None
    ) -> None:
        total = self.sums.setdefault(name, np.zeros(self.points))
        if where is not None:
            self.where_happened[name] = where
        total += np.bincount(point, weights=values, minlength=self.points)
