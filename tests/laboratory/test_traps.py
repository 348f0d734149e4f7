"""`check` warns of rows that are valid, and that no world can ever use, or that only luck uses."""

import json
import random
import re
from pathlib import Path

import pytest

from commanding import command
from fuzz.mutants import at_random, written
from realpolitik import explain
from realpolitik.scenario import ScenarioError, load, loads, shipped, traps
from realpolitik.scenario.traps import Reach
from realpolitik_model.equations.decision import chance_positive
from reference.twin import run

HERE = Path(__file__).parent
TEXT = (HERE / "small.toml").read_text(encoding="utf-8")
INTEREST = """
[interests.port_toll]
actor = "Port"
issue = "toll"
position = 0.4
salience = 0.1
reason = "Trade pays interest"
claims = ["C02"]
"""
BASE = TEXT.replace("[moves.hand_over]", f"{INTEREST.strip()}\n\n[moves.hand_over]")
HAND_OVER = 'label = "hands over the ferry"\nchanges = { ferry = { to = 1.0 } }\nrequires = { ferry = { below = 0.9 } }'
FLOOD = "requires = { flood = { above = 0.5 } }"
CASES = {
    "a condition on a driver": (FLOOD, FLOOD.replace("0.5", "0.95"), {"shocks.collision": "never above 0.95"}),
    "a hazard of 0": ("hazard = 0.02", "hazard = 0.0", {"shocks.collision": "hazard is always 0"}),
    "a chance of 0": ("chance = 0.8", "chance = 0", {"moves.press": "chance is always 0"}),
    "a chance that an effect raises": ("chance = 0.8", "chance = { value = 0, effects = { flood = 0.1 } }", {}),
    "both sides at once": (
        HAND_OVER,
        HAND_OVER.replace("below = 0.9", "below = 0.3, above = 0.4"),
        {"moves.hand_over": "at once", "moves.sell.payment.fallback": "'hand_over' can never be made instead"},
    ),
    "a fallback that cannot be made": (
        HAND_OVER,
        HAND_OVER.replace("ferry = { below = 0.9 }", '"Port>Lowland" = { above = 0.2 }'),
        {"moves.hand_over": "never above 0.2: it is 0.09", "moves.sell.payment.fallback": "'hand_over'"},
    ),
    "an outcome out of reach": (
        'when = { toll = { above = 0.7 } }\nafter = "handed_over"',
        'when = { ferry = { below = 0.1 } }\nafter = "handed_over"',
        {"outcomes.later_toll": "'ferry' is never below 0.1: it is 0.2 to 1"},
    ),
    "a refusal by nobody": (
        'move = "sell"\nresult = "made"\nat',
        'move = "hand_over"\nresult = "refused"\nat',
        {"outcomes.sale": "nobody is asked about 'hand_over'"},
    ),
    "a dependence without leverage": (
        "stake = 0.3\n",
        "stake = 0\n",
        {"dependence.credit": "gives no leverage"},
    ),
    "a dependence of an actor that never decides": (
        'dependent = "Lowland"\nprovider = "Port"',
        'dependent = "Port"\nprovider = "Lowland"',
        {"dependence.credit": "'Port' has no move, and is not asked to consent"},
    ),
}

KNOWN = {"karabakh": ["moves.demining.cost"]}
"""Traps of shipped cases. Nobody wants what de-mining changes, so luck makes it: model/README.md has what that does."""


def found(text: str) -> dict[str, str]:
    """Return the key and the problem of each trap of a text."""
    return {trap.key: trap.problem for trap in traps(loads(text))}


@pytest.mark.parametrize("case", CASES)
def test_a_trap_is_named_with_its_reason(case: str) -> None:
    """Each change of the small scenario makes these traps and no others."""
    old, new, expected = CASES[case]
    assert BASE.count(old) == 1
    shown = found(BASE.replace(old, new))
    assert shown.keys() == expected.keys()
    for key, reason in expected.items():
        assert reason in shown[key]


def test_a_fallback_of_another_time() -> None:
    """A fallback whose window ends before the paid move begins cannot be made instead of it."""
    text = BASE.replace('label = "hands over the ferry"', 'label = "hands over the ferry"\nuntil = "2030-05"')
    text = text.replace('label = "sells the ferry for a lower toll"', 'label = "sells"\nfrom = "2030-06"')
    assert "no month in common" in found(text)["moves.sell.payment.fallback"]


def test_an_issue_that_nothing_moves() -> None:
    """An issue with no move, shock or decay is named; with a decay it is not."""
    issue = (
        '\n[issues.mill]\nlabel = "Mill"\nlow = "l"\nhigh = "h"\nstart = 0.5\nreason = "r"\n'
        'assumption = true\n\n[interests.mill]\nactor = "Port"\nissue = "mill"\nposition = 0\nsalience = 1\n'
        'reason = "r"\nassumption = true\n'
    )
    assert found(BASE + issue).keys() == {"issues.mill"}
    assert not found(BASE + issue.replace("start = 0.5", "start = 0.5\ndecay = 0.1"))


@pytest.mark.parametrize(
    ("path", "window", "says"),
    [
        ("shocks.collision.hazard", "", "'collision' can happen until 2031-06 only"),
        ("shocks.collision.changes.toll.by", 'at = "2031-06"', "'collision' happens in 2031-06 only"),
        ("moves.press.cost", 'until = "2031-06"', "'press' can be made until 2031-06 only"),
    ],
)
def test_a_change_of_what_is_over(path: str, window: str, says: str) -> None:
    """A number of a move or a shock that changes after its last month has no effect."""
    hazard = 'hazard = 0.02\nfrom = "2030-06"\nuntil = "2031-06"\n'
    assert hazard in BASE
    text = BASE.replace("[moves.press]\n", f"[moves.press]\n{window}\n") if path.startswith("moves") else BASE
    text = text.replace(hazard, f"{window}\n") if window.startswith("at") else text
    for month, over in (("2031-06", False), ("2031-07", True)):
        fork = f'\n[[from]]\nmonth = "{month}"\nset = {{ "{path}" = 0.01 }}\n'
        assert (says in found(text + fork).get(f"from.1.set.{path}", "")) == over
    fallback = BASE.replace("[moves.hand_over]", '[moves.hand_over]\nuntil = "2031-05"')
    fork = '\n[[from]]\nmonth = "2031-06"\nset = { "moves.hand_over.cost" = 0.01 }\n'
    assert not [key for key in found(fallback + fork) if key.startswith("from.")]


UNUSED = """
[actors.Nobody]
label = "Nobody"
role = "r"

[drivers.quake]
label = "Quake"
path = { "2030-02" = 0.0, "2030-03" = 1.0 }
reason = "r"
assumption = true
"""


def test_actors_and_drivers_that_nothing_uses() -> None:
    """An actor that no row is about, and a driver that no number, condition or measure names."""
    shown = found(BASE + UNUSED)
    assert shown.keys() == {"actors.Nobody", "drivers.quake"}
    assert "no row is about it" in shown["actors.Nobody"]
    assert "nothing uses it" in shown["drivers.quake"]
    outcome = '\n[outcomes.shaken]\nlabel = "s"\nwhen = { quake = { above = 0.5 } }\n'
    assert found(BASE + UNUSED + outcome + CREDIT.replace("Port", "Nobody")).keys() == {"dependence.port"}


@pytest.mark.parametrize(
    ("months", "says"),
    [
        (("2020-01", "2030-01"), "ends in 2030-01, before the start, 2030-01"),
        (("2020-01", "2030-02"), ""),
        (("2031-12", "2032-06"), "begins in 2031-12, after the end, 2031-12"),
        (("2031-11", "2032-06"), ""),
        (("2020-01", "2040-01"), ""),
    ],
)
def test_a_path_outside_the_scenario(months: tuple[str, str], says: str) -> None:
    """A driver whose points all lie before the scenario, or after it, never changes; its shift counts."""
    outcome = '\n[outcomes.shaken]\nlabel = "s"\nwhen = { quake = { above = 0.5 } }\n'
    text = UNUSED.replace("2030-02", months[0]).replace("2030-03", months[1])[UNUSED.index("[drivers") :]
    assert says in found(BASE + outcome + text).get("drivers.quake.path", "")
    assert bool(says) == ("drivers.quake.path" in found(BASE + outcome + text))
    shifted = text.replace("reason", "shift = { value = 0, low = -2, high = 2 }\nreason")
    assert "drivers.quake.path" not in found(BASE + outcome + shifted)


def test_rows_that_add_up_are_remarked(tmp_path: Path) -> None:
    """Two plain interests of one actor in one issue, and two dependences of one channel, are named: they add up."""
    more = INTEREST.replace("port_toll", "port_toll_too").replace("position = 0.4", "position = 0.9")
    again = CREDIT + CREDIT.replace("dependence.port", "dependence.port_too")
    (tmp_path / "case.toml").write_text(BASE + more + again)
    remarks = json.loads(command("check", tmp_path / "case.toml", "--json").out)["remarks"]
    assert (
        "interests 'port_toll', 'port_toll_too': Port wants 'toll' at 0.4 and 0.9, and the losses of all add up"
        in remarks
    )
    said = "each is 'credit' that Upland has from Port, and the leverage of all adds up"
    assert f"dependence 'port', 'port_too': {said}" in remarks


def test_what_follows_from_a_trap_is_named_too() -> None:
    """An issue that only impossible moves change is not moved, and what needs it never happens."""
    text = BASE.replace("requires = { ferry = { below = 0.9 }", "requires = { ferry = { below = 0.1 }")
    assert {"moves.hand_over", "moves.sell", "issues.ferry", "outcomes.handed_over"} <= found(text).keys()


def test_history_that_no_world_can_have() -> None:
    """A date of an outcome that never happens, and an observation that ends after the scenario."""
    text = BASE.replace("when = { ferry = { above = 0.9 } }", "when = { ferry = { above = 1.0 } }")
    assert "history.handed_over.date" in found(text)
    row = '\n[history.late]\noutcome = "later_toll"\ndate = "never"\nuntil = "2032-06"\nsource = "s"\nholdout = true\n'
    assert "2032-06 is after the end, 2031-12" in found(BASE + row)["history.late.until"]


def dated(**dates: str) -> dict[str, str]:
    """Return the problem of each row of history, if later rows of the small scenario have these dates.

    A date may end with " until " and the last month observed.
    """
    rows = ""
    for name, date in dates.items():
        day, _, until = date.partition(" until ")
        rows += f'[history.{name}]\noutcome = "{name.rstrip("_")}"\ndate = "{day}"\nsource = "s"\nholdout = true\n'
        rows += f'until = "{until}"\n' * bool(until)
    return {key.split(".")[1]: says for key, says in found(BASE + rows).items() if key.startswith("history.")}


@pytest.mark.parametrize(
    ("dates", "says"),
    [
        (
            {"crossover_": "2030-09"},
            "'crossover' happens in 2030-09, and history.crossover says that 'crossover' happens",
        ),
        (
            {"crossover_": "never until 2030-08"},
            "'crossover' does not happen until 2030-08, and history.crossover says",
        ),
        ({"handed_over_": "never"}, "'handed_over' does not happen, and history.handed_over says"),
        (
            {"later_toll": "2031-03"},
            "comes after 'handed_over', but history.handed_over says that 'handed_over' happens in",
        ),
        ({"later_toll": "2030-05"}, "comes after 'handed_over', but"),
        ({"sale": "2031-04"}, "it comes in the month of 'handed_over', but"),
        ({"sale": "2031-02"}, "it comes in the month of 'handed_over', but"),
        ({"price": "never"}, "'price' does not happen, and it comes in the month of 'handed_over', but"),
        ({"price": "never until 2031-03"}, "it comes in the month of 'handed_over', but"),
    ],
)
def test_rows_of_history_that_exclude_one_another(dates: dict[str, str], says: str) -> None:
    """Two rows that no world can have are one warning, at the row that comes later in the chain."""
    ((name, problem),) = dated(**dates).items()
    assert name in dates
    assert says in problem
    assert problem.endswith("; no world can have that")


@pytest.mark.parametrize(
    "dates",
    [
        {"crossover_": "never until 2030-07"},
        {"later_toll": "2031-04"},
        {"later_toll": "never"},
        {"sale": "2031-03"},
        {"sale": "never"},
        {"price": "never until 2031-02"},
    ],
)
def test_rows_of_history_that_agree(dates: dict[str, str]) -> None:
    """A later observation, and an order that worlds can have are no warnings."""
    assert dated(**dates) == {}


def test_a_row_that_is_held_out_and_fitted() -> None:
    """A row that is held out, and says what a fitted row says, is no test."""
    assert "history.crossover says the same and is fitted" in dated(crossover_="2030-08")["crossover_"]


def test_a_date_outside_the_window_of_its_move() -> None:
    """A move is not made before its window opens, nor after it has closed."""
    row = '[outcomes.pressed]\nlabel = "p"\nmove = "press"\nresult = "made"\n\n[outcomes.handed_over]'
    for window, says in (('from = "2030-05"', "only from 2030-05"), ('until = "2030-03"', "only until 2030-03")):
        text = BASE.replace("[outcomes.handed_over]", row, 1).replace("[moves.press]\n", f"[moves.press]\n{window}\n")
        for date, outside in (("2030-04", True), (window[-8:-1], False)):
            dates = f'[history.pressed]\noutcome = "pressed"\ndate = "{date}"\nsource = "s"\n'
            problems = found(text + dates)
            assert (says in problems.get("history.pressed.date", "")) == outside


def test_worlds_have_no_rows_that_contradict() -> None:
    """What a world did, written as its history, has no such warning."""
    scenario = loads(BASE)
    for world in range(40):
        story = explain(scenario, world=world, flips=False)
        happened = {name: date for date, name in story.events}
        text = BASE[: BASE.index("[history.crossover]")] + BASE[BASE.index("[claims.C01]") :]
        for name in scenario.document["outcomes"]:
            date = happened.get(name, "never")
            text += f'[history.{name}]\noutcome = "{name}"\ndate = "{date}"\nsource = "s"\nholdout = true\n'
        assert not [key for key in found(text) if key.startswith("history.")]


IDLE = """
[issues.mill]
label = "Mill"
low = "shut"
high = "open"
start = 0.0
reason = "r"
assumption = true

[moves.grind]
actor = "Upland"
label = "opens the mill"
changes = { mill = { to = 1.0 } }
cost = 0.03
reason = "r"
assumption = true

[interests.mill]
actor = "Port"
issue = "mill"
position = 1.0
salience = 0.5
reason = "r"
assumption = true
"""
CREDIT = """
[dependence.port]
dependent = "Upland"
provider = "Port"
channel = "credit"
stake = 0.1
alternatives = 0.5
reason = "r"
assumption = true
"""
WANTED = IDLE.replace('actor = "Port"', 'actor = "Upland"').replace("salience = 0.5", "salience = 0.02")
LUCK = {
    "nobody who counts wants it": (IDLE, {"moves.grind.cost": "worth 0 at most to 'Upland', and costs 0.03"}),
    "it is free": (IDLE.replace("cost = 0.03\n", ""), {"moves.grind.cost": "above 0 in up to 50.0% of the months"}),
    "it costs more than it brings": (
        WANTED,
        {"moves.grind.cost": "worth 0.02 at most to 'Upland', and costs 0.03"},
    ),
    "it brings more than it costs": (WANTED.replace("0.02", "0.04"), {}),
    "a range in which it does": (WANTED.replace("0.02", "{ value = 0.02, low = 0.01, high = 0.04 }"), {}),
    "its owner wants the opposite": (
        IDLE.replace('actor = "Port"', 'actor = "Upland"').replace("position = 1.0", "position = 0.0"),
        {"moves.grind.cost": "worth 0 at most"},
    ),
    "another actor has leverage": (IDLE + CREDIT, {}),
    "noise cannot make up for it": (
        IDLE.replace("0.03", "0.2"),
        {"moves.grind": "can never be made"},
    ),
}
"""Rows added to the small scenario, and the traps that they make."""


@pytest.mark.parametrize("case", LUCK)
def test_a_move_that_only_luck_makes_is_named(case: str) -> None:
    """A move worth no more than its cost in any state is named, with how often noise makes it, and no other move."""
    added, expected = LUCK[case]
    shown = found(BASE + added)
    assert shown.keys() - {"issues.mill", "dependence.port"} == expected.keys()
    assert all(reason in shown[key] for key, reason in expected.items())


def test_luck_is_as_frequent_as_the_trap_says() -> None:
    """With a value of -0.03 and noise of 0.05 the move is made in the stated share of months, and with none never."""
    text = BASE + IDLE.replace("{ to = 1.0 }", "{ by = 0.001 }")
    stated = float(re.search(r"in up to ([\d.]+)% of the months", found(text)["moves.grind.cost"])[1]) / 100
    with_noise, without = (loads(text.replace("patience = 3", f"patience = 3\nnoise = {n}")) for n in (0.05, 0.0))
    assert stated == pytest.approx(chance_positive(-0.03, 0.05), abs=0.0006)
    values = [one["grind"] for n in range(40) for one in run(with_noise.document, seed=1, world=n).moves_value]
    assert sum(value > 0 for value in values) / len(values) == pytest.approx(stated, abs=0.05)
    assert run(without.document, seed=1, world=0).made["grind"] == []


def test_luck_is_not_judged_under_another_theory() -> None:
    """With foresight, or weights by capability, what a move is worth has no such bound: nothing is named."""
    for more in ("foresight = 1", "foresight = { value = 0, low = 0, high = 3 }"):
        assert "moves.grind.cost" not in found((BASE + IDLE).replace("patience = 3", f"patience = 3\n{more}"))
    assert "moves.grind.cost" not in found((BASE + IDLE).replace('"leverage"', '"capability"'))


@pytest.mark.parametrize("number", range(60))
def test_no_move_is_worth_more_than_its_bound(number: int) -> None:
    """In worlds of random scenarios without noise, no move is worth more than what it can change at most."""
    try:
        scenario = loads(written(at_random(random.Random(number))))
    except ScenarioError:
        return
    theory = scenario.document["theory"] | {"noise": 0.0, "weights": "leverage", "foresight": 0.0}
    document = scenario.document | {"theory": theory}
    reach, keys = Reach(scenario), {trap.key for trap in traps(scenario)}
    world = run(document, seed=1, world=0, forks=scenario.forks)
    for values in world.moves_value:
        for name, value in values.items():
            if value is not None:
                cost = reach.number(f"moves.{name}.cost", scenario.document["moves"][name]["cost"]).low
                assert value <= reach.most_gained(name, float("inf")) - cost + 1e-9
                assert value <= 1e-9 or f"moves.{name}.cost" not in keys


def test_ranges_and_forks_count() -> None:
    """What a range or a fork makes possible is no trap."""
    never = FLOOD.replace("0.5", "0.95")
    assert not found(BASE.replace(FLOOD, FLOOD.replace("0.5", "{ value = 0.95, low = 0.5, high = 1.0 }")))
    fork = '\n[[from]]\nmonth = "2030-08"\nset = { "shocks.collision.requires.flood.above" = 0.5 }\n'
    assert not found(BASE.replace(FLOOD, never) + fork)


@pytest.mark.parametrize("name", [one.name for one in shipped() if not one.extends])
def test_shipped_cases_have_no_traps(name: str) -> None:
    """Every row can be used, apart from known traps; diffs that take something away leave rows without use."""
    assert [trap.key for trap in traps(load(name))] == KNOWN.get(name, [])


def test_check_prints_warnings_with_their_places(tmp_path: Path) -> None:
    """A valid file with a trap is valid: exit code 0, and a line with the place."""
    file = tmp_path / "case.toml"
    file.write_text(BASE.replace("chance = 0.8", "chance = 0"), encoding="utf-8")
    done = command("check", file)
    assert done.code == 0
    line = BASE[: BASE.index("[moves.press]")].count("\n") + 1
    assert f"warning: {file}:{line}:" in done.out
    (warning,) = json.loads(command("check", file, "--json").out)["warnings"]
    assert (warning["key"], warning["line"]) == ("moves.press", line)


@pytest.mark.parametrize("number", range(60))
def test_no_world_uses_a_row_that_is_named(number: int) -> None:
    """In worlds of random scenarios quantities stay within their bounds, and what is named never happens."""
    try:
        scenario = loads(written(at_random(random.Random(number))))
    except ScenarioError:
        return
    reach, keys = Reach(scenario), {trap.key for trap in traps(scenario)}
    world = run(scenario.document, seed=1, world=0, forks=scenario.forks)
    for month, row in enumerate(world.issues):
        held = {f"{holder}>{over}": levels[month] for (holder, over), levels in world.leverage.items()}
        for name, value in (row | world.drivers[month] | held).items():
            low, high = reach.quantity(name)
            assert low - 1e-9 <= value <= high + 1e-9
    happened = {f"moves.{name}" for of in (world.made, world.refused) for name, months in of.items() if months}
    happened |= {f"shocks.{name}" for name, months in world.struck.items() if months}
    happened |= {f"outcomes.{name}" for name, month in world.first.items() if month >= 0}
    assert not happened & keys
    unused = [key.split(".")[1] for key in keys if key.startswith("dependence.")]
    if scenario.document["theory"]["weights"] == "leverage":
        rest = {name: row for name, row in scenario.document["dependence"].items() if name not in unused}
        without = run(scenario.document | {"dependence": rest}, seed=1, world=0)
        full = run(scenario.document, seed=1, world=0)
        assert (full.issues, full.made, full.refused) == (without.issues, without.made, without.refused)
