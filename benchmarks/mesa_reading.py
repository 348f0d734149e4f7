"""A resolved scenario read into the objects of the scalar Mesa model, once for all models."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from benchmarks.forms import by_row
from benchmarks.mesa_rows import Change, Condition, Dependence, Effects, Interest, Move, Outcome, Shock
from benchmarks.twin import noise, tables, twin

Document = dict[str, Any]


@dataclass
class Rows:
    """All rows of a resolved scenario; purposes of noise are numbered in the order they are met."""

    document: Document
    purposes: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.tables = by_row(tables.filled(self.document))
        self.actors, self.issues = list(self.tables["actors"]), list(self.tables["issues"])
        self.moves, self.outcomes = list(self.tables["moves"]), list(self.tables["outcomes"])
        self.theory, self.start = self.tables["theory"], self.tables["meta"]["start"]
        self.months = tables.month_index(self.tables["meta"]["end"], self.start) + 1
        self.factors = {name: n for n, name in enumerate([*self.issues, *self.tables["drivers"]])}
        self.all_moves = [self._move(v, name) for v, name in enumerate(self.moves)]
        self.all_shocks = [self._shock(name, row) for name, row in self.tables["shocks"].items()]
        self.all_outcomes = [self._outcome(row) for row in self.tables["outcomes"].values()]

    @cached_property
    def drivers(self) -> list[list[float]]:
        """Every driver of every month: no world moves them."""
        rows = self.tables["drivers"].values()
        return [[twin.driver(row, t, self.start) for row in rows] for t in range(self.months)]

    @cached_property
    def keys(self) -> Any:
        """The noise keys of all purposes."""
        return np.array([noise.key(purpose) for purpose in self.purposes], np.uint64)

    @cached_property
    def drifting(self) -> list[tuple[int, float, float, Effects]]:
        """Issues that drift: index, decay, rest and what moves the rest."""
        rows = enumerate(self.tables["issues"].values())
        return [(k, row["decay"], row["rest"], self._effects(row)) for k, row in rows if row["decay"]]

    def dependence_of(self, actor: int) -> list[Dependence]:
        """Return the channels through which an actor depends on others."""
        rows = [row for row in self.tables["dependence"].values() if row["dependent"] == self.actors[actor]]
        return [
            Dependence(self.actors.index(r["provider"]), r["stake"], r["alternatives"], self._effects(r)) for r in rows
        ]

    def interests_of(self, actor: int) -> list[Interest]:
        """Return what an actor wants; each model has its own, for saliences change."""
        rows = [row for row in self.tables["interests"].values() if row["actor"] == self.actors[actor]]
        return [
            Interest(
                self.issues.index(r["issue"]), r["position"], r["salience"], self._effects(r), max(0.0, r["salience"])
            )
            for r in rows
        ]

    def purpose(self, name: str) -> int:
        """Return the number of a purpose of noise."""
        return self.purposes.setdefault(name, len(self.purposes))

    def _effects(self, row: Document) -> Effects:
        return [(self.factors[name], factor) for name, factor in row["effects"].items()]

    def _changes(self, changes: Document) -> list[Change]:
        return [Change(self.issues.index(k), c.get("to"), c.get("by") or 0.0) for k, c in changes.items()]

    def _quantity(self, name: str) -> Any:
        if name.startswith("price:"):
            return "price", self.moves.index(name.removeprefix("price:"))
        if ">" in name:
            holder, over = name.split(">")
            return "leverage", self.actors.index(over), self.actors.index(holder)
        return self.factors[name]

    def _conditions(self, conditions: Document) -> list[Condition]:
        bounds = [(name, kind, row.get(kind)) for name, row in conditions.items() for kind in ("above", "below")]
        return [
            Condition(
                self._quantity(name), kind == "above", ("quantity", self._quantity(b)) if isinstance(b, str) else b
            )
            for name, kind, b in bounds
            if b is not None
        ]

    def _move(self, index: int, name: str) -> Move:
        row = self.tables["moves"][name]
        payment, owner = row["payment"] or {}, row["actor"]
        return Move(
            index=index,
            owner=self.actors.index(owner),
            changes=self._changes(row["changes"]),
            cost=row["cost"],
            chance=row["chance"],
            consent=[(self.actors.index(j), self.purpose(f"consent/{j}/{name}")) for j in row["consent"]],
            requires=self._conditions(row["requires"]),
            payer=self.actors.index(payment["from"]) if payment else None,
            payment=self._changes(payment.get("changes") or {}),
            fallback=self.moves.index(payment.get("fallback") or name),
            noise=self.purpose(f"decision/{owner}/{name}"),
            luck=self.purpose(f"chance/{name}"),
        )

    def _shock(self, name: str, row: Document) -> Shock:
        def month(key: str, other: int) -> int:
            return tables.month_index(row[key], self.start) if row[key] is not None else other

        months = range(month("from", 0), month("until", self.months) + 1)
        if row["at"] is not None:
            months = range(month("at", 0), month("at", 0) + 1)
        hazard = row["hazard"] if row["at"] is None else None
        conditions = self._conditions(row["requires"])
        return Shock(self._changes(row["changes"]), conditions, hazard, self.purpose(f"shock/{name}"), months)

    def _outcome(self, row: Document) -> Outcome:
        return Outcome(
            when=self._conditions(row["when"]),
            move=self.moves.index(row["move"]) if row["move"] else None,
            result=row["result"],
            at=self.outcomes.index(row["at"]) if row["at"] else None,
            after=self.outcomes.index(row["after"]) if row["after"] else None,
            measure=self._quantity(row["measure"]) if row["measure"] else None,
            last_month=bool(row["measure"] and not (row["when"] or row["move"] or row["at"])),
        )
