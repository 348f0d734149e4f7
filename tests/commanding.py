"""The command line in this process: with or without a terminal, in any encoding; its output and exit code."""

import re
import sys
from contextlib import ExitStack
from io import BytesIO, TextIOWrapper
from typing import NamedTuple
from unittest.mock import patch

from realpolitik.cli import main

STYLES = re.compile(r"\x1b\[[0-9;]*m")
"""Escape sequences for colours; any other sequence would come from a text."""


class Done(NamedTuple):
    """The exit code of a command, and the bytes that it printed."""

    code: int
    stdout: bytes
    stderr: bytes
    encoding: str

    @property
    def out(self) -> str:
        """Output on stdout, without colours."""
        return STYLES.sub("", self.stdout.decode(self.encoding))

    @property
    def err(self) -> str:
        """Output on stderr, without colours."""
        return STYLES.sub("", self.stderr.decode(self.encoding))


class Stream(TextIOWrapper):
    """A stream that may claim to be a terminal."""

    terminal = False

    def isatty(self) -> bool:
        """Whether it is a terminal."""
        return self.terminal


def command(*arguments: object, columns: int | None = None, encoding: str = "utf-8") -> Done:
    """Run a command; with `columns`, on a terminal of this width."""
    out, err = (Stream(BytesIO(), encoding=encoding, write_through=True) for _ in range(2))
    out.terminal = columns is not None
    terminal = {"COLUMNS": str(columns), "LINES": "50", "TERM": "xterm-256color"} if columns else {}
    with ExitStack() as stack:
        stack.enter_context(patch.object(sys, "argv", ["realpolitik", *map(str, arguments)]))
        stack.enter_context(patch.object(sys, "stdout", out))
        stack.enter_context(patch.object(sys, "stderr", err))
        stack.enter_context(patch.dict("os.environ", terminal))
        try:
            main()
        except SystemExit as ended:
            code = int(ended.code or 0)
    return Done(code, out.buffer.getvalue(), err.buffer.getvalue(), encoding)
