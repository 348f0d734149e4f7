"""A sweep as a labelled array, for xarray."""

from typing import TYPE_CHECKING, Any

import xarray as xr

from realpolitik.sweeps.columns import of_outcome

if TYPE_CHECKING:
    from realpolitik.sweeps.reading import Sweep


def dataset(sweep: "Sweep") -> xr.Dataset:
    """Return results over point, and world if worlds were kept; an outcome's month is -1 where it never happened."""
    plan, frame = sweep.plan, sweep.table()
    shape = (plan.points, plan.worlds) if plan.keep == "worlds" else (plan.points,)
    dimensions = ("point", "world")[: len(shape)]
    design = sweep.design()
    skipped = {"row", "point", "world", *plan.paths}
    months = {of_outcome(name) for name in sweep.outcomes}
    variables: dict[str, Any] = {}
    for name in (column for column in frame.column_names if column not in skipped):
        column = frame[name]
        whole = column.fill_null(-1) if name in months else column
        variables[name] = (dimensions, whole.to_numpy().reshape(shape))
    coordinates: dict[str, Any] = {name: ("point", design[name].to_numpy()) for name in design.column_names}
    if plan.keep == "worlds":
        coordinates["world"] = range(plan.worlds)
    attributes = {"scenario": plan.scenario["name"], "sha256": plan.scenario["sha256"], "seed": plan.seed}
    return xr.Dataset(variables, coordinates, {**attributes, "start": sweep.scenario.document["meta"]["start"]})
