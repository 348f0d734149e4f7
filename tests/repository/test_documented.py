"""Completeness: what the program offers is in its documents, and one number is the same in all of them."""

import inspect
import json
import re
import subprocess
import sys
import tomllib
from importlib import import_module
from importlib.metadata import entry_points
from operator import attrgetter

import pytest

import realpolitik as rp
from realpolitik.choices import THEORIES
from realpolitik.scenario import schema
from realpolitik_model.equations.weights import RULES
from realpolitik_viz.dashboard.view import PAGES
from repository.tree import PACKAGES, ROOT, modules

DOCS = ROOT / "docs"
FORMAT = DOCS / "reference" / "scenario-files.md"
README = (ROOT / "README.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LISTED = re.compile(r"^\W*([a-z][a-z-]+)  ", re.MULTILINE)


def commands() -> list[str]:
    """The commands, as the program itself lists them."""
    asked = [sys.executable, "-c", "from realpolitik.cli import main; main()", "--help"]
    shown = subprocess.run(asked, capture_output=True, text=True, encoding="utf-8", check=True).stdout
    return LISTED.findall(shown.split("Commands", 1)[1])


def test_every_command_is_in_a_guide() -> None:
    """Each command that `realpolitik --help` lists is in README.md, a tutorial or a how-to, with a line to run."""
    listed = commands()
    guides = [README, *(path.read_text(encoding="utf-8") for path in sorted(DOCS.glob("[ht]*to*/*.md")))]
    assert len(guides) > 10
    assert {"run", "explain", "check", "list"} <= set(listed)
    assert [
        name for name in listed if not re.search(rf"^(?:\$ )?realpolitik {name}\b(?!-)", "\n".join(guides), re.M)
    ] == []


def test_the_readme_is_short() -> None:
    """README.md is a screen and a half; what else there is to say is in docs."""
    assert len(README.splitlines()) <= 80


def keys() -> list[tuple[str, str]]:
    """Every key that the schema of scenario files has, with the class of its row."""
    defined = schema()["$defs"]
    return [(row, key) for row, found in defined.items() for key in found.get("properties", ())]


def test_the_page_on_scenario_files_has_every_key_and_value() -> None:
    """docs/reference/scenario-files.md names each key of the schema, and each text that a key can have."""
    page = FORMAT.read_text(encoding="utf-8")
    assert len(keys()) > 100
    written = {
        key: re.search(rf"`(?:\[+)?{key}(?:\.ID)?(?:\]+)?\b|^{key} = |[{{,] ?{key} = ", page, re.M) for _, key in keys()
    }
    assert [key for key, found in written.items() if not found] == []
    values = set(re.findall(r'"enum": \[([^]]*)\]', json.dumps(schema())))
    texts = {text for some in values for text in re.findall(r'"([^"]+)"', some)}
    assert {"posterior", "quadratic", "made"} <= texts
    assert [text for text in sorted(texts) if f'"{text}"' not in page and f"`{text}`" not in page] == []


def sections(found: object) -> dict[str, str]:
    """Section -> text of a docstring in numpy's format."""
    parts = re.split(r"^([A-Z][a-z]+)\n-+\n", inspect.getdoc(found) or "", flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


PUBLIC = [(package, name) for package in PACKAGES for name in import_module(package).__all__]
FUNCTIONS = [(package, name) for package, name in PUBLIC if inspect.isroutine(getattr(import_module(package), name))]


METHODS = [
    ("realpolitik", f"Ensemble.{name}")
    for name in ("probability", "month", "measure", "to_xarray", "outcomes_frame", "worlds_frame")
]
METHODS += [("realpolitik", f"Scenario.{name}") for name in ("set", "drop", "case")]
METHODS += [
    ("realpolitik_model", f"LeverageModel.{name}") for name in ("actor", "issue", "driver", "leverage", "happened")
]
METHODS += [("realpolitik_model", f"Actor.{name}") for name in ("leverage_over", "weight_of")]


@pytest.mark.parametrize(("package", "name"), [*FUNCTIONS, *METHODS])
def test_a_public_function_is_documented(package: str, name: str) -> None:
    """A public function, and a method for own code, says what it takes and returns, with an example that runs."""
    function = attrgetter(name)(import_module(package))
    signature, said = inspect.signature(function), sections(function)
    described = re.findall(r"^(\S.*)$", said.get("Parameters", ""), re.MULTILINE)
    assert {one for line in described for one in line.split(", ")} == set(signature.parameters) - {"self"}
    assert "Returns" in said or signature.return_annotation in {None, "None"}
    assert ">>> " in said["Examples"]
    assert "SKIP" not in said["Examples"]


def test_every_public_method_has_a_docstring() -> None:
    """All that the public classes offer says what it is."""
    classes = [found for package, name in PUBLIC if inspect.isclass(found := getattr(import_module(package), name))]
    members = [(one, name) for one in classes for name in vars(one) if not name.startswith("_")]
    offered = [(one, name) for one, name in members if is_method(inspect.getattr_static(one, name))]
    assert len(offered) > 50
    assert [(one, name) for one, name in offered if not inspect.getdoc(getattr(one, name))] == []


def is_method(found: object) -> bool:
    """Whether an attribute of a class is a method or a property."""
    return inspect.isroutine(found) or isinstance(found, property | classmethod | staticmethod)


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


def test_every_page_of_the_dashboard_is_in_its_guide() -> None:
    """docs/howto/dashboard.md has a row for each page, in the order of the navigation."""
    rows = re.findall(r"^\| \*(\w+)\* \|", (DOCS / "howto" / "dashboard.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert [name.lower() for name in rows] == list(PAGES)


def test_every_weight_rule_can_be_chosen() -> None:
    """Scenarios and commands offer the weight rules that the model has, in its order."""
    assert tuple(rule.name for rule in RULES) == THEORIES
    written = FORMAT.read_text(encoding="utf-8")
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
