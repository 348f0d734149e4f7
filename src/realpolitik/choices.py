"""What scenarios, functions and commands choose from: each list stated once, and free to import."""

from typing import TYPE_CHECKING, Literal

from realpolitik_model.equations.weights import RULES

THEORIES = tuple(rule.name for rule in RULES)
"""Weight rules: what others' interests count for (E4)."""
Weights = str if TYPE_CHECKING else Literal[THEORIES]
"""The name of one of them."""
Uncertainty = Literal["none", "prior", "posterior"]
"""Where worlds take their numbers from: their values, their ranges, or the settings that fit history."""
Design = Literal["sobol", "lhs", "grid", "random", "morris"]
"""How a sweep lays out its points."""
Keep = Literal["worlds", "points"]
"""What a sweep writes a row of."""
