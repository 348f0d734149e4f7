"""`check` lists all errors of a file at once, without those that only follow from another one."""

import json
import re
from pathlib import Path
from time import process_time
from typing import Any

import pytest

from commanding import command
from realpolitik.scenario import ScenarioError, load, loads, schema
from realpolitik.scenario.draft import MONTHLY
from realpolitik.scenario.fields import MONTH, NEVER
from realpolitik.scenario.others import check_others, is_base
from realpolitik.scenario.toml import instead

HERE = Path(__file__).parent
SHIPPED = HERE.parents[1] / "scenarios"
TEXT = (HERE / "small.toml").read_text(encoding="utf-8")
HEADS = re.findall(r"^\[(\w+\.\w+)\]$", TEXT, re.MULTILINE)

DIFF = """extends = "base.toml"
drop = ["moves.pres"]

[set]
"theory.fi" = 1
"moves.sell.cost" = 70
"moves.wait.cost" = 1

[moves.wait]
actor = "Upland"

[outcomes.waited]
label = "It waits"
move = "wait"
result = "made"

[issues.toll]
label = "t"
low = "l"
high = "h"
start = 0
reason = "r"
assumption = true
"""


def errors(text: str, folder: Path | None = None) -> list[ScenarioError]:
    """Return all errors of a text, or of a file with it in a folder."""
    if folder:
        (folder / "case.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError) as refusal:
        load(folder / "case.toml") if folder else loads(text)
    return [refusal.value, *refusal.value.others]


def replaced(*changes: tuple[str, str]) -> str:
    """Return the small scenario with some texts replaced, each of which it has once."""
    text = TEXT
    for old, new in changes:
        assert text.count(old) == 1
        text = text.replace(old, new)
    return text


def test_faults_of_all_kinds_are_listed_in_the_order_of_the_file() -> None:
    """Unknown keys, bounds, contradictions, unknown names and forks: each is listed once, with line and hint."""
    text = replaced(
        ("patience = 3", "patince = 3"),
        ("stake = 0.4\n", "stake = -0.4\n"),
        ('actor = "Lowland"\nissue = "ferry"', 'actor = "Lowlands"\nissue = "ferry"'),
        ('from = "2030-06"\nuntil = "2031-06"', 'from = "2030-06"\nuntil = "2030-05"'),
        ('label = "A high toll afterwards"\nwhen = { toll', 'label = "A high toll afterwards"\nwhen = { tolls'),
    )
    found = errors(text + '\n[[from]]\nmonth = "2030-08"\nset = { "moves.press.chanse" = 0.5 }\n')
    keys = [
        "theory.patince",
        "dependence.crossing.stake",
        "interests.lowland_ferry.actor",
        "shocks.collision.until",
        "outcomes.later_toll.when.tolls",
        "from.1.set.moves.press.chanse",
    ]
    assert [error.key for error in found] == keys
    assert [error.line for error in found] == sorted(error.line for error in found)
    hints = [error.suggestion for error in found]
    assert hints == ["patience", None, "Lowland", None, "toll", "moves.press.chance"]


@pytest.mark.parametrize("head", HEADS)
def test_an_invalid_row_is_one_error(head: str) -> None:
    """Whatever refers to the row, only its own fault is listed."""
    assert [error.key for error in errors(replaced((f"[{head}]\n", f"[{head}]\nzzz = 1\n")))] == [f"{head}.zzz"]


@pytest.mark.parametrize("key", ["title", "question", "start", "end", "cutoff"])
def test_an_invalid_key_of_meta_is_one_error(key: str) -> None:
    """Dates are not compared with a start or an end that is invalid."""
    text = re.sub(rf"^{key} = .*$", f"{key} = 7", TEXT, count=1, flags=re.MULTILINE)
    assert [error.key for error in errors(text)] == [f"meta.{key}"]


ASIDE = """
[questions.q]
text = "?"
resolves = "."
by = "2031-01"
outcome = "sale"
past = 3
[directions.d]
text = "d"
sign = "up"
outcome = "sale"
set = { "drivers.drought.scale" = 2 }
[show]
headline = "sail"
by = "2031-01"
[levers.fll]
label = "l"
low = "l"
high = "h"
numbers = { "theory.fi" = [0, 1], "drivers.drought.scale" = [0, 2] }
[[story]]
title = "t"
[[story]]
title = "t"
text = "t"
show = "outcome"
of = ["sail"]
until = "2030-02"
"""
SHOWN_WRONG = ["show.headline", "levers.fll.numbers.theory.fi", "story.1.text", "story.2.of.1"]
"""The errors of what pages show above."""


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("patience = 3", "patince = 3", "theory.patince"),
        ("[meta]", "[met]", "met"),
        ('start = "2030-01"', 'start = "2030-13"', "meta.start"),
        ('cutoff = "2030-12"', "cutoff = 7", "meta.cutoff"),
        ('end = "2031-12"', 'end = "2029-12"', "meta.end"),
        ('start = "2030-01"', 'start = "2130-01"', "meta.end"),
        ('"2030-09" = 0.8', '"2030-9" = 0.8', "drivers.drought.path.2030-9"),
    ],
)
def test_what_pages_show_is_checked_at_once_with_the_rest(old: str, new: str, key: str) -> None:
    """Errors of [show], of levers and of the story are listed with one elsewhere, which is one error itself."""
    assert [error.key for error in errors(replaced((old, new)) + ASIDE)] == [key, *SHOWN_WRONG]


def test_a_misspelt_table_is_one_error() -> None:
    """Names in an unknown table are not unknown as well."""
    found = errors(TEXT.replace("[issues.", "[isues."))
    assert [(error.key, error.suggestion) for error in found] == [("isues", "issues")]


def test_every_row_may_be_invalid_at_once() -> None:
    """As many errors are listed as there are invalid rows."""
    found = errors(re.sub(r"^(\[\w+\.\w+\])$", r"\1\nzzz = 1", TEXT, flags=re.MULTILINE))
    assert [error.key for error in found] == [f"{head}.zzz" for head in HEADS]


def test_the_list_is_limited(tmp_path: Path) -> None:
    """50 errors are listed and the others counted."""
    rows = "".join(f'\n[claims.X{n:03}]\ntext = ""\nparagraph = 1\n' for n in range(70))
    found = errors(TEXT + rows)
    assert (len(found), found[0].unlisted) == (50, 20)
    (tmp_path / "case.toml").write_text(TEXT + rows, encoding="utf-8")
    done = command("check", tmp_path / "case.toml")
    assert done.err.splitlines()[-1] == "realpolitik: 50 errors, and 20 more"


def test_faults_of_a_diff_are_listed_together(tmp_path: Path) -> None:
    """Drops, settings, rows and forks that do not fit the base are listed, and not what follows from an invalid row."""
    (tmp_path / "base.toml").write_text(TEXT, encoding="utf-8")
    found = errors(DIFF, tmp_path)
    assert [error.key for error in found] == [
        "drop.1",
        "set.theory.fi",
        "moves.sell.cost",
        "moves.wait.reason",
        "moves.wait.label",
        "moves.wait.changes",
        "issues.toll",
    ]


def test_faults_of_a_diff_come_before_those_of_its_base(tmp_path: Path) -> None:
    """Both files are named."""
    (tmp_path / "base.toml").write_text(replaced(("stake = 0.4\n", "stake = -0.4\n")), encoding="utf-8")
    found = errors('extends = "base.toml"\nresaon = "r"\n', tmp_path)
    assert [(Path(error.file).name, error.key) for error in found] == [
        ("case.toml", "resaon"),
        ("base.toml", "dependence.crossing.stake"),
    ]


def test_check_prints_every_error(tmp_path: Path) -> None:
    """One line for each on stderr with exit code 2; as JSON, a list."""
    file = tmp_path / "case.toml"
    file.write_text(replaced(("patience = 3", "patince = 3"), ("stake = 0.4\n", "stake = -0.4\n")), encoding="utf-8")
    done = command("check", file)
    lines = done.err.splitlines()
    assert (done.code, done.out, len(lines)) == (2, "", 3)
    assert lines[0].endswith(":12:1: unknown key 'patince' in theory; did you mean 'patience'?")
    assert lines[2] == "realpolitik: 2 errors"
    done = command("check", file, "--json")
    report = json.loads(done.out)
    assert (done.code, report["ok"], report["key"]) == (2, False, "theory.patince")
    assert [one["key"] for one in report["errors"]] == ["theory.patince", "dependence.crossing.stake"]


def test_one_error_is_one_line(tmp_path: Path) -> None:
    """A single error is not counted."""
    file = tmp_path / "case.toml"
    file.write_text(replaced(("patience = 3", "patince = 3")), encoding="utf-8")
    assert len(command("check", file).err.splitlines()) == 1


OTHERS = """[show]
against = "gone.toml"

[validation]
rivals = { "another" = "karabakh" }

[directions.x]
text = "x"
sign = "up"
outcome = "sale"
scenario = "les.toml"

[directions.y]
text = "y"
sign = "up"
outcome = "sale"
set = { "theory.phi" = 99 }

[levels.z]
outcome = "later_toll"
above = 0.5
scenario = "less.toml"

[questions.q]
text = "?"
resolves = "."
by = "2040-01"
outcome = "sale"
scenario = "less.toml"
"""


def test_what_a_file_names_is_checked_too(tmp_path: Path) -> None:
    """A missing or unfit scenario is an error wherever it is named: directions, levels, questions, rivals, [show]."""
    (tmp_path / "case.toml").write_text(TEXT + OTHERS, encoding="utf-8")
    less = 'extends = "case.toml"\nreason = "r"\nassumption = true\ndrop = ["outcomes.later_toll"]\n'
    (tmp_path / "less.toml").write_text(less, encoding="utf-8")
    done = command("check", tmp_path / "case.toml", "--json")
    report = json.loads(done.out)
    assert done.code == 2
    said = [(one["key"], one["problem"].replace(str(tmp_path), ".")) for one in report["errors"]]
    assert said == [
        ("show.against", "no such file: './gone.toml'"),
        ("validation.rivals.another", "validation.rivals.another: karabakh is no diff on case"),
        ("directions.x.scenario", "no such file: './les.toml'"),
        ("directions.y.set", "directions.y.set: theory.phi: 99 is out of range, 0 to 10"),
        ("levels.z.outcome", "levels.z.outcome: less.toml has no 'later_toll' in [outcomes]"),
        ("questions.q.by", "questions.q.by: less does not have the month 2040-01"),
    ]
    lines = [one["line"] for one in report["errors"]]
    assert lines == sorted(lines)


def test_a_shipped_scenario_may_be_given_by_its_path() -> None:
    """Its rivals extend it by its name, and they are diffs on it all the same; so are the scenarios of directions."""
    by_path = load(SHIPPED / "karabakh.toml")
    check_others(by_path)
    assert is_base(by_path, load("no-invasion"))
    assert not is_base(by_path, load("sahel"))


def test_what_is_compared_must_begin_in_the_same_month_and_be_another_file(tmp_path: Path) -> None:
    """A direction, a difference and `against` need another scenario with the same start; other rows do not."""
    row = '[{0}]\noutcome = "sale"\nscenario = "{1}.toml"\n{2}\n'
    rows = row.format("directions.x", "later", 'text = "t"\nsign = "up"')
    rows += row.format("levels.y", "case", "above = 0.5\ndifference = true")
    rows += row.format("levels.z", "later", "above = 0.5") + '[show]\nagainst = "case.toml"\n'
    (tmp_path / "case.toml").write_text(TEXT + rows, encoding="utf-8")
    later = 'extends = "case.toml"\nreason = "r"\nmeta.start = "2030-02"\n'
    (tmp_path / "later.toml").write_text(later, encoding="utf-8")
    with pytest.raises(ScenarioError) as refused:
        check_others(load(tmp_path / "case.toml"))
    assert [error.problem for error in (refused.value, *refused.value.others)] == [
        "directions.x.scenario: later begins in 2030-02 and case in 2030-01, so they cannot be compared",
        "levels.y.scenario: case is this scenario itself, so there is nothing to compare",
        "show.against: case is this scenario itself, so there is nothing to compare",
    ]


def test_the_errors_of_another_scenario_are_listed_once(tmp_path: Path) -> None:
    """Two rows that name one invalid file give its errors, in that file, once each."""
    row = '[levels.{0}]\noutcome = "sale"\nabove = 0.5\nscenario = "less.toml"\n'
    (tmp_path / "case.toml").write_text(TEXT + row.format("a") + row.format("b"), encoding="utf-8")
    less = 'extends = "case.toml"\nreason = "r"\nassumption = true\n[set]\n"theory.fi" = 1\n"theory.phi" = 99\n'
    (tmp_path / "less.toml").write_text(less, encoding="utf-8")
    lines = command("check", tmp_path / "case.toml").err.splitlines()
    assert len(lines) == 3
    assert all("less.toml:" in line for line in lines[:2])
    assert all(f"(read for levels.a.scenario of {tmp_path}/case.toml:" in line for line in lines[:2])


def test_an_error_in_a_file_that_others_extend_names_all_of_them(tmp_path: Path) -> None:
    """The error of a base says which file extends it, where, and for which file that one was read."""
    (tmp_path / "base.toml").write_text(replaced(("stake = 0.4\n", "stake = -0.4\n")), encoding="utf-8")
    (tmp_path / "middle.toml").write_text('extends = "base.toml"\nreason = "r"\n', encoding="utf-8")
    (error,) = errors('reason = "r"\nextends = "middle.toml"\n', tmp_path)
    assert str(error).partition(" (")[2].replace(f"{tmp_path}/", "") == (
        "read for extends of middle.toml:1:1) (read for extends of case.toml:2:1)"
    )


def test_what_the_shipped_scenarios_name_is_there() -> None:
    """All that a shipped case expects of others can be asked of them."""
    for name in ("sweden-nato", "sahel", "transnistria"):
        check_others(load(name))


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("stake = 0,4", "a decimal point, not a comma"),
        ("stake = { value = 0,4 }", "a decimal point, not a comma"),
        ("stake = 147,123", "a decimal point, and no thousands separator"),
        ("stake = \u22120.4", "a minus sign as -"),
        ("provider = \u201cUpland\u201d", "straight quotes"),
        ('provider = "Upland\u201d', "straight quotes"),
        ("provider = \u2018Upland\u2019", "straight quotes"),
        ("\u201cprovider\u201d = 1", "straight quotes"),
        ("provider = Upland", "a text in quotes"),
        ("claims = [C01]", "a text in quotes"),
        ("assumption = True", "true or false, in small letters"),
        ("date = 2030-01", 'a month in quotes, "YYYY-MM"'),
        ("date = 2030-1", 'a month in quotes, "YYYY-MM"'),
    ],
)
def test_what_is_often_written_instead_of_toml_is_recognised(line: str, says: str) -> None:
    """The message of the parser ends with what to write instead."""
    with pytest.raises(ScenarioError) as refused:
        loads(f"[dependence.crossing]\n{line}\n")
    assert str(refused.value).endswith(f"; write {says}" + ', "..."' * says.endswith(("straight quotes", "in quotes")))
    assert refused.value.line == 2


@pytest.mark.parametrize(
    "line",
    [
        "[actors.H\u00f4te]",
        "T\u00fcrkiye = 1",
        "[actors.New Moscow]",
        "New Moscow = 1",
        "changes = { A B = { to = 1 } }",
    ],
)
def test_names_that_need_quotes(line: str) -> None:
    """The message says which characters a name without quotes can have, and that ids have no others."""
    with pytest.raises(ScenarioError, match=r"; a name without quotes has ASCII letters, digits, - and _ only; ids"):
        loads(f"{line}\n")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a = 1\na = 2\n", ":2:6: not valid TOML: 'a' is there already, in line 1"),
        ("a = [\n1]\na = [\n2]", ":4:3: not valid TOML: 'a' is there already, in line 1"),
        ("a = 1\na.b = [\n2]", ":3:3: not valid TOML: 'a' is there already, in line 1"),
        ("[a]\nb = 1\n[c]\n[a]\n", ":4:3: not valid TOML: 'a' is there already, in line 1"),
        ("[a]\nb = 1\n[[a]]\n", ":3:4: not valid TOML: 'a' is there already, in line 1"),
        ("[a]\nb = 1\n[a.b]\n", ":3:5: not valid TOML: 'a.b' is there already, in line 2"),
        (
            "[[from]]\n[[from]]\nmonth = 1\nmonth = 2",
            ":4:10: not valid TOML: 'from.2.month' is there already, in line 3",
        ),
        ("x = { a = 1, a = 2, b = [ = ] }", "Duplicate inline table key"),
        ("x = { a = 1, a.b = 2, c = [ = ] }", "not valid TOML"),
    ],
)
def test_a_key_that_is_given_twice_is_named(text: str, says: str) -> None:
    """The message has the key, and the line in which it is first; what follows on the line is not read."""
    with pytest.raises(ScenarioError) as refused:
        loads(text)
    assert says in str(refused.value)


def test_other_words_for_a_key_are_known(tmp_path: Path) -> None:
    """A range written with other words lists them; so does a row, and the key that is meant is not missing too."""
    text = (
        (HERE / "small.toml").read_text(encoding="utf-8").replace("stake = 0.4\n", "stake = {value=1, min=0, max=2}\n")
    )
    (tmp_path / "case.toml").write_text(text.replace("position = 1.0\n", "target = 1.0\n", 1))
    with pytest.raises(ScenarioError) as refused:
        load(tmp_path / "case.toml")
    first, second = refused.value, *refused.value.others
    said = (
        "unknown keys 'min' and 'max'; a range is written { value = ..., low = ..., high = ... }; did you mean 'low'?"
    )
    assert said in str(first)
    assert "unknown key 'target' in interests" in str(second)
    assert second.suggestion == "position"


def test_a_file_of_another_name_is_not_meant(tmp_path: Path) -> None:
    """The ending does not make names alike."""
    (tmp_path / "box2.toml").write_text("")
    for name, near in (("nope.toml", None), ("box1.toml", "box2.toml"), ("box.toml", "box2.toml")):
        with pytest.raises(ScenarioError) as refused:
            load(name, base_path=tmp_path)
        assert refused.value.suggestion == near


@pytest.mark.parametrize("line", ["a = { x = 1, y 2 }", "[a", "a = 05", 'a = "x" y', "a : b", 'a = "x\ny"'])
def test_other_errors_of_toml_have_no_hint(line: str) -> None:
    """Where it is unclear what was meant, only the parser's message is given."""
    with pytest.raises(ScenarioError) as refused:
        loads(line)
    assert "; write" not in str(refused.value)


@pytest.mark.parametrize(
    "line", ["=" + " " * 400_000, '"' * 400_000, '"' + "\u201c" * 400_000 + '"', "=" + "1" * 400_000]
)
def test_a_long_line_is_searched_in_linear_time(line: str) -> None:
    """No line makes the search for a hint slow."""
    start = process_time()
    assert instead(line, len(line) + 9) == ""
    assert process_time() - start < 5


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("stake = 0.4\n", "stake = { value = 0.5, low = 0.6, high = 0.4 }\n", "stake: low 0.6 is above high 0.4"),
        ("paragraph = 1", "paragraph = 0", "must be a paragraph's number, from 1, or its name, not 0"),
        ("stake = 0.4\n", 'stake = "0.4"\n', "must be a number, not '0.4'; write it without quotes"),
        ('end = "2031-12"', "end = 2031-12-01", 'not 2031-12-01; write it in quotes, as a month: "2031-12"'),
        ('date = "2030-08"', "date = 2030-08-15", 'not 2030-08-15; write it in quotes, as a month: "2030-08"'),
        ('cutoff = "2030-12"', "cutoff = 2030-12-31", "meta.cutoff: must be text, not 2030-12-31; write it in quotes"),
        ('end = "2031-12"', "end = 2031", "meta.end: must be text, not 2031; write it in quotes"),
        ("holdout = true", 'holdout = "true"', "must be true or false, not 'true'; write it without quotes"),
    ],
)
def test_a_value_of_the_wrong_kind_says_how_to_write_it(old: str, new: str, says: str) -> None:
    """Quotes too many or too few, and ends in the wrong order, are named as such."""
    assert any(says in str(one) for one in errors(TEXT.replace(old, new, 1)))


def test_an_interest_that_is_written_twice_is_named(tmp_path: Path) -> None:
    """Two rows of one actor, issue and position are probably a mistake; other positions, and effects, are not."""
    row = re.search(r"^\[interests\.upland_ferry\]\n(?:.+\n)+", TEXT, re.MULTILINE)
    assert row
    for position, said in (("1.0", True), ("0.5", False), ("{ value = 1.0, effects = { flood = 0.1 } }", False)):
        again = re.sub(r"position = .*", f"position = {position}", row[0]).replace("upland_ferry", "again")
        once = re.sub(r"position = .*", "position = 1.0", row[0])
        file = tmp_path / "case.toml"
        file.write_text(TEXT.replace(row[0], re.sub(r"salience = .*", "salience = 0.2", f"{once}\n{again}")))
        remarks = json.loads(command("check", file, "--json").out)["remarks"]
        words = "interests 'upland_ferry', 'again': Upland wants 'ferry' at 1 in each, and their saliences add up"
        assert (words in remarks) == said


def test_every_key_of_a_month_has_the_hint_for_a_month() -> None:
    """A key whose pattern is that of a month is among those whose hint for a TOML date is a month."""
    rows = [row.get("properties", {}) for row in schema()["$defs"].values()]
    found = {key for row in rows for key, value in row.items() if {MONTH, NEVER} & patterns(value)}
    assert found == MONTHLY


def patterns(value: dict[str, Any]) -> set[str]:
    """Return the patterns that a key of a schema has, in any of its forms."""
    return {form.get("pattern", "") for form in (value, *value.get("anyOf", ()))}


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("{ toll = { by = 0.1 } }", "{ flood = { by = 0.1 } }", "unknown issue 'flood'; 'flood' is a driver"),
        ('outcome = "crossover"', 'outcome = "press"', "unknown outcome 'press'; 'press' is a move"),
        (
            '"Lowland>Upland" = { above = "Upl',
            '"toll>Upland" = { above = "Upl',
            "'toll' in quantity 'toll>Upland'; 'toll' is an issue",
        ),
    ],
)
def test_a_name_of_another_table_is_said_to_be_one(old: str, new: str, says: str) -> None:
    """A name that is that of a row elsewhere is no misspelling: the error says what it is."""
    assert any(str(one).endswith(says) for one in errors(TEXT.replace(old, new, 1)))
