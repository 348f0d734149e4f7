"""The actors of the scalar Mesa model: agents with methods, plain numbers."""

from typing import TYPE_CHECKING

import mesa

from benchmarks.mesa_rows import Change, Move
from benchmarks.twin import equations, noise

if TYPE_CHECKING:
    from benchmarks.mesa_model import World


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
