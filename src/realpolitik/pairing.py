"""Paired statistics: means over worlds, and the 95% interval of the difference of two scenarios in the same worlds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri, stdtrit

from realpolitik import uncertainty
from realpolitik.choices import Z95, name_in
from realpolitik.results import Ensemble
from realpolitik.scenario.errors import no_such

FEWEST = 10
"""Worlds below which nothing is said of a mean over them."""
Values = npt.NDArray[np.float64]


class Interval(NamedTuple):
    """An estimate with its 95% interval."""

    value: float
    low: float
    high: float


class Clusters(NamedTuple):
    """Which setting of a posterior's sample each world has: worlds that share one are not independent."""

    rows: npt.NDArray[np.int64]
    """(worlds,), 0 to `settings` - 1."""
    settings: int

    def between(self, influence: Values) -> float:
        """Return the variance between settings of values (worlds,) with mean 0; 0 if no two worlds share a setting.

        It is the mean product of two different worlds that share one  (Fisher 1925, the intraclass covariance).
        """
        sizes, sums, squares = (np.bincount(self.rows, weights) for weights in (None, influence, influence**2))
        pairs = float((sizes * (sizes - 1)).sum())
        return max(0.0, float((sums**2 - squares).sum()) / pairs) if pairs else 0.0


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
    step: float = 0.0
    """The least by which worlds differ if they do: 1 of counts and of whether something happened, else 0."""
    clusters: Clusters | None = None
    """None if the numbers of every world are its own."""

    @property
    def worlds(self) -> int:
        """The worlds in which it exists."""
        return int(self.exists.sum())

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
    return _around(sample.mean, sample.influence(), (sample,), Z95)


def difference(first: Sample, second: Sample, z: float = Z95) -> Interval:
    """Return the second mean minus the first, with an interval of z standard errors, narrowed by the pairing.

    The interval of a difference of shares is no narrower than if no world differed, and so has a width even then.
    """
    n = min(first.values.size, second.values.size)
    return _around(second.mean - first.mean, second.influence()[:n] - first.influence()[:n], (first, second), z)


def shift(first: Sample, second: Sample) -> Shift:
    """Return how far the values of the same worlds move, in the worlds that have one on both sides.

    The difference of two means over different worlds would also contain that other worlds have a value at all: where an
    outcome becomes more frequent, late cases are added, although it comes no later in any world.
    """
    both = first.exists & second.exists
    if (worlds := int(both.sum())) < FEWEST:
        return Shift(worlds)
    found = estimate(Sample(second.values - first.values, both, first.step, first.clusters or second.clusters))
    return Shift(worlds, float(first.values[both].mean()), float(second.values[both].mean()), *found)


def unequal_ends(ends: Mapping[str, str]) -> list[str]:
    """Say which scenarios end in another month than the first, from the last months by name."""
    (first, last), *others = ends.items()
    later = "what happens later counts on one side only"
    return [f"{name} ends in {end}, {first} in {last}: {later}" for name, end in others if end != last]


def _around(value: float, influence: Values, samples: tuple[Sample, ...], z: float) -> Interval:
    """Return an interval by Student's t for the worlds of samples, and no narrower than if none of them differed.

    The latter is the score interval of a share of 0 of n, and of the difference of two shares of n worlds that agree in
    all of them  (Wilson 1927; Tango 1998). Where worlds draw the settings of a posterior, these are a sample as well.
    """
    n = min(sample.worlds for sample in samples)
    if n < 2:  # one world says nothing about others
        return Interval(value, value - np.inf, value + np.inf)
    variance = float(influence.var()) * n / (n - 1) / influence.size
    drawn = {sample.clusters.settings: sample.clusters for sample in samples if sample.clusters is not None}
    for settings, clusters in drawn.items():
        variance += Clusters(clusters.rows[: influence.size], settings).between(influence) / settings
    half = max(students(z, n) * variance**0.5, max(sample.step for sample in samples) * z * z / (n + z * z))
    return Interval(value, value - half, value + half)


def students(z: float, n: int) -> float:
    """Return the quantile of Student's t, for the mean of n > 1 numbers, at the probability of a normal quantile z.

    >>> [round(students(Z95, n), 2) for n in (2, 10, 10_000)]
    [12.71, 2.26, 1.96]
    """
    return float(stdtrit(n - 1, ndtr(z)))


def bonferroni(intervals: int) -> float:
    """Return the standard errors of intervals that are 95% for so many of them together."""
    return float(ndtri(1 - 0.025 / intervals))


def wilson(count: float, of: float) -> Interval:
    """Return a share with its 95% interval, which has a width even if the share is 0 or 1  (Wilson 1927).

    >>> [round(end, 3) for end in wilson(100, 100)]
    [1.0, 0.963, 1.0]
    """
    share, z = count / of, Z95 * Z95 / of
    middle, half = (share + z / 2) / (1 + z), (z * share * (1 - share) + z * z / 4) ** 0.5 / (1 + z)
    return Interval(share, max(0.0, middle - half), min(1.0, middle + half))


def share(ensemble: Ensemble, outcome: str, by: str | None = None) -> Interval:
    """Return the probability of an outcome over all worlds with its 95% interval, which allows for shared settings."""
    value, sample = ensemble.probability(outcome, by), happened(ensemble, outcome, by)
    worlds: float = ensemble.worlds
    if sample.clusters is not None and 0 < value < 1:
        part = sample.clusters.between(sample.influence()) / (value * (1 - value))
        worlds = 1 / (1 / worlds + min(1.0, part) / sample.clusters.settings)
    return Interval(value, *wilson(value * worlds, worlds)[1:])


def happened(ensemble: Ensemble, outcome: str, by: str | None = None, given: str | None = None) -> Sample:
    """Return whether an outcome happened by a month, or at all; only in worlds with the outcome `given`, if any."""
    first = ensemble.kept.first[:, _index(ensemble, outcome)]
    last = ensemble.tally.months - 1 if by is None else ensemble.case.month_of(by)
    among = np.ones(first.size, bool) if given is None else ensemble.kept.first[:, _index(ensemble, given)] >= 0
    return Sample(((first >= 0) & (first <= last)).astype(float), among, 1.0, clusters_of(ensemble, first.size))


def dated(ensemble: Ensemble, outcome: str) -> Sample:
    """Return the month index in which an outcome happened, where it did."""
    first = ensemble.kept.first[:, _index(ensemble, outcome)]
    return Sample(first.astype(float), first >= 0, 1.0, clusters_of(ensemble, first.size))


def measured(ensemble: Ensemble, outcome: str) -> Sample:
    """Return an outcome's measure, where it happened."""
    o = _index(ensemble, outcome)
    happens = ensemble.kept.first[:, o] >= 0
    return Sample(ensemble.kept.measured[:, o], happens, clusters=clusters_of(ensemble, happens.size))


def level(ensemble: Ensemble, issues: list[str], by: str) -> Sample:
    """Return the sum of issues at the end of a month, in the worlds whose paths are kept."""
    columns = [ensemble.case.issues.index(name) for name in issues]
    return _everywhere(ensemble, ensemble.kept.issues[:, ensemble.case.month_of(by), columns].sum(axis=1))


def leverage(ensemble: Ensemble, pair: str, by: str) -> Sample:
    """Return a leverage "Baku>Moscow" at the start of a month, in the worlds whose paths are kept."""
    holder, over = pair.split(">")
    pairs = ensemble.case.pairs.index((holder, over))
    return _everywhere(ensemble, ensemble.kept.leverage[:, ensemble.case.month_of(by), pairs])


def made(ensemble: Ensemble, moves: list[str]) -> Sample:
    """Return how often some moves were made, in all."""
    columns = [ensemble.case.moves.index(name) for name in moves]
    return _everywhere(ensemble, ensemble.kept.made[:, columns].sum(axis=1).astype(float), step=1.0)


def _everywhere(ensemble: Ensemble, values: Values, step: float = 0.0) -> Sample:
    """Return numbers that every world has."""
    return Sample(values, np.ones(values.size, bool), step, clusters_of(ensemble, values.size))


def clusters_of(ensemble: Ensemble, worlds: int) -> Clusters | None:
    """Return which settings the first worlds of an ensemble have; None if they draw from no posterior."""
    if not ensemble.posterior_settings:
        return None
    rows = uncertainty.settings_of(ensemble.seed, np.arange(worlds, dtype=np.int64), ensemble.posterior_settings)
    return Clusters(rows, ensemble.posterior_settings)


def _index(ensemble: Ensemble, outcome: str) -> int:
    if name_in("outcome", outcome) not in ensemble.case.outcomes:
        raise ValueError(no_such("outcome", outcome, ensemble.case.outcomes, ensemble.scenario.document))
    return ensemble.case.outcomes.index(outcome)
