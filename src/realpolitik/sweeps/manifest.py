"""What a sweep folder says about itself: `manifest.json`, with a checksum of its own, and how two plans differ."""

import json
from collections.abc import Iterator
from typing import Any

from realpolitik.scenario.core import digest
from realpolitik.sweeps.folder import RESULTS, Folder
from realpolitik.sweeps.parquet import marks_of
from realpolitik.sweeps.plan import Plan, plan_from

MANIFEST = "manifest.json"
MOST_BYTES = 32 * 2**20
MOST_SHOWN = 5


class Damaged(ValueError):
    """A manifest is there, and cannot be trusted."""


def write_manifest(folder: Folder, plan: Plan, command: list[str]) -> None:
    """Write the manifest of a sweep."""
    content = plan.described
    document = {"sha256": digest(content), "identity": plan.identity, "command": command, "sweep": content}
    folder.write(MANIFEST, json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False).encode())


def read_manifest(folder: Folder) -> Plan | None:
    """Read the plan of a folder; None if it has no manifest, `Damaged` if that is not as it was written."""
    return None if (document := document_of(folder)) is None else plan_from(document["sweep"])


def document_of(folder: Folder) -> dict[str, Any] | None:
    """Read the manifest itself, checked against its own sum."""
    path = folder.path / MANIFEST
    if not path.exists():
        return None
    if path.stat().st_size > MOST_BYTES:
        raise Damaged(f"{folder}: {MANIFEST} is damaged: it is larger than any manifest")
    try:
        document = json.loads(path.read_bytes())
        whole = digest(document["sweep"]) == document["sha256"]
    except (ValueError, KeyError, TypeError, RecursionError):
        whole = False
    if not whole:
        raise Damaged(f"{folder}: {MANIFEST} is damaged; give the command of this sweep again, and it is written anew")
    return dict(document)


def is_damaged(folder: Folder) -> bool:
    """Whether there is a manifest that cannot be trusted."""
    try:
        document_of(folder)
    except Damaged:
        return True
    return False


def agree(folder: Folder, plan: Plan) -> str | None:
    """See that a folder is empty or holds this very sweep; say what had to be forgiven, if anything.

    ValueError, with the difference, if it holds another one.
    """
    try:
        held = read_manifest(folder)
    except Damaged:
        agree_by_marks(folder, plan)
        return f"{MANIFEST} was damaged; it is written anew, for the chunks carry the mark of this sweep"
    if held is None:
        agree_by_marks(folder, plan)
        return None
    if held.identity != plan.identity:
        found = list(differences(held.described, plan.described))
        more = f" and {len(found) - MOST_SHOWN} more" if len(found) > MOST_SHOWN else ""
        shown = "; ".join(found[:MOST_SHOWN])
        raise ValueError(f"{folder} holds another sweep: {shown}{more}. Choose another folder; this one is untouched")
    return None


def agree_by_marks(folder: Folder, plan: Plan) -> None:
    """Without a manifest, go by the marks that every data file carries."""
    files = list((folder.path / RESULTS).glob("*.parquet"))
    others = [file for file in folder.path.glob("*") if file.name not in (MANIFEST, RESULTS, "SHA256SUMS")]
    strange = [file for file in others if not file.name.startswith(".") and file.name != "design.parquet"]
    if strange:
        raise ValueError(f"{folder} is not empty and holds no sweep: {strange[0].name} is there")
    for file in files:
        mark = marks_of(file).get("realpolitik.sweep")
        if mark not in (None, plan.identity):
            raise ValueError(f"{folder} holds another sweep without a sound manifest: see {RESULTS}/{file.name}")


def differences(was: Any, now: Any, path: str = "") -> Iterator[str]:
    """Say where two descriptions differ, as `path: was -> now`."""
    if isinstance(was, dict) and isinstance(now, dict):
        for key in dict.fromkeys([*was, *now]):
            if key not in ("sha256", "chain", "extends", "settings") or path != ".scenario":
                yield from differences(was.get(key), now.get(key), f"{path}.{key}")
    elif isinstance(was, list) and isinstance(now, list) and len(was) == len(now):
        for n, (one, other) in enumerate(zip(was, now, strict=True)):
            yield from differences(one, other, f"{path}.{n + 1}")
    elif was != now:
        name = path.removeprefix(".scenario.document").removeprefix(".")
        yield f"{name}: {shown(was)} -> {shown(now)}"


def shown(value: Any) -> str:
    """Show a value in one short piece."""
    text = "nothing" if value is None else json.dumps(value)
    return text if len(text) <= 60 else text[:57] + "..."
