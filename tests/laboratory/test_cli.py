"""The command line: what the commands print, write and refuse; and what only a process of its own can show."""

import json
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path
from threading import Semaphore
from time import monotonic, sleep
from types import SimpleNamespace

import pytest

from commanding import command
from realpolitik import costs
from realpolitik.cli import cli, main, waiting
from realpolitik_model.engine.compiling import Compilation
from realpolitik_model.equations.weights import RULES

MALFORMED = sorted((Path(__file__).parent / "malformed").glob("*.toml"))
SMALL = str(Path(__file__).parent / "small.toml")


def call(*arguments):
    """Run the command line in a process of its own, and return the finished process."""
    asked = [sys.executable, "-m", "realpolitik", *map(str, arguments)]
    return subprocess.run(asked, capture_output=True, encoding="utf-8", check=False, timeout=300)


def document(*arguments):
    """Run a command with --json and return the document."""
    done = command(*arguments, "--json")
    assert (done.code, done.err) == (0, "")
    return json.loads(done.out)


@pytest.fixture(scope="module")
def base():
    """Return `run karabakh --worlds 2000 --seed 1 --json`."""
    return document("run", "karabakh", "--worlds", 2000, "--seed", 1)


def test_run_json_has_every_key(base):
    """The document has the documented keys."""
    keys = {"scenario", "sha256", "version", "seed", "worlds", "months", "outcomes", "issues", "leverage"}
    assert keys <= base.keys()
    assert base["months"][0] == "2020-12"
    assert base["months"][-1] == "2030-12"
    assert {"probability", "median", "p10", "p90", "by"} <= base["outcomes"]["withdrawal"].keys()
    assert base["issues"].keys() >= {"karabakh", "peacekeepers"}
    assert {"mean", "p10", "p50", "p90"} == base["leverage"]["Baku>Moscow"].keys()
    assert all(len(fan["p50"]) == len(base["months"]) for fan in base["issues"].values())


def test_the_base_case_reproduces_history(base):
    """Karabakh is taken, then the force leaves by June 2024, mostly for nothing, after leverage has reversed."""
    outcomes = base["outcomes"]
    assert outcomes["karabakh_taken"]["by"]["2024-06"] > 0.5
    assert outcomes["withdrawal"]["by"]["2024-06"] > 0.5
    assert outcomes["withdrawal"]["median"] > outcomes["karabakh_taken"]["median"]
    assert outcomes["price_of_withdrawal"]["median"] == 0.0
    assert outcomes["free_exit"]["probability"] > 0.5
    assert outcomes["csto_refused"]["probability"] > 0.5 * outcomes["karabakh_taken"]["probability"]
    assert outcomes["leverage_crossover"]["median"] < "2024-01"


def test_no_invasion_no_withdrawal():
    """Without the war the force is still there at the end of 2025."""
    assert document("run", "no-invasion")["outcomes"]["withdrawal"]["by"]["2025-12"] < 0.2


def test_without_isolation_moscow_is_paid(base):
    """With war but no isolation an unpaid exit is clearly rarer, and the mean price higher."""
    other = document("run", "war-without-isolation")["outcomes"]
    assert other["free_exit"]["probability"] < base["outcomes"]["free_exit"]["probability"] - 0.2
    assert other["price_of_withdrawal"]["mean"] > base["outcomes"]["price_of_withdrawal"]["mean"]


def test_a_table_for_people():
    """Without --json the outcomes are printed as a table, with their history and the next command."""
    shown = command("run", "karabakh", "--worlds", 64).out
    assert "The peacekeepers leave" in shown
    assert "2024-04" in shown
    assert "realpolitik explain karabakh" in shown


def test_explain_json():
    """The story of a world is one document, in which the account of each decision adds up to its value."""
    story = document("explain", "karabakh", "--world", 17, "--month", "2023-03")
    assert story["decisions"]
    for decision in story["decisions"]:
        total = decision["own"] + sum(decision["through"].values()) - decision["cost"] + decision["noise"]
        assert abs(total - decision["value"]) < 1e-12
        assert {"month", "actor", "move", "result", "tau", "runner_up", "flip", "claims"} <= decision.keys()


def test_explain_for_people():
    """The text of `explain` shows moves and outcomes by their labels."""
    shown = command("explain", "karabakh", "--world", 17).out
    assert "=> The peacekeepers leave" in shown


@pytest.mark.parametrize("path", MALFORMED, ids=lambda path: path.stem)
def test_malformed_files_are_refused(path, monkeypatch, capsys):
    """An invalid file ends with exit code 2 and a line for each fault with the file and a position, no traceback."""
    monkeypatch.setattr(sys, "argv", ["realpolitik", "check", str(path)])
    with pytest.raises(SystemExit) as ended:
        main()
    shown = capsys.readouterr()
    assert ended.value.code == 2
    assert shown.out == ""
    lines = shown.err.splitlines()
    assert len(lines) == (3 if path.stem == "drop_still_used" else 1)  # two rows use what is dropped
    assert path.name in lines[0]


def test_run_says_how_far_shares_of_so_many_worlds_may_be_off():
    """Below the table is the sampling error of a share of one half, the largest: 1.96 / 2 / sqrt(worlds)."""
    shown = command("run", SMALL, "--worlds", 400, "--uncertainty", "none").out
    assert "Sampling: a share of 400 worlds is off by 4.9 points at most (95%)." in shown


def test_enough_malformed_files():
    """There are at least twenty malformed files, with one fault each."""
    assert len(MALFORMED) >= 20


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "karabakh", "--until"],
        ["explain", "karabakh", "--actor", "Baku", "--month"],
        ["explain", "karabakh", "--why-not", "withdraw", "--month"],
        ["check", "karabakh", "--values", "--month"],
        ["tornado", "karabakh", "--outcome", "withdrawal", "--by"],
        ["audit", "karabakh", "--outcome", "withdrawal", "--by"],
        ["compare", "karabakh", "no-invasion", "--fork"],
    ],
    ids=" ".join,
)
def test_a_month_has_one_spelling_in_all_commands(arguments: list[str]) -> None:
    """A month is written as in a file, "YYYY-MM": every option refuses another spelling, and shows the right one."""
    option = arguments[-1].lstrip("-")
    assert command(*arguments, "2023-3").err == f"realpolitik: {option}: invalid month '2023-3': write \"2023-03\"\n"
    assert 'use "YYYY-MM", 1800 to 2199' in command(*arguments, "23-3").err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["run", "karabak"], "karabakh"),
        (["run", "karabakh", "--worlds", "0"], "worlds must be 1"),
        (["run", "karabakh", "--seed", "-1"], "seed must be 0"),
        (["run", "karabakh", "--until", "2040-01"], "2030-12"),
        (["run", "karabakh", "--until", "soon"], "until: invalid month 'soon': use"),
        (["explain", "karabakh", "--month", "soon"], "month: invalid month 'soon': use"),
        (["audit", "karabakh", "--outcome", "withdrawal", "--by", "2040-01"], "by 2040-01 is outside the scenario's"),
        (["run", "karabakh", "--set", "theory.ph=1"], "theory.phi"),
        (["run", "karabakh", "--set", "theory.phi=nan"], "theory.phi"),
        (["run", "karabakh", "--set", "theory.phi=1", "--set", "theory.phi=2"], "theory.phi two values: 1.0 and 2.0"),
        (["run", "karabakh", "--worlds", "10", "--plot", "figure.gif"], "svg"),
        (["explain", "karabakh", "--actor", "Ankara"], "Moscow"),
        (["explain", "karabakh", "--world", "-1"], "world"),
        (["new", "../escape"], "letters"),
        (["run"], "SCENARIO"),
        (["forecast", "none.json", "--score", "none.csv"], "realpolitik: no such file: 'none.json'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bad_input(arguments, says, tmp_path, monkeypatch):
    """Invalid input ends with exit code 2 and a helpful message, without a traceback."""
    monkeypatch.chdir(tmp_path)
    done = command(*arguments)
    assert done.code == 2, done.out
    assert says in done.err
    assert "Traceback" not in done.err
    assert not list(tmp_path.iterdir())


def test_a_process_ends_with_the_code_and_the_line(tmp_path):
    """`python -m realpolitik` ends as its commands do, with nothing on stdout and no traceback."""
    done = call("run", tmp_path / "karabak.toml")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith("realpolitik: ")


def test_new_scenarios_run(tmp_path, monkeypatch):
    """Files of `new` are valid and run, complete or as a diff, and are never replaced."""
    monkeypatch.chdir(tmp_path)
    for arguments in (["my-case"], ["what-if", "--extends", "karabakh"]):
        assert command("new", *arguments).code == 0
        assert command("check", f"{arguments[0]}.toml").code == 0
        assert command("run", f"{arguments[0]}.toml", "--worlds", 8).code == 0
        assert "already exists" in command("new", *arguments).err


def test_results_are_written(tmp_path):
    """`--out` writes the result, the outcomes and the worlds; the first with all that `--json` prints."""
    done = command("run", SMALL, "--worlds", 8, "--out", tmp_path / "results", "--json")
    assert done.code == 0
    assert sorted(path.name for path in (tmp_path / "results").iterdir()) == [
        "outcomes.csv", "result.json", "worlds.csv",
    ]  # fmt: skip
    kept = json.loads((tmp_path / "results" / "result.json").read_text(encoding="utf-8"))
    assert kept["worlds"] == 8
    assert json.loads(done.out).items() <= kept.items()
    assert {*kept["probabilities"]} == {"none", "prior"}


@pytest.mark.parametrize("written", ["20", "2e1", "2_0", "20.0", "0.2E+2"])
def test_counts_may_be_written_with_an_exponent(written):
    """Counts are whole numbers in any usual notation."""
    done = command("run", SMALL, "--worlds", written, "--seed", "1_0", "--json")
    assert done.code == 0, done.err
    assert [json.loads(done.out)[name] for name in ("worlds", "seed")] == [20, 10]


@pytest.mark.parametrize(
    "written", ["2.5", "1e-3", "1e", "_1", "1__0", "nan", "inf", "1e9999", "\u0661", "0x10", "", " 5"]
)
@pytest.mark.parametrize("option", ["--worlds", "--seed"])
def test_anything_else_is_no_count(option, written):
    """Fractions, words and numbers of thousands of digits are refused in one line."""
    done = command("run", SMALL, f"{option}={written}")
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert "is not a whole number" in done.err or "is too large" in done.err


@pytest.mark.parametrize("name", ["run", "explain", "sweep"])
def test_help_describes_every_weight_rule(name):
    """The help of `--theory` has the sentence of each rule of the model."""
    shown = " ".join(command(name, "--help").out.split())
    assert [rule.name for rule in RULES if f"{rule.name}: {rule.sentence}" not in shown] == []


@pytest.mark.parametrize("form", [[], ["--json"]], ids=["text", "json"])
def test_a_long_run_states_its_length_and_can_be_interrupted(form):
    """Without a terminal, one line on stderr estimates the time; Ctrl-C ends the run promptly, with no output."""
    heeding = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "  # ignored in the background
    code = f"{heeding} from realpolitik.cli import main; main()"
    arguments = [sys.executable, "-c", code, "run", SMALL, "--worlds", "1e12", *form]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
        try:
            line = run.stderr.readline()
            sent = monotonic()
            run.send_signal(signal.SIGINT)
            out, err = run.communicate(timeout=60)
        finally:
            run.kill()
    assert line.startswith("realpolitik: about ")
    assert "remain for 1,000,000,000,000 worlds" in line
    assert (run.returncode, out) == (130, "")
    assert err.split() == ["realpolitik:", "interrupted"]
    assert monotonic() - sent < 5


def test_the_remaining_time_is_estimated_once_and_only_if_long(monkeypatch, capsys):
    """The first step, which may compile the model, does not count; less than a minute is not mentioned."""
    for first, step, total, expected in [
        (100.0, 0.5, 820, "about 6.67 minutes remain for 820 worlds"),
        (0.0, 1.0, 70, ""),
    ]:
        clock = (first + step * n for n in range(100))
        monkeypatch.setattr(waiting, "monotonic", lambda clock=clock: next(clock))
        report = waiting.TimeLeft("worlds")
        for done in range(10, 10 + waiting.FEWEST - 1):
            report(done, total)
        assert capsys.readouterr().err == ""
        for done in range(19, 30):
            report(done, total)
        assert capsys.readouterr().err == (expected and f"realpolitik: {expected}; Ctrl-C stops\n")


def test_compiling_the_model_does_not_count_as_work(monkeypatch, capsys):
    """Steps during which the model is compiled say nothing of how long the others take."""
    clock, first_calls = iter(range(0, 4_000, 40)), SimpleNamespace(seconds=0)
    monkeypatch.setattr(waiting, "monotonic", lambda: next(clock))
    monkeypatch.setitem(sys.modules, waiting.COMPILER, SimpleNamespace(FIRST_CALLS=first_calls))
    report = waiting.TimeLeft("months")
    for done in range(1, 20):
        report(done, 30)
        first_calls.seconds += 39
    assert capsys.readouterr().err == ""


COMPILING = "realpolitik: compiling the model, which takes about half a minute; its code is kept for later runs\n"


@pytest.mark.parametrize(
    ("found", "terminal", "said"),
    [((9.0, 3), True, COMPILING), ((0.5, 3), True, ""), ((9.0, 0), True, ""), ((9.0, 3), False, "")],
)
def test_a_terminal_shows_once_that_the_model_is_compiled(found, terminal, said, monkeypatch, capsys):
    """What is only read from the cache is not mentioned: that is soon over, and none of its functions is compiled."""
    looks = Semaphore(0)
    found = Compilation(*found, functions=5)
    monkeypatch.setitem(sys.modules, waiting.COMPILER, SimpleNamespace(compilation=lambda: looks.release() or found))
    monkeypatch.setattr(waiting, "OFTEN", 0.001)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    before = threading.active_count()
    with waiting.noting_compilation():
        for _ in range((1 if said else 3) if terminal else 0):
            assert looks.acquire(timeout=60)
    while threading.active_count() > before:
        sleep(0.001)
    assert capsys.readouterr().err == said


def test_the_table_says_how_many_paths_are_kept(monkeypatch):
    """If memory allows monthly paths for fewer worlds than usual, `run` prints how many."""
    assert "Monthly paths" not in command("run", SMALL, "--worlds", 64).out
    monkeypatch.setattr(costs, "MOST_PATH_BYTES", 2**14)
    kept = json.loads(command("run", SMALL, "--worlds", 64, "--json").out)["paths_of"]
    assert 1 <= kept < 64
    assert f"Monthly paths (fans) are of the first {kept} worlds only" in command("run", SMALL, "--worlds", 64).out


def test_a_run_does_not_import_linear_algebra():
    """Numba is started without SciPy's linear algebra, and can import it afterwards."""
    code = (
        "import sys\n"
        "from realpolitik.cli import main\n"
        "sys.argv = ['realpolitik', 'run', 'karabakh', '--worlds', '1']\n"
        "try: main()\n"
        "except SystemExit as ended: assert not ended.code\n"
        "print('scipy.linalg' in sys.modules)\n"
        "import scipy.linalg.cython_blas"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "False"


def test_check_says_what_paid_moves_fall_back_on(tmp_path):
    """One line per paid move: another move, or itself without payment."""
    text = Path(SMALL).read_text(encoding="utf-8")
    (tmp_path / "unpaid.toml").write_text(text.replace(', fallback = "hand_over"', ""), encoding="utf-8")
    for file, fallback in ((SMALL, "hand_over"), (tmp_path / "unpaid.toml", "made unpaid")):
        lines = [line for line in command("check", str(file)).out.splitlines() if "without a deal" in line]
        assert lines == [f"  sell: without a deal, {fallback}"]


def test_check_does_not_import_the_model():
    """Checking a scenario imports neither numba nor Mesa nor pandas."""
    code = (
        "import sys, realpolitik.cli as c\n"
        "try: c.cli(['check', 'karabakh'], prog_name='realpolitik')\n"
        "except SystemExit: pass\n"
        "assert not {'numba', 'mesa', 'pandas'} & set(sys.modules), set(sys.modules) & {'numba', 'mesa', 'pandas'}"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", cli.commands)
def test_every_command_shows_examples(name):
    """The help of every command has an example."""
    done = command(name, "--help")
    assert (done.code, done.err) == (0, "")
    assert "Example" in done.out


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(shell):
    """The completion script of each shell names the program."""
    done = command("completion", shell)
    assert done.code == 0
    assert "_REALPOLITIK_COMPLETE" in done.out


def test_list_and_schema():
    """The shipped scenarios and the schema are JSON documents."""
    assert {"karabakh", "no-invasion"} <= {row["name"] for row in document("list")}
    assert document("schema")["$schema"].startswith("https://json-schema.org/")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (
            "explain SMALL --actor upland",
            "unknown actor 'upland'; there are Upland, Lowland, Port; did you mean 'Upland'?",
        ),
        ("explain SMALL --actor ferry", "; 'ferry' is an issue"),
        ("explain SMALL --why-not handed_over", "; 'handed_over' is an outcome"),
        ("explain SMALL --why-not sel", "; did you mean 'sell'?"),
        ("tornado SMALL --outcome sell", "; 'sell' is a move"),
        ("tornado SMALL --outcome sale,price", "; give each of them by itself"),
        ("tornado SMALL --outcome Handed_over", "; did you mean 'handed_over'?"),
        ("tornado SMALL --outcome flood", "; 'flood' is a driver"),
        ("run SMALL --worlds 2 --outcome collision", "; 'collision' is a shock"),
    ],
)
def test_an_unknown_name_says_what_may_have_been_meant(words: str, says: str) -> None:
    """A name in the wrong case, misspelt, or of a row of another table, is recognised."""
    done = command(*words.replace("SMALL", str(SMALL)).split())
    assert done.code == 2
    assert done.err.rstrip().endswith(says)


@pytest.mark.parametrize(
    "words",
    [
        "check SMALL",
        "run SMALL --worlds 1",
        "compare SMALL LESS --worlds 1",
        "tornado SMALL --outcome sale --worlds 1",
        "explain SMALL --why-not press --worlds 1",
        "sweep SMALL --vary theory.phi=0:2 --design random --points 1 --worlds 1 --out SWEPT",
    ],
)
def test_one_of_a_kind_is_in_the_singular(words, tmp_path):
    """No output says "1 worlds", "1 shocks" or "1 files"."""
    less = tmp_path / "less.toml"
    less.write_text(f"extends = {json.dumps(SMALL)}\nreason = 'r'\nassumption = true\n[set]\n'theory.phi' = 0.5\n")
    names = {"SMALL": SMALL, "LESS": less, "SWEPT": tmp_path / "swept"}
    done = command(*(names.get(word, word) for word in words.split()))
    assert done.code == 0, done.err
    assert re.search(r"(?<![\d.,])1 [a-z]+\b", done.out)
    assert re.findall(r"(?<![\d.,])1 [a-z]+s\b", done.out) == []


def test_no_table_has_two_columns_of_one_title():
    """Each column of the table of a tornado has a title of its own."""
    done = command("tornado", SMALL, "--outcome", "sale", "--worlds", 4)
    titles = re.split(r"  +", next(line for line in done.out.splitlines() if line.startswith("number")))
    assert len(titles) == len(set(titles)) > 5
