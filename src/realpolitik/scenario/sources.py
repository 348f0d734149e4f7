"""Where scenario files come from: shipped with the package, named by a path, or given as text.

Nothing here needs pydantic, so that listing the shipped scenarios is fast.
"""

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any, NamedTuple

from realpolitik.scenario.errors import Place, ScenarioError, nearest, nearest_file
from realpolitik.scenario.toml import MOST_BYTES, invalid_file, parsed

NOWHERE = Place("", 0, 0)
LONGEST_NAME = 200
"""Characters of a name that could be a file of one's own."""


@dataclass(frozen=True)
class Source:
    """A scenario file or text, not yet read."""

    file: str
    """The name used in messages."""
    path: Path | None
    """None for a text."""
    text: str = ""
    folder: Path | None = None
    """The folder of relative paths in `extends`; None if only shipped scenarios can be extended."""
    only: frozenset[str] | None = None
    """The files that a text in a folder can name, by their real paths; None for any."""

    def reaches(self, name: str) -> bool:
        """Return whether this source can name a file by a path; nothing is opened."""
        if self.folder is None:
            return False
        return self.only is None or os.path.realpath(self.folder / name) in self.only

    def read(self) -> str:
        """Return the text, read from the file if there is one; ScenarioError if it cannot be read."""
        return read(self.path, self.file) if self.path else self.text

    @property
    def link(self) -> str:
        """What the chain of a scenario says: the file, or a text's name in angle brackets, which is no file."""
        return self.file if self.path else f"<{self.file}>"

    @property
    def written(self) -> str:
        """The folder as it is shown in messages and in the chain: that of the file, or the one given with a text."""
        return str(self.folder) if self.folder and not self.path else self.file.rpartition("/")[0]

    @property
    def identity(self) -> str:
        """The same for two sources that are one file, however their paths are written."""
        return os.path.realpath(self.path) if self.path else f"text of {self.file}"


class Shipped(NamedTuple):
    """A scenario that comes with the package."""

    name: str
    title: str
    question: str
    extends: str | None


def shipped_folder() -> Path:
    """Return `realpolitik/scenarios` in a wheel, `scenarios` at the top of a checkout."""
    package = Path(__file__).parents[1]
    wheel = package / "scenarios"
    return wheel if wheel.is_dir() else package.parents[1] / "scenarios"


def shipped_names() -> list[str]:
    """Return the names of the shipped scenarios, sorted."""
    return sorted(path.stem for path in shipped_folder().glob("*.toml"))


def shipped() -> list[Shipped]:
    """Return every shipped scenario with its title and question.

    Only [meta] and `extends` are read; the files are not checked (a test loads each of them).

    Returns
    -------
    list of Shipped
        In alphabetical order: `name`, `title`, `question`, and what it `extends`, if it is a diff.

    Examples
    --------
    >>> import realpolitik as rp
    >>> {one.name: one.extends for one in rp.shipped()}["no-f16"]
    'sweden-nato'
    """
    heads: dict[str, Shipped] = {}
    return [_head(name, heads) for name in shipped_names()]


def _head(name: str, heads: dict[str, Shipped]) -> Shipped:
    """Return the title and question of a shipped scenario, inherited from its base if it does not give them."""
    if name not in heads:
        source = find(name, None)
        data = parsed(source.read(), source.file)
        extends = name_of(data["extends"]) if "extends" in data else None
        meta = {**(_head(extends, heads)._asdict() if extends else {}), **data.get("meta", {})}
        heads[name] = Shipped(name, meta["title"], meta["question"], extends)
    return heads[name]


def is_text(link: str) -> bool:
    """Return whether a link of a chain is a text, which was not read from a file."""
    return link.startswith("<") and link.endswith(">")


def files_of(chain: Iterable[str]) -> Iterator[Path]:
    """Yield the scenario files of a chain; a name without a folder may be that of a shipped one."""
    for link in chain:
        if not is_text(link):
            yield Path(link)
            if "/" not in link:
                yield shipped_folder() / link


def identity_of(link: str) -> str:
    """Return the same for two links of chains that are one file: a shipped one may be given by its path."""
    shipped = shipped_folder() / link
    return link if is_text(link) else os.path.realpath(shipped if "/" not in link and shipped.is_file() else link)


def asked_as(link: str) -> str:
    """Return a file of a scenario's chain as commands accept it: a shipped one by its name, another by its path."""
    return link.removesuffix(".toml") if "/" not in link and (shipped_folder() / link).is_file() else link


def name_of(file: str) -> str:
    """Return the name of a scenario: that of its file, without folder and ending."""
    return PurePath(file).name.removesuffix(".toml") or "scenario"


def is_path(name: str) -> bool:
    """Return whether a name is a path, not the name of a shipped scenario."""
    return name.endswith(".toml") or "/" in name or os.sep in name


def own_file(name: str, folder: Path | None) -> str | None:
    """Return the name of a file in a folder for which `.toml` was left out, or None."""
    file = f"{name}.toml"
    return file if folder is not None and len(name) <= LONGEST_NAME and (folder / file).is_file() else None


def find(name: str, folder: Path | None, written: str = "", place: Place | None = None, key: str = "extends") -> Source:
    """Return a shipped scenario by name, or a file by path.

    Parameters
    ----------
    name
        Name of a shipped scenario, or a path relative to `folder`.
    folder
        None if only shipped scenarios may be used.
    written
        The folder as it is shown in messages.
    place, key
        Where the name was written, and the key there, for messages.

    Raises
    ------
    ScenarioError
        If there is no such scenario or file.
    """
    names = shipped_names()
    if name in names:
        return Source(f"{name}.toml", shipped_folder() / f"{name}.toml")
    if not is_path(name):
        problem = f"unknown scenario '{name[:100]}' (shipped: {', '.join(names) or 'none'})"
        meant = own_file(name, folder) or near_name(name, names, None if place else folder)
        raise ScenarioError(place or NOWHERE, key * bool(place), problem, meant)
    if folder is None:
        problem = "only a shipped scenario can be extended here, not a path"
        raise ScenarioError(place or NOWHERE, key, problem, nearest(Path(name).stem, names))
    path = folder / name
    file = shown_as(path, os.path.join(written, name))  # noqa: PTH118 (the name is shown, never opened)
    if not os.path.exists(path):  # noqa: PTH110 (pathlib raises on names that no file system allows)
        problem = f"no such file: '{file[:200]}'"
        raise ScenarioError(place or NOWHERE, key * bool(place), problem, sibling(path, name))
    return Source(file, path, folder=path.parent)


def shown_as(path: Path, name: str) -> str:
    """Return the shortest name of a file that is never mistaken for a shipped scenario, or for another file.

    A file `karabakh.toml` in the current folder is `./karabakh.toml`.
    """
    file = os.path.normpath(name) if can_be_short(path) else name
    return f"./{file}" if file.removesuffix(".toml") in shipped_names() else file


def can_be_short(path: str | Path) -> bool:
    """Return whether a path leads to the same file if `a/..` is left out of it: not if `a` is a link elsewhere."""
    try:
        return os.path.realpath(os.path.normpath(path)) == os.path.realpath(path)
    except (OSError, ValueError):
        return True


def from_anywhere(path: str) -> str:
    """Return a path that is valid in every folder, as short as it can be; links are kept."""
    whole = os.path.join(os.getcwd(), path)  # noqa: PTH109, PTH118 (the file may not exist)
    return os.path.normpath(whole) if can_be_short(whole) else whole


def near_name(name: str, names: list[str], folder: Path | None) -> str | None:
    """Return the shipped scenario, or the file in a folder, whose name is nearest, None if no name is close."""
    try:
        files = {file.stem: file.name for file in folder.glob("*.toml")} if folder else {}
    except OSError:
        files = {}
    near = nearest(name, [*names, *files])
    return near if near is None or near in names else files[near]


def sibling(path: Path, name: str) -> str | None:
    """Return the scenario file of the same folder whose name is nearest, None if no name is close."""
    try:
        near = nearest_file(path.name, (other.name for other in path.parent.glob("*.toml")))
    except (OSError, ValueError):
        return None
    return name[: len(name) - len(path.name)] + near if near else None


def read(path: Path, name: str) -> str:
    """Return the text of a regular UTF-8 file of at most 1 MB; ScenarioError for anything else.

    Pipes, devices and folders are refused without reading. `name` is the name used in messages.
    """
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "invalid file name"
        raise invalid_file(name, f"cannot be read: {reason}") from None
    with os.fdopen(handle, "rb") if is_regular(handle) else refused(handle, name) as file:
        return decoded(file.read(MOST_BYTES + 1), name)


def is_regular(handle: int) -> bool:
    """Return whether an open file is a regular file."""
    return stat.S_ISREG(os.fstat(handle).st_mode)


def refused(handle: int, name: str) -> Any:
    """Close a file that is not regular and raise ScenarioError."""
    os.close(handle)
    raise invalid_file(name, "not a regular file")


def decoded(raw: bytes, name: str) -> str:
    """Return the text of UTF-8 bytes; ScenarioError at the first invalid byte."""
    if len(raw) > MOST_BYTES:
        raise invalid_file(name, "larger than 1 MB")
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode()
        line = before.count("\n") + 1
        column = len(before) - before.rfind("\n")
        raise invalid_file(name, "not valid UTF-8", line, column) from None
