"""Calibration: the settings of a scenario's ranges that fit its history, and what remains uncertain."""

from realpolitik.calibration.calibrating import calibrate
from realpolitik.calibration.result import Calibration, Narrowing

__all__ = ["Calibration", "Narrowing", "calibrate"]
