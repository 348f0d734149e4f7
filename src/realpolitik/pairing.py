"""Paired statistics: means over worlds, and the 95% interval of the difference of two scenarios in the same worlds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from realpolitik.results import Ensemble
from realpolitik.scenario.errors import no_such

Z95 = float(ndtri(0.975))
"""The 97.5th percentile of the normal distribution (scipy.stats.norm.ppf, without importing all of scipy.stats)."""
FEWEST = 10
"""Worlds below which nothing is said of a mean over them."""
Values = npt.NDArray[np.float64]


class Interval(NamedTuple):
    """An estimate with its 95% interval."""

    value: float
    low: float
    high: float


class Shift(NamedTuple):
    """Two means over the same worlds, and their difference with its 95% interval; all None in fewer than `FEWEST`."""

    worlds: int
    """Those in which there is a number on both sides."""
    first: float | None = None
    second: float | None = None
    difference: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Sample:
    """One number per world, and whether it exists there; both (worlds,)."""

    values: Values
    exists: npt.NDArray[np.bool_]

    @property
    def mean(self) -> float:
        """The mean over the worlds in which it exists; NaN if there are none."""
        return float(self.values[self.exists].mean()) if self.exists.any() else float("nan")

    def influence(self) -> Values:
        """Return the influence of each world on the mean, (worlds,): the linearisation of a ratio of two means."""
        share = self.exists.mean()
        return np.where(self.exists, self.values - self.mean, 0.0) / (share if share else np.nan)


def estimate(sample: Sample) -> Interval:
    """Return a sample's mean with its interval."""
    return _around(sample.mean, sample.influence())


def difference(first: Sample, second: Sample, z: float = Z95) -> Interval:
    """Return the second mean minus the first, with an interval of z standard errors, narrowed by the pairing."""
    n = min(first.values.size, second.values.size)
    return _around(second.mean - first.mean, second.influence()[:n] - first.influence()[:n], z)


def shift(first: Sample, second: Sample) -> Shift:
    """Return how far the values of the same worlds move, in the worlds that have one on both sides.

    The difference of two means over different worlds would also contain that other worlds have a value at all: where an
    outcome becomes more frequent, late cases are added, although it comes no later in any world.
    """
    both = first.exists & second.exists
    if (worlds := int(both.sum())) < FEWEST:
        return Shift(worlds)
    found = estimate(Sample(second.values - first.values, both))
    return Shift(worlds, float(first.values[both].mean()), float(second.values[both].mean()), *found)


def unequal_ends(ends: Mapping[str, str]) -> list[str]:
    """Say which scenarios end in another month than the first, from the last months by name."""
    (first, last), *others = ends.items()
    later = "what happens later counts on one side only"
    return [f"{name} ends in {end}, {first} in {last}: {later}" for name, end in others if end != last]


def _around(value: float, influence: Values, z: float = Z95) -> Interval:
    spread = float(influence.std()) if influence.size > 1 else np.inf  # one world says nothing about others
    half = z * spread / float(np.sqrt(influence.size))
    return Interval(value, value - half, value + half)


def wilson(count: float, of: float) -> Interval:
    """Return a share with its 95% interval, which has a width even if the share is 0 or 1  (Wilson 1927).

    >>> [round(end, 3) for end in wilson(100, 100)]
    [1.0, 0.963, 1.0]
    """
    share, z = count / of, Z95 * Z95 / of
    middle, half = (share + z / 2) / (1 + z), (z * share * (1 - share) + z * z / 4) ** 0.5 / (1 + z)
    return Interval(share, max(0.0, middle - half), min(1.0, middle + half))


def happened(ensemble: Ensemble, outcome: str, by: str | None = None, given: str | None = None) -> Sample:
    """Return whether an outcome happened by a month, or at all; only in worlds with the outcome `given`, if any."""
    first = ensemble.kept.first[:, _index(ensemble, outcome)]
    last = ensemble.tally.months - 1 if by is None else ensemble.case.month_of(by)
    among = np.ones(first.size, bool) if given is None else ensemble.kept.first[:, _index(ensemble, given)] >= 0
    return Sample(((first >= 0) & (first <= last)).astype(float), among)


def dated(ensemble: Ensemble, outcome: str) -> Sample:
    """Return the month index in which an outcome happened, where it did."""
    first = ensemble.kept.first[:, _index(ensemble, outcome)]
    return Sample(first.astype(float), first >= 0)


def measured(ensemble: Ensemble, outcome: str) -> Sample:
    """Return an outcome's measure, where it happened."""
    o = _index(ensemble, outcome)
    return Sample(ensemble.kept.measured[:, o], ensemble.kept.first[:, o] >= 0)


def level(ensemble: Ensemble, issues: list[str], by: str) -> Sample:
    """Return the sum of issues at the end of a month, in the worlds whose paths are kept."""
    columns = [ensemble.case.issues.index(name) for name in issues]
    values = ensemble.kept.issues[:, ensemble.case.month_of(by), columns].sum(axis=1)
    return Sample(values, np.ones(values.size, bool))


def leverage(ensemble: Ensemble, pair: str, by: str) -> Sample:
    """Return a leverage "Baku>Moscow" at the start of a month, in the worlds whose paths are kept."""
    holder, over = pair.split(">")
    values = ensemble.kept.leverage[:, ensemble.case.month_of(by), ensemble.case.pairs.index((holder, over))]
    return Sample(values, np.ones(values.size, bool))


def made(ensemble: Ensemble, moves: list[str]) -> Sample:
    """Return how often some moves were made, in all."""
    columns = [ensemble.case.moves.index(name) for name in moves]
    values = ensemble.kept.made[:, columns].sum(axis=1).astype(float)
    return Sample(values, np.ones(values.size, bool))


def _index(ensemble: Ensemble, outcome: str) -> int:
    if outcome not in ensemble.case.outcomes:
        raise ValueError(no_such("outcome", outcome, ensemble.case.outcomes, ensemble.scenario.document))
    return ensemble.case.outcomes.index(outcome)
