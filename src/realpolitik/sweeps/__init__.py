"""Parameter sweeps: designs, a driver that loses nothing, and what a finished sweep can be asked."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from realpolitik.sweeps.analysing import Sensitivity, sensitivity
    from realpolitik.sweeps.boxes import write_boxes
    from realpolitik.sweeps.discovery import Discovery, discover
    from realpolitik.sweeps.factors import Levels, Span, parse_vary
    from realpolitik.sweeps.reading import Sweep, open_sweep
    from realpolitik.sweeps.running import sweep
    from realpolitik.sweeps.stopping import Stopped

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

# On first use: what is too large is refused, and a folder opened, without waiting for all the rest.
_LATER = {
    "Discovery": "discovery",
    "Levels": "factors",
    "Sensitivity": "analysing",
    "Span": "factors",
    "Stopped": "stopping",
    "Sweep": "reading",
    "discover": "discovery",
    "open_sweep": "reading",
    "parse_vary": "factors",
    "sensitivity": "analysing",
    "sweep": "running",
    "write_boxes": "boxes",
}


def __getattr__(name: str) -> Any:
    if name in _LATER:
        return getattr(import_module(f"realpolitik.sweeps.{_LATER[name]}"), name)
    raise AttributeError(f"module 'realpolitik.sweeps' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
