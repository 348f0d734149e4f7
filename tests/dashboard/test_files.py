"""What a reader takes away and what a reader brings: figures, tables, scenarios."""

import csv
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from matplotlib.image import imread

import realpolitik as rp
from dashboard.browser import ready, slide
from realpolitik.frames import shown

OPENED = {
    "png": lambda file: imread(file).shape[2] in (3, 4),
    "svg": lambda file: ElementTree.parse(file).getroot().tag.endswith("}svg"),
    "csv": lambda file: len({len(row) for row in csv.reader(file.read_text().splitlines())}) == 1,
}
"""How one tells that a file is what its name says."""


def download(page: Any, what: str, folder: Path) -> Path:
    """Click what hands a file over, and keep the file."""
    with page.expect_download() as waiting:
        page.click(what)
    file = folder / waiting.value.suggested_filename
    waiting.value.save_as(file)
    return file


def test_downloads_open(visit: Any, tmp_path: Path) -> None:
    """PNG, SVG and CSV of a figure are what they say, and the scenario runs as saved, its comments kept."""
    page = visit("set=drivers.war.scale=0.5&theory=capability&worlds=500")
    ready(page, "explore")
    page.wait_for_selector(".chart svg")
    for kind, opens in OPENED.items():
        file = download(page, f".chart [aria-label='Download Fan of Control of Karabakh as {kind.upper()}']", tmp_path)
        assert file.suffix == f".{kind}"
        assert opens(file)
    file = download(page, "[data-toml]", tmp_path)
    changes = {"drivers.war.scale": 0.5, "theory.weights": "capability"}
    assert "# Karabakh, 2020-2030" in file.read_text()
    assert rp.load(file).sha256 == rp.load("karabakh", set=changes).sha256


def test_no_cell_of_a_table_is_a_formula(visit: Any) -> None:
    """Tables that the page makes follow the same rule as those of `run --out`: texts are inert, numbers are numbers."""
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


def test_an_upload_runs(visit: Any, tmp_path: Path) -> None:
    """A diff of one's own is read and run."""
    page = visit("page=explore")
    ready(page, "explore")
    file = tmp_path / "mine.toml"
    file.write_text(MINE)
    page.set_input_files("input[type=file]", file)
    page.wait_for_selector("h2:has-text('Mine')")
    page.wait_for_selector(".delta.down")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('extends = "karabakh"\nreason = "x"\nassumption = true\n[set]\n"drivers.war.scal" = 0.0\n', "bad.toml:5:1: "),
        ('extends = "../../etc/passwd"\n', "bad.toml:1:1: "),
        ("x" * 1_000_001, "at most 1,000,000 bytes"),
    ],
)
def test_a_bad_upload_shows_file_and_line(visit: Any, tmp_path: Path, text: str, message: str) -> None:
    """What is wrong with an upload is said with its place, and the page lives on."""
    page = visit("page=explore")
    ready(page, "explore")
    file = tmp_path / "bad.toml"
    file.write_text(text)
    page.set_input_files("input[type=file]", file)
    page.wait_for_selector("[data-message]")
    assert message in page.inner_text("[data-message]")
    page.click("[aria-label='Dismiss the message']")
    page.wait_for_selector("[data-message]", state="detached")
    slide(page, "drivers.war.scale", 0.5)
