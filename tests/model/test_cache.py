"""The cache of compiled kernels: damaged, truncated, full or not writable, it never ends a command nor moves a bit."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

DRAW = """
import warnings
warnings.simplefilter("always")
import numpy as np
from realpolitik_model.engine.noise import draw
{between}
print(draw(1, np.arange(4), "theory.phi", 0.0, 1.0).tobytes().hex())
"""
FULL = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))"
"""From here on no byte can be written to a file, as on a full disk."""


def drawn(cache: Path | str, between: str = "") -> tuple[str, str]:
    """Draw four numbers in a process of its own; return their bits and what was warned of."""
    environment = {**os.environ, "REALPOLITIK_CACHE": str(cache)}
    code = DRAW.format(between=between)
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=300, check=True
    )
    return done.stdout.strip(), done.stderr


@pytest.fixture(scope="module")
def bits() -> str:
    """The bits as this process draws them."""
    import numpy as np

    from realpolitik_model.engine.noise import draw

    return draw(1, np.arange(4), "theory.phi", 0.0, 1.0).tobytes().hex()


def kernels(cache: Path) -> list[Path]:
    """The files of numba in a cache."""
    return sorted(path for path in cache.rglob("*") if path.suffix in (".nbi", ".nbc"))


def test_a_damaged_cache_is_compiled_again(tmp_path: Path, bits: str) -> None:
    """Files flipped, cut, emptied or filled with junk are removed; the folder is named; the next run is quiet."""
    assert drawn(tmp_path) == (bits, "")
    files = kernels(tmp_path)
    assert files, "nothing was cached"
    for n, path in enumerate(files):
        content = path.read_bytes()
        middle = len(content) // 2
        flipped = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
        path.write_bytes((flipped, content[:middle], b"", b"\x80junk")[n % 4])
    found, warned = drawn(tmp_path)
    assert found == bits
    assert str(tmp_path) in warned
    assert "damaged" in warned
    assert drawn(tmp_path) == (bits, "")


def test_damaged_checksums_cost_a_compilation_at_most(tmp_path: Path, bits: str) -> None:
    """A cache of which the checksums are junk is used or compiled again."""
    drawn(tmp_path)
    for sums in tmp_path.rglob("sums"):
        sums.write_bytes(b"\xff\xfe junk\n")
    assert drawn(tmp_path)[0] == bits


def test_a_folder_that_cannot_be_made_is_named(bits: str) -> None:
    """Without a folder to write to, kernels are compiled in the process, with a warning."""
    found, warned = drawn("/proc/cannot-be-made")
    assert found == bits
    assert "/proc/cannot-be-made" in warned
    assert "REALPOLITIK_CACHE" in warned


@pytest.mark.skipif(sys.platform == "win32", reason="limits of file size are POSIX")
def test_a_disk_that_fills_up_while_kernels_are_compiled(tmp_path: Path, bits: str) -> None:
    """The kernels that could not be written are used all the same."""
    found, warned = drawn(tmp_path, between=FULL)
    assert found == bits
    assert str(tmp_path) in warned
    assert not [path for path in kernels(tmp_path) if path.stat().st_size]
