"""The commands that sweep and analyse, as a user meets them: tables, documents, files, figures, and promises kept."""

import json
import subprocess
import sys

import pandas as pd
import pytest

import realpolitik as rp
from realpolitik.cli import main
from sweeping import SMALL

VARY = {"theory.phi": (0.5, 3.0), "issues.toll.start": (0.0, 1.0), "theory.noise": (0.01, 0.3)}


@pytest.fixture
def call(monkeypatch, capsys):
    """Run the command line in this process; return what it printed."""

    def calling(*arguments, code=0):
        monkeypatch.setattr(sys, "argv", ["realpolitik", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        shown = capsys.readouterr()
        assert ended.value.code == code, shown.err
        return shown.out if code == 0 else shown.out + shown.err

    return calling


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    """A sweep of three numbers, with points for Sobol indices."""
    return rp.sweep(SMALL, tmp_path_factory.mktemp("sobol") / "D", vary=VARY, points=1000, worlds=32)


@pytest.fixture(scope="module")
def screened(tmp_path_factory):
    """A sweep of the same numbers, with points to screen them."""
    return rp.sweep(SMALL, tmp_path_factory.mktemp("morris") / "D", vary=VARY, design="morris", points=200, worlds=16)


def contested(sweep):
    """Choose the outcome whose probability depends most on the settings."""
    points = sweep.points()
    return max(sweep.outcomes, key=lambda name: points[name].std())


def test_a_sweep_says_what_it_made_and_how_to_go_on(call, tmp_path):
    """`sweep` counts runs, points, rows and files, and names commands that work on the folder."""
    given = ["sweep", SMALL, "--vary", "theory.phi=0.5:3", "--points", 48, "--worlds", 16, "--out", tmp_path / "D"]
    shown = call(*given)
    assert "768 runs: 48 points (sobol, 1 input) of 16 worlds each." in shown
    for line in (line for line in shown.splitlines() if "realpolitik " in line):
        assert call(*line.split("realpolitik ")[1].split())
    assert "complete, 1 of 1 chunk." in call("sweep", "--status", tmp_path / "D")
    assert json.loads(call(*given, "--json"))["done"] == 1


def test_the_next_command_after_a_sweep_is_about_the_main_outcome(call, tmp_path):
    """`sweep` suggests the sensitivity of the headline of [show], and not of whatever outcome comes first."""
    case = tmp_path / "case.toml"
    case.write_text(f'{SMALL.read_text()}\n[show]\nheadline = "later_toll"\n')
    given = ["sweep", case, "--vary", "theory.phi=0.5:3", "--points", 48, "--worlds", 1, "--out", tmp_path / "D"]
    assert f"sensitivity {tmp_path / 'D'} --outcome later_toll" in call(*given)


def test_sensitivity_for_people(call, swept, tmp_path):
    """Both indices of every input with their intervals as a table an outcome, the figure and the Parquet file."""
    name, figure, table = contested(swept), tmp_path / "indices.svg", tmp_path / "indices.parquet"
    asked = ["--outcome", name, "--outcome", "final.toll", "--plot", figure, "--out", table]
    shown = call("sensitivity", swept.folder, *asked)
    for outcome in (name, "final.toll"):
        assert f"{outcome}: mean " in shown
    header = next(line for line in shown.splitlines() if line.startswith("input"))
    assert header.split() == ["input", "first", "95%", "total", "95%"]
    for path in VARY:
        assert shown.count(path) == 2
    assert f"Figure written to {figure}" in shown
    assert f"Indices written to {table}" in shown
    assert figure.read_text().startswith("<?xml")
    document = json.loads(call("sensitivity", swept.folder, *asked[:4], "--json"))
    assert document["design"] == "sobol"
    assert [row["input"] for row in document["rows"]] == [*VARY, *VARY]
    for row in document["rows"]:
        for index in ("first", "total"):
            assert row[f"{index}_low"] <= row[index] <= row[f"{index}_high"]
    pd.testing.assert_frame_equal(pd.read_parquet(table), pd.DataFrame(document["rows"]), check_dtype=False)


def test_morris_for_people(call, screened, tmp_path):
    """After `--design morris` the table has mu*, mu and sigma, and the figure is drawn."""
    shown = call("sensitivity", screened.folder, "--outcome", "final.toll", "--plot", tmp_path / "screen.png")
    header = next(line for line in shown.splitlines() if line.startswith("input"))
    assert header.split() == ["input", "mu*", "95%", "mu", "95%", "sigma", "95%"]
    assert (tmp_path / "screen.png").read_bytes().startswith(b"\x89PNG")
    rows = json.loads(call("sensitivity", screened.folder, "--json"))["rows"]
    assert len(rows) == len(VARY) * len(screened.outcomes)
    assert all(row["mu_star"] >= abs(row["mu"]) for row in rows if row["mu"] is not None)


def test_a_box_found_checks_runs_and_keeps_its_promise(call, swept, tmp_path):
    """`discover --write`, `check` and `run`: the probability that is run lies in the interval that was promised."""
    name, box, figure = contested(swept), tmp_path / "box.toml", tmp_path / "box.svg"
    shown = call("discover", swept.folder, "--outcome", name, "--density", 0.95, "--write", box, "--plot", figure)
    assert f"Box written to {box}. Next: realpolitik run {box}" in shown
    assert f"Figure written to {figure}" in shown
    assert figure.read_text().startswith("<?xml")
    document = json.loads(call("discover", swept.folder, "--outcome", name, "--density", 0.95, "--json"))
    promised = document["boxes"][0]
    assert f"Box 1: {promised['density']:.1%} ({promised['low']:.1%} to {promised['high']:.1%}) inside" in shown
    assert all(line in shown for line in promised["words"])
    assert "p: one-sided binomial test of each limit; limits above 0.05 are dropped" in shown
    assert "box: valid" in call("check", box)
    ran = json.loads(call("run", box, "--worlds", 4000, "--seed", 7, "--json"))
    assert promised["low"] <= ran["outcomes"][name]["probability"] <= promised["high"]
    assert ran["outcomes"][name]["probability"] > document["overall"]


def test_several_boxes_are_several_files(call, swept, tmp_path):
    """The document names every file that was written."""
    asked = ["--outcome", contested(swept), "--density", 0.95, "--boxes", 2, "--write", tmp_path / "box.toml", "--json"]
    document = json.loads(call("discover", swept.folder, *asked))
    assert document["files"] == [str(tmp_path / name) for name in ("box.toml", "box-2.toml")[: len(document["boxes"])]]


def test_where_there_is_no_box_the_command_writes_none(call, swept, tmp_path):
    """`discover` without a box ends with 1 and says so, and the table has no box with figures."""
    asked = ["discover", swept.folder, "--outcome", contested(swept), "--density", 0.1]
    shown = call(*asked, code=1)
    assert "No box of a target of 10%: it has the target without any limit" in shown
    assert "Box 1" not in shown
    assert "there is no box, so nothing was written to" in call(*asked, "--write", tmp_path / "box.toml", code=1)
    assert not (tmp_path / "box.toml").exists()


@pytest.mark.parametrize("row", [0, 12_345, 31_999])
def test_a_row_is_explained_as_the_world_that_it_was(call, swept, row):
    """`explain DIR --row N` has the months of the row's outcomes, and exactly its numbers."""
    story = json.loads(call("explain", swept.folder, "--row", row, "--json"))
    kept, case = swept.frame().iloc[row], swept.scenario.case()
    assert story["world"] == kept["world"]
    assert story["numbers"] == {path: kept[path] for path in VARY}
    explained = {name: case.month_of(date) for name, date in story["outcomes"].items()}
    assert explained == {name: int(kept[name]) for name in swept.outcomes if not pd.isna(kept[name])}


def test_a_row_that_is_not_there(call, swept):
    """A row beyond the last is refused with the rows there are."""
    assert call("explain", swept.folder, "--row", 32_000, code=2) == (
        "realpolitik: row 32000 is outside the sweep, 0 to 31999\n"
    )


def test_a_request_that_cannot_fit(tmp_path):
    """A billion points are refused at once, with the estimate: nothing is written, the engine is not even imported."""
    code = """
import sys
from realpolitik.cli import main
try:
    main()
finally:
    print(*sorted({"numba", "numpy", "pydantic", "scipy", "realpolitik_model.engine"} & sys.modules.keys()))
"""
    asked = ["sweep", str(SMALL), "--vary", "theory.phi=0.5:3", "--points", "1000000000", "--out", str(tmp_path / "D")]
    refused = subprocess.run([sys.executable, "-c", code, *asked], capture_output=True, text=True, check=False)
    assert refused.returncode == 2
    assert refused.stderr.startswith("realpolitik: too large: 64,000,000,000 runs, about ")
    assert "TB of disk in 3,906,250 chunks" in refused.stderr
    assert refused.stderr.count("\n") == 1
    assert refused.stdout == "\n"
    assert not (tmp_path / "D").exists()


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (
            ["explain", "{D}"],
            "'{D}' is the folder of a sweep; give a row of it, one of its worlds: realpolitik",
        ),
        (
            ["run", "{D}"],
            "'{D}' is the folder of a sweep; give a row of it, one of its worlds: realpolitik",
        ),
        (["sensitivity", "nowhere"], "is not the folder of a sweep"),
        (["sensitivity", "{D}", "--outcome", "withdrawl"], "unknown outcome 'withdrawl'"),
        (["sensitivity", "{D}", "--plot", "figure.gif"], "svg"),
        (["discover", "{D}", "--outcome", "final.ferry"], "unknown outcome 'final.ferry'"),
        (["discover", "{D}", "--outcome", "{O}x"], "unknown outcome '{O}x'"),
        (["discover", "{D}", "--outcome", "{O}", "--density", "2"], "density must be"),
        (["discover", "{D}", "--outcome", "{O}", "--write", "box.json"], "ends in .toml"),
        (["sweep", "--status", "nowhere"], "is not the folder of a sweep"),
        (["sweep", "karabakh"], "needs a SCENARIO and --out DIR"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bad_input(call, swept, command, says, tmp_path, monkeypatch):
    """What cannot be analysed is refused in words that help, and leaves no file."""
    monkeypatch.chdir(tmp_path)
    names = {"D": str(swept.folder), "O": contested(swept)}
    said = call(*(word.format(**names) for word in command), code=2)
    assert says.format(**names) in said
    assert command[0] != "discover" or "final." not in said.partition("there are")[2]
    assert list(tmp_path.iterdir()) == []
