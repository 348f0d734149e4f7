"""Dependence rows from tables: shares and what others could add, exact, in any order, with every bad cell located."""

import json
import random
import time
import tomllib
from pathlib import Path
from typing import Any

import pytest

import realpolitik as rp
from commanding import command
from realpolitik.scenario.sources import read

HEAD = "dependent,provider,channel,period,value,unit,source"
ROWS = ["A,B,gas,2023,30,bcm,s", "A,C,gas,2023,20,bcm,s"]


def table(folder: Path, *rows: str, head: str = HEAD, end: str = "\n") -> str:
    """Write a table; return its path."""
    file = folder / "flows.csv"
    file.write_text(end.join([head, *rows, ""]), encoding="utf-8", newline="")
    return str(file)


def rows_of(found: rp.Derivation) -> dict[str, Any]:
    """The rows as a TOML reader finds them."""
    rows: dict[str, Any] = tomllib.loads(found.toml())["dependence"]
    return rows


def ends(number: Any) -> tuple[float, float, float]:
    """Value, low and high of a number with or without a range."""
    return tuple(number[key] for key in ("value", "low", "high")) if isinstance(number, dict) else (number,) * 3


def test_a_stake_is_a_share_and_alternatives_what_others_add(tmp_path: Path) -> None:
    """B has 30 of 50; C, with a capacity of 35, could add 15 of 30; D could add all that it has not sold yet."""
    head = f"{HEAD},capacity"
    file = table(tmp_path, "A,B,gas,2023,30,bcm,s,", "A,C,gas,2023,20,bcm,s,35", "A,D,gas,2023,0,bcm,s,3", head=head)
    rows = rows_of(rp.derive(file))
    assert ends(rows["gas_a_b"]["stake"]) == (0.6, 0.6, 0.6)
    assert ends(rows["gas_a_b"]["alternatives"]) == (0.6, 0.6, 0.6)
    assert ends(rows["gas_a_c"]["alternatives"]) == (0.45, 0.15, 0.75)
    assert "gas_a_d" not in rows


def test_ranges_are_over_periods(tmp_path: Path) -> None:
    """Value is that of the last period or the one asked for; the range is from the lowest to the highest."""
    file = table(tmp_path, "A,B,gas,2021,10,bcm,s", "A,B,gas,2022,10,bcm,s", "A,C,gas,2022,10,bcm,s", *ROWS)
    assert ends(rows_of(rp.derive(file))["gas_a_b"]["stake"]) == (0.6, 0.5, 1.0)
    early = rp.derive(file, period="2021")
    assert ends(rows_of(early)["gas_a_b"]["stake"]) == (1.0, 0.5, 1.0)
    assert early.left_out == ["No row for A and C: no gas in 2021."]


def test_own_production_counts_and_depends_on_nobody(tmp_path: Path) -> None:
    """A row whose provider is the dependent adds to the total and to the alternatives; it gives no row."""
    rows = rows_of(rp.derive(table(tmp_path, *ROWS, "A,A,gas,2023,50,bcm,s")))
    assert set(rows) == {"gas_a_b", "gas_a_c"}
    assert ends(rows["gas_a_b"]["stake"]) == (0.3, 0.3, 0.3)
    assert ends(rows["gas_a_b"]["alternatives"]) == (0.4667, 0.0, 0.9333)


def test_a_single_source_cannot_be_replaced(tmp_path: Path) -> None:
    """A single provider has a stake of the whole weight and no alternatives; its concentration is 1."""
    found = rp.derive(table(tmp_path, "A,B,gas,2023-01,30,bcm,s"), weights={"gas": 2.5}, claims=["C1"])
    (row,) = rows_of(found).values()
    assert (row["stake"], row["alternatives"], row["claims"]) == (2.5, 0.0, ["C1"])
    assert "assumption" not in row
    assert found.rows[0].concentration == 1.0


def test_decimals_are_exact(tmp_path: Path) -> None:
    """Flows are added as decimals: what is left of a total is not a rounding error."""
    head = f"{HEAD},capacity"
    rows = [f"A,S{n},gas,2023,0.1,bcm,s,0.1" for n in range(10)]
    found = rp.derive(table(tmp_path, *rows, "A,B,gas,2023,1e-14,bcm,s,", head=head), providers=["B"])
    assert ends(rows_of(found)["gas_a_b"]["alternatives"]) == (0.0, 0.0, 0.0)


def test_the_order_of_rows_changes_no_number(tmp_path: Path) -> None:
    """Shuffled rows give the same rows; the same table gives the same bytes."""
    rng = random.Random(1)
    rows = [
        f"{i},{j},{c},{y},{rng.randint(0, 99) / 10},t,s"
        for i in "AB"
        for j in "CDE"
        for c in ("oil", "gas")
        for y in (2020, 2021, 2022)
    ]
    first = rp.derive(table(tmp_path, *rows))
    assert rp.derive(table(tmp_path, *rows)).toml() == first.toml()
    rng.shuffle(rows)
    assert rows_of(rp.derive(table(tmp_path, *rows, end="\r\n"))) == rows_of(first)


def test_the_rows_are_valid_in_a_scenario(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pasted into a case, rows with quotes, letters of any script and equal ids are read as they were written."""
    monkeypatch.chdir(tmp_path)
    assert command("new", "my-case").code == 0
    rows = ['Patron,Host,"the ""new"" gas \\ é",2023,30,млн т,"Ü, 2024"', "Patron,Host,Ω,2023,5,t,s"]
    found = rp.derive(table(tmp_path, *rows, "Patron,Host,Ψ,2023,5,t,s"))
    case = Path("my-case.toml").read_text(encoding="utf-8") + found.toml()
    document = rp.loads(case).document["dependence"]
    assert [row.id for row in found.rows] == ["the_new_gas_e_patron_host", "patron_host", "patron_host_2"]
    for row in found.rows:
        there = document[row.id]
        assert (there["channel"], there["stake"], there["reason"]) == (row.channel, row.stake.value, row.reason)


@pytest.mark.parametrize(
    ("rows", "head", "says"),
    [
        ([], HEAD, ":1:1: the table has no rows"),
        (ROWS, HEAD.replace("value", "amount"), ":1:5: unknown column 'amount'"),
        (ROWS, HEAD.replace(",unit", ""), ":1:1: there is no column 'unit'"),
        (ROWS, HEAD + ",value", ":1:8: two columns are called 'value'"),
        (ROWS, HEAD.replace(",", ";"), "separate columns by commas, not by ';'"),
        (ROWS, f'"{HEAD}"'.replace(",", '";"'), "; separate columns by commas, not by ';'"),
        (["A,B,gas,2023,30,bcm"], HEAD, ":2:1: the row has 6 cells, and the table 7 columns"),
        ([*ROWS, "", "A,D,gas,2023,x,bcm,s"], HEAD, ":5:5: value: must be a number of 0 or more, not 'x'"),
        (['A,B,gas,2023,"1,5",bcm,s'], HEAD, ":2:5: value: must be a number of 0 or more, not '1,5'; write a decimal"),
        (["A,B,gas,2023,-1,bcm,s"], HEAD, ":2:5: value: must be a number of 0 or more, not '-1'"),
        (["A,B,gas,2023,nan,bcm,s"], HEAD, ":2:5: value: must be a number of 0 or more, not 'nan'"),
        (["A,B,gas,2023,1e99,bcm,s"], HEAD, ":2:5: value: must be at most 1e+15, not '1e99'"),
        (["A,B,gas,2023,,bcm,s"], HEAD, ":2:5: value: must be a number of 0 or more, not ''"),
        (["A,B,gas,2023-13,1,bcm,s"], HEAD, ":2:4: period: invalid period '2023-13': use a year"),
        (["A,B,gas,23,1,bcm,s"], HEAD, ":2:4: period: invalid period '23': use a year"),
        (["A,B,gas,2023-1,1,bcm,s"], HEAD, ":2:4: period: invalid period '2023-1': write \"2023-01\""),
        (["A,B,,2023,1,bcm,s"], HEAD, ":2:3: channel: must be 1 to 100 characters, not 0"),
        (["A,B,gas,2023,1,bcm," + "s" * 201], HEAD, ":2:7: source: must be 1 to 200 characters, not 201"),
        (["A,B,g\u202eas,2023,1,bcm,s"], HEAD, ":2:3: channel: contains the control character U+202E"),
        (['A,B,"g\nas",2023,1,bcm,s'], HEAD, ":2:3: channel: must be one line, without tabs"),
        (['A,B,"gas,2023,1,bcm,s'], HEAD, ":2:1: not a CSV table"),
        (["A,B,gas,2023,3,bcm,s,2"], HEAD + ",capacity", ":2:8: capacity: 2 is less than the value, 3"),
        (["A,B,gas,2023,3,bcm,s,x"], HEAD + ",capacity", ":2:8: capacity: must be a number of 0 or more, not 'x'"),
        ([*ROWS, ROWS[0]], HEAD, ":4:1: line 2 has this dependent, provider, channel and period too"),
        ([*ROWS, "A,D,gas,2022,1,t,s"], HEAD, ":4:6: unit: gas of A is in 'bcm' in line 2, and in 't' here"),
        ([*ROWS, "A,D,gas,2022-01,1,bcm,s"], HEAD, ":4:4: period: gas of A has '2023' in line 2, and '2022-01' here"),
        (["A,Rest of world,gas,2023,1,bcm,s"], HEAD, ":2:2: provider: invalid id 'Rest of world'"),
        (["1,B,gas,2023,1,bcm,s"], HEAD, ":2:1: dependent: invalid id '1'"),
        (["A,B,gas,2023,0,bcm,s"], HEAD, "gives no dependence row. No row for A and B: no gas in any period."),
        (["A,A,gas,2023,1,bcm,s"], HEAD, "gives no dependence row"),
    ],
)
def test_a_bad_cell_is_located(rows: list[str], head: str, says: str, tmp_path: Path) -> None:
    """Every invalid header, cell and combination ends with exit code 2 and one line: file, line, column, problem."""
    done = command("derive", table(tmp_path, *rows, head=head))
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert says in done.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("--period 2022", "has no period '2022'; did you mean '2023'?"),
        ("--provider Bb", "has no provider 'Bb'; did you mean 'B'?"),
        ("--dependent B", "has no dependent 'B'"),
        ("--weight oil=2", "has no channel 'oil'"),
        ("--weight gas=10.5", "the weight of gas must be 0 to 10, not 10.5"),
        ("--weight gas", "'gas' is not CHANNEL=NUMBER"),
        ("--weight gas=nan", "'gas=nan' is not CHANNEL=NUMBER"),
        ("--slack -0.1", "slack must be 0 to 10, not -0.1"),
        ("--slack nan", "slack must be 0 to 10, not nan"),
        ("--claim 1x", "invalid id '1x'"),
    ],
)
def test_bad_parameters_are_one_line(arguments: str, says: str, tmp_path: Path) -> None:
    """An unknown name or a number out of range ends with exit code 2 and one line."""
    done = command("derive", table(tmp_path, *ROWS), *arguments.split())
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert says in done.err


def test_names_of_sources_without_a_row_are_free(tmp_path: Path) -> None:
    """A provider for which no row is asked may have any name, and still counts."""
    file = table(tmp_path, *ROWS, "A,Rest of world,gas,2023,50,bcm,s")
    rows = rows_of(rp.derive(file, providers=["B"]))
    assert ends(rows["gas_a_b"]["stake"])[0] == 0.3


def test_large_tables_are_bounded(tmp_path: Path) -> None:
    """A table of the largest size is read in seconds; one that is larger is refused."""
    line = "A,P{},gas,2023,1,t,s"
    rows = [line.format(n) for n in range(1_000_000 // 24)]
    file = table(tmp_path, *rows)
    start = time.monotonic()
    assert len(rp.derive(file, providers=["P7"]).rows) == 1
    assert time.monotonic() - start < 20
    with pytest.raises(ValueError, match="at most 2,000 are allowed: choose providers"):
        rp.derive(file)
    done = command("derive", table(tmp_path, *rows, *rows))
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "larger than 1 MB" in done.err


def test_only_regular_files_are_read(tmp_path: Path) -> None:
    """A folder, a missing file and bytes that are not UTF-8 are refused in one line."""
    (tmp_path / "latin.csv").write_bytes(f"{HEAD}\nA,B,g\xe9s,2023,1,t,s\n".encode("latin-1"))
    for name, says in (
        ("", "not a regular file"),
        ("none.csv", "No such file"),
        ("latin.csv", ":2:6: not valid UTF-8"),
    ):
        done = command("derive", tmp_path / name)
        assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
        assert says in done.err


def test_a_table_of_a_spreadsheet_is_read(tmp_path: Path) -> None:
    """A byte-order mark, blank lines and blanks around cells do not count."""
    file = table(tmp_path, " A , B ,gas, 2023 , 30 ,bcm,s", ",,,,,,", head="\ufeff" + HEAD, end="\r\n")
    assert set(rows_of(rp.derive(file))) == {"gas_a_b"}


def test_rows_are_written_and_not_over_other_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--out` writes what is printed otherwise, with a seal; an edited file is replaced only with --force."""
    monkeypatch.chdir(tmp_path)
    file = table(tmp_path, *ROWS)
    printed = command("derive", file).out
    for _ in range(2):
        done = command("derive", file, "--out", "rows.toml")
        assert (done.code, done.err) == (0, "")
        assert "2 dependence rows" in done.out
    written = read(Path("rows.toml"), "rows.toml")
    assert written.startswith(printed)
    Path("rows.toml").write_text(written + "# mine\n", encoding="utf-8")
    assert command("derive", file, "--out", "rows.toml").code == 2
    assert command("derive", file, "--out", "rows.toml", "--force").code == 0


def test_json_has_the_numbers_of_every_period(tmp_path: Path) -> None:
    """`--json` is one document with the rows and the flows that they were computed from."""
    found = json.loads(command("derive", table(tmp_path, *ROWS), "--json").stdout)
    row = found["rows"]["gas_a_b"]
    assert row["stake"] == {"value": 0.6, "low": 0.6, "high": 0.6}
    assert row["periods"] == {"2023": {"flow": 30.0, "total": 50.0, "spare": 0.0, "unknown": 20.0}}
    assert (row["period"], row["unit"], row["sources"]) == ("2023", "bcm", ["s"])
