"""The exact account of a decision: own interest, every other's share through its leverage, cost and noise (E5)."""

from collections.abc import Iterator
from dataclasses import dataclass

from realpolitik_model.engine.state import MADE, place_of
from realpolitik_model.equations import gain
from realpolitik_model.model import LeverageModel


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
    cost: float
    noise: float
    tau: float
    """Terms of trade, 0-1; 0 for a move without payment  (E7)."""
    consents: dict[str, float]
    """Actor asked -> what it made of the move; it consents above 0."""
    runner_up: str | None
    """The feasible move of next greatest value, if above 0; None means that holding was next."""
    margin: float
    """How far the value lies above the runner-up's, or above 0."""


def decisions(model: LeverageModel, position: int = 0) -> list[Account]:
    """Return the accounts of all moves taken in the month just played, in the world at a position of the model."""
    return list(_taken(model, position))


def _taken(model: LeverageModel, position: int) -> Iterator[Account]:
    b, lane = place_of(position)
    for i in range(len(model.case.actors)):
        v = int(model.state.choice[b, i, lane])
        if v >= 0:
            yield account(model, v, position)


def account(model: LeverageModel, v: int, position: int = 0) -> Account:
    """Return the account of move v in the month just played; v must have been feasible there."""
    b, lane = place_of(position)
    case, state, move = model.case, model.state, model.case.tables.moves[v]
    i, actors = int(move["actor"]), len(model.case.actors)
    paid = move["payer"] >= 0
    tau = float(state.tau[b, v, lane]) if paid else 0.0

    def gained(a: int) -> float:
        bare, extra = state.gain[b, v * actors + a, lane], state.paid[b, v * actors + a, lane]
        return float(bare + tau * extra) if paid else float(bare)

    weight = state.weight[b, :, lane]
    through = {name: float(weight[i * actors + a]) * gained(a) for a, name in enumerate(case.actors) if a != i}
    asked = range(int(move["consents"]), int(move["consents_end"]))
    taken = int(state.choice[b, i, lane]) == v
    rival, margin = _rival(model, v, position)
    return Account(
        month=model.month,
        actor=case.actors[i],
        move=case.moves[v],
        result=_result(float(state.result[b, v, lane]), bool(asked)) if taken else "weighed",
        value=float(state.value[b, v, lane]),
        own=gained(i),
        through={name: share for name, share in through.items() if share},
        rows=_rows(model, v, position, tau),
        cost=float(model.numbers(position)[move["cost"]]),
        noise=float(state.noise[b, v, lane]),
        tau=tau,
        consents={case.actors[case.tables.consents[k]["actor"]]: float(state.consent[b, k, lane]) for k in asked}
        if taken
        else {},
        runner_up=rival,
        margin=margin,
    )


def _rows(model: LeverageModel, v: int, position: int, tau: float) -> dict[str, float]:
    """Return what each interest adds to the value of move v, by the weight of who holds it."""
    b, lane = place_of(position)
    case, state, move, numbers = model.case, model.state, model.case.tables.moves[v], model.numbers(position)
    owner, actors = int(move["actor"]), len(model.case.actors)
    shares: dict[str, float] = {}
    for kind, scale in (("stakes", 1.0), ("paid_stakes", tau)):
        for stake in case.tables.stakes[move[kind] : move[f"{kind}_end"]]:
            holder, n = int(stake["actor"]), int(stake["interest"])
            weight = 1.0 if holder == owner else state.weight[b, owner * actors + holder, lane]
            before, after = state.before[b, stake["issue"], lane], state.target[b, stake["change"], lane]
            weight = scale * weight * state.salience[b, n, lane]
            share = gain(weight, before, after, numbers[stake["position"]], bool(case.tables.theory[0]["quadratic"]))
            shares[case.interests[n]] = shares.get(case.interests[n], 0.0) + float(share)
    return {name: share for name, share in shares.items() if share}


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
