"""Counter-based noise: every draw is a hash of (seed, world, month, purpose), so any world can be replayed alone.

Each kernel takes one word or those of all lanes. A 64-bit hash gives four 16-bit fields whose centred sum is close to
normal (probit choice, Thurstone 1927).
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from realpolitik_model.engine.compiling import entry, kernel
from realpolitik_model.engine.vectors import real, small_real

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
FIRST = np.uint64(0xBF58476D1CE4E5B9)
SECOND = np.uint64(0x94D049BB133111EB)
FIELD = np.uint64(0xFFFF)
CENTRE = 131070.0
UNIT_VARIANCE = 2.6428997921303014e-05  # 1 / sqrt((65536**2 - 1) / 3)
ONCE = -1
"""The month of draws that belong to a world and not to a month."""

U64 = npt.NDArray[np.uint64]


@kernel
def mix(h: Any) -> Any:
    """Return the splitmix64 finaliser of a 64-bit word (Steele, Lea & Flood 2014)."""
    h = (h ^ (h >> np.uint64(30))) * FIRST
    h = (h ^ (h >> np.uint64(27))) * SECOND
    return h ^ (h >> np.uint64(31))


@kernel
def stream(seed: Any, world: Any) -> Any:
    """Return the word from which all noise of one world of one seed is derived."""
    return mix(mix(np.uint64(seed) + GOLDEN) + GOLDEN * (np.uint64(world) + np.uint64(1)))


@kernel
def at_month(word: Any, month: Any) -> Any:
    """Return the word of one month of a world's stream; month -1 serves draws made once a world."""
    return mix(word + GOLDEN * np.uint64(month + 1))


@kernel
def normal(word: Any, key: Any) -> Any:
    """Return a draw of mean 0 and variance 1, never beyond 3.4642, for the purpose `key` of a month's word."""
    h = mix(word ^ key)
    fields = (h & FIELD) + ((h >> np.uint64(16)) & FIELD) + ((h >> np.uint64(32)) & FIELD) + (h >> np.uint64(48))
    return (small_real(fields) - CENTRE) * UNIT_VARIANCE


@kernel
def uniform(word: Any, key: Any) -> Any:
    """Return a draw from [0, 1) for the purpose `key` of a month's word."""
    return real(mix(word ^ key) >> np.uint64(11)) * 1.1102230246251565e-16


@lru_cache(maxsize=2**14)
def purpose_key(purpose: str) -> int:
    """Return the key of a purpose such as `decision/Baku/offensive`: mixed FNV-1a of its name.

    Names rather than positions key the streams, so a new actor or move changes nobody else's luck.
    """
    h = 0xCBF29CE484222325
    for byte in purpose.encode():
        h = ((h ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return _mix(h)


def _mix(h: int) -> int:
    h = ((h ^ (h >> 30)) * int(FIRST)) & 0xFFFFFFFFFFFFFFFF
    h = ((h ^ (h >> 27)) * int(SECOND)) & 0xFFFFFFFFFFFFFFFF
    return h ^ (h >> 31)


@entry
def _draws(out: Any, seed: Any, worlds: Any, keys: Any, ranges: Any) -> None:
    words = np.empty(worlds.size, np.uint64)
    for i in range(worlds.size):
        words[i] = at_month(stream(seed, worlds[i]), ONCE)
    for n in range(keys.size):
        low, width = ranges[n, 0], ranges[n, 1] - ranges[n, 0]
        for i in range(worlds.size):
            out[n, i] = low + width * uniform(words[i], keys[n])


def draw(
    seed: int, worlds: npt.NDArray[np.int64], ranges: Mapping[str, tuple[float, float]]
) -> dict[str, npt.NDArray[np.float64]]:
    """Return each world's own draws from ranges, uniform in each.

    Parameters
    ----------
    seed
        0 to 2**63 - 1.
    worlds
        Numbers of worlds, shape (worlds,).
    ranges
        Dotted path -> the ends of its range, low and high. The path keys the draw, so a world has the same number at a
        path in any company, whatever else is drawn.

    Returns
    -------
    dict
        Dotted path -> array of float64, (worlds,).

    Examples
    --------
    >>> import numpy as np
    >>> from realpolitik_model import draw
    >>> few, more = (draw(1, np.arange(n), {"theory.phi": (0.5, 1.5)})["theory.phi"] for n in (3, 9))
    >>> few.shape, bool((few == more[:3]).all())
    ((3,), True)
    """
    keys = np.array([purpose_key(f"prior/{path}") for path in ranges], np.uint64)
    ends, out = np.array([*ranges.values()], np.float64).reshape(-1, 2), np.empty((len(ranges), worlds.size))
    _draws(out, np.uint64(seed), worlds, keys, ends)
    return dict(zip(ranges, out, strict=True))
