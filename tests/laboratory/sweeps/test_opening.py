"""A folder is read as it was written: its own design, and with a warning if another version made it."""

import json
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import realpolitik as rp
from realpolitik.files import write_whole
from realpolitik.scenario import shipped
from realpolitik.scenario.core import digest
from realpolitik.sweeps import designs
from realpolitik.sweeps.designs import Levels
from realpolitik.sweeps.discovery import discover
from realpolitik.sweeps.folder import Folder
from realpolitik.sweeps.opening import status_of
from realpolitik.sweeps.plan import restored, stored
from sweeping import SMALL, swept

VARY = {"theory.phi": (0.5, 2.0), "theory.weights": ["leverage", "capability"], "theory.patience": [1, 6]}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A sweep over a span, texts and numbers one by one."""
    return rp.sweep(SMALL, tmp_path_factory.mktemp("made") / "D", vary=VARY, points=120, worlds=8)


def test_a_column_that_is_none_is_no_damage(made):
    """A misspelt column is refused with the nearest name, in every form of the results."""
    name = made.columns[-1]
    assert list(made.frame([name]).columns) == [name]
    for read in (made.table, made.frame):
        with pytest.raises(ValueError, match=f"no column '{name}x'; did you mean '{name}'"):
            read([f"{name}x"])


@pytest.fixture
def restate(made, tmp_path):
    """Copy a sweep as another version would have made it; return the folder."""

    def restating(**versions):
        folder = Path(shutil.copytree(made.folder.path, tmp_path / "other"))
        document = json.loads((folder / "manifest.json").read_text())
        document["sweep"]["versions"].update(versions)
        document["sha256"] = digest(document["sweep"])
        (folder / "manifest.json").write_text(json.dumps(document))
        return folder

    return restating


def test_the_design_is_read_and_not_computed_again(made, monkeypatch):
    """Rows, points, boxes and arrays come from design.parquet: another SciPy may make other points of the same seed."""
    unit = made.plan.unit(0, made.plan.points)
    outcome = next(name for name in made.outcomes if made.points()[name].nunique() > 1)
    monkeypatch.setitem(designs.DESIGNS, "sobol", lambda *_: pytest.fail("computed again"))
    opened = rp.open_sweep(made.folder.path)
    pairs = zip(made.plan.factors, unit.T, strict=True)
    expected = [one.index(u) if isinstance(one, Levels) else one.values(u) for one, u in pairs]
    np.testing.assert_array_equal(opened.positions(), np.column_stack(expected))
    frame = opened.frame()
    for row in (0, 17, 959):
        values = opened.place(row).values
        assert values == {path: frame.at[row, path] for path in VARY}
        opened.explain(row, flips=False)
    assert opened.points()["theory.phi"].tolist() == expected[0].tolist()
    opened.to_xarray()
    discover(opened, outcome)


def test_a_damaged_design_is_not_used(made, tmp_path):
    """A design with another sum is refused, with what to do."""
    folder = Path(shutil.copytree(made.folder.path, tmp_path / "D"))
    content = bytearray((folder / "design.parquet").read_bytes())
    content[len(content) // 2] ^= 1
    (folder / "design.parquet").write_bytes(content)
    opened = rp.open_sweep(folder)
    for read in (opened.points, opened.positions, opened.to_xarray, lambda: opened.row(3)):
        with pytest.raises(ValueError, match=r"design.parquet is not as it was written; give the command"):
            read()


def test_another_version_is_reported(restate, made):
    """A sweep by another release is read with a warning; its state and the status say the difference."""
    folder = restate(realpolitik="0.0.9")
    with pytest.warns(UserWarning, match=r"was made with realpolitik 0.0.9, here .*: its tables are as they were"):
        opened = rp.open_sweep(folder)
    pd.testing.assert_frame_equal(opened.frame(), made.frame())
    assert opened.row(3)[1:] == made.row(3)[1:]
    status = status_of(opened)
    assert status["differs"]["realpolitik"][0] == "0.0.9"
    assert "realpolitik 0.0.9" in status["caution"]
    assert status_of(made)["caution"] == ""


def test_rows_of_other_equations_are_not_replayed(restate):
    """With other equations the tables are read, and a row is not shown as a world that it was not."""
    with pytest.warns(UserWarning, match="its rows cannot be replayed here"):
        opened = rp.open_sweep(restate(equations="0123456789abcdef"))
    assert len(opened.frame()) == 960
    with pytest.raises(ValueError, match=r"equations 0123456789abcdef, here .*; use that version, or sweep again"):
        opened.row(3)
    with pytest.raises(ValueError, match="cannot be replayed here"):
        opened.explain(3)


def test_other_libraries_are_reported_by_the_status_only(restate, recwarn):
    """What only decides bytes still to be made is no reason to warn a reader."""
    opened = rp.open_sweep(restate(scipy="1.0"))
    assert not recwarn.list
    assert status_of(opened)["differs"]["scipy"][0] == "1.0"


@pytest.mark.parametrize("name", [one.name for one in shipped()])
def test_what_a_manifest_keeps_is_the_whole_scenario(name):
    """Every shipped scenario comes back from JSON as the very one that was stored."""
    kept = json.loads(json.dumps(stored(rp.load(name))))
    assert restored(kept).sha256 == rp.load(name).sha256


def test_files_have_the_permissions_that_the_umask_allows(tmp_path):
    """Under umask 077 nobody else reads a sweep; under 022 everybody may."""
    for umask, mode in ((0o077, 0o600), (0o022, 0o644)):
        before = os.umask(umask)
        try:
            swept(tmp_path / str(umask))
        finally:
            os.umask(before)
        files = [path for path in (tmp_path / str(umask)).rglob("*") if path.is_file()]
        assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {mode}


def test_a_system_without_fcntl_can_sweep(tmp_path):
    """Where there is no `fcntl`, as on Windows, a sweep locks its folder with what that system has."""
    code = f"""
import asyncio, subprocess, sys, types
sys.modules["fcntl"] = None
held = []
sys.modules["msvcrt"] = types.SimpleNamespace(LK_NBLCK=2, locking=lambda handle, mode, count: held.append(count))
import realpolitik.sweeps.folder as folder
sys.platform = "win32"
with folder.Folder({str(tmp_path)!r}).locked():
    pass
print(held)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == "[1]\n", done.stderr


def test_every_writer_flushes_the_file_and_then_its_folder(tmp_path, monkeypatch):
    """Files of sweeps and all others reach the disk before they have their name, and the name after that."""
    flushed = []
    monkeypatch.setattr("realpolitik.files.flush", lambda path, _: flushed.append((path, (tmp_path / "file").exists())))
    write_whole(tmp_path / "file", b"content")
    (tmp_path / "file").unlink()
    Folder(tmp_path).write("file", b"content")
    assert [path for path, _ in flushed[1::2]] == [tmp_path] * 2
    assert [named for _, named in flushed] == [False, True] * 2


def test_a_file_is_no_folder_for_whatever_is_written(tmp_path):
    """`validate` keeps its results in such a folder too, so the message does not say that a sweep was asked for."""
    (tmp_path / "mine.txt").write_text("mine")
    for path in (tmp_path / "mine.txt", tmp_path / "mine.txt" / "D"):
        with pytest.raises(NotADirectoryError, match=rf"^cannot write into .{path}.: mine.txt is a file, not"):
            Folder(path).check()
    with pytest.raises(NotADirectoryError, match=r"mine.txt is a file, not a folder$"):
        Folder(tmp_path / "mine.txt").make()
