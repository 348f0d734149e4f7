"""The register of claims: what was said, and which rows carry it."""

from typing import Any

from realpolitik.choices import REASONED
from realpolitik.scenario import Scenario


def register(scenario: Scenario) -> dict[str, Any]:
    """Return every claim with the rows that stand on it, and the rows that stand on a judgement."""
    rows = list(carried(scenario))
    claims = {
        name: {**claim, "rows": [row for row in rows if name in row["claims"]]}
        for name, claim in scenario.document["claims"].items()
    }
    return {"claims": claims, "assumptions": [row for row in rows if row["assumption"]], "rows": len(rows)}


def carried(scenario: Scenario) -> Any:
    """Yield every row that must say what it stands on."""
    for table in REASONED:
        for name, row in scenario.document[table].items():
            path = f"{table}.{name}"
            file, line = scenario.positions.get(path, ("", 0))
            yield {
                "path": path,
                "reason": row["reason"],
                "claims": row["claims"] or [],
                "assumption": bool(row["assumption"]),
                "place": f"{file}:{line}" if line else file,
            }
