"""Whether this checkout can be released: make release-check runs these tests, and no other command."""

import re
import subprocess
import tomllib
from datetime import date
from importlib.metadata import version

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


def test_version_and_date_agree() -> None:
    """Project, citation, changelog and the installed package have one version, and the release a date."""
    assert problems(read("pyproject.toml"), read("CITATION.cff"), read("CHANGELOG.md")) == []
    assert version("realpolitik") == tomllib.loads(read("pyproject.toml"))["project"]["version"]


def test_all_is_committed() -> None:
    """What is released is what git has."""
    asked = ["git", "status", "--porcelain"]
    assert subprocess.run(asked, cwd=ROOT, capture_output=True, encoding="utf-8", check=True).stdout == ""
