"""Every decision has an exact account, and the flip it names does flip it."""

import math

import pytest

import realpolitik as rp

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


@pytest.mark.parametrize("position", range(0, len(DECISIONS), max(1, len(DECISIONS) // 40)))
def test_flips_flip(position):
    """Replayed with the flip set from its month on, the actor does not take that move in that month."""
    decision = DECISIONS[position]
    setting = rp.scenario.parse_setting(decision.flip["set"])
    actor = decision.account.actor
    again = rp.explain("karabakh", world=17, seed=1, actor=actor, month=decision.date, set=[setting], flips=False)
    assert [d.account.move for d in again.decisions] != [decision.account.move]


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
