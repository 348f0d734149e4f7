"""The figure of a score sheet: claims, history, directions and deployments on one page. Hollow marks are misses."""

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from realpolitik.validation import ScoreSheet
from realpolitik_viz.captions import DOT
from realpolitik_viz.months import month_axis, months_between, number
from realpolitik_viz.palette import LIGHT, Ink
from realpolitik_viz.sheet import BODY, MARGIN, SMALL, TINY, Sheet, house
from realpolitik_viz.words import fitted

WIDTH = 10.0
ROW = 0.2
HEAD = 0.75
"""Inches above the rows of a panel, for its heading and axis."""
LABELS = 3.6
TOP = 1.1
SQUARE, ACROSS = 0.44, 20
SHADES = {"carried and tested": 0.55, "carried": 0.25, "tested": 0.25, "not modelled": 0.0, "lost": 0.0}


def scoresheet_figure(sheet: ScoreSheet, ink: Ink = LIGHT) -> Figure:
    """Draw the rungs of the ladder one below the other, as many as the sheet has."""
    result = sheet.to_dict()
    panels = [(name, rows) for name, rows in _rows(result).items() if rows]
    claims = HEAD + 0.3 * -(-len(result["claims"]) // ACROSS) + 0.2
    height = TOP + claims + sum(HEAD + ROW * len(rows) + 0.25 for _, rows in panels) + 0.4
    with house():
        page = Sheet(WIDTH, height, ink, f"Score sheet: {result['scenario']}", _caption(result))
        held, of = sum(check.holds for check in sheet.checks), len(sheet.checks)
        page.head(f"{held} of {of} checks hold; hollow marks are misses")
        _claims(page, result["claims"])
        top = TOP + claims
        for name, rows in panels:
            DRAWN[name](page, top, rows, result)
            top += HEAD + ROW * len(rows) + 0.25
        page.sign()
    return page


def _rows(result: Mapping[str, Any]) -> dict[str, Sequence[Mapping[str, Any]]]:
    directions = [row for row in result.get("directions", {}).get("rows", ()) if row["difference"] is not None]
    return {
        "history": result.get("history", {}).get("rows", ()),
        "directions": [row for row in directions if row["low"] >= -1 and row["high"] <= 1],
        "deployments": result.get("deployments", {}).get("cases", ()),
    }


def _caption(result: Mapping[str, Any]) -> str:
    worlds = f"{result['worlds']:,} worlds, seed {result['seed']}, numbers from the {result['uncertainty']}"
    return DOT.join((f"sha256 {result['sha256'][:12]}", worlds, f"realpolitik {result['version']}"))


def _claims(page: Sheet, claims: Sequence[Mapping[str, Any]]) -> None:
    note = "Dark: carried by rows and tested; light: carried or tested; empty: not modelled"
    page.panel_head(MARGIN, TOP + 0.1, "1. Claims", note, WIDTH - 2 * MARGIN)
    for n, claim in enumerate(claims):
        row, column = divmod(n, ACROSS)
        left, top = MARGIN + SQUARE * column, TOP + 0.45 + 0.3 * row
        axes = page.place(left, top, SQUARE - 0.04, 0.26)
        axes.patch.set(facecolor=page.ink.series, alpha=SHADES[claim["status"]])
        page.write(left + SQUARE / 2 - 0.02, top + 0.17, claim["id"], TINY, ha="center")


def _panel(page: Sheet, top: float, rows: int, words: str, note: str) -> Axes:
    page.panel_head(MARGIN, top + 0.1, words, note, WIDTH - 2 * MARGIN)
    left = MARGIN + LABELS + 0.15
    axes = page.place(left, top + 0.42, WIDTH - left - MARGIN - 0.2, ROW * rows)
    axes.set_ylim(rows, 0)
    return axes


def _label(page: Sheet, top: float, n: int, words: str) -> None:
    base = top + 0.42 + ROW * (n + 0.5) + 0.04
    page.write(MARGIN + LABELS, base, fitted(words, LABELS, BODY), ha="right")


def _mark(axes: Axes, at: float, n: int, holds: bool, ink: Ink, shape: str = "o") -> None:
    face = ink.series if holds else ink.paper
    axes.plot(at, n + 0.5, shape, markersize=5, color=face, markeredgecolor=ink.series, zorder=4, clip_on=False)


def _history(page: Sheet, top: float, rows: Sequence[Mapping[str, Any]], result: Mapping[str, Any]) -> None:
    """Draw the months between which four worlds of five fall, and what happened."""
    months = months_between(*result["span"])
    note = "Line: 10% to 90% of worlds, open where p90 is never; circle: median; diamond: in fact (hollow: outside)"
    axes = _panel(page, top, len(rows), f"2. History to {result['history']['cutoff']}", note)
    first, last = number(months[0]), len(months) - 1
    month_axis(axes, months, page.ink)
    for n, row in enumerate(rows):
        _label(page, top, n, f"{row['outcome']} ({row['role']})")
        low, high = (last if row[key] is None else number(row[key]) - first for key in ("p10", "p90"))
        axes.plot([low, high], [n + 0.5, n + 0.5], color=page.ink.series, linewidth=2, alpha=0.6)
        if row["median"] is not None:
            axes.plot(number(row["median"]) - first, n + 0.5, "o", markersize=3, color=page.ink.series)
        fact = row["until"] if row["date"] == "never" else row["date"]
        _mark(axes, number(fact) - first if fact else last, n, row["inside"], page.ink, "D")


def _directions(page: Sheet, top: float, rows: Sequence[Mapping[str, Any]], _result: Mapping[str, Any]) -> None:
    note = "Paired difference against the base case with its 95% interval; on the right what was expected"
    axes = _panel(page, top, len(rows), "3. Counterfactual directions", note)
    axes.set_xlim(-1.02, 1.02)
    axes.set_xticks([-1, -0.5, 0, 0.5, 1], ["\N{MINUS SIGN}1", "\N{MINUS SIGN}0.5", "0", "+0.5", "+1"])
    axes.axvline(0, color=page.ink.muted, linewidth=0.8)
    for n, row in enumerate(rows):
        _label(page, top, n, f"{row['id'][:3]} {row['text']}")
        axes.plot([row["low"], row["high"]], [n + 0.5, n + 0.5], color=page.ink.series, linewidth=1.4)
        _mark(axes, row["difference"], n, row["holds"], page.ink)
        base = top + 0.42 + ROW * (n + 0.5) + 0.04
        page.write(WIDTH - MARGIN, base, row["sign"], SMALL, ha="right", color=page.ink.muted)


def _deployments(page: Sheet, top: float, rows: Sequence[Mapping[str, Any]], result: Mapping[str, Any]) -> None:
    score = result["deployments"]["scores"]["template"]
    note = f"Chance of leaving; filled: left, hollow: stayed. Brier {score['brier']:.3f}, AUC {score['auc']:.3f}"
    axes = _panel(page, top, len(rows), "4. Deployments", note)
    axes.set_xlim(-0.01, 1.01)
    axes.set_xticks([0, 0.5, 1], ["0", "0.5", "1"])
    for n, row in enumerate(rows):
        _label(page, top, n, row["case"])
        axes.axhline(n + 0.5, color=page.ink.faint, linewidth=0.5, zorder=0)
        _mark(axes, row["chance"], n, row["left"] == 1, page.ink)


DRAWN = {"history": _history, "directions": _directions, "deployments": _deployments}
