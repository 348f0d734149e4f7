"""Conditioning: the worlds of a scenario's ranges that agree with what was known at the cutoff, by rejection.

Every number is drawn from its range and every world counts once, so what agrees is a sample of the posterior, given all
rows of [history] and [quantities] that were known. Nothing is fitted before: a fit would count the same rows again.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from realpolitik.calibration.fitness import Growth
from realpolitik.costs import KEPT, chunk_of
from realpolitik.ensembles import Numbered, drawn_foresight, greatest, in_batches
from realpolitik.scenario import Scenario
from realpolitik.uncertainty import Drawn, draw_numbers
from realpolitik_model import Case, simulate
from realpolitik_model.ensemble import Device

T = TypeVar("T")
CLOSEST = 100
"""Worlds, at least, from which a rival theory answers: those that agree with most rows, if fewer agree with all."""
Firsts = npt.NDArray[np.int16]
"""(worlds, outcomes): month in which each outcome first happened, -1 never."""
Mask = npt.NDArray[np.bool_]
"""(worlds,)"""


class Agreeing(NamedTuple):
    """Worlds of a scenario that agree with what was known at the cutoff, or that come closest to it."""

    case: Case
    cutoff: int
    """Months from the start to the last one that was known."""
    played: int
    """How many worlds were played to find them."""
    rows: dict[str, int]
    """Row of history or quantities -> how many of the worlds played agree with it."""
    least: int
    """With how many of the rows each of these worlds agrees at least."""
    worlds: Numbered
    """Their numbers, of this seed with numbers drawn from the ranges."""
    first: Firsts

    def counted(self) -> dict[str, int]:
        """Return how many worlds these are, of how many, and with how many of the rows each of them agrees."""
        return {"worlds": self.worlds.size, "played": self.played, "rows": self.least, "of": len(self.rows)}

    def open(self, outcome: str, by: str) -> tuple[Numbered, Mask]:
        """Return the worlds in which an outcome had not happened by the cutoff, and in which of these it then does."""
        first = self.first[:, self.case.outcomes.index(outcome)]
        still = (first < 0) | (first > self.cutoff)
        return self.worlds[still], (first[still] > self.cutoff) & (first[still] <= self.case.month_of(by))


def agreeing(
    scenario: Scenario,
    *,
    worlds: int,
    seed: int,
    cutoff: str,
    tolerance: int,
    until: str,
    closest: bool,
    report: Callable[[int], None],
) -> Agreeing:
    """Play worlds up to the cutoff, and those that agree with what was known then to the end.

    Parameters
    ----------
    scenario
        Its ranges are drawn from; numbers without one keep their value.
    worlds
        How many are played up to the cutoff at most. Unless `closest`, it ends with the 10,000th that agrees.
    cutoff, until
        "YYYY-MM": the last month that was known, and the last one to play.
    tolerance
        Months by which a dated event may miss its date.
    closest
        If fewer than 100 worlds agree with all rows, take those that agree with as many rows as 100 worlds do.
    report
        Called with the worlds played so far.
    """
    drawn = _Prior(scenario, seed)
    case, known = drawn.case, _Known(scenario, drawn.case, cutoff, tolerance)
    rows, agreed = _compared(drawn, known, worlds, 0 if closest else KEPT, report)
    least = len(rows)
    while closest and least and (agreed >= least).sum() < CLOSEST:
        least -= 1
    chosen, months = np.flatnonzero(agreed >= least)[:KEPT], case.month_of(until) + 1

    def play(device: Device | None, some: Numbered) -> Firsts:
        return drawn.play(months, device, chosen[some])[0]

    with drawn.in_batches(play, len(chosen), months) as parts:
        first = np.concatenate([np.zeros((0, len(case.outcomes)), np.int16), *parts])
    return Agreeing(case, known.cutoff, len(agreed), rows, least, chosen, first)


def _compared(
    drawn: "_Prior", known: "_Known", worlds: int, enough: int, report: Callable[[int], None]
) -> tuple[dict[str, int], npt.NDArray[np.uint16]]:
    """Return how many worlds agree with each row, and with how many rows each world does.

    With `enough`, the world in which so many agree with all rows is the last one.
    """
    months, rows = known.cutoff + 1, np.zeros(len(known.names), np.int64)
    counts, done, found = list[npt.NDArray[np.uint16]](), 0, 0

    def compare(device: Device | None, some: Numbered) -> npt.NDArray[np.bool_]:
        return known.masks(*drawn.play(months, device, some))

    with drawn.in_batches(compare, worlds, months) as batches:
        for masks in batches:
            if enough:  # batches are larger on a GPU, and what is returned is not
                masks = masks[:, : _end(np.asarray(masks.all(axis=0)), enough - found)]
            rows += masks.sum(axis=1)
            counts.append(masks.sum(axis=0, dtype=np.uint16))
            done, found = done + len(counts[-1]), found + int((counts[-1] == len(rows)).sum())
            report(done)
            if found == enough > 0:
                break
    return dict(zip(known.names, rows.tolist(), strict=True)), np.concatenate(counts)


def _end(agree: Mask, most: int) -> int:
    """Return how many of the first worlds there are until `most` agree."""
    found = np.flatnonzero(agree)
    return len(agree) if len(found) < most else int(found[most - 1]) + 1


class _Prior:
    """Worlds of a scenario whose numbers are drawn from their ranges."""

    def __init__(self, scenario: Scenario, seed: int) -> None:
        self.scenario, self.case, self.seed = scenario, scenario.case(), seed

    def play(self, months: int, device: Device | None, worlds: Numbered) -> tuple[Firsts, Drawn]:
        """Return when each outcome first happens, and the numbers of each world."""
        numbers = draw_numbers(self.scenario, self.seed, worlds, "prior")
        return simulate(self.case, worlds, seed=self.seed, numbers=numbers, months=months, device=device).first, numbers

    def in_batches(
        self, play: Callable[[Device | None, Numbered], T], worlds: int, months: int
    ) -> AbstractContextManager[Iterator[T]]:
        """Play worlds 0, 1, ..., worlds - 1 in batches, as `ensembles.in_batches` does."""
        chunk = chunk_of(self.case, months, drawn_foresight(self.scenario, "prior"))
        return in_batches(self.case, play, worlds, months, chunk, greatest(self.scenario, "prior"))


class _Known:
    """The rows of [history] and [quantities] that were known at the cutoff."""

    def __init__(self, scenario: Scenario, case: Case, cutoff: str, tolerance: int) -> None:
        self.case, self.cutoff, self.tolerance = case, case.month_of(cutoff), tolerance
        self.history = scenario.document["history"]
        self.growths = {
            name: Growth(scenario, name)
            for name, row in scenario.document["quantities"].items()
            if f"{row['after']}-12" <= cutoff
        }
        self.names = [f"history.{name}" for name in self.history] + [f"quantities.{name}" for name in self.growths]

    def masks(self, first: Firsts, numbers: Drawn) -> npt.NDArray[np.bool_]:
        """Return which worlds agree with each row, (rows, worlds)."""
        return np.array([*self._masks(first, numbers)], np.bool_).reshape(len(self.names), len(first))

    def _masks(self, first: Firsts, numbers: Drawn) -> Iterator[Mask]:
        for row in self.history.values():
            yield agrees(self.case, first, row, self.cutoff, self.tolerance)
        for growth in self.growths.values():
            yield growth.distances(numbers, len(first)) <= 1.0


def agrees(case: Case, first: Firsts, row: dict[str, str], cutoff: int, tolerance: int) -> Mask:
    """Return which worlds agree with a row of [history] as it was known in the month `cutoff`: a later one as open."""
    when = first[:, case.outcomes.index(row["outcome"])]
    if row["date"] == "never":
        last = min(cutoff, case.month_of(row["until"])) if row["until"] else cutoff
        return np.asarray((when < 0) | (when > last))
    date = case.month_of(row["date"])
    if date > cutoff:
        return np.asarray((when < 0) | (when > cutoff))
    return np.asarray((when >= 0) & (np.abs(when.astype(int) - date) <= tolerance))
