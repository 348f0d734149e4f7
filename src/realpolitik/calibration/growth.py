"""How many times as much of a dependence there is in one year as in another, by the model's own equations."""

import numpy as np

from realpolitik.calibration.targets import Scores
from realpolitik.scenario import Scenario
from realpolitik_model import Case, simulate
from realpolitik_model.ensemble import Numbers

UNREACHED = 1.0e6
"""The score of a ratio to nothing."""


class Growth:
    """One row of [quantities], and a case cut down to the drivers and the one dependence that it measures."""

    def __init__(self, scenario: Scenario, name: str) -> None:
        document, self.row = scenario.document, scenario.document["quantities"][name]
        measured = self.row["dependence"]
        only = {"dependence": {measured: document["dependence"][measured]}}
        bare = {**document, **only, "issues": {}, "interests": {}, "moves": {}, "shocks": {}, "outcomes": {}}
        known = Case.of(bare).paths
        forks = [(f.month, {path: n for path, n in f.numbers.items() if path in known}) for f in scenario.forks]
        self.case = Case.of(bare, forks)
        self.before, self.after = (self.case.month_of(f"{self.row[key]}-01") for key in ("before", "after"))

    def scores(self, numbers: Numbers, settings: int) -> Scores:
        """Return (settings,): how far the ratio is off, in units of its error."""
        ratio, error = self.ratios(numbers, settings), float(self.row["error"])
        return np.minimum(np.abs(ratio - float(self.row["ratio"])) / error, UNREACHED)

    def ratios(self, numbers: Numbers, settings: int) -> Scores:
        """Return (settings,): the later year's dependence as a multiple of the earlier year's."""
        own = {path: values for path, values in numbers.items() if path in self.case.paths}
        if not settings:
            return np.zeros(0)
        months, worlds = self.after + 12, np.arange(settings, dtype=np.int64)
        path = simulate(self.case, worlds, seed=0, numbers=own, months=months, paths=settings).leverage[:, :, 0]
        before, after = year(path, self.before), year(path, self.after)
        ratio: Scores = np.divide(after, before, out=np.full(settings, UNREACHED), where=before > 0)
        return ratio


def year(path: Scores, start: int) -> Scores:
    """Add up twelve months."""
    total = np.zeros(len(path))
    for month in range(start, start + 12):
        total += path[:, month]
    return total
