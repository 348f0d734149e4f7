"""The contestants of the benchmarks run the very equations of the engine, or their times would say nothing."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.append(str(Path(__file__).parents[2]))

from benchmarks.__main__ import SECTIONS, arguments
from benchmarks.compiled import Compiled, there_is_gcc
from benchmarks.contestants import mesa_world, results_from, run_lifted, run_one_core, run_twin
from benchmarks.growing import ABOUT, grown
from benchmarks.mesa_reading import Rows
from benchmarks.results import columns, differences, results_of

import realpolitik as rp
from realpolitik_model import Case, simulate

gcc = pytest.mark.skipif(not there_is_gcc(), reason="there is no gcc")


@pytest.fixture(scope="module")
def scenario():
    """Return the base case."""
    return rp.load("karabakh")


@pytest.fixture(scope="module")
def engine(scenario):
    """Return what 200 worlds leave by the ensemble path."""
    return run_one_core(scenario.case(), 200)


def same(got, engine, case):
    """Assert that results are those of the engine, to the bit."""
    assert differences("here", got, engine, columns(case)) == []


def test_the_scalar_mesa_model_runs_the_same_worlds(scenario, engine):
    """(a): five worlds, each a Mesa model, are those of the ensemble path."""
    rows = Rows(dict(scenario.document))
    same(results_from([mesa_world(rows, world) for world in range(5)]), engine, scenario.case())


def test_the_twin_and_the_lifted_model_run_the_same_worlds(scenario, engine):
    """(b), (c): one world of the twin, 70 of the lifted model."""
    same(run_twin(dict(scenario.document), 1), engine, scenario.case())
    same(run_lifted(scenario.case(), 70), engine, scenario.case())


@gcc
@pytest.mark.parametrize("source", ["worlds", "lanes"])
def test_the_c_loops_run_the_same_worlds(scenario, engine, source):
    """(e): 200 worlds of each C loop, a number that fills no block."""
    same(Compiled(source, dict(scenario.document)).run(200), engine, scenario.case())


@gcc
def test_c_on_two_threads_runs_the_same_worlds(scenario, engine):
    """(e) on all cores: 200 worlds in two pieces, of whole blocks but for the last."""
    same(Compiled("lanes", dict(scenario.document)).run_on(2, 200), engine, scenario.case())


@gcc
@pytest.mark.parametrize("source", ["worlds", "lanes"])
@pytest.mark.parametrize("what", ABOUT)
def test_the_c_loops_follow_larger_scenarios(scenario, source, what):
    """With three times the months, actors, issues, rows or moves, C and engine still agree."""
    larger = grown(dict(scenario.document), what, 3)
    case = Case.of(larger)
    same(Compiled(source, larger).run(40), results_of(simulate(case, np.arange(40), seed=1)), case)


@pytest.mark.parametrize("what", [what for what in ABOUT if what != "months"])
def test_what_is_added_changes_nothing(scenario, engine, what):
    """A larger scenario brings the same events in the same months."""
    case = Case.of(grown(dict(scenario.document), what, 2))
    assert np.array_equal(simulate(case, np.arange(50), seed=1).first, engine.first[:50])


def test_a_difference_is_said(scenario, engine):
    """One month that is off is named with its outcome and its world."""
    first = engine.first.copy()
    first[7, 2] += 1
    said = differences("(x)", engine._replace(first=first), engine, columns(scenario.case()))
    assert len(said) == 1
    assert f"`first` of {scenario.case().outcomes[2]} in world 7" in said[0]


def test_the_sections_asked_for_are_known(capsys):
    """`make bench` names none and gets all; a name that is none is said."""
    assert arguments([]).sections == []
    assert arguments(["cost", "memory"]).sections == ["cost", "memory"]
    with pytest.raises(SystemExit):
        arguments(["speed"])
    assert f"there are {', '.join(SECTIONS)}" in capsys.readouterr().err
