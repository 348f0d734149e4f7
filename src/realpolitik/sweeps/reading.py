"""Opens the folder of a sweep: tables, a labelled array, and any row as the very world it was."""

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

from realpolitik.scenario import Scenario, ScenarioError, Setting
from realpolitik.sweeps.design_file import DESIGN
from realpolitik.sweeps.driver import file_of
from realpolitik.sweeps.factors import Level, Levels
from realpolitik.sweeps.folder import Damaged, Folder, opened
from realpolitik.sweeps.manifest import MANIFEST, Manifest, read_manifest
from realpolitik.sweeps.parquet import read_rows
from realpolitik.sweeps.plan import Plan
from realpolitik.sweeps.versions import OURS, versions

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import xarray as xr

    from realpolitik.explaining import Story


class Row(NamedTuple):
    """One row of a sweep as the world it is."""

    row: int
    point: int
    world: int
    values: dict[str, Level]


class Sweep:
    """The results of a sweep, read when they are asked for."""

    def __init__(self, folder: Folder, manifest: Manifest) -> None:
        self.folder = folder
        self.command: list[str] = manifest.command
        self.plan: Plan = manifest.plan
        self.scenario: Scenario = manifest.scenario
        """The scenario as it was swept, with nothing varied."""

    def __repr__(self) -> str:
        plan = self.plan
        return f"<Sweep {self.folder}: {plan.kind}, {plan.points:,} points of {plan.worlds:,} worlds, {self.state}>"

    @property
    def state(self) -> str:
        """Say how much of it is there."""
        return "complete" if not self.missing else f"{len(self.missing):,} of {self.plan.chunks:,} chunks missing"

    @property
    def differs(self) -> dict[str, tuple[str | None, str]]:
        """Versions that differ from those here: name -> (that of the sweep, that here)."""
        made = dict(self.plan.made_by)
        return {name: (made.get(name), here) for name, here in versions().items() if made.get(name) != here}

    @property
    def caution(self) -> str:
        """Say what follows if it was made by another version or with other equations; else an empty text."""
        told = [f"{name} {was}, here {here}" for name, (was, here) in self.differs.items() if name in OURS]
        if not told:
            return ""
        kept = "its tables are as they were written"
        replayed = ", but its rows cannot be replayed here" if "equations" in self.differs else ""
        return f"{self.folder} was made with {'; '.join(told)}: {kept}{replayed}"

    @property
    def inputs(self) -> tuple[str, ...]:
        """Dotted paths of what was varied."""
        return self.plan.paths

    @property
    def outcomes(self) -> tuple[str, ...]:
        """Names of the outcomes."""
        return tuple(self.scenario.document["outcomes"])

    @property
    def missing(self) -> list[int]:
        """Chunks that nobody vouches for."""
        vouched = self.folder.vouched()
        return [chunk for chunk in range(self.plan.chunks) if file_of(chunk) not in vouched]

    def verify(self) -> list[str]:
        """Name the files that are not as they were written."""
        plan = self.plan
        most = {DESIGN: plan.most_design_bytes, **{file_of(chunk): plan.most_bytes for chunk in range(plan.chunks)}}
        vouched = {name: sum_ for name, sum_ in self.folder.vouched().items() if name in most}
        return [name for name, sum_ in vouched.items() if not self.folder.sound(name, sum_, most[name])]

    def table(self, columns: Sequence[str] | None = None) -> pa.Table:
        """Return an Arrow table of results, of some columns if they are named."""
        return pa.concat_tables(self.pieces(columns))

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
            start, stop = self.plan.span(chunk)
            yield read_rows(self.folder.path / file_of(chunk), stop - start, self.plan.most_bytes, wanted)

    @cached_property
    def design_file(self) -> Path:
        """Where the design stands, as it was written when the sweep began; ValueError if it is damaged."""
        sum_ = self.folder.vouched().get(DESIGN)
        if sum_ is None or not self.folder.sound(DESIGN, sum_, self.plan.most_design_bytes):
            advice = "give the command of this sweep again, and it is written anew"
            raise Damaged(f"{self.folder}: {DESIGN} is not as it was written; {advice}")
        return self.folder.path / DESIGN

    def design(self, point: int | None = None) -> pa.Table:
        """Return what is varied, one row a point, or the row of one point."""
        plan = self.plan
        return read_rows(self.design_file, plan.points, plan.most_design_bytes, ["point", *plan.paths], only=point)

    def positions(self) -> npt.NDArray[np.float64]:
        """Return the design as numbers, shape (points, inputs): of levels, which one, counted from 0."""
        self.whole()
        design = self.design()
        columns = np.empty((self.plan.points, len(self.plan.factors)))
        for n, one in enumerate(self.plan.factors):
            column = design[one.path]
            columns[:, n] = index_in(column, pa.array(one.levels)) if isinstance(one, Levels) else column
        return columns

    def whole(self) -> range:
        """List the chunks; RuntimeError if some are missing."""
        if self.missing:
            raise RuntimeError(f"{self.folder} is not finished: {self.state}; give its command again to go on")
        return range(self.plan.chunks)

    def frame(self, columns: Sequence[str] | None = None) -> "pd.DataFrame":
        """Return results as a pandas frame; an outcome that never happened is missing (`<NA>`)."""
        import pandas as pd

        nullable = {pa.int16(): pd.Int16Dtype()}
        frame: pd.DataFrame = self.table(columns).to_pandas(types_mapper=nullable.get)
        return frame

    def polars(self, columns: Sequence[str] | None = None) -> "pl.DataFrame":
        """Return results as a Polars frame."""
        try:
            import polars as pl
        except ImportError:
            raise RuntimeError("this needs Polars: pip install 'realpolitik[analysis]'") from None
        frame = pl.from_arrow(self.table(columns))
        assert isinstance(frame, pl.DataFrame)
        return frame

    def points(self) -> "pd.DataFrame":
        """Return one row a point: what is varied, shares of worlds in which outcomes happen, mean final issues."""
        from realpolitik.sweeps.summing import points_frame

        return points_frame(self)

    def to_xarray(self) -> "xr.Dataset":
        """Return results over `point` (and `world`, if worlds were kept), inputs being coordinates of the point."""
        from realpolitik.sweeps.arrays import dataset

        return dataset(self)

    def place(self, row: int) -> Row:
        """Say which point and world a row is, and what is varied there; ValueError if it cannot be replayed here."""
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
        """Tell the story of a row; options as for `realpolitik.explain`."""
        from realpolitik.explaining import explain

        scenario, numbers, world = self.row(row)
        return explain(scenario, world=world, seed=self.plan.seed, numbers=numbers, uncertainty="none", **options)


def index_in(column: pa.ChunkedArray, levels: pa.Array) -> npt.NDArray[np.float64]:
    """Give the place of each value among the levels; ValueError if it is none of them."""
    found = pc.index_in(column, levels)
    if found.null_count:
        raise Damaged(f"{DESIGN} is not of this sweep: it has a level that the sweep has not")
    return np.asarray(found, np.float64)


def check_numbers(scenario: Scenario, numbers: dict[str, float]) -> None:
    """Refuse numbers that the scenario cannot have, each for itself as a plan does."""
    settings = [Setting(path, value) for path, value in numbers.items()]
    try:
        scenario.set(settings)
    except ScenarioError:  # also of two that are allowed one at a time
        for setting in settings:
            scenario.set([setting])


def open_sweep(folder: str | PathLike[str], notice: Callable[[str], None] = warnings.warn) -> Sweep:
    """Open the folder of a sweep, finished or not.

    ValueError if it is none, or its manifest is damaged or of another format. Of a sweep made by another version
    `notice` is told what follows.
    """
    place = Folder(folder)
    manifest = read_manifest(place)
    if manifest is None:
        raise ValueError(f"{place} is not the folder of a sweep: it has no {MANIFEST}")
    found = Sweep(place, manifest)
    if found.caution:
        notice(found.caution)
    return found
