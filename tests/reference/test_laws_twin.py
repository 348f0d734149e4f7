"""Laws of the second part of the theory, checked on the twin."""

import math
from copy import deepcopy
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference import equations as eq
from reference.random_cases import cases, number_paths, quiet
from reference.test_random_cases import twin_of
from reference.twin import run


def with_theory(case, **theory):
    """Change the theory of a case, in its forks and ranges too."""
    document = case.document | {"theory": case.document["theory"] | theory}
    paths = {f"theory.{name}" for name in theory}
    ranges = {path: span for path, span in case.ranges.items() if path not in paths}
    forks = tuple((month, {p: v for p, v in numbers.items() if p not in paths}) for month, numbers in case.forks)
    return replace(case, document=document, ranges=ranges, forks=forks)


@quiet(60)
@given(cases(), st.floats(0.0, 0.999), st.floats(0.0, 1.0))
def test_a_horizon_below_one_month_is_none(case, fraction, discount):
    """Foresight below 1 is E5, whatever the discount."""
    assert twin_of(with_theory(case, foresight=fraction, discount=discount)) == twin_of(
        with_theory(case, foresight=0.0)
    )


def without_consequences(case):
    """Take out of a case whatever follows from a move: drift, shocks, and the moves of all but one actor."""
    document = deepcopy(case.document) | {"shocks": {}}
    actor = next(iter(document["moves"].values()))["actor"]
    for row in document["issues"].values():
        row["decay"] = 0.0
    for row in document["moves"].values():
        row["chance"] = 1.0 if row["actor"] == actor else 0.0
    return replace(case, document=document, ranges={}, forks=())


@quiet(100)
@given(cases(), st.integers(1, 6), st.sampled_from([0.0, 0.5, 0.97, 1.0]))
def test_without_consequences_every_horizon_is_alike(case, horizon, discount):
    """If nothing decays and nobody reacts, moves and payments are worth the same at every horizon."""
    case = without_consequences(case)
    near, far = (twin_of(with_theory(case, foresight=float(h), discount=discount), until=0) for h in (0, horizon))
    for v, row in case.document["moves"].items():
        if not row.get("payment"):
            assert alike(near.moves_value[0][v], far.moves_value[0][v])
    for one, other in zip(near.terms, far.terms, strict=True):
        assert alike(one["A"], other["A"])
        assert alike(one["b"], other["b"])
        assert all(alike(one[name][j], other[name][j]) for name in "ce" for j in one[name])


def alike(one, other):
    """Say whether two values differ by rounding alone; None is like None."""
    if one is None or other is None:
        return one is other
    return abs(one - other) <= 1e-12 * (1.0 + abs(one))


def rewritten(case, change):
    """Change every move of a case."""
    moves = {v: row | change(row) for v, row in case.document["moves"].items()}
    kept = {path for path, _ in number_paths(case.document | {"moves": {}})}
    ranges = {path: span for path, span in case.ranges.items() if path in kept}
    forks = tuple((month, {p: v for p, v in numbers.items() if p in kept}) for month, numbers in case.forks)
    return replace(case, document=case.document | {"moves": moves}, ranges=ranges, forks=forks)


def unanimous():
    """Give three ways to need the consent of everybody: a list, a count, and equal weights."""

    def everybody(row):
        return list(row["consent"]["of"] if isinstance(row["consent"], dict) else row["consent"])

    def listed(row):
        return {"consent": everybody(row)}

    def counted(row):
        return {"consent": {"of": everybody(row), "need": float(len(everybody(row)))} if everybody(row) else []}

    def weighed(row):
        return {"consent": {"of": dict.fromkeys(everybody(row), 0.1), "need": 0.1 * len(everybody(row))}}

    return listed, counted, weighed


@quiet(40)
@given(cases())
def test_a_unanimous_vote_is_a_list(case):
    """A vote that needs everybody, by count or by equal weights, is the consent of all."""
    listed, counted, weighed = (twin_of(rewritten(case, form)) for form in unanimous())
    assert listed == counted == weighed


def in_table(row):
    """Name the only payer of a move in a table."""
    payment = row.get("payment")
    if not payment or isinstance(payment["from"], dict):
        return {}
    return {"payment": payment | {"from": {payment["from"]: payment["changes"]}, "changes": None}}


@quiet(40)
@given(cases())
def test_one_payer_in_a_table_is_the_single_form(case):
    """A table of one payer means what naming the payer means."""
    assert twin_of(rewritten(case, in_table)) == twin_of(rewritten(case, lambda row: row))


# --- Interests and paid moves ---


def made(noise, foresight, divisible, months=1, **saliences):
    """Give the seeds in which a paid move is made within some months: i gives up land, for which j pays in gold."""
    interests = {
        "i_land": {"issue": "land", "position": 0.0, "salience": 0.5},
        "j_land": {"issue": "land", "position": 1.0, "salience": 1.0},
        "i_gold": {"issue": "gold", "position": 1.0, "salience": 1.0},
        "j_gold": {"issue": "gold", "position": 0.0, "salience": 0.5},
    }
    for name, salience in saliences.items():
        interests[name] |= {"salience": abs(salience)} | ({"position": 1.0} if salience < 0.0 else {})
    payment = {"from": "j", "changes": {"gold": {"by": 1.0}}, "divisible": divisible}
    document = {
        "meta": {"start": "2020-01", "end": f"2020-{months:02d}"},
        "theory": {"noise": noise, "weights": "self-interest", "patience": 3.0, "foresight": foresight},
        "actors": {"i": {}, "j": {}},
        "issues": {"land": {"start": 0.5}, "gold": {"start": 0.0}},
        "interests": {name: row | {"actor": name[0]} for name, row in interests.items()},
        "moves": {"sell": {"actor": "i", "changes": {"land": {"by": 0.5}}, "consent": ["j"], "payment": payment}},
    }
    return {seed for seed in range(60) if run(document, seed=seed, world=0).made["sell"]}


@pytest.mark.parametrize("noise", [0.05, 0.15])
@pytest.mark.parametrize("foresight", [0.0, 2.0])
@pytest.mark.parametrize("divisible", [True, False])
@pytest.mark.parametrize("name", ["j_land", "i_gold"])
def test_wanting_more_what_a_trade_brings_never_makes_it_rarer(noise, foresight, divisible, name):
    """The more the payer wants what is done, or the mover what is paid, the more seeds in which the move is made."""
    often = [len(made(noise, foresight, divisible, **{name: 0.5 * n})) for n in range(8)]
    assert often == sorted(often)
    assert often[0] < often[-1] or (name, divisible) == ("i_gold", False)


SALIENCES = [2.5, 1.5, 0.5, 0.1, 0.0, -0.1, -0.5, -1.5]
"""From minding the move to wanting it."""


@pytest.mark.parametrize("foresight", [0.0, 2.0])
@pytest.mark.parametrize("divisible", [True, False])
def test_without_noise_wanting_a_paid_move_itself_never_makes_it_rarer(foresight, divisible):
    """From minding the move to wanting it, it is first not made, then for a price, and in the end for nothing."""
    seeds = [made(0.0, foresight, divisible, i_land=salience) for salience in SALIENCES]
    assert all(fewer <= more for fewer, more in pairwise(seeds))
    assert (seeds[0], len(seeds[-1])) == (set(), 60)


@pytest.mark.parametrize("noise", [0.05, 0.15])
@pytest.mark.parametrize("foresight", [0.0, 2.0])
@pytest.mark.parametrize("divisible", [True, False])
def test_with_noise_wanting_a_paid_move_itself_never_makes_it_rarer_within_a_year(noise, foresight, divisible):
    """With noise that holds for a year, not for a month: nobody pays for what will soon be done for nothing."""
    often = [len(made(noise, foresight, divisible, 12, i_land=salience)) for salience in SALIENCES]
    assert often == sorted(often)
    assert (often[0], often[-1]) == (0, 60)


# --- Terms of several payers ---

MONEY = st.floats(-2.0, 2.0).map(lambda v: round(v, 3))
SIDES = st.lists(st.tuples(MONEY, MONEY), min_size=2, max_size=3)
POWERS = st.lists(st.tuples(st.floats(0.01, 3.0), st.floats(0.01, 3.0)), min_size=3, max_size=3)


def product(tau, A, b, sides, omega_i, omegas):
    """Give the logarithm of the Nash product, minus infinity if an actor does not gain."""
    gains = [A + tau * b, *(kept - tau * e for kept, e in sides)]
    if min(gains) <= 0.0:
        return -math.inf
    return sum(omega * math.log(gain) for omega, gain in zip([omega_i, *omegas], gains, strict=True))


@quiet(300)
@given(MONEY, st.floats(0.01, 2.0), SIDES, POWERS)
def test_bisection_finds_the_best_terms(A, b, sides, powers):
    """No terms on a fine grid are better than those of the bisection, and a deal is found where the grid has one."""
    shares = eq.e7_omegas(powers[: len(sides)])
    assert math.isclose(shares[0] + sum(shares[1]), 1.0)
    tau = eq.e7_joint(A, b, sides, *shares)
    best = max(product(n / 500, A, b, sides, *shares) for n in range(501))
    assert product(tau, A, b, sides, *shares) >= best - 1e-9


@quiet(200)
@given(MONEY, st.floats(0.01, 2.0), MONEY, MONEY, st.floats(0.01, 0.99))
def test_bisection_for_one_payer_is_the_closed_form(A, b, kept, e, omega):
    """Where there is a deal, bisection with one payer comes to the terms of the closed form."""
    closed = eq.e7_tau(A, b, kept, e, omega)
    if eq.e7_deal(A, b, kept, e, closed):
        assert eq.e7_joint(A, b, [(kept, e)], omega, [1.0 - omega]) == pytest.approx(closed, abs=1e-9)
