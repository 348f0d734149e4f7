"""Forecasts: the [questions] of a scenario, answered from the worlds that agree with everything up to the cutoff."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from os import PathLike
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from realpolitik.choices import THEORIES, Uncertainty, whole
from realpolitik.costs import KEPT
from realpolitik.ensembles import check_counts, run, scenario_of
from realpolitik.posterior import advice, can_be_fitted
from realpolitik.results import Ensemble
from realpolitik.scenario import Scenario, others
from realpolitik.validation.validating import best_uncertainty
from realpolitik.version import __version__

FEWEST = 10
"""Worlds that must agree with the history, and in which a question must be open, for an answer."""
CLOSEST = 0.01
"""Share of the worlds of a rival theory that answers, those that agree with most rows, if so few agree with all."""
MOST_TOLERANCE = 120
FLAT = 0.5
Progress = Callable[[int, int], None]
Row = Mapping[str, Any]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Answer:
    """One question and its answer: a probability, or the reason why there is none."""

    id: str
    text: str
    resolves: str
    by: str
    outcome: str | None
    scenario: str
    """The scenario in whose worlds it is answered."""
    chance: float | None
    """Of a yes, never 0 or 1; None if the rows cannot say."""
    cannot_say: str | None
    worlds: int
    """Worlds that agree with the history and in which the outcome had not happened by the cutoff."""
    happened: int
    """Those of them in which it happens by the month `by`."""
    others: dict[str, float]
    """Forecaster -> chance: persistence, flat, base rate, and every rival theory."""


@dataclass(frozen=True)
class Forecast:
    """The answers to all questions of a scenario, and what they were computed from."""

    scenario: Scenario
    answers: tuple[Answer, ...]
    settings: dict[str, Any]
    """Seed, worlds, uncertainty, tolerance, allowance and cutoff."""
    agreeing: dict[str, dict[str, dict[str, int]]]
    """Scenario -> theory -> `worlds` that answer, and the `rows` `of` all rows of history that each agrees with."""
    sources: dict[str, str]
    """Scenario -> its sha256."""

    def to_dict(self) -> dict[str, Any]:
        """Return everything that `forecast --json` prints."""
        return {
            "scenario": self.scenario.name,
            "title": self.scenario.document["meta"]["title"],
            "version": __version__,
            **self.settings,
            "scenarios": {
                name: {"sha256": sha256, "agreeing": self.agreeing[name]} for name, sha256 in self.sources.items()
            },
            "questions": [asdict(answer) for answer in self.answers],
        }


def chance(happened: int, worlds: int, allowance: float) -> float:
    """Return the probability of an event that happened in so many of the worlds, never 0 or 1.

    (1 - a) (k + 1/2) / (n + 1) + a / 2: the share of worlds, moved towards one half by their finite number (Jeffreys's
    prior), and by the allowance a, the probability that the answer depends on something that the model leaves out.

    >>> chance(0, 0, 0.1), chance(600, 600, 0.1) < 0.95
    (0.5, True)
    """
    return (1 - allowance) * (happened + 0.5) / (worlds + 1) + allowance / 2


def base_rate(past: float, before: int, after: int) -> float:
    """Return the probability of an event in the months `after`, given in how many of the months `before` it happened.

    Laplace's rule of succession, month by month, with the rate unknown and the same before and after.

    >>> round(base_rate(0, 41, 24), 4)
    0.3636
    """
    months = np.arange(after)
    return 1 - float(np.prod((1 + before - past + months) / (2 + before + months)))


def forecast(
    scenario: str | PathLike[str] | Scenario,
    *,
    worlds: int = 10_000,
    seed: int = 1,
    tolerance: int = 3,
    allowance: float = 0.1,
    uncertainty: Uncertainty | None = None,
    progress: Progress | None = None,
) -> Forecast:
    """Answer the [questions] of a scenario from the worlds that agree with its [history] up to the cutoff.

    Parameters
    ----------
    scenario
        A scenario, a path, or the name of a shipped one.
    worlds
        Worlds per theory, 1 to 10,000.
    seed
        0 to 2**63 - 1.
    tolerance
        Months, 0 to 120. A world agrees if every dated row of [history] happens within so many months of its date, and
        none of the others has happened by the last month observed. Hold-outs count too.
    allowance
        The probability that an answer depends on something that the model leaves out, more than 0 and less than 1.
    uncertainty
        As for `run`; by default "posterior" if there is a posterior, otherwise "prior".
    progress
        Called with the ensembles done and all of them.

    Returns
    -------
    Forecast
        Its `answers` have a chance, more than 0 and less than 1, or None with a reason; and those of simpler
        forecasters.

    Raises
    ------
    ValueError
        If a parameter is out of range, there are no questions, or fewer than 10 worlds agree.

    Examples
    --------
    >>> import realpolitik as rp
    >>> found = rp.forecast("karabakh", worlds=3000)
    >>> all(0 < answer.chance < 1 for answer in found.answers if answer.chance is not None)
    True
    """
    chosen = scenario_of(scenario)
    questions = chosen.document["questions"]
    if not questions:
        raise ValueError(f"{chosen.name} has no [questions]; docs/reference/scenario-files.md describes them")
    worlds, seed = check_counts(worlds, seed)
    if worlds > KEPT:
        raise ValueError(f"forecast keeps every world, so 1 to {KEPT:,}, not {worlds:,}")
    tolerance = whole("tolerance", tolerance, 0, MOST_TOLERANCE)
    if not 0 < allowance < 1:
        raise ValueError(f"allowance must be more than 0 and less than 1, not {allowance}")
    answering = answering_scenarios(chosen)
    kind = uncertainty or best_uncertainty(next(iter(answering.values()), chosen))
    settings = {
        "seed": seed,
        "worlds": worlds,
        "uncertainty": kind,
        "tolerance": tolerance,
        "allowance": allowance,
        "cutoff": str(chosen.document["meta"]["cutoff"])[:7],
    }
    played = _play(chosen, answering, settings, progress)
    return Forecast(
        scenario=chosen,
        answers=tuple(_answer(name, row, chosen, played, allowance) for name, row in questions.items()),
        settings=settings,
        agreeing={
            answering[key].name: {theory: one.counted() for theory, one in by_theory.items()}
            for key, by_theory in played.items()
        },
        sources={one.name: one.sha256 for one in answering.values()},
    )


def _play(
    chosen: Scenario, answering: Mapping[str, Scenario], settings: Mapping[str, Any], progress: Progress | None
) -> dict[str, dict[str, "_Agreed"]]:
    """Return the worlds of every scenario that answers under each theory, up to the last month that is asked about."""
    rows = chosen.document["questions"].values()
    runs = [(key, theory) for key, one in answering.items() for theory in _theories(one)]
    played: dict[str, dict[str, _Agreed]] = {key: {} for key in answering}
    for done, (key, theory) in enumerate(runs, 1):
        ensemble = run(
            answering[key],
            worlds=settings["worlds"],
            seed=settings["seed"],
            theory=theory,
            uncertainty=settings["uncertainty"],
            until=max(row["by"] for row in rows if _asked(row) == key),
            paths=0,
        )
        found = _Agreed.of(ensemble, settings["cutoff"], settings["tolerance"])
        if not played[key]:
            _refuse_few(answering[key], found, settings)
        else:
            found = found.closest()
        played[key][theory] = found
        if progress is not None:
            progress(done, len(runs))
    return played


OWN = ""
"""The key of the scenario itself among those that answer its questions."""


def _asked(row: Row) -> str | None:
    """Return the key of the scenario that answers a question, None if none can."""
    return None if row["outcome"] is None else row["scenario"] or OWN


def _theories(scenario: Scenario) -> list[str]:
    """Return the scenario's own theory, and then its rivals."""
    own = str(scenario.document["theory"]["weights"])
    return [own, *(theory for theory in THEORIES if theory != own)]


def answering_scenarios(scenario: Scenario) -> dict[str, Scenario]:
    """Return the scenarios that answer the questions of one, by key.

    Raises
    ------
    ScenarioError
        If a scenario that a question names cannot be read, or lacks its outcome or month; with the line.
    """
    found: dict[str, Scenario] = {}
    for name, row in scenario.document["questions"].items():
        key = _asked(row)
        if key is None:
            continue
        if key not in found:
            found[key] = others.other_of(scenario, ("questions", name, "scenario")) if key else scenario
        if key:
            others.check_row(scenario, "questions", name, found[key])
    return found


class _Agreed(NamedTuple):
    """An ensemble, and its worlds that answer: those that agree with a number of rows of history."""

    ensemble: Ensemble
    cutoff: int
    mask: Mask
    rows: int
    """With how many rows each of them agrees; all of them, unless they are only the closest."""
    agreed: dict[str, Mask]
    """Row -> worlds that agree with it."""

    @classmethod
    def of(cls, ensemble: Ensemble, cutoff: str, tolerance: int) -> "_Agreed":
        """Compare the worlds of an ensemble with the rows of [history] up to the cutoff."""
        last = ensemble.case.month_of(cutoff)
        rows = ensemble.scenario.document["history"].items()
        masks = {name: agrees(ensemble, row, last, tolerance) for name, row in rows}
        mask = np.logical_and.reduce([np.ones(ensemble.worlds, bool), *masks.values()])
        return cls(ensemble, last, mask, len(masks), masks)

    def closest(self) -> "_Agreed":
        """Return the same, or if few worlds agree with all rows, those that agree with as many rows as enough do."""
        enough = max(FEWEST, round(CLOSEST * self.ensemble.worlds))
        found = self
        while found.mask.sum() < enough and found.rows:
            rows = found.rows - 1
            found = found._replace(rows=rows, mask=np.sum([*self.agreed.values()], axis=0) >= rows)
        return found

    def counted(self) -> dict[str, int]:
        """Return the number of these worlds, and with how many of the rows each of them agrees."""
        return {"worlds": int(self.mask.sum()), "rows": self.rows, "of": len(self.agreed)}

    def counts(self, row: Row) -> tuple[int, int]:
        """Return in how many of the worlds a question is open at the cutoff, and in how many of these it is a yes."""
        first = self.ensemble.kept.first[:, self.ensemble.case.outcomes.index(row["outcome"])]
        still = self.mask & ((first < 0) | (first > self.cutoff))
        yes = still & (first > self.cutoff) & (first <= self.ensemble.case.month_of(row["by"]))
        return int(still.sum()), int(yes.sum())


def agrees(ensemble: Ensemble, row: Row, cutoff: int, tolerance: int) -> Mask:
    """Return which worlds agree with a row of [history], (worlds,); nothing after the month `cutoff` counts."""
    case = ensemble.case
    first = ensemble.kept.first[:, case.outcomes.index(row["outcome"])]
    if row["date"] == "never":
        last = min(cutoff, case.month_of(row["until"])) if row["until"] else cutoff
        return np.asarray((first < 0) | (first > last))
    date = case.month_of(row["date"])
    if date > cutoff:
        return np.ones(len(first), bool)
    return np.asarray((first >= 0) & (np.abs(first.astype(int) - date) <= tolerance))


def _refuse_few(scenario: Scenario, found: _Agreed, settings: Mapping[str, Any]) -> None:
    """Raise ValueError if too few worlds of the scenario's own theory agree, with the row that fewest agree with."""
    count = int(found.mask.sum())
    if count >= FEWEST:
        return
    shares = {name: float(mask.mean()) for name, mask in found.agreed.items()}
    worst = min(shares, key=shares.__getitem__, default=None)
    row = f"; fewest agree with history.{worst}, {shares[worst]:.1%}" if worst else ""
    ways = "; or ".join(_ways(scenario, settings))
    raise ValueError(
        f"{count} of {settings['worlds']:,} worlds of {scenario.name} agree with its history within "
        f"{settings['tolerance']} months, and {FEWEST} are needed{row}{': ' if ways else ''}{ways}"
    )


def _ways(scenario: Scenario, settings: Mapping[str, Any]) -> Iterator[str]:
    """Yield what makes more worlds agree: numbers that fit the history, more worlds, and a larger tolerance."""
    if settings["uncertainty"] != "posterior":
        if best_uncertainty(scenario) == "posterior":
            yield "draw the numbers from the fit to the history, with --uncertainty posterior"
        elif can_be_fitted(scenario, scenario.chain[0]):
            yield f"first fit the numbers to the history ({advice(scenario, scenario.chain[0])})"
    more = {
        f"more --worlds (up to {KEPT:,})": settings["worlds"] < KEPT,
        "a larger --tolerance": settings["tolerance"] < MOST_TOLERANCE,
    }
    if given := " or ".join(way for way, possible in more.items() if possible):
        yield f"give {given}"


def _answer(
    name: str, row: Row, scenario: Scenario, played: Mapping[str, Mapping[str, _Agreed]], allowance: float
) -> Answer:
    """Return the answer to one question, from the agreeing worlds of each theory, the scenario's own first."""
    key = _asked(row)
    why, value, others = row["cannot_say"], None, dict[str, float]()
    answered, worlds, happened = scenario.name, 0, 0
    if key is not None:
        own, *rivals = theories = played[key]
        answered = theories[own].ensemble.scenario.name
        worlds, happened = theories[own].counts(row)
        if worlds < FEWEST:
            found = int(theories[own].mask.sum())
            why = f"It had happened by the cutoff in all but {worlds} of the {found} worlds that agree with the history"
        else:
            value, others = chance(happened, worlds, allowance), _simple(row, scenario, allowance)
            for theory in rivals:
                still, yes = theories[theory].counts(row)
                others[theory] = chance(yes, still, allowance)
    about = {field: row[field] for field in ("text", "resolves", "by", "outcome")}
    return Answer(name, **about, scenario=answered, chance=value, cannot_say=why, worlds=worlds, happened=happened,
                  others=others)  # fmt: skip


def _simple(row: Row, scenario: Scenario, allowance: float) -> dict[str, float]:
    """Return the chances of forecasters without a model; persistence says that nothing happens, with the allowance."""
    meta = scenario.document["meta"]
    start, cutoff, by = (12 * int(date[:4]) + int(date[5:7]) for date in (meta["start"], meta["cutoff"], row["by"]))
    rate = base_rate(row["past"], cutoff - start + 1, by - cutoff)
    return {"persistence": allowance / 2, "flat": FLAT, "base rate": rate}
