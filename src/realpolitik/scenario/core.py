"""A resolved scenario: loaded from a file or a text and everything it extends, and changed by settings."""

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from realpolitik.choices import ASIDE, brief, name_in, several, text_in
from realpolitik.scenario.changes import Setting, Settings, as_settings, merged, setting_text, with_settings, without
from realpolitik.scenario.consistency import ScenarioFork, forks, repeated_forks
from realpolitik.scenario.documents import Diff
from realpolitik.scenario.draft import Difference, Draft, Findings, Places, checked, place_of, refuse, sound, tables
from realpolitik.scenario.errors import SET, Fault, Loc, Place, ScenarioError
from realpolitik.scenario.forms import is_responsive
from realpolitik.scenario.frozen import frozen
from realpolitik.scenario.paths import Table, at, dotted, numbers, plain, ranges, rows, with_ranges
from realpolitik.scenario.references import other_scenarios
from realpolitik.scenario.series import expand
from realpolitik.scenario.sources import Source, files_of, find, is_path, name_of, shown_as
from realpolitik.scenario.toml import parsed, positions
from realpolitik.texts import counted

if TYPE_CHECKING:
    from realpolitik_model import Case

SCENARIO_FILE = "a path or the name of a shipped scenario"
"""What names a scenario, in messages."""
LONGEST_CHAIN = 16
"""Files that extend one another."""


@dataclass(frozen=True, eq=False)
class Scenario:
    """A checked scenario. Every key of every table is present; optional keys that the file leaves out are None.

    Attributes
    ----------
    name
        The name of the file without its ending.
    document
        The resolved tables as plain dicts: numbers as floats, those that respond to the state as
        `{"value": float, "effects": {issue or driver: float}}`, months as text, rows of the base first. It cannot be
        changed in place; `copy.deepcopy` returns plain tables that can.
    ranges
        Dotted path -> (low, high) of every number that has a range.
    numbers
        Dotted path -> value of every number, in the order of the document.
    forks
        Numbers that change in a given month, sorted by month.
    chain
        The files: its own first, then the one that it extends, and so on.
    sha256
        Hash of the document, its ranges and its forks; the order of rows counts, comments do not. What no world
        depends on, such as [directions] and [story], is not part of it.
    positions
        Dotted path -> (file, line) of the last definition.
    differences
        What each diff of the chain changed and why, the base's first.
    places
        As `positions`, by location, with columns; for messages.
    series
        The CSV files from which its series were read.
    """

    name: str
    document: Table
    ranges: dict[str, tuple[float, float]]
    numbers: dict[str, float]
    forks: tuple[ScenarioFork, ...]
    chain: tuple[str, ...]
    sha256: str
    positions: dict[str, tuple[str, int]]
    differences: tuple[Difference, ...] = ()
    places: Places = field(default_factory=dict)
    series: tuple[str, ...] = ()

    def __repr__(self) -> str:
        meta, actors = self.document["meta"], len(self.document["actors"])
        found = f"{counted(actors, 'actor')}, {counted(len(self.numbers), 'number')}"
        return f"<Scenario {self.name}: {meta['start']} to {meta['end']}, {found}>"

    @property
    def files(self) -> list[Path]:
        """The files that it was read from: its own, those that it extends, and those of series."""
        return [*files_of(self.chain), *map(Path, self.series)]

    @property
    def named_files(self) -> list[Path]:
        """The files that it names by a path without being read from them, such as those of directions."""
        named = other_scenarios(self.document).items()
        return [Path(place_of(loc, self.places).file).parent / other for loc, other in named if is_path(other)]

    @property
    def overrides(self) -> list[str]:
        """What was set after its files were read, as `--set` takes it.

        >>> import realpolitik as rp
        >>> rp.load("karabakh", set={"theory.phi": 0.5, "drivers.war.scale": "0@2024-06"}).overrides
        ['theory.phi=0.5', 'drivers.war.scale=0.0@2024-06']
        """
        given = {loc for loc, place in self.places.items() if loc and place.file == SET}
        whole = [loc for loc in self.places if loc in given and loc[:-1] not in given]
        found = [(dotted(loc), at(self.document, loc)) for loc in whole if loc[0] != "from"]
        settings = [Setting(path, value["value"] if is_responsive(value) else value) for path, value in found]
        for fork in (fork for n, fork in enumerate(self.forks) if ("from", n) in given):
            settings += [Setting(path, value, fork.month) for path, value in fork.numbers.items()]
        return [setting_text(setting) for setting in settings]

    def set(self, settings: Settings | None) -> "Scenario":
        """Return a scenario with new values at dotted paths.

        Parameters
        ----------
        settings
            Dotted path -> value, as `load` takes them; "0.3@2024-04" is a value from that month on.

        Returns
        -------
        Scenario
            A copy, checked again.

        Raises
        ------
        ScenarioError
            If a path or a value is invalid.

        Examples
        --------
        >>> import realpolitik as rp
        >>> rp.load("karabakh").set({"theory.phi": 0.5}).numbers["theory.phi"]
        0.5
        """
        return scenario(self.name, with_settings(self.draft(), settings))

    def drop(self, paths: str | Iterable[str]) -> "Scenario":
        """Return a scenario without some rows.

        Parameters
        ----------
        paths
            Rows, such as "moves.offensive"; a text is one of them.

        Returns
        -------
        Scenario
            A copy, checked again.

        Raises
        ------
        ScenarioError
            If a row is unknown, or another one uses it.

        Examples
        --------
        >>> import realpolitik as rp
        >>> "convene" in rp.load("karabakh").drop(["moves.convene"]).document["moves"]
        False
        """
        return scenario(self.name, without(self.draft(), [name_in("paths", path) for path in several(paths)]))

    def case(self) -> "Case":
        """Return the scenario as tables for the kernels, which are imported here and not before.

        Returns
        -------
        realpolitik_model.Case
            What `LeverageModel` and `simulate` take.

        Examples
        --------
        >>> import realpolitik as rp
        >>> rp.load("karabakh").case().actors
        ('Moscow', 'Baku', 'Yerevan', 'Brussels', 'Washington')
        """
        from realpolitik_model import Case

        return Case.of(self.document, [(fork.month, fork.numbers) for fork in self.forks])

    def draft(self) -> Draft:
        """Return a copy that can be changed and checked again."""
        full = with_ranges(self.document, self.ranges)
        full["from"] = [{"month": fork.month, "set": dict(fork.numbers)} for fork in self.forks]
        return Draft(full, dict(self.places), chain=self.chain, differences=self.differences, series=self.series)


def scenario(name: str, draft: Draft) -> Scenario:
    """Return the scenario of a checked draft."""
    document = frozen(plain(tables(rows(draft.full))))
    spans, dated, places = frozen(ranges(draft.full)), forks(draft.full), in_order_of_forks(draft)
    return Scenario(
        name=name,
        document=document,
        ranges=spans,
        numbers=frozen(numbers(draft.full)),
        forks=dated,
        chain=draft.chain,
        sha256=digest([{key: document[key] for key in document if key not in ASIDE}, spans, dated]),
        positions={dotted(loc): (place.file, place.line) for loc, place in places.items() if loc},
        differences=draft.differences,
        places=places,
        series=draft.series,
    )


def in_order_of_forks(draft: Draft) -> Places:
    """Return the positions of a draft with those of its forks sorted by month, as the forks of a scenario are."""
    months = [str(fork["month"]) for fork in draft.full["from"]]
    order = sorted(range(len(months)), key=months.__getitem__)
    ranks: dict[str | int, int] = {n: rank for rank, n in enumerate(order)}

    def sorted_loc(loc: Loc) -> Loc:
        return (loc[0], ranks.get(loc[1], loc[1]), *loc[2:]) if len(loc) > 1 and loc[0] == "from" else loc

    return {sorted_loc(loc): place for loc, place in draft.places.items()}


def digest(content: object) -> str:
    """Return the SHA-256 of canonical JSON. Keys are not sorted: sums depend on the order of rows."""
    canonical = json.dumps(content, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def resolve(source: Source, chain: tuple[Source, ...] = ()) -> Draft:
    """Return the checked draft of a source and everything it extends; ScenarioError for its faults."""
    text = source.read().replace("\r\n", "\n")
    data = parsed(text, source.file)
    places = {loc: Place(source.file, *spot, LONGEST_CHAIN - len(chain)) for loc, spot in positions(text).items()}
    found = Findings()
    found.add(repeated_forks(data), places)
    series = expand(data, source, places, found)
    if "extends" not in data:
        found.add(diff_keys(data), places)
        return without_paths(source, checked(Draft(data, places, chain=(source.link,), series=series), found))
    diff = sound(Diff, data, found, places)
    if diff is None:
        raise found.error()
    try:
        base = resolve(extended(source, diff.extends, places, chain), (*chain, source))
    except ScenarioError as error:
        raise found.before(error.read_for("extends", places["extends",])) from None
    base = replace(base, chain=(source.link, *base.chain), series=(*series, *base.series))
    return without_paths(source, checked(merged(base, diff, data, places, source.file, found), found))


def without_paths(source: Source, draft: Draft) -> Draft:
    """Return a checked draft; ScenarioError if a text or a shipped scenario names a file by its path."""
    if source.folder is None or source.only is not None:
        refuse(paths_of_a_text(draft.full, source), draft.places)
    return draft


def paths_of_a_text(full: Table, source: Source) -> list[Fault]:
    """Return a fault for each file that a text, or a shipped scenario, must not name."""
    problem = "only a shipped scenario can be named here, not a path"
    named = other_scenarios(full).items()
    return [Fault(loc, problem) for loc, other in named if is_path(other) and not source.reaches(other)]


def diff_keys(data: dict[str, Any]) -> list[Fault]:
    """Return a fault for each key that only a file with `extends` can have."""
    found = [key for key in ("set", "drop", "reason") if key in data]
    return [Fault((key,), f"'{key}' is only valid in a file with 'extends'") for key in found]


def extended(source: Source, name: str, places: Places, chain: tuple[Source, ...]) -> Source:
    """Return the base of a diff; ScenarioError if the chain is circular or too long."""
    place = places["extends",]
    if source.only is not None and is_path(name) and not source.reaches(name):
        problem = f"'{name[:200]}' is not one of the files that can be extended here"
        raise ScenarioError(place, "extends", problem)
    base = find(name, source.folder, source.written, place)
    path = (*chain, source)
    if base.identity in {earlier.identity for earlier in path}:
        files = " > ".join(earlier.file for earlier in (*path, base))
        raise ScenarioError(place, "extends", f"circular extends: {files}")
    if len(path) >= LONGEST_CHAIN:
        raise ScenarioError(place, "extends", f"chain of more than {LONGEST_CHAIN} files")
    return base


def load(
    source: str | PathLike[str],
    *,
    set: Settings | None = None,
    base_path: str | PathLike[str] | None = None,
) -> Scenario:
    """Return a shipped scenario by name, or a scenario file by path.

    Parameters
    ----------
    source
        Name of a shipped scenario, or a path.
    set
        New values by dotted path, applied after the file: `{"theory.phi": 2, "moves.withdraw.cost": "0.3@2024-04"}`.
    base_path
        The folder of relative paths; by default the current one.

    Returns
    -------
    Scenario
        Checked, with all that it inherits.

    Raises
    ------
    ScenarioError
        If the file or a setting is invalid, with file, line and column.

    Examples
    --------
    >>> import realpolitik as rp
    >>> scenario = rp.load("karabakh", set={"theory.phi": 0.5})
    >>> scenario.numbers["theory.phi"], len(scenario.document["actors"])
    (0.5, 5)
    """
    folder, written = Path(base_path or "."), os.fspath(base_path or "")
    if not isinstance(source, str | PathLike):
        raise ValueError(f"source must be {SCENARIO_FILE}, not {brief(source)}")
    name = os.fspath(source)
    if isinstance(source, PathLike):
        file = folder / name
        shown = shown_as(file, os.path.join(written, name))  # noqa: PTH118 (the name is shown, never opened)
        return opened(Source(shown, file, folder=file.parent), set)
    return opened(find(name, folder, written), set)


def scenario_given(what: str, given: str | PathLike[str] | Scenario) -> Scenario:
    """Return a scenario, read if need be; ValueError, with the name of the parameter, if it is nothing like one."""
    if isinstance(given, Scenario):
        return given
    if not isinstance(given, str | PathLike):
        raise ValueError(f"{what} must be a Scenario, {SCENARIO_FILE}, not {brief(given)}")
    return load(given)


def loads(
    text: str,
    name: str = "scenario",
    *,
    set: Settings | None = None,
) -> Scenario:
    r"""Return the scenario of a TOML text. It can extend shipped scenarios only; no other file is opened.

    Parameters
    ----------
    text
        The TOML, complete or with `extends`.
    name
        What messages and results call it.
    set
        New values by dotted path, applied after the text.

    Returns
    -------
    Scenario
        Checked, with all that it inherits.

    Raises
    ------
    ScenarioError
        If the text or a setting is invalid, with line and column.

    Examples
    --------
    >>> import realpolitik as rp
    >>> text = 'extends = "karabakh"\nreason = "A test"\nassumption = true\n[set]\n"theory.phi" = 0.5\n'
    >>> rp.loads(text, "half").numbers["theory.phi"]
    0.5
    """
    return opened(Source(name_in("name", name), None, text_in("text", text, "the text of a scenario")), set)


def opened(source: Source, settings: Settings | None) -> Scenario:
    """Return the scenario of a source with settings applied."""
    read = scenario(name_of(source.file), resolve(source))
    changes = as_settings(settings)
    return read.set(changes) if changes else read
