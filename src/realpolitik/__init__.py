"""realpolitik: arguments about who holds leverage over whom, made to run, be questioned and scored.

import realpolitik as rp

ensemble = rp.run("karabakh", worlds=2000, seed=1)
ensemble.probability("withdrawal", by="2024-06")
story = rp.explain("karabakh", world=17)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from realpolitik.auditing import Audit, audit
    from realpolitik.calibration import Calibration, calibrate
    from realpolitik.comparing import Comparison, compare
    from realpolitik.ensembles import run
    from realpolitik.explaining import Decision, Story, explain
    from realpolitik.results import Ensemble
    from realpolitik.scenario import Scenario, ScenarioError, load, loads, shipped
    from realpolitik.sweeps import Sweep, open_sweep, sweep
    from realpolitik.validation import ScoreSheet, validate
    from realpolitik.version import __version__

__all__ = [
    "Audit",
    "Calibration",
    "Comparison",
    "Decision",
    "Ensemble",
    "Scenario",
    "ScenarioError",
    "ScoreSheet",
    "Story",
    "Sweep",
    "__version__",
    "audit",
    "calibrate",
    "compare",
    "explain",
    "load",
    "loads",
    "open_sweep",
    "run",
    "shipped",
    "sweep",
    "validate",
]

# All is imported on first use: asking for help waits for nothing, reading a scenario not for the compiled model.
_LATER = {
    "Audit": "auditing",
    "Calibration": "calibration",
    "Comparison": "comparing",
    "audit": "auditing",
    "calibrate": "calibration",
    "compare": "comparing",
    "Decision": "explaining",
    "Ensemble": "results",
    "Scenario": "scenario",
    "ScenarioError": "scenario",
    "ScoreSheet": "validation",
    "Story": "explaining",
    "Sweep": "sweeps",
    "__version__": "version",
    "explain": "explaining",
    "load": "scenario",
    "loads": "scenario",
    "open_sweep": "sweeps",
    "run": "ensembles",
    "shipped": "scenario",
    "sweep": "sweeps",
    "validate": "validation",
}


def __getattr__(name: str) -> Any:
    if name in _LATER:
        return getattr(import_module(f"realpolitik.{_LATER[name]}"), name)
    raise AttributeError(f"module 'realpolitik' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
