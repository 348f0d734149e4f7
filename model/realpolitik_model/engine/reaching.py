"""On which quantities a move depends, and what responds to a quantity: by this, courses are compared."""

from collections.abc import Iterable, Mapping
from typing import Any

from realpolitik_model.engine.document import Register, asked, led, moved_by, payments, required_by, touched_by

Rows = Mapping[str, list[Any]]
"""The rows of tables laid so far."""


def judges_of(register: Register, move: str) -> set[str]:
    """Return the actors who judge a move: its owner, and those who are asked and who pay."""
    row = register.table("moves")[move]
    return {row["actor"], *asked(row), *payments(row)}


def watched(register: Register, move: str, judges: set[str]) -> list[int]:
    """Return what a move is worth to some actors depends on, in order: issues, and after all issues prices of moves."""
    own, heard, seen = register.table("moves")[move], register.heard(judges), set[str]()
    for row in (own, register.table("moves")[fallback(register, move)]):
        touched = touched_by(row)
        seen |= touched | moved_by(row)
        for interest in register.table("interests").values():
            if interest["issue"] in touched and interest["actor"] in heard:
                seen |= moved_by(interest)
    seen |= required_by(own)
    for pair, row in zip(register.joined, register.table("dependence").values(), strict=True):
        seen |= moved_by(row) if pair in pairs_of(register, move, judges) else set()
    for row in register.table("actors").values():
        seen |= moved_by(row)
    issues, prices = (
        register.index["issues"],
        [name.removeprefix("price:") for name in seen if name.startswith("price:")],
    )
    return [issues[name] for name in seen & issues.keys()] + [
        len(issues) + register.index["moves"][name] for name in prices
    ]


def fallback(register: Register, move: str) -> str:
    """Return the move that the owner of a move would make without payment: itself if no other is named."""
    payment = register.table("moves")[move].get("payment") or {}
    return str(payment.get("fallback") or move)


def pairs_of(register: Register, move: str, judges: set[str]) -> set[tuple[str, str]]:
    """Return the (dependent, provider) whose dependence matters to those who judge a move, or to its conditions."""
    return led(register.table("moves")[move]) | {(a, b) for a in judges for b in register.ids["actors"]}


def questions(register: Register, rows: Rows, move: str) -> list[int]:
    """Return the responses from which the value and the consents of a move are computed."""
    judges, moves = judges_of(register, move), register.index["moves"]
    heard, pairs = register.heard(judges), pairs_of(register, move, judges)
    both = {move, fallback(register, move)}
    touched = {k for name in both for k in touched_by(register.table("moves")[name])}
    found = {rows["moves"][moves[name]]["cost"] for name in both} | {rows["moves"][moves[move]]["chance"]}
    found |= {row["capability"] for row in rows["actors"]}
    for row, interest in zip(rows["interests"], register.table("interests").values(), strict=True):
        if interest["actor"] in heard and interest["issue"] in touched:
            found |= {row["salience"], row["position"]}
    for row, pair in zip(rows["dependence"], register.joined, strict=True):
        found |= {row["stake"], row["alternatives"]} if pair in pairs else set()
    return [r for r, row in enumerate(rows["responses"]) if row["number"] in found]


def answers(register: Register, rows: Rows) -> list[list[int]]:
    """Return, for each issue and driver, the responses that it has an effect on."""
    found: list[list[int]] = [[] for _ in (*register.names("issues"), *register.names("drivers"))]
    for r, row in enumerate(rows["responses"]):
        for effect in rows["effects"][row["effects"] : row["effects_end"]]:
            found[effect["quantity"]].append(r)
    return found


def drifting(rows: Rows, on: Iterable[int]) -> list[int]:
    """Return the issues that drift otherwise because of some responses."""
    spans = [(row["responses"], row["responses_end"]) for row in rows["issues"]]
    return [k for k, (first, end) in enumerate(spans) if any(first <= r < end for r in on)]
