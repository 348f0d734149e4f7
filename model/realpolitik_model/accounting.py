"""The exact account of a decision: own interest, every other's share through its leverage, cost and noise (E5)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from realpolitik_model.engine.state import MADE, Rows, place_of
from realpolitik_model.engine.tables import Records
from realpolitik_model.equations import consents, gain, votes_suffice, worse
from realpolitik_model.model import LeverageModel
from realpolitik_model.moment import Moment
from realpolitik_model.prospects import Expected, Prospect, prospect

Shares = dict[int, npt.NDArray[np.float64]]
"""Row of an interest -> what it adds to the value of a move, by month ahead."""
Parts = dict[str, dict[str, list[float]]]
"""Actor -> issue -> what its interests in it add to the value of a move, by month ahead (one without foresight)."""


class Divided(NamedTuple):
    """What each interest adds to the value of a move to an actor."""

    bare: Shares
    paid: Shares
    """What the payment adds to that, at its terms."""


@dataclass(frozen=True)
class Party:
    """The owner of a move, or one who would pay for it: a deal at the price tau is worth outside + tau * payment  (E7).

    Noise is left out. There is a deal only if it is worth more than 0 to each of them.
    """

    actor: str
    bare: float
    """What the move is worth to it unpaid; to its owner, after the cost."""
    outside: float
    """To one who pays, what is left of that because the owner may soon make its fallback anyway; to the owner, all."""
    payment: float
    """What the whole payment adds. If it adds nothing for the owner, the price can only be 0."""


@dataclass(frozen=True)
class Share:
    """What a move is worth to one actor that is asked: own + the sum of through + soon + noise is its value  (E6)."""

    actor: str
    value: float
    own: float
    through: dict[str, float]
    """Actor -> what that actor's gain adds, by the leverage it holds."""
    parts: Parts
    """Own and through, split by whose interests, in what and when."""
    paid: Parts
    """Of these parts, what the payment adds."""
    soon: float
    """For a payer: what it loses of that because the mover may soon make its fallback anyway  (E7)."""
    noise: float


@dataclass(frozen=True)
class Account:
    """One move of one actor in one month of one world: own + sum of through - cost + noise is its value."""

    month: int
    actor: str
    move: str
    result: str
    """done (nobody was asked), agreed, refused, or weighed (not the move it took)."""
    value: float
    own: float
    through: dict[str, float]
    """Actor -> what that actor's gain adds, by the leverage it holds."""
    rows: dict[str, float]
    """Interest row -> what it adds: own and through, split further; the sum is theirs."""
    parts: Parts
    """Own and through, split by whose interests, in what and when."""
    paid: Parts
    """Of these parts, what the payment adds."""
    cost: float
    noise: float
    tau: float
    """Terms of trade, 0-1; 0 for a move without payment  (E7)."""
    deal: bool | None
    """Whether there was a deal on its payment, which may be at a price of 0; None for a move without payment  (E7)."""
    parties: list[Party]
    """The actor, then all who would pay; empty for a move without payment."""
    consents: dict[str, float]
    """Actor asked -> what it made of the move; it consents above 0."""
    asked: list[Share]
    """The same with all that adds up to it; empty if nobody was asked about a move that was only weighed."""
    votes: dict[str, float]
    """Actor asked -> the weight of its vote; empty if all must consent."""
    need: float | None
    """Votes needed; None if all must consent."""
    pivotal: list[str]
    """Actors asked whose other answer would have changed the result."""
    horizon: int
    """Months that the actor looked ahead."""
    expected: list[Expected]
    """With foresight: what the actor expected others to do after its move."""
    otherwise: list[Expected]
    """What it expected them to do if it made no move."""
    runner_up: str | None
    """The feasible move of next greatest value, if above 0; None means that holding was next."""
    margin: float
    """How far the value lies above the runner-up's, or above 0."""


def decisions(model: LeverageModel, position: int = 0) -> list[Account]:
    """Return the accounts of all moves taken in the month just played, in the world at a position of the model.

    Parameters
    ----------
    model
        A model that has just played the month.
    position
        The position of the world in `model.worlds`.

    Returns
    -------
    list of Account
        One per actor that took a move, in the order of actors.

    Raises
    ------
    IndexError
        If the model has no world at that position.

    Examples
    --------
    >>> import realpolitik as rp
    >>> from realpolitik_model import LeverageModel
    >>> model = LeverageModel(rp.load("karabakh").case(), worlds=[17], rng=1)
    >>> for _ in range(40):
    ...     model.step()
    >>> [(one.actor, one.move) for one in decisions(model) if one.actor == "Moscow"]
    [('Moscow', 'withdraw_for_price')]
    """
    return list(_taken(model, position))


def _taken(model: LeverageModel, position: int) -> Iterator[Account]:
    b, lane = model.place(position)
    for i in range(len(model.case.actors)):
        v = int(model.state.choice[b, i, lane])
        if v >= 0:
            yield account(model, v, position)


def account(model: LeverageModel, v: int, position: int = 0, *, considered: bool = False) -> Account:
    """Return the account of move v in the month just played; v must have been feasible there.

    Parameters
    ----------
    model
        A model that has just played the month.
    v
        The index of the move in `model.case.moves`.
    position
        The position of the world in `model.worlds`.
    considered
        Whether all whose consent it needs were asked although it was not taken.

    Returns
    -------
    Account
        The value and all that adds up to it, in the unit of salience.

    Examples
    --------
    >>> import realpolitik as rp
    >>> from realpolitik_model import LeverageModel
    >>> model = LeverageModel(rp.load("karabakh").case(), worlds=[17], rng=1)
    >>> for _ in range(40):
    ...     model.step()
    >>> found = account(model, model.case.moves.index("withdraw_for_price"))
    >>> round(found.value, 4)
    0.2539
    """
    b, lane = place_of(position)
    case, state, move = model.case, model.state, model.case.tables.moves[v]
    i = int(move["actor"])
    paid, tau = _terms(model, v, position)
    asked = case.tables.consents[move["consents"] : move["consents_end"]]
    taken = int(state.choice[b, i, lane]) == v
    rival, margin = _rival(model, v, position)
    numbers = model.numbers(position)
    ahead = prospect(case, Moment.of(model, position), v, tau > 0.0) if model.horizon else None
    found = _divided(model, v, i, position, ahead)
    shares = _added(found.bare, found.paid)
    answered = range(move["consents"], move["consents_end"]) if taken or considered else ()
    answers = [share(model, v, k, position, ahead) for k in answered]
    said = {one.actor: one.value for one in answers} if taken else {}
    return Account(
        month=model.month,
        actor=case.actors[i],
        move=case.moves[v],
        result=_result(float(state.result[b, v, lane]), bool(len(asked))) if taken else "weighed",
        value=float(state.value[b, v, lane]),
        own=_gained(model, v, i, position),
        through=_through(model, v, i, position),
        rows={case.interests[n]: float(share.sum()) for n, share in sorted(shares.items()) if share.any()},
        parts=_parts(model, shares),
        paid=_parts(model, found.paid),
        cost=float(numbers[move["cost"]]),
        noise=float(state.noise[b, v, lane]),
        tau=tau,
        deal=bool(state.dealt[b, v, lane] > 0.0) if paid else None,
        parties=list(_parties(model, v, position)) if paid else [],
        consents=said,
        asked=answers,
        votes=_votes(model, asked, numbers) if move["need"] >= 0 else {},
        need=float(numbers[move["need"]]) if move["need"] >= 0 else None,
        pivotal=_pivotal(model, v, said, numbers),
        horizon=len(ahead.weights) - 1 if ahead else 0,
        expected=list(ahead.expected) if ahead else [],
        otherwise=list(ahead.otherwise) if ahead else [],
        runner_up=rival,
        margin=margin,
    )


def share(model: LeverageModel, v: int, k: int, position: int = 0, ahead: Prospect | None = None) -> Share:
    """Return what move v, taken or considered, is worth to the actor of row k of the consents, in one world.

    With foresight, `ahead` has the courses that it compares; without them its parts are empty.
    """
    b, lane = place_of(position)
    case, state, move, row = model.case, model.state, model.case.tables.moves[v], model.case.tables.consents[k]
    j = int(row["actor"])
    own, through = _gained(model, v, j, position), _through(model, v, j, position)
    soon = 0.0
    if row["payer"] >= 0 and move["unpaid"] == 0:
        soon = float(state.outside[b, row["payer"], lane]) - weighed(model, state.gain, v, j, position)
    value = float(state.consent[b, k, lane])
    found = _divided(model, v, j, position, ahead)
    return Share(
        actor=case.actors[j],
        value=value,
        own=own,
        through=through,
        parts=_parts(model, _added(found.bare, found.paid)),
        paid=_parts(model, found.paid),
        soon=soon,
        noise=value - own - sum(through.values()) - soon,
    )


def _terms(model: LeverageModel, v: int, position: int) -> tuple[bool, float]:
    """Return whether move v has a payment, and its terms of trade."""
    b, lane = place_of(position)
    move = model.case.tables.moves[v]
    paid = bool(move["payers"] < move["payers_end"])
    return paid, float(model.state.tau[b, v, lane]) if paid else 0.0


def _gained(model: LeverageModel, v: int, a: int, position: int) -> float:
    """Return the gain of actor a from move v, payment included."""
    b, lane = place_of(position)
    paid, tau = _terms(model, v, position)
    n = v * len(model.case.actors) + a
    bare = float(model.state.gain[b, n, lane])
    return bare + tau * float(model.state.paid[b, n, lane]) if paid else bare


def _through(model: LeverageModel, v: int, i: int, position: int) -> dict[str, float]:
    """Return what the gain of every other actor adds to the value of move v to actor i, without those that are 0."""
    found = {
        name: _weight(model, i, a, position) * _gained(model, v, a, position)
        for a, name in enumerate(model.case.actors)
        if a != i
    }
    return {name: part for name, part in found.items() if part}


def _parties(model: LeverageModel, v: int, position: int) -> Iterator[Party]:
    """Yield the sides of a deal on the payment of move v, its owner first."""
    b, lane = place_of(position)
    case, state, move = model.case, model.state, model.case.tables.moves[v]
    owner, cost = int(move["actor"]), float(model.numbers(position)[move["cost"]])
    bare = weighed(model, state.gain, v, owner, position) - cost
    yield Party(case.actors[owner], bare, bare, weighed(model, state.paid, v, owner, position))
    for n in range(move["payers"], move["payers_end"]):
        payer = int(case.tables.payers[n])
        bare, payment = (weighed(model, gains, v, payer, position) for gains in (state.gain, state.paid))
        yield Party(case.actors[payer], bare, float(state.outside[b, n, lane]), payment)


def weighed(model: LeverageModel, gains: Rows, v: int, i: int, position: int) -> float:
    """Return actor i's sum over the gains from move v: its own, and every other's by its weight  (E5)."""
    b, lane = place_of(position)
    actors = len(model.case.actors)
    total = float(gains[b, v * actors + i, lane])
    for a in range(actors):
        if a != i and _heard(model, i, a):
            total += _weight(model, i, a, position) * float(gains[b, v * actors + a, lane])
    return total


def _weight(model: LeverageModel, owner: int, holder: int, position: int) -> float:
    """Return what an actor's interests count for the owner of a value."""
    b, lane = place_of(position)
    if holder == owner:
        return 1.0
    heard = _heard(model, owner, holder)
    return float(model.state.weight[b, owner * len(model.case.actors) + holder, lane]) if heard else 0.0


def _divided(model: LeverageModel, v: int, i: int, position: int, ahead: Prospect | None) -> Divided:
    """Return what each interest adds to the value of move v to actor i, by the weight of who holds it  (E5)."""
    _, tau = _terms(model, v, position)
    if ahead:
        return _foreseen(model, i, position, tau, ahead)
    if model.numbers(position)[model.case.paths["theory.foresight"]] >= 1.0:
        return Divided({}, {})
    bare, paid = (_immediate(model, v, i, position, *one) for one in (("stakes", 1.0), ("paid_stakes", tau)))
    return Divided(bare, paid)


def _immediate(model: LeverageModel, v: int, i: int, position: int, kind: str, scale: float) -> Shares:
    """Return what each interest adds without foresight: by the move itself, or by its payment, at a scale."""
    b, lane = place_of(position)
    case, state, move, numbers = model.case, model.state, model.case.tables.moves[v], model.numbers(position)
    quadratic = bool(case.tables.theory[0]["quadratic"])
    shares: Shares = {}
    for stake in case.tables.stakes[move[kind] : move[f"{kind}_end"]]:
        n = int(stake["interest"])
        weight = scale * _weight(model, i, int(stake["actor"]), position)
        before, after = state.opening[b, stake["issue"], lane], state.target[b, stake["change"], lane]
        part = gain(weight * numbers[stake["salience"]], before, after, numbers[stake["position"]], quadratic)
        shares[n] = shares.get(n, np.zeros(1)) + part
    return shares


def _foreseen(model: LeverageModel, i: int, position: int, tau: float, ahead: Prospect) -> Divided:
    """Return the same by month ahead, from the courses of events that were compared  (E5 with foresight)."""
    case, numbers = model.case, model.numbers(position)
    quadratic = bool(case.tables.theory[0]["quadratic"])
    found = Divided({}, {})
    for n, row in enumerate(case.tables.interests):
        waiting, moving, paying = (path[:, row["issue"]] for path in (ahead.waiting, ahead.moving, ahead.paying))
        weight = -(_weight(model, i, int(row["actor"]), position) * numbers[row["salience"]]) * ahead.weights
        wish = numbers[row["position"]]
        first, then = (
            np.array([worse(x, y, wish, quadratic) for x, y in zip(*pair, strict=True)])
            for pair in ((waiting, moving), (moving, paying))
        )
        found.bare[n], found.paid[n] = weight * first, weight * tau * then
    return found


def _added(*several: Shares) -> Shares:
    """Return the sums of shares, interest by interest."""
    total: Shares = {}
    for shares in several:
        for n, part in shares.items():
            total[n] = total[n] + part if n in total else part
    return total


def _heard(model: LeverageModel, owner: int, holder: int) -> bool:
    """Return whether an actor may count for the owner of a move, by the weight rule."""
    relation = model.case.tables.relations[owner * len(model.case.actors) + holder]
    return owner == holder or bool(relation["heeds"])


def _parts(model: LeverageModel, shares: Shares) -> Parts:
    """Return the shares of interests by actor and issue, without those that are 0."""
    parts: Parts = {}
    for n, share in sorted(shares.items()):
        if share.any():
            row = model.case.tables.interests[n]
            held = parts.setdefault(model.case.actors[row["actor"]], {})
            issue = model.case.issues[row["issue"]]
            held[issue] = list(map(float, np.add(held.get(issue, np.zeros(share.size)), share)))
    return parts


def _votes(model: LeverageModel, asked: Records, numbers: npt.NDArray[np.float64]) -> dict[str, float]:
    """Return the weight of each vote."""
    weights = [float(numbers[ask["votes"]]) if ask["votes"] >= 0 else 1.0 for ask in asked]
    return {model.case.actors[ask["actor"]]: weight for ask, weight in zip(asked, weights, strict=True)}


def _pivotal(model: LeverageModel, v: int, said: dict[str, float], numbers: npt.NDArray[np.float64]) -> list[str]:
    """Return the actors asked whose other answer would have changed the result."""
    case, move = model.case, model.case.tables.moves[v]
    asked = case.tables.consents[move["consents"] : move["consents_end"]]
    votes = _votes(model, asked, numbers)
    payers = {case.actors[a] for a in case.tables.payers[move["payers"] : move["payers_end"]]}

    def agreed(answers: dict[str, bool]) -> bool:
        if move["need"] < 0:
            return all(answers.values())
        enough = votes_suffice(sum(votes[one] for one, yes in answers.items() if yes), numbers[move["need"]])
        return bool(enough) and all(yes for one, yes in answers.items() if one in payers)

    answers = {one: bool(consents(worth)) for one, worth in said.items()}
    result = agreed(answers)
    return [one for one, yes in answers.items() if agreed({**answers, one: not yes}) != result]


def _result(result: float, asked: bool) -> str:
    return ("agreed" if asked else "done") if result == MADE else "refused"


def _rival(model: LeverageModel, v: int, position: int) -> tuple[str | None, float]:
    b, lane = place_of(position)
    actor = model.case.tables.actors[model.case.tables.moves[v]["actor"]]
    owned = [int(m) for m in model.case.tables.owned[actor["owned"] : actor["owned_end"]] if m != v]
    feasible = [m for m in owned if model.state.feasible[b, m, lane]]
    value = {m: float(model.state.value[b, m, lane]) for m in feasible}
    best = max(value, key=value.__getitem__, default=None)
    own = float(model.state.value[b, v, lane])
    if best is None or value[best] <= 0:
        return None, own
    return model.case.moves[best], own - value[best]
