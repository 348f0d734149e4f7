"""Results: JSON always, tables that a spreadsheet reads without running anything, numbers of any library."""

import csv
import io
import json

import numpy as np
import pytest
from click.testing import CliRunner

import realpolitik as rp
from realpolitik import results
from realpolitik.cli import cli
from realpolitik.files import write_results
from realpolitik.frames import csv_of
from sweeping import SMALL

RARE = """
[outcomes.rough]
label = "A dear crossing"
when = { toll = { above = 0.95 } }
measure = "Upland>Lowland"
"""
SEED = 2
"""With it the outcome does not happen in the first world."""
FORMULAS = [
    '=HYPERLINK("http://example.org";"here")',
    "+1+1",
    "-1",
    "@SUM(A1)",
    "  =1+1",
    "\uff1d1+1",
    "Moscow;=1+1",
    "a; -1",
]


def rows_of(text):
    """Read CSV as a spreadsheet does."""
    return list(csv.reader(text.splitlines()))


def test_an_outcome_beyond_the_worlds_kept_has_no_quantiles(monkeypatch, tmp_path):
    """Its mean is over all worlds; its quantiles are null where no world kept has it, and every output is written."""
    scenario = rp.loads(SMALL.read_text() + RARE)
    kept = rp.run(scenario, worlds=200, seed=SEED).kept
    start = int(np.flatnonzero(kept.first[:, -1] >= 0)[0])
    assert start > 0
    monkeypatch.setattr(results, "KEPT", start)
    ensemble = rp.run(scenario, worlds=200, seed=SEED)
    row = json.loads(json.dumps(ensemble.to_dict(), allow_nan=False))["outcomes"]["rough"]
    assert row["mean"] > 0
    assert row["p10"] is row["median"] is row["p90"] is None
    write_results(ensemble, str(tmp_path / "R"))
    assert sorted(file.name for file in (tmp_path / "R").iterdir()) == ["outcomes.csv", "result.json", "worlds.csv"]
    file = tmp_path / "rough.toml"
    file.write_text(SMALL.read_text() + RARE)
    for given in ([], ["--json"]):
        assert (
            CliRunner().invoke(cli, ["run", str(file), "--worlds", "200", "--seed", str(SEED), *given]).exit_code == 0
        )


def test_the_table_of_worlds_has_the_same_columns_whatever_happens():
    """The measure of an outcome that happened in no world has its column, without values."""
    scenario = rp.loads(SMALL.read_text() + RARE.replace("0.95", "0.9999"))
    table = rp.run(scenario, worlds=4).worlds_frame()
    assert table["rough.measure"].isna().all()


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_is_a_formula(text, tmp_path):
    """A label that a spreadsheet would take for a formula is shown as text; nothing of it is lost."""
    scenario = rp.loads(SMALL.read_text().replace('"It is sold"', json.dumps(text, ensure_ascii=False)))
    write_results(rp.run(scenario, worlds=4), str(tmp_path))
    head, *rows = rows_of((tmp_path / "outcomes.csv").read_text())
    cell = next(row for row in rows if row[0] == "sale")[head.index("label")]
    for part in cell.split(";"):
        assert part.strip()[0] not in "=+-@\uff1d"
    assert cell.replace("'", "") == text


def test_tabs_returns_and_heads_are_inert_and_numbers_stay_numbers():
    """Index, heads and cells are all made inert, and a negative number is still one."""
    import pandas as pd

    frame = pd.DataFrame({"=a": [-1.5, 2.0], "b": ["\t=1", "\r=1"], "c": [-1, None]}, index=["-x", "y"])
    head, first, second = csv.reader(io.StringIO(csv_of(frame), newline=""))
    assert head == ["", "'=a", "b", "c"]
    assert first[:2] == ["'-x", "-1.5"]
    assert float(first[3]) == -1
    assert first[2][0] == second[2][0] == "'"
