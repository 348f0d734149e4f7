"""LeverageModel is an ordinary Mesa model of ordinary Mesa agents."""

import copy
import pickle

import mesa
import numpy as np
import pandas as pd
import pytest

import realpolitik as rp
from realpolitik_model import Actor, LeverageModel, decisions, simulate

MONTHS = 41
"""Until April 2024."""


@pytest.fixture
def model():
    """Return a model of three worlds of the base case."""
    return LeverageModel(rp.load("karabakh").case(), worlds=3, rng=1)


def test_it_is_mesa(model):
    """The model is a mesa.Model, its actors are mesa.Agents in an AgentSet, in the order of the file."""
    assert isinstance(model, mesa.Model)
    assert all(isinstance(agent, mesa.Agent) and isinstance(agent, Actor) for agent in model.agents)
    assert [actor.name for actor in model.agents] == list(model.case.actors)
    assert [actor.name for actor in model.agents.select(lambda actor: actor.name == "Baku")] == ["Baku"]
    assert model.actor("Baku") in model.agents


def test_steps_are_months(model):
    """A step plays one month in every world, and dates it."""
    model.step()
    assert (model.steps, model.month, model.date) == (1, 0, "2020-12")
    model.step()
    assert (model.steps, model.date) == (2, "2021-01")


def test_quantities_are_by_world(model):
    """Issues, drivers, leverage, weights and choices have one value a world."""
    model.step()
    moscow = model.actor("Moscow")
    assert model.issue("karabakh").shape == model.driver("war").shape == (3,)
    assert moscow.leverage_over("Baku").tolist() == model.leverage("Moscow", "Baku").tolist()
    assert (moscow.weight_of("Baku") >= 0).all()
    assert len(moscow.choice) == 3
    assert {*moscow.choice} <= {None, *model.case.moves}


def test_a_data_collector_works(model):
    """Mesa's DataCollector reads the model like any other."""
    collector = mesa.DataCollector(
        model_reporters={"karabakh": lambda m: float(m.issue("karabakh").mean())},
        agent_reporters={"leverage": lambda a: float(a.leverage_over("Moscow").mean()) if a.name != "Moscow" else 0.0},
    )
    for _ in range(3):
        model.step()
        collector.collect(model)
    assert len(collector.get_model_vars_dataframe()) == 3
    assert len(collector.get_agent_vars_dataframe()) == 3 * len(model.case.actors)


def test_it_ends(model):
    """After the last month the model stops running, and a further step says so."""
    while model.running:
        model.step()
    assert model.date == "2030-12"
    with pytest.raises(RuntimeError, match="2030-12"):
        model.step()


def test_numbers_by_world():
    """A number may differ by world: without isolation, Baku's leverage over Moscow stays low."""
    case = rp.load("karabakh").case()
    model = LeverageModel(case, worlds=2, rng=1, numbers={"drivers.isolation.scale": np.array([1.0, 0.0])})
    for _ in range(48):
        model.step()
    isolated, open_ = model.leverage("Baku", "Moscow")
    assert isolated > open_


def test_no_worlds_are_refused():
    """A model without worlds is refused."""
    with pytest.raises(ValueError, match="at least one world"):
        LeverageModel(rp.load("karabakh").case(), worlds=[], rng=1)


def test_a_copy_of_a_case_has_its_own_tables():
    """A case that has run can be sent to another process: the addresses of its tables are computed again there."""
    case = rp.load("karabakh").case()
    worlds = np.arange(3)
    expected = simulate(case, worlds, seed=1).first
    sent = pickle.loads(pickle.dumps(case))
    assert sent.directory.tolist() != case.directory.tolist()
    assert (simulate(sent, worlds, seed=1).first == expected).all()


def test_nobody_has_chosen_before_the_first_month():
    """A model that has not stepped says of no actor that it took a move."""
    model = LeverageModel(rp.load("karabakh").case(), worlds=2)
    assert model.actor("Baku").choice == [None, None]


class Equations(Actor):
    """Decides in Python as E6 does."""

    def decide(self, options):
        """Return the feasible move of greatest value above 0, the first of them on a tie."""
        values = np.nan_to_num(np.array(list(options.values())), nan=-np.inf)
        best = values.argmax(axis=0)
        return [list(options)[v] if values[v, world] > 0 else None for world, v in enumerate(best)]


class Never(Actor):
    """Makes no move."""

    def decide(self, options):
        """Return None in every world."""
        assert options
        return [None] * len(self.model.worlds)


def played(**given):
    """Return a model of nine worlds of the base case after 41 months."""
    model = LeverageModel(rp.load("karabakh").case(), worlds=9, rng=1, **given)
    for _ in range(MONTHS):
        model.step()
    return model


def test_a_rule_in_python_can_be_that_of_the_equations():
    """Actors who choose the best of their options by `decide` play the worlds of the engine, to the bit."""
    case = rp.load("karabakh").case()
    model = played(actors=dict.fromkeys(case.actors, Equations))
    expected = simulate(case, np.arange(9), seed=1, months=MONTHS)
    for outcome in case.outcomes[:6]:
        assert model.happened(outcome).tolist() == expected.first[:, case.outcomes.index(outcome)].tolist()
    finals = np.column_stack([model.issue(name) for name in case.issues])
    assert (finals == expected.final).all()


def test_a_rule_of_ones_own_changes_what_happens():
    """A Baku that never moves takes nothing, while the other actors keep their rule."""
    usual, model = played(), played(actors={"Baku": Never})
    assert (usual.happened("karabakh_taken") >= 0).any()
    assert (model.happened("karabakh_taken") == -1).all()
    assert {type(actor) for actor in model.agents} == {Never, Actor}


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        (["withdraw"], "for each of 2 worlds"),
        (["offensive", None], "Moscow cannot choose 'offensive' in 2020-12: it is not one of its moves"),
        ([None, "withdraw_for_price"], "it is not feasible"),
    ],
)
def test_an_invalid_choice_is_refused(returned, message):
    """A rule that returns a wrong number of choices, another actor's move or one that is not feasible is refused."""
    rule = type("Rule", (Actor,), {"decide": lambda _self, _options: returned})
    case = rp.load("karabakh").set({"moves.withdraw_for_price.from": "2022-01"}).case()
    model = LeverageModel(case, worlds=2, actors={"Moscow": rule})
    with pytest.raises(ValueError, match=message):
        model.step()


def test_a_rule_for_nobody_is_refused():
    """A rule for an actor that the case does not have is refused, with the nearest name."""
    with pytest.raises(ValueError, match="no actor 'Bakoo'; did you mean 'Baku'"):
        LeverageModel(rp.load("karabakh").case(), actors={"Bakoo": Never})


@pytest.mark.parametrize("foresight", [0, 2])
@pytest.mark.parametrize("copied", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
def test_a_copy_goes_on_as_its_original(copied, foresight):
    """A copy in the middle of a run plays the same months, apart from its original."""
    case = rp.load("karabakh", set={"theory.foresight": foresight}).case()
    model = LeverageModel(case, worlds=5, rng=3, numbers={"theory.phi": np.linspace(0.5, 1.0, 5)})
    for _ in range(30):
        model.step()
    other = copied(model)
    kept = other.state.memory.copy()
    for _ in range(6):
        model.step()
    assert np.array_equal(other.state.memory.view(np.int64), kept.view(np.int64))
    assert (other.date, model.date) == ("2023-05", "2023-11")
    for _ in range(6):
        other.step()
    assert np.array_equal(other.state.memory.view(np.int64), model.state.memory.view(np.int64))
    assert [actor.choice for actor in other.agents] == [actor.choice for actor in model.agents]
    assert other.actor("Baku").model is other


@pytest.mark.parametrize("months", [0, 20])
def test_a_removed_actor_makes_no_move(model, months):
    """Once it has left, none of its moves is made, in any world; those of others are."""
    for _ in range(months):
        model.step()
    baku = model.actor("Baku")
    owned = [v for v, move in enumerate(model.case.tables.moves) if move["actor"] == baku.index]
    before = model.state.made[:, owned].copy()
    baku.remove()
    taken = []
    for _ in range(40 - months):
        model.step()
        taken += [one.actor for position in range(3) for one in decisions(model, position)]
    assert "Baku" not in taken
    assert "Moscow" in taken
    assert np.array_equal(model.state.made[:, owned], before)
    with pytest.raises(ValueError, match="no actor 'Baku'"):
        model.actor("Baku")


def test_agents_of_other_classes_are_left_alone():
    """An observer in the same model changes no world, and is not asked to perceive."""
    case = rp.load("karabakh").case()
    alone, watched = (LeverageModel(case, worlds=3, rng=1) for _ in range(2))
    mesa.Agent(watched)
    for _ in range(20):
        alone.step()
        watched.step()
    assert np.array_equal(alone.state.memory.view(np.int64), watched.state.memory.view(np.int64))
    assert watched.actor("Moscow").name == "Moscow"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"case": rp.load("karabakh")}, "case must be a Case"),
        ({"worlds": [0.5, 1.7]}, "worlds must be"),
        ({"worlds": [3, -1]}, "worlds must be"),
        ({"worlds": -1}, "worlds must be"),
        ({"worlds": True}, "worlds must be"),
        ({"worlds": "3"}, "worlds must be"),
        ({"rng": 1.9}, "rng must be"),
        ({"rng": True}, "rng must be"),
        ({"rng": None}, "rng must be"),
        ({"rng": -1}, "rng must be"),
        ({"rng": 2**63}, "rng must be"),
        ({"numbers": {"theory.ph": 1.0}}, "no number 'theory.ph'; did you mean 'theory.phi'"),
        ({"numbers": {"theory.phi": [1.0, np.nan, 1.0]}}, "theory.phi needs a finite number"),
        ({"numbers": {"theory.phi": [1.0, 0.5]}}, "one for each of 3 worlds"),
        ({"numbers": {"theory.phi": None}}, "theory.phi needs"),
        ({"actors": {"Moscow": mesa.Agent}}, "Moscow needs a subclass of Actor"),
    ],
)
def test_what_no_model_can_play_is_refused(wrong, message):
    """Each argument of a model is checked, and named."""
    given = {"case": rp.load("karabakh").case(), "worlds": 3, **wrong}
    with pytest.raises((TypeError, ValueError), match=message):
        LeverageModel(**given)


def test_names_and_positions_are_checked(model):
    """A name that the case lacks is refused with the nearest one, and a position with the one of that world."""
    model.step()
    for asked in (model.issue, model.driver, model.happened, model.actor):
        with pytest.raises(ValueError, match=r"the case has no \w+ 'peacekeeper'"):
            asked("peacekeeper")
    for asked in (lambda: model.leverage("Mosco", "Baku"), lambda: model.actor("Baku").weight_of("Mosco")):
        with pytest.raises(ValueError, match="did you mean 'Moscow'"):
            asked()
    named = LeverageModel(model.case, worlds=[17, 18], rng=1)
    named.step()
    for asked in (named.numbers, lambda position: decisions(named, position)):
        with pytest.raises(IndexError, match="position must be 0 to 1, not 17; world 17 is at position 0"):
            asked(17)
        with pytest.raises(IndexError, match="not -1"):
            asked(-1)
    assert repr(named) == "<LeverageModel of 2 worlds, 2020-12 played>"
    assert repr(named.actor("Baku")) == "<Actor Baku>"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"worlds": np.array([-1])}, "numbered from 0"),
        ({"months": 9_999}, "months must be 0 to"),
        ({"numbers": {"theory.ph": np.ones(1)}}, "did you mean 'theory.phi'"),
        ({"numbers": {"theory.phi": np.array([np.nan])}}, "finite number"),
    ],
)
def test_what_no_kernel_can_play_is_refused(model, wrong, message):
    """`simulate` checks what it is given, as the model does."""
    with pytest.raises(ValueError, match=message):
        simulate(model.case, **{"worlds": np.array([0]), "seed": 1, **wrong})


def test_months_may_be_periods(model):
    """A pandas Period is a month of a case."""
    assert model.case.month_of(pd.Period("2021-02", "M")) == model.case.month_of("2021-02") == 2
