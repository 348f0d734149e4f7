"""The equations as plain functions: each is what the twin says, called alone from Python and compiled for one world."""

import math
import re

import numba
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realpolitik_model import equations
from realpolitik_model.engine import vectors  # noqa: F401 (lets compiled code call the equations)
from realpolitik_model.equations import RULES, arithmetic
from reference import equations as twin
from repository.tree import ROOT

SHARES = st.floats(0.0, 1.0)
SIZES = st.floats(0.0, 10.0)
VALUES = st.floats(-20.0, 20.0)
KINDS = st.sampled_from(["linear", "quadratic"])
few = settings(max_examples=200, deadline=None, derandomize=True, database=None)


@few
@given(SIZES, SHARES)
def test_e1_driver(scale, path):
    """A driver is its path, scaled and held within 0 and 1."""
    assert equations.driver(scale, path) == twin.e1_driver(scale, path)


@few
@given(SIZES, VALUES)
def test_e2_exposure(stake, alternatives):
    """One row of dependence is its stake, as far as there is no alternative."""
    row = {"dependent": "i", "provider": "j", "stake": stake, "alternatives": alternatives}
    assert equations.exposure(stake, alternatives) == twin.e2_dependence(["i", "j"], [row], {})["i", "j"]


@few
@given(KINDS, SHARES, SHARES)
def test_e3_interests(kind, outcome, position):
    """Loss is the distance or its square."""
    assert equations.loss(outcome, position, kind == "quadratic") == twin.e3_loss(kind, outcome, position)


@few
@given(st.sampled_from(["salience", "stake", "cost", "capability", "chance", "rest", "position"]), VALUES, VALUES)
def test_numbers_that_respond(name, value, effect):
    """A number with effects is held within 0 and 1 if it is a share, and above 0 otherwise."""
    row = {name: {"value": value, "effects": {"z": effect}}}
    share = name in ("chance", "rest", "position")
    assert equations.held(value + effect * 0.75, share) == twin.responding(row, name, {"z": 0.75})


@few
@given(st.sampled_from(RULES), SIZES, SIZES, VALUES, st.lists(SIZES, min_size=3, max_size=3))
def test_e4_weights_and_power(rule, phi, leverage, eps, capabilities):
    """Each rule of the registry gives the weight and the power that the twin gives."""
    actors = dict(zip("iab", capabilities, strict=True))
    D = {(i, j): leverage for i in actors for j in actors}
    theory = {"phi": phi, "sigma": 0.3, "weights": rule.name}
    seen = equations.heeded(leverage, equations.misperception(0.3, eps))
    weight = rule.weight(phi, seen, twin.share(actors, "a"))
    assert weight == twin.e4_weight(theory, actors, D, dict.fromkeys(D, eps), "i", "a")
    assert rule.power(leverage, actors["i"]) == twin.e4_power(rule.name, actors, D, "i", "a")


@few
@given(KINDS, SHARES, st.floats(-1.0, 1.0), SHARES, SIZES)
def test_e5_gain(kind, outcome, step, position, salience):
    """The gain from one step, to one interest, is the loss that it saves, weighted by salience."""
    interest = {"actor": "a", "issue": "k", "position": position, "s": salience}
    after = equations.target(outcome, step, False)
    assert after == twin.changed({"by": step}, outcome)
    gained = equations.gain(salience, outcome, after, position, kind == "quadratic")
    assert gained == twin.e5_gain("a", {"k": {"by": step}}, {"k": outcome}, [interest], kind)


@few
@given(SHARES, st.floats(1.0, 24.0))
def test_e5_months_ahead(discount, foresight):
    """What months ahead count falls by the discount to the horizon, is nothing beyond it, and adds up to 1."""
    power, powers = 1.0, []
    for months in range(25):
        powers.append(equations.within_horizon(power, months, foresight))
        power = power * discount
    total = 0.0
    for weight in powers:
        total = total + weight
    beta = twin.e5_beta(discount, int(foresight))
    assert [weight / total for weight in powers] == [*beta, *[0.0] * (25 - len(beta))]


@few
@given(st.lists(SIZES, min_size=1, max_size=5), SIZES)
def test_e6_votes(weights, need):
    """Votes suffice if those that consent add up to what is needed, but for rounding."""
    said = {f"a{n}": 1.0 if n % 2 else -1.0 for n in range(len(weights))}
    consent = {"of": dict(zip(said, weights, strict=True)), "need": need}
    votes = 0.0
    for n, weight in enumerate(weights):
        votes = votes + weight if n % 2 else votes
    assert equations.votes_suffice(votes, need) == twin.e6_agreed(consent, said, {})


@few
@given(st.lists(st.one_of(st.none(), VALUES, st.just(0.5)), max_size=6))
def test_e6_choice(values):
    """Considered one by one, moves lead to the first of the greatest value above 0, or to none."""
    chosen, best = -1.0, 0.0
    for move, value in enumerate(values):
        chosen, best = equations.choose(chosen, best, move, value or 0.0, value is not None)
    taken = twin.e6_choice(dict(enumerate(values)))
    assert chosen == (-1.0 if taken is None else taken)


@few
@given(VALUES, VALUES, VALUES, VALUES, SIZES, SIZES)
def test_e7_terms(a, b, c, e, mine, theirs):
    """Terms are the asymmetric Nash bargain, also where a hand, a cost or a payment is nothing."""
    assert equations.settle_terms(a, b, c, e, mine, theirs) == twin.e7_tau(a, b, c, e, twin.e7_omega(mine, theirs))


@few
@given(VALUES, SHARES, st.floats(0.0, 120.0))
def test_e7_outside_option(value, noise, patience):
    """The chance that the fallback is made, and that it is not made for so long."""
    chance = equations.chance_positive(value, noise)
    assert chance == twin.e7_chance(value, noise)
    assert equations.keep_back(chance, patience) == twin.e7_keep(chance, patience)


@few
@given(SHARES, st.floats(-3.0, 3.0), SHARES, VALUES)
def test_e8_settlement(outcome, change, decay, rest):
    """What was agreed is added and held within bounds; then the issue drifts towards rest."""
    settled = equations.settle(outcome, change)
    assert settled == twin.clip(outcome + change, 0.0, 1.0)
    row = {"rest": rest, "decay": decay}
    assert equations.drift(settled, decay, rest) == twin.e8_decay({"k": settled}, {}, {"k": row})["k"]


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("driver", (1.5, 0.4)),
        ("exposure", (0.8, 0.25)),
        ("loss", (0.2, 0.9, True)),
        ("heeded", (0.5, -0.1)),
        ("gain", (2.0, 0.1, 0.6, 0.9, False)),
        ("choose", (-1.0, 0.0, 3.0, 0.2, True)),
        ("settle_terms", (-0.25, 1.0, 0.5, 1.0, 1.0, 1.0)),
        ("chance_positive", (0.03, 0.1)),
        ("keep_back", (0.3, 6.0)),
        ("settle", (0.75, 0.5)),
        ("held", (1.25, True)),
        ("worse", (0.1, 0.6, 0.9, True)),
        ("within_horizon", (0.97, 2.0, 3.0)),
        ("room", (0.0, 1.0, -0.5, 2.0)),
        ("slope", (0.5, 1.0, 2.0, 0.25)),
        ("halve", (0.0, 1.0, 0.5, True)),
        ("agree_jointly", (0.4, 1.0, False)),
        ("votes_suffice", (0.65, 0.65)),
    ],
)
def test_a_compiled_equation_is_the_plain_one(name, values):
    """The engine compiles the very function that Python runs, and it gives the same bits for one world."""
    equation = getattr(equations, name)
    compiled = numba.njit(lambda *given: equation(*given))
    assert compiled(*values) == equation(*values)


def test_division_is_that_of_ieee_754():
    """Over 0, plain Python gives what the processor gives: infinity with its sign, or no number."""
    assert [arithmetic.divide(a, b) for a, b in ((1.0, 0.0), (-1.0, 0.0), (1.0, -0.0))] == [
        math.inf,
        -math.inf,
        -math.inf,
    ]
    assert math.isnan(arithmetic.divide(0.0, 0.0))


def test_the_description_names_a_function_for_each_equation():
    """model/README.md names one function for each of E1-E8; it exists, and its docstring names the equation."""
    text = (ROOT / "model" / "README.md").read_text(encoding="utf-8")
    named = dict(re.findall(r"^\| (E\d) [a-z ]+\| `(\w+)\(", text, re.MULTILINE))
    assert sorted(named) == [f"E{n}" for n in range(1, 9)]
    for equation, name in named.items():
        stated = getattr(equations, name).__doc__
        assert equation in stated
        assert ">>> " in stated
