"""Parts of pages that are made from the program itself when the site is built.

A line `<!-- generated: NAME ARGUMENT -->` in a page is replaced by Markdown that a function of `MAKERS` returns. So the
reference of commands, of the keys of scenario files and of the Python API cannot differ from the program.
"""

import inspect
import os.path
import re
from importlib import import_module
from pathlib import Path
from typing import Any

import click
from pygments.lexers.special import TextLexer
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError

from realpolitik import load, shipped
from realpolitik.cli import cli
from realpolitik.scenario.documents import schema

DOCS = Path(__file__).parents[1]
ROOT = DOCS.parent
EXAMPLES = re.compile(r"^\*\*Examples?\*\*\n\n((?:    .*\n?)+)", re.MULTILINE)
MARK = re.compile(r"^<!-- generated: ([a-z-]+) ?(.*?) -->$", re.MULTILINE)
LINK = re.compile(r"\]\((?!https?://)([^)#\s]+)(#[^)\s]*)?\)")
PAGES = {"model/README.md": "explanation/equations.md", "README.md": "index.md"}
"""Documents outside docs/, and the pages that show them."""

# --- Commands


def commands(_argument: str) -> str:
    """Return a section for each command: what it does, how it is called, its options."""
    return "\n\n".join(command(name, cli.commands[name]) for name in sorted(cli.commands))


def command(name: str, found: click.Command) -> str:
    """Return the section of one command."""
    context = click.Context(found, info_name=f"realpolitik {name}", parent=click.Context(cli, info_name=""))
    usage = " ".join(["realpolitik", name, *found.collect_usage_pieces(context)])
    help_text = EXAMPLES.sub(examples, inspect.cleandoc(found.help or ""))
    listed = [option(one) for one in found.params if isinstance(one, click.Option)]
    end = re.sub(r"\n{2,}", "\n\n", found.epilog or "")
    return f"(command-{name})=\n## {name}\n\n```text\n{usage}\n```\n\n{help_text}\n\n" + "\n\n".join([*listed, end])


def examples(found: re.Match[str]) -> str:
    """Return the examples of a command as a code block."""
    return f"```sh\n{inspect.cleandoc(found[1])}\n```\n"


def option(one: click.Option) -> str:
    """Return an entry of a definition list: an option, what it takes and what it is for."""
    names = ", ".join(f"`{name}`" for name in [*one.opts, *one.secondary_opts])
    takes = "" if one.is_flag else f" `{one.make_metavar(click.Context(cli))}`"
    default = one.default if not one.is_flag and isinstance(one.default, int | float | str) else None
    stated = f" Default: `{default}`." if default is not None and one.show_default else ""
    return f"{names}{takes}\n: {one.help}{stated}"


# --- Keys of scenario files


def keys(_argument: str) -> str:
    """Return a section for each table of a scenario file: its keys, from the schema that `check` uses."""
    found = schema()["$defs"]
    rows = [section(found[name]) for name in found if name not in {"Complete", "Diff"}]
    top = [section({**found[name], "description": text}) for name, text in TOP.items()]
    return "\n\n".join([*top, *rows])


KINDS = {"object": "table", "array": "list", "string": "text", "integer": "whole number", "boolean": "true or false"}
TOP = {"Complete": "A complete file: its tables.", "Diff": "A diff: its keys and tables."}


ABOUT = {"meta": "The question, and the months that are played", "theory": "How actors weigh one another's interests"}
"""Meanings of the tables whose own section says what they are."""


def section(row: dict[str, Any]) -> str:
    """Return the keys of one table."""
    title, _, rest = row["description"].partition(": ")
    required = row.get("required", [])
    lines = [entry(name, given, name in required) for name, given in row["properties"].items()]
    return "\n".join([f"## {title}", "", rest.capitalize(), "", "| key | value | meaning |", "|---|---|---|", *lines])


def entry(name: str, given: dict[str, Any], required: bool) -> str:
    """Return the line of one key."""
    default = given.get("default")
    written = f"`{str(default).lower() if isinstance(default, bool) else default}`" if default is not None else ""
    stated = f" Default: {written}." if written else " Required." if required else ""
    meaning = given.get("description", ABOUT.get(name, "")).replace("|", "/").rstrip(".")
    return f"| `{name}` | {kind(given)} | {meaning}.{stated} |"


def kind(given: dict[str, Any]) -> str:
    """Return the type of a value in a few words."""
    if "enum" in given:
        return " or ".join(f'`"{value}"`' for value in given["enum"])
    if "anyOf" in given:
        kinds = dict.fromkeys(kind(one) for one in given["anyOf"])
        ranged = any("low" in one.get("properties", {}) for one in given["anyOf"])
        words = [word for word in kinds if not (ranged and word == "table")]
        effects = any("effects" in one.get("properties", {}) for one in given["anyOf"])
        return " or ".join(words) + (", range" if ranged else "") + (", effects" if effects else "")
    if "$ref" in given:
        return "table"
    return KINDS.get(given.get("type", ""), str(given.get("type", "see the text")))


# --- Python API


def api(package: str) -> str:
    """Return directives that document every public name of a package: functions, then classes."""
    module = import_module(package)
    named = {name: getattr(module, name) for name in module.__all__ if not name.startswith("__")}
    functions = [name for name, found in named.items() if inspect.isroutine(found)]
    classes = [name for name, found in named.items() if inspect.isclass(found)]
    others = sorted(named.keys() - {*functions, *classes})
    parts = [
        *(f".. autofunction:: {package}.{name}" for name in functions),
        *(f".. autodata:: {package}.{name}\n   :no-value:" for name in others),
        *(f".. autoclass:: {package}.{name}\n   :members:" for name in classes),
    ]
    return "```{eval-rst}\n" + "\n\n".join(parts) + "\n```"


# --- Cases


def case(argument: str) -> str:
    """Return the page of a case: its question, a figure, something that was not put in, and a miss.

    Question and what-ifs are from the scenario files, the rest from docs/cases.md: the section with this title. The
    base case has none; its findings are in the description of the model.
    """
    name, _, title = argument.partition(" ")
    question = load(name).document["meta"]["question"]
    surprise, miss = findings(title) if title else findings_of_base(name)
    what_ifs = "\n".join(f"- `{one.name}`: {one.title}" for one in shipped() if one.extends == name)
    found = {"What was not put in": surprise, "A miss": miss, "What-ifs": what_ifs}
    return "\n\n".join([question, FIGURE.format(name=name), *(f"## {key}\n\n{text}" for key, text in found.items())])


FIGURE = """```{{session}} gallery-{name}
:lines: 12
:figure: {name}.svg
:alt: Dates of the main outcomes of {name}, with charts of an issue and of leverage
realpolitik run {name} --worlds 300 --uncertainty none --plot {name}.svg
```"""


def findings(title: str) -> list[str]:
    """Return what came out first that was not put in, and the first thing that history did and the case cannot."""
    marks = ("**What came out that was not put in**", "**What history did that the case cannot**")
    return [bullets(DOCS / "cases.md", title, mark)[0] for mark in marks]


def findings_of_base(name: str) -> list[str]:
    """Return the same of the base case: what its dates do not test, and its first direction that is a known miss."""
    limits = bullets(ROOT / "model" / "README.md", "What this model cannot show")
    row = next(row for row in load(name).document["directions"].values() if row["miss"])
    miss = f"Expected before it was run: *{row['text']}*. It does not hold: {row['miss']}."
    return [next(one for one in limits if "the manner does" in one), miss]


def misses(name: str) -> str:
    """Return what is known not to hold in a case, with the reasons that its file gives."""
    document = load(name).document
    directions = {row["text"]: row["miss"] for row in document["directions"].values() if row["miss"]}
    rows = {f"The date of `{key}`": reason for key, reason in document["validation"]["misses"].items()}
    wide = {"Forecasts are as narrow as they should be": document["validation"]["wide"]}
    found = {text: reason for text, reason in {**directions, **rows, **wide}.items() if reason}
    return "\n".join(f"- *{text}*: {reason}" for text, reason in found.items())


def bullets(path: Path, title: str, after: str = "") -> list[str]:
    """Return the items of the first list of a section, without their marks."""
    text = path.read_text(encoding="utf-8")
    found = re.search(rf"^#+ {re.escape(title)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    body = found[1].partition(after)[2] if found and after else found[1] if found else ""
    items = re.findall(r"^- (.*(?:\n  .*)*)", body, re.MULTILINE)
    if not items:
        raise ExtensionError(f"{path.name} has no list under “{title}” {after}")
    return [" ".join(item.split()) for item in items]


# --- Documents outside docs/


def document(path: str) -> str:
    """Return a document of the checkout without its title, with links that lead to the pages of the site."""
    text = (ROOT / path).read_text(encoding="utf-8")
    return text.partition("\n")[2]


def section_of(argument: str) -> str:
    """Return the body of one section of a document: `PATH#TITLE`."""
    path, _, title = argument.partition("#")
    text = (ROOT / path).read_text(encoding="utf-8")
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    if not found:
        raise ExtensionError(f"{path} has no section “{title}”")
    return found[1].strip()


def relinked(text: str, where: Path, page: Path) -> str:
    """Return a text from the folder `where` for a page of the site: links lead to pages, or are plain names."""

    def replaced(link: re.Match[str]) -> str:
        target = os.path.normpath(where / link[1])
        shown = PAGES.get(os.path.relpath(target, ROOT))
        if shown:
            target = os.path.normpath(DOCS / shown)
        return f"]({os.path.relpath(target, page.parent)}{link[2] or ''})"

    return LINK.sub(replaced, text)


MAKERS = {
    "commands": commands,
    "keys": keys,
    "api": api,
    "case": case,
    "document": document,
    "section": section_of,
    "misses": misses,
}


def fill(_app: Sphinx, docname: str, source: list[str]) -> None:
    """Replace the marks of a page, and its links to documents outside docs/."""
    page = DOCS / f"{docname}.md"

    def made(mark: re.Match[str]) -> str:
        text = MAKERS[mark[1]](mark[2])
        outside = (ROOT / mark[2].partition("#")[0]).parent
        return relinked(text, outside, page) if mark[1] in {"document", "section"} else text

    source[0] = MARK.sub(made, relinked(source[0], page.parent, page))


def outdated(_app: Sphinx, env: BuildEnvironment, added: set[str], *_: set[str]) -> list[str]:
    """Return the pages with marks: they may have changed without their files."""
    known = env.found_docs - added
    return [name for name in known if MARK.search((DOCS / f"{name}.md").read_text(encoding="utf-8"))]


def setup(app: Sphinx) -> dict[str, bool]:
    """Listen for pages."""
    app.add_lexer("csv", TextLexer)
    app.connect("source-read", fill)
    app.connect("env-get-outdated", outdated)
    return {"parallel_read_safe": True}
