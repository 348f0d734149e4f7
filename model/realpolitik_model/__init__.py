"""The theory of leverage-weighted interests: who moves, why, and at what price.

One idea runs the model: an actor weighs what a move does to others by the leverage they hold over it. The equations
E1-E8 are in `equations`, as plain functions of values; the `engine` plays them on many worlds; `model/README.md` is
their contract.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from realpolitik_model.accounting import Account, account, decisions
    from realpolitik_model.case import Case, Fork
    from realpolitik_model.engine.noise import draw
    from realpolitik_model.ensemble import Outputs, simulate
    from realpolitik_model.flip import Flip, Moment, smallest_flip
    from realpolitik_model.model import Actor, LeverageModel

__all__ = [
    "Account",
    "Actor",
    "Case",
    "Flip",
    "Fork",
    "LeverageModel",
    "Moment",
    "Outputs",
    "account",
    "decisions",
    "draw",
    "simulate",
    "smallest_flip",
]

# All is imported on first use: an ensemble does not wait for Mesa.
_LATER = {
    "Account": "accounting",
    "Actor": "model",
    "Case": "case",
    "Flip": "flip",
    "Fork": "case",
    "LeverageModel": "model",
    "Moment": "flip",
    "Outputs": "ensemble",
    "account": "accounting",
    "decisions": "accounting",
    "draw": "engine.noise",
    "simulate": "ensemble",
    "smallest_flip": "flip",
}


def __getattr__(name: str) -> Any:
    if name in _LATER:
        return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
