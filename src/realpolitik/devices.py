"""Where worlds are played: on the processor, or on a GPU. The worlds are the same to the bit."""

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, get_args

from realpolitik.choices import On, one_of

if TYPE_CHECKING:
    from realpolitik_model import Case
    from realpolitik_model.ensemble import Device

_chosen: ContextVar[On] = ContextVar("device", default="cpu")


@contextmanager
def playing_on(device: On | None) -> Iterator[None]:
    """Let all that is run within a `with` statement be played on a device, if it can be.

    Parameters
    ----------
    device
        "cpu", "cuda" (an NVIDIA GPU, which must be there), or "auto" (a GPU if there is one, else the processor).
        None: as it is.

    Returns
    -------
    context manager
        For a `with` statement; it yields nothing.

    Raises
    ------
    ValueError
        If there is no such device.

    Examples
    --------
    >>> import realpolitik as rp
    >>> with rp.playing_on("cpu"):
    ...     ensemble = rp.run("karabakh", worlds=64)
    """
    before = _chosen.set(_chosen.get() if device is None else checked_device(device))
    try:
        yield
    finally:
        _chosen.reset(before)


def checked_device(device: str) -> On:
    """Return the name of a device; ValueError if there is none such."""
    devices: tuple[On, ...] = get_args(On)
    return one_of("device", device, devices)


def chosen_device(device: On | None = None) -> On:
    """Return the device that is asked for: here, or by the `with` statement around."""
    return _chosen.get() if device is None else checked_device(device)


def device_for(
    case: "Case", numbers: Mapping[str, float], chunk: int, device: On | None = None
) -> tuple["Device | None", int]:
    """Return the GPU on which worlds of a case are played, None for the processor, and how many worlds at a time.

    Parameters
    ----------
    case
        What is run.
    numbers
        Those that differ by world: dotted path -> the greatest value.
    chunk
        How many worlds are played at a time on the processor; on a GPU it is a multiple of that.
    device
        What is asked for, if not by the `with` statement around.

    Raises
    ------
    RuntimeError
        If "cuda" is asked for and no GPU can be used for this case. Under "auto" this is a warning.
    """
    asked = chosen_device(device)
    if asked == "cpu":
        return None, chunk
    from realpolitik_model.gpu import NoGpu, open_gpu

    try:
        gpu = open_gpu()
        return gpu, -(-gpu.batch(case, numbers) // chunk) * chunk
    except NoGpu as error:
        if asked == "cuda":
            raise
        warnings.warn(f"{error}; the processor is used", RuntimeWarning, stacklevel=2)
        return None, chunk
