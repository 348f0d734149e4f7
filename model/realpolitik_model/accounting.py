"""The exact account of a decision: own interest, every other's share through its leverage, cost and noise (E5)."""

from collections.abc import Iterator
from dataclasses import dataclass

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
    parts: dict[str, dict[str, list[float]]]
    """Actor -> issue -> what it adds by month ahead: own and through, split by whose, by what and by when. Without
    foresight there is one month."""
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
    b, lane = place_of(position)
    for i in range(len(model.case.actors)):
        v = int(model.state.choice[b, i, lane])
        if v >= 0:
            yield account(model, v, position)


def account(model: LeverageModel, v: int, position: int = 0) -> Account:
    """Return the account of move v in the month just played; v must have been feasible there.

    Parameters
    ----------
    model
        A model that has just played the month.
    v
        The index of the move in `model.case.moves`.
    position
        The position of the world in `model.worlds`.

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
    i, actors = int(move["actor"]), len(model.case.actors)
    paid = bool(move["payers"] < move["payers_end"])
    tau = float(state.tau[b, v, lane]) if paid else 0.0

    def gained(a: int) -> float:
        bare, extra = state.gain[b, v * actors + a, lane], state.paid[b, v * actors + a, lane]
        return float(bare + tau * extra) if paid else float(bare)

    weight = state.weight[b, :, lane]
    through = {name: float(weight[i * actors + a]) * gained(a) for a, name in enumerate(case.actors) if a != i}
    asked = case.tables.consents[move["consents"] : move["consents_end"]]
    taken = int(state.choice[b, i, lane]) == v
    rival, margin = _rival(model, v, position)
    numbers = model.numbers(position)
    told = state.consent[b, move["consents"] : move["consents_end"], lane]
    said = {case.actors[ask["actor"]]: float(worth) for ask, worth in zip(asked, told, strict=True)} if taken else {}
    ahead = prospect(case, Moment.of(model, position), v, tau > 0.0) if model.horizon else None
    shares = _foreseen(model, v, position, tau, ahead) if ahead else _immediate(model, v, position, tau)
    return Account(
        month=model.month,
        actor=case.actors[i],
        move=case.moves[v],
        result=_result(float(state.result[b, v, lane]), bool(len(asked))) if taken else "weighed",
        value=float(state.value[b, v, lane]),
        own=gained(i),
        through={name: share for name, share in through.items() if share},
        rows={case.interests[n]: float(share.sum()) for n, share in sorted(shares.items()) if share.any()},
        parts=_parts(model, shares),
        cost=float(numbers[move["cost"]]),
        noise=float(state.noise[b, v, lane]),
        tau=tau,
        deal=bool(state.dealt[b, v, lane] > 0.0) if paid else None,
        parties=list(_parties(model, v, position)) if paid else [],
        consents=said,
        votes=_votes(model, asked, numbers) if move["need"] >= 0 else {},
        need=float(numbers[move["need"]]) if move["need"] >= 0 else None,
        pivotal=_pivotal(model, v, said, numbers),
        horizon=len(ahead.weights) - 1 if ahead else 0,
        expected=list(ahead.expected) if ahead else [],
        otherwise=list(ahead.otherwise) if ahead else [],
        runner_up=rival,
        margin=margin,
    )


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
    """Return what an actor's interests count for the owner of a move."""
    b, lane = place_of(position)
    return 1.0 if holder == owner else float(model.state.weight[b, owner * len(model.case.actors) + holder, lane])


def _immediate(model: LeverageModel, v: int, position: int, tau: float) -> Shares:
    """Return what each interest adds to the value of move v, by the weight of who holds it  (E5)."""
    b, lane = place_of(position)
    case, state, move, numbers = model.case, model.state, model.case.tables.moves[v], model.numbers(position)
    quadratic = bool(case.tables.theory[0]["quadratic"])
    shares: Shares = {}
    for kind, scale in (("stakes", 1.0), ("paid_stakes", tau)):
        for stake in case.tables.stakes[move[kind] : move[f"{kind}_end"]]:
            n = int(stake["interest"])
            weight = scale * _weight(model, int(move["actor"]), int(stake["actor"]), position)
            before, after = state.opening[b, stake["issue"], lane], state.target[b, stake["change"], lane]
            share = gain(weight * numbers[stake["salience"]], before, after, numbers[stake["position"]], quadratic)
            shares[n] = shares.get(n, np.zeros(1)) + share
    return shares


def _foreseen(model: LeverageModel, v: int, position: int, tau: float, ahead: Prospect) -> Shares:
    """Return the same by month ahead, from the courses of events that were compared  (E5 with foresight)."""
    case, numbers, owner = model.case, model.numbers(position), int(model.case.tables.moves[v]["actor"])
    quadratic = bool(case.tables.theory[0]["quadratic"])
    shares: Shares = {}
    for n, row in enumerate(case.tables.interests):
        waiting, moving, paying = (path[:, row["issue"]] for path in (ahead.waiting, ahead.moving, ahead.paying))
        wish = numbers[row["position"]]
        grows = [
            worse(x0, x1, wish, quadratic) + tau * worse(x1, x2, wish, quadratic)
            for x0, x1, x2 in zip(waiting, moving, paying, strict=True)
        ]
        weight = _weight(model, owner, int(row["actor"]), position) if _heard(model, owner, int(row["actor"])) else 0.0
        shares[n] = -(weight * numbers[row["salience"]]) * ahead.weights * np.array(grows)
    return shares


def _heard(model: LeverageModel, owner: int, holder: int) -> bool:
    """Return whether an actor may count for the owner of a move, by the weight rule."""
    relation = model.case.tables.relations[owner * len(model.case.actors) + holder]
    return owner == holder or bool(relation["heeds"])


def _parts(model: LeverageModel, shares: Shares) -> dict[str, dict[str, list[float]]]:
    """Return the shares of interests by actor and issue, without those that are 0."""
    parts: dict[str, dict[str, list[float]]] = {}
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
