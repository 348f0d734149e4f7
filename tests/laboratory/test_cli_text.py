"""Texts on a terminal and in JSON: complete and harmless, in any encoding and on a narrow terminal."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tomlkit

import realpolitik as rp
from commanding import STYLES, command
from realpolitik import ensembles
from realpolitik.scenario import sources
from realpolitik.texts import acts
from realpolitik.validation import cases

SMALL = Path(__file__).parent / "small.toml"
MARKUP = "[sic] [/or] [link=http://host.example]a[/link] :fire: [bold red]b[/] \\[c] <i>&amp; {name} %s"
HOSTILE = "[/or][sic]:fire:\x1b[31m\x07\u202eb\u2066\x9b2J\r\n\x00"
FIELDS = (
    "title",
    "question",
    "label",
    "role",
    "channel",
    "reason",
    "text",
    "paragraph",
    "source",
    "not_modelled",
    "cannot_say",
)
FORMATTED = re.compile(r"\s+")


def marked(node: Any, place: str = "") -> None:
    """Replace every text of a scenario by its path and markup."""
    for key, child in node.items():
        here = f"{place}.{key}" if place else key
        if key in FIELDS or (key in ("low", "high") and isinstance(child, str)):
            node[key] = f"{here} {MARKUP}"
        elif key == "sources":
            node[key] = [f"{here} {MARKUP}"]
        elif isinstance(child, dict):
            marked(child, here)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a scenario in which every text has markup, a sweep of it, and a box of the sweep."""
    folder = tmp_path_factory.mktemp("texts")
    document = tomlkit.parse(SMALL.read_text(encoding="utf-8"))
    document["claims"]["C03"] = {"text": "", "paragraph": "", "not_modelled": ""}  # type: ignore[index]
    asked = {"by": "2031-12", "text": "", "resolves": "Seen"}
    document["questions"] = {"dear": asked | {"outcome": "later_toll"}, "bridge": asked | {"cannot_say": ""}}
    marked(document)
    (folder / "marked.toml").write_text(tomlkit.dumps(document), encoding="utf-8")
    rp.sweep(str(folder / "marked.toml"), folder / "D", vary={"theory.phi": (0.0, 1.0)}, points=160, worlds=4)
    found = command("discover", folder / "D", "--outcome", "price", "--density", 0.95, "--write", folder / "box.toml")
    assert found.code == 0, found.err
    (folder / "shipped").mkdir()
    (folder / "shipped" / "marked.toml").write_text(tomlkit.dumps(document), encoding="utf-8")
    return folder


TITLE = "meta.title"
LABELS = ("outcomes.handed_over.label", "outcomes.price.label")
CLAIMS = ("claims.C01.text", "claims.C02.text")
PLACES: dict[str, tuple[str, tuple[str, ...]]] = {
    "run": ("run marked.toml --worlds 8", (TITLE, "meta.question", *LABELS)),
    "box": ("run box.toml --worlds 8", (TITLE, "meta.question", *LABELS)),
    "explain": ("explain marked.toml", (TITLE, "moves.press.label", "outcomes.handed_over.label")),
    "account": ("explain marked.toml --full", (TITLE, "moves.press.label", "outcomes.handed_over.label")),
    "row": ("explain D --row 5", (TITLE, "moves.press.label", "outcomes.handed_over.label")),
    "audit": (
        "audit marked.toml --outcome handed_over --permutations 4 --worlds 1",
        ("outcomes.handed_over.label", *CLAIMS),
    ),
    "validate": ("validate marked.toml --worlds 8", ("claims.C03.not_modelled",)),
    "forecast": (
        "forecast marked.toml --worlds 4000 --tolerance 12",
        (TITLE, "questions.dear.text", "questions.bridge.text", "questions.bridge.cannot_say"),
    ),
    "compare": ("compare marked.toml box.toml --worlds 8", ()),
    "check": ("check marked.toml", ()),
    "list": ("list", (TITLE, "meta.question")),
    "sweep": ("sweep marked.toml --vary theory.phi=0:1 --points 160 --worlds 4 --out D", ()),
    "status": ("sweep --status D", ()),
    "sensitivity": ("sensitivity D --outcome price", ()),
    "discover": ("discover D --outcome price", ()),
}
MORE_IN_JSON = {"compare": LABELS}
LESS_IN_JSON = {
    "run": ("meta.question",),
    "box": ("meta.question",),
    "explain": (TITLE, "outcomes.handed_over.label"),
    "account": (TITLE, "outcomes.handed_over.label"),
    "row": (TITLE, "outcomes.handed_over.label"),
    "audit": ("outcomes.handed_over.label",),
}
"""Fields that the documents of these commands do not have."""


@pytest.fixture
def there(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in that folder, whose scenarios are also the shipped ones in tests of `list`."""
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("columns", [None, 2_000], ids=["pipe", "terminal"])
def test_texts_are_printed_as_written(there: Path, place: str, columns: int | None, monkeypatch: Any) -> None:
    """Every text that a command prints is printed character by character; nothing is interpreted as markup."""
    if place == "list":
        monkeypatch.setattr(sources, "shipped_folder", lambda: there / "shipped")
    arguments, fields = PLACES[place]
    done = command(*arguments.split(), columns=columns)
    assert done.code in (0, 1), done.err
    assert done.err == ""
    shown = FORMATTED.sub(" ", done.out)
    assert [field for field in fields if f"{field} {MARKUP}" not in shown] == []
    assert [c for c in done.out if acts(c) and c != "\n"] == []


@pytest.mark.parametrize("place", PLACES)
def test_texts_are_complete_in_json(there: Path, place: str, monkeypatch: Any) -> None:
    """Every text of a document is exactly the text of the file."""
    if place == "list":
        monkeypatch.setattr(sources, "shipped_folder", lambda: there / "shipped")
    arguments, fields = PLACES[place]
    done = command(*arguments.split(), "--json")
    assert done.code in (0, 1), done.err
    shown = json.dumps(json.loads(done.stdout), ensure_ascii=False)
    expected = set(fields) - set(LESS_IN_JSON.get(place, ())) | set(MORE_IN_JSON.get(place, ()))
    assert [field for field in expected if json.dumps(f"{field} {MARKUP}")[1:-1] not in shown] == []


@pytest.mark.parametrize(
    "arguments",
    [
        "{}",
        "run {}",
        "run {}.toml",
        "run marked.toml {}",
        "run marked.toml --{}",
        "run marked.toml --seed {}",
        "run marked.toml --until {}",
        "run marked.toml --set {}",
        "run marked.toml --set {}=1",
        "run marked.toml --theory {}",
        "run marked.toml --plot {}",
        "run marked.toml --outcome {}",
        "run marked.toml --issue {} --plot x.svg",
        "run marked.toml --leverage {}>b --plot x.svg",
        "run marked.toml --out marked.toml/{}",
        "explain marked.toml --actor {}",
        "explain marked.toml --month {}",
        "explain {} --row 1",
        "compare marked.toml {}.toml",
        "compare marked.toml box.toml --fork {}",
        "audit marked.toml --outcome {}",
        "calibrate marked.toml --out {}",
        "check {}.toml",
        "new {}",
        "new fresh --extends {}",
        "validate {}.toml",
        "validate --deployments {}",
        "sweep marked.toml --out E --vary {}",
        "sweep marked.toml --out E --vary theory.weights={},b",
        "sweep --status {}",
        "sensitivity {}",
        "sensitivity D --outcome {}",
        "sensitivity D --out {}",
        "discover D --outcome {}",
        "discover D --outcome price --write {}.toml/x.toml",
        "completion {}",
    ],
)
@pytest.mark.usefixtures("there")
def test_arguments_are_escaped(arguments: str) -> None:
    """An invalid argument with escape sequences, bidi marks and markup is escaped in a message of one line."""
    hostile = HOSTILE.replace("\x00", "")  # not possible in an argument of a process
    done = command(*(word.replace("{}", hostile) for word in arguments.split()))
    assert done.code == 2
    assert done.out == ""
    assert done.err.count("\n") == 1
    assert [c for c in done.err if acts(c) and c != "\n"] == []
    assert "r][sic]:fire:\\x1b[31m\\x07\\u202e" in done.err


@pytest.mark.parametrize("line", ['title = "{}"', "# {}", "[{}]", "{} = 1", 'start = "{}"'])
def test_contents_of_files_are_escaped(tmp_path: Path, line: str) -> None:
    """Control characters of an invalid file are escaped in the message, and by `check --json`."""
    broken = tmp_path / "broken.toml"
    broken.write_text("[meta]\n" + line.replace("{}", HOSTILE) + "\n", encoding="utf-8")
    for arguments in (["check", broken], ["check", broken, "--json"], ["run", broken]):
        done = command(*arguments)
        assert done.code == 2
        assert done.err.count("\n") == 1
        assert [c for c in done.err + done.out if acts(c) and c != "\n"] == []


def test_names_of_files_and_folders_are_escaped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names of scenarios and sweeps with escape sequences and bidi marks work, and are printed escaped."""
    monkeypatch.chdir(tmp_path)
    name = "[or]\x1b[31m\u202e\x9b2J\n:fire:"
    Path(f"{name}.toml").write_bytes(SMALL.read_bytes())
    swept = ["sweep", f"{name}.toml", "--vary", "theory.phi=0:1", "--points", 160, "--worlds", 4, "--out", name]
    for arguments in (
        swept,
        ["sweep", "--status", name],
        ["discover", name, "--outcome", "price"],
        ["check", f"{name}.toml"],
        ["compare", f"{name}.toml", "karabakh", "--worlds", 4],
        ["compare", f"{name}.toml", f"{name}.toml", "--worlds", 4],
        ["explain", name, "--row", 3],
        ["validate", f"{name}.toml", "--worlds", 4],
    ):
        done = command(*arguments, columns=200)
        assert done.code in (0, 1) or "begin in different months" in done.err, done.err
        assert [c for c in done.out + done.err if acts(c) and c != "\n"] == []
        document = command(*arguments, "--json").stdout.decode()
        assert [c for c in document if acts(c) and c != "\n"] == []
    refused = command("discover", name, "--outcome", "price", "--density", 0.95, "--write", "box.toml")
    assert refused.code == 2
    assert "no scenario can extend a file of this name" in refused.err
    assert not Path("box.toml").exists()


def test_names_that_are_not_utf8(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file whose name is not UTF-8 can be run, but not swept, because a manifest cannot store the name."""
    monkeypatch.chdir(tmp_path)
    Path("b\udcff.toml").write_bytes(SMALL.read_bytes())
    assert command("run", "b\udcff.toml", "--worlds", 2, "--out", "R\udcff", "--plot", "\udcff.svg").code == 0
    assert json.loads(command("run", "b\udcff.toml", "--worlds", 2, "--json").stdout)["scenario"] == "b\udcff"
    done = command("sweep", "b\udcff.toml", "--points", 48, "--worlds", 2, "--out", "D")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "b\\udcff.toml' is not valid UTF-8" in done.err
    assert not Path("D").exists()


@pytest.mark.parametrize(
    ("raised", "code", "says"),
    [
        (KeyboardInterrupt(), 130, "interrupted"),
        (MemoryError("Unable to allocate 14.0 GiB"), 2, "not enough memory: Unable to allocate 14.0 GiB"),
        (MemoryError(), 2, "give fewer worlds"),
        (FileNotFoundError(2, "No such file or directory", "a\x1b[31m"), 2, "no such file: 'a\\x1b[31m'"),
        (PermissionError(13, "Permission denied", "a"), 2, "a: Permission denied"),
        (RuntimeError("two\nlines"), 2, "two\\nlines"),
    ],
)
def test_errors_are_one_line(raised: BaseException, code: int, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An interrupt, a lack of memory and a system error end with an exit code and one line."""

    def failing(*_: Any, **__: Any) -> None:
        raise raised

    monkeypatch.setattr(ensembles, "run", failing)
    done = command("run", SMALL)
    assert (done.code, done.out) == (code, "")
    assert says in done.err
    assert done.err.strip().count("\n") == 0


ENCODINGS = ["ascii", "cp1252", "utf-8"]


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scenario of many scripts."""
    file = tmp_path_factory.mktemp("foreign") / "foreign.toml"
    text = SMALL.read_text(encoding="utf-8")
    text = text.replace("The ferry at Lower Marsh", "Паром → Précis d'une traversée")
    text = text.replace("The ferry changes hands", "\u6e21\u8239 \U0001f525 الأمر")
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_json_is_utf8_in_any_locale(foreign: Path, encoding: str) -> None:
    """A document is the same bytes, UTF-8, whatever the encoding of stdout."""
    for arguments in (["run", foreign, "--worlds", 4], ["explain", foreign], ["schema"], ["list"]):
        done = command(*arguments, "--json", encoding=encoding)
        assert done.code == 0, done.err
        assert done.stdout == command(*arguments, "--json").stdout
        json.loads(done.stdout.decode("utf-8"))


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("columns", [None, 80], ids=["pipe", "terminal"])
def test_tables_degrade_where_letters_are_missing(foreign: Path, encoding: str, columns: int | None) -> None:
    """Characters that the encoding lacks are escaped; numbers and names are unchanged."""
    done = command("run", foreign, "--worlds", 4, columns=columns, encoding=encoding)
    assert (done.code, done.err) == (0, "")
    title = "Паром → Précis d'une traversée".encode(encoding, "backslashreplace").decode(encoding)
    assert title in done.out.replace(" \n", " ")
    assert "handed_over" in done.out
    assert command("explain", foreign, columns=columns, encoding=encoding).code == 0


def test_bars_degrade_where_blocks_are_missing(folder: Path) -> None:
    """The bars of `sensitivity` are blocks if the encoding has them, else number signs."""
    asked = ("sensitivity", folder / "D", "--outcome", "final.toll")
    blocks = command(*asked).out
    signs = command(*asked, encoding="latin-1")
    assert "█" in blocks
    assert (signs.code, signs.err) == (0, "")
    assert "#" * 5 in signs.out
    assert "\\u" not in signs.out


WORD = re.compile(r"[^\s]*[0-9A-Za-z][^\s]*")


@pytest.mark.parametrize(
    "arguments",
    [
        "run karabakh --worlds 16",
        "compare karabakh no-invasion --worlds 16",
        "audit marked.toml --outcome handed_over --permutations 4 --worlds 1",
        "validate marked.toml --worlds 8",
        "tornado karabakh --outcome withdrawal --worlds 16",
        "sensitivity D",
        "discover D --outcome price",
        "explain karabakh --world 17 --month 2024-03",
        "list",
    ],
)
@pytest.mark.parametrize("columns", [80, 40])
@pytest.mark.usefixtures("there")
def test_narrow_terminals_lose_nothing(arguments: str, columns: int) -> None:
    """Every name and number of a wide table is complete on a narrow terminal, without an ellipsis."""
    wide = command(*arguments.split(), columns=2_000)
    narrow = command(*arguments.split(), columns=columns)
    assert (narrow.code, narrow.err) == (wide.code, "")
    assert "…" not in narrow.out
    words = {word for word in WORD.findall(wide.out) if len(word) <= columns // 2 and "realpolitik" not in word}
    assert [word for word in words if word not in narrow.out] == []


@pytest.fixture(scope="module")
def sheets() -> Iterator[dict[object, rp.ScoreSheet]]:
    """Compute each score sheet once, whatever the terminal, and keep it here."""
    compute, found = cases.validate, dict[object, rp.ScoreSheet]()

    def once(scenario: rp.Scenario, **asked: Any) -> rp.ScoreSheet:
        key = (scenario.sha256, *(value for name, value in asked.items() if name != "progress"))
        if key not in found:
            found[key] = compute(scenario, **asked)
        return found[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cases, "validate", once)
        yield found


@pytest.mark.parametrize("columns", [60, 40])
@pytest.mark.usefixtures("there")
@pytest.mark.parametrize(
    "arguments",
    ["run karabakh --worlds 16", "compare karabakh no-invasion --worlds 16", "sensitivity D", "validate --worlds 8"],
)
def test_tables_fit_narrow_terminals(arguments: str, columns: int, sheets: dict[object, rp.ScoreSheet]) -> None:
    """No line of a table is wider than the terminal, and a row takes a few lines, not one per cell."""
    shown = command(*arguments.split(), columns=columns).out.splitlines()
    assert [line for line in shown if len(line) > columns and "realpolitik " not in line] == []
    wide = command(*arguments.split(), columns=200).out.splitlines()
    assert len(shown) < {60: 3, 40: 5}[columns] * len(wide)
    assert len(sheets) == 1 or not arguments.startswith("validate")


def table(columns: int, *rows: tuple[str, ...]) -> str:
    """Return a table of a name, prose, two numbers and an interval, as on a terminal of this width."""
    from unittest.mock import patch

    from rich.console import Console

    from realpolitik.cli.printing import Grid, Screen

    with patch.object(Console, "is_terminal", True), patch.dict("os.environ", {"COLUMNS": str(columns)}):
        out = Screen()
        grid = Grid(
            ("input", "name"), ("what it is", "prose"), ("war-without-isolation", "number"), ("95% interval", "number")
        )
        for row in rows:
            grid.add(*row)
        with out.capture() as captured:
            grid.show(out)
    return STYLES.sub("", captured.get())


def test_a_name_that_does_not_fit_has_a_line_of_its_own() -> None:
    """The numbers then stay in columns; if these do not fit either, each follows its title; nothing is cut."""
    path = "dependence.transit_through_the_corridor.alternatives"
    row = (path, "what Moscow could use instead of the road", "0.123", "0.100 to 0.146")
    assert table(160, row).count("\n") == 2
    lines = table(40, row, ("b", "", "10.123", "0.1 to 0.2")).splitlines()
    assert lines[:2] == ["input", "  what it is"]
    assert [line.split() for line in lines[2:5]] == [["war-"], ["without-"], ["isolation", "95%", "interval"]]
    assert lines[5] == path
    assert lines[6:8] == ["  what Moscow could use instead of the", "  road"]
    assert lines[8].split() == ["0.123", "0.100", "to", "0.146"]
    assert len(lines[8]) == len(lines[10]) <= 40
    narrow = table(25, row)
    assert [line for line in narrow.splitlines() if len(line) > 25 and line != path] == []
    numbers = "war-without-isolation 0.123, 95% interval 0.100 to 0.146"
    assert " ".join(narrow.split()) == f"input what it is {path} what Moscow could use instead of the road {numbers}"


@pytest.mark.parametrize("columns", [80, 40])
@pytest.mark.parametrize("name", ["run", "explain", "sweep", "audit", "tornado", "validate"])
def test_help_names_every_option(name: str, columns: int) -> None:
    """The help shows the complete name of every option on a narrow terminal."""
    import subprocess
    import sys

    terminal = {"COLUMNS": str(columns), "LINES": "50", "PATH": ""}
    asked = [sys.executable, "-m", "realpolitik", name, "--help"]
    shown = subprocess.run(asked, env=terminal, capture_output=True, encoding="utf-8", check=True).stdout
    from realpolitik.cli import cli

    options = [option.opts[0] for option in cli.commands[name].params if option.param_type_name == "option"]
    assert len(options) > 5
    assert [option for option in options if option not in shown] == []
    assert "…" not in shown


def test_help_shows_each_example_on_a_line_of_its_own() -> None:
    """The examples of every command are lines of code in its help: in a short one, they ran on as a paragraph."""
    import inspect

    from click.testing import CliRunner

    from realpolitik.cli import cli

    for name, one in cli.commands.items():
        examples = inspect.cleandoc(one.help or "").partition("**Example")[2].splitlines()
        lines = [line.strip() for line in examples if line.startswith("    realpolitik ")]
        shown = CliRunner().invoke(cli, [name, "--help"]).output.splitlines()
        assert len([line for line in shown if line.strip().startswith("realpolitik ")]) == len(lines) > 0, name


def test_messages_are_readable() -> None:
    """Letters of any script, spaces and emoji are kept; control characters are escaped."""
    from realpolitik.texts import inert

    kept = "Précis\u00a0: Москва \u6e21\u8239 \U0001f525 \u0301"
    assert inert(kept) == kept
    assert inert("a\tb\u202ec\x1b[0m\u200dd\udcff") == "a\\tb\\u202ec\\x1b[0m\\u200dd\\udcff"
    assert inert("a\n\u200db", keep="\n\u200d") == "a\n\u200db"
