"""A case: a resolved scenario document as tables and numbers for the kernels."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property

import numpy as np
import numpy.typing as npt

from realpolitik_model.engine.document import Document, month_number
from realpolitik_model.engine.layout import Layout
from realpolitik_model.engine.tables import Tables, address_here, directory, leverage_row


@dataclass(frozen=True)
class Fork:
    """Numbers that change from a month on."""

    month: int
    """Months since the start."""
    numbers: Mapping[str, float]


@dataclass(frozen=True)
class Case:
    """What the kernels run: names, numbers and tables of one resolved scenario."""

    start: str
    months: int
    actors: tuple[str, ...]
    issues: tuple[str, ...]
    drivers: tuple[str, ...]
    moves: tuple[str, ...]
    outcomes: tuple[str, ...]
    interests: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]
    """Recorded leverage: (holder, over)."""
    paths: Mapping[str, int]
    """Dotted path of every number -> its index."""
    numbers: npt.NDArray[np.float64]
    tables: Tables
    forks: tuple[Fork, ...] = ()

    @classmethod
    def of(cls, document: Document, forks: Iterable[tuple[str, Mapping[str, float]]] = ()) -> "Case":
        """Return the case of a resolved document; `forks` are (month "YYYY-MM", {path: value})."""
        laid = Layout(document)
        return cls(
            start=document["meta"]["start"],
            months=laid.months,
            actors=laid.names("actors"),
            issues=laid.names("issues"),
            drivers=laid.names("drivers"),
            moves=laid.names("moves"),
            outcomes=laid.names("outcomes"),
            interests=laid.names("interests"),
            pairs=tuple((provider, dependent) for dependent, provider in laid.named_pairs),
            paths=laid.paths,
            numbers=np.array(laid.values),
            tables=laid.tables,
            forks=tuple(Fork(month_number(date) - laid.start, numbers) for date, numbers in forks),
        )

    def __getstate__(self) -> dict[str, object]:
        """Leave the directory behind: a copy has its tables elsewhere."""
        return {name: value for name, value in self.__dict__.items() if name != "directory"}

    @cached_property
    def directory(self) -> npt.NDArray[np.int64]:
        """The tables as the kernels take them."""
        return directory(self.tables, map(address_here, self.tables))

    def horizon(self, numbers: Mapping[str, npt.NDArray[np.float64]]) -> int:
        """Return how many months actors look ahead at most, in worlds in which these numbers differ by world."""
        path = "theory.foresight"
        given = [self.numbers[self.paths[path]], *(fork.numbers[path] for fork in self.forks if path in fork.numbers)]
        return int(max(*given, np.max(numbers[path])) if path in numbers else max(given))

    def month_of(self, date: str) -> int:
        """Return months from the start to a date "YYYY-MM", or to what prints as one, such as a pandas Period."""
        return month_number(str(date)) - month_number(self.start)

    def date_of(self, month: int) -> str:
        """Return the date "YYYY-MM" of a month since the start."""
        year, index = divmod(month_number(self.start) + month, 12)
        return f"{year:04d}-{index + 1:02d}"

    def dates(self) -> list[str]:
        """Return the date of every month of the case."""
        return [self.date_of(t) for t in range(self.months)]

    def leverage_row(self, holder: str, over: str) -> int:
        """Return the quantity row of the leverage of one actor over another."""
        by, of = (place_in(self.actors, name, "actor") for name in (holder, over))
        return int(leverage_row(self.tables, of, by))

    def varied(self, numbers: Mapping[str, npt.ArrayLike], worlds: int) -> dict[int, npt.NDArray[np.float64]]:
        """Return the index and the values, (worlds,), of numbers that differ by world; ValueError for what is wrong."""
        found = {}
        for path, values in numbers.items():
            if path not in self.paths:
                raise unknown(self.paths, path, "number")
            row = np.asarray(values)
            if row.dtype.kind not in "fiu" or row.shape not in ((), (worlds,)) or not np.isfinite(row).all():
                raise ValueError(f"numbers: {path} needs a finite number, or one for each of {worlds} worlds")
            found[self.paths[path]] = np.broadcast_to(row.astype(np.float64, copy=False), worlds)
        return found


def place_in(names: Sequence[str], name: object, kind: str) -> int:
    """Return the position of a name of the case; ValueError if it has none such, with the nearest that it has."""
    if name in names:
        return names.index(str(name))
    raise unknown(names, name, kind)


def unknown(names: Iterable[str], name: object, kind: str) -> ValueError:
    """Return the error for a name that a case does not have, with the nearest one that it has."""
    near = get_close_matches(str(name), list(names), 1, 0.0)
    return ValueError(f"the case has no {kind} {name!r}" + (f"; did you mean {near[0]!r}?" if near else ""))
