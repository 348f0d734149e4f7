"""Calibration: the settings of a scenario's ranges that fit its history, what is uncertain, and whether that covers."""

from realpolitik.calibration.calibrating import calibrate
from realpolitik.calibration.coverage import Coverage, coverage
from realpolitik.calibration.result import Calibration, Narrowing

__all__ = ["Calibration", "Coverage", "Narrowing", "calibrate", "coverage"]
