"""Lost connections, and connections to other machines, of which there are none."""

from typing import Any

from dashboard.browser import Dashboard, ready


def test_a_session_survives_cut_connections(served: Dashboard, visit: Any) -> None:
    """When the websocket reconnects, the page continues with its state."""
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


def test_the_server_connects_to_no_other_machine(served: Dashboard, visit: Any) -> None:
    """In all tests so far, the server connected to no other machine and opened no foreign file."""
    ready(visit("page=evidence"), "evidence")
    assert "FOREIGN" not in served.log.read_text()
