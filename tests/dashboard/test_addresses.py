"""A view stands in the address, whole."""

from typing import Any

import pytest

from dashboard.browser import page_of, ready


@pytest.mark.parametrize(
    "query",
    [
        "scenario=no-invasion&set=drivers.war.scale=0.4&month=2023-05&issue=tension&pair=Moscow>Yerevan&worlds=500&seed=9",
        "page=world&world=5&decision=Baku@2021-01&month=2021-01",
        "page=compare&against=caspian-route&worlds=500&issue=alignment",
        "page=evidence&tab=model",
    ],
)
def test_an_address_shows_the_same_view_in_a_new_browser(visit: Any, query: str) -> None:
    """What stands in the address is all there is to a view."""
    name = page_of(query)
    texts = []
    for _ in range(2):
        page = visit(query)
        ready(page, name)
        page.wait_for_function("!document.querySelector('.working.on')")
        page.wait_for_timeout(300)
        texts.append(page.inner_text("main"))
        query = page.url.partition("?")[2]
    assert texts[0] == texts[1]


def test_back_and_forward_move_between_pages(visit: Any) -> None:
    """The browser's buttons go back to the page before, and on again."""
    page = visit("page=explore")
    ready(page, "explore")
    page.click("[data-page=evidence]")
    ready(page, "evidence")
    page.go_back()
    ready(page, "explore")
    page.go_forward()
    ready(page, "evidence")
