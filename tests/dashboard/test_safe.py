"""What comes from outside is refused, or shown inert."""

import http.client
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from dashboard.browser import Dashboard, ready
from realpolitik_viz.dashboard import sweeping
from realpolitik_viz.dashboard.laboratory import scenario_of
from realpolitik_viz.dashboard.view import view_of


def answer(served: Dashboard, path: str = "/", **headers: str) -> tuple[int, dict[str, str], str]:
    """Ask for a path, with headers of one's own."""
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=20)
    with closing(connection):
        connection.putrequest("GET", path, skip_host=True)
        for key, value in {"Host": f"127.0.0.1:{served.port}", **headers}.items():
            connection.putheader(key.replace("_", "-"), value)
        connection.endheaders()
        with connection.getresponse() as got:
            return got.status, dict(got.getheaders()), got.read().decode(errors="replace")


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "", "127.0.0.1"])
def test_a_foreign_host_is_refused(served: Dashboard, host: str) -> None:
    """A name that was rebound to this machine is no name of ours."""
    assert answer(served, Host=host)[0] == 421


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1", "file://"])
def test_a_foreign_origin_is_refused(served: Dashboard, origin: str) -> None:
    """Pages from elsewhere may not speak to the dashboard."""
    assert answer(served, Origin=origin)[0] == 403


@pytest.mark.parametrize("origin", ["http://evil.example", None])
def test_a_foreign_websocket_is_refused(served: Dashboard, origin: str | None) -> None:
    """Nor may they open a websocket, and a page must say where it is from."""
    headers = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec_WebSocket_Version": "13"}
    headers |= {"Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ=="} | ({"Origin": origin} if origin else {})
    assert answer(served, "/jupyter/api/kernels/1234/channels?session_id=1", **headers)[0] == 403


@pytest.mark.parametrize(
    "path",
    [
        "/_solara/cdn/vega@5/build/vega.js",
        "/_solara/cdn/../../../../../etc/passwd",
        "/_solara/cdn/%2e%2e/%2e%2e/%2e%2e/places.py",
        "/static/assets/../app.py",
        "/static/assets/%2e%2e/app.py",
        "/resourcez",
    ],
)
def test_nothing_but_what_is_shipped_is_served(served: Dashboard, path: str) -> None:
    """A library that is not shipped is not fetched from elsewhere, and no path leads out of the folders."""
    status, _, text = answer(served, path)
    assert status in (403, 404) or ("root:" not in text and "import" not in text)


def test_answers_forbid_framing_and_foreign_content(served: Dashboard) -> None:
    """Every answer carries a policy that keeps pages to what they were sent from here."""
    _, headers, _ = answer(served)
    assert "default-src 'self'" in headers["content-security-policy"]
    assert headers["x-frame-options"] == "DENY"


HOSTILE = [
    "scenario=../../etc/passwd",
    "scenario=%2Fetc%2Fpasswd",
    "scenario=karabakh.toml",
    "page=sweep&folder=..",
    "page=sweep&folder=%2Ftmp",
    "page=nowhere",
    "set=theory.phi=1e999",
    "set=<script>alert(1)</script>=1",
    "set=theory.phi=nan",
    "worlds=1000000000",
    "seed=-1",
    "month=9999-99",
    "page=compare&against=../x",
    "x=" + "y" * 20_000,
]


@pytest.mark.parametrize("query", HOSTILE)
def test_a_hostile_address_is_read_as_a_message(query: str) -> None:
    """What is no name, no number in its bounds or no known key is left out, and said; a name reaches no file."""
    view, problems = view_of(query)
    if not problems:
        with pytest.raises((ValueError, KeyError)):
            sweeping.opened(Path(), view.folder) if view.folder else scenario_of(view, {})


@pytest.mark.parametrize("query", [*HOSTILE[:9:2], "decision=Nobody@2024-01&page=world"])
def test_a_page_lives_on_after_a_hostile_address(visit: Any, query: str) -> None:
    """Nothing is opened, nothing runs, the reader is told, and other pages work."""
    page = visit(query)
    page.wait_for_selector("[data-message]")
    assert "root:" not in page.content()
    assert page.locator("script:has-text('alert(1)')").count() == 0
    page.click("[data-page=evidence]")
    page.wait_for_selector("[data-ready-page=evidence]")


SEND = """
(given) => {
  const find = (one) => (one.preview && one.go ? one : one.$children.map(find).find(Boolean));
  find(document.querySelector("[data-app]").__vue__ || document.querySelector("#app").__vue__).go(given);
}
"""
"""Calls the server as the page's own component would."""
RAW = [
    {"worlds": 10**9},
    {"worlds": "2000; rm"},
    {"set": ["theory.phi=1e308"]},
    {"set": ["theory.phi=0.5"] * 500},
    {"set": "theory.phi=1"},
    {"scenario": "/etc/passwd"},
    {"page": {"x": 1}},
    {"__class__": "x"},
    {"month": "<img src=x>"},
]


def test_a_raw_message_is_checked_like_an_address(visit: Any) -> None:
    """A page that sends what no widget would is answered with a message, and lives on."""
    page = visit("page=explore&worlds=500")
    ready(page, "explore")
    for given in RAW:
        page.evaluate(SEND, given)
        page.click("[aria-label='Dismiss the message']")
        page.wait_for_selector("[data-message]", state="detached")
        assert page.locator("[data-outcome]").count() > 0


def test_sessions_do_not_see_each_other(visit: Any) -> None:
    """One reader's slider moves nothing of another's."""
    one, other = visit("worlds=500"), visit("worlds=500&scenario=no-invasion")
    ready(one, "explore")
    ready(other, "explore")
    other.wait_for_selector(".delta.down")
    other.wait_for_function("!document.querySelector('.working.on')")
    before = other.inner_text("[aria-label=Outcomes]")
    one.fill("input[type=search]", "drivers.war.scale")
    one.locator("[data-path='drivers.war.scale']").evaluate(
        "one => { one.value = 0.8; one.dispatchEvent(new Event('change')); }"
    )
    one.wait_for_url("**set=drivers.war.scale=0.8**")
    assert other.inner_text("[aria-label=Outcomes]") == before
