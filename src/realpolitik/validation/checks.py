"""What must hold for a score sheet to pass, each with the reason if it is known not to."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from realpolitik.validation.directions import expectations


@dataclass(frozen=True)
class Check:
    """One thing that must hold; `listed` if it is known not to, for a stated reason."""

    name: str
    holds: bool
    detail: str
    listed: str | None = None

    @property
    def failed(self) -> bool:
        """Whether it neither holds nor is a miss that was listed."""
        return not self.holds and self.listed is None


def checks(sections: dict[str, Any]) -> Iterator[Check]:
    """Yield every check that the sections allow."""
    lost = [claim["id"] for claim in sections["claims"] if claim["status"] == "lost"]
    yield Check("claims", not lost, f"{len(sections['claims'])} claims, {len(lost)} lost {' '.join(lost)}".strip())
    yield from _history_checks(sections.get("history"))
    for row in sections.get("directions", {}).get("rows", ()):
        yield Check(f"direction {row['id']}", row["holds"], _change(row), row["miss"])
    for row in sections.get("levels", ()):
        value = "undefined" if row["value"] is None else f"{row['value']:.3f}"
        yield Check(f"level {row['id']}", row["holds"], f"{row['what']} in {row['scenario']}: {value}", row["miss"])
    yield from _deployment_checks(sections.get("deployments"))


def _change(row: dict[str, Any]) -> str:
    if row["low"] is None:
        return f"{row['what']} in {row['scenario']}: undefined"
    return f"{row['what']} in {row['scenario']}: {row['low']:+.3f} to {row['high']:+.3f}, expected {row['sign']}"


def _history_checks(section: dict[str, Any] | None) -> Iterator[Check]:
    if section is None:
        return
    expected = expectations()
    for row in section["rows"]:
        span = f"{row['p10'] or 'never'} to {row['p90'] or 'never'}, in fact {row['date']}"
        reason = expected.get("misses", {}).get(row["id"])
        yield Check(f"history {row['id']}", row["inside"], f"80% of worlds: {span}", reason)
        if row["outcome"] in expected["narrow"]["outcomes"]:
            most, width = expected["narrow"]["months"], row["width"]
            reason = expected.get("misses", {}).get(f"width_{row['id']}")
            wide = "open" if width is None else f"{width} months"
            yield Check(f"width {row['id']}", width is not None and width <= most, f"{wide}, at most {most}", reason)


def _deployment_checks(section: dict[str, Any] | None) -> Iterator[Check]:
    if section is None:
        return
    bounds, score = expectations()["deployments"], section["scores"]["template"]
    yield Check("deployments Brier", score["brier"] < bounds["brier"], f"{score['brier']:.3f}, below {bounds['brier']}")
    yield Check("deployments AUC", score["auc"] > bounds["auc"], f"{score['auc']:.3f}, above {bounds['auc']}")
