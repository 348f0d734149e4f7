"""Theories compared as evidence: how often the worlds of each reproduce history, when all draw from their own ranges.

Each theory has the same budget of settings drawn from its ranges, each played in one world. The share of worlds that
reproduce the history is the theory's marginal likelihood within the error (approximate Bayesian model choice: Grelaud
et al. 2009), and the ratio of two such shares is a Bayes factor. No theory uses numbers that were fitted under another.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import exp, sqrt
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from realpolitik.calibration.cube import Cube, Points
from realpolitik.calibration.fitness import Dated, Fitness, dated, months_for
from realpolitik.choices import THEORIES, Z95
from realpolitik.costs import months_per_month
from realpolitik.ensembles import FORESIGHT
from realpolitik.pairing import bonferroni, students, wilson
from realpolitik.posterior import Posterior
from realpolitik.scenario import Scenario, Setting, effects_of, others
from realpolitik.scenario.fields import as_month
from realpolitik.validation.forecasting import crps

OWN = "leverage"
"""The theory that is scored; the others are its rivals."""
ERROR = 3.0
"""Months from a date within which a world matches it, as in `calibrate`."""
BATCH = 16_384
OWNERS = 60
"""Random assignments of owners of leverage, at most."""
LEAST_EACH = 1_000
"""Worlds of the budget from which one more assignment is tried."""
FORESIGHTS = (0, 3, 6)
"""Months of foresight that are compared."""
AFFORDED = 8.0
"""Months played per month at which a theory gets the whole budget; with foresight they are more, and it gets less."""
LEAST = 32
"""Worlds from which a forecast after an origin is scored, at the least."""
KEPT = 512
"""Settings of the posterior of each weight rule: those of its nearest worlds."""
LEVELS = ("dates", "manner", "all")
"""What is reproduced: the fitted dates; these and how an event of them happened; all rows of history."""
FORESEEING = f"{OWN}, foresight "
"""What the names of leverage with another foresight begin with: they are no rivals."""
RANDOM, NAIVE = "random owners", "constant hazard"
Matched = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Contender:
    """One theory of a scenario, and how many of its worlds are played."""

    name: str
    scenario: Scenario
    worlds: int


def theories(base: Scenario, worlds: int) -> list[Contender]:
    """Return the theories of a scenario: weight rules, changes that any scenario allows, and the rivals of its file."""
    found = {rule: base.set({"theory.weights": rule}) for rule in THEORIES}
    found["constant dependence"] = constant_dependence(base)
    found |= {name: others.rival(base, name) for name in base.document["validation"]["rivals"]}
    usual = int(base.numbers[FORESIGHT])
    found |= {f"{FORESEEING}{months}": base.set({FORESIGHT: float(months)}) for months in FORESIGHTS if months != usual}
    return [Contender(name, scenario, _afforded(scenario, worlds)) for name, scenario in found.items()]


def _afforded(scenario: Scenario, worlds: int) -> int:
    """Return the worlds of a budget that a theory can afford: fewer the further its actors look ahead."""
    share = min(1.0, AFFORDED / months_per_month(scenario.case(), 0))
    return max(1, int(worlds * share))


def constant_dependence(base: Scenario) -> Scenario:
    """Return a scenario in which nothing moves a dependence; alternatives that moved have any level from 0 to 1."""
    changes: list[Setting] = []
    for name, row in base.document["dependence"].items():
        for number in ("stake", "alternatives"):
            effects = effects_of(row[number])
            changes += [Setting(f"dependence.{name}.{number}.effects.{z}", 0.0) for z in effects]
            if effects and number == "alternatives":
                at = base.numbers[f"dependence.{name}.alternatives"]
                changes.append(Setting(f"dependence.{name}.alternatives", {"value": at, "low": 0.0, "high": 1.0}))
    return base.set(changes) if changes else base


def random_owners(base: Scenario, rng: np.random.Generator) -> Scenario:
    """Return a scenario in which every dependence is on another actor, drawn at random."""
    actors = list(base.document["actors"])
    changes = []
    for name, row in base.document["dependence"].items():
        others = [actor for actor in actors if actor != row["dependent"]]
        changes.append(Setting(f"dependence.{name}.provider", others[int(rng.integers(len(others)))]))
    return base.set(changes) if changes else base


@dataclass
class Trial:
    """The worlds of one theory: how many match each level, and those that match up to each origin."""

    name: str
    worlds: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    effects: dict[str, float] = field(default_factory=dict)
    """Level -> the design effect of a count over several scenarios: how many worlds tell as much as one on its own."""
    after: dict[str, list[npt.NDArray[np.int16]]] = field(default_factory=dict)
    """Origin -> months of all rows in the worlds that agree with what had happened by then."""
    near: Points | None = None
    """The settings of the worlds nearest to the fitted rows, nearest first."""
    distances: npt.NDArray[np.float64] | None = None


class Evidence:
    """Plays theories against the history of a scenario."""

    def __init__(self, base: Scenario, *, seed: int, origins: Sequence[str], error: float = ERROR) -> None:
        self.base, self.seed, self.error, self.origins = base, seed, error, tuple(origins)
        rows, case = base.document["history"], base.case()
        found = {name: dated(case, name, row) for name, row in rows.items()}
        self.rows: dict[str, Dated] = {name: row for name, row in found.items() if row is not None}
        self.case = case
        self.levels = levels_of(base, self.rows)
        self.months = months_for(case, self.rows.values())
        """Months played: enough for all rows, those held out included."""

    def trial(self, theory: Contender, kept: int = 0) -> Trial:
        """Play the worlds of a theory; keep the settings of the `kept` nearest."""
        trial = Trial(theory.name, counts=dict.fromkeys(self.levels, 0), after={o: [] for o in self.origins})
        cube, months = cube_of(theory.scenario), self.months
        fitness = Fitness(theory.scenario, cube, seed=self.seed, worlds=1, error=self.error, months=months)
        rng = np.random.Generator(np.random.PCG64(self.seed))
        while trial.worlds < theory.worlds:
            points = rng.random((min(BATCH, theory.worlds - trial.worlds), len(fitness.cube.paths)))
            first = fitness.firsts(points)[:, 0, :]
            self._count(trial, first, fitness.months)
            if kept:
                _keep(trial, points, self._distances(fitness, points, first), kept)
        return trial

    def _count(self, trial: Trial, first: npt.NDArray[np.int16], months: int) -> None:
        trial.worlds += len(first)
        months_off = {name: row.months_off(first[:, row.outcome], months) for name, row in self.rows.items()}
        matched = {name: off <= self.error for name, off in months_off.items()}
        for level, names in self.levels.items():
            trial.counts[level] += int(np.logical_and.reduce([matched[name] for name in names]).sum())
        for origin in self.origins:
            agrees = self.agrees(first, matched, self.case.month_of(origin))
            trial.after[origin].append(first[agrees])

    def agrees(self, first: npt.NDArray[np.int16], matched: Mapping[str, Matched], origin: int) -> Matched:
        """Return which worlds agree with what was known before a month: what had happened and what had not."""
        agree = np.ones(len(first), bool)
        for name, row in self.rows.items():
            when = first[:, row.outcome]
            before = (when >= 0) & (when < origin)
            if row.happened and row.month < origin:
                agree &= matched[name] & before
            else:
                agree &= ~before if row.happened or row.month >= origin - 1 else matched[name]
        return agree

    def _distances(self, fitness: Fitness, points: Points, first: npt.NDArray[np.int16]) -> npt.NDArray[np.float64]:
        """Return the distance of every world from the fitted rows and ratios, in units of their errors."""
        dates = fitness.targets.distances(first[:, None, :], self.error)[:, 0, :].max(axis=1)
        return np.asarray(np.maximum(dates, fitness.quantities(points).max(axis=1, initial=0.0)))


def cube_of(scenario: Scenario) -> Cube:
    """Return the ranges of a theory; those of a scenario without any are an empty cube."""
    return Cube.of(scenario) if scenario.ranges else Cube((), np.zeros(0), np.zeros(0))


def levels_of(base: Scenario, rows: Mapping[str, Dated]) -> dict[str, list[str]]:
    """Return the rows of history that each level reproduces, without levels that add none."""
    document = base.document
    fitted = [name for name in rows if not document["history"][name]["holdout"]]
    manner = [
        name
        for name in rows
        if document["history"][name]["holdout"] and document["outcomes"][document["history"][name]["outcome"]]["at"]
    ]
    found = dict(zip(LEVELS, (fitted, fitted + manner, list(rows)), strict=True))
    found = found if manner else {name: names for name, names in found.items() if name != "manner"}
    return found if len(rows) > len(found["dates"]) else {"dates": found["dates"]}


def sample_of(theory: Contender, trial: Trial) -> Posterior:
    """Return the nearest settings of a theory as its posterior."""
    cube, near = cube_of(theory.scenario), np.zeros((0, 0)) if trial.near is None else trial.near
    values = dict(zip(cube.paths, cube.values(near).T, strict=True))
    return Posterior(f"the nearest settings of {theory.name}", theory.scenario.name, theory.scenario, values, {})


def _keep(trial: Trial, points: Points, distances: npt.NDArray[np.float64], kept: int) -> None:
    """Keep the settings of the nearest worlds so far."""
    if trial.near is not None and trial.distances is not None:
        points, distances = np.concatenate([trial.near, points]), np.concatenate([trial.distances, distances])
    order = np.argsort(distances, kind="stable")[:kept]
    trial.near, trial.distances = points[order], distances[order]


def shares(trial: Trial, own: Trial) -> dict[str, dict[str, float]]:
    """Return for each level the share of worlds that reproduce it and the Bayes factor against leverage."""
    found = {}
    for level, count in trial.counts.items():
        effect = trial.effects.get(level, 1.0)
        share, low, high = wilson(count / effect, trial.worlds / effect)
        factor = bayes_factor(Counted(count, trial.worlds, effect), Counted(own.counts[level], own.worlds))
        found[level] = {"count": count, "share": share, "low": low, "high": high, "effect": effect,
                        "factor": factor[0], "factor_low": factor[1], "factor_high": factor[2]}  # fmt: skip
    return found


class Counted(NamedTuple):
    """How many worlds of a theory reproduce something, of how many, and the design effect of the count."""

    matched: int
    of: int
    effect: float = 1.0

    @property
    def share(self) -> float:
        """The share; half a world is added, so that it is never 0."""
        return (self.matched + 0.5) / (self.of + 0.5)

    @property
    def variance(self) -> float:
        """The variance of the logarithm of the share  (Katz et al. 1978)."""
        return self.effect * (1 / (self.matched + 0.5) - 1 / (self.of + 0.5))


def bayes_factor(one: Counted, other: Counted, z: float = Z95) -> tuple[float, float, float]:
    """Return the ratio of two shares with an interval of z standard errors of its logarithm.

    >>> [round(value, 2) for value in bayes_factor(Counted(200, 1000), Counted(100, 1000))]
    [2.0, 1.6, 2.49]
    """
    ratio, error = one.share / other.share, sqrt(max(0.0, one.variance + other.variance))
    return ratio, ratio * exp(-z * error), ratio * exp(z * error)


def naive_share(base: Scenario, rows: Mapping[str, Dated], names: Sequence[str], error: float) -> float:
    """Return the chance that a constant hazard reproduces rows, each on its own; how an event happened is a coin toss.

    The mean waiting time of every event is the mandate of the file, in months from the scenario's start.
    """
    mean = float(base.document["validation"]["mandate"])
    later = 1.0 - 1.0 / mean
    chance = 1.0
    for name in names:
        row = rows[name]
        if base.document["outcomes"][base.document["history"][name]["outcome"]]["at"]:
            chance *= 0.5
        elif row.happened:
            first, last = max(0, row.month - int(error)), row.month + int(error)
            chance *= later**first - later ** (last + 1)
        else:
            chance *= later ** max(0, row.month + 1 - int(error))
    return chance


def default_origins(base: Scenario) -> list[str]:
    """Return the months before which the history is fitted: the month after each date but the last, and Januaries."""
    rows = [row["date"] for row in base.document["history"].values() if not row["holdout"] and row["date"] != "never"]
    if not rows:
        return []
    after = {_next(date) for date in rows if date < max(rows)}
    years = range(int(base.document["meta"]["start"][:4]) + 1, int(max(rows)[:4]) + 1)
    januaries = {f"{year:04d}-01" for year in years}
    start = base.document["meta"]["start"]
    return sorted(month for month in after | januaries if start < month <= max(rows))


def _next(month: str) -> str:
    number = int(month[:4]) * 12 + int(month[5:7])
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def check_origins(base: Scenario, origins: Sequence[str]) -> list[str]:
    """Return origins in order; ValueError for one that is no month, or leaves nothing to forecast."""
    rows = [row["date"] for row in base.document["history"].values() if not row["holdout"] and row["date"] != "never"]
    first, last = base.document["meta"]["start"], max(rows, default="")
    months = [as_month("origin", origin) for origin in origins]
    for origin in months:
        if not first < origin <= last:
            span = f"after {first} and not after {last}, the last date of [history]" if last else "before a date"
            raise ValueError(f"origin {origin} leaves nothing to forecast: it must be {span}")
    return sorted(set(months))


def scored_after(evidence: Evidence, trial: Trial, origin: str) -> dict[str, Any]:
    """Return the CRPS of every fitted date from an origin on, in months, in the worlds that agree with all before it.

    An outcome that a world does not have is taken to be in the month after the last one played.
    """
    first, months = np.concatenate(trial.after[origin]), evidence.months
    at, scores = evidence.case.month_of(origin), {}
    for name in evidence.levels["dates"]:
        row = evidence.rows[name]
        if row.happened and row.month >= at:
            when = first[:, row.outcome].astype(float)
            scores[name] = _score(np.where(when < 0, float(months), when), row.month)
    known = [score for score in scores.values() if score is not None]
    mean = float(np.mean([score["value"] for score in known])) if known else None
    half = float(np.mean([score["high"] - score["value"] for score in known])) if known else None
    return {"theory": trial.name, "worlds": len(first), "rows": scores, "mean": mean, "half": half}


def _score(drawn: npt.NDArray[np.float64], observed: int) -> dict[str, float] | None:
    """Return the CRPS of a forecast and its 95% interval over worlds; None if there are too few."""
    if len(drawn) < LEAST:
        return None
    value = crps(drawn, observed)
    ordered = np.sort(drawn)
    n, below = ordered.size, np.concatenate([[0.0], np.cumsum(ordered)])
    position = np.searchsorted(ordered, drawn)
    apart = (drawn * position - below[position] + (below[n] - below[position]) - drawn * (n - position)) / n
    half = Z95 * float((np.abs(drawn - observed) - apart).std()) / sqrt(n)
    return {"value": value, "low": max(0.0, value - half), "high": value + half}


def compared(
    base: Scenario, contenders: Sequence[Contender], *, seed: int, origins: Sequence[str], report: Callable[[], None]
) -> tuple[dict[str, Any], dict[str, Posterior]]:
    """Return the section of the score sheet that compares theories, and a posterior of each weight rule.

    `report` is called after each theory, and after the random owners, who get the budget of leverage twice.
    """
    evidence = Evidence(base, seed=seed, origins=origins)
    trials: dict[str, Trial] = {}
    posteriors: dict[str, Posterior] = {}
    for theory in contenders:
        trials[theory.name] = evidence.trial(theory, KEPT if theory.name in THEORIES and base.ranges else 0)
        if trials[theory.name].near is not None:
            posteriors[theory.name] = sample_of(theory, trials[theory.name])
        report()
    own = next(iter(trials.values()))
    rows = [{"name": name, "worlds": trial.worlds, "levels": shares(trial, own)} for name, trial in trials.items()]
    rows += list(_random(base, evidence, own, seed))
    report()
    rows += list(_naive(base, evidence, own))
    after = [
        {"origin": origin, "theories": [scored_after(evidence, trial, origin) for trial in trials.values()]}
        for origin in origins
    ]
    nearest = {
        name: {"settings": len(trial.distances), "months": float(trial.distances[-1] * ERROR)}
        for name, trial in trials.items()
        if trial.distances is not None
    }
    section = {"error": ERROR, "levels": evidence.levels, "rows": rows, "origins": after, "calibrated": nearest}
    return section, posteriors


def _random(base: Scenario, evidence: Evidence, own: Trial, seed: int) -> Iterator[dict[str, Any]]:
    """Yield the row of leverage that is owned at random: all assignments together, and how many do better or as well.

    An assignment does better than the true one if the interval of its Bayes factor is above 1, and is not distinguished
    from it if the interval holds 1. The intervals are 95% for all assignments together (Bonferroni).
    """
    if len(base.document["actors"]) < 3 or not base.document["dependence"]:
        return
    rng = np.random.Generator(np.random.PCG64(seed))
    count = max(2, min(OWNERS, own.worlds // LEAST_EACH))
    each = max(1, own.worlds // count * 2)
    trials = [evidence.trial(Contender(RANDOM, random_owners(base, rng), each)) for _ in range(count)]
    total = Trial(RANDOM, sum(t.worlds for t in trials), {k: sum(t.counts[k] for t in trials) for k in own.counts})
    total.effects = {level: design_effect([t.counts[level] for t in trials], each) for level in own.counts}
    z, better, close = bonferroni(count), {}, {}
    for level, true in own.counts.items():
        against = Counted(true, own.worlds)
        factors = [bayes_factor(Counted(t.counts[level], t.worlds), against, z) for t in trials]
        better[level] = sum(low > 1 for _, low, _ in factors)
        close[level] = sum(low <= 1 <= high for _, low, high in factors)
    about = {"better": better, "not_distinguished": close, "of": count}
    yield {"name": RANDOM, "worlds": total.worlds, "levels": shares(total, own), **about}


def design_effect(counts: Sequence[int], each: int) -> float:
    """Return the variance of a share over scenarios of `each` worlds, over that of as many worlds of one scenario.

    The scenarios are what is sampled, so the effect includes Student's t: few give a wide interval  (Kish 1965).

    >>> design_effect([10, 10, 10, 10], 100)
    1.0
    >>> design_effect([0, 20, 0, 20], 100) > 10
    True
    """
    found = np.asarray(counts) / each
    mean, groups = found.mean(), len(counts)
    if groups < 2 or not 0 < mean < 1:
        return 1.0
    wider = (students(Z95, groups) / Z95) ** 2
    return max(1.0, float(wider * found.var(ddof=1) * each / (mean * (1 - mean))))


def _naive(base: Scenario, evidence: Evidence, own: Trial) -> Iterator[dict[str, Any]]:
    """Yield the row of a constant hazard, whose shares are exact."""
    if base.document["validation"]["mandate"] is None:
        return
    levels = {}
    for level, names in evidence.levels.items():
        share = naive_share(base, evidence.rows, names, evidence.error)
        ratio, low, high = (share / at if at else None for at in _span(own, level))
        levels[level] = {"count": None, "share": share, "low": share, "high": share,
                         "factor": ratio, "factor_low": low, "factor_high": high}  # fmt: skip
    yield {"name": NAIVE, "worlds": None, "levels": levels}


def _span(trial: Trial, level: str) -> tuple[float, float, float]:
    """Return a share, and its interval from the high end to the low end."""
    share, low, high = wilson(trial.counts[level], trial.worlds)
    return share, high, low
