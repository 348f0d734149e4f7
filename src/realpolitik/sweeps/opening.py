"""Opens the folder of a sweep: its state, tables and arrays of its results, and any row as the world it was."""

import shlex
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from realpolitik.choices import from_frame, name_in, several, whole
from realpolitik.scenario import Scenario, ScenarioError, Setting
from realpolitik.scenario.errors import nearest
from realpolitik.sweeps.columns import column_of, measured, of_issue, of_outcome
from realpolitik.sweeps.designs import Level, Levels
from realpolitik.sweeps.driver import file_of
from realpolitik.sweeps.folder import Damaged, Folder, opened
from realpolitik.sweeps.plan import MANIFEST, Manifest, Plan, read_manifest, versions
from realpolitik.sweeps.work import DESIGN, read_rows
from realpolitik.texts import counted

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import xarray as xr

    from realpolitik.explaining import Story

OURS = ("realpolitik", "equations")
"""Versions whose difference is reported to a reader; those of libraries only matter for chunks still to be computed."""
Array = npt.NDArray[np.float64]


class Row(NamedTuple):
    """One row of a sweep, as the world it is."""

    row: int
    point: int
    world: int
    values: dict[str, Level]


class Sweep:
    """The results of a sweep, read on demand."""

    def __init__(self, folder: Folder, manifest: Manifest) -> None:
        self.folder = folder
        self.command: list[str] = manifest.command
        self.device = manifest.device
        self.plan: Plan = manifest.plan
        self.scenario: Scenario = manifest.scenario
        """The scenario of the sweep, with nothing varied."""

    def __repr__(self) -> str:
        plan = self.plan
        points = f"{counted(plan.points, 'point')} of {counted(plan.worlds, 'world')}"
        return f"<Sweep {self.folder}: {plan.kind}, {points}, {self.state}>"

    @property
    def state(self) -> str:
        """Whether the sweep is complete, as text."""
        chunks = counted(self.plan.chunks, "chunk")
        return "complete" if not self.missing else f"{len(self.missing):,} of {chunks} missing"

    @property
    def differs(self) -> dict[str, tuple[str | None, str]]:
        """Versions that differ from those here: name -> (that of the sweep, that here)."""
        made = dict(self.plan.made_by)
        return {name: (made.get(name), here) for name, here in versions().items() if made.get(name) != here}

    @property
    def caution(self) -> str:
        """A warning if the sweep was made by another version or with other equations; else an empty text."""
        found = [f"{name} {was}, here {here}" for name, (was, here) in self.differs.items() if name in OURS]
        if not found:
            return ""
        kept = "its tables are as they were written"
        replayed = ", but its rows cannot be replayed here" if "equations" in self.differs else ""
        return f"{self.folder} was made with {'; '.join(found)}: {kept}{replayed}"

    @property
    def inputs(self) -> tuple[str, ...]:
        """Dotted paths of what was varied."""
        return self.plan.paths

    @property
    def outcomes(self) -> tuple[str, ...]:
        """Names of the outcomes."""
        return tuple(self.scenario.document["outcomes"])

    @property
    def measures(self) -> tuple[str, ...]:
        """Columns of the measures of outcomes."""
        having = measured(self.scenario.document)
        return tuple(of_outcome(name, "measure") for name in self.outcomes if name in having)

    @property
    def missing(self) -> list[int]:
        """Chunks without a checksum: not yet computed."""
        sums = self.folder.sums()
        return [chunk for chunk in range(self.plan.chunks) if file_of(chunk) not in sums]

    def verify(self) -> list[str]:
        """Return the names of the files that do not match their checksums."""
        plan = self.plan
        most = {DESIGN: plan.most_design_bytes, **{file_of(chunk): plan.most_bytes for chunk in range(plan.chunks)}}
        sums = {name: sum_ for name, sum_ in self.folder.sums().items() if name in most}
        return [name for name, sum_ in sums.items() if not self.folder.matches(name, sum_, most[name])]

    def table(self, columns: str | Sequence[str] | None = None) -> pa.Table:
        """Return results as an Arrow table; by default all columns. A text is one; ValueError for one that is none."""
        names = None if columns is None else [name_in("columns", name) for name in several(columns)]
        for name in names or ():
            if name not in self.columns:
                hint = nearest(name, self.columns)
                raise ValueError(f"no column '{name}'" + (f"; did you mean '{hint}'?" if hint else ""))
        return pa.concat_tables(self.pieces(names))

    @cached_property
    def columns(self) -> list[str]:
        """Names of the columns of results; `Damaged` if the first file is."""
        chunk = self.whole()[0]
        start, stop = self.plan.rows_of(chunk)
        found = read_rows(self.folder.path / file_of(chunk), stop - start, self.plan.most_bytes, only=0)
        return list(found.column_names)

    def dataset(self) -> ds.Dataset:
        """Return the files as an Arrow dataset, to be filtered or read piece by piece."""
        paths = [self.folder.path / file_of(chunk) for chunk in self.whole()]
        for path in paths:
            opened(path, most=self.plan.most_bytes).close()
        return ds.dataset([str(path) for path in paths], format="parquet")

    def pieces(self, columns: Iterable[str] | None = None) -> Iterator[pa.Table]:
        """Yield the chunks in order, one at a time."""
        wanted = None if columns is None else list(columns)
        for chunk in self.whole():
            start, stop = self.plan.rows_of(chunk)
            yield read_rows(self.folder.path / file_of(chunk), stop - start, self.plan.most_bytes, wanted)

    @cached_property
    def design_file(self) -> Path:
        """Path of the design's file, as written when the sweep began; ValueError if it is damaged."""
        sum_ = self.folder.sums().get(DESIGN)
        if sum_ is None or not self.folder.matches(DESIGN, sum_, self.plan.most_design_bytes):
            advice = "give the command of this sweep again to rewrite it"
            raise Damaged(f"{self.folder}: {DESIGN} is not as it was written; {advice}")
        return self.folder.path / DESIGN

    def design(self, point: int | None = None) -> pa.Table:
        """Return what is varied, one row per point, or the row of one point."""
        plan = self.plan
        return read_rows(self.design_file, plan.points, plan.most_design_bytes, ["point", *plan.paths], only=point)

    def positions(self) -> Array:
        """Return the design as numbers, shape (points, inputs); levels are numbered from 0."""
        self.whole()
        design = self.design()
        columns = np.empty((self.plan.points, len(self.plan.factors)))
        for n, one in enumerate(self.plan.factors):
            column = design[one.path]
            columns[:, n] = index_in(column, pa.array(one.levels)) if isinstance(one, Levels) else column
        return columns

    def whole(self) -> range:
        """Return the chunks; RuntimeError if some are missing."""
        if self.missing:
            raise RuntimeError(f"{self.folder} is not finished: {self.state}; give its command again to go on")
        return range(self.plan.chunks)

    def frame(self, columns: str | Sequence[str] | None = None) -> "pd.DataFrame":
        """Return results as a pandas frame; an outcome that never happened is missing (`<NA>`)."""
        import pandas as pd

        nullable = {pa.int16(): pd.Int16Dtype()}
        frame: pd.DataFrame = self.table(columns).to_pandas(types_mapper=nullable.get)
        return frame

    def polars(self, columns: str | Sequence[str] | None = None) -> "pl.DataFrame":
        """Return results as a Polars frame."""
        try:
            import polars as pl
        except ImportError:
            raise RuntimeError("this needs Polars (install realpolitik with its extra 'analysis')") from None
        frame = pl.from_arrow(self.table(columns))
        assert isinstance(frame, pl.DataFrame)
        return frame

    def points(self) -> "pd.DataFrame":
        """Return one row per point: what is varied, shares of worlds in which outcomes happen, mean final issues.

        A measure has a column such as `price_of_withdrawal.measure`: its mean where the outcome happens.
        """
        names = [*self.outcomes, *self.measures, *(of_issue(issue) for issue in self.scenario.document["issues"])]
        design = self.design().to_pandas().set_index("point")
        frame: pd.DataFrame = design.assign(**{column_of(name): y for name, y in by_point(self, names).items()})
        return frame

    def to_xarray(self) -> "xr.Dataset":
        """Return results over `point` and, if worlds were kept, `world`; inputs are coordinates of the point.

        The month of an outcome is -1 where it never happened.
        """
        import xarray as xr

        plan, results, design = self.plan, self.table(), self.design()
        shape = (plan.points, plan.worlds) if plan.keep == "worlds" else (plan.points,)
        dimensions = ("point", "world")[: len(shape)]
        skipped = {"row", "point", "world", *plan.paths}
        months = {of_outcome(name) for name in self.outcomes}
        variables: dict[str, Any] = {}
        for name in (column for column in results.column_names if column not in skipped):
            column = results[name].fill_null(-1) if name in months else results[name]
            variables[name] = (dimensions, column.to_numpy().reshape(shape))
        coordinates: dict[str, Any] = {name: ("point", design[name].to_numpy()) for name in design.column_names}
        if plan.keep == "worlds":
            coordinates["world"] = range(plan.worlds)
        attributes = {"scenario": plan.scenario["name"], "sha256": plan.scenario["sha256"], "seed": plan.seed}
        return xr.Dataset(variables, coordinates, {**attributes, "start": self.scenario.document["meta"]["start"]})

    def place(self, row: int) -> Row:
        """Return the point, the world and the inputs of a row; ValueError if it cannot be replayed here."""
        row = whole("row", from_frame(row))
        if not 0 <= row < self.plan.runs:
            raise ValueError(f"row {row} is outside the sweep, 0 to {self.plan.runs - 1}")
        if "equations" in self.differs:
            raise ValueError(f"{self.caution}; use that version, or sweep again")
        point, world = divmod(row, self.plan.worlds)
        values = self.design(point).select(self.plan.paths).to_pylist()[0]
        for one in self.plan.factors:
            value = values[one.path]
            if value not in one.levels if isinstance(one, Levels) else not one.low <= value <= one.high:
                raise Damaged(f"{self.folder}: {DESIGN} is not of this sweep: {one.path} is {value!r} at point {point}")
        return Row(row, point, world, values)

    def row(self, row: int) -> tuple[Scenario, dict[str, float], int]:
        """Return the scenario, the numbers and the world of a row: point * worlds + world, whatever was kept."""
        found = self.place(row)
        levels = [Setting(path, value) for path, value in found.values.items() if isinstance(value, str)]
        numbers = {path: value for path, value in found.values.items() if not isinstance(value, str)}
        check_numbers(self.scenario, numbers)
        return (self.scenario.set(levels) if levels else self.scenario), numbers, found.world

    def explain(self, row: int, **options: Any) -> "Story":
        """Return the story of a row; options as for `realpolitik.explain`."""
        from realpolitik.explaining import explain

        scenario, numbers, world = self.row(row)
        return explain(scenario, world=world, seed=self.plan.seed, numbers=numbers, uncertainty="none", **options)


def index_in(column: pa.ChunkedArray, levels: pa.Array) -> Array:
    """Return the index of each value among the levels; ValueError if it is none of them."""
    found = pc.index_in(column, levels)
    if found.null_count:
        raise Damaged(f"{DESIGN} is not of this sweep: it has a level that the sweep has not")
    return np.asarray(found, np.float64)


def check_numbers(scenario: Scenario, numbers: dict[str, float]) -> None:
    """Refuse numbers that the scenario cannot have, each alone if need be, as in a plan."""
    settings = [Setting(path, value) for path, value in numbers.items()]
    try:
        scenario.set(settings)
    except ScenarioError:  # also for two that are only allowed one at a time
        for setting in settings:
            scenario.set([setting])


def open_sweep(folder: str | PathLike[str], notice: Callable[[str], None] = warnings.warn) -> Sweep:
    """Open the folder of a sweep, finished or not.

    Parameters
    ----------
    folder
        The folder that `sweep` was given.
    notice
        Called with a message if another version made the sweep; by default a warning.

    Returns
    -------
    Sweep
        Its results as tables, frames and datasets; rows can be replayed.

    Raises
    ------
    ValueError
        If the folder holds no sweep, or its manifest is damaged or of another format.

    Examples
    --------
    >>> import realpolitik as rp
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     _ = rp.sweep("karabakh", folder, vary={"theory.phi": [0.5, 1.5]}, design="grid", points=2, worlds=4)
    ...     found = rp.open_sweep(folder)
    ...     found.inputs, len(found.frame())
    (('theory.phi',), 8)
    """
    place = Folder(folder)
    manifest = read_manifest(place)
    if manifest is None:
        raise ValueError(f"{place} is not the folder of a sweep: it has no {MANIFEST}")
    found = Sweep(place, manifest)
    if found.caution:
        notice(found.caution)
    return found


# --- status ---------------------------------------------------------------------------------------------------------


def status_of(sweep: Sweep, *, verify: bool = True) -> dict[str, Any]:
    """Return the state of a folder: chunks finished, missing and damaged, and whether a process is writing."""
    plan, missing = sweep.plan, sweep.missing
    return {
        "folder": str(sweep.folder),
        "scenario": plan.scenario["name"],
        "sha256": plan.scenario["sha256"],
        "identity": plan.identity,
        "design": plan.described["design"],
        "seed": plan.seed,
        "versions": dict(plan.made_by),
        "differs": {name: list(pair) for name, pair in sweep.differs.items()},
        "caution": sweep.caution,
        "command": sweep.command,
        "device": sweep.device,
        "resume": how_to_resume(sweep),
        "rows": plan.rows,
        "runs": plan.runs,
        "chunks": plan.chunks,
        "done": plan.chunks - len(missing),
        "damaged": sweep.verify() if verify else [],
        "running": sweep.folder.busy(),
    }


def how_to_resume(sweep: Sweep) -> str:
    """Return the command that resumes a sweep, or the call if it was made from Python."""
    if sweep.command[1:2] == ["sweep"]:
        words = shlex.join(["realpolitik", *sweep.command[1:]])
        return "".join(mark if mark.isprintable() else ascii(mark)[1:-1] for mark in words)
    return f"call realpolitik.sweep with the same arguments and the folder {str(sweep.folder)!r}"


# --- from worlds to points ------------------------------------------------------------------------------------------


def by_point(sweep: Sweep, names: list[str]) -> dict[str, Array]:
    """Return values per point and name: of an outcome the share of worlds, of a final issue the mean.

    Chunks are read one at a time; memory grows with the points only.
    """
    columns = [column_of(name) for name in names]
    if sweep.plan.keep == "points":
        parts = [piece.to_pandas() for piece in sweep.pieces(columns)]
        return {name: np.concatenate([part[column_of(name)].to_numpy(np.float64) for part in parts]) for name in names}
    sums, counts = ({name: np.zeros(sweep.plan.points) for name in names} for _ in range(2))
    for chunk, piece in enumerate(sweep.pieces(columns)):
        point = np.arange(*sweep.plan.rows_of(chunk)) // sweep.plan.worlds
        first, last = int(point[0]), int(point[-1]) + 1
        for name in names:
            values, there = filled(piece[column_of(name)], share=name in sweep.outcomes)
            sums[name][first:last] += np.bincount(point - first, weights=values, minlength=last - first)
            counts[name][first:last] += np.bincount(point - first, weights=there, minlength=last - first)
    with np.errstate(invalid="ignore"):
        return {name: sums[name] / counts[name] for name in names}


def filled(column: pa.ChunkedArray, *, share: bool) -> tuple[Array, Array]:
    """Return the terms of a sum over rows and of their count: missing values are left out, or are 0 in a share."""
    there = np.asarray(column.is_valid()).astype(np.float64)
    if share:
        return there, np.ones(there.size)
    return np.asarray(column.fill_null(0)).astype(np.float64), there
