"""What a world's moves and shocks change, as it is recorded while the world is played."""

import numpy as np
import pytest

import realpolitik as rp
from realpolitik_model import LeverageModel
from realpolitik_model.recording import RecordingModel


@pytest.mark.parametrize(("name", "ahead"), [("karabakh", 0), ("sweden-nato", 0), ("karabakh", 2)])
def test_recording_changes_no_world(name: str, ahead: int) -> None:
    """A recorded world is the same to the bit as one that is not recorded."""
    case = rp.load(name, set={"theory.foresight": ahead}).case()
    plain, recorded = (model(case, worlds=[17], rng=1) for model in (LeverageModel, RecordingModel))
    while plain.running:
        plain.step()
        recorded.step()
        assert plain.state.quantity.tobytes() == recorded.state.quantity.tobytes()
        assert plain.state.first.tobytes() == recorded.state.first.tobytes()


def test_shocks_are_found_where_they_strike() -> None:
    """Dated shocks strike in their month, a random one only where its issue jumps, and each with its own effect."""
    dated = {one.shock: one.month for one in rp.explain("sweden-nato", flips=False).shocks}
    assert (dated["koran"], dated["koran_again"], dated["indictment"]) == ("2023-01", "2023-06", "2023-09")
    model = RecordingModel(rp.load("karabakh").case(), worlds=[17], rng=1)
    struck = {}
    while model.running:
        model.step()
        struck |= {(model.date, name): changes for name, changes in model.struck.items()}
    incidents = [changes["tension"] for (_, name), changes in struck.items() if name == "incident"]
    assert struck["2023-09", "exodus"] == {"population": -1.0}
    assert [name for _, name in struck].count("exodus") == 1
    assert np.allclose(incidents, 0.2)
    assert 0 < len(incidents) < model.case.months / 4


def test_a_hazard_that_responds_is_followed() -> None:
    """A shock whose hazard responds to the state is found too: it strikes often once its issue is high."""
    hazard = {"shocks.incident.hazard": {"value": 0.0, "effects": {"karabakh": 1.0}}}
    certain = rp.explain("karabakh", world=17, set=hazard, flips=False).shocks
    incidents = [one.month for one in certain if one.shock == "incident"]
    plain = [one.month for one in rp.explain("karabakh", world=17, flips=False).shocks if one.shock == "incident"]
    assert len(incidents) > 2 * len(plain)
    assert sum("2023-09" <= month < "2024-09" for month in incidents) >= 6


def test_no_shock_strikes_that_cannot() -> None:
    """With a hazard of 0 a shock is never recorded."""
    never = rp.explain("karabakh", world=17, set={"shocks.incident.hazard": 0.0}, flips=False).shocks
    assert "incident" not in {one.shock for one in never}
    assert {one.shock for one in never} >= {"exodus"}


def test_the_effect_of_a_move_is_what_it_changes() -> None:
    """A move's record has its own changes and its payment at its terms, and a refused one has what it would change."""
    story = rp.explain("sweden-nato", flips=False)
    by_move = {one.account.move: one for one in story.decisions}
    madrid = by_move["madrid"]
    assert madrid.account.tau == 1.0
    assert madrid.changes["invitation"] == 1.0
    assert "pkk" in madrid.changes
    refused = next(one for one in story.decisions if one.account.result == "refused")
    assert refused.changes
