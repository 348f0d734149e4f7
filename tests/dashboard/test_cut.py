"""What happens when the connection goes, and when there never was a network."""

from pathlib import Path
from typing import Any

from dashboard.browser import Dashboard, dashboard, ready


def test_a_session_survives_cut_connections(served: Dashboard, visit: Any) -> None:
    """Whenever the websocket comes back, the page goes on with what it had."""
    page = visit("page=explore&worlds=500&set=drivers.war.scale=0.25", faultless=False)
    ready(page, "explore")
    before = page.inner_text("[data-outcome=withdrawal] [data-p]")
    for n in range(3):
        assert served.cable.cut() > 0
        page.wait_for_timeout(300)
        page.wait_for_selector(".v-overlay--active", state="detached", timeout=60_000)
        assert page.inner_text("[data-outcome=withdrawal] [data-p]") == before
        page.select_option("[name=theory]", ("capability", "placebo", "self-interest")[n])
        page.wait_for_url("**theory=**")
        page.select_option("[name=theory]", "")
        page.wait_for_function(
            "before => document.querySelector('[data-outcome=withdrawal] [data-p]').innerText === before", arg=before
        )


def test_an_address_outlives_the_server(browser: Any, visit: Any, tmp_path: Path) -> None:
    """A server that was started anew shows the same view, from the address alone."""
    page = visit("scenario=no-invasion&set=theory.phi=0.8&month=2023-05&worlds=500")
    before, query = outcomes(page), page.url.partition("?")[2]
    with dashboard(tmp_path) as another:
        later = browser.new_page()
        later.goto(f"{another.url}?{query}")
        assert outcomes(later) == before
        later.close()


def outcomes(page: Any) -> str:
    """Read the outcome cards, once nothing is computed any more."""
    ready(page, "explore")
    page.wait_for_function("!document.querySelector('.working.on')")
    return str(page.inner_text("[aria-label=Outcomes]"))


def test_the_server_speaks_to_nobody(served: Dashboard, visit: Any) -> None:
    """Through all tests of this session, the server reached for no other machine and no file of another."""
    ready(visit("page=evidence"), "evidence")
    assert "FOREIGN" not in served.log.read_text()
