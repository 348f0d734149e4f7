"""All contestants must leave the same worlds behind, to the bit, before any of them is timed."""

from collections.abc import Sequence
from typing import Any

from benchmarks.contestants import Contestant, run_one_core
from benchmarks.results import columns, differences


class Disagreement(Exception):
    """Where contestants differ; nothing was timed."""


def check(scenario: Any, contestants: Sequence[Contestant]) -> list[tuple[str, int]]:
    """Compare each contestant with the ensemble path; return how many worlds of each were compared."""
    case = scenario.case()
    expected = run_one_core(case, max(contestant.checked for contestant in contestants))
    said: list[str] = []
    for contestant in contestants:
        got = contestant.play(contestant.checked).results
        said += differences(contestant.name, got, expected, columns(case))
    if said:
        raise Disagreement("\n".join(said))
    return [(contestant.name, contestant.checked) for contestant in contestants]
