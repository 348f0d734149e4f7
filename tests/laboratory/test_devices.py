"""Where worlds are played makes no difference to any result; a GPU that cannot be used is one clear line."""

import json
import subprocess
import sys

import numpy as np
import pytest

import realpolitik as rp
from driver import Driver, Result
from realpolitik import costs, ensembles, swings
from realpolitik.calibration.cube import Cube
from realpolitik.calibration.fitness import Fitness
from realpolitik.costs import chunk_of
from realpolitik.devices import device_for
from realpolitik.sweeps import driver, open_sweep, work
from realpolitik.sweeps.plan import read_manifest
from realpolitik.validation.joint import JointDesign, Piece, play
from realpolitik_model import ensemble, gpu
from realpolitik_model.engine.playing import play_all, play_all_ahead
from realpolitik_model.engine.state import state_for

VARY = {"theory.phi": (0.5, 1.5), "theory.weights": ["leverage", "capability"]}
COMMANDS = {
    "run": ("run", "sahel", "--worlds", "8"),
    "compare": ("compare", "sahel", "sahel", "--worlds", "8"),
    "calibrate": ("calibrate", "sahel", "--settings", "32"),
    "validate": ("validate", "sahel", "--worlds", "2"),
    "sweep": ("sweep", "sahel", "--points", "256", "--out", "swept"),
}


class Elsewhere:
    """A device for tests: it plays worlds with the kernels of this process, in batches of its own, and counts them."""

    name = "Elsewhere 3000"

    def __init__(self):
        self.worlds = 0

    def batch(self, case, numbers):
        """Return how many worlds are played by one call: more with foresight."""
        return 4_096 if case.horizon(numbers) else 2_048

    def play(self, case, job, horizon):
        """Fill the outputs of a job."""
        self.worlds += job.worlds.size
        memory = state_for(case.tables, case.numbers, job.varied_index, 1, horizon).memory
        (play_all_ahead if horizon else play_all)(case.directory, memory, job)


@pytest.fixture
def elsewhere(monkeypatch):
    """Return the GPU of this machine, as far as the laboratory knows."""
    device = Elsewhere()
    monkeypatch.setattr(gpu, "open_gpu", lambda: device)
    return device


@pytest.fixture
def nowhere(monkeypatch):
    """Let there be no GPU."""

    def refuse():
        raise gpu.NoGpu("there is none")

    monkeypatch.setattr(gpu, "open_gpu", refuse)


def test_a_run_has_the_same_bits(elsewhere):
    """Sums, which depend on the order in which they are added up, do too; all worlds were played there."""
    here, there = (rp.run("karabakh", worlds=5000, uncertainty="prior", device=device) for device in ("cpu", "cuda"))
    assert json.dumps(here.to_dict()) == json.dumps(there.to_dict())
    assert here.tally.price.tobytes() == there.tally.price.tobytes()
    assert here.kept.issues.tobytes() == there.kept.issues.tobytes()
    assert elsewhere.worlds == 5000


def test_a_comparison_has_the_same_bits(elsewhere):
    """Each scenario was played there."""
    pair = ("karabakh", "no-invasion")
    here, there = (rp.compare(*pair, worlds=50, device=device) for device in ("cpu", "auto"))
    assert json.dumps(here.to_dict()) == json.dumps(there.to_dict())
    assert elsewhere.worlds == 100


def test_a_calibration_has_the_same_bits(elsewhere):
    """Settings are played in larger pieces, of worlds with the same numbers."""
    here, there = (rp.calibrate("sahel", settings=32, error=24, device=device) for device in ("cpu", "cuda"))
    assert here.values.tobytes() == there.values.tobytes()
    assert here.simulations == there.simulations
    assert elsewhere.worlds >= there.simulations


def test_a_tornado_has_the_same_bits(elsewhere):
    """What has no parameter of its own plays where `playing_on` says."""
    here = rp.tornado("sahel", "mali_exit", worlds=20)
    with rp.playing_on("auto"):
        there = rp.tornado("sahel", "mali_exit", worlds=20)
    assert json.dumps(here.to_dict()) == json.dumps(there.to_dict())
    assert elsewhere.worlds > 20


def test_a_forecast_has_the_same_bits(elsewhere):
    """Larger batches end with the same world."""
    asked = {"worlds": 3000, "tolerance": 12}
    here, there = (rp.forecast("karabakh", **asked, device=device) for device in ("cpu", "cuda"))
    assert json.dumps(here.to_dict()) == json.dumps(there.to_dict())
    assert elsewhere.worlds > 4 * 3000


def test_a_score_sheet_has_the_same_bits(elsewhere, monkeypatch):
    """Of one scenario, which plays nothing here, and of the pieces that fit several."""
    here = rp.validate("sahel", worlds=2)
    with monkeypatch.context() as context:
        context.setattr(ensemble, "play_all", None)
        there = rp.validate("sahel", worlds=2, device="cuda")
    assert json.dumps(here.to_dict()) == json.dumps(there.to_dict())
    design, before = JointDesign((rp.load("sahel"), rp.load("transnistria")), settings=8, worlds=32), elsewhere.worlds
    piece = Piece(0, "leverage", 0)
    with rp.playing_on("cuda"):
        there = play(design, piece)
    assert there.tobytes() == play(design, piece).tobytes()
    assert elsewhere.worlds == before + 8 * 32


@pytest.mark.parametrize("keep", ["worlds", "points"])
def test_a_sweep_has_the_same_bytes(elsewhere, tmp_path, keep):
    """Files are the same to the byte; the manifest says where the sweep was begun, and is the only difference."""
    about = {"vary": VARY, "points": 24, "worlds": 16, "design": "lhs", "keep": keep, "chunk": 128}
    here, there = (rp.sweep("sahel", tmp_path / device, device=device, **about) for device in ("cpu", "cuda"))
    files = [path.relative_to(here.folder.path) for path in here.folder.path.rglob("*.parquet")]
    assert len(files) > 1
    for file in files:
        assert (here.folder.path / file).read_bytes() == (there.folder.path / file).read_bytes()
    assert [read_manifest(one.folder).device for one in (here, there)] == ["cpu", "Elsewhere 3000"]
    assert elsewhere.worlds == 24 * 16


def test_a_sweep_is_resumed_on_another_device(elsewhere, tmp_path):
    """What is missing is played on the device of the second call; the manifest stays as it was."""
    about = {"vary": VARY, "points": 24, "worlds": 16, "design": "lhs", "chunk": 128}
    swept = rp.sweep("sahel", tmp_path / "sweep", device="cuda", **about)
    lost = next(swept.folder.path.rglob("part-000001.parquet"))
    content = lost.read_bytes()
    lost.unlink()
    with pytest.warns(UserWarning, match="not as it was written"):
        resumed = rp.sweep("sahel", tmp_path / "sweep", **about)
    assert lost.read_bytes() == content
    assert resumed.device == "Elsewhere 3000"
    assert elsewhere.worlds == 24 * 16


def test_workers_use_their_own(elsewhere, tmp_path):
    """With a scheduler or an executor, each worker is asked for a device by its name."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(2) as pool:
        swept = rp.sweep("sahel", tmp_path / "sweep", vary=VARY, points=8, worlds=8, executor=pool, device="auto")
    assert swept.device == "auto"
    assert elsewhere.worlds == 64


def test_the_greatest_foresight_is_what_counts(elsewhere):
    """A range of foresight makes a batch that of worlds with foresight."""
    case = rp.load("karabakh").case()
    assert device_for(case, {}, 1024, "cuda") == (elsewhere, 2048)
    assert device_for(case, {"theory.foresight": 6.0}, 96, "cuda") == (elsewhere, 43 * 96)


def test_the_greatest_value_of_a_tornado_counts(elsewhere, monkeypatch):
    """Of foresight with a range, not the value that is played last; chunks on the processor are smaller too."""
    asked, chunks = [], []
    found = elsewhere.batch
    monkeypatch.setattr(elsewhere, "batch", lambda case, numbers: asked.append(dict(numbers)) or found(case, numbers))
    scenario = rp.load("sahel", set={"theory.foresight": {"value": 3, "low": 0, "high": 3}})
    with monkeypatch.context() as context:
        context.setattr(swings, "in_batches", lambda *given, **_: chunks.append(given[4]) or pytest.fail("enough"))
        with pytest.raises(pytest.fail.Exception):
            rp.tornado(scenario, "mali_exit", worlds=4)
    far = rp.load("sahel", set={"theory.foresight": 3}).case()
    assert chunks == [chunk_of(far, far.months)]
    points = [{"theory.foresight": 3.0}, {"theory.foresight": 0.0}]
    with rp.playing_on("cuda"):
        list(swings.played(rp.load("sahel").case(), points, 4, 12, 1, 0, None, None))
        list(swings.played(far, points[1:], 4, 12, 1, 0, None, None))  # other points have the case's own value
    assert asked == [{"theory.foresight": 3.0}] * 2


@pytest.mark.usefixtures("elsewhere")
def test_batches_of_a_gpu_are_bounded(monkeypatch):
    """Whatever plays worlds has no more threads than a GPU takes calls, and refuses what does not fit."""
    monkeypatch.setattr(costs, "cores", lambda: 64)
    pools = []
    real = ensembles.ThreadPoolExecutor
    monkeypatch.setattr(ensembles, "ThreadPoolExecutor", lambda threads: pools.append(threads) or real(2))
    design = JointDesign((rp.load("sahel"), rp.load("transnistria")), settings=4, worlds=16)
    sahel = rp.load("sahel")
    fitness = Fitness(sahel, Cube.of(sahel), seed=1, worlds=1, error=24, device="cuda")

    def each():
        yield lambda: rp.tornado("sahel", "mali_exit", worlds=4)
        yield lambda: play(design, Piece(0, "leverage", 0))
        yield lambda: fitness.firsts(np.full((8, len(fitness.cube.paths)), 0.5))

    with rp.playing_on("cuda"):
        for call in each():
            call()
        assert pools == [costs.MOST_PLAYERS] * 3
        monkeypatch.setattr(costs, "free_memory", lambda: 1e8)
        for call in each():
            with pytest.raises(MemoryError, match="need about"):
                call()


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize(("device", "at_once"), [("cpu", 1_000), ("cuda", 16_384)])
def test_the_memory_of_a_sweep_is_that_of_its_device(tmp_path, monkeypatch, device, at_once):
    """With only sums kept, more worlds are simulated at once on a GPU than on the processor."""
    monkeypatch.setattr(work, "affordable", lambda _: 1_000)
    found = []
    measured = driver.memory_of
    monkeypatch.setattr(driver, "memory_of", lambda *given: found.append(measured(*given)) or found[-1])
    about = {"points": 64, "worlds": 512, "design": "lhs", "keep": "points", "chunk": 64 * 512}
    rp.sweep("sahel", tmp_path / "sweep", vary=VARY, device=device, **about)
    case = rp.load("sahel").case()
    results = at_once * work.COPIES * costs.bytes_per_world(case) * costs.cores()
    assert found[0] == costs.INTERPRETER + results


@pytest.mark.usefixtures("nowhere")
def test_without_a_gpu():
    """With "cuda" it is an error that says why, with "auto" a warning; any other name is refused."""
    with pytest.raises(RuntimeError, match="there is none"):
        rp.run("sahel", worlds=8, device="cuda")
    with pytest.warns(RuntimeWarning, match="there is none; the processor is used"):
        assert rp.run("sahel", worlds=8, device="auto").worlds == 8
    with pytest.raises(ValueError, match="device must be one of cpu, cuda, auto, not 'gpu'"):
        rp.run("sahel", worlds=8, device="gpu")


@pytest.mark.parametrize("function", ["cuDeviceGetName", "cuModuleGetFunction"])
def test_a_gpu_that_does_not_answer(function, monkeypatch):
    """Whether it fails while it is opened or while a kernel is loaded, "auto" plays on the processor, and says why."""
    driver = Driver(**{function: Result.CUDA_ERROR_OUT_OF_MEMORY})
    monkeypatch.setattr(gpu, "open_gpu", lambda: gpu.Gpu(driver, ".visible .entry {}(".format))
    case = rp.load("sahel").case()
    with pytest.warns(RuntimeWarning, match=f"{function} returned CUDA_ERROR_OUT_OF_MEMORY; the processor is used"):
        assert device_for(case, {}, 64, "auto") == (None, 64)
    with pytest.raises(gpu.NoGpu, match=function):
        device_for(case, {}, 64, "cuda")


@pytest.mark.usefixtures("nowhere")
def test_a_sweep_that_falls_back_says_so(tmp_path):
    """The manifest names the processor."""
    with pytest.warns(RuntimeWarning, match="the processor is used"):
        swept = rp.sweep("sahel", tmp_path / "sweep", vary=VARY, points=8, worlds=8, device="auto")
    assert swept.device == "cpu"


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_without_a_gpu(command, tmp_path, monkeypatch, capfd):
    """Each command with --device ends with one line and exit code 2, before anything is written."""
    from realpolitik.cli import main

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(gpu, "_opened", [])
    monkeypatch.setitem(sys.modules, "cuda.bindings.driver", None)
    monkeypatch.setattr(sys, "argv", ["realpolitik", *COMMANDS[command], "--device", "cuda"])
    with pytest.raises(SystemExit) as stop:
        main()
    out, err = capfd.readouterr()
    assert stop.value.code == 2
    assert out == ""
    assert err == "realpolitik: a GPU needs the package cuda-bindings (install realpolitik with its extra 'gpu')\n"
    assert not list(tmp_path.iterdir())


def test_auto_says_why_it_is_the_processor():
    """One line on standard error, however many ensembles are run; the results are those of the processor."""
    code = "import sys; sys.modules['cuda.bindings.driver'] = None; from realpolitik.cli import main; main()"
    here, there = (
        subprocess.run(
            [sys.executable, "-c", code, *COMMANDS["run"], "--json", *device],
            capture_output=True,
            text=True,
            check=True,
        )
        for device in ((), ("--device", "auto"))
    )
    assert there.stdout == here.stdout
    assert there.stderr.splitlines() == [
        "realpolitik: a GPU needs the package cuda-bindings (install realpolitik with its extra 'gpu'); "
        "the processor is used"
    ]


def test_the_status_of_a_sweep_names_the_gpu(elsewhere, tmp_path, capfd):
    """`sweep --status` says where a sweep was begun, unless it was on the processor."""
    from realpolitik.cli.sweep import sweep

    folder = tmp_path / "sweep"
    rp.sweep("sahel", folder, vary=VARY, points=8, worlds=8, device="cuda")
    sweep.main(["--status", str(folder)], standalone_mode=False)
    assert "begun on Elsewhere 3000" in capfd.readouterr().out
    assert open_sweep(folder).device == elsewhere.name
