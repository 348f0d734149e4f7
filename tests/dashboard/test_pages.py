"""A reader clicks through every page."""

from typing import Any

import realpolitik as rp
from dashboard.browser import ready, slide
from realpolitik.sweeps import Sweep

CHRONICLE = ".chronicle [data-decision]"
DECISIONS = "found => found.map((one) => one.dataset.decision)"


def probability(page: Any, outcome: str) -> str:
    """Read an outcome's card."""
    return str(page.inner_text(f"[data-outcome={outcome}] [data-p]"))


def test_a_slider_changes_an_outcome(visit: Any) -> None:
    """Without the burden of the war, the peacekeepers leave in far fewer worlds."""
    page = visit("page=explore")
    ready(page, "explore")
    before = probability(page, "withdrawal")
    slide(page, "drivers.war.scale", 0.0)
    assert probability(page, "withdrawal") != before
    assert "set=drivers.war.scale=0" in page.url
    page.click("[data-reset]")
    page.wait_for_function(
        "before => document.querySelector('[data-outcome=withdrawal] [data-p]').innerText === before", arg=before
    )


def test_cards_say_what_the_command_says(visit: Any) -> None:
    """A card's probability is that of `realpolitik run` with the same settings."""
    page = visit("scenario=no-invasion&set=theory.phi=0.8&seed=3&worlds=500")
    ready(page, "explore")
    ensemble = rp.run("no-invasion", worlds=500, seed=3, set={"theory.phi": 0.8})
    shown = probability(page, "moscow_sidelined")
    assert shown == f"{round(100 * ensemble.probability('moscow_sidelined'))}%"


def test_presets_and_theories_change_the_outcomes(visit: Any) -> None:
    """A shipped counterfactual and a rival theory are one choice away, and stand in the address."""
    page = visit("page=explore")
    ready(page, "explore")
    page.select_option("[name=preset]", "no-invasion")
    page.wait_for_selector("h2:has-text('No invasion')")
    page.wait_for_selector(".delta.down")
    page.select_option("[name=theory]", "self-interest")
    page.wait_for_url("**theory=self-interest**")


def test_reason_unit_and_claims_show_on_hover_and_on_focus(visit: Any) -> None:
    """A slider says what it is, why, and on which claims it stands."""
    page = visit("page=explore")
    ready(page, "explore")
    page.fill("input[type=search]", "dependence.transit.stake")
    why = page.locator(".lever .why").first
    assert not why.is_visible()
    page.focus("[data-path='dependence.transit.stake']")
    assert why.is_visible()
    assert "C34" in why.inner_text()
    assert "what would be lost" in why.inner_text()


def test_the_month_runs_through_everything(visit: Any) -> None:
    """Stepping a month moves cards, map and network together, and the address with them."""
    page = visit("page=explore&month=2023-01")
    ready(page, "explore")
    assert page.inner_text("[data-month]") == "Jan 2023"
    page.click("[aria-label='One month on']")
    assert page.inner_text("[data-month]") == "Feb 2023"
    assert "Feb 2023" in page.get_attribute(".map svg", "aria-label")
    assert "Feb 2023" in page.get_attribute(".network svg", "aria-label")
    assert "by Feb 2023" in page.inner_text("[data-outcome=withdrawal]")
    page.wait_for_url("**month=2023-02**")


def test_play_back_and_jump(visit: Any) -> None:
    """A world plays, pauses, goes back and jumps to the next decision."""
    page = visit("page=world&world=17&month=2021-01")
    ready(page, "world")
    page.click("[data-play]")
    page.wait_for_function("document.querySelector('[data-month]').innerText !== 'Jan 2021'")
    page.click("[data-play]")
    stopped = page.inner_text("output[data-month]")
    page.click("[aria-label='One month back']")
    assert page.inner_text("output[data-month]") != stopped
    page.click("[data-jump]")
    assert page.inner_text("output[data-month]") == stopped


def test_a_decision_has_its_account_and_forks(visit: Any) -> None:
    """The account names runner-up, flip and claims; the flip, taken, opens Compare with a world that parts there."""
    page = visit("page=world&world=17&month=2024-03")
    ready(page, "world")
    story = rp.explain("karabakh", world=17, actor="Moscow", month="2024-03").decisions[0]
    page.click("[data-decision='Moscow@2024-03']")
    page.wait_for_selector("[data-fork]")
    account = page.inner_text(".account")
    assert story.flip is not None
    assert story.flip["path"] in account
    assert "Runner-up" in account
    assert "(P" in page.inner_text("ul.claims")
    page.click("[data-fork]")
    ready(page, "compare")
    assert "World 17 parts in Mar 2024: Moscow" in page.inner_text("[data-parting]")


def test_compare_holds_scenarios_against_the_first(visit: Any) -> None:
    """Differences come with intervals, and a third scenario can be added."""
    page = visit("page=compare&against=no-invasion&worlds=500")
    ready(page, "compare")
    assert page.locator("tbody tr").count() == 20
    page.select_option("[name=add]", "west-mediates")
    page.wait_for_selector("[data-rival=west-mediates]")
    page.wait_for_function("document.querySelectorAll('tbody tr').length === 40")


def test_a_small_sweep_is_made_opened_and_looked_into(visit: Any) -> None:
    """Progress shows, the result opens, and a point opens its first world."""
    page = visit("page=sweep")
    ready(page, "sweep")
    page.fill("[name=sweepname]", "from-the-page")
    page.select_option("[name=vary]", "drivers.war.scale")
    page.fill("[name=points]", "128")
    page.fill("[name=sweepworlds]", "16")
    page.click("[data-start]")
    page.click("[data-open]", timeout=60_000)
    page.wait_for_selector("[data-box]")
    page.wait_for_selector(".chart svg")


def test_any_row_of_a_sweep_opens_as_the_very_world(visit: Any, swept: Sweep) -> None:
    """The chronicle of a row is the one that `explain DIR --row` tells, and its address brings it back."""
    page = visit("page=sweep&folder=leverage")
    ready(page, "sweep")
    page.wait_for_selector("[data-box]")
    page.fill("[name=row]", "133")
    page.press("[name=row]", "Enter")
    ready(page, "world")
    told = [f"{one.account.actor}@{one.date}" for one in swept.explain(133, flips=False).decisions]
    assert page.eval_on_selector_all(CHRONICLE, DECISIONS) == told
    again = visit(page.url.partition("?")[2])
    ready(again, "world")
    assert again.eval_on_selector_all(CHRONICLE, DECISIONS) == told


def test_a_sweep_can_be_cancelled(visit: Any) -> None:
    """A cancelled sweep stops and says so."""
    page = visit("page=sweep")
    ready(page, "sweep")
    page.fill("[name=sweepname]", "cancelled")
    page.select_option("[name=vary]", "drivers.war.scale")
    page.fill("[name=points]", "2048")
    page.fill("[name=sweepworlds]", "128")
    page.click("[data-start]")
    page.click("[data-cancel]", timeout=60_000)
    page.wait_for_selector("[data-task]:has-text('cancelled')", timeout=60_000)


def test_evidence_shows_claims_rows_and_the_model(visit: Any) -> None:
    """Every claim is listed with its rows, and the model's description is there."""
    page = visit("page=evidence")
    ready(page, "evidence")
    assert page.locator("[data-claim]").count() == 40
    page.click("[data-claim=C34] summary")
    assert "dependence.transit" in page.inner_text("[data-claim=C34]")
    page.click("[role=tab]:has-text('The model')")
    assert "Submodels" in page.inner_text(".page")
