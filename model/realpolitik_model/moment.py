"""One world at the start of a month: all that its decisions depend on; and worlds played from there."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from realpolitik_model.case import Case
from realpolitik_model.engine import schedule
from realpolitik_model.engine.state import State, blocks_for, padded, place_of, state_for
from realpolitik_model.model import LeverageModel

Values = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Moment:
    """One world at the start of one month, its forks applied."""

    world: int
    seed: np.uint64
    month: int
    numbers: Values
    """All numbers, in the order of the case."""
    quantity: Values
    """Issues, drivers, leverage and prices."""
    aside: Values
    """Per move: when it was last refused."""

    @classmethod
    def of(cls, model: LeverageModel, position: int = 0) -> "Moment":
        """Return the start of the month that a model has just played, in the world at a position."""
        b, lane = model.place(position)
        opening = model.state.opening[b, :, lane].copy()
        quantities = opening.size - len(model.case.moves)
        numbers = model.numbers(position)
        start, aside = opening[:quantities], opening[quantities:]
        return cls(int(model.worlds[position]), model.seed_word, model.month, numbers, start, aside)

    def horizon(self, case: Case) -> int:
        """Return how many months actors look ahead."""
        return int(self.numbers[case.paths["theory.foresight"]])

    def worlds(self, case: Case, numbers: Indices, values: Values) -> State:
        """Return worlds at this moment, one for each number n: in it, number `numbers[n]` is `values[n]`.

        Everybody has perceived, and with foresight expects what follows if it makes no move.
        """
        horizon = self.horizon(case)
        state = state_for(case.tables, self.numbers, numbers, blocks_for(values.size), horizon)
        b, lane = np.array([place_of(n) for n in range(values.size)]).T
        state.varied[b, np.searchsorted(state.differing, numbers), lane] = values
        schedule.begin_all(case.directory, state.memory, self.seed, padded(np.full(values.size, self.world)))
        schedule.return_to(case.directory, state.memory, self.quantity, self.aside, self.month)
        if horizon:
            schedule.expect_all(case.directory, state.memory, self.month)
        return state
