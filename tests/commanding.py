"""The command line in this process: on any terminal or none, in any encoding, with what it printed and how it ended."""

import re
import sys
from contextlib import ExitStack
from io import BytesIO, TextIOWrapper
from typing import NamedTuple
from unittest.mock import patch

from realpolitik.cli import main

STYLES = re.compile(r"\x1b\[[0-9;]*m")
"""What a terminal is told about colours; all other commands to it would come from a text."""


class Done(NamedTuple):
    """How a command ended, and the bytes it printed."""

    code: int
    stdout: bytes
    stderr: bytes
    encoding: str

    @property
    def out(self) -> str:
        """What was printed, without colours."""
        return STYLES.sub("", self.stdout.decode(self.encoding))

    @property
    def err(self) -> str:
        """What was said on stderr."""
        return STYLES.sub("", self.stderr.decode(self.encoding))


class Stream(TextIOWrapper):
    """A stream that may say that it is a terminal."""

    terminal = False

    def isatty(self) -> bool:
        """Whether it is one."""
        return self.terminal


def command(*arguments: object, columns: int | None = None, encoding: str = "utf-8") -> Done:
    """Run the command line to its end; with columns, on a terminal that has so many."""
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
