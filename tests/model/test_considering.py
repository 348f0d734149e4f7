"""Considering moves that are not made: the same numbers as in the decisions that are, and nothing else changes."""

from pathlib import Path

import numpy as np
import pytest

import realpolitik as rp
from realpolitik_model import LeverageModel
from realpolitik_model.considering import ConsideringModel, accounts

LABORATORY = Path(__file__).parents[1] / "laboratory"
VETOES, FORMS = LABORATORY / "vetoes.toml", LABORATORY / "forms.toml"
CASES = [("karabakh", 40), (VETOES, 38), (FORMS, 24), ("sweden-nato", 8)]
NAMES = ["karabakh", "vetoes", "votes and joint payments", "foresight"]


@pytest.mark.parametrize(("scenario", "months"), CASES, ids=NAMES)
def test_considering_agrees_with_deciding(scenario: str, months: int) -> None:
    """Values, feasibility and consents are those of the decisions, and worlds are the same to the bit."""
    case = rp.load(scenario).case()
    plain = LeverageModel(case, worlds=24, rng=3)
    model = ConsideringModel(case, moves=case.moves, worlds=24, rng=3)
    decided = 0
    for _ in range(months):
        plain.step()
        model.step()
        assert np.array_equal(plain.state.quantity, model.state.quantity)
        for v, found in enumerate(model.considered):
            feasible = plain.row(plain.state.feasible, v) > 0
            assert np.array_equal(feasible, found.feasible)
            assert not (feasible & ~found.possible).any()
            certain = found.chance >= 1
            assert np.array_equal(feasible[certain], found.possible[certain])
            assert np.array_equal(plain.row(plain.state.value, v)[feasible], found.value[feasible])
            chosen = plain.row(plain.state.choice, case.actors.index(found.actor)) == v
            assert np.array_equal(chosen, found.chosen)
            assert np.array_equal(found.made, chosen & found.agreed)
            decided += int(chosen.sum())
    assert decided > 30


@pytest.mark.parametrize(("scenario", "months"), CASES, ids=NAMES)
def test_accounts_of_moves_not_made_are_exact(scenario: str, months: int) -> None:
    """Without noise, own interest, shares through leverage, and for a payer what may soon be done anyway, add up."""
    case = rp.load(scenario).set({"theory.noise": 0.0}).case()
    model = ConsideringModel(case, moves=case.moves, worlds=2, rng=5)
    shares = soon = 0
    for _ in range(months):
        model.step()
        for n in range(len(case.moves)):
            account, asked = accounts(model, n, 1)
            total = account.own + sum(account.through.values()) - account.cost + account.noise
            assert abs(total - account.value) < 1e-12
            for one in asked:
                assert abs(one.noise) < 1e-12
                assert one.value == model.considered[n].consents[one.actor][1]
                shares, soon = shares + 1, soon + (one.soon != 0)
    assert shares > 10
    assert soon > 0 or scenario != "karabakh"
