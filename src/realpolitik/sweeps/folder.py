"""The folder of a sweep: files that are whole or absent, their checksums, and a lock against a second writer.

Every file is written under a temporary name, flushed, renamed, and its folder flushed; only then is its line appended
to SHA256SUMS, which `sha256sum -c` reads too. A file without a line, or with another checksum, is computed again.

A folder may come from anyone. Every file in it is read through `opened`: a regular file of bounded size, never a link,
a pipe or a device. The lock is the system's own rather than the package filelock, which has no shared lock for
`busy` and would follow a link or wait for a pipe in the place of the file.
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

from realpolitik.choices import brief
from realpolitik.costs import size
from realpolitik.files import replace_whole

SUMS = "SHA256SUMS"
LOCK = ".lock"
RESULTS = "results"
LINE = re.compile(r"([0-9a-f]{64})  ([A-Za-z0-9_./-]{1,200})")
MOST_SUMS = 16 * 2**20
"""Bytes; two lines per chunk of the largest sweep are 10 MB."""
ABSENT = (FileNotFoundError, NotADirectoryError)
"""Raised on opening a file that does not exist, or whose folder does not."""
SAFELY = sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"))
"""Flags that follow no link and wait for no pipe; Windows has only some of them."""


class Damaged(ValueError):
    """A file exists, and is not as it was written."""


class Unreadable(Damaged):
    """A path that should be a file is a link, a pipe, a device or a folder, or the file is too large."""


class Folder:
    """A folder; links, `..` and relative parts of its path are resolved once, on creation of this object."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        if not isinstance(path, str | os.PathLike):
            raise ValueError(f"the folder of a sweep must be a path, not {brief(path)}")
        self.asked = Path(path)
        self.path = self.asked.resolve()

    def __str__(self) -> str:
        return str(self.asked)

    def make(self) -> None:
        """Create the folder and its subfolder; OSError with the reason if that fails."""
        for path in (self.path, self.path / RESULTS):
            if path.exists() and not path.is_dir():
                raise NotADirectoryError(f"cannot write into '{self}': {path.name} is a file, not a folder")
            try:
                path.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise type(error)(f"{self}: cannot make this folder: {error.strerror}") from None
        if (self.path / RESULTS).is_symlink():
            raise ValueError(f"{self}: its {RESULTS} is a link; results are written only inside its own folder")

    def check(self, least: float = 0) -> None:
        """Raise OSError or ValueError if files of at least so many bytes cannot be written here."""
        place = next(path for path in (self.path, *self.path.parents) if os.path.lexists(path))
        if not place.is_dir():
            raise NotADirectoryError(f"cannot write into '{self}': {place.name} is a file, not a folder")
        if not os.access(place, os.W_OK | os.X_OK):
            done = "write there" if place == self.path else "make this folder"
            raise PermissionError(f"{self}: cannot {done}: {os.strerror(reason(place))}")
        free = shutil.disk_usage(place).free
        if least > free:
            raise ValueError(f"does not fit: at least {size(least)} of disk; {size(free)} of disk are free in {self}")

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Lock the folder against other processes; the system unlocks it however this process ends."""
        try:
            file = opened(self.path / LOCK, os.O_RDWR | os.O_CREAT)
        except OSError as error:
            raise type(error)(f"{self}: cannot write there: {error.strerror}") from None
        with file:
            if not lock(file.fileno()):
                raise RuntimeError(f"{self}: another process is writing there; wait for it, or stop it")
            yield

    def busy(self) -> bool:
        """Return whether a process is writing to the folder."""
        try:
            with opened(self.path / LOCK) as file:
                return not lock(file.fileno(), shared=True)
        except ABSENT:
            return False

    def read(self, name: str, most: int) -> bytes | None:
        """Read a file of at most so many bytes; None if there is none, `Unreadable` if it is not such a file."""
        try:
            with opened(self.path / name, most=most) as file:
                return file.read(most)
        except ABSENT:
            return None

    def write(self, name: str, content: bytes) -> None:
        """Write a file, whole or not at all; a link of that name is replaced, never followed."""
        self.put(name, lambda path: write_through(path, content, os.O_CREAT | os.O_EXCL))

    def put(self, name: str, fill: Callable[[Path], None]) -> None:
        """Write a file by calling `fill` with a temporary path; whole or not at all."""
        target = self.path / name
        temporary = target.with_name(f".{target.name}.part")
        temporary.unlink(missing_ok=True)
        replace_whole(target, temporary, fill)

    def keep(self, name: str, content: bytes) -> None:
        """Write a data file, then append its checksum."""
        self.write(name, content)
        self._append_sum(name, hashlib.sha256(content).hexdigest())

    def keep_file(self, name: str, fill: Callable[[Path], None]) -> None:
        """Write a data file by calling `fill` with a temporary path, then append its checksum."""
        self.put(name, fill)
        self._append_sum(name, sum_of(self.path / name))

    def sums(self) -> dict[str, str]:
        """Read the checksums, the last for each name; damaged lines are ignored."""
        text = (self.read(SUMS, MOST_SUMS) or b"").decode("ascii", "replace")
        lines = (LINE.fullmatch(line) for line in text.split("\n"))
        return {line[2]: line[1] for line in lines if line}

    def matches(self, name: str, sum_: str, most: int) -> bool:
        """Return whether a regular file of at most so many bytes exists and has this checksum."""
        try:
            return sum_of(self.path / name, most) == sum_
        except (*ABSENT, Unreadable):
            return False

    def write_sums(self, sums: dict[str, str]) -> None:
        """Rewrite the checksums, in the order of the names."""
        self.write(SUMS, "".join(f"{sums[name]}  {name}\n" for name in sorted(sums)).encode())

    def remove_partial(self) -> None:
        """Remove temporary files that a killed writer left."""
        for folder in (self.path, self.path / RESULTS):
            for left in folder.glob(".*.part"):
                left.unlink()

    def _append_sum(self, name: str, sum_: str) -> None:
        # A line that a full disk cut short must not swallow this one.
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
    """Open a regular file of at most so many bytes; `Unreadable` if it is anything else, without waiting for it."""
    try:
        handle = os.open(path, flags | SAFELY, 0o666)
    except OSError:
        if os.path.lexists(path) and not stat.S_ISREG(path.lstat().st_mode):
            raise Unreadable(f"{path} is not a regular file") from None
        raise
    found = os.fstat(handle)
    if stat.S_ISREG(found.st_mode) and (most is None or found.st_size <= most):
        return os.fdopen(handle, "rb")
    os.close(handle)
    if stat.S_ISREG(found.st_mode):
        raise Unreadable(f"{path} is larger than it can be: {found.st_size:,} bytes")
    raise Unreadable(f"{path} is not a regular file")


def reason(place: Path) -> int:
    """Return why a folder cannot be written to, as an error number."""
    system = getattr(os, "statvfs", None)  # not on Windows
    return errno.EROFS if system is not None and system(place).f_flag & os.ST_RDONLY else errno.EACCES


def lock(handle: int, *, shared: bool = False) -> bool:
    """Try to lock an open file, without waiting; the system unlocks it when the file is closed."""
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
    """Write and flush to the disk; OSError if it does not fit."""
    handle = os.open(path, os.O_WRONLY | SAFELY | flags, 0o666)
    try:
        left = memoryview(content)
        while left:
            left = left[os.write(handle, left) :]
        os.fsync(handle)
    finally:
        os.close(handle)


def sum_of(path: Path, most: int | None = None) -> str:
    """Return the sha256 of a regular file of at most so many bytes."""
    with opened(path, most=most) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
