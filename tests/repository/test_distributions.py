"""What is shipped: a wheel made from the source distribution, with all that a checkout runs on."""

import subprocess
import sys
import tarfile
import zipfile
from configparser import ConfigParser
from pathlib import Path

import pytest

from repository.tree import PACKAGES, ROOT, name_of

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


@pytest.mark.parametrize("folder", ["docs", "model", "scenarios", "src", "tests", "viz"])
def test_the_source_distribution_is_whole(sdist: Path, folder: str) -> None:
    """Who has the source distribution has the documents and the evidence too."""
    kept = {name_of(path) for path in (ROOT / folder).rglob("*.*") if path.suffix in {".py", ".toml", ".md"}}
    assert kept
    assert {
        name for name in kept if not any(part in CACHES for part in Path(name).parts) and not (sdist / name).exists()
    } == set()
