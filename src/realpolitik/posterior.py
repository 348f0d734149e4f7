"""Posterior files: settings of a scenario's ranges that fit its history, kept beside the scenario as Parquet."""

import json
import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from realpolitik.scenario import Scenario, ScenarioError, load
from realpolitik.scenario.core import digest
from realpolitik.scenario.sources import shipped_folder

ENDING = ".posterior.parquet"
KEY = b"realpolitik"
"""Where the file's metadata keep its provenance."""
LARGEST = 256 * 2**20


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
    """Read a posterior file; ValueError if it is none."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if file.stat().st_size > LARGEST:
        raise ValueError(f"{file.name} is larger than any posterior, {LARGEST // 2**20} MB")
    try:
        table = pq.read_table(file, memory_map=False)
        marks = json.loads((table.schema.metadata or {})[KEY])
        values = {name: table[name].to_numpy().astype(np.float64) for name in table.column_names}
    except (pa.ArrowException, KeyError, ValueError) as error:
        raise ValueError(f"{file.name} is not a posterior file of realpolitik") from error
    if not values or not table.num_rows or not all(np.isfinite(v).all() for v in values.values()):
        raise ValueError(f"{file.name} holds no settings")
    return values, marks


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
