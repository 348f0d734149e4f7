"""Output files: written atomically, and never over an input or over a file that another program wrote.

Every file that a command writes contains a seal: the name of the command and the sha256 of the rest of the file. A file
whose seal is missing or does not match, because the file was edited, is replaced only with `--force`.
"""

import hashlib
import json
import os
import re
import secrets
import stat
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from realpolitik.figures import FORMATS

if TYPE_CHECKING:
    import pandas as pd

    from realpolitik.results import Ensemble

ENDINGS = {
    "figure": FORMATS,
    "page": (".html",),
    "scenario file": (".toml",),
    "Parquet file": (".parquet",),
    "forecast": (".json",),
}
"""Valid file name endings per kind of output."""
RESULT, OUTCOMES, WORLDS = RESULTS = ("result.json", "outcomes.csv", "worlds.csv")
SWEEP_OWN = ("manifest.json", "design.parquet", "SHA256SUMS", ".lock", "results")
"""Names that a sweep uses in its folder; nothing else may be written there under these names."""
SWEEP_MARKS = ("SHA256SUMS", ".lock")
LARGEST = 256 * 2**20
"""Size in bytes above which an existing file is not searched for a seal."""
SEAL = re.compile(rb"Written by realpolitik ([a-z]+), sha256 ([0-9a-f]{64})")
PARQUET_MARK = re.compile(rb'(?:Written by|"command": ")\s?realpolitik ([a-z]+)')
"""The mark in the metadata of a Parquet file; it has no checksum, because only a program can edit the file."""
CHOOSE = "choose another name, or give --force to replace it"


class OutputFiles:
    """The files that a command will write. They are declared, and so checked, before the work begins."""

    def __init__(self, command: str, *, force: bool = False, reads: Iterable[str | Path] = ()) -> None:
        self.command = command
        self.force = force
        self.reads = [Path(os.path.realpath(path)) for path in reads]
        """Input files and folders: they, and files in these folders, are never written."""
        self._folders: list[Path] = []
        self._declared: set[Path] = set()

    def figure(self, path: str | None, kind: str) -> None:
        """Declare a figure, unless `path` is None; RuntimeError if nothing is installed that draws it."""
        if path is not None:
            from realpolitik import figures

            figures.offered(kind)
            self.file(path, "figure")

    def file(self, path: str | Path | None, what: str) -> None:
        """Declare a file, unless `path` is None; ValueError if it cannot or must not be written."""
        if path is None:
            return
        real = self._declare(path)
        check_ending(path, what)
        if real.parent not in self._folders:
            _check_folder(real.parent, path)
        self._check(path, real)

    def folder(self, path: str | None) -> None:
        """Declare a folder of results, which is created if it does not exist; it must not be that of a sweep."""
        if path is None:
            return
        real = self._declare(path)
        if os.path.lexists(real) and not real.is_dir():
            raise ValueError(f"cannot write into '{path}': it is a file, not a folder")
        _check_folder(_existing(real), path)
        if all((real / mark).exists() for mark in SWEEP_MARKS):
            raise ValueError(f"'{path}' is the folder that `sweep` or `validate` writes; choose another folder")
        self._folders.append(real)
        for name in RESULTS:
            self._check(Path(path) / name, real / name)

    def sweep(self, path: str) -> None:
        """Declare the folder of a sweep: new, empty, or with a sweep."""
        real = self._declare(path)
        if os.path.lexists(real) and not real.is_dir():
            raise ValueError(f"cannot write a sweep into '{path}': it is a file, not a folder")
        _check_folder(_existing(real), path)
        there = sorted(path.name for path in real.iterdir()) if real.is_dir() else []
        if there and not any(name in there for name in SWEEP_MARKS):
            raise ValueError(f"'{path}' is not empty and contains no sweep, but {there[0]}; choose another folder")

    def write(self, path: Path, content: bytes) -> None:
        """Write a declared file with the seal of this command, after checking it again."""
        self._check(path, Path(os.path.realpath(path)))
        write_whole(path, sealed(content, path.suffix.lower(), self.command))

    def write_frame(self, frame: "pd.DataFrame", path: str) -> None:
        """Write a declared Parquet file with the mark of this command."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        table = pa.Table.from_pandas(frame, preserve_index=False)
        marks = {**(table.schema.metadata or {}), "realpolitik": f"Written by realpolitik {self.command}"}
        content = BytesIO()
        pq.write_table(table.replace_schema_metadata(marks), content)
        self.write(Path(path), content.getvalue())

    def write_results(self, ensemble: "Ensemble", folder: str, more: Mapping[str, Any] | None = None) -> None:
        """Write `result.json`, `outcomes.csv` and `worlds.csv` (the stored worlds) into a declared folder.

        `more` is added to `result.json`.
        """
        from realpolitik.frames import csv_of

        target = Path(folder)
        target.mkdir(parents=True, exist_ok=True)
        tables = {
            OUTCOMES: csv_of(ensemble.outcomes_frame()).encode(),
            WORLDS: csv_of(ensemble.worlds_frame()).encode(),
        }
        sums = {name: hashlib.sha256(content).hexdigest() for name, content in tables.items()}
        document = json.dumps({**ensemble.to_dict(), **(more or {}), "files": sums}, indent=1, allow_nan=False)
        for name in RESULTS:
            self._check(target / name, Path(os.path.realpath(target / name)))
        for name, content in tables.items():
            write_whole(target / name, content)
        write_whole(target / RESULT, sealed(document.encode(), ".json", self.command))

    def _declare(self, path: str | Path) -> Path:
        if not os.fspath(path):
            raise ValueError("cannot write to '': give a file name")
        real = Path(os.path.realpath(path))
        if real in self._declared:
            raise ValueError(f"cannot write '{path}': two outputs have the same name")
        self._declared.add(real)
        return real

    def _check(self, path: str | Path, real: Path) -> None:
        """Raise ValueError for an input, for anything but a regular file, and for a file of another program."""
        if any(real == one or one in real.parents or _same(real, one) for one in self.reads):
            raise ValueError(f"cannot write '{path}': it is an input of this command; choose another name")
        try:
            found = real.stat()
        except FileNotFoundError:
            return
        except OSError as error:
            raise ValueError(f"cannot write '{path}': {error.strerror}") from None
        if stat.S_ISDIR(found.st_mode):
            raise ValueError(f"cannot write '{path}': it is a folder")
        if not stat.S_ISREG(found.st_mode):
            raise ValueError(f"cannot write '{path}': it is not a regular file")
        if self.force:
            return
        if not os.access(real, os.W_OK):
            raise ValueError(f"cannot write '{path}': it is write-protected; {CHOOSE}")
        _check_writer(path, real, self.command, CHOOSE)


def check_ending(path: str | os.PathLike[str], what: str) -> None:
    """Raise ValueError if the name of a file does not end as its kind does."""
    endings = ENDINGS[what]
    if Path(path).suffix.lower() not in endings:
        valid = f"{', '.join(endings[:-1])} or {endings[-1]}" if len(endings) > 1 else endings[0]
        raise ValueError(f"cannot write '{path}': the name of a {what} ends in {valid}")


def replaceable(path: str | os.PathLike[str], what: str, command: str) -> Path:
    """Return a path that a function writes to, for a command or a program.

    Raises
    ------
    ValueError
        If the name ends otherwise than its kind, or the file exists and is not one that this command writes, unchanged.
    """
    check_ending(path, what)
    target = Path(path)
    if target.exists():
        _check_writer(path, target, command, "choose another name, or delete it first")
    return target


def _check_writer(path: str | os.PathLike[str], real: Path, command: str, advice: str) -> None:
    """Raise ValueError if what exists at a path was not written by a command, or was changed since."""
    if not real.is_file() or writer_of(real) != command:
        whose = f"was not written by `realpolitik {command}`, or was changed since"
        raise ValueError(f"'{path}' exists and {whose}; {advice}")


def _same(one: Path, other: Path) -> bool:
    """Whether two paths are the same file, as on a file system that ignores case."""
    try:
        return one.samefile(other)
    except OSError:
        return False


def _existing(path: Path) -> Path:
    """Return the nearest ancestor that exists."""
    while not os.path.lexists(path) and path != path.parent:
        path = path.parent
    return path


def _check_folder(folder: Path, path: str | Path) -> None:
    """Raise ValueError for a folder that does not exist or is not writable."""
    if not folder.is_dir():
        raise ValueError(f"cannot write '{path}': there is no folder '{folder.name}'")
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise ValueError(f"cannot write '{path}': its folder is not writable: {error.strerror}") from None


def sealed(content: bytes, suffix: str, command: str) -> bytes:
    """Return the content of a file with the seal of a command; unchanged for formats without a seal."""
    if suffix not in SEALS:
        return content
    mark = f"Written by realpolitik {command}, sha256 {hashlib.sha256(content).hexdigest()}".encode()
    before, after = SEALS[suffix][0](mark)
    place = SEALS[suffix][1](content)
    return content[:place] + before + mark + after + content[place:]


def writer_of(path: Path) -> str | None:
    """Return the command that wrote a file; None if the file was changed since, or written by another program."""
    if path.stat().st_size > LARGEST:
        return None
    content, suffix = path.read_bytes(), path.suffix.lower()
    if suffix == ".csv":
        return _writer_of_table(path, content)
    if suffix == ".parquet":
        found = PARQUET_MARK.search(content)
        return found[1].decode() if found else None
    found = next(iter(list(SEAL.finditer(content))[-1:]), None)
    if found is None or suffix not in SEALS:
        return None
    before, after = SEALS[suffix][0](found[0])
    rest, writer = content[: found.start() - len(before)] + content[found.end() + len(after) :], found[1].decode()
    try:
        return writer if sealed(rest, suffix, writer) == content else None
    except ValueError:  # there is no longer a place for a seal
        return None


def _writer_of_table(path: Path, content: bytes) -> str | None:
    """Return the command that wrote a table, by the checksum in `result.json` of the same folder."""
    result = path.with_name(RESULT)
    writer = writer_of(result) if result.is_file() else None
    stated = json.loads(result.read_bytes())["files"].get(path.name) if writer else None
    return writer if stated == hashlib.sha256(content).hexdigest() else None


def _chunk(mark: bytes) -> tuple[bytes, bytes]:
    """Return the bytes before and after a text chunk of a PNG file."""
    body = b"tEXtComment\0" + mark
    return (len(body) - 4).to_bytes(4, "big") + body[: -len(mark)], zlib.crc32(body).to_bytes(4, "big")


SEALS: dict[str, tuple[Callable[[bytes], tuple[bytes, bytes]], Callable[[bytes], int]]] = {
    ".toml": (lambda _: (b"# ", b"\n"), len),
    ".svg": (lambda _: (b"<!-- ", b" -->\n"), len),
    ".html": (lambda _: (b"<!-- ", b" -->\n"), len),
    ".pdf": (lambda _: (b"% ", b"\n"), lambda content: content.rindex(b"startxref")),
    ".json": (lambda _: (b',\n "written": "', b'"'), lambda content: content.rindex(b"\n}")),
    ".png": (_chunk, lambda content: content.rindex(b"IEND") - 4),
}
"""Per suffix: functions that return the bytes before and after the seal, and its offset."""


def write_whole(path: Path, content: bytes) -> None:
    """Write a file atomically: after a crash or on a full disk, the old file is unchanged.

    Links are followed. A new file has the permissions of the umask, an existing one keeps its own.
    """
    target = Path(os.path.realpath(path))
    mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else None
    temporary = target.with_name(f".{target.name[:40]}.{secrets.token_hex(8)}")

    def fill(place: Path) -> None:
        with place.open("xb") as file:
            file.write(content)

    replace_whole(target, temporary, fill, mode)


def replace_whole(target: Path, temporary: Path, fill: Callable[[Path], None], mode: int | None = None) -> None:
    """Fill a temporary file, flush it, rename it over the target and flush the folder; nothing is left on failure."""
    try:
        fill(temporary)
        flush(temporary, os.O_RDWR)
        if mode is not None:
            temporary.chmod(mode)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    if sys.platform != "win32":  # where a folder can be neither opened nor flushed
        with suppress(PermissionError):  # a folder may be writable and not readable
            flush(target.parent, os.O_RDONLY | os.O_DIRECTORY)


def flush(path: Path, flags: int) -> None:
    """Flush a file, or the names in a folder, to the disk."""
    handle = os.open(path, flags)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
