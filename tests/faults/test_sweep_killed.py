"""A sweep that is killed loses nothing: resumed, its data files are those of an undisturbed run, to the byte."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from realpolitik.costs import cores
from realpolitik.sweeps.driver import AHEAD
from sweeping import (
    LIMIT,
    MAIN,
    arguments,
    command,
    ended,
    is_paused,
    leftovers,
    paused,
    pausing,
    results,
    started,
    sums,
)

KILLS = int(os.environ.get("REALPOLITIK_KILLS", "3"))
PLACES = ("after the temporary file", "after the rename", "within the line of the checksum")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The sums of the data files of a run that nothing disturbed."""
    folder = tmp_path_factory.mktemp("undisturbed") / "D"
    done = command(*arguments(folder))
    assert done.returncode == 0, done.stderr
    return sums(folder)


def test_killed_at_random_moments(tmp_path, undisturbed):
    """SIGKILL at random moments, resumed each time: same bytes, and no finished chunk is computed again.

    Each life of the sweep may keep a few chunks and then waits to be killed, so that it cannot finish first.
    """
    folder, chance = tmp_path / "D", random.Random(os.getpid())
    most = max(1, 60 // KILLS)
    for _ in range(KILLS):
        before = {file.name: file.stat().st_mtime_ns for file in trusted(folder)}
        process, moment = pausing(most, *arguments(folder)), chance.randint(0, most)
        there = len(results(folder))
        while len(results(folder)) < there + moment and not is_paused(process):
            assert process.poll() is None, process.communicate()[1]
            time.sleep(0.002)
        time.sleep(chance.uniform(0, 0.05))
        process.kill()
        process.communicate()
        assert process.returncode == -signal.SIGKILL
        assert before.items() <= {file.name: file.stat().st_mtime_ns for file in results(folder)}.items()
    kept = {file.name: file.stat().st_mtime_ns for file in trusted(folder)}
    assert command(*arguments(folder)).returncode == 0
    assert kept.items() <= {file.name: file.stat().st_mtime_ns for file in results(folder)}.items()
    assert sums(folder) == undisturbed
    assert leftovers(folder) == []


def trusted(folder: Path) -> list[Path]:
    """List the finished chunks that have a checksum."""
    listed = (folder / "SHA256SUMS").read_text() if (folder / "SHA256SUMS").exists() else ""
    return [file for file in results(folder) if file.name in listed]


@pytest.mark.faults
@pytest.mark.parametrize("place", PLACES)
def test_killed_inside_the_write(tmp_path, undisturbed, place):
    """Killed between any two steps of keeping a chunk, a sweep resumes to the same bytes."""
    folder = tmp_path / "D"
    code = f"""
import os, signal
from realpolitik import files
from realpolitik.sweeps import folder
place = {place!r}
def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)
if place == {PLACES[0]!r}:
    files.flush = lambda path, flags: "part-000005" in path.name and die()
elif place == {PLACES[1]!r}:
    append = folder.Folder._append_sum
    folder.Folder._append_sum = lambda self, name, sum_: die() if "part-000005" in name else append(self, name, sum_)
else:
    write = folder.write_through
    def cut(path, content, flags):
        if path.name == "SHA256SUMS" and b"part-000005" in content:
            write(path, content[:40], flags)
            die()
        write(path, content, flags)
    folder.write_through = cut
{MAIN}
"""
    killed = subprocess.run(
        [sys.executable, "-c", code, *arguments(folder)], capture_output=True, timeout=LIMIT, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert 0 < len(results(folder)) < 64
    assert command(*arguments(folder)).returncode == 0
    assert sums(folder) == undisturbed
    assert leftovers(folder) == []


@pytest.mark.faults
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_stopped_by_a_signal(tmp_path, undisturbed, number, code):
    """Ctrl-C and SIGTERM stop after the chunks in progress and say how far it came, and the sweep can be resumed."""
    folder = tmp_path / "D"
    returned, errors = ended(paused(5, *arguments(folder)), number)
    assert returned == code
    first, last = errors.splitlines()
    assert first.startswith("realpolitik: stopping after the chunks in progress")
    assert last.startswith(f"realpolitik: stopped: {len(results(folder))} of 64 chunks are safe")
    assert 5 <= len(results(folder)) <= 5 + AHEAD * cores()
    assert command(*arguments(folder)).returncode == 0
    assert sums(folder) == undisturbed


ENDLESS = f"""
import threading
from realpolitik.sweeps import driver
driver.chunk_of = lambda *_: threading.Event().wait()
{MAIN}
"""


@pytest.mark.faults
def test_stopped_twice_stops_on_the_spot(tmp_path):
    """A second Ctrl-C does not wait for the chunk in progress, however long it takes, and nothing is lost by it."""
    folder = tmp_path / "D"
    process = started(*arguments(folder, chunk=8192), code=ENDLESS)
    while not (folder / "SHA256SUMS").exists():
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    assert process.stderr is not None
    assert "stopping after the chunks in progress" in process.stderr.readline()
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=LIMIT)
    assert process.returncode == 130
    status = command("sweep", "--status", str(folder))
    assert "stopped, 0 of 1 chunk." in status.stdout
    assert "To resume: realpolitik sweep karabakh --vary drivers.war.scale=0:1 " in status.stdout
    assert command(*arguments(folder, chunk=8192)).returncode == 0


@pytest.mark.faults
def test_two_writers(tmp_path, undisturbed):
    """Of two processes on one folder one works, and the other is refused at once."""
    folder = tmp_path / "D"
    first = paused(2, *arguments(folder))
    second = command(*arguments(folder))
    status = command("sweep", "--status", str(folder))
    assert second.returncode == 2
    assert "another process is writing there" in second.stderr
    assert "running, 2 of 64 chunks" in status.stdout
    assert ended(first)[0] == 0
    assert sums(folder) == undisturbed


@pytest.mark.faults
def test_closed_output(tmp_path, undisturbed):
    """A reader that goes away (`| head`) costs the summary and nothing else."""
    folder = tmp_path / "D"
    process = paused(1, *arguments(folder))
    assert process.stdout is not None
    process.stdout.close()
    process.send_signal(signal.SIGCONT)
    assert process.stderr is not None
    with process.stderr as stream:
        errors = stream.read()
    assert process.wait(LIMIT) == 1, errors
    assert "Traceback" not in errors
    assert sums(folder) == undisturbed
