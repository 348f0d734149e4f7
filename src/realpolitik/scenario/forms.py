"""How to read the keys of a document that have several forms, such as numbers with effects, consent and payments.

`main_outcome` is here too: the outcome that a document is about, whether it says so or not.

Nothing here needs pydantic. The functions take rows of `Scenario.document`, and those of a draft before it is resolved.
"""

from collections.abc import Mapping
from typing import Any

Row = Mapping[str, Any]
TEXT_KEYS = ("reason", "claims", "assumption", "label", "low", "high", "channel", "role")
"""Keys without influence on the model."""
RESPONSIVE = {
    "actors": ("capability",),
    "issues": ("decay", "rest"),
    "dependence": ("stake", "alternatives"),
    "interests": ("position", "salience"),
    "moves": ("cost", "chance"),
    "shocks": ("hazard",),
}
"""Table -> the numbers of its rows that can have effects."""


def is_responsive(node: object) -> bool:
    """Return whether a value of a document is a number with effects."""
    return isinstance(node, dict) and isinstance(node.get("value"), float) and isinstance(node.get("effects"), dict)


def value_of(number: float | Row) -> float:
    """Return the value of a number of a document, without its effects.

    >>> value_of(0.3), value_of({"value": 0.3, "effects": {"war": 0.5}})
    (0.3, 0.3)
    """
    return float(number["value"] if isinstance(number, Mapping) else number)


def effects_of(number: float | Row | None) -> dict[str, float]:
    """Return issue or driver -> effect of a number of a document; empty if it has none."""
    return dict(number["effects"]) if isinstance(number, Mapping) else {}


def effect_paths(path: str, row: Row) -> dict[str, list[str]]:
    """Return number -> the dotted paths of its effects, for the numbers of a row at `path` that can have effects.

    >>> effect_paths("moves.leave", {"cost": {"value": 0.3, "effects": {"war": 0.5}}, "chance": 1.0})
    {'cost': ['moves.leave.cost.effects.war'], 'chance': []}
    """
    keys = RESPONSIVE.get(path.partition(".")[0], ())
    return {key: [f"{path}.{key}.effects.{z}" for z in effects_of(row.get(key))] for key in keys}


def effect_on(path: str) -> tuple[str, str] | None:
    """Return the number and the issue or driver of the dotted path of an effect, None for any other path.

    >>> effect_on("moves.leave.cost.effects.war")
    ('cost', 'war')
    >>> effect_on("moves.leave.changes.effects.by")
    """
    parts = path.split(".")
    if len(parts) == 5 and parts[3] == "effects" and parts[2] in RESPONSIVE.get(parts[0], ()):
        return parts[2], parts[4]
    return None


def asked(move: Row) -> list[str]:
    """Return the actors whose consent a move needs or counts, in order.

    >>> asked({"consent": ["A", "B"]}), asked({"consent": {"of": {"A": 2.0, "B": 1.0}, "need": 2.0}})
    (['A', 'B'], ['A', 'B'])
    """
    consent = move["consent"]
    return list(consent["of"] if isinstance(consent, Mapping) else consent)


def payers(move: Row) -> dict[str, dict[str, Any]]:
    """Return payer -> the changes that it pays for a move, in order; empty if the move has no payment.

    >>> payers({"payment": {"from": "A", "changes": {"gas": {"by": 0.2}}}})
    {'A': {'gas': {'by': 0.2}}}
    """
    payment = move["payment"]
    if payment is None:
        return {}
    if isinstance(payment["from"], Mapping):
        return dict(payment["from"])
    return {payment["from"]: payment["changes"] or {}}


def paid_changes(move: Row) -> dict[str, Any]:
    """Return issue -> change of the whole payment for a move, payer by payer; empty if the move has no payment."""
    return {issue: change for changes in payers(move).values() for issue, change in changes.items()}


def payment_locs(loc: tuple[str | int, ...], move: Row) -> dict[str, tuple[str | int, ...]]:
    """Return payer -> where what it pays is written, for the payment of a move at `loc`."""
    several = move["payment"] is not None and isinstance(move["payment"]["from"], Mapping)
    return {payer: (*loc, "from", payer) if several else (*loc, "changes") for payer in payers(move)}


def main_outcome(document: Row) -> str | None:
    """Return the outcome that the question of a scenario is about; None if it has no outcomes.

    That is the headline of [show]. Without one, it is the outcome at which most others are measured, otherwise the
    first that history dates, otherwise the first; measures count only if there is nothing else.
    """
    headline, outcomes = document["show"]["headline"], document["outcomes"]
    if headline is not None:
        return str(headline)
    at = [row["at"] for row in outcomes.values() if row["at"] is not None]
    dated = [row["outcome"] for row in document["history"].values() if row["date"] != "never"]
    found = [*sorted(at, key=at.count, reverse=True), *dated, *outcomes]
    return next((name for name in found if outcomes[name]["measure"] is None), next(iter(outcomes), None))


def form_of(value: Any) -> Any:
    """Return a row with every number replaced by 0, and without texts."""
    if isinstance(value, Mapping):
        return {key: form_of(entry) for key, entry in value.items() if key not in TEXT_KEYS}
    if isinstance(value, list):
        return [form_of(entry) for entry in value]
    return 0 if isinstance(value, float) else value
