"""The URL stores the whole view, and the browser's buttons move between views."""

from typing import Any

from dashboard.browser import ready


def test_a_url_shows_the_same_page_in_a_new_browser(visit: Any) -> None:
    """A new browser shows the same texts; only the URL is passed on."""
    query = "scenario=no-invasion&set=drivers.war.scale=0.4&month=2023-05&issue=tension&pair=Moscow>Yerevan&worlds=500"
    texts = []
    for _ in range(2):
        page = visit(query)
        ready(page, "explore")
        page.wait_for_function("!document.querySelector('.working.on')")
        page.wait_for_selector(".pending", state="detached", timeout=60_000)
        page.wait_for_selector("[data-bar]", timeout=60_000)  # what is computed once the page is still
        page.wait_for_timeout(300)
        texts.append(page.inner_text("main"))
        query = page.url.partition("?")[2]
    assert texts[0] == texts[1]


def test_back_and_forward_move_between_pages(visit: Any) -> None:
    """The browser's buttons go back to the previous page, and forward again."""
    page = visit("page=explore")
    ready(page, "explore")
    page.click("[data-page=evidence]")
    ready(page, "evidence")
    page.go_back()
    ready(page, "explore")
    page.go_forward()
    ready(page, "evidence")
