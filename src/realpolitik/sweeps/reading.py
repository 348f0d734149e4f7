"""Opens the folder of a sweep: tables, a labelled array, and any row as the very world it was."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from os import PathLike
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.dataset as ds

from realpolitik.scenario import Scenario, Setting
from realpolitik.sweeps.driver import file_of
from realpolitik.sweeps.folder import Folder
from realpolitik.sweeps.manifest import MANIFEST, document_of
from realpolitik.sweeps.plan import Plan, plan_from
from realpolitik.sweeps.stored import restored

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import xarray as xr

    from realpolitik.explaining import Story


class Sweep:
    """The results of a sweep, read when they are asked for."""

    def __init__(self, folder: Folder, document: dict[str, Any]) -> None:
        self.folder = folder
        self.command: list[str] = document["command"]
        self.plan: Plan = plan_from(document["sweep"])

    def __repr__(self) -> str:
        plan = self.plan
        return f"<Sweep {self.folder}: {plan.kind}, {plan.points:,} points of {plan.worlds:,} worlds, {self.state}>"

    @property
    def state(self) -> str:
        """Say how much of it is there."""
        return "complete" if not self.missing else f"{len(self.missing):,} of {self.plan.chunks:,} chunks missing"

    @cached_property
    def scenario(self) -> Scenario:
        """The scenario as it was swept, with nothing varied."""
        return restored(self.plan.scenario)

    @property
    def inputs(self) -> tuple[str, ...]:
        """Dotted paths of what was varied."""
        return self.plan.paths

    @property
    def outcomes(self) -> tuple[str, ...]:
        """Names of the outcomes."""
        return tuple(self.plan.scenario["document"]["outcomes"])

    @property
    def missing(self) -> list[int]:
        """Chunks that nobody vouches for."""
        vouched = self.folder.vouched()
        return [chunk for chunk in range(self.plan.chunks) if file_of(chunk) not in vouched]

    def verify(self) -> list[str]:
        """Name the files that are not as they were written."""
        return [name for name, sum_ in self.folder.vouched().items() if not self.folder.sound(name, sum_)]

    def table(self, columns: Sequence[str] | None = None) -> pa.Table:
        """Return an Arrow table of results, of some columns if they are named."""
        return self.dataset().to_table(columns=None if columns is None else list(columns))

    def dataset(self) -> ds.Dataset:
        """Return the files as an Arrow dataset, to be filtered or read piece by piece."""
        files = [str(self.folder.path / file_of(chunk)) for chunk in self.whole()]
        return ds.dataset(files, format="parquet")

    def pieces(self, columns: Iterable[str]) -> Iterator[pa.Table]:
        """Yield the chunks in order, one at a time."""
        wanted = list(columns)
        for chunk in self.whole():
            yield ds.dataset(str(self.folder.path / file_of(chunk)), format="parquet").to_table(columns=wanted)

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

    def row(self, row: int) -> tuple[Scenario, dict[str, float], int]:
        """Return the scenario, the numbers and the world of a row: point * worlds + world, whatever was kept."""
        found = self.plan.row(row)
        levels = [Setting(path, value) for path, value in found.values.items() if isinstance(value, str)]
        numbers = {path: value for path, value in found.values.items() if not isinstance(value, str)}
        return (self.scenario.set(levels) if levels else self.scenario), numbers, found.world

    def explain(self, row: int, **options: Any) -> "Story":
        """Tell the story of a row; options as for `realpolitik.explain`."""
        from realpolitik.explaining import explain

        scenario, numbers, world = self.row(row)
        return explain(scenario, world=world, seed=self.plan.seed, numbers=numbers, uncertainty="none", **options)


def open_sweep(folder: str | PathLike[str]) -> Sweep:
    """Open the folder of a sweep, finished or not; ValueError if it is none or its manifest is damaged."""
    place = Folder(folder)
    document = document_of(place)
    if document is None:
        raise ValueError(f"{place} is not the folder of a sweep: it has no {MANIFEST}")
    return Sweep(place, document)
