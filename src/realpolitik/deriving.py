"""Dependence rows from tables of flows: stakes from shares, alternatives from what other sources could add.

A table is a CSV file with one row per dependent, provider, channel and period. What a country would lose is the share
of the provider in its total; what it could replace is what its other sources could add (Hirschman 1945).
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from math import sqrt
from os import PathLike, fspath
from pathlib import Path
from typing import Any, NamedTuple

from realpolitik.choices import brief
from realpolitik.flows import DIGITS, Flow, FlowTable, plain, table_of
from realpolitik.scenario.documents import MOST_ROWS
from realpolitik.scenario.errors import nearest, shown
from realpolitik.scenario.fields import ID, PATTERNS, Range
from realpolitik.scenario.sources import read
from realpolitik.texts import counted, inert
from realpolitik.version import __version__

MOST_STAKE = 10.0
MOST_SOURCES = 3
"""Sources that a reason names."""


class Supply(NamedTuple):
    """All flows of a channel to a dependent in one period."""

    flows: dict[str, Flow]
    """By provider."""
    total: Decimal
    spare: Decimal
    """What all sources with a capacity could add."""
    unknown: Decimal
    """The flow of all sources without a capacity."""

    sources: list[str]
    concentration: float
    """The root of the sum of squared shares (Hirschman 1945): 1 for a single provider, 0 without any flow."""


@dataclass(frozen=True)
class Step:
    """The numbers of one pair in one period, from which its row is computed."""

    period: str
    flow: Decimal
    total: Decimal
    spare: Decimal
    """What the other sources could add where their capacity is known."""
    unknown: Decimal
    """The flow of the other sources whose capacity is not known."""

    def to_dict(self) -> dict[str, float]:
        """Return the numbers as JSON has them."""
        return {key: float(getattr(self, key)) for key in ("flow", "total", "spare", "unknown")}

    @property
    def share(self) -> float:
        """The share of the flow in the total."""
        return float(self.flow / self.total)

    def replaced(self, slack: float) -> float:
        """Return the share of the flow that others could replace, if unknown sources can add `slack` of theirs."""
        return min(1.0, float((self.spare + Decimal(repr(slack)) * self.unknown) / self.flow))


@dataclass(frozen=True)
class Derived:
    """One dependence row, and the numbers that it was computed from."""

    id: str
    dependent: str
    provider: str
    channel: str
    unit: str
    weight: float
    stake: Range
    alternatives: Range
    sources: list[str]
    """Of the period that the row states."""
    step: Step
    steps: list[Step]
    """Of all periods in which the provider delivered anything."""
    concentration: float
    """The index of concentration of the dependent's sources: the root of the sum of squared shares."""

    @property
    def reason(self) -> str:
        """The sentence of the row that states where it comes from."""
        more = len(self.sources) - MOST_SOURCES
        named = "; ".join(self.sources[:MOST_SOURCES]) + f"; {more} more" * (more > 0)
        share = f"{plain(self.step.flow)} of {plain(self.step.total)} {self.unit}"
        return f"Share of {self.provider} in {self.channel} of {self.dependent}, {self.step.period}: {share} ({named})"


@dataclass(frozen=True)
class Derivation:
    """The dependence rows of a table."""

    table: str
    sha256: str
    """Of the text of the table."""
    slack: float
    claims: tuple[str, ...]
    rows: list[Derived]
    left_out: list[str]
    """Pairs without a row, in sentences."""

    def __repr__(self) -> str:
        return f"<Derivation from {self.table}: {counted(len(self.rows), 'row')}, {len(self.left_out)} left out>"

    def toml(self) -> str:
        """Return the rows for a scenario file, with comments that show the arithmetic."""
        head = [
            f"# Dependence rows from {inert(self.table)}, sha256 {self.sha256[:12]}",
            "# stake = weight * flow / total; alternatives = what the other sources could add / flow, 1 at most",
            f"# A source without capacity can add {plain(self.slack)} of its flow (0 to {plain(2 * self.slack)})",
            "# Ranges: from the lowest to the highest value of all periods",
            *(f"# {sentence}" for sentence in self.left_out),
        ]
        return "\n".join([*head, *(self._row(row) for row in self.rows)]) + "\n"

    def _row(self, row: Derived) -> str:
        ground = f"claims = {json.dumps(list(self.claims))}" if self.claims else "assumption = true"
        lines = [
            "",
            f"# Concentration of the sources of {row.dependent} in {row.step.period}: {row.concentration:.2f}",
            *(f"# {sentence}" for sentence in self._arithmetic(row)),
            f"[dependence.{row.id}]",
            f"dependent = {toml_text(row.dependent)}",
            f"provider = {toml_text(row.provider)}",
            f"channel = {toml_text(row.channel)}",
            f"stake = {toml_number(row.stake)}",
            f"alternatives = {toml_number(row.alternatives)}",
            f"reason = {toml_text(row.reason)}",
            ground,
        ]
        return "\n".join(lines)

    def _arithmetic(self, row: Derived) -> Iterator[str]:
        """Yield one line per period: the share, and what could replace it."""
        for step in row.steps:
            share = f"{plain(step.flow)} / {plain(step.total)}"
            weight = f"{plain(row.weight)} * " if row.weight != 1 else ""
            added = plain(step.spare)
            if step.unknown:
                added = f"({added} + {plain(self.slack)} * {plain(step.unknown)})"
            replaced = [plain(step.replaced(slack)) for slack in (self.slack, 0.0, 2 * self.slack)]
            ends = f" ({replaced[1]} to {replaced[2]})" if step.unknown else ""
            stake = f"stake {weight}{share} = {plain(row.weight * step.share)}"
            at_most = ", at most 1" if replaced[0] == "1" else ""
            yield f"{step.period}: {stake}; alternatives {added} / {plain(step.flow)} = {replaced[0]}{at_most}{ends}"

    def to_dict(self) -> dict[str, Any]:
        """Return everything that `derive --json` prints."""
        return {
            "table": self.table,
            "sha256": self.sha256,
            "version": __version__,
            "slack": self.slack,
            "claims": list(self.claims),
            "rows": {
                row.id: {
                    **{key: getattr(row, key) for key in ("dependent", "provider", "channel", "unit", "weight")},
                    "stake": row.stake._asdict(),
                    "alternatives": row.alternatives._asdict(),
                    "reason": row.reason,
                    "sources": row.sources,
                    "concentration": row.concentration,
                    "period": row.step.period,
                    "periods": {step.period: step.to_dict() for step in row.steps},
                }
                for row in self.rows
            },
            "left_out": self.left_out,
        }


def derive(
    table: str | PathLike[str],
    *,
    period: str | None = None,
    weights: Mapping[str, float] | None = None,
    slack: float = 0.2,
    dependents: Iterable[str] = (),
    providers: Iterable[str] = (),
    claims: Iterable[str] = (),
) -> Derivation:
    r"""Return dependence rows from a table of flows.

    Parameters
    ----------
    table
        A CSV file with the columns dependent, provider, channel, period, value, unit, source, and optionally capacity.
    period
        The year or month whose numbers the rows state; by default the last one of each dependent and channel.
    weights
        Channel -> the stake of a provider with a share of 1, 0 to 10; 1 by default.
    slack
        Share of its flow, 0 to 10, that a source without capacity is assumed to be able to add.
    dependents, providers
        Actors for which rows are written; by default all. Other providers still count as sources.
    claims
        Claims that the rows cite; by default they are assumptions.

    Returns
    -------
    Derivation
        Its `rows` have stake, alternatives and their ranges; `toml()` is the text to paste into a scenario.

    Raises
    ------
    ScenarioError
        If the table is invalid, with file, line and column (the number of the cell).
    ValueError
        If a parameter is invalid.

    Examples
    --------
    >>> import realpolitik as rp
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> flows = "A,B,gas,2022,40,bcm,Board,", "A,C,gas,2022,10,bcm,Board,20"
    >>> with TemporaryDirectory() as folder:
    ...     table = Path(folder, "gas.csv")
    ...     head = "dependent,provider,channel,period,value,unit,source,capacity"
    ...     _ = table.write_text("\n".join([head, *flows]) + "\n")
    ...     found = rp.derive(table)
    >>> [line for line in found.toml().splitlines() if line.startswith("stake")]
    ['stake = 0.8', 'stake = 0.2']
    """
    if not isinstance(table, str | PathLike):
        raise ValueError(f"table must be the path of a CSV file, not {brief(table)}")
    name = fspath(table)
    text = read(Path(table), name)
    checked = table_of(text.removeprefix("\ufeff"), name)
    weights, claims = dict(weights or {}), tuple(claims)
    _check_parameters(checked, period, weights, slack, claims)
    wanted = {
        "dependent": _chosen(checked, "dependent", dependents),
        "provider": _chosen(checked, "provider", providers),
    }
    every = supplies(checked.flows)
    pairs = [
        (dependent, provider, channel)
        for (dependent, channel), supply in every.items()
        for provider in dict.fromkeys(name for one in supply.values() for name in one.flows)
        if provider != dependent and dependent in wanted["dependent"] and provider in wanted["provider"]
    ]
    if len(pairs) > MOST_ROWS:
        raise ValueError(f"{name} gives {len(pairs):,} rows, at most {MOST_ROWS:,} are allowed: choose providers")
    found = [
        _derived(every[dependent, channel], dependent, provider, channel, period, weights.get(channel, 1.0), slack)
        for dependent, provider, channel in pairs
    ]
    rows = [row for row in found if isinstance(row, Derived)]
    left_out = [row for row in found if isinstance(row, str)]
    _check_rows(checked, rows, left_out)
    return Derivation(name, hashlib.sha256(text.encode()).hexdigest(), slack, claims, _named(rows), left_out)


def _derived(
    every: Mapping[str, Supply],
    dependent: str,
    provider: str,
    channel: str,
    period: str | None,
    weight: float,
    slack: float,
) -> Derived | str:
    """Return the row of a dependent and a provider; a sentence if nothing was delivered in the period."""
    at = period or max((one for one, supply in every.items() if supply.total > 0), default="any period")
    steps = [_step(one, every[one], provider) for one in sorted(every) if provider in every[one].flows]
    steps = [step for step in steps if step.flow > 0]
    step = next((step for step in steps if step.period == at), None)
    if step is None:
        return f"No row for {dependent} and {provider}: no {channel} in {at}."
    return Derived(
        id="",
        dependent=dependent,
        provider=provider,
        channel=channel,
        unit=every[at].flows[provider].unit,
        weight=weight,
        stake=span(weight * step.share, (weight * one.share for one in steps)),
        alternatives=span(step.replaced(slack), (one.replaced(s) for one in steps for s in (0.0, 2 * slack))),
        sources=every[at].sources,
        step=step,
        steps=steps,
        concentration=every[at].concentration,
    )


def _step(period: str, supply: Supply, provider: str) -> Step:
    own = supply.flows[provider]
    none = Decimal(0)
    return Step(
        period=period,
        flow=own.value,
        total=supply.total,
        spare=supply.spare - (none if own.capacity is None else own.capacity - own.value),
        unknown=supply.unknown - (own.value if own.capacity is None else none),
    )


def supplies(flows: Iterable[Flow]) -> dict[tuple[str, str], dict[str, Supply]]:
    """Return the flows by dependent and channel, in the order of the table, and then by period."""
    groups: dict[tuple[str, str], dict[str, dict[str, Flow]]] = {}
    for flow in flows:
        periods = groups.setdefault((flow.dependent, flow.channel), {})
        periods.setdefault(flow.period, {})[flow.provider] = flow
    return {key: {period: _supply(each) for period, each in periods.items()} for key, periods in groups.items()}


def _supply(flows: dict[str, Flow]) -> Supply:
    none, each = Decimal(0), flows.values()
    total = sum((flow.value for flow in each), none)
    return Supply(
        flows=flows,
        total=total,
        spare=sum((flow.capacity - flow.value for flow in each if flow.capacity is not None), none),
        unknown=sum((flow.value for flow in each if flow.capacity is None), none),
        sources=list(dict.fromkeys(flow.source for flow in each)),
        concentration=sqrt(sum(float(flow.value / total) ** 2 for flow in each)) if total else 0.0,
    )


def span(value: float, others: Iterable[float]) -> Range:
    """Return a number, rounded, with the range of the values of all periods."""
    every = [round(value, DIGITS), *(round(one, DIGITS) for one in others)]
    return Range(every[0], min(every), max(every))


def _named(rows: list[Derived]) -> list[Derived]:
    """Return rows with unique ids: channel, dependent and provider, and a number if that is taken."""
    taken: set[str] = set()
    named = []
    for row in rows:
        words = f"{row.channel}_{row.dependent}_{row.provider}"
        letters = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
        base = re.sub(r"[^a-z0-9]+", "_", letters).strip("_")
        base = (base if base[:1].isalpha() else f"from_{base}")[:60].rstrip("_")
        tries = (base if n == 1 else f"{base[: 63 - len(str(n))]}_{n}" for n in range(1, len(rows) + 2))
        found = next(one for one in tries if one not in taken)
        taken.add(found)
        named.append(replace(row, id=found))
    return named


def toml_number(span: Range) -> str:
    """Return a number as TOML: with its range, if it has one."""
    if span.low == span.high:
        return repr(span.value)
    return f"{{ value = {span.value!r}, low = {span.low!r}, high = {span.high!r} }}"


def toml_text(text: str) -> str:
    """Return a text of one line as a TOML string."""
    return json.dumps(text, ensure_ascii=False)


def _check_rows(table: FlowTable, rows: list[Derived], left_out: list[str]) -> None:
    """Raise an error if there are no rows, or if an actor has a name that is not an id."""
    if not rows:
        raise ValueError(f"{table.file} gives no dependence row" + "".join(f". {left}" for left in left_out[:1]))
    for row in rows:
        for column, actor in (("dependent", row.dependent), ("provider", row.provider)):
            if not re.match(ID, actor):
                line = next(flow.line for flow in table.flows if getattr(flow, column) == actor)
                problem = f"{PATTERNS[ID].format(given=shown(actor))}; rename it, or choose {column}s without it"
                raise table.refuse(line, column, problem)


def _check_parameters(
    table: FlowTable, period: str | None, weights: Mapping[str, float], slack: float, claims: tuple[str, ...]
) -> None:
    """Raise ValueError for a parameter that is out of range or that the table does not have."""
    for channel, weight in weights.items():
        _known(table, "channel", channel)
        if not 0 <= weight <= MOST_STAKE:
            raise ValueError(f"the weight of {channel} must be 0 to {MOST_STAKE:g}, not {weight:g}")
    if not 0 <= slack <= MOST_STAKE:
        raise ValueError(f"slack must be 0 to {MOST_STAKE:g}, not {slack:g}")
    if period is not None:
        _known(table, "period", period)
    for claim in claims:
        if not re.match(ID, claim):
            raise ValueError(PATTERNS[ID].format(given=shown(claim)))


def _chosen(table: FlowTable, column: str, names: Iterable[str]) -> set[str]:
    """Return the chosen names of a column, or all of them; ValueError for one that the table does not have."""
    given = set(names)
    for name in sorted(given):
        _known(table, column, name)
    return given or table.names(column)


def _known(table: FlowTable, column: str, name: str) -> None:
    there = table.names(column)
    if name not in there:
        near = nearest(name, sorted(there))
        raise ValueError(f"{table.file} has no {column} '{name}'" + (f"; did you mean '{near}'?" if near else ""))
