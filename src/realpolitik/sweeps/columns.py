"""The columns of results: what a world leaves, one row a world, or their shares and means, one row a point.

`withdrawal`: the month since the start in which the outcome first happened, null for never; of a point, the share of
worlds. `withdrawal.month`: of a point, the mean month where it happened. `price_of_withdrawal.measure`: its measure
where it happened. `final.karabakh`: the issue in the last month.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from realpolitik_model import Case, Outputs

Values = npt.NDArray[Any]
Masked = tuple[Values, npt.NDArray[np.bool_] | None]
"""Values, and where they are missing."""
HEAD = ("row", "point", "world")


def measured(document: Mapping[str, Any]) -> set[str]:
    """Name the outcomes that have a measure."""
    return {name for name, row in document["outcomes"].items() if row["measure"] is not None}


def check_names(document: Mapping[str, Any]) -> None:
    """Refuse an outcome that is called like a column of every table."""
    for name in document["outcomes"]:
        if name in HEAD:
            raise ValueError(f"outcome '{name}' cannot be swept: its column would be taken for the number of a {name}")


def of_worlds(case: Case, outputs: Outputs, measures: set[str]) -> Iterator[tuple[str, Masked]]:
    """Give the columns of worlds."""
    for o, name in enumerate(case.outcomes):
        never = outputs.first[:, o] < 0
        yield name, (outputs.first[:, o], never)
        if name in measures:
            yield f"{name}.measure", (outputs.measured[:, o], never)
    for k, name in enumerate(case.issues):
        yield f"final.{name}", (outputs.final[:, k], None)


class Sums:
    """Adds up worlds by point, always in the order of their numbers, so that no chunk size shows in a last bit."""

    def __init__(self, case: Case, measures: set[str], points: int) -> None:
        self.case, self.measures, self.points = case, measures, points
        self.count = np.zeros(points)
        self.sums: dict[str, npt.NDArray[np.float64]] = {}

    def add(self, outputs: Outputs, point: npt.NDArray[np.int64]) -> None:
        """Add worlds, `point` saying which point of the table each is of."""
        self.count += np.bincount(point, minlength=self.points)
        for o, name in enumerate(self.case.outcomes):
            happened = outputs.first[:, o] >= 0
            self._add(name, point, happened.astype(np.float64))
            self._add(f"{name}.month", point, np.where(happened, outputs.first[:, o], 0.0))
            if name in self.measures:
                self._add(f"{name}.measure", point, np.where(happened, outputs.measured[:, o], 0.0))
        for k, name in enumerate(self.case.issues):
            self._add(f"final.{name}", point, outputs.final[:, k])

    def columns(self) -> Iterator[tuple[str, Masked]]:
        """Give the columns of points."""
        for name, total in self.sums.items():
            outcome, _, kind = name.partition(".")
            if kind in ("month", "measure") and outcome in self.case.outcomes:
                happened = self.sums[outcome]
                yield name, (total / np.maximum(happened, 1.0), happened == 0)
            else:
                yield name, (total / self.count, None)

    def _add(self, name: str, point: npt.NDArray[np.int64], values: npt.NDArray[np.float64]) -> None:
        total = self.sums.setdefault(name, np.zeros(self.points))
        total += np.bincount(point, weights=values, minlength=self.points)
