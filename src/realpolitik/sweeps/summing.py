"""From worlds to points: shares and means at each point, read chunk by chunk in memory that grows with points only."""

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from realpolitik.sweeps.columns import column_of, of_issue

if TYPE_CHECKING:
    from realpolitik.sweeps.reading import Sweep

Array = npt.NDArray[np.float64]


def points_frame(sweep: "Sweep") -> pd.DataFrame:
    """Return one row a point, indexed by point."""
    names = [*sweep.outcomes, *(of_issue(issue) for issue in sweep.scenario.document["issues"])]
    design = sweep.design().to_pandas().set_index("point")
    values = {column_of(name): column for name, column in by_point(sweep, names).items()}
    frame: pd.DataFrame = design.assign(**values)
    return frame


def by_point(sweep: "Sweep", names: list[str]) -> dict[str, Array]:
    """Give values by point and name: of an outcome the share of worlds, of a final issue the mean."""
    columns = [column_of(name) for name in names]
    if sweep.plan.keep == "points":
        parts = [piece.to_pandas() for piece in sweep.pieces(columns)]
        return {name: np.concatenate([part[column_of(name)].to_numpy(np.float64) for part in parts]) for name in names}
    sums, counts = ({name: np.zeros(sweep.plan.points) for name in names} for _ in range(2))
    for chunk, piece in enumerate(sweep.pieces(columns)):
        point = np.arange(*sweep.plan.span(chunk)) // sweep.plan.worlds
        first, last = int(point[0]), int(point[-1]) + 1
        for name in names:
            values, there = filled(piece[column_of(name)], share=name in sweep.outcomes)
            sums[name][first:last] += np.bincount(point - first, weights=values, minlength=last - first)
            counts[name][first:last] += np.bincount(point - first, weights=there, minlength=last - first)
    with np.errstate(invalid="ignore"):
        return {name: sums[name] / counts[name] for name in names}


def filled(column: pa.ChunkedArray, *, share: bool) -> tuple[Array, Array]:
    """Give a column with 0 where there is no value, and 1 where it counts; for a share, whether there is a value."""
    there = np.asarray(column.is_valid()).astype(np.float64)
    if share:
        return there, np.ones(there.size)
    return np.asarray(column.fill_null(0)).astype(np.float64), there
