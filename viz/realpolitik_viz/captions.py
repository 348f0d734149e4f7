"""Says of every figure what is needed to make it again."""

from collections.abc import Mapping
from typing import Any

from realpolitik.explaining import Story
from realpolitik.version import __version__

DOT = " \N{MIDDLE DOT} "


def caption_of_ensemble(result: Mapping[str, Any]) -> str:
    """Return the caption of an ensemble from its `to_dict`."""
    numbers = "drawn from their ranges" if result["uncertainty"] == "prior" else "at their middle values"
    paths = f" (fans: first {result['paths_of']:,})" if result["paths_of"] < result["worlds"] else ""
    return DOT.join(
        (
            _scenario(result["scenario"], result["sha256"]),
            f"{result['worlds']:,} worlds{paths}, seed {result['seed']}, to {result['months'][-1]}",
            f"numbers {numbers}",
            f"weights by {result['theory']}",
            f"realpolitik {result['version']}",
        )
    )


def caption_of_story(story: Story) -> str:
    """Return the caption of one world."""
    numbers = "drawn from their ranges" if story.numbers else "at their middle values"
    return DOT.join(
        (
            _scenario(story.scenario.name, story.scenario.sha256),
            f"world {story.world}, seed {story.seed}",
            f"numbers {numbers}",
            f"weights by {story.scenario.document['theory']['weights']}",
            f"realpolitik {__version__}",
        )
    )


def _scenario(name: str, sha256: str) -> str:
    return f"Scenario {name}, sha256 {sha256[:12]}"
