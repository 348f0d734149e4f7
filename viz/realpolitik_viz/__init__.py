"""The window: figures as functions of results. It looks and never computes.

from realpolitik_viz import ensemble_figure, save

save(ensemble_figure(rp.run("karabakh", worlds=2000, seed=1)), "karabakh.svg")
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from realpolitik_viz.account import account_figure
    from realpolitik_viz.audit import audit_figure
    from realpolitik_viz.calibration import calibration_figure
    from realpolitik_viz.comparison import comparison_figure
    from realpolitik_viz.ensemble import ensemble_figure
    from realpolitik_viz.palette import DARK, LIGHT, Ink, actor_colours
    from realpolitik_viz.saving import save
    from realpolitik_viz.scoresheet import scoresheet_figure
    from realpolitik_viz.story import story_figure
    from realpolitik_viz.sweeps import discovery_figure, sensitivity_figure

__all__ = [
    "DARK",
    "LIGHT",
    "Ink",
    "account_figure",
    "actor_colours",
    "audit_figure",
    "calibration_figure",
    "comparison_figure",
    "discovery_figure",
    "ensemble_figure",
    "save",
    "scoresheet_figure",
    "sensitivity_figure",
    "story_figure",
]

# Matplotlib is imported with the first figure, so that finding the window costs nothing.
_LATER = {
    "DARK": "palette",
    "LIGHT": "palette",
    "Ink": "palette",
    "account_figure": "account",
    "actor_colours": "palette",
    "audit_figure": "audit",
    "calibration_figure": "calibration",
    "comparison_figure": "comparison",
    "ensemble_figure": "ensemble",
    "save": "saving",
    "scoresheet_figure": "scoresheet",
    "discovery_figure": "sweeps",
    "sensitivity_figure": "sweeps",
    "story_figure": "story",
}


def __getattr__(name: str) -> Any:
    if name in _LATER:
        return getattr(import_module(f"realpolitik_viz.{_LATER[name]}"), name)
    raise AttributeError(f"module 'realpolitik_viz' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
