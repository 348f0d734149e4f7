"""Fans: the median of the worlds, and the band that holds eight in ten of them."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes


def fan(axes: Axes, quantiles: Mapping[str, Sequence[float]], colour: str, width: float = 1.4) -> None:
    """Draw one fan from p10, p50 and p90 by month."""
    months = np.arange(len(quantiles["p50"]))
    axes.fill_between(months, quantiles["p10"], quantiles["p90"], color=colour, alpha=0.22, linewidth=0)
    axes.plot(months, quantiles["p50"], marker_alone(months), color=colour, linewidth=width, solid_capstyle="butt")


def marker_alone(months: npt.NDArray[np.int64]) -> str:
    """Return the format of a line; a single month would be no line at all, and is a dot."""
    return "-" if months.size > 1 else "."
