"""The result of a calibration: the sample, how much each range narrowed, and whether the populations agree."""

import shlex
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from realpolitik.calibration.cube import Points
from realpolitik.choices import Z95
from realpolitik.pairing import students
from realpolitik.posterior import Posterior, basis, encoded
from realpolitik.scenario import Scenario
from realpolitik.scenario.sources import asked_as
from realpolitik.texts import argument, counted
from realpolitik.version import __version__

UNIFORM = 1.0 / np.sqrt(12.0)
"""Standard deviation of a number that may lie anywhere in a range of length 1."""
INFORMED = 0.05
"""The data inform a range if it narrowed, or its mean moved, by more than this share of its length."""
AGREED = 1.1
"""The largest R-hat at which populations agree (Gelman & Rubin 1992; Vehtari et al. 2021 use 1.01)."""
ENOUGH = 32.0
"""The least effective number of settings of a sample that has converged."""
Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Narrowing:
    """How the sample of one range compares with its prior, which is uniform."""

    path: str
    prior: tuple[float, float]
    prior_sd: float
    mean: float
    sd: float
    p10: float
    p90: float
    narrowed: float
    """1 - sd / prior_sd, with a 95% interval over islands."""
    narrowed_low: float
    narrowed_high: float
    shift: float
    """(mean - middle of the range) / length of the range."""
    shift_error: float
    """Half the 95% interval of `shift`."""
    rhat: float
    informed: bool
    """Whether the data inform the range: the interval of its narrowing or shift is beyond INFORMED."""


def narrowings(paths: tuple[str, ...], low: Values, high: Values, points: Points) -> list[Narrowing]:
    """Return how each range narrowed.

    Parameters
    ----------
    paths, low, high
        The ranges.
    points
        (islands, settings, ranges), each in [0, 1].
    """
    islands = len(points)
    t = students(Z95, islands)
    lost = 1.0 - points.std(axis=1, ddof=1) / UNIFORM
    moved = points.mean(axis=1) - 0.5
    error, lost_error = (t * v.std(axis=0, ddof=1) / np.sqrt(islands) for v in (moved, lost))
    flat = points.reshape(-1, points.shape[-1])
    narrowed = 1.0 - flat.std(axis=0, ddof=1) / UNIFORM
    shift, unlike, tenths = flat.mean(axis=0) - 0.5, rhat(points), np.quantile(flat, [0.1, 0.9], axis=0)
    informed = (narrowed - lost_error > INFORMED) | (np.abs(shift) - error > INFORMED)
    length = high - low
    return [
        Narrowing(
            path=path,
            prior=(float(low[n]), float(high[n])),
            prior_sd=float(length[n] * UNIFORM),
            mean=float(low[n] + length[n] * (shift[n] + 0.5)),
            sd=float(length[n] * UNIFORM * (1.0 - narrowed[n])),
            p10=float(low[n] + length[n] * tenths[0, n]),
            p90=float(low[n] + length[n] * tenths[1, n]),
            narrowed=float(narrowed[n]),
            narrowed_low=float(narrowed[n] - lost_error[n]),
            narrowed_high=float(narrowed[n] + lost_error[n]),
            shift=float(shift[n]),
            shift_error=float(error[n]),
            rhat=float(unlike[n]),
            informed=bool(informed[n]),
        )
        for n, path in enumerate(paths)
    ]


def rhat(points: Points) -> Values:
    """Return R-hat of each range, (ranges,): the spread of all islands over that within one; 1 if they agree."""
    between, within = _spreads(points)
    count = points.shape[1]
    wider: Values = np.sqrt((count - 1) / count + between / within)
    return wider


def effective_size(points: Points) -> Values:
    """Return the effective sample size of each range, (ranges,), estimated from the variance of island means."""
    between, within = _spreads(points)
    islands, count = points.shape[:2]
    size: Values = np.minimum(islands * within / np.maximum(between, 1e-12), islands * count)
    return size


def _spreads(points: Points) -> tuple[Values, Values]:
    """Return the variance of island means, and the mean variance within islands, each (ranges,)."""
    between = points.mean(axis=1).var(axis=0, ddof=1)
    within = np.maximum(points.var(axis=1, ddof=1).mean(axis=0), 1e-12)
    return between, within


@dataclass(frozen=True)
class Calibration:
    """A sample of settings that fit history, and its convergence."""

    scenario: Scenario
    seed: int
    worlds: int
    error: float
    tolerance: float
    """The largest distance that was accepted, in units of each row's error: 1 if the error was reached."""
    islands: int
    rungs: int
    method: str
    """"rejection": independent draws from the ranges; "walking": sequential Monte Carlo."""
    simulations: int
    acceptance: float
    """Share of the worlds that match history; of "walking", of the settings accepted in the last steps."""
    effective: float
    """Effective number of settings: what independent settings, each once, would be worth as much."""
    sizes: npt.NDArray[np.float64]
    """(ranges,): effective sample size."""
    paths: tuple[str, ...]
    values: npt.NDArray[np.float64]
    """(settings, ranges): the sample."""
    rows: dict[str, dict[str, float]]
    """Fitted row -> the share of worlds that match it: of the ranges, of those that match all others, of the sample."""
    matching: dict[str, tuple[int, int]]
    """Worlds that reproduce the history, and worlds played: of settings drawn from the ranges, and of the sample."""
    blocking: str
    """The fitted row without which the most worlds of the ranges would reproduce history."""
    span: tuple[str, str]
    """The first and the last month that were played."""
    predicted: list[dict[str, Any]]
    """Row of history -> when its outcome happens in worlds of the ranges, and in worlds of the sample."""
    narrowings: list[Narrowing]

    def __repr__(self) -> str:
        found = f"{counted(len(self.values), 'setting')} of {counted(len(self.paths), 'range')}"
        return f"<Calibration of {self.scenario.name}: {found}, by {self.method}>"

    @property
    def reached(self) -> bool:
        """Whether the error was reached."""
        return self.tolerance <= 1.0

    @property
    def rhat(self) -> float:
        """The largest R-hat of any range."""
        return max(n.rhat for n in self.narrowings)

    @property
    def converged(self) -> bool:
        """Whether the error was reached, the islands agree, and enough settings are independent."""
        agree = self.method == "rejection" or self.rhat < AGREED
        return self.reached and agree and self.effective >= min(ENOUGH, len(self.values) / 2)

    @property
    def uninformed(self) -> list[str]:
        """The dotted paths of the numbers that the data do not inform."""
        return [n.path for n in self.narrowings if not n.informed]

    def verdict(self) -> str:
        """Return a sentence on the convergence, and one on how many worlds of the sample reproduce the history.

        The first is about the sampling alone: a sample can converge on settings that hardly ever do.
        """
        return f"{self._convergence()} {self._fit()}"

    def _fit(self) -> str:
        """Return a sentence on how many worlds reproduce the history: new ones of the sample, and of the ranges."""
        (fits, played), (few, drawn) = self.matching["sample"], self.matching["ranges"]
        return (
            f"Of new worlds of these settings {fits / played:.2%} reproduce it ({fits:,} of {played:,}); "
            f"of worlds of the ranges {few / drawn:.2%} ({few:,} of {drawn:,})."
        )

    def _convergence(self) -> str:
        """Return a sentence on the convergence."""
        worth = f"worth {self.effective:,.0f} independent setting{'s' * (round(self.effective) != 1)}"
        if self.method == "rejection":
            head = "Converged" if self.converged else "Not converged"
            return (
                f"{head}: {len(self.values):,} draws from the ranges, each kept because its world reproduced the "
                f"history, {worth}."
            )
        agree = f"{self.islands} separate populations {'agree' if self.rhat < AGREED else 'disagree'}"
        agree += f" (largest R-hat {self.rhat:.3f}), {worth}"
        if not self.reached:
            return (
                f"Not converged: no setting was found whose worlds reproduce the history. In the nearest every row "
                f"is within {self.tolerance:.2f} times its error, {self.tolerance * self.error:.0f} months for a date; "
                f"{agree}."
            )
        head = "Converged" if self.converged else "Not converged"
        return f"{head}: each setting has a world that reproduces the history within the error; {agree}."

    def advice(self) -> str:
        """Return which row keeps worlds from reproducing history, and what to try: nothing if it has converged."""
        if self.converged:
            return "The sample has converged, so that there is nothing to try."
        row = self.rows[self.blocking]
        blocked = f"{self.blocking} blocks: {row['prior']:.2%} of the worlds drawn from the ranges match it"
        if len(self.rows) > 1:
            blocked += f", and {row['given_others']:.2%} of those that match all other rows"
        return (
            f"{blocked}. Try wider ranges for the numbers that it depends on, with a reason for them, a larger --error "
            f"than {self.error:g} or more --settings than {len(self.values):,}. If nothing helps, this is a finding "
            "against the case; to hold out the row because it does not fit would hide it."
        )

    def command(self, out: str = "FILE", option: str = "--out") -> str:
        """Return the command that makes the same sample."""
        numbers = f"--seed {self.seed} --settings {len(self.values)} --worlds {self.worlds}"
        which = shlex.join((argument(asked_as(self.scenario.chain[0])), option, argument(out)))
        return f"realpolitik calibrate {which} {numbers} --error {self.error:g}"

    def marks(self, out: str) -> dict[str, Any]:
        """Return the provenance that is stored in the file."""
        about = self.to_dict()
        del about["narrowings"], about["uninformed"], about["predicted"]
        return {**about, "command": self.command(out), "basis": basis(self.scenario)}

    def content(self, name: str) -> bytes:
        """Return the content of a posterior file of this name."""
        return encoded(self.paths, self.values, self.marks(name))

    def posterior(self) -> Posterior:
        """Return the sample as its file holds it, in single precision."""
        values = {path: self.values[:, n].astype(np.float32).astype(np.float64) for n, path in enumerate(self.paths)}
        name = self.scenario.name
        return Posterior(f"the calibration of {name}", name, self.scenario, values, {"converged": self.converged})

    def write(self, path: str | Path) -> None:
        """Write the posterior file atomically; ValueError if another file is there, or the name has another ending."""
        from realpolitik.files import replaceable, write_whole

        target = replaceable(path, "Parquet file", "calibrate")
        write_whole(target, self.content(target.name))

    def to_dict(self) -> dict[str, Any]:
        """Return everything that `calibrate --json` prints."""
        return {
            "scenario": self.scenario.name,
            "sha256": self.scenario.sha256,
            "version": __version__,
            "command": self.command(),
            "seed": self.seed,
            "settings": len(self.values),
            "worlds": self.worlds,
            "error": self.error,
            "tolerance": self.tolerance,
            "reached": self.reached,
            "converged": self.converged,
            "verdict": self.verdict(),
            "islands": self.islands,
            "rungs": self.rungs,
            "method": self.method,
            "simulations": self.simulations,
            "acceptance": self.acceptance,
            "effective": self.effective,
            "matching": {name: {"match": count, "worlds": worlds} for name, (count, worlds) in self.matching.items()},
            "blocking": self.blocking,
            "ess": {
                "median": float(np.median(self.sizes)),
                "p10": float(np.quantile(self.sizes, 0.1)),
                "least": float(self.sizes.min()),
            },
            "rhat": self.rhat,
            "rows": self.rows,
            "span": list(self.span),
            "predicted": self.predicted,
            "narrowings": [asdict(n) for n in self.narrowings],
            "uninformed": self.uninformed,
        }
