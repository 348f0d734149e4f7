"""Types of the values in a scenario: ids, months, texts and bounded numbers."""

import math
import re
import unicodedata
from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple

from pydantic import (
    AfterValidator,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainValidator,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from realpolitik.scenario.errors import shown

ID = r"^[A-Za-z][A-Za-z0-9_-]{0,63}$"
MONTH = r"^(1[89]|2[01])[0-9][0-9]-(0[1-9]|1[0-2])$"
DATE = MONTH.replace("$", "(-(0[1-9]|[12][0-9]|3[01]))?$")
YEAR = r"^(1[89]|2[01])[0-9][0-9]$"
NEVER = MONTH.replace("^", "^(never|").replace("$", ")$")
PATTERNS = {
    ID: "invalid id {given}: use a letter, then letters, digits, '_' or '-', 64 characters at most",
    MONTH: 'invalid month {given}: use "YYYY-MM", 1800 to 2199',
    DATE: 'invalid date {given}: use a month "YYYY-MM" or a date "YYYY-MM-DD"',
    NEVER: 'invalid month {given}: use "YYYY-MM" or "never"',
    YEAR: 'invalid year {given}: use "YYYY", 1800 to 2199',
}
"""Pattern -> the message for a value that does not match it."""
# Bidirectional overrides and isolates reverse text on screen; zero-width characters make two names look the same.
UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)
MOST_MARKS = 8
DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")


class Range(NamedTuple):
    """A number and its range of uncertainty: low <= value <= high."""

    value: float
    low: float
    high: float


Number = float | Range


def fault(problem: str, under: tuple[str, ...] = (), near: tuple[str, ...] = ()) -> PydanticCustomError:
    """Return the error for an invalid value, or for the key `under` it; `near` are the valid names."""
    return PydanticCustomError("fault", "{problem}", {"problem": problem, "under": under, "near": near})


def legible(text: str) -> str:
    """Return the text; raise if it has control, bidirectional or zero-width characters, or stacked accents."""
    hidden = UNSEEN.search(text)
    if hidden:
        raise fault(f"contains the control character U+{ord(hidden[0]):04X}")
    run = 0
    for character in text:
        run = run + 1 if unicodedata.combining(character) else 0
        if run > MOST_MARKS:
            raise fault(f"has more than {MOST_MARKS} combining marks in a row")
    return text


def one_line(text: str) -> str:
    """Return the text; raise if it has a line break or a tab, or is not legible."""
    if "\n" in text or "\t" in text:
        raise fault("must be one line, without tabs")
    return legible(text)


def place_in_source(given: object) -> str | int:
    """Return a paragraph's number (0 to 100,000), or its name."""
    if isinstance(given, int) and not isinstance(given, bool) and 0 <= given <= 100_000:
        return given
    if isinstance(given, str) and 0 < len(given) <= 1_000:
        return one_line(given)
    raise fault(f"must be a paragraph's number or name, not {shown(given)}")


Id = Annotated[str, StringConstraints(pattern=ID)]
Month = Annotated[str, StringConstraints(pattern=MONTH)]
Year = Annotated[str, StringConstraints(pattern=YEAR)]
MonthOrDate = Annotated[str, StringConstraints(pattern=DATE)]
MonthOrNever = Annotated[str, StringConstraints(pattern=NEVER)]
Line = Annotated[str, StringConstraints(min_length=1, max_length=1_000), AfterValidator(one_line)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=20_000), AfterValidator(legible)]
Quantity = Annotated[str, StringConstraints(min_length=1, max_length=140), AfterValidator(one_line)]
Paragraph = Annotated[
    str | int, PlainValidator(place_in_source), WithJsonSchema({"anyOf": [{"type": "integer"}, {"type": "string"}]})
]


@dataclass(frozen=True)
class Bounded:
    """A finite number within [low, high]: a plain number or, if `ranged`, a table `{ value, low, high }`.

    If `quantity`, the name of a quantity is valid too.
    """

    low: float
    high: float
    ranged: bool = True
    quantity: bool = False

    def read(self, given: object) -> Number | str:
        """Return the number, range or name that a file gives; raise if it is invalid."""
        if self.quantity and isinstance(given, str):
            return one_line(given)
        if self.ranged and isinstance(given, Range):
            return self.span(given._asdict())
        if self.ranged and isinstance(given, dict):
            return self.span(given)
        return self.plain(given)

    def plain(self, given: object, under: tuple[str, ...] = ()) -> float:
        """Return one number as a float, -0.0 as 0.0; raise if it is a boolean, infinite or out of range."""
        if isinstance(given, bool) or not isinstance(given, int | float):
            point = "; write a decimal point, not a comma" if DECIMAL_COMMA.fullmatch(str(given)[:100]) else ""
            raise fault(f"must be a number, not {shown(given)}{point}", under)
        try:
            number = float(given) + 0.0
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            raise fault(f"must be a finite number, not {shown(given)}", under)
        if not self.low <= number <= self.high:
            raise fault(f"{shown(given)} is out of range, {self.low:g} to {self.high:g}", under)
        return number

    def span(self, given: dict[str, Any]) -> Range:
        """Return a number with its range; raise if a key is missing or unknown, or the value is outside the range."""
        for key in given:
            if key not in Range._fields:
                raise fault(f"unknown key '{key}'", (key,), Range._fields)
        for key in Range._fields:
            if key not in given:
                raise fault(f"a range needs '{key}': {{ value = ..., low = ..., high = ... }}")
        span = Range(*(self.plain(given[key], (key,)) for key in Range._fields))
        if not span.low <= span.value <= span.high:
            raise fault(f"value {span.value:g} is outside its range, {span.low:g} to {span.high:g}")
        return span

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        number = {"type": "number", "minimum": self.low, "maximum": self.high}
        span = {
            "type": "object",
            "properties": dict.fromkeys(Range._fields, number),
            "required": list(Range._fields),
            "additionalProperties": False,
        }
        kinds = [number] + [span] * self.ranged + [{"type": "string"}] * self.quantity
        return {"anyOf": kinds} if len(kinds) > 1 else number


Share = Annotated[Number, Bounded(0, 1)]
Strength = Annotated[Number, Bounded(0, 10)]
Effect = Annotated[Number, Bounded(-10, 10)]
Step = Annotated[Number, Bounded(-1, 1)]
Threshold = Annotated[Number | str, Bounded(0, 100, quantity=True)]
