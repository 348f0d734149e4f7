"""Forecasts: the [questions] of a scenario, answered from the worlds that agree with everything up to the cutoff."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from math import sqrt
from os import PathLike
from typing import Any

import numpy as np

from realpolitik.choices import THEORIES, On, Progress, real, whole
from realpolitik.conditioning import Agreeing, agreeing
from realpolitik.devices import playing_on
from realpolitik.ensembles import MOST_SEED, run, scenario_of
from realpolitik.scenario import Scenario, Setting, others
from realpolitik.scenario.fields import months_counted
from realpolitik.texts import counted, unique_names
from realpolitik.version import __version__

FEWEST = 10
"""Worlds that must agree with the history, and in which a question must be open, for an answer."""
WORLDS, MOST_WORLDS = 400_000, 10**8
"""Worlds per theory, by default and at most."""
MOST_TOLERANCE = 120
FLAT = 0.5
Row = Mapping[str, Any]


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
    error: float | None
    """The standard error of the chance, because it was counted in a finite number of worlds; None without a chance."""
    others: dict[str, float]
    """Forecaster -> chance: persistence, flat, base rate, and the rival theories of all answers. Where one of these is
    the theory of this answer, it has its chance."""
    examples: dict[str, int]
    """"yes" and "no" -> a world that says so, as far as there is one; `explain` shows it with `--uncertainty prior`."""


@dataclass(frozen=True)
class Forecast:
    """The answers to all questions of a scenario, and what they were computed from."""

    scenario: Scenario
    answers: tuple[Answer, ...]
    settings: dict[str, Any]
    """Seed, worlds, tolerance, allowance and cutoff."""
    agreeing: dict[str, dict[str, dict[str, int]]]
    """Scenario -> theory -> `worlds` that answer, of those `played`; with how many `rows` `of` all each agrees."""
    answering: dict[str, Scenario]
    """Name -> the scenario in whose worlds questions are answered."""

    def __repr__(self) -> str:
        said = sum(one.chance is not None for one in self.answers)
        return f"<Forecast of {self.scenario.name}: {said} of {counted(len(self.answers), 'question')} answered>"

    def to_dict(self) -> dict[str, Any]:
        """Return everything that `forecast --json` prints."""
        return {
            "scenario": self.scenario.name,
            "title": self.scenario.document["meta"]["title"],
            "version": __version__,
            **self.settings,
            "scenarios": {
                name: {"sha256": one.sha256, "agreeing": self.agreeing[name]} for name, one in self.answering.items()
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


def standard_error(happened: int, worlds: int, allowance: float) -> float:
    """Return the standard error of such a probability: that of the share of worlds, without what the allowance adds.

    >>> round(standard_error(50, 100, 0.1), 3), round(standard_error(100, 100, 0.1), 3)
    (0.045, 0.006)
    """
    share = (happened + 0.5) / (worlds + 1)
    return (1 - allowance) * sqrt(share * (1 - share) / worlds)


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
    worlds: int = WORLDS,
    seed: int = 1,
    tolerance: int = 3,
    allowance: float = 0.1,
    progress: Progress | None = None,
    device: On | None = None,
) -> Forecast:
    """Answer the [questions] of a scenario from the worlds of its ranges that agree with what is known at the cutoff.

    Parameters
    ----------
    scenario
        A scenario, a path, or the name of a shipped one.
    worlds
        Worlds per theory, 1 to 10**8. Of those that agree, the first 10,000 answer, and no more are played.
    seed
        0 to 2**63 - 1.
    tolerance
        Months, 0 to 120. A world agrees if every dated row of [history] happens within so many months of its date, and
        none that is dated after the cutoff, or "never", has happened by then; and if every ratio of [quantities] up to
        the cutoff lies within its error. Hold-outs count too.
    allowance
        The probability that an answer depends on something that the model leaves out, more than 0 and less than 1.
    progress
        Called with the worlds played and all of them.
    device
        As for `run`.

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
    >>> found = rp.forecast("karabakh", worlds=4000, tolerance=12)
    >>> all(0 < answer.chance < 1 for answer in found.answers if answer.chance is not None)
    True
    """
    chosen = scenario_of(scenario)
    questions = chosen.document["questions"]
    if not questions:
        raise ValueError(f"{chosen.name} has no [questions]; docs/reference/scenario-files.md describes them")
    worlds, seed = whole("worlds", worlds, 1, MOST_WORLDS), whole("seed", seed, 0, MOST_SEED)
    tolerance = whole("tolerance", tolerance, 0, MOST_TOLERANCE)
    allowance = real("allowance", allowance)
    if not 0 < allowance < 1:
        raise ValueError(f"allowance must be more than 0 and less than 1, not {allowance}")
    answering = answering_scenarios(chosen)
    settings = {
        "seed": seed,
        "worlds": worlds,
        "tolerance": tolerance,
        "allowance": allowance,
        "cutoff": str(chosen.document["meta"]["cutoff"])[:7],
    }
    with playing_on(device):
        played = _play(chosen, answering, settings, progress)
    names = dict(zip(answering, unique_names([one.name for one in answering.values()]), strict=True))
    answers = [_answer(name, row, chosen, names, played, allowance) for name, row in questions.items()]
    return Forecast(
        scenario=chosen,
        answers=_comparable(answers),
        settings=settings,
        agreeing={
            names[key]: {theory: one.counted() for theory, one in by_theory.items()}
            for key, by_theory in played.items()
        },
        answering={names[key]: one for key, one in answering.items()},
    )


def _play(
    chosen: Scenario, answering: Mapping[str, Scenario], settings: Mapping[str, Any], progress: Progress | None
) -> dict[str, dict[str, Agreeing]]:
    """Return the worlds of every scenario that answer under each theory, up to the last month that is asked about.

    A rival plays as many worlds as the scenario's own theory did, and answers from the closest.
    """
    rows = chosen.document["questions"].values()
    played: dict[str, dict[str, Agreeing]] = {}
    left, done = sum(len(_theories(one)) for one in answering.values()), 0
    for key, scenario in answering.items():
        played[key], most = {}, settings["worlds"]
        for theory in _theories(scenario):

            def report(now: int, done: int = done, left: int = left, most: int = most) -> None:
                if progress is not None:
                    progress(done + now, done + left * most)

            found = agreeing(
                scenario.set([Setting("theory.weights", theory)]),
                worlds=most,
                seed=settings["seed"],
                cutoff=settings["cutoff"],
                tolerance=settings["tolerance"],
                until=max(row["by"] for row in rows if _asked(row) == key),
                closest=bool(played[key]),
                report=report,
            )
            if not played[key]:
                _refuse_few(scenario, found, settings)
            played[key][theory] = found
            most, left, done = found.played, left - 1, done + found.played
    return played


SAMPLED = 2_000
"""Worlds from which an error says when an outcome happens."""
BEYOND = 10_000
"""Worlds of which one at least would agree with a row, or more of the same worlds are not worth advising."""
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


def _refuse_few(scenario: Scenario, found: Agreeing, settings: Mapping[str, Any]) -> None:
    """Raise ValueError if too few worlds of the scenario's own theory agree, with the row that fewest agree with."""
    count = found.worlds.size
    if count >= FEWEST:
        return
    worst = min(found.rows, key=found.rows.__getitem__, default=None)
    beyond = worst is not None and not found.rows[worst] and found.played >= BEYOND
    row = f"; {_hardest(scenario, found, worst, settings['seed'])}" if worst else ""
    more = {
        f"more --worlds (up to {MOST_WORLDS:,})": settings["worlds"] < MOST_WORLDS and not beyond,
        "other ranges": beyond,
        "a larger --tolerance": settings["tolerance"] < MOST_TOLERANCE,
    }
    given = " or ".join(way for way, possible in more.items() if possible)
    raise ValueError(
        f"{count} of {settings['worlds']:,} worlds of {scenario.name} agree with its record within "
        f"{settings['tolerance']} months, and {FEWEST} are needed{row}{f'; give {given}' if given else ''}"
    )


def _hardest(scenario: Scenario, found: Agreeing, worst: str, seed: int) -> str:
    """Return with which row the fewest worlds agree, how many, and when worlds have its outcome instead."""
    who = f"fewest, {found.rows[worst]:,} of {found.played:,}, agree with {worst}"
    table, _, name = worst.partition(".")
    if table != "history":
        return who
    row = scenario.document["history"][name]
    some = run(
        scenario, worlds=min(SAMPLED, found.played), seed=seed, uncertainty="prior" if scenario.ranges else "none"
    )
    share, median = some.probability(row["outcome"]), some.month(row["outcome"])
    when = f"in {share:.1%} of worlds, median month {median}" if median else "in none"
    return f"{who}: it says {row['date']}, and within the ranges {row['outcome']} happens {when}"


def _answer(
    name: str,
    row: Row,
    scenario: Scenario,
    names: Mapping[str, str],
    played: Mapping[str, Mapping[str, Agreeing]],
    allowance: float,
) -> Answer:
    """Return the answer to one question, from the agreeing worlds of each theory, the scenario's own first."""
    key = _asked(row)
    why, value, error, others = row["cannot_say"], None, None, dict[str, float]()
    answered, worlds, happened, examples = scenario.name, 0, 0, dict[str, int]()
    if key is not None:
        own, *rivals = theories = played[key]
        answered = names[key]
        still, yes = theories[own].open(row["outcome"], row["by"])
        worlds, happened = still.size, int(yes.sum())
        examples = {said: int(found[0]) for said, found in (("yes", still[yes]), ("no", still[~yes])) if found.size}
        if worlds < FEWEST:
            but = f"all but {worlds} of" if worlds else "all"
            why = f"It had happened by the cutoff in {but} the {theories[own].worlds.size} worlds that agree"
        else:
            value, error = (f(happened, worlds, allowance) for f in (chance, standard_error))
            others = _simple(row, scenario, allowance)
            for theory in rivals:
                still, yes = theories[theory].open(row["outcome"], row["by"])
                others[theory] = chance(int(yes.sum()), still.size, allowance)
    about = {field: row[field] for field in ("text", "resolves", "by", "outcome")}
    return Answer(name, **about, scenario=answered, chance=value, cannot_say=why, worlds=worlds, happened=happened,
                  error=error, others=others, examples=examples)  # fmt: skip


def _comparable(answers: list[Answer]) -> tuple[Answer, ...]:
    """Return answers with the same forecasters: scenarios may answer under different theories, and rivals be others."""
    names = dict.fromkeys(name for answer in answers for name in answer.others)
    return tuple(
        answer
        if answer.chance is None
        else replace(answer, others={name: answer.others.get(name, answer.chance) for name in names})
        for answer in answers
    )


def _simple(row: Row, scenario: Scenario, allowance: float) -> dict[str, float]:
    """Return the chances of forecasters without a model; persistence says that nothing happens, with the allowance."""
    meta = scenario.document["meta"]
    before, after = months_counted(meta["start"], meta["cutoff"]), months_counted(meta["cutoff"], row["by"]) - 1
    rate = base_rate(row["past"], before, after)
    return {"persistence": allowance / 2, "flat": FLAT, "base rate": rate}
