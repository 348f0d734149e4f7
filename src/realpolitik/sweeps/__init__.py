"""Parameter sweeps: designs, a driver that loses nothing, and what a finished sweep can be asked."""

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
