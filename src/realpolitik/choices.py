"""What scenarios, functions and commands choose from: each list stated once, and free to import."""

from typing import TYPE_CHECKING, Literal, TypeAlias

from realpolitik_model.equations.weights import RULES

THEORIES = tuple(rule.name for rule in RULES)
"""Weight rules: what others' interests count for (E4)."""
if TYPE_CHECKING:
    Weights: TypeAlias = str
else:
    Weights = Literal[THEORIES]  # which type checkers cannot read: the rules are listed once, in the model
Uncertainty = Literal["none", "prior", "posterior"]
"""Where worlds take their numbers from: their values, their ranges, or the settings that fit history."""
Design = Literal["sobol", "lhs", "grid", "random", "morris"]
"""How a sweep lays out its points."""
Keep = Literal["worlds", "points"]
"""What a sweep writes a row of."""
