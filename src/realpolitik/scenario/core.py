"""A resolved scenario: what the laboratory runs, hashes and takes apart."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING

from realpolitik.scenario.draft import Difference, Draft, Places, tables
from realpolitik.scenario.forks import Fork, forks
from realpolitik.scenario.paths import Table, dotted, numbers, plain, ranges, rows, with_ranges
from realpolitik.scenario.settings import Settings, with_settings, without

if TYPE_CHECKING:
    from realpolitik_model import Case


@dataclass(frozen=True, eq=False)
class Scenario:
    """A checked scenario; every key of every table is there, and optional ones left out are None.

    Attributes
    ----------
    name
        The file's name without its ending.
    document
        The resolved tables as plain dicts: every number a float, every month a text, rows of the base first.
    ranges
        Dotted path -> (low, high) of every number that has a range.
    numbers
        Dotted path -> value of every number, in the order of the document.
    forks
        Numbers that change from a month on, by month.
    chain
        The files it came from: its own first, then what that extends, and so on.
    sha256
        Of the document, its ranges and its forks, in their order.
    positions
        Dotted path -> (file, line) where it was last written.
    differences
        What each diff of the chain changed and why, the base's first.
    """

    name: str
    document: Table
    ranges: dict[str, tuple[float, float]]
    numbers: dict[str, float]
    forks: tuple[Fork, ...]
    chain: tuple[str, ...]
    sha256: str
    positions: dict[str, tuple[str, int]] = field(repr=False)
    differences: tuple[Difference, ...] = ()
    places: Places = field(default_factory=dict, repr=False)

    def set(self, settings: Settings) -> "Scenario":
        """Give a scenario with new values at dotted paths, from a month on if they say so."""
        return scenario(self.name, with_settings(self.draft(), settings))

    def drop(self, paths: Iterable[str]) -> "Scenario":
        """Give a scenario without some rows, such as `moves.offensive`."""
        return scenario(self.name, without(self.draft(), paths))

    def case(self) -> "Case":
        """Lay the scenario out for the kernels; importing them is left until then."""
        from realpolitik_model import Case

        return Case.of(self.document, [(fork.month, fork.numbers) for fork in self.forks])

    def draft(self) -> Draft:
        """Copy the scenario into a form that can be changed and checked again."""
        full = with_ranges(self.document, self.ranges)
        full["from"] = [{"month": fork.month, "set": dict(fork.numbers)} for fork in self.forks]
        return Draft(full, dict(self.places), chain=self.chain, differences=self.differences)


def scenario(name: str, draft: Draft) -> Scenario:
    """Make a scenario of a checked draft."""
    document = plain(tables(rows(draft.full)))
    spans, dated = ranges(draft.full), forks(draft.full)
    return Scenario(
        name=name,
        document=document,
        ranges=spans,
        numbers=numbers(draft.full),
        forks=dated,
        chain=draft.chain,
        sha256=digest([document, spans, dated]),
        positions={dotted(loc): (place.file, place.line) for loc, place in draft.places.items() if loc},
        differences=draft.differences,
        places=draft.places,
    )


def digest(content: object) -> str:
    """Hash canonical JSON; the order of rows is part of a scenario, for sums depend on it."""
    canonical = json.dumps(content, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def name_of(file: str) -> str:
    """Name a scenario after its file."""
    return PurePath(file).name.removesuffix(".toml") or "scenario"
