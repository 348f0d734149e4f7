"""Laws of votes, payments and windows, checked on the kernels."""

from collections import Counter

import numpy as np
from hypothesis import given

from playing import bits, numbers_of, outputs_of, worlds_of
from realpolitik_model import Case, LeverageModel, decisions
from reference.random_cases import cases, quiet
from reference.tables import month_index
from reference.test_laws_twin import in_table, rewritten, unanimous, with_theory


@quiet(60)
@given(cases())
def test_a_unanimous_vote_is_a_list(case):
    """A vote that needs everybody, by count or by equal weights, leaves the bytes of the consent of all."""
    listed, counted, weighed = (bits(outputs_of(rewritten(case, form))) for form in unanimous())
    assert listed == counted == weighed


@quiet(60)
@given(cases())
def test_one_payer_in_a_table_is_the_single_form(case):
    """A table of one payer leaves the bytes of naming that payer."""
    assert bits(outputs_of(rewritten(case, in_table))) == bits(outputs_of(rewritten(case, dict)))


def test_all_or_nothing_has_no_price_in_between():
    """If no payment is divisible, every price is 0 or 1; in the same cases divisible ones have prices in between."""
    seen = Counter()

    @quiet(150, 1.0)
    @given(cases())
    def look(case):
        for divisible in (True, False):
            prices = outputs_of(rewritten(case, lambda row, d=divisible: payment(row, divisible=d))).price
            seen.update({(divisible, float(price) if price in (0.0, 1.0) else "between"): 1 for price in prices.flat})

    look()
    assert seen[False, "between"] == 0
    assert seen[False, 1.0] >= 10
    assert seen[True, "between"] >= 10


def payment(row, **terms):
    """Change the payment of a move that has one."""
    return {"payment": row["payment"] | terms} if row.get("payment") else {}


def taken(case):
    """Step some worlds of a case: the moves taken, and those that accounts expect, as (month, move)."""
    worlds = worlds_of(case)
    model = LeverageModel(
        Case.of(case.document, case.forks), worlds=worlds, rng=case.seed, numbers=numbers_of(case, worlds)
    )
    found, foreseen = set(), set()
    while model.running:
        model.step()
        moves = {v for name in model.case.actors for v in model.actor(name).choice} - {None}
        found |= {(model.month, v) for v in moves}
        accounts = [told for n in range(worlds.size) for told in decisions(model, n)]
        expected = [e for told in accounts for e in (*told.expected, *told.otherwise)]
        foreseen |= {(model.month + e.ahead, e.move) for e in expected}
    return found, foreseen


def test_no_move_is_taken_or_expected_outside_its_window():
    """With windows, no choice and no expectation lies outside them; without, many in the same cases do."""
    seen = Counter()

    @quiet(80)
    @given(cases())
    def look(case):
        windows = {v: bounds_of(row, case.document["meta"]["start"]) for v, row in case.document["moves"].items()}

        def outside(month, v):
            first, last = windows[v]
            return not first <= month <= last

        case = with_theory(case, foresight=4.0)
        for name, one in (("shut", case), ("free", rewritten(case, without_window))):
            for kind, found in zip(("taken", "expected"), taken(one), strict=True):
                seen[name, kind] += sum(outside(*each) for each in found)

    look()
    assert (seen["shut", "taken"], seen["shut", "expected"]) == (0, 0)
    assert min(seen["free", "taken"], seen["free", "expected"]) >= 20


def without_window(row):
    """Open the window of a move."""
    return {key: None for key in row if key in ("from", "until")}


def bounds_of(row, start):
    """Return the first and the last month of a row."""
    first, last = (row.get(key) and month_index(row[key], start) for key in ("from", "until"))
    return -np.inf if first is None else first, np.inf if last is None else last
