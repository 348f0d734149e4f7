"""The architecture as a test: who may import whom, and that all that is imported is asked for."""

import ast
import re
import subprocess
import sys
import tomllib
from collections import Counter
from importlib.metadata import packages_distributions

import grimp
import networkx
import pytest

from repository.tree import FOLDERS, PACKAGES, ROOT, modules

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
WITHOUT_IMPORT = {
    "ipyvue": "Solara's pages are of its version 1",
    "ipyvuetify": "Solara's pages are of its version 1",
    "networkx": "Mesa 3.5 imports it without requiring it",
}
HEAVY = {"matplotlib", "numba", "numpy", "pandas", "pyarrow", "pydantic", "scipy", "xarray"}
BROUGHT = {"pydantic-core": "pydantic", "solara-ui": "solara"}
"""What is imported of a distribution that another one is made of."""


def distribution(requirement: str) -> str:
    """Name of what a requirement asks for, as package indexes write it."""
    match = re.match(r"[\w.-]+", requirement)
    assert match
    return match[0].lower().replace("_", "-")


def imported() -> set[str]:
    """Top-level names that the three packages import, wherever in a module."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in modules(*FOLDERS.values())]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    plain = {alias.name.split(".")[0] for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return plain | {node.module.split(".")[0] for node in nodes if isinstance(node, ast.ImportFrom) and node.module}


def test_the_layers_hold() -> None:
    """The window looks at the laboratory, the laboratory runs the model, and none looks back."""
    lint = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    run = [sys.executable, "-c", lint, "--no-cache"]
    checked = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "0 broken" in checked.stdout


@pytest.mark.parametrize(
    ("command", "needed"), [(["sweep", "--help"], []), (["list"], []), (["check", "karabakh"], ["pydantic"])]
)
def test_a_quick_command_imports_nothing_heavy(command: list[str], needed: list[str]) -> None:
    """Help and the list of scenarios import no large library; a check needs only the one that validates."""
    code = f"import sys; from realpolitik.cli import cli; cli({command!r}, standalone_mode=False)"
    shows = f"{code}; print('HEAVY', *sorted({HEAVY!r} & sys.modules.keys()))"
    shown = subprocess.run([sys.executable, "-c", shows], capture_output=True, text=True, check=True).stdout
    assert shown.splitlines()[-1].split() == ["HEAVY", *needed]


def test_all_that_is_imported_is_asked_for() -> None:
    """Every distribution that the packages import is in pyproject.toml, and no other."""
    asked = {distribution(one) for some in [PROJECT["dependencies"], *EXTRAS.values()] for one in some}
    tools = {distribution(one) for one in [*EXTRAS["dev"], *EXTRAS["docs"]]}
    owners = packages_distributions()
    others = imported() - set(sys.stdlib_module_names) - PACKAGES.keys()
    owned = {distribution(owners[name][0]) for name in others}
    used = {BROUGHT.get(name, name) for name in owned}
    assert used - (asked - tools) == set()
    assert (asked - tools) - used == WITHOUT_IMPORT.keys()


def imports() -> dict[str, set[str]]:
    """Module -> modules that it imports, also in functions and for type checkers."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT)
        graph = grimp.build_graph(*PACKAGES, "benchmarks", cache_dir=None)
    return {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}


def cycles(edges: dict[str, set[str]]) -> list[set[str]]:
    """Groups of modules of which each imports every other, directly or not."""
    graph = networkx.DiGraph([(module, other) for module, others in edges.items() for other in others])
    return [set(group) for group in networkx.strongly_connected_components(graph) if len(group) > 1]


def test_no_modules_import_each_other() -> None:
    """The import graph has no cycles."""
    assert cycles(imports()) == []


def test_a_cycle_is_found() -> None:
    """The search finds modules that import each other by way of a third."""
    assert cycles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == [{"a", "b", "c"}]


SAME_SUBJECT = {"audit", "ensemble"}
"""Module names that a command, a result and its figure share."""


def names(folder: str) -> list[str]:
    """Names of the modules of a folder, and of their classes."""
    paths = [path for path in modules(folder) if not path.stem.startswith("__")]
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in paths]
    classes = [node.name for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    return [path.stem for path in paths] + classes


def test_a_name_has_one_meaning() -> None:
    """No two modules of the three packages have one name, nor two classes."""
    found = Counter(name for folder in FOLDERS.values() for name in names(folder))
    assert {name for name, count in found.items() if count > 1} - SAME_SUBJECT == set()
