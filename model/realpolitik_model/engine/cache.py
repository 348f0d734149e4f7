"""Where compiled kernels are kept: a folder per build, verified before use.

numba loads what it finds in a cache without looking at it: a damaged file ends every later run in a traceback, or
worse. Every file here has a checksum, and one that does not match is removed, so that it is compiled again. Where
nothing can be written, kernels are compiled in every process, with a warning.

Each checksum is an empty file, named by the file and its content. Processes only ever add such files, so that they
need no lock and lose nothing of each other's, whenever one of them is killed.
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
"""The folder of checksums; its date says when the cache was last used."""
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
    """Add the checksums that files of a cache lack; what cannot be written is compiled again one day."""
    if folder is None:
        return
    with contextlib.suppress(OSError):
        known = _known(folder)
        for _, found in _sums(folder):
            if found not in known:
                (folder / SUMS).mkdir(exist_ok=True)
                (folder / SUMS / found).touch()


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
    """Remove files that differ from their checksums, and abandoned ones that have none."""
    known, damaged = _known(folder), False
    names = {one.partition("-")[0] for one in known}
    for path, found in _sums(folder):
        with contextlib.suppress(FileNotFoundError):
            if found not in known and _age(path) > COMPILING:
                path.unlink()
                damaged = damaged or found.partition("-")[0] in names
    if damaged:
        warnings.warn(f"{folder}: compiled kernels were damaged; they are compiled again", RuntimeWarning, stacklevel=2)


def _remove_unused(folder: Path) -> None:
    """Note that a folder is used, and remove those of other builds that nobody used for long."""
    with contextlib.suppress(OSError):
        if (folder / SUMS).exists():
            (folder / SUMS).touch()
        for other in folder.parent.glob("kernels-*"):
            used = other / SUMS
            if other != folder and _age(used if used.exists() else other) > UNUSED:
                shutil.rmtree(other, ignore_errors=True)


def _age(path: Path) -> float:
    """Return the seconds since a file was written."""
    return time.time() - path.stat().st_mtime


def _known(folder: Path) -> set[str]:
    """Return the checksums that a cache has, of every content that a file had when it was sealed."""
    try:
        return {path.name for path in (folder / SUMS).iterdir()}
    except OSError:
        return set()


def _sums(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield each file of a cache and its checksum, of its name and of its content; those just removed are left out.

    Files of numba are in subfolders, one per folder of sources.
    """
    for path in folder.rglob("*"):
        if path.suffix in KINDS:
            name = path.relative_to(folder).as_posix()
            with contextlib.suppress(FileNotFoundError):
                yield path, f"{zlib.crc32(name.encode()):08x}-{zlib.crc32(path.read_bytes()):08x}"


def _warn(problem: str) -> None:
    warnings.warn(
        f"compiled kernels cannot be kept, so every process compiles them again, in about half a minute ({problem}); "
        f"set {CACHE} to a folder that can be written",
        RuntimeWarning,
        stacklevel=2,
    )
