"""Drivers and numbers of dependence that are read from a CSV file next to the scenario."""

import os
from hashlib import sha256
from pathlib import Path

import pytest

from commanding import command
from realpolitik.scenario import ScenarioError, load, loads
from realpolitik.sweeps.plan import restored, stored

HERE = Path(__file__).parent
SERIES = 'series = { file = "gas.csv", month = "month", value = "bcm", low = 0, high = 1.5 }'
SEASON = "season = [0.2, 0.3, 0.7, 0.9, 0.6, 0.2, 0.1, 0.1, 0.2, 0.3, 0.3, 0.2]"
TEXT = (HERE / "small.toml").read_text(encoding="utf-8")
CASE = TEXT.replace(SEASON, SERIES)
CELL = '{ file = "gas.csv", month = "month", value = "bcm", low = 0, high = 3, at = "2030-06" }'
TABLE = "month,mcm,bcm\n2030-01,0,0\n2030-06,300,0.3\n2031-01,1500,1.5\n"
LINE = CASE[: CASE.index(SERIES)].count("\n") + 1


def written(folder: Path, text: str = CASE, table: str | bytes = TABLE, name: str = "case.toml") -> Path:
    """Write a case and its table, and return the case."""
    (folder / "gas.csv").write_bytes(table if isinstance(table, bytes) else table.encode())
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def refusal(file: Path) -> str:
    """Return the error of a file, without its folder."""
    with pytest.raises(ScenarioError) as refused:
        load(file)
    return str(refused.value).replace(f"{file.parent.as_posix()}/", "")


def test_a_series_is_the_path_of_a_driver(tmp_path: Path) -> None:
    """`low` is 0 and `high` is 1, and what is in between is in proportion."""
    scenario = load(written(tmp_path))
    assert scenario.document["drivers"]["flood"]["path"] == {"2030-01": 0.0, "2030-06": 0.3 / 1.5, "2031-01": 1.0}
    path = f'path = {{ "2030-01" = 0.0, "2030-06" = {0.3 / 1.5!r}, "2031-01" = 1.0 }}'
    assert scenario.numbers == loads(CASE.replace(SERIES, path)).numbers


def test_a_number_of_dependence_is_one_cell(tmp_path: Path) -> None:
    """The cell of month `at`, on the same scale; the row can be changed like any other."""
    scenario = load(written(tmp_path, TEXT.replace("stake = 0.4\n", f"stake = {CELL}\n")))
    assert scenario.numbers["dependence.crossing.stake"] == 0.3 / 3
    assert scenario.set({"dependence.crossing.stake": 0.5}).numbers["dependence.crossing.stake"] == 0.5


def test_the_checksum_of_the_file_is_part_of_that_of_the_scenario(tmp_path: Path) -> None:
    """Another file with the same numbers is another scenario; the document names the file and its checksum."""
    first = load(written(tmp_path))
    assert sha256(TABLE.encode()).hexdigest() in first.document["drivers"]["flood"]["series"]
    assert load(written(tmp_path)).sha256 == first.sha256
    other = load(written(tmp_path, table=TABLE.replace(",300,", ",301,")))
    assert other.numbers == first.numbers
    assert other.sha256 != first.sha256


def test_a_scenario_with_a_series_can_be_changed_and_extended(tmp_path: Path) -> None:
    """Settings and diffs see the numbers of the path; a diff can add rows with series of its own folder."""
    base = written(tmp_path)
    assert load(base, set={"drivers.flood.path.2030-06": 0.9}).numbers["drivers.flood.path.2030-06"] == 0.9
    with pytest.raises(ScenarioError, match="read from a file; set the numbers"):
        load(base, set={"drivers.flood.series": "x"})
    row = f'\n[drivers.gas]\nlabel = "Gas"\nreason = "r"\nassumption = true\n{SERIES}\n'
    (tmp_path / "case.toml").write_text(TEXT, encoding="utf-8")
    diff = written(tmp_path, f'extends = "case.toml"\n{row}', name="diff.toml")
    assert load(diff).numbers["drivers.gas.path.2030-06"] == 0.3 / 1.5


def test_a_sweep_keeps_the_numbers_and_not_the_file(tmp_path: Path) -> None:
    """A stored scenario is restored without its table."""
    scenario = load(written(tmp_path, CASE.replace("stake = 0.4\n", f"stake = {CELL}\n")))
    (tmp_path / "gas.csv").unlink()
    assert restored(stored(scenario)).sha256 == scenario.sha256


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("2030-06,300,0.3", "2030-06,300,0.3.1", "gas.csv:3:3: bcm: must be a number, not '0.3.1'"),
        ("2030-06,300,0.3", "2030-06,300,", "gas.csv:3:3: bcm: must be a number, not ''; leave out the row"),
        ("300,0.3", '300,"0,3"', "gas.csv:3:3: bcm: must be a number, not '0,3'; write a decimal point, not a comma"),
        (
            "300,0.3",
            '300,"147,123"',
            "gas.csv:3:3: bcm: must be a number, not '147,123'; write a decimal point, and no thousands separator",
        ),
        ("2030-06,300,0.3", "2030-06,300,nan", "gas.csv:3:3: bcm: must be a number, not 'nan'"),
        ("2030-06,300,0.3", "2030-06,300,1.6", "gas.csv:3:3: bcm: 1.6 is outside low to high, 0 to 1.5"),
        ("2030-06,300,0.3", "2030-06,300", "gas.csv:3:1: the row has 2 cells, and the table 3 columns"),
        ("2030-06", "2030-13", "gas.csv:3:1: month: invalid month '2030-13': use \"YYYY-MM\""),
        ("2030-06", "2030-6", "gas.csv:3:1: month: invalid month '2030-6': write \"2030-06\""),
        ("2030-06", "2029-06", "gas.csv:3:1: month: 2029-06 is not after 2030-01"),
        ("2030-06", "2030-01", "gas.csv:3:1: month: 2030-01 is not after 2030-01"),
        (
            "mcm,bcm",
            "mcm,bcms",
            "gas.csv:1:1: there is no column 'bcm' (read for drivers.flood.series of case.toml:48:",
        ),
        ("mcm,bcm", "bcm,bcm", "gas.csv:1:1: two columns are called 'bcm'"),
        ("2030-01,0,0", '2030-01,"0', "gas.csv:2:1: not a CSV table"),
    ],
)
def test_a_fault_of_the_table_has_its_line_and_column(tmp_path: Path, old: str, new: str, says: str) -> None:
    """Errors begin with the place in the CSV file; the scenario comes after it."""
    assert TABLE.count(old) == 1
    assert refusal(written(tmp_path, table=TABLE.replace(old, new))).startswith(says)


@pytest.mark.parametrize("mark", [";", "\t", "|"])
@pytest.mark.parametrize("quote", ["", '"'])
def test_a_table_with_another_separator_says_so(tmp_path: Path, mark: str, quote: str) -> None:
    """Columns that are not separated by commas are named as the fault, with quoted cells and without."""
    table = TABLE.replace(",", f"{quote}{mark}{quote}")
    table = "".join(f"{quote}{line}{quote}\n" for line in table.splitlines())
    said = refusal(written(tmp_path, table=table))
    assert said.startswith("gas.csv:1:1: ")
    assert f"; separate columns by commas, not by {mark!r} (read for drivers.flood.series" in said


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('"gas.csv"', '"gaz.csv"', "no such file: 'gaz.csv'; did you mean 'gas.csv'?"),
        ('"gas.csv"', '"../gas.csv"', "'../gas.csv' is not in the folder of the scenario"),
        ('"gas.csv"', '"/etc/gas.csv"', "'/etc/gas.csv' is not in the folder of the scenario"),
        ('"gas.csv"', '"case.toml"', "'case.toml' is not the name of a CSV file"),
        ("low = 0,", "low = 2,", "must be greater than low, 2"),
        (", high = 1.5", "", "missing key 'high'"),
        ('value = "bcm"', 'valeu = "bcm"', "unknown key 'valeu'; did you mean 'value'?"),
        ("high = 1.5", 'high = 1.5, at = "2030-06"', "'at' is only for a number of dependence"),
        (SERIES, SERIES + "\n" + SEASON, "has 'series' and a path or a season"),
        (SERIES, 'series = "gas.csv"', "must be a table, not 'gas.csv'"),
    ],
)
def test_a_fault_of_the_request_has_its_line_in_the_scenario(tmp_path: Path, old: str, new: str, says: str) -> None:
    """Wrong keys, scales and files are refused where the series is written, and nothing else is."""
    assert CASE.count(old) == 1
    shown = refusal(written(tmp_path, CASE.replace(old, new)))
    assert shown.startswith(f"case.toml:{LINE}:")
    assert says in shown
    assert len(command("check", tmp_path / "case.toml").err.splitlines()) == 1


def test_a_number_needs_its_month(tmp_path: Path) -> None:
    """`at` is needed, and must be in the table."""
    case = TEXT.replace("stake = 0.4\n", f"stake = {CELL}\n")
    assert "needs 'at'" in refusal(written(tmp_path, case.replace(', at = "2030-06"', "")))
    assert "has no row for 2030-07" in refusal(written(tmp_path, case.replace('at = "2030-06"', 'at = "2030-07"')))


def test_no_link_leads_out_of_the_folder(tmp_path: Path) -> None:
    """A link to a file elsewhere, or a folder that is a link, is refused; a link within the folder is not."""
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    (outside / "gas.csv").write_text(TABLE, encoding="utf-8")
    case = inside / "case.toml"
    case.write_text(CASE, encoding="utf-8")
    (inside / "gas.csv").symlink_to(outside / "gas.csv")
    assert "is not in the folder of the scenario" in refusal(case)
    (inside / "data").symlink_to(outside)
    case.write_text(CASE.replace('"gas.csv"', '"data/gas.csv"'), encoding="utf-8")
    assert "is not in the folder of the scenario" in refusal(case)
    (inside / "gas.csv").unlink()
    (inside / "own.csv").write_text(TABLE, encoding="utf-8")
    (inside / "gas.csv").symlink_to("own.csv")
    case.write_text(CASE, encoding="utf-8")
    assert load(case).numbers["drivers.flood.path.2031-01"] == 1.0


def test_only_regular_files_of_bounded_size_are_read(tmp_path: Path) -> None:
    """A pipe, a folder and a file of more than 1 MB are refused without being read."""
    case = written(tmp_path, table=b"#" * 1_000_001)
    assert "gas.csv: larger than 1 MB" in refusal(case)
    (tmp_path / "gas.csv").unlink()
    os.mkfifo(tmp_path / "gas.csv")
    assert "gas.csv: not a regular file" in refusal(case)
    (tmp_path / "gas.csv").unlink()
    (tmp_path / "gas.csv").mkdir()
    assert "gas.csv" in refusal(case)


def test_a_text_has_no_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A text or an upload reads no file, wherever the program runs."""
    written(tmp_path)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ScenarioError, match=rf"^case.toml:{LINE}:.*only a scenario file can have a series") as refused:
        loads(CASE, "case.toml")
    assert not refused.value.others


@pytest.mark.parametrize("extends", [False, True])
def test_the_file_of_a_series_is_never_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, extends: bool) -> None:
    """The CSV file of a series is an input: no output replaces it, even with --force, for a diff on the case too."""
    case = written(tmp_path, CASE.replace("gas.csv", "worlds.csv"))
    (tmp_path / "gas.csv").rename(tmp_path / "worlds.csv")
    diff = 'extends = "./case.toml"\nreason = "x"\nassumption = true\n[set]\n"theory.phi" = 1.0\n'
    (tmp_path / "diff.toml").write_text(diff)
    monkeypatch.chdir(tmp_path)
    asked = ["run", "diff.toml" if extends else case.name, "--worlds", 4, "--out", ".", "--force"]
    done = command(*asked)
    assert (done.code, done.out) == (2, "")
    assert "worlds.csv" in done.err
    assert (tmp_path / "worlds.csv").read_text() == TABLE
    assert command(*asked[:-2], "results").code == 0
