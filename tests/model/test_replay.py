"""World i of a seed is the same to the bit in any company, on any interpreter and in any version."""

import json

import numpy as np
import pytest

import realpolitik as rp
from playing import GOLDEN, digest, digests, play
from realpolitik_model import LeverageModel, Outputs, simulate
from realpolitik_model.gpu import open_gpu


def row(outputs, position):
    """Return all bytes that one world left behind."""
    return b"".join(np.ascontiguousarray(part[position]).tobytes() for part in outputs)


@pytest.fixture(scope="module")
def base():
    """Return the base case."""
    return rp.load("karabakh")


@pytest.fixture(scope="module")
def alone(base):
    """Return the bytes of world 17, run alone."""
    return row(play(base, [17]), 0)


@pytest.mark.parametrize(
    ("worlds", "position"),
    [(range(18), 17), (range(5000), 17), (range(17, 5000), 0), (range(30, 0, -1), 13), ([17] * 70, 69)],
    ids=["in 18", "in 5,000", "first of the rest", "backwards", "seventieth of itself"],
)
def test_world_17_in_any_company(base, alone, worlds, position):
    """World 17 alone is world 17 in an ensemble of 18, of 5,000, in halves, in reverse, and twice in one run."""
    assert row(play(base, list(worlds)), position) == alone


def test_two_halves_make_the_whole(base):
    """Worlds run in two halves leave the bytes of the whole."""
    whole = play(base, range(500))
    halves = [play(base, range(250)), play(base, range(250, 500))]
    joined = Outputs(*(np.concatenate(parts) for parts in zip(*halves, strict=True)))
    assert digest(joined) == digest(whole)


def test_an_ensemble_does_not_depend_on_its_chunks():
    """`run` of 18 worlds and of 3,000 keep the same first 18, though the chunks and threads differ."""
    few, many = (rp.run("karabakh", worlds=worlds, seed=1) for worlds in (18, 3000))
    assert all(row(few.kept, i) == row(many.kept, i) for i in range(18))


@pytest.mark.parametrize("worlds", [1, 1024, 5000, 9217])
def test_every_world_is_counted(worlds):
    """An ensemble has as many worlds as were asked for, each once, however many chunks it takes."""
    ensemble = rp.run("karabakh", worlds=worlds, seed=1, until="2021-02")
    assert ensemble.tally.worlds == len(ensemble.kept.first) == worlds


def test_a_run_cut_short_is_the_start_of_the_whole(base):
    """Months played do not depend on how many are played after them."""
    case = base.case()
    whole, short = (simulate(case, np.arange(5), seed=1, months=months, paths=5) for months in (None, 40))
    assert whole.issues[:, :40].tobytes() == short.issues.tobytes()


@pytest.mark.parametrize("device", ["cpu", pytest.param("cuda", marks=pytest.mark.cuda)])
@pytest.mark.parametrize("name", [s.name for s in rp.shipped()])
def test_golden_worlds(name, device):
    """Worlds 0 to 19 of each shipped scenario are those accepted, on this interpreter, numpy and processor too."""
    playing = open_gpu() if device == "cuda" else None
    golden = json.loads(GOLDEN.read_text())
    scenario = rp.load(name)
    assert golden[name]["sha256"] == scenario.sha256, "the scenario changed: run tests/golden/accept.py"
    assert golden[name] == {"sha256": scenario.sha256, **digests(scenario, playing)}


def test_stepping_by_hand_is_the_ensemble(base):
    """A Mesa model stepped month by month goes through the very worlds of the ensemble path."""
    case = base.case()
    model = LeverageModel(case, worlds=[17, 3, 90], rng=1)
    ensemble = simulate(case, np.array([17, 3, 90]), seed=1, paths=3)
    for t in range(case.months):
        model.step()
        for k, name in enumerate(case.issues):
            assert model.issue(name).tolist() == ensemble.issues[:, t, k].tolist()
        for n, (holder, over) in enumerate(case.pairs):
            assert model.leverage(holder, over).tolist() == ensemble.leverage[:, t, n].tolist()
    for o, name in enumerate(case.outcomes):
        assert model.happened(name).tolist() == ensemble.first[:, o].tolist()


def test_nobody_disturbs_anothers_luck(base):
    """A new move that is never feasible, owned by Washington and first in the file, leaves every world as it was."""
    document = base.document
    idle = {**document["moves"]["washington_talks"], "chance": 0.0}
    wider = {**document, "moves": {"idle": idle, **document["moves"]}}
    case, other = base.case(), type(base.case()).of(wider)
    before, after = (simulate(c, np.arange(20), seed=1, paths=20) for c in (case, other))
    assert before.issues.tobytes() == after.issues.tobytes()
