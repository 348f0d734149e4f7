"""How far a sweep has come, without touching it."""

from typing import Any

from realpolitik.sweeps.reading import Sweep


def status_of(sweep: Sweep, *, verify: bool = True) -> dict[str, Any]:
    """Report on a folder: chunks there, missing and damaged, and whether a process is writing."""
    plan, missing = sweep.plan, sweep.missing
    return {
        "folder": str(sweep.folder),
        "scenario": plan.scenario["name"],
        "sha256": plan.scenario["sha256"],
        "identity": plan.identity,
        "design": plan.described["design"],
        "seed": plan.seed,
        "versions": dict(plan.made_by),
        "command": sweep.command,
        "rows": plan.rows,
        "runs": plan.runs,
        "chunks": plan.chunks,
        "done": plan.chunks - len(missing),
        "damaged": sweep.verify() if verify else [],
        "running": sweep.folder.busy(),
    }
