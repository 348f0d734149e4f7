"""Selection of what a figure shows: the outcomes, issues and leverage that say most in the space available."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Curves = dict[str, npt.NDArray[np.float64]]
RARE = 0.02
"""Events that happen in a smaller share of worlds are named, not drawn."""
ALIKE = 0.03
"""Curves that differ nowhere by more count as alike."""


def events(result: Mapping[str, Any], document: Mapping[str, Any]) -> Curves:
    """Return the probability by month of every outcome that is an event, not a measure."""
    happens = [name for name, outcome in document["outcomes"].items() if outcome["measure"] is None]
    return {name: np.array(list(result["outcomes"][name]["by"].values())) for name in happens}


def main_events(result: Mapping[str, Any], document: Mapping[str, Any], most: int = 8) -> list[str]:
    """Return the events to draw, earliest first.

    Events with a date in history come first, for comparison; then the least certain ones, without alike curves.
    """
    curves = events(result, document)
    main = [name for name in curves if _dated(document, name) and document["outcomes"][name]["at"] is None][:most]
    others = sorted(set(curves) - set(main), key=lambda name: _rank(document, name, curves[name]))
    likely = [name for name in others if curves[name][-1] >= RARE]
    chosen = distinct(likely, curves, most, main)
    return sorted(chosen, key=lambda name: (float((1 - curves[name]).sum()), name))


def rare_events(result: Mapping[str, Any], document: Mapping[str, Any], shown: Sequence[str]) -> list[str]:
    """Return the rare events that are not shown."""
    return [name for name, curve in events(result, document).items() if curve[-1] < RARE and name not in shown]


def _dated(document: Mapping[str, Any], name: str) -> bool:
    return any(row["outcome"] == name and row["date"] != "never" for row in document["history"].values())


def _rank(document: Mapping[str, Any], name: str, curve: npt.NDArray[np.float64]) -> tuple[bool, bool, float, str]:
    part_of_another = document["outcomes"][name]["at"] is not None
    return not _dated(document, name), part_of_another, -float((curve * (1 - curve)).mean()), name


def distinct(names: Iterable[str], curves: Curves, most: int, taken: Iterable[str] = ()) -> list[str]:
    """Return the names already taken and the first of the others whose curves, or their complements, differ."""
    taken = list(taken)
    for name in names:
        if len(taken) < most and not any(_alike(curves[name], curves[other]) for other in taken):
            taken.append(name)
    return taken


def _alike(one: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> bool:
    return min(float(abs(one - other).max()), float(abs(one - (1 - other)).max())) < ALIKE


def main_issues(result: Mapping[str, Any], document: Mapping[str, Any], shown: Sequence[str], most: int) -> list[str]:
    """Return the issues to draw, in the order of the scenario: those of the shown events, then the most variable."""
    medians = {name: np.array(fan["p50"]) for name, fan in result["issues"].items()}
    decisive = {quantity for name in shown for quantity in document["outcomes"][name]["when"] or {}}
    order = sorted(medians, key=lambda name: (name not in decisive, -_travel(result["issues"][name])))
    chosen = distinct(order, medians, most)
    return [name for name in medians if name in chosen]


def _travel(fan: Mapping[str, list[float]]) -> float:
    spread = np.subtract(fan["p90"], fan["p10"]).mean()
    return float(np.ptp(fan["p50"]) + spread)


def main_pair(result: Mapping[str, Any], document: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return two leverages "A>B" and "B>A", the one that ends higher first.

    Those that outcomes of the scenario use come first, then those whose balance changes most.
    """
    fans = result["leverage"]
    pairs = [(one, _reverse(one)) for one in fans if _reverse(one) in fans]
    if not pairs:
        return None
    asked = {quantity for outcome in document["outcomes"].values() for quantity in outcome["when"] or {}}
    one, other = max(pairs, key=lambda pair: (pair[0] in asked, float(np.ptp(balance(fans, pair)))))
    return (one, other) if balance(fans, (one, other))[-1] >= 0 else (other, one)


def pairs_of(result: Mapping[str, Any], document: Mapping[str, Any], chosen: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the leverage to draw, one tuple per panel: both leverages of a pair, or the only one that there is.

    Without a choice, the main pair if there is one.
    """
    if not chosen:
        pair = main_pair(result, document)
        return [] if pair is None else [pair]
    fans = result["leverage"]
    pairs: dict[frozenset[str], tuple[str, ...]] = {}
    for name in chosen:
        both = [one for one in (name, _reverse(name)) if one in fans]
        ends = sorted(both, key=lambda one: -float(fans[one]["p50"][-1]))
        pairs.setdefault(frozenset(ends), tuple(ends))
    return [pair for pair in pairs.values() if pair]


def balance(fans: Mapping[str, Any], pair: Sequence[str]) -> npt.NDArray[np.float64]:
    """Return the difference of the medians of two leverages, by month."""
    one, other = (np.array(fans[name]["p50"], np.float64) for name in pair)
    return one - other


def crossings(above: npt.NDArray[np.float64]) -> list[int]:
    """Return the months in which the first leverage rises above the second."""
    return [int(t) for t in np.flatnonzero((above[1:] > 0) & (above[:-1] <= 0)) + 1]


def _reverse(leverage: str) -> str:
    holder, over = leverage.split(">")
    return f"{over}>{holder}"
