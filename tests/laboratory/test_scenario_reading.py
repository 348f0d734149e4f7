"""What a valid scenario is read as."""

import copy
import json
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from realpolitik.scenario import ScenarioError, bounds, load, loads, parse_setting, shipped
from realpolitik.scenario.others import check_others

HERE = Path(__file__).parent
TEXT = (HERE / "small.toml").read_text(encoding="utf-8")
SMALL = load(HERE / "small.toml")


def test_the_document_has_every_table_and_every_key() -> None:
    """Defaults are filled in, optional keys left out are None, and absent tables are empty."""
    tables = "meta theory actors issues drivers dependence interests moves shocks outcomes history quantities claims"
    assert list(SMALL.document) == [
        *tables.split(),
        *["directions", "levels", "questions", "validation", "show", "levers", "story"],
    ]
    assert SMALL.document["moves"]["press"] == {
        "reason": "A clerk can do it",
        "claims": [],
        "assumption": True,
        "actor": "Lowland",
        "label": "raises the toll",
        "changes": {"toll": {"to": None, "by": 0.1}},
        "consent": [],
        "requires": {},
        "from": None,
        "until": None,
        "cost": 0.0,
        "chance": 0.8,
        "payment": None,
    }
    bare = loads('[meta]\ntitle = "t"\nquestion = "q"\nstart = "2030-01"\nend = "2030-01"\n' + TWO_ACTORS)
    assert bare.document["moves"] == bare.document["history"] == {}
    assert bare.document["theory"]["phi"] == 1.0


TWO_ACTORS = "".join(f'[actors.{name}]\nlabel = "{name}"\nrole = "-"\n' for name in "AB")


def test_every_number_is_a_plain_float() -> None:
    """Whole numbers, ranges and signed zeros of a file all become floats."""
    assert {type(number) for number in SMALL.numbers.values()} == {float}
    assert SMALL.document["drivers"]["drought"]["path"]["2031-06"] == 0.4
    assert SMALL.document["theory"]["patience"] == 3.0
    signed = loads(TEXT.replace("position = 0\n", "position = -0.0\n"))
    assert str(signed.numbers["interests.upland_ferry.position"]) == "0.0"
    assert signed.sha256 == SMALL.sha256


def test_numbers_are_named_in_the_order_of_the_document() -> None:
    """Paths follow tables, rows and keys; the months of a season count from 1."""
    paths = list(SMALL.numbers)
    theory = [f"theory.{key}" for key in ("phi", "sigma", "noise", "patience", "foresight", "discount")]
    assert paths[:7] == [*theory, "actors.Upland.capability"]
    assert [path for path in paths if "flood.season" in path] == [f"drivers.flood.season.{n}" for n in range(1, 13)]
    assert SMALL.numbers["drivers.flood.season.4"] == 0.9
    for path in (
        "moves.sell.payment.changes.toll.by",
        "moves.hand_over.requires.ferry.below",
        "outcomes.later_toll.when.toll.above",
        "shocks.collision.requires.flood.above",
        "dependence.grain.alternatives.effects.drought",
        "drivers.drought.path.2030-09",
    ):
        assert path in paths


def test_ranges_are_kept_beside_the_numbers() -> None:
    """A number given with low and high has its value in the document and its range by path."""
    assert SMALL.ranges["dependence.grain.stake"] == (0.5, 1.2)
    assert len(SMALL.ranges) == 5
    assert all(low <= SMALL.numbers[path] <= high for path, (low, high) in SMALL.ranges.items())


@pytest.mark.parametrize("path", SMALL.numbers)
def test_every_number_has_bounds_and_keeps_them(path: str) -> None:
    """The bounds of a path are legal values, and nothing beyond them is."""
    low, high = bounds(path)
    assert low <= SMALL.numbers[path] <= high
    for value in (low, high):
        assert SMALL.set({path: value}).numbers[path] == value
    for value in (low - 1e-9, high + 1e-9, 1e308, -1e308):
        with pytest.raises(ScenarioError, match=r"out of range"):
            SMALL.set({path: value})


@pytest.mark.parametrize("path", SMALL.numbers)
@pytest.mark.parametrize("value", [float("nan"), float("inf"), 10**400, True, "much", ["0"], {"value": 0}])
def test_no_number_takes_what_is_not_one(path: str, value: object) -> None:
    """Not-a-number, infinity, truth values, texts, lists and half a range are refused by name."""
    with pytest.raises(ScenarioError) as refusal:
        SMALL.set({path: value})
    assert refusal.value.key.startswith(path)


def test_positions_lead_back_to_the_file() -> None:
    """Each dotted path has the file and line on which it is written."""
    file, line = SMALL.positions["moves.sell.payment.from"]
    assert Path(file).name == "small.toml"
    assert 'payment = { from = "Lowland"' in TEXT.splitlines()[line - 1]


def test_the_hash_is_of_what_is_asked_and_not_of_how_it_is_written() -> None:
    """Comments and spacing leave the hash alone; a number, a range and the order of rows do not."""
    assert loads("# another comment\n" + TEXT.replace(" = ", "=")).sha256 == SMALL.sha256
    assert loads(TEXT.replace("\n", "\r\n")).sha256 == SMALL.sha256
    assert loads(TEXT.replace("high = 1.2", "high = 1.3")).sha256 != SMALL.sha256
    assert SMALL.set({"moves.sell.cost": "0.05@2030-02"}).sha256 != SMALL.sha256
    assert SMALL.set({"theory.phi": 1.4}).sha256 != SMALL.sha256


def test_a_scenario_can_be_sent_to_another_process() -> None:
    """Pickling keeps a scenario whole."""
    copy = pickle.loads(pickle.dumps(SMALL))
    assert (copy.sha256, copy.document, copy.numbers) == (SMALL.sha256, SMALL.document, SMALL.numbers)


def test_an_error_can_be_sent_to_another_process() -> None:
    """Pickling keeps the line of an error."""
    with pytest.raises(ScenarioError) as refusal:
        loads("extends = 1")
    assert str(pickle.loads(pickle.dumps(refusal.value))) == str(refusal.value)


def test_a_text_reaches_no_file() -> None:
    """A text handed over can extend a shipped scenario and nothing else."""
    with pytest.raises(ScenarioError, match=r"1:1: only a shipped scenario can be extended here"):
        loads('extends = "../small.toml"\n')
    with pytest.raises(ScenarioError, match=r"unknown scenario 'small'"):
        loads('extends = "small"\n')


def test_a_file_of_ones_own_needs_its_ending(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name without `.toml` is that of a shipped scenario, and the message names the file that was meant."""
    (tmp_path / "herring.toml").write_text('extends = "karabakh"\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ScenarioError, match=r"unknown scenario 'herring'.*did you mean 'herring.toml'\?$"):
        load("herring")


def test_a_name_that_is_nearly_that_of_a_file_is_recognised(tmp_path: Path) -> None:
    """Of the shipped scenarios and the files of the folder, the nearest is named; another file's text learns none."""
    (tmp_path / "kosovo.toml").write_text("")
    for name, meant in (("kosov", "kosovo.toml"), ("karabak", "karabakh")):
        with pytest.raises(ScenarioError, match=rf"unknown scenario '{name}'.*did you mean '{meant}'\?$"):
            load(name, base_path=tmp_path)
    (tmp_path / "case.toml").write_text('extends = "kosov"\n')
    with pytest.raises(ScenarioError, match=r"unknown scenario 'kosov'.*[^?]$"):
        load(tmp_path / "case.toml")


@pytest.mark.parametrize("kind", [str, Path])
def test_a_file_of_another_folder_is_the_same_file_later(kind: Callable[[str], str | Path], tmp_path: Path) -> None:
    """With `base_path`, the chain leads to the files from the current folder, and so do the names in them."""
    (tmp_path / "b.toml").write_text(TEXT, encoding="utf-8")
    (tmp_path / "q.toml").write_text('extends = "b.toml"\n[show]\nagainst = "b.toml"\n', encoding="utf-8")
    scenario = load(kind("q.toml"), base_path=tmp_path)
    assert scenario.chain == (str(tmp_path / "q.toml"), str(tmp_path / "b.toml"))
    check_others(scenario)
    with pytest.raises(ScenarioError) as refusal:
        load(kind("r.toml"), base_path=tmp_path)
    assert str(tmp_path / "r.toml") in str(refusal.value)


def test_every_shipped_scenario_is_valid() -> None:
    """What comes with the package reads without fault, and says what it asks."""
    for entry in shipped():
        assert load(entry.name).name == entry.name
        assert entry.title
        assert entry.question


def test_the_reader_is_cheap_to_import() -> None:
    """No numerical library is loaded to read a file."""
    heavy = "{'numpy', 'numba', 'mesa', 'pandas', 'matplotlib', 'xarray'}"
    code = f"import sys, realpolitik.scenario; sys.exit(bool({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_list_of_shipped_scenarios_is_what_loading_them_gives() -> None:
    """The fast list, read without checking the files, has the same title, question and base as each loaded scenario."""
    for entry in shipped():
        full = load(entry.name)
        meta, base = full.document["meta"], full.chain[1:2]
        assert entry == (entry.name, meta["title"], meta["question"], base[0].removesuffix(".toml") if base else None)


def test_listing_imports_no_pydantic() -> None:
    """`realpolitik list` starts fast, because only [meta] is read."""
    code = "import sys; from realpolitik.scenario import shipped; shipped(); sys.exit('pydantic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("text", "right"),
    [
        *(("0.5@1975-13", ""), ("0.5 @ march", ""), ("1e-1@", ""), ("0.5@75-3", "")),
        *(("0.5@1975-1", "1975-01"), ("-2@1975-10-15", "1975-10"), ("1@1975/3", "1975-03"), ("1@197503", "1975-03")),
    ],
)
def test_a_month_of_a_setting_that_is_none_is_named(text: str, right: str) -> None:
    """A number with something after @ that is no month is refused for the month, with its spelling if that is clear."""
    month = text.partition("@")[2].strip()
    with pytest.raises(ScenarioError) as refused:
        parse_setting(f"moves.press.cost={text}")
    spelling = f'write "{right}"' if right else 'use "YYYY-MM", 1800 to 2199'
    assert refused.value.problem == f"moves.press.cost: invalid month '{month}': {spelling}"
    assert parse_setting("meta.title=a@b").value == "a@b"


def test_a_document_cannot_be_changed_in_place() -> None:
    """Its tables and lists refuse changes, as the hash and the numbers would not follow; a deep copy takes them."""
    small = load(HERE / "small.toml")
    row = small.document["moves"]["sell"]
    for change in (
        lambda: row.update(cost=1.0),
        lambda: row.__setitem__("cost", 1.0),
        lambda: row.pop("cost"),
        lambda: row["consent"].append("Port"),
        lambda: row["consent"].__setitem__(0, "Port"),
        lambda: small.numbers.__setitem__("theory.phi", 0.5),
        lambda: small.ranges.clear(),
    ):
        with pytest.raises(TypeError, match="read-only; use Scenario"):
            change()
    changed = copy.deepcopy(small.document)
    changed["moves"]["sell"]["consent"].append("Port")
    assert small.document["moves"]["sell"]["consent"] == ["Lowland"]
    again = pickle.loads(pickle.dumps(small.document))
    assert (again, type(again)) == (small.document, type(small.document))
    assert json.loads(json.dumps(small.document)) == small.document
