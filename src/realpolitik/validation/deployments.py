"""Deployments: whether each of several forces leaves, by one template scenario with coded numbers and no fitting."""

import csv
from dataclasses import dataclass
from importlib.resources import files
from math import isfinite
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from realpolitik.choices import THEORIES, Z95
from realpolitik.ensembles import run
from realpolitik.pairing import students
from realpolitik.scenario import Scenario, Setting, load
from realpolitik.scenario.sources import read
from realpolitik.validation.forecasting import Values, auc, base_rate, brier, compromise, left_out, logistic, rule

TEMPLATE = "deployment"
DRIVERS = {
    "host_capability": "capability",
    "moscow_dependence_on_host": "economy",
    "moscow_distracted_isolated": "distraction",
    "aligned_population": "population",
    "legal_lever_for_host": "lever",
    "site_value_to_moscow": "site",
    "third_party_backing_of_host": "backing",
}
"""Coded column -> the driver that takes its value."""
MONTH = "2000-01"
PLAIN = {"theory.noise": 0.0, "theory.sigma": 0.0, "moves.withdraw.chance": 1.0, "issues.leave.start": 0.0}
"""Changes of the template after which its first month has the account of an exit whose leave has been withdrawn."""
WORLDS = 2000


@dataclass(frozen=True)
class Deployment:
    """One coded case."""

    id: str
    case: str
    columns: dict[str, float]
    uncertainty: float
    left: int | None
    """1 if the force left, 0 if it stayed, None if unknown."""


def read_cases(path: str | PathLike[str] | None = None) -> list[Deployment]:
    """Return the cases of a CSV file, by default the thirteen of the package; ValueError with the line if invalid.

    The columns are those of `DRIVERS`, 0 to 1; `id`, `case`, `uncertainty` (0 to 1) and `left` (0, 1 or empty) are
    optional.
    """
    if path is None:
        text = files("realpolitik.validation").joinpath("deployments.csv").read_text(encoding="utf-8")
    else:
        text = read(Path(path), str(path))
    try:
        rows = list(csv.DictReader(text.removeprefix("\ufeff").splitlines()))
    except csv.Error as error:
        raise ValueError(f"{path}: not valid CSV: {error}") from None
    if not rows:
        raise ValueError(f"{path}: no cases")
    return [_case(row, n, path) for n, row in enumerate(rows, 2)]


def _case(row: dict[str, str], line: int, path: object) -> Deployment:
    missing = [name for name in DRIVERS if not (row.get(name) or "").strip()]
    if missing:
        raise ValueError(f"{path}:{line}: no value in column {missing[0]!r}")
    columns = {name: _share(row[name], name, line, path) for name in DRIVERS}
    uncertainty = _share(row.get("uncertainty") or "0.1", "uncertainty", line, path)
    left = (row.get("left") or "").strip()
    if left not in ("", "0", "1"):
        raise ValueError(f"{path}:{line}: left must be 0, 1 or empty, not {left!r}")
    name = row.get("id") or str(line - 1)
    return Deployment(name, row.get("case") or name, columns, uncertainty, int(left) if left else None)


def _share(text: str, name: str, line: int, path: object) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not 0 <= value <= 1:
        raise ValueError(f"{path}:{line}: {name} must be a number from 0 to 1, not {text!r}")
    return value


def scenario_for(case: Deployment, template: Scenario) -> Scenario:
    """Return the template with the columns of a case, each with a range of plus or minus the coder's uncertainty."""
    return template.set([Setting(f"drivers.{DRIVERS[name]}.path.{MONTH}", _range(value, case.uncertainty))
                         for name, value in case.columns.items()])  # fmt: skip


def _range(value: float, uncertainty: float) -> dict[str, float]:
    return {"value": value, "low": max(0.0, value - uncertainty), "high": min(1.0, value + uncertainty)}


def forecast(cases: list[Deployment], theory: str = "leverage", worlds: int = WORLDS, seed: int = 1) -> list[float]:
    """Return the probability that each force leaves within the three years of the template."""
    template = load(TEMPLATE)
    runs = (
        run(scenario_for(case, template), worlds=worlds, seed=seed, theory=theory, uncertainty="prior", paths=0)
        for case in cases
    )
    return [ensemble.probability("left") for ensemble in runs]


def deployments(cases: list[Deployment], worlds: int = WORLDS, seed: int = 1) -> dict[str, Any]:
    """Return the forecast of every case, and the scores of the template and of simpler forecasters."""
    by_theory = {theory: forecast(cases, theory, worlds, seed) for theory in THEORIES}
    chances = {"template": by_theory.pop("leverage"), **by_theory, **_static(cases)}
    known = [n for n, case in enumerate(cases) if case.left is not None]
    left = np.array([cases[n].left for n in known], float)
    chosen = {name: np.array(values)[known] for name, values in chances.items()}
    if len(known) >= 3 and 0 < left.sum() < len(known):
        chosen |= _fitted([cases[n] for n in known], left)
    scores = (
        {name: _scores(p, left) | _behind(chosen["template"], p, left) for name, p in chosen.items()} if known else {}
    )
    accounts = {theory: exits(cases, theory) for theory in ("leverage", "capability", "placebo")}
    rows = [
        {"id": case.id, "case": case.case, "left": case.left, "chance": chances["template"][n],
         "own": accounts["leverage"][n].own, "others": accounts["leverage"][n].others}
        for n, case in enumerate(cases)
    ]  # fmt: skip
    why = {theory: _why([found[n] for n in known], left) for theory, found in accounts.items()} if known else {}
    fitted = "nothing in the template; rivals without the case they forecast"
    return {"cases": rows, "scores": scores, "accounts": why, "fitted": fitted}


class Exit(NamedTuple):
    """What an exit would be worth to Moscow, with every number at its value, once the host has withdrawn its leave."""

    own: float
    """By its own interests, less the cost."""
    others: float
    """By the interests of the host and the backer, at their weight."""


def exits(cases: list[Deployment], theory: str) -> list[Exit]:
    """Return the account of an exit in every case, without noise or misperception."""
    settings: dict[str, object] = {"theory.weights": theory, **PLAIN}
    template = load(TEMPLATE).set(settings)
    return [_exit(scenario_for(case, template)) for case in cases]


def _exit(scenario: Scenario) -> Exit:
    from realpolitik_model import LeverageModel, account

    case = scenario.case()
    model = LeverageModel(case)
    model.step()
    found = account(model, case.moves.index("withdraw"))
    return Exit(found.own - found.cost, sum(found.through.values()))


def _why(accounts: list[Exit], left: Values) -> dict[str, float | None]:
    """Return how well each part of an account predicts who left, how much it varies, and the mean of others."""
    own, others = np.array(accounts).T
    areas = {"auc_own": auc(own, left), "auc_others": auc(others, left)}
    known = {name: area if isfinite(area) else None for name, area in areas.items()}
    return {
        **known,
        "spread_own": float(own.std()),
        "spread_others": float(others.std()),
        "others": float(others.mean()),
    }


def _behind(template: Values, other: Values, left: Values) -> dict[str, float | None]:
    """Return the Brier score of the template less that of another forecaster, with its 95% interval (Student's t)."""
    apart = (template - left) ** 2 - (other - left) ** 2
    if apart.size < 2:
        return {"ahead": None, "ahead_low": None, "ahead_high": None}
    half = float(students(Z95, apart.size) * apart.std(ddof=1) / np.sqrt(apart.size))
    ahead = float(apart.mean())
    return {"ahead": ahead, "ahead_low": ahead - half, "ahead_high": ahead + half}


def _scores(chances: Values, left: Values) -> dict[str, float | None]:
    """Return the Brier score and the area; the area is None if all forces left or all stayed."""
    area = auc(chances, left)
    return {"brier": brier(chances, left), "auc": area if isfinite(area) else None}


def _static(cases: list[Deployment]) -> dict[str, list[float]]:
    template = load(TEMPLATE)
    settled = [compromise(scenario_for(case, template), MONTH)["force"] for case in cases]
    return {"persistence": [0.0] * len(cases), "compromise mean": [1 - level for level in settled]}


def _fitted(cases: list[Deployment], left: Values) -> dict[str, Any]:
    """Return the forecasts that need fitting, each case fitted to all the others."""
    columns = np.array([list(case.columns.values()) for case in cases])
    population, lever = (list(DRIVERS).index(name) for name in ("aligned_population", "legal_lever_for_host"))
    fitted = {
        "base rate": left_out(columns, left, base_rate),
        "logistic on all columns": left_out(columns, left, logistic),
        "logistic on population and lever": left_out(columns[:, [population, lever]], left, logistic),
        "logistic on population": left_out(columns[:, [population]], left, logistic),
    }
    for n, name in enumerate(DRIVERS):
        fitted[f"rule on {name}"] = left_out(columns[:, [n]], left, rule)
    return fitted
