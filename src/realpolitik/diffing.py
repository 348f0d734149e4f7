"""Differences of two scenarios: which rows, numbers, ranges and texts differ, and for what reason."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from os import PathLike
from typing import Any

from realpolitik.choices import ASIDE, TABLES
from realpolitik.scenario import Difference, Scenario
from realpolitik.scenario.core import scenario_given
from realpolitik.scenario.fields import Range
from realpolitik.scenario.forms import TEXT_KEYS
from realpolitik.scenario.paths import dotted, leaves

COMPARED = tuple(table for table in TABLES if table not in ASIDE)
"""What a case expects of worlds is its own: a diff does not inherit it."""
ABOUT = ("meta.title", "meta.question", "meta.sources")
TEXTS = (*TEXT_KEYS, "source", "unit", "text", "paragraph", "not_modelled")
"""Keys without influence on a run; `low` and `high` are those of issues, the labels of the ends of the scale."""


@dataclass(frozen=True)
class ValueChange:
    """One value that differs."""

    path: str
    """Dotted path; that of a number that changes in a month ends in "@YYYY-MM"."""
    first: Any
    """None if the first scenario has no value there; a number with a range has `value`, `low` and `high`."""
    other: Any
    reason: str | None
    """The reason that the diff which made the change gives, or that of the row if it is new."""
    where: str | None
    """File and line of the value in the other scenario, "file:line"."""


@dataclass(frozen=True)
class RowChange:
    """A row that only one of the scenarios has."""

    path: str
    label: str
    reason: str | None
    where: str | None


@dataclass(frozen=True)
class ScenarioDiff:
    """What differs between two scenarios."""

    first: Scenario
    other: Scenario
    added: list[RowChange]
    removed: list[RowChange]
    changed: list[ValueChange]
    """Values that a run depends on: numbers, ranges, months, lists of consent and so on."""
    texts: list[ValueChange]
    """Labels, reasons, claims and other texts, without influence on a run."""
    reordered: list[str]
    """Tables with the same rows in another order, which may change the last bits of sums."""

    def __repr__(self) -> str:
        rows, values = f"{len(self.added)} added, {len(self.removed)} removed", f"{len(self.changed)} changed"
        return f"<ScenarioDiff from {self.first.name} to {self.other.name}: {rows}, {values}, {len(self.texts)} texts>"

    @property
    def same(self) -> bool:
        """Whether nothing differs but texts, which no run depends on."""
        return not (self.added or self.removed or self.changed or self.reordered)

    @property
    def comparable(self) -> bool:
        """Whether `compare` takes both: they begin in the same month and have an outcome in common."""
        one, two = self.first.document, self.other.document
        return one["meta"]["start"] == two["meta"]["start"] and not one["outcomes"].keys().isdisjoint(two["outcomes"])

    @property
    def names(self) -> tuple[str, str]:
        """The names of both scenarios; the second of two equal names has a number."""
        first, other = self.first.name, self.other.name
        return first, f"{other}#2" if other == first else other

    def to_dict(self) -> dict[str, Any]:
        """Return everything that `diff --json` prints."""
        names = self.names
        return {
            "first": names[0],
            "other": names[1],
            "sha256": dict(zip(names, (self.first.sha256, self.other.sha256), strict=True)),
            "same": self.same,
            "added": [asdict(row) for row in self.added],
            "removed": [asdict(row) for row in self.removed],
            "changed": [asdict(change) for change in self.changed],
            "texts": [asdict(change) for change in self.texts],
            "reordered": self.reordered,
        }


def diff(first: str | PathLike[str] | Scenario, other: str | PathLike[str] | Scenario) -> ScenarioDiff:
    """Return which rows and values of two scenarios differ, and why; no world is run.

    Parameters
    ----------
    first, other
        Scenarios, paths, or names of shipped ones. Changes are those from `first` to `other`.

    Returns
    -------
    ScenarioDiff
        Rows that were `added` and `removed`, values that `changed`, and texts.

    Raises
    ------
    ScenarioError
        If a scenario is invalid.

    Examples
    --------
    >>> import realpolitik as rp
    >>> found = rp.diff("karabakh", "no-invasion")
    >>> change = found.changed[0]
    >>> change.path, change.first, change.other
    ('drivers.war.scale', {'value': 1.0, 'low': 0.8, 'high': 1.1}, 0.0)
    """
    one, two = (scenario_given(what, one) for what, one in (("first", first), ("other", other)))
    changes = list(_changes(one, two))
    return ScenarioDiff(
        first=one,
        other=two,
        added=list(_rows(two, one)),
        removed=list(_rows(one, two, gone=True)),
        changed=[change for change in changes if not _is_text(change.path)],
        texts=[change for change in changes if _is_text(change.path)],
        reordered=list(_reordered(one, two)),
    )


def _rows(mine: Scenario, others: Scenario, *, gone: bool = False) -> Iterator[RowChange]:
    """Yield the rows of a scenario that the other lacks; `gone` if the other has dropped them."""
    for table in COMPARED:
        for name, row in mine.document[table].items():
            if name in others.document[table]:
                continue
            path = f"{table}.{name}"
            label = next((str(row[key]) for key in ("label", "text") if row.get(key)), "")
            reason = _reason(path, others, mine) if gone else row.get("reason") or _reason(path, mine, others)
            yield RowChange(path, label, reason, None if gone else _where(mine, path))


def _changes(first: Scenario, other: Scenario) -> Iterator[ValueChange]:
    """Yield the values that differ, in tables and rows that both scenarios have."""
    mine, theirs = _values(first), _values(other)
    for path in (*theirs, *(path for path in mine if path not in theirs)):
        one, two = mine.get(path), theirs.get(path)
        if one != two and _shared(path, first, other):
            yield ValueChange(path, one, two, _reason(path, other, first), _where(other, path))


def _values(scenario: Scenario) -> dict[str, Any]:
    """Return dotted path -> value of everything that a scenario states."""
    full = scenario.draft().full
    found = leaves({key: table for key, table in full.items() if key not in ("from", *ASIDE)})
    values = {dotted(loc): leaf._asdict() if isinstance(leaf, Range) else leaf for loc, leaf in found}
    for fork in scenario.forks:
        values |= {f"{path}@{fork.month}": value for path, value in fork.numbers.items()}
    return values


def _shared(path: str, first: Scenario, other: Scenario) -> bool:
    """Return whether both scenarios have the row of a path; forks and tables without rows are always shared."""
    table, name = path.split(".")[:2]
    if table not in COMPARED or "@" in path:
        return True
    return name in first.document[table] and name in other.document[table]


def _is_text(path: str) -> bool:
    parts = path.split(".")
    if ".".join(parts[:2]) in ABOUT:
        return True
    return len(parts) > 2 and parts[0] in COMPARED and parts[2] in TEXTS


def _reason(path: str, *scenarios: Scenario) -> str | None:
    """Return the reason of the last diff that changed a path, in the first of the scenarios with one.

    A diff does not list its forks by path: they have its reason if it is the only diff that one scenario has more.
    """
    if "@" in path:
        mine, others = (scenario.differences for scenario in scenarios)
        alone = [one for one in mine if one not in others] or [one for one in others if one not in mine]
        return alone[0].reason if len(alone) == 1 else None
    found = (_covering(path, scenario.differences) for scenario in scenarios)
    return next((why for why in found if why), None)


def _covering(path: str, differences: tuple[Difference, ...]) -> str | None:
    for difference in reversed(differences):
        if any(path == changed or path.startswith(f"{changed}.") for changed in difference.paths):
            return difference.reason
    return None


def _where(scenario: Scenario, path: str) -> str | None:
    """Return file and line of the nearest position that is known for a path, None if there is none."""
    while path:
        if path in scenario.positions:
            file, line = scenario.positions[path]
            return f"{file}:{line}" if line else None
        path = path.rpartition(".")[0]
    return None


def _reordered(first: Scenario, other: Scenario) -> Iterator[str]:
    for table in COMPARED:
        mine, theirs = list(first.document[table]), list(other.document[table])
        if [name for name in mine if name in theirs] != [name for name in theirs if name in mine]:
            yield table
