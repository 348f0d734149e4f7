"""Scenario discovery: boxes of inputs in which an outcome is likely, what they promise, and scenario files of them.

A box is found on one half of the points and evaluated on the other, so that its figures are not those it was chosen
for. Density is the outcome's probability inside; coverage the share of all its cases that lie inside.

Each limit of a box is tested on the other half, with the one-sided binomial test that the literature on PRIM calls a
quasi-p-value (Bryant & Lempert 2010): how likely is a share of cases as large as that inside the box, if its true
share were that of the box without the limit? Limits with p above 0.5, which make the box no denser, are dropped; if
there are none, the one with the largest p above 0.05. The box is then sought again without peels at these ends, until
no p is above 0.05. Points of one block of a design share coordinates, so a block counts once.

Boxes are found by PRIM, the patient rule induction method (Friedman & Fisher 1999), with the objective of Kwakkel &
Jaxa-Rozen (2016): the gain in density per point given up, so that a level of a theory and a slice of a span compete
fairly. The code is our own, because the EMA Workbench has one interface for Python 3.11 and another from 3.12, and
requires scikit-learn, statsmodels and seaborn.
"""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import betainc

from realpolitik.choices import Z95, name_in, real, whole
from realpolitik.files import replaceable, sealed, write_whole
from realpolitik.pairing import students
from realpolitik.scenario import load
from realpolitik.scenario.errors import no_such
from realpolitik.scenario.sources import is_text, shipped_names
from realpolitik.sweeps.designs import BLOCK, Factor, Level, Levels, Span
from realpolitik.sweeps.indices import ROUNDING, constant
from realpolitik.sweeps.opening import Array, Sweep, by_point, open_sweep
from realpolitik.texts import counted, inert

Mask = npt.NDArray[np.bool_]
DENSITY = 0.8
FEWEST = 100
"""Least number of points to find boxes in."""
ALPHA = 0.05
"""Share of the points of a box that one peel removes."""
LEAST = 0.05
"""Share of all points below which a box is not peeled further."""
LEVEL = 0.05
"""Greatest p of a limit that is kept."""
EVEN = 0.5
"""A limit with a larger p makes its box no denser."""
BINS = 8
LONGEST_TITLE = 900
COMMAND = "discover"
HEAD = """\
# Where {outcome} is {likely}: a box found in a sweep of {name} by `realpolitik discover`.
# Inside, its probability is {density:.1%} ({low:.1%} to {high:.1%}); {coverage:.1%} of all its cases lie here.
# Other numbers that have a range in {name} are held at their values, as in the sweep.

extends = {extends}
reason = {reason}
assumption = true

[meta]
title = {title}
uncertainty = "prior"          # a plain `run` draws from the ranges below

[set]
"""


# --- PRIM -----------------------------------------------------------------------------------------------------------


End = Literal["low", "high", "levels"]
ENDS: tuple[End, End] = ("low", "high")
SIGNS = {"low": 1.0, "high": -1.0}
Barred = frozenset[tuple[int, End]]


@dataclass(frozen=True)
class Box:
    """Limits of numeric inputs, `(low, high)`, and remaining levels of others; unlimited inputs are absent."""

    spans: dict[int, tuple[float, float]]
    levels: dict[int, frozenset[float]]

    def holds(self, x: Array) -> Mask:
        """Return which points, rows of x, lie inside."""
        inside = np.ones(len(x), bool)
        for n, (low, high) in self.spans.items():
            inside &= (x[:, n] >= low) & (x[:, n] <= high)
        for n, levels in self.levels.items():
            inside &= np.isin(x[:, n], list(levels))
        return inside

    def narrowed(self, n: int, low: float, high: float) -> "Box":
        """Return the box with a narrower span of one input."""
        was = self.spans.get(n, (-np.inf, np.inf))
        return Box(self.spans | {n: (max(was[0], low), min(was[1], high))}, self.levels)

    def limits(self) -> list[tuple[int, End]]:
        """Return its limits: the input, and which end."""
        spans = ((n, end, at) for n, span in self.spans.items() for end, at in zip(ENDS, span, strict=True))
        return [*((n, end) for n, end, at in spans if np.isfinite(at)), *((n, "levels") for n in self.levels)]

    def at(self, n: int, end: End) -> float | frozenset[float]:
        """Return where one of its limits is."""
        return self.levels[n] if end == "levels" else self.spans[n][ENDS.index(end)]

    def freed(self, n: int, end: End) -> "Box":
        """Return the box without one of its limits."""
        if end == "levels":
            return Box(self.spans, {m: levels for m, levels in self.levels.items() if m != n})
        low, high = self.spans[n]
        span = (-np.inf, high) if end == "low" else (low, np.inf)
        spans = self.spans | {n: span} if np.isfinite(span).any() else {m: s for m, s in self.spans.items() if m != n}
        return Box(spans, self.levels)

    def without(self, n: int, level: float, all_levels: frozenset[float]) -> "Box":
        """Return the box without one level of an input."""
        return Box(self.spans, self.levels | {n: self.levels.get(n, all_levels) - {level}})


def trajectory(x: Array, y: Array, categorical: Sequence[bool], barred: Barred = frozenset()) -> list[Box]:
    """Return the boxes from that of all points down to the least mass; y is the share of worlds at each point of x.

    Limits that are barred are not narrowed.
    """
    box, inside = Box({}, {}), np.arange(len(x))
    boxes = [box]
    while len(inside) > LEAST * len(x):
        best = max(
            (
                (gain(y, inside, kept), n, narrower, kept)
                for n, narrower, kept in peels(box, x, inside, categorical, barred)
            ),
            key=lambda found: (found[0], -found[1]),
            default=None,
        )
        if best is None or len(best[3]) < LEAST * len(x):
            break
        _, _, box, inside = best
        boxes.append(box)
    return boxes


def gain(y: Array, inside: npt.NDArray[np.int64], kept: npt.NDArray[np.int64]) -> float:
    """Return the gain in density per point given up."""
    return float((y[kept].mean() - y[inside].mean()) / (len(inside) - len(kept)))


def peels(
    box: Box, x: Array, inside: npt.NDArray[np.int64], categorical: Sequence[bool], barred: Barred
) -> Iterator[tuple[int, Box, npt.NDArray[np.int64]]]:
    """Yield every way to peel a box once that is not barred: a low or a high slice of a span, or one level."""
    for n in range(x.shape[1]):
        ends = [end for end in (("levels",) if categorical[n] else ENDS) if (n, end) not in barred]
        values = x[inside, n] if ends else x[:0, n]
        if ends == ["levels"]:
            present = frozenset(np.unique(values).tolist())
            for level in sorted(present) if len(present) > 1 else []:
                yield n, box.without(n, level, present), inside[values != level]
            continue
        for sign in (SIGNS[end] for end in ends):
            cut = slice_off(sign * values)
            if cut is not None:
                low, high = (cut, np.inf) if sign > 0 else (-np.inf, -cut)
                yield n, box.narrowed(n, low, high), inside[sign * values >= cut]


def slice_off(values: Array) -> float | None:
    """Return where to cut off the lowest few values, halfway between two of them; None if all are the same."""
    count = max(1, int(ALPHA * len(values)))
    lowest = np.partition(values, min(count, len(values) - 1))
    edge = lowest[min(count, len(values) - 1)]
    below = values[values < edge]
    if not below.size:
        above = values[values > edge]
        return float((edge + above.min()) / 2) if above.size else None
    return float((below.max() + edge) / 2)


# --- noise ----------------------------------------------------------------------------------------------------------


class Points(NamedTuple):
    """Points of a sweep: their inputs, the share of worlds with the outcome, and the block that each is of."""

    x: Array
    y: Array
    block: npt.NDArray[np.int64]

    def some(self, which: Mask) -> "Points":
        """Return some of the points."""
        return Points(self.x[which], self.y[which], self.block[which])


class LimitTest(NamedTuple):
    """A limit of a box, and the p of its test."""

    p: float
    input: int
    end: End
    at: float | frozenset[float]


def by_chance(box: Box, wider: Box, points: Points) -> float:
    """Return how likely the cases inside a box are, if its share is that of a wider box; 1 if no point is inside."""
    inside, around = box.holds(points.x), wider.holds(points.x)
    count = len(np.unique(points.block[inside]))
    cases = float(points.y[inside].mean()) * count if count else 0.0
    return float(betainc(cases, count - cases + 1, points.y[around].mean())) if cases > 0 else 1.0


def limit_tests(box: Box, fresh: Points) -> list[LimitTest]:
    """Return the tests of all limits of a box, on points that were not used to find it."""
    return [LimitTest(by_chance(box, box.freed(n, end), fresh), n, end, box.at(n, end)) for n, end in box.limits()]


def beyond_noise(
    here: Points, fresh: Points, categorical: Sequence[bool], density: float
) -> tuple[Box, list[LimitTest], list[LimitTest]]:
    """Find a box of which every limit is more than noise; return it, its tests, and those of the limits dropped."""
    dropped: list[LimitTest] = []
    while True:
        barred = frozenset((test.input, test.end) for test in dropped)
        box = chosen(trajectory(here.x, here.y, categorical, barred), here.x, here.y, density)
        tests = limit_tests(box, fresh)
        failed = sorted((test for test in tests if test.p > LEVEL), key=lambda test: -test.p)
        if not failed:
            return box, tests, dropped
        dropped += [test for test in failed if test.p > EVEN] or failed[:1]


def explained(x: Array, y: Array) -> Array:
    """Return the share of the variance of y that each input carries alone: between bins of its values, less chance."""
    found = np.zeros(x.shape[1])
    for n in range(x.shape[1]):
        distinct = np.unique(x[:, n])
        edges = distinct if len(distinct) <= BINS else np.quantile(x[:, n], np.linspace(0, 1, BINS + 1)[:-1])
        place = np.searchsorted(np.unique(edges), x[:, n], side="right")
        sizes = np.bincount(place)
        means = np.bincount(place, y) / np.maximum(sizes, 1)
        between = float(sizes @ (means - y.mean()) ** 2) / max(float(((y - y.mean()) ** 2).sum()), 1e-300)
        found[n] = between - (np.count_nonzero(sizes) - 1) / len(y)
    return found


# --- boxes of a sweep -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Found:
    """A box and what it promises."""

    limits: dict[str, tuple[float, float] | list[Level]]
    """Per limited input, the remaining span or levels."""
    density: float
    low: float
    high: float
    """95% interval of the density."""
    coverage: float
    mass: float
    """Share of all points that lie inside."""
    points: int
    tests: list[dict[str, Any]]
    """Per limit, its `input`, `end` ("low", "high" or "levels"), `limit` and `p`."""
    dropped: list[dict[str, Any]]
    """The same of the limits that were no more than noise, in the order in which they were dropped."""

    def p_of(self, path: str) -> list[float]:
        """Return the p of the limits of an input."""
        return [test["p"] for test in self.tests if test["input"] == path]

    @property
    def without_limit(self) -> list[str]:
        """The inputs of which every limit was dropped."""
        return [path for path in dict.fromkeys(test["input"] for test in self.dropped) if path not in self.limits]

    def words(self) -> list[str]:
        """Return the box in words, one line per input."""
        return [f"{path} {limit_in_words(limit)}" for path, limit in self.limits.items()]

    def to_dict(self) -> dict[str, Any]:
        """Return the box as JSON types."""
        limits = {path: list(limit) for path, limit in self.limits.items()}
        return {**self.__dict__, "limits": limits, "words": self.words()}


def limit_in_words(limit: tuple[float, float] | list[Level]) -> str:
    """Return a limit in words."""
    if isinstance(limit, tuple):
        return f"from {limit[0]:.4g} to {limit[1]:.4g}"
    return "is " + " or ".join(str(level) for level in limit)


@dataclass(frozen=True)
class Discovery:
    """Boxes for one outcome of a sweep, the best first."""

    sweep: Sweep
    outcome: str
    overall: float
    """The outcome's probability over all points."""
    wanted: float
    boxes: list[Found]
    inputs: list[str]
    """Those that matter most first: limited in a box, then by the share of the variance that they carry alone."""

    def __repr__(self) -> str:
        return (
            f"<Discovery in {self.sweep.folder}: {self.outcome}, {len(self.boxes)} found, {self.overall:.1%} over all>"
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the document that `discover --json` prints."""
        head = {
            "sweep": str(self.sweep.folder),
            "outcome": self.outcome,
            "overall": self.overall,
            "wanted": self.wanted,
            "test": {"name": "binomial, one-sided", "level": LEVEL},
            "inputs": self.inputs,
        }
        return {**head, "boxes": [box.to_dict() for box in self.boxes]}


def discover(
    sweep: Sweep | str | os.PathLike[str], outcome: str, *, density: float = DENSITY, boxes: int = 1
) -> Discovery:
    """Find boxes in which an outcome has at least this density, one after the other among the points still uncovered.

    If no box is so dense, the densest is returned. Limits that are no more than noise are dropped from each box.
    """
    sweep = sweep if isinstance(sweep, Sweep) else open_sweep(sweep)
    if name_in("outcome", outcome) not in sweep.outcomes:
        unknown = no_such("outcome", outcome, sweep.outcomes, sweep.plan.scenario["document"])
        raise ValueError(f"boxes need an outcome: {unknown}")
    density, boxes = real("density", density), whole("boxes", boxes)
    if not 0 < density <= 1 or not 1 <= boxes <= 20:
        raise ValueError(f"density must be above 0 and at most 1, boxes 1 to 20, not {density:g} and {boxes}")
    plan = sweep.plan
    if plan.points < FEWEST:
        raise ValueError(f"{sweep.folder} has {counted(plan.points, 'point')}; boxes need {FEWEST} or more")
    x, y = sweep.positions(), by_point(sweep, [outcome])[outcome]
    if not y.any():
        raise ValueError(f"{outcome} happens nowhere in {sweep.folder}")
    if constant(y):
        raise ValueError(f"{outcome} is the same at every point of {sweep.folder}, {y[0]:.1%} of worlds: no box")
    points = Points(x, y, blocks_in(sweep))
    found = list(boxes_in(points, plan.factors, halves(sweep), density, boxes, plan.worlds))
    return Discovery(sweep, outcome, float(y.mean()), density, found, by_weight(found, plan.paths, explained(x, y)))


def by_weight(boxes: Sequence[Found], paths: Sequence[str], share: Array) -> list[str]:
    """Return inputs, those that matter most first: those that boxes limit, the surest first, then the others."""
    surest: dict[str, float] = {}
    for box in boxes:
        for test in box.tests:
            surest[test["input"]] = min(test["p"], surest.get(test["input"], 1.0))
    order = sorted(range(len(paths)), key=lambda n: (paths[n] not in surest, surest.get(paths[n], 0.0), -share[n]))
    return [paths[n] for n in order]


def blocks_in(sweep: Sweep) -> npt.NDArray[np.int64]:
    """Return the block of every point; points of one block share coordinates."""
    plan = sweep.plan
    width = len(plan.factors) + BLOCK[plan.kind] if plan.kind in BLOCK else 1
    return np.arange(plan.points) // width


def halves(sweep: Sweep) -> Mask:
    """Return the half of the points on which boxes are found; blocks, whose points share coordinates, stay together."""
    plan, block = sweep.plan, blocks_in(sweep)
    half: Mask = np.random.default_rng([plan.seed, plan.points]).permutation(block.max() + 1)[block] % 2 == 0
    return half


def boxes_in(
    points: Points, factors: tuple[Factor, ...], half: Mask, density: float, boxes: int, worlds: int
) -> Iterator[Found]:
    """Find one box after the other, each on the points that the earlier ones leave; limits that are noise are dropped.

    A further box of which no limit is left is none.
    """
    x, y = points.x, points.y
    left = np.ones(len(y), bool)
    categorical = [isinstance(one, Levels) for one in factors]
    for n in range(boxes):
        here = left & half
        if here.sum() < FEWEST / 2 or not y[here].any() or (n > 0 and constant(y[here])):
            return
        box, kept, dropped = beyond_noise(points.some(here), points.some(left & ~half), categorical, density)
        if n > 0 and not kept:
            return
        yield evaluated(box, points, factors, ~half, worlds, *(as_rows(tests, factors) for tests in (kept, dropped)))
        left &= ~box.holds(x)


def as_rows(tests: Sequence[LimitTest], factors: tuple[Factor, ...]) -> list[dict[str, Any]]:
    """Return tested limits as JSON types, bounded by the ends of what was varied."""
    rows = []
    for p, n, end, at in tests:
        box = Box({}, {n: at}) if isinstance(at, frozenset) else Box({n: (at, at)}, {})
        limit = limits_of(box, factors)[factors[n].path]
        rows.append({"input": factors[n].path, "end": end, "limit": limit if end == "levels" else limit[0], "p": p})
    return rows


def chosen(boxes: list[Box], x: Array, y: Array, density: float) -> Box:
    """Return the largest box that is dense enough, else the densest; of boxes equal but for rounding, the largest."""
    means = [float(y[box.holds(x)].mean()) for box in boxes]
    wanted = min(density, max(means) * (1 - ROUNDING))
    return next(box for box, mean in zip(boxes, means, strict=True) if mean >= wanted)


def evaluated(
    box: Box,
    points: Points,
    factors: tuple[Factor, ...],
    fresh: Mask,
    worlds: int,
    tests: list[dict[str, Any]],
    dropped: list[dict[str, Any]],
) -> Found:
    """Evaluate a box on the points that were not used to find it.

    The interval allows for sampling of blocks of points, and for sampling of worlds as if their noise were fully
    correlated between points, which is the worst that common noise can do.
    """
    y, inside = points.y, box.holds(points.x)
    used = points.some(inside & fresh if (inside & fresh).any() else inside)
    mean = float(used.y.mean())
    half = half_width(used, max(mean * (1 - mean), 1 / (worlds + 4)) / worlds)
    return Found(
        limits=limits_of(box, factors),
        density=mean,
        low=max(0.0, mean - half),
        high=min(1.0, mean + half),
        coverage=float(y[inside & fresh].sum() / max(y[fresh].sum(), 1e-300)),
        mass=float(inside.mean()),
        points=int(inside.sum()),
        tests=tests,
        dropped=dropped,
    )


def half_width(points: Points, of_worlds: float) -> float:
    """Return half the 95% interval of the mean over points, whose blocks are what was sampled  (Cochran 1977, 9A).

    `of_worlds` is the variance that worlds add to it.
    """
    _, block = np.unique(points.block, return_inverse=True)
    blocks = int(block.max()) + 1
    if blocks < 2:  # one says nothing about others
        return np.inf
    off = np.bincount(block, points.y - points.y.mean())
    of_points = blocks / (blocks - 1) * float((off**2).sum()) / points.y.size**2
    return float(students(Z95, blocks) * (of_points + of_worlds) ** 0.5)


def limits_of(box: Box, factors: tuple[Factor, ...]) -> dict[str, tuple[float, float] | list[Level]]:
    """Return the limits of a box by path, bounded by the ends of what was varied."""
    limits: dict[str, tuple[float, float] | list[Level]] = {}
    for n, one in enumerate(factors):
        if isinstance(one, Levels):
            if n in box.levels:
                limits[one.path] = [one.levels[int(level)] for level in sorted(box.levels[n])]
        elif n in box.spans:
            limits[one.path] = (max(one.low, box.spans[n][0]), min(one.high, box.spans[n][1]))
    return limits


# --- scenario files -------------------------------------------------------------------------------------------------


def files_of_boxes(path: str | os.PathLike[str], boxes: int) -> list[Path]:
    """Return the files of so many boxes: FILE.toml, then FILE-2.toml, ..."""
    target = Path(path)
    if target.suffix != ".toml":
        raise ValueError(f"{path}: a scenario file ends in .toml")
    return [target, *(target.with_stem(f"{target.stem}-{n}") for n in range(2, boxes + 1))]


def write_boxes(
    found: Discovery, path: str | os.PathLike[str], write: Callable[[Path, bytes], None] | None = None
) -> list[Path]:
    """Write each box as a scenario file; ValueError for the file of anything else. A box without limits is none.

    `write` is given each path and content; by default it replaces files of boxes, if they were not changed since.
    """
    limited = [box for box in found.boxes if box.limits]
    files = files_of_boxes(path, len(limited))[: len(limited)]
    texts = [box_text(found, box, file.parent) for file, box in zip(files, limited, strict=True)]
    for file, text in zip(files, texts, strict=True):
        (write or _write)(file, text.encode())
    return files


def _write(path: Path, content: bytes) -> None:
    write_whole(replaceable(path, "scenario file", COMMAND), sealed(content, ".toml", COMMAND))


def box_text(found: Discovery, box: Found, folder: Path) -> str:
    """Return the content of one box's file in a folder."""
    stored = found.sweep.plan.scenario
    likely = "likely" if box.density >= found.wanted else "likelier than elsewhere"
    head = HEAD.format(
        **box.__dict__,
        outcome=found.outcome,
        likely=likely,
        name=inert(stored["name"]),
        extends=toml(base_of(found.sweep, folder)),
        reason=toml(f"A box of the sweep {found.sweep.plan.identity[:12]} in which {found.outcome} is {likely}"),
        title=toml(f"{shortened(stored['document']['meta']['title'])}: where {found.outcome} is {likely}"),
    )
    lasting = [s for s in stored["settings"] if s[2] is None]
    values = {path: value for path, value, _ in lasting}
    numbers = {path: found.sweep.scenario.numbers[path] for path in stored["ranges"]}
    numbers |= {one.path: spanned(one, box, numbers.get(one.path)) for one in found.sweep.plan.factors}
    values |= {path: with_effects(value, values.get(path)) for path, value in numbers.items()}
    body = "".join(f"{toml(path)} = {toml(value)}\n" for path, value in values.items())
    return head + body + "".join(fork_text(*s) for s in stored["settings"] if s[2] is not None)


def shortened(title: str) -> str:
    """Shorten a title, visibly, so that the text added to it fits into the 1,000 characters that a title may have."""
    return title if len(title) <= LONGEST_TITLE else title[: LONGEST_TITLE - 3] + "..."


def with_effects(value: Any, setting: Any) -> Any:
    """Return a value with the effects that a setting of the sweep gave to the number, if it did."""
    if not isinstance(setting, dict) or "effects" not in setting:
        return value
    return {**(value if isinstance(value, dict) else {"value": value}), "effects": setting["effects"]}


def spanned(one: Factor, box: Found, base: Any) -> Any:
    """Return the value of one input in a box's file: the middle of its limits, or that of the base without limits."""
    limit = box.limits.get(one.path, (one.low, one.high) if isinstance(one, Span) else list(one.levels))
    if isinstance(limit, tuple):
        low, high = limit
        kept = one.path not in box.limits and isinstance(base, float) and low <= base <= high
        return {"value": base if kept else (low + high) / 2, "low": low, "high": high}
    if len(limit) > 1:
        several = ", ".join(str(level) for level in limit)
        raise ValueError(
            f"a scenario cannot hold several levels of {one.path} ({several}): sweep one of them, or a span"
        )
    return limit[0]


def fork_text(path: str, value: Any, month: str) -> str:
    """Return a setting from a month on."""
    return f"\n[[from]]\nmonth = {toml(month)}\nset = {{ {toml(path)} = {toml(value)} }}\n"


def base_of(sweep: Sweep, folder: Path) -> str:
    """Return the scenario that a box in a folder extends; ValueError if it is no file, or not as it was swept."""
    stored = sweep.plan.scenario
    name = stored["extends"]
    if is_text(name):
        raise ValueError(f"{inert(stored['name'])} was read from a text: a box can extend a file only; sweep one")
    if name not in shipped_names():
        name = os.path.relpath(name, folder.resolve())
    if inert(name) != name:
        raise ValueError(f"'{name}': no scenario can extend a file of this name; rename it and sweep it again")
    there = load(name, base_path=folder)
    if there.sha256 != stored["extends_sha256"]:
        raise ValueError(
            f"{stored['extends']} has changed since it was swept, or was swept with changes that the sweep does not "
            "state: give them to the sweep, as set; a box cannot extend it"
        )
    return str(name)


def toml(value: object) -> str:
    """Return a text, a number, or a list or table of them, as TOML."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {toml(entry)}" for key, entry in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return json.dumps(value)
