"""The random cases are alive: what the model can do happens in them, and one seed gives one world."""

from collections import Counter

from hypothesis import HealthCheck, given, settings

from reference.random_cases import bounds, cases, features, number_paths
from reference.twin import run

FAIRLY_OFTEN = ["done", "agreed", "refused", "no deal", "shock struck", "outcome measured", "0 < q < 1"]
SOMETIMES = ["accepted at tau = 0", "accepted at 0 < tau < 1", "accepted at tau = 1", "paid move refused"]


def quiet(examples):
    """Run the same examples every time, and remember nothing."""
    return settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


def twin_of(case, **options):
    """Run the world of a case."""
    return run(case.document, seed=case.seed, world=case.world, forks=case.forks, numbers=case.numbers(), **options)


def test_the_cases_are_alive():
    """Moves are made, agreed, refused and paid for in part and in full, in a good share of 300 cases."""
    seen = Counter()

    @quiet(300)
    @given(cases())
    def look(case):
        seen.update(features(twin_of(case)))

    look()
    assert {name: n for name in FAIRLY_OFTEN if (n := seen[name]) < 60} == {}
    assert {name: n for name in SOMETIMES if (n := seen[name]) < 6} == {}


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


@quiet(40)
@given(cases())
def test_an_account_adds_up(case):
    """Own gain, gains through others, cost and noise of a decision add up to its value."""
    for d in twin_of(case).decisions:
        total = d["own"] + sum(d["through"].values()) - d["cost"] + d["noise"]
        size = abs(d["own"]) + sum(map(abs, d["through"].values())) + d["cost"] + abs(d["noise"])
        assert abs(total - d["value"]) <= 1e-12 * (1.0 + size)


@quiet(40)
@given(cases())
def test_a_shorter_run_is_a_prefix(case):
    """A run until month 3 is the beginning of the whole run."""
    whole, part = twin_of(case), twin_of(case, until=3)
    assert part.issues == whole.issues[:4]
    assert part.decisions == [d for d in whole.decisions if d["month"] <= 3]
