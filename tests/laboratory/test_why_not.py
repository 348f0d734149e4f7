"""`explain --why-not`: what keeps a move from being made, by how much, and what would change that."""

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import realpolitik as rp
from commanding import command
from laboratory.test_cli_hints import hints
from realpolitik.hindrances import stops, unconvinced
from realpolitik.scenario import parse_setting
from realpolitik_model.considering import ConsideringModel, agreement

VETOES, FORMS = (Path(__file__).parent / name for name in ("vetoes.toml", "forms.toml"))
GARRISON = Path(rp.__file__).parent / "cli" / "templates" / "garrison.toml"


def test_the_answer_names_what_keeps_a_move_from_being_made() -> None:
    """Budapest never ratifies Finland: one screen says that it is not worth it, what weighs against it, the flip."""
    done = command("explain", VETOES, "--why-not", "hu_finland", "--worlds", "100")
    assert done.code == 0, done.err
    lines = done.out.splitlines()
    assert len(lines) < 40
    assert "made in 0.0% of worlds" in lines[1]
    assert "t is not worth it to Budapest: short by" in lines[3]
    assert lines[3].endswith("Budapest's own interest takes 0.1.")
    for text in ("requires invitation above 0.5", "through Moscow's leverage", "--set interests.budapest_hold_fin.sal"):
        assert text in done.out


def test_one_month_of_many_worlds_is_named_and_counted_in_worlds() -> None:
    """Where one month is asked about, the share is that of this month, and reasons are counted in worlds."""
    asked = ("explain", VETOES, "--why-not", "hu_sweden", "--worlds", "50")
    month, always = command(*asked, "--month", "2024-01").out, command(*asked).out
    assert re.search(r"made in \d+\.\d% of worlds in 2024-01\n", month)
    assert re.search(r"what stops it first +worlds  short", month)
    assert "\nShares of all worlds in 2024-01.\n" in month
    assert "months" not in month
    assert "\nShares of all months of all worlds, up to the month in which the move is first made.\n" in always


@pytest.mark.parametrize(
    ("move", "kind"), [("hu_finland", "value"), ("ratify_sweden_f16", "consent"), ("hu_sweden_funds", "deal")]
)
def test_the_flip_removes_what_stops_the_move(move: str, kind: str) -> None:
    """With the change of one number that is printed, the same month of the same world is not stopped by this."""
    answer = rp.why_not(VETOES, move, worlds=100)
    near = answer.nearest
    assert near is not None
    assert near.kind == kind
    assert near.flip is not None
    assert near.account.deal is (None if kind == "value" else kind == "consent")
    given = {"world": near.world, "month": near.month}
    before = rp.why_not(VETOES, move, **given)
    after = rp.why_not(VETOES, move, set=[parse_setting(near.flip["set"])], **given)
    assert [one.kind for one in before.hindrances] == [kind]
    assert kind not in [one.kind for one in after.hindrances]


def test_a_deal_that_is_not_needed_is_not_claimed() -> None:
    """A move that can be made unpaid says whether there is a deal, and why not, where it is nearest to being made."""
    garrison = Path(__file__).parent / "paid" / "garrison.toml"
    given = (garrison, "--why-not", "sell", "--world", "17", "--month", "2026-03")
    answer = json.loads(command("explain", *given, "--json").stdout)
    (month,) = answer["months"]
    assert month["deal"] == 0.0
    assert answer["nearest"]["account"]["deal"] is False
    shown = command("explain", *given).out
    assert "  no deal, because the Patron would not have gained from one\n" in shown
    assert "the deal is worth" not in shown


def test_a_refusal_is_accounted_for() -> None:
    """Of those who are asked, own interest, shares through leverage and noise add up; who refuses is below 0."""
    near = rp.why_not(VETOES, "ratify_sweden_f16", worlds=100).nearest
    assert near is not None
    (one,) = near.asked
    assert one.actor == "Washington"
    assert one.value <= 0
    assert abs(one.own + sum(one.through.values()) + one.soon + one.noise - one.value) < 1e-12
    assert near.missing == -one.value


def test_what_is_missing_is_what_would_be_needed() -> None:
    """Where votes and payers refuse, they would agree if each gained what is missing, and not with less."""
    case = rp.load(FORMS).case()
    model, tried, voted = ConsideringModel(case, moves=case.moves, worlds=40, rng=2), 0, 0
    for _ in range(12):
        model.step()
        for found in (found for found in model.considered if found.consents):
            short, payers = unconvinced(found), {one for one in found.sides if one != found.actor}
            for extra, expected in ((1e-9, True), (-1e-9, False)):
                worth = {one: value + short + extra for one, value in found.consents.items()}
                agreed = agreement(worth, found.votes, found.need, payers)
                assert (agreed == expected)[~found.agreed].all()
            tried, voted = tried + int((~found.agreed).sum()), voted + (found.need is not None)
    assert tried > 20
    assert voted > 0


@pytest.mark.parametrize(
    ("asked", "need", "refused"),
    [
        ({"Lowland": [1, -1, -1]}, None, ["Lowland does not consent"] * 2),
        ({"Lowland": [1, -1, 1], "Port": [1, 1, -1]}, None, ["not all of those who must consent do"] * 2),
        (
            {"Lowland": [1, -1, -1], "Port": [1, -1, 1]},
            1.0,
            ["too few of those who are asked vote for it", "the votes suffice, but one who would have to pay refuses"],
        ),
    ],
    ids=["one", "all", "votes"],
)
def test_who_does_not_agree_is_said(asked: dict[str, list[float]], need: float | None, refused: list[str]) -> None:
    """In one world all agree, in two they do not: the only one asked, one of all, too few, or one who would pay."""
    scenario = rp.load(FORMS)
    model = ConsideringModel(scenario.case(), moves=["lease"], worlds=3, rng=2)
    model.step()
    worth = {one: np.array(values) for one, values in asked.items()}
    votes = {} if need is None else {one: np.ones(3) for one in asked}
    needed = None if need is None else np.full(3, need)
    found = replace(
        model.considered[0],
        consents=worth,
        votes=votes,
        need=needed,
        agreed=agreement(worth, votes, needed, set(model.considered[0].sides)),
    )
    said = [stop for stop in stops(found, scenario.document) if stop.kind == "consent"]
    first = [next((stop.text for stop in said if stop.stops[world]), "") for world in range(3)]
    assert first == ["", *refused]


def test_before_and_after_a_window() -> None:
    """Months before `from` and after `until` have reasons of their own."""
    answer = rp.why_not(FORMS, "lease", worlds=2)
    stopped = [list(month["stopped"]) for month in answer.months]
    assert stopped[:5] == [["its window has not opened yet (from)"]] * 5
    assert stopped[18:] == [["its window is over (until)"]] * 6
    assert not any("window" in text for texts in stopped[5:18] for text in texts)


def test_a_move_that_is_never_feasible() -> None:
    """The condition that holds in no month is named, with the nearest value; so is one that several deny."""
    answer = rp.why_not(VETOES, "hu_finland", worlds=50, set={"moves.hu_finland.requires.invitation.above": 1.0})
    assert not answer.possible
    assert answer.verdict == "Never feasible: `invitation` is never above 1 (at most 1)."


@pytest.mark.parametrize(
    ("given", "verdict"),
    [
        ({"world": 0}, "Not feasible in 2022-08: `invitation` is not above 1 (1)."),
        ({"worlds": 3}, "Not feasible in 2022-08: `invitation` is above 1 in no world (at most 1)."),
    ],
    ids=["one world", "several"],
)
def test_one_month_says_nothing_of_others(given: dict[str, int], verdict: str) -> None:
    """Asked about one month, the answer is about that month: it does not say never."""
    barred = {"moves.hu_finland.requires.invitation.above": 1.0}
    assert rp.why_not(VETOES, "hu_finland", month="2022-08", set=barred, **given).verdict == verdict


def test_a_made_move_has_an_account_in_place_of_what_stops_it() -> None:
    """Where the move is made in the month asked about, a command for its account is printed, and no empty table."""
    made = next(one for one in rp.explain(VETOES, world=3, flips=False).decisions if one.account.result != "refused")
    done = command("explain", VETOES, "--why-not", made.account.move, "--world", 3, "--month", made.date)
    assert "It is made in the month that was asked about." in done.out
    assert "stopped by" not in done.out
    (step,) = hints(done)
    assert json.loads(command(*step, "--json").stdout)["decisions"][0]["move"] == made.account.move


@pytest.mark.parametrize(
    ("given", "where"), [({"world": 0}, ""), ({"worlds": 3}, ", in every world")], ids=["one world", "several"]
)
def test_a_move_that_is_made_at_once_is_not_said_to_be_made_every_month(given: dict[str, int], where: str) -> None:
    """Months are asked about up to the first in which the move is made."""
    at_once = {"interests.patron_garrison.salience": 0.0, "moves.sell.cost": 1.0, "theory.noise": 0.0}
    answer = rp.why_not(GARRISON, "withdraw", set=at_once, **given)
    assert not answer.hindrances
    assert answer.verdict == f"It is made in the first month that was asked about{where}."


@pytest.mark.parametrize(
    ("window", "reason"),
    [('from = "2027-06"', ""), ('until = "2025-02"', "its window is over (until)")],
    ids=["open", "closed"],
)
def test_a_fallback_that_cannot_be_made_is_named_as_such(window: str, reason: str, tmp_path: Path) -> None:
    """What the terms count because of a fallback is said to be counted only, if the fallback cannot be made then."""
    text = GARRISON.read_text().replace("[moves.withdraw] ", f"[moves.withdraw]\n{window} ")
    (tmp_path / "case.toml").write_text(text.replace("[moves.sell]", '[moves.sell]\nfrom = "2027-06"'))
    given = {"world": 0, "month": "2027-06", "set": {"theory.phi": 2.0}}
    answer = rp.why_not(tmp_path / "case.toml", "sell", **given)
    assert answer.nearest is not None
    assert (answer.nearest.kind, answer.nearest.unable) == ("deal", reason)
    counted = f" (the theory counts it although it cannot be made in 2027-06: {reason})." if reason else "."
    assert re.search(rf"; what the Patron may soon do unpaid takes 0\.\d+{re.escape(counted)}$", answer.verdict)
    words = ("--why-not", "sell", "--world", 0, "--month", "2027-06", "--set", "theory.phi=2")
    shown = command("explain", tmp_path / "case.toml", *words).out
    assert ("\n  the theory counts it although" in shown) == bool(reason)


def test_every_month_is_counted_once() -> None:
    """What stops a move first adds up to all months until it is made; months and worlds agree with each other."""
    answer = rp.why_not(VETOES, "hu_finland", worlds=40)
    assert sum(one.months for one in answer.hindrances) == answer.counted == 40 * 38
    single = [rp.why_not(VETOES, "ratify_finland", world=world) for world in range(6)]
    together = rp.why_not(VETOES, "ratify_finland", worlds=6)
    assert together.counted == sum(one.counted for one in single)
    assert together.made == sum(one.made for one in single) / 6
    assert {month: sum(one.months[month]["value"]["mean"] for one in single) / 6 for month in (0, 9, 20)} == {
        month: pytest.approx(together.months[month]["value"]["mean"]) for month in (0, 9, 20)
    }


def test_made_is_what_run_says() -> None:
    """The share of worlds in which a move is made is that of `run`, for the same seed, theory and uncertainty."""
    given = {"worlds": 60, "seed": 4, "theory": "capability", "uncertainty": "prior"}
    ensemble = rp.run(VETOES, **given).to_dict()
    assert rp.why_not(VETOES, "ratify_finland", **given).made == ensemble["moves"]["ratify_finland"]["ever"]


def test_one_world_is_shown_month_by_month() -> None:
    """With `--world`, every month is in the table, with the value to each actor asked, and when the move is made."""
    given = ("explain", VETOES, "--why-not", "hu_sweden_gripen", "--world", "3")
    shown, document = command(*given).out, json.loads(command(*given, "--json").stdout)
    made = [month["month"] for month in document["months"] if month["made"]]
    assert f"made in {', '.join(made)}" in shown
    assert "to Stockholm" in shown
    assert len(document["months"]) == 38
    assert all(sum(month["stopped"].values()) + month["made"] == 1 for month in document["months"])


def test_an_actor_that_never_acts_gets_an_answer() -> None:
    """`explain --actor` of an actor without decisions says why, for each of its moves, with commands that run."""
    given = ("--actor", "Washington", "--set", "moves.sell_f16.cost=9", "--seed", "2")
    done = command("explain", VETOES, *given)
    assert done.code == 0, done.err
    assert "Washington makes no move in this world" in done.out
    steps = hints(done)
    assert [words[words.index("--why-not") + 1] for words in steps] == ["sell_f16", "drop_ypg"]
    document = json.loads(command("explain", VETOES, *given, "--json").stdout)
    assert [one["move"] for one in document["why_not"]] == ["sell_f16", "drop_ypg"]
    again = json.loads(command(*steps[0], "--json").stdout)
    assert again == document["why_not"][0]
    assert "Moscow has no moves" in command("explain", VETOES, "--actor", "Moscow").out


def test_a_month_in_which_nobody_moves_gets_an_answer() -> None:
    """`explain --month` without decisions says that nobody moves and why not, move by move; with what else happened."""
    moves = rp.load("karabakh").document["moves"]
    still = ["--set", "theory.noise=0", *(word for move in moves for word in ("--set", f"moves.{move}.cost=9"))]
    done = command("explain", "karabakh", "--month", "2023-09", *still)
    assert done.code == 0, done.err
    assert "Nobody makes a move in 2023-09. What stops each move:" in done.out
    assert all(re.search(rf"^{move} ", done.out, re.MULTILINE) for move in moves)
    assert len(hints(done)) == 1
    whole = command("explain", "karabakh", *still).out
    assert "Nobody makes a move in this world. What stops each move:" in whole
    dated = next(iter(re.findall(r"^(\d{4}-\d\d)  => (.*)", whole, re.MULTILINE)))
    assert f"{dated[0]}  => {dated[1]}" in command("explain", "karabakh", "--month", dated[0], *still).out


def test_an_answer_that_was_asked_for_is_accounted_for() -> None:
    """`explain --actor` prints why an actor that was asked consented or refused, with an account that adds up."""
    story = rp.explain(FORMS, flips=False)
    voted = next(one for one in story.decisions if one.account.asked)
    (asked, *_) = voted.account.asked
    given = ("explain", FORMS, "--actor", asked.actor, "--month", voted.date)
    shown, document = command(*given).out, json.loads(command(*given, "--json").stdout)
    assert f"{asked.actor} {'consented' if asked.value > 0 else 'refused'} because " in shown
    assert f"{'consents' if asked.value > 0 else 'refuses'}" in shown
    assert {one["actor"] for one in document["decisions"]} <= {asked.actor}
    (found,) = (one for one in document["answers"][0]["asked"] if one["actor"] == asked.actor)
    total = found["own"] + sum(found["through"].values()) + found["soon"] + found["noise"]
    assert abs(total - asked.value) < 1e-12
    own = rp.explain(FORMS, actor=asked.actor, flips=False)
    assert all(one.account.actor == asked.actor for one in own.decisions)


def test_the_next_command_is_of_the_same_world() -> None:
    """The hint after an ensemble shows the world that came nearest, in which the same month is nearest."""
    given = ("--why-not", "hu_finland", "--seed", "3", "--uncertainty", "prior", "--set", "theory.phi=0.9")
    done = command("explain", VETOES, *given, "--worlds", "30")
    near = json.loads(command("explain", VETOES, *given, "--worlds", "30", "--json").stdout)["nearest"]
    (step,) = hints(done)
    assert json.loads(command(*step, "--json").stdout)["nearest"] == near
    (step,) = hints(command("explain", VETOES, *given, "--worlds", "30", "--month", "2023-02"))
    assert json.loads(command(*step, "--json").stdout)["nearest"]["month"] == "2023-02"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (("--why-not", "hu_finlan"), "unknown move 'hu_finlan'; there are "),
        (
            ("--why-not", "hu_finland", "--month", "2031-01"),
            "month 2031-01 is outside the scenario's 2022-05 to 2025-06",
        ),
        (("--why-not", "hu_finland", "--actor", "Ankara"), "--actor does not go with --why-not"),
        (("--why-not", "hu_finland", "--plot", "a.svg"), "--plot does not go with --why-not"),
        (("--why-not", "hu_finland", "--world", "1", "--worlds", "9"), "not both"),
        (("--why-not", "hu_finland", "--worlds", "1e6"), "worlds must be 1 to 10000"),
        (("--worlds", "9"), "--worlds goes with --why-not"),
    ],
)
def test_wrong_questions_are_refused(given: tuple[str, ...], words: str) -> None:
    """An option that cannot be used ends with one line and exit code 2."""
    done = command("explain", VETOES, *given)
    assert done.code == 2
    assert words in done.err
    assert done.err.count("\n") == 1
