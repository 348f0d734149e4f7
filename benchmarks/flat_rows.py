"""The rows of a resolved scenario, laid flat: dependence, interests, bundles of changes and how actors add them up."""

from typing import Any

from benchmarks.forms import by_row
from benchmarks.layout import NONE, TABLES
from benchmarks.twin import noise, tables

Document = dict[str, Any]
Row = tuple[Any, ...]


class FlatRows:
    """Lays rows one after the other, table by table; a span is (first, end) in another table."""

    def __init__(self, document: Document) -> None:
        self.document = by_row(tables.filled(document))
        self.theory = self.document["theory"]
        if (self.theory["weights"], self.theory["loss"]) != ("leverage", "linear"):
            raise ValueError("the C contestants know the weights `leverage` and the loss `linear` only")
        self.ids = {table: list(self.document[table]) for table in tables.DEFAULTS}
        self.start = self.document["meta"]["start"]
        self.months = int(tables.month_index(self.document["meta"]["end"], self.start)) + 1
        self.quantity = self._quantities()
        self.rows: dict[str, list[Row]] = {name: [] for name in TABLES}
        self.bundles: dict[Any, int] = {}
        self.asked: dict[int, set[int]] = {}
        self.pairs: dict[tuple[str, str], int] = {}
        self._dependence()
        self._interests()

    def _quantities(self) -> dict[str, int]:
        actors, ids = self.ids["actors"], self.ids
        names = [*ids["issues"], *ids["drivers"]]
        names += [f"{j}>{i}" for i in actors for j in actors]
        return {name: n for n, name in enumerate([*names, *(f"price:{v}" for v in ids["moves"])])}

    def _put(self, table: str, rows: list[Row]) -> tuple[int, int]:
        """Append rows to a table; return where they stand."""
        first = len(self.rows[table])
        self.rows[table] += rows
        return first, len(self.rows[table])

    def _effects(self, row: Document) -> tuple[int, int]:
        return self._put("effect", [(factor, self.quantity[z], 0) for z, factor in row["effects"].items()])

    def _by_world(self, row: Document) -> bool:
        return any(z in self.document["issues"] for z in row["effects"])

    def _conditions(self, conditions: Document) -> tuple[int, int]:
        rows: list[Row] = []
        for name, bounds in conditions.items():
            for kind in ("above", "below"):
                bound = bounds.get(kind)
                if bound is not None:
                    other = self.quantity[bound] if isinstance(bound, str) else NONE
                    rows.append((0.0 if other >= 0 else bound, self.quantity[name], kind == "above", other, 0))
        return self._put("condition", rows)

    def _dependence(self) -> None:
        rows = self.document["dependence"].values()
        for i, j in dict.fromkeys((row["dependent"], row["provider"]) for row in rows):
            held = [row for row in rows if (row["dependent"], row["provider"]) == (i, j)]
            self.pairs[i, j] = number = len(self.pairs)
            spans = [(row["stake"], row["alternatives"], number, *self._effects(row), 0) for row in held]
            by_world, key = any(map(self._by_world, held)), noise.key(f"misperception/{i}/{j}")
            self._put("pair", [(self.quantity[f"{j}>{i}"], by_world, *self._put("dependence", spans), key)])

    def _interests(self) -> None:
        for row in self.document["interests"].values():
            issue, effects, by_world = self.quantity[row["issue"]], self._effects(row), self._by_world(row)
            self._put("interest", [(row["position"], row["salience"], issue, *effects, by_world)])

    # --- Bundles of changes, and how actors add up what they bring ---

    def _bundle(self, changes: Document, weighed: bool = True) -> int:
        """Return the number of a bundle of changes; the same changes have the same number."""
        key = (weighed, *((issue, *change.items()) for issue, change in changes.items()))
        if key not in self.bundles:
            rows = [(_value(change), self.quantity[k], change.get("to") is not None) for k, change in changes.items()]
            first, end = self._put("change", rows)
            gains = self._gains(list(changes), first) if weighed else (0, 0)
            self.bundles[key] = self._put("bundle", [(first, end, *gains)])[0]
        return self.bundles[key]

    def _gains(self, issues: list[str], first: int) -> tuple[int, int]:
        """Put one gain for every actor; `_prune` takes away those that nobody weighs."""
        rows: list[Row] = []
        for actor in self.ids["actors"]:
            held = enumerate(self.document["interests"].values())
            mine = [(n, row["issue"]) for n, row in held if row["actor"] == actor]
            stakes = [(n, first + c) for c, issue in enumerate(issues) for n, k in mine if k == issue]
            rows.append(self._put("stake", stakes))
        return self._put("gain", rows)

    def _view(self, actor: str, bundle: int) -> int:
        """Return how an actor adds up the gains of a bundle: its own, and those of the others it depends on."""
        actors, gains = self.ids["actors"], self.rows["bundle"][bundle][2]
        others = [(self.pairs[actor, a], gains + n) for n, a in enumerate(actors) if (actor, a) in self.pairs]
        terms = [term for term in others if self._stakes(term[1])]
        own = gains + actors.index(actor)
        used = self.asked.setdefault(bundle, set())
        used |= {own, *(gain for _, gain in terms)}
        return self._put("view", [(own if self._stakes(own) else NONE, *self._put("term", terms), 0)])[0]

    def _stakes(self, gain: int) -> bool:
        first, end = self.rows["gain"][gain]
        return bool(end > first)


def _value(change: Document) -> float:
    value = change["to"] if change.get("to") is not None else change["by"]
    return float(value)
