"""The status of every claim: which rows carry it, and which directions test it."""

from collections.abc import Mapping
from typing import Any

from realpolitik.choices import REASONED
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
