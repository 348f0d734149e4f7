"""Worlds played on an NVIDIA GPU: a few per thread, the same worlds to the bit as on a processor.

The kernels are those of `engine.ptx`. What the driver is asked for is here: memory, copies and launches. It is asked
through NVIDIA's `cuda-bindings`, which nothing imports until a GPU is opened.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, suppress
from queue import LifoQueue
from threading import Lock
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from realpolitik_model.case import Case
from realpolitik_model.engine.playing import Job
from realpolitik_model.engine.ptx import BY_VALUE, WARP, WARPS, WIDTH, in_memory, ptx_of
from realpolitik_model.engine.state import Apart, apart
from realpolitik_model.engine.tables import packed
from realpolitik_model.engine.threads import words_of
from realpolitik_model.ensemble import prepare

OLDEST = (8, 0)
"""Compute capability: A100 and later."""
CALLS = 8
"""Calls that use the GPU at the same time, each with a stream and a share of the memory; further ones wait."""
USABLE_SHARE = 0.9
"""Of the memory that is free when the GPU is opened."""
ALIGNED = 256
"""Bytes: where arrays begin."""
MOST_WORLDS = 2**20
"""Worlds per launch."""
MOST_BYTES = 2**32
"""Bytes of the rows of a warp, which kernels count in 32 bits."""
TOO_OLD = "CUDA_ERROR_UNSUPPORTED_PTX_VERSION"
OUT_OF_MEMORY = "CUDA_ERROR_OUT_OF_MEMORY"
NON_BLOCKING = 1
"""CU_STREAM_NON_BLOCKING: a stream that does not wait for others."""

Array = npt.NDArray[Any]


class NoGpu(RuntimeError):
    """No GPU can be used, or not for this case; the message says why, and what would help."""


class GpuError(RuntimeError):
    """The driver of the GPU refused something; the message says what, and what it returned."""


class OutOfMemoryError(GpuError):
    """The GPU has no memory left for what was asked."""


class Kernel(NamedTuple):
    """A kernel on the GPU."""

    function: Any
    rows: int
    """Rows of a thread block, each of them a warp."""
    fast: bool
    """Whether all but the rows of blocks is in the shared memory of thread blocks."""
    by_value: bool
    """Whether it takes the directory and the header of blocks as values too."""


class Stream:
    """A queue of the GPU, and the memory that calls use on it, one call after the other."""

    def __init__(self, handle: Any) -> None:
        self.handle = handle
        self.address = 0
        self.size = 0


class Launches(NamedTuple):
    """How a job is played within the memory of a call."""

    kernel: Kernel
    tables: npt.NDArray[np.int64]
    block: Apart
    """The memory of one warp, as it is before a world begins."""
    warps: int
    """How many play at once."""
    worlds: int
    """Most worlds per launch."""
    size: int
    """Bytes that a launch takes, at most."""
    least: int
    """Bytes that one warp takes, at most."""


class Gpu:
    """The first GPU of this machine; `open_gpu` returns it.

    Parameters
    ----------
    driver
        The functions of the CUDA driver, as `cuda.bindings.driver` has them.
    ptx
        Returns a kernel by its name, as PTX.
    width
        Worlds that a thread of these kernels plays at a time.
    rows
        Warps of a thread block, by the name of a kernel.

    Raises
    ------
    NoGpu
        If there is no driver or no GPU that can be used.
    """

    def __init__(
        self, driver: Any, ptx: Callable[[str], str] = ptx_of, width: int = WIDTH, rows: Mapping[str, int] = WARPS
    ) -> None:
        self.lanes = WARP * width
        """Worlds that a warp plays at a time."""
        self.driver = driver
        self._ptx = ptx
        self._rows = rows
        self._streams: LifoQueue[Stream] = LifoQueue()
        self._calls = CALLS
        """How many calls may use the GPU at the same time: fewer, once it had no memory for one of them."""
        self._sharing = Lock()
        self._kernels: dict[tuple[str, bool], Kernel] = {}
        """By name, and by whether it is for shared memory that is large enough."""
        self._refused: dict[tuple[str, bool], str] = {}
        """The same: why a kernel cannot be loaded."""
        self._loading = Lock()
        self.name = "of this machine"
        """Such as "NVIDIA H100 80GB HBM3"."""
        try:
            with ExitStack() as undo:
                self._open(undo)
                undo.pop_all()
        except GpuError as error:
            raise NoGpu(f"the GPU {self.name} cannot be used now: {error}") from None

    def batch(self, case: Case, numbers: Mapping[str, float]) -> int:
        """Return how many worlds of a case are best played by one call, a multiple of `lanes`; their kernel is loaded.

        Parameters
        ----------
        case
            What would be run.
        numbers
            Those that would differ by world: dotted path -> the greatest value.

        Returns
        -------
        int
            As many as the GPU holds at once.

        Raises
        ------
        NoGpu
            If the memory of the GPU does not hold the worlds of one warp, or the kernel cannot be loaded.
        """
        try:
            self._enter()
        except GpuError as error:
            raise NoGpu(f"the GPU {self.name} cannot be used now: {error}") from None
        few = np.arange(self.lanes)
        differing = {path: np.full(few.size, value) for path, value in numbers.items()}
        job, horizon = prepare(case, few, seed=0, numbers=differing, months=None, paths=0)
        return self.lanes * self._planned(case, job, horizon, self.memory).warps

    def play(self, case: Case, job: Job, horizon: int) -> None:
        """Fill the outputs of a job; several threads may call it at once.

        Parameters
        ----------
        case
            What is run.
        job
            Which worlds, as `ensemble.prepare` returns it.
        horizon
            How many months actors look ahead, at most.

        Raises
        ------
        NoGpu
            If the memory of the GPU does not hold the worlds of one warp, or others have taken it.
        GpuError
            If the GPU fails.
        """
        if not job.worlds.size:
            return
        self._enter()
        plan = self._planned(case, job, horizon, self.memory)
        stream = self._streams.get()
        try:
            while True:
                try:
                    for part in _parts(job, plan.worlds):
                        self._launch(stream, part, plan)
                except OutOfMemoryError as error:
                    self._free(stream)
                    if self._left_to_others():
                        stream = self._streams.get()
                    else:
                        plan = self._planned(case, job, horizon, self._halved(plan, error))
                else:
                    return
        finally:
            self._streams.put(stream)

    def _warps_for(self, worlds: int) -> int:
        """Return how many warps play so many worlds in one go."""
        return -(-worlds // self.lanes)

    # --- one launch

    def _launch(self, stream: Stream, job: Job, plan: Launches) -> None:
        """Copy a job to the GPU, play it and copy its results back.

        The memory begins with all inputs, then the rows of each warp, of which the first ones are copied, then room for
        what is else in the shared memory of thread blocks, if it is too small for that; then results.
        """
        kernel, (common, marks, rows) = plan.kernel, plan.block
        arrays = _arrays(job)
        sized = [plan.tables, common, marks, *arrays, words_of(job, 0, lambda _: 0), rows]
        starts = _starts([one.nbytes for one in sized])
        memory = starts[-2]
        warps = min(plan.warps, self._warps_for(job.worlds.size))
        shape = rows_of, thread_blocks = _shape(kernel, warps)
        held = _bytes_of(plan.tables, plan.block, rows_of)
        room = memory + warps * rows.nbytes
        results = room + (0 if kernel.fast else thread_blocks * held) + _starts([one.nbytes for one in job.out])
        here = self._reserve(stream, int(results[-1]))
        where = {id(one): here + int(start) for one, start in zip(arrays, starts[3:], strict=False)}
        where |= {id(one): here + int(start) for one, start in zip(job.out, results, strict=False)}
        words = words_of(job, rows.nbytes // 8, lambda one: where[id(one)])
        content = np.zeros(memory + rows.nbytes, np.uint8)
        for one, start in zip([plan.tables, common, marks, *arrays, words, rows], starts, strict=False):
            content[start : start + one.nbytes] = one.reshape(-1).view(np.uint8)
        self._ask("cuMemcpyHtoDAsync", here, content.ctypes.data, content.nbytes, stream.handle)
        self._repeat(stream, here + int(memory), rows.nbytes, warps)
        at = [here + int(start) for start in starts]
        copied = [word for n, one in enumerate((plan.tables, common, marks)) for word in (at[n], one.nbytes)]
        values = [*copied, 0 if kernel.fast else here + int(room), at[-2], at[-3]]
        by_value = [plan.tables, common] if kernel.by_value else []
        self._start(
            stream, kernel, shape, held if kernel.fast else 0, [*by_value, *np.array(values, np.uint64).reshape(-1, 1)]
        )
        for one in job.out:
            if one.size:
                self._ask("cuMemcpyDtoHAsync", one.ctypes.data, where[id(one)], one.nbytes, stream.handle)
        self._ask("cuStreamSynchronize", stream.handle)

    def _repeat(self, stream: Stream, address: int, size: int, times: int) -> None:
        """Write the bytes at an address again behind themselves, until they stand there so many times."""
        done = 1
        while done < times:
            more = min(done, times - done)
            self._ask("cuMemcpyDtoDAsync", address + done * size, address, more * size, stream.handle)
            done += more

    def _start(self, stream: Stream, kernel: Kernel, shape: tuple[int, int], fast: int, values: list[Array]) -> None:
        """Start a kernel with so many warps in each of so many thread blocks, on the values of its parameters.

        Each thread block has `fast` bytes of shared memory; the last one may have warps without a world.
        """
        pointers = np.array([one.ctypes.data for one in values], np.uint64)
        rows, thread_blocks = shape
        launch = (thread_blocks, 1, 1, WARP, rows, 1, fast, stream.handle, pointers.ctypes.data, 0)
        self._ask("cuLaunchKernel", kernel.function, *launch)

    # --- memory

    def _planned(self, case: Case, job: Job, horizon: int, memory: int) -> Launches:
        """Return how a job is played with as many warps as the GPU holds, or fewer, within so many bytes."""
        block, tables = apart(case.tables, case.numbers, job.varied_index, horizon, self.lanes), packed(case.tables)
        if block.rows.nbytes > MOST_BYTES:
            raise NoGpu(
                f"{self.lanes} worlds of this case need {block.rows.nbytes / 1e9:,.1f} GB, more than a warp can use"
            )
        kernel, warps = self._fitting("play_ahead" if horizon else "play", tables, block)
        paths = job.out.issues.nbytes + job.out.leverage.nbytes
        by_world = sum(one.nbytes for one in (job.worlds, job.varied, *job.out)) - paths
        each = by_world // job.worlds.size + 1
        inputs = [tables, block.common, block.marks, *_arrays(job)]
        fixed = sum(one.nbytes for one in inputs) - job.worlds.nbytes - job.varied.nbytes + paths
        fixed += ALIGNED * (len(inputs) + len(job.out) + 4)
        # all warps of a thread block have room, those without a world too
        fixed += 0 if kernel.fast else _bytes_of(tables, block, kernel.rows)
        of_warp = block.rows.nbytes + (0 if kernel.fast else _bytes_of(tables, block, 1))
        one = of_warp + self.lanes * each
        if memory < fixed + one:
            raise NoGpu(
                f"the memory of the GPU {self.name} is too small: {self.lanes} worlds of this case need "
                f"{(fixed + one) / 1e6:,.1f} MB, and a call may use {memory / 1e6:,.1f} MB"
            )
        warps = min(warps, (memory - fixed) // one)
        warps -= warps % kernel.rows if warps > kernel.rows else 0
        worlds = min((memory - fixed - warps * of_warp) // each, MOST_WORLDS)
        worlds -= worlds % (self.lanes * warps if worlds > self.lanes * warps else self.lanes)  # all warps play as many
        most = min(worlds, job.worlds.size)
        size = fixed + min(warps, self._warps_for(most)) * of_warp + most * each
        return Launches(kernel, tables, block, warps, worlds, size, fixed + one)

    def _fitting(self, name: str, tables: Array, block: Apart) -> tuple[Kernel, int]:
        """Return a kernel for which the shared memory is large enough, and how many warps the GPU holds at once."""
        fast = _bytes_of(tables, block, self._rows[name])
        if fast <= self._fast:
            kernel = self._kernel(name, fast=True)
            if warps := self._held(kernel, fast):
                return kernel, warps
        kernel = self._kernel(name, fast=False)
        return kernel, self._held(kernel, 0)

    def _held(self, kernel: Kernel, fast: int) -> int:
        """Return how many warps the GPU holds at once, if a thread block has so many bytes of shared memory."""
        blocks = self._ask("cuOccupancyMaxActiveBlocksPerMultiprocessor", kernel.function, kernel.rows * WARP, fast)
        return self._attribute("MULTIPROCESSOR_COUNT") * int(blocks) * kernel.rows

    def _left_to_others(self) -> bool:
        """Let one call less use the GPU from now on, and others have its memory; False if it is the last one."""
        with self._sharing:
            others = self._calls > 1
            self._calls -= others
        return others

    def _halved(self, plan: Launches, error: OutOfMemoryError) -> int:
        """Return half of the memory of a plan, or what one warp takes; NoGpu if the plan takes no more than that."""
        if plan.size <= plan.least:
            raise NoGpu(
                f"the memory of the GPU {self.name} is in use: {self.lanes} worlds of this case need "
                f"{plan.least / 1e6:,.1f} MB, and {error}"
            ) from None
        return max(plan.size // 2, plan.least)

    def _reserve(self, stream: Stream, size: int) -> int:
        """Return the address of the memory of a stream, of so many bytes or more."""
        if stream.size < size:
            self._free(stream)
            stream.address = int(self._ask("cuMemAlloc", size))
            stream.size = size
        return stream.address

    def _free(self, stream: Stream) -> None:
        """Free the memory of a stream, if it has any."""
        if stream.size:
            stream.size = 0
            self._ask("cuMemFree", stream.address)

    # --- the device

    def _open(self, undo: ExitStack) -> None:
        """Take what is needed of the first GPU; `undo` gives it back."""
        self._device = self._first_device()
        self.name = self._ask("cuDeviceGetName", 80, self._device).split(b"\0")[0].decode(errors="replace")
        self._check_capability()
        self._fast = self._attribute("MAX_SHARED_MEMORY_PER_BLOCK_OPTIN")
        self._context = self._ask("cuDevicePrimaryCtxRetain", self._device)
        undo.callback(self._give_back, "cuDevicePrimaryCtxRelease", self._device)
        self._enter()
        self.memory = int(self._ask("cuMemGetInfo")[0] * USABLE_SHARE) // CALLS
        """Bytes of the GPU's memory that one call may use."""
        for _ in range(CALLS):
            stream = Stream(self._ask("cuStreamCreate", NON_BLOCKING))
            undo.callback(self._give_back, "cuStreamDestroy", stream.handle)
            self._streams.put(stream)

    def _first_device(self) -> Any:
        try:
            self._ask("cuInit", 0)
        except GpuError as error:
            raise NoGpu(f"the driver of the NVIDIA GPU does not start: {error}") from None
        except Exception:  # of several kinds, where the system has no driver
            raise NoGpu("there is no NVIDIA GPU here, or no driver for it") from None
        if self._ask("cuDeviceGetCount") == 0:
            raise NoGpu("there is no NVIDIA GPU here that this process may use")
        return self._ask("cuDeviceGet", 0)

    def _attribute(self, name: str) -> int:
        kind = getattr(self.driver.CUdevice_attribute, f"CU_DEVICE_ATTRIBUTE_{name}")
        return int(self._ask("cuDeviceGetAttribute", kind, self._device))

    def _check_capability(self) -> None:
        parts = ("COMPUTE_CAPABILITY_MAJOR", "COMPUTE_CAPABILITY_MINOR")
        found = tuple(map(self._attribute, parts))
        if found < OLDEST:
            needed, own = (".".join(map(str, one)) for one in (OLDEST, found))
            raise NoGpu(f"the GPU {self.name} has compute capability {own}, and {needed} or later is needed")

    def _enter(self) -> None:
        """Let this thread use the GPU."""
        self._ask("cuCtxSetCurrent", self._context)

    def _kernel(self, name: str, fast: bool) -> Kernel:
        """Return a kernel, loaded, for shared memory that is large enough or not; it is compiled first if need be.

        One that cannot be loaded is not tried again, because compiling it takes most of a minute.
        """
        key = (name, fast)
        with self._loading:
            if key not in self._kernels and key not in self._refused:
                try:
                    self._kernels[key] = self._compiled_and_loaded(name, fast)
                except NoGpu as error:
                    self._refused[key] = str(error)
        if key in self._refused:
            raise NoGpu(self._refused[key])
        return self._kernels[key]

    def _compiled_and_loaded(self, name: str, fast: bool) -> Kernel:
        try:
            text = self._ptx(name)
        except (RuntimeError, OSError) as error:
            raise NoGpu(f"the kernels for the GPU cannot be compiled: {error}") from None
        image = np.frombuffer((text if fast else in_memory(text)).encode() + b"\0", np.uint8)
        try:
            with ExitStack() as undo:
                kernel = Kernel(self._load(name, image, undo), self._rows[name], fast, name in BY_VALUE)
                self._held(kernel, 0)
                undo.pop_all()
        except GpuError as error:
            reason = "is too old for" if TOO_OLD in str(error) else "cannot load"
            raise NoGpu(f"the driver of the GPU {self.name} {reason} its kernels: {error}") from None
        return kernel

    def _load(self, name: str, image: Array, undo: ExitStack) -> Any:
        """Load a kernel and return it as the driver has it; `undo` unloads it."""
        module = self._ask("cuModuleLoadData", image.ctypes.data)
        undo.callback(self._give_back, "cuModuleUnload", module)
        function = self._ask("cuModuleGetFunction", module, name.encode())
        most = self.driver.CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES
        self._ask("cuFuncSetAttribute", function, most, self._fast)
        return function

    def _give_back(self, name: str, handle: Any) -> None:
        """Call a function of the driver that gives something back, because something else has failed before."""
        with suppress(GpuError):
            self._ask(name, handle)

    def _ask(self, name: str, *arguments: Any) -> Any:
        """Call a function of the driver; return what it gives: nothing, a value or several."""
        status, *values = getattr(self.driver, name)(*arguments)
        if int(status):
            kind = OutOfMemoryError if status.name == OUT_OF_MEMORY else GpuError
            raise kind(f"{name} returned {status.name}")
        return values[0] if len(values) == 1 else values


_opening = Lock()
_opened: list[Gpu | str] = []
"""The GPU of this process, or why there is none."""


def open_gpu() -> Gpu:
    """Return the first GPU of this machine, opened once per process; one that failed is not tried again.

    Returns
    -------
    Gpu
        What `simulate` takes as `device`.

    Raises
    ------
    NoGpu
        If there is none that can be used; the message says why.

    Examples
    --------
    >>> from realpolitik_model.gpu import NoGpu, open_gpu
    >>> try:
    ...     gpu = open_gpu()
    ... except NoGpu as error:
    ...     gpu = None  # play on the processor
    """
    with _opening:
        if not _opened:
            _opened.append(_first_gpu())
        found = _opened[0]
    if isinstance(found, str):
        raise NoGpu(found)
    return found


def _first_gpu() -> Gpu | str:
    """Return the first GPU of this machine, or why there is none."""
    try:
        import cuda.bindings.driver as driver
    except ImportError:
        return "a GPU needs the package cuda-bindings (install realpolitik with its extra 'gpu')"
    try:
        return Gpu(driver)
    except NoGpu as error:
        return str(error)


def _arrays(job: Job) -> list[Array]:
    """Return the inputs of a job that are arrays."""
    return [one for one in job if isinstance(one, np.ndarray)]


def _shape(kernel: Kernel, warps: int) -> tuple[int, int]:
    """Return how many warps a thread block has, and how many thread blocks there are."""
    rows = min(kernel.rows, warps)
    return rows, -(-warps // rows)


def _bytes_of(tables: Array, block: Apart, rows: int) -> int:
    """Return how many bytes a thread block of so many warps takes for all but the rows of its blocks of worlds."""
    return int(tables.nbytes + block.common.nbytes + rows * block.marks.nbytes)


def _parts(job: Job, most: int) -> Iterator[Job]:
    """Yield a job in parts of so many worlds or fewer; their outputs are parts of the same arrays."""
    for start in range(0, job.worlds.size, most):
        here = slice(start, start + most)
        varied = np.ascontiguousarray(job.varied[:, here])
        yield job._replace(worlds=job.worlds[here], varied=varied, out=job.out.part(here))


def _starts(sizes: list[int]) -> npt.NDArray[np.int64]:
    """Return where parts of so many bytes begin, one behind the other, and where the last one ends."""
    return np.cumsum([0, *(-(-size // ALIGNED) * ALIGNED for size in sizes)])
