"""From a resolved scenario document to the tables and numbers of a case, row by row, in the order of the document."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import reduce
from itertools import accumulate, pairwise
from operator import or_
from typing import Any

import numpy as np

from realpolitik_model.engine.noise import purpose_key
from realpolitik_model.engine.tables import DTYPES, INDEX, Records, Tables, quantity_names, words_for, words_of
from realpolitik_model.equations.weights import RULES, rule_named

Document = Mapping[str, Any]
"""A resolved scenario: the tables of a scenario file with defaults filled in and every number a plain float."""
Row = dict[str, Any]
"""A record by the names of its columns."""

NONE = -1
SHARES = ("alternatives", "position", "chance", "rest", "decay", "hazard")
"""Numbers that are held within 0-1 when they respond to the state."""
RESPONSIVE = (*SHARES, "capability", "stake", "salience", "cost")
"""All numbers that can respond; those that are not shares are held above 0."""
LONGEST_FORESIGHT = 24
"""Months."""


def month_number(date: str) -> int:
    """Return months since year 0 of a date "YYYY-MM"; ValueError if it is not one."""
    year, _, month = date.partition("-")
    if not (year.isdecimal() and month.isdecimal() and 1 <= int(month) <= 12):
        raise ValueError(f"'{date}' is not a month; write YYYY-MM, such as 2024-04")
    return int(year) * 12 + int(month) - 1


def responds(number: Any) -> bool:
    """Return whether a number carries effects: {"value": number, "effects": {quantity: number}}."""
    return isinstance(number, Mapping)


def moved_by(row: Document) -> set[str]:
    """Return the issues and drivers that move some number of a row."""
    return {z for key in RESPONSIVE if responds(row.get(key)) for z in row[key]["effects"]}


def asked(move: Document) -> list[str]:
    """Return the actors who are asked to consent to a move, whether all must agree or enough of them."""
    consent = move.get("consent") or []
    return list(consent["of"] if isinstance(consent, Mapping) else consent)


def payments(move: Document) -> Mapping[str, Mapping[str, Document]]:
    """Return payer -> changes of issues that it pays for a move."""
    payment = move.get("payment")
    if not payment:
        return {}
    payer = payment["from"]
    return {payer: payment["changes"]} if isinstance(payer, str) else dict(payer)


def touched_by(move: Document) -> set[str]:
    """Return the issues that a move and its payment change."""
    return {*move["changes"], *(k for changes in payments(move).values() for k in changes)}


def required_by(move: Document) -> set[str]:
    """Return the quantities that the conditions of a move name."""
    conditions = move.get("requires") or {}
    bounds = {bound for row in conditions.values() for bound in row.values() if isinstance(bound, str)}
    return {*conditions, *bounds}


def led(move: Document) -> set[tuple[str, str]]:
    """Return the (dependent, provider) of the leverage that the conditions of a move name."""
    return {(over, holder) for holder, _, over in (name.partition(">") for name in required_by(move)) if over}


class Layout:
    """The tables of a document, built row by row in its order; the numbers they point to, and the path of each.

    `joined` is the (dependent, provider) of every row of dependence, `named_pairs` has each once, in the order of the
    file, `pairs` has them by dependent, and `place` gives their positions there. `interested` has, for each issue, the
    interests in it: (row, actor).
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
        self.words = words_for(len(self.names("issues")) + len(self.names("moves")))
        self.move_words = words_for(len(self.names("moves")))
        self.tables = self._tables()

    def names(self, table: str) -> tuple[str, ...]:
        """Return the names of the rows of a table."""
        return tuple(self.ids.get(table, []))

    def _tables(self) -> Tables:
        for table, row in (
            ("actors", self._actor),
            ("drivers", self._driver),
            ("dependence", self._dependence),
            ("interests", self._interest),
            ("moves", self._move),
        ):
            self._each(table, row)
        moves = self._table("moves").items()
        watched = {name: self._watched(name, {*asked(move), *payments(move)}) for name, move in moves}
        self._extend("valued_by", [word for name, move in moves for word in self._watched(name, {*payments(move)})])
        self._extend("watched", [word for words in watched.values() for word in words])
        self._extend("watched_by", [word for name in self.names("actors") for word in self._watched_by(name, watched)])
        for name in self.names("actors"):
            own = [n for n, move in enumerate(self._table("moves").values()) if move["actor"] == name]
            self._extend("owned_words", words_of(own, self.move_words))
        self._extend("paid_for", [n for n, move in enumerate(self._table("moves").values()) if payments(move)])
        opening = len(self.rows["responses"])
        for name in self.names("moves"):
            numbers = self._questions(name)
            early = [r for r, row in enumerate(self.rows["responses"]) if row["number"] in numbers]
            self._extend("questions", words_of(early, words_for(opening)))
        for table, row in (("issues", self._issue), ("shocks", self._shock), ("outcomes", self._outcome)):
            self._each(table, row)
        self._extend("theory", [self._theory(opening)])
        self._extend("reach", self._reach())
        for on in self._answers():
            self._extend("answers", words_of([r for r in on if r < opening], words_for(opening)))
        self.rows["dependence"] = [self.rows["dependence"][n] for n in self._by_pair()]
        self._extend("pairs", self._pair_rows())
        self._extend("relations", self._relations())
        self._extend("recorded", [self._leverage(i, j) for i, j in self.named_pairs])
        arrays: dict[str, Any] = {name: _records(DTYPES[name], rows) for name, rows in self.rows.items()}
        return Tables(**arrays)

    # One method per table: each returns one row.

    def _theory(self, opening: int) -> Row:
        theory = self.document["theory"]
        return {
            **self._numbers("theory", theory, "phi", "sigma", "noise", "patience", "foresight", "discount"),
            "quadratic": theory["loss"] == "quadratic",
            "weights": RULES.index(self.rule),
            "calendar": self.start % 12,
            "seasonal": any(row.get("season") for row in self._table("drivers").values()),
            "capabilities": sum(responds(row["capability"]) for row in self._table("actors").values()),
            "responses": opening,
            "words": self.words,
            "move_words": self.move_words,
            "response_words": words_for(opening),
        }

    def _actor(self, name: str, row: Document) -> Row:
        owned = [n for n, move in enumerate(self._table("moves").values()) if move["actor"] == name]
        pairs = [n for n, (dependent, _) in enumerate(self.pairs) if dependent == name]
        first = pairs[0] if pairs else 0
        return {
            "capability": self._number(f"actors.{name}.capability", row["capability"]),
            **self._range("owned", "owned", owned),
            "pairs": first,
            "pairs_end": first + len(pairs),
        }

    def _issue(self, name: str, row: Document) -> Row:
        path = f"issues.{name}"
        return self._responding(path, row, "start", "decay", "rest")

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
        return self._responding(path, row, "stake", "alternatives")

    def _interest(self, name: str, row: Document) -> Row:
        place = {"actor": self.index["actors"][row["actor"]], "issue": self.index["issues"][row["issue"]]}
        return {**place, **self._numbers(f"interests.{name}", row, "position", "salience")}

    def _move(self, name: str, row: Document) -> Row:
        path, actor, payment = f"moves.{name}", row["actor"], row.get("payment") or {}
        since, until, payers = row.get("from"), row.get("until"), list(payments(row))
        numbers = self._numbers(path, row, "cost", "chance")
        changes = self._changes("changes", f"{path}.changes", row["changes"])
        consents, need = self._votes(name, row.get("consent") or [], payers)
        paid = self._payments(f"{path}.payment", payment)
        requires = self._conditions("requires", f"{path}.requires", row.get("requires") or {})
        heard = self._heard({actor, *asked(row), *payers})
        stakes = self._stakes("", changes["changes"], changes["changes_end"], heard)
        paid_stakes = self._stakes("paid_", paid["paid"], paid["paid_end"], heard)
        return {
            "actor": self.index["actors"][actor],
            "since": self._month(since) if since else 0,
            "until": self._month(until) if until else self.months + LONGEST_FORESIGHT,
            **numbers,
            "chancy": responds(row["chance"]),
            **changes,
            **self._range("consents", "consents", consents),
            "need": need,
            **self._range("payers", "payers", [self.index["actors"][j] for j in payers]),
            "divisible": payment.get("divisible") is not False,
            **paid,
            "fallback": self.index["moves"][payment.get("fallback") or name],
            "unpaid": (payment.get("fallback") or name) == name,
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
            "hazard": NONE,
            **self._responding(path, row, *(["hazard"] if row.get("hazard") is not None else [])),
            "since": self._month(since) if since else 0,
            "until": self._month(until) if until else self.months + LONGEST_FORESIGHT,
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

    def _responding(self, path: str, row: Document, *keys: str) -> Row:
        """Return the numbers of a row and the range of those that respond to the state."""
        first = len(self.rows["responses"])
        numbers = self._numbers(path, row, *keys)
        return {**numbers, "responses": first, "responses_end": len(self.rows["responses"])}

    def _votes(self, move: str, consent: Any, payers: list[str]) -> tuple[list[Row], int]:
        """Return a row for each actor asked, and the number of votes needed; NONE if all must agree."""
        path, voters = f"moves.{move}.consent", consent
        need = NONE
        if isinstance(consent, Mapping):
            voters = consent["of"]
            need = self._number(f"{path}.need", consent["need"])
        rows = [
            {
                "actor": self.index["actors"][j],
                "votes": self._number(f"{path}.of.{j}", voters[j]) if isinstance(voters, Mapping) else NONE,
                "payer": payers.index(j) + len(self.rows["payers"]) if j in payers else NONE,
                "key": purpose_key(f"consent/{j}/{move}"),
            }
            for j in voters
        ]
        return rows, need

    def _payments(self, path: str, payment: Document) -> Row:
        """Return the range of the changes of a payment, payer by payer."""
        if not payment or isinstance(payment["from"], str):
            return self._changes("paid", f"{path}.changes", payment.get("changes") or {})
        rows = [row for j, gives in payment["from"].items() for row in self._change_rows(f"{path}.from.{j}", gives)]
        return self._range("paid", "changes", rows)

    def _changes(self, column: str, path: str, changes: Mapping[str, Document]) -> Row:
        return self._range(column, "changes", self._change_rows(path, changes))

    def _change_rows(self, path: str, changes: Mapping[str, Document]) -> list[Row]:
        rows = []
        for issue, change in changes.items():
            kind = "to" if change.get("to") is not None else "by"
            number = self._number(f"{path}.{issue}.{kind}", change[kind])
            rows.append({"issue": self.index["issues"][issue], "to": kind == "to", "number": number})
        return rows

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
                    "position": self.rows["interests"][n]["position"],
                }
                for n, actor in self.interested.get(self.ids["issues"][k], ())
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
        return sorted(issues | {self.quantities[z] for row in touched for z in moved_by(row)})

    def _watched(self, name: str, others: set[str]) -> list[int]:
        """Return the words of what a move is worth to its owner and others: issues, then prices of moves, as bits."""
        moves = self._table("moves")
        own = moves[name]
        rows = [own, moves[(own.get("payment") or {}).get("fallback") or name]]
        judges = {own["actor"], *others}
        heard = self._heard(judges)
        seen: set[str] = set()
        for row in rows:
            touched = touched_by(row)
            seen |= touched | moved_by(row)
            for interest in self._table("interests").values():
                if interest["issue"] in touched and interest["actor"] in heard:
                    seen |= moved_by(interest)
        seen |= required_by(own)
        pairs = led(own) | {(a, b) for a in judges for b in self.ids["actors"]}
        for pair, row in zip(self.joined, self._table("dependence").values(), strict=True):
            seen |= moved_by(row) if pair in pairs else set()
        for row in self._table("actors").values():
            seen |= moved_by(row)
        bits = [self.index["issues"][name] for name in seen if name in self.index["issues"]]
        prices = [name.removeprefix("price:") for name in seen if name.startswith("price:")]
        bits += [len(self.ids["issues"]) + self.index["moves"][name] for name in prices]
        return words_of(bits, self.words)

    def _watched_by(self, actor: str, watched: Mapping[str, list[int]]) -> list[int]:
        """Return the words of what some move of an actor watches."""
        own = [watched[name] for name, move in self._table("moves").items() if move["actor"] == actor]
        return [reduce(or_, (words[w] for words in own), 0) for w in range(self.words)]

    def _answers(self) -> list[list[int]]:
        """Return, for each issue and driver, the responses that it has an effect on."""
        answers: list[list[int]] = [[] for _ in (*self.names("issues"), *self.names("drivers"))]
        for r, row in enumerate(self.rows["responses"]):
            for effect in self.rows["effects"][row["effects"] : row["effects_end"]]:
                answers[effect["quantity"]].append(r)
        return answers

    def _reach(self) -> list[Row]:
        """Return, for each issue and driver, the issues that drift otherwise because of it."""
        spans = [(row["responses"], row["responses_end"]) for row in self.rows["issues"]]
        return [
            self._range(
                "issues", "reached", [k for k, (first, end) in enumerate(spans) if any(first <= r < end for r in on)]
            )
            for on in self._answers()
        ]

    def _questions(self, name: str) -> set[int]:
        """Return the numbers from which a move's value and consents are computed, those that respond or not."""
        moves, move = self._table("moves"), self._table("moves")[name]
        rows = [move, moves[(move.get("payment") or {}).get("fallback") or name]]
        judges = {move["actor"], *asked(move), *payments(move)}
        heard, touched = self._heard(judges), {k for row in rows for k in touched_by(row)}
        pairs = {(a, b) for a in judges for b in self.ids["actors"]} | led(move)
        found = {self.rows["moves"][self.index["moves"][name]]["chance"]}
        found |= {self.rows["moves"][n]["cost"] for n, row in enumerate(moves.values()) if row in rows}
        for row, interest in zip(self.rows["interests"], self._table("interests").values(), strict=True):
            if interest["actor"] in heard and interest["issue"] in touched:
                found |= {row["salience"], row["position"]}
        for row, pair in zip(self.rows["dependence"], self.joined, strict=True):
            found |= {row["stake"], row["alternatives"]} if pair in pairs else set()
        return found | {row["capability"] for row in self.rows["actors"]}

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
            {"dependent": self.index["actors"][i], "quantity": self._leverage(i, j), "rows": first, "rows_end": last}
            for (i, j), (first, last) in zip(self.pairs, ends, strict=True)
        ]

    def _leverage(self, dependent: str, provider: str) -> int:
        return self.quantities[f"{provider}>{dependent}"]

    def _interested(self) -> dict[str, list[tuple[int, str]]]:
        interested: dict[str, list[tuple[int, str]]] = {}
        for n, row in enumerate(self._table("interests").values()):
            interested.setdefault(row["issue"], []).append((n, row["actor"]))
        return interested

    def _table(self, name: str) -> Mapping[str, Document]:
        return self.document.get(name) or {}

    def _each(self, table: str, row_of: Callable[[str, Document], Row]) -> None:
        self._extend(table, [row_of(name, row) for name, row in self._table(table).items()])

    def _numbers(self, path: str, row: Document, *keys: str) -> Row:
        return {key: self._number(f"{path}.{key}", row[key]) for key in keys}

    def _number(self, path: str, number: Any) -> int:
        """Add the number at a path; return the index from which equations read it, the response if it has effects."""
        base = self.paths[path] = len(self.values)
        if not responds(number):
            self.values.append(float(number))
            return base
        self.values += [float(number["value"])] * 2
        effects = [
            {"quantity": self.quantities[z], "number": self._number(f"{path}.effects.{z}", value)}
            for z, value in number["effects"].items()
        ]
        share = path.rpartition(".")[2] in SHARES
        table, name, _ = path.split(".", 2)
        row = {
            "base": base,
            "number": base + 1,
            "share": share,
            **self._range("effects", "effects", effects),
            "pair": self.place[self.joined[self.index[table][name]]] if table == "dependence" else NONE,
        }
        self.rows["responses"].append(row)
        return base + 1

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
