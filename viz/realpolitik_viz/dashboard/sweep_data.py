"""What pages are sent of sweeps: the folders under the root, the results of one, and the world of a row."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from realpolitik.scenario import Scenario, Setting
from realpolitik.scenario.changes import setting_text
from realpolitik.scenario.forms import main_outcome
from realpolitik.sweeps import Sweep, open_sweep
from realpolitik.sweeps.columns import column_of
from realpolitik.sweeps.discovery import LEVEL, Found, discover, limit_in_words
from realpolitik.sweeps.indices import sensitivity
from realpolitik.texts import counted, minus
from realpolitik_viz.dashboard.catalogue import OWN, plain_scenario, shipped_about
from realpolitik_viz.dashboard.naming import sentence, shown, since, titled
from realpolitik_viz.dashboard.scenario_data import number_in_words
from realpolitik_viz.dashboard.view import NAME, View

MOST_FOLDERS = 200
MOST_DOTS = 3_000
BARS = 12
FEWEST_CELLS, MOST_CELLS = 3, 12
"""Cells of an input of a heat map."""
DOTS_PER_CELL = 12
"""Points per cell of a heat map, on average: with fewer, chance looks like a pattern."""
EXAMPLE = {"points": 512, "worlds": 16}
"""The size of an example: 8,192 worlds, a few seconds."""
INDICES = {
    "total": "share of the variance, with interactions: total Sobol index (line: 95%)",
    "mu_star": "mean change of the share of worlds: Morris' mu* (line: 95%)",
}
DESIGNS = {
    "sobol": "spread evenly (Sobol sequence)",
    "lhs": "spread evenly over each range (Latin hypercube)",
    "random": "drawn at random",
    "grid": "all combinations (grid)",
    "morris": "one number moved at a time (Morris)",
}
"""Where a design lays its points, in words."""
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
    return {"name": name, "kind": kind(found), "state": state(found), "scenario": found.plan.scenario["name"]}


def kind(found: Sweep) -> str:
    """Return the design and size of a sweep."""
    plan = found.plan
    return f"{counted(plan.points, 'point')} of {counted(plan.worlds, 'world')} each, {DESIGNS[plan.kind]}"


def state(found: Sweep) -> str:
    """Return whether a sweep is complete, and whether another version made it."""
    return "; ".join(without_paths(text, found.folder) for text in (found.state, found.caution) if text)


def without_paths(text: str, folder: Any) -> str:
    """Return a text in which the folder of a sweep is only its name: pages show no paths of the server's machine."""
    path = Path(str(folder))
    named = text
    for one in dict.fromkeys((path.resolve(), path.absolute(), path)):
        named = named.replace(str(one), path.name)
    return named


def opened(root: Path, name: str) -> Sweep:
    """Open a sweep by its name under the root; nothing else can be reached."""
    folder = root / name
    if not NAME.fullmatch(name) or folder.is_symlink() or not folder.is_dir():
        raise ValueError(f"there is no sweep {name[:80]!r} under the root folder")
    try:
        return open_sweep(folder, notice=lambda _: None)  # the list of folders shows it
    except (ValueError, OSError, RuntimeError) as error:
        raise ValueError(without_paths(str(error), folder)) from error


def ready(found: Sequence[Mapping[str, Any]], view: View) -> str:
    """Return the sweep that the page opens if the view names none: the example, or the first one."""
    names = [str(one["name"]) for one in found]
    example = example_name(view.scenario)
    return example if example in names else next(iter(names), "")


def example_name(scenario: str) -> str:
    """Return the name of the example of a scenario."""
    return f"example-{scenario.removesuffix('.toml')}"[:64]


def example(scenario: Scenario, name: str) -> dict[str, Any] | None:
    """Return a small sweep that is worth a first look: of two levers that move one number each, else of two ranges."""
    document = scenario.document
    levers = [row["numbers"] for row in document["levers"].values()]
    spans = {path: ends for numbers in levers if len(numbers) == 1 for path, ends in numbers.items()}
    chosen = list((spans or scenario.ranges).items())[:2]
    if not chosen:
        return None
    return {
        "name": example_name(name),
        "title": document["meta"]["title"],
        "words": [number_in_words(scenario, path) for path, _ in chosen],
        "vary": [[path, float(low), float(high)] for path, (low, high) in chosen],
        **EXAMPLE,
    }


def summary(root: Path, view: View) -> dict[str, Any]:
    """Return the results of a sweep: its points, which inputs matter, and where the outcome happens."""
    found = opened(root, view.folder)
    scenario, plan = found.scenario, found.plan
    outcome = outcome_of(found, view)
    measured = bars(found, outcome)
    inputs = [str(row["path"]) for row in measured.get("rows", [])] or list(found.inputs)
    factor = view.factor if view.factor in found.inputs else inputs[0]
    labels = {name: row["label"] for name, row in scenario.document["outcomes"].items()}
    title = titled(scenario.document["meta"]["title"], settings_in_words(found))
    return {
        "name": view.folder,
        "title": title,
        "about": f"{kind(found)}, seed {plan.seed}; {state(found)}",
        "source": sentence(
            f"Sweep {view.folder} of {title}",
            f"{counted(plan.points, 'point')} of {counted(plan.worlds, 'world')}",
            plan.seed,
        ),
        "until": scenario.case().dates()[-1],
        "outcomes": list(found.outcomes),
        "labels": labels,
        "outcome": outcome,
        "inputs": list(found.inputs),
        "words": {path: number_in_words(scenario, path) for path in found.inputs},
        "factor": factor,
        "of": plan.points,
        "each": plan.worlds,
        "points": dots(found, factor, outcome),
        "bars": measured,
        "box": box(found, outcome),
        "grid": grid(found, factor, inputs, outcome),
    }


def outcome_of(found: Sweep, view: View) -> str:
    """Return the outcome that is shown: that of the view, else the main one of the scenario, else the first."""
    wanted = (view.outcome, main_outcome(found.scenario.document))
    return next((str(name) for name in wanted if name in found.outcomes), found.outcomes[0])


def settings_in_words(found: Sweep) -> list[str]:
    """Return in words what the sweep sets in all of its points."""
    stated = found.plan.scenario["settings"]
    words = ((number_in_words(found.scenario, path), value, month) for path, value, month in stated)
    return [f"{name} {shown(value)}{since(month)}" for name, value, month in words]


def dots(found: Sweep, factor: str, outcome: str) -> list[list[Any]]:
    """Return input, share of worlds and number of points, every nth if there are many."""
    frame = found.points()
    some = np.unique(np.linspace(0, len(frame) - 1, min(len(frame), MOST_DOTS)).astype(int))
    x, y = frame[factor].iloc[some], frame[column_of(outcome)].iloc[some]
    return [
        [one if isinstance(one, str) else float(one), float(two), int(n)]
        for one, two, n in zip(x, y, some, strict=True)
    ]


def grid(found: Sweep, factor: str, inputs: Sequence[str], outcome: str) -> dict[str, Any] | None:
    """Return the share of worlds in the cells of two inputs, the second the most important other one; None for one.

    The other inputs vary within each cell, so a cell is a mean over them. Inputs with few levels, such as theories,
    have one cell per level.
    """
    other = next((path for path in inputs if path != factor), None)
    if other is None:
        return None
    frame = found.points()
    most = int(np.clip(np.sqrt(len(frame) / DOTS_PER_CELL), FEWEST_CELLS, MOST_CELLS))
    across, up = (cells_of(frame[path].tolist(), most) for path in (factor, other))
    shares = frame[column_of(outcome)].to_numpy(float)
    cells = []
    for column in range(len(across.names)):
        for row in range(len(up.names)):
            inside = shares[(across.at == column) & (up.at == row)]
            if inside.size:
                cells.append([column, row, round(float(inside.mean()), 4), int(inside.size)])
    own = [axis.of(found.scenario.numbers.get(path)) for axis, path in ((across, factor), (up, other))]
    return {
        "x": factor,
        "y": other,
        "across": across.names,
        "up": up.names,
        "cells": cells,
        "own": own if None not in own else None,
    }


class Cells(NamedTuple):
    """The cells of one input: their names, the cell of each point, and the ends of each cell."""

    names: list[str]
    at: npt.NDArray[np.int64]
    ends: list[tuple[float, float]]
    """Nothing for levels that are no numbers."""

    def of(self, value: float | None) -> int | None:
        """Return the cell that has a value, None if there is none."""
        if value is None:
            return None
        return next((n for n, (low, high) in enumerate(self.ends) if low <= value <= high), None)


def cells_of(values: list[Any], most: int) -> Cells:
    """Return the cells of an input: one per level if there are few, otherwise as many of one width as are allowed."""
    levels = sorted(set(values))
    if isinstance(values[0], str):
        return Cells(levels, np.searchsorted(levels, values), [])
    if len(levels) <= most:
        return Cells(
            [minus(f"{one:g}") for one in levels], np.searchsorted(levels, values), [(one, one) for one in levels]
        )
    edges = np.linspace(min(values), max(values), most + 1)
    ends = [(float(low), float(high)) for low, high in pairwise(edges)]
    digits = max(0, 1 - int(np.floor(np.log10(edges[1] - edges[0]))))
    names = [minus(f"{low:.{digits}f} to {high:.{digits}f}") for low, high in ends]
    return Cells(names, np.clip(np.digitize(values, edges) - 1, 0, most - 1), ends)


def bars(found: Sweep, outcome: str) -> dict[str, Any]:
    """Return how much each input matters with its 95% interval, as the command prints it, or why that is unknown."""
    try:
        result = sensitivity(found, [outcome])
    except (ValueError, RuntimeError) as error:
        return {"why": without_paths(str(error), found.folder)}
    label = found.scenario.document["outcomes"][outcome]["label"]
    if result.rows[0]["variance"] == 0:
        return {"why": f'"{label}" is the same at every point, so no number matters for it here.'}
    key = "total" if result.kind == "sobol" else "mu_star"
    rows = [
        {
            "path": row["input"],
            "name": number_in_words(found.scenario, row["input"]),
            "value": row[key] or 0.0,
            "low": row[f"{key}_low"],
            "high": row[f"{key}_high"],
        }
        for row in result.of(outcome)[:BARS]
    ]
    return {"rows": rows, "unit": INDICES[key], "shares": key == "total"}


def box(found: Sweep, outcome: str) -> dict[str, Any]:
    """Return the boxes in which an outcome happens, or why there are none."""
    try:
        result = discover(found, outcome)
    except (ValueError, RuntimeError) as error:
        return {"why": without_paths(str(error), found.folder)}
    boxes = [described(found, one) for one in result.boxes]
    return {"overall": result.overall, "wanted": result.wanted, "level": LEVEL, "boxes": boxes}


def described(found: Sweep, one: Found) -> dict[str, Any]:
    """Return a box with its limits in words."""
    limits = [
        {"path": path, "words": f"{number_in_words(found.scenario, path)} {limit_in_words(limit)}"}
        for path, limit in one.limits.items()
    ]
    least: dict[str, float] = {}
    for test in one.dropped:
        least[test["input"]] = min(test["p"], least.get(test["input"], 1.0))
    dropped = [f"{number_in_words(found.scenario, path)}, p = {p:.2g}" for path, p in least.items()]
    return {**one.to_dict(), "limits": limits, "dropped": dropped}


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
    settings = [Setting(*one) for one in (*made, *varied.items())]
    theories = [str(one.value) for one in settings if one.path == WEIGHTS]
    return tuple(setting_text(one) for one in settings if one.path != WEIGHTS), "".join(theories[-1:])
