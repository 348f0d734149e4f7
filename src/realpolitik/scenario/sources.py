"""Where scenario files come from: shipped with the package, named by a path, or handed over as text."""

import os
from dataclasses import dataclass
from pathlib import Path

from realpolitik.scenario.errors import Place, ScenarioError, nearest
from realpolitik.scenario.guard import read

NOWHERE = Place("", 0, 0)


@dataclass(frozen=True)
class Source:
    """A text to be read, the name by which messages call it, and the folder of its relative paths."""

    file: str
    path: Path | None
    text: str = ""
    folder: Path | None = None

    def read(self) -> str:
        """Give the text, from its file if it has one."""
        return read(self.path, self.file) if self.path else self.text

    @property
    def identity(self) -> str:
        """Tell two sources apart, however their paths are written."""
        return os.path.realpath(self.path) if self.path else f"text of {self.file}"


def shipped_folder() -> Path:
    """`realpolitik/scenarios` in a wheel, `scenarios` at the top of a checkout."""
    package = Path(__file__).parents[1]
    wheel = package / "scenarios"
    return wheel if wheel.is_dir() else package.parents[1] / "scenarios"


def shipped_names() -> list[str]:
    """Names of the scenarios that come with the package."""
    return sorted(path.stem for path in shipped_folder().glob("*.toml"))


def is_path(name: str) -> bool:
    """Tell a path from the name of a shipped scenario."""
    return name.endswith(".toml") or "/" in name or os.sep in name


def find(name: str, folder: Path | None, written: str = "", place: Place | None = None) -> Source:
    """Find a shipped scenario by name or a file by path; without a folder, shipped ones only."""
    names = shipped_names()
    if name in names:
        return Source(f"{name}.toml", shipped_folder() / f"{name}.toml")
    if not is_path(name):
        problem = f"unknown scenario '{name[:100]}' (shipped: {', '.join(names) or 'none'})"
        raise ScenarioError(place or NOWHERE, "extends" * bool(place), problem, nearest(name, names))
    if folder is None:
        problem = "only a shipped scenario can be extended here, not a path"
        raise ScenarioError(place or NOWHERE, "extends", problem, nearest(Path(name).stem, names))
    path = folder / name
    file = os.path.normpath(os.path.join(written, name))  # noqa: PTH118 (the name is shown, never opened)
    if not os.path.exists(path):  # noqa: PTH110 (pathlib raises on names that no file system allows)
        problem = f"no such file: '{file[:200]}'"
        raise ScenarioError(place or NOWHERE, "extends" * bool(place), problem, sibling(path, name))
    return Source(file, path, folder=path.parent)


def sibling(path: Path, name: str) -> str | None:
    """Give the scenario file in the same folder that was probably meant."""
    try:
        near = nearest(path.name, (other.name for other in path.parent.glob("*.toml")))
    except (OSError, ValueError):
        return None
    return name[: len(name) - len(path.name)] + near if near else None
