"""A sweep stops when it is asked to: between chunks from its caller, at once on an interrupt, and it goes on later."""

import contextlib
import os
import signal
import threading
import time

import pytest

import realpolitik as rp
from realpolitik.sweeps import Stopped, driver
from realpolitik.sweeps.execution import stoppable
from realpolitik.sweeps.opening import status_of
from realpolitik.sweeps.work import chunk_of
from sweeping import SMALL, results, sums, swept

ASKED = {"vary": {"theory.phi": (0.5, 2.0)}, "points": 30, "worlds": 32, "chunk": 128}


@pytest.fixture(autouse=True)
def heeded():
    """Let Ctrl-C interrupt, also where a shell has started the tests in the background and it is ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The sums of a sweep that nothing stops."""
    folder = tmp_path_factory.mktemp("whole") / "D"
    swept(folder)
    return sums(folder)


def test_the_caller_can_stop_it_between_chunks(tmp_path, whole):
    """Once `stop` is true the chunks in progress are kept, `Stopped` says how many, and the same call goes on."""
    folder = tmp_path / "D"
    with pytest.raises(Stopped, match=r"stopped: [1-6] of 8 chunks are safe") as stopped:
        swept(folder, stop=lambda: len(results(folder)) >= 1, workers=1)
    assert stopped.value.number == 1
    assert rp.open_sweep(folder).missing
    swept(folder)
    assert sums(folder) == whole


def test_the_caller_can_stop_it_from_another_thread(tmp_path, monkeypatch):
    """A sweep in a thread, such as a dashboard's, ends soon after it is asked, however much is left."""
    begun, over, asked = threading.Event(), threading.Event(), threading.Event()

    def slowly(plan, chunk, device):
        begun.set()
        time.sleep(0.05)
        return chunk_of(plan, chunk, device)

    def run():
        with pytest.raises(Stopped):
            swept(tmp_path / "D", points=2_000, stop=asked.is_set, workers=1)
        over.set()

    monkeypatch.setattr(driver, "chunk_of", slowly)
    thread = threading.Thread(target=run)
    thread.start()
    assert begun.wait(60)
    asked.set()
    assert over.wait(5)
    thread.join()


@pytest.fixture
def interrupted(monkeypatch):
    """Have an interrupt come while the third chunk is computed, which then takes a while."""

    def interrupting(plan, chunk, device):
        if chunk == 2:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(3)
        return chunk_of(plan, chunk, device)

    monkeypatch.setattr(driver, "chunk_of", interrupting)


@pytest.mark.usefixtures("interrupted")
def test_an_interrupt_inside_a_call_is_a_keyboard_interrupt(tmp_path, whole, monkeypatch):
    """It passes `except Exception`, waits for no chunk in progress, says what is safe, and the same call resumes."""

    def many():
        for n in range(3):
            with contextlib.suppress(Exception):
                swept(tmp_path / str(n), workers=1)

    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt, match="of 8 chunks are safe; the same command or call goes on"):
        many()
    assert time.monotonic() - start < 2.5
    assert not (tmp_path / "1").exists()
    monkeypatch.undo()
    swept(tmp_path / "0")
    assert sums(tmp_path / "0") == whole


def test_a_call_leaves_the_handling_of_signals_alone(tmp_path):
    """No handler is exchanged inside a call: what a notebook or a server does on a signal, it still does."""
    seen = []

    def look(*_):
        seen.append([signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)])

    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    swept(tmp_path / "D", progress=look)
    assert seen
    assert all(one == before for one in seen)


def test_the_first_signal_to_a_command_is_reported_once():
    """Before a sweep polls, a signal raises `Stopped` at once; later `stop` returns it, and one notice is given."""
    notices = []
    with pytest.raises(Stopped, match="before the first chunk") as stopped, stoppable(notices.append):
        os.kill(os.getpid(), signal.SIGTERM)
    assert stopped.value.number == signal.SIGTERM
    with stoppable(notices.append) as stop:
        assert stop() == 0
        os.kill(os.getpid(), signal.SIGINT)
        assert [stop(), stop()] == [signal.SIGINT] * 2
    assert len(notices) == 1
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_sweep_from_python_keeps_no_command(tmp_path, monkeypatch):
    """The command line of a notebook's kernel is not how to go on; what a command gives is, quoted for a shell."""
    monkeypatch.setattr("sys.argv", ["ipykernel_launcher.py", "-f", "kernel-1.json"])
    rp.sweep(SMALL, tmp_path / "D", **ASKED)
    status = status_of(rp.open_sweep(tmp_path / "D"))
    assert status["command"] == []
    assert status["resume"].startswith("call realpolitik.sweep with the same arguments")
    given = ["/bin/realpolitik", "sweep", "my case.toml", "--out", "$(touch x)\x1b[2J"]
    rp.sweep(SMALL, tmp_path / "E", **ASKED, command=given)
    status = status_of(rp.open_sweep(tmp_path / "E"))
    assert status["resume"] == "realpolitik sweep 'my case.toml' --out '$(touch x)\\x1b[2J'"
