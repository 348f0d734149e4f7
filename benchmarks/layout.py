"""The structures of `bound.h` as numpy and ctypes see them."""

import ctypes
from typing import Any

import numpy as np

NONE = -1


def _row(text: str) -> np.dtype[np.void]:
    """Return the type of a row: `name` is a 32-bit integer, `name:f8` a number, `name:u8` a key."""
    fields = [(name, kind or "i4") for name, _, kind in (part.partition(":") for part in text.split())]
    return np.dtype(fields, align=True)


TABLES = {
    "effect": _row("factor:f8 quantity pad"),
    "change": _row("value:f8 issue to"),
    "condition": _row("bound:f8 quantity above other pad"),
    "dependence": _row("stake:f8 alternatives:f8 pair effects effects_end pad"),
    "pair": _row("quantity by_world rows rows_end key:u8"),
    "interest": _row("position:f8 salience:f8 issue effects effects_end by_world"),
    "stake": _row("interest change"),
    "gain": _row("stakes stakes_end"),
    "bundle": _row("changes changes_end gains gains_end"),
    "term": _row("pair gain"),
    "view": _row("own terms terms_end pad"),
    "consent": _row("key:u8 payer view paid_view pad"),
    "move": _row(
        "cost:f8 chance:f8 decision_key:u8 chance_key:u8 bundle view requires requires_end consents consents_end "
        "paid payer_view paid_view payer_paid_view fallback mine theirs pad"
    ),
    "drift": _row("decay:f8 rest:f8 issue effects effects_end pad"),
    "shock": _row("hazard:f8 key:u8 at since until bundle requires requires_end"),
    "outcome": _row("when when_end move made at after measure final"),
}
COUNTS = (
    "months", "issues", "drivers", "quantities", "pairs", "interests", "gains", "bundles", "actors", "moves", "drifts",
    "shocks", "outcomes", "changes",
)  # fmt: skip
THEORY = ("phi", "sigma", "noise", "patience")
POINTERS = (
    "start", "driven", "effect", "change", "condition", "dependence", "pair", "interest", "stake", "gain", "bundle",
    "term", "view", "consent", "move", "owned", "owned_end", "drift", "shock", "outcome", "readers",
)  # fmt: skip


class Case(ctypes.Structure):
    """`Case` of bound.h."""

    _fields_ = [
        *((name, ctypes.c_int32) for name in COUNTS),
        *((name, ctypes.c_double) for name in THEORY),
        *((name, ctypes.c_void_p) for name in POINTERS),
    ]


class Outputs(ctypes.Structure):
    """`Outputs` of bound.h."""

    _fields_ = [(name, ctypes.c_void_p) for name in ("first", "measured", "made", "refused", "price", "last")]


def case(arrays: dict[str, Any], numbers: dict[str, float]) -> Case:
    """Return the structure of a case; the caller keeps the arrays alive."""
    return Case(**numbers, **{name: arrays[name].ctypes.data for name in POINTERS})
