"""Reports: what they say follows from the runs, own what-ifs are found, and every command on the page can be pasted."""

import json
import re
import shlex
import shutil
from dataclasses import replace
from html import unescape
from pathlib import Path

import numpy as np
import pytest

import realpolitik as rp
from commanding import command
from realpolitik.cli.starting import diff_text
from realpolitik.files import sealed
from realpolitik.narrating import narrate
from realpolitik.pairing import wilson
from realpolitik.reporting import chain_of, limits, summary
from realpolitik.scenario.forms import main_outcome
from realpolitik.uncertainty import available
from realpolitik.validation.validating import NOTE
from realpolitik_viz import report_page
from realpolitik_viz.dashboard.scenario_data import show
from realpolitik_viz.report_page import signed

SMALL = Path(__file__).parent / "small.toml"
WORLDS = 64
WHAT_IF = """extends = "case.toml"
reason = "The <boats> are old"
assumption = true
[meta]
title = "<b>Old boats</b> & no toll"
[set]
"interests.upland_ferry.salience" = 0.1
"""
TITLED = 'extends = "case.toml"\nmeta.title = "A what-if"\n'
FIT = ("calibrate", "--settings", 32, "--worlds", 2, "--error", 900)


@pytest.fixture
def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose name holds a space, with a case, diffs of it and other files; the parent is the current folder."""
    folder = tmp_path / "two words"
    folder.mkdir()
    shutil.copy(SMALL, folder / "case.toml")
    (folder / "old-boats.toml").write_text(WHAT_IF)
    (folder / "broken.toml").write_text(TITLED + 'reason = "No such row"\n[set]\n"moves.sink.cost" = 1\n')
    (folder / "later.toml").write_text(TITLED + 'reason = "Later"\nmeta.start = "2030-02"\n')
    (folder / "draft.toml").write_text(re.sub("title = .*", "", WHAT_IF))
    (folder / "other.toml").write_text('extends = "karabakh"\nreason = "Another case"\n')
    (folder / "notes.toml").write_text("not = [toml")
    monkeypatch.chdir(tmp_path)
    return folder


def page_of(folder: Path, *options: object) -> str:
    """Return the page that the command writes about the case of a folder."""
    done = command("report", f"{folder.name}/case.toml", "--worlds", WORLDS, "--out", "page.html", *options)
    assert done.code == 0, done.err
    page = (folder.parent / "page.html").read_text()
    again = page.partition("How to reproduce")[2]
    assert "page.html" in again
    assert "report.html" not in again
    return page


def test_own_what_ifs_are_compared_and_others_are_named(there: Path) -> None:
    """Diffs of the case with a title of their own are compared; a draft, and what cannot be compared, is named."""
    found = rp.report(f"{there.name}/case.toml", worlds=WORLDS)
    assert [row["name"] for row in summary(found)] == ["old-boats"]
    assert sorted(found.left_out) == [f"two words/{name}.toml" for name in ("broken", "draft", "later")]
    assert "no title" in found.left_out["two words/draft.toml"]
    assert "--what-if" in found.left_out["two words/draft.toml"]
    assert "moves.sink" in found.left_out["two words/broken.toml"]
    assert [change.path for change in found.differences["old-boats"].changed] == ["interests.upland_ferry.salience"]
    assert len(repr(found)) < 120


def test_files_that_commands_wrote_and_drafts_are_no_what_ifs(there: Path) -> None:
    """A box, and a diff of `new` whose question nobody has written, are left out, and named; --what-if takes them."""
    folder = there.name
    text = sealed(WHAT_IF.encode(), ".toml", "discover").decode()
    (there / "box.toml").write_text(text)
    (there / "changed.toml").write_text(text.replace("0.1", "0.2"))
    draft = diff_text(rp.load(SMALL), "case.toml", "A title")
    (there / "new.toml").write_text(draft)
    (there / "asked.toml").write_text(draft.replace("What happens if ...?", "What if phi were the same?"))
    found = rp.report(f"{folder}/case.toml", worlds=8)
    assert {row["name"] for row in summary(found)} == {"old-boats", "changed", "asked"}
    assert "written by `realpolitik discover`" in found.left_out[f"{folder}/box.toml"]
    assert "the question of a draft" in found.left_out[f"{folder}/new.toml"]
    named = rp.report(f"{folder}/case.toml", worlds=8, what_ifs=[there / "box.toml", there / "new.toml"])
    assert {row["name"] for row in summary(named)} == {"box", "new"}


FREE = "rows of the history can be fitted, so a match with them may be a fit and no test."
HELD = "held out of fits, which does not mean that they were unknown when the numbers were set."
KNEW = "Set by hand by one who knew all of it."


@pytest.mark.parametrize(
    ("held", "note", "says"),
    [
        ((False, True), KNEW, [f"1 of 2 {FREE} The others are {HELD}", f"The note of the file on this: {KNEW}"]),
        ((False, False), None, [f"2 of 2 {FREE}", NOTE]),
        ((True, True), None, [f"All rows of the history are {HELD}", NOTE]),
    ],
    ids=["some", "none", "all"],
)
def test_the_limits_say_what_is_held_out_and_no_more(
    held: tuple[bool, bool], note: str | None, says: list[str]
) -> None:
    """That a row is held out of fits is known, and not whether the author knew it; the note of the file is quoted."""
    case = rp.load(SMALL)
    document = case.document
    rows = {name: {**row, "holdout": out} for (name, row), out in zip(document["history"].items(), held, strict=True)}
    seen = replace(case, document={**document, "history": rows, "validation": {**document["validation"], "note": note}})
    assert [line for line in limits(seen, "none") if "history" in line or "on this" in line] == says


def test_months_of_a_what_if_have_their_worlds(there: Path) -> None:
    """The page has the difference in months with the worlds that have the outcome in both, or that they are too few."""
    for worlds, says in ((WORLDS, None), (8, "too few")):
        found = rp.report(f"{there.name}/case.toml", worlds=worlds, what_ifs=(there / "old-boats.toml",))
        (row,) = summary(found)
        months = row["months"]
        moved = says or signed(months["difference"])
        assert f"{moved} ({months['worlds']})" in report_page(found)


def test_a_what_if_that_ends_in_another_month_is_named(there: Path) -> None:
    """The page says that shares of scenarios with other last months are not of the same months."""
    (there / "longer.toml").write_text(TITLED + 'reason = "Longer"\nmeta.end = "2032-06"\n')
    page = page_of(there, "--what-if", there / "longer.toml")
    assert "longer ends in 2032-06, case in 2031-12: what happens later counts on one side only." in page
    assert "ends in 2032-06" not in page_of(there, "--what-if", there / "old-boats.toml", "--force")


def test_a_draft_is_compared_if_it_is_named(there: Path) -> None:
    """A diff without a title is a what-if of the page once it is given with `--what-if`."""
    found = rp.report(there / "case.toml", worlds=8, what_ifs=(there / "draft.toml",))
    assert [row["name"] for row in summary(found)] == ["draft"]
    assert found.left_out == {}


@pytest.mark.parametrize(
    ("scenario", "theory", "says"),
    [
        ("case", None, "drawn from the ranges in the file, which were chosen under leverage: this favours leverage."),
        ("case", "self-interest", "which were chosen under leverage: this favours leverage."),
        ("karabakh", None, "those of the posterior, which was fitted under leverage: this favours leverage."),
    ],
)
def test_the_page_says_whom_the_numbers_of_the_rivals_favour(
    scenario: str, theory: str | None, says: str, there: Path
) -> None:
    """Rivals play with numbers chosen or fitted under the theory of the file, whatever theory is asked for."""
    asked = there / "case.toml" if scenario == "case" else scenario
    found = rp.report(asked, what_ifs=(), worlds=4, theory=theory)
    page = report_page(found)
    score = page.partition("<h2>Score")[2].partition("<h2>")[0]
    assert says in unescape(score.replace("<wbr>", ""))
    assert "numbers of its own" in score
    assert found.history is not None
    assert says in found.history["same_numbers"]


def test_the_answer_is_that_of_the_runs(there: Path) -> None:
    """The sentence has the probability and the median month of `run`, with and without ranges."""
    found = rp.report(there / "case.toml", worlds=WORLDS, seed=3, what_ifs=())
    for kind in ("prior", "none"):
        ensemble = rp.run(there / "case.toml", worlds=WORLDS, seed=3, uncertainty=kind)
        assert f"{ensemble.probability(found.outcome):.1%}"[:-1] in found.to_dict()["answer"]
    assert found.comparison is None
    first = found.main.kept.first[found.story.world, found.main.case.outcomes.index(found.outcome)]
    assert found.main.months[first] == found.main.month(found.outcome)


def test_the_answer_counts_up_to_the_month_of_show(there: Path) -> None:
    """As the dashboard does; then it says how likely the outcome is by the end, to which the tables count."""
    case, before = there / "case.toml", rp.report(there / "case.toml", worlds=WORLDS)
    end = before.main.months[-1]
    assert before.by == end
    assert f"of worlds by {end} (95%" in before.to_dict()["answer"]
    more = '[outcomes.toll_at_last]\nlabel = "The toll in the last month"\nmeasure = "toll"\n'
    case.write_text(f'{case.read_text()}\n{more}[show]\nheadline = "handed_over"\nby = "2030-06"\n')
    found = rp.report(case, worlds=WORLDS)
    shares = [found.main.probability("handed_over", by) for by in ("2030-06", end)]
    assert shares[0] < shares[1]
    said = found.to_dict()["answer"]
    assert f"in {shares[0]:.1%} of worlds by 2030-06 (95%" in said
    assert f"By {end}, the end, it is {shares[1]:.1%}, the median month being" in said
    page = report_page(found)
    assert unescape(said) in unescape(page)
    assert f"Share of {WORLDS} worlds up to {end}" in page
    assert rp.report(case, worlds=2, what_ifs=(), outcome="toll_at_last").by == end


def test_settings_theory_and_outcome_are_those_given(there: Path) -> None:
    """Settings and the theory hold for the case and for its what-ifs, and are in every command of the page."""
    found = rp.report(
        there / "case.toml", outcome="sale", worlds=WORLDS, set={"theory.noise": 0.02}, theory="self-interest"
    )
    assert found.comparison is not None
    for ensemble in (*found.ensembles.values(), *found.comparison.ensembles.values()):
        assert ensemble.scenario.numbers["theory.noise"] == 0.02
        assert ensemble.scenario.document["theory"]["weights"] == "self-interest"
    assert all("theory.noise=0.02" in words for words in found.commands)
    assert all("self-interest" in " ".join(words) for words in found.commands)


def test_a_what_if_without_a_number_that_is_set_is_named(there: Path) -> None:
    """A diff that drops the row of a setting cannot be compared under it, and is named instead of ending the report."""
    text = WHAT_IF.replace("assumption = true\n", 'assumption = true\ndrop = ["moves.press"]\n', 1)
    (there / "no-press.toml").write_text(text)
    found = rp.report(there / "case.toml", worlds=8, set={"moves.press.cost": 0.1})
    assert [row["name"] for row in summary(found)] == ["old-boats"]
    assert "moves.press" in next(why for name, why in found.left_out.items() if name.endswith("no-press.toml"))


def test_a_what_if_that_was_named_and_cannot_be_compared_ends_the_report(there: Path) -> None:
    """A scenario of `--what-if` that cannot be compared is an error with its reason, and no page is written."""
    done = command("report", there / "case.toml", "--what-if", there / "later.toml", "--worlds", 8)
    assert (done.code, done.out) == (2, "")
    assert done.err.endswith("later.toml cannot be compared: it begins in another month\n")
    assert not Path("report.html").exists()


def test_a_what_if_without_a_posterior_is_named_where_the_case_has_one(there: Path) -> None:
    """A calibrated diff of a base that is not calibrated has a report; the base, if it is asked for, is an error."""
    file = there / "old-boats.toml"
    assert command(*FIT, file, "--out", there / "old-boats.posterior.parquet").code == 0
    found = rp.report(file, worlds=8)
    assert found.comparison is None
    assert "posterior" in found.ensembles
    assert list(found.left_out.values())[-1] == "it has no posterior to draw its numbers from"
    done = command("report", file, "--what-if", there / "case.toml", "--worlds", 8)
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "case.toml cannot be compared: it has no posterior to draw its numbers from" in done.err


def test_one_what_if_is_a_text_or_a_path(there: Path) -> None:
    """In Python, one scenario may be given without a tuple."""
    for one in (there / "old-boats.toml", str(there / "old-boats.toml")):
        assert [row["name"] for row in summary(rp.report(there / "case.toml", what_ifs=one, worlds=8))] == ["old-boats"]


def test_a_page_without_a_what_if_that_can_be_compared_says_so(there: Path) -> None:
    """Where all diffs are left out, the page does not say that there are none."""
    (there / "old-boats.toml").unlink()
    page = page_of(there)
    assert "No scenario that extends this one can be compared with it: see the limits." in page
    assert "No scenario extends this one" not in page


def test_a_diff_is_put_beside_its_base(there: Path) -> None:
    """The report on a diff compares it with the scenario that it extends."""
    found = rp.report(f"{there.name}/old-boats.toml", worlds=8)
    assert [row["name"] for row in summary(found)] == ["case"]
    assert found.commands[-1][1:4] == ["compare", "two words/old-boats.toml", "two words/case.toml"]


def test_chosen_what_ifs_are_in_the_command(there: Path) -> None:
    """The command that makes a report again names the what-ifs that were chosen, and only those."""
    found = rp.report(there / "case.toml", worlds=8, what_ifs=(there / "old-boats.toml",))
    words = found.commands[0]
    assert words[words.index("--what-if") + 1] == str(there / "old-boats.toml")
    assert "--what-if" not in rp.report(there / "case.toml", worlds=8).commands[0]


def test_every_command_of_the_page_runs(there: Path) -> None:
    """The commands at the end of the page, read by a shell, run; `run` gives the probability of the page."""
    page = page_of(there, "--seed", 3, "--set", "theory.noise=0.02", "--theory", "self-interest")
    printed = page.partition("<pre>")[2].partition("</pre>")[0]
    lines = unescape(re.sub("</?span>", "", printed)).splitlines()
    ran = {}
    for _, *words in map(shlex.split, lines):
        done = command(*words, "--json")
        assert done.code == 0, (words, done.err)
        ran[words[0]] = json.loads(done.stdout)
    assert list(ran) == ["report", "run", "tornado", "explain", "compare"]
    outcome = ran["report"]["outcome"]
    own = ran["report"]["ensembles"]["prior"]["outcomes"][outcome]["probability"]
    assert ran["run"]["outcomes"][outcome]["probability"] == own
    assert ran["compare"]["outcomes"][outcome]["case"]["probability"] == own
    assert ran["explain"]["decisions"][0]["month"] <= ran["report"]["decisions"][0]["month"]


def test_the_page_loads_nothing_and_interprets_nothing(there: Path) -> None:
    """Everything is inside the page, a policy forbids browsers to load more, and texts of the case are no markup."""
    page = page_of(there)
    assert "default-src 'none'" in page
    assert 'src="' in page
    assert all(part.startswith("data:image/svg+xml;base64,") for part in page.split('src="')[1:])
    assert "http:" not in page
    assert "https:" not in page
    assert "<b>" not in page
    assert "&lt;b&gt;Old boats&lt;/b&gt; &amp; no toll" in page.replace("<wbr>", "")
    for heading in ("Outcomes", "What matters most", "Decisions that mattered", "What if", "Score", "Limits", "How to"):
        assert f"<h2>{heading}" in page


def test_an_edited_page_is_not_replaced(there: Path) -> None:
    """A page is replaced by the same command as long as nobody has edited it; a scenario is never replaced."""
    page_of(there)
    page = page_of(there)
    (there.parent / "page.html").write_text(page.replace("Limits", "Thoughts"))
    assert command("report", there / "case.toml", "--worlds", 8, "--out", "page.html").code == 2
    assert "ends in .html" in command("report", there / "case.toml", "--out", "page.pdf").err


def test_a_case_without_ranges_or_history_has_a_report(there: Path) -> None:
    """Without ranges there is one column and no tornado, without [history] no score; both are said."""
    scenario = rp.load(there / "case.toml")
    plain = scenario.set(dict(scenario.numbers)).drop([f"history.{name}" for name in scenario.document["history"]])
    found = rp.report(plain, worlds=WORLDS, what_ifs=())
    assert available(plain) == (["none"], None)
    assert found.tornado is None
    assert found.history is None
    page = report_page(found)
    assert "No number of this scenario has a range" in page
    assert "has no history" in page


def test_main_outcomes_and_what_leads_to_them() -> None:
    """The answer is about the headline of the file, and the offensive is in the chain that leads to the withdrawal."""
    karabakh = rp.load("karabakh")
    assert main_outcome(karabakh.document) == karabakh.document["show"]["headline"] == "free_exit"
    chain = chain_of(karabakh, "withdrawal")
    assert chain[:2] == ["withdraw", "withdraw_for_price"]
    assert "offensive" in chain


def test_the_main_outcome_of_a_file_without_a_headline() -> None:
    """Without a headline it is the outcome at which others are measured, the first with a date, or the first event."""
    text = (Path(__file__).parent / "small.toml").read_text(encoding="utf-8")
    small = rp.loads(text)
    assert main_outcome(small.document) == "handed_over"
    alone = small.drop(["outcomes.sale", "outcomes.price"])
    undated = alone.drop([f"history.{name}" for name in small.document["history"]])
    assert main_outcome(alone.document) == "crossover"
    assert main_outcome(undated.document) == "handed_over"
    assert main_outcome(rp.loads(f'{text}\n[show]\nheadline = "later_toll"\n').document) == "later_toll"
    measure = '[outcomes.a_price]\nlabel = "Price"\nmeasure = "price:sell"\n'
    first = rp.loads(text.replace("[outcomes.", f"{measure}\n[outcomes.", 1)).document
    assert next(iter(first["outcomes"])) == "a_price"
    assert main_outcome(first | {"history": {}}) == "handed_over"
    assert main_outcome(undated.document | {"outcomes": {"a_price": first["outcomes"]["a_price"]}}) == "a_price"
    assert main_outcome(undated.document | {"outcomes": {}}) is None


def test_pages_and_stories_are_about_the_main_outcome() -> None:
    """Without [show], the dashboard and the title of a world have the headline that a report has."""
    case = rp.load(Path(__file__).parent / "small.toml").drop(["outcomes.sale", "outcomes.price"])
    assert main_outcome(case.document) == "crossover" != next(iter(case.document["outcomes"]))
    assert show(case)["headline"] == "crossover"
    label = case.document["outcomes"]["crossover"]["label"]
    title = narrate(rp.explain(case, world=0, flips=False)).title
    assert label[1:] in title


@pytest.mark.parametrize(("count", "of"), [(0, 50), (25, 50), (50, 50), (1, 2000)])
def test_intervals_of_shares_cover_and_have_a_width(count: int, of: int) -> None:
    """The ends of an interval solve the equation of the score test, and none has the width 0."""
    share, low, high = wilson(count, of)
    assert 0 <= low <= share <= high <= 1
    assert low < high
    for end in (one for one in (low, high) if 0 < one < 1):
        assert np.isclose(abs(share - end), 1.959964 * np.sqrt(end * (1 - end) / of), rtol=1e-5)
