"""Results as tables and labelled arrays, for pandas, xarray and spreadsheets."""

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr

from realpolitik.sweeps.columns import measured, of_outcome

if TYPE_CHECKING:
    from realpolitik.results import Ensemble

FORMULA = re.compile(r"(?:^|(?<=[;\t\r\n]))(?=[\t\r]|\s*[=+\-@\uff1d\uff0b\uff0d\uff20])")
"""Where a spreadsheet would read a formula: at the start of a text, or of a cell that it makes of a part of it."""
RETURN = re.compile(r"\r\n?")
"""Ends a row wherever it stands, unlike a line feed in quotes."""


def dataset(ensemble: "Ensemble") -> xr.Dataset:
    """Return the worlds kept as a Dataset: see `Ensemble.to_xarray`."""
    kept, case = ensemble.kept, ensemble.case
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
        "month": ensemble.months,
        "issue": list(case.issues),
        "pair": [f"{holder}>{over}" for holder, over in case.pairs],
        "event": list(case.outcomes),
        "move": list(case.moves),
    }
    attributes = {
        "scenario": ensemble.scenario.name,
        "sha256": ensemble.scenario.sha256,
        "seed": ensemble.seed,
        "worlds": ensemble.worlds,
    }
    return xr.Dataset(variables, coordinates, attributes)


def outcomes_frame(ensemble: "Ensemble") -> pd.DataFrame:
    """Return one row an outcome, without its path by month."""
    rows = ensemble.to_dict()["outcomes"]
    return pd.DataFrame.from_dict(rows, orient="index").drop(columns="by").rename_axis("outcome")


def worlds_frame(ensemble: "Ensemble") -> pd.DataFrame:
    """Return one row per world kept: the date of each outcome (None never) and its measure.

    Columns are named as those of sweeps are.
    """
    kept, dates = ensemble.kept, np.array([*ensemble.months, None], dtype=object)
    with_measure = measured(ensemble.scenario.document)
    columns = {}
    for o, name in enumerate(ensemble.case.outcomes):
        columns[of_outcome(name)] = dates[kept.first[:, o]]
        if name in with_measure:
            columns[of_outcome(name, "measure")] = np.where(kept.first[:, o] >= 0, kept.measured[:, o], np.nan)
    return pd.DataFrame(columns).rename_axis("world")


def csv_of(frame: pd.DataFrame) -> str:
    """Return a frame as CSV in which no text is a formula: a spreadsheet shows it, and runs nothing."""
    return frame.map(shown).rename(index=shown, columns=shown).to_csv()


def shown(cell: Any) -> Any:
    """Put an apostrophe before what a spreadsheet would take for a formula; numbers stay as they are."""
    if not isinstance(cell, str):
        return cell
    return RETURN.sub("\n", FORMULA.sub("'", cell))
