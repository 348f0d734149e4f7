"""Frames as CSV in which a spreadsheet finds no formula."""

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

FORMULA = re.compile(r"(?:^|(?<=[;\t\r\n]))(?=[\t\r]|\s*[=+\-@\uff1d\uff0b\uff0d\uff20])")
"""Where a spreadsheet would read a formula: at the start of a text, or of a part that it splits off as a cell."""
RETURN = re.compile(r"\r\n?")
"""Ends a row even within quotes, unlike a line feed."""


def csv_of(frame: "pd.DataFrame") -> str:
    """Return a frame as CSV in which no text is a formula: a spreadsheet shows it and evaluates nothing."""
    return frame.map(shown).rename(index=shown, columns=shown).to_csv()


def shown(cell: Any) -> Any:
    """Return a cell with an apostrophe before what a spreadsheet would read as a formula; numbers are unchanged."""
    if not isinstance(cell, str):
        return cell
    return RETURN.sub("\n", FORMULA.sub("'", cell))
