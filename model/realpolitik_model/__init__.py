"""The theory of leverage-weighted interests: who moves, why, and at what price.

One idea runs the model: an actor weighs what a move does to others by the leverage they hold over it. The equations
E1-E8 stand one to a module; `model/README.md` is their contract.
"""

from realpolitik_model.account import Account, account, decisions
from realpolitik_model.case import Case, Fork
from realpolitik_model.ensemble import Outputs, simulate
from realpolitik_model.flip import Flip, Moment, smallest_flip
from realpolitik_model.model import Actor, LeverageModel
from realpolitik_model.noise import draw

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
