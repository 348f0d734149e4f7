"""Validation: claims, history, counterfactuals and deployments scored, and the checks that must hold."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from os import PathLike
from typing import Any, NamedTuple

from realpolitik.accounts import listed
from realpolitik.calibration.fitness import dated
from realpolitik.choices import THEORIES, On, Progress, Uncertainty, several
from realpolitik.costs import KEPT, PATHS
from realpolitik.devices import playing_on
from realpolitik.ensembles import check_counts, run, scenario_of
from realpolitik.pairing import unequal_ends
from realpolitik.posterior import Posterior, inherited_history, posterior_of
from realpolitik.results import Ensemble
from realpolitik.scenario import Scenario
from realpolitik.scenario.others import is_base
from realpolitik.texts import counted
from realpolitik.uncertainty import available, unusable
from realpolitik.validation.claims import claim_statuses
from realpolitik.validation.deployments import deployments, read_cases
from realpolitik.validation.directions import (
    BASE,
    Pair,
    Row,
    change_of,
    changed,
    changes_with_paths,
    compromise_right,
    directions,
    levels,
)
from realpolitik.validation.headlines import beaten, headline, standing
from realpolitik.validation.history import history
from realpolitik.validation.theories import OWN, check_origins, compared, default_origins, theories
from realpolitik.version import __version__

NOTE = "Where numbers were chosen with this history in view, a good score on it is a fit, not a test."
"""What the sheet says of scores on [history], unless [validation] has a note."""
LONG = 4
"""Ensembles that take as long as the settings of one theory; measured on the base case."""
TRIALS = 20
"""Settings drawn from the ranges of each theory, per world of an ensemble."""


@dataclass(frozen=True)
class Check:
    """A condition that must hold, or the reason why it is known not to."""

    name: str
    holds: bool
    detail: str
    listed: str | None = None

    @property
    def kind(self) -> str:
        """What is checked, the first word of the name: claims, history, width, direction, level or deployments."""
        return self.name.partition(" ")[0]

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

    def __repr__(self) -> str:
        held = sum(check.holds for check in self.checks)
        return f"<ScoreSheet of {self.about['scenario']}: {held} of {counted(len(self.checks), 'check')} hold>"

    @property
    def ok(self) -> bool:
        """Whether no check failed."""
        return not any(check.failed for check in self.checks)

    @property
    def checked(self) -> dict[str, dict[str, int]]:
        """By kind of check, how many there are and how many of them hold."""
        kinds = Counter(check.kind for check in self.checks)
        held = Counter(check.kind for check in self.checks if check.holds)
        return {kind: {"hold": held[kind], "of": count} for kind, count in kinds.items()}

    @property
    def standing(self) -> str | None:
        """A sentence on how leverage does against its rivals, which no check is about; None without any score."""
        return standing(self.sections)

    def to_dict(self) -> dict[str, Any]:
        """Return everything that `validate --json` prints."""
        rows = [
            {"name": check.name, "holds": check.holds, "detail": check.detail, "listed": check.listed}
            for check in self.checks
        ]
        said = {"checks": rows, "checked": self.checked, "standing": self.standing, "ok": self.ok}
        return {**self.about, **self.sections, **said}


def validate(
    scenario: str | PathLike[str] | Scenario = "karabakh",
    *,
    worlds: int = 5000,
    seed: int = 1,
    uncertainty: Uncertainty | None = None,
    origins: str | Sequence[str] | None = None,
    progress: Progress | None = None,
    device: On | None = None,
) -> ScoreSheet:
    """Score a scenario against the claims, the history, the directions and the levels in its file.

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
    origins
        Months "YYYY-MM": each theory is fitted to the history before, and what came after is scored. By default the
        month after each fitted date but the last, and every January up to the last.
    progress
        Called with the steps done and all of them.
    device
        As for `run`.

    Returns
    -------
    ScoreSheet
        Its `ok` is whether all checks hold, apart from known misses.

    Raises
    ------
    ValueError
        If a parameter is out of range.

    Examples
    --------
    >>> import realpolitik as rp
    >>> sheet = rp.validate("sahel", worlds=4)
    >>> len(sheet.checks) > 10
    True
    """
    chosen = scenario_of(scenario)
    worlds, seed = check_counts(worlds, seed)
    if worlds > KEPT:
        raise ValueError(f"validate keeps every world, so 1 to {KEPT:,}, not {worlds:,}")
    with playing_on(device):
        found = _scored(chosen, worlds, seed, uncertainty or best_uncertainty(chosen), origins, progress)
    if uncertainty is None and (why := unusable(chosen)):
        found.about["note"] = f"{found.about['note']} {why}".strip()
    return found


def _scored(
    chosen: Scenario,
    worlds: int,
    seed: int,
    kind: Uncertainty,
    origins: str | Sequence[str] | None,
    progress: Progress | None,
) -> ScoreSheet:
    """Return the score sheet of a scenario."""
    months = check_origins(chosen, several(origins)) or default_origins(chosen)
    document, changes = chosen.document, changed(chosen)
    kinds = _kinds(changes, kind)
    contenders = theories(chosen, worlds * TRIALS) if fits(chosen) else []
    steps = _count(chosen, kinds) + LONG * (len(contenders) + 1 if contenders else 0)
    runs = _Runs(changes, worlds, seed, kinds, progress, steps)
    sections: dict[str, Any] = {"claims": claim_statuses(chosen)}
    if contenders:
        sections["theories"], found = compared(
            chosen, contenders, seed=seed, origins=months, report=lambda: runs.step(LONG)
        )
        runs.posteriors = found
    if document["history"]:
        sections["history"] = history({theory: runs.alike(BASE, theory) for theory in THEORIES}, runs(BASE, OWN))
    if document["directions"]:
        sections["directions"] = _directions(chosen, changes, runs)
    if document["levels"]:
        keys = set(map(change_of, document["levels"].values()))
        sections["levels"] = levels(chosen, {key: runs.pair(key) for key in keys})
    if document["validation"]["deployments"]:
        sections["deployments"] = deployments(read_cases(), seed=seed)
    sections["beaten"] = beaten(sections)
    if "theories" in sections:
        sections["theories"]["headline"] = headline(sections)
    return ScoreSheet(_about(chosen, worlds, seed, changes, kinds), sections, list(checks(chosen, sections)))


def best_uncertainty(scenario: Scenario) -> Uncertainty:
    """Return "posterior" if the scenario has a valid posterior file, otherwise "prior"."""
    kinds, _ = available(scenario)
    return "posterior" if "posterior" in kinds else "prior"


def _kinds(changes: Mapping[str, Scenario], kind: Uncertainty) -> dict[str, Uncertainty]:
    """Return the source of the numbers of each change: their ranges in place of a posterior that cannot be used.

    The scenario itself is drawn from the same source where it is compared with the change. Otherwise they would differ
    by what was fitted, too. ValueError if it has no posterior itself.
    """
    if kind != "posterior":
        return dict.fromkeys(changes, kind)
    posterior_of(changes[BASE])
    return {key: kind if kind in available(other)[0] else "prior" for key, other in changes.items()}


class _Run(NamedTuple):
    """What an ensemble of a score sheet is of."""

    change: str
    theory: str
    kind: Uncertainty
    alike: bool
    """Whether its numbers are fitted as those of all theories are, and not those of the posterior file."""


class _Runs:
    """Ensembles of the changes of a scenario under theories, each run once."""

    def __init__(
        self,
        changes: dict[str, Scenario],
        worlds: int,
        seed: int,
        kinds: dict[str, Uncertainty],
        progress: Progress | None,
        steps: int,
    ) -> None:
        self.changes, self.worlds, self.seed, self.kinds = changes, worlds, seed, kinds
        self.progress, self.steps, self.total = progress, 0, steps
        self.done: dict[_Run, Ensemble] = {}
        self.with_paths = set(changes_with_paths(changes[BASE]))
        self.posteriors: dict[str, Posterior] = {}
        """Of each theory, the settings nearest to history: all theories are compared with numbers fitted alike."""

    def pair(self, change: str) -> Pair:
        """Return the scenario itself and a change of it under its own theory, with numbers from the same source."""
        return Pair(self(BASE, OWN, self.kinds[change]), self(change, OWN))

    def pair_alike(self, change: str, theory: str) -> Pair:
        """Return the same under a theory that is compared with others."""
        return Pair(self.alike(BASE, theory, self.kinds[change]), self.alike(change, theory))

    def alike(self, change: str, theory: str, kind: Uncertainty | None = None) -> Ensemble:
        """Return the ensemble of a change under a theory, fitted as all are if numbers are from a posterior."""
        kind = kind or self.kinds[change]
        return self(change, theory, kind, alike=kind == "posterior" and theory in self.posteriors)

    def __call__(self, change: str, theory: str, kind: Uncertainty | None = None, *, alike: bool = False) -> Ensemble:
        """Return the ensemble of a change under a theory, run on first use."""
        key = _Run(change, theory, kind or self.kinds[change], alike)
        if key not in self.done:
            self.done[key] = run(
                self.changes[change],
                worlds=self.worlds,
                seed=self.seed,
                theory=theory,
                uncertainty=key.kind,
                posterior=self.posteriors[theory] if alike else None,
                paths=PATHS if change in self.with_paths else 0,
            )
            self.step()
        return self.done[key]

    def forget(self, theory: str) -> None:
        """Keep the ensembles in which a theory is compared no longer, but for those that checks are about."""
        dropped = {key for key in self.done if key.theory == theory and (theory != OWN or key.alike)}
        self.done = {key: ensemble for key, ensemble in self.done.items() if key not in dropped}

    def step(self, count: int = 1) -> None:
        """Report an ensemble as done, or a theory, which takes as long as `count` of them."""
        self.steps += count
        if self.progress is not None:
            self.progress(self.steps, self.total)


def fits(scenario: Scenario) -> bool:
    """Return whether a scenario has a date that theories can be fitted to."""
    case, rows = scenario.case(), scenario.document["history"].items()
    return any(dated(case, name, row) is not None and not row["holdout"] for name, row in rows)


def _count(scenario: Scenario, kinds: Mapping[str, Uncertainty]) -> int:
    """Return how many ensembles the score sheet of a scenario needs; `kinds` are by change."""
    document = scenario.document
    under_all, under_own = (_sides(document[table].values(), kinds) for table in ("directions", "levels"))
    if document["history"]:
        under_all.add((BASE, kinds[BASE]))
    fitted = sum(kind == "posterior" for _, kind in under_all) if fits(scenario) else 0  # of leverage, once more
    return len(THEORIES) * len(under_all) + fitted + len(under_own - under_all)


def _sides(rows: Iterable[Row], kinds: Mapping[str, Uncertainty]) -> set[tuple[str, Uncertainty]]:
    """Return the changes that are played for expectations, the scenario itself included, each with its source."""
    return {(side, kinds[key]) for key in map(change_of, rows) for side in (BASE, key)}


def _directions(scenario: Scenario, changes: dict[str, Scenario], runs: _Runs) -> dict[str, Any]:
    """Return the directions, and how many of them each theory predicts correctly."""
    keys = set(map(change_of, scenario.document["directions"].values()))
    own, scores = directions(scenario, {key: runs.pair(key) for key in keys}), {}
    for theory in THEORIES:
        rows = directions(scenario, {key: runs.pair_alike(key, theory) for key in keys})
        scores[theory] = sum(row["holds"] for row in rows)
        runs.forget(theory)
    scores["persistence"] = sum(row["sign"] in ("same", "not-up") for row in own)
    scores["compromise mean"] = compromise_right(scenario, changes)
    unrelated = [key for key, other in changes.items() if not is_base(scenario, other)]
    ends = unequal_ends({key or scenario.name: other.document["meta"]["end"] for key, other in changes.items()})
    return {"rows": own, "scores": scores, "of": len(own), "unrelated": unrelated, "ends": ends}


def note_of(scenario: Scenario) -> str:
    """Return what is said of scores on [history]: the note of the file, else a general one; "" without history."""
    return scenario.document["validation"]["note"] or (NOTE if scenario.document["history"] else "")


def _about(
    scenario: Scenario, worlds: int, seed: int, changes: Mapping[str, Scenario], kinds: Mapping[str, Uncertainty]
) -> dict[str, Any]:
    apart = [key for key, kind in kinds.items() if kind != kinds[BASE]]
    notes = (note_of(scenario), inherited_history(scenario), _drawn_apart({key: changes[key] for key in apart}))
    return {
        "scenario": scenario.name,
        "sha256": scenario.sha256,
        "version": __version__,
        "seed": seed,
        "worlds": worlds,
        "uncertainty": kinds[BASE],
        "drawn_from_ranges": apart,
        "span": [scenario.document["meta"]["start"], scenario.document["meta"]["end"]],
        "note": " ".join(note for note in notes if note),
    }


def _drawn_apart(changes: Mapping[str, Scenario]) -> str:
    """Say which changes have no posterior that can be used, and what is done about it; "" if there are none."""
    if not changes:
        return ""
    reasons = {key: (unusable(other) or "").removeprefix("No posterior: ") for key, other in changes.items()}
    found = listed(f"{key} ({why})" if why else key for key, why in reasons.items())
    have, their = ("has", "its") if len(changes) == 1 else ("have", "their")
    where = f"In {their} rows of [directions] and [levels], both sides draw their numbers from the ranges."
    return f"{found} {have} no posterior that can be used. {where}"


def checks(scenario: Scenario, sections: dict[str, Any]) -> Iterator[Check]:
    """Yield the checks of all sections that are present."""
    expected = scenario.document["validation"]
    lost = [claim["id"] for claim in sections["claims"] if claim["status"] == "lost"]
    yield Check("claims", not lost, f"{len(sections['claims'])} claims, {len(lost)} lost {' '.join(lost)}".strip())
    yield from _history_checks(sections.get("history"), expected)
    for row in sections.get("directions", {}).get("rows", ()):
        yield Check(f"direction {row['id']}", row["holds"], _change(row), row["miss"])
    for row in sections.get("levels", ()):
        value = "undefined, because no world has it" if row["value"] is None else f"{row['value']:.3f}"
        yield Check(f"level {row['id']}", row["holds"], f"{row['what']} in {row['scenario']}: {value}", row["miss"])
    yield from _deployment_checks(sections.get("deployments"), expected)


def _change(row: dict[str, Any]) -> str:
    if row["low"] is None:
        return f"{row['what']} in {row['scenario']}: undefined, because {row['why']}"
    return f"{row['what']} in {row['scenario']}: {row['low']:+.3f} to {row['high']:+.3f}, expected {row['sign']}"


def _history_checks(section: dict[str, Any] | None, expected: dict[str, Any]) -> Iterator[Check]:
    if section is None:
        return
    for row in section["rows"]:
        span = f"{row['p10'] or 'never'} to {row['p90'] or 'never'}, in fact {row['date']}"
        reason = expected["misses"].get(row["id"])
        yield Check(f"history {row['id']}", row["inside"], f"80% of worlds: {span}", reason)
        if row["outcome"] in expected["widths"] and row["date"] != "never":
            most, width = expected["widths"][row["outcome"]], row["width"]
            wide = "open" if width is None else f"{width} months"
            narrow = width is not None and width <= most
            yield Check(f"width {row['id']}", narrow, f"{wide}, at most {most:g}", expected["wide"])


def _deployment_checks(section: dict[str, Any] | None, expected: dict[str, Any]) -> Iterator[Check]:
    if section is None:
        return
    bounds, score = expected["deployments"], section["scores"]["template"]
    yield Check("deployments Brier", score["brier"] < bounds["brier"], f"{score['brier']:.3f}, below {bounds['brier']}")
    yield Check("deployments AUC", score["auc"] > bounds["auc"], f"{score['auc']:.3f}, above {bounds['auc']}")
