"""Valid choices, table names and constants, each defined once. Importing this module is cheap."""

from collections.abc import Callable, Iterable
from math import inf
from operator import index
from os import PathLike
from typing import TYPE_CHECKING, Any, Literal, SupportsIndex, TypeAlias, get_args

from realpolitik_model.equations.weights import RULES

THEORIES = tuple(rule.name for rule in RULES)
"""Weight rules  (E4)."""
if TYPE_CHECKING:
    Weights: TypeAlias = str
else:
    Weights = Literal[THEORIES]  # type checkers cannot read this; the rules are defined once, in the model
REASONED = ("issues", "drivers", "dependence", "interests", "moves", "shocks")
"""Tables whose rows are parts of the argument: each row has a reason, and claims or `assumption = true`."""
ABOUT_OTHERS = ("directions", "levels", "questions")
"""Tables whose rows can name another scenario."""
EXPECTED = (*ABOUT_OTHERS, "validation")
"""Tables that only `validate` and `forecast` read."""
SHOWN = ("show", "levers", "story")
"""Tables that only pages and reports read."""
ASIDE = (*EXPECTED, *SHOWN)
"""Tables that no world depends on. They are not part of a scenario's sha256."""
TABLES = ("actors", *REASONED, "outcomes", "history", "quantities", "claims", *ABOUT_OTHERS, "levers")
"""All tables of rows of a scenario, in the order of its document."""
Uncertainty = Literal["none", "prior", "posterior"]
NUMBERS: dict[str, str] = {
    "none": "as in the scenario",
    "prior": "drawn from their ranges",
    "posterior": "drawn from the posterior",
}
"""Where worlds take their numbers from, by uncertainty, after "numbers"."""
"""What each world draws its numbers from: nothing (all at their values), their ranges, or a calibrated sample."""
Design = Literal["sobol", "lhs", "grid", "random", "morris"]
"""How the points of a sweep are placed."""
Keep = Literal["worlds", "points"]
"""Whether a sweep writes one row per world or per point."""
On = Literal["cpu", "cuda", "auto"]
"""Where worlds are played: on the processor, on an NVIDIA GPU, or on a GPU if there is one."""
Statistic = Literal["probability", "measure", "month"]
"""What a tornado shows of an outcome: its probability, the mean of its measure, or its median month."""
STATISTICS: tuple[Statistic, ...] = get_args(Statistic)
Progress = Callable[[int, int], None]
"""Called with how much is done, and how much there is in all."""
Z95 = 1.959963984540054
"""Half a 95% interval in standard errors: `scipy.stats.norm.ppf(0.975)`."""


def several(given: str | PathLike[str] | Iterable[Any]) -> tuple[Any, ...]:
    """Return what was given as a tuple: a text or a path is one of several, and not several characters."""
    return (given,) if isinstance(given, str | PathLike) else tuple(given)


def whole(what: str, number: SupportsIndex, least: float = -inf, most: float = inf) -> int:
    """Return an integer of any library as Python's own; ValueError if it is none, or out of range.

    A truth value is no integer, nor is 2.0.
    """
    try:
        if isinstance(number, bool):
            raise TypeError
        found = index(number)
    except TypeError:
        raise ValueError(f"{what} must be a whole number, not {str(number)[:40]}") from None
    if not least <= found <= most:
        raise ValueError(f"{what} must be {least} to {most}, not {found}")
    return found
