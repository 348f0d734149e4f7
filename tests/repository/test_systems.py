"""Linux, macOS and Windows: no module needs what one of them lacks, and texts are UTF-8 on all of them."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from repository.tree import FOLDERS, modules, name_of

ELSEWHERE = """
import os, shutil, signal, sys
from importlib import import_module
from pkgutil import walk_packages
from types import ModuleType

OURS = ("realpolitik_model", "realpolitik", "realpolitik_viz")
POSIX = ("fcntl", "grp", "posix", "pty", "pwd", "resource", "syslog", "termios", "tty")
OF_OS = (
    "O_CLOEXEC O_DIRECTORY O_NOFOLLOW O_NONBLOCK ST_RDONLY WNOHANG chown fork forkpty geteuid getgid getpgid "
    "getpriority getuid kill killpg mkfifo posix_spawn sched_getaffinity setsid statvfs sysconf uname wait4 waitid"
).split()
OF_SIGNAL = "SIGALRM SIGCHLD SIGCONT SIGHUP SIGKILL SIGPIPE SIGQUIT SIGSTOP SIGUSR1 SIGUSR2".split()


def everything():
    found = [import_module(name) for name in OURS]
    names = [one.name for package in found for one in walk_packages(package.__path__, package.__name__ + ".")]
    for name in names:
        if not name.endswith("__main__"):
            import_module(name)
    return names


class Absent:
    def find_spec(self, name, path=None, target=None):
        if name in POSIX:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


names = everything()  # with all that they import, which may need any of these
for name in list(sys.modules):
    if name.partition(".")[0] in OURS or name in POSIX:
        del sys.modules[name]
sys.meta_path.insert(0, Absent())
usage = shutil.disk_usage(".")
shutil.disk_usage = lambda path: usage  # of shutil's own, made for each system
for module, attributes in ((os, OF_OS), (signal, OF_SIGNAL)):
    for attribute in attributes:
        vars(module).pop(attribute, None)
windows = ModuleType("msvcrt")
windows.LK_NBLCK, windows.locking = 2, lambda handle, how, count: None
sys.modules["msvcrt"], sys.platform = windows, "win32"
assert everything() == names
"""
"""Imports all modules, then again on a system that lacks what only POSIX, or only Linux, has."""
COMMANDS = """
from realpolitik.cli import cli
for words in (
    ["list"],
    ["check", "karabakh"],
    ["run", "karabakh", "--worlds", "8", "--out", "worlds"],
    ["sweep", "karabakh", "--points", "4", "--worlds", "4", "--vary", "theory.phi=0:1", "--out", "sweep"],
    ["explain", "sweep", "--row", "7"],
):
    cli(words, standalone_mode=False)
print("all done")
"""


def test_nothing_needs_what_another_system_lacks(tmp_path: Path) -> None:
    """Without what only POSIX or Linux has, all modules can be imported, a sweep runs, and files are written."""
    done = subprocess.run(
        [sys.executable, "-c", ELSEWHERE + COMMANDS], cwd=tmp_path, capture_output=True, encoding="utf-8", check=False
    )
    assert done.stdout.endswith("all done\n"), done.stderr
    assert {"worlds", "sweep"} <= {path.name for path in tmp_path.iterdir()}


TEXTS = {"read_text": 0, "write_text": 1, "TextIOWrapper": 1}
"""Calls that read or write text -> the position of the encoding among their arguments."""
MODES = {"open": 0, "fdopen": 1, "NamedTemporaryFile": 0, "TemporaryFile": 0}
"""Calls that do so unless their mode is binary -> the position of the mode."""


def unnamed(code: str) -> list[int]:
    """Return the lines of calls that read or write text in the encoding of the machine."""
    return [node.lineno for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call) and by_locale(node)]


def by_locale(call: ast.Call) -> bool:
    """Return whether a call uses the encoding of the machine."""
    given = {one.arg: one.value for one in call.keywords}
    function = call.func
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    if "encoding" in given:
        return False
    if "text" in given or "universal_newlines" in given:
        return name in {"run", "Popen", "check_output"}
    if name in MODES:
        place = MODES[name] + (name == "open" and isinstance(function, ast.Name))
        mode = given.get("mode", call.args[place] if len(call.args) > place else None)
        return isinstance(mode, ast.Constant) and isinstance(mode.value, str) and set(mode.value) <= set("rwax+t")
    return name in TEXTS and len(call.args) <= TEXTS[name]


def test_all_texts_are_read_and_written_as_utf_8() -> None:
    """No module of the project leaves the encoding of a text to the machine."""
    paths = modules(*FOLDERS.values(), "benchmarks")
    assert paths
    assert [f"{name_of(path)}:{line}" for path in paths for line in unnamed(path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize(
    "code",
    [
        "path.read_text()",
        "path.write_text(x)",
        'open(p, "w")',
        'path.open("r")',
        "run(c, text=True)",
        "TextIOWrapper(b)",
    ],
)
def test_an_encoding_that_is_left_out_is_found(code: str) -> None:
    """Each way to read or write a text is known; with an encoding, or of bytes, it is right."""
    assert unnamed(code) == [1]
    assert unnamed(code.replace(")", ', encoding="utf-8")').replace("(,", "(").replace("text=True, ", "")) == []
    assert unnamed('path.open("rb"); path.read_bytes()') == []
