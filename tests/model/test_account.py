"""Every decision has an exact account, and the flip it names does flip it."""

import math
from pathlib import Path

import pytest

import realpolitik as rp
from realpolitik_model import LeverageModel, decisions

LABORATORY = Path(__file__).parents[1] / "laboratory"
FORMS, GUESTS, GARRISON = (LABORATORY / name for name in ("forms.toml", "guests.toml", "paid/garrison.toml"))

STORY = rp.explain("karabakh", world=17, seed=1)
DECISIONS = STORY.decisions


def test_accounts_are_exact():
    """Own interest, shares through leverage, cost and noise make the value, within 1e-12, in every decision."""
    for decision in DECISIONS:
        account = decision.account
        total = account.own + sum(account.through.values()) - account.cost + account.noise
        assert abs(total - account.value) < 1e-12


def test_rows_split_the_account():
    """What single interests add is what own interest and leverage add."""
    for decision in DECISIONS:
        account = decision.account
        assert abs(sum(account.rows.values()) - account.own - sum(account.through.values())) < 1e-12


def test_choices_are_of_positive_value():
    """Nobody takes a move of value 0 or less, nor one worse than the runner-up."""
    assert all(decision.account.value > 0 and decision.account.margin > 0 for decision in DECISIONS)


def test_results_follow_consents():
    """A move is done if nobody is asked, agreed if all asked value it above 0, and refused otherwise."""
    for decision in DECISIONS:
        consents = decision.account.consents.values()
        verdict = "done" if not consents else "agreed" if all(value > 0 for value in consents) else "refused"
        assert decision.account.result == verdict


def test_claims_exist():
    """Every claim named by a decision is in the register, and most decisions name some."""
    register = STORY.scenario.document["claims"]
    assert all(set(decision.claims) <= set(register) for decision in DECISIONS)
    assert sum(bool(decision.claims) for decision in DECISIONS) > 0.9 * len(DECISIONS)


def test_every_decision_can_be_flipped():
    """For every decision of this world some single change of a number is found."""
    assert all(decision.flip is not None for decision in DECISIONS)


def test_flips_are_short():
    """The change of a flip has two significant digits wherever that is enough, and rarely more."""
    changes = [f"{abs(one.flip['value'] - one.flip['was']):.8g}" for one in DECISIONS]
    digits = [len(text.replace(".", "").strip("0")) for text in changes if "e" not in text]
    assert sum(count > 2 for count in digits) < 0.1 * len(digits)


@pytest.mark.parametrize("position", range(0, len(DECISIONS), max(1, len(DECISIONS) // 40)))
def test_flips_flip(position):
    """Replayed with the flip set from its month on, the move is not taken; if it was refused, it is now agreed to."""
    decision = DECISIONS[position]
    setting = rp.scenario.parse_setting(decision.flip["set"])
    actor = decision.account.actor
    again = rp.explain("karabakh", world=17, seed=1, actor=actor, month=decision.date, set=[setting], flips=False)
    found = [(d.account.move, d.account.result) for d in again.decisions]
    if decision.account.result == "refused":
        assert found == [(decision.account.move, "agreed")]
    else:
        assert [move for move, _ in found] != [decision.account.move]


def test_flips_are_short_to_write():
    """The new value is written with a digit or two of the change, however many digits the edge has."""
    digits = []
    for flip in (decision.flip for decision in DECISIONS):
        last = math.floor(math.log10(abs(flip["value"] - flip["was"])))
        digits.append(next(more for more in range(17) if round(flip["value"], more - last - 1) == flip["value"]))
    assert max(digits) <= 3
    assert sum(some <= 2 for some in digits) > 0.9 * len(digits)


def test_one_month_of_one_actor():
    """Asked for one actor and month, the story holds the same decision as the whole."""
    wanted = next(d for d in DECISIONS if d.account.actor == "Moscow")
    part = rp.explain("karabakh", world=17, seed=1, actor="Moscow", month=wanted.date)
    assert [d.to_dict() for d in part.decisions] == [wanted.to_dict()]


CASES = [("karabakh", 40, 0), (FORMS, 24, 0), (GARRISON, 30, 0), (GUESTS, 6, 3)]


@pytest.mark.parametrize(("scenario", "months", "foresight"), CASES, ids=["karabakh", "votes", "payment", "foresight"])
def test_answers_are_divided_like_the_decision(scenario, months, foresight):
    """For the owner and for all who were asked: parts add up to shares, and those of the payment to what it adds."""
    model = LeverageModel(rp.load(scenario, set={"theory.foresight": foresight}).case(), worlds=1, rng=1)
    asked = paid = 0
    for _ in range(months):
        model.step()
        for account in decisions(model):
            for one in (account, *account.asked):
                shares = {one.actor: one.own, **one.through}
                assert {actor: total(one.parts, actor) for actor in one.parts} == pytest.approx(
                    {actor: share for actor, share in shares.items() if actor in one.parts}, abs=1e-12
                )
                assert sum(shares.values()) == pytest.approx(sum(total(one.parts, actor) for actor in shares))
            added = sum(total(account.paid, actor) for actor in account.paid)
            assert not account.parties or added == pytest.approx(account.tau * account.parties[0].payment)
            asked, paid = asked + len(account.asked), paid + (added != 0)
            assert account.consents == {one.actor: one.value for one in account.asked}
    assert asked
    assert paid or scenario == "karabakh"


def total(parts, actor):
    """Return what the parts of an actor add up to."""
    return sum(sum(months) for months in parts.get(actor, {}).values())
