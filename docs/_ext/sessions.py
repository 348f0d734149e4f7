"""The directive `session`: commands that the build runs, with what they print and the figures that they write.

A session is a folder in which the commands of a page run one after the other. What they print is kept in `_build`, and
they run again only if they, the programs or the shipped scenarios have changed.
"""

import hashlib
import json
import os
import re
import shlex
import shutil
import sys
import warnings
from contextlib import ExitStack, chdir, redirect_stderr, redirect_stdout
from functools import cache
from io import BytesIO, TextIOWrapper
from logging import WARNING, getLogger
from pathlib import Path
from typing import ClassVar
from unittest.mock import patch

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

from realpolitik.cli import main

ROOT = Path(__file__).parents[2]
COLUMNS = "100"
CONTINUED = re.compile(r"\\\n\s*")
"""The end of a line whose command continues on the next one."""


@cache
def sources() -> str:
    """Return a hash of all that the output of a command depends on: the packages and the shipped scenarios."""
    code = [path for part in ("model", "src", "viz") for path in (ROOT / part).rglob("*.py")]
    found = hashlib.sha256()
    for path in sorted([*ROOT.glob("scenarios/*"), *code]):
        found.update(path.read_bytes())
    return found.hexdigest()


class Session:
    """A folder, the texts that a page has written into its files, and what its commands printed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.record = folder.parent / f"{folder.name}.json"
        self.printed: dict[str, str] = json.loads(self.record.read_text("utf-8")) if self.record.exists() else {}
        self.texts: dict[str, str] = {}
        self.state = sources()
        if self.printed.get("sources") != self.state:  # all is run again, from an empty folder
            shutil.rmtree(folder, ignore_errors=True)
            self.printed = {"sources": self.state}
        folder.mkdir(parents=True, exist_ok=True)

    def add(self, name: str, text: str) -> None:
        """Add a part to a file, which is empty at the start of each build."""
        self.texts[name] = f"{self.texts[name]}\n{text}" if name in self.texts else text
        (self.folder / name).write_text(self.texts[name], encoding="utf-8")
        self._advance(name, text)

    def run(self, command: str, expected: int) -> str:
        """Return what a command prints; run it if it has not been run in this state."""
        self._advance(command)
        if self.state not in self.printed:
            self.printed[self.state] = self._run(command, expected)
            self.record.write_text(json.dumps(self.printed, indent=1), encoding="utf-8")
        return self.printed[self.state]

    def _advance(self, *given: str) -> None:
        self.state = hashlib.sha256("\0".join((self.state, *given)).encode()).hexdigest()

    def _run(self, command: str, expected: int) -> str:
        """Run a command in this process, which has imported the model already: a process each takes twice the time."""
        program, *arguments = shlex.split(command)
        if program != "realpolitik":
            raise ExtensionError(f"only `realpolitik` can be run here, not `{program}`")
        out, err = (TextIOWrapper(BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
        with ExitStack() as stack:
            stack.enter_context(chdir(self.folder))
            stack.enter_context(patch.dict(os.environ, {"COLUMNS": COLUMNS, "NO_COLOR": "1"}))
            stack.enter_context(patch.object(sys, "argv", [program, *arguments]))
            stack.enter_context(patch.object(warnings, "formatwarning"))
            stack.enter_context(redirect_stdout(out))
            stack.enter_context(redirect_stderr(err))
            try:
                main()
            except SystemExit as ended:
                code = int(ended.code or 0)
        printed, said = (stream.buffer.getvalue().decode() for stream in (out, err))
        if code != expected:
            raise ExtensionError(f"exit code {code} of `{command}`:\n{printed}{said}")
        return printed if expected == 0 else printed + said


def session_of(directive: SphinxDirective) -> Session:
    """Return the session of a page that a directive names."""
    sessions: dict[str, Session] = directive.env.temp_data.get("sessions") or {}
    directive.env.temp_data["sessions"] = sessions
    name = directive.arguments[0]
    if name not in sessions:
        sessions[name] = Session(Path(directive.env.srcdir) / "_build" / "sessions" / name)
    return sessions[name]


def literal(text: str, language: str) -> nodes.Node:
    """Return a block of code."""
    return nodes.literal_block(text, text, language=language)


class SessionFileDirective(SphinxDirective):
    """A file of a session as a whole: all parts that the page has added."""

    required_arguments = 2

    def run(self) -> list[nodes.Node]:
        """Return the file as a block of code."""
        return [literal(session_of(self).texts[self.arguments[1]], "toml")]


class SessionDirective(SphinxDirective):
    """Commands, one per line, with what they print; or, with `:file:`, the next part of a file.

    Options
    -------
    file
        The content is added to this file of the session.
    lines
        At most so many lines of the output are shown; by default all.
    figure, alt
        A figure that the commands write, and a text for those who cannot see it.
    exit
        The exit code that is expected, 0 by default.
    """

    required_arguments = 1
    has_content = True
    option_spec: ClassVar = {
        "file": directives.unchanged,
        "lines": directives.nonnegative_int,
        "figure": directives.unchanged,
        "alt": directives.unchanged,
        "exit": directives.nonnegative_int,
    }

    def run(self) -> list[nodes.Node]:
        """Return the nodes that are shown."""
        session = session_of(self)
        if "file" in self.options:
            session.add(self.options["file"], "\n".join(self.content) + "\n")
            return [literal("\n".join(self.content), Path(self.options["file"]).suffix[1:])]
        expected = self.options.get("exit", 0)
        commands = CONTINUED.sub(" ", "\n".join(self.content)).splitlines()
        typed = re.split(r"(?<!\\)\n", "\n".join(self.content))
        shown = [self._shown(text, session.run(one, expected)) for text, one in zip(typed, commands, strict=True)]
        return [literal("\n".join(shown), "console"), *self._figure(session)]

    def _shown(self, command: str, printed: str) -> str:
        lines = printed.rstrip().splitlines()
        most = self.options.get("lines", len(lines))
        cut = ["..."] if 0 < most < len(lines) else []
        return "\n".join([f"$ {command}", *(line.rstrip() for line in lines[:most]), *cut])

    def _figure(self, session: Session) -> list[nodes.Node]:
        name = self.options.get("figure")
        if name is None:
            return []
        if not (session.folder / name).exists():
            raise ExtensionError(f"{self.get_location()}: no command of the session has written {name}")
        uri = f"/_build/sessions/{session.folder.name}/{name}"
        return list(self.parse_text_to_nodes(f"![{self.options.get('alt', name)}]({uri})"))


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the directives."""
    getLogger("MESA").setLevel(WARNING)  # it logs every step, and Sphinx lets all that is logged through
    app.add_directive("session", SessionDirective)
    app.add_directive("session-file", SessionFileDirective)
    return {"parallel_read_safe": False}
