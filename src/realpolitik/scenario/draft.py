"""A scenario on its way: its tables, where each key was written, and what was dropped."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from pydantic import BaseModel

from realpolitik.scenario.consistency import inconsistencies
from realpolitik.scenario.errors import Fault, Loc, Place, ScenarioError
from realpolitik.scenario.fields import Range
from realpolitik.scenario.files import Complete
from realpolitik.scenario.forks import unfit_forks
from realpolitik.scenario.paths import Table, dotted
from realpolitik.scenario.references import broken_references
from realpolitik.scenario.structure import structured

Places = dict[Loc, Place]
MOST_FAULTS = 1_000


@dataclass(frozen=True)
class Difference:
    """One file of a chain of diffs: what it changed, and why."""

    file: str
    reason: str | None
    claims: tuple[str, ...]
    paths: tuple[str, ...]


@dataclass(frozen=True)
class Draft:
    """Resolved tables (numbers may carry a Range; forks stand under 'from'), and how they came about."""

    full: Table
    places: Places
    dropped: Places = field(default_factory=dict)
    chain: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()


def tables(row: Any) -> Any:
    """Turn rows into plain dicts with the keys that files use."""
    if isinstance(row, BaseModel):
        fields = type(row).model_fields.items()
        return {field.alias or name: tables(getattr(row, name)) for name, field in fields}
    if isinstance(row, dict):
        return {key: tables(child) for key, child in row.items()}
    return [tables(child) for child in row] if isinstance(row, list) else row


def checked(draft: Draft) -> Draft:
    """Refuse a draft for the first thing wrong in it, or give it with defaults filled in."""
    file, faults = structured(Complete, draft.full)
    refuse(faults, draft.places, draft.dropped)
    whole = Draft(tables(file), draft.places, draft.dropped, draft.chain, draft.differences)
    for check in (inconsistencies, broken_references, unfit_forks):
        refuse(check(whole.full), whole.places, whole.dropped)
    return whole


def refuse(faults: Iterable[Fault], places: Places, dropped: Places | None = None) -> None:
    """Raise the first fault in the order of the latest file, if there is any."""
    found = list(islice(faults, MOST_FAULTS))
    if found:
        blamed = [(blame(fault, places, dropped or {}), fault) for fault in found]
        place, fault = min(
            blamed, key=lambda pair: (-pair[0].rank, pair[0].line, pair[0].column, bool(pair[1].targets))
        )
        raise error(fault, place, dropped or {})


def error(fault: Fault, place: Place, dropped: Places) -> ScenarioError:
    """Say what is wrong, where, and what would be right."""
    for target in fault.targets:
        if target in dropped:
            problem = f"'{dotted(target)}' is still used by {dotted(fault.loc)}; change or drop that too"
            return ScenarioError(place, dotted(target), problem)
    return ScenarioError(place, dotted(fault.loc), fault.problem, fault.suggestion())


def blame(fault: Fault, places: Places, dropped: Places) -> Place:
    """Choose where a fault is shown: at the drop that caused it, else in the latest file involved."""
    for target in fault.targets:
        if target in dropped:
            return dropped[target]
    return max((place_of(loc, places) for loc in (fault.loc, *fault.also)), key=lambda place: place.rank)


def place_of(loc: Loc, places: Places) -> Place:
    """Where a key is written, or else the table around it."""
    while loc and loc not in places:
        loc = loc[:-1]
    return places.get(loc, Place("scenario", 0, 0))


def overlaid(places: Places, loc: Loc, place: Place, old: object) -> None:
    """Note that a value was replaced: what stood inside the old one is no longer anywhere."""
    for key in (*Range._fields, *range(len(old) if isinstance(old, list) else 0)):
        places.pop((*loc, key), None)
    places[loc] = place
