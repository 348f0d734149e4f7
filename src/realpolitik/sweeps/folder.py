"""The folder of a sweep: files that are whole or absent, their checksums, and a lock against a second writer.

Every file is written under a temporary name, flushed, renamed, and its folder flushed; only then does its line go into
SHA256SUMS, which `sha256sum -c` reads too. What has no line, or another sum, is not trusted and is computed again.

A folder may come from anyone. Whatever is read from it is opened by `opened`: a regular file of bounded size, never a
link, a pipe or a device.
"""

import errno
import hashlib
import os
import re
import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path

from realpolitik.sweeps.counts import size

SUMS = "SHA256SUMS"
LOCK = ".lock"
RESULTS = "results"
LINE = re.compile(r"([0-9a-f]{64})  ([A-Za-z0-9_./-]{1,200})")
MOST_SUMS = 16 * 2**20
"""Bytes; two lines for each chunk of the largest sweep are 10 MB."""
NOTHING = (FileNotFoundError, NotADirectoryError)
"""What it means to open a file where there is none, or no folder around it."""
SAFELY = sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"))
"""No link is followed, no pipe waited for. Windows has some of these only."""


class Damaged(ValueError):
    """A file is there, and is not as it was written."""


class Unfit(Damaged):
    """What stands in the place of a file cannot be read as one: a link, a pipe, a device, a folder, or too large."""


class Folder:
    """A folder whose links, `..` and relative parts are resolved once, when it is opened."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.asked = Path(path)
        self.path = self.asked.resolve()

    def __str__(self) -> str:
        return str(self.asked)

    def make(self) -> None:
        """Create the folder and its parts; OSError that says what stands in the way."""
        for path in (self.path, self.path / RESULTS):
            if path.exists() and not path.is_dir():
                raise NotADirectoryError(f"{self}: cannot write a sweep there, {path.name} is a file")
            try:
                path.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise type(error)(f"{self}: cannot make this folder: {error.strerror}") from None
        if (self.path / RESULTS).is_symlink():
            raise ValueError(f"{self}: its {RESULTS} is a link; a sweep writes only inside its own folder")

    def check(self, least: float = 0) -> None:
        """Refuse a place where no sweep of at least so many bytes can be written, before anything else is done."""
        place = next(path for path in (self.path, *self.path.parents) if os.path.lexists(path))
        if not place.is_dir():
            raise NotADirectoryError(f"{self}: cannot write a sweep there, {place.name} is a file")
        if not os.access(place, os.W_OK | os.X_OK):
            done = "write there" if place == self.path else "make this folder"
            raise PermissionError(f"{self}: cannot {done}: {os.strerror(reason(place))}")
        free = shutil.disk_usage(place).free
        if least > free:
            raise ValueError(f"does not fit: at least {size(least)} of disk; {size(free)} of disk are free in {self}")

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder against a second process; the system lets go of it however this one ends."""
        try:
            file = opened(self.path / LOCK, os.O_RDWR | os.O_CREAT)
        except OSError as error:
            raise type(error)(f"{self}: cannot write there: {error.strerror}") from None
        with file:
            if not lock(file.fileno()):
                raise RuntimeError(f"{self}: another process is writing this sweep; wait for it, or stop it")
            yield

    def busy(self) -> bool:
        """Whether a process is writing there now."""
        try:
            with opened(self.path / LOCK) as file:
                return not lock(file.fileno(), shared=True)
        except NOTHING:
            return False

    def read(self, name: str, most: int) -> bytes | None:
        """Read a file of at most so many bytes; None if there is none, `Unfit` if it is no such file."""
        try:
            with opened(self.path / name, most=most) as file:
                return file.read(most)
        except NOTHING:
            return None

    def write(self, name: str, content: bytes) -> None:
        """Write a file, whole or not at all; a link in its place is replaced, never followed."""
        self.put(name, lambda path: write_through(path, content, os.O_CREAT | os.O_EXCL))

    def put(self, name: str, fill: Callable[[Path], None]) -> None:
        """Have a file filled under a temporary name, then flush it and give it its own."""
        target = self.path / name
        temporary = target.with_name(f".{target.name}.part")
        temporary.unlink(missing_ok=True)
        try:
            fill(temporary)
            flush(temporary, os.O_RDWR)
            temporary.replace(target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        if sys.platform != "win32":  # which opens no folder, and has nothing to flush there
            flush(target.parent, os.O_RDONLY | os.O_DIRECTORY)

    def keep(self, name: str, content: bytes) -> None:
        """Write a data file and then vouch for it."""
        self.write(name, content)
        self._vouch(name, hashlib.sha256(content).hexdigest())

    def keep_file(self, name: str, fill: Callable[[Path], None]) -> None:
        """Have a data file filled and then vouch for it."""
        self.put(name, fill)
        self._vouch(name, sum_of(self.path / name))

    def vouched(self) -> dict[str, str]:
        """Read the sums, the latest for each name; lines that are damaged count for nothing."""
        text = (self.read(SUMS, MOST_SUMS) or b"").decode("ascii", "replace")
        lines = (LINE.fullmatch(line) for line in text.split("\n"))
        return {line[2]: line[1] for line in lines if line}

    def sound(self, name: str, sum_: str, most: int) -> bool:
        """Whether a file is there, is a regular one of at most so many bytes, and has this sum."""
        try:
            return sum_of(self.path / name, most) == sum_
        except (*NOTHING, Unfit):
            return False

    def settle(self, sums: dict[str, str]) -> None:
        """Write the sums anew, in the order of their names."""
        self.write(SUMS, "".join(f"{sums[name]}  {name}\n" for name in sorted(sums)).encode())

    def sweep_up(self) -> None:
        """Remove what a killed writer left unfinished."""
        for folder in (self.path, self.path / RESULTS):
            for left in folder.glob(".*.part"):
                left.unlink()

    def _vouch(self, name: str, sum_: str) -> None:
        # A line cut short by a full disk must not swallow this one.
        line = self._unfinished() + f"{sum_}  {name}\n".encode()
        write_through(self.path / SUMS, line, os.O_CREAT | os.O_APPEND)

    def _unfinished(self) -> bytes:
        try:
            with opened(self.path / SUMS) as file:
                file.seek(-min(1, os.fstat(file.fileno()).st_size), os.SEEK_END)
                return b"" if file.read(1) in (b"", b"\n") else b"\n"
        except FileNotFoundError:
            return b""


def opened(path: Path, flags: int = os.O_RDONLY, most: int | None = None) -> BufferedReader:
    """Open a regular file of at most so many bytes; `Unfit` if anything else stands there, without waiting for it."""
    try:
        handle = os.open(path, flags | SAFELY, 0o666)
    except OSError:
        if os.path.lexists(path) and not stat.S_ISREG(path.lstat().st_mode):
            raise Unfit(f"{path} is not a regular file") from None
        raise
    found = os.fstat(handle)
    if stat.S_ISREG(found.st_mode) and (most is None or found.st_size <= most):
        return os.fdopen(handle, "rb")
    os.close(handle)
    if stat.S_ISREG(found.st_mode):
        raise Unfit(f"{path} is larger than it can be: {found.st_size:,} bytes")
    raise Unfit(f"{path} is not a regular file")


def reason(place: Path) -> int:
    """Say why a folder cannot be written to, as an error number."""
    system = getattr(os, "statvfs", None)  # not on Windows
    return errno.EROFS if system is not None and system(place).f_flag & os.ST_RDONLY else errno.EACCES


def lock(handle: int, *, shared: bool = False) -> bool:
    """Lock an open file at once, if no other process holds it; the system unlocks it when the file is closed."""
    if sys.platform == "win32":
        import msvcrt

        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def write_through(path: Path, content: bytes, flags: int) -> None:
    """Write and flush to the disk; OSError if any of it does not fit."""
    handle = os.open(path, os.O_WRONLY | SAFELY | flags, 0o666)
    try:
        left = memoryview(content)
        while left:
            left = left[os.write(handle, left) :]
        os.fsync(handle)
    finally:
        os.close(handle)


def flush(path: Path, flags: int) -> None:
    """Flush a file, or the names in a folder, so that they outlive a power cut."""
    handle = os.open(path, flags)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sum_of(path: Path, most: int | None = None) -> str:
    """Give the sha256 of a regular file of at most so many bytes."""
    with opened(path, most=most) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
