"""`calibrate --write`: a scenario file with fitted numbers, in which nothing else has changed."""

import difflib
import json
import re
import tomllib
from pathlib import Path

import pytest
import tomlkit

import realpolitik as rp
from commanding import command
from realpolitik import calibration
from realpolitik.calibration.rewriting import check_target, edited
from realpolitik.scenario.fields import Range
from realpolitik.scenario.toml import value_spans

SMALL = (Path(__file__).parent / "small.toml").read_text(encoding="utf-8")
HISTORY = '\n[history.sold_later]\noutcome = "handed_over"\ndate = "2030-10"  # late\nsource = "Invented"\n'
FIT = ("--settings", 128, "--worlds", 1, "--error", 3)
FITTED = {"theory.phi": Range(2.5, 1.9, 2.9), "dependence.grain.stake": Range(0.6, 0.5, 0.7)}


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """An own case whose history informs its numbers, in a folder whose name holds a space."""
    folder = tmp_path / "my cases"
    folder.mkdir()
    (folder / "own.toml").write_text(re.sub(r"(?s)\[history.*?(?=\[claims)", HISTORY + "\n", SMALL, count=1), "utf-8")
    return folder / "own.toml"


def changed(before: str, after: str) -> list[str]:
    """The lines that a file has and another one lacks, without those at its head and its seal."""
    lines = difflib.ndiff(before.splitlines(), after.splitlines())
    return [line[2:] for line in lines if line.startswith("+ ") and not line.startswith("+ #")]


def test_fitted_numbers_are_written_and_nothing_else_changes(own: Path) -> None:
    """The copy loads, has values and ranges within the old ones, keeps every comment, and says how it was made."""
    target = own.with_name("fitted.toml")
    done = command("calibrate", own, "--write", target, "--json", *FIT)
    found = json.loads(done.out)
    informed = {row["path"]: row for row in found["narrowings"] if row["informed"]}
    assert informed
    before, after = rp.load(own), rp.load(target)
    moved = {path for path in before.ranges if before.ranges[path] != after.ranges[path]}
    assert moved == set(informed)
    for path in moved:
        (low, high), (least, most) = after.ranges[path], before.ranges[path]
        assert least <= low <= after.numbers[path] <= high <= most
        assert low == pytest.approx(informed[path]["p10"], rel=1e-3, abs=1e-9)
    text = target.read_text(encoding="utf-8")
    assert len(changed(own.read_text(encoding="utf-8"), text)) == len(moved)
    assert 'date = "2030-10"  # late' in text
    assert re.search(r"^# realpolitik calibrate '.*own\.toml' --write fitted\.toml --seed 1 ", text, re.MULTILINE)
    others = before.numbers.keys() - moved
    assert {path: before.numbers[path] for path in others} == {path: after.numbers[path] for path in others}


def test_a_diff_gets_the_fitted_numbers_of_its_base_in_its_set(own: Path) -> None:
    """Numbers of the base are added to [set], which is made if there is none, and the copy extends the same base."""
    diff = own.with_name("diff.toml")
    head = 'extends = "own.toml"\nreason = "Why"\nassumption = true\n'
    diff.write_text(head + '[set] # these\n"issues.toll.decay" = 0.06\n', encoding="utf-8")
    for target in (own.with_name("one.toml"), own.with_name("two.toml")):
        assert command("calibrate", diff, "--write", target, *FIT).code in (0, 1)
        before, after = rp.load(diff), rp.load(target)
        assert after.chain[1:] == before.chain[1:]
        moved = {path for path in before.ranges if before.ranges[path] != after.ranges[path]}
        assert moved
        assert moved <= tomllib.loads(target.read_text(encoding="utf-8"))["set"].keys()
        assert after.numbers["issues.toll.decay"] == before.numbers["issues.toll.decay"]
        diff.write_text(head + '[meta]\ntitle = "No [set]"\n[drivers]\n', encoding="utf-8")


def test_no_file_is_replaced_unasked(own: Path) -> None:
    """An edited copy is replaced with --force only, the scenario itself never, and a copy as written freely."""
    target, before = own.with_name("fitted.toml"), own.read_text(encoding="utf-8")
    assert command("calibrate", own, "--write", target, *FIT).code in (0, 1)
    assert command("calibrate", own, "--write", target, *FIT).code in (0, 1)
    target.write_text("# mine\n" + target.read_text(encoding="utf-8"), encoding="utf-8")
    refused = command("calibrate", own, "--write", target, *FIT)
    assert refused.code == 2
    assert "give --force" in refused.err
    assert command("calibrate", own, "--write", target, "--force", *FIT).code in (0, 1)
    for force in ((), ("--force",)):
        assert command("calibrate", own, "--write", own, *force, *FIT).code == 2
    assert own.read_text(encoding="utf-8") == before


def test_a_copy_that_would_lose_its_base_is_refused(own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A diff on a path, or a case whose directions name files, belongs in its own folder: said before any work."""
    monkeypatch.setattr(calibration, "calibrate", None)
    diff = own.with_name("diff.toml")
    diff.write_text('extends = "own.toml"\n', encoding="utf-8")
    text = own.read_text(encoding="utf-8")
    direction = 'scenario = "diff.toml"\noutcome = "sale"\nsign = "up"\ntext = "x"\n'
    own.write_text(text + f"[directions.x]\n{direction}", encoding="utf-8")
    for file in (own, diff):
        done = command("calibrate", file, "--write", tmp_path / "elsewhere.toml", *FIT)
        assert (done.code, done.err.count("\n")) == (2, 1)
        assert f"write it to the folder of {file.stem}" in done.err
    assert not (tmp_path / "elsewhere.toml").exists()


@pytest.mark.parametrize(
    "text", ['[show]\nagainst = "diff.toml"\n', '[validation]\nrivals = { other = "diff.toml" }\n']
)
def test_a_copy_that_would_lose_another_file_is_refused(own: Path, tmp_path: Path, text: str) -> None:
    """Files that [show] and [validation] name must be there, as those of directions; they are where the case is."""
    own.with_name("diff.toml").write_text('extends = "own.toml"\nassumption = true\nreason = "x"\n', encoding="utf-8")
    own.write_text(f"{own.read_text(encoding='utf-8')}\n{text}", encoding="utf-8")
    check_target(rp.load(own), own.with_name("fitted.toml"))
    with pytest.raises(ValueError, match=r"it names '.*diff\.toml', which is not there"):
        check_target(rp.load(own), tmp_path / "elsewhere.toml")


def test_a_copy_beside_the_case_keeps_its_series(own: Path, tmp_path: Path) -> None:
    """A table of a driver is read from the folder of the copy, which is refused where the table is not there."""
    own.with_name("gas.csv").write_text("month,bcm\n2030-01,0\n2031-01,1.5\n", encoding="utf-8")
    series = '\nseries = { file = "gas.csv", month = "month", value = "bcm", low = 0, high = 1.5 }\n'
    text = re.sub(r"\nseason = .*\n", series, own.read_text(encoding="utf-8"), count=1)
    assert series in text
    own.write_text(text, encoding="utf-8")
    target = own.with_name("fitted.toml")
    assert command("calibrate", own, "--write", target, *FIT).code in (0, 1)
    assert rp.load(target).document["drivers"] == rp.load(own).document["drivers"]
    with pytest.raises(ValueError, match=r"no such file: 'gas\.csv'; if it names files, write it to the folder of own"):
        check_target(rp.load(own), tmp_path / "elsewhere.toml")


def test_a_copy_keeps_its_line_ends(own: Path) -> None:
    """A file of Windows stays one."""
    own.write_bytes(own.read_bytes().replace(b"\n", b"\r\n"))
    target = own.with_name("fitted.toml")
    assert command("calibrate", own, "--write", target, *FIT).code in (0, 1)
    lines = target.read_bytes().splitlines(keepends=True)[:-1]
    assert all(line.endswith(b"\r\n") for line in lines)


@pytest.mark.parametrize(
    "text",
    [
        "theory = { phi = { low = 1, value = 2.0 , high = 3 } }\n[dependence]\ngrain.stake.value = 1\n"
        "grain.stake.low = 0.5 # low\ngrain.stake.high = 1_0.0e-1\n",
        "[theory.phi]\nvalue = 2\nlow = 1\nhigh = 3\n[dependence.grain]\nstake = {value=1,low=0,high=2,effects={z=1}}",
        '[set]\n"theory.phi" = { value = 2, low = 1, high = 3 }\n'
        "'dependence.grain' = { stake = { value = 1, low = 0, high = 2 } } # quoted\n",
        '[set]\nnote = """\n[set]\n"""\n',
        'note = """\n[set]\n"""\n[other]\nx = 1 # [set]',
        "[ set ]",
    ],
)
def test_numbers_are_replaced_in_any_form(text: str) -> None:
    """Inline, dotted or with headers, with blanks and comments, or in the [set] of a diff: only numbers change."""
    after = edited(text, FITTED, diff=True)
    document = tomllib.loads(after)
    given = document.get("set", {})
    for path, span in FITTED.items():
        node = given.get(path)
        if node is None:
            node = document | ({} if "theory" in document else given.get("dependence.grain", {}))
            for key in path.split("."):
                node = node.get(key, node)
        assert {key: node[key] for key in Range._fields} == span._asdict()
    kept = [line for line in text.splitlines() if "#" in line or '"""' in line]
    assert all(re.sub(r"[\d._e-]+", "", line) in re.sub(r"[\d._e-]+", "", after) for line in kept)


def test_spans_are_those_of_a_parser() -> None:
    """The text of each plain value, read alone, is the value in the document."""
    spans, document = value_spans(SMALL), tomlkit.parse(SMALL).unwrap()
    plain = 0
    for loc, (start, end) in spans.items():
        node = document
        for key in loc:
            node = node[key]
        assert tomllib.loads(f"x = {SMALL[start:end]}")["x"] == node
        plain += not isinstance(node, dict | list)
    assert plain > 100
