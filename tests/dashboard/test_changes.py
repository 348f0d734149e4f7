"""The changes of a view, tested without a browser: in words, in the title, as a command, and taken back."""

import re
import shlex
from dataclasses import asdict
from typing import Any

import pytest

import realpolitik as rp
from dashboard.driving import driven, until
from realpolitik_viz.dashboard import run_data, scenario_data, session
from realpolitik_viz.dashboard.naming import case_of, tidied
from realpolitik_viz.dashboard.view import PAGES, View, changed, query_of, view_of
from realpolitik_viz.dashboard.workers import Request, RequestRunner, ignore

NO_WAR = "drivers.war.scale=0.0"
ROUTES = ("dependence.transit.stake=0.3", "dependence.outlet.stake=0.25")
FORCE = "dependence.force.stake=0.7"
LOCAL = ("step", "tab")
CHOSEN = (
    "scenario=no-invasion&set=dependence.force.stake=0.7&theory=capability&uncertainty=prior&worlds=500&seed=4"
    "&month=2023-09&by=2024-12&pins=withdrawal&issue=warmth&pair=Moscow>Yerevan&world=17&decision=Moscow@2024-03"
    "&against=war-without-isolation&fork=2023-09&folder=one&outcome=withdrawal&factor=drivers.war.scale"
)
"""Another value than the default one for every key of a view that no single page has."""


def words(**given: Any) -> list[tuple[str, str, str]]:
    """Return the changes of a view: what, the new and the old value."""
    return [(one["what"], one["now"], one["was"]) for one in case_of(View(**given), {})["changes"]]


def test_a_lever_is_named_and_other_numbers_have_their_row() -> None:
    """Numbers that a lever moves together are one change in its words; others name their row and value."""
    assert words(set=(NO_WAR, *ROUTES, FORCE)) == [
        ("How heavy is the war on Moscow?", "no war", ""),
        ("How much does Moscow need Baku's routes and markets?", "50% of what it was", ""),
        ("Baku: Needs Moscow: Moscow's forbearance from force: stake", "0.7", "0.9"),
    ]
    assert [what for what, _, _ in words(set=ROUTES[:1])] == [
        "Moscow: Needs Baku: road and rail south to Iran and the Gulf: stake"
    ]


def test_a_change_shows_where_it_comes_from() -> None:
    """Each change has path, value and range, the reason of its row, and the claims with their texts."""
    (one,) = case_of(View(set=(FORCE,)), {})["changes"]
    assert one["details"] == [{"path": "dependence.force.stake", "now": "0.7", "was": "0.9", "range": "0.45 to 1.35"}]
    row = rp.load("karabakh").document["dependence"]["force"]
    assert one["reason"] == row["reason"]
    assert list(one["claims"]) == row["claims"]


def test_a_choice_is_a_change_unless_it_is_the_scenarios_own() -> None:
    """Another theory or way to draw the numbers is a change; the scenario's own is none."""
    assert words(theory="capability", uncertainty="prior") == [
        ("Theory", "capability", "leverage"),
        ("Numbers", "drawn from their ranges", "as in the scenario"),
    ]
    assert words(theory="leverage", uncertainty="none", seed=9, worlds=50) == []


@pytest.mark.parametrize("setting", ["drivers.war.scale=1", "drivers.war.scale=1.0", "theory.phi=1.00"])
def test_a_number_at_its_value_is_no_change(setting: str) -> None:
    """A slider that is moved back leaves nothing in the URL, and the page is that of the base case."""
    assert tidied(View(set=(setting, NO_WAR)), {}).set == (NO_WAR,)
    assert case_of(View(set=(setting,)), {})["title"] == case_of(View(), {})["title"]
    with driven(f"worlds=50&set={setting}") as one:
        assert one.view.value.set == ()
        base = one.shown("cards")
        one.go({"set": [NO_WAR]})
        one.go({"set": [setting]})
        assert query_of(one.view.value) == "worlds=50"
        assert one.shown("cards") == base


def test_a_title_names_the_changes() -> None:
    """The title of the base case never stands alone when a number differs, on any page."""
    base = case_of(View(), {})["title"]
    war = "How heavy is the war on Moscow: no war"
    assert case_of(View(set=(NO_WAR,)), {})["title"] == f"{base}, changed: {war}"
    routes = "How much does Moscow need Baku's routes and markets: 50% of what it was"
    many = View(page="world", set=(NO_WAR, *ROUTES, FORCE))
    assert case_of(many, {})["title"] == f"{base}, changed: {war}; {routes} and 1 more"
    assert case_of(View(scenario="no-invasion", set=(FORCE,)), {})["title"].startswith("No invasion, changed: ")


def test_every_change_can_be_taken_back() -> None:
    """The cross of each change leaves the others; taking back all of them leads to the base case."""
    view = View(scenario="no-invasion", set=(*ROUTES, FORCE), theory="capability", uncertainty="prior")
    seen = [view]
    while rows := case_of(seen[-1], {})["changes"]:
        seen.append(changed(seen[-1], rows[-1]["go"]))
        assert len(case_of(seen[-1], {})["changes"]) == len(rows) - 1
    assert seen[-1] == View()
    assert len(seen) == 6


def test_changes_from_a_month_on_are_worded_and_taken_back_alike() -> None:
    """Numbers of a lever that are set from a month on are one change; the cross leaves those of all months."""
    dated = tuple(f"{one}@2023-06" for one in ROUTES)
    view = View(set=(*dated, FORCE, NO_WAR))
    rows = {one["key"]: one for one in case_of(view, {})["changes"]}
    assert list(rows) == ["lever-routes, from Jun 2023", "lever-war", "dependence.force.stake"]
    assert changed(view, rows["lever-routes, from Jun 2023"]["go"]).set == (FORCE, NO_WAR)


@pytest.mark.parametrize("page", PAGES)
def test_reset_is_a_fresh_page_of_the_base_case(page: str) -> None:
    """Reset leaves nothing that was chosen, on any page; every key of the view but the page is named in it."""
    view, problems = view_of(f"page={page}&{CHOSEN}")
    assert not problems
    assert all(getattr(view, key) != value for key, value in asdict(View()).items() if key not in ("page", *LOCAL))
    assert changed(view, case_of(view, {})["reset"]) == View(page=page)


def test_where_one_is_on_a_page_is_no_part_of_another() -> None:
    """The step of the story and the tab of Evidence are in the URL of their page alone."""
    assert query_of(view_of("page=story&step=3")[0]) == "page=story&step=3"
    assert query_of(view_of("page=evidence&tab=score&step=3")[0]) == "page=evidence&tab=score"
    assert query_of(changed(View(page="story", step=3), {"page": "world"})) == "page=world"


def test_the_command_runs_the_same_worlds() -> None:
    """The command has every change, quoted for a shell, and runs the scenario of the view."""
    view = View(set=(NO_WAR, "dependence.force.stake=0.7"), theory="capability", seed=3, worlds=500)
    line = shlex.split(case_of(view, {})["command"])
    assert line[:3] == ["realpolitik", "run", "karabakh"]
    assert line[3:] == [
        *("--set", NO_WAR, "--set", "dependence.force.stake=0.7", "--theory", "capability"),
        *("--worlds", "500", "--seed", "3"),
    ]
    assert case_of(View(), {})["command"] == "realpolitik run karabakh"


@pytest.mark.parametrize("query", ["set=<script>alert(1)</script>=1", "set=a.b=1&scenario=nowhere", "set=actors.x=1"])
def test_a_strange_change_is_shown_as_written(query: str) -> None:
    """Unknown paths and scenarios break nothing: they are shown as they are written."""
    view, _ = view_of(query)
    case = case_of(tidied(view, {}), {})
    assert re.search("nowhere|script|actors", case["title"])


def test_a_posterior_that_cannot_be_read_leaves_the_other_marks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the file of a posterior cannot be read, outcomes are still shown under the other ways to draw numbers."""

    def unreadable(_: object) -> None:
        raise PermissionError("no access")

    monkeypatch.setattr("realpolitik.uncertainty.posterior_of", unreadable)
    monkeypatch.setattr("realpolitik_viz.dashboard.run_data.posterior_of", unreadable, raising=False)
    runner = RequestRunner(ignore, ignore, "marks")
    view = View(uncertainty="none", worlds=20)
    found = run_data.beliefs(rp.load("karabakh"), view, Request(runner, runner.number))
    assert found["marks"].keys() == {"prior"}


def test_pages_show_the_same_outcomes_first_for_every_seed() -> None:
    """What is shown first is chosen by the file, and a file without [show] by its history and order."""
    shown = scenario_data.show(rp.load("karabakh"))
    assert shown["headline"] == "free_exit"
    assert shown["outcomes"] == rp.load("karabakh").document["show"]["outcomes"]
    assert shown["by"] in shown["horizons"]
    plain = scenario_data.show(rp.load("deployment"))
    assert plain["headline"] in rp.load("deployment").document["outcomes"]
    assert plain["headline"] not in plain["outcomes"]


def test_sliders_cover_what_their_ranges_do_not() -> None:
    """A slider covers its plausible range and more: the bounds of the format, or twice the range from 0."""
    groups = scenario_data.levers(rp.load("karabakh"))["groups"]
    numbers = {one["path"]: one for group in groups for row in group["rows"] for one in row["numbers"]}
    assert numbers["drivers.war.scale"]["ends"] == [0.0, 2.0]
    assert numbers["dependence.force.stake"]["ends"] == [0.0, 2.7]
    assert numbers["issues.tension.rest.effects.border_1991"]["ends"] == [-1.5, 0.0]
    assert all(one["ends"][0] <= one["low"] < one["high"] <= one["ends"][1] for one in numbers.values())
    assert not any(re.fullmatch(r"phi|sigma|noise|decay|rest", one["name"]) for one in numbers.values())


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what is computed later be computed at once."""
    monkeypatch.setattr(session, "STILL", 0.0)


@pytest.mark.usefixtures("still")
def test_what_matters_and_what_is_believed_follow() -> None:
    """Once the page is still, the other ways to draw the numbers and the tornado of the outcome are computed."""
    with driven("worlds=50&outcome=withdrawal&by=2024-12") as one:
        assert one.shown_later("beliefs")["marks"].keys() == {"prior", "posterior"}
        found = one.shown("matters")
        assert (found["outcome"], found["by"], found["sha256"]) == (
            "withdrawal",
            "2024-12",
            one.shown("cards")["sha256"],
        )
        wide = [max(*bar["at"], found["value"]) - min(*bar["at"], found["value"]) for bar in found["bars"]]
        assert wide == sorted(wide, reverse=True)
        swings = rp.tornado("karabakh", "withdrawal", by="2024-12", worlds=found["worlds"]).swings
        assert [bar["path"] for bar in found["bars"]] == [swing.path for swing in swings]


@pytest.mark.usefixtures("still")
def test_a_goal_is_answered_and_can_be_applied() -> None:
    """What it takes is that of `rp.reach`; a session that has moved on is not shown it."""
    with driven("worlds=50") as one:
        one.seek({"outcome": "corridor_forced"})
        found = one.shown_later("goal")
        goal = rp.reach("karabakh", "corridor_forced", by="2025-12", worlds=found["worlds"])
        assert found["lever"] == goal.to_dict()["lever"]
        assert found["number"] is None
        one.go({"set": [f"{path}={value}" for path, value in found["lever"]["numbers"].items()]})
        (row,) = case_of(one.view.value, {})["changes"]
        assert row["now"] == found["lever"]["words"]


def test_leaving_the_page_cancels_what_is_computed_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another page, a preview, and the end of the session cancel it."""
    monkeypatch.setattr(session, "STILL", 3600.0)
    with driven("worlds=50") as one:
        for leave, given in ((one.preview, {"set": [NO_WAR]}), (one.go, {"page": "evidence"})):
            one.go({"page": "explore", "seed": one.view.value.seed + 1})
            assert one.later_runner.working
            leave(given)
            until(lambda: not one.later_runner.working, 20)
