"""Gas and the garrison in Transnistria: a force that stays, foresight, and European gas in the winter of 2025."""

import numpy as np
import pytest

import realpolitik as rp

WORLDS = 200


@pytest.fixture(scope="module")
def case() -> rp.Ensemble:
    """Return worlds of the case as shipped."""
    return rp.run("transnistria", worlds=WORLDS)


def test_history_holds_or_is_a_listed_miss() -> None:
    """Every row of history and every direction holds or is a listed miss, and no rival scores better."""
    sheet = rp.validate("transnistria", worlds=500)
    assert [check.name for check in sheet.checks if not check.holds and check.listed is None] == []
    assert sheet.ok
    assert sheet.to_dict()["beaten"] == []


def test_the_force_stays_as_long_as_moscow_needs_nothing_from_the_host(case: rp.Ensemble) -> None:
    """It never leaves as shipped, and in most worlds if Chisinau held as much over Moscow as Baku before the exit."""
    baku = rp.run("karabakh", worlds=WORLDS).to_xarray()["leverage"].sel(pair="Baku>Moscow", month="2024-03")
    needed = rp.run("transnistria", worlds=WORLDS, set={"dependence.way_in.stake": 1.06})
    hold = needed.to_xarray()["leverage"].sel(pair="Chisinau>Moscow", month="2024-03")
    assert float(hold.mean()) == pytest.approx(float(baku.mean()), abs=0.01)
    assert case.probability("force_leaves") == 0
    assert needed.probability("force_leaves") > 0.6


def test_moscow_pays_a_trader_and_tiraspol_refuses_terms(case: rp.Ensemble) -> None:
    """Where the left bank gets cold, Tiraspol refuses European terms, and Moscow's gas nearly always comes back."""
    first = case.to_xarray()["first"]
    cold, refused, back = (first.sel(event=name).to_numpy() for name in ("left_cold", "terms_refused", "gas_back"))
    assert 0.7 < np.mean(cold >= 0) < 1
    assert np.mean(refused[cold >= 0] > 0) > 0.9
    assert np.mean(back[cold >= 0] > 0) > 0.9
    assert case.probability("terms_taken") == 0


def test_tiraspol_refuses_terms_without_a_veto_because_it_expects_other_gas() -> None:
    """If Moscow does not mind, Tiraspol takes European terms at foresight 0 and never with foresight."""
    free = {"interests.moscow_terms.salience": 0.0}
    blind = rp.run("transnistria", worlds=WORLDS, set=free | {"theory.foresight": 0})
    ahead = rp.run("transnistria", worlds=WORLDS, set=free)
    assert blind.probability("terms_taken") > 0.9
    assert ahead.probability("terms_taken") == 0


def test_the_refusal_names_the_gas_that_was_expected() -> None:
    """The account of a refusal says that the trader's gas and a gift would follow without European terms."""
    story = rp.explain("transnistria", world=0, month="2025-02", flips=False)
    account = next(one.account for one in story.decisions if one.account.move == "offer_terms")
    assert account.result == "refused"
    without = {(one.actor, one.move) for one in account.otherwise}
    assert {("Moscow", "pay_trader"), ("Chisinau", "lend_gas")} <= without


def test_european_gas_lets_moscow_wait(case: rp.Ensemble) -> None:
    """Without European money Moscow books the way by the Balkans in more worlds, and the left bank is cold in fewer."""
    alone = rp.run("no-european-aid", worlds=WORLDS)
    assert alone.probability("balkan_booked") > case.probability("balkan_booked") + 0.3
    assert alone.probability("left_cold") < case.probability("left_cold") - 0.3


def test_customs_wait_for_other_power(case: rp.Ensemble) -> None:
    """Chisinau charges customs more than a year later than it would if Tiraspol's hold over its power did not count."""
    alone = rp.run("transnistria", worlds=WORLDS, theory="self-interest")
    late, early = (np.median(one.to_xarray()["first"].sel(event="customs_charged")) for one in (case, alone))
    assert late > early + 12


def test_the_war_turns_the_hold_between_the_banks(case: rp.Ensemble) -> None:
    """Chisinau holds more over Tiraspol than the other way round from the month in which Ukraine's border closes."""
    assert set(case.to_xarray()["first"].sel(event="cross").to_numpy()) == {case.months.index("2022-03")}


def test_with_transit_the_left_bank_is_warm() -> None:
    """If Kyiv extends transit nothing happens in January 2025, and the force stays."""
    warm = rp.run("kyiv-extends-transit", worlds=WORLDS)
    events = ("left_cold", "terms_refused", "gift_taken", "balkan_booked", "force_leaves")
    assert [warm.probability(event) for event in events] == [0.0] * len(events)
