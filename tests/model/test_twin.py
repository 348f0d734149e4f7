"""The fast path has a slow twin: kernels and plain-Python loops are two readings of one page, to the last bit."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

import realpolitik as rp
from realpolitik.uncertainty import draw_numbers
from realpolitik_model import Case, simulate
from reference import random_cases, twin


def same(outputs, case, world):
    """Assert that what the kernels left of one world is what the twin says of it."""
    for k, name in enumerate(case.issues):
        assert outputs.issues[0, :, k].tolist() == [month[name] for month in world.issues], name
    for n, pair in enumerate(case.pairs):
        assert outputs.leverage[0, :, n].tolist() == world.leverage[pair], pair
    for o, name in enumerate(case.outcomes):
        assert outputs.first[0, o] == world.first[name], name
        assert world.value[name] is None or outputs.measured[0, o] == world.value[name], name
    for v, name in enumerate(case.moves):
        counts = outputs.made[0, v], outputs.refused[0, v]
        assert counts == (len(world.made[name]), len(world.refused[name])), name
        assert outputs.price[0, v] == world.prices[name], name


@settings(max_examples=250, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None)
@given(random_cases.cases())
def test_random_scenarios(scenario):
    """On 250 random scenarios, with forks and numbers of their own, kernels and twin agree bit for bit."""
    case, numbers = Case.of(scenario.document, scenario.forks), scenario.numbers()
    world = twin.run(scenario.document, seed=scenario.seed, world=scenario.world, forks=scenario.forks, numbers=numbers)
    varied = {path: np.array([value]) for path, value in numbers.items()}
    outputs = simulate(case, np.array([scenario.world]), seed=scenario.seed, numbers=varied, paths=1)
    same(outputs, case, world)


@pytest.mark.parametrize("theory", ["leverage", "self-interest", "capability", "placebo"])
@pytest.mark.parametrize("number", [0, 17, 4_000_000_000])
def test_base_case(theory, number):
    """On the base case, under every weight rule and with numbers drawn from their ranges, they agree bit for bit."""
    scenario = rp.load("karabakh", set={"theory.weights": theory})
    drawn = draw_numbers(scenario, 7, np.array([number]), "prior")
    numbers = {path: float(value[0]) for path, value in drawn.items()}
    world = twin.run(scenario.document, seed=7, world=number, numbers=numbers)
    case = scenario.case()
    same(simulate(case, np.array([number]), seed=7, numbers=drawn, paths=1), case, world)


@pytest.mark.parametrize("name", [s.name for s in rp.shipped()])
def test_every_shipped_scenario(name):
    """On world 3 of every shipped scenario they agree bit for bit."""
    scenario = rp.load(name)
    case = scenario.case()
    world = twin.run(scenario.document, seed=1, world=3, forks=scenario.forks)
    same(simulate(case, np.array([3]), seed=1, paths=1), case, world)
