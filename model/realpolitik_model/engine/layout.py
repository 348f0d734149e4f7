"""From a resolved scenario document to the tables and numbers of a case, row by row, in the order of the document."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from itertools import accumulate, pairwise
from typing import Any

import numpy as np

from realpolitik_model.engine.noise import purpose_key
from realpolitik_model.engine.tables import DTYPES, INDEX, Records, Tables, quantity_names
from realpolitik_model.equations.weights import RULES, rule_named

Document = Mapping[str, Any]
"""A resolved scenario: the tables of a scenario file with defaults filled in and every number a plain float."""
Row = dict[str, Any]
"""A record by the names of its columns."""

NONE = -1


def month_number(date: str) -> int:
    """Return months since year 0 of a date "YYYY-MM"; ValueError if it is not one."""
    year, _, month = date.partition("-")
    if not (year.isdecimal() and month.isdecimal() and 1 <= int(month) <= 12):
        raise ValueError(f"'{date}' is not a month; write YYYY-MM, such as 2024-04")
    return int(year) * 12 + int(month) - 1


class Layout:
    """The tables of a document, built row by row in its order; the numbers they point to, and the path of each.

    `joined` is the (dependent, provider) of every row of dependence, `named_pairs` has each once, in the order of the
    file, `pairs` has them by dependent, and `place` gives their positions there. `interested` has, for each issue, the
    interests in it: (row, name, actor).
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self.rule = RULES[rule_named(document["theory"]["weights"])]
        self.start = month_number(document["meta"]["start"])
        self.months = month_number(document["meta"]["end"]) - self.start + 1
        self.ids = {name: list(document.get(name) or {}) for name in document}
        self.index = {table: {name: n for n, name in enumerate(names)} for table, names in self.ids.items()}
        self.paths: dict[str, int] = {}
        self.values: list[float] = []
        self.rows: dict[str, list[Any]] = {name: [] for name in Tables._fields}
        named = [list(self.names(table)) for table in ("actors", "issues", "drivers", "moves")]
        self.quantities = {name: n for n, name in enumerate(quantity_names(*named))}
        self.joined = [(row["dependent"], row["provider"]) for row in self._table("dependence").values()]
        self.named_pairs = list(dict.fromkeys(self.joined))
        self.pairs = sorted(self.named_pairs, key=lambda pair: self.index["actors"][pair[0]])
        self.place = {pair: n for n, pair in enumerate(self.pairs)}
        self.interested = self._interested()
        self.tables = self._tables()

    def names(self, table: str) -> tuple[str, ...]:
        """Return the names of the rows of a table."""
        return tuple(self.ids.get(table, []))

    def _tables(self) -> Tables:
        self._extend("theory", [self._theory()])
        for table, row in (
            ("actors", self._actor),
            ("issues", self._issue),
            ("drivers", self._driver),
            ("dependence", self._dependence),
            ("interests", self._interest),
            ("moves", self._move),
            ("shocks", self._shock),
            ("outcomes", self._outcome),
        ):
            self._each(table, row)
        self.rows["dependence"] = [self.rows["dependence"][n] for n in self._by_pair()]
        self._extend("pairs", self._pair_rows())
        self._extend("relations", self._relations())
        self._extend("recorded", [self._leverage(i, j) for i, j in self.named_pairs])
        arrays: dict[str, Any] = {name: _records(DTYPES[name], rows) for name, rows in self.rows.items()}
        return Tables(**arrays)

    # One method per table: each returns one row.

    def _theory(self) -> Row:
        theory = self.document["theory"]
        numbers = {name: self._number(f"theory.{name}", theory[name]) for name in ("phi", "sigma", "noise", "patience")}
        rule = RULES.index(self.rule)
        return {**numbers, "quadratic": theory["loss"] == "quadratic", "weights": rule, "calendar": self.start % 12}

    def _actor(self, name: str, row: Document) -> Row:
        owned = [n for n, move in enumerate(self._table("moves").values()) if move["actor"] == name]
        interests = enumerate(self._table("interests").values())
        moved = [n for n, interest in interests if interest["actor"] == name and interest.get("effects")]
        pairs = [n for n, (dependent, _) in enumerate(self.pairs) if dependent == name]
        first = pairs[0] if pairs else 0
        return {
            "capability": self._number(f"actors.{name}.capability", row["capability"]),
            **self._range("owned", "owned", owned),
            "pairs": first,
            "pairs_end": first + len(pairs),
            **self._range("moved_interests", "moved_interests", moved),
        }

    def _issue(self, name: str, row: Document) -> Row:
        path = f"issues.{name}"
        return {**self._numbers(path, row, "start", "decay", "rest"), **self._effects(path, row)}

    def _driver(self, name: str, row: Document) -> Row:
        path = f"drivers.{name}"
        season, dated = row.get("season") or [], row.get("path") or {}
        points: list[Row] = [
            {"month": float(n), "number": self._number(f"{path}.season.{n + 1}", value)}
            for n, value in enumerate(season)
        ]
        points += [
            {"month": float(self._month(date)), "number": self._number(f"{path}.path.{date}", value)}
            for date, value in dated.items()
        ]
        place = {**self._range("points", "points", points), "season": bool(season)}
        return {**place, **self._numbers(path, row, "scale", "shift")}

    def _dependence(self, name: str, row: Document) -> Row:
        path = f"dependence.{name}"
        return {**self._numbers(path, row, "stake", "alternatives"), **self._effects(path, row)}

    def _interest(self, name: str, row: Document) -> Row:
        path = f"interests.{name}"
        self._number(f"{path}.position", row["position"])
        return {**self._numbers(path, row, "salience"), **self._effects(path, row)}

    def _move(self, name: str, row: Document) -> Row:
        path, actor, payment = f"moves.{name}", row["actor"], row.get("payment") or {}
        asked = row.get("consent") or []
        numbers = self._numbers(path, row, "cost", "chance")
        changes = self._changes("changes", f"{path}.changes", row["changes"])
        consents = [{"actor": self.index["actors"][j], "key": purpose_key(f"consent/{j}/{name}")} for j in asked]
        paid = self._changes("paid", f"{path}.payment.changes", payment.get("changes") or {})
        requires = self._conditions("requires", f"{path}.requires", row.get("requires") or {})
        heard = self._heard({actor, *asked, *([payment["from"]] if payment else [])})
        stakes = self._stakes("", changes["changes"], changes["changes_end"], heard)
        paid_stakes = self._stakes("paid_", paid["paid"], paid["paid_end"], heard)
        return {
            "actor": self.index["actors"][actor],
            **numbers,
            **changes,
            **self._range("consents", "consents", consents),
            "payer": self.index["actors"][payment["from"]] if payment else NONE,
            **paid,
            "fallback": self.index["moves"][payment.get("fallback") or name],
            **requires,
            **self._range("inputs", "inputs", self._inputs(changes, stakes)),
            **stakes,
            **paid_stakes,
            "decision_key": purpose_key(f"decision/{actor}/{name}"),
            "chance_key": purpose_key(f"chance/{name}"),
        }

    def _shock(self, name: str, row: Document) -> Row:
        path, at, since, until = f"shocks.{name}", row.get("at"), row.get("from"), row.get("until")
        return {
            "dated": bool(at),
            "at": self._month(at) if at else 0,
            "hazard": self._number(f"{path}.hazard", row["hazard"]) if row.get("hazard") is not None else NONE,
            "since": self._month(since) if since else 0,
            "until": self._month(until) if until else self.months,
            **self._changes("changes", f"{path}.changes", row["changes"]),
            **self._conditions("requires", f"{path}.requires", row.get("requires") or {}),
            "key": purpose_key(f"shock/{name}"),
        }

    def _outcome(self, name: str, row: Document) -> Row:
        outcomes, moves = self.index["outcomes"], self.index.get("moves", {})
        return {
            **self._conditions("when", f"outcomes.{name}.when", row.get("when") or {}),
            "move": moves[row["move"]] if row.get("move") else NONE,
            "made": row.get("result") == "made",
            "at": outcomes[row["at"]] if row.get("at") else NONE,
            "after": outcomes[row["after"]] if row.get("after") else NONE,
            "measure": self.quantities[row["measure"]] if row.get("measure") else NONE,
        }

    # The parts that rows share.

    def _effects(self, path: str, row: Document) -> Row:
        effects = (row.get("effects") or {}).items()
        rows = [
            {"quantity": self.quantities[z], "number": self._number(f"{path}.effects.{z}", value)}
            for z, value in effects
        ]
        return self._range("effects", "effects", rows)

    def _changes(self, column: str, path: str, changes: Mapping[str, Document]) -> Row:
        rows = []
        for issue, change in changes.items():
            kind = "to" if change.get("to") is not None else "by"
            number = self._number(f"{path}.{issue}.{kind}", change[kind])
            rows.append({"issue": self.index["issues"][issue], "to": kind == "to", "number": number})
        return self._range(column, "changes", rows)

    def _conditions(self, column: str, path: str, conditions: Mapping[str, Document]) -> Row:
        rows = []
        for quantity, bounds in conditions.items():
            for kind in ("above", "below"):
                bound = bounds.get(kind)
                if bound is None:
                    continue
                named = isinstance(bound, str)
                rows.append(
                    {
                        "quantity": self.quantities[quantity],
                        "above": kind == "above",
                        "other": self.quantities[bound] if named else NONE,
                        "number": NONE if named else self._number(f"{path}.{quantity}.{kind}", bound),
                    }
                )
        return self._range(column, "conditions", rows)

    def _heard(self, judges: set[str]) -> set[str]:
        """Return whose gains can count when some actors judge a move: their own, and those of whom they may heed."""
        return judges | {a for i in judges for a in self.ids["actors"] if self._may_heed(i, a)}

    def _stakes(self, prefix: str, start: int, end: int, heard: set[str]) -> Row:
        """Add the stakes that those `heard` have in the changes start..end, by actor, and who gains by which."""
        rows = []
        for change in range(start, end):
            k = self.rows["changes"][change]["issue"]
            rows += [
                {
                    "actor": self.index["actors"][actor],
                    "interest": n,
                    "change": change,
                    "issue": k,
                    "position": self.paths[f"interests.{name}.position"],
                }
                for n, name, actor in self.interested.get(self.ids["issues"][k], ())
                if actor in heard
            ]
        rows.sort(key=lambda row: row["actor"])
        counts = Counter(row["actor"] for row in rows)
        ends = pairwise(accumulate(counts.values(), initial=len(self.rows["stakes"])))
        gainers = [
            {"actor": a, "stakes": first, "stakes_end": last} for a, (first, last) in zip(counts, ends, strict=True)
        ]
        return {
            **self._range(f"{prefix}stakes", "stakes", rows),
            **self._range(f"{prefix}gainers", "gainers", gainers),
        }

    def _inputs(self, changes: Row, stakes: Row) -> list[int]:
        """Return the quantities that gains are computed from: the issues changed, and what moves the saliences."""
        issues = {row["issue"] for row in self.rows["changes"][changes["changes"] : changes["changes_end"]]}
        interests = list(self._table("interests").values())
        touched = [interests[row["interest"]] for row in self.rows["stakes"][stakes["stakes"] : stakes["stakes_end"]]]
        return sorted(issues | {self.quantities[z] for row in touched for z in row.get("effects") or {}})

    def _relations(self) -> list[Row]:
        return [
            {
                "key": purpose_key(f"misperception/{i}/{j}"),
                "source": self.index["actors"][self._source(i, j)],
                "heeds": self._may_heed(i, j),
            }
            for i in self.ids["actors"]
            for j in self.ids["actors"]
        ]

    def _may_heed(self, i: str, a: str) -> bool:
        """Return whether a can count for i, by the weight rule: as a provider, only if i depends on it."""
        depends = (i, self._source(i, a)) in self.place
        return i != a and {"providers": depends, "everyone": True, "nobody": False}[self.rule.heeds]

    def _source(self, i: str, a: str) -> str:
        """Return whose leverage over i counts as a's: a's own, unless the weight rule gives it to the wrong owner."""
        return self._next_other(i, a) if self.rule.displaced else a

    def _next_other(self, i: str, a: str) -> str:
        """Return the actor that follows a, cyclically, among those other than i; a itself if it is i."""
        others = [other for other in self.ids["actors"] if other != i]
        return others[(others.index(a) + 1) % len(others)] if a != i else a

    def _by_pair(self) -> list[int]:
        """Return the rows of dependence pair by pair, those of one pair in the order of the file."""
        return sorted(range(len(self.joined)), key=lambda row: self.place[self.joined[row]])

    def _pair_rows(self) -> list[Row]:
        counts = Counter(self.joined)
        ends = pairwise(accumulate((counts[pair] for pair in self.pairs), initial=0))
        return [
            {"quantity": self._leverage(i, j), "rows": first, "rows_end": last}
            for (i, j), (first, last) in zip(self.pairs, ends, strict=True)
        ]

    def _leverage(self, dependent: str, provider: str) -> int:
        return self.quantities[f"{provider}>{dependent}"]

    def _interested(self) -> dict[str, list[tuple[int, str, str]]]:
        interested: dict[str, list[tuple[int, str, str]]] = {}
        for n, (name, row) in enumerate(self._table("interests").items()):
            interested.setdefault(row["issue"], []).append((n, name, row["actor"]))
        return interested

    def _table(self, name: str) -> Mapping[str, Document]:
        return self.document.get(name) or {}

    def _each(self, table: str, row_of: Callable[[str, Document], Row]) -> None:
        self._extend(table, [row_of(name, row) for name, row in self._table(table).items()])

    def _numbers(self, path: str, row: Document, *keys: str) -> Row:
        return {key: self._number(f"{path}.{key}", row[key]) for key in keys}

    def _number(self, path: str, value: float) -> int:
        self.paths[path] = len(self.values)
        self.values.append(float(value))
        return self.paths[path]

    def _month(self, date: str) -> int:
        return month_number(date) - self.start

    def _range(self, column: str, table: str, rows: Iterable[Any]) -> Row:
        """Add rows to a shared table; return the columns that say where they are in it."""
        first, last = self._extend(table, rows)
        return {column: first, f"{column}_end": last}

    def _extend(self, table: str, rows: Iterable[Any]) -> tuple[int, int]:
        first = len(self.rows[table])
        self.rows[table] += rows
        return first, len(self.rows[table])


def _records(dtype: np.dtype[Any], rows: list[Any]) -> Records:
    """Return rows as an array: records by the names of their columns, or indices."""
    if dtype == INDEX:
        return np.array(rows, dtype)
    assert dtype.names is not None
    return np.array([tuple(row[name] for name in dtype.names) for row in rows], dtype)
