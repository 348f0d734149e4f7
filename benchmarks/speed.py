"""The section that sets the contestants side by side."""

from collections.abc import Callable
from typing import NamedTuple

import realpolitik as rp
from benchmarks.agreement import check
from benchmarks.contestants import Contestant, contestants
from benchmarks.markdown import number, paragraphs, table
from benchmarks.measuring import interleaved, median

BOUNDS = ("worlds", "lanes"), ("lanes_all",)
"""The C loops on one core, and on all."""


class Rate(NamedTuple):
    """Worlds per second in one round."""

    wall: float
    cpu: float


def section(rounds: int, say: Callable[[str], None]) -> str:
    """Check that all contestants agree, time them, and return the section."""
    scenario = rp.load("karabakh")
    entrants = contestants(scenario)
    say("comparing the results of all contestants")
    checked = dict(check(scenario, entrants))
    rates = interleaved({one.key: rate_of(one) for one in entrants}, rounds, say)
    return paragraphs(
        "## The contestants",
        INTRODUCTION.format(rounds=rounds),
        table(HEAD, [row(one, rates, checked) for one in entrants]),
        verdict(rates),
        *(f"- **{names}**: {about}" for names, about in explained(entrants)),
    )


def rate_of(contestant: Contestant) -> Callable[[], Rate]:
    """Return what runs one round of a contestant."""

    def job() -> Rate:
        sample = contestant.play(contestant.worlds)
        return Rate(contestant.worlds / sample.wall, contestant.worlds / sample.cpu)

    return job


def bound(rates: dict[str, list[Rate]], all_cores: bool) -> list[Rate]:
    """Return the rounds of the faster C loop on as many cores."""
    return max((rates[key] for key in BOUNDS[all_cores]), key=lambda found: median([rate.cpu for rate in found]))


def ratio(rates: list[Rate], to: list[Rate]) -> float:
    """Return the median over rounds of the ratio within a round, per CPU-second."""
    return median([mine.cpu / theirs.cpu for mine, theirs in zip(rates, to, strict=True)])


def row(one: Contestant, rates: dict[str, list[Rate]], checked: dict[str, int]) -> list[str]:
    """Return one line of the table."""
    found = rates[one.key]
    wall, cpu = (median(column) for column in zip(*found, strict=True))
    ratios = f"{number(ratio(found, rates['mesa']))} times", f"{100 * ratio(found, bound(rates, one.all_cores)):.3g}%"
    return [one.name, f"{checked[one.name]:,}", number(wall), number(cpu), *ratios]


def verdict(rates: dict[str, list[Rate]]) -> str:
    """Return the two ratios that the project set out for."""
    times, share = ratio(rates["every"], rates["mesa"]), ratio(rates["every"], bound(rates, True))
    return (
        f"On all cores the ensemble path runs **{times:,.0f} times** as many worlds per CPU-second as the scalar Mesa "
        f"model (a), and **{100 * share:.0f}%** of what the faster C loop (e) does on all cores; on one core it is "
        f"{100 * ratio(rates['one'], bound(rates, False)):.0f}% of (e) on one core."
    )


def explained(entrants: list[Contestant]) -> list[tuple[str, str]]:
    """Return each explanation once, with all that it explains."""
    names: dict[str, list[str]] = {}
    for one in entrants:
        names.setdefault(one.about, []).append(one.name)
    return [(shared(group), about) for about, group in names.items()]


def shared(names: list[str]) -> str:
    """Return the name of a group: up to the last comma, after which they part."""
    return names[0] if len(names) == 1 else names[0].rpartition(", ")[0]


HEAD = ["contestant", "worlds compared", "worlds/s", "worlds per CPU-second", "of (a)", "of (e)"]
INTRODUCTION = """The base case `karabakh`, 121 months, every number at its value, seed 1. Before anything was
timed, each contestant left the same worlds behind as the ensemble path, bit for bit: the first month of every event
and the final issues; all but (c), which does not say them, also the terms of every move, the measures of events,
and how often each move was made and refused. Then {rounds} rounds, in each of which all took their turn; medians.
Ratios are medians of the ratios within a round, per CPU-second of all threads and processes. 100% of (e) is the
faster of the two C loops on as many cores, one or all, which stands for what the machine can do."""
