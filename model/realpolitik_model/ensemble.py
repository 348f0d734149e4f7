"""Runs worlds of a case, and returns what they leave behind as arrays."""

from collections.abc import Mapping
from typing import Protocol

import numpy as np
import numpy.typing as npt

from realpolitik_model.case import Case
from realpolitik_model.engine.playing import Job, Outputs, play_all, play_all_ahead
from realpolitik_model.engine.state import state_for

Numbers = Mapping[str, npt.NDArray[np.float64]]
"""Dotted path -> one value per world."""


class Device(Protocol):
    """What can play worlds instead of this process, to the same bits; see `gpu.Gpu`."""

    name: str

    def batch(self, case: Case, numbers: Mapping[str, float]) -> int:
        """Return how many worlds of a case are best played by one call, a multiple of 32; RuntimeError if none can be.

        `numbers` are those that differ by world, each with its greatest value.
        """
        ...

    def play(self, case: Case, job: Job, horizon: int) -> None:
        """Fill the outputs of a job; several threads may call it at once."""
        ...


def simulate(
    case: Case,
    worlds: npt.NDArray[np.int64],
    *,
    seed: int,
    numbers: Numbers | None = None,
    months: int | None = None,
    paths: int = 0,
    device: Device | None = None,
) -> Outputs:
    """Run worlds of a case, each identical to the bit to the same world run alone.

    Parameters
    ----------
    case
        What to run.
    worlds
        World numbers, 0 or more, in any order, shape (worlds,).
    seed
        0 to 2**63 - 1.
    numbers
        Numbers that differ by world: dotted path -> array of shape (worlds,).
    months
        How many months to play; all of the case by default.
    paths
        For how many of the worlds, the first ones, the monthly paths are kept.
    device
        What plays them: a GPU, as `gpu.open_gpu` returns it, or by default this process.

    Returns
    -------
    Outputs
        Arrays with the world as axis 0.

    Raises
    ------
    ValueError
        If a path of `numbers` is not in the case, one of its values is not finite, a world is below 0, or the case has
        fewer months. The bounds of numbers are those of scenario files, and not checked here.
    RuntimeError
        If the device fails, or its memory holds too few worlds of the case.

    Examples
    --------
    >>> import numpy as np
    >>> import realpolitik as rp
    >>> case = rp.load("karabakh").case()
    >>> out = simulate(case, np.array([5, 17]), seed=1, months=12)
    >>> out.first.shape == (2, len(case.outcomes))
    True
    """
    job, horizon = prepare(case, worlds, seed=seed, numbers=numbers, months=months, paths=paths)
    if device is not None:
        device.play(case, job, horizon)
        return job.out
    memory = state_for(case.tables, case.numbers, job.varied_index, 1, horizon).memory
    (play_all_ahead if horizon else play_all)(case.directory, memory, job)
    return job.out


def prepare(
    case: Case, worlds: npt.NDArray[np.int64], *, seed: int, numbers: Numbers | None, months: int | None, paths: int
) -> tuple[Job, int]:
    """Return what `simulate` plays, its outputs yet to be filled, and how many months actors look ahead at most."""
    months = case.months if months is None else months
    if not 0 <= months <= case.months:
        raise ValueError(f"months must be 0 to {case.months}, not {months}")
    worlds = np.ascontiguousarray(worlds, np.int64)
    if worlds.size and worlds.min() < 0:
        raise ValueError(f"worlds are numbered from 0, and {worlds.min()} is below")
    numbers = numbers or {}
    given = case.varied(numbers, worlds.size)
    varied = np.empty((len(given), worlds.size))
    for row, values in zip(varied, given.values(), strict=True):
        row[:] = values
    index = np.array(list(given), np.int64)
    out = _outputs(case, worlds.size, months, min(paths, worlds.size))
    job = Job(case.numbers, index, varied, *fork_arrays(case), worlds, np.uint64(seed), months, case.months - 1, out)
    return job, case.horizon(numbers)


def fork_arrays(
    case: Case,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Return the month, the number and the value of every change that the forks of a case make."""
    rows = [(fork.month, case.paths[path], value) for fork in case.forks for path, value in fork.numbers.items()]
    month, number, value = ([row[n] for row in rows] for n in range(3))
    return np.array(month, np.int64), np.array(number, np.int64), np.array(value, np.float64)


def _outputs(case: Case, worlds: int, months: int, kept: int) -> Outputs:
    outcomes, moves, issues = len(case.outcomes), len(case.moves), len(case.issues)
    return Outputs(
        first=np.empty((worlds, outcomes), np.int16),
        measured=np.empty((worlds, outcomes)),
        made=np.empty((worlds, moves), np.int16),
        refused=np.empty((worlds, moves), np.int16),
        price=np.empty((worlds, moves)),
        final=np.empty((worlds, issues)),
        issues=np.empty((kept, months, issues)),
        leverage=np.empty((kept, months, len(case.pairs))),
    )
