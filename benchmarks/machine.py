"""The machine, as far as times depend on it: no name, no path."""

import os
import platform
import re
import subprocess
from importlib.metadata import version
from pathlib import Path

from benchmarks.compiled import COMMAND


def described() -> list[tuple[str, str]]:
    """Return what a reader needs to know about the machine, line by line."""
    return [
        ("Processor", processor()),
        ("Cores", str(os.cpu_count())),
        ("Memory", memory()),
        ("System", platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())),
        ("Python", f"{platform.python_implementation()} {platform.python_version()}"),
        *((name, version(name)) for name in ("mesa", "numba", "numpy")),
        ("C compiler", first_line([COMMAND[0], "--version"])),
        ("Compiled with", f"`{' '.join(COMMAND)}`"),
    ]


def processor() -> str:
    """Return the model of the processor, and the widest vectors it has."""
    text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    found = re.search(r"^model name\s*: (.+)$", text, re.MULTILINE)
    widest = next((name for name in ("avx512f", "avx2", "sse2") if f" {name}" in text), "no vectors known")
    return f"{found[1].strip() if found else platform.machine()}, {widest}"


def memory() -> str:
    """Return how much memory there is."""
    size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return f"{size / 2**30:.0f} GB"


def first_line(command: list[str]) -> str:
    """Return the first line that a command prints."""
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=True).stdout.splitlines()[0]
