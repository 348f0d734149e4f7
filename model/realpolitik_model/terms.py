"""E7, terms of trade: what a strong hand fetches, and a hand about to fold does not (Binmore, Shaked & Sutton 1989)."""

from typing import Any

from realpolitik_model.compiling import kernel
from realpolitik_model.lanes import LANES, clip
from realpolitik_model.value import add_gains, aim, weighted
from realpolitik_model.weights import power

ROOT_THIRD = 0.5773502691896258  # standard deviation of a sum of four uniforms


@kernel
def chance_positive(a: Any, noise: Any) -> Any:
    """Return the chance that a + noise > 0, noise being the sum of four uniforms, centred, with this deviation.

    The distribution is the piecewise quartic of Irwin and Hall: exact, without exp.
    """
    y = a / noise * ROOT_THIRD + 2.0
    u = clip(y if y <= 2.0 else 4.0 - y, 0.0, 2.0)
    low = u * u * u * u / 24.0
    high = ((((u * -3.0 + 16.0) * u - 24.0) * u + 16.0) * u - 4.0) / 24.0
    tail = low if u <= 1.0 else high
    chance = tail if y <= 2.0 else 1.0 - tail
    certain = 1.0 if a > 0.0 else 0.0
    return chance if noise > 0.0 else certain


@kernel
def keep_back(tables: Any, lanes: Any, out: Any, fallback: Any) -> None:
    """Write (1 - p)^patience, the chance that the mover would not soon do it anyway, unpaid  (E7)."""
    theory = tables.theory[0]
    sd, patience, bare = lanes.numbers[theory.noise], lanes.numbers[theory.patience], lanes.bare[fallback]
    hold = lanes.scratch[1]
    longest = 0.0
    for lane in range(LANES):
        hold[lane] = 1.0 - chance_positive(bare[lane], sd[lane])
        longest = patience[lane] if patience[lane] > longest else longest
        out[lane] = 1.0
    for n in range(1, int(longest) + 1):
        for lane in range(LANES):
            out[lane] = out[lane] * hold[lane] if n <= patience[lane] else out[lane]


@kernel
def settle_terms(a: Any, b: Any, c: Any, e: Any, mine: Any, theirs: Any) -> Any:
    """Return tau, the asymmetric Nash bargain over a payment worth b to the mover and e to the payer  (E7)."""
    both = mine + theirs
    omega = mine / both if both > 0.0 else 0.5
    tau = clip(omega * c / e - (1.0 - omega) * a / b, 0.0, 1.0)
    willing = tau if e > 0.0 else 1.0
    return willing if b > 0.0 else 0.0


@kernel
def bargain(tables: Any, lanes: Any, v: Any) -> None:
    """Set the terms of move v and the value of the deal to both sides; without a deal v is not feasible  (E7)."""
    move = tables.moves[v]
    i, j, first = move.actor, move.payer, v * tables.actors.size
    for c in range(move.paid, move.paid_end):
        aim(tables, lanes, c)
    add_gains(tables, lanes, lanes.paid, first, move.paid_stakes, move.paid_stakes_end)
    rows = lanes.scratch
    keep, b, c, f, mine, theirs = rows[2], rows[3], rows[4], rows[5], rows[6], rows[7]
    keep_back(tables, lanes, keep, move.fallback)
    weighted(tables, lanes, b, lanes.paid, first, i)
    weighted(tables, lanes, c, lanes.gain, first, j)
    weighted(tables, lanes, f, lanes.paid, first, j)
    power(tables, lanes, mine, i, j)
    power(tables, lanes, theirs, j, i)
    bare, value, tau, deal, feasible = (
        lanes.bare[v],
        lanes.value[v],
        lanes.tau[v],
        lanes.deal[v],
        lanes.feasible[v],
    )
    for lane in range(LANES):
        a, e, left = bare[lane], -f[lane], keep[lane] * c[lane]
        tau[lane] = settle_terms(a, b[lane], left, e, mine[lane], theirs[lane])
        value[lane] = a + tau[lane] * b[lane]
        deal[lane] = left - tau[lane] * e
        struck = value[lane] > 0.0 and deal[lane] > 0.0
        feasible[lane] = feasible[lane] if struck else 0.0
