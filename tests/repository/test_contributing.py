"""What contributors are shown: the guide names what is there, forms can be read, and public CI runs `.ci/run`."""

import re
from pathlib import Path

import pytest
import yaml

from repository.tree import ROOT

GUIDE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
FORMS = sorted((ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml"))
NAMED = re.compile(r"`((?:model|src|viz|tests|scenarios|docs|requirements)/[^`]*|[A-Z]\w*\.\w+|\.ci/run)`")
checkout = pytest.mark.skipif(not FORMS, reason="only a checkout has the forms")


def test_the_guide_names_files_that_are_there() -> None:
    """Each file and folder of CONTRIBUTING.md exists, except those that a contributor makes."""
    named = {name for name in NAMED.findall(GUIDE) if "NAME" not in name and "{" not in name}
    assert len(named) > 25
    missing = {name for name in named if not (ROOT / name).exists()}
    assert {name for name in missing if not name.startswith("docs/")} == set()


def test_the_guide_names_targets_and_tests_that_are_there() -> None:
    """Each make target, and each test and table of tests that it says to extend, exists."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"`make ([a-z][a-z-]*)", GUIDE)) - {"docs"}
    assert {"test", "check", "release-check"} <= targets
    assert [name for name in targets if not re.search(rf"^{name}:", makefile, re.MULTILINE)] == []
    tests = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("*.py"))
    wanted = set(re.findall(r"`(test_\w+)`", GUIDE)) | {"PLACES", "LESS_IN_JSON", "FACES", "FIGURES", "QUERIES"}
    assert [name for name in wanted if not re.search(rf"^(def )?{name}\b", tests, re.MULTILINE)] == []


@checkout
@pytest.mark.parametrize("form", FORMS, ids=lambda path: path.stem)
def test_a_form_can_be_read(form: Path) -> None:
    """Each form has a name, a description, and fields with labels and identifiers of their own."""
    found = yaml.safe_load(form.read_text(encoding="utf-8"))
    assert found["name"]
    assert found["description"]
    fields = found["body"]
    assert all(field["attributes"]["label"] for field in fields)
    assert len({field["id"] for field in fields}) == len(fields)


@checkout
def test_public_ci_runs_what_is_run_here() -> None:
    """The workflow only fetches the checkout and Python, and calls `.ci/run`."""
    found = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))
    steps = [step for job in found["jobs"].values() for step in job["steps"]]
    assert [step["run"] for step in steps if "run" in step] == [".ci/run"]


def test_hooks_call_the_pinned_tools() -> None:
    """Every hook is local: it fetches nothing."""
    found = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert [one["repo"] for one in found["repos"]] == ["local"]
    assert {hook["language"] for hook in found["repos"][0]["hooks"]} == {"system"}
