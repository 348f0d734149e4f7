"""Scenario files: read, checked to the line and column, resolved upon their base, and taken apart by dotted path."""

from realpolitik.scenario.core import Scenario
from realpolitik.scenario.draft import Difference
from realpolitik.scenario.errors import ScenarioError
from realpolitik.scenario.forks import Fork
from realpolitik.scenario.loading import Shipped, load, loads, shipped
from realpolitik.scenario.schema import schema
from realpolitik.scenario.settings import Setting, Settings, parse_setting
from realpolitik.scenario.settings import listed as as_settings
from realpolitik.scenario.shapes import bounds

__all__ = [
    "Difference",
    "Fork",
    "Scenario",
    "ScenarioError",
    "Setting",
    "Settings",
    "Shipped",
    "as_settings",
    "bounds",
    "load",
    "loads",
    "parse_setting",
    "schema",
    "shipped",
]
