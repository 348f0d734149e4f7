"""The doors to the reader: a file or a shipped scenario, a text, and the list of what is shipped."""

import os
from os import PathLike
from pathlib import Path
from typing import NamedTuple

from realpolitik.scenario.core import Scenario, name_of, scenario
from realpolitik.scenario.resolve import resolve
from realpolitik.scenario.settings import Settings
from realpolitik.scenario.sources import Source, find, shipped_names


class Shipped(NamedTuple):
    """A scenario that comes with the package."""

    name: str
    title: str
    question: str
    extends: str | None


def load(
    source: str | PathLike[str],
    *,
    set: Settings | None = None,
    base_path: str | PathLike[str] | None = None,
) -> Scenario:
    """Read a shipped scenario by name, or a file by path (relative to `base_path`, if given)."""
    folder = Path(base_path or ".")
    name = os.fspath(source)
    if isinstance(source, PathLike):
        file = folder / name
        return opened(Source(name, file, folder=file.parent), set)
    return opened(find(name, folder), set)


def loads(
    text: str,
    name: str = "scenario",
    *,
    set: Settings | None = None,
) -> Scenario:
    """Read a text that came from elsewhere: it may extend what is shipped, and reaches no other file."""
    return opened(Source(name, None, text), set)


def opened(source: Source, settings: Settings | None) -> Scenario:
    """Resolve a source and apply settings."""
    read = scenario(name_of(source.file), resolve(source))
    return read.set(settings) if settings else read


def shipped() -> list[Shipped]:
    """Every scenario that comes with the package, with its question."""
    return [described(load(name)) for name in shipped_names()]


def described(found: Scenario) -> Shipped:
    """Say what a scenario asks and what it builds on."""
    meta = found.document["meta"]
    base = name_of(found.chain[1]) if len(found.chain) > 1 else None
    return Shipped(found.name, meta["title"], meta["question"], base)
