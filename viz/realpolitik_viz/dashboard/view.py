"""What a reader is looking at: the whole of it stands in the address, and nothing else does."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any
from urllib.parse import parse_qs, urlencode

from realpolitik.scenario import parse_setting
from realpolitik_viz.dashboard.reading import Reader, matching, one_of, plain, whole

PAGES = ("explore", "world", "compare", "sweep", "evidence")
TABS = ("", "score", "model")
THEORIES = ("", "leverage", "self-interest", "capability", "placebo")
MOST_WORLDS = 10_000
MOST_CHANGES = 200
LONGEST_ADDRESS = 16_000
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
PAIR = re.compile(r"[A-Za-z][\w-]{0,63}>[A-Za-z][\w-]{0,63}", re.ASCII)
DECISION = re.compile(r"[A-Za-z][\w-]{0,63}@\d{4}-(0[1-9]|1[0-2])", re.ASCII)
MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])", re.ASCII)
Changes = tuple[str, ...]


@dataclass(frozen=True)
class View:
    """One view; equal views show the same."""

    page: str = "explore"
    scenario: str = "karabakh"
    set: Changes = ()
    """Changed numbers, each as `--set` takes it."""
    theory: str = ""
    """A weight rule, or nothing for the scenario's own."""
    uncertainty: str = ""
    """Where numbers are drawn from, or nothing for the scenario's own."""
    worlds: int = 2000
    seed: int = 1
    month: str = ""
    issue: str = ""
    pair: str = ""
    world: int = 0
    decision: str = ""
    """The decision that is accounted for, as `Moscow@2024-03`."""
    against: Changes = ()
    """Scenarios held against this one, each a name and changes, parted by semicolons."""
    fork: str = ""
    """Month in which those take effect."""
    folder: str = ""
    outcome: str = ""
    factor: str = ""
    tab: str = ""
    """What is shown of the evidence, or nothing for the claims."""


def changes(given: Any) -> Changes:
    """Read changed numbers, the last of each path."""
    if not isinstance(given, list | tuple) or len(given) > MOST_CHANGES:
        raise ValueError(f"a list of at most {MOST_CHANGES} changes is wanted")
    settings = [parse_setting(plain(text)) for text in given]
    latest = {(one.path, one.month): str(text) for one, text in zip(settings, given, strict=True)}
    return tuple(latest.values())


def rivals(given: Any) -> Changes:
    """Read what is compared: at most two scenarios beside the first."""
    if not isinstance(given, list | tuple) or len(given) > 2:
        raise ValueError("at most three scenarios can be compared")
    for text in given:
        name, *settings = plain(text).split(";")
        matching(NAME)(name)
        changes(settings)
    return tuple(str(text) for text in given)


READERS: dict[str, Reader] = {
    "page": one_of(*PAGES),
    "scenario": matching(NAME),
    "set": changes,
    "theory": one_of(*THEORIES),
    "uncertainty": one_of("", "none", "prior", "posterior"),
    "worlds": whole(1, MOST_WORLDS),
    "seed": whole(0, 2**53),
    "month": matching(MONTH),
    "issue": matching(NAME),
    "pair": matching(PAIR),
    "world": whole(0, 2**53),
    "decision": matching(DECISION),
    "against": rivals,
    "fork": matching(MONTH),
    "folder": matching(NAME),
    "outcome": matching(NAME),
    "factor": matching(re.compile(r"[\w.>-]{1,400}", re.ASCII)),
    "tab": one_of(*TABS),
}
LISTS = ("set", "against")


def changed(view: View, given: Mapping[str, Any]) -> View:
    """Return a view with new values; ValueError for the first that is not fit."""
    return replace(view, **{key: read(key, value) for key, value in given.items()})


def read(key: str, value: Any) -> Any:
    """Read one value, whoever sent it; the error names its key."""
    if key not in READERS:
        raise ValueError(f"unknown key {key[:40]!r} in the address")
    try:
        return READERS[key](value)
    except ValueError as error:
        raise ValueError(f"{key}: {error}") from None


def view_of(query: str | None) -> tuple[View, list[str]]:
    """Return the view of an address, and what had to be left out of it."""
    if query and len(query) > LONGEST_ADDRESS:
        return View(), ["The address is too long, so it was not read."]
    view, problems = View(), []
    for key, values in parse_qs((query or "").lstrip("?")).items():
        try:
            view = changed(view, {key: values if key in LISTS else values[-1]})
        except ValueError as error:
            problems.append(f"The address was not read in full: {error}")
    return view, problems[:3]


def query_of(view: View) -> str:
    """Return the address of a view: what differs from the plainest one."""
    plain = asdict(View())
    given = [(key, value) for key, value in asdict(view).items() if value != plain[key]]
    return urlencode(list(pairs(given)), safe=":,@>=")


def pairs(given: Iterable[tuple[str, Any]]) -> Iterable[tuple[str, str]]:
    """Yield keys with single values."""
    for key, value in given:
        for one in value if key in LISTS else (value,):
            yield key, str(one)


assert set(READERS) == {field.name for field in fields(View)}
