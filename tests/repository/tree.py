"""The checkout as the tests of this folder see it."""

import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = {"realpolitik_model": "model", "realpolitik": "src", "realpolitik_viz": "viz"}
PACKAGES = {name: ROOT / folder / name for name, folder in FOLDERS.items()}


@cache
def files() -> list[Path]:
    """Every file of the repository: those that git keeps, and those it would be asked to."""
    if not (ROOT / ".git").exists():
        pytest.skip("this is no checkout: nothing tells the repository's files from others")
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(listing, cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    return [path for path in (ROOT / name for name in names if name) if path.is_file()]


def modules(*folders: str) -> list[Path]:
    """Python modules of these folders of the checkout."""
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def name_of(path: Path) -> str:
    """A path as a message should give it."""
    return path.relative_to(ROOT).as_posix()
