"""Explore and the frame in a browser: the first view, undo and redo, keys, hints, and the goal."""

from typing import Any

from dashboard.browser import ready

COUNT = r"""
() => {
  const dock = document.querySelector(".dock").getBoundingClientRect().top;
  const inside = (box, dock_) => box.height > 0 && box.width > 0 && box.top < dock_ && box.bottom > 0;
  const texts = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement;
    if (parent.closest("option, script, style, .hidden, .why, .widest") || !parent.checkVisibility()) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const limit = parent.closest(".dock") ? innerHeight : dock;
    if (inside(range.getBoundingClientRect(), limit)) texts.push(node.textContent);
  }
  for (const one of document.querySelectorAll("select, input[type=number]"))
    if (inside(one.getBoundingClientRect(), dock))
      texts.push(one.selectedOptions ? one.selectedOptions[0].textContent : one.value);
  const numbers = texts.flatMap((text) => text.match(/(?:[A-Z][a-z]{2} )?\d[\d,.]*%?/g) || []);
  const levers = [...document.querySelectorAll("input[type=range]:not([aria-label=Month])")]
    .filter((one) => inside(one.getBoundingClientRect(), dock));
  return [numbers, levers.length];
}
"""
"""The numbers and the levers that a reader sees without scrolling; a month with its year is one number."""
COMPILED = """
() => Object.entries(Vue.options.components).filter(([name, one]) => name.startsWith("rp-")
  && Vue.compile(one.options.template).render.toString().replace(/\\s/g, "").endsWith("{}")).map(([name]) => name)
"""
"""Components whose template is invalid: Vue then shows nothing, without a message."""


def bottom(page: Any, what: str) -> float:
    """Return where the first such element ends."""
    box = page.locator(what).first.bounding_box()
    return float(box["y"] + box["height"])


def test_the_first_view_is_plain(visit: Any) -> None:
    """At most 25 numbers and 8 levers at 1440 x 900; question, headline, lever at 400 x 850; templates are valid."""
    page = visit("page=explore", width=1440)
    ready(page, "explore")
    page.wait_for_selector("[data-scale] .posterior")
    page.wait_for_selector(".lead-outcome .chart svg")
    assert page.evaluate(COMPILED) == []
    numbers, levers = page.evaluate(COUNT)
    assert 1 <= levers <= 8
    assert 3 <= len(numbers) <= 25, " ".join(numbers)
    page.set_viewport_size({"width": 400, "height": 850})
    page.wait_for_timeout(300)
    assert page.locator(".question").is_visible()
    dock = page.locator(".dock").bounding_box()["y"]
    assert bottom(page, "[data-headline]") < bottom(page, "[data-lever]") < dock
    page.locator("[data-lever=corridor]").scroll_into_view_if_needed()
    strip = page.locator("[data-headline]").bounding_box()
    assert strip["y"] >= 0
    assert strip["y"] + strip["height"] < bottom(page, "[data-lever=corridor]") < dock


def test_history_stands_next_to_the_share_of_its_month(visit: Any) -> None:
    """What did not happen until a month has the share by that month; a price is no probability; titles name changes."""
    page = visit("page=explore&worlds=200&set=drivers.war.scale=0")
    ready(page, "explore")
    assert "in fact not by Apr 2024; here by then in " in page.inner_text("[data-outcome=realigned]")
    assert "%" not in page.inner_text("[data-outcome=price_of_withdrawal] [data-p]")
    title = "Karabakh and the peacekeepers, changed: How heavy is the war on Moscow: no war"
    assert page.inner_text("h2") == title
    page.click("[data-page=world]")
    ready(page, "world")
    assert page.inner_text("[data-title]") == title
    assert title in page.title()
    page.click("[data-page=evidence]")
    page.wait_for_selector("[data-unchanged]:has-text('as it is written')")
    assert page.locator("[data-change]").count() == page.locator("[data-title]").count() == 0
    page.wait_for_function("document.title === 'Evidence · Karabakh and the peacekeepers'")


def names(page: Any) -> list[str]:
    """Return the outcomes of the cards in their order."""
    found = page.eval_on_selector_all(".outcomes > .cards .card", "all => all.map((one) => one.dataset.outcome)")
    return list(found)


def test_cards_stay_with_another_seed_and_pins_come_first(visit: Any) -> None:
    """Cards are sorted by what changed; another seed does not swap them, and a pinned one stays first."""
    page = visit("page=explore&worlds=200&set=drivers.isolation.scale=0.9")
    ready(page, "explore")
    page.wait_for_selector(".card .delta")
    before = names(page)
    page.fill("aside input[type=number]", "7")
    page.press("aside input[type=number]", "Tab")
    page.wait_for_url("**seed=7**")
    page.wait_for_function("document.querySelector('p[data-worlds]').innerText.includes('seed 7')")
    page.wait_for_function("!document.querySelector('.working.on')")
    assert names(page) == before
    page.click(f"[data-outcome={before[-1]}] .pin")
    page.wait_for_url(f"**pins={before[-1]}**")
    page.wait_for_function("name => document.querySelector('.card').dataset.outcome === name", arg=before[-1])


CHANGE = "(one, value) => { one.value = value; one.dispatchEvent(new Event('change')); }"


def steps(page: Any) -> list[Any]:
    """Return twenty mixed changes of the view, each by a control of the page."""

    def lever(name: str, value: float) -> Any:
        return lambda: page.locator(f"[data-lever={name}]").evaluate(CHANGE, value)

    def choose(name: str, value: str) -> Any:
        return lambda: page.select_option(f"[name={name}]", value)

    def seed(value: int) -> Any:
        return lambda: page.locator("aside input[type=number]").evaluate(CHANGE, value)

    def click(what: str) -> Any:
        return lambda: page.click(what)

    return [
        *(lever("war", 0), lever("isolation", 0.25), choose("by", "2024-12"), choose("theory", "capability"), seed(3)),
        *(choose("uncertainty", "prior"), lever("routes", 0), click("[aria-label^='Take back: How isolated']")),
        *(click("[data-outcome=realigned] .pin"), choose("worlds", "500"), lever("prize", 0.75), click("[data-reset]")),
        *(choose("preset", "no-invasion"), lever("weight", 0.4), click("[data-page=evidence]"), click("[data-reset]")),
        *(click("[data-page=explore]"), lever("corridor", 1), choose("issue", "tension"), choose("by", "2026-12")),
    ]


def test_undo_and_redo_end_where_they_began(visit: Any) -> None:
    """Twenty mixed changes, undone and done again step by step: in the URL and on the page."""
    page = visit("page=explore&worlds=50")
    ready(page, "explore")

    def moved(do: Any) -> str:
        before = page.evaluate("location.href")
        do()
        page.wait_for_function("before => location.href !== before", arg=before)
        page.wait_for_selector("[data-ready=true], [data-ready-page=evidence]")
        return str(page.evaluate("location.href"))

    def shown() -> str:
        page.wait_for_function("!document.querySelector('.working.on')")
        page.wait_for_timeout(300)
        bar = page.locator("[data-changes]")
        parts = [bar.inner_text() if bar.count() else "", page.inner_text("[data-headline]"), page.inner_text("h2")]
        return "\n".join([*parts, page.inner_text(".outcomes")])

    first, urls = shown(), [page.url]
    assert page.is_disabled("[data-undo]")
    urls += [moved(step) for step in steps(page)]
    moved(lambda: page.click("[aria-label='Previous month']"))
    assert page.is_disabled("[data-redo]")
    urls[-1] = page.evaluate("location.href")  # the month is stored in the URL, and it is no step
    last = shown()
    assert len(set(urls)) >= 15
    back = [moved(lambda: page.click("[data-undo]")) for _ in urls[1:]]
    assert [*reversed(back)] == urls[:-1]
    assert shown() == first
    assert page.is_disabled("[data-undo]")
    forward = [moved(lambda: page.click("[data-redo]")) for _ in urls[1:]]
    assert forward == urls[1:]
    assert shown() == last
    assert page.is_disabled("[data-redo]")


WATCH = """
(path) => {
  window.seen = [];
  const slider = document.querySelector(path);
  window.watching = setInterval(() => window.seen.push(+slider.value), 5);
}
"""


def test_a_key_that_is_held_moves_one_way(visit: Any) -> None:
    """A held arrow key never moves a slider back, and its move is one step; a focused slider is above the dock."""
    page = visit("page=explore&worlds=200", width=400)
    ready(page, "explore")
    page.focus("[data-lever=war]")
    page.evaluate(WATCH, "[data-lever=war]")
    length = page.evaluate("history.length")
    for _ in range(25):
        page.keyboard.down("ArrowLeft")
        page.wait_for_timeout(30)
    page.keyboard.up("ArrowLeft")
    page.wait_for_url("**set=drivers.war.scale=0.5**")
    page.wait_for_timeout(500)
    seen = page.evaluate("window.seen")
    assert seen == sorted(seen, reverse=True)
    assert seen[-1] == 0.25
    assert page.evaluate("history.length") == length + 1
    for _ in range(7):
        page.keyboard.press("Tab")
    dock = page.locator(".dock").bounding_box()["y"]
    page.wait_for_function("dock => document.activeElement.getBoundingClientRect().bottom < dock", arg=dock)


def test_a_hint_does_not_move_the_page_and_the_content_is_one_tab_away(visit: Any) -> None:
    """Hovering a slider shows its reason and moves nothing; the first Tab reaches a link to the content."""
    page = visit("page=explore&worlds=200", width=1440)
    ready(page, "explore")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.matches('[data-skip]')")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.tagName") == "MAIN"
    where = "() => [...document.querySelectorAll('.lever')].map((one) => one.getBoundingClientRect().top)"
    page.mouse.move(5, 5)
    before = page.evaluate(where)
    page.hover("text=How isolated is Moscow?")
    page.wait_for_selector("#lever-isolation-why", state="visible")
    assert page.evaluate(where) == before
    box = page.locator("#lever-isolation-why").bounding_box()
    assert box["y"] >= 0
    assert box["y"] + box["height"] <= 900
    page.locator("[data-lever=war]").evaluate(CHANGE.replace("change", "input"), 0.2)
    page.wait_for_function("document.querySelector('.lever output').innerText !== 'as it is'")
    assert page.evaluate(where) == before  # longer words have their place from the start
    page.focus("[data-lever=war]")
    page.keyboard.press("ArrowRight")
    page.wait_for_selector("#lever-war-why", state="visible")
    page.keyboard.press("Escape")
    page.wait_for_selector("#lever-war-why", state="hidden")
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    page.wait_for_selector("#lever-war-why", state="visible")
    page.set_viewport_size({"width": 400, "height": 860})
    page.locator("[aria-controls=lever-isolation-why]").click()
    hint, slider = (page.locator(one).bounding_box() for one in ("#lever-isolation-why", "[data-lever=isolation]"))
    assert hint["y"] >= slider["y"] + slider["height"] or hint["y"] + hint["height"] <= slider["y"]
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "lever-isolation-why"
    assert page.locator("#lever-isolation-why").is_visible()
    page.keyboard.press("Escape")
    page.wait_for_selector("#lever-isolation-why", state="hidden")
    page.eval_on_selector("h2", "(one) => { one.textContent = 'x'.repeat(80); }")
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    page.emulate_media(media="print", color_scheme="dark")
    page.wait_for_selector("html[data-ink=dark]")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert not page.locator(".dock").is_visible()
    assert not page.locator("nav").is_visible()
    paper = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(paper) == "rgb(255, 255, 255)"
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.get_attribute("html", "data-ink") == "dark"
    page.emulate_media(media="screen", reduced_motion="reduce")
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"


def test_a_goal_is_found_and_applied(visit: Any) -> None:
    """What it takes for an outcome is said in words, and applied with one click; a slider moved back is no change."""
    page = visit("page=explore&worlds=200")
    ready(page, "explore")
    page.select_option("[name=goal]", "corridor_forced")
    page.click("[data-seek]")
    page.wait_for_selector("[data-way=lever]", timeout=60_000)
    assert "How much does Baku want the Zangezur route?" in page.inner_text("[data-way=lever]")
    assert "No single number within its plausible range does." in page.inner_text("[data-goal]")
    page.click("[data-way=lever] button")
    page.wait_for_selector("[data-change=lever-corridor]")
    page.wait_for_selector("[data-bar]", timeout=60_000)
    ends = page.eval_on_selector_all(".bars button", "all => all.map((one) => one.getBoundingClientRect().toJSON())")
    assert min(min(one["width"], one["height"]) for one in ends) >= 24  # WCAG 2.2, 2.5.8
    page.wait_for_selector("[data-matters] [data-worlds]:has-text('of the 64 worlds played here')")
    assert "% of 200 worlds." in page.inner_text("[data-matters] [data-worlds]")
    page.fill("input[type=search]", "interests.baku_corridor.salience")
    page.locator("[data-path='interests.baku_corridor.salience']").evaluate(CHANGE, 0.4)
    page.wait_for_selector("[data-changes]", state="detached")
    assert "set=" not in page.url
