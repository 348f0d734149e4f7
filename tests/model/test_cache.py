"""The cache of compiled kernels: damaged, truncated, full or not writable, it never ends a command nor moves a bit."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from realpolitik_model.engine import cache

DRAW = """
import warnings
warnings.simplefilter("always")
import numpy as np
from realpolitik_model.engine.noise import draw
{between}
print(draw(1, np.arange(4), {{"theory.phi": (0.0, 1.0)}})["theory.phi"].tobytes().hex())
"""
FULL = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))"
"""From here on no byte can be written to a file, as on a full disk."""


def drawn(folder: Path | str, between: str = "") -> tuple[str, str]:
    """Draw four numbers in a process of its own; return their bits and what was warned of."""
    environment = {**os.environ, "REALPOLITIK_CACHE": str(folder)}
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

    return draw(1, np.arange(4), {"theory.phi": (0.0, 1.0)})["theory.phi"].tobytes().hex()


def kernels(folder: Path) -> list[Path]:
    """The files of numba in a cache."""
    return sorted(path for path in folder.rglob("*") if path.suffix in (".nbi", ".nbc"))


def grow_old(path: Path, seconds: float) -> None:
    """Let a file have been written longer ago than some seconds."""
    then = path.stat().st_mtime - seconds - 1
    os.utime(path, (then, then))


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
        grow_old(path, cache.COMPILING)
    found, warned = drawn(tmp_path)
    assert found == bits
    assert str(tmp_path) in warned
    assert "damaged" in warned
    assert drawn(tmp_path) == (bits, "")


def test_what_another_process_writes_is_not_damaged(tmp_path: Path) -> None:
    """Numba rewrites the list of a function's versions with each one; its checksum follows when the kernel is done."""
    folder = cache.open_cache("build", str(tmp_path))
    assert folder is not None
    file = folder / "function.nbi"
    file.write_bytes(b"one version")
    cache.seal(folder)
    file.write_bytes(b"two versions")
    assert cache.open_cache("build", str(tmp_path)) == folder
    assert file.read_bytes() == b"two versions"
    grow_old(file, cache.COMPILING)
    with pytest.warns(RuntimeWarning, match="damaged"):
        cache.open_cache("build", str(tmp_path))
    assert not file.exists()


SEALING = """
import sys
import time
from pathlib import Path
from realpolitik_model.engine import cache
folder, name, waits = Path(sys.argv[1]), sys.argv[2], len(sys.argv) > 3
(folder / f"{name}.ptx").write_text(name)
read = Path.read_bytes
def read_bytes(path):
    content = read(path)
    if waits:
        (folder / "reading").touch()
        while not (folder / "go on").exists():
            time.sleep(0.01)
    return content
Path.read_bytes = read_bytes
cache.seal(folder)
"""
"""Seals a file of its own; if it waits, it has listed the files and reads the first while others seal theirs."""


def test_processes_that_seal_at_once_lose_nothing(tmp_path: Path) -> None:
    """What three processes seal while a slower one is at it is still sealed when that one has finished."""
    folder = cache.open_cache("build", str(tmp_path))
    assert folder is not None

    def sealing(*given: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-c", SEALING, str(folder), *given])

    slow = sealing("slow", "waits")
    while not (folder / "reading").exists():
        assert slow.poll() is None
        time.sleep(0.01)
    others = [sealing(name) for name in ("one", "two", "three")]
    assert [one.wait(60) for one in others] == [0, 0, 0]
    (folder / "go on").touch()
    assert slow.wait(60) == 0
    files = sorted(folder.glob("*.ptx"))
    for file in files:
        grow_old(file, cache.COMPILING)
    cache.open_cache("build", str(tmp_path))
    assert [file.exists() for file in files] == [True] * 4


def test_kernels_that_nobody_used_for_long_are_removed(tmp_path: Path) -> None:
    """Opening a cache removes builds that were last opened, or abandoned, a month ago, and counts as a use."""
    for build in ("mine", "old", "recent"):
        cache.write_text(cache.open_cache(build, str(tmp_path)), "kernel.ptx", build)
    for build in ("mine", "old"):
        grow_old(tmp_path / f"kernels-{build}" / cache.SUMS, cache.UNUSED)
    for build in ("begun", "abandoned"):
        (tmp_path / f"kernels-{build}").mkdir()
    grow_old(tmp_path / "kernels-abandoned", cache.UNUSED)
    cache.open_cache("mine", str(tmp_path))
    left = sorted(folder.name for folder in tmp_path.iterdir())
    assert left == ["kernels-begun", "kernels-mine", "kernels-recent"]
    cache.open_cache("recent", str(tmp_path))
    assert (tmp_path / "kernels-mine" / "kernel.ptx").exists(), "it was used"


def test_a_text_that_cannot_be_kept_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk costs a warning, and no temporary file stays."""
    folder = cache.open_cache("build", str(tmp_path))
    assert folder is not None
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError("No space left on device")))
    with pytest.warns(RuntimeWarning, match="No space left"):
        cache.write_text(folder, "kernel.ptx", "text")
    assert list(folder.iterdir()) == []


def test_damaged_checksums_cost_a_compilation_at_most(tmp_path: Path, bits: str) -> None:
    """A cache of which the checksums are junk is used or compiled again."""
    drawn(tmp_path)
    (sums,) = tmp_path.rglob(cache.SUMS)
    for n, path in enumerate(sums.iterdir()):
        path.rename(sums / f"junk {n}")
    for path in kernels(tmp_path):
        grow_old(path, cache.COMPILING)
    assert drawn(tmp_path) == (bits, "")


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
