"""What a world's moves and shocks change, as it is recorded while the world is played."""

from pathlib import Path

import numpy as np
import pytest

import realpolitik as rp
from realpolitik.narrating import narrate
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


ROUTE = """
[issues.route]
label = "The other route"
low = "closed"
high = "open"
start = 0.9
reason = "It closes when the river floods"
assumption = true

[shocks.flood]
label = "A flood"
at = "2026-03"
changes = { route = { to = ROUTE } }
reason = "It floods"
assumption = true
"""


def flooded(folder: Path, route: float) -> Path:
    """Write a case in which a flood closes the route on which the patron can do without the host, to some degree."""
    text = (Path(rp.__file__).parent / "cli" / "templates" / "garrison.toml").read_text()
    text = text.replace("alternatives = { value = 0.8, effects = { sanctions = -0.8 } }", ALTERNATIVES)
    path = folder / f"route{route}.toml"
    path.write_text(text + ROUTE.replace("ROUTE", str(route)))
    return path


ALTERNATIVES = "alternatives = { value = 0.0, effects = { route = 1.0 } }"


def test_leverage_is_traced_to_what_happened_the_month_before(tmp_path: Path) -> None:
    """An outcome of leverage names the shock without which it would not have happened, and the leverage without it."""
    story = rp.explain(flooded(tmp_path, 0.1), flips=False)
    assert ("2026-04", "crossover") in story.events
    (cause,) = story.causes["crossover"]
    assert (cause.kind, cause.name) == ("shock", "flood")
    spared = RecordingModel(rp.load(flooded(tmp_path, 0.9)).case(), worlds=[0], rng=1)
    for _ in range(spared.case.month_of("2026-04") + 1):
        spared.step()
    assert cause.without == {"Host>Patron": pytest.approx(spared.quantity("Host>Patron"))}
    (event,) = (one for one in narrate(story).events if one.name == "crossover")
    assert event.why.endswith(
        f" Without the shock “A flood” of the month before, the Host could have withheld "
        f"{spared.quantity('Host>Patron'):.2f} from the Patron."
    )
    assert story.to_dict()["causes"]["crossover"][0]["name"] == "flood"


def test_leverage_that_drivers_move_has_no_cause() -> None:
    """Where no move or shock of the month before made the difference, none is named."""
    story = rp.explain("karabakh", world=17, flips=False)
    assert story.causes["leverage_crossover"] == []
    (event,) = (one for one in narrate(story).events if one.name == "leverage_crossover")
    assert event.why.endswith("; no single move or shock of the month or of the month before did this.")
