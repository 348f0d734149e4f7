"""The documentation site: it builds without a warning, all links lead somewhere, and it needs no network."""

import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

import realpolitik as rp
from dashboard.browser import ARGUMENTS, chromium
from repository.tree import PACKAGES, ROOT

pytest.importorskip("sphinx", reason="needs the extra `docs`")
DOCS = ROOT / "docs"
EQUATIONS = "realpolitik_model.equations"
PART = re.compile(r"^```\{session\} (\S+)\n:file: (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Page(HTMLParser):
    """What a page links to, what it loads, and the anchors that it has."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.anchors: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep addresses and ids."""
        given = {name: value or "" for name, value in attrs}
        self.anchors |= {given[name] for name in ("id", "name") if name in given}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif tag in {"img", "script", "iframe", "source", "object"}:
            self.loads.append(given.get("src") or given.get("data", ""))
        elif tag == "link" and given.get("rel") in {"stylesheet", "icon", "preload"}:
            self.loads.append(given["href"])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site as `make docs` does; commands on its pages run if their sources have changed."""
    built = tmp_path_factory.mktemp("site")
    strict = ["--quiet", "--nitpicky", "--fail-on-warning", "--keep-going"]
    asked = [sys.executable, "-m", "sphinx", *strict, str(DOCS), str(built)]
    done = subprocess.run(asked, capture_output=True, text=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return built


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Page]:
    """Read every page of the site."""
    return {path: Page(path) for path in site.rglob("*.html")}


def test_every_link_of_the_site_leads_somewhere(site: Path, pages: dict[Path, Page]) -> None:
    """Each link within the site names a file that is there, and an anchor that the page has."""
    inside = [(path, link) for path, page in pages.items() for link in page.links if not urlsplit(link).scheme]
    assert len(inside) > 1000
    wrong = []
    for path, link in inside:
        parts = urlsplit(link)
        target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
        anchors = pages[target].anchors if target in pages else set()
        if not target.is_file() or (target in pages and parts.fragment not in {"", *anchors}):
            wrong.append((path.relative_to(site).as_posix(), link))
    assert wrong == []


def test_every_file_that_a_page_loads_is_in_the_site(pages: dict[Path, Page]) -> None:
    """Scripts, styles and pictures are files of the site: nothing comes from the network."""
    loaded = {
        (path, address) for path, page in pages.items() for address in page.loads if address and address[:5] != "data:"
    }
    assert len(loaded) > 100
    files = [(path, address, (path.parent / unquote(urlsplit(address).path)).is_file()) for path, address in loaded]
    assert [(path.name, address) for path, address, there in files if not there] == []


def test_the_reference_has_every_public_name(pages: dict[Path, Page]) -> None:
    """All public names of the three packages, and all equations, have an entry with an anchor in the reference."""
    anchors = {anchor for path, page in pages.items() if path.parent.name == "reference" for anchor in page.anchors}
    public = [f"{one}.{name}" for one in [*PACKAGES, EQUATIONS] for name in import_module(one).__all__]
    assert len(public) > 60
    assert [name for name in public if name not in anchors and not name.endswith("__version__")] == []


def test_the_gallery_has_every_complete_case(site: Path) -> None:
    """Each shipped case that extends no other has a page with a figure; the template of deployments is no case."""
    cases = {one.name for one in rp.shipped() if one.extends is None} - {"deployment"}
    gallery = {path.stem: path.read_text(encoding="utf-8") for path in (site / "gallery").glob("*.html")}
    assert set(gallery) - {"index"} == cases
    assert [name for name in cases if f"{name}.svg" not in gallery[name] or "A miss" not in gallery[name]] == []


@pytest.fixture(scope="module")
def offline() -> Iterator[Any]:
    """Open one page of a browser that has no network."""
    playwright = pytest.importorskip("playwright.sync_api", reason="needs Playwright")
    path = chromium()
    if path is None:
        pytest.skip("no Chromium is installed")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser.new_page()
        browser.close()


def test_the_site_is_read_from_disk_without_a_network(site: Path, offline: Any) -> None:
    """Pages opened from disk ask for nothing outside the site, have no errors, show pictures, and can be searched."""
    asked: list[str] = []
    errors: list[str] = []
    offline.on("request", lambda request: asked.append(request.url))
    offline.on("pageerror", lambda error: errors.append(str(error)))
    for name in ("index", "tutorial/first-finding", "reference/python"):
        offline.goto((site / f"{name}.html").as_uri())
    offline.goto((site / "tutorial/first-finding.html").as_uri())
    shown = offline.evaluate("[...document.images].map(image => image.naturalWidth > 0)")
    assert len(shown) >= 3
    assert all(shown)
    offline.goto((site / "search.html").as_uri() + "?q=leverage")
    offline.wait_for_selector("#search-results li a")
    assert [url for url in asked if not url.startswith((site.as_uri(), "data:"))] == []
    assert errors == []


# --- What the tutorials say


def files_of(page: str) -> dict[str, str]:
    """Return the files that a tutorial lets its reader write, complete."""
    found: dict[str, str] = {}
    for _, name, text in PART.findall((DOCS / "tutorial" / f"{page}.md").read_text(encoding="utf-8")):
        found[name] = f"{found[name]}\n{text}" if name in found else text
    return found


def test_the_case_of_the_tutorial_does_what_its_page_says() -> None:
    """The depot is closed in June 2029 without luck, by the numbers on the page; hardly ever without the silt."""
    case = rp.loads(files_of("new-case")["depot.toml"], "depot")
    still = {"theory.sigma": 0, "theory.noise": 0}
    decision = rp.explain(case, actor="Northland", set=still, flips=False).decisions[0]
    assert decision.date == "2029-06"
    assert decision.account.through == pytest.approx({"Orla": 0.3585}, abs=5e-5)
    assert decision.account.value == pytest.approx(-0.3 + 0.3585 - 0.05, abs=5e-5)
    assert rp.run(case, worlds=200).probability("closed") > 0.95
    assert rp.run(case, worlds=200, set={"drivers.silt.scale": 0}).probability("closed") < 0.05


def test_the_offer_of_the_tutorial_is_a_miss_that_is_held_out(tmp_path: Path) -> None:
    """Orla pays in about half of the worlds over the ranges, nearly always at the values, and in fact never."""
    for name, text in files_of("new-case").items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    case = rp.load(tmp_path / "bought.toml")
    unpaid = case.document["history"]["unpaid"]
    assert (unpaid["date"], unpaid["holdout"]) == ("never", True)
    assert 0.4 < rp.run(case, worlds=500, uncertainty="prior").probability("paid") < 0.6
    assert rp.run(case, worlds=200).probability("paid") > 0.9


def test_the_finding_of_the_tutorial_is_found() -> None:
    """Both what-ifs have the same effect on a withdrawal for nothing, because both take 0.45 of dependence away."""
    numbers = rp.load("karabakh").numbers
    rows = [f"dependence.{row}" for row in ("transit", "outlet")]
    taken = [numbers[f"{row}.stake"] * -numbers[f"{row}.alternatives.effects.isolation"] for row in rows]
    assert taken == pytest.approx([0.45, 0.45])
    texts = {name: text for name, text in files_of("first-finding").items() if name.endswith(".toml")}
    free, left = zip(
        *(
            (one.probability("free_exit"), one.probability("withdrawal"))
            for one in (rp.run(rp.loads(text, name), worlds=100) for name, text in texts.items())
        ),
        strict=True,
    )
    base = rp.run("karabakh", worlds=100)
    assert free[0] == pytest.approx(free[1], abs=0.01)
    assert free[0] < base.probability("free_exit") - 0.1
    assert min(left) > 0.95
    assert rp.run("karabakh", worlds=100, theory="self-interest").probability("free_exit") == 0
