"""From a resolved scenario document to the tables and numbers of a case, row by row, in the order of the document."""

from collections import Counter
from collections.abc import Mapping
from itertools import accumulate, pairwise
from typing import Any

import numpy as np

from realpolitik_model.noise import purpose_key
from realpolitik_model.tables import (
    ACTOR,
    CAPABILITY,
    CHANGE,
    CONDITION,
    CONSENT,
    DEPENDENCE,
    DRIVER,
    EFFECT,
    GAINER,
    INTEREST,
    ISSUE,
    LEVERAGE,
    MOVE,
    OUTCOME,
    PAIR,
    PLACEBO,
    POINT,
    RELATION,
    SHOCK,
    STAKE,
    THEORY,
    WEIGHTS,
    Records,
    Tables,
)

Document = Mapping[str, Any]
"""A resolved scenario: the tables of a scenario file with defaults filled in and every number a plain float."""

SHARED = ("effects", "changes", "conditions", "stakes", "gainers", "consents", "points")
"""Tables to which rows of several others point by range."""
INDICES = ("owned", "moods", "hangs")
"""Lists of rows of another table, to which rows point in the same way."""


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
        self.start = month_number(document["meta"]["start"])
        self.months = month_number(document["meta"]["end"]) - self.start + 1
        self.ids = {name: list(document.get(name) or {}) for name in document}
        self.paths: dict[str, int] = {}
        self.values: list[float] = []
        self.rows: dict[str, list[Any]] = {name: [] for name in (*SHARED, *INDICES)}
        self.quantities = self._quantities()
        self.joined = [(row["dependent"], row["provider"]) for row in self._table("dependence").values()]
        self.named_pairs = list(dict.fromkeys(self.joined))
        order = {name: n for n, name in enumerate(self.ids["actors"])}
        self.pairs = sorted(self.named_pairs, key=lambda pair: order[pair[0]])
        self.place = {pair: n for n, pair in enumerate(self.pairs)}
        self.interested = self._interested()
        self.tables = self._tables()

    def names(self, table: str) -> tuple[str, ...]:
        """Return the names of the rows of a table."""
        return tuple(self.ids.get(table, []))

    def _tables(self) -> Tables:
        theory = self._theory()
        actors = self._each(ACTOR, "actors", self._actor)
        issues = self._each(ISSUE, "issues", self._issue)
        drivers = self._each(DRIVER, "drivers", self._driver)
        dependence = self._each(DEPENDENCE, "dependence", self._dependence)
        interests = self._each(INTEREST, "interests", self._interest)
        moves = self._each(MOVE, "moves", self._move)
        shocks = self._each(SHOCK, "shocks", self._shock)
        outcomes = self._each(OUTCOME, "outcomes", self._outcome)
        return Tables(
            theory=theory,
            actors=actors,
            **{name: np.array(self.rows[name], np.int64) for name in INDICES},
            issues=issues,
            drivers=drivers,
            points=_records(POINT, self.rows["points"]),
            pairs=self._pair_rows(),
            dependence=dependence[self._by_pair()],
            interests=interests,
            effects=_records(EFFECT, self.rows["effects"]),
            moves=moves,
            changes=_records(CHANGE, self.rows["changes"]),
            stakes=_records(STAKE, self.rows["stakes"]),
            gainers=_records(GAINER, self.rows["gainers"]),
            consents=_records(CONSENT, self.rows["consents"]),
            conditions=_records(CONDITION, self.rows["conditions"]),
            shocks=shocks,
            outcomes=outcomes,
            relations=self._relations(),
            recorded=np.array([self._quantity(f"{j}>{i}") for i, j in self.named_pairs], np.int64),
        )

    # One method a table: each returns the record of one row.

    def _theory(self) -> Records:
        theory = self.document["theory"]
        numbers = [self._number(f"theory.{name}", theory[name]) for name in ("phi", "sigma", "noise", "patience")]
        quadratic, weights = theory["loss"] == "quadratic", WEIGHTS.index(theory["weights"])
        return _records(THEORY, [(*numbers, quadratic, weights, self.start % 12)])

    def _actor(self, name: str, row: Document) -> tuple[Any, ...]:
        capability = self._number(f"actors.{name}.capability", row["capability"])
        owned = [n for n, move in enumerate(self._table("moves").values()) if move["actor"] == name]
        interests = enumerate(self._table("interests").values())
        moods = [n for n, interest in interests if interest["actor"] == name and interest.get("effects")]
        pairs = [n for n, (dependent, _) in enumerate(self.pairs) if dependent == name]
        first = pairs[0] if pairs else 0
        return capability, *self._extend("owned", owned), first, first + len(pairs), *self._extend("moods", moods)

    def _issue(self, name: str, row: Document) -> tuple[Any, ...]:
        path = f"issues.{name}"
        numbers = [self._number(f"{path}.{key}", row[key]) for key in ("start", "decay", "rest")]
        return *numbers, *self._effects(path, row)

    def _driver(self, name: str, row: Document) -> tuple[Any, ...]:
        path, first = f"drivers.{name}", len(self.rows["points"])
        season, dated = row.get("season") or [], row.get("path") or {}
        for n, value in enumerate(season):
            self.rows["points"].append((float(n), self._number(f"{path}.season.{n + 1}", value)))
        for date, value in dated.items():
            month = float(month_number(date) - self.start)
            self.rows["points"].append((month, self._number(f"{path}.path.{date}", value)))
        scale, shift = (self._number(f"{path}.{key}", row[key]) for key in ("scale", "shift"))
        return first, len(self.rows["points"]), bool(season), scale, shift

    def _dependence(self, name: str, row: Document) -> tuple[Any, ...]:
        path = f"dependence.{name}"
        stake, alternatives = (self._number(f"{path}.{key}", row[key]) for key in ("stake", "alternatives"))
        return stake, alternatives, *self._effects(path, row)

    def _interest(self, name: str, row: Document) -> tuple[Any, ...]:
        path = f"interests.{name}"
        self._number(f"{path}.position", row["position"])
        return self._number(f"{path}.salience", row["salience"]), *self._effects(path, row)

    def _move(self, name: str, row: Document) -> tuple[Any, ...]:
        path, actor, payment = f"moves.{name}", row["actor"], row.get("payment") or {}
        cost, chance = (self._number(f"{path}.{key}", row[key]) for key in ("cost", "chance"))
        changes = self._changes(f"{path}.changes", row["changes"])
        asked = [(self._index("actors", j), purpose_key(f"consent/{j}/{name}")) for j in row.get("consent") or []]
        consents = self._extend("consents", asked)
        paid = self._changes(f"{path}.payment.changes", payment.get("changes") or {})
        requires = self._conditions(f"{path}.requires", row.get("requires") or {})
        payer = self._index("actors", payment["from"]) if payment else -1
        fallback = self._index("moves", payment.get("fallback") or name)
        keys = purpose_key(f"decision/{actor}/{name}"), purpose_key(f"chance/{name}")
        heard = self._heard({actor, *(row.get("consent") or []), *([payment["from"]] if payment else [])})
        stakes = *self._stakes(*changes, heard), *self._stakes(*paid, heard)
        owner = self._index("actors", actor)
        hangs = self._extend("hangs", self._hang(*changes, *stakes[:2]))
        return owner, cost, chance, *changes, *consents, payer, *paid, fallback, *requires, *hangs, *stakes, *keys

    def _shock(self, name: str, row: Document) -> tuple[Any, ...]:
        path, at, hazard = f"shocks.{name}", row.get("at"), row.get("hazard")
        number = self._number(f"{path}.hazard", hazard) if hazard is not None else -1
        since, until = row.get("from"), row.get("until")
        window = self._month(since) if since else 0, self._month(until) if until else self.months
        changes = self._changes(f"{path}.changes", row["changes"])
        requires = self._conditions(f"{path}.requires", row.get("requires") or {})
        month = self._month(at) if at else 0
        return bool(at), month, number, *window, *changes, *requires, purpose_key(f"shock/{name}")

    def _outcome(self, name: str, row: Document) -> tuple[Any, ...]:
        when = self._conditions(f"outcomes.{name}.when", row.get("when") or {})
        move = self._index("moves", row["move"]) if row.get("move") else -1
        others = [self._index("outcomes", row[key]) if row.get(key) else -1 for key in ("at", "after")]
        measure = self._quantity(row["measure"]) if row.get("measure") else -1
        return *when, move, row.get("result") == "made", *others, measure

    # The parts that rows share.

    def _effects(self, path: str, row: Document) -> tuple[int, int]:
        effects = (row.get("effects") or {}).items()
        rows = [(self._quantity(z), self._number(f"{path}.effects.{z}", value)) for z, value in effects]
        return self._extend("effects", rows)

    def _changes(self, path: str, changes: Mapping[str, Document]) -> tuple[int, int]:
        rows = []
        for issue, change in changes.items():
            kind = "to" if change.get("to") is not None else "by"
            number = self._number(f"{path}.{issue}.{kind}", change[kind])
            rows.append((self._index("issues", issue), kind == "to", number))
        return self._extend("changes", rows)

    def _conditions(self, path: str, conditions: Mapping[str, Document]) -> tuple[int, int]:
        rows = []
        for quantity, bounds in conditions.items():
            for kind in ("above", "below"):
                bound = bounds.get(kind)
                if bound is None:
                    continue
                other = self._quantity(bound) if isinstance(bound, str) else -1
                number = -1 if isinstance(bound, str) else self._number(f"{path}.{quantity}.{kind}", bound)
                rows.append((self._quantity(quantity), kind == "above", other, number))
        return self._extend("conditions", rows)

    def _heard(self, judges: set[str]) -> set[str]:
        """Return whose gains can count when some actors judge a move: their own, and those of whom they may heed."""
        return judges | {a for i in judges for a in self.ids["actors"] if self._may_heed(i, a)}

    def _stakes(self, start: int, end: int, heard: set[str]) -> tuple[int, int, int, int]:
        """Note who of `heard` has a stake in the changes start..end: their stakes, and each actor's among these."""
        rows = []
        for change in range(start, end):
            k = self.rows["changes"][change][0]
            rows += [
                (self._index("actors", actor), n, change, k, self.paths[f"interests.{name}.position"])
                for n, name, actor in self.interested.get(self.ids["issues"][k], ())
                if actor in heard
            ]
        rows.sort(key=lambda row: row[0])
        counts = Counter(row[0] for row in rows)
        ends = accumulate(counts.values(), initial=len(self.rows["stakes"]))
        gainers = [(a, start, end) for a, (start, end) in zip(counts, pairwise(ends), strict=True)]
        return *self._extend("stakes", rows), *self._extend("gainers", gainers)

    def _hang(self, changes: int, changes_end: int, stakes: int, stakes_end: int) -> list[int]:
        """Return the quantities that gains from these changes hang on: the issues, and what moves the saliences."""
        issues = {row[0] for row in self.rows["changes"][changes:changes_end]}
        interests = list(self._table("interests").values())
        touched = [interests[row[1]] for row in self.rows["stakes"][stakes:stakes_end]]
        return sorted(issues | {self._quantity(z) for row in touched for z in row.get("effects") or {}})

    def _relations(self) -> Records:
        pairs = [(i, j) for i in self.ids["actors"] for j in self.ids["actors"]]
        rows = [
            (purpose_key(f"misperception/{i}/{j}"), self._index("actors", self._next_other(i, j)), self._may_heed(i, j))
            for i, j in pairs
        ]
        return _records(RELATION, rows)

    def _may_heed(self, i: str, a: str) -> bool:
        """Return whether a can count for i, by the weight rule: by leverage, only if i depends on it."""
        rule = WEIGHTS.index(self.document["theory"]["weights"])
        if rule == CAPABILITY:
            return i != a
        provider = {LEVERAGE: a, PLACEBO: self._next_other(i, a)}.get(rule)
        return i != a and (i, provider) in self.place

    def _next_other(self, i: str, a: str) -> str:
        """Return the actor that follows a, cyclically, among those other than i; a itself if it is i."""
        others = [other for other in self.ids["actors"] if other != i]
        return others[(others.index(a) + 1) % len(others)] if a != i else a

    def _by_pair(self) -> list[int]:
        """Return the rows of dependence pair by pair, those of one pair in the order of the file."""
        return sorted(range(len(self.joined)), key=lambda row: self.place[self.joined[row]])

    def _pair_rows(self) -> Records:
        """Return the table of pairs."""
        of = Counter(self.joined)
        ends = list(accumulate(of[pair] for pair in self.pairs))
        rows = [(self._quantity(f"{j}>{i}"), end - of[i, j], end) for (i, j), end in zip(self.pairs, ends, strict=True)]
        return _records(PAIR, rows)

    def _quantities(self) -> dict[str, int]:
        actors = self.ids["actors"]
        names = [*self.ids["issues"], *self.names("drivers")]
        names += [f"{j}>{i}" for i in actors for j in actors]
        names += [f"price:{v}" for v in self.names("moves")]
        return {name: n for n, name in enumerate(names)}

    def _interested(self) -> dict[str, list[tuple[int, str, str]]]:
        interested: dict[str, list[tuple[int, str, str]]] = {}
        for n, (name, row) in enumerate(self._table("interests").items()):
            interested.setdefault(row["issue"], []).append((n, name, row["actor"]))
        return interested

    def _table(self, name: str) -> Mapping[str, Document]:
        return self.document.get(name) or {}

    def _each(self, dtype: np.dtype[np.void], table: str, record: Any) -> Records:
        return _records(dtype, [record(name, row) for name, row in self._table(table).items()])

    def _number(self, path: str, value: float) -> int:
        self.paths[path] = len(self.values)
        self.values.append(float(value))
        return self.paths[path]

    def _index(self, table: str, name: str) -> int:
        return self.ids[table].index(name)

    def _quantity(self, name: str) -> int:
        return self.quantities[name]

    def _month(self, date: str) -> int:
        return month_number(date) - self.start

    def _extend(self, table: str, rows: list[Any]) -> tuple[int, int]:
        """Add rows to a shared table or an index; return where they stand in it."""
        first = len(self.rows[table])
        self.rows[table] += rows
        return first, len(self.rows[table])


def _records(dtype: np.dtype[np.void], rows: list[tuple[Any, ...]]) -> Records:
    return np.array(rows, dtype=dtype)
