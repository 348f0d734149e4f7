"""The fast path has a slow twin: kernels and plain-Python loops are two readings of one page, to the last bit."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

import realpolitik as rp
from realpolitik.choices import THEORIES
from realpolitik.uncertainty import draw_numbers
from realpolitik_model import Case, LeverageModel, Moment, simulate
from realpolitik_model.flip import choices
from reference import random_cases, twin

COMPANY = 5
"""Worlds that share a block, each with numbers of its own."""


def same(outputs, case, world, n=0):
    """Assert that what the kernels left of the n-th world is what the twin says of it."""
    for k, name in enumerate(case.issues):
        assert outputs.issues[n, :, k].tolist() == [month[name] for month in world.issues], name
    for p, pair in enumerate(case.pairs):
        assert outputs.leverage[n, :, p].tolist() == world.leverage[pair], pair
    for o, name in enumerate(case.outcomes):
        assert outputs.first[n, o] == world.first[name], name
        assert world.value[name] is None or outputs.measured[n, o] == world.value[name], name
    for v, name in enumerate(case.moves):
        counts = outputs.made[n, v], outputs.refused[n, v]
        assert counts == (len(world.made[name]), len(world.refused[name])), name
        assert outputs.price[n, v] == world.prices[name], name


@settings(max_examples=250, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None)
@given(random_cases.cases())
def test_random_scenarios(scenario):
    """On 250 random scenarios, with forks, kernels and twin agree bit for bit on worlds that share a block and differ.

    So does the Mesa model, and every move it takes is taken again from the state before it.
    """
    case, worlds = Case.of(scenario.document, scenario.forks), scenario.world + np.arange(COMPANY)
    drawn = [scenario.numbers(int(world)) for world in worlds]
    varied = {path: np.array([numbers[path] for numbers in drawn]) for path in scenario.ranges}
    outputs = simulate(case, worlds, seed=scenario.seed, numbers=varied, paths=COMPANY)
    for n in (0, COMPANY - 1):
        world, numbers = int(worlds[n]), drawn[n]
        told = twin.run(scenario.document, seed=scenario.seed, world=world, forks=scenario.forks, numbers=numbers)
        same(outputs, case, told, n)
    by_mesa(case, worlds, scenario.seed, varied, outputs)


def by_mesa(case, worlds, seed, varied, outputs):
    """Step the Mesa model through the same worlds; choose again in one of them, from the state before each month."""
    model = LeverageModel(case, worlds=worlds, rng=seed, numbers=varied)
    for t in range(case.months):
        model.step()
        moment = Moment.of(model, COMPANY - 1)
        for k, name in enumerate(case.issues):
            assert model.issue(name).tolist() == outputs.issues[:, t, k].tolist(), name
        for i, name in enumerate(case.actors if t % 5 == 4 else []):
            taken = model.actor(name).choice[COMPANY - 1]
            again = choices(case, moment, i, np.array([0]), moment.numbers[:1])[0]
            assert (case.moves[again] if again >= 0 else None) == taken, name
    for o, name in enumerate(case.outcomes):
        assert model.happened(name).tolist() == outputs.first[:, o].tolist(), name


@pytest.mark.parametrize("theory", THEORIES)
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
