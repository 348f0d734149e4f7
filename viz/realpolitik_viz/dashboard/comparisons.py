"""What the page of comparisons is sent."""

from typing import Any

from realpolitik.comparing import compare
from realpolitik.costs import KEPT
from realpolitik.scenario import Scenario
from realpolitik_viz.dashboard.laboratory import check_cost
from realpolitik_viz.dashboard.summaries import actors, fans
from realpolitik_viz.dashboard.view import View
from realpolitik_viz.dashboard.workers import ROOM, Turn
from realpolitik_viz.dashboard.worlds import parting


def compared(scenarios: list[Scenario], view: View, turn: Turn) -> dict[str, Any]:
    """Return scenarios held against the first: differences with intervals, fans, and where they part."""
    needed = sum(check_cost(scenario.case(), view.worlds) for scenario in scenarios)
    with ROOM.held(needed, turn):
        comparison = compare(
            *scenarios,
            worlds=min(view.worlds, KEPT),
            seed=view.seed,
            fork=view.fork or None,
            uncertainty=view.uncertainty or None,  # type: ignore[arg-type]
            executor=turn.chunks,
            progress=turn.look,
        )
    result = comparison.to_dict()
    labels = {name: row["label"] for name, row in scenarios[0].document["moves"].items()}
    return {
        **result,
        "titles": [scenario.document["meta"]["title"] for scenario in scenarios],
        "fans": [fans(ensemble) for ensemble in comparison.ensembles.values()],
        "actors": actors(scenarios[0]),
        "world": view.world,
        "partings": [parting(scenarios[0], other.scenario, view, turn) for other in comparison.others()],
        "moves": labels,
        "cutoff": str(scenarios[0].document["meta"]["cutoff"] or "")[:7],
    }
