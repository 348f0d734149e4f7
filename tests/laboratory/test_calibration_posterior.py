"""The posterior of a scenario: where it is found, what a world draws from it, and when it is refused."""

import json
import re
from dataclasses import replace
from pathlib import Path
from shutil import copy

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import realpolitik as rp
from commanding import command
from realpolitik.posterior import KEY, basis, decoded, encoded, inherited_history, posterior_of
from realpolitik.uncertainty import draw_numbers
from realpolitik_viz.dashboard.run_data import cards

SMALL = Path(__file__).parent / "small.toml"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder with the ferry, a diff on it, and the posterior of the ferry."""
    place = tmp_path_factory.mktemp("ferry")
    copy(SMALL, place / "small.toml")
    (place / "dear.toml").write_text('extends = "small.toml"\n[set]\n"moves.sell.cost" = 0.9\n')
    rp.calibrate(place / "small.toml", error=12.0, settings=32, worlds=4, mixing=1).write(
        place / "small.posterior.parquet"
    )
    return place


def test_a_world_draws_a_setting_of_the_sample(folder):
    """All numbers of a world come from one and the same setting."""
    scenario = rp.load(str(folder / "small.toml"))
    values = posterior_of(scenario).values
    drawn = draw_numbers(scenario, 1, np.arange(100), "posterior")
    rows = {tuple(row) for row in np.column_stack(list(values.values())).tolist()}
    assert drawn.keys() == scenario.ranges.keys()
    assert {tuple(row) for row in np.column_stack([drawn[path] for path in values]).tolist()} <= rows


def test_a_run_draws_from_the_sample_that_it_is_given(folder):
    """A sample given to `run`, such as that of a rival theory, is used in place of the file's."""
    scenario = rp.load(str(folder / "small.toml"))
    own = posterior_of(scenario)
    other = replace(own, values={path: np.full(8, values.max()) for path, values in own.values.items()})
    drawn = draw_numbers(scenario, 1, np.arange(9), "posterior", other)
    assert all((drawn[path] == values.max()).all() for path, values in own.values.items())
    runs = [rp.run(scenario, worlds=40, uncertainty="posterior", posterior=given) for given in (None, own, other)]
    first, same, differs = (ensemble.kept.first.tolist() for ensemble in runs)
    assert first == same != differs


def test_a_posterior_is_a_file_or_a_calibration(folder, tmp_path):
    """The sample of another file, and that of a calibration, give the same worlds, without the word "posterior"."""
    found = rp.calibrate(folder / "small.toml", error=12.0, settings=32, worlds=4, mixing=1)
    elsewhere = tmp_path / "mine.posterior.parquet"
    found.write(elsewhere)
    for scenario in (folder / "small.toml", folder / "dear.toml"):
        first = rp.run(scenario, worlds=40, uncertainty="posterior")
        for given in (elsewhere, str(elsewhere), found):
            same = rp.run(scenario, worlds=40, posterior=given)
            assert (same.uncertainty, same.posterior_settings) == ("posterior", 32)
            assert same.kept.first.tolist() == first.kept.first.tolist()
            assert same.kept.final.tolist() == first.kept.final.tolist()


def test_what_is_no_posterior_of_the_scenario_is_refused(folder, tmp_path):
    """A value of another kind, a missing file, a sample of another scenario and another uncertainty are refused."""
    small = folder / "small.toml"
    file = folder / "small.posterior.parquet"
    found = rp.calibrate(small, error=12.0, settings=32, worlds=4, mixing=1)
    for asked, says in (
        ({"posterior": 5}, "posterior must be a posterior file, a Calibration or a Posterior, not 5"),
        ({"posterior": tmp_path / "none"}, f"no such file: '{tmp_path / 'none'}'"),
        ({"posterior": small}, "small.toml is not a posterior file"),
        ({"posterior": file, "uncertainty": "prior"}, "with the uncertainty 'posterior', not with 'prior'"),
    ):
        with pytest.raises(ValueError, match=re.escape(says)):
            rp.run(small, worlds=2, **asked)
    with pytest.raises(ValueError, match="was fitted to another scenario than karabakh, or to another version of it"):
        rp.run("karabakh", worlds=2, posterior=file)
    with pytest.raises(ValueError, match="no number of sahel is as in small, which was calibrated"):
        rp.run("sahel", worlds=2, posterior=found)


def test_a_sample_fitted_to_other_numbers_is_not_dropped_without_a_word(folder, tmp_path, monkeypatch):
    """`run`, `report` with its page, and `validate` say, in the same words, why they use no posterior."""
    (tmp_path / "small.toml").write_text(SMALL.read_text().replace("chance = 0.8", "chance = 0.7"))
    copy(folder / "small.posterior.parquet", tmp_path)
    monkeypatch.chdir(tmp_path)
    said = "No posterior: small.posterior.parquet was fitted to another version of small; run: "
    for name, *options in (["run"], ["report", "--out", "page.html"], ["validate"]):
        shown = " ".join(command(name, "small.toml", "--worlds", 4, *options, columns=400).out.split())
        assert said in shown
    assert said in Path("page.html").read_text()
    assert any(said in line for line in rp.report("small.toml", worlds=4, what_ifs=()).limits)
    asked = rp.validate("small.toml", worlds=4, uncertainty="prior")
    assert "No posterior" not in asked.to_dict()["note"]


def test_a_sample_that_has_not_converged_is_noted(folder):
    """What `run` prints of its source says so."""
    scenario = rp.load(str(folder / "small.toml"))
    own = posterior_of(scenario)
    assert "has not converged" not in own.note(scenario)
    assert "has not converged" in replace(own, marks={**own.marks, "converged": False}).note(scenario)


def test_a_note_says_what_a_sample_was_fitted_to_and_under_which_theory(folder):
    """A rival, or a what-if, that draws from the fit of another theory or scenario says so; the fitted one need not."""
    scenario = rp.load(str(folder / "small.toml"))
    own = posterior_of(scenario)
    assert "favours" not in own.note(scenario)
    assert "not to" not in own.note(scenario)
    rival = scenario.set({"theory.weights": "self-interest"})
    assert "It was fitted under leverage, which favours leverage over self-interest." in own.note(rival)
    assert "(fitted to small, not to dear)" in own.note(rp.load(str(folder / "dear.toml")))


def test_whatever_shows_worlds_of_a_sample_says_under_which_theory_it_was_fitted(folder):
    """`run`, `explain`, its `--why-not`, `audit` and the page Explore have the note on the sample."""
    rival = ("--theory", "self-interest", "--uncertainty", "posterior")
    file, audited = folder / "small.toml", ("--set", "theory.weights=self-interest", *rival[2:])
    asked = (
        ("run", file, "--worlds", 8, *rival),
        ("explain", file, *rival),
        ("explain", file, "--why-not", "press", "--worlds", 8, *rival),
        ("audit", file, "--outcome", "sale", "--permutations", 4, "--worlds", 1, *audited),
    )
    shown = [command(*words).out for words in asked]
    scenario = rp.load(str(folder / "small.toml"), set={"theory.weights": "self-interest"})
    shown.append(cards(rp.run(scenario, worlds=8, uncertainty="posterior"))["source"])
    assert all("It was fitted under leverage, which favours leverage over self-interest." in text for text in shown)
    assert cards(rp.run(scenario, worlds=8, uncertainty="prior"))["source"] == ""


def test_a_diff_says_whose_history_it_has(folder):
    """Fits and scores of a diff warn that the history is its base's, unless it has a row of its own."""
    diff = rp.load(str(folder / "dear.toml"))
    said = inherited_history(diff)
    assert said.startswith(f"dear extends {folder / 'small.toml'} and has its history. If it changes what happened, ")
    assert inherited_history(rp.load(str(folder / "small.toml"))) == ""
    row = '[history.sold]\noutcome = "sale"\ndate = "2030-09"\nsource = "s"\n'
    (folder / "own.toml").write_text((folder / "dear.toml").read_text() + row)
    assert inherited_history(rp.load(str(folder / "own.toml"))) == ""
    assert said in rp.validate(diff, worlds=2).to_dict()["note"]
    done = command("calibrate", folder / "dear.toml", "--settings", 32, "--error", 900, "--json")
    assert said in done.err
    assert json.loads(done.out)["scenario"] == "dear"


def test_a_comparison_says_what_its_numbers_were_fitted_to(folder):
    """With the posterior, `compare` has the note of each scenario."""
    both = [folder / f"{name}.toml" for name in ("small", "dear")]
    shown = command("compare", *both, "--worlds", 4, "--uncertainty", "posterior").out
    assert shown.count("(fitted to small)") == shown.count("(fitted to small, not to dear)") == 1
    assert "fitted to" not in command("compare", *both, "--worlds", 4, "--uncertainty", "prior").out


def test_a_world_is_the_same_alone(folder):
    """World 17 has the numbers and the story that it has among a hundred."""
    scenario = rp.load(str(folder / "small.toml"))
    many = draw_numbers(scenario, 1, np.arange(100), "posterior")
    alone = draw_numbers(scenario, 1, np.array([17]), "posterior")
    assert {path: values[17] for path, values in many.items()} == {path: v[0] for path, v in alone.items()}
    ensemble = rp.run(scenario, worlds=20, uncertainty="posterior")
    story = rp.explain(scenario, world=17, uncertainty="posterior", flips=False)
    first = dict(zip(ensemble.case.outcomes, ensemble.kept.first[17].tolist(), strict=True))
    assert {name: date for date, name in story.events} == {n: ensemble.months[t] for n, t in first.items() if t >= 0}


def test_a_diff_draws_from_its_base_and_keeps_what_it_sets(folder):
    """The diff's own number is not drawn; the others are those of the base."""
    base, diff = (rp.load(str(folder / name)) for name in ("small.toml", "dear.toml"))
    of_base, of_diff = (draw_numbers(s, 1, np.arange(9), "posterior") for s in (base, diff))
    assert of_base.keys() - of_diff.keys() == {"moves.sell.cost"}
    assert all(np.array_equal(of_base[path], of_diff[path]) for path in of_diff)
    assert "except 1 that dear sets itself" in posterior_of(diff).note(diff)


def test_a_setting_from_outside_wins(folder):
    """`--set` beats the posterior, even at the value that the number has anyway."""
    scenario = rp.load(str(folder / "small.toml")).set({"theory.phi": 1.5})
    assert "theory.phi" not in draw_numbers(scenario, 1, np.arange(2), "posterior")


def test_without_a_posterior_it_says_how_to_make_one(tmp_path):
    """A scenario with no posterior file is refused with the command that makes one."""
    copy(SMALL, tmp_path / "small.toml")
    command = f"realpolitik calibrate {tmp_path}/small.toml --out {tmp_path}/small.posterior.parquet"
    with pytest.raises(ValueError, match=f"has no posterior in its folder; run: {re.escape(command)}$"):
        rp.run(str(tmp_path / "small.toml"), worlds=1, uncertainty="posterior")


def test_a_stale_posterior_is_refused(folder, tmp_path):
    """A posterior fitted to other numbers than the file now has is not used; other words do no harm."""
    text = SMALL.read_text()
    copy(folder / "small.posterior.parquet", tmp_path)
    (tmp_path / "small.toml").write_text(text.replace("Tolls drift back to custom", "Custom wins in the end"))
    assert rp.run(str(tmp_path / "small.toml"), worlds=1, uncertainty="posterior").worlds == 1
    (tmp_path / "small.toml").write_text(text.replace("patience = 3", "patience = 4"))
    with pytest.raises(ValueError, match="was fitted to another version of small"):
        rp.run(str(tmp_path / "small.toml"), worlds=1, uncertainty="posterior")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (', fallback = "hand_over"', ""),
        ('until = "2031-06"', 'until = "2031-05"'),
        ("flood = { above", "flood = { below"),
        ('end = "2031-12"', 'end = "2031-11"'),
        ('changes hands"\nwhen = { ferry = { above', 'changes hands"\nwhen = { ferry = { below'),
    ],
)
def test_a_posterior_of_another_structure_is_refused(old, new, folder, tmp_path):
    """What is no number counts too: payments, windows, conditions, months, and what an outcome of history is."""
    text = SMALL.read_text()
    assert old in text
    copy(folder / "small.posterior.parquet", tmp_path)
    (tmp_path / "small.toml").write_text(text.replace(old, new, 1))
    with pytest.raises(ValueError, match="was fitted to another version of small"):
        rp.run(str(tmp_path / "small.toml"), worlds=1, uncertainty="posterior")


def test_other_outcomes_do_not_make_a_posterior_stale(folder, tmp_path):
    """An outcome that no row of history is about changes no world and no fit."""
    more = '\n[outcomes.dear]\nlabel = "A dear crossing"\nwhen = { toll = { above = 0.9 } }\n'
    copy(folder / "small.posterior.parquet", tmp_path)
    (tmp_path / "small.toml").write_text(SMALL.read_text() + more)
    assert rp.run(str(tmp_path / "small.toml"), worlds=1, uncertainty="posterior").worlds == 1


def test_a_posterior_replaces_a_posterior_only(folder, tmp_path, monkeypatch):
    """From Python too, another file is kept, and the name ends as that of a Parquet file."""
    found = rp.calibrate(folder / "small.toml", error=12.0, settings=32, worlds=4, mixing=1)
    monkeypatch.chdir(tmp_path)
    for _ in range(2):
        found.write("ferry.posterior.parquet")
    Path("mine.parquet").write_bytes(b"mine")
    for name, says in (
        ("case.toml", r"ends in \.parquet"),
        ("mine.parquet", "was not written by `realpolitik calibrate`"),
    ):
        with pytest.raises(ValueError, match=says):
            found.write(name)
    assert Path("mine.parquet").read_bytes() == b"mine"


def test_a_file_that_is_no_posterior_is_refused(tmp_path):
    """Other content under the name ends in one clear line."""
    copy(SMALL, tmp_path / "small.toml")
    (tmp_path / "small.posterior.parquet").write_bytes(b"PAR1 and nothing more")
    with pytest.raises(ValueError, match=r"small.posterior.parquet is not a posterior file"):
        rp.run(str(tmp_path / "small.toml"), worlds=1, uncertainty="posterior")


def column(values):
    """Give a table of one column."""
    return pa.table({"theory.phi": pa.array(values)})


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (
            column(np.zeros(70_000, np.float32)),
            r"larger than any posterior: 70,000 settings of 1 numbers, at most 65,536",
        ),
        (pa.table({str(n): np.zeros(60, np.float32) for n in range(20)}), "60 settings of 20 numbers"),
        (column(["x" * 100_000] * 100), "is not a posterior file"),
        (column([[1.0] * 100_000] * 10), "is not a posterior file"),
        (column(np.zeros(10, np.int64)), "is not a posterior file"),
    ],
    ids=["rows", "numbers", "texts", "lists", "integers"],
)
def test_a_sample_too_large_is_refused_before_it_is_read(table, says, tmp_path, monkeypatch):
    """A small file can hold a table of gigabytes: what the footer says of it is checked, and no data are read."""
    file = tmp_path / "small.posterior.parquet"
    pq.write_table(table.replace_schema_metadata({KEY: "{}"}), file, compression="zstd")
    assert file.stat().st_size < 1_000_000

    def read(*_given, **_options):
        pytest.fail("the data were read")

    monkeypatch.setattr("realpolitik.posterior.MOST_NUMBERS", 1_000)
    monkeypatch.setattr(pq, "read_table", read)
    monkeypatch.setattr(pq.ParquetFile, "read", read)
    with pytest.raises(ValueError, match=says):
        decoded(file)


def test_a_footer_too_long_is_refused_unread(tmp_path):
    """The description of the columns is bounded as the columns are."""
    file = tmp_path / "small.posterior.parquet"
    file.write_bytes(b"PAR1" + bytes(100) + (17 * 2**20).to_bytes(4, "little") + b"PAR1")
    with pytest.raises(ValueError, match="larger than any posterior: a footer of"):
        decoded(file)


@pytest.mark.parametrize("marks", ["[" * 100_000, "[1]", "null", "{"])
def test_marks_that_are_none_are_refused(marks, tmp_path):
    """Provenance that is nested without end, or is no table, ends in one clear line."""
    file = tmp_path / "small.posterior.parquet"
    pq.write_table(column(np.ones(8, np.float32)).replace_schema_metadata({KEY: marks}), file)
    with pytest.raises(ValueError, match="is not a posterior file"):
        decoded(file)


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        ("theory.phi", 3.5, r"holds values of theory.phi outside its range, 0.5 to 3"),
        ("theory.phj", 1.0, r"holds 'theory.phj', which has no range in small"),
    ],
)
def test_a_sample_of_other_numbers_is_refused(path, value, says, tmp_path):
    """Numbers without a range, or outside of it, are not played, whatever the file says it was fitted to."""
    copy(SMALL, tmp_path / "small.toml")
    scenario = rp.load(tmp_path / "small.toml")
    content = encoded([path], np.full((8, 1), value), {"basis": basis(scenario, [path])})
    (tmp_path / "small.posterior.parquet").write_bytes(content)
    with pytest.raises(ValueError, match=says):
        rp.run(scenario, worlds=1, uncertainty="posterior")


def test_the_shipped_posterior_is_of_the_shipped_case():
    """The posterior of the base case was fitted to the numbers that it has, and serves its diffs."""
    assert posterior_of(rp.load("karabakh")).settings >= 256
    assert posterior_of(rp.load("no-invasion")).scenario == "karabakh"


def test_the_posterior_of_a_file_is_not_that_of_a_text_of_its_name(folder, monkeypatch):
    """A text has no posterior, even if a file of its name has one in the current folder."""
    monkeypatch.chdir(folder)
    assert posterior_of(rp.load("small.toml")).settings == 32
    with pytest.raises(ValueError, match="small has no posterior in its folder; only a scenario file can have one"):
        posterior_of(rp.loads(SMALL.read_text(), "small.toml"))


def test_a_posterior_is_read_again_when_its_file_has_changed(folder, tmp_path):
    """A scenario that was loaded before its posterior was fitted again draws from the new file."""
    copy(SMALL, tmp_path)
    scenario, file = rp.load(tmp_path / "small.toml"), tmp_path / "small.posterior.parquet"
    copy(folder / file.name, file)
    values, marks = decoded(file)
    assert posterior_of(scenario).settings == 32
    some = np.column_stack([sample[:8] for sample in values.values()])
    file.write_bytes(encoded(values, some, marks))
    assert posterior_of(scenario).settings == 8


def test_a_number_with_a_new_range_keeps_its_value(folder, tmp_path):
    """A range that is given later leaves the posterior valid: it was fitted at the value, which such worlds keep."""
    copy(folder / "small.posterior.parquet", tmp_path)
    text = SMALL.read_text().replace("position = 0.9", "position = { value = 0.9, low = 0.7, high = 1.0 }")
    (tmp_path / "small.toml").write_text(text)
    diff = 'extends = "small.toml"\n[set]\n"interests.lowland_toll.position" = { value = 0.9, low = 0.8, high = 0.9 }\n'
    (tmp_path / "sure.toml").write_text(diff)
    path, worlds = "interests.lowland_toll.position", np.arange(50)
    before, after = (rp.load(str(place / "small.toml")) for place in (folder, tmp_path))
    assert path in after.ranges
    assert draw_numbers(after, 1, worlds, "posterior").keys() == draw_numbers(before, 1, worlds, "posterior").keys()
    assert "1 keep their values" in posterior_of(after).note(after)
    drawn = draw_numbers(rp.load(str(tmp_path / "sure.toml")), 1, worlds, "posterior")[path]
    assert 0.8 <= drawn.min() < drawn.max() <= 0.9
    (tmp_path / "small.toml").write_text(text.replace("position = { value = 0.9", "position = { value = 0.8"))
    with pytest.raises(ValueError, match="was fitted to another version of small"):
        draw_numbers(rp.load(str(tmp_path / "small.toml")), 1, worlds, "posterior")
