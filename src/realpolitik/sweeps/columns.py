"""The columns of results: one row per world, or one row per point with shares and means over its worlds.

`withdrawal`: the month since the start in which the outcome first happened, null for never; of a point, the share of
worlds. `withdrawal.month`: of a point, the mean month where it happened. `price_of_withdrawal.measure`: its measure
where it happened. `final.karabakh`: the issue in the last month.

No two columns have the same name. Ids contain no dot and dotted paths of inputs begin with a table of the scenario, so
only an outcome could clash with the columns of row numbers or issues: one called `world` has the column
`outcome.world`.
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
"""Names, or first parts of names, of other columns; compared without case, as DuckDB compares."""


def measured(document: Mapping[str, Any]) -> set[str]:
    """Return the names of the outcomes that have a measure."""
    return {name for name, row in document["outcomes"].items() if row["measure"] is not None}


def of_outcome(name: str, what: Literal["", "month", "measure"] = "") -> str:
    """Return the column of an outcome, or of its mean month or its measure."""
    column = f"outcome.{name}" if name.lower() in RESERVED else name
    return f"{column}.{what}" if what else column


def of_issue(name: str) -> str:
    """Return the column of an issue in the last month."""
    return f"final.{name}"


def column_of(name: str) -> str:
    """Return the column of what can be analysed: an outcome by its id, or an issue as `final.ID`."""
    return name if "." in name else of_outcome(name)


def of_worlds(case: Case, outputs: Outputs, measures: set[str]) -> Iterator[tuple[str, Masked]]:
    """Yield the columns of a table with one row per world."""
    for o, name in enumerate(case.outcomes):
        never = outputs.first[:, o] < 0
        yield of_outcome(name), (outputs.first[:, o], never)
        if name in measures:
            yield of_outcome(name, "measure"), (outputs.measured[:, o], never)
    for k, name in enumerate(case.issues):
        yield of_issue(name), (outputs.final[:, k], None)


class Sums:
    """Sums over worlds per point, always in the order of their numbers, so that they do not depend on the chunk.

    Worlds are added in order to partial sums, and these to the totals at the end of each group: the last bit depends
    on the groups, and not on how many worlds are simulated at once.
    """

    def __init__(self, case: Case, measures: set[str], points: int) -> None:
        self.case, self.measures, self.points = case, measures, points
        self.count = np.zeros(points)
        self.totals: dict[str, npt.NDArray[np.float64]] = {}
        self.partial: dict[str, npt.NDArray[np.float64]] = {}
        self.where_happened: dict[str, str] = {}
        """Column -> the column of the outcome over whose worlds it is a mean, if not over all."""

    def add(self, outputs: Outputs, point: npt.NDArray[np.int64]) -> None:
        """Add worlds; `point` is the point of each."""
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

    def end_group(self) -> None:
        """Add the partial sums to the totals."""
        for name, partial in self.partial.items():
            self.totals[name] = self.totals.get(name, 0.0) + partial
        self.partial.clear()

    def columns(self) -> Iterator[tuple[str, Masked]]:
        """Yield the columns of a table with one row per point."""
        for name, total in self.totals.items():
            if name in self.where_happened:
                happened = self.totals[self.where_happened[name]]
                yield name, (total / np.maximum(happened, 1.0), happened == 0)
            else:
                yield name, (total / self.count, None)

    def _add(
        self, name: str, point: npt.NDArray[np.int64], values: npt.NDArray[np.float64], where: str | None = None
    ) -> None:
        if where is not None:
            self.where_happened[name] = where
        np.add.at(self.partial.setdefault(name, np.zeros(self.points)), point, values)
