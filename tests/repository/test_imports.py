"""The architecture as a test: who may import whom, and that all that is imported is asked for."""

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions

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


def test_help_waits_for_nothing_heavy() -> None:
    """Help imports neither the model, nor what reads scenarios, nor what stores results."""
    code = "import sys; from realpolitik.cli import cli; cli(['sweep', '--help'], standalone_mode=False)"
    told = f"{code}; print('HEAVY', *sorted({HEAVY!r} & sys.modules.keys()))"
    shown = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True).stdout
    assert shown.splitlines()[-1].split() == ["HEAVY"]


def test_all_that_is_imported_is_asked_for() -> None:
    """Every distribution that the packages import stands in pyproject.toml, and no other."""
    asked = {distribution(one) for some in [PROJECT["dependencies"], *EXTRAS.values()] for one in some}
    tools = {distribution(one) for one in EXTRAS["dev"]}
    owners = packages_distributions()
    others = imported() - set(sys.stdlib_module_names) - PACKAGES.keys()
    owned = {distribution(owners[name][0]) for name in others}
    used = {BROUGHT.get(name, name) for name in owned}
    assert used - (asked - tools) == set()
    assert (asked - tools) - used == WITHOUT_IMPORT.keys()
