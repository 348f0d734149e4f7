"""Laws and directions that the theory states, checked on the kernels."""

import numpy as np
import pytest

import realpolitik as rp
from realpolitik_model import Case, simulate
from reference.tables import filled

HALVES = np.linspace(0.0, 1.0, 9)


def mean_path(path, values, holder, over):
    """Return the leverage of one actor over another at the end of 2023, by world, when a number runs over values."""
    case = rp.load("karabakh").case()
    outputs = simulate(case, np.zeros(values.size, np.int64), seed=1, numbers={path: values}, paths=values.size)
    return outputs.leverage[:, case.month_of("2023-12"), case.pairs.index((holder, over))]


def test_more_isolation_never_lowers_bakus_leverage():
    """The same world under more isolation: Baku's leverage over Moscow never falls  (C33, C34, C40)."""
    assert (np.diff(mean_path("drivers.isolation.scale", HALVES, "Baku", "Moscow")) >= 0).all()


def test_more_war_never_raises_moscows_leverage():
    """The same world under more war: Moscow's leverage over Baku never rises  (C27)."""
    assert (np.diff(mean_path("drivers.war.scale", HALVES, "Moscow", "Baku")) <= 0).all()


@pytest.mark.parametrize("uncertainty", ["none", "prior"])
def test_everything_stays_in_bounds(uncertainty):
    """Issues and prices stay within 0 and 1, leverage at 0 or above, and everything finite."""
    kept = rp.run("karabakh", worlds=300, seed=3, uncertainty=uncertainty).kept
    for part in (kept.issues, kept.price, kept.final):
        assert ((part >= 0) & (part <= 1)).all()
    assert (kept.leverage >= 0).all()
    assert all(np.isfinite(part).all() for part in kept)


def test_without_leverage_nobody_is_heeded():
    """With phi 0, but only then, leverage weights and self-interest are the same theory, world by world  (E4)."""
    unpaid = {"moves.withdraw_for_price.chance": 0.0}
    heeding = rp.run("karabakh", worlds=50, set=unpaid).kept
    heedless = rp.run("karabakh", worlds=50, set={"theory.phi": 0.0, **unpaid}).kept
    rival = rp.run("karabakh", worlds=50, theory="self-interest", set=unpaid).kept
    assert heedless.issues.tobytes() == rival.issues.tobytes()
    assert heedless.issues.tobytes() != heeding.issues.tobytes()


def test_settlement_adds_in_the_order_of_moves():
    """Steps of 0.3, 0.2 and 0.1 listed so, by actors in reverse order, bring 0.6 and not 0.6000000000000001  (E8)."""
    steps = {"k": 0.3, "j": 0.2, "i": 0.1}
    rows = {
        "meta": {"start": "2020-01", "end": "2020-01"},
        "theory": {"phi": 1.0, "sigma": 0.0, "noise": 0.0, "patience": 2.0, "weights": "self-interest"},
        "actors": {"i": {}, "j": {}, "k": {}},
        "issues": {"gold": {"start": 0.0}},
        "interests": {a: {"actor": a, "issue": "gold", "position": 1.0, "salience": 1.0} for a in steps},
        "moves": {f"by_{a}": {"actor": a, "changes": {"gold": {"by": step}}} for a, step in steps.items()},
    }
    outputs = simulate(Case.of(filled(rows)), np.array([0]), seed=1, paths=1)
    assert outputs.issues[0, 0, 0] == 0.6 != (0.1 + 0.2) + 0.3


def test_a_fork_in_month_0_counts_from_the_start():
    """A fork at the scenario's start moves an issue's start; a later one leaves the months before it untouched."""
    start = rp.load("karabakh", set={"issues.karabakh.start": "0.5@2020-12"})
    later = rp.load("karabakh", set={"theory.phi": "2.0@2023-01"})
    plain = rp.run("karabakh", worlds=20).kept.issues
    assert (rp.run(start, worlds=1).kept.issues[0, 0, 0]) == 0.5
    forked, month = rp.run(later, worlds=20).kept.issues, later.case().month_of("2023-01")
    assert forked[:, :month].tobytes() == plain[:, :month].tobytes()
    assert forked.tobytes() != plain.tobytes()
