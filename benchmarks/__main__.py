"""`python -m benchmarks`: measure, and write docs/benchmarks.md."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks import commands, gpu, growth, machine, speed
from benchmarks.agreement import Disagreement
from benchmarks.compiled import there_is_gcc
from benchmarks.markdown import paragraphs, part, table
from benchmarks.twin import ROOT

SECTIONS = ("contestants", "cost", "commands", "memory")
INTRODUCTION = """What the engine costs, measured against other ways to run the same equations. `make bench`
measures everything anew and writes this page; the figures are those of one machine:"""


def main() -> int:
    """Measure the sections asked for and write the page."""
    asked = arguments()
    if not there_is_gcc():
        sys.stderr.write("There is no gcc here, which compiles one of the contestants.\n")
        return 1
    try:
        parts = [section(name, asked.rounds, asked.quick) for name in asked.sections or SECTIONS]
    except Disagreement as where:
        sys.stderr.write(f"The contestants do not agree, so nothing is timed.\n{where}\n")
        return 1
    head = "# Benchmarks", INTRODUCTION, table(["", ""], [[f"{name}", value] for name, value in machine.described()])
    before = asked.out.read_text(encoding="utf-8") if asked.out.exists() else ""
    on_gpu = [section for section in [part(before, gpu.HEADING)] if section]  # measured elsewhere: make bench-gpu
    asked.out.write_text(paragraphs(*head, *parts, *on_gpu) + "\n", encoding="utf-8")
    return 0


def section(name: str, rounds: int, quick: bool) -> str:
    """Measure one section."""
    measure: dict[str, Callable[[], str]] = {
        "contestants": lambda: speed.section(rounds, say),
        "cost": lambda: growth.section(rounds, say, quick),
        "commands": lambda: commands.starting(rounds, say, quick),
        "memory": lambda: commands.memory(rounds, say, quick),
    }
    say(name)
    return measure[name]()


def say(what: str) -> None:
    """Tell whoever waits what is being measured."""
    sys.stderr.write(f"    {what}\n")
    sys.stderr.flush()


def known(name: str) -> str:
    """Return the name of a section; it is an error if there is none of that name."""
    if name not in SECTIONS:
        raise argparse.ArgumentTypeError(f"there is no section '{name}'; there are {', '.join(SECTIONS)}")
    return name


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line, or the words given."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "sections", nargs="*", type=known, metavar="SECTION", help=f"of: {', '.join(SECTIONS)}; all if none is named"
    )
    parser.add_argument("--rounds", type=int, default=5, help="how often each is measured (5)")
    parser.add_argument("--quick", action="store_true", help="leave out what takes minutes")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "benchmarks.md", help="the page")
    return parser.parse_args(words)


if __name__ == "__main__":
    sys.exit(main())
