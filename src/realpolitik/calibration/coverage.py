"""Coverage: whether the intervals of a calibration hold what they should (simulation-based calibration).

Settings are drawn from a prior, and each is played in one world. The history of that world is then fitted in place of
the real one, by the same rule, and the setting's rank in its own posterior is noted. If the rule is right, ranks are
uniform, and an 80% interval holds the setting in 80% of such histories (Talts et al. 2018). There are two priors. In
one, all ranges are drawn. The other is narrowed to the numbers that the history informs best, and the others are at
their values: each history then says more about each number, so that a wrong rule shows.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from typing import Any

import numpy as np
import numpy.typing as npt

from realpolitik.calibration.calibrating import calibrate, check_error
from realpolitik.calibration.cube import Cube, Points
from realpolitik.calibration.fitness import Firsts, Fitness, Targets, Values
from realpolitik.choices import Progress, whole
from realpolitik.ensembles import MOST_SEED, scenario_of
from realpolitik.pairing import wilson
from realpolitik.scenario import Scenario
from realpolitik.version import __version__

DRAWN = 100_000
"""Settings drawn from each prior; every history is fitted by those of them whose world reproduces it."""
PIECE = 4_096
"""Settings played between two reports."""
INSIDE = 0.8
"""Nominal coverage of the intervals."""
BAND = (0.72, 0.88)
"""Coverage of every number must be within these bounds, or so uncertain that its interval contains the nominal one."""
BINS = 20
"""Bins of the rank histograms."""
FEWEST = 100
"""Least settings that fit a history; histories with fewer are left out, whatever the setting that they came from."""
MOST_HISTORIES = 10_000
FEW = 8
"""Numbers of the narrowed prior."""


@dataclass(frozen=True)
class Ranks:
    """How often the intervals of one number hold it."""

    path: str
    coverage: float
    """Share of histories whose 80% interval holds the number, with its 95% interval."""
    low: float
    high: float
    contraction: float
    """Mean share of the prior's variance that a history removes: near 0, the check says little about this number."""
    histogram: list[int]
    """Histories by rank, from the lowest to the highest."""


@dataclass(frozen=True)
class PriorCheck:
    """The check under one prior."""

    name: str
    histories: int
    """Histories that were fitted."""
    left_out: int
    """Histories that too few of the settings reproduce."""
    settings: float
    """Median number of settings that reproduce a history."""
    numbers: list[Ranks]

    @property
    def outside(self) -> list[Ranks]:
        """The numbers whose coverage is outside the bounds, and not by chance alone: its interval is without 80%."""
        return [row for row in self._beyond if not row.low <= INSIDE <= row.high]

    @property
    def open(self) -> list[Ranks]:
        """The numbers whose coverage is outside the bounds, of which so few histories cannot tell."""
        return [row for row in self._beyond if row.low <= INSIDE <= row.high]

    @property
    def _beyond(self) -> list[Ranks]:
        return [row for row in self.numbers if not BAND[0] <= row.coverage <= BAND[1]]


@dataclass(frozen=True)
class Coverage:
    """The result of a check of coverage."""

    scenario: Scenario
    seed: int
    error: float
    drawn: int
    checks: list[PriorCheck]

    @property
    def ok(self) -> bool:
        """Whether no number's coverage is outside the bounds, under every prior."""
        return all(check.numbers and not check.outside for check in self.checks)

    def verdict(self) -> str:
        """Return a sentence on the coverage of all numbers."""
        rows = [row for check in self.checks for row in check.numbers]
        if not rows:
            return "No history could be fitted: too few settings reproduce any of them."
        low, high = (end(row.coverage for row in rows) for end in (min, max))
        held = f"80% intervals hold the number in {low:.0%} to {high:.0%} of histories"
        out = len([row for check in self.checks for row in check.outside])
        bounds = f"{BAND[0]:.0%} to {BAND[1]:.0%}"
        count = {0: "no number is", 1: "1 number is"}.get(out, f"{out} numbers are")
        left, made = (sum(getattr(check, key) for check in self.checks) for key in ("left_out", "histories"))
        few = sum(len(check.open) for check in self.checks)
        unsure = f" Of {few} outside, so few histories cannot tell: the 95% interval contains 80%." if few else ""
        rare = f" {left:,} of {left + made:,} histories were too rare to be fitted." if left else ""
        return f"{held}; {count}{' clearly' * bool(few)} outside {bounds}.{unsure}{rare}"

    def to_dict(self) -> dict[str, Any]:
        """Return everything that `calibrate --check --json` prints."""
        checks = [
            {**vars(check), "numbers": [vars(row) for row in check.numbers], "outside": [r.path for r in check.outside]}
            for check in self.checks
        ]
        about = {"scenario": self.scenario.name, "sha256": self.scenario.sha256, "version": __version__}
        return {**about, "seed": self.seed, "error": self.error, "drawn": self.drawn, "nominal": INSIDE,
                "bounds": list(BAND), "verdict": self.verdict(), "ok": self.ok, "checks": checks}  # fmt: skip


def coverage(
    scenario: str | PathLike[str] | Scenario,
    *,
    seed: int = 1,
    histories: int = 2_000,
    error: float = 3.0,
    drawn: int = DRAWN,
    progress: Progress | None = None,
) -> Coverage:
    """Fit histories that the model made itself, and count how often the intervals hold the numbers they came from.

    Parameters
    ----------
    scenario
        A scenario, a path, or the name of a shipped one.
    seed
        0 to 2**63 - 1.
    histories
        How many are made under each prior, 1 to 10,000.
    error
        As for `calibrate`.
    drawn
        Settings drawn from each prior.
    progress
        Called with the work done and all of it.

    Returns
    -------
    Coverage
        Its `ok` is whether the coverage of every number is between 72% and 88%, or its 95% interval contains 80%.

    Raises
    ------
    ValueError
        If a parameter is out of range, or the scenario has no ranges or no [history] to fit.
    """
    seed, histories = whole("seed", seed, 0, MOST_SEED), whole("histories", histories, 1, MOST_HISTORIES)
    drawn, error = whole("drawn", drawn, FEWEST, 2**20), check_error(error)
    chosen = scenario_of(scenario)
    everything = Cube.of(chosen)
    few = informed(chosen, seed, error)
    report = WorkDone(progress, 2 * (drawn + histories))
    checks = [
        _check(name, Fitness(chosen, cube, seed=seed, worlds=1, error=error), histories, drawn, report)
        for name, cube in (("all ranges", everything), (f"{len(few)} numbers", everything.only(few)))
    ]
    return Coverage(chosen, seed, error, drawn, checks)


def informed(scenario: Scenario, seed: int, error: float) -> list[str]:
    """Return the numbers that the history informs best, by how much they narrowed or moved."""
    found = calibrate(scenario, seed=seed, error=error, settings=256)
    order = sorted(found.narrowings, key=lambda n: -max(n.narrowed, abs(n.shift)))
    return [n.path for n in order[:FEW]]


class WorkDone:
    """Adds up the work done."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self.progress, self.done, self.total = progress, 0, total

    def add(self, count: int) -> None:
        """Report more work done."""
        self.done += count
        if self.progress is not None:
            self.progress(self.done, self.total)


def _check(name: str, fitness: Fitness, histories: int, drawn: int, report: WorkDone) -> PriorCheck:
    """Return the check under one prior, with the ranges of `fitness`."""
    rng = np.random.Generator(np.random.PCG64(fitness.seed))
    points = rng.random((drawn, len(fitness.cube.paths)))
    firsts = []
    for start in range(0, drawn, PIECE):
        firsts.append(fitness.firsts(points[start : start + PIECE]))
        report.add(len(firsts[-1]))
    truth = rng.random((histories, points.shape[1]))
    bank = Bank(fitness, points, np.concatenate(firsts))
    ranks, spreads, sizes = [], [], []
    for n, seen in enumerate(made_histories(rng, fitness, truth)):
        near = points[bank.matching(*seen)]
        report.add(1)
        if len(near) >= FEWEST:
            ranks.append(((near < truth[n]).sum(axis=0) + 0.5) / (len(near) + 1))
            spreads.append(near.var(axis=0))
            sizes.append(len(near))
    fitted = len(ranks)
    numbers = _ranks(fitness.cube.paths, np.array(ranks), np.array(spreads)) if fitted else []
    return PriorCheck(name, fitted, histories - fitted, float(np.median(sizes)) if fitted else 0.0, numbers)


Seen = tuple[Targets, Values]
"""The rows of a history as one world shows them, and its ratios."""


def made_histories(rng: np.random.Generator, fitness: Fitness, truth: Points) -> Iterator[Seen]:
    """Yield the history that one world of each setting shows, observed as long as the real one.

    A ratio is measured with an error that is uniform within the row's own.
    """
    last = max(row.month for row in fitness.targets.dated)
    ratios = fitness.ratios(truth)
    errors = [float(growth.row["error"]) for growth in fitness.growths]
    measured = ratios + rng.uniform(-1.0, 1.0, ratios.shape) * errors
    for first, ratio in zip(fitness.firsts(truth), measured, strict=True):
        yield observed(fitness.targets, first[0], last), ratio


def observed(targets: Targets, first: npt.NDArray[np.int16], last: int) -> Targets:
    """Return targets with the months of one world, (outcomes,); what had not happened by `last` is not seen."""
    months = [int(first[row.outcome]) for row in targets.dated]
    rows = [
        replace(row, month=month, happened=True) if 0 <= month <= last else replace(row, month=last, happened=False)
        for row, month in zip(targets.dated, months, strict=True)
    ]
    return replace(targets, dated=tuple(rows))


class Bank:
    """Settings drawn from a prior, each played once: those that reproduce any history can be looked up."""

    def __init__(self, fitness: Fitness, points: Points, firsts: Firsts) -> None:
        self.fitness, self.points, self.ratios = fitness, points, fitness.ratios(points)
        self.firsts = np.ascontiguousarray(firsts[:, 0, :].T)

    def matching(self, targets: Targets, measured: Values) -> npt.NDArray[np.int64]:
        """Return the indices of the settings that reproduce a history, by the rule of `calibrate`, row after row."""
        near = np.arange(self.firsts.shape[1])
        for row in targets.dated:
            off = row.months_off(self.firsts[row.outcome, near], targets.months)
            near = near[off <= self.fitness.error]
        for n, growth in enumerate(self.fitness.growths):
            near = near[np.abs(self.ratios[near, n] - measured[n]) <= float(growth.row["error"])]
        return near


def _ranks(paths: Sequence[str], ranks: Values, spreads: Values) -> list[Ranks]:
    """Return the coverage of every number from its ranks, (histories, ranges), and its variances in the posteriors."""
    tail = (1 - INSIDE) / 2
    inside = ((ranks >= tail) & (ranks <= 1 - tail)).sum(axis=0)
    found = []
    for n, path in enumerate(paths):
        _, low, high = wilson(int(inside[n]), len(ranks))
        counts = np.bincount(np.minimum((ranks[:, n] * BINS).astype(int), BINS - 1), minlength=BINS)
        contraction = 1.0 - 12.0 * float(spreads[:, n].mean())
        found.append(Ranks(path, int(inside[n]) / len(ranks), low, high, contraction, counts.tolist()))
    return found
