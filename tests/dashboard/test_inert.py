"""Text from a scenario, a folder or a URL is shown as it is written, complete, and nothing in it runs."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

import realpolitik as rp
from dashboard.browser import Dashboard, ready
from dashboard.hostile import hovered, markup, scenario
from realpolitik.sweeps import sweep

SHOWN = {
    "explore": (
        *("meta.title", "meta.question", "actors.label", "issues.label", "issues.low", "issues.high"),
        *("drivers.label", "drivers.reason", "dependence.channel", "dependence.reason", "interests.reason"),
        *("moves.label", "moves.reason", "shocks.label", "shocks.reason", "outcomes.label", "history.source"),
        "claims.text",
    ),
    "world": ("meta.title", "actors.label", "moves.label", "outcomes.label", "claims.text"),
    "compare": ("meta.title", "issues.label", "outcomes.label", "moves.label"),
    "sweep": ("outcomes.label", "drivers.label"),
    "evidence": (
        *("claims.text", "claims.paragraph", "claims.not_modelled", "issues.reason", "drivers.reason"),
        *("dependence.reason", "interests.reason", "moves.reason", "shocks.reason"),
    ),
}
"""Which fields a page shows, as text or on hovering."""


@pytest.fixture
def read(visit: Any, tmp_path: Path) -> Any:
    """Open the dashboard and upload the hostile scenario."""
    page = visit("page=explore&worlds=500")
    ready(page, "explore")
    file = tmp_path / "hostile.toml"
    file.write_text(scenario())
    page.set_input_files("input[type=file]", file)
    page.wait_for_selector("[data-outcome]:has-text('outcomes.label')")
    page.wait_for_function("!document.querySelector('.working.on')")
    return page


def shown_inert(page: Any, name: str, fields: Iterable[str]) -> None:
    """Check that all fields are shown as written, and that none has run."""
    text = hovered(page)
    assert page.evaluate("window.ran") is None
    assert [field for field in fields if markup(field) not in text] == [], name
    assert page.locator("main img:not([alt])").count() == 0


def test_no_field_runs_on_any_page(read: Any) -> None:
    """Each field of a scenario is shown as written on the pages that have it: Explore, World, Compare and Evidence."""
    read.fill("input[type=search]", "<")
    shown_inert(read, "explore", SHOWN["explore"])
    read.click("[data-page=world]")
    ready(read, "world")
    read.locator("[data-decision]").first.click()
    read.wait_for_selector("[data-fork]")
    shown_inert(read, "world", SHOWN["world"])
    read.click("[data-fork]")
    read.wait_for_selector(".branch")
    shown_inert(read, "world", SHOWN["world"])
    read.click("[data-compare]")
    ready(read, "compare")
    shown_inert(read, "compare", SHOWN["compare"])
    read.click("[data-page=sweep]")
    ready(read, "sweep")
    shown_inert(read, "sweep", ["drivers.label"])
    read.click("[data-page=evidence]")
    ready(read, "evidence")
    read.click("[role=tab]:has-text('Claims')")
    read.wait_for_selector("[data-claim]")
    shown_inert(read, "evidence", SHOWN["evidence"])


def test_tooltips_show_text(read: Any) -> None:
    """The tooltip of a fan names the issue as it is written."""
    place = read.locator("[aria-label='Issue by month'] .chart > div").first
    place.hover()
    read.wait_for_function(
        "wanted => [...document.querySelectorAll('.chart > div > div')].some((one) => one.innerText.includes(wanted))",
        arg=markup("issues.label"),
    )
    assert read.evaluate("window.ran") is None


def test_the_labels_of_a_folder_do_not_run(served: Dashboard, visit: Any) -> None:
    """Labels from any sweep folder are shown as written; so are names in the list of folders."""
    sweep(rp.loads(scenario(), name="x.toml"), served.root / "hostile", points=32, worlds=4)
    page = visit("page=sweep&folder=hostile&outcome=gone")
    ready(page, "sweep")
    page.wait_for_selector("[data-box]")
    page.wait_for_selector(".chart svg")
    shown_inert(page, "sweep", ["outcomes.label"])
    assert page.locator(".chart > div > div:has-text('outcomes.label')").count() == 1


@pytest.mark.parametrize("name", ["<img src=x onerror=window.ran=1>.toml", "\u202elmot.exe"])
def test_the_name_of_an_upload_does_not_run(visit: Any, name: str) -> None:
    """A message shows the name of a file as written; characters that reverse text are escaped."""
    page = visit("page=explore&worlds=500")
    ready(page, "explore")
    page.set_input_files("input[type=file]", {"name": name, "mimeType": "text/plain", "buffer": b"x" * 1_000_001})
    page.wait_for_selector("[data-message]")
    assert name.replace("\u202e", "\\u202e") in page.inner_text("[data-message]")
    assert page.evaluate("window.ran") is None


IN_URLS = [("set",), ("scenario", "issue", "pair"), ("folder", "against", "outcome"), ("decision", "<img>")]
"""Keys of a URL; a message reports at most three."""


@pytest.mark.parametrize("keys", IN_URLS, ids=str)
def test_a_url_does_not_run(visit: Any, keys: tuple[str, ...]) -> None:
    """Markup in a URL is no valid value, and it does not run in the messages that report it."""
    page = visit("&".join(f"{key}=<img src=x onerror=window.ran=1>=1" for key in keys) + "&worlds=500")
    page.wait_for_selector("[data-message]")
    message = page.inner_text("[data-message]")
    assert [key for key in keys if key not in message] == []
    page.wait_for_function("!document.querySelector('.working.on')")
    assert page.evaluate("window.ran") is None


INJECT = """
async (elsewhere) => {
  const place = document.createElement("div");
  document.body.append(place);
  place.innerHTML = "<img src='data:,' onerror='window.ran = 1'>";
  const script = document.createElement("script");
  script.textContent = "window.ran = 2";
  document.body.append(script);
  await new Promise((done) => setTimeout(done, 300));
  const reached = await fetch(elsewhere, {mode: "no-cors"}).then(() => true, () => false);
  return [window.ran, reached, await new Promise((done) => {
    try {
      const socket = new WebSocket(elsewhere.replace("http", "ws"));
      socket.onopen = () => done(true);
      socket.onerror = () => done(false);
    } catch (error) { done(false); }
  })];
}
"""
"""Puts markup and a script into a page, as an error of ours would, and connects to another server."""


def test_the_content_policy_stops_injected_code(visit: Any, elsewhere: Any) -> None:
    """Injected handlers and scripts do not run, and reach no other server."""
    page = visit("page=evidence", faultless=False)
    ready(page, "evidence")
    assert page.evaluate(INJECT, elsewhere.url) == [None, False, False]
    assert list(elsewhere) == []
