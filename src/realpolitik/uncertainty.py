"""The numbers of each world: at their values, drawn from their ranges, or drawn from a posterior sample."""

from typing import get_args

import numpy as np
import numpy.typing as npt

from realpolitik.choices import Uncertainty, one_of
from realpolitik.posterior import Posterior, has_posterior, posterior_of
from realpolitik.scenario import Scenario
from realpolitik_model import draw

KINDS: tuple[Uncertainty, ...] = get_args(Uncertainty)
Drawn = dict[str, npt.NDArray[np.float64]]


def draw_numbers(
    scenario: Scenario,
    seed: int,
    worlds: npt.NDArray[np.int64],
    uncertainty: Uncertainty | None,
    posterior: Posterior | None = None,
) -> Drawn:
    """Return dotted path -> (worlds,) of the numbers that differ between worlds; ValueError if there is no posterior.

    A draw is keyed by seed, world and path: world i has the same numbers in any ensemble, and adding a range does not
    change the other numbers. With "posterior" each world draws one setting, by the path "posterior"; `posterior` is
    the sample to draw from, by default that of the scenario's folder.
    """
    kind = uncertainty_of(scenario, uncertainty)
    if kind == "none":
        return {}
    if kind == "prior":
        return draw(seed, worlds, scenario.ranges)
    return _draw_settings(scenario, seed, worlds, posterior or posterior_of(scenario))


def _draw_settings(scenario: Scenario, seed: int, worlds: npt.NDArray[np.int64], posterior: Posterior) -> Drawn:
    """Draw one setting per world; numbers that a diff has changed keep its value, or are drawn from its range.

    So do numbers whose ranges are newer than the sample: they keep the values that it was fitted with.
    """
    rows = settings_of(seed, worlds, posterior.settings)
    fitted = posterior.fitted(scenario)
    own = scenario.ranges.keys() - set(fitted) - set(posterior.held(scenario))
    drawn = draw(seed, worlds, {path: span for path, span in scenario.ranges.items() if path in own})
    return drawn | {path: posterior.values[path][rows] for path in fitted}


def settings_of(seed: int, worlds: npt.NDArray[np.int64], settings: int) -> npt.NDArray[np.int64]:
    """Return which of the settings of a sample each world draws, (worlds,)."""
    rows = draw(seed, worlds, {"posterior": (0.0, settings)})["posterior"].astype(np.int64)
    return np.minimum(rows, settings - 1)


def side_by_side(scenario: Scenario, asked: Uncertainty | None) -> tuple[list[Uncertainty], str | None]:
    """Return the uncertainties under which a scenario is shown, the one that says most first.

    Only the one that is asked for, by the caller or by the scenario's [meta]; otherwise the posterior, the prior and
    the plain values, as far as the scenario has them. With them, a sentence on why a posterior file cannot be used, if
    there is one that cannot.
    """
    if asked is not None or scenario.document["meta"]["uncertainty"] is not None:
        return [uncertainty_of(scenario, asked)], None
    return available(scenario)


def available(scenario: Scenario) -> tuple[list[Uncertainty], str | None]:
    """Return where numbers can come from, the posterior first if there is a valid one, and what `unusable` says."""
    kinds: list[Uncertainty] = ["prior", "none"] if scenario.ranges else ["none"]
    why = unusable(scenario)
    return kinds if why or not has_posterior(scenario) else ["posterior", *kinds], why


def unusable(scenario: Scenario) -> str | None:
    """Return a sentence on why the posterior file of a scenario cannot be used; None if it can, or there is none."""
    try:
        if has_posterior(scenario):
            posterior_of(scenario)
    except (ValueError, OSError) as error:
        return f"No posterior: {error}"
    return None


def uncertainty_of(scenario: Scenario, asked: Uncertainty | None) -> Uncertainty:
    """Return the uncertainty that is asked for, otherwise that of the scenario's [meta], otherwise "none"."""
    found = scenario.document["meta"]["uncertainty"] or "none" if asked is None else asked
    return one_of("uncertainty", found, KINDS)
