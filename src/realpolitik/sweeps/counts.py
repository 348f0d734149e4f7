"""How much a sweep is, by its counts alone: what is too large is refused before anything is read or played."""

from dataclasses import dataclass
from typing import NamedTuple

from realpolitik.choices import Keep
from realpolitik.sweeps.execution import processors

CHUNK = 16_384
"""Worlds in a chunk: a second or more of one core, a few megabytes; 61 chunks a million."""
MOST_CHUNKS = 50_000
MOST_CHUNK = 2**24
MOST_WORLDS = 1_000_000
MOST_POINTS = 2**30
A_RUN, A_ROW = 1e-4, 45
"""Seconds of a core, and bytes of a file: orders of magnitude for the Karabakh case, to refuse by before measuring."""
A_WORLD_AT_WORK = 1_500
"""Bytes a world takes while its chunk is computed and encoded, for the Karabakh case; measured."""


class Estimate(NamedTuple):
    """What a sweep takes."""

    runs: int
    seconds: float
    disk: float
    memory: float
    chunks: int

    def __str__(self) -> str:
        return (
            f"{self.runs:,} runs, about {span(self.seconds)} on this machine, {size(self.disk)} of disk in "
            f"{self.chunks:,} chunks, {size(self.memory)} of memory"
        )


@dataclass(frozen=True, kw_only=True)
class Counts:
    """How many points and worlds there are, and how they are cut."""

    points: int
    worlds: int
    """Worlds 0, 1, ... at every point: the same luck everywhere."""
    keep: Keep = "worlds"
    chunk: int = CHUNK

    @property
    def rows(self) -> int:
        """Rows of the table of results."""
        return self.points * self.worlds if self.keep == "worlds" else self.points

    @property
    def runs(self) -> int:
        """Worlds to play."""
        return self.points * self.worlds

    @property
    def rows_a_chunk(self) -> int:
        """Rows in every chunk but the last."""
        return self.chunk if self.keep == "worlds" else max(1, self.chunk // self.worlds)

    @property
    def chunks(self) -> int:
        """How many chunks there are."""
        return -(-self.rows // self.rows_a_chunk)

    @property
    def least_bytes(self) -> int:
        """Fewer bytes than the files take, whatever stands in them."""
        return self.rows + 1_000 * self.chunks

    @property
    def memory(self) -> float:
        """Bytes at work, on every processor at once."""
        worlds = self.rows_a_chunk * (1 if self.keep == "worlds" else self.worlds)
        return 2.5e8 + min(worlds, self.runs) * A_WORLD_AT_WORK * processors()

    def roughly(self) -> Estimate:
        """Say what it takes, by orders of magnitude."""
        return Estimate(self.runs, self.runs * A_RUN / processors(), self.rows * A_ROW, self.memory, self.chunks)

    def check(self) -> None:
        """Refuse counts that no sweep has, and more chunks than a folder should hold."""
        for what, count, most in (
            ("worlds", self.worlds, MOST_WORLDS),
            ("points", self.points, MOST_POINTS),
            ("chunk", self.chunk, MOST_CHUNK),
        ):
            if not 1 <= count <= most:
                raise ValueError(f"{what} must be 1 to {most:,} in a sweep, not {count:,}")
        if self.chunks > MOST_CHUNKS:
            advice = f"At most {MOST_CHUNKS:,} chunks; fewer points or worlds, or --keep points"
            raise ValueError(f"too large: {self.roughly()}. {advice}")


def size(count: float) -> str:
    """Write bytes for people."""
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if count < 1000:
            return f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:,.3g} PB"


def span(seconds: float) -> str:
    """Write a time for people."""
    for unit, length in (("years", 31_557_600), ("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:,.3g} {unit}"
    return f"{seconds:.2g} seconds"
