"""What a calibration found, as commands print it and as the posterior file keeps it."""

import shlex
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from realpolitik.calibration.narrowing import AGREED, Narrowing
from realpolitik.posterior import asked_as, basis, encoded
from realpolitik.scenario import Scenario
from realpolitik.version import __version__


@dataclass(frozen=True)
class Calibration:
    """A sample of settings that fit history, and how good a sample it is."""

    scenario: Scenario
    seed: int
    worlds: int
    error: float
    tolerance: float
    """The largest distance that was accepted, in units of each row's error: 1 if the error asked for was reached."""
    islands: int
    rungs: int
    method: str
    """"rejection": independent draws from the ranges; "walking": populations that walked to where settings fit."""
    simulations: int
    acceptance: float
    """Share of the settings tried that fitted; of walks, once the tolerance stood still."""
    sizes: npt.NDArray[np.float64]
    """Effective sample size of each range."""
    paths: tuple[str, ...]
    values: npt.NDArray[np.float64]
    """(settings, ranges): the sample."""
    rows: dict[str, dict[str, float]]
    """Fitted row -> median and 90% point of its score over the sample, in units of its error."""
    narrowings: list[Narrowing]

    @property
    def reached(self) -> bool:
        """Whether every setting fits within the error asked for."""
        return self.tolerance <= 1.0

    @property
    def rhat(self) -> float:
        """The largest R-hat of any range."""
        return max(n.rhat for n in self.narrowings)

    @property
    def converged(self) -> bool:
        """Whether the error was reached and the islands agree."""
        return self.method == "rejection" or (self.reached and self.rhat < AGREED)

    @property
    def untold(self) -> list[str]:
        """The numbers about which the data say nothing."""
        return [n.path for n in self.narrowings if not n.told]

    def verdict(self) -> str:
        """Say in a sentence how well it converged."""
        if self.method == "rejection":
            return f"Converged: {len(self.values):,} independent draws from the ranges, each of which fits."
        agree = f"{self.islands} separate populations {'agree' if self.rhat < AGREED else 'disagree'}"
        agree += f" (largest R-hat {self.rhat:.3f})"
        if not self.reached:
            return f"Not converged: the best tolerance reached is {self.tolerance:.2f} times the error; {agree}."
        head = "Converged" if self.converged else "Not converged"
        return f"{head}: every setting fits within the error; {agree}."

    def command(self, out: str = "FILE") -> str:
        """Return the command that makes the sample again."""
        numbers = f"--seed {self.seed} --settings {len(self.values)} --worlds {self.worlds}"
        which = shlex.join((asked_as(self.scenario.chain[0]), "--out", out))
        return f"realpolitik calibrate {which} {numbers} --error {self.error:g}"

    def marks(self, out: str) -> dict[str, Any]:
        """Return the provenance that the file carries."""
        about = self.to_dict()
        del about["narrowings"], about["untold"]
        return {**about, "command": self.command(out), "basis": basis(self.scenario)}

    def write(self, path: str | Path) -> None:
        """Write the posterior file, whole or not at all."""
        from realpolitik.files import write_whole

        target = Path(path)
        write_whole(target, encoded(self.paths, self.values, self.marks(target.name)))

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
            "ess": {
                "median": float(np.median(self.sizes)),
                "p10": float(np.quantile(self.sizes, 0.1)),
                "least": float(self.sizes.min()),
            },
            "rhat": self.rhat,
            "rows": self.rows,
            "narrowings": [asdict(n) for n in self.narrowings],
            "untold": self.untold,
        }
