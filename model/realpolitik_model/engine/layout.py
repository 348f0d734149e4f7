"""From a resolved scenario document to the tables and numbers of a case, row by row, in the order of the document."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from itertools import accumulate, pairwise
from typing import Any

import numpy as np

from realpolitik_model.engine import reaching
from realpolitik_model.engine.document import (
    LONGEST_FORESIGHT,
    SHARES,
    Document,
    Register,
    asked,
    moved_by,
    payments,
    responds,
)
from realpolitik_model.engine.noise import purpose_key
from realpolitik_model.engine.tables import DTYPES, INDEX, Records, Tables, words_for, words_of
from realpolitik_model.equations.weights import RULES

Row = dict[str, Any]
"""A record by the names of its columns."""

NONE = -1


class Layout(Register):
    """The tables of a document, built row by row in its order; the numbers they point to, and the path of each."""

    def __init__(self, document: Document) -> None:
        super().__init__(document)
        self.paths: dict[str, int] = {}
        self.values: list[float] = []
        self.rows: dict[str, list[Any]] = {name: [] for name in Tables._fields}
        self.words = words_for(len(self.names("issues")) + len(self.names("moves")))
        self.move_words = words_for(len(self.names("moves")))
        self.tables = self._tables()

    def _tables(self) -> Tables:
        for table, row in (
            ("actors", self._actor),
            ("drivers", self._driver),
            ("dependence", self._dependence),
            ("interests", self._interest),
            ("moves", self._move),
        ):
            self._each(table, row)
        opening = len(self.rows["responses"])
        self._lay_dependencies(words_for(opening))
        for table, row in (("issues", self._issue), ("shocks", self._shock), ("outcomes", self._outcome)):
            self._each(table, row)
        self._extend("theory", [self._theory(opening)])
        for on in reaching.answers(self, self.rows):
            self._extend("answers", words_of([r for r in on if r < opening], words_for(opening)))
            self._extend("reach", [self._range("issues", "reached", reaching.drifting(self.rows, on))])
        self.rows["dependence"] = [self.rows["dependence"][n] for n in self._by_pair()]
        self._extend("pairs", self._pair_rows())
        self._extend("relations", self._relations())
        self._extend("recorded", [self._leverage(i, j) for i, j in self.named_pairs])
        arrays: dict[str, Any] = {name: _records(DTYPES[name], rows) for name, rows in self.rows.items()}
        return Tables(**arrays)

    def _lay_dependencies(self, response_words: int) -> None:
        """Add, as words, on what each move depends, what it changes, and what the moves of each actor depend on."""
        moves, by_owner = self.table("moves"), {name: set[int]() for name in self.names("actors")}
        for name, move in moves.items():
            watched = reaching.watched(self, name, reaching.judges_of(self, name))
            by_owner[move["actor"]] |= set(watched)
            self._extend("watched", words_of(watched, self.words))
            self._extend(
                "valued_by", words_of(reaching.watched(self, name, {move["actor"], *payments(move)}), self.words)
            )
            self._extend("questions", words_of(reaching.questions(self, self.rows, name), response_words))
        for name, watched_by in by_owner.items():
            own = [n for n, move in enumerate(moves.values()) if move["actor"] == name]
            self._extend("watched_by", words_of(watched_by, self.words))
            self._extend("owned_words", words_of(own, self.move_words))
        self._extend("paid_for", [n for n, move in enumerate(moves.values()) if payments(move)])

    # One method per table: each returns one row.

    def _theory(self, opening: int) -> Row:
        theory = self.document["theory"]
        return {
            **self._numbers("theory", theory, "phi", "sigma", "noise", "patience", "foresight", "discount"),
            "quadratic": theory["loss"] == "quadratic",
            "weights": RULES.index(self.rule),
            "calendar": self.start % 12,
            "seasonal": any(row.get("season") for row in self.table("drivers").values()),
            "capabilities": sum(responds(row["capability"]) for row in self.table("actors").values()),
            "responses": opening,
            "words": self.words,
            "move_words": self.move_words,
            "response_words": words_for(opening),
        }

    def _actor(self, name: str, row: Document) -> Row:
        owned = [n for n, move in enumerate(self.table("moves").values()) if move["actor"] == name]
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
            {"month": float(self.month(date)), "number": self._number(f"{path}.path.{date}", value)}
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
        heard = self.heard({actor, *asked(row), *payers})
        stakes = self._stakes("", changes["changes"], changes["changes_end"], heard)
        paid_stakes = self._stakes("paid_", paid["paid"], paid["paid_end"], heard)
        return {
            "actor": self.index["actors"][actor],
            "since": self.month(since) if since else 0,
            "until": self.month(until) if until else self.months + LONGEST_FORESIGHT,
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
            "at": self.month(at) if at else 0,
            "hazard": NONE,
            **self._responding(path, row, *(["hazard"] if row.get("hazard") is not None else [])),
            "since": self.month(since) if since else 0,
            "until": self.month(until) if until else self.months + LONGEST_FORESIGHT,
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
                    "salience": self.rows["interests"][n]["salience"],
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
        interests = list(self.table("interests").values())
        touched = [interests[row["interest"]] for row in self.rows["stakes"][stakes["stakes"] : stakes["stakes_end"]]]
        return sorted(issues | {self.quantities[z] for row in touched for z in moved_by(row)})

    def _relations(self) -> list[Row]:
        return [
            {
                "key": purpose_key(f"misperception/{i}/{j}"),
                "source": self.index["actors"][self.source(i, j)],
                "heeds": self.may_heed(i, j),
            }
            for i in self.ids["actors"]
            for j in self.ids["actors"]
        ]

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

    def _each(self, table: str, row_of: Callable[[str, Document], Row]) -> None:
        self._extend(table, [row_of(name, row) for name, row in self.table(table).items()])

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
