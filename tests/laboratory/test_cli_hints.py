"""Commands that are printed: pasted into a shell, they run, and they refer to the same worlds."""

import json
import re
import shlex
import shutil
import subprocess
from html import unescape
from pathlib import Path
from typing import Any

import pytest

import realpolitik as rp
from commanding import Done, command
from realpolitik.texts import quoted

SMALL = Path(__file__).parent / "small.toml"
HINT = re.compile(r"(?:^|Next: |Why: |run: |To resume: |see |      )(realpolitik [a-z-]+ .*)$", re.MULTILINE)
COUNT = 'realpolitik() { printf "%s\\0" "$#" "$@"; }; '
ODD = ('it\'s a "case" of $HOME; [x] & (y)', "-dash", "пути\u00a0é", "line\nbreak", "\x1b[31m\u202e", "tab\t~*?")


def pasted(line: str) -> list[list[str]]:
    """Return the commands of a line as a shell reads them."""
    read = subprocess.run(["bash", "-c", COUNT + line], capture_output=True, check=True).stdout
    words = read.decode("utf-8", "surrogateescape").split("\0")[:-1]
    found = []
    while words:
        count = int(words.pop(0))
        found.append(words[:count])
        words = words[count:]
    return found


def hints(done: Done) -> list[list[str]]:
    """Return every command that was printed, as a shell reads it."""
    return [words for line in HINT.findall(done.out + done.err) for words in pasted(line)]


def ran(words: list[str], *more: str) -> Any:
    """Run a command that was printed; return its document."""
    done = command(*words, *more)
    assert done.code in (0, 1), (words, done.err)
    return json.loads(done.stdout) if "--json" in more else done.out


@pytest.fixture
def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a small scenario only."""
    shutil.copy(SMALL, tmp_path / "case.toml")
    monkeypatch.chdir(tmp_path)
    return tmp_path


SET = ["--set", "theory.noise=0.02", "--set", "dependence.crossing.alternatives.effects.ferry=0.3@2030-05"]
ASKED = [
    [],
    ["--seed", "7"],
    ["--theory", "self-interest"],
    ["--uncertainty", "prior", "--seed", "3"],
    [*SET, "--seed", "5", "--theory", "capability", "--foresight", "2", "--uncertainty", "prior"],
]


@pytest.mark.parametrize("asked", ASKED, ids=" ".join)
@pytest.mark.parametrize("scenario", ["case.toml", "./my cases/case.toml", "karabakh"])
def test_next_commands_refer_to_the_same_worlds(there: Path, scenario: str, asked: list[str]) -> None:
    """`run` prints a command that explains world 0 of the same ensemble, which prints one for a decision."""
    (there / "my cases").mkdir()
    shutil.copy(SMALL, there / "my cases" / "case.toml")
    if scenario == "karabakh":
        asked = [word for word in asked if word not in SET]
    shown = command("run", scenario, "--worlds", "4", *asked)
    (step,) = hints(shown)
    before = json.loads(command("run", scenario, "--worlds", "4", *asked, "--json").stdout)
    seed = int(asked[asked.index("--seed") + 1]) if "--seed" in asked else 1
    story = ran(step, "--json")
    assert (story["sha256"], story["seed"], story["world"]) == (before["sha256"], seed, 0)
    assert before["uncertainty"] == ("prior" if "prior" in asked or scenario != "karabakh" else "posterior")
    assert story["numbers"]
    (why,) = hints(command(*step))
    account = ran(why, "--json")
    assert (account["sha256"], account["seed"], account["world"]) == (before["sha256"], seed, 0)
    assert account["numbers"] == story["numbers"]
    assert account["decisions"]
    first = next(one for one in story["decisions"] if one["month"] == account["decisions"][0]["month"])
    assert account["decisions"][0] == first


@pytest.mark.usefixtures("there")
def test_a_flip_can_be_pasted() -> None:
    """A printed flip is a valid `--set`, and flips the decision."""
    shown = command("explain", "case.toml", "--actor", "Lowland", "--full").out
    flips = re.findall(r"^ +flipped by (--set .*) \(was", shown, re.MULTILINE)
    assert flips
    for flip in flips[:3]:
        assert command("explain", "case.toml", *pasted(f"realpolitik {flip}")[0]).code == 0


@pytest.mark.parametrize("name", ODD)
def test_odd_names_survive_the_shell(there: Path, name: str) -> None:
    """Names with blanks, quotes, dashes and control characters are quoted for a shell."""
    folder = there / "a folder; here"
    folder.mkdir()
    scenario = f"{name}.toml"
    shutil.copy(SMALL, scenario)
    (step,) = hints(command("run", "--worlds", 2, "--", scenario))
    assert Path(step[1]) == Path(scenario)
    ran(step)
    shutil.copy(SMALL, folder / scenario)
    swept = ["sweep", folder / scenario, "--vary", "theory.phi=0.1:3", "--points", 48, "--worlds", 2]
    done = command(*swept, f"--out={name}")
    assert done.code == 0, done.err
    steps = hints(done)
    assert [words[0] for words in steps] == ["sensitivity", "explain"]
    for words in steps:
        assert Path(words[1]) == Path(name)
        ran(words)


@pytest.mark.usefixtures("there")
@pytest.mark.parametrize("design", ["sobol", "morris", "lhs", "random", "grid"])
@pytest.mark.parametrize("points", [12, 60])
def test_next_commands_of_a_sweep_work(design: str, points: int) -> None:
    """The commands printed after a sweep of any design and size work; with too few points, there are no indices."""
    given = ["sweep", "case.toml", "--vary", "theory.phi=0.1:3", "--design", design, "--points", points]
    done = command(*given, "--worlds", 2, "--out", "D")
    assert done.code == 0, done.err
    steps = hints(done)
    enough = points == 60 and design in ("sobol", "morris")
    assert [words[0] for words in steps] == ["sensitivity"] * enough + ["explain"]
    for words in steps:
        ran(words)
    (why,) = hints(command(*steps[-1]))
    row, account = ran(steps[-1], "--json"), ran(why, "--json")
    assert (account["sha256"], account["seed"], account["world"]) == (row["sha256"], row["seed"], row["world"])
    assert account["numbers"] == row["numbers"]


def test_a_row_is_explained_with_what_was_set(there: Path) -> None:
    """The command for the account of a row repeats its theory and settings."""
    rp.sweep("case.toml", there / "D", vary={"theory.phi": (0.1, 3.0)}, points=16, worlds=2)
    asked = ["explain", "D", "--row", "3", "--theory", "self-interest", "--set", "theory.noise=0.02"]
    (why,) = hints(command(*asked))
    assert ran(why, "--json")["sha256"] == json.loads(command(*asked, "--json").stdout)["sha256"]


def test_boxes_and_new_cases_run(there: Path) -> None:
    """The commands that `discover --write` and `new` print work."""
    rp.sweep("case.toml", there / "D", vary={"theory.phi": (0.0, 1.0)}, points=160, worlds=4)
    (there / "a folder").mkdir()
    for file in ("a folder/box.toml", "-box.toml"):
        done = command("discover", "D", "--outcome", "price", "--density", 0.95, f"--write={file}")
        (step,) = hints(done)
        assert Path(step[1]) == Path(file)
        ran([*step, "--worlds", "2"])
    steps = hints(command("new", "fresh"))
    assert [words[0] for words in steps] == ["check", "run"]
    for words in steps:
        ran(words)


@pytest.fixture
def away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The path of a scenario of one's own two folders away, seen from an empty folder."""
    mine = tmp_path / "my cases"
    here = tmp_path / "some" / "where else"
    mine.mkdir()
    here.mkdir(parents=True)
    shutil.copy(SMALL, mine / "the ferry.toml")
    monkeypatch.chdir(here)
    return "../../my cases/the ferry.toml"


def followed(*arguments: object) -> list[list[str]]:
    """Run a command, then every command that it prints, and what these print; return all that were printed."""
    found, waiting = [], hints(checked(*arguments))
    while waiting:
        words = waiting.pop(0)
        found.append(words)
        if found.count(words) == 1:
            waiting += hints(checked(*words))
    assert found
    return found


def checked(*arguments: object) -> Done:
    """Run a command that must succeed, or answer no; of a report, return also what its page says."""
    done = command(*arguments)
    assert done.code in (0, 1), (arguments, done.err)
    if arguments[0] != "report":
        return done
    printed = Path("report.html").read_text().partition("<pre>")[2].partition("</pre>")[0]
    return done._replace(stdout=unescape(re.sub("</?span>", "", printed)).encode())


FITTED = ["--out", "../../my cases/the ferry.posterior.parquet", "--write", "../../my cases/fitted.toml"]
ODDLY = ["--set", "theory.noise=0.02", "--seed", "5"]


@pytest.mark.parametrize(
    ("arguments", "printed"),
    [
        (
            ["run", "{file}", "--worlds", "9", *ODDLY, "--theory", "capability", "--uncertainty", "prior"],
            ["explain"] * 2,
        ),
        (["explain", "{file}", "--world", "3", *ODDLY], ["explain"]),
        (["compare", "{file}", "mine.toml", "--worlds", "9", *ODDLY], ["explain"] * 2),
        (
            ["tornado", "{file}", "--outcome", "handed_over", "--statistic", "month", "--worlds", "60", *ODDLY],
            ["run", "explain", "explain"],
        ),
        (
            ["sweep", "{file}", "--points", "256", "--worlds", "4", "--out", "D", *ODDLY],
            ["sensitivity", "explain", "explain"],
        ),
        (["diff", "{file}", "mine.toml"], ["compare", "explain", "explain", "explain"]),
        (
            ["calibrate", "{file}", "--settings", "32", "--worlds", "2", "--error", "900", *FITTED],
            ["run"] * 2 + ["explain"] * 4,
        ),
        (
            ["report", "{file}", "--worlds", "40", "--what-if", "mine.toml", *ODDLY],
            ["report", "run", "tornado", "explain", "compare"] * 2 + ["explain"] * 6,
        ),
    ],
    ids=lambda value: value[0],
)
def test_hints_for_an_own_file_work(away: str, arguments: list[str], printed: list[str]) -> None:
    """For a file two folders away, whose path has a blank, every command that is printed runs, and names that file."""
    fresh = followed("new", "mine", "--extends", away)
    assert [words[0] for words in fresh] == ["check", "run", "explain", "explain"]
    text = Path("mine.toml").read_text()
    Path("mine.toml").write_text(text.replace('"theory.phi" = {', '"theory.phi" = 0.6  # {'))
    found = followed(*(word.format(file=away) for word in arguments))
    assert [words[0] for words in found] == printed
    for words in found:
        assert words[1] in (away, "mine.toml", "D", FITTED[-1])
        if ODDLY[1] in arguments and words[1] != "D":
            assert ODDLY[1] in words
            assert words[words.index("--seed") + 1] == "5"


def test_the_address_of_an_own_file_opens_it(away: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """`dashboard FILE...` prints an address that shows the first file; an invalid file ends it with one line."""
    server = pytest.importorskip("realpolitik_viz.dashboard.server", reason="needs the extra `viz`")
    from dashboard.driving import driven

    asked: list[str] = []
    monkeypatch.setattr(server.OWN, "files", {})
    monkeypatch.setattr(server, "missing", list)
    monkeypatch.setattr(server, "prepare", lambda _: None)
    monkeypatch.setattr(server, "run", lambda *words: asked.append(words[-1]))
    checked("new", "mine", "--extends", away)
    for files in (["mine.toml", away, "karabakh"], ["no-invasion", "mine.toml"], []):
        checked("dashboard", *files)
    assert asked == ["scenario=own-mine", "scenario=no-invasion", ""]
    Path("bad.toml").write_text("[set]\n")
    bad = command("dashboard", "mine.toml", "bad.toml")
    assert (bad.code, bad.out, bad.err.count("\n")) == (2, "", 1)
    assert "bad.toml:1:" in bad.err
    with driven(asked[0], user="hints") as session:
        assert session.message.value == session.missing.value == ""
        assert session.shown("cards")["sha256"] == rp.load("mine.toml").sha256
        assert session.shown("base")["sha256"] == rp.load(away).sha256


@pytest.mark.parametrize("forked", [False, True])
def test_the_first_difference_is_explained(away: str, forked: bool) -> None:
    """`compare` prints commands for the month and world of its example, with the decisions that differ."""
    checked("new", "mine", "--extends", away)
    text = Path("mine.toml").read_text()
    Path("mine.toml").write_text(re.sub('"theory.phi" = .*', '"theory.phi" = 0.5', text))
    asked = ["compare", away, "mine.toml", "--worlds", "20", "--seed", "3", *["--fork", "2030-06"] * forked]
    example = json.loads(command(*asked, "--json").stdout)["divergence"]["mine"]["example"]
    steps = hints(command(*asked))
    assert [words[1] for words in steps] == [away, "mine.toml"][: 2 - forked]
    for words, decision in zip(steps, example["decisions"], strict=False):
        story = ran(words, "--json")
        mine = [one for one in story["decisions"] if one["actor"] == example["actor"]]
        assert (story["world"], story["seed"]) == (example["world"], 3)
        assert [one["move"] for one in mine] == ([decision["move"]] if decision else [])


def test_a_diff_on_an_own_file_changes_nothing_yet(away: str) -> None:
    """`new --extends FILE` keeps every number and range of the base, and reads it from any folder."""
    checked("new", "mine", "--extends", away)
    base, mine = rp.load(away), rp.load("mine.toml")
    assert (mine.numbers, mine.ranges) == (base.numbers, base.ranges)
    assert mine.chain[1:] == (away,)
    assert rp.load(Path.cwd() / "mine.toml").numbers == base.numbers


def test_other_commands_take_an_own_file(away: str) -> None:
    """A sweep of a file two folders away is analysed, its box extends that file, and it is calibrated and validated."""
    checked("sweep", away, "--vary", "theory.phi=0:1", "--points", 160, "--worlds", 4, "--out", "D")
    checked("sensitivity", "D", "--outcome", "price")
    found = followed("discover", "D", "--outcome", "price", "--density", 0.95, "--write", "box.toml")
    assert [words[:2] for words in found[:2]] == [["run", "box.toml"], ["explain", "box.toml"]]
    assert rp.load("box.toml").chain[1:] == (away,)
    (step,) = hints(command("run", away, "--uncertainty", "posterior", "--worlds", 4))
    checked(*step, "--settings", 32, "--worlds", 2, "--error", 900)
    checked("run", away, "--uncertainty", "posterior", "--worlds", 4)
    checked("validate", away, "--worlds", 16)


def test_a_hint_of_tornado_holds_all_other_numbers(there: Path) -> None:
    """The command that `tornado` prints draws no numbers, whatever the scenario's default."""
    text = SMALL.read_text().replace("[meta]\n", '[meta]\nuncertainty = "prior"\n', 1)
    (there / "drawn.toml").write_text(text)
    asked = ["--outcome", "handed_over", "--statistic", "month", "--worlds", "60"]
    shown = [command("tornado", f"{name}.toml", *asked) for name in ("case", "drawn")]
    plain, drawn = (hints(done)[0] for done in shown)
    results = [ran(words, "--json") for words in (plain, drawn)]
    assert results[0]["outcomes"]["handed_over"] == results[1]["outcomes"]["handed_over"]
    assert [one["uncertainty"] for one in results] == ["none", "none"]


def test_an_own_file_of_a_shipped_name_stays_its_own(there: Path) -> None:
    """A file `karabakh.toml` of one's own is not taken for the shipped scenario, nor given its posterior."""
    shutil.copy(SMALL, "karabakh.toml")
    asked = ["run", "karabakh.toml", "--worlds", "4", "--uncertainty", "posterior"]
    for _ in range(2):
        (step,) = hints(command(*asked))
        assert step[:2] == ["calibrate", "./karabakh.toml"]
    ran([*step, "--settings", "32", "--worlds", "2", "--error", "900"])
    assert (there / "karabakh.posterior.parquet").is_file()
    assert command(*asked).code == 0
    assert rp.load(Path("karabakh.toml")).chain == rp.load("karabakh.toml").chain != rp.load("karabakh").chain


def test_the_folder_of_a_link_is_not_guessed(there: Path) -> None:
    """A path through a link and up again names the file that it opens, in `extends` of a new diff too."""
    (there / "far" / "inner").mkdir(parents=True)
    (there / "link").symlink_to(there / "far" / "inner")
    text = SMALL.read_text()
    (there / "far" / "case.toml").write_text(text.replace("phi = { value = 1.5", "phi = { value = 1.25"))
    base = rp.load("link/../case.toml")
    assert rp.load(base.chain[0]).numbers["theory.phi"] == 1.25
    checked("new", "mine", "--extends", "link/../case.toml")
    assert rp.load("mine.toml").numbers["theory.phi"] == 1.25
    checked("sweep", "link/../case.toml", "--vary", "theory.phi", "--points", 4, "--worlds", 2, "--out", "link/../D")
    ran_again = json.loads((there / "far" / "D" / "manifest.json").read_text())["command"]
    assert checked(*ran_again[1:]).code == 0
    assert not (there / "D").exists()


def test_a_stopped_sweep_is_resumed_from_any_folder(there: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`sweep --status` prints the complete command, which works in any folder."""
    given = ["sweep", "case.toml", "--vary", "theory.phi=0.1:3", "--points", "48", "--worlds", "3", "--seed", "9"]
    given += ["--set", "theory.noise=0.02", "--theory", "capability", "--foresight", "1", "--keep", "points"]
    given += ["--chunk", "24"]
    assert command(*given, "--out", "a sweep").code == 0
    before = json.loads(command("sweep", "--status", "a sweep", "--json").stdout)
    (there / "a sweep" / "results" / "part-000001.parquet").unlink()
    sums = there / "a sweep" / "SHA256SUMS"
    sums.write_text("".join(line for line in sums.read_text().splitlines(True) if "part-000001" not in line))
    (there / "elsewhere").mkdir()
    monkeypatch.chdir(there / "elsewhere")
    stopped = command("sweep", "--status", "../a sweep")
    assert "stopped, " in stopped.out
    (step,) = hints(stopped)
    ran(step)
    after = json.loads(command("sweep", "--status", "../a sweep", "--json").stdout)
    assert after["done"] == after["chunks"]
    assert after["identity"] == before["identity"]


def test_a_sweep_from_python_gives_no_foreign_command(there: Path) -> None:
    """For a sweep started from Python, `--status` says how to resume it, without another program's command line."""
    rp.sweep(
        "case.toml", there / "D", vary={"theory.phi": (0.1, 3.0)}, points=16, worlds=2, command=["kernel", "-f", "x"]
    )
    (there / "D" / "SHA256SUMS").write_text("")
    shown = command("sweep", "--status", "D").out
    assert "To resume: call realpolitik.sweep with the same arguments and the folder" in shown
    assert "kernel" not in shown


def test_the_command_for_a_posterior_works(there: Path) -> None:
    """Without a valid posterior, the command that makes one is printed if there is history to fit."""
    (there / "my cases").mkdir()
    scenario = there / "my cases" / "a case.toml"
    shutil.copy(SMALL, scenario)
    asked = ["run", "my cases/a case.toml", "--worlds", "4", "--uncertainty", "posterior"]
    quick = ["--settings", "32", "--worlds", "2", "--error", "900"]
    for _ in range(2):
        (step,) = hints(command(*asked))
        assert step[:2] == ["calibrate", "my cases/a case.toml"]
        ran([*step, *quick])
        assert command(*asked).code == 0
        text = scenario.read_text()
        scenario.write_text(text.replace("high = 3.0", "high = 2.9"))
    cut = re.sub(r"\[history\..*?(?=\[claims)", "", text, flags=re.DOTALL)
    (there / "bare.toml").write_text(cut)
    done = command("run", "bare.toml", "--worlds", "4", "--uncertainty", "posterior")
    assert done.code == 2
    assert "it needs ranges and a [history]" in done.err
    assert hints(done) == []


@pytest.mark.parametrize("arguments", ["run", "run karabakh --seed x", "nothing", "sweep karabakh", "explain a b"])
def test_usage_errors_name_their_help(arguments: str) -> None:
    """An invalid command line ends with one line that names the command for help, which works."""
    done = command(*arguments.split())
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    (step,) = pasted(done.err.split("; see ")[1])
    assert command(*step).code == 0


@pytest.mark.parametrize("word", ODD)
def test_a_shell_reads_quoted_words(word: str) -> None:
    """A shell reads a quoted word as the original; simple words are not quoted."""
    assert pasted(f"realpolitik {quoted(word)}") == [[word]]
    assert quoted("theory.phi=1") == shlex.quote("theory.phi=1") == "theory.phi=1"


@pytest.mark.parametrize("given", ["Lowland", "[Lowland]"])
def test_a_list_is_said_as_a_shell_takes_it(given: str) -> None:
    """A text where a list is needed is answered with a setting that can be pasted, and works."""
    small = Path(__file__).parent / "small.toml"
    done = command("run", small, "--worlds", 2, "--set", f"moves.hand_over.consent={given}")
    assert done.code == 2
    setting = shlex.split(done.err.rpartition(", as ")[2])
    assert setting == ["--set", 'moves.hand_over.consent=["Lowland"]']
    done = command("run", small, "--worlds", 2, *setting)
    assert done.code == 0
    assert shlex.join(setting) in done.out
