"""A CUDA driver for tests: its functions as `realpolitik_model.gpu` uses them, in the memory of this process."""

import ctypes
from concurrent.futures import ThreadPoolExecutor
from enum import IntEnum
from threading import Lock, local

import numpy as np

MEMORY = 2**31
ALIGNED = 256
WARP = 32
UNSET = 0xAA
FAST = 232_448
"""Bytes of shared memory that a thread block may have."""
ANSWERS = {
    "cuInit": (),
    "cuDeviceGetCount": (1,),
    "cuDeviceGet": (0,),
    "cuDeviceGetName": (b"Threads" + bytes(73),),
    "cuDevicePrimaryCtxRetain": (0,),
    "cuDevicePrimaryCtxRelease": (),
    "cuCtxSetCurrent": (),
    "cuFuncSetAttribute": (),
    "cuMemGetInfo": (MEMORY, MEMORY),
    "cuStreamCreate": (0,),
    "cuStreamDestroy": (),
    "cuStreamSynchronize": (),
    "cuModuleUnload": (),
    "cuOccupancyMaxActiveBlocksPerMultiprocessor": (2,),
}
"""What is always answered the same."""
OF_NO_CONTEXT = ("cuInit", "cuDevice", "cuCtxSetCurrent")
"""How functions begin that a thread may call before it has set the context that it uses."""


class Result(IntEnum):
    """What every function returns first."""

    CUDA_SUCCESS = 0
    CUDA_ERROR_OUT_OF_MEMORY = 2
    CUDA_ERROR_NO_DEVICE = 100
    CUDA_ERROR_INVALID_CONTEXT = 201
    CUDA_ERROR_UNSUPPORTED_PTX_VERSION = 222


class Attribute(IntEnum):
    """What a GPU is asked about itself; each is also the answer."""

    CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR = 8
    CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR = 0
    CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT = 1
    CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN = FAST
    CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES = 97


class Driver:
    """A driver whose kernels are run by `play(module, parameters, row, rows, block, blocks)`, per warp in its thread.

    The module is PTX, with the kernel as its only entry; the parameters are the addresses of their values. A thread
    block has rows of threads, each of them a warp.

    `answers` replaces some of its ANSWERS; a `Result` as answer is an error, and a function is called for an answer.
    """

    CUdevice_attribute = CUfunction_attribute = Attribute

    def __init__(self, play=None, **answers):
        self.play = play
        self.answers = ANSWERS | answers
        self.capacity = MEMORY
        """Bytes that can be allocated."""
        self.allocating = Lock()
        self.allocated = {}
        self.entered = local()
        """What threads have set as their context."""
        self.asked = []
        """Names of the functions that were called, in order."""
        self.launches = []
        """Warps of each launch."""
        self.shared = []
        """Bytes of shared memory of its thread blocks."""
        self.work = {
            "cuDeviceGetAttribute": lambda kind, _device: (int(kind),),
            "cuModuleLoadData": lambda image: (ctypes.string_at(image),),
            "cuModuleGetFunction": lambda module, name: ((module, name),),
            "cuMemAlloc": self.allocate,
            "cuMemFree": self.free,
            "cuMemcpyHtoDAsync": lambda to, source, size, _stream: self.copy(to, source, size, inside=(to,)),
            "cuMemcpyDtoHAsync": lambda to, source, size, _stream: self.copy(to, source, size, inside=(source,)),
            "cuMemcpyDtoDAsync": lambda to, source, size, _stream: self.copy(to, source, size, inside=(to, source)),
            "cuLaunchKernel": self.launch,
        }

    def __getattr__(self, name):
        found = self.answers[name] if name in self.answers else self.work[name]

        def function(*arguments):
            self.asked.append(name)
            if not name.startswith(OF_NO_CONTEXT) and not hasattr(self.entered, "context"):
                return (Result.CUDA_ERROR_INVALID_CONTEXT,)
            answer = found(*arguments) if callable(found) else found
            if name == "cuCtxSetCurrent" and not isinstance(answer, Result):
                self.entered.context = arguments[0]
            return (answer,) if isinstance(answer, Result) else (Result.CUDA_SUCCESS, *answer)

        return function

    def allocate(self, size):
        """Return the address of memory whose bytes are not set, or an error if there is not so much left."""
        bytes_ = np.full(size + ALIGNED, UNSET, np.uint8)
        address = bytes_.ctypes.data + -bytes_.ctypes.data % ALIGNED
        with self.allocating:
            if size + sum(own for own, _ in self.allocated.values()) > self.capacity:
                return Result.CUDA_ERROR_OUT_OF_MEMORY
            self.allocated[address] = (size, bytes_)
        return (address,)

    def free(self, address):
        """Take memory back."""
        with self.allocating:
            del self.allocated[address]
        return ()

    def copy(self, to, source, size, *, inside):
        """Copy bytes; the addresses `inside` are of allocated memory."""
        for address in inside:
            spans = [(start, start + own) for start, (own, _) in list(self.allocated.items())]
            assert any(start <= address and address + size <= end for start, end in spans), "not in allocated memory"
        ctypes.memmove(to, source, size)
        return ()

    def launch(self, function, blocks, _y, _z, threads, rows, _w, shared, _stream, parameters, _extra):
        """Run a kernel."""
        module, name = function
        assert b".visible .entry " + name + b"(" in module, "the kernel is not in its module"
        assert threads == WARP
        assert 0 <= shared <= FAST
        pointers = ctypes.cast(int(parameters), ctypes.POINTER(ctypes.c_uint64))
        self.launches.append(blocks * rows)
        self.shared.append(shared)
        text = module.decode()
        with ThreadPoolExecutor(rows) as pool:
            for block in range(blocks):
                warps = [pool.submit(self.play, text, pointers, row, rows, block, blocks) for row in range(rows)]
                for warp in warps:
                    warp.result()
        return ()
