"""The score sheet: every rung of the ladder, and which checks hold."""

from collections.abc import Callable
from dataclasses import dataclass, field
from os import PathLike
from typing import Any

import numpy as np

from realpolitik.choices import THEORIES, Uncertainty
from realpolitik.costs import KEPT
from realpolitik.ensembles import check_counts, run, scenario_of
from realpolitik.results import Ensemble
from realpolitik.scenario import Scenario, load
from realpolitik.uncertainty import draw_numbers
from realpolitik.validation.checks import Check, checks
from realpolitik.validation.claims import register
from realpolitik.validation.deployments import deployments, read_cases
from realpolitik.validation.directions import compromise_right, directions, expectations, levels
from realpolitik.validation.history import history
from realpolitik.version import __version__

HONESTY = (
    "The centre of the base case was set by hand by someone who could see this history: a good score on it is a fit "
    "and no test. Rivals run on the same numbers, which were chosen under the leverage theory."
)
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Sheet:
    """The result of a validation."""

    about: dict[str, Any]
    sections: dict[str, Any]
    checks: list[Check] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether no check failed."""
        return not any(check.failed for check in self.checks)

    def to_dict(self) -> dict[str, Any]:
        """Return everything that `validate --json` prints."""
        rows = [
            {"name": check.name, "holds": check.holds, "detail": check.detail, "listed": check.listed}
            for check in self.checks
        ]
        return {**self.about, **self.sections, "checks": rows, "ok": self.ok}


def validate(
    scenario: str | PathLike[str] | Scenario = "karabakh",
    *,
    worlds: int = 5000,
    seed: int = 1,
    uncertainty: Uncertainty | None = None,
    progress: Progress | None = None,
) -> Sheet:
    """Hold a scenario against its claims and history, and the shipped case against its counterfactuals and deployments.

    Parameters
    ----------
    scenario
        A scenario, a path, or the name of a shipped one. Directions are tested for the case they were written for.
    worlds
        In each ensemble, 10,000 at most.
    uncertainty
        Where worlds draw their numbers from: by default the posterior if there is one, else the ranges.
    """
    chosen = scenario_of(scenario)
    worlds, seed = check_counts(worlds, seed)
    if worlds > KEPT:
        raise ValueError(f"validate keeps every world, so 1 to {KEPT:,}, not {worlds:,}")
    kind = uncertainty or best_uncertainty(chosen)
    expected = expectations()
    whole = chosen.name == expected["base"]
    names = [chosen.name, *dict.fromkeys(row["scenario"] for row in expected["directions"].values())] if whole else []
    runs = _Runs(chosen, worlds, seed, kind, progress, len(THEORIES) * max(1, len(names)))
    sections: dict[str, Any] = {"claims": register(chosen, expected["directions"] if whole else {})}
    if chosen.document["history"]:
        sections["history"] = history({theory: runs(chosen.name, theory) for theory in THEORIES})
    if whole:
        sections |= _counterfactuals(names, chosen.name, runs)
        sections["deployments"] = deployments(read_cases(), seed=seed)
    return Sheet(_about(chosen, worlds, seed, kind), sections, list(checks(sections)))


def best_uncertainty(scenario: Scenario) -> Uncertainty:
    """Return "posterior" if a posterior of the scenario can be drawn from, else "prior"."""
    try:
        draw_numbers(scenario, 1, np.arange(1), "posterior")
    except (ValueError, OSError, RuntimeError):
        return "prior"
    return "posterior"


class _Runs:
    """Ensembles of scenarios under theories, each run once."""

    def __init__(
        self,
        base: Scenario,
        worlds: int,
        seed: int,
        uncertainty: Uncertainty,
        progress: Progress | None,
        total: int,
    ) -> None:
        self.worlds, self.seed, self.uncertainty = worlds, seed, uncertainty
        self.progress, self.total = progress, total
        self.loaded = {base.name: base}
        self.done: dict[tuple[str, str], Ensemble] = {}

    def __call__(self, name: str, theory: str) -> Ensemble:
        """Return the ensemble of a scenario under a theory."""
        if (name, theory) not in self.done:
            if name not in self.loaded:
                self.loaded[name] = load(name)
            self.done[name, theory] = run(
                self.loaded[name], worlds=self.worlds, seed=self.seed, theory=theory, uncertainty=self.uncertainty
            )
            if self.progress is not None:
                self.progress(len(self.done), self.total)
        return self.done[name, theory]


def _counterfactuals(names: list[str], base: str, runs: _Runs) -> dict[str, Any]:
    """Return directions and levels, and how many directions each theory has right."""
    by_theory = {theory: directions({name: runs(name, theory) for name in names}, base) for theory in THEORIES}
    own = by_theory["leverage"]
    scores = {theory: sum(row["holds"] for row in rows) for theory, rows in by_theory.items()}
    scores["persistence"] = sum(row["sign"] in ("same", "not-up") for row in own)
    scores["compromise mean"] = compromise_right({name: runs(name, "leverage").scenario for name in names}, base)
    return {
        "directions": {"rows": own, "scores": scores, "of": len(own)},
        "levels": levels({name: runs(name, "leverage") for name in names}, base),
    }


def _about(scenario: Scenario, worlds: int, seed: int, uncertainty: str) -> dict[str, Any]:
    return {
        "scenario": scenario.name,
        "sha256": scenario.sha256,
        "version": __version__,
        "seed": seed,
        "worlds": worlds,
        "uncertainty": uncertainty,
        "span": [scenario.document["meta"]["start"], scenario.document["meta"]["end"]],
        "note": HONESTY,
    }
