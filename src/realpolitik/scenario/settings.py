"""Settings given from outside, as `drivers.war.scale=0` or `moves.withdraw.cost=0.3@2024-04`."""

import re
from collections.abc import Iterable, Mapping
from numbers import Integral, Real
from typing import NamedTuple

from realpolitik.scenario.draft import Draft, Places, checked, refuse
from realpolitik.scenario.errors import Fault
from realpolitik.scenario.fields import MONTH, Range
from realpolitik.scenario.merge import dropped, replacements
from realpolitik.scenario.paths import GIVEN, refused

LONGEST = 2_000
"""Characters of a setting."""
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
DATED = re.compile(rf"(?P<value>[^@]+)@(?P<month>{MONTH.strip('^$')})")
WORDS = {"true": True, "false": False}
Settings = Mapping[str, object] | Iterable["Setting"]


class Setting(NamedTuple):
    """A new value at a dotted path, from a month on if one is given."""

    path: str
    value: object
    month: str | None = None


def parse_setting(text: str) -> Setting:
    """Read `PATH=VALUE` or `PATH=VALUE@YYYY-MM`."""
    return dated(*halves(text))


def halves(text: str, longest: int = LONGEST) -> tuple[str, str]:
    """Split `PATH=VALUE`; a text that is too long is refused, never cut."""
    if len(text) > longest:
        raise refused("", f"'{text[:60]}...' is too long: {len(text):,} characters, {longest:,} at most")
    path, equals, value = (part.strip() for part in text.partition("="))
    if not equals or not path or not value:
        raise refused(path, f"'{text[:60]}' is not a setting: write PATH=VALUE or PATH=VALUE@YYYY-MM")
    return path, value


def dated(path: str, value: object) -> Setting:
    """Take the month off a value such as `0.3@2024-04`, and read numbers and truth values."""
    if not isinstance(value, str):
        return Setting(path, plain(value))
    fork = DATED.fullmatch(value)
    if fork:
        return Setting(path, read(fork["value"].strip()), fork["month"])
    return Setting(path, read(value))


def read(text: str) -> object:
    """Read a value as TOML would: a number, true or false, else a text."""
    return float(text) if NUMBER.fullmatch(text) else WORDS.get(text, text)


def listed(settings: Settings) -> list[Setting]:
    """Bring settings into one form."""
    if isinstance(settings, Mapping):
        return [dated(path, value) for path, value in settings.items()]
    return [Setting(path, plain(value), month) for path, value, month in settings]


def plain(value: object) -> object:
    """Return a value with every number, truth value and list Python's own, whatever library it comes from."""
    if isinstance(value, bool | str | Range):
        return value
    if callable(tolist := getattr(value, "tolist", None)):  # a scalar or an array of NumPy
        return plain(tolist())
    if isinstance(value, Mapping):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    if isinstance(value, Integral):
        return int(value)
    return float(value) if isinstance(value, Real) else value


def with_settings(draft: Draft, settings: Settings) -> Draft:
    """Apply settings, checked as if they stood in a file."""
    given = listed(settings)
    lasting = {setting.path: setting.value for setting in given if setting.month is None}
    places: Places = {(): GIVEN} | {("set", path): GIVEN for path in lasting}
    refuse(replacements(draft, lasting, places), places)
    for setting in given:
        if setting.month is not None:
            refuse(unforkable(setting), places)
            draft.places["from", len(draft.full["from"])] = GIVEN
            draft.full["from"].append({"month": setting.month, "set": {setting.path: setting.value}})
    return checked(draft)


def unforkable(setting: Setting) -> list[Fault]:
    """Only numbers can change from a month on."""
    if isinstance(setting.value, int | float) and not isinstance(setting.value, bool):
        return []
    return [Fault(("set", setting.path), f"{setting.path}: only a number can change from a month on")]


def without(draft: Draft, paths: Iterable[str]) -> Draft:
    """Drop rows, checked as if a file dropped them."""
    dropped(draft, list(paths), {(): GIVEN})
    return checked(draft)
