"""`--foresight` and `foresight=`: the worlds of `theory.foresight`, in runs, rows of sweeps and printed commands."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import realpolitik as rp
from commanding import command
from realpolitik.sweeps.designs import Levels, parse_vary

ROOT = Path(__file__).parents[2]
GUESTS = Path(__file__).parent / "guests.toml"
AHEAD = {"theory.foresight": 3}


def document(*arguments: object) -> dict[str, Any]:
    """Return the JSON document of a command."""
    done = command(*arguments, "--json")
    assert done.code == 0, done.err
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_the_option_equals_the_number(tmp_path: Path) -> None:
    """`--foresight 3` is `--set theory.foresight=3`: the same hash, worlds, accounts and plans of sweeps."""
    for given in (["run", GUESTS, "--worlds", 4], ["explain", GUESTS]):
        assert document(*given, "--foresight", 3) == document(*given, "--set", "theory.foresight=3")
        assert document(*given, "--foresight", 3) != document(*given)
    swept = ["sweep", GUESTS, "--vary", "theory.phi=0.5:2", "--design", "lhs", "--points", 4, "--worlds", 2]
    option, setting = (document(*swept, *more, "--out", tmp_path / more[0]) for more in FORMS)
    assert option["identity"] == setting["identity"]
    assert rp.open_sweep(tmp_path / "--foresight").plan.scenario["settings"] == [["theory.foresight", 3.0, None]]


FORMS = [("--foresight", "3"), ("--set", "theory.foresight=3")]


def test_the_argument_equals_the_number(tmp_path: Path) -> None:
    """`foresight=3` in Python is `set={"theory.foresight": 3}`, and is recorded in the result."""
    run = rp.run(GUESTS, worlds=4, foresight=3)
    assert run.to_dict() == rp.run(GUESTS, worlds=4, set=AHEAD).to_dict()
    assert (run.to_dict()["foresight"], rp.run(GUESTS, worlds=4).to_dict()["foresight"]) == (3.0, 0.0)
    assert rp.explain(GUESTS, foresight=3).to_dict() == rp.explain(GUESTS, set=AHEAD).to_dict()
    asked = {"vary": {"theory.phi": (0.5, 2.0)}, "design": "lhs", "points": 4, "worlds": 2}
    swept = rp.sweep(GUESTS, tmp_path / "D", foresight=3, **asked)  # type: ignore[arg-type]
    assert swept.scenario.numbers["theory.foresight"] == 3.0
    assert swept.frame()["market_held"].notna().all()


@pytest.mark.parametrize("name", ["run", "explain", "sweep"])
@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("25", "foresight must be 0 to 24, not 25"),
        ("-1", "foresight must be 0 to 24, not -1"),
        ("1.5", "'1.5' is not a whole number"),
        ("far", "'far' is not a whole number"),
    ],
)
def test_invalid_foresight_is_refused(name: str, given: str, says: str, tmp_path: Path) -> None:
    """A foresight outside 0 to 24, or no whole number, ends with one line and exit code 2, before anything is run."""
    out = ["--out", tmp_path / "D"] if name == "sweep" else []
    done = command(name, GUESTS, f"--foresight={given}", *out)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert says in done.err
    assert not (tmp_path / "D").exists()


def test_every_command_with_a_theory_has_a_foresight() -> None:
    """Whatever takes `--theory` takes `--foresight`, and `theory=` is never without `foresight=`."""
    from inspect import signature

    from realpolitik.cli import cli

    options = {name: {option.name for option in one.params} for name, one in cli.commands.items()}
    having = {name for name in options if "theory" in options[name]}
    assert having == {"run", "explain", "sweep", "tornado", "report"}
    assert {name for name in options if "foresight" in options[name]} == having
    functions = {name: signature(getattr(rp, name)).parameters for name in (*having, "why_not", "compare")}
    assert [name for name, given in functions.items() if ("theory" in given) != ("foresight" in given)] == []


def test_a_run_says_how_far_actors_look() -> None:
    """The text of a run and of a world names the foresight if there is any."""
    assert "weights by leverage, foresight 3 months" in command("run", GUESTS, "--worlds", 4, "--foresight", 3).out
    assert "weights by leverage, foresight 1 month\n" in command("explain", GUESTS, "--foresight", 1).out
    assert "foresight" not in command("run", GUESTS, "--worlds", 4).out


LEVELS = [0, 3, 6]


def test_foresight_can_be_varied(tmp_path: Path) -> None:
    """Worlds of different foresight share an ensemble, and each is to the bit that of a run with its own foresight."""
    swept = ["sweep", GUESTS, "--set", "theory.noise=0.2", "--vary", "theory.foresight=0,3,6", "--out", tmp_path / "D"]
    assert command(*swept, "--design", "grid", "--points", 3, "--worlds", 5).code == 0
    sweep = rp.open_sweep(tmp_path / "D")
    frame, issues = sweep.frame(), [f"final.{name}" for name in sweep.scenario.case().issues]
    assert sorted(frame["theory.foresight"].unique()) == LEVELS
    assert len(frame) == 15
    finals = []
    for ahead in LEVELS:
        rows = frame[frame["theory.foresight"] == ahead]
        alone = rp.run(GUESTS, worlds=5, set={"theory.noise": 0.2}, foresight=ahead).kept
        first = rows["market_held"].fillna(-1).to_numpy()
        assert np.array_equal(rows[issues].to_numpy(), alone.final)
        assert np.array_equal(first, alone.first[:, 0])
        finals.append(alone.final)
    assert not np.array_equal(finals[0], finals[1])
    row = int(frame.index[(frame["theory.foresight"] == 3) & (frame["world"] == 4)][0])
    explained = sweep.explain(row, flips=False)
    assert explained.theory == "weights by leverage, foresight 3 months"
    assert {one.account.horizon for one in explained.decisions} == {3}
    assert (frame.at[row, "market_held"] is pd.NA) == (not explained.events)


def test_lists_of_whole_months_need_no_decimal_point() -> None:
    """The commas of `0,3,6` are no decimal ones where a fraction is ignored; of any other number they may be."""
    scenario = rp.load(GUESTS)
    for path, levels in (("theory.foresight", "0,3,6"), ("theory.foresight", "0,8"), ("theory.patience", "1,6")):
        expected = tuple(map(float, levels.split(",")))
        assert parse_vary(f"{path}={levels}", scenario) == Levels(path, expected)
    with pytest.raises(rp.ScenarioError, match=r"'0,3,6' is ambiguous"):
        parse_vary("theory.phi=0,3,6", scenario)


def test_printed_commands_keep_the_foresight() -> None:
    """`run` prints a command for one of its worlds, and that one a command for a decision, with the same foresight."""
    shown = command("run", GUESTS, "--worlds", 4, "--foresight", 3)
    step = shown.out.split("Next: realpolitik ")[1].split()
    assert step[-2:] == ["--foresight", "3"]
    why = command(*step).out.split("Why: realpolitik ")[1].split()
    assert why[-2:] == ["--foresight", "3"]
    assert document(*why)["sha256"] == rp.load(GUESTS, set=AHEAD).sha256


def test_a_row_with_foresight_is_explained_by_a_printed_command(tmp_path: Path) -> None:
    """The command for a decision of a row repeats the foresight that was given with the row."""
    rp.sweep(GUESTS, tmp_path / "D", vary={"theory.phi": (0.5, 2.0)}, design="lhs", points=4, worlds=2)
    shown = command("explain", tmp_path / "D", "--row", 3, "--foresight", 2)
    why = shown.out.split("Why: realpolitik ")[1].split()
    assert why[-2:] == ["--foresight", "2"]
    assert document(*why)["decisions"][0]["horizon"] == 2


def test_the_summary_names_what_foresight_costs() -> None:
    """The help of `--foresight` says what it means, its bounds, and what it costs."""
    text = " ".join(command("run", "--help", columns=200).out.replace("│", " ").split())
    for words in ("--foresight", "Months that actors look ahead, 0 to 24", "ten times the time"):
        assert words in text


def test_the_documents_show_what_is_printed() -> None:
    """The diff in the guide is a valid scenario, and a how-to quotes a line that its command prints."""
    guide = (ROOT / "docs" / "reference" / "scenario-files.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"## Foresight\n\n```toml\n(.*?)```", guide, re.DOTALL)
    assert rp.loads(block).numbers["theory.foresight"] == 3.0
    how_to = " ".join((ROOT / "docs" / "howto" / "ask-questions.md").read_text(encoding="utf-8").split())
    shown = command("explain", "karabakh", "--month", "2021-11", "--actor", "Yerevan", "--foresight", 3).out
    (line,) = re.findall(r"^ *(expected: .*)$", shown, re.MULTILINE)
    assert f"`{line}`" in how_to
