"""Posterior files: settings of a scenario's ranges that fit its history, kept beside the scenario as Parquet."""

import json
import os
import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from realpolitik.scenario import Scenario, ScenarioError, load
from realpolitik.scenario.core import digest
from realpolitik.scenario.sources import shipped_folder

ENDING = ".posterior.parquet"
KEY = b"realpolitik"
"""Where the file's metadata keep its provenance."""
NUMBERS = ("FLOAT", "DOUBLE")
"""Types of the columns, as Parquet calls them."""
LARGEST, LONGEST_FOOTER = 256 * 2**20, 16 * 2**20
"""Bytes of a file, and of the description of its columns."""
MOST_SETTINGS, MOST_NUMBERS = 65_536, 2**25
"""Settings of a sample, and numbers in all of them."""


@dataclass(frozen=True, eq=False)
class Posterior:
    """A sample of settings, and where it came from."""

    file: str
    scenario: str
    base: Scenario
    """The scenario that was calibrated: the one at hand, or one that it extends."""
    values: dict[str, npt.NDArray[np.float64]]
    """Dotted path -> one value a setting."""
    marks: dict[str, Any]

    @property
    def settings(self) -> int:
        """How many settings the sample has."""
        return next(iter(self.values.values())).size

    def fitted(self, scenario: Scenario) -> list[str]:
        """Name the numbers that are drawn from the sample: those that a diff has left as they were."""
        base = self.base
        return [
            path
            for path in self.values
            if scenario.numbers.get(path) == base.numbers.get(path)
            and scenario.ranges.get(path) == base.ranges.get(path)
        ]

    def note(self, scenario: Scenario) -> str:
        """Say in a sentence where the numbers of a scenario come from."""
        own = len(self.values) - len(self.fitted(scenario))
        changed = f", except {own} that {scenario.name} sets itself" if own else ""
        return f"Numbers drawn from the {self.settings:,} settings of {self.file} (fitted to {self.scenario}){changed}."


def basis(scenario: Scenario) -> str:
    """Hash what a calibration depends on: numbers, ranges and what happened, but no words."""
    document = scenario.document
    facts = [[row[key] for key in ("outcome", "date", "until", "holdout")] for row in document["history"].values()]
    measured = [[row[key] for key in sorted(row) if key != "source"] for row in document["quantities"].values()]
    theory = [document["theory"][key] for key in ("loss", "weights")]
    return digest([scenario.numbers, scenario.ranges, scenario.forks, facts, measured, theory])


def encoded(paths: Iterable[str], values: npt.NDArray[np.float64], marks: dict[str, Any]) -> bytes:
    """Return the bytes of a posterior file: one column a number, one row a setting, no date."""
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
    """A file holds more than any posterior; the message says how much."""


def _check_bytes(file: BinaryIO) -> None:
    """Refuse a file or a footer that is too long, by its length alone."""
    size = file.seek(0, os.SEEK_END)
    if size > LARGEST:
        raise TooLarge(f"{size:,} bytes, at most {LARGEST:,}")
    file.seek(max(0, size - 8))
    footer = int.from_bytes(file.read(4), "little")
    if footer > LONGEST_FOOTER and file.read(4) == b"PAR1":
        raise TooLarge(f"a footer of {footer:,} bytes, at most {LONGEST_FOOTER:,}")
    file.seek(0)


def _check_content(found: Any) -> None:
    """Refuse too many settings and numbers, and columns that are not plain numbers, by what the footer says of them."""
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
    """Refuse a sample that is larger than a posterior file may be."""
    if settings > MOST_SETTINGS or settings * ranges > MOST_NUMBERS:
        numbers = f"{settings:,} settings of {ranges:,} numbers"
        raise TooLarge(f"{numbers}, at most {MOST_SETTINGS:,} settings and {MOST_NUMBERS:,} numbers in all")


@lru_cache(maxsize=16)
def posterior_of(scenario: Scenario) -> Posterior:
    """Return the posterior of a scenario or of what it extends; ValueError if there is none, or a stale one."""
    for link in scenario.chain:
        file = _beside(link)
        if file is not None:
            values, marks = decoded(file)
            base = _base(scenario, link)
            if marks.get("basis") != basis(base):
                raise ValueError(
                    f"{file.name} was fitted to other numbers than {base.name} now has; {advice(base, link)}"
                )
            _check_values(file.name, base, values)
            return Posterior(file.name, base.name, base, values, marks)
    raise ValueError(f"{scenario.name} has no posterior beside it; {advice(scenario, scenario.chain[0])}")


def advice(scenario: Scenario, link: str) -> str:
    """Say how to fit a scenario, or what it lacks for that."""
    if not scenario.ranges or all(row["holdout"] for row in scenario.document["history"].values()):
        return "to fit one, it needs ranges and a [history] with rows that are no holdout"
    name = asked_as(link)
    return f"run: realpolitik calibrate {shlex.join((name, '--out', name.removesuffix('.toml') + ENDING))}"


def asked_as(link: str) -> str:
    """Name a file of a scenario's chain as a command takes it: a shipped one by its name, another by its path."""
    return link.removesuffix(".toml") if "/" not in link and (shipped_folder() / link).is_file() else link


def _check_values(name: str, base: Scenario, values: dict[str, npt.NDArray[np.float64]]) -> None:
    """Refuse a sample of numbers that have no range, or outside of it; it is kept in single precision."""
    for path, sample in values.items():
        if path not in base.ranges:
            raise ValueError(f"{name} holds '{path[:100]}', which has no range in {base.name}")
        low, high = (float(np.float32(end)) for end in base.ranges[path])
        if not low <= sample.min() <= sample.max() <= high:
            raise ValueError(f"{name} holds values of {path} outside its range, {low:g} to {high:g}")


def _beside(link: str) -> Path | None:
    """Find the posterior file next to a scenario file, or among those shipped."""
    name = link.removesuffix(".toml") + ENDING
    offered = [Path(name)] if "/" in link else [shipped_folder() / name, Path(name)]
    return next((path for path in offered if path.is_file()), None)


def _base(scenario: Scenario, link: str) -> Scenario:
    """Read a file of the chain again, as it stands without the diffs and settings upon it."""
    try:
        return load(asked_as(link))
    except (ScenarioError, OSError):
        return scenario
