"""The lists of valid choices and table names, each defined once. Importing this module is cheap."""

from typing import TYPE_CHECKING, Literal, TypeAlias

from realpolitik_model.equations.weights import RULES

THEORIES = tuple(rule.name for rule in RULES)
"""Weight rules  (E4)."""
if TYPE_CHECKING:
    Weights: TypeAlias = str
else:
    Weights = Literal[THEORIES]  # type checkers cannot read this; the rules are defined once, in the model
REASONED = ("issues", "drivers", "dependence", "interests", "moves", "shocks")
"""Tables whose rows are parts of the argument: each row has a reason, and claims or `assumption = true`."""
TABLES = ("actors", *REASONED, "outcomes", "history", "quantities", "claims")
"""All tables of rows of a scenario, in the order of its document."""
Uncertainty = Literal["none", "prior", "posterior"]
"""What each world draws its numbers from: nothing (all at their values), their ranges, or a calibrated sample."""
Design = Literal["sobol", "lhs", "grid", "random", "morris"]
"""How the points of a sweep are placed."""
Keep = Literal["worlds", "points"]
"""Whether a sweep writes one row per world or per point."""
