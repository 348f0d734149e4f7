"""Goal seek: the smallest change of one lever, or of one number, that brings an outcome to a given share of worlds."""

from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import asdict, dataclass
from os import PathLike
from typing import Any, Literal, NamedTuple

from realpolitik.choices import Progress, name_in, real, whole
from realpolitik.costs import KEPT
from realpolitik.ensembles import check_counts, months_until, scenario_of
from realpolitik.levers import Lever, levers_of
from realpolitik.scenario import Scenario, Settings
from realpolitik.scenario.errors import no_such
from realpolitik.swings import Point, Swing, played, tornado
from realpolitik.version import __version__

STEPS = 100
"""Steps of a lever, from end to end, and of a number, from its value to an end of its range."""
COARSE = 4
"""Parts of each way that are tried first; the change is then found by bisection within the first that reaches it."""


@dataclass(frozen=True)
class Way:
    """A change of one lever or number that brings the outcome to the share."""

    kind: Literal["lever", "number"]
    name: str
    """The lever, or the path of the number."""
    numbers: dict[str, float]
    """Path -> value: the change, as `set` takes it."""
    words: str
    """The new position of a lever in words; nothing for a number."""
    size: float
    """The change as a share of the lever's length, or of the number's range."""
    share: float
    """The share of worlds in which the outcome happens after the change."""


@dataclass(frozen=True)
class Goal:
    """What it takes to bring an outcome to a share of worlds."""

    scenario: Scenario
    outcome: str
    target: float
    by: str
    seed: int
    worlds: int
    value: float
    """The share of worlds in which the outcome happens without a change."""
    lever: Way | None
    """The smallest change of one lever; None if no lever does it."""
    number: Way | None
    """The smallest change of one number within its range, of those that no lever moves; None if none does it."""

    def __repr__(self) -> str:
        ways = [one.name for one in (self.lever, self.number) if one is not None]
        found = f"{self.value:.1%} to {self.target:.1%}, by {' or '.join(ways) or 'no single change'}"
        return f"<Goal of {self.scenario.name}: {self.outcome} from {found}>"

    @property
    def rising(self) -> bool:
        """Whether the outcome has to become likelier."""
        return self.value < self.target

    def to_dict(self) -> dict[str, Any]:
        """Return the result as plain values."""
        return {
            "scenario": self.scenario.name,
            "sha256": self.scenario.sha256,
            "version": __version__,
            "outcome": self.outcome,
            "label": self.scenario.document["outcomes"][self.outcome]["label"],
            "target": self.target,
            "by": self.by,
            "seed": self.seed,
            "worlds": self.worlds,
            "value": self.value,
            "rising": self.rising,
            "lever": asdict(self.lever) if self.lever else None,
            "number": asdict(self.number) if self.number else None,
        }


class Path(NamedTuple):
    """A lever or number moved in one direction: its positions, from the first step to the end."""

    kind: Literal["lever", "number"]
    name: str
    points: list[Point]
    words: list[str]
    sizes: list[float]


def reach(
    scenario: str | PathLike[str] | Scenario,
    outcome: str,
    *,
    target: float = 0.5,
    by: str | None = None,
    worlds: int = 300,
    seed: int = 1,
    set: Settings | None = None,
    theory: str | None = None,
    foresight: int | None = None,
    progress: Progress | None = None,
    executor: Executor | None = None,
) -> Goal:
    """Return the smallest change of one lever, and of one number, that brings an outcome to a share of worlds.

    An outcome that is less likely than the share is made likelier, one that is likelier is made less likely. Levers are
    moved over their whole length. Numbers are moved within their ranges, and only those that the tornado finds, that
    is, with the share between their value and an end of their range. All changes are played in the same worlds.

    Parameters
    ----------
    scenario, seed, set, theory, foresight, executor
        As for `run`.
    outcome, by
        The outcome, and the month "YYYY-MM" up to which it counts; the scenario's end by default.
    target
        The share of worlds, above 0 and below 1.
    worlds
        Worlds per change that is tried, 1 to 10,000.
    progress
        Called with the worlds done and all of them, from the start for each round of tries.

    Returns
    -------
    Goal
        Its `lever` and `number` are the smallest changes found, None if there is none within their ranges.

    Raises
    ------
    ValueError
        If a parameter is out of range or the outcome is unknown.

    Examples
    --------
    >>> import realpolitik as rp
    >>> goal = rp.reach("karabakh", "free_exit", by="2025-12", worlds=64)
    >>> goal.rising, goal.lever is not None
    (False, True)
    """
    worlds, seed = check_counts(whole("worlds", worlds, 1, KEPT), seed)
    target = real("target", target)
    if not 0.0 < target < 1.0:
        raise ValueError(f"target must be above 0 and below 1, not {target!r}")
    chosen = scenario_of(scenario, set, theory, foresight)
    if name_in("outcome", outcome) not in chosen.document["outcomes"]:
        raise ValueError(no_such("outcome", outcome, chosen.document["outcomes"], chosen.document))
    tries = Tries(chosen, outcome, by, worlds, seed, progress, executor)
    (value,) = tries.shares([{}])
    levers = levers_of(chosen)
    free = [path for path in chosen.ranges if all(path not in lever.ends for lever in levers)]
    paths = [path for lever in levers for path in ways_of_lever(lever)]
    if free:
        paths += ways_of_numbers(chosen, tries.swings(), free, value, target)
    found = list(tries.nearest(paths, value, target))
    return Goal(
        scenario=chosen,
        outcome=outcome,
        target=target,
        by=tries.case.date_of(tries.months - 1),
        seed=seed,
        worlds=worlds,
        value=value,
        lever=smallest(found, "lever"),
        number=smallest(found, "number"),
    )


def smallest(ways: list[Way], kind: str) -> Way | None:
    """Return the smallest change of a kind."""
    return min((way for way in ways if way.kind == kind), key=lambda way: way.size, default=None)


class Tries:
    """Plays changes of a scenario, all in the same worlds."""

    def __init__(
        self,
        scenario: Scenario,
        outcome: str,
        by: str | None,
        worlds: int,
        seed: int,
        progress: Progress | None,
        executor: Executor | None,
    ) -> None:
        self.scenario, self.outcome = scenario, outcome
        self.worlds, self.seed = worlds, seed
        self.progress, self.executor = progress, executor
        self.case = scenario.case()
        self.months = months_until(self.case, by, "by")

    def shares(self, points: list[Point]) -> list[float]:
        """Return the share of worlds with the outcome at each point."""
        if not points:
            return []
        event = self.case.outcomes.index(self.outcome)
        pieces = played(self.case, points, self.worlds, self.months, self.seed, event, self.progress, self.executor)
        return [float((first >= 0).mean()) for first, _ in pieces]

    def swings(self) -> list[Swing]:
        """Return what the range of each number does to the outcome."""
        return tornado(
            self.scenario,
            self.outcome,
            statistic="probability",
            by=self.case.date_of(self.months - 1),
            worlds=self.worlds,
            seed=self.seed,
            progress=self.progress,
            executor=self.executor,
        ).swings

    def nearest(self, paths: list[Path], value: float, target: float) -> Iterator[Way]:
        """Yield the first position of each path at which the share is reached; all paths are tried together."""

        def crossed(share: float) -> bool:
            return share >= target if value < target else share <= target

        marks = {n: coarse(len(path.points)) for n, path in enumerate(paths)}
        flat = [(n, mark) for n, found in marks.items() for mark in found]
        shares = dict(zip(flat, self.shares([paths[n].points[mark] for n, mark in flat]), strict=True))
        spans = {n: span for n in marks if (span := first_span(marks[n], lambda m, n=n: crossed(shares[n, m])))}
        while open_ := {n: (low + high) // 2 for n, (low, high) in spans.items() if high - low > 1}:
            for (n, middle), share in zip(
                open_.items(), self.shares([paths[n].points[m] for n, m in open_.items()]), strict=True
            ):
                shares[n, middle] = share
                low, high = spans[n]
                spans[n] = (low, middle) if crossed(share) else (middle, high)
        for n, (_, at) in spans.items():
            path = paths[n]
            yield Way(path.kind, path.name, path.points[at], path.words[at], path.sizes[at], shares[n, at])


def coarse(steps: int) -> list[int]:
    """Return the positions that are tried first: the ends of equal parts of a path."""
    return sorted({max(1, round(steps * part / COARSE)) - 1 for part in range(1, COARSE + 1)}) if steps else []


def first_span(marks: list[int], crossed: Any) -> tuple[int, int] | None:
    """Return the last position before the first crossing and that crossing; -1 is the scenario as it is."""
    for before, mark in zip([-1, *marks], marks, strict=False):
        if crossed(mark):
            return before, mark
    return None


def ways_of_lever(lever: Lever) -> Iterator[Path]:
    """Yield a lever moved down and up, in steps of a hundredth of its length."""
    grid = [step / STEPS for step in range(STEPS + 1)]
    down = [t for t in reversed(grid) if lever.base - t >= 1 / STEPS / 2]
    up = [t for t in grid if t - lever.base >= 1 / STEPS / 2]
    for way in (down, up):
        yield Path(
            "lever",
            lever.name,
            [lever.at(t) for t in way],
            [lever.words(t) for t in way],
            [abs(t - lever.base) for t in way],
        )


def ways_of_numbers(
    scenario: Scenario, swings: list[Swing], free: list[str], value: float, target: float
) -> Iterator[Path]:
    """Yield the numbers whose range reaches the share, moved from their value to that end."""
    for swing in swings:
        for end, share in ((swing.low, swing.at_low), (swing.high, swing.at_high)):
            reached = share is not None and (share >= target if value < target else share <= target)
            if swing.path in free and reached and end != scenario.numbers[swing.path]:
                yield way_of_number(swing, scenario.numbers[swing.path], end)


def way_of_number(swing: Swing, value: float, end: float) -> Path:
    """Return a number moved to an end of its range in equal steps; one that counts whole months in whole steps."""
    counted = swing.path.endswith((".shift", ".patience", ".foresight"))
    steps = max(1, round(abs(end - value))) if counted else STEPS
    values = [float(f"{value + (end - value) * step / steps:.4g}") for step in range(1, steps)] + [end]
    sizes = [abs(one - value) / (swing.high - swing.low) for one in values]
    return Path("number", swing.path, [{swing.path: one} for one in values], [""] * len(values), sizes)
