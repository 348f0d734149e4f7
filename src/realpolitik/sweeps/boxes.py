"""A box as a scenario file: what was swept, with ranges that say the box and nothing else, for a run to draw from."""

import json
import os
from pathlib import Path
from typing import Any

from realpolitik.files import write_whole
from realpolitik.scenario import load
from realpolitik.scenario.sources import shipped_names
from realpolitik.sweeps.discovery import Discovery, Found
from realpolitik.sweeps.factors import Factor, Span
from realpolitik.sweeps.reading import Sweep
from realpolitik.texts import inert

LONGEST_TITLE = 900
HEAD = """\
# Where {outcome} comes about: a box found in a sweep of {name} by `realpolitik discover`.
# Inside, its probability is {density:.1%} ({low:.1%} to {high:.1%}); {coverage:.1%} of all its cases lie here.
# Other numbers that have a range in {name} are held at their values, as they were in the sweep.

extends = {extends}
reason = {reason}
assumption = true

[meta]
title = {title}
uncertainty = "prior"          # a plain `run` draws from the ranges below

[set]
"""


def write_boxes(found: Discovery, path: str | os.PathLike[str]) -> list[Path]:
    """Write each box as a scenario file: FILE.toml, then FILE-2.toml, ..."""
    target = Path(path)
    if target.suffix != ".toml":
        raise ValueError(f"{path}: a scenario file ends in .toml")
    files = [target, *(target.with_stem(f"{target.stem}-{n}") for n in range(2, len(found.boxes) + 1))]
    texts = [box_text(found, box, target.parent) for box in found.boxes]
    for file, text in zip(files, texts, strict=False):
        write_whole(file, text.encode())
    return files[: len(texts)]


def box_text(found: Discovery, box: Found, folder: Path) -> str:
    """Give the file of one box, to lie in a folder."""
    stored = found.sweep.plan.scenario
    head = HEAD.format(
        **box.__dict__,
        outcome=found.outcome,
        name=inert(stored["name"]),
        extends=text(base_of(found.sweep, folder)),
        reason=text(f"A box of the sweep {found.sweep.plan.identity[:12]} in which {found.outcome} comes about"),
        title=text(f"{shortened(stored['document']['meta']['title'])}: where {found.outcome} comes about"),
    )
    lasting = [s for s in stored["settings"] if s[2] is None]
    lines = {path: text(value) for path, value, _ in lasting}
    lines |= {path: text(found.sweep.scenario.numbers[path]) for path in stored["ranges"]}
    lines |= {one.path: spanned(one, box) for one in found.sweep.plan.factors}
    body = "".join(f"{text(path)} = {line}\n" for path, line in lines.items())
    return head + body + "".join(fork_text(*s) for s in stored["settings"] if s[2] is not None)


def shortened(title: str) -> str:
    """Leave room in a title, which has 1,000 characters at most, for what is added to it; the cut is shown."""
    return title if len(title) <= LONGEST_TITLE else title[: LONGEST_TITLE - 3] + "..."


def spanned(one: Factor, box: Found) -> str:
    """Give what a file sets for one input."""
    limit = box.limits.get(one.path, (one.low, one.high) if isinstance(one, Span) else list(one.levels))
    if isinstance(limit, tuple):
        low, high = limit
        return f"{{ value = {text((low + high) / 2)}, low = {text(low)}, high = {text(high)} }}"
    if len(limit) > 1:
        several = ", ".join(str(level) for level in limit)
        raise ValueError(
            f"a scenario cannot hold several levels of {one.path} ({several}): sweep one of them, or a span"
        )
    return text(limit[0])


def fork_text(path: str, value: Any, month: str) -> str:
    """Give a setting from a month on."""
    return f"\n[[from]]\nmonth = {text(month)}\nset = {{ {text(path)} = {text(value)} }}\n"


def base_of(sweep: Sweep, folder: Path) -> str:
    """Give what a box extends, as a file in a folder has to name it; ValueError if that is no longer what was swept."""
    stored = sweep.plan.scenario
    name = stored["extends"]
    if name not in shipped_names():
        name = os.path.relpath(name, folder.resolve())
    there = load(name, base_path=folder)
    if there.sha256 != stored["extends_sha256"]:
        raise ValueError(f"{stored['extends']} has changed since it was swept; a box cannot extend it")
    return str(name)


def text(value: object) -> str:
    """Write a text or a number as TOML does."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return json.dumps(value)
