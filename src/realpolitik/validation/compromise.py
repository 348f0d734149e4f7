"""The compromise mean: where capability times salience would settle every issue  (the baseline hard to beat)."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from realpolitik.scenario import Scenario


def compromise(scenario: Scenario, month: str) -> dict[str, float]:
    """Return the sum of capability x salience x position over that of capability x salience, issue by issue.

    Saliences are those of the start, with the drivers as they stand in `month`; an issue that nobody wants stays.
    """
    document = scenario.document
    state = {name: row["start"] for name, row in document["issues"].items()}
    state |= {name: _driver(row, month) for name, row in document["drivers"].items()}
    return {name: _mean(document, name, state) for name in document["issues"]}


def _mean(document: Mapping[str, Any], issue: str, state: Mapping[str, float]) -> float:
    rows = [row for row in document["interests"].values() if row["issue"] == issue]
    weights = [document["actors"][row["actor"]]["capability"] * _salience(row, state) for row in rows]
    if not sum(weights):
        return float(state[issue])
    return float(sum(w * row["position"] for w, row in zip(weights, rows, strict=True)) / sum(weights))


def _salience(row: Mapping[str, Any], state: Mapping[str, float]) -> float:
    moved = sum(effect * state.get(z, 0.0) for z, effect in (row["effects"] or {}).items())
    return max(0.0, float(row["salience"] + moved))


def _driver(row: Mapping[str, Any], month: str) -> float:
    if row["season"]:
        return float(row["scale"] * row["season"][int(month[5:]) - 1])
    points = row["path"]
    level = np.interp(_number(month), [_number(date) for date in points], list(points.values()))
    return float(min(1.0, row["scale"] * level))


def _number(date: str) -> int:
    return int(date[:4]) * 12 + int(date[5:7])
