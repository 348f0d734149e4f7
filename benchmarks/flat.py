"""A resolved scenario as the flat tables of `c/bound.h`: what a C programmer would compile it to."""

from typing import Any

import numpy as np

from benchmarks import layout
from benchmarks.flat_rows import Document, FlatRows, Row
from benchmarks.layout import NONE, TABLES, Case
from benchmarks.twin import noise, tables, twin


class Flat(FlatRows):
    """The tables of one case, and the arrays that keep them alive."""

    def __init__(self, document: Document) -> None:
        super().__init__(document)
        self._moves()
        self._rest()
        self.case = self._finished()

    def _moves(self) -> None:
        bundles = {v: self._bundle(move["changes"]) for v, move in self.document["moves"].items()}
        for v, move in self.document["moves"].items():
            i, bundle = move["actor"], bundles[v]
            keys = noise.key(f"decision/{i}/{v}"), noise.key(f"chance/{v}")
            paid, views, consents = NONE, (NONE, NONE, NONE, NONE, NONE, NONE), []
            if move["payment"]:
                paid, views = self._payment(v, move, bundle)
            for j in move["consent"]:
                other = self._view(j, paid) if paid != NONE else NONE
                payer = bool(move["payment"]) and j == move["payment"]["from"]
                consents.append((noise.key(f"consent/{j}/{v}"), payer, self._view(j, bundle), other, 0))
            spans = *self._conditions(move["requires"]), *self._put("consent", consents)
            row = move["cost"], move["chance"], *keys, bundle, self._view(i, bundle), *spans, paid, *views, 0
            self._put("move", [row])

    def _payment(self, v: str, move: Document, bundle: int) -> tuple[int, Row]:
        """Return the bundle of a payment; the payer's and mover's views, the fallback, and both powers."""
        i, j = move["actor"], move["payment"]["from"]
        paid = self._bundle(move["payment"]["changes"])
        fallback = self.ids["moves"].index(move["payment"].get("fallback") or v)
        powers = self.quantity[f"{i}>{j}"], self.quantity[f"{j}>{i}"]
        return paid, (self._view(j, bundle), self._view(i, paid), self._view(j, paid), fallback, *powers)

    def _rest(self) -> None:
        issues = self.document["issues"]
        drifts = [
            (row["decay"], row["rest"], self.quantity[k], *self._effects(row), 0)
            for k, row in issues.items()
            if row["decay"] != 0.0
        ]
        self._put("drift", drifts)
        self._put("shock", [self._shock(s, row) for s, row in self.document["shocks"].items()])
        self._put("outcome", [self._outcome(row) for row in self.document["outcomes"].values()])

    def _shock(self, s: str, row: Document) -> Row:
        at, since, until = (
            tables.month_index(row[key], self.start) if row[key] is not None else other
            for key, other in (("at", NONE), ("from", 0), ("until", self.months))
        )
        bundle, requires = self._bundle(row["changes"], weighed=False), self._conditions(row["requires"])
        return row["hazard"] or 0.0, noise.key(f"shock/{s}"), at, since, until, bundle, *requires

    def _outcome(self, row: Document) -> Row:
        when = self._conditions(row["when"])
        move = self.ids["moves"].index(row["move"]) if row["move"] else NONE
        others = [self.ids["outcomes"].index(row[key]) if row[key] else NONE for key in ("at", "after")]
        measure = self.quantity[row["measure"]] if row["measure"] else NONE
        final = bool(row["measure"] and not (row["when"] or row["move"] or row["at"]))
        return *when, move, row["result"] == "made", *others, measure, final

    # --- Finishing ---

    def _finished(self) -> Case:
        self._prune()
        arrays = {name: np.array(rows, TABLES[name]) for name, rows in self.rows.items()}
        arrays["start"] = np.array([row["start"] for row in self.document["issues"].values()])
        arrays["driven"] = self._driven()
        arrays["readers"] = self._readers()
        arrays["owned"], arrays["owned_end"] = self._owned()
        self.arrays = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
        counts = {name: len(self.ids[name]) for name in ("issues", "drivers", "actors", "moves", "shocks", "outcomes")}
        counts |= {
            f"{name}s": len(self.rows[name]) for name in ("pair", "interest", "gain", "bundle", "drift", "change")
        }
        theory = {name: self.theory[name] for name in ("phi", "sigma", "noise", "patience")}
        return layout.case(self.arrays, counts | theory | {"months": self.months, "quantities": len(self.quantity)})

    def _prune(self) -> None:
        """Empty the gains that no view reads, so that nobody works them out."""
        wanted: set[int] = set().union(*self.asked.values()) if self.asked else set()
        self.rows["gain"] = [span if n in wanted else (0, 0) for n, span in enumerate(self.rows["gain"])]

    def _driven(self) -> Any:
        rows = self.document["drivers"].values()
        return np.array([[twin.driver(row, t, self.start) for row in rows] for t in range(self.months)], np.float64)

    def _owned(self) -> tuple[Any, Any]:
        owners = [move["actor"] for move in self.document["moves"].values()]
        by_actor = [[v for v, owner in enumerate(owners) if owner == i] for i in self.ids["actors"]]
        ends = np.cumsum([len(moves) for moves in by_actor])
        return np.array([v for moves in by_actor for v in moves], np.int32), ends.astype(np.int32)

    def _readers(self) -> Any:
        """Return for every issue and driver which of the first 64 bundles have gains that read it."""
        words = [0] * (len(self.ids["issues"]) + len(self.ids["drivers"]))
        for b, (_, _, first, end) in enumerate(self.rows["bundle"][:64]):
            stakes = [stake for gain in self.rows["gain"][first:end] for stake in self.rows["stake"][slice(*gain)]]
            for n, change in stakes:
                effects = self.rows["effect"][slice(*self.rows["interest"][n][3:5])]
                for q in [self.rows["change"][change][1], *(effect[1] for effect in effects)]:
                    words[q] |= 1 << b
        return np.array(words, np.uint64)
