"""How far a sweep has come, without touching it."""

import shlex
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
        "differs": {name: list(pair) for name, pair in sweep.differs.items()},
        "caution": sweep.caution,
        "command": sweep.command,
        "resume": resume(sweep),
        "rows": plan.rows,
        "runs": plan.runs,
        "chunks": plan.chunks,
        "done": plan.chunks - len(missing),
        "damaged": sweep.verify() if verify else [],
        "running": sweep.folder.busy(),
    }


def resume(sweep: Sweep) -> str:
    """Say how to go on with a sweep: the command that made it, or what to call if it was made from Python."""
    if sweep.command[1:2] == ["sweep"]:
        words = shlex.join(["realpolitik", *sweep.command[1:]])
        return "".join(mark if mark.isprintable() else ascii(mark)[1:-1] for mark in words)
    return f"call realpolitik.sweep with the same arguments and the folder {str(sweep.folder)!r}"
