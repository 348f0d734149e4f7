"""The slow twin of `tests/reference`, where the benchmarks can import it."""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT / "tests"))

from reference import equations, noise, tables, twin  # noqa: E402

__all__ = ["ROOT", "equations", "noise", "tables", "twin"]
