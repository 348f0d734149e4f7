"""A report on a scenario: everything that a page to hand on shows, computed once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from realpolitik.choices import REASONED, THEORIES, Progress, Uncertainty, several, whole
from realpolitik.comparing import Comparison, compare
from realpolitik.costs import KEPT
from realpolitik.diffing import ScenarioDiff, diff
from realpolitik.ensembles import check_counts, run, scenario_of, theory_settings
from realpolitik.explaining import Decision, Story, explain
from realpolitik.figures import known
from realpolitik.files import writer_of
from realpolitik.pairing import Interval, share
from realpolitik.posterior import inherited_history, source_of
from realpolitik.results import Ensemble
from realpolitik.scenario import Scenario, ScenarioError, Setting, Settings, as_settings, load, shipped
from realpolitik.scenario.changes import setting_text
from realpolitik.scenario.core import scenario_given
from realpolitik.scenario.forms import effect_paths, main_outcome, paid_changes
from realpolitik.scenario.sources import asked_as, find, read
from realpolitik.scenario.toml import parsed
from realpolitik.swings import Tornado, tornado
from realpolitik.texts import UNASKED, counted
from realpolitik.uncertainty import available, unusable
from realpolitik.validation.history import history
from realpolitik.validation.validating import fits, note_of
from realpolitik.version import __version__

TORNADO = 500
"""Worlds per end of a range in the tornado, at most."""
DECISIONS = 6
"""Decisions with an account, at most."""
MOST_FILES = 500
"""Files of a folder that are searched for diffs."""
UNTITLED = "it has no title of its own: write one under [meta], or name it with --what-if"
UNFINISHED = "it has the question of a draft: write one under [meta], or name it with --what-if"
GENERATED = "it was written by `realpolitik {}`: name it with --what-if"
"""Why a diff in the folder is no what-if: nobody has asked for it, or the page would show it under another's title."""


@dataclass(frozen=True)
class Report:
    """The results that a report shows."""

    scenario: Scenario
    source: str
    """The scenario as commands accept it: a name, or a path."""
    outcome: str
    """The outcome that the answer is about."""
    seed: int
    worlds: int
    ensembles: dict[Uncertainty, Ensemble]
    """By where numbers come from; the answer is about the first."""
    tornado: Tornado | None
    """None if no number has a range."""
    story: Story
    """A typical world: of those with the outcome, one in which it happens in the median month."""
    decisions: list[Decision]
    """The decisions of this world that led to the outcome."""
    comparison: Comparison | None
    """None if there are no what-ifs."""
    differences: dict[str, ScenarioDiff]
    """What each what-if changes, by its name in the comparison."""
    history: dict[str, Any] | None
    """None if the scenario has no [history]."""
    limits: list[str]
    left_out: dict[str, str]
    """What-ifs that could not be included, and why."""
    commands: list[list[str]]
    """The commands that give its parts, as words."""

    def __repr__(self) -> str:
        return f"<Report of {self.scenario.name}: {self.outcome}, {counted(self.worlds, 'world')} of seed {self.seed}>"

    @property
    def main(self) -> Ensemble:
        """The ensemble that the answer is about."""
        return next(iter(self.ensembles.values()))

    @property
    def label(self) -> str:
        """The outcome in words."""
        return str(self.scenario.document["outcomes"][self.outcome]["label"])

    @property
    def by(self) -> str:
        """The month up to which the answer counts: that of [show]; the last one if there is none, or for a measure."""
        row, last = self.scenario.document["outcomes"][self.outcome], self.main.months[-1]
        happens = any(row[key] for key in ("when", "move", "at", "after"))
        return str((happens and self.scenario.document["show"]["by"]) or last)

    def on_page(self, name: str) -> "Report":
        """Return the report as it is written to a page of this name, which its first command writes again."""
        first, *others = self.commands
        return replace(self, commands=[[*first[:-1], name], *others])

    def chance(self, kind: Uncertainty, outcome: str = "", by: str | None = None) -> Interval:
        """Return the probability of an outcome, by a month or at all, with its 95% sampling interval."""
        return share(self.ensembles[kind], outcome or self.outcome, by)

    def to_dict(self) -> dict[str, Any]:
        """Return everything that `report --json` prints."""
        return {
            "scenario": self.scenario.name,
            "sha256": self.scenario.sha256,
            "version": __version__,
            "seed": self.seed,
            "worlds": self.worlds,
            "question": self.scenario.document["meta"]["question"],
            "outcome": self.outcome,
            "answer": answer(self),
            "ensembles": {kind: ensemble.to_dict() for kind, ensemble in self.ensembles.items()},
            "tornado": None if self.tornado is None else self.tornado.to_dict(),
            "world": self.story.world,
            "decisions": [decision.to_dict() for decision in self.decisions],
            "comparison": None if self.comparison is None else self.comparison.to_dict(),
            "differences": {name: found.to_dict() for name, found in self.differences.items()},
            "history": self.history,
            "limits": self.limits,
            "left_out": self.left_out,
            "commands": self.commands,
        }


NUMBERS: dict[Uncertainty, str] = {
    "posterior": "numbers drawn from those that fit the history",
    "prior": "numbers drawn from their ranges",
    "none": "every number at its value",
}


def answer(report: Report) -> str:
    """Return the answer in two or three sentences: how likely it is by which month, with which numbers, and when."""
    first, *others = report.ensembles
    chance, last, by = report.chance(first, by=report.by), report.main.months[-1], report.by
    value, low, high = (100 * end for end in chance)
    months = [report.main.month(report.outcome, q) for q in (0.5, 0.1, 0.9)]
    when = f", the median month being {months[0]} (80% from {months[1]} to {months[2]})" if months[0] else ""
    said = (
        f"{report.label}: in {value:.1f}% of worlds by {by} (95% interval {low:.1f} to {high:.1f}%)"
        f"{when * (by == last)}, with {NUMBERS[first]}."
    )
    if others:
        shares = (f"{report.chance(kind, by=by).value:.1%} with {NUMBERS[kind]}" for kind in others)
        said += f" It is {' and '.join(shares)}."
    return said if by == last else f"{said} By {last}, the end, it is {report.chance(first).value:.1%}{when}."


def report(
    scenario: str | PathLike[str] | Scenario,
    *,
    outcome: str | None = None,
    what_ifs: str | PathLike[str] | Sequence[str | PathLike[str]] | None = None,
    worlds: int = 2000,
    seed: int = 1,
    set: Settings | None = None,
    theory: str | None = None,
    foresight: int | None = None,
    progress: Progress | None = None,
) -> Report:
    """Compute what a report on a scenario shows.

    Parameters
    ----------
    scenario, seed, set, theory, foresight
        As for `run`; settings, theory and foresight apply to the what-ifs too.
    outcome
        The outcome that the answer is about; by default the headline of [show], otherwise the one at which most others
        are measured, otherwise the first that history dates, otherwise the first.
    what_ifs
        Scenarios to compare it with; by default what it extends, and the shipped diffs, or files in its folder, that
        extend it and have a title of their own, but for drafts and files that a command wrote.
    worlds
        Worlds per ensemble, 1 to 10,000; the tornado has 500 per end of a range at most.
    progress
        Called with the steps done and all of them. If it raises, the exception is raised here.

    Returns
    -------
    Report
        The results that the page shows; `realpolitik_viz.report_page` draws it.

    Raises
    ------
    ValueError
        If a parameter is out of range, the outcome is unknown, or a scenario of `what_ifs` cannot be compared.

    Examples
    --------
    >>> import realpolitik as rp
    >>> found = rp.report("karabakh", outcome="withdrawal", what_ifs=("no-invasion",), worlds=8)
    >>> 0 <= found.chance("none").value <= 1
    True
    """
    worlds, seed = check_counts(whole("worlds", worlds, 1, KEPT), seed)
    given = scenario_given("scenario", scenario)
    changes = [*as_settings(set), *theory_settings(None, foresight)]
    chosen = scenario_of(given, changes, theory)
    chosen_outcome = outcome or main_outcome(chosen.document)
    if chosen_outcome is None:
        raise ValueError(f"{chosen.name} has no [outcomes], so there is nothing to report")
    known("outcome", [chosen_outcome], chosen.document["outcomes"], chosen.document)
    kinds, _ = available(chosen)
    others, left_out = _what_ifs(given, what_ifs)
    others, unfit = _fitting(chosen, chosen_outcome, others, changes, theory, kinds[0])
    if what_ifs and unfit:
        raise ValueError("; ".join(f"{name} cannot be compared: {why}" for name, why in unfit.items()))
    steps = _Steps(progress, len(others))
    ensembles: dict[Uncertainty, Ensemble] = {}
    for kind in kinds:
        ensembles[kind] = run(chosen, worlds=worlds, seed=seed, uncertainty=kind)
        steps.next()
    swings = _tornado(chosen, chosen_outcome, worlds, seed)
    steps.next()
    world = typical(ensembles[kinds[0]], chosen_outcome)
    story = explain(chosen, world=world, seed=seed, uncertainty=kinds[0], flips=False)
    decisions = _accounts(chosen, story, chosen_outcome, seed)
    steps.next()
    compared = None
    if others:
        changed = [scenario_of(other, changes, theory) for other in others]
        before = steps.done
        compared = compare(
            chosen, *changed, worlds=worlds, seed=seed, uncertainty=kinds[0], progress=lambda n, _: steps.at(before + n)
        )
    names = [] if compared is None else list(compared.ensembles)[1:]
    return Report(
        scenario=chosen,
        source=asked_as(given.chain[0]),
        outcome=chosen_outcome,
        seed=seed,
        worlds=worlds,
        ensembles=ensembles,
        tornado=swings,
        story=story,
        decisions=decisions,
        comparison=compared,
        differences={name: diff(given, other) for name, other in zip(names, others, strict=True)},
        history=_history(chosen, ensembles[kinds[0]], kinds[0], str(given.document["theory"]["weights"]), steps),
        limits=list(limits(chosen, kinds[0])),
        left_out=left_out | unfit,
        commands=list(
            _commands(given, others, chosen_outcome, story, _options(changes, theory, seed), worlds, bool(what_ifs))
        ),
    )


def _options(settings: list[Setting], theory: str | None, seed: int) -> list[str]:
    """Return the options that all commands share."""
    words = ["--seed", str(seed)]
    for one in settings:
        words += ["--set", setting_text(one)]
    return [*words, "--theory", theory] if theory else words


def _commands(
    given: Scenario, others: list[Scenario], outcome: str, story: Story, options: list[str], worlds: int, chosen: bool
) -> Iterator[list[str]]:
    """Yield the commands that give the parts of the report; what-ifs are named if they were `chosen`."""
    names = (asked_as(one.chain[0]) for one in (given, *others))
    own, *rest = (f"./{name}" if name.startswith("-") else name for name in names)
    kind, count = ["--uncertainty", str(story.uncertainty)], ["--worlds", str(worlds)]
    with_theory = "--theory" in options
    asked = [word for one in rest for word in ("--what-if", one)] if chosen else []
    yield ["realpolitik", "report", own, "--outcome", outcome, *asked, *count, *options, "--out", "report.html"]
    yield ["realpolitik", "run", own, *count, *options, *kind]
    if given.ranges:
        few = ["--worlds", str(min(worlds, TORNADO))]
        yield ["realpolitik", "tornado", own, "--outcome", outcome, "--statistic", "probability", *few, *options]
    yield ["realpolitik", "explain", own, "--world", str(story.world), *options, *kind]
    if rest:
        shared = [f"theory.weights={options[-1]}"] if with_theory else []
        same = [*(options[:-2] if with_theory else options), *(word for one in shared for word in ("--set", one))]
        yield ["realpolitik", "compare", own, *rest, *count, *same, *kind]


class _Steps:
    """Counts steps: runs of numbers, tornado, accounts, comparison and rival theories."""

    def __init__(self, progress: Progress | None, others: int) -> None:
        self.progress, self.done = progress, 0
        self.total = 8 + (others + 1 if others else 0)

    def next(self) -> None:
        self.at(self.done + 1)

    def at(self, done: int) -> None:
        self.done = min(max(done, self.done), self.total)
        if self.progress is not None:
            self.progress(self.done, self.total)


def typical(ensemble: Ensemble, outcome: str) -> int:
    """Return the first world in which an outcome happens in the median month of those with it; 0 if there is none."""
    first = ensemble.kept.first[:, ensemble.case.outcomes.index(outcome)]
    median = ensemble.month(outcome)
    return 0 if median is None else int(np.argmax(first == ensemble.case.month_of(median)))


def _tornado(scenario: Scenario, outcome: str, worlds: int, seed: int) -> Tornado | None:
    """Return the tornado of the probability; None without ranges."""
    if not scenario.ranges:
        return None
    return tornado(scenario, outcome, statistic="probability", worlds=min(worlds, TORNADO), seed=seed)


def _accounts(scenario: Scenario, story: Story, outcome: str, seed: int) -> list[Decision]:
    """Return the decisions that led to an outcome, with the smallest change that flips each."""
    found = []
    for one in leading(scenario, story, outcome):
        again = explain(
            scenario,
            world=story.world,
            seed=seed,
            actor=one.account.actor,
            month=one.date,
            uncertainty=story.uncertainty,
        )
        found += [decision for decision in again.decisions if decision.account.move == one.account.move]
    return found


def leading(scenario: Scenario, story: Story, outcome: str) -> list[Decision]:
    """Return the decisions of a world that led to an outcome, in the order of months.

    The first decision of each move and result counts, up to the month of the outcome; those nearest to the outcome in
    the chain of causes are kept. Where no decision is in the chain, the last ones of the world are returned.
    """
    until = {name: date for date, name in story.events}.get(outcome, "9999-12")
    first: dict[tuple[str, str], Decision] = {}
    for decision in story.decisions:
        if decision.date <= until:
            first.setdefault((decision.account.move, decision.account.result), decision)
    rank = {move: n for n, move in enumerate(chain_of(scenario, outcome))}
    found = list(first.values())
    near = sorted((one for one in found if one.account.move in rank), key=lambda one: rank[one.account.move])
    return sorted(near[:DECISIONS], key=lambda one: one.date) or found[-DECISIONS:]


def chain_of(scenario: Scenario, outcome: str) -> list[str]:
    """Return the moves that can bring an outcome about, then those that influence whether these are made, and so on."""
    document = scenario.document
    row = document["outcomes"][outcome]
    rows = [row] if row["at"] is None else [row, document["outcomes"][row["at"]]]
    moves = [str(one["move"]) for one in rows if one["move"]]
    asked = {name for one in rows for name in one["when"] or {}}
    moves += [name for name, move in document["moves"].items() if asked & {*move["changes"], *paid_changes(move)}]
    chain = dict.fromkeys(moves)
    for move in moves:  # grows while it is read
        causes = _causes(document, move)
        for name, other in document["moves"].items():
            if name not in chain and causes & {*other["changes"], *paid_changes(other)}:
                chain[name] = None
                moves.append(name)
    return list(chain)


def _causes(document: dict[str, Any], name: str) -> set[str]:
    """Return the issues and drivers on which it depends whether a move is made.

    They are those that it requires, and those to which its own numbers respond, those of the interests in what it
    changes, and those of what its actor depends on.
    """
    move = document["moves"][name]
    touched = {*move["changes"], *paid_changes(move)}
    rows = [(f"moves.{name}", move)]
    rows += [(f"interests.{one}", row) for one, row in document["interests"].items() if row["issue"] in touched]
    needs = document["dependence"].items()
    rows += [(f"dependence.{one}", row) for one, row in needs if row["dependent"] == move["actor"]]
    paths = [path for at, row in rows for found in effect_paths(at, row).values() for path in found]
    return {path.rpartition(".")[2] for path in paths} | {*(move["requires"] or {})}


def _history(
    scenario: Scenario, own: Ensemble, kind: Uncertainty, written: str, steps: _Steps
) -> dict[str, Any] | None:
    """Return the score against history, with those of rival theories; None without [history].

    `written` is the theory of the file.
    """
    if not scenario.document["history"]:
        return None
    mine = str(scenario.document["theory"]["weights"])
    ensembles = {mine: own}
    for theory in THEORIES:
        if theory != mine:
            ensembles[theory] = run(
                scenario, worlds=own.worlds, seed=own.seed, theory=theory, uncertainty=kind, paths=0
            )
            steps.next()
    return {**history(ensembles), "same_numbers": same_numbers(scenario, kind, written)}


CHOSEN: dict[Uncertainty, str] = {
    "posterior": "those of the posterior, which was fitted",
    "prior": "drawn from the ranges in the file, which were chosen",
    "none": "the values in the file, which were chosen",
}


def same_numbers(scenario: Scenario, kind: Uncertainty, written: str) -> str:
    """Say that rivals play with numbers that were fitted, or chosen, under the theory of the file."""
    said = f"All theories play with the same numbers, {CHOSEN[kind]} under {written}: this favours {written}."
    return f"{said} `realpolitik validate` scores each theory with numbers of its own." if fits(scenario) else said


def limits(scenario: Scenario, kind: Uncertainty) -> Iterator[str]:
    """Yield what a reader should know before relying on the results, in sentences."""
    document = scenario.document
    rows = [row for table in REASONED for row in document[table].values()]
    assumed = sum(bool(row.get("assumption")) for row in rows)
    yield (
        f"The results are statements about the model, not about the world: {len(scenario.numbers):,} numbers, "
        f"{len(scenario.ranges):,} of them with a range; {assumed:,} of {len(rows):,} rows are marked as assumptions, "
        "and the others cite a claim."
    )
    yield (
        "Intervals of probabilities are sampling errors, of worlds and of the settings of a posterior; whether the "
        "numbers are right is not in them."
    )
    if source := source_of(scenario, kind) or unusable(scenario):
        yield source
    yield from _seen(scenario)
    for name, claim in document["claims"].items():
        if claim["not_modelled"]:
            yield f"Not modelled: {name}, {claim['text']} ({claim['not_modelled']})"


def _seen(scenario: Scenario) -> Iterator[str]:
    """Yield which rows of the history are held out of fits, and the note of the file on the numbers."""
    roles = [row["holdout"] for row in scenario.document["history"].values()]
    if not roles:
        return
    free = roles.count(False)
    said = f"{free} of {len(roles)} rows of the history can be fitted, so a match with them may be a fit and no test."
    held = " The others are held out of fits" if free else "All rows of the history are held out of fits"
    held += ", which does not mean that they were unknown when the numbers were set."
    yield (said if free else "") + (held if free < len(roles) else "")
    own = scenario.document["validation"]["note"]
    yield f"The note of the file on this: {own}" if own else note_of(scenario)
    if inherited := inherited_history(scenario):
        yield inherited


def _what_ifs(
    scenario: Scenario, asked: str | PathLike[str] | Sequence[str | PathLike[str]] | None
) -> tuple[list[Scenario], dict[str, str]]:
    """Return the scenarios that were asked for, or all diffs on a scenario and its own base; and what is invalid."""
    if asked is not None:
        return [scenario_given("what_ifs", one) for one in several(asked)], {}
    diffs = diffs_of(scenario)
    found, invalid = [], {one: why for one, why in diffs.items() if why}
    for source in (*(asked_as(link) for link in scenario.chain[1:2]), *(one for one in diffs if one not in invalid)):
        try:
            found.append(load(source))
        except (ScenarioError, OSError) as error:
            invalid[source] = str(error)
    return found, invalid


def diffs_of(scenario: Scenario) -> dict[str, str]:
    """Return the shipped scenarios, or the files in the folder of a scenario, that extend it directly.

    The value is why it is no what-if of its own, empty if it is one; shipped ones are. A diff that answers the
    [questions] of the scenario is left out: it continues the scenario and is no what-if.
    """
    rows = scenario.document["questions"].values()
    answering = {Path(row["scenario"]).name for row in rows if row["scenario"]}
    try:
        own = find(asked_as(scenario.chain[0]), Path())
    except ScenarioError:  # a text, which no file can extend
        return {}
    if own.folder is None:
        return {one.name: "" for one in shipped() if one.extends == scenario.name and one.name not in answering}
    files = [path for path in sorted(own.folder.glob("*.toml")) if path.name not in answering][:MOST_FILES]
    found = {path.as_posix(): _unready(path, own.identity, own.folder) for path in files}
    return {file: why for file, why in found.items() if why is not None}


def _unready(path: Path, identity: str, folder: Path) -> str | None:
    """Return why a file that extends the file of this identity is no what-if, or nothing; None for any other file."""
    try:
        data = parsed(read(path, path.name), path.name)
        extends, meta = data.get("extends"), data.get("meta")
        if not isinstance(extends, str) or find(extends, folder).identity != identity:
            return None
    except ScenarioError:
        return None
    if not isinstance(meta, dict) or "title" not in meta:
        return UNTITLED
    if meta.get("question") == UNASKED:
        return UNFINISHED
    writer = writer_of(path)
    return GENERATED.format(writer) if writer else ""


def _fitting(
    scenario: Scenario,
    outcome: str,
    others: list[Scenario],
    settings: list[Setting],
    theory: str | None,
    uncertainty: Uncertainty,
) -> tuple[list[Scenario], dict[str, str]]:
    """Return the scenarios that take the settings and can be compared with the first, and why the others cannot."""
    fits, unfit = [], {}
    for other in others:
        why = _unfit(scenario, outcome, other, settings, theory, uncertainty)
        if why is None:
            fits.append(other)
        else:
            unfit[other.chain[0]] = why
    return fits, unfit


def _unfit(
    scenario: Scenario,
    outcome: str,
    other: Scenario,
    settings: list[Setting],
    theory: str | None,
    uncertainty: Uncertainty,
) -> str | None:
    if other.document["meta"]["start"] != scenario.document["meta"]["start"]:
        return "it begins in another month"
    if outcome not in other.document["outcomes"]:
        return f"it has no outcome '{outcome}'"
    try:
        changed = scenario_of(other, settings, theory)
    except ScenarioError as error:
        return str(error)
    if uncertainty == "posterior" and "posterior" not in available(changed)[0]:
        return unusable(changed) or "it has no posterior to draw its numbers from"
    return None


def summary(found: Report) -> list[dict[str, Any]]:
    """Return one row per what-if: title, question, and how the outcome changes."""
    if found.comparison is None:
        return []
    rows = found.comparison.to_dict()["outcomes"][found.outcome]
    return [
        {
            "name": name,
            "title": ensemble.scenario.document["meta"]["title"],
            "question": ensemble.scenario.document["meta"]["question"],
            **rows[name],
            "divergence": found.comparison.divergences[name],
        }
        for name, ensemble in list(found.comparison.ensembles.items())[1:]
    ]
