"""The equations of model/README.md, a small function each, over plain numbers, dicts and lists.

`x` maps issues and `z` issues and drivers to outcomes; `D[i, j]` is the dependence of i on j, `w[i, a]` the
weight of a to i; `g` and `h` map actors to their gain from a move and from its payment.
"""

import math
from itertools import pairwise


def clip(v, lo, hi):
    """Hold a value between two bounds."""
    return min(max(v, lo), hi)


def divide(p, q):
    """Divide as IEEE arithmetic does, also by 0."""
    if q != 0.0:
        return p / q
    return math.copysign(math.inf, p) * math.copysign(1.0, q) if p != 0.0 else math.nan


def responding(row, name, z):
    """Give a number of a row in the state z: as it is, or moved by its effects, in order, and held in its bounds."""
    given = row[name]
    if not isinstance(given, dict):
        return given
    n = given["value"]
    for place, effect in given["effects"].items():
        n = n + effect * z[place]
    return max(0.0, n) if name in ("capability", "stake", "salience", "cost") else clip(n, 0.0, 1.0)


# --- E1 Drivers ---


def between(tt, t0, v0, t1, v1):
    """Read the straight line between two dated points."""
    return v0 + (v1 - v0) * ((tt - t0) / (t1 - t0))


def path_at(points, tt):
    """Read a dated path: piecewise linear, constant before its first point and after its last."""
    if tt < points[0][0]:
        return points[0][1]
    for (t0, v0), (t1, v1) in pairwise(points):
        if t0 <= tt < t1:
            return between(tt, t0, v0, t1, v1)
    return points[-1][1]


def season_at(season, january, tt):
    """Read a season: a point at every month, without end; `january` is the months since start of any January."""
    t0 = math.floor(tt)
    return between(tt, t0, season[(t0 - january) % 12], t0 + 1, season[(t0 + 1 - january) % 12])


def e1_driver(scale, path):
    """Scale a driver's path."""
    return clip(scale * path, 0.0, 1.0)


# --- E2 Dependence ---


def e2_dependence(actors, rows, z):
    """Add up, over channels, what each actor cannot get elsewhere (Emerson 1962)."""
    D = {(i, j): 0.0 for i in actors for j in actors}
    for row in rows:
        i, j = row["dependent"], row["provider"]
        alternatives = responding(row, "alternatives", z)
        D[i, j] = D[i, j] + responding(row, "stake", z) * (1.0 - clip(alternatives, 0.0, 1.0))
    return D


# --- E3 Interests ---


def e3_salience(row, z):
    """Say how much an interest matters in the present state."""
    return max(0.0, responding(row, "salience", z))


def e3_loss(kind, x, position):
    """Say how far an outcome is from a position."""
    return abs(x - position) if kind == "linear" else (x - position) * (x - position)


# --- E4 Weights ---


def others(actors, i):
    """List the actors other than i, in order."""
    return [a for a in actors if a != i]


def after(actors, a):
    """Name the actor after a, cyclically."""
    return actors[(actors.index(a) + 1) % len(actors)]


def perceived(theory, D, eps, i, j):
    """Give the leverage of j over i as i sees it (Jervis 1976)."""
    return max(0.0, D[i, j] * (1.0 + theory["sigma"] * eps[i, j]))


def e4_weight(theory, capability, D, eps, i, a):
    """Give the weight of a to i, by the rule of the theory."""
    actors, phi, rule = list(capability), theory["phi"], theory["weights"]
    if rule == "leverage":
        return phi * perceived(theory, D, eps, i, a)
    if rule == "capability":
        return phi * share(capability, a)
    if rule == "placebo":
        return phi * perceived(theory, D, eps, i, after(others(actors, i), a))
    return 0.0


def share(capability, a):
    """Give an actor's share of all capability; nobody has a share of nothing."""
    C = 0.0
    for value in capability.values():
        C = C + value
    return capability[a] / C if C > 0.0 else 0.0


def e4_power(rule, capability, D, i, a):
    """Give the bargaining power of i towards a, by the rule of the theory."""
    if rule == "leverage":
        return D[a, i]
    if rule == "capability":
        return capability[i]
    if rule == "placebo":
        return D[a, after(others(list(capability), a), i)]
    return 1.0


# --- E5 Value of a move ---


def changed(change, x):
    """Give the outcome after a change, `to` or `by`."""
    if change.get("to") is not None:
        return change["to"]
    return clip(x + change["by"], 0.0, 1.0)


def e5_gain(a, changes, x, interests, kind):
    """Add up what changes bring to actor a; interest rows carry their present salience `s`."""
    g = 0.0
    for issue, change in changes.items():
        for row in interests:
            if row["actor"] == a and row["issue"] == issue:
                new = e3_loss(kind, changed(change, x[issue]), row["position"])
                g = g - row["s"] * (new - e3_loss(kind, x[issue], row["position"]))
    return g


def e5_weighed(i, gain, w, actors):
    """Weigh the gains of all actors as i does: its own, then those of the others in order."""
    A = gain[i]
    for a in others(actors, i):
        A = A + w[i, a] * gain[a]
    return A


# --- E5 with foresight ---


def e5_beta(discount, horizon):
    """Give the weight of each month ahead, from 0 to the horizon."""
    powers = [1.0]
    for _ in range(horizon):
        powers.append(powers[-1] * discount)
    total = 0.0
    for power in powers:
        total = total + power
    return [power / total for power in powers]


def e5_foreseen(a, after, before, beta, interests, kind):
    """Add up what one course of events brings to actor a, compared with another; both give outcomes by month ahead."""
    g = 0.0
    for row in interests:
        if row["actor"] == a:
            k, position, G = row["issue"], row["position"], 0.0
            for s, weight in enumerate(beta):
                new, old = e3_loss(kind, after[s][k], position), e3_loss(kind, before[s][k], position)
                G = G + weight * (new - old)
            g = g - row["s"] * G
    return g


# --- E7 Terms of trade ---


def irwin_hall(y):
    """Give the distribution of a sum of four uniforms on [0, 1]."""
    if y <= 0.0:
        return 0.0
    if y >= 4.0:
        return 1.0
    if y <= 1.0:
        return y * y * y * y / 24.0
    if y <= 2.0:
        return ((((y * -3.0 + 16.0) * y - 24.0) * y + 16.0) * y - 4.0) / 24.0
    return 1.0 - irwin_hall(4.0 - y)


def e7_chance(A, noise):
    """Give p, the chance that `A + noise` is above 0."""
    if noise == 0.0:
        return 1.0 if A > 0.0 else 0.0
    return irwin_hall(A / noise * 0.5773502691896258 + 2.0)


def e7_keep(p, patience):
    """Give the chance that the mover would not make the fallback within `patience` months."""
    keep, n = 1.0, 1
    while n <= patience:
        keep = keep * (1.0 - p)
        n = n + 1
    return keep


def e7_omega(power_i, power_j):
    """Give the mover's share of bargaining power."""
    total = power_i + power_j
    return power_i / total if total != 0.0 else 0.5


def e7_tau(A, b, kept, e, omega_i):
    """Settle the terms (asymmetric Nash bargaining; Binmore, Shaked & Sutton 1989); `kept` is c'."""
    if b <= 0.0:
        return 0.0
    if e <= 0.0:
        return 1.0
    omega_j = 1.0 - omega_i
    return clip(((omega_i * kept) / e) - ((omega_j * A) / b), 0.0, 1.0)


def e7_deal(A, b, kept, e, tau):
    """Say whether both sides are better off at the terms."""
    return A + tau * b > 0.0 and kept - tau * e > 0.0


def e7_omegas(powers):
    """Give the shares of bargaining power of the mover and each payer; powers are pairs (B[i > j], B[j > i])."""
    S, mover = 0.0, 0.0
    for power_i, power_j in powers:
        S = S + power_i + power_j
        mover = mover + power_i
    if S == 0.0:
        return 1.0 / (len(powers) + 1), [1.0 / (len(powers) + 1)] * len(powers)
    return mover / S, [power_j / S for _, power_j in powers]


def e7_slope(tau, A, b, sides, omega_i, omegas):
    """Give F, the slope of the logarithm of the Nash product; sides are pairs (c', e), one for each payer."""
    F = divide(omega_i * b, A + tau * b)
    for (kept, e), omega_j in zip(sides, omegas, strict=True):
        F = F - divide(omega_j * e, kept - tau * e)
    return F


def e7_joint(A, b, sides, omega_i, omegas):
    """Settle the terms of a payment by several payers by bisection."""
    if b <= 0.0:
        return 0.0
    low, high = 0.0, 1.0
    lines = [(A, b), *((kept, -e) for kept, e in sides)]
    for p, q in lines:
        if q > 0.0:
            low = max(low, -p / q)
        if q < 0.0:
            high = min(high, p / -q)
    if all(p + 1.0 * q > 0.0 for p, q in lines) and e7_slope(1.0, A, b, sides, omega_i, omegas) >= 0.0:
        return 1.0
    for _ in range(60):
        mid = (low + high) * 0.5
        if e7_slope(mid, A, b, sides, omega_i, omegas) > 0.0:
            low = mid
        else:
            high = mid
    return clip(low, 0.0, 1.0)


def e7_whole(A, b, sides):
    """Settle the terms of a payment that is not divisible: all of it if everybody gains, else nothing."""
    return 1.0 if b > 0.0 and A + b > 0.0 and all(kept - e > 0.0 for kept, e in sides) else 0.0


# --- E6 Choice ---


def e6_differs(x, new):
    """Say whether a change has an effect; steps of an outcome are rounded, so the last digits count for nothing."""
    return abs(new - x) > 1e-12


def e6_choice(values):
    """Take the move with the greatest value above 0, the first in order among equals; None is to hold."""
    best = None
    for move, V in values.items():
        if V is not None and V > 0.0 and (best is None or values[best] < V):
            best = move
    return best


def e6_ready(t, aside, patience):
    """Say whether a move was not refused within the last `patience` months."""
    return aside is None or t - aside > patience


def e6_open(t, first, last):
    """Say whether month t lies in a window; None is no bound."""
    return (first is None or first <= t) and (last is None or t <= last)


def e6_agreed(consent, said, payers):
    """Say whether a move is agreed to: by everybody in a list, or by votes with no payer against it."""
    if not isinstance(consent, dict):
        return all(said[j] > 0.0 for j in consent)
    votes = 0.0
    for j in said:
        if said[j] > 0.0:
            votes = votes + (consent["of"][j] if isinstance(consent["of"], dict) else 1.0)
    return votes >= consent["need"] - 1e-9 and all(said[j] > 0.0 for j in said if j in payers)


# --- E8 Settlement ---


def e8_apply(x, accepted):
    """Apply all accepted moves, (changes, payment changes, tau) in order, to the same start of the month."""
    delta = dict.fromkeys(x, 0.0)
    for changes, payment, tau in accepted:
        for k, change in changes.items():
            delta[k] = delta[k] + (changed(change, x[k]) - x[k])
        for k, change in payment.items():
            delta[k] = delta[k] + tau * (changed(change, x[k]) - x[k])
    return {k: clip(x[k] + delta[k], 0.0, 1.0) for k in x}


def e8_decay(x, d, issues):
    """Let every issue drift towards its rest, all from the same outcomes."""
    drifted, z = {}, x | d
    for k, row in issues.items():
        rest = clip(responding(row, "rest", z), 0.0, 1.0)
        drifted[k] = clip(x[k] + responding(row, "decay", z) * (rest - x[k]), 0.0, 1.0)
    return drifted
