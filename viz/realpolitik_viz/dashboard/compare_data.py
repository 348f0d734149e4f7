"""What Compare is sent: the sides, their differences sorted by size, fans, and where the sides first differ."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from realpolitik.comparing import compare
from realpolitik.costs import KEPT
from realpolitik.ensembles import drawn_foresight
from realpolitik.scenario import Scenario, parse_setting
from realpolitik.texts import counted
from realpolitik_viz.dashboard.catalogue import (
    base_case,
    case_name,
    listed,
    origin_of,
    plain_scenario,
    rival_named,
    rival_of,
    scenario_of,
    title_of,
)
from realpolitik_viz.dashboard.naming import changes_of, sentence, titled
from realpolitik_viz.dashboard.resources import BUDGET
from realpolitik_viz.dashboard.run_data import (
    check_cost,
    cutoff_of,
    fans,
    first_difference,
    made_in,
    story_of,
    uncertainty_of,
)
from realpolitik_viz.dashboard.scenario_data import actors
from realpolitik_viz.dashboard.view import View
from realpolitik_viz.dashboard.workers import Request
from realpolitik_viz.months import in_words
from realpolitik_viz.palette import scenario_colours

NOTHING = "There is no shipped scenario to compare this one with. Choose one, or change a number in Explore."

SAME_SHARE, SAME_MEASURE, SAME_MONTHS = 0.0005, 0.005, 0.05
"""Differences below these are shown as 0: of probabilities, measures and mean months."""
NOT_KNOWN = {"difference": 0.0, "low": 0.0, "high": 0.0}
"""In place of the difference of a measure that too few worlds have in both: it comes last, and tells nothing."""


class Side(NamedTuple):
    """One of the compared scenarios."""

    spec: str
    """Its name and changes as in the URL, or nothing for the scenario of the view."""
    name: str
    called: str
    """Its title without its changes."""
    scenario: Scenario
    changes: list[str]
    """Its changes in words."""
    base: bool
    """Whether it is the base case, without changes."""

    @property
    def title(self) -> str:
        """What it is called: the base case, a shipped scenario, or what was changed."""
        return f"Base case: {self.called}" if self.base else titled(self.called, self.changes)

    @property
    def short(self) -> str:
        """The same in fewer words, where the base case is known."""
        if self.base:
            return "base case"
        return "; ".join(self.changes) or self.called


def sides(view: View, uploads: Mapping[str, Scenario]) -> list[Side]:
    """Return the compared scenarios: the base case first, or what was edited; else the scenario of the view."""
    own = side("", view.scenario, scenario_of(view, uploads), view.set, view.theory, uploads)
    specs = view.against or default_specs(view, own, uploads)
    rivals = [
        side(spec, spec.split(";")[0], rival_of(spec, uploads), tuple(spec.split(";")[1:]), "", uploads)
        for spec in specs
    ]
    made = [own, *rivals]
    origin = origin_of(view.scenario, uploads)
    first = next((one for one in made if one.base), next((one for one in rivals if one.spec == origin), own))
    return [first, *(one for one in made if one is not first)]


def side(
    spec: str, name: str, scenario: Scenario, settings: tuple[str, ...], theory: str, uploads: Mapping[str, Scenario]
) -> Side:
    """Return one side, with its changes in words."""
    plain = plain_scenario(name, uploads)
    changes = [one.text for one in changes_of(plain, [parse_setting(text) for text in settings], theory)]
    base = base_case(name, uploads)
    is_base = not changes and base is not None and base.sha256 == plain.sha256
    return Side(spec, name, title_of(name, uploads), scenario, changes, is_base)


def default_specs(view: View, own: Side, uploads: Mapping[str, Scenario]) -> list[str]:
    """Return what a view is compared with if it names nothing: what it was edited from, its base case, or a what-if."""
    if origin := origin_of(view.scenario, uploads):
        return [origin]
    if not own.base:
        base = case_name(view.scenario, uploads) or view.scenario
        return [base] if own.changes or base != view.scenario else []
    extending = (name for name, about in listed({}).items() if about["extends"] == own.name)
    named = rival_named(own.scenario)
    return list(extending)[:1] if named is None else [named]


def compared(found: list[Side], view: View, request: Request) -> dict[str, Any]:
    """Return scenarios compared with the first: differences with intervals, fans, and where they diverge."""
    scenarios = [one.scenario for one in found]
    check_fork(view.fork, scenarios[0].case().dates())
    needed = sum(
        check_cost(one.case(), view.worlds, drawn_foresight(one, uncertainty_of(one, view))) for one in scenarios
    )
    with BUDGET.reserve(needed, request.check):
        comparison = compare(
            *scenarios,
            worlds=min(view.worlds, KEPT),
            seed=view.seed,
            fork=view.fork or None,
            uncertainty=view.uncertainty or None,  # type: ignore[arg-type]
            executor=request.executor,
            progress=request.check,
        )
    result = comparison.to_dict()
    worlds = f"{counted(result['worlds'], 'world')} each, with the same random numbers"
    against = ", against ".join(one.title for one in found)
    return {
        **result,
        **about(found, view),
        "rows": {name: list(rows(result, name)) for name in result["scenarios"][1:]},
        "source": sentence(against, worlds, view.seed, result["uncertainty"]),
        "fans": [fans(ensemble) for ensemble in comparison.ensembles.values()],
        "actors": actors(scenarios[0]),
        "world": view.world,
        "partings": [parting(scenarios[0], other.scenario, view, request) for other in comparison.others()],
        "moves": {name: row["label"] for name, row in scenarios[0].document["moves"].items()},
        "cutoff": cutoff_of(scenarios[0]),
        "shown": dict(scenarios[0].document["show"]),
    }


def check_fork(month: str, months: Sequence[str]) -> None:
    """Raise ValueError if the month from which changes apply is not one of the case."""
    if month and month not in months:
        first, last = (in_words(one) for one in (months[0], months[-1]))
        raise ValueError(
            f"The first month of the changes, {in_words(month)}, is outside this case, "
            f"which runs from {first} to {last}."
        )


def about(found: list[Side], view: View) -> dict[str, Any]:
    """Return the sides as the page shows them, and the months from which changes can apply."""
    titles = distinct([one.title for one in found])
    names = distinct([one.short for one in found])
    colours = {**dict.fromkeys(titles[:1], ""), **scenario_colours(titles[1:])}
    return {
        "sides": [
            {
                "spec": one.spec,
                "name": one.name,
                "title": title,
                "short": short,
                "changes": one.changes,
                "base": one.base,
                "own": one.spec == "",
                "colour": colours[title],
            }
            for one, title, short in zip(found, titles, names, strict=True)
        ],
        "example": not view.against and any(one.base and not one.spec for one in found),
        "months": found[0].scenario.case().dates() if found else [],
    }


def distinct(names: list[str]) -> list[str]:
    """Return names with a number after each that repeats an earlier one."""
    return [f"{name} ({names[:n].count(name) + 1})" if name in names[:n] else name for n, name in enumerate(names)]


def failed(why: str, found: list[Side], view: View) -> dict[str, Any]:
    """Return a comparison that cannot be made: the reason, in the place of its tables."""
    return {"why": why, **about(found, view)}


def rows(result: Mapping[str, Any], name: str) -> Iterator[dict[str, Any]]:
    """Yield the differences of one scenario from the first, the largest first."""
    first = result["scenarios"][0]
    made = [row(outcome, of[first], of[name]) for outcome, of in result["outcomes"].items()]
    yield from sorted(made, key=lambda one: one["size"], reverse=True)


def row(outcome: str, first: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Return the difference of an outcome, other minus first: of its probability, or of its measure if it has one."""
    months, given = other["months"], other.get("measure")
    measure = _known(given)
    main = measure or (other if given is None else NOT_KNOWN)
    size = [abs(main["difference"]), abs(months["difference"] or 0.0)]
    return {
        "outcome": outcome,
        "label": first["label"],
        "first": first["probability"],
        "other": other["probability"],
        "difference": other["difference"],
        "low": other["low"],
        "high": other["high"],
        "telling": main["low"] > 0 or main["high"] < 0,
        "months": months,
        "measured": given is not None,
        "measure": measure,
        "means": [measure["first"], measure["second"]] if measure else None,
        "size": size,
        "same": main is not NOT_KNOWN and size[0] < (SAME_MEASURE if measure else SAME_SHARE) and size[1] < SAME_MONTHS,
    }


def _known(change: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """Return a difference; None if there is none, because too few worlds have the outcome in both."""
    return None if change is None or change["difference"] is None else change


def parting(first: Scenario, other: Scenario, view: View, request: Request) -> dict[str, Any] | None:
    """Return the first decision in which two scenarios differ, in the world of a view."""
    mine, theirs = (made_in(story_of(scenario, view, request, flips=False)) for scenario in (first, other))
    return first_difference(mine, theirs)
