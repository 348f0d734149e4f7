"""What the account of a decision says in words: parts, votes, payments, and what was expected and then happened."""

import copy
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import realpolitik as rp
from commanding import command
from realpolitik.accounts import OTHERS, Foreseen, expectations, main_parts, mostly, payment_in_words, votes_in_words
from realpolitik_model import Account, Party

HERE = Path(__file__).parent
GUESTS = HERE / "guests.toml"
STORY = rp.explain(GUESTS, foresight=3, flips=False)
DOCUMENT = STORY.scenario.document
BOTH = "the guest and the host"
ANYWAY = "the guest would soon have acted unpaid anyway"


def decision(move: str, month: str | None = None) -> Any:
    """Return the first decision for a move, or that of a month."""
    return next(one for one in STORY.decisions if one.account.move == move and month in (None, one.date))


def shown(*more: object, columns: int | None = None) -> str:
    """Return the accounts of the scenario as they are printed."""
    done = command("explain", GUESTS, "--foresight", 3, "--full", *more, columns=columns)
    assert done.code == 0, done.err
    return done.out


def test_what_was_expected_stands_with_what_then_happened() -> None:
    """A move expected for next month is found in the month in which it was made, and exactly if it was that month."""
    early, late = decision("open_gate", "2030-01"), decision("open_gate", "2030-02")
    (one,), (other,) = early.expected, late.expected
    assert (one.actor, one.move, one.ahead, one.month) == ("Guest", "hold_market", 1, "2030-02")
    assert (one.happened, one.found, one.verdict) == ("2030-03", "agreed", "it did, in 2030-03")
    assert (other.month, other.happened, other.verdict) == ("2030-03", "2030-03", "it did")
    text = shown()
    assert "expected: The guest holds a market in month 1 (2030-02); it did, in 2030-03\n" in text
    assert "expected: The guest holds a market in month 1 (2030-03); it did\n" in text


def test_the_measure_of_an_outcome_stands_with_it() -> None:
    """A price that an outcome measures is printed with it, and is that of the same world of a run."""
    world = rp.run("karabakh", worlds=20).worlds_frame()
    paid = int(world["price_of_withdrawal"].notna().to_numpy().argmax())
    price, date = world["price_of_withdrawal.measure"][paid], world["price_of_withdrawal"][paid]
    story = rp.explain("karabakh", world=paid, flips=False)
    assert story.to_dict()["measures"] == {"price_of_withdrawal": price}
    label = story.scenario.document["outcomes"]["price_of_withdrawal"]["label"]
    assert f"\n{date}  => {label}: {price:.2f}\n" in command("explain", "karabakh", "--world", paid).out


def test_one_month_alone_knows_what_then_happened() -> None:
    """Asked for one month or one actor, the account says the same, and no later outcome is reported."""
    alone = rp.explain(GUESTS, foresight=3, month="2030-01", actor="Host", flips=False)
    assert alone.decisions == [decision("open_gate", "2030-01")]
    assert alone.events == []
    assert STORY.events == [("2030-03", "market_held")]


def foreseen(**given: Any) -> Foreseen:
    """Return an expectation for 2030-03, looking ahead until 2030-04."""
    about: dict[str, Any] = {"ahead": 2, "month": "2030-03", "actor": "Guest", "name": "Guest", "move": "m"}
    about |= {"label": "sings", "result": "done", "differs": True, "happened": None, "found": None, "until": "2030-04"}
    return Foreseen(**(about | given))


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, "it did not by 2030-04"),
        ({"until": "2030-02"}, "the scenario ends in 2030-02"),
        ({"happened": "2030-03", "found": "done"}, "it did"),
        ({"happened": "2030-03", "found": "agreed"}, "it did"),
        ({"happened": "2030-04", "found": "done"}, "it did, in 2030-04"),
        ({"happened": "2030-03", "found": "refused"}, "it was refused in 2030-03"),
        ({"happened": "2030-02", "found": "agreed", "result": "refused"}, "it was made in 2030-02"),
        ({"happened": "2030-03", "found": "refused", "result": "refused"}, "it did"),
    ],
)
def test_verdicts(given: dict[str, Any], says: str) -> None:
    """Whether it happened, when, and with which result."""
    assert foreseen(**given).verdict == says


def test_expectations_are_short() -> None:
    """What is expected in either case is left out, a long list is cut, and labels of either style read well."""
    account = decision("open_gate").account
    same, many = foreseen(differs=False), [foreseen(ahead=n) for n in (1, 2, 3, 4, 5)]
    assert expectations(account, [same], [same]) == [("expected", "nobody else acts differently within 3 months", "")]
    rows = expectations(account, [same, *many], [foreseen(label="Leave the table", result="refused")])
    assert [title for title, _, _ in rows] == ["expected"] * 3 + ["without it", "and"]
    assert rows[0][1:] == ("Guest sings in month 1 (2030-03)", "it did not by 2030-04")
    assert rows[3][1] == "Guest: Leave the table (refused) in month 2 (2030-03)"
    assert rows[-1] == ("and", "2 more, which --json lists", "")
    assert expectations(replace(account, horizon=0), many, []) == []


def test_nothing_follows_from_a_refused_move() -> None:
    """What was expected of a move that is then refused is marked as such, and is not compared with what happened."""
    account = replace(decision("open_gate").account, result="refused")
    rows = expectations(account, [foreseen()], [foreseen()])
    assert [(title, bool(then)) for title, _, then in rows] == [("had it been made", False), ("without it", True)]


def test_parts_are_the_largest_and_dated() -> None:
    """A part is shown with its issue and the months ahead in which it mostly falls; small ones are left out."""
    account = decision("open_gate").account
    gate, market = main_parts(account)["Host"]
    assert (gate.issue, gate.when, market.issue, market.when) == ("gate", "in months 0-3", "market", "in months 1-3")
    assert abs(gate.share + market.share - account.own) < 1e-12
    small = {"Host": {"gate": [1.0, 0.0], "market": [-0.05, 0.0]}, "Town": {str(n): [0.0, -0.3 - n] for n in range(6)}}
    parts = main_parts(replace(account, parts=small))
    assert {actor: [part.issue for part in found] for actor, found in parts.items()} == {"Town": ["2", "3", "4", "5"]}
    assert mostly([0.1, 0.0, 0.0, 0.0, 0.1]) == "in months 0-4"


def test_the_parts_of_a_payment_are_always_named() -> None:
    """What the payment adds has a line of its own, and what would be left out alone has one in place of the rest."""
    account = decision("open_gate").account
    parts = {"Host": {"gate": [2.0], "market": [0.06]}, "Town": {"a": [1.0], "b": [0.1], "c": [0.05]}}
    found = main_parts(replace(account, parts=parts, paid={"Host": {"market": [0.06], "gate": [0.5]}}))
    assert [(part.titled(part.issue), part.share) for part in found["Host"]] == [
        ("gate", 1.5),
        ("payment: gate", 0.5),
        ("payment: market", 0.06),
    ]
    assert [part.issue for part in found["Town"]] == ["a"]
    assert [part.issue for part in main_parts(replace(account, parts={"Town": {"a": [1.0], "b": [0.1]}}))["Town"]] == [
        "a",
        "b",
    ]
    stalls = shown("--set", "interests.guest_stalls.position=1", "--set", "theory.patience=0")
    assert re.search(r"\n +payment: host_purse +\+0\.\d{4}", stalls)


def test_parts_are_printed_under_their_actor() -> None:
    """`explain` prints each actor's share, then issues with months ahead; without foresight there are no months."""
    assert "own interest +0.5385\n             gate       -0.2000  in months 0-3\n" in shown("--month", "2030-01")
    plain = command("explain", "karabakh", "--world", 17, "--month", "2024-03").out
    assert "own interest" in plain
    assert "in month" not in plain


def test_the_parts_of_an_actor_add_up_as_they_are_printed() -> None:
    """What is left out of the parts under an actor's share is printed as other issues; in every decision of a world."""
    printed = command("explain", "sahel", "--actor", "Moscow").out
    assert f"  {OTHERS} " in printed
    shares: list[list[float]] = []
    for line in printed.splitlines():
        if re.match(r" {11}(own interest|through) ?", line):
            shares.append([float(line.split()[-1])])
        elif part := re.match(r" {13}\S.* ([+-][0-9.]{6})", line):
            shares[-1].append(float(part[1]))
    whole = [one for one in shares if one[1:]]
    assert len(whole) > 5
    assert all(abs(share - sum(parts)) < 0.0001 * (len(parts) + 1) for share, *parts in whole)


def test_votes_are_told() -> None:
    """How many votes there were for it, how many were needed, and whose answer decided it."""
    account = decision("hold_market").account
    assert votes_in_words(account, DOCUMENT) == "2 of 3 for it, 2 needed; the host decided it"
    assert "votes: 2 of 3 for it, 2 needed; the host decided it\n" in shown()
    assert votes_in_words(decision("build_stalls").account, DOCUMENT) == ""
    assert "The host consented because " in shown()
    several = replace(account, pivotal=["Host", "Town"])
    assert votes_in_words(several, DOCUMENT).endswith("; the host and the town decided it")
    assert votes_in_words(replace(account, pivotal=[]), DOCUMENT).endswith(
        "; no single answer would have changed the result"
    )


def test_nobody_is_outvoted_into_paying() -> None:
    """If enough votes are for a move and those who pay refuse, that is said."""
    paid = replace(decision("build_stalls").account, need=1.0, votes={"Host": 2.0, "Town": 1.0}, result="refused")
    one = replace(paid, consents={"Host": 0.2, "Town": -0.1}, pivotal=["Town"])
    assert votes_in_words(one, DOCUMENT) == "2 of 3 for it, 1 needed, but the town would have to pay and refuses"
    both = replace(paid, consents={"Host": -0.2, "Town": -0.1}, need=0.0, pivotal=[])
    assert votes_in_words(both, DOCUMENT).endswith("but the host and the town would have to pay and refuse")
    enough = replace(
        one, votes={"Host": 0.7, "Guest": 0.1, "Town": 1.0}, consents={"Guest": 0.1, **one.consents}, need=0.8
    )
    assert (
        votes_in_words(enough, DOCUMENT) == "0.8 of 1.8 for it, 0.8 needed, but the town would have to pay and refuses"
    )


def test_payments_by_several_are_told() -> None:
    """Who pays with what; an offer that is refused; all or nothing; a price of 0; and a move without a payment."""
    account: Account = decision("build_stalls").account
    assert payment_in_words(account, DOCUMENT) == "paid by the host (host_purse) and the town (town_purse)"
    assert "payment: paid by the host (host_purse) and the town (town_purse)\n" in shown()
    assert payment_in_words(replace(account, result="refused"), DOCUMENT).startswith("would be paid by the host")
    whole = copy.deepcopy(DOCUMENT)
    whole["moves"]["build_stalls"]["payment"]["divisible"] = False
    assert payment_in_words(account, whole).endswith("the town (town_purse), all or nothing")
    free = replace(account, tau=0.0)
    assert payment_in_words(free, DOCUMENT) == "a deal at a price of 0"
    assert payment_in_words(replace(free, result="refused"), DOCUMENT) == "refused at a price of 0"
    assert payment_in_words(decision("open_gate").account, DOCUMENT) == ""


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        (
            {},
            f"made unpaid: there was no deal, because the host and the town would not have gained from one ({ANYWAY})",
        ),
        ({"theory.noise": 0.1}, "a deal at a price of 0"),
        ({"theory.patience": 0.0}, "paid by the host (host_purse) and the town (town_purse)"),
    ],
    ids=["no deal", "free", "paid"],
)
def test_a_move_without_another_fallback_says_whether_there_was_a_deal(changes: dict[str, float], says: str) -> None:
    """The guest wants its stalls: sure to build them, it gets no deal; nearly sure, a price of 0; else it is paid."""
    changes = {"interests.guest_stalls.position": 1.0, **changes}
    given = [word for path, value in changes.items() for word in ("--set", f"{path}={value}")]
    assert f"payment: {says}\n" in shown(*given)
    document = json.loads(command("explain", GUESTS, "--foresight", 3, "--json", *given).stdout)
    (found,) = (one for one in document["decisions"] if one["move"] == "build_stalls")
    assert found["deal"] is not says.startswith("made unpaid")
    assert [one["actor"] for one in found["parties"]] == ["Guest", "Host", "Town"]


@pytest.mark.parametrize(
    ("mover", "payer", "reason"),
    [
        ((-0.1, -0.1, 0.0), (0.3, 0.2, -0.1), "the guest would not have gained from one"),
        ((-0.4, -0.4, 0.3), (0.3, 0.2, -0.1), "the guest would not have gained from one"),
        ((-0.1, -0.1, 0.3), (-0.2, -0.2, -0.1), "the host would not have gained from one"),
        ((0.1, 0.1, -0.3), (-0.2, -0.2, 0.4), "the host would not have gained from one"),
        ((-0.4, -0.4, 0.3), (-0.3, -0.3, 0.2), "the guest and the host would not have gained from one"),
        ((0.1, 0.1, 0.3), (0.3, 0.0, -0.1), f"the host would not have gained from one ({ANYWAY})"),
        ((-0.2, -0.2, 0.3), (0.3, 0.1, -0.4), f"its price would not have left a gain for each of {BOTH}"),
    ],
)  # fmt: skip
def test_why_there_was_no_deal(
    mover: tuple[float, float, float], payer: tuple[float, float, float], reason: str
) -> None:
    """Who gains at no price is named, and why who pays does not; a payment that does its owner no good has price 0."""
    account = replace(
        decision("build_stalls").account, tau=0.0, deal=False, parties=[Party("Guest", *mover), Party("Host", *payer)]
    )
    assert payment_in_words(account, DOCUMENT) == f"made unpaid: there was no deal, because {reason}"
    refused = replace(account, result="refused")
    assert payment_in_words(refused, DOCUMENT) == f"offered unpaid: there was no deal, because {reason}"


def test_the_document_has_everything() -> None:
    """`--json` has every part by actor, issue and month ahead, every expectation with what happened, and the vote."""
    done = command("explain", GUESTS, "--foresight", 3, "--json")
    found = json.loads(done.stdout)["decisions"]
    first = found[0]
    assert first["parts"]["Host"].keys() == {"gate", "market"}
    assert [len(months) for months in first["parts"]["Host"].values()] == [4, 4]
    assert first["expected"][0] == {
        "ahead": 1,
        "month": "2030-02",
        "actor": "Guest",
        "name": "The guest",
        "move": "hold_market",
        "label": "holds a market",
        "result": "agreed",
        "differs": True,
        "happened": "2030-03",
        "found": "agreed",
        "until": "2030-04",
    }
    assert first["otherwise"] == []
    assert (first["deal"], first["parties"]) == (None, [])
    vote = next(one for one in found if one["votes"])
    assert (vote["votes"], vote["need"], vote["pivotal"]) == ({"Host": 2.0, "Town": 1.0}, 2.0, ["Host"])


@pytest.mark.parametrize("columns", [80, 40])
def test_narrow_terminals_show_the_whole_account(columns: int) -> None:
    """On a narrow terminal no word or number is lost, and no line is longer than the terminal, but for commands."""
    wide, narrow = shown("--set", "theory.noise=0.01"), shown("--set", "theory.noise=0.01", columns=columns)
    assert sorted(wide.split()) == sorted(narrow.split())
    long = [line for line in narrow.splitlines() if len(line) > columns and "--set" not in line]
    assert long == []
