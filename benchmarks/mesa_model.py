"""The same equations as a Mesa user would write them: one world per model, agents with methods, plain numbers."""

from typing import Any

import mesa
import numpy as np

from benchmarks.mesa_reading import Rows
from benchmarks.mesa_rows import Change, Condition, Move, Shock
from benchmarks.twin import equations, noise

ROUNDING = 1e-12
"""Outcomes (0-1) that are as near as this are the same  (E6)."""


def clip(v: float) -> float:
    """Hold a value between 0 and 1."""
    return 0.0 if v < 0.0 else v if v < 1.0 else 1.0


class Actor(mesa.Agent):  # type: ignore[misc]
    """A state or bloc that perceives, deliberates and acts."""

    model: "World"

    def __init__(self, model: "World", index: int) -> None:
        super().__init__(model)
        rows = model.rows
        self.index = index
        self.moves = [move for move in rows.all_moves if move.owner == index]
        self.channels = rows.dependence_of(index)
        interests = rows.interests_of(index)
        self.changing = [row for row in interests if row.effects]
        self.interests = [[row for row in interests if row.issue == k] for k in range(len(rows.issues))]
        self.others = [a for a in range(len(rows.actors)) if a != index]
        self.providers = list(dict.fromkeys(row.provider for row in self.channels))
        self.depends = [0.0] * len(rows.actors)
        self.weights: list[tuple[int, float]] = []
        names = [f"misperception/{rows.actors[index]}/{j}" for j in rows.actors]
        self.errs = [noise.normal(noise.hashed(*model.luck, -1, name)) for name in names]
        self.choice: Move | None = None

    def perceive(self) -> None:
        """See whom it depends on, what matters to it, and whom it must heed  (E2-E4)."""
        z = self.model.z
        self.depends = depends = [0.0] * len(self.depends)
        for channel in self.channels:
            alternatives = channel.alternatives
            for q, factor in channel.effects:
                alternatives += factor * z[q]
            depends[channel.provider] += channel.stake * (1.0 - clip(alternatives))
        for row in self.changing:
            salience = row.base
            for q, factor in row.effects:
                salience += factor * z[q]
            row.salience = max(0.0, salience)
        self.weigh()

    def weigh(self) -> None:
        """Set what every actor that it depends on counts for it  (E4)."""
        theory = self.model.rows.theory
        phi, sigma = theory["phi"], theory["sigma"]
        seen = [(j, self.depends[j] * (1.0 + sigma * self.errs[j])) for j in sorted(self.providers)]
        self.weights = [(j, phi * leverage) for j, leverage in seen if leverage > 0.0]

    def gain(self, changes: list[Change]) -> float:
        """Return what changes bring to it  (E5)."""
        g, z = 0.0, self.model.z
        for change in changes:
            k = change.issue
            if rows := self.interests[k]:
                x = z[k]
                target = change.target(x)
                for row in rows:
                    g -= row.salience * (abs(target - row.position) - abs(x - row.position))
        return g

    def value(self, changes: list[Change]) -> float:
        """Return its own gain and those of others by their leverage over it  (E5)."""
        total, agents = self.gain(changes), self.model.actors
        for j, weight in self.weights:
            total += weight * agents[j].gain(changes)
        return total

    def deliberate(self) -> None:
        """Choose the feasible move of greatest value above 0  (E6)."""
        best, self.choice, model = 0.0, None, self.model
        for move in self.moves:
            if not model.feasible(move):
                continue
            value = self.value(move.changes) - move.cost
            if move.payer is not None:
                terms = self.bargain(move, value, model.actors[move.payer])
                if terms is None:
                    continue
                value = terms
            value += model.noise(move.noise)
            if value > best:
                best, self.choice = value, move

    def bargain(self, move: Move, A: float, payer: "Actor") -> float | None:
        """Settle the terms of a move with payment; return its value, or None without a deal  (E7)."""
        model = self.model
        fallback, theory = model.rows.all_moves[move.fallback], model.rows.theory
        b, e = self.value(move.payment), -payer.value(move.payment)
        p = equations.e7_chance(self.value(fallback.changes) - fallback.cost, theory["noise"])
        kept = equations.e7_keep(p, theory["patience"]) * payer.value(move.changes)
        omega = equations.e7_omega(payer.depends[self.index], self.depends[payer.index])
        tau = equations.e7_tau(A, b, kept, e, omega)
        model.terms[move.index] = tau, kept - tau * e
        value: float = A + tau * b
        return value if equations.e7_deal(A, b, kept, e, tau) else None

    def act(self) -> None:
        """Make its move, or ask for the consent it needs  (E6)."""
        if self.choice is not None:
            agents, move = self.model.actors, self.choice
            agreed = [agents[j].consents(move, purpose) for j, purpose in move.consent]
            self.model.decided[move.index] = all(agreed)

    def consents(self, move: Move, purpose: int) -> bool:
        """Say whether it agrees to another's move  (E6)."""
        tau, deal = self.model.terms.get(move.index, (0.0, 0.0))
        if move.payer == self.index:
            value = deal
        else:
            value = self.value(move.changes)
            if move.payer is not None:
                value += tau * self.value(move.payment)
        return value + self.model.noise(purpose) > 0.0


G = np.uint64(noise.G)


def mixed(h: Any) -> Any:
    """Scramble an array of 64-bit words (splitmix64)."""
    h = (h ^ (h >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    h = (h ^ (h >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return h ^ (h >> np.uint64(31))


class World(mesa.Model):  # type: ignore[misc]
    """One world of a scenario, stepped month by month."""

    def __init__(self, rows: Rows, *, seed: int, world: int) -> None:
        super().__init__(rng=seed)
        self.rows, self.luck, self.month = rows, (seed, world), -1
        self.x = [float(row["start"]) for row in rows.tables["issues"].values()]
        self.z: list[float] = []
        self.price = [0.0] * len(rows.moves)
        self.aside = [-1.0e9] * len(rows.moves)
        self.made, self.refused = [0] * len(rows.moves), [0] * len(rows.moves)
        self.first = [-1] * len(rows.outcomes)
        self.measured = [0.0] * len(rows.outcomes)
        self.draw()
        self.actors = list(Actor.create_agents(self, len(rows.actors), list(range(len(rows.actors)))))

    def draw(self) -> None:
        """Draw all noise of the world at once: row by month, column by purpose."""
        months = np.arange(1, self.rows.months + 1, dtype=np.uint64)
        words = mixed(np.uint64(noise.stream(*self.luck)) + G * months)
        h = mixed(words[:, None] ^ self.rows.keys)
        fields = sum((h >> np.uint64(shift) & np.uint64(0xFFFF)).astype(np.int64) for shift in (0, 16, 32, 48))
        sd = self.rows.theory["noise"]
        self.normals = (sd * ((fields - 131070).astype(np.float64) * noise.S)).tolist()
        self.uniforms = ((h >> np.uint64(11)).astype(np.float64) * 2.0**-53).tolist()

    def noise(self, purpose: int) -> float:
        """Return this month's noise on a decision or a consent."""
        value: float = self.normals[self.month][purpose]
        return value

    def comes_up(self, purpose: int, chance: float) -> bool:
        """Say whether a chance comes up this month."""
        return bool(self.uniforms[self.month][purpose] < chance)

    def step(self) -> None:
        """Play one month."""
        self.month += 1
        self.z = self.x + self.rows.drivers[self.month]
        self.terms: dict[int, tuple[float, float]] = {}
        self.decided: dict[int, bool] = {}
        self.agents.do("perceive")
        self.agents.do("deliberate")
        self.agents.do("act")
        self.settle()
        self.record()

    def quantity(self, name: Any) -> float:
        """Read an issue, a driver, a leverage or a price."""
        if isinstance(name, int):
            return self.z[name]
        kind, index, *provider = name
        value: float = self.price[index] if kind == "price" else self.actors[index].depends[provider[0]]
        return value

    def holds(self, conditions: list[Condition]) -> bool:
        """Say whether all conditions hold."""
        for c in conditions:
            left = self.quantity(c.quantity)
            right = self.quantity(c.bound[1]) if isinstance(c.bound, tuple) else c.bound
            if not (left > right if c.above else left < right):
                return False
        return True

    def feasible(self, move: Move) -> bool:
        """Say whether a move can be made this month, terms apart  (E6)."""
        z = self.z
        return (
            self.holds(move.requires)
            and self.month - self.aside[move.index] > self.rows.theory["patience"]
            and (move.chance >= 1.0 or self.comes_up(move.luck, move.chance))
            and any(abs(change.target(z[change.issue]) - z[change.issue]) > ROUNDING for change in move.changes)
        )

    def settle(self) -> None:
        """Apply accepted moves in the order of moves; let issues drift and shocks strike  (E8)."""
        x, delta = self.x, dict[int, float]()
        for v in sorted(self.decided):
            move = self.rows.all_moves[v]
            if not self.decided[v]:
                self.aside[v] = self.month
                self.refused[v] += 1
                continue
            self.made[v] += 1
            tau = self.terms[v][0] if move.payer is not None else 0.0
            self.price[v] = tau
            for changes, share in ((move.changes, 1.0), (move.payment, tau)):
                for c in changes:
                    delta[c.issue] = delta.get(c.issue, 0.0) + share * (c.target(x[c.issue]) - x[c.issue])
        for k, change in delta.items():
            self.z[k] = clip(x[k] + change)
        self.drift()
        for shock in self.rows.all_shocks:
            if self.strikes(shock):
                for c in shock.changes:
                    self.z[c.issue] = c.target(self.z[c.issue])
        self.x = self.z[: len(x)]

    def drift(self) -> None:
        """Let issues with decay go part of their way to rest, all from the same outcomes  (E8)."""
        z, after = self.z, []
        for k, decay, rest, effects in self.rows.drifting:
            for q, factor in effects:
                rest += factor * z[q]
            after.append((k, clip(z[k] + decay * (clip(rest) - z[k]))))
        for k, value in after:
            z[k] = value

    def strikes(self, shock: Shock) -> bool:
        """Say whether a shock strikes this month  (E8)."""
        due = self.month in shock.months and self.holds(shock.requires)
        return due and (shock.hazard is None or self.comes_up(shock.luck, shock.hazard))

    def record(self) -> None:
        """Test the outcomes that have not happened yet, in order."""
        for o, outcome in enumerate(self.rows.all_outcomes):
            if self.first[o] >= 0 or (outcome.last_month and self.month < self.rows.months - 1):
                continue
            if outcome.move is not None and self.decided.get(outcome.move) is not (outcome.result == "made"):
                continue
            if outcome.at is not None and self.first[outcome.at] != self.month:
                continue
            if outcome.after is not None and not 0 <= self.first[outcome.after] < self.month:
                continue
            if self.holds(outcome.when):
                self.first[o] = self.month
                if outcome.measure is not None:
                    self.measured[o] = self.quantity(outcome.measure)
