"""Audits: rows without their claims, and shares that sum to the whole."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

import realpolitik as rp
from realpolitik.auditing.coalitions import game, interval, prefixes, present, switches
from realpolitik.cli import cli

WORLDS = 128


@pytest.fixture(scope="module")
def karabakh():
    """Return the game of withdrawal by the end of 2025."""
    return game(rp.load("karabakh"), "withdrawal", "2025-12", worlds=WORLDS, seed=1, uncertainty=None)


@pytest.fixture(scope="module")
def found():
    """Return a small audit."""
    return rp.audit("karabakh", "withdrawal", by="2025-12", permutations=4, worlds=4)


def test_with_all_claims_it_is_the_scenario(karabakh):
    """The full coalition has the probability that `run` gives in the same worlds."""
    full = karabakh.values(np.ones((1, len(karabakh.players)), bool), 0)[0]
    assert full == rp.run("karabakh", worlds=WORLDS, seed=1).probability("withdrawal", by="2025-12")


@pytest.mark.parametrize("claim", ["C33", "C36", "C37", "C39"])
def test_a_row_switched_off_is_a_row_dropped(karabakh, claim):
    """Taking a claim away by numbers gives the probability of the scenario without the rows that cite it."""
    rows = [s.row for s in karabakh.switches if claim in s.claims if not s.row.startswith("moves")]
    moves = {f"{s.row}.chance": 0.0 for s in karabakh.switches if claim in s.claims and s.row.startswith("moves")}
    history = ["quantities.oil_sales"] if "dependence.outlet" in rows else []
    dropped = rp.load("karabakh").drop([*rows, *history]).set(moves)
    without = np.array([[player != claim for player in karabakh.players]])
    expected = rp.run(dropped, worlds=WORLDS, seed=1).probability("withdrawal", by="2025-12")
    assert karabakh.values(without, 0)[0] == expected


def test_a_row_falls_with_any_of_its_claims():
    """A row that cites two claims is there only if both are made."""
    row = next(s for s in switches(rp.load("karabakh")) if s.row == "moves.withdraw_for_price")
    coalitions = np.array([[True, True, True], [True, False, True], [False, False, False]])
    assert row.claims == ("C14", "C28", "C35")
    assert present(row, ["C14", "C28", "C35"], coalitions).tolist() == [True, False, False]


def test_coalitions_grow_along_an_order():
    """From nobody to all, one claim after the other."""
    grown = prefixes(np.array([2, 0, 1]))
    assert grown.astype(int).tolist() == [[0, 0, 0], [0, 0, 1], [1, 0, 1], [1, 1, 1]]


def test_shares_sum_to_the_whole_effect(found):
    """All shares together are the outcome with all claims less the outcome with none."""
    assert found.sum == pytest.approx(found.full - found.empty, abs=1e-12)
    assert found.effect_low <= found.sum <= found.effect_high


def test_every_claim_is_accounted_for(found):
    """Claims with rows have a burden, the others are named as carrying nothing."""
    register = found.scenario.document["claims"]
    assert sorted([*(b.claim for b in found.burdens), *found.unmoved]) == sorted(register)
    assert found.unmoved == ["C15"]
    assert [abs(b.share) for b in found.burdens] == sorted((abs(b.share) for b in found.burdens), reverse=True)
    assert all(b.low <= b.share <= b.high for b in found.burdens)


def test_an_audit_can_be_made_again(found):
    """The same seed gives the same document, to the last digit."""
    again = rp.audit("karabakh", "withdrawal", by="2025-12", permutations=4, worlds=4)
    assert again.to_dict() == found.to_dict()


def test_an_interval_covers_its_mean():
    """The bootstrap interval of constant rounds is that constant."""
    assert interval(1, np.full((5, 2), 0.25)).tolist() == [[0.25, 0.25], [0.25, 0.25]]
    assert interval(1, np.full((1, 2), 0.25)).tolist() == [[-1, -1], [1, 1]]


@pytest.mark.parametrize("rounds", [2, 8, 40])
def test_intervals_of_few_orders_cover(rounds):
    """However few orders there are, the interval of a share holds the truth 95 times in 100."""
    drawn = 0.1 * np.random.default_rng(1).normal(size=(rounds, 2_000))
    low, high = interval(1, drawn)
    assert 0.92 < np.mean((low <= 0) & (high >= 0)) < 0.97


def test_the_command_says_that_a_measure_is_not_audited():
    """Of an outcome with a measure the shares are of how often it happens: the command says so, and only then."""
    arguments = ["--permutations", "2", "--worlds", "1"]
    for outcome, said in (("price_of_withdrawal", True), ("withdrawal", False)):
        done = CliRunner().invoke(cli, ["audit", "karabakh", "--outcome", outcome, *arguments])
        assert ("of how often it happens, and not of its measure" in done.output) == said


def test_an_unknown_outcome_is_refused():
    """The message lists the outcomes that there are."""
    with pytest.raises(ValueError, match=r"unknown outcome 'withdrawl'; there are .*withdrawal"):
        rp.audit("karabakh", "withdrawl")
    with pytest.raises(ValueError, match="permutations must be an even number"):
        rp.audit("karabakh", "withdrawal", permutations=3)


def test_the_command_prints_one_document():
    """`audit --json` has the claims with their words, shares and intervals."""
    arguments = ["--outcome", "withdrawal", "--permutations", "2", "--worlds", "1"]
    done = CliRunner().invoke(cli, ["audit", "karabakh", *arguments, "--json"])
    result = json.loads(done.stdout)
    assert {"claim", "text", "share", "low", "high", "without", "difference"} <= result["claims"][0].keys()
    assert CliRunner().invoke(cli, ["audit", "karabakh", "--no-such-option"]).exit_code == 2
