"""Figures of every shipped scenario, and of awkward ones, can be read: nothing overlaps and nothing is cut off."""

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from matplotlib.figure import Figure

import realpolitik as rp
from realpolitik.texts import MINUS
from realpolitik_viz import DARK, LIGHT, account_figure, ensemble_figure, story_figure
from realpolitik_viz.canvas import Canvas
from realpolitik_viz.months import months_between, ticks
from realpolitik_viz.panels import measure_panel
from realpolitik_viz.plot_account import bars_of
from realpolitik_viz.scales import apart
from window.seeing import crossed, outside, touching, words_of

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
    """Check that all words are on the sheet, each in its own place, and that none is cut."""
    words = words_of(figure)
    assert outside(figure, words) == []
    assert touching(words) == []
    assert [word for word, _ in words if "\N{HORIZONTAL ELLIPSIS}" in word] == []


def written(figure: Figure) -> str:
    """Return all that is written in a figure, without line breaks."""
    return " ".join(words for words, _ in words_of(figure))


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


def test_no_title_or_label_is_cut() -> None:
    """A title, a question and labels of any length are written to their last word."""
    case = rp.load("karabakh", set=AWKWARD["long"]["set"])
    ensemble, story = rp.run(case, worlds=20), rp.explain(case, world=3, flips=False)
    assert written(ensemble_figure(ensemble)).count(f"{LONG}{LONG}") == 2
    assert f"{LONG} overtakes {LONG}" in written(ensemble_figure(ensemble))
    assert f"top: {LONG}" in written(ensemble_figure(ensemble))
    for text in (LONG + LONG, f"{LONG}, "):
        assert text in written(story_figure(story))


def test_no_line_runs_through_a_word() -> None:
    """The date of the turn of leverage is above the lines, also where they cross at an end of the axis."""
    ensemble = rp.run("karabakh", worlds=100, seed=1)
    figure = ensemble_figure(ensemble)
    assert "Feb 2023" in [words for words, _ in words_of(figure)]
    assert crossed(figure) == []
    for until in ("2023-03", "2023-06", "2026-12"):
        early = ensemble_figure(rp.run("karabakh", worlds=20, until=until))
        assert "Feb 2023" in [words for words, _ in words_of(early)]
        assert crossed(early) == []
        readable(early)


@pytest.mark.parametrize("last", ["2021-01", "2021-08", "2022-01", "2023-05", "2030-12", "2095-01", "2320-12"])
@pytest.mark.parametrize("room", [0.6, 1.2, 2.3, 6.0])
def test_labels_of_months_keep_apart(last: str, room: float) -> None:
    """On any axis there is at least one label, and no two touch."""
    months = months_between("2020-10", last)
    marks = ticks(months, room)
    assert marks
    assert apart(marks, (-0.5, len(months) - 0.5), room)


@pytest.mark.parametrize("end", ["2031-04", "2032-01", "2035-01", "2060-01"])
def test_labels_of_neighbouring_axes_keep_apart(end: str) -> None:
    """Where the last label of one axis and the first of the next are both at its end, they do not touch."""
    text = SMALL.read_text(encoding="utf-8").replace('end = "2031-12"', f'end = "{end}"')
    readable(ensemble_figure(rp.run(rp.loads(text), worlds=4)))


def test_what_is_shown_can_be_chosen() -> None:
    """Outcomes, measures, issues and pairs of leverage are drawn if they are chosen, and only these."""
    ensemble = rp.run("karabakh", worlds=100)
    names = ["price_of_withdrawal", "deal_undone"]
    pairs = ["Moscow>Yerevan", "Baku>Moscow", "Moscow>Baku"]
    figure = ensemble_figure(ensemble, outcomes=names, issues=["warmth", "villages"], leverage=pairs)
    readable(figure)
    shown, document = written(figure), ensemble.scenario.document
    for table, chosen in (("outcomes", names), ("issues", ["warmth", "villages"])):
        for name, row in document[table].items():
            assert (row["label"] in shown) == (name in chosen)
    assert "Baku overtakes Moscow" in shown
    assert "Moscow holds more leverage than Yerevan" in shown
    assert shown.count("Leverage: what the other would lose") == 2
    measure = ensemble.measure("price_of_withdrawal")
    assert measure is not None
    assert f"{measure['mean']:.2f}" in shown
    readable(ensemble_figure(ensemble, outcomes=["price_of_withdrawal"]))


def test_leverage_of_one_direction_can_be_chosen() -> None:
    """Where only one actor holds leverage over the other, its line is drawn alone."""
    figure = ensemble_figure(rp.run(rp.loads(ONE_WAY), worlds=20), leverage=["Landlord>Tenant"])
    readable(figure)
    assert "Landlord's leverage over Tenant" in written(figure)


@pytest.mark.parametrize(
    ("choice", "says"),
    [
        ({"outcomes": ["withdrawl"]}, "unknown outcome 'withdrawl'; there are offensive_made, "),
        ({"issues": ["x"]}, "unknown issue 'x'; there are karabakh, "),
        ({"leverage": ["Baku>Paris"]}, "unknown leverage 'Baku>Paris'; there are "),
        ({"leverage": ["Baku"]}, "'Baku' is not a pair of actors"),
    ],
)
def test_what_is_not_there_cannot_be_chosen(choice: dict[str, Any], says: str) -> None:
    """An unknown name is refused with the names that there are."""
    with pytest.raises(ValueError, match=says):
        ensemble_figure(rp.run("karabakh", worlds=4), **choice)


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
        shown = written(figure)
        assert f"{decision.account.value:+.4f}".replace("-", "\N{MINUS SIGN}") in shown
        assert all(who in shown for who in decision.account.consents)
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
    assert "Expected: The guest holds a market in month 1 (2030-02); it did, in 2030-03" in first
    assert "Votes: 2 of 3 for it, 2 needed; the host decided it" in vote
    assert "Payment: paid by the host (host_purse) and the town (town_purse)" in paid


def test_negative_numbers_have_a_true_minus() -> None:
    """Bars, answers, flips and means below 0 are written with the sign of mathematics; only commands have hyphens."""
    story = rp.explain("karabakh", world=17, month="2024-03", flips=False)
    decision = next(one for one in story.decisions if one.account.result == "refused")
    flip = {"path": "x", "was": -0.25, "value": -0.1, "set": "x=-0.1@2024-03"}
    shown = written(account_figure(replace(decision, flip=flip), story))
    assert f"Flipped by --set x=-0.1@2024-03 (was {MINUS}0.25)" in shown
    assert re.findall(r"(?<![\w=])-\d\S*", shown) == []
    assert len(re.findall(rf"{MINUS}\d", shown)) > 2
    result = {"outcomes": {"debt": {"label": "The debt", "mean": -0.5, "p10": -0.75, "p90": -0.25}}}
    canvas = Canvas(8.0, 2.0, LIGHT)
    measure_panel(canvas, 0.5, result, ["debt"])
    assert f"{MINUS}0.50" in written(canvas)
    assert "-" not in written(canvas)


def test_a_long_account_is_readable() -> None:
    """Long labels of issues and moves, many parts and a long caption fit: words are shortened, the months are not."""
    settings = {**AWKWARD["long"]["set"], "issues.blame_yerevan.label": LONG, "moves.convene.label": LONG}
    story = rp.explain("karabakh", foresight=3, month="2021-11", set=settings, uncertainty="posterior")
    for decision in story.decisions:
        figure = account_figure(decision, story)
        readable(figure)
        written = " ".join(words for words, _ in words_of(figure))
        assert "in month" in written
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
    shown = written(ensemble_figure(ensemble))
    for fact in ("karabakh", ensemble.scenario.sha256[:12], "60 worlds", "seed 5", f"realpolitik {rp.__version__}"):
        assert fact in shown


def test_the_turn_of_leverage_is_dated() -> None:
    """The figure of the base case names the month in which Baku overtakes Moscow, as the outcome does."""
    ensemble = rp.run("karabakh", worlds=100, seed=1)
    month = {"01": "Jan", "02": "Feb", "03": "Mar"}[str(ensemble.month("leverage_crossover"))[-2:]]
    shown = [words for words, _ in words_of(ensemble_figure(ensemble))]
    assert f"Baku overtakes Moscow in {month} 2023" in shown
    assert f"{month} 2023" in shown


def test_what_history_dates_is_drawn_even_if_it_never_happens() -> None:
    """A counterfactual shows the events of history that it prevents, for comparison with the base case."""
    shown = [words for words, _ in words_of(ensemble_figure(rp.run("no-invasion", worlds=100, seed=1)))]
    assert {"Karabakh is taken", "The peacekeepers leave"} <= set(shown)


def test_importing_the_package_is_fast() -> None:
    """Importing the package imports neither Matplotlib nor the compiled model, and drawing needs no pyplot."""
    code = "import sys, realpolitik_viz; assert not {'matplotlib', 'numba', 'numpy'} & sys.modules.keys()"
    code += "; from realpolitik_viz import ensemble_figure, save; assert 'matplotlib.pyplot' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
