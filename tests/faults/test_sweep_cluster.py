"""On a Dask cluster a sweep has the same bytes, also when a worker is killed under it."""

import json
import signal
import socket
import subprocess
import sys
import time

import pytest

import realpolitik as rp
from realpolitik.sweeps import execution
from sweeping import LIMIT, SMALL, arguments, command, ended, paused, results, sums

pytest.importorskip("distributed")

pytestmark = pytest.mark.faults
DASK = [sys.executable, "-m", "dask"]


@pytest.fixture
def cluster(tmp_path):
    """Start a scheduler and two workers in processes of their own; yield its address, it, and the workers."""
    file = tmp_path / "scheduler.json"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    common = ["--scheduler-file", str(file)]
    here = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard"]
    processes = [subprocess.Popen([*DASK, "scheduler", *common, *here], **quiet)]
    end = time.monotonic() + LIMIT
    while not file.exists():
        assert time.monotonic() < end
        time.sleep(0.1)
    worker = ["worker", *common, "--nworkers", "1", "--nthreads", "1", "--no-nanny", "--no-dashboard"]
    workers = [subprocess.Popen([*DASK, *worker, "--local-directory", str(tmp_path)], **quiet) for _ in range(2)]
    address = json.loads(file.read_text())["address"]
    wait_for_workers(address, 2)
    yield address, processes[0], workers
    for process in [*workers, *processes]:
        process.kill()
        process.wait()


def wait_for_workers(address, count):
    """Wait until so many workers have joined."""
    code = f"from distributed import Client; c = Client({address!r}); c.wait_for_workers({count}, timeout={LIMIT})"
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_one_of_two_workers_is_killed_midway(tmp_path, cluster):
    """With a worker killed midway the other finishes, and the bytes are those of threads on one machine."""
    address, _, workers = cluster
    folder, plain = tmp_path / "D", tmp_path / "plain"
    assert command(*arguments(plain)).returncode == 0
    process = paused(5, *arguments(folder), "--scheduler", address)
    workers[0].kill()
    assert workers[0].wait(LIMIT) == -signal.SIGKILL
    returned, errors = ended(process)
    assert returned == 0, errors
    assert workers[1].poll() is None
    assert sums(folder) == sums(plain)


def test_the_scheduler_is_killed_midway(tmp_path, cluster):
    """Without its scheduler a sweep ends in one line; given again without one it goes on here, to the same bytes."""
    address, scheduler, _ = cluster
    folder, plain = tmp_path / "D", tmp_path / "plain"
    process = paused(5, *arguments(folder), "--scheduler", address)
    scheduler.kill()
    scheduler.wait()
    returned, errors = ended(process)
    assert returned == 2, errors
    assert errors.splitlines()[-1].startswith("realpolitik: ")
    assert f"{len(results(folder))} of 64 chunks are safe" in errors.splitlines()[-1]
    assert "Traceback" not in errors
    assert command(*arguments(folder)).returncode == 0
    assert command(*arguments(plain)).returncode == 0
    assert sums(folder) == sums(plain)


def test_nobody_answers(tmp_path):
    """An address where no scheduler is ends in one line."""
    refused = command(*arguments(tmp_path / "D"), "--scheduler", "tcp://127.0.0.1:9")
    assert refused.returncode == 2
    assert "no scheduler answers at tcp://127.0.0.1:9" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not (tmp_path / "D").exists()


def test_something_else_answers(tmp_path, monkeypatch):
    """A server that takes connections and is no scheduler is refused after the time that a scheduler has to answer."""
    monkeypatch.setattr(execution, "CONNECT", 1)
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        start = time.monotonic()
        with pytest.raises(RuntimeError, match=f"no scheduler answers at {address}: "):
            rp.sweep(SMALL, tmp_path / "D", vary={"theory.phi": (0.5, 2.0)}, scheduler=address)
    assert time.monotonic() - start < 20
    assert not (tmp_path / "D").exists()
