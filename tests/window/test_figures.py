"""Figures of every shipped scenario, and of awkward ones, can be read: nothing overlaps and nothing is cut off."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from matplotlib.figure import Figure

import realpolitik as rp
from realpolitik_viz import DARK, LIGHT, account_figure, ensemble_figure, story_figure
from realpolitik_viz.plot_account import bars_of
from window.seeing import outside, touching, words_of

LONG = "A label that says at great length and in many words what could well have been said in a few of them"
SMALL = Path(__file__).parents[1] / "laboratory" / "small.toml"
GUESTS = SMALL.with_name("guests.toml")
AWKWARD: dict[str, dict[str, Any]] = {
    "prior": {"uncertainty": "prior"},
    "one month": {"until": "2020-12"},
    "one world": {"worlds": 1},
    "long": {
        "set": {
            "meta.title": LONG + LONG,
            "meta.question": LONG + LONG,
            "actors.Moscow.label": LONG,
            "actors.Baku.label": LONG,
            "issues.karabakh.label": LONG,
            "issues.karabakh.high": LONG,
            "outcomes.karabakh_taken.label": LONG,
            "outcomes.withdrawal.label": LONG,
        }
    },
    "mathematics": {"set": {"meta.title": "$\\frac{1}$ & <b>_^ 100 %", "outcomes.withdrawal.label": "$x_$ {"}},
}

ONE_WAY = """
[meta]
title = "The landlord"
question = "Does the tenant go?"
start = "2001-10"
end = "2002-03"
[actors]
Tenant = { label = "Tenant", role = "pays" }
Landlord = { label = "Landlord", role = "is paid" }
[issues.house]
label = "The house"
low = "empty"
high = "let"
start = 1.0
reason = "It is what they have in common"
assumption = true
[dependence.roof]
dependent = "Tenant"
provider = "Landlord"
channel = "a roof"
stake = 0.5
alternatives = 0.5
reason = "It rains"
assumption = true
[moves.go]
actor = "Tenant"
label = "Go"
changes = { house = { to = 0.0 } }
reason = "There are other houses"
assumption = true
"""


def readable(figure: Figure) -> None:
    """Check that all words are on the sheet, each in its own place."""
    words = words_of(figure)
    assert outside(figure, words) == []
    assert touching(words) == []


@pytest.mark.parametrize("name", [shipped.name for shipped in rp.shipped()])
def test_every_shipped_scenario_has_a_figure(name: str) -> None:
    """An ensemble of each shipped scenario is drawn without two texts touching."""
    readable(ensemble_figure(rp.run(name, worlds=100, seed=1)))


@pytest.mark.parametrize("name", [shipped.name for shipped in rp.shipped()])
def test_every_shipped_scenario_has_a_story(name: str) -> None:
    """A world of each shipped scenario is drawn without two texts touching."""
    readable(story_figure(rp.explain(name, world=3, flips=False)))


@pytest.mark.parametrize("case", AWKWARD)
def test_awkward_ensembles_are_readable(case: str) -> None:
    """Wide uncertainty, a single month or world, very long labels and mathematical signs are readable."""
    readable(ensemble_figure(rp.run("karabakh", **{"worlds": 50, **AWKWARD[case]}), ink=DARK))


def test_awkward_stories_are_readable() -> None:
    """Very long labels and mathematical signs are readable in the story of a world, too."""
    settings = {**AWKWARD["long"]["set"], "moves.withdraw.label": LONG, "outcomes.exodus_done.label": "$x_$ {"}
    readable(story_figure(rp.explain("karabakh", world=3, set=settings, flips=False)))


def test_another_scenario_needs_nothing_of_karabakh() -> None:
    """A small scenario with other actors, without history or mutual leverage, has both figures."""
    readable(ensemble_figure(rp.run(SMALL, worlds=20)))
    readable(story_figure(rp.explain(SMALL, flips=False)))


def test_leverage_in_one_direction_only_leaves_its_panel_out() -> None:
    """Without leverage in both directions there is no panel of leverage, and the issues use its space."""
    figure = ensemble_figure(rp.run(rp.loads(ONE_WAY), worlds=20))
    readable(figure)
    assert not any(words.startswith("Leverage") for words, _ in words_of(figure))


def test_every_decision_of_a_story_has_an_account() -> None:
    """Any decision's account is readable, and shows its value and who was asked."""
    story = rp.explain("karabakh", world=17, month="2024-03")
    for decision in story.decisions:
        figure = account_figure(decision, story)
        readable(figure)
        written = " ".join(words for words, _ in words_of(figure))
        assert f"{decision.account.value:+.4f}".replace("-", "\N{MINUS SIGN}") in written
        assert all(who in written for who in decision.account.consents)
        readable(account_figure(decision, ink=DARK))


def test_an_account_shows_parts_expectations_votes_and_payments() -> None:
    """With foresight, the figure has a bar per issue with its months ahead, and notes what was expected and agreed."""
    story = rp.explain(GUESTS, foresight=3)
    written = []
    for decision in story.decisions:
        figure = account_figure(decision, story)
        readable(figure)
        written.append([words for words, _ in words_of(figure)])
    first, _, vote, paid = written
    assert {"The gate, in months 0-3", "The market, in months 1-3"} <= set(first)
    assert "Expected: Guest holds a market in month 1 (2030-02); it did, in 2030-03" in first
    assert "Votes: 2 of 3 for it, 2 needed; Host decided it" in vote
    assert "Payment: paid by Host (host_purse) and Town (town_purse)" in paid


def test_a_long_account_is_readable() -> None:
    """Long labels of issues and moves, many parts and a long caption fit: words are shortened, the months are not."""
    settings = {**AWKWARD["long"]["set"], "issues.blame_yerevan.label": LONG, "moves.convene.label": LONG}
    story = rp.explain("karabakh", foresight=3, month="2021-11", set=settings, uncertainty="posterior")
    for decision in story.decisions:
        figure = account_figure(decision, story)
        readable(figure)
        written = " ".join(words for words, _ in words_of(figure))
        assert "in months" in written
        assert f"realpolitik {rp.__version__}" in written


def test_parts_of_an_account_lie_within_their_step() -> None:
    """The parts of a step begin where it begins, one after the other, and do not move the steps after it."""
    story = rp.explain(GUESTS, foresight=3, flips=False)
    bars = bars_of(story.decisions[0], story, LIGHT)
    own, gate, market, cost, *_ = bars
    assert (own.start, gate.start, market.start, gate.part, own.part) == (0.0, 0.0, gate.size, True, False)
    assert abs(market.start + market.size - own.size) < 1e-12
    assert cost.start == own.size


def test_a_quiet_month_has_a_story() -> None:
    """A story without decisions is still a figure."""
    readable(story_figure(rp.explain("karabakh", actor="Washington", month="2021-02", flips=False)))


def test_the_figure_says_how_to_make_it_again() -> None:
    """The ensemble's figure names scenario, hash, worlds, seed and version."""
    ensemble = rp.run("karabakh", worlds=60, seed=5)
    written = " ".join(words for words, _ in words_of(ensemble_figure(ensemble)))
    for fact in ("karabakh", ensemble.scenario.sha256[:12], "60 worlds", "seed 5", f"realpolitik {rp.__version__}"):
        assert fact in written


def test_the_turn_of_leverage_is_dated() -> None:
    """The figure of the base case names the month in which Baku overtakes Moscow, as the outcome does."""
    ensemble = rp.run("karabakh", worlds=100, seed=1)
    month = {"01": "Jan", "02": "Feb", "03": "Mar"}[str(ensemble.month("leverage_crossover"))[-2:]]
    written = [words for words, _ in words_of(ensemble_figure(ensemble))]
    assert f"Baku overtakes Moscow in {month} 2023" in written
    assert f"{month} 2023" in written


def test_what_history_dates_is_drawn_even_if_it_never_happens() -> None:
    """A counterfactual shows the events of history that it prevents, for comparison with the base case."""
    written = [words for words, _ in words_of(ensemble_figure(rp.run("no-invasion", worlds=100, seed=1)))]
    assert {"Karabakh is taken", "The peacekeepers leave"} <= set(written)


def test_importing_the_package_is_fast() -> None:
    """Importing the package imports neither Matplotlib nor the compiled model, and drawing needs no pyplot."""
    code = "import sys, realpolitik_viz; assert not {'matplotlib', 'numba', 'numpy'} & sys.modules.keys()"
    code += "; from realpolitik_viz import ensemble_figure, save; assert 'matplotlib.pyplot' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
