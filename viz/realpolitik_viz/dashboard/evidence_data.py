"""What Evidence begins with: how near leverage, its rivals and simpler forecasters come to the dated history."""

from collections.abc import Iterator, Mapping
from typing import Any

from realpolitik.choices import THEORIES, Uncertainty
from realpolitik.ensembles import drawn_foresight, run
from realpolitik.results import Ensemble
from realpolitik.scenario import Scenario
from realpolitik.validation.history import history
from realpolitik.validation.theories import OWN
from realpolitik.validation.validating import NOTE
from realpolitik_model.equations.weights import RULES
from realpolitik_viz.dashboard.naming import sentence
from realpolitik_viz.dashboard.resources import BUDGET
from realpolitik_viz.dashboard.run_data import check_cost
from realpolitik_viz.dashboard.workers import Request
from realpolitik_viz.months import in_words

WORLDS = 500
"""Worlds per theory: enough to rank forecasters, and done in about a second."""
SEED = 1
NUMBERS: Uncertainty = "prior"
"""Where all theories draw their numbers from: a posterior is fitted under one of them."""
UNFITTED = "Here all theories draw their numbers from the same ranges, and none is fitted to the record first."
SAYS = {rule.name: rule.sentence for rule in RULES}
"""What each theory says of the weights of others."""
KINDS = {OWN: "own", "placebo": "control", "persistence": "simple", "compromise mean": "simple"}
"""What a forecaster is, where it is no rival theory."""
SIMPLE = {
    "persistence": "nothing ever happens",
    "compromise mean": "all settle at the weighted mean of their positions",
}
"""Simpler forecasters, and what they say."""
NO_HISTORY = "This case has no dated history, so nothing can be said about how near it comes."


def verdict(scenario: Scenario, request: Request) -> dict[str, Any]:
    """Return the scores of all forecasters of the dated history, the best first, and a sentence about them."""
    document = scenario.document
    if not document["history"]:
        return {"why": NO_HISTORY}
    needed = len(THEORIES) * check_cost(scenario.case(), WORLDS, drawn_foresight(scenario, NUMBERS))
    with BUDGET.reserve(needed, request.check):
        ensembles = {theory: played(scenario, theory, request) for theory in THEORIES}
    found = history(ensembles)
    rows = forecasters(found["scores"])
    title = str(document["meta"]["title"])
    dated = sum(row["date"] != "never" for row in found["rows"])
    return {
        "sentence": " ".join((in_a_sentence(rows, found["cutoff"], len(found["rows"])), *lost(rows))),
        "question": f"How many months do forecasts of {title} miss the record by?",
        "chances": f"How far are their probabilities from what had happened by {in_words(found['cutoff'])}?",
        "rows": rows,
        "brier": {row["name"]: row["brier"] for row in rows},
        "events": len(found["rows"]),
        "dated": dated,
        "cutoff": found["cutoff"],
        "note": f"{document['validation']['note'] or NOTE} {UNFITTED}",
        "source": sentence(title, f"{WORLDS:,} worlds per theory", SEED, NUMBERS),
    }


def played(scenario: Scenario, theory: str, request: Request) -> Ensemble:
    """Run a theory on the numbers of a scenario."""
    return run(
        scenario,
        worlds=WORLDS,
        seed=SEED,
        theory=theory,
        uncertainty=NUMBERS,
        executor=request.executor,
        progress=request.check,
    )


def forecasters(scores: Mapping[str, Mapping[str, float | None]]) -> list[dict[str, Any]]:
    """Return forecasters with their scores, the nearest to the record first; those without dates come last."""
    rows = [
        {
            "name": name,
            "says": SIMPLE.get(name) or SAYS.get(name, ""),
            "kind": KINDS.get(name, "rival"),
            "months": row.get("crps"),
            "brier": row.get("brier"),
        }
        for name, row in scores.items()
    ]
    return sorted(rows, key=lambda row: (row["months"] is None, row["months"] or 0.0))


def in_a_sentence(rows: list[dict[str, Any]], cutoff: str, events: int) -> str:
    """Return who comes nearest to the record, and where leverage is; ties in the printed digit are called so."""
    scored = [row for row in rows if row["months"] is not None]
    own = next((row for row in scored if row["name"] == OWN), None)
    what = f"the {events} recorded events and non-events until {in_words(cutoff)}"
    if own is None:
        return f"Leverage has no score for {what}."
    mine = f"{own['months']:.1f}"
    ahead = [row["name"] for row in scored if float(f"{row['months']:.1f}") < float(mine)]
    level = [row["name"] for row in scored if row is not own and f"{row['months']:.1f}" == mine]
    behind = [row for row in scored if row["name"] not in (*ahead, *level, OWN)]
    if ahead:
        winner = scored[0]
        others = f", and so do {', '.join(ahead[1:])}" if ahead[1:] else ""
        return (
            f"Leverage misses {what} by {mine} months on average; {winner['name']} does better with "
            f"{winner['months']:.1f}{others}."
        )
    tied = f"; {', '.join(level)} {'is' if len(level) == 1 else 'are'} as near" if level else ""
    next_best = f"; the next, {behind[0]['name']}, by {behind[0]['months']:.1f}" if behind else ""
    nearest = f"No forecaster comes nearer to {what} than leverage"
    return f"{nearest}, which misses them by {mine} months on average{tied}{next_best}."


def lost(rows: list[dict[str, Any]]) -> Iterator[str]:
    """Yield a sentence if another forecaster is better on the probabilities of what had happened by the cut-off."""
    own = next((row["brier"] for row in rows if row["name"] == OWN), None)
    scored = [row for row in rows if row["brier"] is not None]
    if own is None:
        return
    better = sorted((row for row in scored if round(row["brier"], 3) < round(own, 3)), key=lambda row: row["brier"])
    if better:
        names = " and ".join(f"{row['name']} ({row['brier']:.3f})" for row in better)
        lost_to = f"On the probability of what had happened by then it loses to {names}"
        yield f"{lost_to}: its Brier score is {own:.3f}, and 0 is best."
