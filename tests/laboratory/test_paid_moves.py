"""Raising an actor's interest in what a paid move brings never makes the move rarer.

This is about whole runs, and about moves that are their own fallback. In a single month it can be otherwise: if the
mover would soon act unpaid, nobody pays, and the move comes when luck would have it. A run that is short compared with
`theory.patience`, or a payment of all or nothing, can end before that.
"""

from pathlib import Path

import pytest

import realpolitik as rp

PAID = Path(__file__).parent / "paid"
ROWS = {
    "garrison": ("patron_garrison", ["patron_tariff"], ["host_garrison"]),
    "ferry": ("upland_ferry", ["upland_toll"], ["lowland_ferry"]),
    "two_buyers": ("highland_pass", ["highland_railway", "highland_subsidy"], ["lowland_pass", "harbour_pass"]),
}
"""Setting -> the mover's interest in the move, those in the payment, and the payers' in the move."""
FORESIGHT = [0, 3]
MINDING = [3.0, 1.5, 1.0, 0.7, 0.5, 0.4, 0.3, 0.25, 0.2, 0.18, 0.16, 0.14, 0.12, 0.1, 0.05, 0.0]
WANTING = [0.02, 0.05, 0.1, 0.2, 0.5]
SALIENCES = [0.0, 0.1, 0.2, 0.3, 0.5, 0.8, 1.2, 2.0, 4.0]


def share(name, foresight, worlds=500, **saliences):
    """Return the share of worlds in which the move is made; a salience below 0 wants the opposite position."""
    scenario = rp.load(PAID / f"{name}.toml", set={"theory.foresight": foresight})
    settings = {}
    for row, salience in saliences.items():
        settings[f"interests.{row}.salience"] = abs(salience)
        if salience < 0:
            settings[f"interests.{row}.position"] = 1.0 - scenario.numbers[f"interests.{row}.position"]
    ensemble = rp.run(scenario, worlds=worlds, set=settings)
    return float((ensemble.kept.made[:, ensemble.case.moves.index("sell")] > 0).mean())


@pytest.mark.parametrize("foresight", FORESIGHT)
@pytest.mark.parametrize("name", ROWS)
def test_a_mover_that_wants_the_move_more_makes_it_in_no_fewer_worlds(name, foresight):
    """From minding the move to wanting it, the share of worlds in which it is made does not fall."""
    saliences = [*MINDING, *(-salience for salience in WANTING)]
    shares = [share(name, foresight, **{ROWS[name][0]: salience}) for salience in saliences]
    assert shares == sorted(shares)
    assert shares[0] < 0.5 < shares[-1] == 1.0


@pytest.mark.parametrize("foresight", FORESIGHT)
@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize("kind", [1, 2], ids=["payment", "payers"])
def test_wanting_more_what_the_move_brings_makes_it_in_no_fewer_worlds(name, foresight, kind):
    """The more the mover wants the payment, or a payer the move, the more worlds, however much the mover minds it."""
    for row in ROWS[name][kind]:
        rises = []
        for minds in (0.15, 0.5, 0.8, 1.5):
            shares = [share(name, foresight, **{ROWS[name][0]: minds, row: salience}) for salience in SALIENCES]
            assert shares == sorted(shares), (row, minds)
            rises.append(shares[-1] - shares[0])
        assert max(rises) > 0.5, row


def test_a_patron_that_cares_less_for_its_garrison_leaves_more_often():
    """In the case that `new` writes, without its unpaid move: .5, .2 and 0, over 2,000 worlds."""
    shares = [share("garrison", 0, worlds=2000, patron_garrison=salience) for salience in (0.5, 0.2, 0.0)]
    assert shares == sorted(shares)
    assert shares[0] < 0.9 < 0.99 < shares[1]
