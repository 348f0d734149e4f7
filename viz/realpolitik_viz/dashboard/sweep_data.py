"""What pages are sent of sweeps: the folders under the root, the results of one, and the world of a row."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from realpolitik.scenario import Scenario
from realpolitik.sweeps import Sweep, open_sweep
from realpolitik.sweeps.columns import column_of
from realpolitik.sweeps.discovery import discover
from realpolitik.sweeps.indices import sensitivity
from realpolitik_viz.dashboard.catalogue import OWN, plain_scenario, shipped_about
from realpolitik_viz.dashboard.view import NAME, View

MOST_FOLDERS = 200
MOST_DOTS = 3_000
BARS = 12
WEIGHTS = "theory.weights"
UNREADABLE = (ValueError, OSError, RuntimeError, LookupError, TypeError, AttributeError, MemoryError)
"""Errors from reading a folder that is not a sweep, or is damaged."""


def folders(root: Path) -> list[dict[str, Any]]:
    """Return the sweeps under the root, by name."""
    if not root.is_dir():
        return []
    names = sorted(path.name for path in root.iterdir() if NAME.fullmatch(path.name) and not path.is_symlink())
    return [found for name in names[:MOST_FOLDERS] if (found := listed(root, name))]


def listed(root: Path, name: str) -> dict[str, Any] | None:
    """Return the entry of a folder in the list, if it is a sweep that can be read; it may be anybody's."""
    try:
        found = opened(root, name)
    except UNREADABLE:
        return None
    plan = found.plan
    kind = f"{plan.kind}, {plan.points:,} points of {plan.worlds:,} worlds"
    state = "; ".join(text for text in (found.state, found.caution) if text)
    return {"name": name, "kind": kind, "state": state, "scenario": plan.scenario["name"]}


def opened(root: Path, name: str) -> Sweep:
    """Open a sweep by its name under the root; nothing else can be reached."""
    folder = root / name
    if not NAME.fullmatch(name) or folder.is_symlink() or not folder.is_dir():
        raise ValueError(f"there is no sweep {name[:80]!r} under the root folder")
    return open_sweep(folder, notice=lambda _: None)  # the list of folders shows it


def summary(root: Path, view: View) -> dict[str, Any]:
    """Return the results of a sweep: its points, which inputs matter, and where the outcome happens."""
    found = opened(root, view.folder)
    outcome = view.outcome if view.outcome in found.outcomes else found.outcomes[0]
    factor = view.factor if view.factor in found.inputs else found.inputs[0]
    head = {"name": view.folder, "outcomes": list(found.outcomes), "inputs": list(found.inputs), "outcome": outcome}
    labels = {name: row["label"] for name, row in found.scenario.document["outcomes"].items()}
    parts = {"points": dots(found, factor, outcome), "bars": bars(found, outcome), "box": box(found, outcome)}
    return {**head, "factor": factor, "labels": labels, "of": found.plan.points, "each": found.plan.worlds, **parts}


def dots(found: Sweep, factor: str, outcome: str) -> list[list[Any]]:
    """Return input, share of worlds and number of points, every nth if there are many."""
    frame = found.points()
    some = np.unique(np.linspace(0, len(frame) - 1, min(len(frame), MOST_DOTS)).astype(int))
    x, y = frame[factor].iloc[some], frame[column_of(outcome)].iloc[some]
    return [
        [one if isinstance(one, str) else float(one), float(two), int(n)]
        for one, two, n in zip(x, y, some, strict=True)
    ]


def bars(found: Sweep, outcome: str) -> dict[str, Any]:
    """Return how much each input matters, or why that is unknown."""
    try:
        result = sensitivity(found, [outcome])
    except (ValueError, RuntimeError) as error:
        return {"why": str(error)}
    if result.rows[0]["variance"] == 0:
        return {"why": f"{outcome} is the same at every point"}
    key = "total" if result.kind == "sobol" else "mu_star"
    rows = [{"name": row["input"], "value": row[key] or 0.0} for row in result.of(outcome)[:BARS]]
    return {"rows": rows, "unit": {"total": "total Sobol index", "mu_star": "Morris mean effect"}[key]}


def box(found: Sweep, outcome: str) -> dict[str, Any]:
    """Return the boxes in which an outcome happens, or why there are none."""
    try:
        result = discover(found, outcome)
    except (ValueError, RuntimeError) as error:
        return {"why": str(error)}
    return {"overall": result.overall, "boxes": [one.to_dict() for one in result.boxes]}


def world_of(root: Path, view: View, number: int, uploads: Mapping[str, Scenario]) -> View:
    """Return the view of the world of a row; ValueError if its scenario is not here as it was swept."""
    found = opened(root, view.folder)
    stated, row = found.plan.scenario, found.place(number)
    name = swept(stated, uploads)
    if name is None:
        raise ValueError(
            f"the scenario {stated['name']} is not here as it was swept, so its worlds cannot be opened: "
            "start the dashboard with its file, or open the file here"
        )
    changes, theory = settings_of(stated["settings"], row.values)
    return View(
        page="world",
        scenario=name,
        set=changes,
        theory=theory,
        uncertainty="none",
        world=row.world,
        seed=found.plan.seed,
        month=view.month,
    )


def swept(stated: Mapping[str, Any], uploads: Mapping[str, Scenario]) -> str | None:
    """Return the name under which pages show the scenario of a sweep, None if it is not here as it was swept."""
    origin = str(stated["extends"])
    names = [origin if origin in shipped_about() else OWN.name_of(origin), *uploads]
    same = (name for name in names if name and plain_scenario(name, uploads).sha256 == stated["extends_sha256"])
    return next(same, None)


def settings_of(made: Sequence[Sequence[Any]], varied: Mapping[str, Any]) -> tuple[tuple[str, ...], str]:
    """Return the changes that a row makes to its scenario, as `--set` takes them, and its weight rule."""
    stated = {**{path: str(value) for path, value, _ in made}, **varied}
    fixed = [f"{path}={value}" + (f"@{month}" if month else "") for path, value, month in made]
    numbers = [f"{path}={value!r}" for path, value in varied.items() if not isinstance(value, str)]
    changes = (*fixed, *numbers)
    return tuple(one for one in changes if not one.startswith(WEIGHTS)), str(stated.get(WEIGHTS, ""))
