"""Parameter sweeps: designs, a driver that can be killed at any moment, and analyses of the results."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from realpolitik.sweeps.designs import Levels, Span, parse_vary
    from realpolitik.sweeps.discovery import Discovery, discover, write_boxes
    from realpolitik.sweeps.execution import Stopped
    from realpolitik.sweeps.indices import Sensitivity, sensitivity
    from realpolitik.sweeps.opening import Sweep, open_sweep
    from realpolitik.sweeps.running import sweep

__all__ = [
    "Discovery",
    "Levels",
    "Sensitivity",
    "Span",
    "Stopped",
    "Sweep",
    "discover",
    "open_sweep",
    "parse_vary",
    "sensitivity",
    "sweep",
    "write_boxes",
]

# Imported on first use: a request is refused, and a folder opened, without importing everything else.
_LATER = {
    "Discovery": "discovery",
    "Levels": "designs",
    "Sensitivity": "indices",
    "Span": "designs",
    "Stopped": "execution",
    "Sweep": "opening",
    "discover": "discovery",
    "open_sweep": "opening",
    "parse_vary": "designs",
    "sensitivity": "indices",
    "sweep": "running",
    "write_boxes": "discovery",
}


def __getattr__(name: str) -> Any:
    if name in _LATER:
        return getattr(import_module(f"realpolitik.sweeps.{_LATER[name]}"), name)
    raise AttributeError(f"module 'realpolitik.sweeps' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
