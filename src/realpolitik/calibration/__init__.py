"""Calibration: which settings of a scenario's ranges would have foretold what happened, and how sure that leaves us."""

from realpolitik.calibration.calibrating import calibrate
from realpolitik.calibration.narrowing import Narrowing
from realpolitik.calibration.result import Calibration

__all__ = ["Calibration", "Narrowing", "calibrate"]
