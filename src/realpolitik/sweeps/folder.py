"""The folder of a sweep: files that are whole or absent, their checksums, and a lock against a second writer.

Every file is written under a temporary name, flushed, renamed, and its folder flushed; only then does its line go into
SHA256SUMS, which `sha256sum -c` reads too. What has no line, or another sum, is not trusted and is computed again.
"""

import fcntl
import hashlib
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

SUMS = "SHA256SUMS"
LOCK = ".lock"
RESULTS = "results"
LINE = re.compile(r"([0-9a-f]{64})  ([A-Za-z0-9_./-]{1,200})")
MOST_SUMS = 64 * 2**20


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

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder against a second process; the system lets go of it however this one ends."""
        try:
            handle = os.open(self.path / LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
        except OSError as error:
            raise type(error)(f"{self}: cannot write there: {error.strerror}") from None
        try:
            lock(handle, str(self))
            yield
        finally:
            os.close(handle)

    def busy(self) -> bool:
        """Whether a process is writing there now."""
        try:
            with (self.path / LOCK).open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False

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
        except OSError:
            temporary.unlink(missing_ok=True)
            raise
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
        try:
            with (self.path / SUMS).open("rb") as file:
                text = file.read(MOST_SUMS).decode("ascii", "replace")
        except FileNotFoundError:
            return {}
        lines = (LINE.fullmatch(line) for line in text.split("\n"))
        return {line[2]: line[1] for line in lines if line}

    def sound(self, name: str, sum_: str) -> bool:
        """Whether a file is there, is no link, and has this sum."""
        path = self.path / name
        if path.is_symlink() or not path.is_file():
            return False
        return sum_of(path) == sum_

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
        path = self.path / SUMS
        if not path.exists() or path.stat().st_size == 0:
            return b""
        with path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return b"" if file.read(1) == b"\n" else b"\n"


def lock(handle: int, name: str) -> None:
    """Take the lock at once, or refuse."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise RuntimeError(f"{name}: another process is writing this sweep; wait for it, or stop it") from None


def write_through(path: Path, content: bytes, flags: int) -> None:
    """Write and flush to the disk; OSError if any of it does not fit."""
    handle = os.open(path, os.O_WRONLY | os.O_NOFOLLOW | flags, 0o644)
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


def sum_of(path: Path) -> str:
    """Give the sha256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
