"""A diff upon its base: rows dropped, rows added, values set, forks appended."""

from collections.abc import Iterator

from realpolitik.scenario.draft import Difference, Draft, Places, overlaid, refuse, tables
from realpolitik.scenario.errors import Fault, Loc
from realpolitik.scenario.fields import Range
from realpolitik.scenario.files import TABLES, Diff
from realpolitik.scenario.paths import Table, assign, at, locate, missing, split


def merged(base: Draft, diff: Diff, places: Places, name: str) -> Draft:
    """Resolve a diff; whatever is wrong with it is shown in its own file."""
    draft = Draft(tables(base.full), dict(base.places), dict(base.dropped), (name, *base.chain))
    draft.places[()] = places[()]
    dropped(draft, diff.drop, places)
    heads(draft, diff, places)
    refuse(additions(draft, diff, places), places)
    refuse(replacements(draft, diff.set, places), places)
    append_forks(draft, diff, places)
    cited = list(diff.claims) if isinstance(diff.claims, list) else []
    refuse(uncited(draft.full, cited), places)
    paths = (*diff.drop, *added(diff), *diff.set)
    why = Difference(name, diff.reason, tuple(cited), paths)
    return Draft(draft.full, draft.places, draft.dropped, draft.chain, (*base.differences, why))


def dropped(draft: Draft, paths: list[str], places: Places) -> None:
    """Leave out rows of the base, and forget where they stood."""
    refuse(drops(draft, paths, places), places)
    for loc in [loc for loc in draft.places if loc[:2] in draft.dropped]:
        del draft.places[loc]


def drops(draft: Draft, paths: list[str], places: Places) -> Iterator[Fault]:
    """Leave out rows of the base."""
    for n, path in enumerate(paths):
        loc = split(path)
        if len(loc) != 2 or locate(draft.full, path) is None or loc[0] not in TABLES:
            yield no_row(draft.full, path, ("drop", n))
            continue
        del draft.full[str(loc[0])][loc[1]]
        draft.dropped[loc] = places.get(("drop", n), places[()])


def no_row(full: Table, path: str, loc: Loc) -> Fault:
    """Say that a path names no row that could be dropped."""
    found = locate(full, path)
    if found is None and path.count(".") == 1:
        fault = missing(full, path, loc)
        return Fault(loc, f"drop: unknown row '{path}'", hint=fault.hint)
    return Fault(loc, f"drop: '{path}' is not a row, such as 'moves.offensive'")


def heads(draft: Draft, diff: Diff, places: Places) -> None:
    """Replace what [meta] and [theory] name."""
    for table, row in (("meta", diff.meta), ("theory", diff.theory)):
        for key in sorted(row.model_fields_set, key=list(type(row).model_fields).index):
            overlaid(draft.places, (table, key), places[table, key], draft.full[table][key])
            draft.full[table][key] = tables(getattr(row, key))


def added(diff: Diff) -> Iterator[str]:
    """List the rows that a diff adds, as dotted paths."""
    for table in TABLES:
        given = getattr(diff, table)
        if isinstance(given, dict):
            yield from (f"{table}.{name}" for name in given)


def in_row(loc: Loc) -> bool:
    """Say whether a key stands in a row of a table, and is no claim cited by the diff itself."""
    return len(loc) > 1 and loc[0] in TABLES and isinstance(loc[1], str)


def additions(draft: Draft, diff: Diff, places: Places) -> Iterator[Fault]:
    """Add whole rows after those of the base."""
    draft.places.update({loc: place for loc, place in places.items() if in_row(loc)})
    for path in added(diff):
        table, name = path.split(".")
        if name in draft.full[table]:
            yield Fault((table, name), f"{path}: the base has this row; change it through [set], or drop it first")
            continue
        draft.full[table][name] = tables(getattr(diff, table)[name])


def replacements(draft: Draft, given: dict[str, object], places: Places) -> Iterator[Fault]:
    """Put new values in the place of old ones."""
    for path, value in given.items():
        loc = locate(draft.full, path)
        fault = unsettable(draft.full, path, loc, value)
        if fault:
            yield fault
        elif loc is not None:
            overlaid(draft.places, loc, places["set", path], at(draft.full, loc))
            assign(draft.full, loc, value)
            inner = (key for key in Range._fields if ("set", path, key) in places)
            draft.places.update({(*loc, key): places["set", path, key] for key in inner})


def unsettable(full: Table, path: str, loc: Loc | None, value: object) -> Fault | None:
    """Say why a value cannot be set, if it cannot."""
    given: Loc = ("set", path)
    if isinstance(value, dict) and not set(value) & set(Range._fields):
        return Fault(given, f'[set] takes dotted paths in quotes, such as "{inner_path(path, value)}"')
    if loc is None:
        return missing(full, path, given)
    if isinstance(at(full, loc), dict):
        return Fault(given, f"'{path}' is a table; name one number, text or list in it by its dotted path")
    return None


def inner_path(path: str, value: object) -> str:
    """Give the first path of a nested table."""
    while isinstance(value, dict) and value and not set(value) & set(Range._fields):
        key = next(iter(value))
        path, value = f"{path}.{key}", value[key]
    return path


def append_forks(draft: Draft, diff: Diff, places: Places) -> None:
    """Append the forks of a diff to those of its base."""
    first = len(draft.full["from"])
    draft.full["from"] += tables(diff.forks)
    for loc, place in places.items():
        if len(loc) > 1 and loc[0] == "from" and isinstance(loc[1], int):
            draft.places["from", first + loc[1], *loc[2:]] = place


def uncited(full: Table, claims: list[str]) -> Iterator[Fault]:
    """Claims given for a difference must be in the register."""
    for n, claim in enumerate(claims):
        if claim not in full["claims"]:
            yield Fault(("claims", n), f"claims: unknown claim '{claim}'", claim, tuple(full["claims"]))
