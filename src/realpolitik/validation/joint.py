"""The numbers that all cases share, fitted to several cases at once and scored on a case that was left out.

phi, sigma, noise and foresight belong to the theory, so they should have one value in every case. A design of settings
of them is played on each case, with all other numbers of the case drawn from their ranges. World i draws the same
numbers and the same luck at every setting and under every theory, so that scores differ by these alone.

The score of a case is the mean CRPS of its dated rows in months. Between cases it is divided by that of persistence,
the forecast that nothing happens (a skill score: Murphy 1988), as a month means less in a longer case. A theory is
fitted by taking the setting with the least mean ratio over all cases but one, and scored on the case that was left out.
Rows held out are scored apart and fit nothing. All theories have the same settings, and each is fitted on its own.
Intervals are over worlds: in each of some draws, the worlds of every case are resampled, every theory is fitted again,
and compared with leverage on the same worlds (a paired bootstrap: Efron 1979).
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from realpolitik.calibration.fitness import Dated, dated, months_for
from realpolitik.choices import THEORIES, whole
from realpolitik.costs import chunk_of, cost_of
from realpolitik.ensembles import FORESIGHT, in_batches
from realpolitik.results import month_by
from realpolitik.scenario import Scenario
from realpolitik.sweeps.designs import Span, unit_points
from realpolitik.uncertainty import draw_numbers
from realpolitik.validation.history import NOT_YET
from realpolitik.validation.theories import OWN, constant_dependence
from realpolitik_model import simulate
from realpolitik_model.ensemble import Device

SETTINGS = 64
"""Settings of the shared numbers, at each foresight."""
WORLDS = 256
"""Worlds in which each setting is played, on each case."""
FEWEST_SETTINGS, MOST_SETTINGS = 4, 4_096
FEWEST_WORLDS, MOST_WORLDS = 16, 4_096
FORESIGHTS = (0, 1, 3)
"""Months of foresight that are tried."""
DRAWS = 200
"""Resamples of the worlds, for the intervals."""
CONSTANT = "constant dependence"
RIVALS = (*THEORIES, CONSTANT)
PERSISTENCE = "persistence"
FITTED, HELD = 0, 1
"""Roles of rows of history: those that are fitted, and those held out."""
Firsts = npt.NDArray[np.int16]
"""(settings, worlds, rows): the month in which the outcome of a row first happened; never is the months played."""
Values = npt.NDArray[np.float64]


class Piece(NamedTuple):
    """A part of the design that is played at once: all settings of one theory and foresight on one case."""

    case: int
    theory: str
    foresight: int


class Record:
    """The dated rows of a case, and the months that are played for them."""

    def __init__(self, scenario: Scenario) -> None:
        self.case, history = scenario.case(), scenario.document["history"]
        found = {name: dated(self.case, name, row) for name, row in history.items()}
        self.rows: dict[str, Dated] = {name: row for name, row in found.items() if row is not None}
        self.held = np.array([bool(history[name]["holdout"]) for name in self.rows], bool)
        self.months = months_for(self.case, self.rows.values())
        if not any(row.happened and not held for row, held in zip(self.rows.values(), self.held, strict=True)):
            raise ValueError(f"{scenario.name} has no date in [history] to fit, so it cannot be one of several cases")

    def errors(self, first: Firsts, weights: Values) -> Values:
        """Return the CRPS of every row in months, (settings, draws, rows); `weights` of worlds are (draws, worlds).

        It is that of the worlds as they are, unlike `crps`, which does not depend on how many they are: all theories
        are compared in the same worlds.
        """
        found = [self._error(first[:, :, n], row, weights) for n, row in enumerate(self.rows.values())]
        return np.stack(found, axis=2)

    def _error(self, when: Firsts, row: Dated, weights: Values) -> Values:
        """Return the sum over months of the squared difference between forecast and fact, (settings, draws)."""
        months = np.arange(self.months if row.happened else row.month + 1)
        happened = (when.T[:, :, None] <= months).astype(np.float32)
        share = np.tensordot(weights.astype(np.float32), happened, axes=1).astype(np.float64)
        fact = (months >= row.month) if row.happened else np.zeros(months.size)
        return np.asarray(((share - fact) ** 2).sum(axis=2).T)

    def persistence(self) -> Values:
        """Return the CRPS of the forecast that nothing happens, (rows,)."""
        return np.array([self.months - row.month if row.happened else 0.0 for row in self.rows.values()], float)

    def by_role(self, errors: Values) -> Values:
        """Return the mean over the rows of each role, on a last axis of two; NaN if there is none."""
        roles = [errors[..., ~self.held], errors[..., self.held]]
        return np.stack([r.mean(axis=-1) if r.shape[-1] else np.full(r.shape[:-1], np.nan) for r in roles], axis=-1)


@dataclass(frozen=True)
class JointDesign:
    """The settings of the shared numbers, and the cases on which they are played."""

    cases: tuple[Scenario, ...]
    settings: int = SETTINGS
    worlds: int = WORLDS
    seed: int = 1
    foresights: tuple[int, ...] = FORESIGHTS

    def __post_init__(self) -> None:
        """Raise ValueError for a design that cannot be played."""
        whole("settings", self.settings, FEWEST_SETTINGS, MOST_SETTINGS)
        whole("worlds", self.worlds, FEWEST_WORLDS, MOST_WORLDS)
        if len(self.cases) < 2:
            raise ValueError("leaving one case out needs two cases or more")
        twice = [name for name, count in Counter(case.name for case in self.cases).items() if count > 1]
        if twice:
            raise ValueError(f"{twice[0]} is given twice: each case counts once")
        _ = self.spans, self.records

    @cached_property
    def spans(self) -> dict[str, tuple[float, float]]:
        """Path -> low and high of the shared numbers: those of [theory] for which every case has a range."""
        paths = [path for path in self.cases[0].ranges if path.startswith("theory.") and path != FORESIGHT]
        found = {}
        for path in (path for path in paths if all(path in case.ranges for case in self.cases)):
            low, high = (f(case.ranges[path][n] for case in self.cases) for n, f in enumerate((max, min)))
            if not low < high:
                raise ValueError(f"the ranges of {path} in these cases have nothing in common")
            found[path] = (low, high)
        if not found:
            raise ValueError(
                "these cases share no range in [theory], so there is nothing to fit: "
                "write phi = { value = 1.0, low = 0.6, high = 1.4 } in each of them"
            )
        return found

    @cached_property
    def records(self) -> tuple[Record, ...]:
        """The dated rows of every case."""
        return tuple(Record(case) for case in self.cases)

    @cached_property
    def values(self) -> dict[str, Values]:
        """Path -> (settings,): a Latin hypercube over the ranges."""
        spans = [Span(path, *span) for path, span in self.spans.items()]
        unit = unit_points("lhs", self.seed, spans, self.settings, 0, self.settings)
        return {span.path: span.values(unit[:, n]) for n, span in enumerate(spans)}

    def pieces(self) -> Iterator[Piece]:
        """Yield every part that is played on its own."""
        for case in range(len(self.cases)):
            yield from (Piece(case, theory, months) for theory in RIVALS for months in self.foresights)

    def scenario(self, piece: Piece) -> Scenario:
        """Return the case of a piece under its theory and foresight."""
        base = self.cases[piece.case]
        base = constant_dependence(base) if piece.theory == CONSTANT else base.set({"theory.weights": piece.theory})
        return base.set({FORESIGHT: float(piece.foresight)})

    def seconds(self, piece: Piece) -> float:
        """Estimate the seconds of a core that a piece takes."""
        months = self.records[piece.case].months
        return cost_of(self.scenario(piece).case(), self.settings * self.worlds, months, paths=0).seconds


def play(design: JointDesign, piece: Piece) -> Firsts:
    """Play every setting of a piece in the worlds 0, 1, ... of the seed."""
    scenario, record = design.scenario(piece), design.records[piece.case]
    case, worlds = scenario.case(), np.arange(design.worlds, dtype=np.int64)
    drawn = draw_numbers(scenario, design.seed, worlds, "prior")
    own = {path: numbers for path, numbers in drawn.items() if path not in design.spans and path != FORESIGHT}
    total = design.settings * design.worlds
    greatest = {path: float(values.max()) for path, values in (own | design.values).items()}
    outcomes = [row.outcome for row in record.rows.values()]

    def part(device: Device | None, rows: npt.NDArray[np.int64]) -> Firsts:
        setting, world = np.divmod(rows, design.worlds)
        numbers = {path: values[world] for path, values in own.items()}
        numbers |= {path: values[setting] for path, values in design.values.items()}
        return simulate(case, world, seed=design.seed, numbers=numbers, months=record.months, device=device).first[
            :, outcomes
        ]

    chunk = chunk_of(case, record.months)
    with in_batches(case, part, total, record.months, chunk, greatest) as batches:
        found = list(batches)
    first = np.concatenate(found).reshape(design.settings, design.worlds, len(outcomes))
    return np.where(first < 0, record.months, first).astype(np.int16)


# --- fitting and scoring --------------------------------------------------------------------------------------------


@dataclass
class Joint:
    """The scores of every theory and setting on every case."""

    design: JointDesign
    first: dict[Piece, Firsts] = field(default_factory=dict)
    scores: dict[Piece, Values] = field(default_factory=dict)
    """(settings, draws, roles): mean CRPS in months; the first draw has all worlds, once each."""

    def add(self, piece: Piece, first: Firsts) -> None:
        """Score a piece that was played."""
        record = self.design.records[piece.case]
        self.first[piece] = first
        self.scores[piece] = record.by_role(record.errors(first, weights_of(self.design, piece.case)))

    def ratios(self, theory: str, foresights: Sequence[int]) -> Values:
        """Return the score of all settings over that of persistence, (cases, foresights * settings, draws)."""
        units = [self.persistence(case)[FITTED] for case in range(len(self.design.cases))]
        found = [self.table(theory, foresights, case, FITTED) / unit for case, unit in enumerate(units)]
        return np.stack(found)

    def table(self, theory: str, foresights: Sequence[int], case: int, role: int) -> Values:
        """Return the score of all settings on a case in months, (foresights * settings, draws)."""
        return np.concatenate([self.scores[Piece(case, theory, months)][:, :, role] for months in foresights])

    def persistence(self, case: int) -> Values:
        """Return the score of persistence on a case in months, (roles,)."""
        record = self.design.records[case]
        return record.by_role(record.persistence())


def weights_of(design: JointDesign, case: int) -> Values:
    """Return the weight of each world, (1 + DRAWS, worlds): all alike, then resampled; the same for all theories."""
    rng = np.random.Generator(np.random.PCG64([design.seed, case]))
    counts = rng.multinomial(design.worlds, np.full(design.worlds, 1 / design.worlds), DRAWS)
    return np.concatenate([np.ones((1, design.worlds)), counts]) / design.worlds


class Fit(NamedTuple):
    """The best settings of a theory without one case, and its score on that case."""

    chosen: npt.NDArray[np.int64]
    """(draws,): positions among foresights * settings."""
    ratio: Values
    """(draws,): score on the case over that of persistence."""


def left_out(joint: Joint, theory: str, foresights: Sequence[int]) -> list[Fit]:
    """Fit a theory without each case in turn, and score it there."""
    ratios = joint.ratios(theory, foresights)
    draws = np.arange(ratios.shape[2])
    found = []
    for case in range(len(ratios)):
        chosen = np.delete(ratios, case, axis=0).mean(axis=0).argmin(axis=0)
        found.append(Fit(chosen, ratios[case, chosen, draws]))
    return found


def sheet(joint: Joint) -> dict[str, Any]:
    """Return the section of the score sheet: each case left out, means, the fit to all cases, and foresight."""
    design = joint.design
    fits = {theory: left_out(joint, theory, design.foresights) for theory in RIVALS}
    cases = [_case(joint, fits, case) for case in range(len(design.cases))]
    means = {theory: np.mean([fit.ratio for fit in found], axis=0) for theory, found in fits.items()}
    means[PERSISTENCE] = np.ones_like(means[OWN])
    section = {
        "cases": [case.name for case in design.cases],
        "numbers": {path: list(span) for path, span in design.spans.items()},
        "foresights": list(design.foresights),
        "settings": design.settings,
        "worlds": design.worlds,
        "seed": design.seed,
        "draws": DRAWS,
        "left_out": cases,
        "mean": {theory: {"ratio": float(mean[0]), **_against(mean, means[OWN])} for theory, mean in means.items()},
        "together": {theory: _together(joint, theory) for theory in RIVALS},
        "foresight": {theory: _foresight(joint, theory) for theory in RIVALS},
    }
    return {"headline": list(headline(section)), **section}


def _case(joint: Joint, fits: dict[str, list[Fit]], case: int) -> dict[str, Any]:
    """Return the scores on one case that was left out."""
    design, record, units = joint.design, joint.design.records[case], joint.persistence(case)
    own, theories = fits[OWN][case].ratio, {}
    for theory, found in fits.items():
        chosen, ratio = int(found[case].chosen[0]), found[case].ratio
        held = joint.table(theory, design.foresights, case, HELD)[chosen, 0]
        theories[theory] = {
            "numbers": _numbers(design, chosen, design.foresights),
            "crps": float(ratio[0] * units[FITTED]),
            "held_out": _number(held),
            "ratio": float(ratio[0]),
            **_against(ratio, own),
        }
    theories[PERSISTENCE] = {
        "numbers": {},
        "crps": float(units[FITTED]),
        "held_out": _number(units[HELD]),
        "ratio": 1.0,
        **_against(np.ones_like(own), own),
    }
    counts = {"rows": int((~record.held).sum()), "rows_held_out": int(record.held.sum())}
    missed = list(misses(joint, case, int(fits[OWN][case].chosen[0])))
    return {"case": design.cases[case].name, **counts, "theories": theories, "misses": missed}


def misses(joint: Joint, case: int, chosen: int) -> Iterator[dict[str, Any]]:
    """Yield the rows of a case that are outside 80% of the worlds of leverage, at a setting fitted to other cases."""
    design, record = joint.design, joint.design.records[case]
    months, setting = design.foresights[chosen // design.settings], chosen % design.settings
    first = joint.first[Piece(case, OWN, months)][setting]
    dates = record.case.dates()
    for n, (name, row) in enumerate(record.rows.items()):
        when = first[:, n]
        counts = np.bincount(when, minlength=record.months)[: record.months]
        low, middle, high = (month_by(counts, share * when.size) for share in (0.1, 0.5, 0.9))
        inside = low <= row.month <= high if row.happened else np.mean(when > row.month) >= NOT_YET
        if not inside:
            at = {"p10": low, "median": middle, "p90": high}
            span = {key: dates[month] if month < record.months else None for key, month in at.items()}
            about = {"month": dates[row.month], "happened": row.happened, "held_out": bool(record.held[n])}
            yield {"row": name, **about, **span}


def _together(joint: Joint, theory: str) -> dict[str, Any]:
    """Return the setting that fits all cases best, and its mean ratio, which is no test."""
    ratios = joint.ratios(theory, joint.design.foresights)[:, :, 0].mean(axis=0)
    chosen = int(ratios.argmin())
    return {"numbers": _numbers(joint.design, chosen, joint.design.foresights), "ratio": float(ratios[chosen])}


def _foresight(joint: Joint, theory: str) -> list[dict[str, Any]]:
    """Return the score of a theory at each foresight, the other numbers fitted again, and how far it is behind none."""
    found = {months: left_out(joint, theory, (months,)) for months in joint.design.foresights}
    none = np.mean([fit.ratio for fit in found[joint.design.foresights[0]]], axis=0)
    rows = []
    for months, fits in found.items():
        mean = np.mean([fit.ratio for fit in fits], axis=0)
        by_case = {case.name: float(fit.ratio[0]) for case, fit in zip(joint.design.cases, fits, strict=True)}
        best = float(joint.ratios(theory, (months,))[:, :, 0].mean(axis=0).min())
        about = {"foresight": months, "ratio": float(mean[0]), "together": best, "cases": by_case}
        rows.append({**about, **_against(mean, none)})
    return rows


def _numbers(design: JointDesign, chosen: int, foresights: Sequence[int]) -> dict[str, float]:
    """Return the shared numbers of a position among foresights * settings."""
    months, setting = foresights[chosen // design.settings], chosen % design.settings
    return {**{path: float(values[setting]) for path, values in design.values.items()}, FORESIGHT: float(months)}


def _against(ratio: Values, other: Values) -> dict[str, Any]:
    """Return how much worse one ratio is than another, with its 95% interval, and what that says."""
    behind = ratio - other
    low, high = (float(end) for end in np.quantile(behind[1:], [0.025, 0.975]))
    verdict = "better" if high < 0 else "worse" if low > 0 else "tie"
    return {"behind": float(behind[0]), "low": low, "high": high, "verdict": verdict}


def _number(value: float) -> float | None:
    return None if value != value else float(value)


# --- in words -------------------------------------------------------------------------------------------------------


def headline(section: dict[str, Any]) -> Iterator[str]:
    """Say which theory forecasts cases left out best, where leverage loses, and whether foresight earns its place."""
    mean = section["mean"]
    first = min(mean, key=lambda theory: float(mean[theory]["ratio"]))
    ties = [theory for theory, row in mean.items() if theory != OWN and row["verdict"] == "tie"]
    said = f"On the case left out, {first} has the least mean error, {mean[first]['ratio']:.2f} of that of persistence"
    if first != OWN and mean[first]["verdict"] == "better":
        said += f"; leverage loses here with {mean[OWN]['ratio']:.2f}"
    yield said + (f"; not distinguished from leverage: {', '.join(ties)}." if ties else ".")
    for case in section["left_out"]:
        better = [
            f"{name} ({row['ratio']:.2f})" for name, row in case["theories"].items() if row["verdict"] == "better"
        ]
        if better:
            own = case["theories"][OWN]["ratio"]
            yield f"{case['case']}: leverage ({own:.2f}) is beaten by {', '.join(better)}."
    yield from _of_foresight(section["foresight"][OWN])


def _of_foresight(rows: list[dict[str, Any]]) -> Iterator[str]:
    """Say whether foresight earns its place."""
    none, *others = rows
    for row in others:
        earned = {"better": "earns its place", "worse": "makes it worse", "tie": "makes no clear difference"}
        span = f"{-row['high']:.2f} to {-row['low']:.2f}"
        gained = [case for case, ratio in row["cases"].items() if ratio < none["cases"][case]]
        months = f"{row['foresight']} month{'s' * (row['foresight'] > 1)}"
        yield (
            f"Foresight of {months} {earned[row['verdict']]}: on the case left out leverage has {row['ratio']:.2f} of "
            f"the error of persistence, and {none['ratio']:.2f} without foresight (gain {-row['behind']:.2f}, {span}). "
            f"It gains in {len(gained)} of {len(row['cases'])} cases."
        )
