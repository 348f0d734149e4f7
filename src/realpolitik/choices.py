"""Valid choices, table names and constants, each defined once. Importing this module is cheap."""

from collections.abc import Callable, Iterable, Mapping
from math import inf
from numbers import Integral, Real
from operator import index
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, SupportsIndex, TypeAlias, TypeVar, get_args

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
LONGEST_SHOWN = 60
"""Characters of a value of the wrong kind in a message."""


Word = TypeVar("Word", bound=str)


def several(given: Any) -> tuple[Any, ...]:
    """Return what was given as a tuple: a text or a path is one of several, and not several characters; None is none.

    >>> several(None), several("2024-03"), several(["2024-03", "2024-04"])
    ((), ('2024-03',), ('2024-03', '2024-04'))
    """
    if given is None:
        return ()
    return (given,) if isinstance(given, str | PathLike) or not isinstance(given, Iterable) else tuple(given)


def whole(what: str, number: SupportsIndex, least: float = -inf, most: float = inf) -> int:
    """Return an integer of any library as Python's own; ValueError if it is none, or out of range.

    A truth value is no integer, nor is 2.0.
    """
    try:
        if isinstance(number, bool):
            raise TypeError
        found = index(number)
    except TypeError:
        raise ValueError(f"{what} must be a whole number, not {brief(number)}") from None
    if not least <= found <= most:
        raise ValueError(f"{what} must be {least} to {most}, not {found}")
    return found


def from_frame(number: Any) -> Any:
    """Return a number of a frame, where pandas makes floats of whole numbers, as an integer if it is one.

    >>> from_frame(3.0), from_frame(3.5)
    (3, 3.5)
    """
    if isinstance(number, Integral) or not isinstance(number, Real):
        return number
    found = float(number)
    return int(found) if found.is_integer() else number


def real(what: str, number: Any) -> float:
    """Return a number of any library as Python's own float; ValueError if it is none. A text or a truth value is none.

    >>> real("target", 1)
    1.0
    """
    try:
        if isinstance(number, bool | str | bytes) or str(getattr(number, "dtype", "")) == "bool":
            raise TypeError
        return float(number)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{what} must be a number, not {brief(number)}") from None


def name_in(what: str, given: Any) -> str:
    """Return a name; ValueError, with the name of the parameter, if it is no text."""
    return text_in(what, given, "one name, as a text")


def text_in(what: str, given: Any, kind: str = "a text") -> str:
    """Return a text; ValueError, with the name of the parameter, if it is none."""
    if not isinstance(given, str):
        raise ValueError(f"{what} must be {kind}, not {brief(given)}")
    return given


def one_of(what: str, given: Any, valid: tuple[Word, ...]) -> Word:
    """Return one of the valid words; ValueError, with the name of the parameter, if it is none of them."""
    found = next((word for word in valid if isinstance(given, str) and word == given), None)
    if found is None:
        raise ValueError(f"{what} must be one of {', '.join(valid)}, not {brief(given)}")
    return found


def mapping(given: Any) -> Mapping[Any, Any] | None:
    """Return a mapping, or a Series of pandas as one; None for anything else.

    >>> mapping({"a": 1}), mapping(["a"])
    ({'a': 1}, None)
    """
    if isinstance(given, Mapping):
        return given
    if callable(getattr(given, "items", None)) and callable(to_dict := getattr(given, "to_dict", None)):
        return dict(to_dict())
    return None


def existing(what: str, given: Any, kind: str) -> Path:
    """Return the path of a file that exists, or of a pipe; ValueError if there is none, or for what is no path."""
    if not isinstance(given, str | PathLike):
        raise ValueError(f"{what} must be {kind}, not {brief(given)}")
    file = Path(given)
    if not file.exists():
        raise ValueError(f"no such file: '{file}'")
    if file.is_dir():
        raise ValueError(f"{what}: '{file}' is a folder; give {kind}")
    return file


def brief(given: object) -> str:
    """Return a value of the wrong kind as a message shows it: in one line, shortened."""
    text = " ".join(repr(given).split())
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 3]}..."
