"""Which numbers a world has: every one at its value, or each drawn from its range."""

from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from realpolitik.scenario import Scenario
from realpolitik_model import draw

Uncertainty = Literal["none", "prior"]
KINDS: tuple[Uncertainty, ...] = get_args(Uncertainty)


def draw_numbers(
    scenario: Scenario, seed: int, worlds: npt.NDArray[np.int64], uncertainty: Uncertainty
) -> dict[str, npt.NDArray[np.float64]]:
    """Return the numbers that differ by world: dotted path -> one value a world.

    A draw is keyed by seed, world and path, so that world i has the same numbers in any ensemble, and a range more or
    fewer leaves the other numbers as they were.
    """
    if uncertainty not in KINDS:
        raise ValueError(f"uncertainty must be one of {', '.join(KINDS)}, not {uncertainty!r}")
    if uncertainty == "none":
        return {}
    return {path: draw(seed, worlds, path, low, high) for path, (low, high) in scenario.ranges.items()}
