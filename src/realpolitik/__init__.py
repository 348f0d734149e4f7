"""realpolitik: arguments about who holds leverage over whom, made to run, be questioned and scored.

import realpolitik as rp

ensemble = rp.run("karabakh", worlds=2000, seed=1)
ensemble.probability("withdrawal", by="2024-06")
story = rp.explain("karabakh", world=17)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from realpolitik.scenario import Scenario, ScenarioError, load, loads, shipped
from realpolitik.version import __version__

if TYPE_CHECKING:
    from realpolitik.ensembles import run
    from realpolitik.explaining import Decision, Story, explain
    from realpolitik.results import Ensemble

__all__ = [
    "Decision",
    "Ensemble",
    "Scenario",
    "ScenarioError",
    "Story",
    "__version__",
    "explain",
    "load",
    "loads",
    "run",
    "shipped",
]

# What needs the compiled model is imported on first use: reading a scenario or asking for help must not wait for it.
_LATER = {
    "Decision": "explaining",
    "Ensemble": "results",
    "Story": "explaining",
    "explain": "explaining",
    "run": "ensembles",
}


def __getattr__(name: str) -> Any:
    if name in _LATER:
        return getattr(import_module(f"realpolitik.{_LATER[name]}"), name)
    raise AttributeError(f"module 'realpolitik' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
