"""Each malformed file holds one fault, and is refused for it at its line and column."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_origin

import pytest
from pydantic import BaseModel

from realpolitik.scenario import ScenarioError, load, loads, shipped
from realpolitik.scenario.documents import Complete
from realpolitik.scenario.draft import EXAMPLES
from realpolitik.scenario.format import Show, Validation
from realpolitik.scenario.paths import keys, shape

HERE = Path(__file__).parent
SMALL = (HERE / "small.toml").read_text(encoding="utf-8")
EXPECTED: dict[str, dict[str, Any]] = tomllib.loads((HERE / "malformed.toml").read_text(encoding="utf-8"))


@pytest.fixture(autouse=True)
def _in_the_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Errors name files as they are given, from the current folder."""
    monkeypatch.chdir(HERE / "malformed")


@pytest.mark.parametrize("name", EXPECTED)
def test_a_fault_is_named_by_file_line_column_and_key(name: str) -> None:
    """The error gives the place, the dotted key, what is wrong and the nearest valid name."""
    expected = EXPECTED[name]
    with pytest.raises(ScenarioError) as refusal:
        load(f"{name}.toml")
    error = refusal.value
    assert error.file == expected.get("file", f"{name}.toml")
    assert (error.line, error.column, error.key) == (expected["line"], expected["column"], expected["key"])
    names = ", ".join(sorted(row.name for row in shipped()))
    assert error.problem == expected["says"].replace("{shipped}", names)
    assert error.suggestion == expected.get("suggestion")


@pytest.mark.parametrize("name", EXPECTED)
def test_an_error_is_one_legible_line(name: str) -> None:
    """The text of an error is `file:line:column: problem`, in printable characters only."""
    with pytest.raises(ScenarioError) as refusal:
        load(f"{name}.toml")
    error = refusal.value
    hint = f"; did you mean '{error.suggestion}'?" if error.suggestion else ""
    assert str(error).startswith(f"{error.file}:{error.line}:{error.column}: ")
    assert str(error).endswith(hint)
    assert str(error).isprintable()


def test_every_malformed_file_is_listed() -> None:
    """The table of expected errors and the folder name the same files."""
    assert sorted(path.stem for path in (HERE / "malformed").glob("*.toml")) == sorted(EXPECTED)


def test_the_message_reads_as_promised() -> None:
    """A misspelt key is answered in the words of the design."""
    with pytest.raises(ScenarioError) as refusal:
        load("unknown_key.toml")
    assert str(refusal.value) == "unknown_key.toml:19:1: unknown key 'strat' in issues.water; did you mean 'start'?"


def test_an_unknown_name_lists_what_is_shipped() -> None:
    """A misspelt name of a shipped scenario is answered with the names there are."""
    with pytest.raises(ScenarioError, match=r"^unknown scenario 'karabak' \(shipped: .*karabakh.*'karabakh'\?$"):
        load("karabak")


def test_a_missing_file_suggests_its_neighbour() -> None:
    """A misspelt path is answered with the nearest file of its folder."""
    with pytest.raises(ScenarioError, match=r"no such file: '../smal.toml'; did you mean '../small.toml'\?"):
        load("../smal.toml")


LEVER = '[levers.x]\nlabel = "l"\nlow = "l"\nhigh = "h"\nnumbers'


def refusal_of(old: str, new: str) -> ScenarioError:
    """Return the error of the small scenario with a part replaced."""
    assert old in SMALL
    with pytest.raises(ScenarioError) as refusal:
        loads(SMALL.replace(old, new, 1))
    return refusal.value


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('consent = ["Lowland"]', 'consent = "Lowland"', "must be a list, not 'Lowland'; write [\"Lowland\"]"),
        ('consent = ["Lowland"]', f'consent = "{"L" * 90}"', '; write ["..."]'),
        ('claims = ["C02"]', 'claims = "C02"', '; write ["C02"]'),
        ("season = [0.2, ", "season = 0.2 # ", "must be a list, not 0.2; write [0.2, ... ]"),
        ("[history.crossover]", f'{LEVER} = {{ "theory.phi" = 2 }}\n[history.crossover]', "; write [2, ... ]"),
        ("[history.crossover]", "[story]\n[history.crossover]", "story: must be a list, not a table; write [[story]]"),
        ("ferry = { to = 1.0 }", "ferry = 1.0", "not 1.0; write { to = 1.0 } or { by = 1.0 }"),
        ("ferry = { to = 1.0 }", "ferry = nan", "not nan; write { to = nan } or { by = nan }"),
        ("ferry = { to = 1.0 }", 'ferry = "high"', "ferry: must be a table, not 'high'"),
        ("ferry = { below = 0.9 }", "ferry = 0.9", "not 0.9; write { above = 0.9 } or { below = 0.9 }"),
        ("toll = { above = 0.7 }", 'toll = "ferry"', '; write { above = "ferry" } or { below = "ferry" }'),
        ('path = { "2030-03" = 0.0, ', "path = [0.0] # ", 'not a list; write { "2025-06" = 0.5, ... }'),
        ("changes = { toll = { by = 0.1 } }", "changes = true", "not true; write { ISSUE = { to = 0.5 } }"),
        ("[actors.Port]", "[[actors.Port]]", "must be a table, not a list; write [actors.Port]"),
        ("[theory]", "[[theory]]", "must be a table, not a list; write [theory]"),
        ("[history.crossover]", f"[[levers]]\n{LEVER[11:]} = 1\n[history.crossover]", "; write [levers.NAME]"),
        ('actor = "Lowland"', 'actor = ["Lowland"]', "must be text, not a list; write it without brackets"),
        ("stake = 0.4\n", "stake = [0.2, 0.8]\n", "a range is written { value = ..., low = 0.2, high = 0.8 }"),
        ("stake = 0.4\n", 'stake = ["0.2"]\n', "; a range is written { value = ..., low = ..., high = ... }"),
        ("low = 0.5, ", "low = [0.5], ", "theory.phi.low: must be a number, not a list"),
        (
            "season = [",
            'series = "a.csv" # [',
            "; write { file = ..., month = ..., value = ..., low = ..., high = ... }",
        ),
    ],
)
def test_a_value_of_the_wrong_kind_says_what_the_key_takes(old: str, new: str, says: str) -> None:
    """A text for a list, a number for a table, or a list for a range: the error shows how it is written."""
    refused = refusal_of(old, new)
    assert any(str(one).endswith(says) for one in (refused, *refused.others))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            f"{LEVER} = {{ theory.phi = [0, 1] }}\n",
            'levers.x.numbers takes dotted paths in quotes, such as "theory.phi"',
        ),
        (
            '[[from]]\nmonth = "2030-06"\nset = { moves.press = { cost = 0.5 } }\n',
            'from.1.set takes dotted paths in quotes, such as "moves.press.cost"',
        ),
        (
            '[[from]]\nmonth = "2030-06"\nset = { "theory.phi" = { value = 1, low = 0, high = 2 } }\n',
            "from.1.set.theory.phi: must be a number, not a table",
        ),
    ],
)
def test_a_path_without_quotes_is_told_to_have_them(text: str, says: str) -> None:
    """TOML reads a dotted path without quotes as nested tables, wherever a table has paths as keys."""
    with pytest.raises(ScenarioError) as refusal:
        loads(f"{SMALL}\n{text}")
    assert refusal.value.problem == says


CROSSOVER = '"Lowland>Upland" = { above = "Upland>Lowland" } }\n\n'
MEASURE = 'measure = "price:sell"'


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (MEASURE, 'measure = "price"', "'price' is an outcome; a price is written 'price:sell'"),
        (MEASURE, 'measure = "sell"', "unknown quantity 'sell'; 'sell' is a move; a price is written 'price:sell'"),
        (MEASURE, 'measure = "Price.sale"', "unknown quantity 'Price.sale'; a price is written 'price:sell'"),
        (MEASURE, 'measure = "price: sell"', "is written without spaces; did you mean 'price:sell'?"),
        (MEASURE, 'measure = "sale"', "unknown quantity 'sale'; 'sale' is an outcome"),
        (CROSSOVER, "Lowland = { above = 0.1 } }\n\n", "'Lowland' is an actor; leverage is written 'Lowland>Upland'"),
        (CROSSOVER, '"Port > Upland" = { above = 0.1 } }\n\n', "without spaces; did you mean 'Port>Upland'?"),
        (CROSSOVER, '"Prt > Upland" = { above = 0.1 } }\n\n', "unknown actor 'Prt' in quantity 'Prt>Upland'"),
        (CROSSOVER, '"flood " = { above = 0.1 } }\n\n', "'flood ' is written without spaces; did you mean 'flood'?"),
        (CROSSOVER, '"the flood" = { above = 0.1 } }\n\n', "unknown quantity 'the flood'; did you mean 'flood'?"),
        (
            "[history.crossover]",
            '[show]\nleverage = "Port >Upland"\n[history.crossover]',
            "did you mean 'Port>Upland'?",
        ),
        (
            "[history.crossover]",
            '[show]\nleverage = "toll"\n[history.crossover]',
            "show.leverage: 'toll' is no leverage, which is written 'Upland>Lowland'",
        ),
    ],
)
def test_a_quantity_says_how_it_is_written(old: str, new: str, says: str) -> None:
    """A price, a leverage, or spaces in a name: the error shows the name that was meant."""
    refused = refusal_of(old, new)
    assert says in str(refused)
    assert not refused.others


@pytest.mark.parametrize("key", ["claims", "drop"])
def test_a_list_of_a_diff_says_how_it_is_written(key: str) -> None:
    """`claims` of a diff is a list or a table, and a text was meant as a list."""
    with pytest.raises(ScenarioError, match=rf'{key}: must be a list, not \'x\'; write \["x"\]$'):
        loads(f'extends = "karabakh"\n{key} = "x"\n')


def test_every_key_that_takes_a_table_has_an_example() -> None:
    """Numbers, changes and conditions have hints of their own."""

    def kind(form: Any) -> Any:
        return get_origin(form)

    def tables(row: type[BaseModel]) -> Iterator[str]:
        for key, found in keys(row).items():
            forms = found if isinstance(found, tuple) else (found,)
            inner = [form for form in forms if isinstance(form, type) and issubclass(form, BaseModel)]
            dicts = [form for form in forms if kind(form) is dict]
            yield from [key] if inner or dicts else []
            for form in inner:
                yield from tables(form)

    rows = [get_args(found)[-1] for found in keys(Complete).values() if kind(found) in (dict, list)]
    found = {key for row in rows for key in tables(shape(row))} | {*tables(Validation), *tables(Show)}
    assert found - {"consent", "of"} == set(EXAMPLES)
