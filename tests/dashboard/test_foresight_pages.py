"""Foresight in the dashboard: its slider, the accounts of a world, the limits, and the progress of slow requests."""

import threading
from pathlib import Path
from typing import Any

import pytest

import realpolitik as rp
from dashboard.browser import ready, slide
from dashboard.driving import driven
from realpolitik.accounts import expectations
from realpolitik_viz.dashboard import workers
from realpolitik_viz.dashboard.resources import POLL
from realpolitik_viz.dashboard.run_data import MOST_SECONDS, check_cost
from realpolitik_viz.dashboard.scenario_data import levers
from realpolitik_viz.dashboard.tasks import SweepTask
from realpolitik_viz.dashboard.view import query_of
from realpolitik_viz.dashboard.workers import Cancelled, RequestRunner, ignore

GUESTS = Path(__file__).parents[1] / "laboratory" / "guests.toml"
GUESTS_TEXT = GUESTS.read_text(encoding="utf-8")
AHEAD = "theory.foresight=3"


def sliders(scenario: rp.Scenario) -> dict[str, Any]:
    """Return path -> slider of [theory]."""
    rows = (row for group in levers(scenario)["groups"] for row in group["rows"])
    return {one["path"]: one for row in rows for one in row["numbers"] if one["path"].startswith("theory.")}


@pytest.mark.parametrize("name", ["karabakh", "no-invasion", str(GUESTS)])
def test_every_scenario_has_a_slider_for_foresight(name: str) -> None:
    """Foresight, in whole months, and the discount have sliders without a range in the scenario, in one row."""
    shown = sliders(rp.load(name))
    ahead, discount = shown["theory.foresight"], shown["theory.discount"]
    assert (ahead["value"], ahead["low"], ahead["high"], ahead["step"]) == (0.0, 0.0, 12.0, 1.0)
    assert (discount["value"], discount["low"], discount["high"]) == (0.97, 0.5, 1.0)
    assert "months that actors look ahead" in ahead["unit"]


def test_a_slider_reaches_the_value_of_the_scenario() -> None:
    """The ends of the slider are the scenario's own range, or else include its value."""
    far = sliders(rp.load(GUESTS, set={"theory.foresight": 20, "theory.discount": 0.2}))
    assert (far["theory.foresight"]["high"], far["theory.discount"]["low"]) == (20.0, 0.2)
    ranged = sliders(rp.load(GUESTS, set={"theory.foresight": {"value": 2, "low": 1, "high": 4}}))
    assert (ranged["theory.foresight"]["low"], ranged["theory.foresight"]["high"]) == (1.0, 4.0)


def test_the_view_keeps_the_foresight() -> None:
    """The slider changes the worlds of Explore, is part of the URL, and is saved with the scenario."""
    with driven("worlds=50") as session:
        session.go({"set": [AHEAD]})
        wanted = rp.load("karabakh", set={"theory.foresight": 3})
        assert session.shown("cards")["sha256"] == wanted.sha256
        assert query_of(session.view.value) == f"set={AHEAD}&worlds=50"
        session.toml(None)
        assert "foresight = 3" in session.saved.value


def test_a_world_shows_what_was_expected_and_the_vote() -> None:
    """The decisions of World have the same parts, expectations, votes and payments as `explain`."""
    with driven("page=evidence") as session:
        session.upload({"name": "guests.toml", "text": GUESTS_TEXT})
        session.go({"page": "world", "set": [AHEAD]})
        shown = session.shown("story")["decisions"]
    story = rp.explain(GUESTS, foresight=3, flips=False).decisions
    assert [one["move"] for one in shown] == [one.account.move for one in story]
    assert shown[0]["parts"]["Host"][1]["when"] == "in months 1-3"
    assert shown[0]["expected"] == [["expected", "The guest holds a market in month 1 (2030-02)", "it did, in 2030-03"]]
    assert [one["expected"] for one in shown] == [
        [list(row) for row in expectations(one.account, one.expected, one.otherwise)] for one in story
    ]
    vote = next(one for one in shown if one["move"] == "hold_market")
    assert vote["vote"] == "2 of 3 for it, 2 needed; the host decided it"
    paid = next(one for one in shown if one["move"] == "build_stalls")
    assert paid["payment"] == "paid by the host (host_purse) and the town (town_purse)"


def test_a_request_with_too_much_foresight_is_refused() -> None:
    """The limit counts foresight, of the scenario or of any world, and the message names it."""
    plain, far = (rp.load("karabakh", set={"theory.foresight": months}).case() for months in (0, 24))
    worlds = 20 * MOST_SECONDS * 1_000
    check_cost(plain, 10_000, 24)
    for case, ahead in ((far, 0), (plain, 24)):
        with pytest.raises(ValueError, match="use fewer worlds or less foresight"):
            check_cost(case, worlds // 100, ahead)
    with pytest.raises(ValueError, match=r"use fewer worlds$"):
        check_cost(plain, 2 * worlds)


def test_a_sweep_over_foresight_counts_its_cost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sweep from the page that varies foresight is checked for its greatest value."""
    asked = {"name": "ahead", "points": 2_048, "worlds": 128, "vary": [["theory.foresight", 0, 24]]}
    monkeypatch.setattr("realpolitik_viz.dashboard.run_data.MOST_SECONDS", 600)
    task = SweepTask(ignore, None)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="or less foresight"):
        task.start("karabakh", [], tmp_path / "root", asked)
    assert not (tmp_path / "root").exists()


def test_slow_requests_show_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow request shows its share, set from its own thread whichever thread reports it, until it ends."""
    monkeypatch.setattr(workers, "SLOW", 0.0)
    shown: list[tuple[str, str]] = []
    over = threading.Event()
    runner = RequestRunner(ignore, ignore, "test", lambda text: shown.append((text, threading.current_thread().name)))

    def work(request: workers.Request) -> None:
        request.check(2, 5)
        request.check()
        request.check(5, 5)
        step = threading.Event()

        def elsewhere() -> None:
            request.check(4, 5)
            step.wait(2 * POLL + 0.2)

        request.run_long(elsewhere)
        over.set()

    runner.submit(work)
    assert over.wait(10)
    while runner.working:
        over.wait(0.01)
    assert [text for text, _ in shown] == ["40%", "", "80%", ""]
    assert len({name for _, name in shown}) == 1


def test_fast_requests_show_none() -> None:
    """A request that is done soon shows no progress, and a cancelled one stops at its next report."""
    shown: list[str] = []
    runner = RequestRunner(ignore, ignore, "test", shown.append)
    request = workers.Request(runner, runner.number)
    request.check(2, 5)
    assert shown == []
    runner.cancel()
    with pytest.raises(Cancelled):
        request.check(3, 5)


def test_the_slider_and_the_account_in_a_browser(visit: Any) -> None:
    """Foresight is set by its slider, stays in the URL from page to page, and World says what was expected."""
    page = visit("page=explore&worlds=500")
    ready(page, "explore")
    slide(page, "theory.foresight", 3)
    assert AHEAD in page.url
    page.click("[data-page=world]")
    ready(page, "world")
    assert AHEAD in page.url
    story = rp.explain("karabakh", foresight=3, flips=False)
    telling = next(
        (one, rows)
        for one in story.decisions
        if (rows := expectations(one.account, one.expected, one.otherwise))[0][2] and one.account.parts
    )
    one, rows = telling
    page.click("details.all summary")
    page.click(f"details.all [data-decision='{one.account.actor}@{one.date}']")
    page.wait_for_selector("[data-expected]")
    text = page.inner_text(".account")
    for _, what, then in rows:
        assert what in text
        assert then in text
