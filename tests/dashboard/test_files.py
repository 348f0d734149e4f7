"""Downloads and uploads: figures, tables and scenarios."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from matplotlib.image import imread

import realpolitik as rp
from dashboard.browser import Dashboard, ready, slide
from realpolitik.frames import shown

OPENED: dict[str, Callable[[Path], bool]] = {
    "png": lambda file: imread(file).shape[2] in (3, 4),
    "svg": lambda file: ElementTree.parse(file).getroot().tag.endswith("}svg"),
    "csv": lambda file: len({len(row) for row in csv.reader(file.read_text().splitlines())}) == 1,
}
"""How to check that a file has the format of its suffix."""


def download(page: Any, what: str, folder: Path) -> Path:
    """Click a download, and keep the file."""
    with page.expect_download() as waiting:
        page.click(what)
    file = folder / str(waiting.value.suggested_filename)
    waiting.value.save_as(file)
    return file


def test_downloads_open(visit: Any, tmp_path: Path) -> None:
    """PNG, SVG and CSV of a figure are valid, and the saved scenario runs the same and keeps its comments."""
    page = visit("set=drivers.war.scale=0.5&theory=capability&worlds=500&issue=karabakh")
    ready(page, "explore")
    page.wait_for_selector(".chart svg")
    for kind, opens in OPENED.items():
        file = download(page, f".chart [aria-label='Download Fan of Control of Karabakh as {kind.upper()}']", tmp_path)
        assert file.suffix == f".{kind}"
        assert opens(file)
        if kind == "svg":
            words = " ".join(
                "".join(one.itertext()) for one in ElementTree.parse(file).getroot() if one.tag.endswith("text")
            )
            assert words.startswith("Control of Karabakh by month ")
            assert (
                "changed: How heavy is the war on Moscow: 50% of what it was; theory: capability. 500 worlds, seed 1"
                in words
            )
            assert f'href="{page.url}"'.replace("&", "&amp;") in file.read_text()
    file = download(page, "[data-toml]", tmp_path)
    changes = {"drivers.war.scale": 0.5, "theory.weights": "capability"}
    assert "# Karabakh, 2020-2030" in file.read_text()
    assert rp.load(file).sha256 == rp.load("karabakh", set=changes).sha256


def test_no_cell_of_a_table_is_a_formula(visit: Any) -> None:
    """Tables of a page follow the rule of `run --out`: texts are escaped, numbers are not."""
    page = visit("worlds=100")
    ready(page, "explore")
    cells = ["=1+1", "-1", "@a", "  +1", "\t=1", "\uff1d1", "a;=1", -1.5, None, "plain"]
    made = page.evaluate("(cells) => cells.map(house.saving.cell)", cells)
    assert made[7:] == ["-1.5", "", "plain"]
    assert made[:7] == [str(shown(cell)) for cell in cells[:7]]
    assert all("'" in cell for cell in made[:7])


MINE = """extends = "karabakh"
reason = "A test"
assumption = true
[meta]
title = "Mine"
[set]
"drivers.war.scale" = 0.0
"""


def test_an_upload_runs(visit: Any, served: Dashboard, tmp_path: Path) -> None:
    """An uploaded diff is read and run; the pickers show it, also after a reload, and a link without it asks for it."""
    page = visit("page=explore")
    ready(page, "explore")
    file = tmp_path / "mine.toml"
    file.write_text(MINE)
    page.set_input_files("input[type=file]", file)
    page.wait_for_selector("h2:has-text('Mine')")
    page.wait_for_selector(".delta.down")
    chosen = "one => [one.value, one.selectedOptions[0].text]"
    assert page.eval_on_selector("[name=preset]", chosen) == ["my-mine", "Mine"]
    page.reload()
    ready(page, "explore")
    assert page.inner_text("h2") == "Mine"
    assert page.eval_on_selector("[name=preset]", chosen) == ["my-mine", "Mine"]
    page.goto(f"{served.url}?page=world&scenario=my-other")
    page.wait_for_selector("[data-missing]:has-text('other.toml')")
    page.set_input_files("input[type=file]", file.rename(tmp_path / "other.toml"))
    ready(page, "world")
    assert "scenario=my-other" in page.url


def test_a_bad_upload_shows_file_and_line(visit: Any, tmp_path: Path) -> None:
    """An invalid upload is reported with its position, and the page goes on."""
    text = 'extends = "karabakh"\nreason = "x"\nassumption = true\n[set]\n"drivers.war.scal" = 0.0\n'
    page = visit("page=explore")
    ready(page, "explore")
    file = tmp_path / "bad.toml"
    file.write_text(text)
    page.set_input_files("input[type=file]", file)
    page.wait_for_selector("[data-message]")
    assert "bad.toml:5:1: " in page.inner_text("[data-message]")
    page.click("[aria-label='Dismiss the message']")
    page.wait_for_selector("[data-message]", state="detached")
    slide(page, "drivers.war.scale", 0.5)
