"""Documents as the contestants read them: with effects by row, and without forms that the base case does not use."""

import copy
from typing import Any

Document = dict[str, Any]
RESPONDS = {"issues": "rest", "dependence": "alternatives", "interests": "salience"}
"""The number of a row that may respond to the state, for the contestants."""


def by_row(document: Document) -> Document:
    """Return a copy in which effects are a key of the row; ValueError if the contestants cannot play the document."""
    document = copy.deepcopy(document)
    for table, key in RESPONDS.items():
        for row in document[table].values():
            number = row[key]
            row["effects"] = number["effects"] if isinstance(number, dict) else {}
            row[key] = number["value"] if isinstance(number, dict) else number
    unknown = [name for name, row in document["moves"].items() if not plain(row)]
    if unknown or document["theory"]["foresight"] >= 1:
        raise ValueError(f"the contestants do not know the forms used by {', '.join(unknown) or 'the theory'}")
    return document


def plain(move: Document) -> bool:
    """Return whether a move uses forms that the contestants know."""
    payment = move["payment"]
    paid = not payment or (isinstance(payment["from"], str) and payment["divisible"] and payment["fallback"])
    return bool(paid) and isinstance(move["consent"], list) and not (move["from"] or move["until"])
