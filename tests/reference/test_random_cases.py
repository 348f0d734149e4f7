"""The random cases are alive: what the model can do happens in them, and one seed gives one world."""

from collections import Counter

from hypothesis import given

from reference.random_cases import RESPONSIVE, bounds, cases, features, number_paths, quiet
from reference.twin import run

FAIRLY_OFTEN = [
    "done", "agreed", "refused", "no deal", "shock struck", "outcome measured", "window kept a move away",
    "decided with foresight",
]  # fmt: skip
SOMETIMES = [
    "0 < q < 1", "paid move refused", "paid move accepted", "made unpaid for want of a deal",
    "foresight took another move", "a reaction was foreseen", "a refusal was foreseen", "vote failed",
    "vote failed with a yes", *(f"{name} responded" for names in RESPONSIVE.values() for name in names),
]  # fmt: skip
SELDOM = [
    "accepted at tau = 0", "accepted at 0 < tau < 1", "accepted at tau = 1", "vote passed with a no",
    "joint payment accepted", "joint payment at 0 < tau < 1", "all or nothing accepted",
    "a payment changed what follows",
]  # fmt: skip


def twin_of(case, **options):
    """Run the world of a case."""
    return run(case.document, seed=case.seed, world=case.world, forks=case.forks, numbers=case.numbers(), **options)


def test_the_cases_are_alive():
    """What each form of the theory is for happens in a good share of 600 cases."""
    seen = Counter()

    @quiet(600, 1.0)
    @given(cases())
    def look(case):
        seen.update(features(case, twin_of(case)))

    look()
    assert {name: n for name in FAIRLY_OFTEN if (n := seen[name]) < 120} == {}
    assert {name: n for name in SOMETIMES if (n := seen[name]) < 30} == {}
    assert {name: n for name in SELDOM if (n := seen[name]) < 6} == {}


@quiet(40)
@given(cases())
def test_numbers_keep_their_bounds(case):
    """Every number of a case, and every number a world draws, lies in the bounds of the file format."""
    values = [*number_paths(case.document), *case.numbers().items()]
    values += [item for _, numbers in case.forks for item in numbers.items()]
    outside = [(p, v) for p, v in values if "requires" not in p and not bounds(p)[0] <= v <= bounds(p)[1]]
    assert outside == []


@quiet(40)
@given(cases())
def test_state_keeps_its_bounds(case):
    """Issues, drivers and prices stay in [0, 1], and leverage is never below 0."""
    twin = twin_of(case)
    shares = [v for row in twin.issues + twin.drivers for v in row.values()] + list(twin.prices.values())
    assert all(0.0 <= v <= 1.0 for v in shares)
    assert all(v >= 0.0 for months in twin.leverage.values() for v in months)


@quiet(80)
@given(cases())
def test_an_account_adds_up(case):
    """Own gain, gains through others, cost and noise add up to the value; gains by issue and month to those gains."""
    for d in twin_of(case).decisions:
        assert close(d["value"], d["own"], *d["through"].values(), -d["cost"], d["noise"])
        for a, whole in ({d["actor"]: d["own"]} | d["through"]).items():
            weight = d["weights"].get(a, 1.0)
            assert close(whole, *(weight * gain for (who, *_), gain in d["gains"].items() if who == a))


def close(whole, *parts):
    """Say whether parts add up to a whole, but for rounding."""
    return abs(sum(parts) - whole) <= 1e-12 * (1.0 + sum(map(abs, parts)))


@quiet(40)
@given(cases())
def test_a_shorter_run_is_a_prefix(case):
    """A run until month 3 is the beginning of the whole run."""
    whole, part = twin_of(case), twin_of(case, until=3)
    assert part.issues == whole.issues[:4]
    assert part.decisions == [d for d in whole.decisions if d["month"] <= 3]
