"""Sweden's way into the alliance: what foresight, promises and a payment in aircraft do in a case of several vetoes."""

import numpy as np
import pytest

import realpolitik as rp

KEYS = {"ankara_fin": "Ankara", "ankara_swe": "Ankara", "budapest_fin": "Budapest", "budapest_swe": "Budapest"}
WORLDS = 300


@pytest.fixture(scope="module")
def case() -> rp.Ensemble:
    """Return worlds of the case as shipped."""
    return rp.run("sweden-nato", worlds=WORLDS)


def made(ensemble: rp.Ensemble, move: str) -> np.ndarray:
    """Return in which worlds this move was ever made."""
    return ensemble.to_xarray()["made"].sel(move=move).to_numpy() > 0


def test_members_are_wanted_and_not_ratifications() -> None:
    """Only the owner of a ratification has an interest in it, and no driver moves the case."""
    document = rp.load("sweden-nato").document
    interests = [(row["issue"], row["actor"]) for row in document["interests"].values() if row["issue"] in KEYS]
    assert sorted(interests) == sorted(KEYS.items())
    assert not document["drivers"]


def test_nobody_ratifies_sweden_without_foresight(case: rp.Ensemble) -> None:
    """Sweden never gets in if actors see only the next step, and in most worlds if they see three months ahead."""
    blind = rp.run("sweden-nato", worlds=WORLDS, set={"theory.foresight": 0})
    assert blind.probability("ankara_ratifies") == 0
    assert blind.probability("sweden_member") == 0
    assert case.probability("sweden_member") > 0.8


def test_the_keys_are_turned_in_order(case: rp.Ensemble) -> None:
    """Ankara ratifies Sweden after its word and before Budapest, and Finland is in most often before Sweden."""
    order = ("finland_member", "word_given", "ankara_ratifies", "budapest_ratifies")
    first = case.to_xarray()["first"]
    finland, word, ankara, budapest = (first.sel(event=event).to_numpy() for event in order)
    entered = budapest >= 0
    assert entered.any()
    assert (ankara[entered] < budapest[entered]).all()
    assert (word[entered] < ankara[entered]).all()
    assert np.mean((finland >= 0)[entered] & (finland < budapest)[entered]) > 0.8


def test_aircraft_buy_the_ratification() -> None:
    """Without aircraft to exchange, promise or give, Ankara does not ratify Sweden; Finland gets in as before."""
    without = rp.run("no-f16", worlds=WORLDS)
    assert without.probability("ankara_ratifies") < 0.05
    assert without.probability("finland_member") > 0.8


def test_ankara_goes_first_only_on_a_promise(case: rp.Ensemble) -> None:
    """It ratifies unpaid in some worlds, always after the promise, and the aircraft follow in nearly all of them."""
    unpaid = made(case, "ratify_sweden")
    assert 0.05 < np.mean(unpaid) < 0.5
    assert (case.to_xarray()["final"].sel(issue="promise").to_numpy()[unpaid] == 1).all()
    assert np.mean(made(case, "sell_f16")[unpaid]) > 0.9


def test_a_promise_that_nobody_would_keep_is_not_believed() -> None:
    """If the promise does not bind the White House, Ankara never ratifies unpaid."""
    loose = rp.run("sweden-nato", worlds=WORLDS, set={"interests.us_f16.salience.effects.promise": 0})
    assert not made(loose, "ratify_sweden").any()


def test_an_earlier_congress_is_months_and_not_a_year(case: rp.Ensemble) -> None:
    """With the chairman gone in January 2023 Ankara ratifies earlier, but never before the elections of May 2023."""
    early = rp.run("early-congress", worlds=WORLDS)
    months, later = (one.to_xarray()["first"].sel(event="ankara_ratifies").to_numpy() for one in (early, case))
    both = (months >= 0) & (later >= 0)
    assert 1 < np.mean(later[both] - months[both]) < 8
    assert early.months[months[months >= 0].min()] > "2023-05"


def test_ankara_expects_what_then_happens() -> None:
    """The account of an unpaid ratification names Budapest's deal and the sale by the White House as what follows."""
    story = rp.explain("sweden-nato", world=5, flips=False)
    account = next(one.account for one in story.decisions if one.account.move == "ratify_sweden")
    assert {(one.actor, one.move) for one in account.expected} == {
        ("Budapest", "hu_sweden_gripen"),
        ("Washington", "sell_f16"),
    }
    assert account.result == "done"
