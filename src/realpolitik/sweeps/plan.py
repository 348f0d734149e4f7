"""The whole of a sweep before any of it is run: what each row is, and which chunk it stands in."""

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, get_args

import numpy as np
import numpy.typing as npt

from realpolitik.choices import Design, Keep
from realpolitik.scenario import Scenario
from realpolitik.scenario.core import digest
from realpolitik.sweeps.counts import CHUNK, Counts
from realpolitik.sweeps.designs import points_of, unit_points
from realpolitik.sweeps.factors import Factor, Level, Levels, factor
from realpolitik.sweeps.stored import stored
from realpolitik.sweeps.versions import versions

KEEPS: tuple[Keep, ...] = get_args(Keep)
FORMAT = 1


class Row(NamedTuple):
    """One row of a sweep as the world it is."""

    row: int
    point: int
    world: int
    values: dict[str, Level]


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

    def row(self, row: int) -> Row:
        """Say which point and world a row is, and what is varied there."""
        if not 0 <= row < self.points * self.worlds:
            raise ValueError(f"row {row} is outside the sweep, 0 to {self.points * self.worlds - 1}")
        point, world = divmod(row, self.worlds)
        unit = self.unit(point, point + 1)[0]
        return Row(row, point, world, {one.path: value_at(one, u) for one, u in zip(self.factors, unit, strict=True)})


def value_at(one: Factor, unit: float) -> Level:
    """Value of a factor at one position."""
    at = np.array([unit])
    return one.levels[int(one.index(at)[0])] if isinstance(one, Levels) else float(one.values(at)[0])


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


def plan_from(described: dict[str, Any]) -> Plan:
    """Make a plan again from what a manifest keeps."""
    design = described["design"]
    return Plan(
        scenario=described["scenario"],
        seed=described["seed"],
        kind=design["kind"],
        factors=tuple(factor(one) for one in design["factors"]),
        points=design["points"],
        worlds=design["worlds"],
        keep=design["keep"],
        chunk=design["chunk"],
        made_by=tuple(described["versions"].items()),
    )


def canonical(content: object) -> str:
    """Write JSON in the one form that is hashed."""
    return json.dumps(content, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
