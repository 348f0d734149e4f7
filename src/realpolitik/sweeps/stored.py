"""A resolved scenario inside a manifest, and back again, without the files that it came from."""

from typing import Any

from realpolitik.scenario import Scenario
from realpolitik.scenario import ScenarioFork as Fork
from realpolitik.scenario.core import scenario as made
from realpolitik.scenario.draft import Draft, checked
from realpolitik.scenario.paths import with_ranges


def stored(scenario: Scenario) -> dict[str, Any]:
    """Give everything that decides a scenario's results, as JSON takes it."""
    return {
        "name": scenario.name,
        "sha256": scenario.sha256,
        "chain": list(scenario.chain),
        "document": scenario.document,
        "ranges": {path: list(span) for path, span in scenario.ranges.items()},
        "forks": [[fork.month, dict(fork.numbers)] for fork in scenario.forks],
    }


def restored(content: dict[str, Any]) -> Scenario:
    """Make the scenario again, checked as if it were read from a file; ValueError if it is not the one stored."""
    ranges = {path: (low, high) for path, (low, high) in content["ranges"].items()}
    full = with_ranges(content["document"], ranges)
    full["from"] = [{"month": month, "set": dict(numbers)} for month, numbers in content["forks"]]
    scenario = made(content["name"], checked(Draft(full, {}, chain=tuple(content["chain"]))))
    if scenario.sha256 != content["sha256"]:
        raise ValueError(f"the stored scenario {content['name']} is not the one that its sha256 names")
    return scenario


def as_forks(content: dict[str, Any]) -> list[Fork]:
    """List the stored forks."""
    return [Fork(month, dict(numbers)) for month, numbers in content["forks"]]
