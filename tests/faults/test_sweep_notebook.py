"""In a notebook an interrupt ends a sweep and nothing else: the kernel lives, and so does all that it holds."""

import time

import pytest

from sweeping import LIMIT, SMALL, results

manager = pytest.importorskip("jupyter_client.manager")
pytest.importorskip("ipykernel")

pytestmark = [pytest.mark.faults, pytest.mark.filterwarnings("default")]


@pytest.fixture
def kernel():
    """Start a kernel; yield it and its client."""
    running = manager.KernelManager(kernel_name="python3")
    running.start_kernel()
    client = running.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=LIMIT)
        yield running, client
    finally:
        client.stop_channels()
        running.shutdown_kernel(now=True)
        running.cleanup_resources()


def answer(kernel, cell: str) -> str:
    """Wait for the end of a cell: "ok", or what it raised."""
    running, client = kernel
    while True:
        assert running.is_alive(), "the kernel is dead"
        if not client.shell_channel.msg_ready():
            time.sleep(0.05)
            continue
        message = client.get_shell_msg(timeout=LIMIT)
        if message["parent_header"].get("msg_id") == cell:
            found = message["content"]
            return found["status"] if found["status"] == "ok" else f"{found['ename']}: {found['evalue']}"


LOOP = """
caught = []
for n in range(3):
    try:
        rp.sweep({scenario!r}, {folder!r} + str(n), points=2000, worlds=1000, chunk=2000)
    except Exception as error:
        caught.append(error)
"""


@pytest.mark.parametrize("times", [1, 2])
def test_interrupts_leave_the_kernel_alive(kernel, tmp_path, times):
    """One interrupt or two end a loop of sweeps with a KeyboardInterrupt, and every variable is still there."""
    running, client = kernel
    setup = client.execute("precious = list(range(1000)); import realpolitik as rp")
    assert answer(kernel, setup) == "ok"
    cell = client.execute(LOOP.format(scenario=str(SMALL), folder=str(tmp_path / "D")))
    end = time.monotonic() + LIMIT
    while len(results(tmp_path / "D0")) < 2:
        assert running.is_alive()
        assert time.monotonic() < end
        time.sleep(0.05)
    for _ in range(times):
        running.interrupt_kernel()
        time.sleep(0.05)
    assert answer(kernel, cell).startswith(("Stopped: stopped: ", "KeyboardInterrupt: "))
    assert not (tmp_path / "D1").exists()
    kept = client.execute("assert precious == list(range(1000)) and caught == []")
    assert answer(kernel, kept) == "ok"
    again = client.execute(f"rp.open_sweep({str(tmp_path / 'D0')!r}).folder.busy() and 1 / 0")
    assert answer(kernel, again) == "ok"
