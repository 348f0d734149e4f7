"""What an ensemble says: how likely each outcome is, when, and how issues and leverage move."""

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from realpolitik.costs import KEPT
from realpolitik.scenario import Scenario
from realpolitik.version import __version__
from realpolitik_model import Case, Outputs

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

TENTHS = {"p10": 0.1, "p50": 0.5, "p90": 0.9}


class Tally:
    """Adds up chunks of worlds, in order: counts of all, and the own results of the first ones."""

    def __init__(self, case: Case, months: int) -> None:
        self.months = months
        self.worlds = 0
        self.when = np.zeros((len(case.outcomes), months), np.int64)
        """(outcomes, months): in how many worlds the outcome first happened in that month."""
        self.measured = np.zeros(len(case.outcomes))
        self.made = np.zeros(len(case.moves), np.int64)
        self.refused = np.zeros(len(case.moves), np.int64)
        self._kept: list[Outputs] = []
        self._worlds_kept = 0

    def add(self, outputs: Outputs) -> None:
        """Add one chunk."""
        happened = outputs.first >= 0
        for o in range(self.when.shape[0]):
            self.when[o] += np.bincount(outputs.first[happened[:, o], o], minlength=self.months)
        self.measured += np.where(happened, outputs.measured, 0.0).sum(axis=0)
        self.made += outputs.made.sum(axis=0)
        self.refused += outputs.refused.sum(axis=0)
        self.worlds += len(outputs.first)
        room = KEPT - self._worlds_kept
        if room > 0:
            ends = {name: getattr(outputs, name)[:room] for name in Outputs._fields}
            self._kept.append(Outputs(**ends))
            self._worlds_kept += len(ends["first"])

    def kept(self) -> Outputs:
        """Return the own results of the first worlds."""
        return Outputs(*(np.concatenate(parts) for parts in zip(*self._kept, strict=True)))


class Ensemble:
    """The result of a run: summaries over all worlds, and the own results of the first ten thousand."""

    def __init__(self, scenario: Scenario, case: Case, seed: int, worlds: int, uncertainty: str, tally: Tally) -> None:
        self.scenario = scenario
        self.case = case
        self.seed = seed
        self.worlds = worlds
        self.uncertainty = uncertainty
        self.tally = tally
        self.kept = tally.kept()
        """Results world by world; paths of issues and leverage for the first two thousand."""
        self.months = case.dates()[: tally.months]

    def probability(self, outcome: str, by: str | None = None) -> float:
        """Return the share of worlds in which an outcome happened, by a month "YYYY-MM" or at all."""
        counts = self.tally.when[self._outcome(outcome)]
        end = self.tally.months if by is None else self.case.month_of(by) + 1
        return float(counts[: max(end, 0)].sum() / self.worlds)

    def month(self, outcome: str, quantile: float = 0.5) -> str | None:
        """Return the month by which this share of the worlds where it ever happens has seen an outcome."""
        counts = np.cumsum(self.tally.when[self._outcome(outcome)])
        if counts[-1] == 0:
            return None
        return self.months[int(np.searchsorted(counts, max(1, np.ceil(quantile * counts[-1]))))]

    def measure(self, outcome: str) -> dict[str, float | None] | None:
        """Return mean, p10, median and p90 of an outcome's measure where it happened; None for a mere event.

        The mean is over all worlds, the quantiles are over those kept; they are None if it happened in none of those.
        """
        o = self._outcome(outcome)
        count = self.tally.when[o].sum()
        if self.scenario.document["outcomes"][outcome].get("measure") is None or count == 0:
            return None
        values = self.kept.measured[self.kept.first[:, o] >= 0, o]
        mean = float(self.tally.measured[o] / count)
        if not values.size:
            return {"mean": mean, "p10": None, "median": None, "p90": None}
        p10, p50, p90 = np.quantile(values, list(TENTHS.values())).tolist()
        return {"mean": mean, "p10": p10, "median": p50, "p90": p90}

    def to_dict(self) -> dict[str, Any]:
        """Return everything that `run --json` prints."""
        return {
            "scenario": self.scenario.name,
            "title": self.scenario.document["meta"]["title"],
            "sha256": self.scenario.sha256,
            "version": __version__,
            "seed": self.seed,
            "worlds": self.worlds,
            "uncertainty": self.uncertainty,
            "theory": self.scenario.document["theory"]["weights"],
            "months": self.months,
            "outcomes": {name: self._summary(name) for name in self.case.outcomes},
            "moves": self._moves(),
            "paths_of": len(self.kept.issues),
            "issues": _fans(self.kept.issues, self.case.issues),
            "leverage": _fans(self.kept.leverage, [f"{holder}>{over}" for holder, over in self.case.pairs]),
        }

    def to_xarray(self) -> "xr.Dataset":
        """Return the worlds kept as a Dataset over world, month, issue, pair, event and move.

        `first` is the month index of an outcome (-1 never), `measured` its measure; `issues` and `leverage` run over
        the worlds whose paths are kept (dimension `path`).
        """
        from realpolitik.frames import dataset

        return dataset(self)

    def outcomes_frame(self) -> "pd.DataFrame":
        """Return one row an outcome: probability, median, p10, p90, mean."""
        from realpolitik.frames import outcomes_frame

        return outcomes_frame(self)

    def worlds_frame(self) -> "pd.DataFrame":
        """Return one row a world kept: the month of each outcome, and its measure."""
        from realpolitik.frames import worlds_frame

        return worlds_frame(self)

    def _outcome(self, name: str) -> int:
        if name not in self.case.outcomes:
            raise KeyError(f"unknown outcome {name!r}; there are {', '.join(self.case.outcomes)}")
        return self.case.outcomes.index(name)

    def _summary(self, name: str) -> dict[str, Any]:
        o = self._outcome(name)
        by = np.cumsum(self.tally.when[o]) / self.worlds
        measure = self.measure(name)
        dates = {"median": self.month(name), "p10": self.month(name, 0.1), "p90": self.month(name, 0.9)}
        return {
            "label": self.scenario.document["outcomes"][name]["label"],
            "probability": self.probability(name),
            **(measure if measure is not None else dates),
            "history": history_of(self.scenario, name),
            "by": dict(zip(self.months, by.tolist(), strict=True)),
        }

    def _moves(self) -> dict[str, dict[str, float]]:
        made, refused = self.tally.made / self.worlds, self.tally.refused / self.worlds
        rows = zip(self.case.moves, made.tolist(), refused.tolist(), strict=True)
        return {name: {"made": once, "refused": never} for name, once, never in rows}


def history_of(scenario: Scenario, outcome: str) -> str | None:
    """Return when an outcome happened in history, "YYYY-MM" or "never"; None if history does not say."""
    rows = scenario.document["history"].values()
    return next((str(row["date"]) for row in rows if row["outcome"] == outcome), None)


def _fans(paths: npt.NDArray[np.float64], names: Any) -> dict[str, dict[str, list[float]]]:
    """Return mean and quantiles by month of paths (worlds, months, names); nothing if no paths were kept."""
    if not len(paths):
        return {}
    mean = paths.mean(axis=0)
    quantiles = np.quantile(paths, list(TENTHS.values()), axis=0)
    fans = {}
    for k, name in enumerate(names):
        spread = {p: quantiles[n, :, k].tolist() for n, p in enumerate(TENTHS)}
        fans[name] = {"mean": mean[:, k].tolist(), **spread}
    return fans
