"""Keys with several forms: numbers with effects, windows, votes and payments, and every way to get them wrong."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from realpolitik.auditing.coalitions import switches
from realpolitik.comparing import forked
from realpolitik.explaining import numbers_that_matter
from realpolitik.scenario import Scenario, ScenarioError, Setting, bounds, load, loads, schema
from realpolitik.scenario.forms import RESPONSIVE, asked, effect_on, effects_of, paid_changes, payers, value_of
from realpolitik.sweeps.discovery import toml, with_effects
from realpolitik.sweeps.plan import restored, stored
from realpolitik.validation.forecasting import at_state

HERE = Path(__file__).parent
TEXT = (HERE / "small.toml").read_text(encoding="utf-8")
SMALL, FORMS = load(HERE / "small.toml"), load(HERE / "forms.toml")
LEASE, COUNCIL = (FORMS.document["moves"][name] for name in ("lease", "council"))
COST = "moves.lease.cost"
FLOOD = f"{COST}.effects.flood"
MOVE = """
[moves.shut]
actor = "Upland"
label = "shuts the ferry"
changes = { ferry = { to = 0.0 } }
reason = "r"
assumption = true
"""


GUIDE = HERE.parents[1] / "docs" / "reference" / "scenario-files.md"


def diff(folder: Path, text: str) -> Scenario:
    """Write a diff on the scenario with every form, and read it."""
    file = folder / "diff.toml"
    file.write_text(f'extends = "{HERE.as_posix()}/forms.toml"\n{text}', encoding="utf-8")
    return load(file)


def test_a_number_with_effects_is_a_table_in_the_document() -> None:
    """The value keeps the path of the number; each effect has a path, a value and a range of its own."""
    assert LEASE["cost"] == {"value": 0.1, "effects": {"flood": 0.2, "drought": -0.1}}
    assert (FORMS.numbers[COST], FORMS.ranges[COST]) == (0.1, (0.0, 0.2))
    assert (FORMS.numbers[FLOOD], FORMS.ranges[FLOOD]) == (0.2, (0.1, 0.3))
    assert FORMS.numbers[f"{COST}.effects.drought"] == -0.1
    assert f"{COST}.effects.drought" not in FORMS.ranges
    assert not [path for path in FORMS.numbers if path.endswith(".value")]


def test_windows_votes_and_payments_are_in_the_document() -> None:
    """Windows are months or None, votes count or weigh, and each payer has its changes."""
    assert (LEASE["from"], LEASE["until"], COUNCIL["from"]) == ("2030-06", "2031-06", None)
    assert LEASE["consent"] == {"of": ["Lowland", "Port"], "need": 2.0}
    assert COUNCIL["consent"] == {"of": {"Upland": 2.0, "Lowland": 1.0}, "need": 2.5}
    assert FORMS.ranges["moves.council.consent.of.Lowland"] == (0.5, 1.5)
    assert (LEASE["payment"]["changes"], LEASE["payment"]["divisible"]) == (None, False)
    assert FORMS.ranges["moves.lease.payment.from.Lowland.toll.by"] == (-0.3, -0.1)
    assert FORMS.document["moves"]["sell"]["payment"]["divisible"] is True
    theory = FORMS.document["theory"]
    assert (theory["foresight"], theory["discount"], FORMS.ranges["theory.foresight"]) == (3.0, 0.9, (0.0, 6.0))
    assert (SMALL.document["theory"]["foresight"], SMALL.document["theory"]["discount"]) == (0.0, 0.97)


def test_readers_of_documents_need_not_know_the_forms() -> None:
    """Who is asked, who pays, and for what: the same functions for every form."""
    sell, press = (SMALL.document["moves"][name] for name in ("sell", "press"))
    assert [asked(move) for move in (LEASE, COUNCIL, sell, press)] == [
        ["Lowland", "Port"],
        ["Upland", "Lowland"],
        ["Lowland"],
        [],
    ]
    assert [list(payers(move)) for move in (LEASE, sell, press)] == [["Lowland", "Port"], ["Lowland"], []]
    assert [list(paid_changes(move)) for move in (LEASE, sell, press)] == [["toll", "loan"], ["toll"], []]
    assert (value_of(LEASE["cost"]), value_of(press["cost"])) == (0.1, 0.0)
    assert (effects_of(LEASE["chance"]), effects_of(press["chance"])) == ({"flood": -0.5}, {})
    assert at_state(LEASE["chance"], {"flood": 0.5}, 1.0) == 0.65


def test_ten_numbers_can_respond() -> None:
    """The list for readers names the numbers whose effects have bounds, and no others."""
    can = {(table, key) for table, keys in RESPONSIVE.items() for key in keys}
    for path in FORMS.numbers:
        parts = path.split(".")
        if len(parts) == 3:
            effect = f"{path}.effects.flood"
            if (parts[0], parts[2]) in can:
                assert bounds(effect) == (-10, 10)
                assert effect_on(effect) == (parts[2], "flood")
            else:
                with pytest.raises(ScenarioError, match="is not the path of a number"):
                    bounds(effect)
    assert len(can) == 10


@pytest.mark.parametrize("path", [path for path in FORMS.numbers if path not in SMALL.numbers])
def test_every_new_number_has_bounds_and_keeps_them(path: str) -> None:
    """The bounds of a path are valid values, and nothing beyond them is; only votes have limits of their own."""
    low, high = bounds(path)
    assert low <= FORMS.numbers[path] <= high
    for value in () if ".consent." in path else (low, high):
        assert FORMS.set({path: value}).numbers[path] == value
    for value in (low - 1e-9, high + 1e-9):
        with pytest.raises(ScenarioError, match=r"out of range"):
            FORMS.set({path: value})


def test_a_scenario_survives_a_manifest() -> None:
    """The scenario of a sweep is stored as JSON types and restored to the same hash."""
    assert restored(stored(FORMS)).sha256 == FORMS.sha256
    assert FORMS.set({}).sha256 == FORMS.sha256
    damaged = json.loads(json.dumps(stored(FORMS)))
    damaged["document"]["issues"]["loan"]["start"] = {"value": 0.0, "effects": {"flood": 0.5}}
    with pytest.raises(ScenarioError, match=r"issues.loan.start.effects: this number cannot have effects"):
        restored(damaged)


def test_a_new_value_keeps_the_effects(tmp_path: Path) -> None:
    """A number or a range replaces the value and its range, from a file and from settings; the base does not change."""
    ranged = {"value": 0.3, "low": 0.1, "high": 0.5}
    given = diff(tmp_path, f'[set]\n"{COST}" = 0.5\n"{FLOOD}" = 0.0\n')
    for scenario in (given, FORMS.set({COST: 0.5, FLOOD: 0.0})):
        assert scenario.document["moves"]["lease"]["cost"] == {"value": 0.5, "effects": {"flood": 0.0, "drought": -0.1}}
        assert not {COST, FLOOD} & scenario.ranges.keys()
    assert given.positions[COST] == (str(tmp_path / "diff.toml"), 3)
    assert given.positions[FLOOD] == (str(tmp_path / "diff.toml"), 4)
    assert Path(given.positions[f"{COST}.effects.drought"][0]).name == "forms.toml"
    assert FORMS.set({COST: ranged}).ranges[COST] == (0.1, 0.5)
    assert FORMS.set({COST: ranged}).document["moves"]["lease"]["cost"]["effects"] == LEASE["cost"]["effects"]
    assert FORMS.set({COST: "0.5@2030-09"}).forks[0].numbers == {COST: 0.5}
    assert FORMS.set({FLOOD: "0.5@2030-09"}).forks[0].numbers == {FLOOD: 0.5}
    assert LEASE["cost"]["value"] == FORMS.numbers[COST] == 0.1


def test_a_table_with_effects_replaces_both(tmp_path: Path) -> None:
    """Effects that are given replace those of the number, or make it respond; an empty table removes them."""
    given = diff(tmp_path, f'[set]\n"{COST}" = {{ value = 0.5, effects = {{ ferry = 1 }} }}\n')
    assert given.document["moves"]["lease"]["cost"] == {"value": 0.5, "effects": {"ferry": 1.0}}
    assert given.positions[f"{COST}.effects.ferry"][1] == 3
    assert FLOOD not in given.positions
    new = SMALL.set({"moves.press.cost": {"value": 0.1, "effects": {"ferry": 0.2}}})
    assert new.numbers["moves.press.cost.effects.ferry"] == 0.2
    assert FORMS.set({COST: {"value": 0.5, "effects": {}}}).document["moves"]["lease"]["cost"] == 0.5


def test_consent_can_be_replaced_by_another_form(tmp_path: Path) -> None:
    """A list becomes a vote and a vote a list, as one value."""
    vote = diff(tmp_path, '[set]\n"moves.sell.consent" = { of = { Lowland = 2, Port = 1 }, need = 2 }\n')
    assert vote.document["moves"]["sell"]["consent"] == {"of": {"Lowland": 2.0, "Port": 1.0}, "need": 2.0}
    assert FORMS.set({"moves.council.consent": ["Lowland"]}).document["moves"]["council"]["consent"] == ["Lowland"]


PAID = 'consent = ["Lowland", "Port"]\npayment = '
FAULTS = {
    "unknown driver": (
        "cost = { value = 0.1, effects = { flod = 1 } }",
        *("flod", "cost.effects.flod", "moves.shut.cost.effects.flod: unknown issue or driver 'flod'"),
    ),
    "number that cannot respond": (
        "requires = { toll = { above = { value = 0.1, effects = { flood = 1 } } } }",
        *("effects", "requires.toll.above.effects"),
        "moves.shut.requires.toll.above.effects: this number cannot have effects",
    ),
    "effect out of range": (
        "cost = { value = 0.1, effects = { flood = 11 } }",
        *("flood", "cost.effects.flood", "moves.shut.cost.effects.flood: 11 is out of range, -10 to 10"),
    ),
    "range of an effect": (
        "cost = { value = 0.1, effects = { flood = { value = 1, low = 2, high = 3 } } }",
        *("flood", "cost.effects.flood", "moves.shut.cost.effects.flood: value 1 is outside its range, 2 to 3"),
    ),
    "half a range of an effect": (
        "cost = { value = 0.1, effects = { flood = { value = 1, low = 0 } } }",
        *("flood", "cost.effects.flood"),
        "moves.shut.cost.effects.flood: a range needs 'high': { value = ..., low = ..., high = ... }",
    ),
    "effects without a value": (
        "cost = { effects = { flood = 1 } }",
        *("cost", "cost"),
        "moves.shut.cost: a number with effects needs 'value': { value = ..., effects = { ... } }",
    ),
    "half a range": (
        "cost = { value = 0.1, low = 0.0, effects = { flood = 1 } }",
        *("cost", "cost", "moves.shut.cost: a range needs 'high': { value = ..., low = ..., high = ... }"),
    ),
    "effects that are no table": (
        "cost = { value = 0.1, effects = 1 }",
        *("effects", "cost.effects"),
        "moves.shut.cost.effects: effects must be a table, not 1; write { NAME = ... }, an issue or a driver",
    ),
    "effects of a row": (
        "cost = 0.2\neffects = { flood = 1 }",
        *("effects", "effects"),
        "moves.shut.effects: effects are written on the number that they change: "
        "cost = { value = 0.2, effects = { ... } } (or on chance)",
    ),
    "window reversed": (
        'from = "2031-01"\nuntil = "2030-12"',
        *("until", "until", "moves.shut.until: 2030-12 is before 2031-01"),
    ),
    "window after the end": (
        'from = "2032-01"',
        "from",
        "from",
        "moves.shut.from: 2032-01 is outside 2030-01 to 2031-12",
    ),
    "window before the start": (
        'until = "2029-12"',
        *("until", "until", "moves.shut.until: 2029-12 is outside 2030-01 to 2031-12"),
    ),
    "no such month": (
        'from = "2031-13"',
        *("from", "from", "moves.shut.from: invalid month '2031-13': use \"YYYY-MM\", 1800 to 2199"),
    ),
    "more votes than actors": (
        'consent = { of = ["Lowland", "Port"], need = 3 }',
        *("need", "consent.need", "moves.shut.consent.need: 3 votes are needed, but all together have 2"),
    ),
    "more votes than weights": (
        "consent = { of = { Lowland = 0.5, Port = 1 }, need = 2 }",
        *("need", "consent.need", "moves.shut.consent.need: 2 votes are needed, but all together have 1.5"),
    ),
    "range of needed votes": (
        'consent = { of = ["Lowland", "Port"], need = { value = 2, low = 1, high = 3 } }',
        *("need", "consent.need", "moves.shut.consent.need: 3 votes are needed, but all together have 2"),
    ),
    "no votes needed": (
        'consent = { of = ["Lowland"], need = 0 }',
        *("need", "consent.need"),
        "moves.shut.consent.need: must be above 0; without `consent` a move needs no votes",
    ),
    "nobody asked": (
        "consent = { of = [], need = 1 }",
        *("of", "consent.of", "moves.shut.consent.of: needs at least 1 entry, has 0"),
    ),
    "nobody asked by weight": (
        "consent = { of = {}, need = 1 }",
        *("of", "consent.of", "moves.shut.consent.of: needs at least 1 entry, has 0"),
    ),
    "vote without need": (
        'consent = { of = ["Lowland"] }',
        *("consent", "consent.need", "missing key 'need' in moves.shut.consent"),
    ),
    "asks itself": (
        'consent = { of = ["Lowland", "Upland"], need = 1 }',
        *('"Upland"], need', "consent.of.2"),
        "moves.shut.consent.of: 'Upland' is the actor of the move; name only others",
    ),
    "asks itself by weight": (
        "consent = { of = { Lowland = 1, Upland = 2 }, need = 1 }",
        *("Upland = 2", "consent.of.Upland"),
        "moves.shut.consent.of: 'Upland' is the actor of the move; name only others",
    ),
    "asked twice": (
        'consent = { of = ["Port", "Port"], need = 1 }',
        *('"Port"]', "consent.of.2", "moves.shut.consent.of: 'Port' is named twice"),
    ),
    "unknown actor": (
        'consent = { of = ["Lowlnd"], need = 1 }',
        *('"Lowlnd"', "consent.of.1", "moves.shut.consent.of.1: unknown actor 'Lowlnd'"),
    ),
    "unknown weighted actor": (
        "consent = { of = { Lowlnd = 1 }, need = 1 }",
        *("Lowlnd", "consent.of.Lowlnd", "moves.shut.consent.of.Lowlnd: unknown actor 'Lowlnd'"),
    ),
    "misspelt key of a vote": (
        'consent = { of = ["Port"], ned = 1, need = 1 }',
        *("ned", "consent.ned", "unknown key 'ned' in moves.shut.consent"),
    ),
    "effects on votes": (
        'consent = { of = ["Port"], need = { value = 1, effects = { flood = 1 } } }',
        *("effects", "consent.need.effects", "moves.shut.consent.need.effects: this number cannot have effects"),
    ),
    "consent that is neither": (
        "consent = 1",
        *("consent", "consent", "moves.shut.consent: must be a list, not 1"),
    ),
    "payer not asked": (
        'consent = ["Lowland"]\n'
        "payment = { from = { Lowland = { toll = { by = 0.1 } }, Port = { toll = { by = 0.1 } } } }",
        *("Port = { toll", "payment.from.Port", "moves.shut.payment.from: 'Port' is not in consent"),
    ),
    "payer not in the vote": (
        'consent = { of = ["Lowland"], need = 1 }\npayment = { from = "Port", changes = { toll = { by = 0.1 } } }',
        *("from", "payment.from", "moves.shut.payment.from: 'Port' is not in consent"),
    ),
    "two payers of one issue": (
        PAID + "{ from = { Lowland = { toll = { by = 0.1 } }, Port = { toll = { by = 0.2 } } } }",
        *("toll = { by = 0.2 }", "payment.from.Port.toll"),
        "moves.shut.payment.from.Port: 'toll' is already changed by 'Lowland'",
    ),
    "payment of what the move changes": (
        PAID + "{ from = { Port = { ferry = { by = 0.2 } } } }",
        *("ferry = { by = 0.2 }", "payment.from.Port.ferry"),
        "moves.shut.payment.from.Port: 'ferry' is already changed by the move itself",
    ),
    "changes and a table of payers": (
        PAID + "{ from = { Port = { toll = { by = 0.2 } } }, changes = { toll = { by = 0.2 } } }",
        *("changes = { toll", "payment.changes"),
        "moves.shut.payment: has both changes and a table of payers; write what each payer pays in 'from'",
    ),
    "no changes": (
        PAID + '{ from = "Port" }',
        *("payment", "payment.changes", "missing key 'changes' in moves.shut.payment"),
    ),
    "list of payers": (
        PAID + '{ from = ["Lowland", "Port"], changes = { toll = { by = 0.2 } } }',
        *("from", "payment.from"),
        "moves.shut.payment.from: must be a table, not a list; write { ACTOR = { ISSUE = { by = 0.1 } } }",
    ),
    "no payers": (
        PAID + "{ from = {} }",
        "from",
        "payment.from",
        "moves.shut.payment.from: needs at least 1 entry, has 0",
    ),
    "payer of nothing": (
        PAID + "{ from = { Port = {} } }",
        *("Port = {}", "payment.from.Port", "moves.shut.payment.from.Port: needs at least 1 entry, has 0"),
    ),
    "unknown issue paid": (
        PAID + "{ from = { Port = { tol = { by = 0.2 } } } }",
        *("tol ", "payment.from.Port.tol", "moves.shut.payment.from.Port.tol: unknown issue 'tol'"),
    ),
    "change that is two": (
        PAID + "{ from = { Port = { toll = { by = 0.2, to = 1 } } } }",
        *("toll", "payment.from.Port.toll"),
        "moves.shut.payment.from.Port.toll: has both of 'to' and 'by', needs exactly one",
    ),
    "divisible in words": (
        PAID + '{ from = "Port", changes = { toll = { by = 0.2 } }, divisible = "no" }',
        *("divisible", "payment.divisible", "moves.shut.payment.divisible: must be true or false, not 'no'"),
    ),
    "fallback that is itself": (
        PAID + '{ from = "Port", changes = { toll = { by = 0.2 } }, fallback = "shut" }',
        *("fallback", "payment.fallback"),
        "moves.shut.payment.fallback: 'shut' is this move itself; leave fallback out to make it unpaid",
    ),
}
"""Keys of a move, where the error is, the path under the move, and the message."""


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_of_a_new_form_is_located(name: str) -> None:
    """Every way to get a form wrong has one message, at the line and column of the key."""
    keys, at, path, says = FAULTS[name]
    text = f"{TEXT}{MOVE}{keys}\n"
    with pytest.raises(ScenarioError) as refusal:
        loads(text)
    error, offset = refusal.value, text.index(at, text.index(keys))
    line, column = text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)
    assert (error.problem, error.key) == (says, f"moves.shut.{path}")
    assert (error.line, error.column) == (line, column)


@pytest.mark.parametrize(
    ("table", "keys", "says"),
    [
        ("issues.toll", "rest = 0.3", "rest = { value = 0.3, effects = { ... } } (or on decay)"),
        ("dependence.credit", "alternatives = 0.7", "alternatives = { value = 0.7, effects = { ... } } (or on stake)"),
        ("interests.lowland_toll", "salience = 0.2", "salience = { value = 0.2, effects = { ... } } (or on position)"),
    ],
)
def test_effects_of_a_row_say_what_to_write_now(table: str, keys: str, says: str) -> None:
    """A file from before effects were part of a number is refused with the new form."""
    head, row = TEXT.split(f"[{table}]\n")
    old = f"{head}[{table}]\neffects = {{ flood = 0.2 }}\n" + row.replace(
        "rest = { value = 0.3, effects = { flood = 0.2 } }", keys
    )
    with pytest.raises(ScenarioError) as refusal:
        loads(old)
    assert refusal.value.problem.endswith(says)
    assert old.splitlines()[refusal.value.line - 1] == "effects = { flood = 0.2 }"


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        ("dependence.crossing.effects.ferry", 0, "did you mean 'dependence.crossing.alternatives.effects.ferry'?"),
        ("moves.lease.cost.efects.flood", 0, "did you mean 'moves.lease.cost.effects.flood'?"),
        ("moves.lease.cost.effects.flod", 0, "did you mean 'moves.lease.cost.effects.flood'?"),
        ("moves.lease.cost.effects", 0, "'moves.lease.cost.effects' is a table"),
        ("moves.lease.cost.value", 0, "unknown path 'moves.lease.cost.value'"),
        ("moves.press.cost.effects.flood", 0, "unknown path 'moves.press.cost.effects.flood'"),
        ("moves.lease.cost", 11, "moves.lease.cost: 11 is out of range, 0 to 10"),
        ("moves.lease.cost", {"effects": {"flood": 1}}, '"moves.lease.cost.effects.flood"'),
        ("moves.press.cost", {"value": 1, "effects": {"flod": 1}}, "did you mean 'flood'?"),
        ("theory.phi", {"value": 1, "effects": {"flood": 1}}, "theory.phi.effects: this number cannot have effects"),
        ("theory.foresight", 25, "theory.foresight: 25 is out of range, 0 to 24"),
        ("moves.council.consent.need", 4, "4 votes are needed, but all together have 3"),
        ("moves.council.consent.of.Upland", 0, "2.5 votes are needed, but all together have 1"),
        ("moves.council.consent", {"of": ["Lowland"]}, "missing key 'need' in moves.council.consent"),
        ("moves.lease.until", "2030-05", "moves.lease.until: 2030-05 is before 2030-06"),
        ("dependence.crossing.effects.ferry", "0@2030-05", "'dependence.crossing.effects.ferry' is not the path"),
    ],
)
def test_a_setting_of_a_new_form_is_checked(path: str, value: object, says: str) -> None:
    """Settings are refused like files, with the path that is meant."""
    with pytest.raises(ScenarioError) as refusal:
        FORMS.set({path: value})
    assert says in str(refusal.value)


def test_a_vote_can_be_reached_in_every_month() -> None:
    """Forks are checked month by month: what all forks of a month leave must need some votes, and not too many."""
    need, upland = "moves.council.consent.need", "moves.council.consent.of.Upland"
    for wrong in ([(need, 0, "2030-05")], [(need, 4, "2030-05")], [(upland, 3, "2030-05"), (need, 4.5, "2030-06")]):
        with pytest.raises(ScenarioError, match=r"council.consent.need: (must be above 0|\d(.\d)? votes are needed)"):
            FORMS.set([Setting(*one) for one in wrong])
    right = [Setting(need, 4, "2030-05"), Setting(upland, 3, "2030-05")]
    assert len(FORMS.set(right).forks) == 2
    listed = Setting("moves.lease.consent.need", 1, "2030-05")
    assert FORMS.set([listed]).forks[0].numbers == {"moves.lease.consent.need": 1.0}
    with pytest.raises(ScenarioError, match=r"moves.lease.consent.need: 3 votes are needed, but all together have 2"):
        FORMS.set([listed._replace(value=3)])


def test_a_row_named_in_a_form_cannot_be_dropped() -> None:
    """An issue that one of several payers changes is still used, and so is a driver that a number responds to."""
    with pytest.raises(ScenarioError, match=r"'issues.loan' is still used by moves.lease.payment.from.Port.loan"):
        FORMS.drop(["issues.loan"])
    only = loads(TEXT.replace("salience = 0.2", "salience = { value = 0.2, effects = { rain = 1 } }") + RAIN)
    with pytest.raises(
        ScenarioError, match=r"'drivers.rain' is still used by interests.lowland_toll.salience.effects.rain"
    ):
        only.drop(["drivers.rain"])


RAIN = """
[drivers.rain]
label = "Rain"
path = { "2030-01" = 0.5 }
reason = "r"
assumption = true
"""


def test_a_measured_dependence_has_no_effects_of_issues() -> None:
    """A row of [quantities] needs a dependence on drivers only, in stake as well as in alternatives."""
    measured = (
        '[quantities.q]\ndependence = "credit"\nbefore = "2030"\nafter = "2031"\nratio = 2\nerror = 1\nsource = "s"\n'
    )
    text = f"{TEXT}\n{measured}"
    assert loads(text)
    for z, says in {"drought": None, "ferry": "depends on the issue 'ferry'; only drivers may affect it"}.items():
        changed = text.replace("stake = 0.3", f"stake = {{ value = 0.3, effects = {{ {z} = 0.1 }} }}")
        if says is None:
            assert loads(changed)
        else:
            with pytest.raises(ScenarioError, match=says):
                loads(changed)


def test_editors_complete_the_new_forms() -> None:
    """The schema accepts what the reader accepts, and refuses what it refuses."""
    validator = pytest.importorskip("jsonschema").Draft202012Validator(schema())
    number = {"value": 0.1, "low": 0.0, "high": 0.2, "effects": {"flood": {"value": 0.2, "low": 0.1, "high": 0.3}}}
    move: dict[str, Any] = {
        "actor": "A",
        "label": "l",
        "reason": "r",
        "changes": {"i": {"to": 1.0}},
        "from": "2030-01",
        "cost": number,
        "consent": {"of": {"B": 1}, "need": 1},
        "payment": {"from": {"B": {"j": {"by": 0.1}}}, "divisible": False},
    }
    setting = {"moves.m.cost": {"value": 1, "effects": {"z": 1}}, "moves.m.consent": {"of": ["B"], "need": 1}}
    assert validator.is_valid({"extends": "base", "moves": {"m": move}, "set": setting})
    for wrong in (
        {"cost": {"value": 0.1}},
        {"cost": {"value": 0.1, "low": 0.0, "effects": {"z": 1}}},
        {"cost": {"effects": {"z": 1}}},
        {"cost": {"value": 0.1, "effects": {"z": 11}}},
        {"consent": {"of": [], "need": 1}},
        {"consent": {"of": ["B"]}},
        {"payment": {"from": {"B": {}}}},
        {"effects": {"z": 1}},
    ):
        assert not validator.is_valid({"extends": "base", "moves": {"m": move | wrong}}), wrong


def changed(scenario: Scenario) -> dict[str, float]:
    """Return the numbers that the forks of a scenario change."""
    return {path: value for fork in scenario.forks for path, value in fork.numbers.items()}


def test_a_switch_turns_off_effects_too() -> None:
    """A row that is switched off, in an audit or a fork, must not come back through the effects of its number."""
    claimed = FORMS.set(
        {f"{row}.assumption": False for row in ("moves.lease", "shocks.collision", "dependence.credit", "issues.toll")}
        | {f"{row}.claims": ["C01"] for row in ("moves.lease", "shocks.collision", "dependence.credit", "issues.toll")}
    )
    off = {path: value for switch in switches(claimed) for path, value in switch.off.items()}
    effects = {path for path in off if ".effects." in path}
    assert effects == {
        "moves.lease.cost.effects.flood",
        "moves.lease.cost.effects.drought",
        "moves.lease.chance.effects.flood",
        "shocks.collision.hazard.effects.flood",
        "dependence.credit.stake.effects.drought",
        "issues.toll.decay.effects.drought",
        "interests.upland_ferry.salience.effects.drought",
    }
    assert {off[path] for path in effects} == {0.0}
    assert changed(forked(FORMS, FORMS.drop(["moves.lease"]), "2030-03")) == {
        "moves.lease.chance": 0.0,
        "moves.lease.chance.effects.flood": 0.0,
    }


class Decided:
    """What `_candidates` reads of an account."""

    actor, move, runner_up, consents = "Upland", "lease", None, {"Lowland": 0.1, "Port": 0.1}


def test_flips_try_the_effects_of_numbers() -> None:
    """Costs, stakes, interests in all that is paid, and their effects; with foresight what moves the issues."""
    tried = numbers_that_matter(FORMS, Decided())  # type: ignore[arg-type]
    assert {
        FLOOD,
        "dependence.credit.stake.effects.drought",
        "interests.upland_toll.position.effects.ferry",
        "issues.toll.decay.effects.drought",
        "theory.discount",
    } <= tried.keys()
    assert "actors.Lowland.capability.effects.ferry" not in tried
    rival = numbers_that_matter(FORMS.set({"theory.weights": "capability", "theory.foresight": 0}), Decided())  # type: ignore[arg-type]
    assert "actors.Lowland.capability.effects.ferry" in rival
    assert "theory.discount" not in rival


def test_a_form_that_differs_is_no_fork() -> None:
    """Effects, windows, votes and payers are structure: numbers alone cannot turn one form into the other."""
    assert changed(forked(FORMS, FORMS.set({COST: 0.15, FLOOD: 0.5}), "2030-03")) == {COST: 0.15, FLOOD: 0.5}
    for other in (
        FORMS.set({COST: {"value": 0.1, "effects": {"flood": 0.2}}}),
        FORMS.set({"moves.lease.until": "2031-05"}),
        FORMS.set({"moves.lease.payment.divisible": True}),
        FORMS.set({"moves.council.consent": ["Upland", "Lowland"]}),
    ):
        with pytest.raises(ValueError, match="differs in form"):
            forked(FORMS, other, "2030-03")


def test_a_dated_shock_cannot_be_switched_off_by_a_fork() -> None:
    """No number switches a dated shock off, so that a scenario without it differs in form."""
    dated = loads(TEXT + DATED)
    with pytest.raises(ValueError, match=r"shocks.flood_of_2030 differs in form"):
        forked(dated, dated.drop(["shocks.flood_of_2030"]), "2030-03")


DATED = """
[shocks.flood_of_2030]
label = "the bridge is washed away"
changes = { toll = { by = 0.1 } }
at = "2030-05"
reason = "r"
assumption = true
"""


def test_a_box_writes_tables_as_toml() -> None:
    """A setting of a sweep may be a table; the file of a box has it in TOML."""
    number = {"value": 0.5, "effects": {"war": 1.0}}
    text = f'extends = "karabakh"\n[set]\n"moves.withdraw.cost" = {toml(number)}\n'
    assert loads(text).document["moves"]["withdraw"]["cost"] == number
    span = {"value": 0.2, "low": 0.1, "high": 0.3}
    assert with_effects(span, number) == {**span, "effects": {"war": 1.0}}
    assert with_effects(0.2, number) == {"value": 0.2, "effects": {"war": 1.0}}
    assert with_effects(0.2, 0.5) == 0.2


def test_the_examples_of_the_guide_are_valid() -> None:
    """Each example of rows in the guide can be added to the base case, and does what the guide says."""
    blocks = re.findall(r"```toml\n(\[moves.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    for block in blocks:
        loads(f'extends = "karabakh"\n{block}')
    moves = loads('extends = "karabakh"\n' + "".join(blocks)).document["moves"]
    assert moves["evacuate"]["cost"] == {"value": 0.1, "effects": {"war": 0.2, "isolation": -0.1}}
    assert [asked(moves[name])[-1] for name in ("mandate", "mission")] == ["Brussels", "Baku"]
    assert [len(payers(moves[name])) for name in ("sell_post", "sell_post_to_both")] == [1, 2]
