"""What a page is sent of an ensemble: outcomes for the cards, quantiles for the fans."""

from typing import Any

import numpy as np
import numpy.typing as npt

from realpolitik.results import Ensemble, history_of
from realpolitik_viz.choosing import chief_events
from realpolitik_viz.dashboard.laboratory import FANNED, rounded
from realpolitik_viz.palette import actor_colours

LEVELS = (0.1, 0.5, 0.9)
MOST_NUMBERS = 1_000_000
"""Numbers that a page is sent of the fans of one ensemble, about six megabytes."""


def cards(ensemble: Ensemble) -> dict[str, Any]:
    """Return every outcome: how likely, when, its curve by month, and what history says."""
    rows = {name: outcome(ensemble, name) for name in ensemble.case.outcomes}
    document = ensemble.scenario.document
    return {
        "sha256": ensemble.scenario.sha256,
        "months": ensemble.months,
        "worlds": ensemble.worlds,
        "chief": chief_events({"outcomes": curves(ensemble, rows)}, document, most=8),
        "outcomes": rows,
        "cutoff": str(document["meta"]["cutoff"] or "")[:7],
    }


def curves(ensemble: Ensemble, rows: dict[str, Any]) -> dict[str, Any]:
    """Return outcomes in the form of `run --json`, as far as the choice of the chief ones reads it."""
    measured = {name: {"mean": 0.0} if row["measure"] else {} for name, row in rows.items()}
    return {
        name: {"by": dict(zip(ensemble.months, row["by"], strict=True)), **measured[name]} for name, row in rows.items()
    }


def outcome(ensemble: Ensemble, name: str) -> dict[str, Any]:
    """Return one outcome of an ensemble."""
    by = np.cumsum(ensemble.tally.when[ensemble.case.outcomes.index(name)]) / ensemble.worlds
    history = [row for row in ensemble.scenario.document["history"].values() if row["outcome"] == name]
    return {
        "label": ensemble.scenario.document["outcomes"][name]["label"],
        "p": round(ensemble.probability(name), 4),
        "when": [ensemble.month(name, level) for level in LEVELS],
        "measure": ensemble.measure(name),
        "history": history_of(ensemble.scenario, name),
        "source": history[0]["source"] if history else "",
        "by": rounded(by),
    }


def fans(ensemble: Ensemble) -> dict[str, Any]:
    """Return quantiles by month of every issue and of leverage: of all pairs, or of as many as a page can take."""
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
    """Return which pairs are sent of leverage (worlds, months, pairs): all, or the strongest that there is room for."""
    _, months, pairs = leverage.shape
    room = max(1, MOST_NUMBERS // (len(LEVELS) * months) - issues)
    return list(range(pairs)) if pairs <= room else sorted(np.argsort(-leverage.mean(axis=(0, 1)))[:room].tolist())


def issue_label(row: dict[str, Any]) -> dict[str, str]:
    """Return what an issue is called, and what its ends mean."""
    return {"label": row["label"], "low": row["low"], "high": row["high"]}


def quantiles(paths: npt.NDArray[np.float64], names: list[str]) -> dict[str, list[list[float]]]:
    """Return p10, p50 and p90 by month of paths (worlds, months, names)."""
    some = np.ascontiguousarray(paths[:FANNED].transpose(2, 1, 0), np.float32)
    ranks = [round(level * (some.shape[2] - 1)) for level in LEVELS]
    some.partition(ranks, axis=2)
    chosen = np.round(some[:, :, ranks].transpose(0, 2, 1).astype(np.float64), 4)
    return dict(zip(names, chosen.tolist(), strict=True))


def actors(ensemble_or_scenario: Any) -> dict[str, dict[str, str]]:
    """Return every actor's label, role and colour."""
    document = getattr(ensemble_or_scenario, "scenario", ensemble_or_scenario).document
    colours = actor_colours(document["actors"])
    return {
        name: {"label": row["label"], "role": row["role"], "colour": colours[name]}
        for name, row in document["actors"].items()
    }
