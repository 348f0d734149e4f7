"""What pages show first: [show], [levers] and [[story]] of a scenario file."""

import pytest

import realpolitik as rp
from realpolitik.scenario import ScenarioError, loads

DIFF = 'extends = "karabakh"\n'
LEVER = '[levers.x]\nlabel = "How?"\nlow = "none"\nhigh = "all"\n'
STEP = '[[story]]\ntitle = "One"\ntext = "Two."\n'


def test_the_base_case_has_a_headline_levers_and_a_story() -> None:
    """The base case can be shown with a headline, eight levers and a story of six steps."""
    document = rp.load("karabakh").document
    assert document["show"]["headline"] == "free_exit"
    assert len(document["levers"]) == 8
    assert [step["show"] for step in document["story"]] == ["issue", "leverage", "issue", "decision", "lever", None]


def test_no_world_depends_on_what_is_shown() -> None:
    """The sha256, the numbers and a comparison of two files leave these tables out."""
    plain = loads(DIFF)
    more = loads(f'{DIFF}[show]\nheadline = "withdrawal"\n{LEVER}numbers = {{ "theory.phi" = [0, 2] }}\n{STEP}')
    assert more.sha256 == plain.sha256
    assert more.numbers == plain.numbers
    assert more.document["levers"]["x"]["numbers"] == {"theory.phi": [0.0, 2.0]}
    found = rp.diff(plain, more)
    assert (found.changed, found.added, found.removed) == ([], [], [])


def test_a_diff_inherits_what_it_has_not_dropped() -> None:
    """A diff has the levers and the headline of its base, but for what names a row that it dropped."""
    kept = loads(DIFF).document
    assert (kept["show"]["headline"], kept["story"]) == ("free_exit", [])
    text = f'{DIFF}drop = ["outcomes.free_exit", "moves.offensive", "levers.war"]\n[meta]\nend = "2024-12"\n'
    with pytest.raises(ScenarioError) as caught:
        loads(text)
    assert "levers" not in str(caught.value)
    smaller = loads(
        f'{DIFF}drop = ["outcomes.free_exit", "history.free_exit_2024", "outcomes.price_of_withdrawal", "levers.war"]\n'
    )
    assert smaller.document["show"]["headline"] is None
    assert "price_of_withdrawal" not in smaller.document["show"]["outcomes"]
    assert "war" not in smaller.document["levers"]
    without = loads(f'{DIFF}drop = ["interests.baku_corridor"]\n').document["levers"]
    assert "corridor" not in without
    assert "war" in without


def test_a_diff_that_ends_earlier_does_not_inherit_the_horizon() -> None:
    """A month after the end of the diff is left out."""
    text = f'{DIFF}[meta]\nend = "2024-12"\n'
    assert rp.load("karabakh").document["show"]["by"] == "2025-12"
    assert loads(text).document["show"]["by"] is None


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        (
            '[show]\nheadline = "withdrawl"\n',
            3,
            "show.headline: unknown outcome 'withdrawl'; did you mean 'withdrawal'?",
        ),
        ('[show]\nby = "2050-01"\n', 3, "show.by: 2050-01 is outside 2020-12 to 2030-12"),
        ('[show]\nleverage = "Baku"\n', 3, "show.leverage: 'Baku' is no leverage, which is written 'Baku>Moscow'"),
        (f'{LEVER}numbers = {{ "theory.ph" = [0, 2] }}\n', 6, "unknown path 'theory.ph'; did you mean 'theory.phi'?"),
        (f'{LEVER}numbers = {{ "theory.loss" = [0, 2] }}\n', 6, "levers.x: 'theory.loss' is not the path of a number"),
        (f'{LEVER}numbers = {{ "theory.phi" = [0, 11] }}\n', 6, "11 is out of range, 0 to 10"),
        (f'{LEVER}numbers = {{ "theory.phi" = [1, 1] }}\n', 6, "both ends are 1"),
        (f'{LEVER}numbers = {{ "theory.phi" = [1] }}\n', 6, "needs at least 2 entries, has 1"),
        (f'{STEP}show = "leverage"\nof = ["Baku"]\n', 6, "story.1.of: needs 2 names, has 1"),
        (f'{STEP}show = "issue"\nof = ["corridr"]\n', 6, "unknown issue 'corridr'; did you mean 'corridor'?"),
        (f'{STEP}show = "lever"\nof = ["peace"]\n', 6, "story.1.of.1: unknown lever 'peace'"),
        (f'{STEP}of = ["war"]\n', 5, "story.1.of: needs 0 names, has 1"),
    ],
)
def test_faults_are_located(text: str, line: int, problem: str) -> None:
    """Each name, month and number is checked, and a fault says where it is."""
    with pytest.raises(ScenarioError) as caught:
        loads(DIFF + text)
    assert problem in str(caught.value)
    assert caught.value.line == line


def test_a_text_compares_with_shipped_scenarios_only() -> None:
    """A text, such as an upload, names no file to compare with."""
    assert loads(f'{DIFF}[show]\nagainst = "no-invasion"\n').document["show"]["against"] == "no-invasion"
    with pytest.raises(ScenarioError, match="only a shipped scenario can be named here, not a path") as refused:
        loads(f'{DIFF}[show]\nagainst = "../other.toml"\n')
    assert refused.value.line == 3
    with pytest.raises(ScenarioError, match="only a shipped scenario can be named here, not a path"):
        loads(f'{DIFF}[validation]\nrivals = {{ "another" = "../other.toml" }}\n')


def test_a_lever_of_an_invalid_row_is_no_error_of_its_own() -> None:
    """Where a row has an error, a lever that moves its number has none."""
    row = '[issues.x]\nlabel = "x"\nlow = "a"\nhigh = "b"\nstart = "much"\nreason = "r"\nassumption = true\n'
    with pytest.raises(ScenarioError) as refused:
        loads(f'{DIFF}{row}{LEVER}numbers = {{ "issues.x.start" = [0, 1] }}\n')
    assert "must be a number, not 'much'" in str(refused.value)
    assert refused.value.others == ()
