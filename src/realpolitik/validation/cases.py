"""Score sheets of several cases and the fit of what they share, kept in a folder so that they can be resumed.

Every result has a file of its own, whole or absent, named by what it depends on: the scenario, the counts, the seed and
this program. A result that is there is not computed again, whatever was interrupted or changed in between.
"""

import hashlib
import json
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass
from functools import cache
from os import PathLike
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np

import realpolitik
from realpolitik.choices import Progress, Uncertainty
from realpolitik.costs import span
from realpolitik.ensembles import check_counts, scenario_of
from realpolitik.posterior import posterior_file
from realpolitik.scenario import Scenario, load
from realpolitik.scenario.core import digest
from realpolitik.scenario.others import rival
from realpolitik.sweeps.folder import LOCK, RESULTS, SUMS, Folder, Unreadable
from realpolitik.sweeps.plan import MANIFEST, stored, versions
from realpolitik.uncertainty import unusable
from realpolitik.validation.deployments import TEMPLATE
from realpolitik.validation.directions import changed
from realpolitik.validation.joint import FEWEST_WORLDS, SETTINGS, WORLDS, Joint, JointDesign, Piece, play, sheet
from realpolitik.validation.validating import Check, ScoreSheet, validate

MOST_SHEET_BYTES = 64 * 2**20
SHEET = 0.008
"""Seconds of a core per world of a score sheet; measured on the shipped cases, 0.005 to 0.011."""
PIECE = 0.3
"""Seconds to score a piece of the joint fit."""
Notice = Callable[[str], None]


class Results:
    """Results in a folder; without one, nothing is kept."""

    def __init__(self, out: str | PathLike[str] | None) -> None:
        """Check the folder; ValueError or OSError if no results can be kept there."""
        self.folder = None if out is None else Folder(out)
        if self.folder is not None:
            there = sorted(path.name for path in self.folder.path.iterdir()) if self.folder.path.is_dir() else []
            if MANIFEST in there or (there and not {SUMS, LOCK} & {*there}):
                holds = MANIFEST if MANIFEST in there else there[0]
                raise ValueError(f"{out} holds {holds} and no results of `validate`: choose another folder")
            self.folder.check()

    @contextmanager
    def open(self) -> Iterator[None]:
        """Make the folder, and lock it against other processes."""
        if self.folder is not None:
            self.folder.make()
        with nullcontext() if self.folder is None else self.folder.locked():
            if self.folder is not None:
                self.folder.remove_partial()
            yield

    def read(self, name: str, most: int) -> bytes | None:
        """Return a result that was kept; None if it is absent or not as it was written."""
        try:
            sums = {} if self.folder is None else self.folder.sums()
        except Unreadable:
            return None
        if self.folder is None or name not in sums or not self.folder.matches(name, sums[name], most):
            return None
        return self.folder.read(name, most)

    def keep(self, name: str, content: bytes) -> None:
        """Keep a result."""
        if self.folder is not None:
            self.folder.keep(name, content)


@dataclass(frozen=True)
class CaseSheets:
    """The score sheets of several cases, and the scores of the numbers that they share."""

    sheets: tuple[ScoreSheet, ...]
    leave_one_out: dict[str, Any] | None
    """Each case left out of the fit of the shared numbers; None for a single case."""

    def __repr__(self) -> str:
        return f"<CaseSheets: {', '.join(map(repr, self.sheets))}>"

    @property
    def ok(self) -> bool:
        """Whether no check of any case failed."""
        return all(one.ok for one in self.sheets)

    def to_dict(self) -> dict[str, Any]:
        """Return everything that `validate --json` prints."""
        if self.leave_one_out is None:
            return self.sheets[0].to_dict()
        return {"cases": [one.to_dict() for one in self.sheets], "leave_one_out": self.leave_one_out, "ok": self.ok}


def validate_cases(
    cases: Sequence[str | PathLike[str] | Scenario],
    *,
    worlds: int = 5000,
    seed: int = 1,
    uncertainty: Uncertainty | None = None,
    origins: Sequence[str] = (),
    settings: int = SETTINGS,
    out: str | PathLike[str] | None = None,
    progress: Progress | None = None,
    notice: Notice | None = None,
) -> CaseSheets:
    """Score one or more cases; of several, also fit what they share to all but one, and score it on the one left out.

    Parameters
    ----------
    cases
        Scenarios, paths, or names of shipped ones.
    worlds, seed, uncertainty, origins
        As for `validate`. Each setting of the shared numbers is played in as many worlds, at most 256.
    settings
        Settings of the shared numbers, at each foresight.
    out
        A folder in which results are kept; the same call goes on from there.
    progress
        Called with the estimated seconds of work done, and of all of it.
    notice
        Called with a message when a case is done.
    """
    chosen = [scenario_of(case) for case in cases]
    worlds, seed = check_counts(worlds, seed)
    each = min(WORLDS, max(FEWEST_WORLDS, worlds))
    design = JointDesign(tuple(chosen), settings, each, seed) if len(chosen) > 1 else None
    results, work = Results(out), _Progress(progress, len(chosen) * SHEET * worlds)
    if design is not None:
        work.total += sum(design.seconds(piece) + PIECE for piece in design.pieces())
    sheets = []
    with results.open():
        for n, case in enumerate(chosen, 1):
            with _timed(f"{case.name}: score sheet {n} of {len(chosen)}", notice if design else None):
                sheets.append(_sheet(results, work, case, worlds, seed, uncertainty, origins))
        scores = None
        if design is not None:
            with _timed("what the cases share, fitted and scored", notice):
                scores = sheet(_joint(results, work, design))
    return CaseSheets(tuple(sheets), scores)


@contextmanager
def _timed(what: str, notice: Notice | None) -> Iterator[None]:
    """Say how long something took."""
    start = monotonic()
    yield
    if notice is not None:
        notice(f"{what}, {span(monotonic() - start)}")


class _Progress:
    """The work done, in estimated seconds of a core."""

    def __init__(self, progress: Progress | None, total: float) -> None:
        self.progress, self.total, self.done = progress, total, 0.0

    def part(self, seconds: float) -> Progress:
        """Return a callback for a part of the work, to be called with the steps of the part."""
        start = self.done

        def report(done: int, total: int) -> None:
            self.done = start + seconds * done / total
            if self.progress is not None:
                self.progress(round(self.done), max(1, round(self.total)))

        return report


def _sheet(
    results: Results,
    work: _Progress,
    case: Scenario,
    worlds: int,
    seed: int,
    uncertainty: Uncertainty | None,
    origins: Sequence[str],
) -> ScoreSheet:
    """Return the score sheet of a case, which may have been kept."""
    report = work.part(SHEET * worlds)
    key = digest([*_program(), sources(case), worlds, seed, uncertainty, list(origins)])
    name = f"{RESULTS}/sheet-{key[:32]}.json"
    kept = results.read(name, MOST_SHEET_BYTES)
    if kept is not None:
        report(1, 1)
        return _decoded(kept)
    found = validate(case, worlds=worlds, seed=seed, uncertainty=uncertainty, origins=origins, progress=report)
    content = _encoded(found)
    results.keep(name, content)
    report(1, 1)
    return _decoded(content)


def _encoded(found: ScoreSheet) -> bytes:
    checks = [asdict(check) for check in found.checks]
    document = {"about": found.about, "sections": found.sections, "checks": checks}
    return json.dumps(document, allow_nan=False).encode()


def _decoded(content: bytes) -> ScoreSheet:
    document = json.loads(content)
    return ScoreSheet(document["about"], document["sections"], [Check(**check) for check in document["checks"]])


def _joint(results: Results, work: _Progress, design: JointDesign) -> Joint:
    """Play and score every piece of the design, which may have been kept."""
    joint = Joint(design)
    for piece in design.pieces():
        report = work.part(design.seconds(piece) + PIECE)
        joint.add(piece, _piece(results, design, piece))
        report(1, 1)
    return joint


def _piece(results: Results, design: JointDesign, piece: Piece) -> Any:
    """Return the months of a piece, which may have been kept."""
    shape = (design.settings, design.worlds, len(design.records[piece.case].rows))
    about = [design.spans, design.settings, design.worlds, design.seed]
    key = digest([*_program(), design.scenario(piece).sha256, *about])
    name, size = f"{RESULTS}/joint-{key[:32]}.zlib", 2 * int(np.prod(shape))
    kept = results.read(name, size + 2**16)
    content = b"" if kept is None else zlib.decompressobj().decompress(kept, size)
    if len(content) == size:
        return np.frombuffer(content, "<i2").astype(np.int16).reshape(shape)
    first = play(design, piece)
    results.keep(name, zlib.compress(first.astype("<i2").tobytes()))
    return first


def sources(case: Scenario) -> str:
    """Return a hash of everything outside the program that a score sheet depends on.

    These are the case and the scenarios that it names, each with its posterior, and the template if it is used.
    """
    used = [*changed(case).values(), *(rival(case, name) for name in case.document["validation"]["rivals"])]
    samples = {file: one for one in used if (file := posterior_file(one)) is not None}
    template = stored(load(TEMPLATE)) if case.document["validation"]["deployments"] else None
    return digest([list(map(stored, used)), [_sample(file, one) for file, one in samples.items()], template])


def _sample(file: Path, scenario: Scenario) -> list[str | None]:
    """Return a posterior file of a scenario as a hash, and why it cannot be used: this may be due to another file."""
    return [file.name, hashlib.sha256(file.read_bytes()).hexdigest(), unusable(scenario)]


@cache
def _program() -> tuple[Any, ...]:
    """Return the versions of what computes the results, and a hash of the sources of this package."""
    folder = Path(str(realpolitik.__file__)).parent
    files = sorted(path for ending in ("py", "csv") for path in folder.rglob(f"*.{ending}"))
    code = hashlib.sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()
    return versions(), code
