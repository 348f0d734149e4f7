"""Which inputs matter: Sobol indices or Morris effects of the outcomes of a sweep, with bootstrap intervals.

A Sobol index is the share of an outcome's variance that an input carries. First: alone, with the estimator of Saltelli
et al. (2010), table 2 (b). Total: with all its interactions, with that of Jansen (1999). Both need the blocks of the
`sobol` design. All points share their worlds, so the outcome is a function of the inputs and the indices contain no
sampling noise.

A Morris effect is the change of the outcome that one step of an input makes (Morris 1991). `mu*` is the mean size of
the change over the whole span (Campolongo, Cariboni & Saltelli 2007), `sigma` its spread: large where an input
interacts or is nonlinear.

The estimators are our own: SALib's give the same values, but take a second to import, have normal rather than
percentile intervals, and turn an outcome that is constant but for rounding into indices. A test compares both.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from realpolitik.choices import name_in, several
from realpolitik.scenario.errors import no_such
from realpolitik.sweeps.columns import of_issue
from realpolitik.sweeps.counts import MOST_WORLDS
from realpolitik.sweeps.designs import BLOCK, blocks_of
from realpolitik.sweeps.folder import Folder
from realpolitik.sweeps.opening import Array, Sweep, by_point, open_sweep
from realpolitik.texts import counted

FEWEST = 16
"""Blocks below which indices say nothing."""
NAMES = {"sobol": ("first", "total"), "morris": ("mu_star", "mu", "sigma")}
LEVEL = 0.95
SHOWN = 0.001
"""The last digit of an index in tables: what rounds to 0.000 is left out there, and in figures."""
RESAMPLES = 1_000
ROUNDING = MOST_WORLDS * float(np.finfo(np.float64).eps)
"""Relative difference that two means over the same worlds can have through the order of their sums alone."""


@dataclass(frozen=True)
class Sensitivity:
    """Indices of every input for some outcomes, one row each in `rows`.

    An undefined index is None: every Sobol index of an outcome that is the same at every point (`variance` 0), or the
    same at all points of the blocks A and B, from which the variance is estimated.
    """

    sweep: Sweep
    kind: str
    blocks: int
    rows: list[dict[str, Any]]

    def __repr__(self) -> str:
        return f"<Sensitivity of {self.sweep.folder}: {self.kind}, {counted(len(self.rows), 'row')}>"

    @property
    def indices(self) -> tuple[str, ...]:
        """Names of the indices."""
        return NAMES[self.kind]

    @property
    def outcomes(self) -> list[str]:
        """Names of what was analysed, in order."""
        return list(dict.fromkeys(row["outcome"] for row in self.rows))

    def of(self, outcome: str) -> list[dict[str, Any]]:
        """Return the rows of an outcome, the input that matters most first."""
        key = "total" if self.kind == "sobol" else "mu_star"
        return sorted((row for row in self.rows if row["outcome"] == outcome), key=lambda row: -(row[key] or 0.0))

    def frame(self) -> pd.DataFrame:
        """Return the rows as a frame."""
        return pd.DataFrame(self.rows)

    def to_dict(self) -> dict[str, Any]:
        """Return the document that `sensitivity --json` prints."""
        plan = self.sweep.plan
        head = {"sweep": str(self.sweep.folder), "scenario": plan.scenario["name"], "sha256": plan.scenario["sha256"]}
        return {**head, "seed": plan.seed, "design": self.kind, "blocks": self.blocks, "rows": self.rows}

    def write(self, path: str | PathLike[str]) -> None:
        """Write the rows as a Parquet file, whole or not at all."""
        target = Path(path)
        if target.name in ("", "..") or not target.parent.is_dir():
            raise ValueError(f"{path}: there is no such folder to write to")
        Folder(target.parent).put(target.name, lambda there: self.frame().to_parquet(there, index=False))


def sensitivity(sweep: Sweep | str | PathLike[str], outcomes: str | Sequence[str] = ()) -> Sensitivity:
    """Analyse a sweep made with `--design sobol` or `morris`.

    An outcome is one of the scenario's, with the share of worlds in which it happens as its value at a point; a measure
    such as `price_of_withdrawal.measure`, with its mean where the outcome happens; or a final issue such as
    `final.karabakh`, with its mean. By default every outcome.
    """
    sweep = sweep if isinstance(sweep, Sweep) else open_sweep(sweep)
    plan = sweep.plan
    if plan.kind not in BLOCK:
        raise ValueError(f"{sweep.folder} has a {plan.kind} design; indices need --design sobol, or morris to screen")
    names = [known_name(sweep, name) for name in several(outcomes)] or list(sweep.outcomes)
    blocks, width = blocks_of(plan.kind, len(plan.factors), plan.points)
    if blocks < FEWEST:
        raise ValueError(
            f"{sweep.folder} has {counted(blocks, 'block')} of {counted(width, 'point')}; "
            f"indices need {FEWEST}, {FEWEST * width} points"
        )
    values = by_point(sweep, names)
    for name, never in ((name, int(np.isnan(values[name]).sum())) for name in names):
        if never:
            raise ValueError(f"{name} has no mean at {counted(never, 'point')}, where the outcome never happens")
    rows = [
        row for name in names for row in analysed(sweep, name, values[name][: blocks * width].reshape(blocks, width))
    ]
    return Sensitivity(sweep, plan.kind, blocks, rows)


def moving(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows of inputs that move their outcome: with an index or an end that is not 0.000, or undefined."""
    keys = [index + end for names in NAMES.values() for index in names for end in ("", "_low", "_high")]
    numbers = ([row[key] for key in keys if key in row] for row in rows)
    return [row for row, found in zip(rows, numbers, strict=True) if not all(_is_zero(number) for number in found)]


def _is_zero(number: float | None) -> bool:
    return number is not None and abs(number) < SHOWN / 2


def known_name(sweep: Sweep, name: str) -> str:
    """Return a name; ValueError if it is neither an outcome, nor a measure, nor a final issue."""
    known = [
        *sweep.outcomes,
        *sweep.measures,
        *(of_issue(issue) for issue in sweep.plan.scenario["document"]["issues"]),
    ]
    if name_in("outcome", name) not in known:
        raise ValueError(no_such("outcome", name, known, sweep.plan.scenario["document"]))
    return name


def analysed(sweep: Sweep, name: str, y: Array) -> Iterator[dict[str, Any]]:
    """Yield one row per input."""
    plan = sweep.plan
    if plan.kind == "sobol":
        found: tuple[IndexInterval, ...] = sobol_indices(y, seed=plan.seed)
    else:
        unit = plan.unit(0, y.size).reshape(*y.shape, len(plan.factors))
        found = morris_effects(unit, y, seed=plan.seed)
    head = {"outcome": name, "mean": float(y.mean()), "variance": variance_of(y)}
    for n, path in enumerate(plan.paths):
        row: dict[str, Any] = {"outcome": name, "input": path, **head}
        for index, interval in zip(NAMES[plan.kind], found, strict=True):
            for end, value in zip(("", "_low", "_high"), interval, strict=True):
                row[index + end] = float(value[n]) if np.isfinite(value[n]) else None
        yield row


# --- bootstrap ------------------------------------------------------------------------------------------------------


class IndexInterval(NamedTuple):
    """An estimate, and the percentile interval of its bootstrap."""

    value: Array
    low: Array
    high: Array


def constant(y: Array) -> bool:
    """Return whether values are the same but for rounding, relative to their size."""
    return float(np.ptp(y)) <= ROUNDING * float(np.abs(y).max())


def variance_of(y: Array) -> float:
    """Return the variance of values; exactly 0 if they are the same but for rounding."""
    return 0.0 if constant(y) else float(y.var())


def resampled(blocks: int, seed: int, resamples: int) -> Iterator[Array]:
    """Draw blocks with replacement; yield how often each was drawn, per resample."""
    rng = np.random.default_rng([seed, blocks])
    for _ in range(resamples):
        yield np.bincount(rng.integers(blocks, size=blocks), minlength=blocks).astype(np.float64)


def intervals(whole: Array, bootstrap: Array) -> IndexInterval:
    """Return estimates with the percentile intervals of their bootstrap."""
    tail = (1 - LEVEL) / 2
    known = bootstrap[np.isfinite(bootstrap).all(axis=1)]
    if not len(known):
        return IndexInterval(whole, np.full_like(whole, np.nan), np.full_like(whole, np.nan))
    low, high = np.quantile(known, [tail, 1 - tail], axis=0)
    return IndexInterval(whole, low, high)


# --- Sobol indices --------------------------------------------------------------------------------------------------


class Indices(NamedTuple):
    """Indices of every input, shape (inputs,); NaN if the outcome does not vary over the blocks A and B."""

    first: IndexInterval
    total: IndexInterval


def sobol_indices(y: Array, *, seed: int = 0, resamples: int = RESAMPLES) -> Indices:
    """Estimate the indices of an outcome from its values in blocks, shape (blocks, inputs + 2)."""
    terms = block_terms(np.zeros_like(y) if constant(y) else y - y.mean())
    whole = from_sums(np.ones(len(y)) @ terms)
    bootstrap = np.array([from_sums(counts @ terms) for counts in resampled(len(y), seed, resamples)])
    first, total = (intervals(whole[n], bootstrap[:, n]) for n in range(2))
    return Indices(first, total)


def block_terms(y: Array) -> Array:
    """Return the terms of each block in the sums: of y, of its square, and per input of both numerators."""
    a, mixed, b = y[:, 0], y[:, 1:-1], y[:, -1]
    first = b[:, None] * (mixed - a[:, None])
    total = (a[:, None] - mixed) ** 2 / 2
    count = np.ones(len(y))
    return np.column_stack([count, a + b, a * a + b * b, first, total])


def from_sums(sums: Array) -> Array:
    """Return first and total indices, shape (2, inputs), from sums over blocks."""
    count, plain, square = sums[:3]
    square = square / (2 * count)
    variance = square - (plain / (2 * count)) ** 2
    numerators = sums[3:].reshape(2, -1) / count
    return numerators / variance if variance > ROUNDING * square else np.full_like(numerators, np.nan)


# --- Morris effects -------------------------------------------------------------------------------------------------


class Effects(NamedTuple):
    """Elementary effects of every input, shape (inputs,), in units of the outcome over an input's whole span."""

    star: IndexInterval
    mean: IndexInterval
    sigma: IndexInterval


def elementary_effects(unit: Array, y: Array) -> Array:
    """Return the effect of each input in each trajectory, shape (trajectories, inputs).

    `unit` is (trajectories, inputs + 1, inputs), `y` (trajectories, inputs + 1).
    """
    step = np.diff(unit, axis=1)
    which = np.abs(step).argmax(axis=2)
    effect = np.diff(y, axis=1) / np.take_along_axis(step, which[:, :, None], axis=2)[:, :, 0]
    found = np.empty_like(effect)
    np.put_along_axis(found, which, effect, axis=1)
    return found


def morris_effects(unit: Array, y: Array, *, seed: int = 0, resamples: int = RESAMPLES) -> Effects:
    """Estimate the effects of the inputs on an outcome, with bootstrap intervals over trajectories."""
    effects = elementary_effects(unit, np.zeros_like(y) if constant(y) else y)
    count = np.ones(len(effects))
    whole = summed(effects, count)
    bootstrap = np.array([summed(effects, counts) for counts in resampled(len(effects), seed, resamples)])
    star, mean, sigma = (intervals(whole[n], bootstrap[:, n]) for n in range(3))
    return Effects(star, mean, sigma)


def summed(effects: Array, counts: Array) -> Array:
    """Return mu*, mu and sigma, shape (3, inputs), with each trajectory weighted by its count."""
    total = counts.sum()
    star, mean, square = (counts @ values / total for values in (np.abs(effects), effects, effects**2))
    spread: npt.NDArray[np.float64] = np.sqrt(np.maximum(square - mean**2, 0.0) * total / max(total - 1, 1))
    return np.array([star, mean, spread])
