"""Coalitions of claims: the model played with some claims left out, and Shapley shares from it.

Rows are switched off by their numbers, so that all coalitions are worlds of one case. Shares are estimated by sampling
orders of the claims (Shapley 1953; Castro, Gomez & Tejada 2009).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from realpolitik.choices import REASONED, Z95, Uncertainty, name_in
from realpolitik.ensembles import months_until
from realpolitik.pairing import students
from realpolitik.scenario import Scenario
from realpolitik.scenario.errors import no_such
from realpolitik.scenario.forms import effect_paths
from realpolitik.uncertainty import Drawn, draw_numbers, uncertainty_of
from realpolitik_model import Case, simulate

Document = Mapping[str, Any]
Flags = npt.NDArray[np.bool_]
PROHIBITIVE = 10.0
"""The largest cost that a scenario may give: a move at this cost is no outside option  (E7)."""


@dataclass(frozen=True)
class Switch:
    """A row that cites claims, and the numbers at which it has no effect."""

    row: str
    claims: tuple[str, ...]
    off: dict[str, float]


def switches(scenario: Scenario) -> list[Switch]:
    """Return a switch for every row that cites claims; ValueError if a fork changes a number of a switch."""
    found = [
        Switch(f"{table}.{name}", tuple(row["claims"]), dict(OFF[table](f"{table}.{name}", row)))
        for table in REASONED
        for name, row in scenario.document[table].items()
        if row["claims"]
    ]
    forked = {path for fork in scenario.forks for path in fork.numbers}
    for switch in found:
        for path in forked & switch.off.keys():
            raise ValueError(f"{path} is changed by a fork, so {switch.row} cannot be switched off")
    return found


def present(switch: Switch, players: list[str], coalitions: Flags) -> Flags:
    """Return in which coalitions, (coalitions,), a row counts: those that have all of its claims."""
    needed = coalitions[:, [players.index(claim) for claim in switch.claims]]
    return np.asarray(needed.all(axis=1))


def case_of(scenario: Scenario) -> Case:
    """Return the case of a scenario in which every shock has a hazard, so that it can be switched off."""
    document = {**scenario.document, "shocks": {n: chancy(row) for n, row in scenario.document["shocks"].items()}}
    return Case.of(document, [(fork.month, fork.numbers) for fork in scenario.forks])


def chancy(shock: Document) -> Document:
    """Return a dated shock as one with a hazard of 1 in that month."""
    if shock["at"] is None:
        return shock
    return {**shock, "at": None, "hazard": 1.0, "from": shock["at"], "until": shock["at"]}


def off(key: str, value: float, path: str, row: Document) -> Iterator[tuple[str, float]]:
    """Yield a number of a row with its new value, and its effects, all 0."""
    yield f"{path}.{key}", value
    yield from ((effect, 0.0) for effect in effect_paths(path, row)[key])


def _driver(path: str, row: Document) -> Iterator[tuple[str, float]]:
    """Fix a driver at the first value of its path, or the mean of its season."""
    for date in row["path"] or ():
        yield f"{path}.path.{date}", next(iter(row["path"].values()))
    for n in range(len(row["season"] or ())):
        yield f"{path}.season.{n + 1}", sum(row["season"]) / 12


def _move(path: str, row: Document) -> Iterator[tuple[str, float]]:
    """Never make a move, and make it too expensive to be an outside option."""
    yield from off("chance", 0.0, path, row)
    yield from off("cost", PROHIBITIVE, path, row)


OFF: dict[str, Callable[[str, Document], Iterator[tuple[str, float]]]] = {
    "issues": partial(off, "decay", 0.0),
    "drivers": _driver,
    "dependence": partial(off, "stake", 0.0),
    "interests": partial(off, "salience", 0.0),
    "moves": _move,
    "shocks": partial(off, "hazard", 0.0),
}
"""Table -> the numbers at which a row of it has no effect."""
Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Game:
    """The cooperative game: the players are the claims that rows cite, the value is the outcome's probability."""

    scenario: Scenario
    case: Case
    switches: list[Switch]
    players: list[str]
    outcome: int
    months: int
    worlds: int
    seed: int
    uncertainty: Uncertainty

    def values(self, coalitions: Flags, round_: int) -> Values:
        """Return the share of worlds with the outcome for each coalition, (coalitions,).

        `coalitions` is (coalitions, players). All coalitions of a round are played in the same worlds, so that their
        differences are not sampling noise of worlds.
        """
        count = len(coalitions)
        here = np.arange(round_ * self.worlds, (round_ + 1) * self.worlds, dtype=np.int64)
        drawn = draw_numbers(self.scenario, self.seed, here, self.uncertainty)
        numbers = self._numbers(drawn, coalitions)
        outputs = simulate(self.case, np.tile(here, count), seed=self.seed, numbers=numbers, months=self.months)
        happened = outputs.first[:, self.outcome].reshape(count, self.worlds) >= 0
        share: Values = happened.mean(axis=1)
        return share

    def _numbers(self, drawn: Drawn, coalitions: Flags) -> Drawn:
        """Return dotted path -> (coalitions * worlds,) of the numbers that are drawn or switched off."""
        numbers = {path: np.tile(values, len(coalitions)) for path, values in drawn.items()}
        for switch in self.switches:
            stands = np.repeat(present(switch, self.players, coalitions), self.worlds)
            for path, off in switch.off.items():
                on = numbers.get(path, self.case.numbers[self.case.paths[path]])
                numbers[path] = np.where(stands, on, off)
        return numbers


def game(
    scenario: Scenario, outcome: str, by: str | None, *, worlds: int, seed: int, uncertainty: Uncertainty | None
) -> Game:
    """Return the game of an outcome by a month; ValueError if the outcome is unknown or no row cites a claim."""
    case, found = case_of(scenario), switches(scenario)
    if name_in("outcome", outcome) not in case.outcomes:
        raise ValueError(no_such("outcome", outcome, case.outcomes, scenario.document))
    cited = {claim for switch in found for claim in switch.claims}
    players = [claim for claim in scenario.document["claims"] if claim in cited]
    if not players:
        raise ValueError(f"no row of {scenario.name} cites a claim")
    index, months = case.outcomes.index(outcome), months_until(case, by, "by")
    kind = uncertainty_of(scenario, uncertainty)
    return Game(scenario, case, found, players, index, months, worlds, seed, kind)


RESAMPLES = 2_000
"""Bootstrap resamples behind an interval."""
INTERVAL = (0.025, 0.975)
FEW = 30
"""Rounds below which an interval is by Student's t."""


class Round(NamedTuple):
    """The values of one order of the claims and its reverse, played in the same worlds."""

    shares: Values
    """(players,): what each claim adds, mean of both orders; the sum is `full` - `empty`."""
    without: Values
    """(players,): the value without each claim."""
    full: float
    empty: float


def play(game: Game, round_: int) -> Round:
    """Play one order of the claims, its reverse, and all claims but each one."""
    count = len(game.players)
    order = np.random.Generator(np.random.PCG64([game.seed, round_])).permutation(count)
    forward, backward = prefixes(order), prefixes(order[::-1])[1:-1]
    value = game.values(np.concatenate([forward, backward, ~np.eye(count, dtype=bool)]), round_)
    one, other, without = np.split(value, [count + 1, 2 * count])
    back = np.concatenate([one[:1], other, one[-1:]])
    shares = np.empty(count)
    shares[order] = 0.5 * np.diff(one)
    shares[order[::-1]] += 0.5 * np.diff(back)
    return Round(shares, without, float(one[-1]), float(one[0]))


def prefixes(order: npt.NDArray[np.int64]) -> Flags:
    """Return the coalitions along an order, (players + 1, players), from none to all."""
    place = np.argsort(order)
    flags: Flags = place[None, :] < np.arange(order.size + 1)[:, None]
    return flags


def interval(seed: int, rounds: Values) -> Values:
    """Return the 95% interval (2, ...) of the mean over rounds, which are axis 0; of one round, -1 to 1.

    Of `FEW` rounds or more it is a bootstrap, of fewer Student's t, as resamples of few are too much alike.
    """
    count = len(rounds)
    if count < FEW:
        if count == 1:
            return np.stack([np.full(rounds.shape[1:], end) for end in (-1.0, 1.0)])
        half = students(Z95, count) * rounds.std(axis=0, ddof=1) / count**0.5
        return np.stack([np.clip(rounds.mean(axis=0) + sign * half, -1.0, 1.0) for sign in (-1.0, 1.0)])
    rng = np.random.Generator(np.random.PCG64(seed))
    means = np.stack([rounds[rng.integers(0, count, count)].mean(axis=0) for _ in range(RESAMPLES)])
    bounds: Values = np.quantile(means, INTERVAL, axis=0)
    return bounds
