"""E1, drivers: dated, piecewise-linear paths that no actor moves."""

from typing import Any

import numpy as np

from realpolitik_model.compiling import kernel
from realpolitik_model.lanes import LANES, clip


@kernel
def share_shift(tables: Any, lanes: Any) -> None:
    """Note for each driver whether all worlds of the block share its shift, and so its place on the path."""
    for m in range(tables.drivers.size):
        shift = lanes.numbers[tables.drivers[m].shift]
        same = True
        for lane in range(LANES):
            same = same and shift[lane] == shift[0]
        lanes.uniform_shift[m, 0] = 1.0 if same else 0.0


@kernel
def place(driver: Any, points: Any, calendar: Any, month: Any) -> Any:
    """Return the numbers before and after `month` on a driver's path, and the fraction of the way between."""
    if driver.season:
        floor = np.int64(np.floor(month))
        phase = (floor + calendar) % 12
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
        driver = tables.drivers[m]
        scale, shift = numbers[driver.scale], numbers[driver.shift]
        out = lanes.quantity[tables.issues.size + m]
        if lanes.uniform_shift[m, 0] == 1.0:
            i, j, fraction = place(driver, tables.points, tables.calendar[0], t - shift[0])
            before, after = numbers[i], numbers[j]
            for lane in range(LANES):
                path = before[lane] + (after[lane] - before[lane]) * fraction
                out[lane] = clip(scale[lane] * path, 0.0, 1.0)
            continue
        for lane in range(LANES):
            i, j, fraction = place(driver, tables.points, tables.calendar[0], t - shift[lane])
            path = numbers[i, lane] + (numbers[j, lane] - numbers[i, lane]) * fraction
            out[lane] = clip(scale[lane] * path, 0.0, 1.0)
