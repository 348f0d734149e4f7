"""The numbers of a scenario that a reader may move: by actor, each with its unit, reason and claims."""

from typing import Any

from realpolitik.scenario import Scenario, bounds
from realpolitik_viz.dashboard.summaries import actors

WORLD = "The world"
UNITS = {
    "phi": "weight of others' interests; 0 is pure self-interest",
    "sigma": "how far actors misjudge leverage, as a share of it",
    "noise": "chance in every decision, in units of utility",
    "patience": "months",
    "start": "0 to 1",
    "decay": "share of the way to its rest, a month",
    "rest": "where it comes to rest, 0 to 1",
    "scale": "times the dated path",
    "shift": "months; positive is later",
    "stake": "what would be lost if it were withheld",
    "alternatives": "share that could be had elsewhere, 0 to 1",
    "position": "outcome wanted, 0 to 1",
    "salience": "utility lost for each unit of distance from what is wanted",
    "cost": "utility spent on each move",
    "chance": "chance that it can be made, a month",
    "hazard": "chance that it strikes, a month",
    "capability": "share of material weight",
    "by": "change of the issue, -1 to 1",
    "to": "new value of the issue, 0 to 1",
}
TABLES = {"issues": "Issue", "drivers": "Driver", "interests": "Wants", "moves": "Move", "shocks": "Shock"}
OWNER = {"dependence": "dependent", "interests": "actor", "moves": "actor"}


def levers(scenario: Scenario) -> dict[str, Any]:
    """Return everything that the panel of sliders shows of a scenario, its changes not yet made."""
    groups: dict[str, dict[str, dict[str, Any]]] = {WORLD: {}, **{name: {} for name in scenario.document["actors"]}}
    for path in sorted(scenario.ranges, key=lambda path: path.startswith("issues.")):
        table, name = (*path.split("."), "")[:2]
        rows = groups[owner(scenario, table, name)]
        key = table if table == "theory" else f"{table}.{name}"
        row = rows.setdefault(key, head(scenario, table, name))
        row["numbers"].append(number(scenario, path))
    filled = [{"name": name, "rows": list(rows.values())} for name, rows in groups.items() if rows]
    return {"groups": filled, "claims": claims(scenario), "actors": actors(scenario)}


def owner(scenario: Scenario, table: str, name: str) -> str:
    """Return the actor whose number it is, or the world's."""
    return str(scenario.document[table][name][OWNER[table]]) if table in OWNER else WORLD


def head(scenario: Scenario, table: str, name: str) -> dict[str, Any]:
    """Return what a row says of itself."""
    if table == "theory":
        return {"title": "The theory", "reason": "How actors weigh, see and err", "claims": [], "numbers": []}
    row = scenario.document[table][name]
    return {
        "title": title(scenario, table, row),
        "reason": row["reason"],
        "claims": row["claims"] or [],
        "assumption": bool(row["assumption"]),
        "numbers": [],
    }


def title(scenario: Scenario, table: str, row: dict[str, Any]) -> str:
    """Return a row's name in words."""
    if table == "dependence":
        return f"Needs {row['provider']}: {row['channel']}"
    if table == "interests":
        issue = scenario.document["issues"][row["issue"]]
        return f"Wants: {issue['label']} at {row['position']:g}"
    return f"{TABLES[table]}: {row['label']}"


def number(scenario: Scenario, path: str) -> dict[str, Any]:
    """Return one number: what it is called, its unit, its value and how far it may be moved."""
    low, high = scenario.ranges[path]
    return {
        "path": path,
        "name": called(scenario, path),
        "unit": unit(scenario, path),
        "value": scenario.numbers[path],
        "low": low,
        "high": high,
        "bounds": list(bounds(path)),
        "step": step(path, low, high),
    }


def called(scenario: Scenario, path: str) -> str:
    """Return what a number is called within its row."""
    parts = path.split(".")
    if "effects" in parts:
        return f"effect of {label(scenario, parts[-1])}"
    if parts[-1] in ("by", "to", "above", "below"):
        return f"{label(scenario, parts[-2])} {parts[-1]}"
    return parts[-1] if parts[-2] != "path" else f"path in {parts[-1]}"


def label(scenario: Scenario, name: str) -> str:
    """Return the label of an issue or a driver."""
    row = scenario.document["issues"].get(name) or scenario.document["drivers"].get(name)
    return str(row["label"]) if row else name


def unit(scenario: Scenario, path: str) -> str:
    """Return the unit of a number in words."""
    parts = path.split(".")
    if "effects" in parts:
        what = {"dependence": "alternatives", "interests": "salience", "issues": "where it comes to rest"}[parts[0]]
        return f"change of {what} for each unit of {label(scenario, parts[-1]).lower()}"
    return UNITS.get(parts[-1], "0 to 1")


def step(path: str, low: float, high: float) -> float:
    """Return the step of a slider: a month, or about a hundredth of the range in round decimals."""
    if path.endswith((".shift", ".patience")):
        return 1.0
    return 0.001 if high - low < 0.12 else 0.01


def claims(scenario: Scenario) -> dict[str, str]:
    """Return every claim with its paragraph."""
    rows = scenario.document["claims"].items()
    return {name: f"{row['text']} ({row['paragraph']})" for name, row in rows}
