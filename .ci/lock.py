#!/usr/bin/env python3
"""Write constraints.txt: what pip chooses today on every Python there is, from 3.11 on.

A version that all of them choose stands bare; where they differ, each line carries the Pythons it is for.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).parents[1]
PYTHONS = ("3.11", "3.12", "3.13")
BACKEND = ("hatchling", "editables")
HEAD = """\
# The exact versions that realpolitik is tested with, tools and build back end included. Written by `make lock`.
"""


def python(version: str) -> str | None:
    """Find an interpreter of this version, on the path or among pyenv's."""
    with_pyenv = (
        shutil.which("pyenv")
        and subprocess.run(["pyenv", "versions", "--bare"], capture_output=True, text=True, check=False).stdout.split()
    )
    chosen = [name for name in with_pyenv or [] if name.startswith(f"{version}.")]
    environment = os.environ | ({"PYENV_VERSION": chosen[-1]} if chosen else {})
    ask = [f"python{version}", "-c", "import sys, venv, ensurepip; print(sys.executable)"]
    try:
        found = subprocess.run(ask, env=environment, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return found.stdout.strip()


def resolved(interpreter: str) -> dict[str, str]:
    """Name -> version of everything that pip would install, every extra included."""
    extras = ",".join(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"])
    with tempfile.TemporaryDirectory() as folder:
        venv, report = Path(folder, "venv"), Path(folder, "report.json")
        subprocess.run([interpreter, "-m", "venv", venv], check=True)
        options = ["--quiet", "--disable-pip-version-check", "--dry-run", "--ignore-installed", "--report", report]
        wanted = [f"{ROOT}[{extras}]", *BACKEND]
        subprocess.run([venv / "bin/python", "-m", "pip", "install", *options, *wanted], check=True)
        chosen = [item["metadata"] for item in json.loads(report.read_text())["install"]]
    return {one["name"].lower().replace("_", "-"): one["version"] for one in chosen if one["name"] != "realpolitik"}


def lines(name: str, versions: dict[str, str]) -> list[str]:
    """Give the lines of one package: bare if all Pythons agree, else one for each run of Pythons that agree."""
    if len(set(versions.values())) == 1:
        return [f"{name}=={next(iter(versions.values()))}"]
    starts = [
        next(iter(versions)),
        *(here for before, here in pairwise(versions) if versions[before] != versions[here]),
    ]
    written = []
    for start, following in zip(starts, [*starts[1:], None], strict=True):
        since = [f'python_version >= "{start}"'] if start != starts[0] else []
        until = [f'python_version < "{following}"'] if following else []
        written.append(f"{name}=={versions[start]} ; {' and '.join(since + until)}")
    return written


def main() -> None:
    """Resolve on every Python and write the file."""
    table: dict[str, dict[str, str]] = defaultdict(dict)
    for version in PYTHONS:
        interpreter = python(version)
        if interpreter is None:
            sys.exit(f"no Python {version} with venv was found: the file is for {', '.join(PYTHONS)}")
        print(f"==> Resolving on Python {version}", flush=True)
        for name, chosen in resolved(interpreter).items():
            table[name][version] = chosen
    written = [line for name in sorted(table) for line in lines(name, table[name])]
    (ROOT / "constraints.txt").write_text(HEAD + "\n".join(written) + "\n")


if __name__ == "__main__":
    main()
