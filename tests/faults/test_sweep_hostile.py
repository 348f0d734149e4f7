"""A sweep folder from anyone: special files, files of any size and plans that nobody could have made are refused."""

import contextlib
import json
import os
import random
import shutil
import signal
import socket
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import realpolitik as rp
from realpolitik.scenario.core import digest
from realpolitik.sweeps.folder import sum_of
from realpolitik.sweeps.opening import status_of
from realpolitik.sweeps.plan import MOST_MANIFEST_BYTES
from sweeping import command, sums, swept

PART = "results/part-000003.parquet"
FILES = ["manifest.json", "SHA256SUMS", ".lock", "design.parquet", PART]
HUGE = 2**40


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A finished sweep, to be copied and changed."""
    folder = tmp_path_factory.mktemp("whole") / "D"
    swept(folder, vary={"theory.phi": (0.5, 2.0), "theory.weights": ["leverage", "capability"]})
    return folder


@pytest.fixture
def changed(tmp_path, whole):
    """A copy of it."""
    return Path(shutil.copytree(whole, tmp_path / "D"))


@pytest.fixture(autouse=True)
def _promptly():
    """Fail a test that waits for a pipe or reads without end."""

    def late(*_):
        raise AssertionError("it hangs")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(60)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def pipe(path: Path) -> None:
    """Put a named pipe there."""
    os.mkfifo(path)


def device(path: Path) -> None:
    """Put a device there that never ends."""
    try:
        os.mknod(path, 0o600 | 0o020000, os.makedev(1, 5))
        path.open("rb").close()
    except PermissionError:
        pytest.skip("making a device needs root")


def link(path: Path) -> None:
    """Put a link to such a device there."""
    path.symlink_to("/dev/zero")


def listener(path: Path) -> None:
    """Put a socket there."""
    with socket.socket(socket.AF_UNIX) as end, contextlib.chdir(path.parent):
        end.bind(path.name)


def sparse(path: Path) -> None:
    """Put a file there that seems to hold a terabyte."""
    with path.open("wb") as file:
        file.truncate(HUGE)


def folder(path: Path) -> None:
    """Put a folder there."""
    path.mkdir()


def read_all(place: Path) -> None:
    """Read everything that can be read of a folder."""
    opened = rp.open_sweep(place)
    reads = (
        lambda: status_of(opened),
        opened.frame,
        opened.dataset,
        opened.points,
        opened.positions,
        opened.to_xarray,
        lambda: opened.row(17),
    )
    for read in reads:
        with contextlib.suppress(ValueError, OSError, RuntimeError):
            read()


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("special", [pipe, device, link, listener, sparse, folder])
def test_a_special_file_is_neither_waited_for_nor_read(changed, whole, name, special):
    """A pipe, device, link, socket, folder or endless file in any place is refused or repaired, at once."""
    expected = sums(whole)
    (changed / name).unlink()
    special(changed / name)
    with contextlib.suppress(ValueError):
        read_all(changed)
    with contextlib.suppress(ValueError, OSError):
        swept(changed, vary={"theory.phi": (0.5, 2.0), "theory.weights": ["leverage", "capability"]})
        assert sums(changed) == expected


def test_a_file_is_not_the_folder_of_a_sweep(tmp_path):
    """A file given for a folder is called what it is not."""
    (tmp_path / "case.toml").write_text("")
    with pytest.raises(ValueError, match=r"case.toml is not the folder of a sweep"):
        rp.open_sweep(tmp_path / "case.toml")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("manifest.json", r"manifest.json is damaged: .* is not a regular file"),
        ("SHA256SUMS", r"SHA256SUMS is not a regular file"),
        (".lock", r"\.lock is not a regular file"),
    ],
)
def test_a_pipe_is_named(changed, name, says):
    """The file that is none is named."""
    (changed / name).unlink()
    pipe(changed / name)
    with pytest.raises(ValueError, match=says):
        status_of(rp.open_sweep(changed))


def test_a_pipe_for_a_chunk_or_the_design_is_named(changed):
    """A chunk that is a pipe counts as damaged, and is not read; the same of the design."""
    for name in (PART, "design.parquet"):
        (changed / name).unlink()
        pipe(changed / name)
    opened = rp.open_sweep(changed)
    assert opened.verify() == ["design.parquet", PART]
    with pytest.raises(ValueError, match=r"part-000003.parquet is not a regular file"):
        opened.frame()
    with pytest.raises(ValueError, match=r"design.parquet is not as it was written"):
        opened.row(1)


def restated(place: Path, change) -> None:
    """Change what a manifest states and update its checksum."""
    document = json.loads((place / "manifest.json").read_text())
    document["sweep"] = change(document["sweep"]) or document["sweep"]
    document["sha256"] = digest(document["sweep"])
    (place / "manifest.json").write_text(json.dumps(document))


def setting(path: str, value):
    """Make a change of one value."""

    def change(stated):
        *tables, key = path.split(".")
        for table in tables:
            stated = stated[int(table) if isinstance(stated, list) else table]
        stated[key] = value

    return change


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        ("format", 2, "not of format 1"),
        ("design.chunk", 0, "chunk must be 1 to"),
        ("design.points", -1, "points must be 1 to"),
        ("design.points", 10**30, "points must be 1 to"),
        ("design.points", 30.0, "design.points"),
        ("design.worlds", True, "design.worlds"),
        ("design.keep", "all", "design.keep"),
        ("design.kind", "sobel", "design.kind"),
        ("design.points", 2, "a sobol design of 2 factors needs 4 points"),
        ("design.factors", [], "design.factors"),
        ("design.factors", [{"path": "theory.phi", "low": 1, "high": 1}], "not a span"),
        ("design.factors", [{"path": "theory.phi", "low": 0, "high": 1}] * 2, "varied twice"),
        ("design.factors", [{"path": "theory.phj", "low": 0, "high": 1}], "theory.phj is not a number"),
        ("design.factors", [{"path": "theory.phi", "levels": [1, 1]}], "each once"),
        ("design.factors", [{"path": "theory.phi", "levels": [1, "a"]}], "all numbers or all texts"),
        ("seed", -1, "seed must be"),
        ("versions", {"numpy": 2}, "versions.numpy"),
        ("scenario.name", "\ud800", "."),
        ("scenario.document.theory.phi", 1.25, "not the one that its sha256 names"),
        ("scenario.document.theory", {}, "."),
        ("scenario.document", {}, "."),
        ("scenario.forks", [["2020-01", {"theory.phj": 1.0}]], "."),
        ("scenario.sha256", 1, "scenario.sha256"),
        ("extra", 1, "extra"),
    ],
)
def test_a_plan_read_is_checked_like_a_plan_made(changed, path, value, says):
    """What no sweep could have is refused although its checksum matches, and nothing in the folder is written over."""
    restated(changed, setting(path, value))
    before = (changed / "manifest.json").read_bytes()
    with pytest.raises(ValueError, match=f"states no sweep that can be read here: .*{says}"):
        rp.open_sweep(changed)
    with pytest.raises(ValueError, match="states no sweep"):
        swept(changed)
    assert (changed / "manifest.json").read_bytes() == before


def test_millions_of_chunks_take_no_memory(changed):
    """A plan of 20 million chunks of one world is refused before anything is held for each of them."""
    restated(changed, lambda stated: stated["design"].update(points=20_000_000, worlds=1, chunk=1))
    tracemalloc.start()
    with pytest.raises(ValueError, match="too large"):
        rp.open_sweep(changed)
    assert tracemalloc.get_traced_memory()[1] < 50e6
    tracemalloc.stop()


@pytest.mark.parametrize(
    "content", [b"[" + b"{}," * (MOST_MANIFEST_BYTES // 3 - 1) + b"{}]", b" " * (MOST_MANIFEST_BYTES + 1)]
)
def test_a_manifest_that_grows_in_memory_is_not_parsed(changed, content):
    """Millions of empty tables are refused by their number, other content by its size."""
    (changed / "manifest.json").write_bytes(content)
    start = time.monotonic()
    with pytest.raises(ValueError, match=r"manifest.json is damaged"):
        rp.open_sweep(changed)
    assert time.monotonic() - start < 1


def test_any_change_of_a_stated_plan_is_read_or_refused(changed):
    """Whatever values are exchanged in a manifest whose checksum matches, it is read or refused with a ValueError."""
    chance = random.Random(1)
    strange = [None, True, -1, 0, 1, 2**70, 1e300, "", "theory.phi", [], {}, [[]], {"": {}}, "2020-13"]
    original = (changed / "manifest.json").read_text()
    for _ in range(150):
        (changed / "manifest.json").write_text(original)
        restated(changed, lambda stated: exchange(stated, chance, strange))
        with contextlib.suppress(ValueError):
            status_of(rp.open_sweep(changed, notice=str), verify=False)


def exchange(stated, chance, strange) -> None:
    """Put something strange in one place of a document, chosen by a walk from its top."""
    node = stated
    while True:
        keys = list(node) if isinstance(node, dict) else range(len(node))
        key = chance.choice(keys)
        inner = node[key]
        if not isinstance(inner, dict | list) or not inner or chance.random() < 0.15:
            node[key] = chance.choice(strange)
            return
        node = inner


def checksum(place: Path, name: str) -> None:
    """Update the checksum of a file."""
    lines = (place / "SHA256SUMS").read_text().splitlines()
    kept = [line for line in lines if not line.endswith(name)]
    (place / "SHA256SUMS").write_text("\n".join([*kept, f"{sum_of(place / name)}  {name}", ""]))


def test_a_chunk_that_states_other_rows_is_not_decoded(changed):
    """A few kilobytes that state a hundred million rows are refused by their number, with a checksum that matches."""
    path = changed / PART
    schema = pq.read_schema(path)
    run = pa.array(np.zeros(10**6, np.int64))
    with pq.ParquetWriter(path, pa.schema([("row", pa.int64())], metadata=schema.metadata)) as writer:
        for _ in range(100):
            writer.write_table(pa.table({"row": run}, schema=writer.schema), row_group_size=10**6)
    checksum(changed, PART)
    opened = rp.open_sweep(changed)
    assert opened.verify() == []
    for read in (opened.frame, opened.points, opened.to_xarray):
        with pytest.raises(ValueError, match="100,000,000 rows, not 128"):
            read()


def test_values_that_the_sweep_does_not_have_are_not_replayed(changed):
    """A design with another value than the plan allows is refused, with a checksum that matches."""
    path = changed / "design.parquet"
    table = pq.read_table(path)
    for name, value in (("theory.phi", 1e300), ("theory.weights", "placebo")):
        column = pa.array([value] * table.num_rows)
        pq.write_table(table.set_column(table.column_names.index(name), name, column), path)
        checksum(changed, "design.parquet")
        with pytest.raises(ValueError, match=rf"is not of this sweep: {name} is"):
            rp.open_sweep(changed).row(1)
    with pytest.raises(ValueError, match="is not of this sweep"):
        rp.open_sweep(changed).positions()


@pytest.mark.faults
@pytest.mark.parametrize("name", ["manifest.json", "SHA256SUMS", ".lock"])
def test_a_special_file_on_the_command_line(changed, name):
    """`sweep --status` ends with code 2 and one line."""
    (changed / name).unlink()
    pipe(changed / name)
    refused = command("sweep", "--status", str(changed))
    assert refused.returncode == 2
    assert refused.stderr.startswith("realpolitik: ")
    assert refused.stderr.count("\n") == 1
