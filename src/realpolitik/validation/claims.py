"""The status of every claim, and which explanation of an exit a simulated decision supports."""

from collections.abc import Iterable, Mapping
from os import PathLike
from typing import Any

from realpolitik.choices import REASONED
from realpolitik.explaining import Decision, explain
from realpolitik.scenario import Scenario


def claim_statuses(scenario: Scenario) -> list[dict[str, Any]]:
    """Return each claim with the rows that cite it, the directions that test it, and its status."""
    rows, directions = _citing(scenario.document), scenario.document["directions"]
    return [
        {
            "id": name,
            "text": claim["text"],
            "paragraph": claim["paragraph"],
            "status": status(rows.get(name, []), _tests(name, directions), claim["not_modelled"]),
            "rows": rows.get(name, []),
            "tests": _tests(name, directions),
            "not_modelled": claim["not_modelled"],
        }
        for name, claim in scenario.document["claims"].items()
    ]


def status(rows: list[str], tests: list[str], not_modelled: str | None) -> str:
    """Return the status of a claim; "lost" means that no row, test or reason mentions it."""
    if not_modelled is not None:
        return "not modelled"
    if rows:
        return "carried and tested" if tests else "carried"
    return "tested" if tests else "lost"


def _citing(document: Mapping[str, Any]) -> dict[str, list[str]]:
    cited: dict[str, list[str]] = {}
    for table in REASONED:
        for name, row in document[table].items():
            for claim in row["claims"] or ():
                cited.setdefault(claim, []).append(f"{table}.{name}")
    return cited


def _tests(claim: str, directions: Mapping[str, Mapping[str, Any]]) -> list[str]:
    return [name for name, row in directions.items() if claim in row["claims"]]


def claims_table(claims: Iterable[Mapping[str, Any]]) -> str:
    """Return the claims as the Markdown table of `model/README.md`."""
    lines = ["| claim | in our words | became | rows | tests |", "|---|---|---|---|---|"]
    for claim in claims:
        became = f"not modelled: {claim['not_modelled']}" if claim["not_modelled"] else claim["status"]
        rows = ", ".join(f"`{row}`" for row in claim["rows"])
        lines.append(f"| {claim['id']} | {claim['text']} | {became} | {rows} | {', '.join(claim['tests'])} |")
    return "\n".join(lines) + "\n"


EXITS = ("withdraw", "withdraw_for_price")
PAID = 0.1
"""Terms (0-1) from which an exit counts as paid."""


def reading(decision: Decision) -> str:
    """Return which explanation the exact account of an exit supports.

    "bargain" if the exit was paid; "cost-benefit" if Moscow's own interests exceed the cost; otherwise "leverage": it
    would have stayed without the weight of others' interests.
    """
    account = decision.account
    if account.tau >= PAID:
        return "bargain"
    return "cost-benefit" if account.own > account.cost else "leverage"


def exit_of(scenario: str | PathLike[str] | Scenario, world: int, seed: int = 1) -> Decision | None:
    """Return the decision by which Moscow leaves in a world, None if it stays."""
    story = explain(scenario, world=world, seed=seed, actor="Moscow", flips=False)
    return next((d for d in story.decisions if d.account.move in EXITS and d.account.result != "refused"), None)
