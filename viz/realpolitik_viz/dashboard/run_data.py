"""What pages are sent of runs: outcomes and fans of an ensemble, one world, and comparisons."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from realpolitik.accounts import (
    OTHERS,
    Part,
    beginning,
    expectations,
    main_parts,
    not_shown,
    payment_in_words,
    votes_in_words,
)
from realpolitik.choices import Uncertainty
from realpolitik.comparing import forked
from realpolitik.costs import cost_of
from realpolitik.ensembles import drawn_foresight, run
from realpolitik.explaining import Decision, Story, explain
from realpolitik.goals import reach
from realpolitik.narrating import (
    Event,
    decision_in_words,
    flip_in_words,
    narrate,
    price_in_words,
    why_in_words,
)
from realpolitik.posterior import source_of
from realpolitik.results import Ensemble, history_of
from realpolitik.scenario import Scenario, payers
from realpolitik.scenario.forms import main_outcome
from realpolitik.swings import tornado
from realpolitik.uncertainty import available, draw_numbers
from realpolitik.uncertainty import uncertainty_of as resolved
from realpolitik_model import Account, Case, simulate
from realpolitik_viz.dashboard.catalogue import fingerprint
from realpolitik_viz.dashboard.resources import BUDGET
from realpolitik_viz.dashboard.scenario_data import actors, claims, show
from realpolitik_viz.dashboard.view import View
from realpolitik_viz.dashboard.workers import Request

LEVELS = (0.1, 0.5, 0.9)
FANNED = 500
"""Worlds of which fans are made: enough for the 10% and 90% quantiles, and a third less work than all of 2,000."""
BELIEVED = 500
"""Worlds of which the other ways to draw the numbers are shown: marks on a scale, within two percent points."""
SWUNG = 64
"""Worlds per end of a range of "What matters most"."""
SOUGHT = 300
"""Worlds per change that is tried for a goal."""
MOST_BACKGROUND = 60
"""Estimated seconds of one core for what is computed besides the page."""
MOST_NUMBERS = 1_000_000
"""Numbers that a page is sent for the fans of one ensemble, about six megabytes."""
GLIMPSED = 500
"""Worlds of the share that is shown while a scenario is edited."""
MOST_SECONDS = 3_600
"""Estimated seconds of one core that a request can take."""
MOST_MEMORY = 2**32
"""Estimated bytes that a request can take."""
LEAST_DRAWN = 0.0005
"""A share that is written as 0.001."""


def ensemble_of(scenario: Scenario, view: View, request: Request, paths: int = FANNED) -> Ensemble:
    """Run the worlds of a view on the shared workers, until the request is cancelled."""
    uncertainty = uncertainty_of(scenario, view)
    needed = check_cost(scenario.case(), view.worlds, drawn_foresight(scenario, uncertainty))
    with BUDGET.reserve(needed, request.check):
        return run(
            scenario,
            worlds=view.worlds,
            seed=view.seed,
            uncertainty=uncertainty,
            paths=paths,
            executor=request.executor,
            progress=request.check,
        )


def check_cost(case: Case, worlds: int, foresight: int = 0) -> float:
    """Return the bytes that worlds take; ValueError with the estimate if they take too much memory or time.

    `foresight` is the greatest of any world, in months, if it differs between worlds.
    """
    cost = cost_of(case, worlds, case.months, FANNED, foresight)
    if cost.seconds > MOST_SECONDS:
        less = " or less foresight" if max(case.horizon({}), foresight) else ""
        raise ValueError(
            f"{worlds:,} worlds of this scenario take about {cost.seconds / 60:,.0f} minutes of a processor core; "
            f"the limit of the dashboard is {MOST_SECONDS // 60} per request: use fewer worlds{less}"
        )
    if cost.memory > MOST_MEMORY:
        raise ValueError(
            f"{worlds:,} worlds of this scenario take about {cost.memory / 2**30:,.1f} GiB of memory; "
            f"the limit of the dashboard is {MOST_MEMORY // 2**30} per request: use fewer worlds"
        )
    return cost.memory


def uncertainty_of(scenario: Scenario, view: View) -> Uncertainty:
    """Return where the worlds of a view draw their numbers from: as the view says, or as the scenario says."""
    return resolved(scenario, view.uncertainty or None)  # type: ignore[arg-type]


def key_of(kind: str, scenario: Scenario, view: View, *more: Any) -> tuple[Any, ...]:
    """Return the cache key of a result: its kind, and everything that decides it."""
    return (kind, fingerprint(scenario), view.worlds, view.seed, view.uncertainty, *more)


def rounded(values: Iterable[float], digits: int = 4) -> list[float]:
    """Return numbers with few digits, which are short to send."""
    return [round(float(value), digits) for value in values]


def cutoff_of(scenario: Scenario) -> str:
    """Return the month after which nothing was used to set the numbers, or nothing."""
    return str(scenario.document["meta"]["cutoff"] or "")[:7]


def cards(ensemble: Ensemble) -> dict[str, Any]:
    """Return every outcome of an ensemble: its probability, its months, its curve, and its date in history."""
    rows = {name: outcome(ensemble, name) for name in ensemble.case.outcomes}
    return {
        "sha256": ensemble.scenario.sha256,
        "months": ensemble.months,
        "worlds": ensemble.worlds,
        "seed": ensemble.seed,
        "outcomes": rows,
        "cutoff": cutoff_of(ensemble.scenario),
        "source": source_of(ensemble.scenario, ensemble.uncertainty),
    }


def outcome(ensemble: Ensemble, name: str) -> dict[str, Any]:
    """Return one outcome of an ensemble."""
    history = [row for row in ensemble.scenario.document["history"].values() if row["outcome"] == name]
    return {
        "label": ensemble.scenario.document["outcomes"][name]["label"],
        "p": round(ensemble.probability(name), 4),
        "when": [ensemble.month(name, level) for level in LEVELS],
        "measure": ensemble.measure(name),
        "scale": scale_of(ensemble.scenario.document, name),
        "history": history_of(ensemble.scenario, name),
        "until": str(history[0]["until"] or cutoff_of(ensemble.scenario))[:7] if history else "",
        "source": history[0]["source"] if history else "",
        "by": by_month(ensemble, name),
    }


def scale_of(document: Mapping[str, Any], name: str) -> str:
    """Return what 0 and 1 mean for the measure of an outcome, or nothing where there is no such scale."""
    measure = str(document["outcomes"][name]["measure"] or "")
    kind, _, move = measure.partition(":")
    if kind == "price" and move:
        givers = [document["actors"][one]["label"] for one in payers(document["moves"][move])]
        return f"Share of all that {' and '.join(givers)} could give"
    if measure in document["issues"]:
        row = document["issues"][measure]
        return f"From “{row['low']}” (0) to “{row['high']}” (1)"
    return ""


def by_month(ensemble: Ensemble, name: str) -> list[float]:
    """Return the share of worlds in which an outcome has happened, by month."""
    return rounded(np.cumsum(ensemble.tally.when[ensemble.case.outcomes.index(name)]) / ensemble.worlds)


def beliefs(scenario: Scenario, view: View, request: Request) -> dict[str, Any]:
    """Return the curve of every outcome under each other way to draw the numbers: as given, prior and posterior."""
    own = uncertainty_of(scenario, view)
    few = replace(view, worlds=min(view.worlds, BELIEVED))
    found = {}
    for kind in reversed(available(scenario)[0]):
        with suppress(TakesTooLong):
            check_background(scenario, few.worlds, drawn_foresight(scenario, kind))
            if kind != own:
                ensemble = ensemble_of(scenario, replace(few, uncertainty=kind), request, paths=0)
                found[kind] = {name: by_month(ensemble, name) for name in ensemble.case.outcomes}
    return {"sha256": scenario.sha256, "own": own, "worlds": few.worlds, "marks": found}


def matters(scenario: Scenario, view: View, request: Request) -> dict[str, Any]:
    """Return what the range of each number does to an outcome, the widest first."""
    outcome, by = asked_outcome(scenario, view), asked_month(scenario, view)
    about = {"sha256": scenario.sha256, "outcome": outcome, "by": by, "worlds": SWUNG}
    try:
        check_background(scenario, SWUNG * (1 + 2 * len(scenario.ranges)))
        found = tornado(
            scenario,
            outcome,
            statistic="probability",
            by=by,
            worlds=SWUNG,
            seed=view.seed,
            progress=request.check,
            executor=request.executor,
        )
    except ValueError as error:
        return {**about, "why": str(error), "bars": []}
    bars = [
        {"path": one.path, "low": one.low, "high": one.high, "at": [one.at_low, one.at_high], "clear": one.clear}
        for one in found.swings
    ]
    return {**about, "value": found.value, "bars": bars}


def goal(scenario: Scenario, view: View, request: Request) -> dict[str, Any]:
    """Return the smallest change of a lever and of a number that brings an outcome to half of the worlds."""
    outcome, by = asked_outcome(scenario, view), asked_month(scenario, view)
    about = {"sha256": scenario.sha256, "outcome": outcome, "by": by, "seed": view.seed}
    check_background(scenario, SOUGHT * (2 + 2 * len(scenario.ranges) + 16 * len(scenario.document["levers"])))
    found = reach(
        scenario,
        outcome,
        by=by,
        worlds=SOUGHT,
        seed=view.seed,
        progress=request.check,
        executor=request.executor,
    )
    return {**found.to_dict(), **about}


class TakesTooLong(ValueError):
    """It takes too long for something that runs besides the page."""


def check_background(scenario: Scenario, worlds: int, foresight: int = 0) -> None:
    """Raise `TakesTooLong` if so many worlds take too long for something that runs besides the page."""
    case = scenario.case()
    seconds = cost_of(case, worlds, case.months, 0, foresight).seconds
    if seconds > MOST_BACKGROUND:
        raise TakesTooLong(
            f"this scenario is too large for it here: {worlds:,} worlds take about {seconds:,.0f} seconds; "
            "`realpolitik tornado` has no such limit"
        )


def asked_outcome(scenario: Scenario, view: View) -> str:
    """Return the outcome that a view asks about, or the headline of the scenario."""
    return view.outcome if view.outcome in scenario.document["outcomes"] else show(scenario)["headline"]


def asked_month(scenario: Scenario, view: View) -> str:
    """Return the month up to which outcomes count: that of the view, or of the scenario."""
    return view.by if view.by in scenario.case().dates() else show(scenario)["by"]


def fans(ensemble: Ensemble) -> dict[str, Any]:
    """Return quantiles by month of every issue and of leverage: of all pairs, or of as many as a page can show."""
    case, document = ensemble.case, ensemble.scenario.document
    issues, leverage = ensemble.kept.issues, ensemble.kept.leverage
    pairs = [f"{holder}>{over}" for holder, over in case.pairs]
    strongest = shown_pairs(len(case.issues), leverage[:FANNED])
    return {
        "sha256": ensemble.scenario.sha256,
        "months": ensemble.months,
        "of": min(FANNED, len(issues)),
        "issues": quantiles(issues, list(case.issues)),
        "leverage": quantiles(leverage[:, :, strongest], [pairs[n] for n in strongest]),
        "omitted": len(pairs) - len(strongest),
        "labels": {name: issue_label(document["issues"][name]) for name in case.issues},
    }


def shown_pairs(issues: int, leverage: npt.NDArray[np.float64]) -> list[int]:
    """Return the pairs of leverage (worlds, months, pairs) that are sent: all, or the strongest."""
    _, months, pairs = leverage.shape
    room = max(1, MOST_NUMBERS // (len(LEVELS) * months) - issues)
    return list(range(pairs)) if pairs <= room else sorted(np.argsort(-leverage.mean(axis=(0, 1)))[:room].tolist())


def issue_label(row: dict[str, Any]) -> dict[str, str]:
    """Return the label of an issue and the meaning of 0 and 1."""
    return {"label": row["label"], "low": row["low"], "high": row["high"]}


def quantiles(paths: npt.NDArray[np.float64], names: list[str]) -> dict[str, list[list[float]]]:
    """Return p10, p50 and p90 by month of paths (worlds, months, names)."""
    some = np.ascontiguousarray(paths[:FANNED].transpose(2, 1, 0), np.float32)
    ranks = [round(level * (some.shape[2] - 1)) for level in LEVELS]
    some.partition(ranks, axis=2)
    chosen = np.round(some[:, :, ranks].transpose(0, 2, 1).astype(np.float64), 4)
    return dict(zip(names, chosen.tolist(), strict=True))


def story_of(scenario: Scenario, view: View, request: Request, **only: Any) -> Story:
    """Replay the world of a view, until the request is cancelled."""
    asked: dict[str, Any] = {"world": view.world, "seed": view.seed, "progress": request.check}
    return explain(scenario, **asked, **only, uncertainty=uncertainty_of(scenario, view))


def chronicle(scenario: Scenario, view: View, request: Request) -> dict[str, Any]:
    """Return a world in words, its decisions and outcomes, and its issues and leverage by month."""
    story, document = story_of(scenario, view, request, flips=False), scenario.document
    narrative = narrate(story)
    return {
        "sha256": scenario.sha256,
        "world": view.world,
        "title": narrative.title,
        "main": [event_of(scenario, one) for one in narrative.events],
        "opening": narrative.main,
        "issue": document["show"]["issue"],
        "levers": document["levers"],
        "decisions": [decision(scenario, one) for one in story.decisions],
        "events": [
            {"month": date, "outcome": name, "label": document["outcomes"][name]["label"]}
            for date, name in story.events
            if document["outcomes"][name]["measure"] is None
        ],
        "labels": {name: issue_label(row) for name, row in document["issues"].items()},
        "actors": actors(scenario),
        "claims": claims(scenario),
        "cutoff": cutoff_of(scenario),
        **paths(scenario, view),
    }


def event_of(scenario: Scenario, one: Event) -> dict[str, Any]:
    """Return one of the main events of a world."""
    outcomes = scenario.document["outcomes"]
    return {
        "month": one.month,
        "kind": one.kind,
        "actor": one.actor,
        "text": one.text,
        "why": one.why,
        "outcomes": [outcomes[name]["label"] for name in one.outcomes if outcomes[name]["label"] != one.text],
    }


def branch(scenario: Scenario, other: Scenario, changes: list[str], view: View, request: Request) -> dict[str, Any]:
    """Return the same world of another scenario: where the two part, and when each outcome happens in both."""
    if view.fork:
        other = forked(scenario, other, view.fork)
    mine, theirs = (story_of(one, view, request, flips=False) for one in (scenario, other))
    return {
        "sha256": scenario.sha256,
        "world": view.world,
        "against": view.against[0],
        "fork": view.fork,
        "changes": changes,
        "title": narrate(theirs).title,
        "parting": first_difference(made_in(mine), made_in(theirs)),
        **side_by_side(mine, theirs),
        **paths(other, view),
    }


def side_by_side(mine: Story, theirs: Story) -> dict[str, Any]:
    """Return the outcomes of two branches of a world on one time axis: in both, or in one of them in that month."""
    labels = {
        name: row["label"]
        for story in (theirs, mine)
        for name, row in story.scenario.document["outcomes"].items()
        if row["measure"] is None
    }
    here, there = ({name: date for date, name in story.events if name in labels} for story in (mine, theirs))
    axis: dict[str, dict[str, Any]] = {}
    for name in labels:
        same = here.get(name) == there.get(name)
        for kind, date in (("both" if same else "here", here.get(name)), ("there", None if same else there.get(name))):
            if date is not None:
                row = axis.setdefault(date, {"month": date, "both": [], "here": [], "there": []})
                row[kind].append(labels[name])
    return {"axis": [axis[date] for date in sorted(axis)]}


def paths(scenario: Scenario, view: View) -> dict[str, Any]:
    """Return the months of one world, and every issue and leverage by month."""
    case, worlds = scenario.case(), np.array([view.world])
    drawn = draw_numbers(scenario, view.seed, worlds, uncertainty_of(scenario, view))
    played = simulate(case, worlds, seed=view.seed, numbers=drawn, paths=1)
    pairs = [f"{holder}>{over}" for holder, over in case.pairs]
    return {
        "months": list(case.dates()),
        "issues": {name: rounded(played.issues[0, :, k]) for k, name in enumerate(case.issues)},
        "leverage": {
            pairs[n]: rounded(played.leverage[0, :, n]) for n in shown_pairs(len(case.issues), played.leverage)
        },
    }


def decision(scenario: Scenario, one: Decision) -> dict[str, Any]:
    """Return one decision with its account and the labels of the scenario."""
    account, document = one.account, scenario.document
    moves = document["moves"]
    return {
        "month": one.date,
        "actor": account.actor,
        "move": account.move,
        "label": one.text,
        "text": decision_in_words(one, document),
        "why": why_in_words(one, document),
        "price": price_in_words(account, moves),
        "result": account.result,
        "value": account.value,
        "own": account.own,
        "through": account.through,
        "cost": account.cost,
        "noise": account.noise,
        "tau": account.tau,
        "consents": account.consents,
        "parts": {actor: list(_parts(account, actor, parts, document)) for actor, parts in main_parts(account).items()},
        "vote": votes_in_words(account, document),
        "payment": payment_in_words(account, document),
        "expected": expectations(account, one.expected, one.otherwise),
        "changes": [
            {"label": document["issues"][issue]["label"], "change": change} for issue, change in one.changes.items()
        ],
        "runner": moves[account.runner_up]["label"] if account.runner_up else "",
        "margin": account.margin,
        "claims": one.claims,
    }


def _parts(
    account: Account, actor: str, parts: list[Part], document: Mapping[str, Any]
) -> Iterator[dict[str, float | str]]:
    """Yield the parts of an actor's share, and what the others add up to."""
    for part in parts:
        issue = part.titled(document["issues"][part.issue]["label"])
        yield {"issue": issue, "share": part.share, "when": part.when}
    rest = not_shown(account, actor, parts)
    if abs(rest) >= LEAST_DRAWN:
        yield {"issue": OTHERS, "share": rest, "when": ""}


def flip(scenario: Scenario, view: View, request: Request) -> dict[str, Any]:
    """Return the smallest change of one number that would have flipped a decision, if there is one."""
    actor, _, month = view.decision.partition("@")
    found = story_of(scenario, view, request, actor=actor, month=month).decisions
    change = found[0].flip if found else None
    words = flip_in_words(change, found[0].account, scenario.document) if change else ""
    return {"decision": view.decision, "flip": change, "words": words}


def glimpse(scenario: Scenario, before: Scenario | None, view: View, request: Request) -> dict[str, Any]:
    """Return the share of a few worlds with the headline outcome of a scenario, and of what it was made from."""
    outcome, by = main_outcome(scenario.document), scenario.document["show"]["by"]
    if outcome is None:
        return {}
    few = replace(view, worlds=GLIMPSED)
    shares = [
        ensemble_of(one, few, request).probability(outcome, by=by)
        for one in (scenario, before)
        if one is not None and outcome in one.document["outcomes"]
    ]
    return {
        "label": scenario.document["outcomes"][outcome]["label"],
        "by": by or scenario.document["meta"]["end"],
        "worlds": GLIMPSED,
        "share": shares[0],
        "before": shares[1] if len(shares) > 1 else None,
        "title": before.document["meta"]["title"] if before is not None else "",
    }


class Made(NamedTuple):
    """A move that was made."""

    move: str
    refused: bool
    words: str
    """What it is called, with its price."""

    def same(self, other: "Made") -> bool:
        """Whether it is the same move with the same answer; the price may be another one."""
        return (self.move, self.refused) == (other.move, other.refused)


NO_MOVE = Made("", False, "no move")
Moves = Mapping[tuple[str, str], Made]
"""The move that each actor made, by month and actor."""


def first_difference(mine: Moves, theirs: Moves) -> dict[str, Any] | None:
    """Return the first decision in which two branches of a world differ."""
    made = {key: (mine.get(key, NO_MOVE), theirs.get(key, NO_MOVE)) for key in mine.keys() | theirs.keys()}
    differing = [key for key, (first, other) in made.items() if not first.same(other)]
    if not differing:
        return None
    month, actor = min(differing)
    first, other = made[month, actor]
    return {"month": month, "actor": actor, "first": first.words, "other": other.words}


def made_in(story: Story) -> Moves:
    """Return the moves of a world; each is called as in the account of its decision."""
    document = story.scenario.document
    return {(one.date, one.account.actor): move_made(one, document) for one in story.decisions}


def move_made(one: Decision, document: Mapping[str, Any]) -> Made:
    """Return the move of a decision."""
    account = one.account
    said = decision_in_words(one, document).removeprefix(beginning(document, account.actor))
    return Made(account.move, account.result == "refused", said.removeprefix(":").strip())
