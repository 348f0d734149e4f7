"""What a release needs. The tests marked `release` look at this checkout (make release-check); the others, at them."""

import re
import subprocess
import tomllib
from datetime import date
from importlib.metadata import version

import pytest
import yaml

from repository.tree import ROOT

TODAY = date.today()


def read(name: str) -> str:
    """Return the text of a file of the checkout."""
    return (ROOT / name).read_text(encoding="utf-8")


def problems(pyproject: str, citation: str, changelog: str, today: date = TODAY) -> list[str]:
    """Return what does not agree about the version and the date of a release."""
    released = tomllib.loads(pyproject)["project"]["version"]
    cited = yaml.safe_load(citation)
    sections = re.split(r"^## ", changelog, flags=re.MULTILINE)[1:]
    headings = [section.splitlines()[0] for section in sections if section.partition("\n")[2].strip()]
    found = re.fullmatch(r"(\S+) - (\d{4}-\d\d-\d\d)", headings[0] if headings else "")
    if found is None:
        return [f"CHANGELOG.md begins with {headings[:1]}; a release has its version and date: {released} - {today}"]
    stated, day = found.groups()
    rules = {
        f"CHANGELOG.md begins with version {stated}, pyproject.toml has {released}": stated == released,
        f"CITATION.cff has version {cited['version']}, pyproject.toml has {released}": cited["version"] == released,
        f"CITATION.cff was released {cited.get('date-released')}, CHANGELOG.md says {day}": day
        == str(cited.get("date-released")),
        f"CHANGELOG.md gives {day}, which is in the future": date.fromisoformat(day) <= today,
    }
    return [rule for rule, holds in rules.items() if not holds]


PROJECT = '[project]\nversion = "0.2.0"\n'
CITED = "version: 0.2.0\ndate-released: 2027-01-31\n"
LOG = "# Changelog\n\n## Unreleased\n\n## 0.2.0 - 2027-01-31\n\n- A command.\n\n## 0.1.0 - 2026-11-27\n\n- All.\n"


def test_a_release_that_agrees_has_no_problems() -> None:
    """The same version and date everywhere are right, with an empty section for what comes next."""
    assert problems(PROJECT, CITED, LOG, date(2027, 1, 31)) == []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('version = "0.2.0"', 'version = "0.3.0"', "CHANGELOG.md begins with version 0.2.0"),
        ("version: 0.2.0", "version: 0.1.0", "CITATION.cff has version 0.1.0"),
        ("date-released: 2027-01-31", "date-released: 2026-11-27", "CITATION.cff was released 2026-11-27"),
        ("date-released: 2027-01-31\n", "", "CITATION.cff was released None"),
        ("## Unreleased\n", "## Unreleased\n\n- A page.\n", "CHANGELOG.md begins with ['Unreleased']"),
        ("0.2.0 - 2027-01-31", "0.2.0 - unreleased", "CHANGELOG.md begins with ['0.2.0 - unreleased']"),
        ("2027-01-31", "2027-02-01", "which is in the future"),
    ],
)
def test_what_does_not_agree_is_found(old: str, new: str, problem: str) -> None:
    """Another version or date in one of the files, and a section without a date, are named."""
    given = [text.replace(old, new) for text in (PROJECT, CITED, LOG)]
    assert given != [PROJECT, CITED, LOG]
    assert problem in "; ".join(problems(*given, date(2027, 1, 31)))


@pytest.mark.release
def test_version_and_date_agree() -> None:
    """Project, citation, changelog and the installed package have one version, and the release a date."""
    assert problems(read("pyproject.toml"), read("CITATION.cff"), read("CHANGELOG.md")) == []
    assert version("realpolitik") == tomllib.loads(read("pyproject.toml"))["project"]["version"]


@pytest.mark.release
def test_all_is_committed() -> None:
    """What is released is what git has."""
    asked = ["git", "status", "--porcelain"]
    assert subprocess.run(asked, cwd=ROOT, capture_output=True, encoding="utf-8", check=True).stdout == ""
