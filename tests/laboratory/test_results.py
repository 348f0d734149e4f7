"""Results: JSON always, tables that a spreadsheet reads without running anything, numbers of any library."""

import csv
import io
import json
import re

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import realpolitik as rp
from realpolitik import ensembles
from realpolitik.cli import cli
from realpolitik.files import OutputFiles
from realpolitik.frames import csv_of
from realpolitik.sweeps import discover, sensitivity
from realpolitik_model import LeverageModel
from sweeping import SMALL

RARE = """
[outcomes.rough]
label = "A dear crossing"
when = { toll = { above = 0.95 } }
measure = "Upland>Lowland"
"""
SEED = 2
"""With it the outcome does not happen in the first world."""
FORMULAS = [
    '=HYPERLINK("http://example.org";"here")',
    "+1+1",
    "-1",
    "@SUM(A1)",
    "  =1+1",
    "\uff1d1+1",
    "Moscow;=1+1",
    "a; -1",
]


def rows_of(text):
    """Read CSV as a spreadsheet does."""
    return list(csv.reader(text.splitlines()))


def test_an_outcome_beyond_the_worlds_kept_has_no_quantiles(monkeypatch, tmp_path):
    """Its mean is over all worlds; its quantiles are null where no world kept has it, and every output is written."""
    scenario = rp.loads(SMALL.read_text() + RARE)
    kept = rp.run(scenario, worlds=200, seed=SEED).kept
    start = int(np.flatnonzero(kept.first[:, -1] >= 0)[0])
    assert start > 0
    monkeypatch.setattr(ensembles, "KEPT", start)
    ensemble = rp.run(scenario, worlds=200, seed=SEED)
    row = json.loads(json.dumps(ensemble.to_dict(), allow_nan=False))["outcomes"]["rough"]
    assert row["mean"] > 0
    assert row["p10"] is row["median"] is row["p90"] is None
    OutputFiles("run").write_results(ensemble, str(tmp_path / "R"))
    assert sorted(file.name for file in (tmp_path / "R").iterdir()) == ["outcomes.csv", "result.json", "worlds.csv"]
    file = tmp_path / "rough.toml"
    file.write_text(SMALL.read_text() + RARE)
    for given in ([], ["--json"]):
        assert (
            CliRunner().invoke(cli, ["run", str(file), "--worlds", "200", "--seed", str(SEED), *given]).exit_code == 0
        )


def test_the_table_of_worlds_has_the_same_columns_whatever_happens():
    """The measure of an outcome that happened in no world has its column, without values."""
    scenario = rp.loads(SMALL.read_text() + RARE.replace("0.95", "0.9999"))
    table = rp.run(scenario, worlds=4).worlds_frame()
    assert table["rough.measure"].isna().all()


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_is_a_formula(text, tmp_path):
    """A label that a spreadsheet would take for a formula is shown as text; nothing of it is lost."""
    scenario = rp.loads(SMALL.read_text().replace('"It is sold"', json.dumps(text, ensure_ascii=False)))
    OutputFiles("run").write_results(rp.run(scenario, worlds=4), str(tmp_path))
    head, *rows = rows_of((tmp_path / "outcomes.csv").read_text())
    cell = next(row for row in rows if row[0] == "sale")[head.index("label")]
    for part in cell.split(";"):
        assert part.strip()[0] not in "=+-@\uff1d"
    assert cell.replace("'", "") == text


def test_tabs_returns_and_heads_are_inert_and_numbers_stay_numbers():
    """Index, heads and cells are all made inert, and a negative number is still one."""
    import pandas as pd

    frame = pd.DataFrame({"=a": [-1.5, 2.0], "b": ["\t=1", "\r=1"], "c": [-1, None]}, index=["-x", "y"])
    head, first, second = csv.reader(io.StringIO(csv_of(frame), newline=""))
    assert head == ["", "'=a", "b", "c"]
    assert first[:2] == ["'-x", "-1.5"]
    assert float(first[3]) == -1
    assert first[2][0] == second[2][0] == "'"


COUNTS = {"worlds": np.int64(6), "seed": np.uint32(3)}


def test_counts_and_settings_of_numpy_are_those_of_python():
    """NumPy scalars give the results of plain numbers, and documents that JSON takes."""
    settings = {"theory.phi": np.float32(1.5), "theory.patience": np.int64(4)}
    plain = {"theory.phi": 1.5, "theory.patience": 4}
    one = rp.run(SMALL, set=settings, paths=np.int16(2), **COUNTS)
    two = rp.run(SMALL, set=plain, paths=2, worlds=6, seed=3)
    assert json.dumps(one.to_dict()) == json.dumps(two.to_dict())
    ranged = {"theory.phi": {"value": np.float64(1.5), "low": np.int8(1), "high": np.float32(2)}}
    assert rp.load(SMALL).set(ranged).ranges["theory.phi"] == (1.0, 2.0)
    listed = [rp.scenario.Setting("theory.phi", np.float32(1.5)), ("theory.patience", np.int64(4), None)]
    assert rp.load(SMALL).set(listed).sha256 == two.scenario.sha256


@pytest.mark.parametrize(
    "found",
    [
        lambda: rp.explain(SMALL, world=np.int64(5), seed=np.uint32(3), flips=False),
        lambda: rp.compare(SMALL, SMALL, **COUNTS),
        lambda: rp.audit(SMALL, "sale", permutations=np.int32(2), **COUNTS),
        lambda: rp.calibrate(
            SMALL, seed=np.int64(1), settings=np.int16(32), worlds=np.int8(2), error=np.float32(12), mixing=np.int8(1)
        ),
        lambda: rp.validate(SMALL, uncertainty="prior", **COUNTS),
    ],
    ids=["explain", "compare", "audit", "calibrate", "validate"],
)
def test_every_document_takes_counts_of_numpy(found):
    """Whatever library a count comes from, the document is plain JSON."""
    json.dumps(found().to_dict(), allow_nan=False)


def test_a_sweep_takes_counts_of_numpy(tmp_path):
    """Points, worlds, seed and chunk of NumPy make the sweep that plain numbers make."""
    asked = {
        "vary": {"interests.upland_ferry.salience": (np.float32(0), np.int64(2))},
        "set": {"theory.sigma": np.float32(0.25)},
    }
    counts = {"points": np.int64(120), "chunk": np.int32(64), **COUNTS}
    one = rp.sweep(SMALL, tmp_path / "one", **asked, **counts)
    asked = {"vary": {"interests.upland_ferry.salience": (0.0, 2.0)}, "set": {"theory.sigma": 0.25}}
    two = rp.sweep(SMALL, tmp_path / "two", **asked, points=120, chunk=64, worlds=6, seed=3)
    assert one.plan.identity == two.plan.identity
    assert json.dumps(one.explain(np.int64(5), flips=False).to_dict())
    name = max(one.outcomes, key=lambda name: one.points()[name].std())
    found = discover(one, name, density=np.float32(0.5), boxes=np.int8(1))
    assert json.dumps(found.to_dict())


@pytest.mark.parametrize("wrong", [True, 2.5, 2.0, "2", None, np.bool_(True), np.float64(2.0)])
def test_what_is_no_whole_number_is_refused(wrong, tmp_path):
    """Truth values, fractions and texts are no counts: one clear line, before anything is run."""
    calls = {
        "worlds": lambda: rp.run(SMALL, worlds=wrong),
        "seed": lambda: rp.run(SMALL, worlds=1, seed=wrong),
        "world": lambda: rp.explain(SMALL, world=wrong),
        "points": lambda: rp.sweep(SMALL, tmp_path / "D", points=wrong),
        "permutations": lambda: rp.audit(SMALL, "sale", permutations=wrong),
        "settings": lambda: rp.calibrate(SMALL, settings=wrong),
    }
    for name, call in calls.items():
        with pytest.raises(ValueError, match=f"{name} must be a whole number, not"):
            call()


def test_an_error_too_small_to_score_by_is_refused():
    """Scores in units of it would not be finite, and could not be written."""
    for error in (1e-310, 0, float("nan")):
        with pytest.raises(ValueError, match=r"error must be 0\.001 to 1000 months"):
            rp.calibrate(SMALL, error=error)


def test_arrays_and_truth_values_of_numpy_are_settings():
    """Lists, truth values and numbers without dimensions are read like Python's own."""
    season = np.full(12, 0.5, np.float32)
    given = {"drivers.flood.season": season, "history.crossover.holdout": np.bool_(True), "theory.phi": np.array(1.25)}
    document = rp.load(SMALL).set(given).document
    assert document["drivers"]["flood"]["season"] == [0.5] * 12
    assert document["history"]["crossover"]["holdout"] is True
    assert document["theory"]["phi"] == 1.25


def test_settings_that_can_be_read_once_are_kept(tmp_path):
    """Settings from a generator reach every scenario that is compared, and the manifest of a sweep."""
    changes = [rp.scenario.Setting("theory.phi", 2.5)]
    both = rp.compare(SMALL, SMALL, worlds=2, set=iter(changes))
    assert {ensemble.scenario.numbers["theory.phi"] for ensemble in both.ensembles.values()} == {2.5}
    asked = {"vary": {"theory.sigma": (0.1, 0.5)}, "points": 6, "worlds": 2}
    swept = rp.sweep(SMALL, tmp_path / "D", set=iter(changes), **asked)
    assert swept.plan.scenario["settings"] == [["theory.phi", 2.5, None]]


def test_frames_have_one_type_of_dates():
    """A column of dates has texts and None, of dtype object, whether an outcome happens in all worlds, some or none."""
    ensembles = [rp.run(SMALL, worlds=20, until=last) for last in ("2030-01", None)]
    assert {one.probability(name) for one in ensembles for name in one.case.outcomes} >= {0, 1}
    for ensemble in ensembles:
        worlds = ensemble.worlds_frame()
        for name in ensemble.case.outcomes:
            assert worlds[name].dtype == object
            assert {type(one) for one in worlds[name]} <= {str, type(None)}
    for frame in (one.outcomes_frame() for one in (*ensembles, rp.run("deployment", worlds=8))):
        for name in ("median", "p10", "p90", "history"):
            assert frame[name].dtype == object
            assert {type(one) for one in frame[name]} <= {str, float, type(None)}


def test_months_of_another_kind_are_refused_in_one_line():
    """A month is a text; one that was not played is refused where a share or a run is asked up to it."""
    short = rp.run(SMALL, worlds=4, until="2030-06")
    assert short.probability("handed_over", by="2030-06") == short.probability("handed_over")
    for by in ("2030-07", "2029-12"):
        with pytest.raises(ValueError, match="is no month of 2030-01 to 2030-06, which were played"):
            short.probability("handed_over", by=by)
    for month in (pd.Timestamp("2030-04-01"), 2030):
        with pytest.raises(ValueError, match=r"until: invalid month .*2030.*: use \"YYYY-MM\""):
            rp.run(SMALL, worlds=1, until=month)
        with pytest.raises(ValueError, match=r"by: invalid month .*2030.*: use \"YYYY-MM\""):
            short.probability("handed_over", by=month)


def test_settings_are_a_mapping_or_texts():
    """In Python, settings may be written as on the command line, one of them without a list."""
    asked = [{"theory.phi": 0.5}, "theory.phi=0.5", ["theory.phi=0.5"], ("theory.phi=0.5",)]
    assert len({rp.run(SMALL, worlds=2, set=one).scenario.sha256 for one in asked}) == 1
    dated = [{"theory.phi": "0.5@2030-06"}, "theory.phi=0.5@2030-06", [("theory.phi", 0.5, "2030-06")]]
    assert len({rp.load(SMALL, set=one).sha256 for one in dated}) == 1
    with pytest.raises(rp.ScenarioError, match=r"theory\.phi"):
        rp.run(SMALL, worlds=2, set="theory.phi")


@pytest.mark.parametrize("quantile", [-0.1, 1.1, float("nan")])
def test_a_quantile_is_a_share(quantile):
    """What is no share of worlds has no month."""
    with pytest.raises(ValueError, match="quantile must be 0 to 1, not"):
        rp.run(SMALL, worlds=4).month("handed_over", quantile)


def test_an_ensemble_without_paths_is_a_document():
    """Where no world's paths are kept there are no fans, and no NaN."""
    result = rp.run(SMALL, worlds=2, paths=0).to_dict()
    assert result["issues"] == result["leverage"] == {}
    json.dumps(result, allow_nan=False)


def test_a_model_takes_a_count_of_numpy():
    """The Mesa model plays as many worlds, whatever library the number comes from."""
    model = LeverageModel(rp.load(SMALL).case(), worlds=np.int64(3), rng=np.uint32(1))
    model.step()
    assert model.worlds.tolist() == [0, 1, 2]


# --- paid and unpaid ------------------------------------------------------------------------------------------------


def test_paid_and_unpaid_moves_are_told_apart():
    """A move with a payment is paid where its last price is above 0, and unpaid where it was made at 0."""
    ensemble = rp.run("karabakh", worlds=400)
    row, column = ensemble.to_dict()["moves"]["withdraw_for_price"], ensemble.case.moves.index("withdraw_for_price")
    made, price = ensemble.kept.made[:, column] > 0, ensemble.kept.price[:, column]
    assert row["paid"] == (made & (price > 0)).mean() > 0
    assert row["unpaid"] == (made & (price == 0)).mean() > 0
    assert row["ever"] == pytest.approx(row["paid"] + row["unpaid"])
    assert row["price"] == pytest.approx(price[made & (price > 0)].mean())
    assert "paid" not in ensemble.to_dict()["moves"]["withdraw"]


def test_moves_are_counted_over_all_worlds_in_any_chunks(monkeypatch):
    """The counts of paid and unpaid worlds cover the worlds that are not kept, too."""
    whole = rp.run(SMALL, worlds=300).to_dict()["moves"]
    monkeypatch.setattr(ensembles, "KEPT", 10)
    assert rp.run(SMALL, worlds=300).to_dict()["moves"] == whole


def test_the_command_tells_paid_from_unpaid():
    """`run` prints how often a move is paid, at which price, how often unpaid, and how often its fallback is made."""
    asked = ["run", "karabakh", "--worlds", "200"]
    moves = json.loads(CliRunner().invoke(cli, [*asked, "--json"]).stdout)["moves"]
    shown = [line.split() for line in CliRunner().invoke(cli, asked).stdout.splitlines()]
    row = moves["withdraw_for_price"]
    numbers = [f"{row['paid']:.1%}", f"{row['price']:.2f}", f"{row['unpaid']:.1%}", f"{row['refused']:.2f}"]
    assert next(line for line in shown if line[:1] == ["withdraw_for_price"])[-4:] == numbers
    assert next(line for line in shown if line[:1] == ["withdraw"])[-1] == f"{moves['withdraw']['ever']:.1%}"


def test_a_move_that_is_never_paid_has_no_price():
    """Where a move with a payment is not made, its shares are 0 and it has no mean price."""
    scenario = rp.loads(SMALL.read_text()).set({"moves.sell.chance": 0})
    row = rp.run(scenario, worlds=20).to_dict()["moves"]["sell"]
    assert (row["paid"], row["unpaid"], row["price"]) == (0, 0, None)


def test_the_command_shows_chosen_outcomes():
    """With `--outcome` only these rows are printed; the document and the files have all."""
    asked = ["run", str(SMALL), "--worlds", "8", "--outcome", "sale"]
    shown = CliRunner().invoke(cli, asked).stdout
    assert "It is sold" in shown
    assert "The ferry changes hands" not in shown
    assert "handed_over" in json.loads(CliRunner().invoke(cli, [*asked, "--json"]).stdout)["outcomes"]
    refused = CliRunner().invoke(cli, ["run", str(SMALL), "--leverage", "Upland>Port", "--plot", "x.svg"])
    assert "unknown leverage 'Upland>Port'; there are " in str(refused.exception)
    refused = CliRunner().invoke(cli, ["run", str(SMALL), "--leverage", "Upland>Lowland"])
    assert "give --plot FILE too" in str(refused.exception)


def test_the_figure_shows_what_the_command_chose(tmp_path):
    """`run --plot` and `compare --plot` draw the outcomes, issues and leverage of their options."""
    options = ["--outcome", "sale", "--issue", "toll", "--leverage", "Upland>Lowland", "--worlds", "8"]
    for command in (["run", str(SMALL)], ["compare", str(SMALL), str(SMALL)]):
        file = tmp_path / f"{command[0]}.svg"
        assert CliRunner().invoke(cli, [*command, *options, "--plot", str(file)]).exit_code == 0
        assert "It is sold" in file.read_text()
        assert "The ferry changes hands" not in file.read_text()


def test_run_shows_posterior_prior_and_plain_values_side_by_side():
    """Without --uncertainty the same worlds are run with each source of numbers; the first is the headline."""
    asked = ["run", "karabakh", "--worlds", "60"]
    found = json.loads(CliRunner().invoke(cli, [*asked, "--json"]).stdout)
    assert found["uncertainty"] == "posterior"
    assert list(found["probabilities"]) == ["posterior", "prior", "none"]
    for kind, chances in found["probabilities"].items():
        alone = json.loads(CliRunner().invoke(cli, [*asked, "--json", "--uncertainty", kind]).stdout)
        assert (alone["uncertainty"], list(alone["probabilities"])) == (kind, [kind])
        assert {name: row["probability"] for name, row in alone["outcomes"].items()} == chances
    shown = [line.split() for line in CliRunner().invoke(cli, asked).stdout.splitlines()]
    title = next(line for line in shown if line[:1] == ["outcome"])
    assert title[-7:-4] == ["posterior", "prior", "plain"]
    row = next(line for line in shown if line[:1] == ["free_exit"])
    assert row[-7:-4] == [f"{chances['free_exit']:.1%}" for chances in found["probabilities"].values()]


def test_run_shows_what_a_scenario_has(tmp_path):
    """A file without a posterior has prior and plain values, one without ranges only these, as has one that says so."""
    for name, text, kinds in (
        ("ranges", SMALL.read_text(), ["prior", "none"]),
        ("chosen", SMALL.read_text().replace("[meta]", '[meta]\nuncertainty = "prior"', 1), ["prior"]),
        ("plain", SMALL.read_text(), ["none"]),
    ):
        text = re.sub(r"\{ value = (\S+), low = \S+, high = \S+ \}", r"\1", text) if name == "plain" else text
        (tmp_path / f"{name}.toml").write_text(text)
        done = CliRunner().invoke(cli, ["run", str(tmp_path / f"{name}.toml"), "--worlds", "8", "--json"])
        assert list(json.loads(done.stdout)["probabilities"]) == kinds


def test_a_posterior_that_cannot_be_used_is_mentioned(tmp_path):
    """If a posterior file is stale, the table has no column for it, and says why."""
    (tmp_path / "ferry.toml").write_text(SMALL.read_text())
    (tmp_path / "ferry.posterior.parquet").write_bytes(b"nothing")
    done = CliRunner().invoke(cli, ["run", str(tmp_path / "ferry.toml"), "--worlds", "8"])
    assert "No posterior: ferry.posterior.parquet is not a posterior file of realpolitik" in done.stdout


def test_results_show_themselves_in_a_line():
    """In a notebook, an object at the end of a cell prints what it is, not all that is in it."""
    scenario = rp.load("karabakh")
    shown = [scenario, rp.run(scenario, worlds=1, until="2021-02"), rp.explain(scenario, month="2021-02")]
    assert [str(one).split(":")[0] for one in shown] == [
        "<Scenario karabakh",
        "<Ensemble of karabakh",
        "<Story of karabakh",
    ]
    assert str(shown[1]) == "<Ensemble of karabakh: 1 world of seed 1, 2020-12 to 2021-02>"
    assert max(len(repr(one)) for one in shown) < 120


def test_every_public_result_shows_itself_in_a_line(tmp_path):
    """Each result of a function of `rp` is shown by its name, what it is of and how large it is, in 160 characters."""
    vary = {"theory.phi": (0.5, 3.0), "issues.toll.start": (0.0, 1.0), "theory.noise": (0.01, 0.3)}
    sweep = rp.sweep(SMALL, tmp_path / "D", vary=vary, points=200, worlds=8)
    contested = max(sweep.outcomes, key=lambda name: sweep.points()[name].std())
    flows = tmp_path / "gas.csv"
    flows.write_text(
        "dependent,provider,channel,period,value,unit,source\nA,B,gas,2023,1,bcm,s\nA,C,gas,2023,2,bcm,s\n"
    )
    asked = rp.forecast("karabakh", worlds=4000, tolerance=12)
    rp.write_forecast(asked, tmp_path / "april.json")
    happened = {one.id: False for one in asked.answers if one.chance is not None}
    shown = [
        rp.audit(SMALL, outcome="handed_over", worlds=1, permutations=2),
        rp.calibrate(SMALL, settings=32, worlds=2, error=900),
        rp.compare("karabakh", "no-invasion", "war-without-isolation", worlds=10),
        rp.derive(flows),
        rp.diff("karabakh", "no-invasion"),
        asked,
        rp.reach(SMALL, outcome="handed_over", target=0.5, worlds=20),
        rp.score_forecast(tmp_path / "april.json", happened),
        rp.tornado(SMALL, outcome="handed_over", worlds=8),
        rp.validate(SMALL, worlds=2),
        rp.why_not(SMALL, "sell", worlds=4),
        rp.why_not(SMALL, "sell", world=3),
        sensitivity(sweep),
        discover(sweep, contested),
    ]
    for one in shown:
        assert re.fullmatch(rf"<{type(one).__name__} [^\n]{{1,150}}>", repr(one)), repr(one)[:200]
