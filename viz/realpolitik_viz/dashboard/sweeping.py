"""Sweeps: the folders under the root, what one of them shows, and small ones started from the page."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from realpolitik.scenario import Scenario
from realpolitik.sweeps import Stopped, Sweep, open_sweep, sweep
from realpolitik.sweeps.analysing import sensitivity
from realpolitik.sweeps.discovery import discover
from realpolitik_viz.dashboard.laboratory import shelf, shipped_scenario
from realpolitik_viz.dashboard.view import NAME, View

MOST_FOLDERS = 200
MOST_DOTS = 3_000
MOST_RUNS = 262_144
"""Worlds that a sweep started from the page may play."""
MOST_FACTORS = 8
CHUNK = 2_048
"""Worlds between two looks at whether it was cancelled."""
BARS = 12


def folders(root: Path) -> list[dict[str, Any]]:
    """Return the sweeps that stand under the root, by name."""
    if not root.is_dir():
        return []
    names = sorted(path.name for path in root.iterdir() if NAME.fullmatch(path.name) and not path.is_symlink())
    return [told for name in names[:MOST_FOLDERS] if (told := described(root, name))]


def described(root: Path, name: str) -> dict[str, Any] | None:
    """Return what a folder is, if it is a sweep."""
    try:
        found = opened(root, name)
    except (ValueError, OSError):
        return None
    plan = found.plan
    kind = f"{plan.kind}, {plan.points:,} points of {plan.worlds:,} worlds"
    return {"name": name, "kind": kind, "state": found.state, "scenario": plan.scenario["name"]}


def opened(root: Path, name: str) -> Sweep:
    """Open a sweep by its name under the root; nothing else can be reached."""
    folder = root / name
    if not NAME.fullmatch(name) or folder.is_symlink() or not folder.is_dir():
        raise ValueError(f"there is no sweep {name[:80]!r} in the folder given at start")
    return open_sweep(folder)


def looked(root: Path, view: View) -> dict[str, Any]:
    """Return what the page shows of a sweep: every point, which inputs matter, and where the outcome comes about."""
    found = opened(root, view.folder)
    outcome = view.outcome if view.outcome in found.outcomes else found.outcomes[0]
    factor = view.factor if view.factor in found.inputs else found.inputs[0]
    head = {"name": view.folder, "outcomes": list(found.outcomes), "inputs": list(found.inputs), "outcome": outcome}
    labels = {name: row["label"] for name, row in found.scenario.document["outcomes"].items()}
    parts = {"points": dots(found, factor, outcome), "bars": bars(found, outcome), "box": box(found, outcome)}
    return {**head, "factor": factor, "labels": labels, "of": found.plan.points, **parts}


def dots(found: Sweep, factor: str, outcome: str) -> list[list[Any]]:
    """Return input, share of worlds and number of points, evenly taken if there are many."""
    frame = found.points()
    some = np.unique(np.linspace(0, len(frame) - 1, min(len(frame), MOST_DOTS)).astype(int))
    x, y = frame[factor].iloc[some], frame[outcome].iloc[some]
    return [
        [one if isinstance(one, str) else float(one), float(two), int(n)]
        for one, two, n in zip(x, y, some, strict=True)
    ]


def bars(found: Sweep, outcome: str) -> dict[str, Any]:
    """Return how much each input matters, or why that cannot be said."""
    try:
        result = sensitivity(found, [outcome])
    except (ValueError, RuntimeError) as error:
        return {"why": str(error)}
    key = "total" if result.kind == "sobol" else "mu_star"
    rows = [{"name": row["input"], "value": row[key] or 0.0} for row in result.of(outcome)[:BARS]]
    return {"rows": rows, "unit": {"total": "total Sobol index", "mu_star": "Morris mean effect"}[key]}


def box(found: Sweep, outcome: str) -> dict[str, Any]:
    """Return the box in which an outcome comes about, or why there is none."""
    try:
        result = discover(found, outcome)
    except (ValueError, RuntimeError) as error:
        return {"why": str(error)}
    return {"overall": result.overall, "boxes": [one.to_dict() for one in result.boxes]}


def world_of(root: Path, view: View, point: int) -> View:
    """Return the view of the first world of a point; ValueError if its scenario is not the one shipped here."""
    found = opened(root, view.folder)
    stated, row = found.plan.scenario, found.plan.row(point * found.plan.worlds)
    name = str(stated["extends"])
    if name not in shelf() or shipped_scenario(name).sha256 != stated["extends_sha256"]:
        raise ValueError("this sweep is of a scenario that is not shipped, so its worlds cannot be opened here")
    numbers = [f"{path}={value!r}" for path, value in row.values.items() if not isinstance(value, str)]
    words = {path: value for path, value in row.values.items() if isinstance(value, str)}
    made = [f"{path}={value}" + (f"@{month}" if month else "") for path, value, month in stated["settings"]]
    theory = str(words.get("theory.weights", ""))
    changes = (*(one for one in made if not one.startswith("theory.weights=")), *numbers)
    plain = View(page="world", scenario=name, set=changes, theory=theory, world=row.world, seed=found.plan.seed)
    return replace(plain, month=view.month)


class Task:
    """The one sweep that a session may have under way."""

    def __init__(self, tell: Callable[[dict[str, Any]], None]) -> None:
        self._tell = tell
        self._thread: threading.Thread | None = None
        self._cancelled = threading.Event()

    def start(self, scenario: Scenario, root: Path, given: Mapping[str, Any]) -> None:
        """Start a sweep; ValueError if it is too large or one is under way."""
        if self._thread is not None and self._thread.is_alive():
            raise ValueError("a sweep is under way; cancel it first")
        asked = asked_of(given)
        root.mkdir(parents=True, exist_ok=True)
        self._cancelled.clear()
        self._thread = threading.Thread(target=self._run, args=(scenario, root / asked.pop("name"), asked), daemon=True)
        self._thread.start()

    def cancel(self, _: Any = None) -> None:
        """Stop after the chunk at hand; what is finished stays, and the same sweep would go on from there."""
        self._cancelled.set()

    def _run(self, scenario: Scenario, folder: Path, asked: dict[str, Any]) -> None:
        self._tell({"name": folder.name, "done": 0, "of": 1})

        def progress(done: int, total: int) -> None:
            self._tell({"name": folder.name, "done": done, "of": total})
            if self._cancelled.is_set():
                raise Stopped(0, "cancelled; what is finished is kept")

        try:
            sweep(scenario, folder, **asked, workers=1, chunk=CHUNK, progress=progress, command=["dashboard"])
            self._tell({"name": folder.name, "over": True})
        except (Stopped, ValueError, OSError, RuntimeError) as error:
            self._tell({"name": folder.name, "over": True, "why": str(error)})


def asked_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """Check what a reader asks to be swept."""
    name, vary = str(given.get("name", "")), given.get("vary")
    if not NAME.fullmatch(name):
        raise ValueError("a sweep's name has letters, digits, dots, dashes and underscores, 64 at most")
    if not isinstance(vary, list) or not 1 <= len(vary) <= MOST_FACTORS:
        raise ValueError(f"a sweep started here varies 1 to {MOST_FACTORS} numbers")
    points, worlds = (int(given.get(key, 0)) for key in ("points", "worlds"))
    if points < 2 or worlds < 1 or points * worlds > MOST_RUNS:
        raise ValueError(f"a sweep started here plays at most {MOST_RUNS:,} worlds; the command line has no such limit")
    spans = {str(path): (float(low), float(high)) for path, low, high in vary}
    design = given.get("design") if given.get("design") in ("sobol", "lhs") else "sobol"
    return {"name": name, "vary": spans, "points": points, "worlds": worlds, "design": design}
