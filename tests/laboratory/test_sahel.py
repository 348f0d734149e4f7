"""French forces in Mali and Niger: two hosts with the same rows, and a theory that a rival beats."""

import re

import numpy as np
import pytest

import realpolitik as rp

WORLDS = 200


@pytest.fixture(scope="module")
def case() -> rp.Ensemble:
    """Return worlds of the case as shipped."""
    return rp.run("sahel", worlds=WORLDS)


def bare(row: object) -> object:
    """Return the numbers and names of a row, with Niger in place of Mali; texts and claims are left out."""
    if isinstance(row, dict):
        return {
            str(bare(key)): bare(value) for key, value in row.items() if key not in {"reason", "claims", "assumption"}
        }
    if isinstance(row, list):
        return [bare(one) for one in row]
    return re.sub("Bamako", "Niamey", re.sub("mali", "niger", row)) if isinstance(row, str) else row


def arrived(ensemble: rp.Ensemble) -> np.ndarray:
    """Return in which worlds Russians come to Mali."""
    return ensemble.to_xarray()["first"].sel(event="mali_patron").to_numpy() >= 0


def test_both_hosts_have_the_same_numbers() -> None:
    """What Niamey needs and wants are the rows of Bamako: the order of events is no choice of the author."""
    document = rp.load("sahel").document
    needs, wants = document["dependence"], document["interests"]
    shared = ["force", "accords", "wagner", "sanctions", "fee"]
    for kind in ("shield", "arms", "foothold"):
        ours, theirs = ({**needs[f"{kind}_{name}"], "channel": ""} for name in ("mali", "niger"))
        assert bare(ours) == bare(theirs)
    assert [kind for kind in shared if bare(wants[f"bamako_{kind}"]) != bare(wants[f"niamey_{kind}"])] == []


def test_history_holds_or_is_a_listed_miss() -> None:
    """Every row of history and every direction holds or is a listed miss; self-interest is closer to the dates."""
    sheet = rp.validate("sahel", worlds=500)
    assert [check.name for check in sheet.checks if not check.holds and check.listed is None] == []
    assert ("crps", "self-interest") in {(one["score"], one["by"]) for one in sheet.to_dict()["beaten"]}


def test_russians_come_first_in_mali_and_second_in_niger(case: rp.Ensemble) -> None:
    """Most exits from Mali follow the Russians; most from Niger precede them, and follow the end of the accords."""
    exits = {host: case.probability(f"{host}_exit") for host in ("mali", "niger")}
    assert case.probability("mali_patron_first") / exits["mali"] > 0.5
    assert case.probability("niger_patron_first") / exits["niger"] < 0.5
    assert case.probability("niger_pushed") / exits["niger"] > 0.8


def test_the_french_leave_mali_without_russians_too(case: rp.Ensemble) -> None:
    """Without a new patron they leave in most worlds, later, and always after Bamako has denounced the accords."""
    alone = rp.run("no-new-patron", worlds=WORLDS)
    months, others = (one.to_xarray()["first"].sel(event="mali_exit").to_numpy() for one in (alone, case))
    both = (months >= 0) & (others >= 0)
    assert 0.7 < alone.probability("mali_exit") < case.probability("mali_exit")
    assert 1 < np.mean(months[both] - others[both]) < 6
    assert alone.probability("mali_pushed") == alone.probability("mali_exit")


def test_sanctions_end_the_accords(case: rp.Ensemble) -> None:
    """Both hosts denounce the accords in less than half of the worlds without sanctions, and in most with them."""
    spared = rp.run("no-sanctions", worlds=WORLDS)
    for event in ("mali_denounced", "niger_denounced"):
        assert spared.probability(event) < 0.5 < 0.7 < case.probability(event)


def test_a_larger_force_makes_russians_cheaper(case: rp.Ensemble) -> None:
    """Had Paris not drawn down, Bamako would have paid less for them."""
    full = rp.run("sahel", worlds=WORLDS, set={"moves.draw_down.cost": 10.0})
    cheap, dear = (np.mean(one.to_xarray()["price"].sel(move="send_mali")[arrived(one)]) for one in (full, case))
    assert cheap < dear - 0.05


def test_moscow_expects_that_paris_leaves() -> None:
    """Where the force is large when Russians are sent, the account says that the French are expected to leave."""
    story = rp.explain("sahel", world=3, set={"moves.draw_down.cost": 10.0}, flips=False)
    account = next(one.account for one in story.decisions if one.account.move == "send_mali")
    assert ("Paris", "leave_mali") in {(one.actor, one.move) for one in account.expected}
