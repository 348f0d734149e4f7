"""What a sweep says about which inputs matter: Sobol indices or Morris effects, of several outcomes at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from realpolitik.sweeps.columns import of_issue
from realpolitik.sweeps.designs import BLOCK, blocks_of
from realpolitik.sweeps.folder import Folder
from realpolitik.sweeps.reading import Sweep, open_sweep
from realpolitik.sweeps.screening import morris_effects
from realpolitik.sweeps.summing import by_point
from realpolitik.sweeps.variance import Array, Interval, sobol_indices, variance_of

FEWEST = 16
"""Blocks below which indices say nothing."""
NAMES = {"sobol": ("first", "total"), "morris": ("mu_star", "mu", "sigma")}


@dataclass(frozen=True)
class Sensitivity:
    """Indices of every input for some outcomes, one row each in `rows`.

    An index that is undefined is None: every Sobol index of an outcome that is the same at every point (`variance` 0),
    or the same at all points of the blocks A and B, from which the variance is estimated.
    """

    sweep: Sweep
    kind: str
    blocks: int
    rows: list[dict[str, Any]]

    @property
    def indices(self) -> tuple[str, ...]:
        """Names of the indices."""
        return NAMES[self.kind]

    @property
    def outcomes(self) -> list[str]:
        """What was analysed, in order."""
        return list(dict.fromkeys(row["outcome"] for row in self.rows))

    def of(self, outcome: str) -> list[dict[str, Any]]:
        """Rows of an outcome, the input that matters most first."""
        key = "total" if self.kind == "sobol" else "mu_star"
        return sorted((row for row in self.rows if row["outcome"] == outcome), key=lambda row: -(row[key] or 0.0))

    def frame(self) -> pd.DataFrame:
        """Return the rows as a frame."""
        return pd.DataFrame(self.rows)

    def to_dict(self) -> dict[str, Any]:
        """Return everything that `sensitivity --json` prints."""
        plan = self.sweep.plan
        head = {"sweep": str(self.sweep.folder), "scenario": plan.scenario["name"], "sha256": plan.scenario["sha256"]}
        return {**head, "seed": plan.seed, "design": self.kind, "blocks": self.blocks, "rows": self.rows}

    def write(self, path: str | PathLike[str]) -> None:
        """Write the rows as a Parquet file, whole or not at all."""
        target = Path(path)
        if target.name in ("", "..") or not target.parent.is_dir():
            raise ValueError(f"{path}: there is no such folder to write to")
        Folder(target.parent).put(target.name, lambda there: self.frame().to_parquet(there, index=False))


def sensitivity(sweep: Sweep | str | PathLike[str], outcomes: Sequence[str] = ()) -> Sensitivity:
    """Analyse a sweep made with `--design sobol` or `morris`.

    An outcome is one of the scenario's, its value at a point being the share of worlds in which it happens, or a final
    issue such as `final.karabakh`, its mean; by default every outcome.
    """
    sweep = sweep if isinstance(sweep, Sweep) else open_sweep(sweep)
    plan = sweep.plan
    if plan.kind not in BLOCK:
        raise ValueError(f"{sweep.folder} has a {plan.kind} design; indices need --design sobol, or morris to screen")
    names = [checked(sweep, name) for name in outcomes] or list(sweep.outcomes)
    blocks, width = blocks_of(plan.kind, len(plan.factors), plan.points)
    if blocks < FEWEST:
        raise ValueError(
            f"{sweep.folder} has {blocks} blocks of {width} points; indices need {FEWEST}, {FEWEST * width} points"
        )
    values = by_point(sweep, names)
    rows = [
        row for name in names for row in analysed(sweep, name, values[name][: blocks * width].reshape(blocks, width))
    ]
    return Sensitivity(sweep, plan.kind, blocks, rows)


def checked(sweep: Sweep, name: str) -> str:
    """Refuse a name that is no outcome and no final issue."""
    known = [*sweep.outcomes, *(of_issue(issue) for issue in sweep.plan.scenario["document"]["issues"])]
    if name not in known:
        raise ValueError(f"unknown outcome {name!r}; there are {', '.join(known)}")
    return name


def analysed(sweep: Sweep, name: str, y: Array) -> Iterator[dict[str, Any]]:
    """Give a row for each input."""
    plan = sweep.plan
    if plan.kind == "sobol":
        found: tuple[Interval, ...] = sobol_indices(y, seed=plan.seed)
    else:
        unit = plan.unit(0, y.size).reshape(*y.shape, len(plan.factors))
        found = morris_effects(unit, y, seed=plan.seed)
    head = {"outcome": name, "mean": float(y.mean()), "variance": variance_of(y)}
    for n, path in enumerate(plan.paths):
        row: dict[str, Any] = {"outcome": name, "input": path, **head}
        for index, interval in zip(NAMES[plan.kind], found, strict=True):
            for end, value in zip(("", "_low", "_high"), interval, strict=True):
                row[index + end] = float(value[n]) if np.isfinite(value[n]) else None
        yield row
