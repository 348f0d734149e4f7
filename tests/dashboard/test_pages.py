"""Every page in a browser: clicks, keys and what they change."""

from typing import Any

import realpolitik as rp
from dashboard.browser import ready, slide
from realpolitik_model.equations.weights import RULES, rule_named


def probability(page: Any, outcome: str) -> str:
    """Return the probability on a card."""
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


def test_presets_and_theories_change_the_outcomes(visit: Any) -> None:
    """A shipped counterfactual and a rival theory can be chosen, are stored in the URL, and explained by a sentence."""
    page = visit("page=explore")
    ready(page, "explore")
    page.select_option("[name=preset]", "no-invasion")
    page.wait_for_selector("h2:has-text('No invasion')")
    page.wait_for_selector(".delta.down")
    page.select_option("[name=theory]", "self-interest")
    page.wait_for_url("**theory=self-interest**")
    page.wait_for_selector(f'label[title="{RULES[rule_named("self-interest")].sentence}"]:has([name=theory])')
    options = page.eval_on_selector_all("[name=theory] option", "all => all.map((one) => [one.value, one.title])")
    assert options[1:] == [[rule.name, rule.sentence] for rule in RULES]


def test_reason_unit_and_claims_show_on_hover_and_on_focus(visit: Any) -> None:
    """A slider shows its unit, its reason and its claims."""
    page = visit("page=explore")
    ready(page, "explore")
    page.fill("input[type=search]", "dependence.transit.stake")
    why = page.locator("#number-dependence-transit-stake-why")
    assert not why.is_visible()
    page.focus("[data-path='dependence.transit.stake']")
    assert why.is_visible()
    assert "C34" in why.inner_text()
    assert "what would be lost" in why.inner_text()


def test_the_month_runs_through_everything(visit: Any) -> None:
    """The next month changes map, network and URL together, and not the month by which outcomes are counted."""
    page = visit("page=explore&month=2023-01")
    ready(page, "explore")
    assert page.inner_text("[data-month]") == "Jan 2023"
    page.click("[aria-label='Next month']")
    assert page.inner_text("[data-month]") == "Feb 2023"
    assert "Feb 2023" in page.get_attribute(".map svg", "aria-label")
    assert "Feb 2023" in page.get_attribute(".network svg", "aria-label")
    assert "by Dec 2025" in page.inner_text(".outcomes h3")
    page.wait_for_url("**month=2023-02**")


def test_play_back_and_jump(visit: Any) -> None:
    """A world can be played, paused, moved back, and moved to the next decision."""
    page = visit("page=world&world=17&month=2021-01")
    ready(page, "world")
    page.click("[data-play]")
    page.wait_for_function("document.querySelector('[data-month]').innerText !== 'Jan 2021'")
    page.click("[data-play]")
    stopped = page.inner_text("output[data-month]")
    page.click("[aria-label='Previous month']")
    assert page.inner_text("output[data-month]") != stopped
    page.click("[data-jump]")
    assert page.inner_text("output[data-month]") == stopped


def test_a_decision_has_its_account_and_forks(visit: Any) -> None:
    """The account names runner-up, flip and claims; applying the flip opens Compare, where the world diverges then."""
    page = visit("page=world&world=17&month=2024-03")
    ready(page, "world")
    story = rp.explain("karabakh", world=17, actor="Moscow", month="2024-03").decisions[0]
    page.click("[data-decision='Moscow@2024-03']")
    page.wait_for_selector("[data-fork]")
    account = page.inner_text(".account")
    assert story.flip is not None
    assert story.flip["path"] in account
    assert "Next best" in account
    assert "(P" in page.inner_text("ul.claims")
    page.click("[data-fork]")
    ready(page, "compare")
    assert "World 17 diverges in Mar 2024: Moscow" in page.inner_text("[data-parting]")


def test_compare_shows_differences_and_errors_in_their_place(visit: Any) -> None:
    """A moved slider is compared with the base case, a third scenario can be added; a bad month clears the tables."""
    page = visit("page=compare&set=drivers.war.scale=0&worlds=500")
    ready(page, "compare")
    page.wait_for_selector(".differences [data-finding]")
    assert page.inner_text("h2") == "Compared with the base case: How heavy is the war on Moscow? no war (was 1)"
    assert page.locator(".differences tbody tr, .differences li").count() == 20
    assert page.inner_text(".differences [data-difference] >> nth=0").startswith("\N{MINUS SIGN}")
    page.select_option("[name=add]", "west-mediates")
    page.wait_for_selector("[data-rival=west-mediates]")
    page.wait_for_function("document.querySelectorAll('.differences tbody tr, .differences li').length === 40")
    page.goto(f"{page.url}&fork=1990-01")
    assert "Jan 1990" in page.inner_text("[data-why]")
    assert page.locator(".differences").count() == 0


def test_a_small_sweep_is_run_and_opened(visit: Any) -> None:
    """A sweep runs, its results open, and a row of it opens as a world."""
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
    page.fill("[name=row]", "33")
    page.press("[name=row]", "Enter")
    ready(page, "world")
    assert page.get_attribute("[data-world]", "data-world") == "1"


def test_evidence_shows_claims_rows_and_the_model(visit: Any) -> None:
    """Every claim is listed with its rows, and the model's description is shown."""
    page = visit("page=evidence")
    ready(page, "evidence")
    assert page.locator("[data-claim]").count() == 40
    page.click("[data-claim=C34] summary")
    assert "dependence.transit" in page.inner_text("[data-claim=C34]")
    page.click("[role=tab]:has-text('The model')")
    assert "Submodels" in page.inner_text(".page")
