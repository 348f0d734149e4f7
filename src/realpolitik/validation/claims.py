"""What became of every claim: carried by rows, held by a test, or not modelled for a stated reason."""

from collections.abc import Iterable, Mapping
from typing import Any

from realpolitik.scenario import Scenario

TABLES = ("issues", "drivers", "dependence", "interests", "moves", "shocks")


def register(scenario: Scenario, directions: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return each claim with the rows that stand on it, the directions that test it, and its status."""
    rows = _citing(scenario.document)
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
    """Say in a word what became of a claim; "lost" is what a check must never find."""
    if not_modelled is not None:
        return "not modelled"
    if rows:
        return "carried and tested" if tests else "carried"
    return "tested" if tests else "lost"


def _citing(document: Mapping[str, Any]) -> dict[str, list[str]]:
    cited: dict[str, list[str]] = {}
    for table in TABLES:
        for name, row in document[table].items():
            for claim in row["claims"] or ():
                cited.setdefault(claim, []).append(f"{table}.{name}")
    return cited


def _tests(claim: str, directions: Mapping[str, Mapping[str, Any]]) -> list[str]:
    return [name for name, row in directions.items() if claim in row["claims"]]


def register_table(claims: Iterable[Mapping[str, Any]]) -> str:
    """Return the register as a Markdown table, as `model/README.md` carries it."""
    lines = ["| claim | in our words | became | rows | tests |", "|---|---|---|---|---|"]
    for claim in claims:
        told = f"not modelled: {claim['not_modelled']}" if claim["not_modelled"] else claim["status"]
        rows = ", ".join(f"`{row}`" for row in claim["rows"])
        lines.append(f"| {claim['id']} | {claim['text']} | {told} | {rows} | {', '.join(claim['tests'])} |")
    return "\n".join(lines) + "\n"
