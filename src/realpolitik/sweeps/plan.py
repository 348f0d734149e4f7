"""The plan of a sweep: what each row is and which chunk holds it; stated from arguments, or read from a manifest.

A plan is stated before anything is run, and every row follows from it. `manifest.json` keeps it with a checksum. The
checksum detects damage, not who wrote the file: a plan that is read is checked like a plan that is requested.
"""

import json
import os
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, NamedTuple, TypeGuard, get_args

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from realpolitik.choices import Design, Keep, one_of, whole
from realpolitik.costs import BLOCK, seconds_per_world
from realpolitik.ensembles import FORESIGHT, check_counts, scenario_of, theory_settings
from realpolitik.scenario import Scenario, Setting, Settings, as_settings
from realpolitik.scenario.core import digest, scenario_given
from realpolitik.scenario.core import scenario as made
from realpolitik.scenario.draft import Draft, checked
from realpolitik.scenario.paths import refused, with_ranges
from realpolitik.scenario.sources import asked_as, is_text, shipped_names
from realpolitik.sweeps.counts import CHUNK, Counts
from realpolitik.sweeps.designs import (
    MOST_FACTORS,
    MOST_LEVELS,
    Factor,
    Levels,
    Vary,
    factor,
    factors_of,
    points_of,
    unit_points,
)
from realpolitik.sweeps.folder import Damaged, Folder, Unreadable
from realpolitik.version import __version__
from realpolitik_model import Case
from realpolitik_model.engine.compiling import DIGEST

KEEPS: tuple[Keep, ...] = get_args(Keep)
FORMAT = 1
LONGEST_CHUNK = 4.0
"""Seconds of a core per chunk by default: a sweep is stopped, shared out and reported between chunks."""
DECISIVE = ("numpy", "scipy", "pyarrow")
"""NumPy and SciPy make the designs, Arrow writes the files."""
MANIFEST = "manifest.json"
MOST_MANIFEST_BYTES = 16 * 2**20
MOST_DEVICE = 200
"""Characters of the name of a device."""
MOST_MARKS = 2_000_000
"""Brackets and commas: one byte each in the file, about a hundred in memory."""


# --- plan -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Plan(Counts):
    """A sweep as stated: the scenario, the seed and the design. Every row follows from it."""

    scenario: dict[str, Any]
    """The resolved scenario, as returned by `stored`."""
    seed: int
    kind: Design
    factors: tuple[Factor, ...]
    made_by: tuple[tuple[str, str], ...] = ()
    """Versions on which the bytes depend."""

    @property
    def paths(self) -> tuple[str, ...]:
        """Dotted paths of what is varied."""
        return tuple(one.path for one in self.factors)

    @property
    def described(self) -> dict[str, Any]:
        """What a manifest keeps, and what a resumed sweep must agree with."""
        return {
            "format": FORMAT,
            "scenario": self.scenario,
            "seed": self.seed,
            "design": {
                "kind": self.kind,
                "factors": [one.described for one in self.factors],
                "points": self.points,
                "worlds": self.worlds,
                "keep": self.keep,
                "chunk": self.chunk,
            },
            "versions": dict(self.made_by),
        }

    @cached_property
    def identity(self) -> str:
        """One hash of everything that decides a byte of the data."""
        decisive = {**self.described, "scenario": self.scenario["sha256"]}
        return digest(decisive)

    def rows_of(self, chunk: int) -> tuple[int, int]:
        """Return the first row of a chunk, and the row after its last."""
        return chunk * self.rows_per_chunk, min((chunk + 1) * self.rows_per_chunk, self.rows)

    def unit(self, start: int, stop: int) -> npt.NDArray[np.float64]:
        """Return points start, ..., stop - 1 in the unit cube, shape (points, factors)."""
        return unit_points(self.kind, self.seed, self.factors, self.points, start, stop)

    @property
    def most_bytes(self) -> int:
        """Upper bound of the size of a chunk's file."""
        document = self.scenario["document"]
        return file_bytes(self, self.rows_per_chunk, 3 + 3 * len(document["outcomes"]) + len(document["issues"]))

    @property
    def most_design_bytes(self) -> int:
        """Upper bound of the size of the design's file."""
        return file_bytes(self, self.points, 1)


def file_bytes(plan: Plan, rows: int, columns: int) -> int:
    """Bound the size of a file of what is varied and some other columns: twice the values, and metadata per column."""
    columns += len(plan.factors)
    texts = sum(max(len(str(level).encode()) for level in one.levels) for one in plan.factors if structural(one))
    return 2**20 + rows * (16 * columns + 2 * texts) + (1 + rows // CHUNK) * columns * 8_192


def structural(one: Factor) -> TypeGuard[Levels]:
    """Return whether a factor has texts as levels."""
    return isinstance(one, Levels) and one.structural


def versions() -> dict[str, str]:
    """Return the versions of this program, the equations it runs, and the libraries on which the bytes depend."""
    libraries = {name: version(name) for name in DECISIVE}
    return {"realpolitik": __version__, "equations": DIGEST[:16], **libraries}


# --- a plan from arguments ------------------------------------------------------------------------------------------


def planned(
    source: str | os.PathLike[str] | Scenario,
    vary: Vary | None,
    design: Design,
    points: int,
    worlds: int,
    seed: int,
    keep: Keep,
    changes: Settings | None,
    theory: str | None,
    chunk: int | None,
    foresight: int | None = None,
) -> Plan:
    """Return the plan of a requested sweep; every count and name is checked."""
    base = scenario_given("scenario", source)
    given = [*as_settings(changes), *theory_settings(theory, foresight)]
    scenario = scenario_of(base, given)
    worlds, seed = check_counts(worlds, seed)
    points, chunk = whole("points", points), None if chunk is None else whole("chunk", chunk)
    one_of("keep", keep, KEEPS)
    settings = [[one.path, one.value, one.month] for one in given]
    origin = origin_of(asked_as(base.chain[0]) if isinstance(source, Scenario) else os.fspath(source))
    factors = factors_of(scenario, vary)
    check_unset(factors, given)
    plan = Plan(
        scenario=stored(scenario) | {"extends": origin, "extends_sha256": base.sha256, "settings": settings},
        seed=seed,
        kind=design,
        factors=factors,
        points=points_of(design, factors, points),
        worlds=worlds,
        keep=keep,
        chunk=CHUNK if chunk is None else chunk,
        made_by=tuple(versions().items()),
    )
    plan.check()
    return (
        replace(plan, chunk=plan.chunk_within(affordable(scenario.case(), farthest(factors))))
        if chunk is None
        else plan
    )


def check_unset(factors: tuple[Factor, ...], given: list[Setting]) -> None:
    """Refuse a setting of what is varied: it would have no effect, unless it is from a month on."""
    lasting = {one.path for one in given if one.month is None}
    for path in (one.path for one in factors if one.path in lasting):
        both = f"{path} is both varied and set, by set, theory or foresight: leave out one of the two"
        raise refused(path, both).given_as("vary")


def origin_of(source: str) -> str:
    """Return where a scenario comes from: a shipped one by its name, a file by its absolute path, a text as it is."""
    return source if source in shipped_names() or is_text(source) else str(Path(source).resolve())


def affordable(case: Case, foresight: int = 0) -> int:
    """Return how many worlds of a case take a few seconds of a core, a multiple of 32."""
    fit = int(LONGEST_CHUNK / seconds_per_world(case, case.months, foresight))
    return max(BLOCK, fit // BLOCK * BLOCK)


def farthest(factors: tuple[Factor, ...]) -> int:
    """Return how many months actors look ahead at most where foresight is varied; 0 if it is not."""
    varied = (one for one in factors if one.path == FORESIGHT)
    return max((int(float(str(end.value))) for one in varied for end in one.settings()), default=0)


def with_chunk_of(folder: Folder, plan: Plan) -> Plan:
    """Return a plan with the chunk of the sweep in a folder, if that has as many rows."""
    try:
        held = read_manifest(folder)
    except ValueError:  # reported when the folder is compared with the plan
        return plan
    return replace(plan, chunk=held.plan.chunk) if held is not None and held.plan.rows == plan.rows else plan


# --- a scenario within a manifest -----------------------------------------------------------------------------------


def stored(scenario: Scenario) -> dict[str, Any]:
    """Return everything that decides a scenario's results, as JSON types."""
    return {
        "name": scenario.name,
        "sha256": scenario.sha256,
        "chain": list(scenario.chain),
        "document": scenario.document,
        "ranges": {path: list(span) for path, span in scenario.ranges.items()},
        "forks": [[fork.month, dict(fork.numbers)] for fork in scenario.forks],
    }


def restored(content: dict[str, Any]) -> Scenario:
    """Return the scenario again, checked like one read from a file; ValueError if it is not the one stored."""
    ranges = {path: (low, high) for path, (low, high) in content["ranges"].items()}
    full = with_ranges(content["document"], ranges)
    full["from"] = [{"month": month, "set": dict(numbers)} for month, numbers in content["forks"]]
    scenario = made(content["name"], checked(Draft(full, {}, chain=tuple(content["chain"]))))
    if scenario.sha256 != content["sha256"] or scenario.document != content["document"]:
        raise ValueError(f"the stored scenario {content['name']} is not the one that its sha256 names")
    return scenario


# --- the manifest ---------------------------------------------------------------------------------------------------


Text = Annotated[str, Field(max_length=1_000)]
Pair = Annotated[list[float], Field(min_length=2, max_length=2)]


class Strict(BaseModel):
    """A part of a manifest: every key is present, none is unknown, and no value is converted."""

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)


class StatedSpan(Strict):
    """A factor between two ends."""

    path: Text
    low: float
    high: float


class StatedLevels(Strict):
    """A factor at a few values."""

    path: Text
    levels: list[float | Text] = Field(min_length=2, max_length=MOST_LEVELS)


class StatedDesign(Strict):
    """What is varied, and how many worlds are simulated."""

    kind: Design
    factors: list[StatedSpan | StatedLevels] = Field(min_length=1, max_length=MOST_FACTORS)
    points: int
    worlds: int
    keep: Keep
    chunk: int


class StatedScenario(Strict):
    """The resolved scenario, and where it came from."""

    name: Text
    sha256: Text
    chain: list[Text]
    document: dict[str, Any]
    ranges: dict[str, Pair]
    forks: list[tuple[Text, dict[str, float]]]
    extends: str
    extends_sha256: Text
    settings: list[tuple[Text, Any, Text | None]]


class StatedSweep(Strict):
    """A whole sweep."""

    format: int
    scenario: StatedScenario
    seed: int
    design: StatedDesign
    versions: dict[Text, Text]


class Manifest(NamedTuple):
    """The content of a manifest."""

    plan: Plan
    scenario: Scenario
    command: list[str]
    """The command line that made the sweep; empty if it was made from Python."""
    device: str
    """Where it was begun: "cpu", the model of a GPU, or what the workers of a cluster were asked for."""


def manifest_bytes(plan: Plan, command: list[str], device: str) -> bytes:
    """Return the bytes of a manifest; ValueError if it could not be read again."""
    content = plan.described
    document = {
        "sha256": digest(content),
        "identity": plan.identity,
        "command": command,
        "device": device,
        "sweep": content,
    }
    # Invalid Unicode, as in the name of a file, becomes an escape of JSON.
    encoded = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False).encode(errors="backslashreplace")
    checked_plan(parsed(encoded)["sweep"])
    return encoded


def read_manifest(folder: Folder) -> Manifest | None:
    """Read the manifest of a folder; None if there is none.

    `Damaged` if it is not as it was written, another ValueError if its plan is not valid here.
    """
    try:
        content = folder.read(MANIFEST, MOST_MANIFEST_BYTES)
        document = None if content is None else parsed(content)
    except Unreadable as error:
        raise Damaged(f"{folder}: {MANIFEST} is damaged: {error}") from None
    except (ValueError, KeyError, TypeError, RecursionError):
        advice = "give the command of this sweep again to rewrite it"
        raise Damaged(f"{folder}: {MANIFEST} is damaged; {advice}") from None
    if document is None:
        return None
    try:
        plan, scenario = checked_plan(document["sweep"])
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{folder}: {MANIFEST} states no sweep that can be read here: {error}") from None
    return Manifest(plan, scenario, document["command"], document["device"])


def parsed(content: bytes) -> dict[str, Any]:
    """Parse a manifest and check its checksum; an error of some kind if it is invalid."""
    if len(content) > MOST_MANIFEST_BYTES or sum(content.count(mark) for mark in b"[{,") > MOST_MARKS:
        raise ValueError(f"larger than any manifest, {MOST_MANIFEST_BYTES:,} bytes")
    document = json.loads(content)
    if digest(document["sweep"]) != document["sha256"]:
        raise ValueError("its checksum does not match")
    if not isinstance(document["command"], list) or not all(isinstance(word, str) for word in document["command"]):
        raise ValueError("its command is not a list of words")
    if not isinstance(document["device"], str) or len(document["device"]) > MOST_DEVICE:
        raise ValueError("its device is not a name")
    return dict(document)


def checked_plan(content: Any) -> tuple[Plan, Scenario]:
    """Return the plan that a manifest states, checked like a requested one; ValueError if it could not be made here."""
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise ValueError(f"it is not of format {FORMAT}, but was made by another version of realpolitik")
    try:
        StatedSweep.model_validate_json(json.dumps(content, ensure_ascii=False).encode())
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        raise ValueError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    plan = plan_from(content)
    check_counts(plan.worlds, plan.seed)
    plan.check()
    scenario = restored(plan.scenario)
    check_factors(plan, scenario)
    return plan, scenario


def plan_from(content: dict[str, Any]) -> Plan:
    """Return the plan that a manifest keeps."""
    design = content["design"]
    return Plan(
        scenario=content["scenario"],
        seed=content["seed"],
        kind=design["kind"],
        factors=tuple(factor(one) for one in design["factors"]),
        points=design["points"],
        worlds=design["worlds"],
        keep=design["keep"],
        chunk=design["chunk"],
        made_by=tuple(content["versions"].items()),
    )


def check_factors(plan: Plan, scenario: Scenario) -> None:
    """Refuse factors that no plan has: repeated, unknown to the scenario, or with invalid ends."""
    if len(set(plan.paths)) < len(plan.paths):
        raise ValueError("an input is varied twice")
    for one in plan.factors:
        if isinstance(one, Levels):
            if len(set(one.levels)) < len(one.levels) or len({isinstance(level, str) for level in one.levels}) > 1:
                raise ValueError(f"{one.path}: levels must be all numbers or all texts, each once")
        elif not one.low < one.high:
            raise ValueError(f"{one.path}: {one.low:g}:{one.high:g} is not a span; the lower end comes first")
        if not structural(one) and one.path not in scenario.numbers:
            raise ValueError(f"{one.path} is not a number of {scenario.name}")
    if points_of(plan.kind, plan.factors, plan.points) != plan.points:
        raise ValueError(f"design.points: no {plan.kind} design of these inputs has {plan.points:,} points")
