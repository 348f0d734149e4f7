"""Every page in a browser: clicks, keys and what they change."""

from typing import Any

import pytest

import realpolitik as rp
from dashboard.browser import Dashboard, ready, slide
from realpolitik.narrating import flip_in_words, why_in_words
from realpolitik.sweeps import sweep
from realpolitik_model.equations.weights import RULES, rule_named

MONTH_SHOWN = "(month) => document.querySelector('output[data-month]').innerText === month"


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


def test_play_back_and_jump_to_events(visit: Any) -> None:
    """A world can be played, paused and moved back; the next event skips the months and decisions between events."""
    page = visit("page=world&world=17&month=2021-01")
    ready(page, "world")
    page.click("[data-play]")
    page.wait_for_function("document.querySelector('output[data-month]').innerText !== 'Jan 2021'")
    page.click("[data-play]")
    stopped = page.inner_text("output[data-month]")
    page.click("[aria-label='Previous month']")
    assert page.inner_text("output[data-month]") != stopped
    page.fill("input[aria-label=Month]", "38")
    page.keyboard.press("Tab")
    for shown in ("Mar 2024", "Sep 2024"):
        page.click("[data-jump]")
        page.wait_for_function(MONTH_SHOWN, arg=shown)
    for shown in ("Mar 2024", "Jan 2024", "Dec 2023", "Nov 2023", "Sep 2023", "Sep 2023"):
        page.click("[data-jump-back]")
        page.wait_for_function(MONTH_SHOWN, arg=shown)
    page.wait_for_selector(".account:has-text('Take Karabakh by force')")


def test_a_decision_has_its_account_and_forks(visit: Any) -> None:
    """An event opens its account in words; its flip is played as the other branch, marked where they part."""
    page = visit("page=world&world=17")
    ready(page, "world")
    title = "World 17 of seed 1: the peacekeepers leave in March 2024, unpaid"
    assert page.inner_text("h2") == title
    page.wait_for_url("**decision=Moscow@2024-03**")
    steps = page.evaluate("history.length")
    page.click("[data-next-world]")
    page.wait_for_url("**world=18&decision=**")
    assert page.evaluate("history.length") == steps + 1
    page.go_back()
    page.wait_for_selector(f"h2:text-is('{title}')")
    page.wait_for_selector(".account:has-text('Mar 2024')")
    page.wait_for_url("**decision=Moscow@2024-03**")
    story = rp.explain("karabakh", world=17, actor="Moscow", month="2024-03").decisions[0]
    page.wait_for_selector("[data-fork]")
    account = page.inner_text(".account")
    assert story.flip is not None
    document = rp.load("karabakh").document
    assert why_in_words(story, document) in account
    assert flip_in_words(story.flip, story.account, document) in account
    assert "Next best" in account
    assert "units of utility" in account
    assert "(P" in page.inner_text("ul.claims")
    page.click("[data-fork]")
    page.wait_for_selector(".branch [data-parting]:has-text('They part in Mar 2024')")
    assert page.inner_text("h2") == title
    assert "They part here" in page.inner_text(".branch .parting")
    page.wait_for_url("**against=karabakh*")
    page.click("[data-compare]")
    ready(page, "compare")
    assert "In world 17 it is in Mar 2024: Moscow" in page.text_content("[data-parting]")


def test_a_world_is_forked_by_a_lever_and_the_keyboard(visit: Any) -> None:
    """Events open with the keyboard, and a lever in plain words forks the world from the month shown, in the URL."""
    page = visit("page=world&world=17", width=400)
    ready(page, "world")
    page.focus("[data-event='3']")
    page.keyboard.press("Enter")
    page.wait_for_selector(".account:has-text('Take Karabakh by force')")
    page.click("details.fork summary")
    page.select_option("[name=forked]", label="How heavy is the war on Moscow: no war")
    page.click("[data-fork-any]")
    page.wait_for_selector(".branch [data-parting]")
    assert "drivers.war.scale=0@2023-09" in page.url
    assert "With How heavy is the war on Moscow: no war, from Sep 2023" in page.inner_text(".branch")
    cells = page.eval_on_selector_all(".branch .axis td", "all => all.map((one) => one.innerText.trim())")
    assert all(cells)
    assert any("“The peacekeepers leave”: never, until Dec 2030" in cell for cell in cells)
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    page.click("[data-unfork]")
    page.wait_for_selector(".branch", state="detached")
    assert "against" not in page.url


def test_an_error_is_shown_where_one_looks(visit: Any) -> None:
    """The message of an error is in view at any place of the page, and the results that it makes untrue are gone."""
    page = visit("page=explore&scenario=deployment&worlds=50")
    ready(page, "explore")
    page.select_option("[name=uncertainty]", "posterior")
    page.wait_for_selector("[data-waiting]:has-text('posterior')")
    page.mouse.wheel(0, 5_000)
    box = page.locator("[data-message]").bounding_box()
    assert 0 <= box["y"] <= 900 - box["height"]
    assert page.locator(".card").count() == 0


def test_compare_shows_differences_and_errors_in_their_place(visit: Any) -> None:
    """A moved slider is compared with the base case, a third scenario can be added; a bad month clears the tables."""
    page = visit("page=compare&set=drivers.war.scale=0&worlds=500")
    ready(page, "compare")
    page.wait_for_selector(".differences [data-finding]")
    assert page.inner_text("h2") == "Compared with the base case: “How heavy is the war on Moscow: no war”"
    assert page.get_attribute("label:has([name=first])", "title") == "Karabakh and the peacekeepers"
    assert page.locator(".differences tbody tr, .differences li").count() == 20
    assert page.inner_text(".differences [data-difference] >> nth=0").startswith("\N{MINUS SIGN}")
    page.select_option("[name=add]", "west-mediates")
    page.wait_for_selector("[data-rival=west-mediates]")
    page.wait_for_function("document.querySelectorAll('.differences tbody tr, .differences li').length === 40")
    page.goto(f"{page.url}&fork=1990-01")
    assert "Jan 1990" in page.inner_text("[data-why]")
    assert page.locator(".differences").count() == 0
    page.goto(f"{page.url.partition('?')[0]}?page=compare&worlds=200&against=no-invasion")
    ready(page, "compare")
    assert "too few worlds" in page.inner_text("tr:has-text('Price of the withdrawal')")
    assert "%" not in page.inner_text("tr:has-text('Price of the withdrawal')")
    assert "mean, where it happens in both" in page.inner_text("tr:has-text('Price of the withdrawal')")
    with page.expect_download() as waiting:
        page.click("[aria-label='Download comparison as CSV']")
    head, row, *_ = waiting.value.path().read_text().splitlines()
    assert head.startswith("scenario,compared_with,outcome,by,first,changed,difference,")
    assert row.startswith("No invasion,Base case: Karabakh and the peacekeepers,")
    assert ",2030-12," in row


def test_a_small_sweep_is_run_and_opened(visit: Any) -> None:
    """A sweep runs, its results open, and a row of it opens as a world."""
    page = visit("page=sweep")
    ready(page, "sweep")
    page.locator("details:has([name=sweepname])").evaluate("one => (one.open = true)")
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


@pytest.mark.usefixtures("swept")
def test_a_typed_row_outlasts_another_sweep(visit: Any, served: Dashboard) -> None:
    """A row that is typed is still there when results of another sweep arrive, and Enter opens it in that sweep."""
    sweep("karabakh", served.root / "second", vary={"drivers.war.scale": (0.0, 1.0)}, points=32, worlds=4, seed=2)
    page = visit("page=sweep&folder=leverage")
    page.fill("[name=row]", "33")
    page.select_option("[name=folder]", "second")
    page.wait_for_selector("[data-about]:has-text('32 points of 4 worlds each')")
    page.press("[name=row]", "Enter")
    ready(page, "world")
    assert page.get_attribute("[data-world]", "data-world") == "1"
    page.wait_for_url("**seed=2**")


def test_a_typed_number_outlasts_what_the_page_learns(visit: Any) -> None:
    """A seed and a world that are typed are not replaced while the page changes around them."""
    page = visit("page=explore&worlds=500")
    ready(page, "explore")
    page.fill("[name=seed]", "7")
    page.locator("[aria-label='Next month']").dispatch_event("click")
    page.wait_for_url("**month=**")
    page.press("[name=seed]", "Enter")
    page.wait_for_selector("[data-worlds]:has-text('seed 7')")
    page.go_back()
    page.wait_for_function("document.querySelector('[name=seed]').value === '1'")
    page.click("[data-page=world]")
    ready(page, "world")
    page.fill("[name=world]", "4")
    before = page.inner_text("output[data-month]")
    page.locator("[aria-label='Next month']").dispatch_event("click")
    page.wait_for_function("before => document.querySelector('output[data-month]').innerText !== before", arg=before)
    page.press("[name=world]", "Enter")
    page.wait_for_selector("h2:has-text('World 4 of seed 1')")
    page.click("[data-next-world]")
    page.wait_for_function("document.querySelector('[name=world]').value === '5'")


def test_evidence_shows_claims_rows_and_the_model(visit: Any) -> None:
    """Every claim is listed with its rows, and the model's description is shown."""
    page = visit("page=evidence&tab=claims")
    ready(page, "evidence")
    assert page.locator("[data-claim]").count() == 40
    page.click("[data-claim=C34] summary")
    assert "dependence.transit" in page.inner_text("[data-claim=C34]")
    page.click("[role=tab]:has-text('The model')")
    assert "Submodels" in page.inner_text(".page")
