"""The view: everything that decides what a user sees. The URL stores all of it, and nothing else does."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, get_args
from urllib.parse import parse_qs, urlencode

from realpolitik.choices import THEORIES, Uncertainty
from realpolitik.scenario import parse_setting
from realpolitik.texts import inert

TABS = ("", "claims", "score", "model")
MOST_WORLDS = 10_000
MOST_CHANGES = 200
MOST_PINS = 20
LONGEST_URL = 16_000
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
PAIR = re.compile(r"[A-Za-z][\w-]{0,63}>[A-Za-z][\w-]{0,63}", re.ASCII)
DECISION = re.compile(r"[A-Za-z][\w-]{0,63}@\d{4}-(0[1-9]|1[0-2])", re.ASCII)
MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])", re.ASCII)
FACTOR = re.compile(r"[\w.>-]{1,400}", re.ASCII)
Changes = tuple[str, ...]
Reader = Callable[[Any], Any]
"""Returns a valid value; the given one may come from anywhere. ValueError says what is valid."""


@dataclass(frozen=True)
class Page:
    """What the application, the requests, the view and the tests know of a page."""

    name: str
    needs: tuple[str, ...]
    """The keys of the view that its results depend on; the browser handles the other keys alone."""
    parts: tuple[str, ...]
    """The results that it shows, each sent as JSON when it is ready."""
    texts: tuple[str, ...]
    """The texts that it shows besides: the same for every view."""
    events: tuple[str, ...]
    """What it can ask of its session, besides another view."""
    later: tuple[str, ...] = ()
    """The results that are computed once the page has been still for a while, or when it asks for them."""
    local: tuple[str, ...] = ()
    """The keys of the view that say where one is on this page: views of other pages do not have them."""


_RUN = ("scenario", "set", "theory", "uncertainty", "seed")
PAGES = {
    page.name: page
    for page in (
        Page(
            name="story",
            needs=(*_RUN, "worlds"),
            parts=("steps", "waiting", "cards", "base", "fans", "basefans", "accounts"),
            texts=("catalogue",),
            events=("preview",),
            local=("step",),
        ),
        Page(
            name="explore",
            needs=(*_RUN, "worlds"),
            parts=("levers", "cards", "base", "fans", "basefans"),
            texts=("catalogue", "outlines", "theories"),
            events=("preview", "upload", "toml", "seek"),
            later=("beliefs", "matters", "goal"),
        ),
        Page(
            name="world",
            needs=(*_RUN, "world", "decision", "against", "fork"),
            parts=("levers", "story", "branch", "flip"),
            texts=("catalogue", "outlines"),
            events=(),
        ),
        Page(
            name="compare",
            needs=(*_RUN, "worlds", "against", "fork", "world"),
            parts=("comparison",),
            texts=("catalogue",),
            events=(),
        ),
        Page(
            name="sweep",
            needs=("scenario", "folder", "outcome", "factor"),
            parts=("levers", "sweeps", "example", "sweep", "task"),
            texts=(),
            events=("start", "cancel", "row"),
        ),
        Page(
            name="evidence",
            needs=("scenario",),
            parts=("claims", "verdict", "score"),
            texts=("catalogue", "model", "joint_errors"),
            events=("validate",),
            local=("tab",),
        ),
        Page(
            name="edit",
            needs=("scenario", "set", "theory", "seed"),
            parts=("form", "glimpse"),
            texts=("catalogue", "templates"),
            events=("edit", "draft", "template"),
        ),
    )
}
"""All pages by name, in the order of the navigation."""
PARTS = tuple(dict.fromkeys(part for page in PAGES.values() for part in (*page.parts, *page.later)))
LOCAL = {key: page.name for page in PAGES.values() for key in page.local}
"""Keys that say where one is on a page, and that page."""
TASKS = ("task", "score")
"""Parts that tasks send, and no answer to a view."""
_LATER = (*_RUN, "worlds", "outcome", "by")
TRANSIENT = ("month",)
"""Keys that run while one looks: they are part of the URL, and no step of the browser's history."""


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
    by: str = ""
    """The month up to which outcomes are counted, or nothing for the scenario's own (`[show] by`)."""
    pins: tuple[str, ...] = ()
    """Outcomes whose cards stay first."""
    step: int = 1
    """The step of the story."""
    issue: str = ""
    pair: str = ""
    world: int = 0
    decision: str = ""
    """The decision whose account is shown, as `Moscow@2024-03`."""
    against: Changes = ()
    """Scenarios compared with this one: each a name and changes, separated by semicolons. World plays the first one."""
    fork: str = ""
    """The month from which their changes apply."""
    folder: str = ""
    outcome: str = ""
    factor: str = ""
    tab: str = ""
    """The tab of Evidence, or nothing for how near the theory comes."""


def plain(given: Any) -> str:
    """Read a text without control characters."""
    text = str(given)
    if inert(text) != text:
        raise ValueError("a text must not contain control characters")
    return text


def one_of(*names: str) -> Reader:
    """Read one of a few words."""

    def read(given: Any) -> str:
        if given not in names:
            raise ValueError(f"must be one of {', '.join(name or 'nothing' for name in names)}")
        return str(given)

    return read


def whole(low: int, high: int) -> Reader:
    """Read a whole number between two bounds."""

    def read(given: Any) -> int:
        if isinstance(given, bool) or not re.fullmatch(r"\d{1,16}", str(given), re.ASCII):
            raise ValueError("must be a whole number")
        if not low <= int(given) <= high:
            raise ValueError(f"must be from {low:,} to {high:,}")
        return int(given)

    return read


def matching(pattern: re.Pattern[str], example: str) -> Reader:
    """Read nothing, or a text that matches a pattern."""

    def read(given: Any) -> str:
        if given != "" and not (isinstance(given, str) and pattern.fullmatch(given)):
            raise ValueError(f"invalid format; a valid value is, for example, {example}")
        return str(given)

    return read


def changes(given: Any) -> Changes:
    """Read changed numbers; of two changes of one path, the last counts."""
    if not isinstance(given, list | tuple) or len(given) > MOST_CHANGES:
        raise ValueError(f"must be a list of at most {MOST_CHANGES} changes")
    settings = [parse_setting(plain(text)) for text in given]
    latest = {(one.path, one.month): str(text) for one, text in zip(settings, given, strict=True)}
    return tuple(latest.values())


def rivals(given: Any) -> Changes:
    """Read the scenarios to compare with the first: at most two."""
    if not isinstance(given, list | tuple) or len(given) > 2:
        raise ValueError("at most three scenarios can be compared")
    for text in given:
        name, *settings = plain(text).split(";")
        matching(NAME, "no-invasion")(name)
        changes(settings)
    return tuple(str(text) for text in given)


def names(given: Any) -> tuple[str, ...]:
    """Read a list of names of outcomes."""
    if not isinstance(given, list | tuple) or len(given) > MOST_PINS:
        raise ValueError(f"must be a list of at most {MOST_PINS} names")
    read_one = matching(NAME, "withdrawal")
    return tuple(dict.fromkeys(read_one(one) for one in given if one != ""))


READERS: dict[str, Reader] = {
    "page": one_of(*PAGES),
    "scenario": matching(NAME, "karabakh"),
    "set": changes,
    "theory": one_of("", *THEORIES),
    "uncertainty": one_of("", *get_args(Uncertainty)),
    "worlds": whole(1, MOST_WORLDS),
    "seed": whole(0, 2**53),
    "month": matching(MONTH, "2023-09"),
    "by": matching(MONTH, "2025-12"),
    "pins": names,
    "step": whole(1, 20),
    "issue": matching(NAME, "karabakh"),
    "pair": matching(PAIR, "Baku>Moscow"),
    "world": whole(0, 2**53),
    "decision": matching(DECISION, "Moscow@2024-03"),
    "against": rivals,
    "fork": matching(MONTH, "2023-09"),
    "folder": matching(NAME, "my-sweep"),
    "outcome": matching(NAME, "withdrawal"),
    "factor": matching(FACTOR, "drivers.war.scale"),
    "tab": one_of(*TABS),
}
LISTS = ("set", "against", "pins")
assert set(READERS) == {field.name for field in fields(View)}


def of_scenario(view: View, scenario: str) -> View:
    """Return the same page of another scenario; what is chosen by names that only one scenario has is left out."""
    kept = ("page", "uncertainty", "worlds", "seed", "world", "folder", "tab")
    return View(scenario=scenario, **{key: getattr(view, key) for key in kept})


def needs(view: View) -> tuple[Any, ...]:
    """Return everything that decides the results on the page of a view."""
    return (view.page, *(getattr(view, key) for key in PAGES[view.page].needs))


def later_needs(view: View) -> tuple[Any, ...] | None:
    """Return everything that decides what is computed later on the page of a view; None if nothing is."""
    return tuple(getattr(view, key) for key in _LATER) if PAGES[view.page].later else None


def changed(view: View, given: Mapping[str, Any]) -> View:
    """Return a view with new values; ValueError for the first invalid one."""
    return of_page(replace(view, **{key: read(key, value) for key, value in given.items()}))


def of_page(view: View) -> View:
    """Return a view without what says where one is on another page."""
    default = View()
    others = {key: getattr(default, key) for key, page in LOCAL.items() if page != view.page}
    return replace(view, **others)


def read(key: str, value: Any) -> Any:
    """Read one value, which may come from anywhere; an error names its key."""
    if key not in READERS:
        raise ValueError(f"unknown key {key[:40]!r} in the URL")
    try:
        return READERS[key](value)
    except ValueError as error:
        raise ValueError(f"{key}: {error}") from None


def view_of(query: str | None) -> tuple[View, list[str]]:
    """Return the view of a URL, and a message for each part that was ignored; without a query it is the story."""
    if not (query or "").lstrip("?"):
        return View(page="story"), []
    if query and len(query) > LONGEST_URL:
        return View(), ["The URL is too long and was ignored."]
    view, problems = View(), []
    for key, values in parse_qs((query or "").lstrip("?")).items():
        try:
            view = replace(view, **{key: read(key, values if key in LISTS else values[-1])})
        except ValueError as error:
            problems.append(f"Part of the URL was ignored: {error}")
    return of_page(view), problems[:3]


def query_of(view: View) -> str:
    """Return the query of a view's URL: the values that differ from the defaults; it is never empty."""
    default = asdict(View())
    given = [(key, value) for key, value in asdict(view).items() if value != default[key]]
    return urlencode(list(pairs(given)), safe=":,@>=") or f"page={view.page}"


def pairs(given: Iterable[tuple[str, Any]]) -> Iterable[tuple[str, str]]:
    """Yield keys with single values."""
    for key, value in given:
        for one in value if key in LISTS else (value,):
            yield key, str(one)
