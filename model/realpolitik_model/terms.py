"""E7, terms of trade: what a strong hand fetches, and a hand about to fold does not (Binmore, Shaked & Sutton 1989)."""

from typing import Any

from realpolitik_model.blocks import clip
from realpolitik_model.compiling import kernel
from realpolitik_model.value import add_gains, aim_all, appraise, weighted, weighted_payment
from realpolitik_model.vectors import anywhere, spread, where
from realpolitik_model.weights import power

ROOT_THIRD = 0.5773502691896258  # standard deviation of a sum of four uniforms


@kernel
def chance_positive(a: Any, noise: Any) -> Any:
    """Return the chance that a + noise > 0, noise being the sum of four uniforms, centred, with this deviation.

    The distribution is the piecewise quartic of Irwin and Hall: exact, without exp.
    """
    y = a / noise * ROOT_THIRD + 2.0
    u = clip(where(y <= 2.0, y, 4.0 - y), 0.0, 2.0)
    low = u * u * u * u / 24.0
    high = ((((u * -3.0 + 16.0) * u - 24.0) * u + 16.0) * u - 4.0) / 24.0
    tail = where(u <= 1.0, low, high)
    chance = where(y <= 2.0, tail, 1.0 - tail)
    certain = where(a > 0.0, spread(1.0), spread(0.0))
    return where(noise > 0.0, chance, certain)


@kernel
def keep_back(tables: Any, lanes: Any, fallback: Any) -> Any:
    """Return (1 - p)^patience, the chance that the mover would not soon do it anyway, unpaid  (E7)."""
    theory = tables.theory[0]
    patience = lanes.numbers[theory.patience]
    aim_all(tables, lanes, tables.moves[fallback].changes, tables.moves[fallback].changes_end)
    hold = 1.0 - chance_positive(appraise(tables, lanes, fallback), lanes.numbers[theory.noise])
    kept, n = spread(1.0), 1
    while anywhere(n <= patience):
        kept = where(n <= patience, kept * hold, kept)
        n += 1
    return kept


@kernel
def settle_terms(a: Any, b: Any, c: Any, e: Any, mine: Any, theirs: Any) -> Any:
    """Return tau, the asymmetric Nash bargain over a payment worth b to the mover and e to the payer  (E7)."""
    both = mine + theirs
    omega = where(both > 0.0, mine / both, spread(0.5))
    tau = clip(omega * c / e - (1.0 - omega) * a / b, 0.0, 1.0)
    willing = where(e > 0.0, tau, spread(1.0))
    return where(b > 0.0, willing, spread(0.0))


@kernel
def bargain(tables: Any, lanes: Any, v: Any, bare: Any) -> Any:
    """Set the terms of move v, worth `bare` unpaid, and what the payer makes of them; return its value  (E7)."""
    move = tables.moves[v]
    i, j = move.actor, move.payer
    aim_all(tables, lanes, move.paid, move.paid_end)
    add_gains(tables, lanes, lanes.paid, v * tables.actors.size, move.paid_gainers, move.paid_gainers_end)
    left = keep_back(tables, lanes, move.fallback) * weighted(tables, lanes, v, j)
    b, e = weighted_payment(tables, lanes, v, i), -weighted_payment(tables, lanes, v, j)
    tau = settle_terms(bare, b, left, e, power(tables, lanes, i, j), power(tables, lanes, j, i))
    lanes.tau[v] = tau
    lanes.deal[v] = left - tau * e
    return bare + tau * b
