"""Texts in the repository: no machine paths, docstrings for all that is public, plain English."""

import ast
import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from repository.tree import ROOT, files, modules, name_of

MACHINE = re.compile(r"(?<![\w.-])/(?:work|farm|tmp|root|home)/")
REGISTRY = re.compile(r"p[y]pi[.]org|python[h]osted|registry[.]n[p]mjs|crates[.]i[o]\b|find-link[s]|index-ur[l]")
READ_FIRST = ["README.md", "CHANGELOG.md", "CITATION.cff", "LICENSE", "Makefile", "model/README.md"]
FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef
LINK = re.compile(r"\]\(([^)#\s]+)[^)\s]*\)")

# Archaic or figurative phrases that were replaced, as regular expressions; extend the list when more are replaced.
# In comments: what to write instead.
ARCHAIC = (
    r"(?:rows?|one|worlds?) an? (?:world|point|outcome|setting|lane|row)",  # per world
    r"(?:is|are|be|was|were|unless|until) told",  # given, shown, by default
    r"hangs? on",  # depends on
    r"stands? (?:in|on|together|beside)|as (?:it|they) stands?",  # is in, cites, as written
    r"(?:lay|lays|laid) out",  # arrange, place
    r"work(?:s|ed)? out",  # compute
    r"t(?:akes?|ook|aken|aking) up(?: again)?|go(?:es)? on where",  # resume
    r"the way to its|way to go on",
    r"whoever|somebody|what is heavy|of one name|of old",
    r"anew|upon|for ever|on the spot|at hand|by turns|beside|outgrows?|vouch\w*",
    r"mend(?:s|ed)?",  # fix
    r"news|doors?",
    r"a link is a finding|is not of the form|form that is wanted",  # invalid format
    r"the very (?:world|bytes|text|ensemble)",  # the same
)
PHRASE = re.compile(rf"\b(?:{'|'.join(ARCHAIC)})\b", re.IGNORECASE)
PLAIN = {
    "README": ["README.md", "CITATION.cff", "Makefile", ".ci/run"],
    "docs": ["docs/*.md", "docs/[!_]*/*.md", "docs/**/*.py"],
    "model": ["model/README.md", "model/**/*.py"],
    "laboratory": ["src/**/*.py", "src/realpolitik/cli/*.toml"],
    "viz": ["viz/**/*.py", "viz/**/widgets/*.vue", "viz/**/static/*.js"],
    "tests": ["tests/**/*.py"],
}
"""Files in which no phrase of the list may occur: add folders once they are clean."""
EXEMPT = {"docs/benchmarks.md", "tests/repository/test_text.py"}
"""Written by programs whose own texts are not in `PLAIN` yet; and the list itself."""


def read(path: Path) -> str:
    """Text of a file, or nothing if it is not text."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def found(pattern: re.Pattern[str]) -> list[str]:
    """Where in the repository the pattern stands."""
    return [
        f"{name_of(path)}:{number}: {line.strip()[:100]}"
        for path in files()
        for number, line in enumerate(read(path).splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_file_names_a_path_of_a_machine() -> None:
    """A checkout reads the same wherever it lies."""
    assert found(MACHINE) == []


def test_no_file_names_a_package_registry() -> None:
    """Where packages come from is each machine's own setting."""
    assert found(REGISTRY) == []


def test_every_text_ends_with_a_line_end() -> None:
    """Sources and documents end as text files do."""
    texts = [path for path in files() if path.suffix in {".py", ".md", ".txt", ".cff"} or path.name == "Makefile"]
    assert [name_of(path) for path in texts if (text := read(path)) and not text.endswith("\n")] == []


def test_links_between_documents_lead_somewhere() -> None:
    """Every relative link of a Markdown file names a file that is there."""
    documents = [path for path in files() if path.suffix == ".md"]
    links = [(path, link) for path in documents for link in LINK.findall(read(path)) if "://" not in link]
    assert [(name_of(path), link) for path, link in links if not (path.parent / unquote(link)).exists()] == []


def undocumented(path: Path, prefix: str = "") -> list[str]:
    """Name what a module offers without a docstring: itself, its public classes, methods and functions."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef) and not node.name.startswith("_")]
    offered = [node for owner in [tree, *classes] for node in owner.body if isinstance(node, FUNCTION | ast.ClassDef)]
    wanted = [node for node in offered if node.name.startswith(prefix) and not node.name.startswith("_")]
    bare = [f"{name_of(path)}:{node.lineno} {node.name}" for node in wanted if not ast.get_docstring(node)]
    return bare if ast.get_docstring(tree) or not path.stat().st_size else [f"{name_of(path)}:1", *bare]


def test_all_that_is_public_has_a_docstring() -> None:
    """Every module, and every public function and class of the three packages, says what it is."""
    public = modules("model", "src", "viz")
    assert public
    assert [bare for path in public for bare in undocumented(path)] == []


def test_every_test_states_its_fact() -> None:
    """Every test has a docstring: the fact that it shows."""
    tests = modules("tests")
    assert tests
    assert [bare for path in tests for bare in undocumented(path, "test_")] == []


@pytest.mark.parametrize("name", READ_FIRST)
def test_what_a_reader_looks_for_is_there(name: str) -> None:
    """The documents that every project has stand where they are looked for."""
    assert (ROOT / name).stat().st_size > 0


@pytest.mark.parametrize("part", PLAIN)
def test_texts_are_plain_english(part: str) -> None:
    """No archaic or figurative phrase of the list occurs, also across the end of a line."""
    paths = sorted({path for pattern in PLAIN[part] for path in ROOT.glob(pattern) if name_of(path) not in EXEMPT})
    assert paths
    texts = {name_of(path): " ".join(read(path).split()) for path in paths}
    found = [
        f"{name}: {text[max(0, m.start() - 30) : m.end() + 30]}"
        for name, text in texts.items()
        for m in PHRASE.finditer(text)
    ]
    assert found == []


def test_archaic_phrases_are_found() -> None:
    """The list matches the phrases that it is meant for, in any case, and no ordinary words."""
    assert all(map(PHRASE.search, ["one row a point", "It is told", "hangs on", "Anew", "To mend", "stands on"]))
    assert not any(map(PHRASE.search, ["renewed", "thereupon-like", "recommend", "one row per point", "newsletter"]))
