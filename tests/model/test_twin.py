"""The fast path has a slow twin: kernels and plain-Python loops are two readings of one page, to the last bit."""

from dataclasses import astuple, replace

import numpy as np
import pytest
from hypothesis import given

import realpolitik as rp
from realpolitik.accounts import without_gain
from realpolitik.choices import THEORIES
from realpolitik.uncertainty import draw_numbers
from realpolitik_model import Case, Fork, LeverageModel, Moment, decisions, simulate, smallest_flip
from realpolitik_model.flip import choices
from reference import random_cases, twin
from reference.random_cases import quiet

COMPANY = 5
"""Worlds that share a block, each with numbers of its own."""
TRIES = 4
"""Decisions of a scenario for which a flip is sought, until one is found."""


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


def test_random_scenarios():
    """On 250 random scenarios, with forks, kernels and twin agree bit for bit on worlds that share a block and differ.

    So does the Mesa model; and most scenarios have a decision that some single number flips.
    """
    flipped = []

    @quiet(250)
    @given(random_cases.cases())
    def agree(scenario):
        case, worlds = Case.of(scenario.document, scenario.forks), scenario.world + np.arange(COMPANY)
        drawn = [scenario.numbers(int(world)) for world in worlds]
        varied = {path: np.array([numbers[path] for numbers in drawn]) for path in scenario.ranges}
        outputs = simulate(case, worlds, seed=scenario.seed, numbers=varied, paths=COMPANY)
        for n in (0, COMPANY - 1):
            world, numbers = int(worlds[n]), drawn[n]
            told = twin.run(scenario.document, seed=scenario.seed, world=world, forks=scenario.forks, numbers=numbers)
            same(outputs, case, told, n)
        flipped.append(by_mesa(scenario, case, worlds, varied, outputs))

    agree()
    assert sum(flipped) > len(flipped) / 2


def by_mesa(scenario, case, worlds, varied, outputs):
    """Step the Mesa model through the same worlds, and look at the decisions of one of them.

    Every decision is taken again from the state at the start of its month, its account adds up, and is that of the
    twin; the change that is named to flip one of them, made in that month, does flip it.
    """
    seed, last = scenario.seed, COMPANY - 1
    model = LeverageModel(case, worlds=worlds, rng=seed, numbers=varied)
    numbers = scenario.numbers(int(worlds[last]))
    told = twin.run(scenario.document, seed=seed, world=int(worlds[last]), forks=scenario.forks, numbers=numbers)
    by_twin = {(said["month"], said["move"]): said for said in told.decisions}
    flipped, tries = False, TRIES
    for t in range(case.months):
        model.step()
        moment = Moment.of(model, last)
        for k, name in enumerate(case.issues):
            assert model.issue(name).tolist() == outputs.issues[:, t, k].tolist(), name
        for i, name in enumerate(case.actors if t % 5 == 4 else []):
            taken = model.actor(name).choice[last]
            again = choices(case, moment, i, np.array([0]), moment.numbers[:1])[0]
            assert (case.moves[again] if again >= 0 else None) == taken, name
        for account in decisions(model, last):
            adds_up(account, by_twin[t, account.move])
            if tries and not flipped:
                flipped, tries = flips(scenario, case, moment, account), tries - 1
    for o, name in enumerate(case.outcomes):
        assert model.happened(name).tolist() == outputs.first[:, o].tolist(), name
    return flipped


def adds_up(account, told):
    """Assert that the parts of a value add up to it, by actor, issue and month ahead, and are those of the twin."""
    assert (account.own, account.cost, account.noise, account.tau) == (
        told["own"], told["cost"], told["noise"], told["tau"],
    )  # fmt: skip
    assert account.through == {a: share for a, share in told["through"].items() if share}
    assert account.consents == told["consents"]
    assert account.deal == told["deal"]
    assert [astuple(party) for party in account.parties] == told["parties"]
    assert not (account.deal and without_gain(account))
    through = sum(account.through.values())
    size = max(1.0, abs(account.own) + sum(map(abs, account.through.values())))
    assert abs(account.own + through - account.cost + account.noise - account.value) < 1e-12 * size
    assert abs(sum(account.rows.values()) - account.own - through) < 1e-12 * size
    for actor in told["weights"] | {account.actor: 1.0}:
        parts, weight = account.parts.get(actor, {}), told["weights"].get(actor, 1.0)
        whole = account.own if actor == account.actor else account.through.get(actor, 0.0)
        assert abs(sum(map(sum, parts.values())) - whole) < 1e-12 * size
        for (a, issue, ahead), gained in told["gains"].items():
            if a == actor and weight:
                part = parts[issue][ahead] if issue in parts else 0.0
                assert abs(part - weight * gained) < 1e-12 * size, (actor, issue, ahead)
    taken = "paid" if account.tau > 0.0 else "made"
    assert foreseen(account.expected) == (sorted(told["expects"][taken]) if account.horizon else [])
    assert foreseen(account.otherwise) == (sorted(told["expects"]["held"]) if account.horizon else [])


def foreseen(expected):
    """Return what is expected as the twin tells it."""
    return sorted((e.ahead, e.actor, e.move, e.result) for e in expected)


def flips(scenario, case, moment, account):
    """Assert that the smallest change of some numbers that flips a decision, if there is one, does flip it."""
    paths = [path for path in case.paths if path.startswith(("moves.", "interests.", "dependence.", "theory.phi"))]
    some = paths[:: max(1, len(paths) // 12)]
    flip = smallest_flip(case, moment, account, {path: random_cases.bounds(path) for path in some})
    if flip is None:
        return False
    forked = replace(case, forks=(*case.forks, Fork(account.month, {flip.path: flip.value})))
    numbers = {path: np.array([value]) for path, value in scenario.numbers(moment.world).items()}
    model = LeverageModel(forked, worlds=[moment.world], rng=scenario.seed, numbers=numbers)
    while model.month < account.month:
        model.step()
    kept = model.actor(account.actor).choice[0] == account.move
    made = [one.result for one in decisions(model) if one.actor == account.actor] == ["agreed"]
    assert (kept and made) if account.result == "refused" else not kept, flip
    return True


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
