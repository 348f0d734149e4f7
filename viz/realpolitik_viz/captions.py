"""Captions: what is needed to make a figure again, at the foot of every figure."""

from collections.abc import Mapping, Sequence
from typing import Any

from realpolitik.accounts import theory_in_words
from realpolitik.choices import NUMBERS
from realpolitik.explaining import Story
from realpolitik.scenario.paths import is_aside
from realpolitik.texts import counted
from realpolitik.version import __version__

DOT = " \N{MIDDLE DOT} "
MOST_GIVEN = 12
MOST_SETTINGS = 3


def numbers_of(uncertainty: str) -> str:
    """Return in words where worlds take their numbers from.

    >>> numbers_of("posterior")
    'numbers drawn from the posterior'
    """
    return f"numbers {NUMBERS[uncertainty]}"


def caption_of_ensemble(result: Mapping[str, Any]) -> str:
    """Return the caption of an ensemble from its `to_dict`."""
    paths = f" (fans: first {result['paths_of']:,})" if result["paths_of"] < result["worlds"] else ""
    return DOT.join(
        (
            caption_of_scenario(result["scenario"], result["sha256"], result["overrides"]),
            f"{counted(result['worlds'], 'world')}{paths}, seed {result['seed']}, to {result['months'][-1]}",
            numbers_of(result["uncertainty"]),
            theory_in_words(result["theory"], result["foresight"]),
            f"realpolitik {result['version']}",
        )
    )


def caption_of_story(story: Story) -> str:
    """Return the caption of one world."""
    return DOT.join(
        (
            caption_of_scenario(story.scenario.name, story.scenario.sha256, story.scenario.overrides),
            f"world {story.world}, seed {story.seed}",
            _numbers_of_story(story),
            story.theory,
            f"realpolitik {__version__}",
        )
    )


def _numbers_of_story(story: Story) -> str:
    """Return where the world takes its numbers from; a row of a sweep sets some of them itself."""
    numbers = numbers_of(story.uncertainty)
    if not story.given:
        return numbers
    given = ", ".join(f"{path}={value:g}" for path, value in [*story.given.items()][:MOST_GIVEN])
    if len(story.given) > MOST_GIVEN:
        given += f" and {len(story.given) - MOST_GIVEN} more"
    return f"{numbers}, but for those of one row of a sweep: {given}"


def caption_of_scenario(name: str, sha256: str, settings: Sequence[str]) -> str:
    """Return the name of a scenario, what was set in it, and its hash: no labels, and weights are named elsewhere.

    >>> caption_of_scenario("karabakh", "0123456789abcdef", ["theory.phi=0.5", "moves.leave.label=Go"])
    'Scenario karabakh with theory.phi=0.5, sha256 0123456789ab'
    """
    elsewhere = ("theory.weights=", "theory.foresight=")
    shown = [one for one in settings if not one.startswith(elsewhere) and not is_aside(one.partition("=")[0])]
    more = [f"{len(shown) - MOST_SETTINGS} more settings"] if len(shown) > MOST_SETTINGS + 1 else []
    given = ", ".join([*shown[: MOST_SETTINGS if more else None], *more])
    return f"Scenario {name}{' with ' * bool(given)}{given}, sha256 {sha256[:12]}"
