"""From a file to a resolved draft: guard, parse, check, and the same for whatever it extends."""

from typing import Any

from realpolitik.scenario.draft import Draft, Places, checked, refuse
from realpolitik.scenario.errors import Fault, Place, ScenarioError
from realpolitik.scenario.files import Diff
from realpolitik.scenario.guard import parsed
from realpolitik.scenario.merge import merged
from realpolitik.scenario.positions import positions
from realpolitik.scenario.sources import Source, find
from realpolitik.scenario.structure import structured

LONGEST_CHAIN = 16


def resolve(source: Source, chain: tuple[Source, ...] = ()) -> Draft:
    """Resolve a source and everything it extends."""
    text = source.read().replace("\r\n", "\n")
    data = parsed(text, source.file)
    places = {loc: Place(source.file, *spot, LONGEST_CHAIN - len(chain)) for loc, spot in positions(text).items()}
    if "extends" not in data:
        return complete(source, data, places)
    diff, faults = structured(Diff, data)
    refuse(faults, places)
    assert diff is not None
    base = resolve(extended(source, diff.extends, places, chain), (*chain, source))
    return checked(merged(base, diff, places, source.file))


def complete(source: Source, data: dict[str, Any], places: Places) -> Draft:
    """Check a file that stands on its own."""
    refuse(diff_keys(data), places)
    return checked(Draft(data, places, chain=(source.file,)))


def diff_keys(data: dict[str, Any]) -> list[Fault]:
    """List keys that make sense only upon a base."""
    found = [key for key in ("set", "drop", "reason") if key in data]
    return [Fault((key,), f"'{key}' belongs to a diff, and this file has no 'extends'") for key in found]


def extended(source: Source, name: str, places: Places, chain: tuple[Source, ...]) -> Source:
    """Find the base of a diff, which must not lead back to the diff."""
    place = places["extends",]
    folder = source.folder if source.path else None
    base = find(name, folder, source.file.rpartition("/")[0], place)
    path = (*chain, source)
    if base.identity in {earlier.identity for earlier in path}:
        files = " > ".join(earlier.file for earlier in (*path, base))
        raise ScenarioError(place, "extends", f"extends goes round in a circle: {files}")
    if len(path) >= LONGEST_CHAIN:
        raise ScenarioError(place, "extends", f"more than {LONGEST_CHAIN} files extend one another")
    return base
