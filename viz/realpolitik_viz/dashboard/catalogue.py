"""The scenarios that pages know by name: the shipped ones, files of one's own, and the uploads of a browser.

A page names a scenario by a word that is valid in a URL, never by a path: only what is listed here can be reached.
"""

import os
import threading
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from realpolitik.posterior import posterior_state
from realpolitik.scenario import Scenario, ScenarioError, Setting, load, parse_setting, shipped
from realpolitik.scenario.core import digest
from realpolitik.scenario.errors import nearest
from realpolitik.scenario.sources import asked_as, is_text, shipped_names
from realpolitik_viz.dashboard.resources import SCENARIOS
from realpolitik_viz.dashboard.view import View
from realpolitik_viz.months import in_words

OWN_PREFIX, UPLOAD_PREFIX = "own-", "my-"
"""How the names of files of one's own and of uploads begin; no shipped scenario has such a name."""
LONGEST_STEM = 50
About = dict[str, str | None]
"""Title and question of a scenario, and under `extends` the name of the scenario at the end of its chain of diffs."""


def word_of(file: str) -> str:
    """Return the name of a file as a word that is valid in a URL, without folder and ending.

    >>> word_of("../my cases/the ferry.toml"), word_of("\N{CYRILLIC SMALL LETTER GHE}.toml")
    ('the-ferry', 'scenario')
    """
    stem = Path(file).name.removesuffix(".toml")
    word = "".join(c if c.isascii() and (c.isalnum() or c in "_-") else "-" for c in stem)
    return word.strip("-")[:LONGEST_STEM] or "scenario"


def file_name(name: str) -> str:
    """Return the name of a file for a scenario that is shown under a name, as its author would call it.

    >>> file_name("my-ferry"), file_name("own-ferry"), file_name("karabakh")
    ('ferry.toml', 'ferry.toml', 'karabakh.toml')
    """
    return f"{name.removeprefix(OWN_PREFIX).removeprefix(UPLOAD_PREFIX)}.toml"


class OwnFile:
    """A scenario file that the dashboard was started with, or that such a file extends."""

    def __init__(self, path: str, scenario: Scenario) -> None:
        self.path = path
        self._scenario = scenario
        self._state = state_of(scenario)
        self._lock = threading.Lock()

    @property
    def last(self) -> Scenario:
        """The scenario as it was last read."""
        return self._scenario

    def read(self) -> Scenario:
        """Return the scenario; it is read again if one of its files has changed. ScenarioError if it is now invalid."""
        with self._lock:
            if state_of(self._scenario) != self._state:
                read = load(self.path)
                self._scenario, self._state = read, state_of(read)
            return self._scenario


def state_of(scenario: Scenario) -> list[tuple[str, int, int]]:
    """Return what changes when a file of a scenario does: paths, times and sizes."""
    found = [(str(file), file.stat()) for file in scenario.files if file.exists()]
    return [(file, about.st_mtime_ns, about.st_size) for file, about in found]


class OwnFiles:
    """The files that the dashboard was started with, by the names that pages use."""

    def __init__(self) -> None:
        self.files: dict[str, OwnFile] = {}

    def open(self, sources: Iterable[str]) -> list[str]:
        """Add files, and what they extend; return the name of each. ScenarioError for the first invalid one.

        A shipped scenario keeps its name.
        """
        return [self._open(source) for source in sources]

    def _open(self, source: str) -> str:
        if source in shipped_names():
            return source
        found = self.name_of(source)
        if found is None:
            scenario = load(source)
            found = self._free(word_of(source))
            self.files[found] = OwnFile(source, scenario)
            self.open(asked_as(link) for link in scenario.chain[1:])
        return found

    def name_of(self, path: str) -> str | None:
        """Return the name of a file, however its path is written; None if it is not one of these."""
        real = os.path.realpath(path)
        return next((name for name, one in self.files.items() if os.path.realpath(one.path) == real), None)

    def reach(self) -> frozenset[str]:
        """Return the real paths of all that these scenarios were read from, and of those that they name."""
        read = [one.last for one in self.files.values()]
        return frozenset(os.path.realpath(file) for one in read for file in (*one.files, *one.named_files))

    def _free(self, word: str) -> str:
        """Return a name that no other file has."""
        names = (f"{OWN_PREFIX}{word}{f'-{n}' if n > 1 else ''}" for n in range(1, len(self.files) + 2))
        return next(name for name in names if name not in self.files)


OWN = OwnFiles()


@lru_cache
def shipped_about() -> dict[str, About]:
    """Return the shipped scenarios by name."""
    heads = {one.name: one for one in shipped()}
    return {
        name: {"title": one.title, "question": one.question, "extends": _end(name, heads)}
        for name, one in heads.items()
    }


def _end(name: str, heads: Mapping[str, Any]) -> str | None:
    """Return the name at the end of a chain of shipped diffs, None for a complete scenario."""
    end = name
    while heads[end].extends:
        end = heads[end].extends
    return end if end != name else None


@lru_cache(maxsize=64)
def shipped_scenario(name: str) -> Scenario:
    """Return a shipped scenario by name; no other file can be read."""
    if name not in shipped_about():
        raise ValueError(unknown(name))
    return load(name)


def plain_scenario(name: str, uploads: Mapping[str, Scenario]) -> Scenario:
    """Return a scenario without changes: an upload, a file of one's own, or a shipped one."""
    if name in uploads:
        return uploads[name]
    return OWN.files[name].read() if name in OWN.files else shipped_scenario(name)


def listed(uploads: Mapping[str, About]) -> dict[str, About]:
    """Return all scenarios by name, for pages to choose from: those of one's own first, told apart by their titles."""
    found: dict[str, About] = dict(reversed(shipped_about().items()))
    titles = {one["title"] for one in found.values()}
    own = {name: about(one.last) for name, one in OWN.files.items()}
    for name, one in reversed({**own, **uploads}.items()):
        title = f"{one['title']} ({file_name(name)})" if one["title"] in titles else one["title"]
        titles.add(title)
        found[name] = {**one, "title": title}
    return dict(reversed(found.items()))


def about(scenario: Scenario) -> About:
    """Return the title and question of a scenario, and the name of its base."""
    meta = scenario.document["meta"]
    return {"title": meta["title"], "question": meta["question"], "extends": base_name(scenario)}


def base_name(scenario: Scenario) -> str | None:
    """Return the name of the scenario at the end of a chain of diffs, None for a complete one."""
    return name_of(scenario.chain[-1]) if len(scenario.chain) > 1 else None


def name_of(link: str) -> str | None:
    """Return the name of a file of a chain: a shipped scenario, or one of one's own; None for any other."""
    if is_text(link):
        return None
    return asked_as(link) if asked_as(link) != link else OWN.name_of(link)


def origin_of(name: str, uploads: Mapping[str, Scenario]) -> str:
    """Return the name of the scenario from which an upload was edited on the page, nothing if it was not."""
    origins: Mapping[str, str] = getattr(uploads, "origins", {})  # a session without uploads has a plain mapping
    return origins.get(name, "")


def title_of(name: str, uploads: Mapping[str, Scenario]) -> str:
    """Return the title of a scenario; one that was edited here and keeps the title of its original says so."""
    title, origin = str(plain_scenario(name, uploads).document["meta"]["title"]), origin_of(name, uploads)
    same = origin and title == plain_scenario(origin, {}).document["meta"]["title"]
    return f"{title}, edited" if same else title


def case_name(name: str, uploads: Mapping[str, Scenario]) -> str | None:
    """Return the name of the base case of a scenario, None if it is one.

    It is the end of its chain of diffs, or, for a complete scenario that was edited here, that of its original.
    """
    base, origin = base_name(plain_scenario(name, uploads)), origin_of(name, uploads)
    return base or (case_name(origin, {}) or origin if origin else None)


def base_case(name: str, uploads: Mapping[str, Scenario]) -> Scenario | None:
    """Return the base case of a scenario without changes, itself if it is one, None if its base is not here."""
    named = case_name(name, uploads)
    return plain_scenario(named, uploads) if named else base_of(plain_scenario(name, uploads))


def base_of(plain: Scenario) -> Scenario | None:
    """Return the scenario at the end of the chain of diffs of a scenario without changes; a complete one is its own."""
    if len(plain.chain) == 1:
        return plain
    name = base_name(plain)
    return plain_scenario(name, {}) if name else None


def scenario_of(view: View, uploads: Mapping[str, Scenario]) -> Scenario:
    """Return the scenario of a view, with its changes and weight rule."""
    scenario, settings = plain_scenario(view.scenario, uploads), settings_of(view)
    if not settings:
        return scenario
    return SCENARIOS.get((fingerprint(scenario), view.set, view.theory), lambda: scenario.set(settings))


def settings_of(view: View) -> list[Setting]:
    """Return the changes and the weight rule of a view as settings."""
    rule = [Setting("theory.weights", view.theory)] if view.theory else []
    return [*(parse_setting(text) for text in view.set), *rule]


def rival_of(text: str, uploads: Mapping[str, Scenario]) -> Scenario:
    """Return a scenario given by its name and changes, separated by semicolons."""
    name, *changes = text.split(";")
    scenario = plain_scenario(name, uploads)
    return scenario.set([parse_setting(one) for one in changes]) if changes else scenario


def rival_named(scenario: Scenario) -> str | None:
    """Return the name of the scenario that a file says to compare with first, None if it is not here."""
    against, own = scenario.document["show"]["against"], scenario.chain[0]
    if not against or against in shipped_about():
        return str(against) if against else None
    return None if is_text(own) else OWN.name_of(str(Path(own).parent / against))


def written_as(name: str, uploads: Mapping[str, Scenario]) -> str:
    """Return a scenario as the commands that pages print name it: by its name or path; an upload by its file."""
    if name in uploads:
        return file_name(name)
    return OWN.files[name].path if name in OWN.files else name


def source_of(name: str, uploads: Mapping[str, Scenario]) -> str | Scenario:
    """Return a scenario as commands accept it: a name, a path, or an upload itself, which has no file."""
    if name in uploads:
        return uploads[name]
    return os.path.realpath(OWN.files[name].path) if name in OWN.files else shipped_scenario(name).name


_DIGESTS: WeakKeyDictionary[Scenario, str] = WeakKeyDictionary()


def fingerprint(scenario: Scenario) -> tuple[Any, ...]:
    """Return what decides all results and texts of a scenario: its content, its files and its posterior."""
    content = _DIGESTS.get(scenario)
    if content is None:
        content = digest([scenario.document, scenario.ranges, scenario.forks, scenario.chain])
        _DIGESTS[scenario] = content
    return content, posterior_state(scenario)


def why_missing(view: View, uploads: Mapping[str, Scenario]) -> str:
    """Return why a scenario that a view names cannot be shown, and what is needed; nothing if all can be."""
    name = missing_name(view, uploads)
    if name is not None:
        return unknown(name)
    try:
        for one in named(view):
            plain_scenario(one, uploads)
    except ScenarioError as error:
        return f"{error}. Correct the file, then load this page again."
    return ""


def outside(view: View, uploads: Mapping[str, Scenario]) -> list[str]:
    """Return a message for each month of a view that its case does not have, so that it is ignored."""
    given = [(key, month) for key, month in (("month", view.month), ("by", view.by)) if month]
    try:
        months = plain_scenario(view.scenario, uploads).case().dates() if given else []
    except (ValueError, LookupError):  # the page says why the scenario is not here
        return []
    lasts = f"which runs from {in_words(months[0])} to {in_words(months[-1])}" if months else ""
    return [
        f"Part of the URL was ignored: {key}: {in_words(month)} is outside this case, {lasts}"
        for key, month in given
        if month not in months
    ]


def missing_name(view: View, uploads: Mapping[str, Scenario]) -> str | None:
    """Return the first scenario that a view names and that is not here."""
    there = (uploads, OWN.files, shipped_about())
    return next((name for name in named(view) if not any(name in one for one in there)), None)


def named(view: View) -> list[str]:
    """Return the names of the scenarios that a view shows."""
    rivals = view.against if view.page == "compare" else ()
    return [view.scenario, *(text.split(";")[0] for text in rivals)]


def with_scenario(view: View, old: str, new: str) -> View:
    """Return a view in which a scenario has another name, and all else is the same."""
    against = [";".join([new if name == old else name, *rest]) for name, *rest in (t.split(";") for t in view.against)]
    return replace(view, scenario=new if view.scenario == old else view.scenario, against=tuple(against))


def unknown(name: str) -> str:
    """Return what is needed to show a scenario that is not here."""
    file = file_name(name)
    if name.startswith(OWN_PREFIX):
        return (
            f"This link is to a scenario file that the dashboard was started with: {file}, or a name like it. "
            f"Open the file here, or start the dashboard with it: realpolitik dashboard {file}"
        )
    if name.startswith(UPLOAD_PREFIX):
        return (
            f"This link is to a scenario file that was opened in a browser: {file}, or a name like it. "
            "This browser has not opened it since the dashboard was started. Open the file here."
        )
    near = nearest(name, shipped_about())
    hint = f"; did you mean '{near}'?" if near else f". There are {', '.join(shipped_about())}."
    return f"There is no scenario '{name}' here{hint}"
