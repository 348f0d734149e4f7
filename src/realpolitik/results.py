"""Results of an ensemble: probabilities and dates of outcomes, moves, and paths of issues and leverage."""

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from realpolitik.choices import name_in, real
from realpolitik.scenario import Scenario
from realpolitik.scenario.errors import no_such
from realpolitik.scenario.fields import as_month
from realpolitik.sweeps import columns
from realpolitik.texts import counted
from realpolitik.version import __version__
from realpolitik_model import Case, Outputs

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

TENTHS = {"p10": 0.1, "p50": 0.5, "p90": 0.9}


class Tally:
    """Sums over worlds, and the results of the first ones: those of a chunk of worlds, to which later ones are added.

    Chunks are summed up by the threads that play them. The order of the sums does not depend on the threads.
    """

    def __init__(self, outputs: Outputs, months: int, kept: int) -> None:
        first, happened = outputs.first, outputs.first >= 0
        outcomes, made = first.shape[1], outputs.made > 0
        priced = made & (outputs.price > 0)
        self.months = months
        self.worlds = len(first)
        rows = first + np.arange(1, outcomes * (months + 1), months + 1)
        counts = np.bincount(rows.ravel(), minlength=outcomes * (months + 1))
        self.when = counts.reshape(outcomes, months + 1)[:, 1:]
        """(outcomes, months): number of worlds in which the outcome first happened in that month."""
        self.measured = np.where(happened, outputs.measured, 0.0).sum(axis=0)
        self.made = outputs.made.sum(axis=0, dtype=np.int64)
        self.refused = outputs.refused.sum(axis=0, dtype=np.int64)
        self.ever = made.sum(axis=0, dtype=np.int64)
        """(moves,): number of worlds in which the move was made."""
        self.paid = priced.sum(axis=0, dtype=np.int64)
        """(moves,): number of worlds in which it was made, the last time at a price above 0."""
        self.price = np.where(priced, outputs.price, 0.0).sum(axis=0)
        """(moves,): sum of these prices."""
        self._kept = [outputs.part(slice(kept))] if kept > 0 else []

    def add(self, later: "Tally") -> None:
        """Add the worlds after these."""
        self.worlds += later.worlds
        for name in ("when", "measured", "made", "refused", "ever", "paid", "price"):
            getattr(self, name)[...] += getattr(later, name)
        self._kept += later._kept

    def hand_over(self) -> Outputs:
        """Return the results of the first worlds, which are kept here no longer."""
        fields = [list(arrays) for arrays in zip(*self._kept, strict=True)]
        self._kept = []
        return Outputs(*(np.concatenate(fields.pop(0)) for _ in Outputs._fields))  # one field exists twice at a time


class Ensemble:
    """The result of a run: summaries over all worlds, and the results per world of the first 10,000."""

    def __init__(
        self,
        scenario: Scenario,
        case: Case,
        seed: int,
        worlds: int,
        uncertainty: str,
        tally: Tally,
        *,
        posterior_settings: int = 0,
    ) -> None:
        self.scenario = scenario
        self.case = case
        self.seed = seed
        self.worlds = worlds
        self.uncertainty = uncertainty
        self.posterior_settings = posterior_settings
        """Settings of the posterior's sample that worlds draw from; 0 if they draw from none."""
        self.tally = tally
        self.kept = tally.hand_over()
        """Results per world; monthly paths of issues and leverage for fewer worlds (see `run`)."""
        self.months = case.dates()[: tally.months]

    def __repr__(self) -> str:
        worlds = f"{counted(self.worlds, 'world')} of seed {self.seed}"
        return f"<Ensemble of {self.scenario.name}: {worlds}, {self.months[0]} to {self.months[-1]}>"

    def probability(self, outcome: str, by: str | None = None) -> float:
        """Return the share of worlds in which an outcome happened by a month "YYYY-MM", or at all.

        Parameters
        ----------
        outcome
            Its id in [outcomes].
        by
            The last month "YYYY-MM" that counts; by default the last one that was played.

        Returns
        -------
        float
            A share of all worlds, 0 to 1.

        Raises
        ------
        KeyError
            If there is no such outcome; the message names those that there are.
        ValueError
            If `by` is none of the months that were played.

        Examples
        --------
        >>> import realpolitik as rp
        >>> ensemble = rp.run("karabakh", worlds=64)
        >>> 0 <= ensemble.probability("withdrawal", by="2024-06") <= ensemble.probability("withdrawal") <= 1
        True
        """
        counts = self.tally.when[self._outcome(outcome)]
        end = self.tally.months if by is None else self._month("by", by) + 1
        return float(counts[:end].sum() / self.worlds)

    def _month(self, name: str, date: str) -> int:
        """Return which month a date is; ValueError, with the name of the parameter, if it was not played."""
        if as_month(name, date) not in self.months:
            raise ValueError(f"{name}: {date} is no month of {self.months[0]} to {self.months[-1]}, which were played")
        return self.months.index(str(date))

    def month(self, outcome: str, quantile: float = 0.5) -> str | None:
        """Return the month "YYYY-MM" at a quantile (0-1) of the worlds where an outcome happens, None if in none.

        Parameters
        ----------
        outcome
            Its id in [outcomes].
        quantile
            0 to 1; 0.5 is the median.

        Returns
        -------
        str or None
            "YYYY-MM", over the worlds in which the outcome happens; None if it happens in none.

        Raises
        ------
        KeyError
            If there is no such outcome; the message names those that there are.
        ValueError
            If `quantile` is not 0 to 1.

        Examples
        --------
        >>> import realpolitik as rp
        >>> ensemble = rp.run("karabakh", worlds=64)
        >>> ensemble.month("withdrawal", 0.1) <= ensemble.month("withdrawal") <= ensemble.month("withdrawal", 0.9)
        True
        """
        quantile = real("quantile", quantile)
        if not 0 <= quantile <= 1:
            raise ValueError(f"quantile must be 0 to 1, not {quantile}")
        counts = self.tally.when[self._outcome(outcome)]
        happened = counts.sum()
        return self.months[month_by(counts, max(1, np.ceil(quantile * happened)))] if happened else None

    def measure(self, outcome: str) -> dict[str, float | None] | None:
        """Return mean, p10, median and p90 of an outcome's measure where it happened; None if it has no measure.

        The mean is over all worlds; quantiles are over the worlds that are kept, None if it happened in none of them.

        Parameters
        ----------
        outcome
            Its id in [outcomes].

        Returns
        -------
        dict of str to float, or None
            `mean`, `p10`, `median` and `p90`, in the unit of the quantity (prices, issues and drivers 0 to 1).

        Raises
        ------
        KeyError
            If there is no such outcome; the message names those that there are.

        Examples
        --------
        >>> import realpolitik as rp
        >>> ensemble = rp.run("karabakh", worlds=64)
        >>> sorted(ensemble.measure("price_of_withdrawal"))
        ['mean', 'median', 'p10', 'p90']
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
            "overrides": self.scenario.overrides,
            "version": __version__,
            "seed": self.seed,
            "worlds": self.worlds,
            "uncertainty": self.uncertainty,
            "theory": self.scenario.document["theory"]["weights"],
            "foresight": self.scenario.document["theory"]["foresight"],
            "months": self.months,
            "outcomes": {name: self._summary(name) for name in self.case.outcomes},
            "moves": self._moves(),
            "paths_of": len(self.kept.issues),
            "issues": _fans(self.kept.issues, self.case.issues),
            "leverage": _fans(self.kept.leverage, [f"{holder}>{over}" for holder, over in self.case.pairs]),
        }

    def to_xarray(self) -> "xr.Dataset":
        """Return the worlds that are kept as a Dataset.

        Dimensions are `world`, `path` (the worlds whose monthly paths are kept), `month`, `issue`, `pair`, `event` (the
        outcomes) and `move`. `first` is the month index of an outcome, -1 never; `measured` its measure; `made` and
        `refused` count moves, `price` is the last price; `issues` and `leverage` are monthly paths.

        Returns
        -------
        xarray.Dataset
            `first`, `measured` (world, event); `made`, `refused`, `price` (world, move); `final` (world, issue);
            `issues` (path, month, issue) and `leverage` (path, month, pair).

        Examples
        --------
        >>> import realpolitik as rp
        >>> ensemble = rp.run("karabakh", worlds=64)
        >>> ensemble.to_xarray()["first"].dims
        ('world', 'event')
        """
        import xarray as xr

        kept, case = self.kept, self.case
        variables = {
            "first": (("world", "event"), kept.first),
            "measured": (("world", "event"), kept.measured),
            "made": (("world", "move"), kept.made),
            "refused": (("world", "move"), kept.refused),
            "price": (("world", "move"), kept.price),
            "final": (("world", "issue"), kept.final),
            "issues": (("path", "month", "issue"), kept.issues),
            "leverage": (("path", "month", "pair"), kept.leverage),
        }
        coordinates = {
            "world": np.arange(len(kept.first)),
            "path": np.arange(len(kept.issues)),
            "month": self.months,
            "issue": list(case.issues),
            "pair": [f"{holder}>{over}" for holder, over in case.pairs],
            "event": list(case.outcomes),
            "move": list(case.moves),
        }
        attributes = {"scenario": self.scenario.name, "sha256": self.scenario.sha256, "seed": self.seed}
        return xr.Dataset(variables, coordinates, {**attributes, "worlds": self.worlds})

    def outcomes_frame(self) -> "pd.DataFrame":
        """Return one row per outcome: probability, median, p10, p90, mean; without the path by month.

        Returns
        -------
        pandas.DataFrame
            The index is the outcome; probabilities are 0 to 1, dates "YYYY-MM", None if there is none.

        Examples
        --------
        >>> import realpolitik as rp
        >>> ensemble = rp.run("karabakh", worlds=64)
        >>> "withdrawal" in ensemble.outcomes_frame().index
        True
        """
        import pandas as pd

        rows = self.to_dict()["outcomes"]
        frame = pd.DataFrame.from_dict(rows, orient="index").drop(columns="by").rename_axis("outcome")
        for key in ("median", "p10", "p90", "history"):  # dates; pandas takes types from cells
            column = frame[key].astype(object)
            frame[key] = column.where(column.notna(), None)
        return frame

    def worlds_frame(self) -> "pd.DataFrame":
        """Return one row per world that is kept: the month "YYYY-MM" of each outcome (None never), and its measure.

        Columns have the names that sweeps use.

        Returns
        -------
        pandas.DataFrame
            The index is the world.

        Examples
        --------
        >>> import realpolitik as rp
        >>> ensemble = rp.run("karabakh", worlds=64)
        >>> len(ensemble.worlds_frame())
        64
        """
        import pandas as pd

        dates = np.array([*self.months, None], dtype=object)
        with_measure = columns.measured(self.scenario.document)
        found: dict[str, pd.Series[Any] | npt.NDArray[np.float64]] = {}
        for o, name in enumerate(self.case.outcomes):
            found[columns.of_outcome(name)] = pd.Series(dates[self.kept.first[:, o]], dtype=object)
            if name in with_measure:
                values = np.where(self.kept.first[:, o] >= 0, self.kept.measured[:, o], np.nan)
                found[columns.of_outcome(name, "measure")] = values
        return pd.DataFrame(found).rename_axis("world")

    def _outcome(self, name: str) -> int:
        if name_in("outcome", name) not in self.case.outcomes:
            raise KeyError(no_such("outcome", name, self.case.outcomes, self.scenario.document))
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

    def _moves(self) -> dict[str, dict[str, float | None]]:
        """Return times made and refused per world, the share of worlds with the move, and how it was paid."""
        tally, worlds = self.tally, self.worlds
        rows: dict[str, dict[str, float | None]] = {}
        for v, name in enumerate(self.case.moves):
            counts = {"made": tally.made[v], "refused": tally.refused[v], "ever": tally.ever[v]}
            rows[name] = {key: float(count / worlds) for key, count in counts.items()}
            if self.scenario.document["moves"][name]["payment"] is not None:
                paid, unpaid = tally.paid[v], tally.ever[v] - tally.paid[v]
                price = float(tally.price[v] / paid) if paid else None
                rows[name] |= {"paid": float(paid / worlds), "unpaid": float(unpaid / worlds), "price": price}
        return rows


def history_of(scenario: Scenario, outcome: str) -> str | None:
    """Return when an outcome happened in fact, "YYYY-MM" or "never"; None if [history] has no row for it."""
    rows = scenario.document["history"].values()
    return next((str(row["date"]) for row in rows if row["outcome"] == outcome), None)


def _fans(paths: npt.NDArray[np.float64], names: Any) -> dict[str, dict[str, list[float]]]:
    """Return mean and quantiles per month of paths (worlds, months, names); empty if no paths are kept."""
    if not len(paths):
        return {}
    mean = paths.mean(axis=0)
    quantiles = np.quantile(paths, list(TENTHS.values()), axis=0)
    fans = {}
    for k, name in enumerate(names):
        spread = {p: quantiles[n, :, k].tolist() for n, p in enumerate(TENTHS)}
        fans[name] = {"mean": mean[:, k].tolist(), **spread}
    return fans


def month_by(counts: npt.NDArray[np.int64], worlds: float) -> int:
    """Return the first month by which so many worlds have had an outcome, the number of months if that is never.

    `counts` are of the worlds that first have it in each month.

    >>> [month_by(np.array([0, 10, 50, 30]), share * 100) for share in (0.1, 0.5, 0.9, 0.95)]
    [1, 2, 3, 4]
    """
    return int(np.searchsorted(np.cumsum(counts), worlds))
