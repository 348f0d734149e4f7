"""Plays coalitions of claims: the outcome of the argument with some of its claims left out."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from realpolitik.auditing.switches import Flags, Switch, case_of, present, switches
from realpolitik.choices import Uncertainty
from realpolitik.ensembles import months_until
from realpolitik.scenario import Scenario
from realpolitik.uncertainty import Drawn, draw_numbers, uncertainty_of
from realpolitik_model import Case, simulate

Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Game:
    """What is asked, and of which claims: the players are those on which a row stands, in the register's order."""

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
        """Return the share of a round's worlds that see the outcome under each coalition (coalitions, players).

        All coalitions of a round are played in the same worlds, so their differences are not luck.
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
        """Return every number that differs between these worlds: those drawn, and those of rows switched off."""
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
    """Set up an audit; ValueError if there is nothing to audit."""
    case, found = case_of(scenario), switches(scenario)
    if outcome not in case.outcomes:
        raise ValueError(f"unknown outcome {outcome!r}; there are {', '.join(case.outcomes)}")
    cited = {claim for switch in found for claim in switch.claims}
    players = [claim for claim in scenario.document["claims"] if claim in cited]
    if not players:
        raise ValueError(f"no row of {scenario.name} stands on a claim")
    index, months = case.outcomes.index(outcome), months_until(case, by)
    kind = uncertainty_of(scenario, uncertainty)
    return Game(scenario, case, found, players, index, months, worlds, seed, kind)
