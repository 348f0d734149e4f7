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
    ID: "invalid id {given}: use an ASCII letter, then ASCII letters, digits, '_' or '-', 64 at most",
    MONTH: 'invalid month {given}: use "YYYY-MM", 1800 to 2199',
    DATE: 'invalid date {given}: use a month "YYYY-MM" or a date "YYYY-MM-DD"',
    NEVER: 'invalid month {given}: use "YYYY-MM" or "never"',
    YEAR: 'invalid year {given}: use "YYYY", 1800 to 2199',
}
"""Pattern -> the message for a value that does not match it."""
LIKE_A_DATE = re.compile(r"(?P<year>[0-9]{4})[-/. ]?(?P<month>[0-9]{1,2})([-/. ](?P<day>[0-9]{1,2}))?")
# Bidirectional overrides and isolates reverse text on screen; zero-width characters make two names look the same.
UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)
MOST_MARKS = 8
DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")
THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?")
DECIMAL = re.compile(r"[+-]?\d+(\.\d+)?")


class Range(NamedTuple):
    """A number and its range of uncertainty: low <= value <= high."""

    value: float
    low: float
    high: float


class Responsive(NamedTuple):
    """A number that responds to the state: `value + effect * z` for each issue or driver z of `effects`."""

    value: Any
    effects: dict[str, Any]


Number = float | Range
MOST_EFFECTS = 240
"""Effects on one number: all issues and drivers that a scenario may have."""


def fault(problem: str, under: tuple[str, ...] = (), near: tuple[str, ...] = ()) -> PydanticCustomError:
    """Return the error for an invalid value, or for the key `under` it; `near` are the valid names."""
    return PydanticCustomError("fault", "{problem}", {"problem": problem, "under": under, "near": near})


def legible(text: str) -> str:
    """Return the text; raise if it has control, bidirectional or zero-width characters, or stacked accents."""
    hidden = UNSEEN.search(text)
    if hidden:
        raise fault(f"contains the control character U+{ord(hidden[0]):04X}")
    run = 0
    for character in "" if text.isascii() else text:
        run = run + 1 if unicodedata.combining(character) else 0
        if run > MOST_MARKS:
            raise fault(f"has more than {MOST_MARKS} combining marks in a row")
    return text


def as_number(given: object) -> str:
    """Return what to write instead of a text that is nearly a number, or nothing."""
    text = given[:100] if isinstance(given, str) else ""
    if THOUSANDS.fullmatch(text):
        return "; write a decimal point, and no thousands separator"
    if DECIMAL_COMMA.fullmatch(text):
        return "; write a decimal point, not a comma"
    return "; write it without quotes" if DECIMAL.fullmatch(text) else ""


def as_range(given: object) -> str:
    """Return what to write instead of a list that was meant as a range, or nothing."""
    if not isinstance(given, list):
        return ""
    ends = [shown(end) for end in given if isinstance(end, int | float)]
    low, high = ends if len(ends) == len(given) == 2 else ("...", "...")
    return f"; a range is written {{ value = ..., low = {low}, high = {high} }}"


def one_line(text: str) -> str:
    """Return the text; raise if it has a line break or a tab, or is not legible."""
    if "\n" in text or "\t" in text:
        raise fault("must be one line, without tabs")
    return legible(text)


def place_in_source(given: object) -> str | int:
    """Return a paragraph's number (1 to 100,000), or its name."""
    if isinstance(given, int) and not isinstance(given, bool) and 1 <= given <= 100_000:
        return given
    if isinstance(given, str) and 0 < len(given) <= 1_000:
        return one_line(given)
    raise fault(f"must be a paragraph's number, from 1, or its name, not {shown(given)}")


Id = Annotated[str, StringConstraints(pattern=ID)]
Month = Annotated[str, StringConstraints(pattern=MONTH)]
Year = Annotated[str, StringConstraints(pattern=YEAR)]
MonthOrDate = Annotated[str, StringConstraints(pattern=DATE)]
MonthOrNever = Annotated[str, StringConstraints(pattern=NEVER)]
Line = Annotated[str, StringConstraints(min_length=1, max_length=1_000), AfterValidator(one_line)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=20_000), AfterValidator(legible)]
Quantity = Annotated[str, StringConstraints(min_length=1, max_length=140), AfterValidator(one_line)]
Paragraph = Annotated[
    str | int,
    PlainValidator(place_in_source),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 1, "maximum": 100_000}, {"type": "string"}]}),
]


@dataclass(frozen=True)
class Bounded:
    """A finite number within [low, high]: a plain number or, if `ranged`, a table `{ value, low, high }`.

    If `quantity`, the name of a quantity is valid too. If `responsive`, so is a table with `effects`.
    """

    low: float
    high: float
    ranged: bool = True
    quantity: bool = False
    responsive: bool = False

    def read(self, given: object) -> Number | Responsive | str:
        """Return the number, range, responsive number or name that a file gives; raise if it is invalid."""
        if self.quantity and isinstance(given, str):
            return one_line(given)
        if isinstance(given, Responsive):
            return self.responding(self.number(given.value), given.effects)
        if isinstance(given, dict) and "effects" in given:
            value = {key: part for key, part in given.items() if key != "effects"}
            return self.responding(self.beside_effects(value), given["effects"])
        return self.number(given)

    def number(self, given: object) -> Number:
        """Return a plain number or a range; raise if it is neither, or invalid."""
        if self.ranged and isinstance(given, Range):
            return self.span(given._asdict())
        if self.ranged and isinstance(given, dict):
            return self.span(given)
        return self.plain(given)

    def beside_effects(self, given: dict[str, Any]) -> Number:
        """Return the number that a table with effects gives: a value, or a range; raise if it is invalid."""
        if "value" not in given:
            raise fault("a number with effects needs 'value': { value = ..., effects = { ... } }")
        return self.plain(given["value"], ("value",)) if given.keys() == {"value"} else self.span(given)

    def responding(self, value: Number, effects: object) -> Number | Responsive:
        """Return a number with its effects, or the number alone if there are none; raise if they are invalid."""
        if not self.responsive:
            raise fault("this number cannot have effects", ("effects",))
        if not isinstance(effects, dict):
            problem = f"effects must be a table, not {shown(effects)}; write {{ NAME = ... }}, an issue or a driver"
            raise fault(problem, ("effects",))
        if len(effects) > MOST_EFFECTS:
            raise fault(f"has {len(effects):,} effects, at most {MOST_EFFECTS:,} are allowed", ("effects",))
        return Responsive(value, {z: effect(z, given) for z, given in effects.items()}) if effects else value

    def plain(self, given: object, under: tuple[str, ...] = ()) -> float:
        """Return one number as a float, -0.0 as 0.0; raise if it is a boolean, infinite or out of range."""
        if isinstance(given, bool) or not isinstance(given, int | float):
            hint = as_number(given) or (as_range(given) if self.ranged and not under else "")
            raise fault(f"must be a number, not {shown(given)}{hint}", under)
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
        unknown = [str(key) for key in given if key not in Range._fields]
        if unknown:
            valid = (*Range._fields, "effects") if self.responsive else Range._fields
            all_of_them = " and ".join(f"'{key}'" for key in unknown[:3])
            form = "; a range is written { value = ..., low = ..., high = ... }" * (len(unknown) > 1)
            raise fault(f"unknown key{'s' * (len(unknown) > 1)} {all_of_them}{form}", (unknown[0],), valid)
        for key in Range._fields:
            if key not in given:
                raise fault(f"a range needs '{key}': {{ value = ..., low = ..., high = ... }}")
        span = Range(*(self.plain(given[key], (key,)) for key in Range._fields))
        if span.low > span.high:
            raise fault(f"low {span.low:g} is above high {span.high:g}")
        if not span.low <= span.value <= span.high:
            raise fault(f"value {span.value:g} is outside its range, {span.low:g} to {span.high:g}")
        return span

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        number = {"type": "number", "minimum": self.low, "maximum": self.high}
        span = closed(dict.fromkeys(Range._fields, number), list(Range._fields))
        kinds = [number] + [span] * self.ranged + [{"type": "string"}] * self.quantity
        if self.responsive:
            effects = {
                "type": "object",
                "propertyNames": {"pattern": ID},
                "additionalProperties": EFFECT.__get_pydantic_json_schema__(core, handler),
                "maxProperties": MOST_EFFECTS,
                "description": "effect * z added, for each issue or driver z (-10 to 10)",
            }
            table = closed({**dict.fromkeys(Range._fields, number), "effects": effects}, ["value", "effects"])
            kinds.append({**table, "dependentRequired": {"low": ["high"], "high": ["low"]}})
        return {"anyOf": kinds} if len(kinds) > 1 else number


def mismatch(pattern: str, given: object) -> str:
    """Return the message for a value that does not match a pattern; for a date, with its right spelling if it has one.

    >>> print(mismatch(MONTH, "2020-3"))
    invalid month '2020-3': write "2020-03"
    """
    message, right = PATTERNS[pattern].format(given=shown(given)), respelt(pattern, str(given))
    return f'{message.partition(": use ")[0]}: write "{right}"' if right else message


def respelt(pattern: str, given: str) -> str | None:
    """Return a date such as "2020-3" or "2020/03" in the spelling that a pattern has, None if there is none."""
    parts = LIKE_A_DATE.fullmatch(given.strip()) if pattern in (MONTH, DATE, NEVER) else None
    if parts is None:
        return None
    month = f"{parts['year']}-{int(parts['month']):02d}"
    right = f"{month}-{int(parts['day']):02d}" if parts["day"] and pattern == DATE else month
    return right if re.fullmatch(pattern, right) else None


def as_month(name: str, given: object) -> str:
    """Return a month as text; ValueError, with the name of the parameter, if it is not written as in a file."""
    month = month_text(given)
    if not isinstance(month, str) or not re.fullmatch(MONTH, month):
        raise ValueError(f"{name}: {mismatch(MONTH, given)}")
    return month


def month_text(given: Any) -> Any:
    """Return a month of any library, such as a monthly Period of pandas, as text; anything else as it is."""
    return str(given) if re.fullmatch(MONTH, str(given)) else given


def months_counted(first: str, last: str) -> int:
    """Return how many months there are from one date to another, both counted; dates as "YYYY-MM" or "YYYY-MM-DD".

    >>> months_counted("2020-11", "2021-01-31")
    3
    """
    start, end = (12 * int(date[:4]) + int(date[5:7]) for date in (first, last))
    return end - start + 1


def closed(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    """Return the JSON Schema of a table with these keys and no others."""
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


SPAN = {key: {"type": "number"} for key in Range._fields}
SETTABLE = {
    "anyOf": [
        {"type": ["number", "string", "boolean"]},
        {"type": "array"},
        closed(SPAN, list(Range._fields)),
        closed({**SPAN, "effects": {"type": "object"}}, ["value", "effects"]),
        closed({"of": {"type": ["array", "object"]}, "need": {}}, ["of", "need"]),
    ]
}
Settable = Annotated[object, WithJsonSchema(SETTABLE)]
"""A value of [set], which is checked at the path where it is set."""


def deferred(given: object) -> object:
    """Return a value that is set later, and checked then; raise if it is none that can be set or written as JSON."""
    if isinstance(given, str):
        return legible(given)
    if isinstance(given, dict):
        return {key: deferred(part) for key, part in given.items()}
    if isinstance(given, list):
        return [deferred(part) for part in given]
    if isinstance(given, Responsive | bool) or (isinstance(given, int | float) and -LARGEST <= given <= LARGEST):
        return given
    raise fault(f"{shown(given)} is not a number, text, list or table that can be set")


LARGEST = 1e6
"""Magnitude beyond which no number of a scenario is valid."""
Deferred = Annotated[object, PlainValidator(deferred), WithJsonSchema(SETTABLE)]
"""A value of `set` in an expectation: it is set when `validate` runs."""
EFFECT = Bounded(-10, 10)


def effect(z: object, given: object) -> Number:
    """Return one effect on a number; raise if the name or the effect is invalid."""
    if not isinstance(z, str) or not re.fullmatch(ID.rstrip("$"), z):
        raise fault(PATTERNS[ID].format(given=shown(z)), ("effects",))
    try:
        return EFFECT.number(given)
    except PydanticCustomError as error:
        context = error.context or {}
        raise fault(context["problem"], ("effects", z, *context["under"]), context["near"]) from None


Share = Annotated[Number, Bounded(0, 1)]
Strength = Annotated[Number, Bounded(0, 10)]
RespondingShare = Annotated[Number | Responsive, Bounded(0, 1, responsive=True)]
RespondingStrength = Annotated[Number | Responsive, Bounded(0, 10, responsive=True)]
Effects = dict[Id, Annotated[Number, EFFECT]]
Votes = Annotated[Number, Bounded(0, 1_000)]
Step = Annotated[Number, Bounded(-1, 1)]
Threshold = Annotated[Number | str, Bounded(0, 100, quantity=True)]
