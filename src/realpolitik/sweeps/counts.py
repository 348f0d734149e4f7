"""The size of a sweep, from its counts alone: too large a request is refused before anything is read or simulated."""

from dataclasses import dataclass
from typing import NamedTuple

from realpolitik.choices import Keep, whole
from realpolitik.costs import cores, size, span
from realpolitik.texts import counted

CHUNK = 16_384
"""Most worlds per chunk by default: a second or more of one core and a few megabytes; 61 chunks per million worlds."""
MOST_CHUNKS = 50_000
MOST_CHUNK = 2**24
MOST_WORLDS = 1_000_000
MOST_POINTS = 2**30
SECONDS_PER_RUN, BYTES_PER_ROW = 1e-4, 45
"""Seconds of a core, and bytes of a file: orders of magnitude, of the Karabakh case, for use before any measurement."""
MEMORY_PER_WORLD = 1_500
"""Bytes per world while its chunk is computed and encoded, for the Karabakh case; measured."""


class Estimate(NamedTuple):
    """What a sweep takes."""

    runs: int
    seconds: float
    disk: float
    memory: float
    chunks: int

    def __str__(self) -> str:
        return (
            f"{counted(self.runs, 'run')}, about {span(self.seconds)} on this machine, {size(self.disk)} of disk in "
            f"{counted(self.chunks, 'chunk')}, {size(self.memory)} of memory"
        )


@dataclass(frozen=True, kw_only=True)
class Counts:
    """How many points and worlds there are, and how they are divided into chunks."""

    points: int
    worlds: int
    """Worlds 0, 1, ... at every point, with the same noise at each."""
    keep: Keep = "worlds"
    chunk: int = CHUNK

    @property
    def rows(self) -> int:
        """Rows of the table of results."""
        return self.points * self.worlds if self.keep == "worlds" else self.points

    @property
    def runs(self) -> int:
        """Worlds to simulate."""
        return self.points * self.worlds

    @property
    def worlds_per_row(self) -> int:
        """Worlds that one row of the table sums up."""
        return 1 if self.keep == "worlds" else self.worlds

    @property
    def rows_per_chunk(self) -> int:
        """Rows in every chunk but the last."""
        return max(1, self.chunk // self.worlds_per_row)

    @property
    def chunks(self) -> int:
        """Number of chunks."""
        return -(-self.rows // self.rows_per_chunk)

    @property
    def least_bytes(self) -> int:
        """Lower bound of the size of the files, whatever their content."""
        return self.rows + 1_000 * self.chunks

    def rough_estimate(self) -> Estimate:
        """Return what the sweep takes, as orders of magnitude."""
        at_once = min(self.runs, self.chunk)
        memory = 2.5e8 + at_once * MEMORY_PER_WORLD * cores()
        return Estimate(
            self.runs, self.runs * SECONDS_PER_RUN / cores(), self.rows * BYTES_PER_ROW, memory, self.chunks
        )

    def check(self) -> None:
        """Raise ValueError for counts out of range, or more chunks than a folder should hold."""
        for what, count, most in (
            ("worlds", self.worlds, MOST_WORLDS),
            ("points", self.points, MOST_POINTS),
            ("chunk", self.chunk, MOST_CHUNK),
        ):
            if not 1 <= whole(what, count) <= most:
                raise ValueError(f"{what} must be 1 to {most:,} in a sweep, not {count:,}")
        if self.chunks > MOST_CHUNKS:
            advice = f"At most {MOST_CHUNKS:,} chunks; fewer points or worlds, or --keep points"
            raise ValueError(f"too large: {self.rough_estimate()}. {advice}")

    def chunk_within(self, worlds: int) -> int:
        """Return a chunk of `worlds` worlds, at most `CHUNK`; more if a folder could not hold so many chunks."""
        needed = -(-self.rows // MOST_CHUNKS) * self.worlds_per_row
        return min(CHUNK, max(worlds, needed))
