"""A GPU: without one, what is asked of a driver in the memory of this process; with one, the worlds that it plays."""

import ctypes
import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given

import realpolitik as rp
from driver import ANSWERS, MEMORY, Driver, Result
from playing import numbers_of, worlds_of
from realpolitik.scenario.changes import parse_setting
from realpolitik_model import Case, gpu, simulate
from realpolitik_model.engine.state import apart
from realpolitik_model.engine.tables import packed
from reference import random_cases
from reference.random_cases import quiet

TESTS = Path(__file__).parents[1]
NONE = np.array([], np.int64)
KERNEL = ".visible .entry {}("
OF_A_WARP = gpu.WARP * gpu.WIDTH
"""Worlds."""
MANY = np.arange(8 * OF_A_WARP)
"""Worlds of eight warps."""
OPENING = [
    "cuInit",
    "cuDeviceGetCount",
    "cuDeviceGet",
    "cuDeviceGetName",
    "cuDeviceGetAttribute",
    "cuDevicePrimaryCtxRetain",
    "cuCtxSetCurrent",
    "cuMemGetInfo",
    "cuStreamCreate",
]
"""Functions of the driver that open a GPU."""
bindings = pytest.mark.skipif(find_spec("cuda") is None, reason="cuda-bindings is not installed")


def opened(**answers):
    """Return a GPU whose driver gives some answers of its own; its kernels do nothing."""
    return gpu.Gpu(Driver(lambda *_: None, **answers), KERNEL.format)


@pytest.fixture(scope="module")
def case():
    """Return the base case."""
    return rp.load("karabakh").case()


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ({"cuInit": Result.CUDA_ERROR_NO_DEVICE}, "the driver of the NVIDIA GPU does not start: cuInit returned CUDA_"),
        ({"cuDeviceGetCount": (0,)}, "there is no NVIDIA GPU here that this process may use"),
        ({"cuDeviceGetAttribute": (7,)}, "the GPU Threads has compute capability 7.7, and 8.0 or later is needed"),
    ],
)
def test_a_gpu_that_cannot_be_used(answers, reason):
    """It is said why."""
    with pytest.raises(gpu.NoGpu, match=reason):
        opened(**answers)


def test_a_driver_that_is_too_old(case):
    """A driver that cannot read the kernels is named as the reason."""
    old = opened(cuModuleLoadData=Result.CUDA_ERROR_UNSUPPORTED_PTX_VERSION)
    with pytest.raises(gpu.NoGpu, match="the driver of the GPU Threads is too old for its kernels: cuModuleLoadData"):
        simulate(case, np.arange(2), seed=1, device=old)


def test_a_gpu_that_is_full(case):
    """What fails while it is opened, or while its kernels are loaded, is a reason not to use it."""
    with pytest.raises(gpu.NoGpu, match="the GPU Threads cannot be used now: cuStreamCreate returned CUDA_ERROR_OUT"):
        opened(cuStreamCreate=Result.CUDA_ERROR_OUT_OF_MEMORY)
    full = opened(cuModuleLoadData=Result.CUDA_ERROR_OUT_OF_MEMORY)
    with pytest.raises(gpu.NoGpu, match="the driver of the GPU Threads cannot load its kernels: cuModuleLoadData"):
        full.batch(case, {})


@pytest.mark.parametrize("function", OPENING)
def test_a_gpu_that_cannot_be_opened(function):
    """Whatever fails while it is opened is a reason not to use it."""
    with pytest.raises(gpu.NoGpu, match=f"{function} returned CUDA_ERROR_OUT_OF_MEMORY"):
        opened(**{function: Result.CUDA_ERROR_OUT_OF_MEMORY})


@pytest.mark.parametrize("function", ["cuModuleGetFunction", "cuOccupancyMaxActiveBlocksPerMultiprocessor"])
def test_a_kernel_that_cannot_be_loaded(case, function):
    """It is a reason not to use the GPU; its module is unloaded, and it is not tried again."""
    one = opened(**{function: Result.CUDA_ERROR_OUT_OF_MEMORY})
    for _ in range(2):
        with pytest.raises(gpu.NoGpu, match=f"cannot load its kernels: {function} returned CUDA_ERROR_OUT_OF_MEMORY"):
            one.batch(case, {})
    assert one.driver.asked.count("cuModuleLoadData") == one.driver.asked.count("cuModuleUnload") == 1


def test_a_context_that_a_thread_cannot_use(case):
    """What fails between opening and loading is a reason not to use the GPU."""
    answers = iter([()])
    lost = opened(cuCtxSetCurrent=lambda _: next(answers, Result.CUDA_ERROR_NO_DEVICE))
    with pytest.raises(gpu.NoGpu, match="cuCtxSetCurrent returned CUDA_ERROR_NO_DEVICE"):
        lost.batch(case, {})


@pytest.mark.parametrize("left", [(), Result.CUDA_ERROR_NO_DEVICE])
def test_a_gpu_that_fails_is_given_back(left):
    """The context and the streams that there are by then are given back, as far as the driver still answers."""
    streams = iter([(1,), (2,)])
    driver = Driver(
        cuStreamCreate=lambda _: next(streams, Result.CUDA_ERROR_OUT_OF_MEMORY),
        cuStreamDestroy=left,
        cuDevicePrimaryCtxRelease=left,
    )
    with pytest.raises(gpu.NoGpu, match="cuStreamCreate returned CUDA_ERROR_OUT_OF_MEMORY"):
        gpu.Gpu(driver, KERNEL.format)
    assert driver.asked[-3:] == ["cuStreamDestroy", "cuStreamDestroy", "cuDevicePrimaryCtxRelease"]
    assert driver.asked.count("cuDevicePrimaryCtxRetain") == 1


def test_a_gpu_that_works_is_kept():
    """Nothing of it is given back."""
    assert not {"cuStreamDestroy", "cuDevicePrimaryCtxRelease"} & set(opened().driver.asked)


def test_a_gpu_that_failed_is_not_opened_again(monkeypatch):
    """The reason is kept for the process, and said again."""
    tried = []

    def fail(driver):
        tried.append(driver)
        raise gpu.NoGpu("it is broken")

    monkeypatch.setattr(gpu, "_opened", [])
    monkeypatch.setitem(sys.modules, "cuda", ModuleType("cuda"))
    monkeypatch.setitem(sys.modules, "cuda.bindings", ModuleType("cuda.bindings"))
    monkeypatch.setitem(sys.modules, "cuda.bindings.driver", ModuleType("cuda.bindings.driver"))
    monkeypatch.setattr(gpu, "Gpu", fail)
    for _ in range(2):
        with pytest.raises(gpu.NoGpu, match="it is broken"):
            gpu.open_gpu()
    assert len(tried) == 1


@pytest.mark.parametrize("kind", [RuntimeError, OSError])
def test_kernels_that_cannot_be_compiled(case, kind):
    """It is said so, and they are not compiled again; the other kernel is."""
    tried = []

    def fail(name):
        tried.append(name)
        raise kind(f"no room for {name}")

    one = gpu.Gpu(Driver(), fail)
    for numbers, name in [({}, "play"), ({"theory.foresight": 6.0}, "play_ahead")] * 2:
        with pytest.raises(gpu.NoGpu, match=f"the kernels for the GPU cannot be compiled: no room for {name}$"):
            one.batch(case, numbers)
    assert tried == ["play", "play_ahead"]


def test_no_worlds(case):
    """A job without worlds asks nothing of the GPU."""
    one = opened()
    assert simulate(case, np.arange(0), seed=1, device=one).first.shape == (0, len(case.outcomes))
    assert one.driver.launches == []


def test_without_the_bindings(monkeypatch):
    """It is said what to install."""
    monkeypatch.setitem(sys.modules, "cuda.bindings.driver", None)
    monkeypatch.setattr(gpu, "_opened", [])
    with pytest.raises(gpu.NoGpu, match="install realpolitik with its extra 'gpu'"):
        gpu.open_gpu()


@bindings
def test_without_a_driver(monkeypatch):
    """The bindings are there, and the system has no driver."""
    monkeypatch.setattr(gpu, "_opened", [])
    try:
        gpu.open_gpu()
    except gpu.NoGpu as error:
        assert "NVIDIA GPU" in str(error)  # noqa: PT017 - there may be one


@bindings
def test_the_driver_of_the_tests_has_functions_of_the_real_one():
    """Its names are those of the bindings."""
    from cuda.bindings import driver

    for name in (*ANSWERS, *Driver().work):
        assert callable(getattr(driver, name)), name


@bindings
@pytest.mark.skipif(shutil.which("gcc") is None, reason="there is no gcc")
def test_the_bindings_take_what_they_are_given(tmp_path):
    """Through the real bindings, a library in place of the driver is asked for the launch and the copies of a job."""
    library = tmp_path / "libcuda.so.1"
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", library, TESTS / "model" / "libcuda.c", "-ldl"], check=True)
    environment = os.environ | {"LD_LIBRARY_PATH": str(tmp_path)}
    command = [sys.executable, "-m", "bound"]
    run = subprocess.run(command, cwd=TESTS, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines() == ["Stub", str(2 * 2 * gpu.WARPS["play"] * OF_A_WARP), "300"]
    said = run.stderr.splitlines()
    assert "module .visible .entry play(" in said
    assert "function play" in said
    case = rp.load("karabakh").case()
    block = apart(case.tables, case.numbers, NONE, 0, OF_A_WARP)
    shared = packed(case.tables).nbytes + block.common.nbytes + 3 * block.marks.nbytes
    assert f"launch 1 1 1, 32 3 1, shared {shared}" in said


def test_a_launch_that_fails(case):
    """The function of the driver is named, and what it returned."""
    lost = opened(cuLaunchKernel=Result.CUDA_ERROR_NO_DEVICE)
    with pytest.raises(gpu.GpuError, match="cuLaunchKernel returned CUDA_ERROR_NO_DEVICE"):
        simulate(case, np.arange(2), seed=1, device=lost)


def test_too_little_memory(case):
    """What a warp needs is said before anything is run; with so much, they run."""
    small = opened(cuMemGetInfo=(1_000_000, 1_000_000))
    with pytest.raises(
        gpu.NoGpu, match=r"too small: 128 worlds of this case need [0-9.]+ MB, and a call may use 0.1 MB"
    ):
        small.batch(case, {})


def test_a_block_that_is_too_large(case, monkeypatch):
    """Kernels count the bytes of a block in 32 bits; a larger one is refused."""
    monkeypatch.setattr(gpu, "MOST_BYTES", 100_000)
    with pytest.raises(gpu.NoGpu, match=r"128 worlds of this case need 0\.\d GB, more than a warp can use"):
        simulate(case, MANY, seed=1, device=opened())


@pytest.mark.parametrize("worlds", [1, 13, 24, 25])
def test_room_in_the_memory_of_the_gpu(case, worlds):
    """Without shared memory every thread block has its room there, before the results."""
    one, ends = opened(cuMemGetInfo=(64_000_000_000, 64_000_000_000)), []
    one._fast = 0

    def play(_name, values, _row, rows, cta, _ctas):
        common, marks, room = (ctypes.c_uint64.from_address(values[n]).value for n in (5, 7, 8))
        ends.append(room + (cta + 1) * (common + rows * marks))

    one.driver.play = play
    simulate(case, np.arange(worlds * OF_A_WARP), seed=1, device=one)
    [(start, (size, _))] = one.driver.allocated.items()
    results = sum(part.nbytes for part in simulate(case, np.arange(worlds * OF_A_WARP), seed=1, device=opened()))
    assert ends
    assert all(start < end <= start + size - results for end in ends)


def test_a_thread_that_has_not_used_the_gpu(case):
    """It may ask for a batch, also once a kernel is loaded, and play."""
    one = opened()
    for task in (lambda: one.batch(case, {}), lambda: simulate(case, MANY, seed=1, device=one)):
        for _ in range(2):
            with ThreadPoolExecutor(1) as pool:
                pool.submit(task).result(60)


def test_all_warps_play_as_many_worlds_in_a_launch(case, monkeypatch):
    """Only in the last launch some may play fewer."""
    sizes = []
    one = opened(cuMemcpyDtoHAsync=lambda _to, _source, size, _stream: sizes.append(size) or ())
    monkeypatch.setattr(gpu, "MOST_WORLDS", int(2.5 * one.batch(case, {})))
    simulate(case, np.arange(5 * one.batch(case, {})), seed=1, device=one)
    of_a_world = np.dtype(np.int16).itemsize * len(case.outcomes)
    assert [size // of_a_world / one.batch(case, {}) for size in sizes[:: len(sizes) // 3]] == [2, 2, 1]


def test_memory_is_bounded(case):
    """A large job takes launches whose memory stays within the share of a call; later calls use the same memory."""
    one = opened(cuMemGetInfo=(64_000_000, 64_000_000), cuOccupancyMaxActiveBlocksPerMultiprocessor=(2,))
    for paths in (0, 100):
        simulate(case, np.arange(20_000), seed=1, paths=paths, device=one)
    driver = one.driver
    assert len(driver.launches) > 2
    [(size, _)] = driver.allocated.values()
    assert size <= one.memory == int(64_000_000 * gpu.USABLE_SHARE) // gpu.CALLS


def test_memory_that_others_have_taken(case):
    """Where less is left than was planned for, fewer warps play at once, down to one."""
    whole, short, least = opened(), opened(), opened()
    simulate(case, MANY, seed=1, device=whole)
    [(needed, _)] = whole.driver.allocated.values()
    short.driver.capacity, least.driver.capacity = needed // 2, needed // 7
    for one in (short, least):
        simulate(case, MANY, seed=1, device=one)
    assert whole.driver.launches == [8]
    assert 8 > max(short.driver.launches) > max(least.driver.launches) == 1


@pytest.mark.parametrize("function", ["cuMemAlloc", "cuLaunchKernel"])
def test_no_memory_for_one_warp(case, function):
    """It is said in one line, and no memory is kept; once there is some again, the GPU plays."""
    one = opened(**{function: Result.CUDA_ERROR_OUT_OF_MEMORY})
    for _ in range(2):
        with pytest.raises(
            gpu.NoGpu, match=f"Threads is in use: 128 worlds of this case need [0-9.]+ MB, and {function} returned"
        ):
            simulate(case, MANY, seed=1, device=one)
        assert not one.driver.allocated
    del one.driver.answers[function]
    simulate(case, MANY, seed=1, device=one)
    assert one.driver.launches == [8]


@pytest.mark.parametrize("share", [3.5, 1.0, 0.4])
def test_calls_share_the_memory_that_is_left(case, share):
    """Where it holds fewer calls than there are at once, some wait, and all are played."""
    whole = opened()
    simulate(case, MANY, seed=1, device=whole)
    [(needed, _)] = whole.driver.allocated.values()
    one = opened(cuStreamSynchronize=lambda _: time.sleep(0.01) or ())
    one.driver.capacity = int(needed * share)
    with ThreadPoolExecutor(2 * gpu.CALLS) as pool:
        calls = [pool.submit(simulate, case, MANY, seed=1, device=one) for _ in range(48)]
        assert [len(call.result(60).first) for call in calls] == [MANY.size] * 48
    assert min(one.driver.launches) == max(one.driver.launches) == (8 if share >= 1 else 1)


def test_calls_without_any_memory(case):
    """Each says so, and none is left waiting."""
    one = opened()
    one.driver.capacity = 1000
    with ThreadPoolExecutor(2 * gpu.CALLS) as pool:
        calls = [pool.submit(simulate, case, MANY, seed=1, device=one) for _ in range(32)]
        assert all(isinstance(call.exception(60), gpu.NoGpu) for call in calls)


@pytest.mark.parametrize(("numbers", "kernel"), [({}, "play"), ({"theory.foresight": 6.0}, "play_ahead")])
def test_a_batch_fills_the_gpu(case, numbers, kernel):
    """One multiprocessor holds two thread blocks; the greatest foresight counts."""
    loaded = []
    one = gpu.Gpu(Driver(), lambda name: loaded.append(name) or KERNEL.format(name))
    assert one.batch(case, numbers) == 2 * gpu.WARPS[kernel] * OF_A_WARP
    assert loaded == [kernel]
    assert one.memory * gpu.CALLS <= MEMORY


def test_the_processor_needs_nothing_of_cuda():
    """A run on the processor imports neither the bindings nor what uses them, nor what writes kernels for GPUs."""
    code = (
        "import sys, realpolitik as rp; rp.run('karabakh', worlds=32); "
        "print([name for name in sys.modules if name.split('.')[0] == 'cuda' or name.endswith(('.gpu', '.ptx'))])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"


@pytest.mark.cuda
def test_random_scenarios_on_a_gpu():
    """On 250 random scenarios, with forks, a GPU leaves what the processor leaves, to the bit."""
    device = gpu.open_gpu()

    @quiet(250)
    @given(random_cases.cases())
    def agree(scenario):
        case, worlds = Case.of(scenario.document, scenario.forks), worlds_of(scenario, 70)
        numbers = numbers_of(scenario, worlds)
        here, there = (
            simulate(case, worlds, seed=scenario.seed, numbers=numbers, paths=40, device=one) for one in (None, device)
        )
        for part in here._fields:
            assert getattr(here, part).tobytes() == getattr(there, part).tobytes(), part

    agree()


@pytest.mark.cuda
@pytest.mark.parametrize("foresight", [0, 1])
def test_thread_blocks_on_a_gpu(foresight):
    """Warps of a thread block share numbers, which a fork changes; some of them play one more block of worlds."""
    device = gpu.open_gpu()
    settings = [f"theory.foresight={foresight}", "theory.phi=1.3@2021-03"]
    case = rp.load("karabakh").set([parse_setting(one) for one in settings]).case()
    worlds = np.arange(device.batch(case, {}) + 1000)
    months = 12 if foresight else None
    there = simulate(case, worlds, seed=1, months=months, device=device)
    some = np.r_[worlds[:2000], worlds[-2000:]]
    here = simulate(case, some, seed=1, months=months)
    for part in ("first", "measured", "made", "refused", "price", "final"):
        assert getattr(here, part).tobytes() == getattr(there, part)[some].tobytes(), part
