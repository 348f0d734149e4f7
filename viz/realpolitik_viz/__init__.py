"""Figures as functions of results; this package computes nothing itself.

from realpolitik_viz import ensemble_figure, save

save(ensemble_figure(rp.run("karabakh", worlds=2000, seed=1)), "karabakh.svg")
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from realpolitik_viz.palette import DARK, LIGHT, Ink, actor_colours
    from realpolitik_viz.plot_account import account_figure
    from realpolitik_viz.plot_audit import audit_figure
    from realpolitik_viz.plot_calibration import calibration_figure
    from realpolitik_viz.plot_comparison import comparison_figure
    from realpolitik_viz.plot_ensemble import ensemble_figure
    from realpolitik_viz.plot_scoresheet import scoresheet_figure
    from realpolitik_viz.plot_story import story_figure
    from realpolitik_viz.plot_sweeps import discovery_figure, sensitivity_figure
    from realpolitik_viz.saving import save

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

# Matplotlib is imported with the first figure, so that importing the package is fast.
_LATER = {
    "DARK": "palette",
    "LIGHT": "palette",
    "Ink": "palette",
    "account_figure": "plot_account",
    "actor_colours": "palette",
    "audit_figure": "plot_audit",
    "calibration_figure": "plot_calibration",
    "comparison_figure": "plot_comparison",
    "ensemble_figure": "plot_ensemble",
    "save": "saving",
    "scoresheet_figure": "plot_scoresheet",
    "discovery_figure": "plot_sweeps",
    "sensitivity_figure": "plot_sweeps",
    "story_figure": "plot_story",
}


def __getattr__(name: str) -> Any:
    if name in _LATER:
        return getattr(import_module(f"realpolitik_viz.{_LATER[name]}"), name)
    raise AttributeError(f"module 'realpolitik_viz' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
