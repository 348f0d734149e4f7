"""Which numbers a world has: each at its value, each drawn from its range, or all from a setting that fits history."""

from typing import cast, get_args

import numpy as np
import numpy.typing as npt

from realpolitik.choices import Uncertainty
from realpolitik.posterior import posterior_of
from realpolitik.scenario import Scenario
from realpolitik_model import draw

KINDS: tuple[Uncertainty, ...] = get_args(Uncertainty)
Drawn = dict[str, npt.NDArray[np.float64]]


def draw_numbers(
    scenario: Scenario, seed: int, worlds: npt.NDArray[np.int64], uncertainty: Uncertainty | None
) -> Drawn:
    """Return the numbers that differ by world: dotted path -> one value a world.

    A draw is keyed by seed, world and path, so that world i has the same numbers in any ensemble, and a range more or
    fewer leaves the other numbers as they were. A world of the posterior draws one setting, by the path
    "posterior".
    """
    kind = uncertainty_of(scenario, uncertainty)
    if kind == "none":
        return {}
    if kind == "prior":
        return {path: draw(seed, worlds, path, low, high) for path, (low, high) in scenario.ranges.items()}
    return _draw_settings(scenario, seed, worlds)


def _draw_settings(scenario: Scenario, seed: int, worlds: npt.NDArray[np.int64]) -> Drawn:
    """Draw a setting a world; what a diff has changed keeps the diff's value, or is drawn from the diff's range."""
    posterior = posterior_of(scenario)
    rows = draw(seed, worlds, "posterior", 0.0, float(posterior.settings)).astype(np.int64)
    rows = np.minimum(rows, posterior.settings - 1)
    fitted = posterior.fitted(scenario)
    own = scenario.ranges.keys() - set(fitted)
    drawn = {path: draw(seed, worlds, path, *scenario.ranges[path]) for path in scenario.ranges if path in own}
    return drawn | {path: posterior.values[path][rows] for path in fitted}


def uncertainty_of(scenario: Scenario, asked: Uncertainty | None) -> Uncertainty:
    """Return what is asked for, or else what the scenario's [meta] says, or else "none"."""
    uncertainty = asked or scenario.document["meta"]["uncertainty"] or "none"
    if uncertainty not in KINDS:
        raise ValueError(f"uncertainty must be one of {', '.join(KINDS)}, not {uncertainty!r}")
    return cast(Uncertainty, uncertainty)
