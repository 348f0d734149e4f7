"""E1, drivers: dated, piecewise-linear paths that no actor moves."""

from typing import Any

import numpy as np

from realpolitik_model.blocks import clip
from realpolitik_model.compiling import kernel
from realpolitik_model.news import NOT_YET, put
from realpolitik_model.vectors import LANES, anywhere


@kernel
def share_shift(tables: Any, lanes: Any) -> None:
    """Note for each driver whether all worlds of the block share its shift, and so its place on the path."""
    for m in range(tables.drivers.size):
        shift = tables.drivers[m].shift
        lanes.shared_shift[m] = not anywhere(lanes.numbers[shift] != lanes.numbers[shift, 0])


@kernel
def place(tables: Any, driver: Any, month: Any) -> Any:
    """Return the numbers before and after `month` on a driver's path, and the fraction of the way between."""
    points = tables.points
    if driver.season:
        floor = np.int64(np.floor(month))
        phase = (floor + tables.theory[0].calendar) % 12
        return (
            points[driver.points + phase].number,
            points[driver.points + (phase + 1) % 12].number,
            month - floor,
        )
    last = driver.points_end - 1
    if month < points[driver.points].month:
        return points[driver.points].number, points[driver.points].number, 0.0
    for s in range(driver.points, last):
        before, after = points[s].month, points[s + 1].month
        if month < after:
            return points[s].number, points[s + 1].number, (month - before) / (after - before)
    return points[last].number, points[last].number, 0.0


@kernel
def drive(tables: Any, lanes: Any, t: Any) -> None:
    """Set every driver of the month: d = clip(scale * path(t - shift), 0, 1)  (E1)."""
    numbers = lanes.numbers
    for m in range(tables.drivers.size):
        driver, out = tables.drivers[m], tables.issues.size + m
        if lanes.shared_shift[m] == 1:
            i, j, fraction = place(tables, driver, t - numbers[driver.shift, 0])
            if i == j and lanes.resting[m] == i:
                continue
            lanes.resting[m] = i if i == j else NOT_YET
            path = numbers[i] + (numbers[j] - numbers[i]) * fraction
        else:
            for lane in range(LANES):
                i, j, fraction = place(tables, driver, t - numbers[driver.shift, lane])
                lanes.path[0, lane] = numbers[i, lane] + (numbers[j, lane] - numbers[i, lane]) * fraction
            path = lanes.path[0]
        put(lanes, out, clip(numbers[driver.scale] * path, 0.0, 1.0), t)
