"""A diff says what differs; the rest is inherited."""

from pathlib import Path
from typing import Any

import pytest

from realpolitik.scenario import Scenario, ScenarioError, Setting, load, parse_setting
from realpolitik.scenario.others import check_others
from realpolitik_model import Case, LeverageModel

HERE = Path(__file__).parent
SMALL = load(HERE / "small.toml")
EXTENDS = f'extends = "{HERE.as_posix()}/small.toml"\n'
ROW = """
[interests.port_toll]
actor = "Port"
issue = "toll"
position = 0.4
salience = 0.1
reason = "Trade pays interest"
claims = ["C02"]
"""


def diff(folder: Path, text: str, name: str = "diff.toml") -> Scenario:
    """Write a diff on the small scenario and read it."""
    (folder / name).write_text(EXTENDS + text, encoding="utf-8")
    return load(folder / name)


def test_an_empty_diff_is_its_base(tmp_path: Path) -> None:
    """Extending without a change gives the same document, under another name."""
    same = diff(tmp_path, "")
    assert same.sha256 == SMALL.sha256
    assert same.name == "diff"
    assert [Path(file).name for file in same.chain] == ["diff.toml", "small.toml"]


def test_meta_and_theory_replace_what_they_name(tmp_path: Path) -> None:
    """A title or a patience of the diff's own leaves the question and phi as they were."""
    other = diff(tmp_path, '[meta]\ntitle = "Another"\n[theory]\npatience = 9\n')
    assert other.document["meta"] == SMALL.document["meta"] | {"title": "Another"}
    assert other.document["theory"] == SMALL.document["theory"] | {"patience": 9.0}
    assert other.ranges == SMALL.ranges


def test_rows_are_added_after_those_of_the_base(tmp_path: Path) -> None:
    """New rows follow in order, and disturb none of the old ones."""
    other = diff(tmp_path, ROW)
    assert list(other.document["interests"]) == [*SMALL.document["interests"], "port_toll"]
    assert other.positions["interests.port_toll.issue"] == (str(tmp_path / "diff.toml"), 5)


def test_set_takes_numbers_ranges_texts_and_lists(tmp_path: Path) -> None:
    """A value set replaces the old one with its range, and is found at the line that set it."""
    other = diff(
        tmp_path,
        '[set]\n"theory.phi" = 2\n"theory.noise" = { value = 0.1, low = 0.0, high = 0.2 }\n'
        '"moves.sell.consent" = ["Lowland", "Port"]\n"issues.toll.low" = "nothing"\n',
    )
    assert other.numbers["theory.phi"] == 2.0
    assert "theory.phi" not in other.ranges
    assert other.ranges["theory.noise"] == (0.0, 0.2)
    assert other.document["moves"]["sell"]["consent"] == ["Lowland", "Port"]
    assert other.document["issues"]["toll"]["low"] == "nothing"
    assert other.positions["theory.phi"] == (str(tmp_path / "diff.toml"), 3)


def test_a_dropped_row_is_gone(tmp_path: Path) -> None:
    """Dropping removes a row from the document and its place from the index."""
    other = diff(tmp_path, 'drop = ["interests.upland_toll"]\n')
    assert "upland_toll" not in other.document["interests"]
    assert not [path for path in other.positions if path.startswith("interests.upland_toll")]
    assert other.sha256 == SMALL.drop(["interests.upland_toll"]).sha256


def test_a_row_can_be_dropped_and_written_anew(tmp_path: Path) -> None:
    """A row both dropped and added is the new one, at the end."""
    other = diff(tmp_path, 'drop = ["interests.upland_toll"]\n' + ROW.replace("port_toll", "upland_toll"))
    assert list(other.document["interests"])[-1] == "upland_toll"
    assert other.document["interests"]["upland_toll"]["actor"] == "Port"


def test_a_row_of_the_base_that_is_written_in_part_is_one_error(tmp_path: Path) -> None:
    """Whatever keys it lacks, the error shows how [set] is written; rows of the diff's own lack theirs as before."""
    sell, press = "[moves.sell.changes]\nferry = { to = 1, by = 2 }\n", "[moves.press]\nchance = 0.8\ncots = 1\n"
    with pytest.raises(ScenarioError) as refusal:
        diff(tmp_path, f"{sell}{press}[moves.wait]\ncost = 1\n")
    base = "this row is already in the base; change it with [set]"
    assert [one.problem for one in (refusal.value, *refusal.value.others)] == [
        f'moves.sell: {base}, such as "moves.sell.changes.ferry.by" = 2, or drop it first',
        "moves.sell.changes.ferry.by: 2 is out of range, -1 to 1",
        f"moves.press: {base}, or drop it first",
        "unknown key 'cots' in moves.press",
        *(f"missing key '{key}' in moves.wait" for key in ("reason", "actor", "label", "changes")),
    ]


def test_a_rival_without_an_outcome_is_told_which_one(tmp_path: Path) -> None:
    """A rival theory is compared outcome by outcome, so it must have them all."""
    (tmp_path / "rival.toml").write_text('extends = "diff.toml"\ndrop = ["outcomes.price"]\n', encoding="utf-8")
    case = diff(tmp_path, 'validation.rivals.other = "rival.toml"\n')
    with pytest.raises(ScenarioError, match=r"rival.toml has no 'price' in \[outcomes\], which diff has$"):
        check_others(case)


def fork(month: str, path: str, value: float) -> str:
    """Return the text of a fork of one number."""
    return f'[[from]]\nmonth = "{month}"\nset = {{ "{path}" = {value} }}\n'


def test_a_file_gives_a_number_one_value_from_a_month_on(tmp_path: Path) -> None:
    """Two rows for one month and path are an error; a diff has the last word on a fork of its base."""
    first = fork("2030-06", "theory.phi", 0.5)
    with pytest.raises(ScenarioError, match=r"own.toml:10:9: 'theory.phi' has a value from '2030-06' on already"):
        diff(tmp_path, first + fork("2030-07", "theory.phi", 0.6) + fork("2030-06", "theory.phi", 0.7), "own.toml")
    base = diff(tmp_path, first, "own.toml")
    (tmp_path / "more.toml").write_text(
        'extends = "own.toml"\nreason = "x"\nassumption = true\n' + fork("2030-06", "theory.phi", 0.7)
    )
    found = [load(tmp_path / "more.toml"), base.set({"theory.phi": "0.7@2030-06"})]
    assert [one.forks[-1].numbers for one in found] == [{"theory.phi": 0.7}] * 2


LATE = {
    ("2030-02", "issues.ferry.start"): "the start of an issue is read in 2030-01 only",
    ("2030-10", "drivers.drought.path.2030-03"): "follows the point of 2030-03 until that of 2030-09 only and a shift",
    ("2031-12", "drivers.drought.path.2030-09"): "until that of 2031-06 only and a shift of up to 1 month",
}
IN_TIME = [
    ("2030-01", "issues.ferry.start"),
    ("2030-09", "drivers.drought.path.2030-03"),
    ("2031-12", "drivers.drought.path.2031-06"),
    ("2030-10", "drivers.drought.shift"),
]


@pytest.mark.parametrize(("month", "path"), LATE)
def test_a_number_that_is_not_read_any_more_cannot_change(tmp_path: Path, month: str, path: str) -> None:
    """A start is read in the first month, and a point of a path until the next: a later change moves no world."""
    for refused in (lambda: diff(tmp_path, fork(month, path, 0.9)), lambda: SMALL.set({path: f"0.9@{month}"})):
        with pytest.raises(ScenarioError, match="has no effect: ") as error:
            refused()
        assert f"{path}: a change in {month} has no effect" in error.value.problem
        assert LATE[month, path] in error.value.problem
    assert played([(month, {path: 0.9})]) == played([])


@pytest.mark.parametrize(("month", "path"), IN_TIME)
def test_a_number_that_is_still_read_can_change(month: str, path: str) -> None:
    """In the last month in which a number is read, a change of it moves worlds."""
    forks = SMALL.set({path: f"0.9@{month}"}).forks
    assert played(forks) != played([])


def played(forks: Any) -> Any:
    """Return what a few worlds of the small scenario do with forks, which are not checked."""
    model = LeverageModel(Case.of(SMALL.document, forks), worlds=range(8), rng=1)
    states = []
    for _ in range(model.case.months):
        model.step()
        states.append([model.issue(name).tolist() for name in SMALL.document["issues"]])
        states.append([model.driver(name).tolist() for name in SMALL.document["drivers"]])
    return states


def test_the_place_of_a_fork_is_its_own(tmp_path: Path) -> None:
    """Forks are sorted by month, and so are their lines."""
    found = diff(tmp_path, fork("2031-01", "theory.phi", 0.5) + fork("2030-06", "theory.phi", 0.7))
    assert [found.positions[f"from.{n}.set.theory.phi"][1] for n in (1, 2)] == [7, 4]


def test_forks_are_sorted_by_month(tmp_path: Path) -> None:
    """Numbers from a month on come in the order of time, and leave the document as it was."""
    other = diff(
        tmp_path,
        '[[from]]\nmonth = "2031-01"\nset = { "moves.sell.cost" = 0.3 }\n'
        '[[from]]\nmonth = "2030-06"\nset = { "theory.phi" = 0, "drivers.flood.season.4" = 0.5 }\n',
    )
    assert [fork.month for fork in other.forks] == ["2030-06", "2031-01"]
    assert other.forks[0].numbers == {"theory.phi": 0.0, "drivers.flood.season.4": 0.5}
    assert other.document == SMALL.document


def test_a_diff_of_a_diff_keeps_both(tmp_path: Path) -> None:
    """Changes add up along the chain; the last one wins, and each says why."""
    diff(tmp_path, 'reason = "A dry year"\nclaims = ["C02"]\n[set]\n"theory.phi" = 2\n"theory.sigma" = 0\n', "one.toml")
    (tmp_path / "two.toml").write_text('extends = "one.toml"\n[set]\n"theory.phi" = 3\n', encoding="utf-8")
    two = load(tmp_path / "two.toml")
    assert (two.numbers["theory.phi"], two.numbers["theory.sigma"]) == (3.0, 0.0)
    assert [Path(file).name for file in two.chain] == ["two.toml", "one.toml", "small.toml"]
    first, second = two.differences
    assert (first.reason, first.claims, first.paths) == ("A dry year", ("C02",), ("theory.phi", "theory.sigma"))
    assert (second.reason, second.paths) == (None, ("theory.phi",))


def test_an_error_of_a_diff_stands_in_the_diff(tmp_path: Path) -> None:
    """A value that breaks a row of the base is blamed on the line that set it."""
    with pytest.raises(ScenarioError) as refusal:
        diff(tmp_path, '\n[set]\n"theory.phi" = 1\n"interests.upland_toll.actor" = "Portt"\n')
    assert (Path(refusal.value.file).name, refusal.value.line) == ("diff.toml", 5)
    assert refusal.value.suggestion == "Port"


def test_an_error_of_the_base_stands_in_the_base(tmp_path: Path) -> None:
    """A diff is not blamed for a fault that its base had before."""
    (tmp_path / "base.toml").write_text("\n[actors]\nNorth = 1\nSouth = 2\n[meta]\ntitel = 1\n", encoding="utf-8")
    (tmp_path / "diff.toml").write_text('extends = "base.toml"\n', encoding="utf-8")
    with pytest.raises(ScenarioError) as refusal:
        load(tmp_path / "diff.toml")
    assert (Path(refusal.value.file).name, refusal.value.line) == ("base.toml", 3)


def test_a_claim_cited_for_a_difference_must_exist(tmp_path: Path) -> None:
    """The claims of a diff are those of the register."""
    with pytest.raises(ScenarioError, match=r"diff.toml:2:18: claims: unknown claim 'C2'; did you mean 'C02'\?"):
        diff(tmp_path, 'claims = ["C01", "C2"]\n')


@pytest.mark.parametrize(
    ("text", "setting"),
    [
        ("drivers.war.scale=0", Setting("drivers.war.scale", 0.0)),
        ("moves.withdraw.cost = 0.3@2024-04", Setting("moves.withdraw.cost", 0.3, "2024-04")),
        ("theory.weights=placebo", Setting("theory.weights", "placebo")),
        ("history.taken.holdout=true", Setting("history.taken.holdout", True)),
        ("theory.phi=-1.5e-3", Setting("theory.phi", -0.0015)),
        ("theory.phi=nan", Setting("theory.phi", "nan")),
        ("issues.toll.low=a=b", Setting("issues.toll.low", "a=b")),
    ],
)
def test_settings_are_read_as_typed(text: str, setting: Setting) -> None:
    """PATH=VALUE is a number, true or false, or a text; @YYYY-MM makes it hold from that month on."""
    assert parse_setting(text) == setting


@pytest.mark.parametrize("text", ["", "=", "theory.phi", "theory.phi=", "=1", "\x1b[2J"])
def test_half_a_setting_is_refused(text: str) -> None:
    """A setting without path or value is refused in one printable line."""
    with pytest.raises(ScenarioError, match=r"is not a setting: write PATH=VALUE") as refusal:
        parse_setting(text)
    assert str(refusal.value).isprintable()


def test_settings_apply_after_resolution() -> None:
    """Settings may come as a mapping or as a list, in which one path can both change and fork."""
    mapped = load(HERE / "small.toml", set={"theory.phi": 2, "moves.sell.cost": "0.3@2030-04"})
    assert mapped.numbers["theory.phi"] == 2.0
    assert mapped.forks == (("2030-04", {"moves.sell.cost": 0.3}),)
    listed = SMALL.set([Setting("moves.sell.cost", 0.1), Setting("moves.sell.cost", 0.2, "2030-04")])
    assert (listed.numbers["moves.sell.cost"], listed.forks[0].numbers["moves.sell.cost"]) == (0.1, 0.2)
    assert SMALL.numbers["theory.phi"] == 1.5


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        ("drivers.drout.scale", 0, "unknown path 'drivers.drout.scale'; did you mean 'drivers.drought.scale'?"),
        ("moves.sell", 0, "'moves.sell' is a table; name one number, text or list in it by its dotted path"),
        ("drivers.flood.season.13", 0, "unknown path 'drivers.flood.season.13'"),
        ("moves.sell.cost", "0.3@2032-01", "moves.sell.cost: the month 2032-01 is outside 2030-01 to 2031-12"),
        ("theory.weights", "placebo@2030-04", "theory.weights: only a number can change in a given month"),
        ("theory.weights", "placebos", "'placebos' is not one of"),
        ("meta.end", "2029-01", "meta.end: 2029-01 is before meta.start, 2030-01"),
        ("from", 1, "unknown path 'from'"),
        ("", 1, "unknown path ''"),
    ],
)
def test_a_setting_is_checked_like_a_file(path: str, value: object, says: str) -> None:
    """Whatever a file may not say, a setting may not either."""
    with pytest.raises(ScenarioError) as refusal:
        SMALL.set({path: value})
    assert says in str(refusal.value)
    assert str(refusal.value).startswith("set: ")


def test_the_month_of_a_setting_is_one_of_the_scenario() -> None:
    """A month outside the scenario, or that is none, is refused with the path of its number, not a key of a file."""
    for month, says in (("2032-01", "the month 2032-01 is outside"), ("2031-1", "invalid month '2031-1': write")):
        with pytest.raises(ScenarioError) as refusal:
            SMALL.set([Setting("moves.sell.cost", 0.3, month)])
        assert str(refusal.value).startswith(f"set: moves.sell.cost: {says}")
    later = SMALL.set({"meta.end": "2032-12"}).set({"moves.sell.cost": "0.3@2032-01"})
    assert later.forks[-1].month == "2032-01"


AGAIN = 'only what is there can be set; to add a key, a diff drops the row, drop = ["{}"], and writes it again'
WITH = 'effects are set with their number: "{}" = {{ value = ..., effects = {{ ... }} }}'


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        ("drivers.drought.path.2031-01", "0.1", AGAIN.format("drivers.drought")),
        ("moves.press.requires.ferry.below", "0.4", AGAIN.format("moves.press")),
        ("moves.press.payment.from", '"Port"', AGAIN.format("moves.press")),
        ("moves.press.cost.effects.flood", "0.4", WITH.format("moves.press.cost")),
        ("moves.sell.consent.2", '"Port"', 'a list is set as a whole: "moves.sell.consent" = [ ... ]'),
        ("drivers.flood.season.13", "0.1", ""),
        ("moves.wait.cost", "0.1", ""),
        ("history.crossover.unitl", '"2031-01"', "did you mean 'history.crossover.until'?"),
    ],
)
def test_a_path_that_could_be_added_says_how(path: str, value: str, says: str, tmp_path: Path) -> None:
    """[set] changes what the base has; a key that a row of it lacks is not misspelt, and is added in another way."""
    with pytest.raises(ScenarioError) as refusal:
        diff(tmp_path, f'[set]\n"{path}" = {value}\n')
    assert str(refusal.value).endswith(f":3:1: unknown path '{path}'{f'; {says}' if says else ''}")


def test_a_table_to_add_is_not_told_to_be_a_path(tmp_path: Path) -> None:
    """A nested table is shown as a path that can be set, if there is one in it."""
    with pytest.raises(ScenarioError, match=r"'moves.press.requires.ferry.below'; only what is there can be set"):
        diff(tmp_path, '[set]\n"moves.press.requires" = { ferry = { below = 0.4 } }\n')
    with pytest.raises(ScenarioError, match=r'paths in quotes, such as "moves.sell.requires.ferry.below"$'):
        diff(tmp_path, '[set]\n"moves.sell.requires" = { toll = { above = 0.1 }, ferry = { below = 0.4 } }\n')


def test_what_is_still_used_cannot_be_dropped() -> None:
    """Dropping a move that an outcome watches is refused, unless the outcome goes too."""
    with pytest.raises(ScenarioError, match=r"'moves.sell' is still used by outcomes.sale.move"):
        SMALL.drop(["moves.sell"])
    less = SMALL.drop(["moves.sell", "outcomes.sale", "outcomes.price"])
    assert "sell" not in less.document["moves"]
    assert len(less.numbers) < len(SMALL.numbers)
