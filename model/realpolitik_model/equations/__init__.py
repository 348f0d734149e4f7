"""The theory: equations E1-E8 as functions of values. Values in, values out; no state, no index, no row.

Each function is plain Python and works on plain numbers. The engine compiles the same functions for many worlds at
once: a value is then a vector, and `where`, `anywhere` and their like (`arithmetic`) act on all worlds of it.
"""

from realpolitik_model.equations.decision import (
    agree_jointly,
    chance_positive,
    choose,
    comes_up,
    consents,
    differs,
    gain,
    halve,
    keep_back,
    rested,
    room,
    settle_terms,
    slope,
    target,
    votes_suffice,
    within_horizon,
    worse,
)
from realpolitik_model.equations.perception import driver, exposure, held, loss, on_path
from realpolitik_model.equations.settlement import drift, settle
from realpolitik_model.equations.weights import RULES, WeightRule, heeded, misperception

__all__ = [
    "RULES",
    "WeightRule",
    "agree_jointly",
    "chance_positive",
    "choose",
    "comes_up",
    "consents",
    "differs",
    "drift",
    "driver",
    "exposure",
    "gain",
    "halve",
    "heeded",
    "held",
    "keep_back",
    "loss",
    "misperception",
    "on_path",
    "rested",
    "room",
    "settle",
    "settle_terms",
    "slope",
    "target",
    "votes_suffice",
    "within_horizon",
    "worse",
]
