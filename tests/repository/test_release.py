"""The check of a release finds what does not agree."""

from datetime import date

import pytest

from repository.release import problems

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
