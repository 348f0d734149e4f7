"""A world in words: its title, its main events and the rule that selects them, why, prices and flips."""

import copy
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import realpolitik as rp
from commanding import command
from realpolitik.narrating import (
    MINUS,
    MOST_EVENTS,
    Event,
    answers_in_words,
    decision_in_words,
    flip_in_words,
    main_events,
    narrate,
    price_in_words,
    why_in_words,
)
from realpolitik.scenario.forms import paid_changes
from realpolitik_model import Account, Share

HERE = Path(__file__).parent
GUESTS, FORMS, GARRISON = (HERE / name for name in ("guests.toml", "forms.toml", "paid/garrison.toml"))
STORY = rp.explain("karabakh", world=17, flips=False)
DOCUMENT = STORY.scenario.document


def decision(actor: str, month: str) -> Any:
    """Return the decision of an actor in a month of world 17."""
    return next(one for one in STORY.decisions if (one.account.actor, one.date) == (actor, month))


def test_the_title_is_the_main_outcome() -> None:
    """The title has the month and the price of the headline outcome, or says that it does not happen."""
    assert narrate(STORY).title == "World 17 of seed 1: the peacekeepers leave in March 2024, unpaid"
    exit_ = decision("Moscow", "2024-03")
    paid = replace(exit_, account=replace(exit_.account, tau=0.02))
    others = [one for one in STORY.decisions if one is not exit_]
    assert narrate(replace(STORY, decisions=[*others, paid])).title.endswith("in March 2024, for a price of 0.02")
    assert narrate(rp.explain("no-invasion", world=2, flips=False)).title == (
        "World 2 of seed 1: “The peacekeepers leave” does not happen by December 2030"
    )
    assert narrate(rp.explain(GUESTS, foresight=3, flips=False)).title == (
        "World 0 of seed 1: There is a market in March 2030"
    )


def test_paid_and_unpaid_are_told_apart() -> None:
    """A move with a payment has a price or is unpaid, its fallback is unpaid, and other moves have neither."""
    moves, account = DOCUMENT["moves"], decision("Moscow", "2024-03").account
    assert price_in_words(account, moves) == "unpaid"
    assert price_in_words(replace(account, tau=0.3), moves) == "for a price of 0.30"
    assert price_in_words(replace(account, tau=0.001), moves) == "for a price below 0.01"
    assert price_in_words(replace(account, move="withdraw"), moves) == "unpaid"
    assert price_in_words(replace(account, move="offensive"), moves) == ""


def test_why_weighs_what_is_for_against_what_is_against() -> None:
    """The heaviest on each side are named with their shares; the sums at the end are of all, so they give the value."""
    account = decision("Moscow", "2024-03").account
    lost = sum(account.parts["Moscow"]["peacekeepers"])
    gained, against = account.through["Baku"] + account.noise, account.cost - lost
    assert why_in_words(decision("Moscow", "2024-03"), DOCUMENT) == (
        f"Moscow did so because Baku's leverage (+{account.through['Baku']:.2f}) and noise (+{account.noise:.2f}) "
        f"outweighed its own interest in “Russian force in Karabakh” ({MINUS}{-lost:.2f}) and the cost "
        f"({MINUS}{account.cost:.2f}): +{gained:.2f} against {MINUS}{against:.2f}."
    )
    assert abs(gained - against - account.value) < 1e-12
    offensive = why_in_words(decision("Baku", "2023-09"), DOCUMENT)
    assert "outweighed the leverage of Moscow, Brussels and Washington (" in offensive


def numbers_hold(sentence: str, one: Account | Share) -> bool:
    """Return whether the numbers of a sentence agree: the shares of a side with its sum, the sums with the value."""
    found = re.search(r"because (?:of )?(.*?)(?: outweighed (.*?))?: (\S+?)(?: against (\S+?))?\.(?= |$)", sentence)
    if found is None:
        return abs(one.value) < 0.01
    *sides, first, last = found.groups(default="0")
    sums = [float(text.replace(MINUS, "-")) for text in (first, last)]
    parts = [[float(text.replace(MINUS, "-")) for text in re.findall(rf"\(([+{MINUS}]\S+)\)", side)] for side in sides]
    near = [
        not shares or abs(sum(shares) - total) < 0.006 + 0.005 * len(shares)
        for shares, total in zip(parts, sums, strict=True)
    ]
    return all(near) and abs(sum(sums) - one.value) < 0.0101


def test_the_numbers_of_every_sentence_are_those_of_its_account() -> None:
    """In every decision and every answer, the parts of a side add up to its sum, and the sums to what it is worth."""
    counted = 0
    for story in (STORY, rp.explain(FORMS, flips=False), rp.explain(GARRISON, flips=False)):
        document = story.scenario.document
        for one in story.decisions:
            why = re.split(r"(?<=\.) (?=[^.]*proposed it because)", why_in_words(one, document))[-1]
            assert numbers_hold(why, one.account), why
            for share, says in zip(one.account.asked, answers_in_words(one, document), strict=True):
                assert numbers_hold(says, share), says
            counted += 1
    assert counted > 300


def test_a_payment_is_kept_apart_from_what_the_move_itself_brings() -> None:
    """The payment has a name and a number of its own; if the move would not have been made unpaid, that is said."""
    bought = decision("Moscow", "2024-03")
    paid = next(iter(paid_changes(DOCUMENT["moves"]["withdraw_for_price"])))
    parts = {"Moscow": {"peacekeepers": [-0.4], paid: [0.1], "warmth": [0.5]}}
    given: dict[str, Any] = {"own": 0.2, "through": {}, "cost": 0.1, "noise": 0.0, "value": 0.1, "margin": 0.1}
    account = replace(bought.account, parts=parts, paid={"Moscow": {paid: [0.08]}}, tau=1.0, runner_up=None, **given)
    why = why_in_words(replace(bought, account=account), DOCUMENT)
    about = f"“{DOCUMENT['issues'][paid]['label']}”"
    assert why.startswith(
        "Moscow did so because its own interest in “Courtesy between Moscow and Baku” (+0.50), the payment in "
        f"{about} (+0.08) and its own interest in {about} (+0.02) outweighed"
    )
    assert "The payment decided" not in why
    dear = replace(account, value=0.05, margin=0.05, cost=0.15)
    assert why_in_words(replace(bought, account=dear), DOCUMENT).endswith(
        f"The payment decided: unpaid, the move would have been worth {MINUS}0.03, and it would have made no move."
    )


def test_a_refused_move_keeps_its_name() -> None:
    """Only a move that is made unpaid is called what its fallback is."""
    made = decision("Moscow", "2024-03")
    account = replace(made.account, move="withdraw_for_price", tau=0.0)
    label = DOCUMENT["moves"]["withdraw_for_price"]["label"]
    unpaid = DOCUMENT["moves"]["withdraw"]["label"]
    refused = replace(made, account=replace(account, result="refused"), text=label)
    assert unpaid in decision_in_words(replace(made, account=account), DOCUMENT)
    assert label in decision_in_words(refused, DOCUMENT)


def test_noise_is_said_to_decide_only_where_it_did() -> None:
    """Noise is said to decide, in a word that is not the key `chance`, exactly where it is greater than the margin."""
    for one in STORY.decisions:
        decided = "Noise decided" in re.split("proposed it because|did so because", why_in_words(one, DOCUMENT))[-1]
        assert decided == (one.account.noise > one.account.margin)
    one = decision("Baku", "2023-09")
    assert "it would have chosen “Court Moscow”." in why_in_words(one, DOCUMENT)
    alone = replace(one, account=replace(one.account, runner_up=None))
    assert "it would have made no move." in why_in_words(alone, DOCUMENT)


def test_a_refusal_says_who_refused_and_what_it_was_worth() -> None:
    """The reason of a refusal begins with those who refused, then says why it was proposed."""
    one = decision("Moscow", "2023-11")
    says = why_in_words(one, DOCUMENT)
    (answer,) = answers_in_words(one, DOCUMENT)
    assert answer.startswith("Yerevan refused because its own interest in “Russian troops re-posted to Armenia” (")
    assert says.startswith(f"{answer} Moscow proposed it because ")
    guests = rp.explain(GUESTS, foresight=3, flips=False)
    vote = next(one for one in guests.decisions if one.account.move == "hold_market")
    voted = replace(vote, account=replace(vote.account, result="refused", consents={"Host": -0.1, "Town": 0.1}))
    assert why_in_words(voted, guests.scenario.document).startswith("Refused by vote: 1 of 3 for it, 2 needed")


def test_a_fallback_whose_window_is_closed_is_only_counted() -> None:
    """What a payer loses to an unpaid move is counted by the theory alone if the window of that move is closed."""
    bought, closed = decision("Moscow", "2024-03"), copy.deepcopy(DOCUMENT)
    closed["moves"]["withdraw"]["until"] = "2024-02"
    (before,), (after,) = (answers_in_words(bought, document) for document in (DOCUMENT, closed))
    assert "outweighed what Moscow might soon do unpaid (" in before
    assert "outweighed an unpaid move of Moscow, which the theory counts although its window is closed (" in after


def test_outcomes_belong_to_what_brought_them_about() -> None:
    """An outcome is shown with its move, or the decision or shock that moved its issue; others stand alone."""
    by_outcome = {name: event for event in narrate(STORY).events for name in event.outcomes}
    causes = {name: (event.kind, event.name) for name, event in by_outcome.items()}
    assert causes["karabakh_taken"] == ("decision", "offensive")
    assert causes["exodus_done"] == ("shock", "exodus")
    assert causes["csto_refused"] == ("refusal", "offer_csto")
    assert {causes[one] for one in ("withdrawal", "free_exit", "yerevan_blamed")} == {
        ("decision", "withdraw_for_price")
    }
    assert causes["leverage_crossover"] == ("outcome", "leverage_crossover")
    assert by_outcome["leverage_crossover"].why.startswith("Baku could withhold 0.59 from Moscow and Moscow could")
    measured = {name for name, row in DOCUMENT["outcomes"].items() if row["measure"] is not None}
    assert by_outcome.keys() == {name for _, name in STORY.events} - measured


def event(name: str, size: float, month: str = "2030-01", kind: str = "decision", outcomes: Any = ()) -> Event:
    """Return an event of a size."""
    return Event(month, kind, name, "A", name, "", tuple(outcomes), {"x": -size})


def test_main_events_are_chosen_by_outcome_then_by_size() -> None:
    """Outcomes come first by their order, then the largest changes; the same move counts once, and refusals count."""
    small = [event(f"m{n}", 0.01 * n, f"2030-{n:02d}") for n in range(1, 13)]
    first, last = event("late", 0.0, "2031-01", outcomes=["p"]), event("early", 0.0, "2029-01", outcomes=["q"])
    refused = event("m12", 0.5, "2030-02", "refusal")
    chosen = main_events([*small, first, last, refused, event("m12", 0.11, "2030-03")], ["p", "q"])
    assert len(chosen) == MOST_EVENTS
    assert [one.month for one in chosen] == sorted(one.month for one in chosen)
    assert all(one in chosen for one in (first, last, refused))
    assert [one.name for one in chosen].count("m12") == 2
    assert not any(one.name in ("m1", "m2", "m3") for one in chosen)
    assert main_events([event("nothing", 0.0)], []) == []
    many = [event(f"o{n}", 0.0, outcomes=[f"o{n}"]) for n in range(20)]
    assert {one.name for one in main_events(many, [f"o{n}" for n in range(20)])} == {f"o{n}" for n in range(12)}


FLIPS = [
    (
        "interests.moscow_stay.salience",
        0.3,
        0.309,
        "Had Moscow cared 3% more about “Russian force in Karabakh”, Moscow",
    ),
    ("interests.moscow_stay.position", 1.0, 0.967184, "Had Moscow wanted “Russian force in Karabakh” at 0.967 instead"),
    ("dependence.transit.stake", 0.6, 0.3, "Had Moscow had 50% less to lose from Baku (road and rail south to Iran"),
    ("dependence.transit.alternatives", 0.8, 0.9, "Had Moscow been able to get 0.9 instead of 0.8 elsewhere (road"),
    (
        "dependence.transit.alternatives.effects.isolation",
        *(-0.75, -0.5),
        "Had the effect of “Isolation of Moscow” on what Moscow can get elsewhere (road and rail south to Iran and the "
        f"Gulf) been {MINUS}0.5 instead of {MINUS}0.75",
    ),
    ("moves.withdraw.cost", 0.14, 0.56, "Had “Take the peacekeepers home” cost 0.56 instead of 0.14, Moscow would"),
    (
        "moves.withdraw.cost",
        0.3,
        0.300004,
        "Had “Take the peacekeepers home” cost 0.300004 instead of 0.3, Moscow would",
    ),
    ("theory.phi", 1.0, 0.9, "Had what others want counted 10% less for everybody, Moscow would not have done so."),
    ("issues.tension.decay", 0.3, 0.2, "Had “Tension on the border” returned to rest at 0.2 instead of 0.3 of the way"),
    ("actors.Baku.capability", 0.12, 0.15, "Had Baku been 25% more powerful, Moscow would not have done so."),
    ("shocks.incident.hazard", 0.06, 0.0, "Had shocks.incident.hazard been 0 instead of 0.06, Moscow"),
]


@pytest.mark.parametrize(("path", "was", "value", "says"), FLIPS, ids=[row[0] for row in FLIPS])
def test_a_flip_is_said_in_words(path: str, was: float, value: float, says: str) -> None:
    """The number that would have changed the decision, and by how much, in words."""
    account = decision("Moscow", "2024-03").account
    assert flip_in_words({"path": path, "was": was, "value": value}, account, DOCUMENT).startswith(says)


def test_the_flip_of_a_refusal_is_what_would_have_been_agreed_to() -> None:
    """It names the one who would have agreed, or nobody if several refused; numbers have the digits that differ."""
    account = decision("Moscow", "2023-11").account
    row = next(name for name in account.rows if DOCUMENT["interests"][name]["actor"] == "Yerevan")
    flip = {"path": f"interests.{row}.position", "was": 1.0, "value": 0.9986}
    says = flip_in_words(flip, account, DOCUMENT)
    assert says.startswith("Had Yerevan wanted “Russian troops re-posted to Armenia” at 0.9986 instead of 1, ")
    assert says.endswith(", Yerevan would have agreed.")
    several = replace(account, consents={"Yerevan": -0.1, "Baku": -0.2}, pivotal=[])
    assert flip_in_words(flip, several, DOCUMENT).endswith(", it would have been agreed to.")


def test_explain_prints_the_narrative() -> None:
    """`explain` prints the title, the events and unpaid moves; the account of a decision has the same sentences."""
    whole = command("explain", "karabakh", "--world", 17).out
    for one in narrate(STORY).events:
        assert f"  {one.month}  {one.text}\n" in whole
        assert f"           {one.why}\n" in whole
    assert "2024-03  Moscow: Take the peacekeepers home for concessions  (agreed)  unpaid\n" in whole
    alone = command("explain", "karabakh", "--world", 17, "--actor", "Moscow", "--month", "2024-03").out
    assert f"{why_in_words(decision('Moscow', '2024-03'), DOCUMENT)}\n" in alone
    assert "flip: Had Moscow wanted “Russian force in Karabakh” at 0.967 instead of 1, Moscow would not" in alone
