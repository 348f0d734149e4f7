"""Validation: claims, history, counterfactuals and deployments scored, and the checks that must hold."""

from collections.abc import Callable, Iterator
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
from realpolitik.validation.claims import claim_statuses
from realpolitik.validation.deployments import deployments, read_cases
from realpolitik.validation.directions import compromise_right, directions, expectations, levels
from realpolitik.validation.history import history
from realpolitik.version import __version__

HONESTY = (
    "The central values of the base case were set by hand with this history in view: a good score on it is a fit, not "
    "a test. Rival theories run on the same numbers, which were chosen under the leverage theory."
)
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Check:
    """A condition that must hold, or the reason why it is known not to."""

    name: str
    holds: bool
    detail: str
    listed: str | None = None

    @property
    def failed(self) -> bool:
        """Whether it does not hold and is not a known miss."""
        return not self.holds and self.listed is None


@dataclass(frozen=True)
class ScoreSheet:
    """The result of a validation: what was run, the scores by section, and the checks."""

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
) -> ScoreSheet:
    """Score a scenario against its claims and history, the base case also against counterfactuals and deployments.

    Parameters
    ----------
    scenario
        A scenario, a path, or the name of a shipped one.
    worlds
        Worlds per ensemble, 1 to 10,000.
    seed
        0 to 2**63 - 1.
    uncertainty
        As for `run`; by default "posterior" if there is a posterior, otherwise "prior".
    progress
        Called with the ensembles done and all of them.

    Returns
    -------
    ScoreSheet
        Its `ok` is whether all checks hold, apart from known misses.

    Raises
    ------
    ValueError
        If a parameter is out of range.
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
    sections: dict[str, Any] = {"claims": claim_statuses(chosen, expected["directions"] if whole else {})}
    if chosen.document["history"]:
        sections["history"] = history({theory: runs(chosen.name, theory) for theory in THEORIES})
    if whole:
        sections |= _counterfactuals(names, chosen.name, runs)
        sections["deployments"] = deployments(read_cases(), seed=seed)
    return ScoreSheet(_about(chosen, worlds, seed, kind), sections, list(checks(sections)))


def best_uncertainty(scenario: Scenario) -> Uncertainty:
    """Return "posterior" if the scenario has a valid posterior file, otherwise "prior"."""
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
        """Return the ensemble of a scenario under a theory, run on first use."""
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
    """Return directions and levels, and how many directions each theory predicts correctly."""
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


def checks(sections: dict[str, Any]) -> Iterator[Check]:
    """Yield the checks of all sections that are present."""
    lost = [claim["id"] for claim in sections["claims"] if claim["status"] == "lost"]
    yield Check("claims", not lost, f"{len(sections['claims'])} claims, {len(lost)} lost {' '.join(lost)}".strip())
    yield from _history_checks(sections.get("history"))
    for row in sections.get("directions", {}).get("rows", ()):
        yield Check(f"direction {row['id']}", row["holds"], _change(row), row["miss"])
    for row in sections.get("levels", ()):
        value = "undefined" if row["value"] is None else f"{row['value']:.3f}"
        yield Check(f"level {row['id']}", row["holds"], f"{row['what']} in {row['scenario']}: {value}", row["miss"])
    yield from _deployment_checks(sections.get("deployments"))


def _change(row: dict[str, Any]) -> str:
    if row["low"] is None:
        return f"{row['what']} in {row['scenario']}: undefined"
    return f"{row['what']} in {row['scenario']}: {row['low']:+.3f} to {row['high']:+.3f}, expected {row['sign']}"


def _history_checks(section: dict[str, Any] | None) -> Iterator[Check]:
    if section is None:
        return
    expected = expectations()
    for row in section["rows"]:
        span = f"{row['p10'] or 'never'} to {row['p90'] or 'never'}, in fact {row['date']}"
        reason = expected.get("misses", {}).get(row["id"])
        yield Check(f"history {row['id']}", row["inside"], f"80% of worlds: {span}", reason)
        if row["outcome"] in expected["narrow"]["outcomes"]:
            most, width = expected["narrow"]["months"], row["width"]
            reason = expected.get("misses", {}).get(f"width_{row['id']}")
            wide = "open" if width is None else f"{width} months"
            yield Check(f"width {row['id']}", width is not None and width <= most, f"{wide}, at most {most}", reason)


def _deployment_checks(section: dict[str, Any] | None) -> Iterator[Check]:
    if section is None:
        return
    bounds, score = expectations()["deployments"], section["scores"]["template"]
    yield Check("deployments Brier", score["brier"] < bounds["brier"], f"{score['brier']:.3f}, below {bounds['brier']}")
    yield Check("deployments AUC", score["auc"] > bounds["auc"], f"{score['auc']:.3f}, above {bounds['auc']}")
