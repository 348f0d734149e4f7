"""A sweep that is killed loses nothing: resumed, its data files are those of an undisturbed run, to the byte."""

import os
import random
import signal
import subprocess
import sys
import time

import pytest

from sweeping import arguments, command, ended_by, leftovers, results, started, sums, wait_for

KILLS = int(os.environ.get("REALPOLITIK_KILLS", "3"))
PLACES = ("after the temporary file", "after the rename", "inside the line of the journal")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The sums of the data files of a run that nothing disturbed."""
    folder = tmp_path_factory.mktemp("undisturbed") / "D"
    done = command(*arguments(folder))
    assert done.returncode == 0, done.stderr
    return sums(folder)


def test_killed_at_random_moments(tmp_path, undisturbed):
    """SIGKILL at random moments, resumed each time: same bytes, and no finished chunk is computed again."""
    folder, chance, killed = tmp_path / "D", random.Random(os.getpid()), 0
    while killed < KILLS:
        process, there = started(*arguments(folder)), len(results(folder))
        wait_for(process, folder, min(there + chance.randint(0, 5), 60))
        time.sleep(chance.uniform(0, 0.05))
        before = {file.name: file.stat().st_mtime_ns for file in results(folder)[:-4]}
        if process.poll() is not None:
            process.communicate()
            break
        assert ended_by(process, signal.SIGKILL)[0] == -signal.SIGKILL
        assert before.items() <= {file.name: file.stat().st_mtime_ns for file in results(folder)}.items()
        killed += 1
    assert killed == KILLS, "it finished before it was killed so often"
    kept = {file.name: file.stat().st_mtime_ns for file in results(folder)}
    vouched = (folder / "SHA256SUMS").read_text() if (folder / "SHA256SUMS").exists() else ""
    assert command(*arguments(folder)).returncode == 0
    again = {file.name: file.stat().st_mtime_ns for file in results(folder)}
    assert all(again[name] == at for name, at in kept.items() if name in vouched)
    assert sums(folder) == undisturbed
    assert leftovers(folder) == []


@pytest.mark.faults
@pytest.mark.parametrize("place", PLACES)
def test_killed_inside_the_write(tmp_path, undisturbed, place):
    """Killed between any two steps of keeping a chunk, a sweep resumes to the same bytes."""
    folder = tmp_path / "D"
    code = f"""
import os, signal
from realpolitik.sweeps import folder
place, count = {place!r}, [0]
def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)
def fifth(then):
    def wrapped(path, *rest):
        if "part-" in path.name or path.name == "SHA256SUMS":
            count[0] += 1
        return then(path, *rest)
    return wrapped
if place == {PLACES[0]!r}:
    folder.flush = lambda path, flags: "part-000005" in path.name and die()
elif place == {PLACES[1]!r}:
    vouch = folder.Folder._vouch
    folder.Folder._vouch = lambda self, name, sum_: die() if "part-000005" in name else vouch(self, name, sum_)
else:
    write = folder.write_through
    def cut(path, content, flags):
        if path.name == "SHA256SUMS" and b"part-000005" in content:
            write(path, content[:40], flags)
            die()
        write(path, content, flags)
    folder.write_through = cut
from realpolitik.cli import main
main()
"""
    killed = subprocess.run(
        [sys.executable, "-c", code, *arguments(folder)], capture_output=True, timeout=240, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert 0 < len(results(folder)) < 64
    assert command(*arguments(folder)).returncode == 0
    assert sums(folder) == undisturbed
    assert leftovers(folder) == []


@pytest.mark.faults
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_stopped_by_a_signal(tmp_path, undisturbed, number, code):
    """Ctrl-C and SIGTERM stop within two seconds of the chunks at hand, say how far it came, and can be resumed."""
    folder = tmp_path / "D"
    process = started(*arguments(folder))
    wait_for(process, folder, 5)
    asked = time.monotonic()
    ended, errors = ended_by(process, number)
    assert ended == code
    assert time.monotonic() - asked < 10
    assert errors.startswith("realpolitik: stopped: ")
    assert errors.count("\n") == 1
    assert 5 <= len(results(folder)) < 64
    assert command(*arguments(folder)).returncode == 0
    assert sums(folder) == undisturbed


@pytest.mark.faults
def test_stopped_twice_stops_on_the_spot(tmp_path):
    """A second Ctrl-C does not wait for anything, and nothing is lost by it."""
    folder = tmp_path / "D"
    process = started(*arguments(folder, chunk=8192))
    while process.poll() is None and not (folder / "SHA256SUMS").exists():
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    time.sleep(0.05)
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 130
    status = command("sweep", "--status", str(folder))
    assert "0 of 1 chunks" in status.stdout
    assert command(*arguments(folder, chunk=8192)).returncode == 0


@pytest.mark.faults
def test_two_writers(tmp_path, undisturbed):
    """Of two processes on one folder one works, and the other is refused at once."""
    folder = tmp_path / "D"
    first = started(*arguments(folder))
    wait_for(first, folder, 2)
    os.kill(first.pid, signal.SIGSTOP)
    try:
        second = command(*arguments(folder))
        status = command("sweep", "--status", str(folder))
    finally:
        os.kill(first.pid, signal.SIGCONT)
    assert second.returncode == 2
    assert "another process is writing this sweep" in second.stderr
    assert "running" in status.stdout
    first.communicate(timeout=240)
    assert first.returncode == 0
    assert sums(folder) == undisturbed


@pytest.mark.faults
def test_closed_output(tmp_path, undisturbed):
    """A reader that goes away (`| head`) costs the summary and nothing else."""
    folder = tmp_path / "D"
    process = started(*arguments(folder))
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    with process.stderr as stream:
        errors = stream.read()
    assert process.wait(240) == 1
    assert "Traceback" not in errors
    assert sums(folder) == undisturbed
