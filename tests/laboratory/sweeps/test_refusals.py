"""What cannot be swept is refused at once: before the model is imported, before a kernel is compiled, in one line."""

import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

import commanding
import realpolitik as rp
from realpolitik.sweeps import work
from realpolitik.sweeps.execution import check_address
from sweeping import SMALL, command

VARY = {"theory.phi": (0.5, 2.0)}
MALFORMED = [
    "",
    "nonsense",
    "tcp://",
    "tcp://127.0.0.1",
    "tcp://127.0.0.1:",
    "tcp://127.0.0.1:port",
    "tcp://127.0.0.1:99999",
    "tcp://127.0.0.1:0",
    "127.0.0.1:8786:1",
    "tcp:/127.0.0.1:8786",
    "http://127.0.0.1:8786",
    "tcp://[::1:8786",
    "tcp://:8786",
    "tcp://a b:8786",
    "tcp://127.0.0.1:٨٧٨٦",
    "\x00",
    "tcp://" + "x" * 10_000 + ":1",
]


@pytest.mark.parametrize("address", MALFORMED, ids=range(len(MALFORMED)))
def test_a_malformed_address_is_refused_at_once(tmp_path, address):
    """What is no address is refused before anything is read or connected, with what one looks like."""
    start = time.monotonic()
    with pytest.raises(ValueError, match=r"is not the address of a scheduler; write it as tcp://127.0.0.1:8786"):
        rp.sweep("no such scenario", tmp_path / "D", scheduler=address)
    assert time.monotonic() - start < 1
    assert not (tmp_path / "D").exists()


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1:8786", "tcp://localhost:8786", "tls://[::1]:8786", "inproc://10.0.0.1/1/1", "ws://127.0.0.1:1/"],
)
def test_an_address_that_could_be_one_is_not_refused(address):
    """Every kind of address that Dask prints is taken."""
    check_address(address)


def test_a_host_that_is_not_there(tmp_path):
    """A host without an address is named without waiting for it to answer."""
    with pytest.raises(ValueError, match=r"no scheduler answers at tcp://nowhere.invalid:8786"):
        rp.sweep(SMALL, tmp_path / "D", scheduler="tcp://nowhere.invalid:8786")


def test_whatever_answers_in_place_of_a_scheduler_is_one_line(tmp_path, monkeypatch):
    """An error of any kind while connecting is a RuntimeError of one line."""
    distributed = pytest.importorskip("distributed")

    def odd(*_, **__):
        raise TypeError("first line\nsecond")

    monkeypatch.setattr(distributed, "rpc", odd)
    with pytest.raises(RuntimeError, match=r"no scheduler answers at tcp://127.0.0.1:8786: first line$"):
        rp.sweep(SMALL, tmp_path / "D", vary=VARY, scheduler="tcp://127.0.0.1:8786")


@pytest.mark.parametrize(
    "given",
    [
        {"out": "{file}"},
        {"out": "{file}/D"},
        {"points": 10**9},
        {"worlds": 0},
        {"chunk": 0},
        {"workers": 0},
        {"scheduler": "nonsense"},
    ],
    ids=str,
)
def test_a_cheap_refusal_imports_no_model(tmp_path, given):
    """Counts, workers, addresses and folders are checked before NumPy, Numba or the model are imported."""
    (tmp_path / "file").write_text("")
    asked = {"out": str(tmp_path / "D"), **given}
    asked = {
        key: value.format(file=tmp_path / "file") if isinstance(value, str) else value for key, value in asked.items()
    }
    code = f"""
import sys
import realpolitik as rp
try:
    rp.sweep("karabakh", **{asked!r})
except (ValueError, OSError) as error:
    print(*({{"numba", "numpy", "pydantic", "pyarrow"}} & sys.modules.keys()), "refused")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == "refused\n", done.stderr


def test_a_place_without_room_is_refused_before_a_kernel_is_compiled(tmp_path, monkeypatch):
    """Where not even the smallest files would fit, nothing is measured first."""
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=5_000))
    monkeypatch.setattr(work, "chunk_of", lambda *_: pytest.fail("a chunk was computed"))
    with pytest.raises(ValueError, match=r"does not fit: at least .*; 5 kB of disk are free"):
        rp.sweep(SMALL, tmp_path / "D", vary=VARY, points=64, worlds=64, chunk=64)
    assert not (tmp_path / "D").exists()


def test_a_malformed_address_on_the_command_line(tmp_path):
    """One line, code 2."""
    refused = command("sweep", "karabakh", "--out", str(tmp_path / "D"), "--scheduler", "tcp://127.0.0.1")
    assert refused.returncode == 2
    assert refused.stderr.startswith("realpolitik: 'tcp://127.0.0.1' is not the address of a scheduler")
    assert refused.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("theory.phi=0-1", "'theory.phi=0-1' varies nothing: write PATH=LOW:HIGH or PATH=ONE,TWO"),
        ("theory.phi=", "'theory.phi=' varies nothing: write PATH=LOW:HIGH or PATH=ONE,TWO"),
        ("theory.ph", "unknown path 'theory.ph'; did you mean 'theory.phi'?"),
        ("theory.phi=1:0", "theory.phi: 1:0 is not a span; the lower end comes first"),
        ("theory.phi=0:1000", "theory.phi: 1000.0 is out of range"),
        ("theory.weights=leverage,placebos", "theory.weights: 'placebos' is not one of"),
    ],
)
def test_an_error_of_what_is_varied_names_its_option(text: str, says: str, tmp_path: Path) -> None:
    """An error of --vary is called one of vary, and not of set, also where the scenario refuses an end of a span."""
    done = commanding.command("sweep", SMALL, "--vary", text, "--points", 8, "--out", tmp_path / "x")
    assert (done.code, done.err[: len(says) + 19]) == (2, f"realpolitik: vary: {says}")


@pytest.mark.parametrize(
    "options",
    [
        ("--vary", "theory.phi", "--set", "theory.phi=1.2"),
        ("--vary", "theory.phi=0.5:1", "--set", "theory.phi=1.2"),
        ("--vary", "theory.weights=leverage,placebo", "--theory", "placebo"),
        ("--vary", "theory.foresight=0,3", "--foresight", "3"),
    ],
)
def test_what_is_varied_cannot_be_set(options: tuple[str, ...], tmp_path: Path) -> None:
    """A setting of an input that is varied would have no effect, so it is refused; one from a month on has one."""
    done = commanding.command("sweep", SMALL, *options, "--points", 8, "--out", tmp_path / "x")
    path = options[1].partition("=")[0]
    said = f"realpolitik: vary: {path} is both varied and set, by set, theory or foresight: leave out one of the two"
    assert (done.code, said in done.err) == (2, True), done.err
    dated = {"theory.phi": "1.2@2030-05"}
    rp.sweep(SMALL, tmp_path / "later", vary={"theory.phi": (0.5, 1.0)}, set=dated, points=8, worlds=1)
