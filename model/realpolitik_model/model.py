"""LeverageModel: the theory as an ordinary Mesa model, one model carrying any number of worlds."""

from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches

import mesa
import numpy as np
import numpy.typing as npt

from realpolitik_model.case import Case
from realpolitik_model.engine import schedule
from realpolitik_model.engine.state import NEVER, blocks_for, in_blocks, numbers_of, padded, place_of, state_for
from realpolitik_model.ensemble import fork_arrays

Values = npt.NDArray[np.float64]
"""One value per world, shape (worlds,)."""
Chosen = Sequence[str | None]
"""Per world: the move that an actor makes; None where it makes none."""


class Actor(mesa.Agent):  # type: ignore[misc]
    """A state or bloc that perceives, deliberates and acts, in every world of its model at once.

    It holds no state of its own: what it wants and owns is in the case, what it sees and decides in the model's state.
    To give an actor a decision rule of your own, write a subclass with the method `decide`, and pass it to the model:
    `LeverageModel(case, actors={"Baku": MyRule})`.

    Parameters
    ----------
    model
        The model that the actor is part of.
    name
        Its id in [actors] of the scenario.

    Examples
    --------
    An actor that makes no move before June 2021, whatever it is worth:

    >>> import realpolitik as rp
    >>> class Patient(Actor):
    ...     def decide(self, options):
    ...         if self.model.date < "2021-06":
    ...             return [None] * len(self.model.worlds)
    >>> model = LeverageModel(rp.load("karabakh").case(), worlds=3, actors={"Baku": Patient})
    >>> model.step()
    >>> model.actor("Baku").choice
    [None, None, None]
    """

    model: "LeverageModel"

    def __init__(self, model: "LeverageModel", name: str) -> None:
        super().__init__(model)
        self.name = name
        self.index = model.case.actors.index(name)

    def perceive(self) -> None:
        """See whom it depends on, what it wants and whom it must heed  (E2-E4)."""
        schedule.perceive_all(self.model.case.directory, self.model.state.memory, self.index)

    def deliberate(self) -> None:
        """Value its moves, with foresight if it has any, and choose the best  (E5-E7)."""
        if self.model.horizon:
            schedule.look_ahead_all(self.model.case.directory, self.model.state.memory, self.model.month, self.index)
        schedule.deliberate_all(self.model.case.directory, self.model.state.memory, self.model.month, self.index)
        if type(self).decide is not Actor.decide:
            chosen = self.decide(self.options())
            if chosen is not None:
                self._take(chosen)

    def options(self) -> dict[str, Values]:
        """Return what each of its moves is worth this month, terms and noise included: V of E5 and E7.

        Returns
        -------
        dict of str to array of float64
            Move -> its value in each world, shape (worlds,), in the unit of salience; NaN in a world in which the move
            is not feasible (E6). Moves are in the order of the case.
        """
        state, tables = self.model.state, self.model.case.tables
        row = tables.actors[self.index]
        owned = [int(v) for v in tables.owned[row["owned"] : row["owned_end"]]]
        return {
            self.model.case.moves[v]: np.where(
                self.model.row(state.feasible, v) == 1.0, self.model.row(state.value, v), np.nan
            )
            for v in owned
        }

    def decide(self, options: Mapping[str, Values]) -> Chosen | None:  # noqa: ARG002
        """Choose a move in every world: the method to replace in a subclass.

        It is called once a month, after the actor has perceived and before anyone acts. What is chosen still needs the
        consent of others, and is settled as any move. What others expect with foresight follows the equations, because
        prospects are played by the compiled engine.

        Parameters
        ----------
        options
            What `options()` returns: move -> value per world, NaN where it is not feasible.

        Returns
        -------
        sequence of str or None, or None
            Per world the name of a feasible move of this actor, or None for no move. None in place of the sequence
            keeps the choice of the equations: the feasible move of greatest value, if it is above 0.
        """
        return None

    def _take(self, chosen: Chosen) -> None:
        """Replace the choice of the equations; ValueError for a move that is not feasible or not its own."""
        worlds, options = self.model.worlds.size, self.options()
        if len(chosen) != worlds:
            raise ValueError(f"decide of {self.name} must return one move or None for each of {worlds} worlds")
        for n, move in enumerate(chosen):
            if move is not None and (move not in options or np.isnan(options[move][n])):
                problem = "is not feasible" if move in options else "is not one of its moves"
                raise ValueError(f"{self.name} cannot choose {move!r} in {self.model.date}: it {problem}")
            b, lane = place_of(n)
            self.model.state.choice[b, self.index, lane] = -1 if move is None else self.model.case.moves.index(move)

    def act(self) -> None:
        """Make its move, or ask for the consent it needs  (E6)."""
        schedule.act_all(self.model.case.directory, self.model.state.memory, self.model.month, self.index)

    @property
    def choice(self) -> list[str | None]:
        """The move it took in the last month played, world by world; None where it held."""
        chosen = self.model.row(self.model.state.choice, self.index)
        return [self.model.case.moves[int(v)] if v >= 0 else None for v in chosen]

    def leverage_over(self, other: str) -> Values:
        """Return its leverage over another actor, 0 or more: what the other would lose if it withheld  (E2).

        Parameters
        ----------
        other
            The id of the other actor.

        Returns
        -------
        array of float64
            0 or more, in the unit of stakes; shape (worlds,).

        Examples
        --------
        >>> import realpolitik as rp
        >>> from realpolitik_model import LeverageModel
        >>> model = LeverageModel(rp.load("karabakh").case(), worlds=3)
        >>> model.step()
        >>> model.actor("Moscow").leverage_over("Baku").shape
        (3,)
        """
        return self.model.leverage(self.name, other)

    def weight_of(self, other: str) -> Values:
        """Return what another actor's utility counts for it, its own counting 1  (E4).

        Parameters
        ----------
        other
            The id of the other actor.

        Returns
        -------
        array of float64
            Shape (worlds,); 1 would count the other's interests as its own.

        Examples
        --------
        >>> import realpolitik as rp
        >>> from realpolitik_model import LeverageModel
        >>> model = LeverageModel(rp.load("karabakh").case(), worlds=3)
        >>> model.step()
        >>> bool((model.actor("Baku").weight_of("Moscow") > 0).all())
        True
        """
        actors = self.model.case.actors
        return self.model.row(self.model.state.weight, self.index * len(actors) + actors.index(other))


class LeverageModel(mesa.Model):  # type: ignore[misc]
    """Worlds of one case, stepped month by month.

    Parameters
    ----------
    case
        What to play.
    worlds
        How many worlds (0, 1, 2, ...), or the numbers of the worlds wanted.
    rng
        The seed, 0 to 2**63 - 1. World i of a seed is the same to the bit in any company.
    numbers
        Numbers that differ by world: dotted path -> one value per world.
    actors
        Actors with a decision rule of their own: id -> subclass of `Actor`. All others decide by the equations.

    Raises
    ------
    ValueError
        If there is no world, or an actor of `actors` is not in the case.

    Examples
    --------
    >>> import realpolitik as rp
    >>> model = LeverageModel(rp.load("karabakh").case(), worlds=100, rng=1)
    >>> model.step()
    >>> model.date
    '2020-12'
    >>> model.leverage("Baku", "Moscow").shape
    (100,)
    """

    def __init__(
        self,
        case: Case,
        *,
        worlds: int | Sequence[int] | npt.NDArray[np.int64] = 1,
        rng: int = 1,
        numbers: Mapping[str, Values] | None = None,
        actors: Mapping[str, type[Actor]] | None = None,
    ) -> None:
        super().__init__(rng=int(rng))
        self.case = case
        self.seed_word = np.uint64(rng)
        self.worlds = np.arange(worlds) if isinstance(worlds, int | np.integer) else np.asarray(worlds, np.int64)
        if not self.worlds.size:
            raise ValueError("a model needs at least one world")
        self.month = -1
        varied = {
            case.paths[path]: np.broadcast_to(values, self.worlds.shape) for path, values in (numbers or {}).items()
        }
        index, blocks = np.array(list(varied), np.int64), blocks_for(self.worlds.size)
        self.horizon = case.horizon(numbers or {})
        self.state = state_for(case.tables, case.numbers, index, blocks, self.horizon)
        for row, number in enumerate(self.state.differing):
            self.state.varied[:, row, :] = in_blocks(varied[number])
        self._fork(lambda month: month <= 0)
        schedule.begin_all(self.case.directory, self.state.memory, self.seed_word, padded(self.worlds))
        kinds = _kinds(case, actors or {})
        for name in case.actors:
            kinds[name](self, name)

    def step(self) -> None:
        """Play one month in every world."""
        self._open_month()
        self.agents.do("perceive")
        if self.horizon:
            schedule.expect_all(self.case.directory, self.state.memory, self.month)
        self.agents.do("deliberate")
        self.agents.do("act")
        self._close_month()

    @property
    def date(self) -> str:
        """The last month played, "YYYY-MM"."""
        return self.case.date_of(self.month)

    def actor(self, name: str) -> Actor:
        """Return the agent of an actor.

        Parameters
        ----------
        name
            Its id in [actors].

        Returns
        -------
        Actor
            A `mesa.Agent`, also in `model.agents`.

        Raises
        ------
        KeyError
            If there is none of that name.

        Examples
        --------
        >>> import realpolitik as rp
        >>> from realpolitik_model import LeverageModel
        >>> model = LeverageModel(rp.load("karabakh").case(), worlds=3)
        >>> model.step()
        >>> model.actor("Baku").name
        'Baku'
        """
        by_name: dict[str, Actor] = {agent.name: agent for agent in self.agents}
        return by_name[name]

    def issue(self, name: str) -> Values:
        """Return the outcome on an issue, 0-1, in every world.

        Parameters
        ----------
        name
            Its id in [issues].

        Returns
        -------
        array of float64
            One value per world, shape (worlds,); a copy.

        Raises
        ------
        ValueError
            If there is no such issue.

        Examples
        --------
        >>> import realpolitik as rp
        >>> from realpolitik_model import LeverageModel
        >>> model = LeverageModel(rp.load("karabakh").case(), worlds=3)
        >>> model.step()
        >>> model.issue("peacekeepers").shape
        (3,)
        """
        return self.row(self.state.quantity, self.case.issues.index(name))

    def driver(self, name: str) -> Values:
        """Return a driver of the month, 0-1, in every world  (E1).

        Parameters
        ----------
        name
            Its id in [drivers].

        Returns
        -------
        array of float64
            One value per world, shape (worlds,); a copy.

        Raises
        ------
        ValueError
            If there is no such driver.

        Examples
        --------
        >>> import realpolitik as rp
        >>> from realpolitik_model import LeverageModel
        >>> model = LeverageModel(rp.load("karabakh").case(), worlds=3)
        >>> model.step()
        >>> model.driver("war").tolist()
        [0.0, 0.0, 0.0]
        """
        return self.row(self.state.quantity, len(self.case.issues) + self.case.drivers.index(name))

    def leverage(self, holder: str, over: str) -> Values:
        """Return the leverage of one actor over another at the start of the month, in every world  (E2).

        Parameters
        ----------
        holder
            The actor that could withhold something.
        over
            The actor that would lose by it.

        Returns
        -------
        array of float64
            0 or more, in the unit of stakes; shape (worlds,).

        Raises
        ------
        ValueError
            If there is no such actor.

        Examples
        --------
        >>> import realpolitik as rp
        >>> from realpolitik_model import LeverageModel
        >>> model = LeverageModel(rp.load("karabakh").case(), worlds=3)
        >>> model.step()
        >>> bool((model.leverage("Moscow", "Baku") > model.leverage("Baku", "Moscow")).all())
        True
        """
        return self.row(self.state.quantity, self.case.leverage_row(holder, over))

    def happened(self, outcome: str) -> npt.NDArray[np.int64]:
        """Return the month in which an outcome first happened, -1 where it has not.

        Parameters
        ----------
        outcome
            Its id in [outcomes].

        Returns
        -------
        array of int64
            Months since the start, shape (worlds,); -1 where it has not happened.

        Raises
        ------
        ValueError
            If there is no such outcome.

        Examples
        --------
        >>> import realpolitik as rp
        >>> from realpolitik_model import LeverageModel
        >>> model = LeverageModel(rp.load("karabakh").case(), worlds=3)
        >>> model.step()
        >>> model.happened("withdrawal").tolist()
        [-1, -1, -1]
        """
        first = self.row(self.state.first, self.case.outcomes.index(outcome))
        return np.where(first == NEVER, -1, first).astype(np.int64)

    def numbers(self, position: int = 0) -> Values:
        """Return all numbers of the world at a position, in the order of the case, as they are this month."""
        b, lane = place_of(position)
        return numbers_of(self.state, b, lane, self.case.numbers.size)

    def row(self, rows: npt.NDArray[np.float64], index: int) -> Values:
        """Return one row of the state over all worlds, a copy."""
        return rows[:, index, :].reshape(-1)[: self.worlds.size].copy()

    def _open_month(self) -> None:
        if self.month + 1 >= self.case.months:
            raise RuntimeError(f"the case ends with {self.date}; all its months have been played")
        self.month += 1
        if self.month > 0:
            self._fork(lambda month: month == self.month)
        schedule.open_all(self.case.directory, self.state.memory, self.month)

    def _close_month(self) -> None:
        last = self.case.months - 1
        schedule.close_all(self.case.directory, self.state.memory, self.month, last)
        self.running = self.month < last

    def _fork(self, due: Callable[[npt.NDArray[np.int64]], npt.NDArray[np.bool_]]) -> None:
        month, number, value = fork_arrays(self.case)
        if due(month).any():
            schedule.fork_all(self.case.directory, self.state.memory, number[due(month)], value[due(month)])


def _kinds(case: Case, actors: Mapping[str, type[Actor]]) -> dict[str, type[Actor]]:
    """Return the class of each actor; ValueError for an actor that the case does not have."""
    for name in actors:
        if name not in case.actors:
            near = get_close_matches(name, case.actors, 1, 0.0)
            raise ValueError(f"the case has no actor {name!r}; did you mean {near[0]!r}?")
    return {name: actors.get(name, Actor) for name in case.actors}
