"""Uploads: scenario texts that a browser has sent, kept for its session cookie as long as the server runs."""

import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from weakref import WeakSet, WeakValueDictionary

from realpolitik.scenario import Scenario
from realpolitik.scenario.core import opened
from realpolitik.scenario.sources import Source
from realpolitik_viz.dashboard.catalogue import (
    OWN,
    UPLOAD_PREFIX,
    About,
    about,
    case_name,
    file_name,
    title_of,
    word_of,
)

LARGEST_UPLOAD = 1_000_000
"""Bytes of an uploaded scenario."""
MOST_UPLOADS, MOST_UPLOADED = 8, 4_000_000
"""Uploads that are kept for one browser, and their bytes; the oldest are dropped first."""
MOST_IN_ALL = 64_000_000
"""Bytes of the uploads of all browsers."""
MOST_BROWSERS = 1_000
"""Browsers whose uploads are kept."""
FULL = "the dashboard cannot keep more uploads; close other pages of it and try again"


class Store:
    """The uploads of all browsers. Where there are too many, those of browsers without an open page are dropped."""

    def __init__(self, most: int = MOST_IN_ALL) -> None:
        self.lock = threading.RLock()
        self._most = most
        self._used = 0
        self._all: WeakValueDictionary[str, Uploads] = WeakValueDictionary()
        self._kept: OrderedDict[str, Uploads] = OrderedDict()
        """Those with a text; the others end with their last page."""

    def of(self, user: str) -> "Uploads":
        """Return the uploads of a browser by its session cookie; a page without a cookie has its own."""
        if not user:
            return Uploads(self)
        with self.lock:
            found = self._all.get(user)
            if found is None:
                found = self._all[user] = Uploads(self, user)
            if user in self._kept:
                self._kept.move_to_end(user)
            return found

    def count(self, more: int) -> None:
        """Count bytes, or subtract them; ValueError if there are too many."""
        while more > 0 and self._used + more > self._most:
            self._drop_oldest()
        self._used += more

    def keep(self, user: str, uploads: "Uploads") -> None:
        """Keep the uploads of a browser that has closed its pages."""
        if user:
            self._kept[user] = uploads
            while len(self._kept) > MOST_BROWSERS:
                self._drop_oldest()

    def _drop_oldest(self) -> None:
        closed = (user for user, one in self._kept.items() if not one.pages)
        user = next(closed, None)
        if user is None:
            raise ValueError(FULL)
        self._kept.pop(user).clear()


STORE = Store()


class Uploads(Mapping[str, Scenario]):
    """The uploads of one browser: scenarios by name, read when they are needed first."""

    def __init__(self, store: Store | None = None, user: str = "") -> None:
        self.texts: dict[str, str] = {}
        self.origins: dict[str, str] = {}
        """The name of the scenario from which an upload was made in the page."""
        self.pages: WeakSet[Any] = WeakSet()
        """The open pages that use them."""
        self._store, self._user = store or STORE, user
        self._read: dict[str, Scenario] = {}
        self._about: dict[str, About] = {}

    def __del__(self) -> None:
        self.clear()

    def __getitem__(self, name: str) -> Scenario:
        """Return a scenario; KeyError if there is no upload of this name."""
        found = self._read.get(name)
        return found if found is not None else self._read.setdefault(name, self._fresh(name))

    def __iter__(self) -> Iterator[str]:
        return iter([*self.texts])

    def __len__(self) -> int:
        return len(self.texts)

    def __contains__(self, name: object) -> bool:
        return name in self.texts

    @property
    def about(self) -> dict[str, About]:
        """Titles, questions and bases by name."""
        return dict(self._about)

    def source(self, name: str) -> Source:
        """Return the text of an upload, with what it can name."""
        return source_of(name, self.texts[name], self.origins.get(name, ""))

    def _fresh(self, name: str) -> Scenario:
        return opened(self.source(name), None)

    def add(self, given: Mapping[str, Any], origin: str = "") -> str:
        """Read and keep an upload; return its name, ValueError if it is too large or not a scenario."""
        name, text = upload_of(given)
        scenario = opened(source_of(name, text, origin), None)
        with self._store.lock:
            self._store.count(size(text))
            self._drop(name)
            self.texts[name], self._read[name] = text, scenario
            if origin:
                self.origins[name] = origin
            called = {"title": title_of(name, self), "extends": case_name(name, self)}
            self._about[name] = about(scenario) | called
            while len(self.texts) > MOST_UPLOADS or (self._bytes() > MOST_UPLOADED and len(self.texts) > 1):
                self._drop(next(iter(self.texts)))
            self._store.keep(self._user, self)
        return name

    def leave(self, page: Any) -> None:
        """Note that a page was closed; without one, only the texts are kept."""
        with self._store.lock:
            self.pages.discard(page)
            if not self.pages:
                self._read.clear()

    def clear(self) -> None:
        """Drop all uploads."""
        with self._store.lock:
            for name in [*self.texts]:
                self._drop(name)

    def _bytes(self) -> int:
        return sum(map(size, self.texts.values()))

    def _drop(self, name: str) -> None:
        if name in self.texts:
            self._store.count(-size(self.texts.pop(name)))
            self._read.pop(name, None)
            self._about.pop(name, None)
            self.origins.pop(name, None)


def size(text: str) -> int:
    """Return the bytes of a text."""
    return len(text.encode())


def source_of(name: str, text: str, origin: str = "") -> Source:
    """Return the source of an upload: it can extend shipped scenarios, and reaches no other file.

    A text that was made from a file of one's own can name the files that the dashboard was started with, and those that
    they name.
    """
    if origin not in OWN.files:
        return Source(file_name(name), None, text)
    return Source(file_name(name), None, text, Path(OWN.files[origin].path).parent, OWN.reach())


def upload_of(given: Mapping[str, Any]) -> tuple[str, str]:
    """Return the name and text of an upload; the name reaches no file. ValueError if it is too large."""
    text, file = given.get("text"), given.get("name", "")
    if not isinstance(text, str) or not isinstance(file, str):
        raise ValueError("an upload must be a text with a name")
    if size(text) > LARGEST_UPLOAD:
        raise ValueError(f"{file[:60]}: a scenario has at most {LARGEST_UPLOAD:,} bytes")
    return UPLOAD_PREFIX + word_of(file).removeprefix(UPLOAD_PREFIX), text
