"""`realpolitik new`: a complete case from a template, or a diff on any scenario."""

import json
import os
import re
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import rich_click as click

from realpolitik.cli.options import complete_scenario, json_option, load
from realpolitik.cli.printing import Grid, Screen, argument, command_line, print_json, say
from realpolitik.texts import UNASKED, inert

if TYPE_CHECKING:
    from realpolitik.scenario import Scenario

TEMPLATES = ("garrison", "veto", "swap", "embargo", "election", "promise", "three-party", "council")
"""Names of the templates, the one that is used by default first."""
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}\.toml")
DIFF = """extends = {base}
reason = {reason}
assumption = true

[meta]
title = {title}
question = {question}

[set]
# Any number of the base by its dotted path; for an unknown path, `realpolitik check` names the nearest valid one.
# This one is set to what it already is in the base.
"theory.phi" = {phi}
"""


class Template(NamedTuple):
    """A complete case to start from."""

    name: str
    title: str
    question: str
    text: str


def templates() -> list[Template]:
    """Return the templates, the default one first."""
    folder = files("realpolitik.cli") / "templates"
    texts = {name: (folder / f"{name}.toml").read_text(encoding="utf-8") for name in TEMPLATES}
    heads = {name: tomllib.loads(text)["meta"] for name, text in texts.items()}
    return [Template(name, heads[name]["title"], heads[name]["question"], text) for name, text in texts.items()]


@click.command()
@click.argument("name", required=False)
@click.option("--template", type=click.Choice(TEMPLATES), help="Start from this template. By default garrison.")
@click.option(
    "--extends",
    "base",
    metavar="SCENARIO",
    shell_complete=complete_scenario,
    help="Write a diff on this scenario, a name or a path, instead of a complete one.",
)
@click.option("--list", "listed", is_flag=True, help="List the templates, and write nothing.")
@json_option
def new(name: str | None, template: str | None, base: str | None, listed: bool, as_json: bool) -> None:
    """Write NAME.toml, a scenario that runs, as a starting point, into the current folder.

    Each template is a small complete case. Its first lines say what it shows, and how to see it.

    **Examples**

        realpolitik new my-case
        realpolitik new --list
        realpolitik new my-council --template council
        realpolitik new what-if --extends karabakh
        realpolitik new what-if --extends '../my cases/base.toml'
    """
    if listed:
        _list(as_json)
        return
    if name is None:
        raise click.UsageError("give the NAME of the new scenario, or --list")
    if template is not None and base is not None:
        raise click.UsageError("--template is for a complete scenario and --extends for a diff: give one of them")
    target = _target(name)
    _write(target, _case(target, template or TEMPLATES[0]) if base is None else _diff(target, base))
    if as_json:
        print_json({"file": str(target), "template": None if base else template or TEMPLATES[0], "extends": base})
        return
    place = argument(target)
    say(f"Wrote {target}")
    Screen().hint("Next:", command_line("check", place), command_line("run", place))


def _list(as_json: bool) -> None:
    if as_json:
        print_json([{"name": one.name, "title": one.title, "question": one.question} for one in templates()])
        return
    grid = Grid(("template", "name"), ("title", "prose"), ("question", "prose"))
    for one in templates():
        grid.add(one.name, one.title, one.question)
    grid.show(Screen())


def _target(name: str) -> Path:
    """Return the file to write; ValueError for a name that is not valid."""
    target = Path(f"{name.removesuffix('.toml')}.toml")
    if not NAME.fullmatch(str(target)):
        raise ValueError(f"'{name}' is not a valid name for a scenario: use ASCII letters, digits, - and _")
    return target


def _title(target: Path) -> str:
    return target.stem.replace("-", " ").replace("_", " ").capitalize()


def _case(target: Path, template: str) -> str:
    """Return the text of a template under a title of its own."""
    one = next(known for known in templates() if known.name == template)
    return one.text.replace(f'title = "{one.title}"', f'title = "{_title(target)}"', 1)


def _diff(target: Path, base: str) -> str:
    return diff_text(load(base), _from_there(target, base), _title(target))


def diff_text(scenario: "Scenario", base: str, title: str) -> str:
    """Return the text of a diff on a scenario, which it extends under the name `base`; it changes nothing yet."""
    return DIFF.format(
        base=_quoted(base),
        reason=_quoted(f"Why this differs from {inert(scenario.name)}, in a sentence"),
        title=_quoted(title),
        question=_quoted(UNASKED),
        phi=_phi(scenario),
    )


def _quoted(text: str) -> str:
    """Return a text without control characters in quotes of TOML."""
    return json.dumps(text, ensure_ascii=False)


def _phi(scenario: "Scenario") -> str:
    """Return `theory.phi` of a scenario as TOML, with its range if it has one."""
    value = scenario.numbers["theory.phi"]
    if "theory.phi" not in scenario.ranges:
        return repr(value)
    low, high = scenario.ranges["theory.phi"]
    return f"{{ value = {value!r}, low = {low!r}, high = {high!r} }}"


def _from_there(target: Path, base: str) -> str:
    """Return how a file names its base: a shipped one by its name, another by its path from the file's folder."""
    from realpolitik.scenario.sources import is_path, shipped_names

    if base in shipped_names():
        return base
    folder, file = os.path.split(base)
    path = os.path.relpath(os.path.join(os.path.realpath(folder), file), target.parent.resolve())  # noqa: PTH118
    if inert(path) != path:
        raise ValueError(f"'{path}': no scenario can extend a file of this name; rename it")
    return path if is_path(path) else f"./{path}"


def _write(target: Path, text: str) -> None:
    """Write a new file, and remove it again if it is not a valid scenario; an existing file is never replaced."""
    from realpolitik.scenario import ScenarioError

    try:
        with target.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise ValueError(f"{target} already exists; choose another name") from None
    try:
        load(str(target))
    except ScenarioError:
        target.unlink()
        raise
