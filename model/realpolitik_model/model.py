"""LeverageModel: the theory as an ordinary Mesa model, one model carrying any number of worlds."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import mesa
import numpy as np
import numpy.typing as npt

from realpolitik_model.case import Case, place_in
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

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"

    def remove(self) -> None:
        """Leave the model: it makes no move from now on.

        What it wanted last still counts for others and for its consent, and with foresight they still expect its moves.
        """
        self.model.state.choice[:, self.index] = -1
        super().remove()

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
        if isinstance(chosen, str) or not isinstance(chosen, Sequence | np.ndarray) or len(chosen) != worlds:
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
        return self.model.row(self.model.state.weight, self.index * len(actors) + place_in(actors, other, "actor"))


class LeverageModel(mesa.Model):  # type: ignore[misc]
    """Worlds of one case, stepped month by month.

    A copy (`copy.deepcopy`, `pickle`) goes on from the month of its original, in the same worlds. Agents of other
    classes are not asked to do anything: add what they do in a `step` of your own.

    Parameters
    ----------
    case
        What to play.
    worlds
        How many worlds (0, 1, 2, ...), or the numbers of the worlds wanted.
    rng
        The seed, 0 to 2**63 - 1. World i of a seed is the same to the bit in any company.
    numbers
        Numbers that differ by world: dotted path -> one value per world. Bounds are those of scenario files, and not
        checked here.
    actors
        Actors with a decision rule of their own: id -> subclass of `Actor`. All others decide by the equations.

    Raises
    ------
    TypeError
        If `case` is no Case, or a class of `actors` no Actor.
    ValueError
        If there is no world, a world or the seed is out of range, a number is not finite, or the case lacks a name.

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
        if not isinstance(case, Case):
            raise TypeError(f"case must be a Case, such as rp.load('karabakh').case(), not {type(case).__name__}")
        if not isinstance(rng, int | np.integer) or isinstance(rng, bool) or not 0 <= rng < 2**63:
            raise ValueError(f"rng must be a whole number from 0 to 2**63 - 1, not {rng!r}")
        super().__init__(rng=int(rng))
        self.case = case
        self.seed_word = np.uint64(rng)
        self.worlds = _numbered(worlds)
        self.month = -1
        varied = case.varied(numbers or {}, self.worlds.size)
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

    def __repr__(self) -> str:
        played = self.date if self.month >= 0 else "no month"
        return f"<{type(self).__name__} of {self.worlds.size} worlds, {played} played>"

    def __getstate__(self) -> dict[str, Any]:
        """Keep the memory of the kernels without the tables in it: those of a copy are in its own."""
        return {**self.__dict__, "state": (self.state.differing, self.state.memory)}

    def __setstate__(self, kept: dict[str, Any]) -> None:
        """Allocate memory as the original has it, and fill it."""
        differing, memory = kept["state"]
        self.__dict__.update(kept)
        self.state = state_for(self.case.tables, self.case.numbers, differing, len(memory), self.horizon)
        self.state.memory[:] = memory

    def step(self) -> None:
        """Play one month in every world."""
        self._open_month()
        self._each("perceive")
        if self.horizon:
            schedule.expect_all(self.case.directory, self.state.memory, self.month)
        self._each("deliberate")
        self._each("act")
        self._close_month()

    def _each(self, method: str) -> None:
        """Call a method of every actor that is in the model."""
        self.agents.select(agent_type=Actor).do(method)

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
        ValueError
            If there is none of that name, or it has been removed.

        Examples
        --------
        >>> import realpolitik as rp
        >>> from realpolitik_model import LeverageModel
        >>> model = LeverageModel(rp.load("karabakh").case(), worlds=3)
        >>> model.step()
        >>> model.actor("Baku").name
        'Baku'
        """
        actors: list[Actor] = list(self.agents.select(agent_type=Actor))
        return actors[place_in([actor.name for actor in actors], name, "actor")]

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
        return self.row(self.state.quantity, place_in(self.case.issues, name, "issue"))

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
        return self.row(self.state.quantity, len(self.case.issues) + place_in(self.case.drivers, name, "driver"))

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
        first = self.row(self.state.first, place_in(self.case.outcomes, outcome, "outcome"))
        return np.where(first == NEVER, -1, first).astype(np.int64)

    def numbers(self, position: int = 0) -> Values:
        """Return all numbers of the world at a position, in the order of the case, as they are this month.

        IndexError if there is no world at that position.
        """
        b, lane = self.place(position)
        return numbers_of(self.state, b, lane, self.case.numbers.size)

    def place(self, position: int) -> tuple[int, int]:
        """Return the block and the lane of the world at a position; IndexError if there is none."""
        if not 0 <= position < self.worlds.size:
            found = np.flatnonzero(self.worlds == position)
            hint = f"; world {position} is at position {found[0]}" if found.size else ""
            raise IndexError(f"position must be 0 to {self.worlds.size - 1}, not {position}{hint}")
        return place_of(int(position))

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


def _numbered(worlds: int | Sequence[int] | npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the numbers of worlds, from a count or as they are; ValueError if there are none, or one is below 0."""
    if isinstance(worlds, int | np.integer) and not isinstance(worlds, bool) and worlds >= 0:
        given = np.arange(int(worlds))
    else:
        given = np.asarray(worlds)
    if given.ndim == 1 and not given.size:
        raise ValueError("a model needs at least one world")
    if given.ndim != 1 or given.dtype.kind not in "iu" or given.min() < 0:
        raise ValueError(f"worlds must be a whole number, or a list of the numbers of worlds, from 0; not {worlds!r}")
    return given.astype(np.int64)


def _kinds(case: Case, actors: Mapping[str, type[Actor]]) -> dict[str, type[Actor]]:
    """Return the class of each actor; ValueError for an actor that the case does not have."""
    for name, kind in actors.items():
        place_in(case.actors, name, "actor")
        if not (isinstance(kind, type) and issubclass(kind, Actor)):
            raise TypeError(f"actors: {name} needs a subclass of Actor, not {kind!r}")
    return {name: actors.get(name, Actor) for name in case.actors}
