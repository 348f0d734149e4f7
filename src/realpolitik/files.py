"""Writes results so that a file is whole or absent: temporary name, flush, rename."""

import json
import os
import tempfile
from pathlib import Path

from realpolitik.results import Ensemble


def write_whole(path: Path, content: bytes) -> None:
    """Write a file at once; after a crash or on a full disk the old one, or none, is there."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:100]}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def write_results(ensemble: Ensemble, folder: str) -> None:
    """Write `result.json`, `outcomes.csv` and `worlds.csv` (the worlds kept) into a folder, made if need be."""
    from realpolitik.frames import csv_of

    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    write_whole(target / "result.json", json.dumps(ensemble.to_dict(), indent=1, allow_nan=False).encode())
    write_whole(target / "outcomes.csv", csv_of(ensemble.outcomes_frame()).encode())
    write_whole(target / "worlds.csv", csv_of(ensemble.worlds_frame()).encode())
