"""Tornadoes: an outcome at both ends of the range of every number, all other numbers at their values."""

from collections.abc import Generator, Iterator
from concurrent.futures import Executor
from contextlib import closing
from dataclasses import asdict, dataclass
from functools import cached_property, lru_cache
from math import ceil
from os import PathLike
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from realpolitik import pairing
from realpolitik.choices import STATISTICS, Progress, Statistic, name_in, one_of, whole
from realpolitik.costs import KEPT, chunk_of
from realpolitik.ensembles import FORESIGHT, check_counts, in_batches, months_until, scenario_of
from realpolitik.pairing import Interval, Sample, Values, bonferroni, difference, students
from realpolitik.scenario import Scenario, Settings
from realpolitik.scenario.errors import no_such
from realpolitik.texts import counted
from realpolitik.version import __version__
from realpolitik_model import Case, simulate
from realpolitik_model.ensemble import Device

FEWEST = 30
"""Worlds with the outcome, at each end, below which no width is said to be more than noise.

Of fewer than `pairing.FEWEST` there is no interval.
"""
CONTRASTS = 3
"""Differences of one number from which its width is chosen: low - value, high - value and high - low."""
RESAMPLES = 200
"""How often worlds are drawn again, for the standard error of the difference of two medians."""
MOST_SHOWN = 1_000


@dataclass(frozen=True)
class Swing:
    """What the range of one number does to the outcome."""

    path: str
    low: float
    high: float
    at_low: float | None
    """The outcome with the number at the low end of its range; None if it never happens there."""
    at_high: float | None
    width: float | None
    """The largest difference between the low end, the value and the high end; None if the outcome never happens.

    In months, it is between medians interpolated within their months, so it need not be whole.
    """
    width_low: float | None
    """Interval of the width: 95% for all numbers of the tornado together.

    None if fewer than 10 worlds have the outcome at either of the two ends of the width.
    """
    width_high: float | None
    clear: bool
    """Whether the width is more than sampling noise."""


@dataclass(frozen=True)
class Tornado:
    """The numbers that move an outcome, the widest first."""

    scenario: Scenario
    case: Case
    outcome: str
    statistic: Statistic
    by: str
    seed: int
    worlds: int
    """Worlds per end of a range; the same worlds for all."""
    value: float
    """The outcome with every number at its value."""
    swings: list[Swing]
    unmoved: list[str]
    """Numbers whose range does not move the outcome."""
    top: int
    """How many swings tables and figures show."""

    def __repr__(self) -> str:
        found = f"{counted(len(self.swings), 'number')}, {counted(self.worlds, 'world')} per end"
        return f"<Tornado of {self.scenario.name}: {self.statistic} of {self.outcome}, {found}>"

    @property
    def shown(self) -> list[Swing]:
        """The widest swings: those that tables and figures show."""
        return self.swings[: self.top]

    @property
    def label(self) -> str:
        """The outcome in words."""
        return str(self.scenario.document["outcomes"][self.outcome]["label"])

    def level(self, value: float | None) -> float | str | None:
        """Return a level of the outcome as it is shown: a month as "YYYY-MM", None if it never happens.

        A median lies within the month that ends at its value rounded up, as months are counted from 0.
        """
        if value is None or self.statistic != "month":
            return value
        return self.case.date_of(max(0, ceil(value) - 1))

    def to_dict(self) -> dict[str, Any]:
        """Return everything that `tornado --json` prints."""
        return {
            "scenario": self.scenario.name,
            "sha256": self.scenario.sha256,
            "version": __version__,
            "theory": self.scenario.document["theory"]["weights"],
            "foresight": self.scenario.document["theory"]["foresight"],
            "seed": self.seed,
            "worlds": self.worlds,
            "outcome": self.outcome,
            "label": self.label,
            "statistic": self.statistic,
            "by": self.by,
            "value": self.level(self.value),
            "swings": [
                {**asdict(swing), "at_low": self.level(swing.at_low), "at_high": self.level(swing.at_high)}
                for swing in self.swings
            ],
            "unmoved": self.unmoved,
        }


class MedianMonth(Sample):
    """A sample of month indices, whose `mean` is the median, interpolated within its month.

    A month with index t is the interval from t to t + 1. The median is in the month that `Ensemble.month` returns.
    """

    @property
    def mean(self) -> float:
        """The median over the worlds in which it exists; NaN if there are none."""
        return float(_medians(np.bincount(self.values[self.exists].astype(np.int64), minlength=1)[None, :])[0])

    @cached_property
    def resampled(self) -> Values:
        """The medians of worlds drawn again with replacement, (RESAMPLES,); those of samples of one size are paired."""
        worlds, at = self.values.size, np.flatnonzero(self.exists)
        months = self.values[at].astype(np.int64)
        dated = csr_array((np.ones(at.size), (at, months)), shape=(worlds, int(months.max(initial=0)) + 1))
        return _medians(_resamples(worlds) @ dated)


@lru_cache(1)
def _resamples(worlds: int) -> Values:
    """Return how often each of so many worlds is in each resample, (RESAMPLES, worlds)."""
    return np.random.default_rng(worlds).multinomial(worlds, np.full(worlds, 1 / worlds), RESAMPLES).astype(float)


def _medians(counts: npt.NDArray[Any]) -> Values:
    """Return the medians of rows that count months, (rows, months), interpolated; NaN in rows without any."""
    cumulative = counts.cumsum(axis=1)
    half, rows = cumulative[:, -1] / 2, np.arange(len(counts))
    t = (cumulative < half[:, None]).sum(axis=1)
    inside = counts[rows, t]
    with np.errstate(invalid="ignore"):
        return np.asarray(t + (half - (cumulative[rows, t] - inside)) / inside, np.float64)


Point = dict[str, float]
"""Numbers at other values than the scenario's, by path; empty for the scenario as it is."""


def tornado(
    scenario: str | PathLike[str] | Scenario,
    outcome: str,
    *,
    statistic: Statistic | None = None,
    by: str | None = None,
    worlds: int = 2000,
    seed: int = 1,
    set: Settings | None = None,
    theory: str | None = None,
    foresight: int | None = None,
    top: int = 20,
    progress: Progress | None = None,
    executor: Executor | None = None,
) -> Tornado:
    """Return how far the range of each number moves an outcome, all other numbers at their values.

    Both ends of all ranges are played in the same worlds. A month or a measure is over the worlds that have the outcome
    at that end: a width is also that of worlds that have it at one end only.

    Parameters
    ----------
    scenario, seed, set, theory, foresight, executor
        As for `run`.
    outcome, by
        The outcome, and the last month "YYYY-MM" that is played; the scenario's end by default.
    statistic
        "probability" of the outcome; mean of its "measure" or its median "month", both where it happens. By default
        "measure" if the outcome has one, otherwise "probability".
    worlds
        Worlds per end of a range, 1 to 10,000.
    top
        How many numbers tables and figures show, 1 to 1,000.
    progress
        Called with the worlds done and all of them.

    Returns
    -------
    Tornado
        Its `swings`, the widest first, have the value at the low and at the high end of each range, with intervals.

    Raises
    ------
    ValueError
        If a parameter is out of range, the outcome is unknown or lacks the statistic, or no number has a range.

    Examples
    --------
    >>> import realpolitik as rp
    >>> found = rp.tornado("karabakh", "withdrawal", worlds=32)
    >>> widths = [swing.width for swing in found.swings]
    >>> widths == sorted(widths, reverse=True)
    True
    """
    worlds, seed = check_counts(whole("worlds", worlds, 1, KEPT), seed)
    top = whole("top", top, 1, MOST_SHOWN)
    chosen = scenario_of(scenario, set, theory, foresight)
    kind = statistic_of(chosen, outcome, statistic)
    if not chosen.ranges:
        raise ValueError(f"no number of {chosen.name} has a range; write {{ value = 0.5, low = 0.3, high = 0.7 }}")
    case = chosen.case()
    months = months_until(case, by, "by")
    points = list(ends_of(chosen))
    event = case.outcomes.index(outcome)
    with closing(played(case, points, worlds, months, seed, event, progress, executor)) as pieces:
        samples = (_sample(kind, *piece) for piece in pieces)
        base = next(samples)
        if np.isnan(base.mean):
            raise ValueError(
                f"{outcome} never happens in {counted(worlds, 'world')} with every number at its value, so it has no "
                f"{kind}; choose the statistic 'probability'"
            )
        swings = list(_swings(chosen, base, samples, 1.0 if kind == "probability" else np.inf))
    swings.sort(key=lambda swing: (swing.width is not None, -(swing.width or 0.0)))
    return Tornado(
        scenario=chosen,
        case=case,
        outcome=outcome,
        statistic=kind,
        by=case.date_of(months - 1),
        seed=seed,
        worlds=worlds,
        value=base.mean,
        swings=[swing for swing in swings if swing.width != 0],
        unmoved=[swing.path for swing in swings if swing.width == 0],
        top=top,
    )


def joint(ranges: int) -> float:
    """Return the standard errors of an interval that is 95% for all widths of so many ranges together (Bonferroni)."""
    return bonferroni(CONTRASTS * ranges)


def statistic_of(scenario: Scenario, outcome: str, asked: str | None) -> Statistic:
    """Return the statistic of an outcome: what is asked for, or its default; ValueError if it has none such."""
    outcomes = scenario.document["outcomes"]
    if name_in("outcome", outcome) not in outcomes:
        raise ValueError(no_such("outcome", outcome, outcomes, scenario.document))
    measured = outcomes[outcome]["measure"] is not None
    found = None if asked is None else one_of("statistic", asked, STATISTICS)
    if found == "measure" and not measured:
        raise ValueError(f"{outcome} has no measure; choose the statistic 'probability' or 'month'")
    return found or ("measure" if measured else "probability")


def ends_of(scenario: Scenario) -> Iterator[Point]:
    """Yield what is played: every number at its value, then each number at each end of its range that differs."""
    yield {}
    for path in scenario.ranges:
        yield from ({path: value} for value in moved(scenario, path))


def moved(scenario: Scenario, path: str) -> list[float]:
    """Return the ends of a range that differ from the number's value."""
    return [value for value in dict.fromkeys(scenario.ranges[path]) if value != scenario.numbers[path]]


def played(
    case: Case,
    points: list[Point],
    worlds: int,
    months: int,
    seed: int,
    outcome: int,
    progress: Progress | None,
    executor: Executor | None,
) -> Generator[tuple[npt.NDArray[np.int16], Values], None, None]:
    """Yield month and measure of the outcome, both (worlds,), for one point after the other, in the same worlds."""
    yield from _per_point(_chunks(case, points, worlds, months, seed, outcome, progress, executor), worlds)


def _chunks(
    case: Case,
    points: list[Point],
    worlds: int,
    months: int,
    seed: int,
    outcome: int,
    progress: Progress | None,
    executor: Executor | None,
) -> Iterator[tuple[npt.NDArray[np.int16], Values]]:
    """Yield month and measure of the outcome, in chunks, for all worlds of one point after the other."""
    every, done = worlds * len(points), 0
    greatest = {path: float(case.numbers[case.paths[path]]) for point in points for path in point}
    for path, value in (one for point in points for one in point.items()):
        greatest[path] = max(value, greatest[path])
    chunk = chunk_of(case, months, int(greatest.get(FORESIGHT, 0)))

    def play(device: Device | None, rows: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int16], Values]:
        which, numbers = np.divmod(rows, worlds)
        varied: dict[str, Values] = {}
        for point in range(int(which[0]), int(which[-1]) + 1):
            for path, value in points[point].items():
                row = varied.setdefault(path, np.full(which.size, case.numbers[case.paths[path]]))
                row[which == point] = value
        outputs = simulate(case, numbers, seed=seed, numbers=varied, months=months, device=device)
        return outputs.first[:, outcome].copy(), outputs.measured[:, outcome].copy()

    with in_batches(case, play, every, months, chunk, greatest, executor=executor) as batches:
        for first, measured in batches:
            done += first.size
            if progress is not None:
                progress(done, every)
            yield first, measured


def _per_point(
    chunks: Iterator[tuple[npt.NDArray[np.int16], Values]], worlds: int
) -> Iterator[tuple[npt.NDArray[np.int16], Values]]:
    """Yield month and measure, both (worlds,), for one point after the other."""
    first, measured = np.empty(0, np.int16), np.empty(0)
    for more, values in chunks:
        first, measured = np.concatenate([first, more]), np.concatenate([measured, values])
        while first.size >= worlds:
            yield first[:worlds], measured[:worlds]
            first, measured = first[worlds:], measured[worlds:]


def _sample(kind: Statistic, first: npt.NDArray[np.int16], measured: Values) -> Sample:
    happened = first >= 0
    if kind == "probability":
        return Sample(happened.astype(float), np.ones(first.size, bool), step=1.0)
    return Sample(measured, happened) if kind == "measure" else MedianMonth(first.astype(float), happened)


def _swings(scenario: Scenario, base: Sample, samples: Iterator[Sample], widest: float) -> Iterator[Swing]:
    """Yield what every range does to the outcome, from the samples of `ends_of` after the first.

    `widest` is the greatest width that the statistic allows.
    """
    z = joint(len(scenario.ranges))
    for path, span in scenario.ranges.items():
        played = {value: next(samples) for value in moved(scenario, path)}
        yield _swing(path, span, base, [played.get(value, base) for value in span], z, widest)


def _swing(
    path: str, span: tuple[float, float], base: Sample, ends: list[Sample], z: float, widest: float = np.inf
) -> Swing:
    """Return what a range does to the outcome; its width is between the lowest and the highest of three levels."""
    at_low, at_high = (None if np.isnan(end.mean) else end.mean for end in ends)
    if at_low is None or at_high is None:
        return Swing(path, *span, at_low, at_high, None, None, None, clear=False)
    least, most = (choose((base, *ends), key=lambda sample: sample.mean) for choose in (min, max))
    if least.mean == most.mean:
        return Swing(path, *span, at_low, at_high, 0.0, 0.0, 0.0, clear=False)
    width, *ends_of_width = _difference(least, most, z)
    fewer = min(least.worlds, most.worlds)
    told = fewer >= pairing.FEWEST
    low, high = (min(end, widest) if told and np.isfinite(end) else None for end in ends_of_width)
    enough = fewer >= FEWEST
    return Swing(path, *span, at_low, at_high, width, low, high, clear=bool(enough and low is not None and low > 0))


def _difference(least: Sample, most: Sample, z: float) -> Interval:
    """Return how much two samples differ, with an interval of z standard errors.

    Those of medians are of worlds drawn again. Where months fall in two groups with the median between them, the
    density there, which other standard errors need, says nothing of how far the median can move  (Efron 1979).
    """
    if not (isinstance(least, MedianMonth) and isinstance(most, MedianMonth)):
        return difference(least, most, z)
    width, fewer = most.mean - least.mean, min(least.worlds, most.worlds)
    half = students(z, fewer) * float((most.resampled - least.resampled).std()) if fewer > 1 else np.nan
    return Interval(width, width - half, width + half)
