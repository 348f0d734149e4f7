"""What `make` installs is pinned, with hashes, and nothing else is installed."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterable
from hashlib import sha256
from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from realpolitik_viz.dashboard.collect import npm
from repository.tree import ROOT

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
GROUPS = PYPROJECT["dependency-groups"]
EXTRAS = {"run": "", "viz": "viz", "dev": "dev"}
"""File in requirements/ -> the extra of the project that it installs."""
TOOLS = ("lock", "npm")
"""Files in requirements/ that hold one tool, each from the dependency group of its name."""
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")
STAMPS = (".venv/.run", ".venv/.viz", ".venv/.dev", ".venvs/lock/.lock")


def entries(file: str) -> list[tuple[Requirement, list[str]]]:
    """Requirements of a file, each with the options that follow it."""
    text = (ROOT / f"requirements/{file}.txt").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line.strip() for line in text.splitlines()]
    parts = [re.split(r"\s+(?=--)", line) for line in lines if line and not line.startswith(("#", "--only-binary"))]
    return [(Requirement(requirement), options) for requirement, *options in parts]


def pinned(file: str) -> dict[str, str]:
    """Name -> version of what a file installs on this Python."""
    here = [one for one, _ in entries(file) if one.marker is None or one.marker.evaluate()]
    names = {canonicalize_name(one.name): next(iter(one.specifier)).version for one in here}
    assert len(names) == len(here)
    return names


def wanted(requirements: Iterable[str], extra: str) -> list[Requirement]:
    """Those of a distribution's requirements that apply here if it is asked for with this extra."""
    environment = {**default_environment(), "extra": extra}
    parsed = [Requirement(one) for one in requirements]
    return [one for one in parsed if one.marker is None or one.marker.evaluate(environment)]


def direct(extra: str) -> list[Requirement]:
    """What pyproject.toml asks for with this extra, and to build the project."""
    project = PYPROJECT["project"]
    extras = {extra} if extra != "dev" else set(project["optional-dependencies"])
    asked = [one for name in extras - {""} for one in project["optional-dependencies"][name]]
    parsed = wanted([*project["dependencies"], *asked, *PYPROJECT["build-system"]["requires"], *GROUPS["build"]], "")
    return [one for one in parsed if one.name != project["name"]]


def needed(requirements: Iterable[Requirement]) -> dict[str, list[Requirement]]:
    """Name -> requirements of all that these need, directly or not, as the installed distributions tell."""
    found: dict[str, list[Requirement]] = {}
    seen: set[tuple[str, str]] = set()
    waiting = [(one, extra) for one in requirements for extra in ("", *one.extras)]
    while waiting:
        one, extra = waiting.pop()
        name = canonicalize_name(one.name)
        found.setdefault(name, []).append(one)
        if (name, extra) not in seen:
            seen.add((name, extra))
            waiting += [(inner, own) for inner in wanted(requires(name) or [], extra) for own in ("", *inner.extras)]
    return found


@pytest.mark.parametrize("file", [*EXTRAS, *TOOLS])
def test_every_line_has_a_version_and_hashes(file: str) -> None:
    """Each line gives one exact version and the hashes of its files, and no address or path."""
    for requirement, options in entries(file):
        assert re.fullmatch(r"==[\w.]+", str(requirement.specifier)), requirement
        assert requirement.url is None, requirement
        assert options, requirement
        assert all(HASH.fullmatch(option) for option in options), requirement


@pytest.mark.parametrize("file", EXTRAS)
def test_all_that_is_needed_is_pinned(file: str) -> None:
    """A file lists what its extra and the build need, and what these need in turn, in versions that all allow."""
    versions = pinned(file)
    for name, requirements in needed(direct(EXTRAS[file])).items():
        assert name in versions, requirements
        assert all(one.specifier.contains(versions[name], prereleases=True) for one in requirements), requirements


@pytest.mark.parametrize("file", TOOLS)
def test_the_tools_are_pinned(file: str) -> None:
    """What writes the requirements, and what fetches the dashboard's assets, is verified like all else."""
    (tool,) = (Requirement(one) for one in GROUPS[file])
    assert tool.specifier.contains(pinned(file)[tool.name])


def test_the_files_agree() -> None:
    """Who adds the dashboard or the tools to an environment changes no version there."""
    assert pinned("run").items() <= pinned("viz").items() <= pinned("dev").items()


@pytest.fixture(scope="module")
def make() -> str:
    """Path of make, which some machines lack."""
    found = shutil.which("make")
    if found is None:
        pytest.skip("make is not installed")
    return found


def clean() -> dict[str, str]:
    """Environment without what a make around this test, or a user's pip, would add."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "PIP_"))}


def test_make_installs_nothing_unverified(make: str) -> None:
    """Each pip command of the set-up verifies hashes, or installs the checkout alone and downloads nothing."""
    command = [make, "--dry-run", "--always-make", *STAMPS]
    printed = subprocess.run(command, cwd=ROOT, env=clean(), capture_output=True, text=True, check=True).stdout
    commands = [part for part in re.split(r"\n|&&|;", printed.replace("\\\n", " ")) if "-m pip" in part]
    verified = [part for part in commands if "--require-hashes" in part]
    local = [part for part in commands if "--no-deps --no-build-isolation --editable ." in part]
    assert (len(verified), len(local)) == (len(STAMPS), 3)
    assert len(commands) == len(verified) + len(local)


def wheel(folder: Path, name: str, version: str) -> Path:
    """Write a wheel with one empty module."""
    path = folder / f"{name}-{version}-py3-none-any.whl"
    about = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}.py", "")
        archive.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        archive.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{about}/RECORD", f"{name}.py,,\n")
    return path


def test_a_package_with_another_hash_is_refused(make: str, tmp_path: Path) -> None:
    """A package whose hash is not listed ends the set-up and is not installed; with the right hash it is installed."""
    content = wheel(tmp_path, "tiny", "1").read_bytes()
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "requirements").mkdir()
    listed = tmp_path / "requirements/lock.txt"
    environment = clean() | {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path)}
    command = [make, ".venvs/lock/.lock", f"PYTHON={sys.executable}"]

    listed.write_text(f"tiny==1 --hash=sha256:{sha256(b'').hexdigest()}\n")
    refused = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert refused.returncode != 0
    assert "DO NOT MATCH THE HASHES" in refused.stderr
    assert list(tmp_path.rglob("site-packages/tiny.py")) == []

    listed.write_text(f"tiny==1 --hash=sha256:{sha256(content).hexdigest()}\n")
    subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=True)
    assert len(list(tmp_path.rglob("site-packages/tiny.py"))) == 1


def test_an_npm_with_another_hash_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where npm is not installed, only the one in requirements/ may be fetched in its place."""
    ((name, version),) = pinned("npm").items()
    wheel(tmp_path, name.replace("-", "_"), version)
    for variable in os.environ.keys() - clean().keys():
        monkeypatch.delenv(variable)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    with pytest.raises(subprocess.CalledProcessError), npm():
        pytest.fail("another package than the listed one was installed")
