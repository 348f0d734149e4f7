"""The slow twin of `tests/reference`, where the benchmarks can import it."""

import sys
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT / "tests"))

equations, noise, tables, twin = (
    import_module(f"reference.{name}") for name in ("equations", "noise", "tables", "twin")
)

__all__ = ["ROOT", "equations", "noise", "tables", "twin"]
