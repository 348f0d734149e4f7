"""Asks of every claim what the outcome would be without it, and what its share is."""

from concurrent.futures import ThreadPoolExecutor
from os import PathLike, cpu_count

import numpy as np

from realpolitik.auditing.playing import Game, game
from realpolitik.auditing.result import Audit, Burden
from realpolitik.auditing.shapley import Round, interval, play
from realpolitik.choices import Uncertainty
from realpolitik.ensembles import MOST_SEED, Progress, scenario_of, whole
from realpolitik.scenario import Scenario, Settings

MOST_WORLDS, MOST_PERMUTATIONS = 4_096, 65_536


def audit(
    scenario: str | PathLike[str] | Scenario,
    outcome: str,
    *,
    by: str | None = None,
    worlds: int = 8,
    permutations: int = 1024,
    seed: int = 1,
    set: Settings = (),
    uncertainty: Uncertainty | None = None,
    progress: Progress | None = None,
) -> Audit:
    """Say how much each claim carries for the probability of an outcome.

    A row stands only if all of its claims do. A claim's share is what it adds to the probability, averaged over the
    orders in which the claims could be made; the shares sum to the effect of all claims together.

    Parameters
    ----------
    scenario, seed, set, uncertainty
        As for `run`.
    outcome, by
        The outcome, and the month "YYYY-MM" by which it must happen; the scenario's end by default.
    permutations
        Orders of the claims, an even number: each is played with its reverse, in the same worlds.
    worlds
        Worlds for each pair of orders.
    """
    permutations = whole("permutations", permutations, 2, MOST_PERMUTATIONS)
    if permutations % 2:
        raise ValueError(f"permutations must be an even number, 2 to {MOST_PERMUTATIONS}, not {permutations}")
    worlds, seed = whole("worlds", worlds, 1, MOST_WORLDS), whole("seed", seed, 0, MOST_SEED)
    chosen = scenario_of(scenario, set)
    played = game(chosen, outcome, by, worlds=worlds, seed=seed, uncertainty=uncertainty)
    rounds = _rounds(played, permutations // 2, progress)
    return _audit(played, outcome, permutations, rounds)


def _rounds(played: Game, count: int, progress: Progress | None) -> list[Round]:
    rounds = []
    with ThreadPoolExecutor(cpu_count()) as pool:
        for found in pool.map(lambda round_: play(played, round_), range(count)):
            rounds.append(found)
            if progress is not None:
                progress(len(rounds), count)
    return rounds


def _audit(played: Game, outcome: str, permutations: int, rounds: list[Round]) -> Audit:
    full, empty = (np.array([getattr(r, name) for r in rounds]) for name in ("full", "empty"))
    low, high = interval(played.seed, full - empty)
    register = played.scenario.document["claims"]
    return Audit(
        scenario=played.scenario,
        outcome=outcome,
        by=played.case.date_of(played.months - 1),
        seed=played.seed,
        worlds=played.worlds,
        permutations=permutations,
        uncertainty=played.uncertainty,
        full=float(full.mean()),
        empty=float(empty.mean()),
        effect_low=float(low),
        effect_high=float(high),
        burdens=_burdens(played, rounds),
        unmoved=[claim for claim in register if claim not in played.players],
    )


def _burdens(played: Game, rounds: list[Round]) -> list[Burden]:
    """Return the burden of every claim, the heaviest first, ties in the order of the register."""
    shares, without = (np.stack([getattr(r, name) for r in rounds]) for name in ("shares", "without"))
    differences = np.array([r.full for r in rounds])[:, None] - without
    register = played.scenario.document["claims"]
    share, difference = (interval(played.seed, values) for values in (shares, differences))
    burdens = [
        Burden(
            claim=claim,
            text=register[claim]["text"],
            rows=[switch.row for switch in played.switches if claim in switch.claims],
            share=float(shares[:, n].mean()),
            low=float(share[0, n]),
            high=float(share[1, n]),
            without=float(without[:, n].mean()),
            difference=float(differences[:, n].mean()),
            difference_low=float(difference[0, n]),
            difference_high=float(difference[1, n]),
        )
        for n, claim in enumerate(played.players)
    ]
    return sorted(burdens, key=lambda burden: -abs(burden.share))
