"""A scenario file with fitted numbers: the text of the file, in which only numbers and their ranges have changed."""

import json
import re
from collections.abc import Callable, Mapping
from math import ceil, floor, log10
from pathlib import Path

import numpy as np

from realpolitik.calibration.result import Calibration
from realpolitik.scenario import Scenario, ScenarioError
from realpolitik.scenario.core import opened
from realpolitik.scenario.errors import Loc
from realpolitik.scenario.fields import Range
from realpolitik.scenario.sources import Source, asked_as, find
from realpolitik.scenario.toml import value_spans
from realpolitik.texts import inert

DIGITS = 4
"""Significant digits of fitted numbers."""
SEALED = re.compile(r"# Written by realpolitik [a-z]+, sha256 [0-9a-f]{64}\n\Z")
"""The seal at the end of a file that a command wrote."""
SET = re.compile(r"\[[ \t]*set[ \t]*\][^\n]*(\n|\Z)")


def fitted(found: Calibration) -> dict[str, Range]:
    """Return dotted path -> the median of the sample and its 80% interval, for each number that the data inform."""
    informed = {n.path: n.prior for n in found.narrowings if n.informed}
    spans = {}
    for path, sample in zip(found.paths, found.values.T, strict=True):
        if path in informed:
            low, middle, high = (float(q) for q in np.quantile(sample, [0.1, 0.5, 0.9]))
            least, most = informed[path]
            low, high = max(least, rounded(low, floor)), min(most, rounded(high, ceil))
            spans[path] = Range(min(max(rounded(middle, round), low), high), low, high)
    return spans


def rounded(value: float, way: Callable[[float], int]) -> float:
    """Return a number with four significant digits, rounded down, up or to the nearest: `floor`, `ceil` or `round`.

    >>> rounded(0.123456, floor), rounded(0.123456, ceil), rounded(-12.3456, floor)
    (0.1234, 0.1235, -12.35)
    """
    if value == 0.0:
        return 0.0
    places = DIGITS - 1 - floor(log10(abs(value)))
    return round(way(value * 10.0**places) / 10.0**places, max(places, 0))


def check_target(scenario: Scenario, target: Path) -> None:
    """Raise ValueError if a scenario's own file, written to `target`, would not be the same scenario."""
    _check(scenario, {}, _read(scenario).replace("\r\n", "\n"), target)


def _read(scenario: Scenario) -> str:
    return find(asked_as(scenario.chain[0]), Path()).read()


def rewritten(found: Calibration, target: Path) -> str:
    """Return the text of a calibrated scenario's own file with its fitted numbers, as it is to be written to `target`.

    A number that a base of the scenario has is added to [set]. Comments, order and everything else are unchanged.

    Raises
    ------
    ValueError
        If the new text, in the folder of `target`, would not be the same scenario with the fitted numbers.
    """
    scenario, spans = found.scenario, fitted(found)
    raw = _read(scenario)
    text = edited(SEALED.sub("", raw.replace("\r\n", "\n")), spans, diff=len(scenario.chain) > 1)
    made = (
        f"{len(spans)} of {len(found.paths)} numbers were fitted to history: median and 80% interval of the sample of"
    )
    text = f"# {made}\n# {inert(found.command(target.name, '--write'))}\n{text}"
    _check(scenario, spans, text, target)
    return text.replace("\n", "\r\n") if "\r\n" in raw else text


def edited(text: str, spans: Mapping[str, Range], *, diff: bool) -> str:
    r"""Return a TOML text with new values, lows and highs at dotted paths; a diff may get them in [set].

    >>> edited("[theory]\nphi = {value=1, low=0, high=2} # a guess", {"theory.phi": Range(0.9, 0.5, 1.5)}, diff=False)
    '[theory]\nphi = {value=0.9, low=0.5, high=1.5} # a guess'
    """
    places = value_spans(text)
    changes: list[tuple[int, int, str]] = []
    added: list[str] = []
    for path, span in spans.items():
        tokens = _tokens(places, path)
        if tokens is None and not diff:
            raise ValueError(f"{path}: its range is not written in the file as {{ value, low, high }}")
        if tokens is None:
            added.append(f"{json.dumps(path)} = {_inline(span)}\n")
        else:
            changes += [(*at, repr(number)) for at, number in zip(tokens, span, strict=True)]
    for start, end, number in sorted(changes, reverse=True):
        text = text[:start] + number + text[end:]
    return _added_to_set(text, "".join(added)) if added else text


def _inline(span: Range) -> str:
    return f"{{ value = {span.value!r}, low = {span.low!r}, high = {span.high!r} }}"


def _tokens(places: Mapping[Loc, tuple[int, int]], path: str) -> list[tuple[int, int]] | None:
    """Return where value, low and high of a number are in a text, None if it does not have them."""
    parts = path.split(".")
    keys: Loc = tuple(int(key) - 1 if key.isdecimal() else key for key in parts)
    set_by = [("set", ".".join(parts[:n]), *keys[n:]) for n in range(len(parts), 0, -1)]
    for loc in (*set_by, keys):
        found = [places[*loc, key] for key in Range._fields if (*loc, key) in places]
        if len(found) == len(Range._fields):
            return found
    return None


def _added_to_set(text: str, lines: str) -> str:
    """Return a diff with lines added at the top of its [set], which is made if there is none."""
    header = next((match for match in SET.finditer(text) if match.start() in _headers(text)), None)
    if header is None:
        return f"{text.rstrip()}\n\n[set]\n{lines}"
    return text[: header.end()] + "\n" * (not header[1]) + lines + text[header.end() :]


def _headers(text: str) -> set[int]:
    """Return the offset of every line of a TOML text that is not inside a value."""
    inside = [span for span in value_spans(text).values() if "\n" in text[slice(*span)]]
    starts = [0, *(match.end() for match in re.finditer("\n", text))]
    return {start for start in starts if not any(low < start < high for low, high in inside)}


def _check(scenario: Scenario, spans: Mapping[str, Range], text: str, target: Path) -> None:
    """Raise ValueError unless a text, written to `target`, is the scenario with the fitted numbers only changed."""
    refusal = f"cannot write the fitted scenario to '{target}'"
    try:
        made = opened(Source(str(target), None, text, target.parent), None)
    except ScenarioError as error:
        raise ValueError(f"{refusal}: {error}; if it names files, write it to the folder of {scenario.name}") from None
    gone = next((file for file in made.named_files if not file.exists()), None)
    if gone:
        raise ValueError(f"{refusal}: it names '{gone}', which is not there; write it to the folder of {scenario.name}")
    numbers = scenario.numbers | {path: span.value for path, span in spans.items()}
    ranges = scenario.ranges | {path: (span.low, span.high) for path, span in spans.items()}
    if made.numbers != numbers or made.ranges != ranges:
        raise ValueError(f"{refusal}: {scenario.chain[0]} is not the file that was calibrated, or has changed since")
