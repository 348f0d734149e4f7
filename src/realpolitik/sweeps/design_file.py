"""The file of a sweep's design: what is varied, one row a point."""

from pathlib import Path

import numpy as np

from realpolitik.sweeps.columns import Masked
from realpolitik.sweeps.parquet import table, write_tables
from realpolitik.sweeps.plan import Plan
from realpolitik.sweeps.work import SLICE, inputs

DESIGN = "design.parquet"


def write_design(plan: Plan, path: Path) -> None:
    """Write what is varied at every point, a slice at a time."""
    marks = {"realpolitik.sweep": plan.identity}
    parts = (design_part(plan, start) for start in range(0, plan.points, SLICE))
    write_tables(path, (table(part, marks) for part in parts))


def design_part(plan: Plan, start: int) -> dict[str, Masked | list[str]]:
    """Columns of one slice of the design."""
    stop = min(start + SLICE, plan.points)
    return {"point": (np.arange(start, stop, dtype=np.int64), None), **inputs(plan, plan.unit(start, stop))}
