"""Three stories that need foresight: a swap in two steps, a threat that is believed, a promise that is kept.

Noise is bounded (E5), so probabilities are exactly 0 and 1 where the values are far from 0.
"""

from pathlib import Path

import numpy as np
import pytest

import realpolitik as rp
from model.test_twin import same
from realpolitik_model import LeverageModel, simulate
from realpolitik_model.accounting import account
from realpolitik_model.prospects import Expected
from reference import twin
from reference.equations import e5_beta

STORIES = Path(__file__).parent / "foresight"
WORLDS = 200
BETA = np.array(e5_beta(0.97, 3))
"""What each month ahead counts at foresight 3."""


def story(name, foresight, **numbers):
    """Read a story, with foresight and other numbers by dotted path."""
    return rp.load(STORIES / f"{name}.toml", set={"theory.foresight": foresight, **numbers})


def shares(scenario):
    """Return the share of worlds in which each outcome happens."""
    ensemble = rp.run(scenario, worlds=WORLDS)
    return {outcome: ensemble.probability(outcome) for outcome in ensemble.case.outcomes}


def decision(scenario, move):
    """Return the account of the first time that a move is taken in world 0."""
    return next(d.account for d in rp.explain(scenario, flips=False).decisions if d.account.move == move)


def adds_up(told):
    """Assert that the parts of an account, less cost, plus noise are its value."""
    parts = [share for issues in told.parts.values() for ahead in issues.values() for share in ahead]
    assert abs(sum(parts) - told.cost + told.noise - told.value) < 1e-12


@pytest.mark.parametrize("name", ["swap", "threat", "promise"])
@pytest.mark.parametrize("foresight", [0, 1, 3])
def test_the_twin_tells_the_same_stories(name, foresight):
    """On one world of each story, kernels and twin agree bit for bit."""
    scenario = story(name, foresight)
    case = scenario.case()
    told = twin.run(scenario.document, seed=1, world=7)
    same(simulate(case, np.array([7]), seed=1, paths=1), case, told)


# --- A swap in two steps ---


def test_a_swap_in_two_steps_needs_foresight():
    """Highland opens the pass, Lowland then builds, and Harbour then lowers its dues: always at 3, never at 0."""
    assert shares(story("swap", 0)) == {"opened": 0.0, "built": 0.0, "cheaper": 0.0}
    assert shares(story("swap", 3)) == {"opened": 1.0, "built": 1.0, "cheaper": 1.0}


def test_a_swap_is_not_made_for_months_that_do_not_count():
    """With discount 0 only the month of the move counts, and the pass stays closed at any horizon."""
    assert shares(story("swap", 3, **{"theory.discount": 0.0}))["opened"] == 0.0


def test_the_account_of_a_swap_says_what_it_is_made_for():
    """Opening the pass is a loss in every month; the railway is a gain from month 1 on, and lower dues from month 2."""
    told = decision(story("swap", 3), "open")
    assert told.horizon == 3
    assert told.expected == [Expected(1, "Lowland", "build", "done"), Expected(2, "Harbour", "lower", "done")]
    assert told.otherwise == []
    assert set(told.parts) == {"Highland"}
    parts = told.parts["Highland"]
    assert parts["pass"] == pytest.approx(-0.4 * BETA, abs=1e-12)
    assert parts["railway"] == pytest.approx(1.2 * BETA * [0, 1, 1, 1], abs=1e-12)
    assert parts["dues"] == pytest.approx(0.2 * 0.5 * BETA * [0, 0, 1, 1], abs=1e-12)
    adds_up(told)


def test_what_was_expected_of_a_swap_then_happens():
    """The moves that follow are those that the account expected, in those months."""
    decisions = [d.account for d in rp.explain(story("swap", 3), flips=False).decisions]
    first = decisions[0]
    assert [(a.month - first.month, a.actor, a.move, a.result) for a in decisions[1:]] == [
        (e.ahead, e.actor, e.move, e.result) for e in first.expected
    ]


# --- A threat ---


def weighed(scenario, move):
    """Return the account of a move in the first month of world 0, whether it is taken or not."""
    model = LeverageModel(scenario.case(), worlds=[0], rng=1)
    model.step()
    return account(model, model.case.moves.index(move))


def test_a_threat_is_believed_if_carrying_it_out_would_be_best():
    """At 3 Upstream never builds the dam; at 0 it always does, and Downstream then always closes the canal."""
    assert shares(story("threat", 3)) == {"built": 0.0, "closed": 0.0}
    assert shares(story("threat", 0)) == {"built": 1.0, "closed": 1.0}


@pytest.mark.parametrize("costly", ["issues.guarantee.start", "moves.close.cost"])
def test_a_threat_that_would_be_costly_is_not_believed(costly):
    """If closing the canal costs Downstream more than it is worth, Upstream builds with foresight too."""
    assert shares(story("threat", 3, **{costly: 1.0})) == {"built": 1.0, "closed": 0.0}


def test_the_account_of_a_dam_says_whom_upstream_fears():
    """The dam is a gain in every month and the closed canal a greater loss from month 1 on; guaranteed, only a gain."""
    told = weighed(story("threat", 3), "build")
    assert told.result == "weighed"
    assert told.value < 0.0
    assert (told.expected, told.otherwise) == ([Expected(1, "Downstream", "close", "done")], [])
    assert told.parts["Upstream"]["dam"] == pytest.approx(0.5 * BETA, abs=1e-12)
    assert told.parts["Upstream"]["canal"] == pytest.approx(-1.4 * BETA * [0, 1, 1, 1], abs=1e-12)
    adds_up(told)
    safe = weighed(story("threat", 3, **{"issues.guarantee.start": 1.0}), "build")
    assert (safe.expected, safe.parts) == ([], {"Upstream": {"dam": told.parts["Upstream"]["dam"]}})


# --- A promise ---

NO_WORD = {"moves.promise.chance": 0.0}
WEARY = {"interests.hills_arms.position": 0.0}
"""The Hills want to lay down their arms, whatever follows."""


def test_a_promise_is_believed_with_foresight():
    """At 3 the Hills always lay down their arms, after the word and before the pardon; at 0 never."""
    assert shares(story("promise", 0)) == {"promised": 1.0, "disarmed": 0.0, "pardoned": 0.0}
    ensemble = rp.run(story("promise", 3), worlds=WORLDS)
    assert ensemble.case.outcomes == ("promised", "disarmed", "pardoned")
    first = ensemble.kept.first
    assert (first[:, 0] >= 0).all()
    assert (np.diff(first, axis=1) > 0).all()


def test_nobody_lays_down_arms_without_a_promise():
    """If the Crown never gives its word, the Hills keep their arms with foresight too."""
    assert shares(story("promise", 3, **NO_WORD)) == {"promised": 0.0, "disarmed": 0.0, "pardoned": 0.0}


@pytest.mark.parametrize("foresight", [0, 3])
def test_a_promise_is_kept_because_it_was_given(foresight):
    """Hills that are weary of the war are pardoned if the word was given, and not otherwise, at any foresight."""
    assert shares(story("promise", foresight, **WEARY)) == {"promised": 1.0, "disarmed": 1.0, "pardoned": 1.0}
    assert shares(story("promise", foresight, **WEARY, **NO_WORD))["pardoned"] == 0.0


def test_the_account_of_laying_down_arms_says_what_it_trusts():
    """The Hills lose in every month by being unarmed, and gain from month 1 on by the pardon that they expect."""
    told = decision(story("promise", 3), "disarm")
    assert (told.expected, told.otherwise) == ([Expected(1, "Crown", "pardon_all", "done")], [])
    assert told.parts["Hills"]["arms"] == pytest.approx(-0.4 * BETA, abs=1e-12)
    assert told.parts["Hills"]["pardon"] == pytest.approx(1.2 * BETA * [0, 1, 1, 1], abs=1e-12)
    adds_up(told)
    kept = decision(story("promise", 3), "pardon_all")
    assert kept.parts["Crown"]["pardon"] == pytest.approx(0.6 * BETA, abs=1e-12)
