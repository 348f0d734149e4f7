"""Where compiled kernels are kept: a folder per build, verified before use.

numba loads what it finds in a cache without looking at it: a damaged file ends every later run in a traceback, or
worse. Every file here has a checksum, and one that does not match is removed, so that it is compiled again. Where
nothing can be written, kernels are compiled in every process, with a warning.
"""

import contextlib
import os
import shutil
import tempfile
import time
import warnings
import zlib
from collections.abc import Iterator
from pathlib import Path

CACHE = "REALPOLITIK_CACHE"
"""Names a folder to use in place of the package's own `__pycache__` and the user's cache folder."""
SUMS = "sums"
KINDS = (".nbi", ".nbc", ".ptx")
"""Endings of what is kept: numba's two files of a function, and kernels for GPUs."""
ROOM = 32_000_000
"""Bytes that must be free: all kernels take a tenth of it."""
COMPILING = 600
"""Seconds for which a file that is new or was just rewritten is left alone: another process may be compiling."""
UNUSED = 30 * 24 * 3600
"""Seconds after which kernels of another build that nobody opened are removed."""


def open_cache(build: str, asked: str = "") -> Path | None:
    """Return the folder for kernels of this build, verified; None, with a warning, if none can be used.

    `asked` is a folder that the user named elsewhere, such as numba's own setting.
    """
    problems = []
    for base in _bases(asked):
        folder = base / f"kernels-{build}"
        try:
            _prepare(folder)
        except OSError as error:
            problems.append(f"{folder}: {error.strerror or error}")
        else:
            _remove_unused(folder)
            return folder
    _warn("; ".join(problems))
    return None


def cannot_write(folder: Path | None, error: OSError) -> None:
    """Warn that compiled kernels could not be written."""
    _warn(f"{folder}: {error.strerror or error}")


def read_text(folder: Path | None, name: str) -> str | None:
    """Return the text of a file in a cache; None if it is not there."""
    with contextlib.suppress(OSError):
        return None if folder is None else (folder / name).read_text(encoding="utf-8")
    return None


def write_text(folder: Path | None, name: str, text: str) -> None:
    """Keep a text in a cache, with its checksum; warn if it cannot be written."""
    if folder is None:
        return
    try:
        _replace(folder / name, text)
    except OSError as error:
        cannot_write(folder, error)
    seal(folder)


def seal(folder: Path | None) -> None:
    """Write the checksums of all files of a cache; what cannot be written is compiled again one day."""
    if folder is None:
        return
    with contextlib.suppress(OSError):
        lines = "".join(f"{_sum(path):08x} {path.relative_to(folder)}\n" for path in _files(folder))
        _replace(folder / SUMS, lines)


def _replace(path: Path, text: str) -> None:
    """Write a file at once: no process reads a part of it."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(temporary).replace(path)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise


def _bases(asked: str) -> list[Path]:
    """List the folders to try, the first choice first."""
    if named := os.environ.get(CACHE) or asked:
        return [Path(named)]
    home = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA") or "~/.cache"
    bases = [Path(__file__).parent / "__pycache__"]
    with contextlib.suppress(RuntimeError):  # no home folder
        bases.append(Path(home).expanduser() / "realpolitik")
    return bases


def _prepare(folder: Path) -> None:
    """Make a folder and verify what it holds; OSError if it cannot be written or lacks room for a first compilation."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(b"kernels")
    _verify(folder)
    if not (folder / SUMS).exists() and shutil.disk_usage(folder).free < ROOM:
        raise OSError("no space left for compiled kernels")


def _verify(folder: Path) -> None:
    """Remove files that differ from their checksum, and abandoned ones that have none."""
    sums, damaged = _read_sums(folder), False
    for path in _files(folder):
        known = sums.get(str(path.relative_to(folder)))
        with contextlib.suppress(FileNotFoundError):
            if known != _sum(path) and _age(path) > COMPILING:
                path.unlink()
                damaged = damaged or known is not None
    if damaged:
        warnings.warn(f"{folder}: compiled kernels were damaged; they are compiled again", RuntimeWarning, stacklevel=2)


def _remove_unused(folder: Path) -> None:
    """Note that a folder is used, and remove those of other builds that nobody used for long."""
    with contextlib.suppress(OSError):
        if (folder / SUMS).exists():
            (folder / SUMS).touch()
        for other in folder.parent.glob("kernels-*"):
            if other != folder and _age(other / SUMS) > UNUSED:
                shutil.rmtree(other, ignore_errors=True)


def _age(path: Path) -> float:
    """Return the seconds since a file was written."""
    return time.time() - path.stat().st_mtime


def _read_sums(folder: Path) -> dict[str, int]:
    sums = {}
    with contextlib.suppress(OSError, ValueError), (folder / SUMS).open(encoding="utf-8") as file:
        for line in file:
            text, _, name = line.rstrip("\n").partition(" ")
            sums[name] = int(text, 16)
    return sums


def _files(folder: Path) -> Iterator[Path]:
    """List the files of a cache that have checksums; numba's are in subfolders, one per folder of sources."""
    yield from (path for path in folder.rglob("*") if path.suffix in KINDS)


def _sum(path: Path) -> int:
    return zlib.crc32(path.read_bytes())


def _warn(problem: str) -> None:
    warnings.warn(
        f"compiled kernels cannot be kept, so every process compiles them again, in about half a minute ({problem}); "
        f"set {CACHE} to a folder that can be written",
        RuntimeWarning,
        stacklevel=2,
    )
