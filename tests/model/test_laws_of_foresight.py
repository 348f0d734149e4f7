"""Laws of foresight, checked on the kernels: what a horizon changes, what it must not change, and the twin."""

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import realpolitik as rp
from model.test_twin import COMPANY, by_mesa, same
from playing import bits, numbers_of, outputs_of, worlds_of
from realpolitik.choices import THEORIES
from realpolitik.uncertainty import draw_numbers
from realpolitik_model import Case, LeverageModel, decisions, ensemble, simulate
from realpolitik_model.accounting import account
from realpolitik_model.engine.memory import MARKS
from realpolitik_model.engine.state import KINDS, TABLES, place_of, state_for
from realpolitik_model.prospects import Expected
from reference import twin
from reference.random_cases import cases, quiet
from reference.tables import filled
from reference.test_laws_twin import alike, with_theory, without_consequences

PATH = "theory.foresight"
MONTHS = 72
"""Enough of the base case: from December 2020 until November 2026."""


# --- Horizons ---


@quiet(60)
@given(cases(), st.sampled_from([(0.0, 0.9), (3.0, 3.9)]), st.floats(0.0, 1.0))
def test_a_fraction_of_a_month_is_no_foresight(case, horizons, discount):
    """Foresight 0.9 is E5, whatever the discount, and 3.9 is 3."""
    whole, more = horizons
    short = with_theory(case, foresight=whole, **({"discount": discount} if whole else {}))
    long = with_theory(case, foresight=more, discount=discount)
    assert bits(outputs_of(short)) == bits(outputs_of(long))


@quiet(40)
@given(cases(), st.integers(2, 6))
def test_without_weight_later_months_do_not_matter(case, horizon):
    """With discount 0, every horizon of a month or more leaves the same bytes."""
    one, more = (with_theory(case, foresight=float(h), discount=0.0) for h in (1, horizon))
    assert bits(outputs_of(one)) == bits(outputs_of(more))


def first_month(case, horizon, discount):
    """Play the first month of a case with a horizon."""
    case = with_theory(case, foresight=float(horizon), discount=discount)
    model = LeverageModel(Case.of(case.document), worlds=[case.world], rng=case.seed)
    model.step()
    return model


def feasible(model):
    """List the moves that were feasible in the month just played."""
    b, lane = place_of(0)
    return [v for v in range(len(model.case.moves)) if model.state.feasible[b, v, lane]]


def by_place(told):
    """Return what an account adds up by actor and issue, over all months ahead, with the value itself."""
    parts = {(actor, issue): sum(ahead) for actor, issues in told.parts.items() for issue, ahead in issues.items()}
    through = {("through", name): share for name, share in told.through.items()}
    return parts | through | {"own": told.own, "value": told.value}


@quiet(150)
@given(cases(), st.integers(1, 6), st.sampled_from([0.0, 0.5, 0.97, 1.0]))
def test_without_consequences_every_horizon_has_the_same_account(case, horizon, discount):
    """If nothing drifts and nobody reacts, an account is the same at every horizon, by actor and issue."""
    case = without_consequences(case)
    near, far = (first_month(case, h, discount) for h in (0, horizon))
    free = [v for v in feasible(near) if not case.document["moves"][near.case.moves[v]].get("payment")]
    assert [v for v in feasible(far) if v in free or v not in feasible(near)] == free
    for v in free:
        told = [account(model, v) for model in (near, far)]
        one, other = map(by_place, told)
        assert all(alike(one.get(name, 0.0), other.get(name, 0.0)) for name in one | other)
        assert told[1].horizon == horizon
        assert (told[1].expected, told[1].otherwise) == ([], [])


@quiet(60)
@given(cases(), st.integers(1, 6))
def test_an_account_with_foresight_adds_up(case, horizon):
    """Parts by actor, issue and month ahead add up to own gain and shares, and with cost and noise to the value."""
    case = with_theory(case, foresight=float(horizon))
    model = LeverageModel(Case.of(case.document), worlds=[case.world], rng=case.seed)
    while model.running and model.month < 8:
        model.step()
        for told in decisions(model):
            parts = {a: sum(sum(ahead) for ahead in issues.values()) for a, issues in told.parts.items()}
            scale = 1e-12 * (1.0 + sum(abs(p) for issues in told.parts.values() for a in issues.values() for p in a))
            assert abs(parts.pop(told.actor, 0.0) - told.own) <= scale
            assert all(abs(parts.get(a, 0.0) - told.through.get(a, 0.0)) <= scale for a in parts | told.through)
            assert abs(told.own + sum(told.through.values()) - told.cost + told.noise - told.value) <= scale


# --- Company ---


@quiet(60)
@given(cases())
def test_worlds_with_different_foresight_run_together(case):
    """Worlds that look ahead differently leave in one ensemble the bytes of ensembles of their own."""
    horizons = np.array([0.0, 3.0, 1.0, 0.9, 6.0, 2.0, 0.0, 4.5, 3.0, 1.0])
    case, worlds = with_theory(case, foresight=0.0), worlds_of(case, horizons.size)
    together = outputs_of(case, worlds, {PATH: horizons})
    for n, horizon in enumerate(horizons):
        apart = outputs_of(with_theory(case, foresight=float(horizon)), worlds[n : n + 1])
        assert bits(together, n) == bits(apart), horizon


@quiet(30)
@given(cases())
def test_a_world_with_foresight_is_the_same_in_company(case):
    """At foresight 3 a world alone leaves the bytes that it leaves among forty, also in reverse."""
    case, worlds = with_theory(case, foresight=3.0), worlds_of(case, 40)
    crowd, reverse = outputs_of(case, worlds), outputs_of(case, worlds[::-1].copy())
    for n in (0, 9, 39):
        assert bits(outputs_of(case, worlds[n : n + 1])) == bits(crowd, n) == bits(reverse, 39 - n)


@quiet(100)
@given(cases(), st.sampled_from([0.0, 1.0, 3.0]))
def test_nothing_depends_on_what_memory_held_before(case, horizon):
    """A world starts from its numbers alone, whatever the worlds before it left in their tables."""
    case = with_theory(case, foresight=horizon)
    clean = outputs_of(case, worlds_of(case, 2))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ensemble, "state_for", used_state_for)
        assert bits(outputs_of(case, worlds_of(case, 2))) == bits(clean)


def used_state_for(*args):
    """Return a state in which every table holds something, but those that tell where the others are, or are empty."""
    state = state_for(*args)
    for name in set(TABLES) - {"stream", "numbers", "varied", "open", "opened", "open_list"}:
        table = getattr(state, name)
        table.view(np.int64 if KINDS[name] == MARKS else np.float64)[:] = 3
    return state


def test_world_17_of_the_base_case_is_the_same_in_company():
    """At foresight 3, with drawn numbers, world 17 of the base case is the same alone and among fifty."""
    scenario = rp.load("karabakh", set={PATH: 3})

    def play(*worlds):
        numbers = draw_numbers(scenario, 1, np.array(worlds), "prior")
        return simulate(scenario.case(), np.array(worlds), seed=1, numbers=numbers, months=MONTHS, paths=len(worlds))

    assert bits(play(17)) == bits(play(*range(50)), 17)


@pytest.mark.parametrize("foresight", [0.0, 3.0])
def test_a_zero_has_no_sign(foresight):
    """An issue that starts at -0.0, or is set to it, leaves the same bytes whether or not other worlds settle it."""
    still = {"changes": {"gate": {"to": -0.0}}, "hazard": 0.5}
    step = {"actor": "owner", "changes": {"gate": {"by": 0.1}}, "cost": 0.1}
    document = {
        "meta": {"start": "2030-01", "end": "2030-06"},
        "theory": {"noise": 0.1, "foresight": foresight},
        "actors": {"owner": {}, "other": {}},
        "issues": {"gate": {"start": -0.0, "decay": 0.1}},
        "shocks": {"still": still},
        "moves": {"step": step},
    }
    case, worlds = Case.of(filled(document)), np.arange(40)
    crowd = simulate(case, worlds, seed=1, paths=40)
    assert 0 < (crowd.made > 0).sum() < 40
    for n in range(40):
        assert bits(simulate(case, worlds[n : n + 1], seed=1, paths=1)) == bits(crowd, n)


# --- Forks ---


@quiet(6)
@given(cases(), st.integers(1, 4), st.integers(1, 4))
def test_foresight_may_begin_and_end(case, begins, lasts):
    """Foresight 3 for some months, by forks: kernels, Mesa model and twin agree to the bit."""
    case = with_theory(case, foresight=0.0)
    month = Case.of(case.document).date_of
    forks = ((month(begins), {PATH: 3.0}), (month(begins + lasts), {PATH: 0.0}))
    forks = tuple(sorted(case.forks + forks, key=lambda fork: fork[0]))
    kernels, worlds = Case.of(case.document, forks), worlds_of(case, COMPANY)
    numbers = numbers_of(case, worlds)
    outputs = simulate(kernels, worlds, seed=case.seed, numbers=numbers, paths=COMPANY)
    drawn = case.numbers(int(worlds[0]))
    same(outputs, kernels, twin.run(case.document, seed=case.seed, world=case.world, forks=forks, numbers=drawn))
    by_mesa(replace(case, forks=forks), kernels, worlds, numbers, outputs)


def test_foresight_by_forks_matters_in_its_months():
    """In the base case foresight from 2022 to 2023 leaves earlier months untouched, and changes later ones."""
    spans = [{}, {PATH: "3@2022-01"}]
    plain, forked = (rp.run(rp.load("karabakh", set=span), worlds=20, until="2024-01").kept.issues for span in spans)
    both = rp.load("karabakh", set={PATH: "3@2022-01"}).set([rp.scenario.parse_setting(f"{PATH}=0@2022-06")])
    ended = rp.run(both, worlds=20, until="2024-01").kept.issues
    begins, ends = (both.case().month_of(date) for date in ("2022-01", "2022-06"))
    assert plain[:, :begins].tobytes() == forked[:, :begins].tobytes() == ended[:, :begins].tobytes()
    assert plain.tobytes() != ended.tobytes()
    assert forked[:, :ends].tobytes() == ended[:, :ends].tobytes()
    assert forked.tobytes() != ended.tobytes()


# --- Refusals ---

GIFT = {
    "meta": {"start": "2030-01", "end": "2030-12"},
    "theory": {"noise": 0.0, "sigma": 0.0, "patience": 6.0, "weights": "self-interest", "foresight": 3.0},
    "issues": {"gate": {"start": 0.0}, "gift": {"start": 0.0}},
    "interests": {
        "asker_gate": {"actor": "asker", "issue": "gate", "position": 1.0, "salience": 1.0},
        "owner_gate": {
            "actor": "owner", "issue": "gate", "salience": 1.0, "position": {"value": 0.0, "effects": {"gift": 1.0}},
        },
        "friend_gate": {"actor": "friend", "issue": "gate", "position": 1.0, "salience": 2.0},
        "friend_gift": {"actor": "friend", "issue": "gift", "position": 0.0, "salience": 0.1},
    },
    "moves": {
        "ask": {"actor": "asker", "changes": {"gate": {"to": 1.0}}, "consent": ["owner"]},
        "give": {"actor": "friend", "changes": {"gift": {"to": 1.0}}},
    },
}  # fmt: skip
"""The owner of a gate refuses to open it unless it has a gift, which a friend of the asker would give."""


@pytest.mark.parametrize("order", list(permutations(["asker", "owner", "friend"])))
def test_a_refusal_of_this_month_is_not_known_this_month(order):
    """The owner refuses in the month in which the friend decides; the friend expects the asker to ask again at once.

    Whatever the order of actors: a refusal counts from the next month on, in the months of every prospect too.
    """
    document = filled(GIFT | {"actors": {name: {} for name in order}})
    case = Case.of(document)
    model = LeverageModel(case, worlds=[0], rng=1)
    model.step()
    told = {a.move: a for a in decisions(model)}
    assert {move: a.result for move, a in told.items()} == {"ask": "refused", "give": "done"}
    assert told["give"].expected == [Expected(1, "asker", "ask", "agreed")]
    assert told["give"].otherwise == [Expected(1, "asker", "ask", "refused")]
    outputs = simulate(case, np.array([0]), seed=1, paths=1)
    same(outputs, case, twin.run(document, seed=1, world=0))
    gate = outputs.issues[0, :, case.issues.index("gate")].tolist()
    assert gate == [0.0] * 7 + [1.0] * 5


# --- The twin ---


@pytest.mark.parametrize("theory", THEORIES)
@pytest.mark.parametrize("foresight", [1, 3])
def test_base_case_with_foresight(theory, foresight):
    """On a world of the base case with drawn numbers, under every weight rule, kernels and twin agree bit for bit."""
    agree(rp.load("karabakh", set={"theory.weights": theory, PATH: foresight}), 7, 17, "prior")


@pytest.mark.parametrize("name", [s.name for s in rp.shipped()])
def test_every_shipped_scenario_with_foresight(name):
    """On world 3 of every shipped scenario at foresight 2 they agree bit for bit."""
    agree(rp.load(name, set={PATH: 2}), 1, 3, "none")


def agree(scenario, seed, world, uncertainty):
    """Assert that kernels and twin agree on the first months of a world."""
    case = scenario.case()
    drawn = draw_numbers(scenario, seed, np.array([world]), uncertainty)
    numbers = {path: float(value[0]) for path, value in drawn.items()}
    months = min(MONTHS, case.months)
    told = twin.run(scenario.document, seed=seed, world=world, forks=scenario.forks, numbers=numbers, until=months - 1)
    same(simulate(case, np.array([world]), seed=seed, numbers=drawn, months=months, paths=1), case, told)
