"""Posterior files: settings of a scenario's ranges that fit its history, kept in the scenario's folder as Parquet."""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from os import PathLike
from pathlib import Path
from typing import Any, BinaryIO, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from realpolitik.choices import REASONED, existing
from realpolitik.scenario import Scenario, ScenarioError, load
from realpolitik.scenario.core import LONGEST_CHAIN, digest
from realpolitik.scenario.draft import place_of
from realpolitik.scenario.forms import form_of
from realpolitik.scenario.sources import asked_as, is_text, shipped_folder
from realpolitik.texts import argument, command_line

ENDING = ".posterior.parquet"
KEY = b"realpolitik"
"""The key of the provenance in the metadata of the file."""
NUMBERS = ("FLOAT", "DOUBLE")
"""Valid Parquet types of the columns."""
LARGEST, LONGEST_FOOTER = 256 * 2**20, 16 * 2**20
"""Bytes of a file, and of its footer."""
MOST_SETTINGS, MOST_NUMBERS = 65_536, 2**25
"""Settings of a sample, and settings times ranges."""


@dataclass(frozen=True, eq=False)
class Posterior:
    """A sample of settings, and where it came from."""

    file: str
    scenario: str
    base: Scenario
    """The scenario that was calibrated: the one that is run, or one that it extends."""
    values: dict[str, npt.NDArray[np.float64]]
    """Dotted path -> (settings,)."""
    marks: dict[str, Any]

    @property
    def settings(self) -> int:
        """The number of settings in the sample."""
        return next(iter(self.values.values())).size

    def fitted(self, scenario: Scenario) -> list[str]:
        """Return the dotted paths that are drawn from the sample: those that no diff has changed."""
        return [path for path in self.values if self._same(scenario, path)]

    def held(self, scenario: Scenario) -> list[str]:
        """Return the dotted paths that keep their value: they had no range yet when the sample was fitted.

        The sample is conditional on their values. Those that a diff has changed are drawn from their ranges instead.
        """
        return [path for path in self.base.ranges if path not in self.values and self._same(scenario, path)]

    def _same(self, scenario: Scenario, path: str) -> bool:
        """Return whether a number and its range are those of the scenario that was calibrated."""
        base = self.base
        number, span = scenario.numbers.get(path), scenario.ranges.get(path)
        return number == base.numbers.get(path) and span == base.ranges.get(path)

    def note(self, scenario: Scenario) -> str:
        """Return a sentence on the source of the numbers of a scenario."""
        own, held = len(self.values) - len(self.fitted(scenario)), len(self.held(scenario))
        more = f", except {own} that {scenario.name} sets itself" if own else ""
        more += f"; {held} keep their values, because they had no range when it was fitted" if held else ""
        doubt = " The sample has not converged." if self.marks.get("converged") is False else ""
        other = f", not to {scenario.name}" if scenario.name != self.scenario else ""
        source = f"the {self.settings:,} settings of {self.file} (fitted to {self.scenario}{other})"
        return f"Numbers drawn from {source}{more}.{self._favours(scenario)}{doubt}"

    def _favours(self, scenario: Scenario) -> str:
        """Return a sentence on the theory that it was fitted under, if the scenario has another one."""
        fitted, now = (one.document["theory"]["weights"] for one in (self.base, scenario))
        return f" It was fitted under {fitted}, which favours {fitted} over {now}." if fitted != now else ""


def inherited_history(scenario: Scenario) -> str:
    """Return a warning that the history of a diff is that of another file; "" if it has its own, or none."""
    rows = scenario.document["history"]
    own = any(place_of(("history", name), scenario.places).rank == LONGEST_CHAIN for name in rows)
    if len(scenario.chain) < 2 or not rows or own:
        return ""
    name = scenario.name
    return (
        f"{name} extends {asked_as(scenario.chain[1])} and has its history. If it changes what happened, it is a "
        f"counterfactual: neither a fit to that history nor a score against it is evidence for {name}."
    )


def basis(scenario: Scenario, drawn: Iterable[str] | None = None) -> str:
    """Return the hash of everything that a calibration depends on: all that worlds are made of, and history, no texts.

    `drawn` are the numbers that were drawn, by default all with a range; ranges of others do not count. Of the
    outcomes, those of history do, and those that they refer to.
    """
    known = scenario.ranges if drawn is None else set(drawn)
    spans = {path: span for path, span in scenario.ranges.items() if path in known}
    document = scenario.document
    facts = [[row[key] for key in ("outcome", "date", "until", "holdout")] for row in document["history"].values()]
    measured = [[row[key] for key in sorted(row) if key != "source"] for row in document["quantities"].values()]
    theory = [document["theory"][key] for key in ("loss", "weights")]
    parts = [form_of(document[table]) for table in ("actors", *REASONED)]
    dated = [document["meta"][key] for key in ("start", "end")]
    outcomes = _referred(document, (row["outcome"] for row in document["history"].values()))
    numbers = {path: number for path, number in scenario.numbers.items() if _counts(path, outcomes)}
    return digest([numbers, spans, scenario.forks, facts, measured, theory, parts, dated, outcomes])


def _counts(path: str, outcomes: Mapping[str, Any]) -> bool:
    """Return whether a number is of the worlds, or of one of these outcomes."""
    table, _, rest = path.partition(".")
    return table != "outcomes" or rest.partition(".")[0] in outcomes


def _referred(document: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """Return the form of outcomes, and of those that they are said to happen at or after."""
    found: dict[str, Any] = {}
    waiting = list(names)
    for name in waiting:  # grows while it is read
        row = document["outcomes"].get(name)
        if row is not None and name not in found:
            found[name] = form_of(row)
            waiting += [row[key] for key in ("at", "after") if row.get(key)]
    return dict(sorted(found.items()))


def encoded(paths: Iterable[str], values: npt.NDArray[np.float64], marks: dict[str, Any]) -> bytes:
    """Return the bytes of a posterior file: one column per number, one row per setting.

    There is no date in it, so that the same sample gives the same bytes.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = {path: values[:, n].astype(np.float32) for n, path in enumerate(paths)}
    table = pa.table(columns).replace_schema_metadata({KEY: json.dumps(marks, allow_nan=False)})
    buffer = BytesIO()
    pq.write_table(table, buffer, compression="zstd", use_dictionary=False, write_statistics=False)
    return buffer.getvalue()


def decoded(file: Path) -> tuple[dict[str, npt.NDArray[np.float64]], dict[str, Any]]:
    """Read a posterior file; ValueError if it is none, or holds more than a posterior can, before its data are read."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with file.open("rb") as opened:
        try:
            _check_bytes(opened)
            found = pq.ParquetFile(opened)
            _check_content(found)
            table = found.read()
            marks = dict(json.loads((table.schema.metadata or {})[KEY]))
            values = {name: table[name].to_numpy().astype(np.float64) for name in table.column_names}
        except TooLarge as error:
            raise ValueError(f"{file.name} is larger than any posterior: {error}") from None
        except (pa.ArrowException, OSError, KeyError, ValueError, TypeError, RecursionError) as error:
            raise ValueError(f"{file.name} is not a posterior file of realpolitik") from error
    if not values or not table.num_rows or not all(np.isfinite(v).all() for v in values.values()):
        raise ValueError(f"{file.name} holds no settings")
    return values, marks


class TooLarge(Exception):
    """A file is larger than a posterior can be; the message gives the sizes."""


def _check_bytes(file: BinaryIO) -> None:
    """Raise if a file or its footer is too long, without reading it."""
    size = file.seek(0, os.SEEK_END)
    if size > LARGEST:
        raise TooLarge(f"{size:,} bytes, at most {LARGEST:,}")
    file.seek(max(0, size - 8))
    footer = int.from_bytes(file.read(4), "little")
    if footer > LONGEST_FOOTER and file.read(4) == b"PAR1":
        raise TooLarge(f"a footer of {footer:,} bytes, at most {LONGEST_FOOTER:,}")
    file.seek(0)


def _check_content(found: Any) -> None:
    """Raise if the footer describes too many numbers, or columns that are not plain numbers."""
    about, columns = found.metadata, [found.schema.column(n) for n in range(found.metadata.num_columns)]
    _check_size(about.num_rows, about.num_columns)
    groups = [about.row_group(n) for n in range(about.num_row_groups)]
    _check_size(sum(group.num_rows for group in groups), about.num_columns)
    chunks = [(group.num_rows, group.column(n)) for group in groups for n in range(group.num_columns)]
    if any(chunk.num_values != rows or chunk.total_uncompressed_size > 16 * rows + 2**16 for rows, chunk in chunks):
        raise ValueError("columns that are longer than their rows")
    if any(column.physical_type not in NUMBERS or column.max_repetition_level for column in columns):
        raise ValueError("columns that are no numbers")


def _check_size(settings: int, ranges: int) -> None:
    """Raise if a sample has too many settings or numbers."""
    if settings > MOST_SETTINGS or settings * ranges > MOST_NUMBERS:
        numbers = f"{settings:,} settings of {ranges:,} numbers"
        raise TooLarge(f"{numbers}, at most {MOST_SETTINGS:,} settings and {MOST_NUMBERS:,} numbers in all")


def posterior_of(scenario: Scenario) -> Posterior:
    """Return the posterior of a scenario or of one that it extends; ValueError if there is none, or it is stale."""
    found = _nearest(scenario)
    if found is None:
        raise ValueError(f"{scenario.name} has no posterior in its folder; {advice(scenario, scenario.chain[0])}")
    return _read(scenario, *found, posterior_state(scenario))


@runtime_checkable
class Sampled(Protocol):
    """What holds a sample: a `Calibration`."""

    def posterior(self) -> Posterior:
        """Return the sample."""


def posterior_given(scenario: Scenario, given: str | PathLike[str] | Sampled | Posterior) -> Posterior:
    """Return a sample that was given for a scenario; ValueError if it is none, or was not fitted to its numbers."""
    if isinstance(given, Posterior):
        return given
    if isinstance(given, Sampled):
        return _fitting(scenario, given.posterior())
    return _in_file(scenario, existing("posterior", given, "a posterior file, a Calibration or a Posterior"))


def _fitting(scenario: Scenario, sample: Posterior) -> Posterior:
    """Return a sample; ValueError if no number of a scenario is as in the one that it was fitted to."""
    if not sample.fitted(scenario):
        raise ValueError(f"posterior: no number of {scenario.name} is as in {sample.scenario}, which was calibrated")
    return sample


def _in_file(scenario: Scenario, file: Path) -> Posterior:
    """Return the sample of a file; ValueError if it was fitted neither to a scenario nor to one that it extends."""
    values, marks = decoded(file)
    for link in scenario.chain:
        base = _base(scenario, link)
        if marks.get("basis") == basis(base, values):
            _check_values(file.name, base, values)
            return Posterior(file.name, base.name, base, values, marks)
    raise ValueError(
        f"posterior: {file.name} was fitted to another scenario than {scenario.name}, or to another version of it"
    )


def source_of(scenario: Scenario, uncertainty: str) -> str:
    """Return a sentence on the sample that numbers are drawn from; "" if they are not drawn from one."""
    return posterior_of(scenario).note(scenario) if uncertainty == "posterior" else ""


def posterior_file(scenario: Scenario) -> Path | None:
    """Return the posterior file of a scenario or of one that it extends, None if there is none; it is not read."""
    found = _nearest(scenario)
    return None if found is None else found[1]


def posterior_state(scenario: Scenario) -> tuple[str, int, int] | None:
    """Return what changes when the posterior file of a scenario does: its path, time and size; None without one."""
    file = posterior_file(scenario)
    if file is None:
        return None
    about = file.stat()
    return str(file), about.st_mtime_ns, about.st_size


def _nearest(scenario: Scenario) -> tuple[str, Path] | None:
    """Return the first link of a chain that has a posterior file, and the file."""
    return next(((link, file) for link in scenario.chain if (file := _beside(link)) is not None), None)


@lru_cache(maxsize=16)
def _read(scenario: Scenario, link: str, file: Path, _state: tuple[str, int, int] | None) -> Posterior:
    """Return the posterior in a file; read again when the file has changed."""
    values, marks = decoded(file)
    base = _base(scenario, link)
    if marks.get("basis") != basis(base, values):
        raise ValueError(f"{file.name} was fitted to another version of {base.name}; {advice(base, link)}")
    _check_values(file.name, base, values)
    return Posterior(file.name, base.name, base, values, marks)


def has_posterior(scenario: Scenario) -> bool:
    """Return whether there is a posterior file for a scenario or for one that it extends, valid or not."""
    return any(_beside(link) is not None for link in scenario.chain)


def can_be_fitted(scenario: Scenario, link: str) -> bool:
    """Return whether a scenario of this file has something to fit, and a history to fit it to."""
    rows = scenario.document["history"].values()
    return not is_text(link) and bool(scenario.ranges) and not all(row["holdout"] for row in rows)


def advice(scenario: Scenario, link: str) -> str:
    """Return a hint: the command that calibrates a scenario, or what it lacks for that."""
    if is_text(link):
        return "only a scenario file can have one"
    if not can_be_fitted(scenario, link):
        return "to fit one, it needs ranges and a [history] with rows that are no holdout"
    name = argument(asked_as(link))
    return f"run: {command_line('calibrate', name, '--out', name.removesuffix('.toml') + ENDING)}"


def _check_values(name: str, base: Scenario, values: dict[str, npt.NDArray[np.float64]]) -> None:
    """Raise ValueError if the sample has unknown numbers, or values outside their range in single precision."""
    for path, sample in values.items():
        if path not in base.ranges:
            raise ValueError(f"{name} holds '{path[:100]}', which has no range in {base.name}")
        low, high = (float(np.float32(end)) for end in base.ranges[path])
        if not low <= sample.min() <= sample.max() <= high:
            raise ValueError(f"{name} holds values of {path} outside its range, {low:g} to {high:g}")


def _beside(link: str) -> Path | None:
    """Return the posterior file next to a scenario file, or the shipped one; None if there is none."""
    if is_text(link):
        return None
    name = link.removesuffix(".toml") + ENDING
    offered = [Path(name)] if "/" in link else [shipped_folder() / name, Path(name)]
    return next((path for path in offered if path.is_file()), None)


def _base(scenario: Scenario, link: str) -> Scenario:
    """Return the scenario of a file of the chain, without the diffs and settings applied to it."""
    try:
        return load(asked_as(link))
    except (ScenarioError, OSError):
        return scenario
