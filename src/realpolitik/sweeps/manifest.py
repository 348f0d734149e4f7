"""What a sweep folder says about itself: `manifest.json`, with a checksum of its own, and how two plans differ.

The checksum tells damage, not who wrote it: what a manifest states is checked as if it were asked for.
"""

import json
from collections.abc import Iterator
from typing import Annotated, Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from realpolitik.choices import Design, Keep
from realpolitik.ensembles import check_counts
from realpolitik.scenario import Scenario
from realpolitik.scenario.core import digest
from realpolitik.sweeps.design_file import DESIGN
from realpolitik.sweeps.designs import points_of
from realpolitik.sweeps.factors import MOST_FACTORS, MOST_LEVELS, Levels, factor
from realpolitik.sweeps.folder import RESULTS, SUMS, Damaged, Folder, Unfit
from realpolitik.sweeps.parquet import marks_of
from realpolitik.sweeps.plan import FORMAT, Plan
from realpolitik.sweeps.stored import restored

MANIFEST = "manifest.json"
MOST_BYTES = 16 * 2**20
MOST_MARKS = 2_000_000
"""Brackets and commas; a byte each in the file, they are a hundred in memory."""
MOST_SHOWN = 5

Text = Annotated[str, Field(max_length=1_000)]
Pair = Annotated[list[float], Field(min_length=2, max_length=2)]


class Strict(BaseModel):
    """A part of a manifest: every key is there, none is unknown, and no value is taken for another kind."""

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)


class StatedSpan(Strict):
    """A factor between two ends."""

    path: Text
    low: float
    high: float


class StatedLevels(Strict):
    """A factor of a few values."""

    path: Text
    levels: list[float | Text] = Field(min_length=2, max_length=MOST_LEVELS)


class StatedDesign(Strict):
    """What is varied, and how much of it is played."""

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
    """What a folder says about itself."""

    plan: Plan
    scenario: Scenario
    command: list[str]
    """The command line that made the sweep; none if it was made from Python."""


def manifest_bytes(plan: Plan, command: list[str]) -> bytes:
    """Give the bytes of a manifest; ValueError if it could not be read again."""
    content = plan.described
    document = {"sha256": digest(content), "identity": plan.identity, "command": command, "sweep": content}
    # What is no Unicode, as in the name of a file, stands as an escape of JSON.
    encoded = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False).encode(errors="backslashreplace")
    stated(parsed(encoded)["sweep"])
    return encoded


def read_manifest(folder: Folder) -> Manifest | None:
    """Read what a folder states; None if it has no manifest.

    `Damaged` if that is not as it was written, another ValueError if it is, and states no sweep that can be read here.
    """
    try:
        content = folder.read(MANIFEST, MOST_BYTES)
        document = None if content is None else parsed(content)
    except Unfit as error:
        raise Damaged(f"{folder}: {MANIFEST} is damaged: {error}") from None
    except (ValueError, KeyError, TypeError, RecursionError):
        advice = "give the command of this sweep again, and it is written anew"
        raise Damaged(f"{folder}: {MANIFEST} is damaged; {advice}") from None
    if document is None:
        return None
    try:
        plan, scenario = stated(document["sweep"])
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{folder}: {MANIFEST} states no sweep that can be read here: {error}") from None
    return Manifest(plan, scenario, document["command"])


def parsed(content: bytes) -> dict[str, Any]:
    """Read the document of a manifest, checked against its own sum; an error of some kind if it is none."""
    if len(content) > MOST_BYTES or sum(content.count(mark) for mark in b"[{,") > MOST_MARKS:
        raise ValueError(f"larger than any manifest, {MOST_BYTES:,} bytes")
    document = json.loads(content)
    if digest(document["sweep"]) != document["sha256"]:
        raise ValueError("its sum is another one")
    if not isinstance(document["command"], list) or not all(isinstance(word, str) for word in document["command"]):
        raise ValueError("its command is no list of words")
    return dict(document)


def stated(content: Any) -> tuple[Plan, Scenario]:
    """Make the plan that is stated, checked like one that is asked for; ValueError if it could not be made here."""
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
    """Make a plan again from what a manifest keeps."""
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
    """Refuse factors that no plan has: twice the same, none of the scenario's, or with ends that are none."""
    if len(set(plan.paths)) < len(plan.paths):
        raise ValueError("an input is varied twice")
    for one in plan.factors:
        if isinstance(one, Levels):
            if len(set(one.levels)) < len(one.levels) or len({isinstance(level, str) for level in one.levels}) > 1:
                raise ValueError(f"{one.path}: levels must be all numbers or all texts, each once")
        elif not one.low < one.high:
            raise ValueError(f"{one.path}: {one.low:g}:{one.high:g} is no span; the lower end comes first")
        if not (isinstance(one, Levels) and one.structural) and one.path not in scenario.numbers:
            raise ValueError(f"{one.path} is not a number of {scenario.name}")
    if points_of(plan.kind, plan.factors, plan.points) != plan.points:
        raise ValueError(f"design.points: no {plan.kind} design of these inputs has {plan.points:,} points")


def agree(folder: Folder, plan: Plan) -> str | None:
    """Check that a folder is empty or holds this very sweep; say what is damaged and will be repaired, if anything.

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
    if held.plan.identity != plan.identity:
        found = list(differences(held.plan.described, plan.described))
        more = f" and {len(found) - MOST_SHOWN} more" if len(found) > MOST_SHOWN else ""
        shown = "; ".join(found[:MOST_SHOWN])
        raise ValueError(f"{folder} holds another sweep: {shown}{more}. Choose another folder; this one is untouched")
    return None


def agree_by_marks(folder: Folder, plan: Plan) -> None:
    """Without a manifest, go by the marks that every data file carries."""
    files = list((folder.path / RESULTS).glob("*.parquet"))
    others = [file for file in folder.path.glob("*") if file.name not in (MANIFEST, RESULTS, SUMS, DESIGN)]
    strange = [file for file in others if not file.name.startswith(".")]
    if strange:
        raise ValueError(f"{folder} is not empty and holds no sweep: {strange[0].name} is there")
    for file in files:
        mark = marks_of(file, plan.most_bytes).get("realpolitik.sweep")
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
