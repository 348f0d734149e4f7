"""The whole of a sweep before any of it is run: what each row is, and which chunk it stands in."""

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeGuard, get_args

import numpy as np
import numpy.typing as npt

from realpolitik.choices import Design, Keep
from realpolitik.scenario import Scenario
from realpolitik.scenario.core import digest
from realpolitik.sweeps.counts import CHUNK, Counts
from realpolitik.sweeps.designs import points_of, unit_points
from realpolitik.sweeps.factors import Factor, Levels
from realpolitik.sweeps.stored import stored
from realpolitik.sweeps.versions import versions

KEEPS: tuple[Keep, ...] = get_args(Keep)
FORMAT = 1


@dataclass(frozen=True, kw_only=True)
class Plan(Counts):
    """A sweep, stated: the scenario, the seed and the design; every row follows from it."""

    scenario: dict[str, Any]
    """The resolved scenario, as `stored` gives it."""
    seed: int
    kind: Design
    factors: tuple[Factor, ...]
    made_by: tuple[tuple[str, str], ...] = ()
    """Versions on which the bytes depend."""

    @property
    def paths(self) -> tuple[str, ...]:
        """Dotted paths of what is varied."""
        return tuple(one.path for one in self.factors)

    @property
    def described(self) -> dict[str, Any]:
        """What a manifest keeps, and what a resumed sweep must agree with."""
        return {
            "format": FORMAT,
            "scenario": self.scenario,
            "seed": self.seed,
            "design": {
                "kind": self.kind,
                "factors": [one.described for one in self.factors],
                "points": self.points,
                "worlds": self.worlds,
                "keep": self.keep,
                "chunk": self.chunk,
            },
            "versions": dict(self.made_by),
        }

    @cached_property
    def identity(self) -> str:
        """One hash of everything that decides a byte of the data."""
        decisive = {**self.described, "scenario": self.scenario["sha256"]}
        return digest(decisive)

    def span(self, chunk: int) -> tuple[int, int]:
        """First row of a chunk, and the row after its last."""
        return chunk * self.rows_a_chunk, min((chunk + 1) * self.rows_a_chunk, self.rows)

    def unit(self, start: int, stop: int) -> npt.NDArray[np.float64]:
        """Points start, ..., stop - 1 in the unit cube, shape (points, factors)."""
        return unit_points(self.kind, self.seed, self.factors, self.points, start, stop)

    @property
    def most_bytes(self) -> int:
        """More bytes than a chunk has in its file."""
        document = self.scenario["document"]
        return file_bytes(self, self.rows_a_chunk, 3 + 3 * len(document["outcomes"]) + len(document["issues"]))

    @property
    def most_design_bytes(self) -> int:
        """More bytes than the file of the design has."""
        return file_bytes(self, self.points, 1)


def file_bytes(plan: Plan, rows: int, columns: int) -> int:
    """Bound a file of what is varied and some columns more: twice the values, and what describes each column."""
    columns += len(plan.factors)
    texts = sum(max(len(str(level).encode()) for level in one.levels) for one in plan.factors if structural(one))
    return 2**20 + rows * (16 * columns + 2 * texts) + (1 + rows // CHUNK) * columns * 8_192


def structural(one: Factor) -> TypeGuard[Levels]:
    """Whether a factor has texts for levels."""
    return isinstance(one, Levels) and one.structural


def plan_of(
    scenario: Scenario,
    factors: tuple[Factor, ...],
    *,
    seed: int,
    kind: Design,
    points: int,
    worlds: int,
    keep: Keep,
    chunk: int | None,
    asked: dict[str, Any],
) -> Plan:
    """State a sweep of a scenario; `asked` is where the scenario came from, kept for the reader."""
    if keep not in KEEPS:
        raise ValueError(f"keep must be one of {', '.join(KEEPS)}, not {keep!r}")
    return Plan(
        scenario=stored(scenario) | asked,
        seed=seed,
        kind=kind,
        factors=factors,
        points=points_of(kind, factors, points),
        worlds=worlds,
        keep=keep,
        chunk=CHUNK if chunk is None else chunk,
        made_by=tuple(versions().items()),
    )


def canonical(content: object) -> str:
    """Write JSON in the one form that is hashed."""
    return json.dumps(content, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
