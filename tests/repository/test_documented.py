"""Completeness: what the program offers is in its documents, and one number is the same in all of them."""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import entry_points

import pytest

import realpolitik as rp
from realpolitik.choices import THEORIES
from realpolitik_model.equations.weights import RULES
from repository.tree import ROOT, modules

README = (ROOT / "README.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LISTED = re.compile(r"^\W*([a-z][a-z-]+)  ", re.MULTILINE)


def commands() -> list[str]:
    """The commands, as the program itself lists them."""
    asked = [sys.executable, "-c", "from realpolitik.cli import main; main()", "--help"]
    shown = subprocess.run(asked, capture_output=True, text=True, encoding="utf-8", check=True).stdout
    return LISTED.findall(shown.split("Commands", 1)[1])


def test_every_command_is_in_the_readme() -> None:
    """Each command that `realpolitik --help` lists is in README.md with a line that can be run."""
    listed = commands()
    assert {"run", "explain", "check", "list"} <= set(listed)
    assert [name for name in listed if not re.search(rf"realpolitik {name}\b(?!-)", README)] == []


def test_the_headline_figures_are_those_of_a_run() -> None:
    """The table at the top of README.md has the posterior, prior and plain shares that `run karabakh` prints."""
    runs = [rp.run("karabakh", uncertainty=kind, paths=0) for kind in ("posterior", "prior", "none")]
    rows = dict(re.findall(r"^\| ([A-Z][^|]+?) \| ((?:\d[^|]*\|? ?){3})", README, re.MULTILINE))
    labels = {row["label"]: name for name, row in runs[0].scenario.document["outcomes"].items()}
    assert len(rows) >= 5
    stated = {label: re.findall(r"[\d.]+%", cells) for label, cells in rows.items()}
    assert stated == {label: [f"{one.probability(labels[label]):.1%}" for one in runs] for label in rows}


def test_every_target_is_explained() -> None:
    """`make help` lists each target that README.md names, with its meaning, and others."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    explained = re.findall(r"^([a-z-]+):.*## \S", makefile, re.MULTILINE)
    assert {"run", "test", "check", "clean", "help"} <= set(explained)
    assert set(re.findall(r"\bmake ([a-z-]+)", README)) & {"run", "test", "check"}
    assert [name for name in re.findall(r"^make ([a-z-]+)", README, re.MULTILINE) if name not in explained] == []


def test_every_figure_that_is_asked_for_is_offered() -> None:
    """Each kind of figure that a command can ask for has an entry point, and each entry point can be loaded."""
    asked = {kind for path in modules("src") for kind in re.findall(r'conclude\("(\w+)"', path.read_text())}
    offered = entry_points(group="realpolitik.figures")
    assert asked | {"save"} <= offered.names
    assert all(callable(point.load()) for point in offered)


def test_every_weight_rule_can_be_chosen() -> None:
    """Scenarios and commands offer the weight rules that the model has, in its order."""
    assert tuple(rule.name for rule in RULES) == THEORIES
    written = (ROOT / "docs" / "reference" / "scenario-files.md").read_text(encoding="utf-8")
    described = (ROOT / "model" / "README.md").read_text(encoding="utf-8")
    assert [
        rule.name for rule in RULES if f'`"{rule.name}"`' not in written or f"| `{rule.name}` |" not in described
    ] == []


@pytest.mark.parametrize(
    ("name", "pattern"), [("CITATION.cff", r"^version: (\S+)$"), ("CITATION.cff", r"^license: (\S+)$")]
)
def test_a_citation_agrees_with_the_package(name: str, pattern: str) -> None:
    """Version and licence are the same in every document."""
    stated = re.findall(pattern, (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE)
    assert stated == [PROJECT[pattern[1:8]]]
