"""What scenarios, functions and commands choose from: each list stated once, and free to import."""

from typing import Literal

Weights = Literal["leverage", "self-interest", "capability", "placebo"]
"""Weight rules: what others' interests count for (E4)."""
Uncertainty = Literal["none", "prior", "posterior"]
"""Where worlds take their numbers from: their values, their ranges, or the settings that fit history."""
Design = Literal["sobol", "lhs", "grid", "random", "morris"]
"""How a sweep lays out its points."""
Keep = Literal["worlds", "points"]
"""What a sweep writes a row of."""
