"""Mutated scenario files, played by a build of the engine that checks every index."""

import json
import os
import subprocess
import sys
from pathlib import Path

FILES = int(os.environ.get("REALPOLITIK_MUTANTS", "100"))


def test_no_mutated_file_crashes_hangs_or_leaves_its_bounds() -> None:
    """Of a hundred mutated files none ends in anything but an answer or a refusal; `make fuzz` tries 20,000."""
    environment = {**os.environ, "REALPOLITIK_CHECKED": "1", "PYTHONPATH": str(Path(__file__).parents[1])}
    command = [sys.executable, "-m", "fuzz.mutants", "--files", str(FILES)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=3_000, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    accepted = int(done.stdout.split("files: ")[1].split()[0])
    assert accepted > FILES / 5, "most files are refused, so that little is played"


CORRUPTED = """
import json, sys
import numpy as np
import realpolitik as rp
from realpolitik_model import simulate
ended = []
for table, column, value in json.loads(sys.argv[1]):
    case = rp.load("karabakh").case()
    getattr(case.tables, table)[column] = value
    try:
        simulate(case, np.arange(3), seed=1)
        ended.append("not at all")
    except Exception as error:
        ended.append(f"{type(error).__name__}: {error}")
print(json.dumps(ended))
"""


WRONG = [
    ("moves", "cost", -1),
    ("moves", "changes_end", 10**6),
    ("effects", "quantity", 10**6),
    ("stakes", "change", 10**6),
    ("conditions", "other", 10**6),
    ("outcomes", "measure", 10**6),
    ("shocks", "hazard", -1),
]


def test_a_checked_build_finds_an_index_outside_its_table() -> None:
    """Wrong tables end in IndexError, not in memory that belongs to something else."""
    done = subprocess.run(
        [sys.executable, "-c", CORRUPTED, json.dumps(WRONG)],
        env={**os.environ, "REALPOLITIK_CHECKED": "1"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = dict(zip(WRONG, json.loads(done.stdout), strict=True))
    assert found == dict.fromkeys(WRONG, "IndexError: a kernel uses an index outside its table")
