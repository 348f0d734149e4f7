"""What is shipped: a wheel made from the source distribution, with all that a checkout runs on."""

import re
import subprocess
import sys
import tarfile
import zipfile
from configparser import ConfigParser
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from packaging.metadata import Metadata
from trove_classifiers import classifiers

from repository.tree import FOLDERS, PACKAGES, ROOT, files, name_of

CACHES = ("_build", "__pycache__", ".hypothesis", ".mypy_cache")


def built(kind: str, source: Path, target: Path) -> Path:
    """Build one distribution of a source tree, with the back end that is installed here."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", kind, "--directory", str(target)]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    (made,) = target.iterdir()
    return made


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source distribution, unpacked."""
    folder = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(built("sdist", ROOT, tmp_path_factory.mktemp("sdist"))) as archive:
        archive.extractall(folder, filter="data")
    (tree,) = folder.iterdir()
    return tree


@pytest.fixture(scope="module")
def wheel(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel that the source distribution gives."""
    return zipfile.ZipFile(built("wheel", sdist, tmp_path_factory.mktemp("wheel")))


def test_the_wheel_has_every_scenario(wheel: zipfile.ZipFile) -> None:
    """Each file of scenarios/ is shipped with the package, to the byte."""
    scenarios = sorted((ROOT / "scenarios").glob("*.toml"))
    assert scenarios
    for path in scenarios:
        assert wheel.read(f"realpolitik/scenarios/{path.name}") == path.read_bytes()


def test_the_wheel_has_every_module(wheel: zipfile.ZipFile) -> None:
    """All files of the three packages are shipped, and nothing else but scenarios and metadata."""
    kept = {
        f"{package}/{path.relative_to(folder).as_posix()}"
        for package, folder in PACKAGES.items()
        for path in folder.rglob("*")
        if path.is_file() and not any(part in CACHES for part in path.parts)
    }
    shipped = set(wheel.namelist())
    assert kept - shipped == set()
    others = [name for name in shipped - kept if ".dist-info/" not in name]
    assert [name for name in others if not name.startswith("realpolitik/scenarios/")] == []


def test_the_wheel_has_its_metadata(wheel: zipfile.ZipFile) -> None:
    """Licence, command and figures come along, and each package says that it is typed."""
    names = wheel.namelist()
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)
    assert {f"{package}/py.typed" for package in PACKAGES} <= set(names)
    points = ConfigParser()
    points.read_string(wheel.read(next(name for name in names if name.endswith("/entry_points.txt"))).decode())
    assert points["console_scripts"]["realpolitik"] == "realpolitik.cli:main"
    assert "ensemble" in points["realpolitik.figures"]


def test_the_metadata_is_valid(wheel: zipfile.ZipFile) -> None:
    """Licence, authors, summary and classifiers are as package indexes accept them, and the README can be shown."""
    name = next(one for one in wheel.namelist() if one.endswith(".dist-info/METADATA"))
    found = Metadata.from_email(wheel.read(name), validate=True)
    assert (found.license_expression, found.author) == ("Apache-2.0", "The realpolitik developers")
    assert found.summary
    assert set(found.classifiers or []) <= classifiers
    assert found.description_content_type == "text/markdown"
    assert found.description == (ROOT / "README.md").read_text(encoding="utf-8")
    page = MarkdownIt("commonmark").enable("table").render(found.description)
    text = re.sub(r"<pre>.*?</pre>", "", page, flags=re.DOTALL)
    assert page.startswith("<h1>realpolitik</h1>")
    assert "<img" in page
    assert re.findall(r"^\s*(?:<p>)?(?:\||```|#{1,6} ).*", text, re.MULTILINE) == []


def test_the_wheel_has_the_files_of_git(wheel: zipfile.ZipFile) -> None:
    """Each file of the three packages and of scenarios/ that git keeps is in the wheel."""
    places = {f"{folder}/{package}/": f"{package}/" for package, folder in FOLDERS.items()}
    places["scenarios/"] = "realpolitik/scenarios/"
    names = list(map(name_of, files()))
    shipped = {
        target + name.removeprefix(place)
        for place, target in places.items()
        for name in names
        if name.startswith(place)
    }
    assert len(shipped) > 150
    assert shipped - set(wheel.namelist()) == set()


UNSHIPPED = re.compile(r"\.ci/|\.github/")
"""What only a checkout has."""
ADDED = re.compile(r"PKG-INFO|viz/realpolitik_viz/dashboard/assets/.*")
"""What a source distribution has besides: its metadata, and what is fetched before it is built."""


def test_the_source_distribution_has_the_files_of_git(sdist: Path) -> None:
    """Each file that git keeps is in the source distribution, and no other but its metadata and the assets."""
    shipped = {path.relative_to(sdist).as_posix() for path in sdist.rglob("*") if path.is_file()}
    kept = {name for name in map(name_of, files()) if not UNSHIPPED.match(name)}
    assert kept - shipped == set()
    assert {name for name in shipped - kept if not ADDED.fullmatch(name)} == set()
