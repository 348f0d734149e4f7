"""The figure of an audit: how much each claim contributes to an outcome."""

from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from realpolitik.auditing import Audit
from realpolitik.texts import counted, minus
from realpolitik_viz.canvas import BODY, MARGIN, SMALL, Canvas, house, middles
from realpolitik_viz.captions import DOT, numbers_of
from realpolitik_viz.palette import LIGHT, Ink
from realpolitik_viz.scales import difference_axis
from realpolitik_viz.words import leading, lines

WIDTH = 10.0
TOP, ROW, BAR = 1.62, 0.36, 0.187
NUMBER, LABELS, WITHOUT = 0.42, 4.7, 0.9
"""Inches for the number of a claim, for its text, and for the column on the right."""
MOST = 18


def audit_figure(audit: Audit, ink: Ink = LIGHT) -> Figure:
    """Draw the claims that contribute most, the largest first; bars to the right make the outcome more likely.

    Parameters
    ----------
    audit
        What `realpolitik.audit` returned.
    ink
        Colours of paper, text and lines: LIGHT by default, or DARK.

    Returns
    -------
    matplotlib.figure.Figure
        A figure, sized in inches, that `save` writes.

    Examples
    --------
    >>> import realpolitik as rp
    >>> from matplotlib.figure import Figure
    >>> figure = audit_figure(rp.audit("karabakh", "withdrawal", permutations=2, worlds=1))
    >>> isinstance(figure, Figure)
    True
    """
    result = audit.to_dict()
    claims, others = result["claims"][:MOST], _others(result["claims"][MOST:])
    rows = [max(ROW, leading(BODY) * len(_text(claim)) + 0.08) for claim in claims]
    foot = leading(SMALL) * max(0, len(others) - 1)
    with house():
        canvas = Canvas(WIDTH, TOP + sum(rows) + 0.85 + foot, ink, _title(result), _caption(result))
        canvas.head(_below(result))
        left = MARGIN + NUMBER + LABELS + 0.15
        _heads(canvas, left)
        axes = canvas.place(left, TOP, WIDTH - left - WITHOUT - MARGIN, sum(rows))
        _scale(axes, claims, sum(rows), ink)
        for claim, middle, row in zip(claims, middles(rows), rows, strict=True):
            _bar(axes, middle, claim, ink)
            axes.axhline(middle + row / 2, color=ink.faint, linewidth=0.5, zorder=0)
            _words(canvas, TOP + middle, claim)
        for n, line in enumerate(others):
            canvas.write(MARGIN, TOP + sum(rows) + 0.37 + leading(SMALL) * n, line, SMALL, color=ink.muted)
        canvas.sign()
    return canvas


def _title(result: Mapping[str, Any]) -> str:
    return f"Contributions of claims to the outcome: {result['label']}"


def _below(result: Mapping[str, Any]) -> str:
    chance = f"{result['full']:.0%} likely by {result['by']} with all claims, {result['empty']:.0%} with none of them"
    return f"{chance}; the bars add up to the difference"


def _caption(result: Mapping[str, Any]) -> str:
    orders = f"{counted(result['permutations'], 'order')} of the claims"
    drawn = f"{orders}, {counted(result['worlds'], 'world')} per pair, seed {result['seed']}"
    source = f"{result['scenario']} {result['sha256'][:12]}, {numbers_of(result['uncertainty'])}"
    return DOT.join((drawn, source, f"realpolitik {result['version']}"))


def _heads(canvas: Canvas, left: float) -> None:
    muted = canvas.ink.muted
    canvas.write(MARGIN, TOP - 0.42, "With the claim that ...", 10, weight="bold")
    canvas.write(left, TOP - 0.42, "... the outcome is this much more or less likely", 10, weight="bold")
    canvas.write(WIDTH - MARGIN, TOP - 0.25, "without it", SMALL, ha="right", color=muted)
    canvas.write(left, TOP - 0.25, "share of the effect (Shapley), with 95% interval", SMALL, color=muted)


def _scale(axes: Axes, claims: list[dict[str, Any]], height: float, ink: Ink) -> None:
    axes.set_ylim(height, 0)
    difference_axis(axes, [claim[end] for claim in claims for end in ("low", "high")], ink, percent=True)


def _bar(axes: Axes, middle: float, claim: Mapping[str, Any], ink: Ink) -> None:
    """Draw a share as a bar with its interval; the bar is filled if the interval excludes 0."""
    clear = claim["low"] > 0 or claim["high"] < 0
    face = ink.series if clear else "none"
    axes.barh(middle, claim["share"], BAR, facecolor=face, edgecolor=ink.series, linewidth=0.8, alpha=0.6)
    axes.plot([claim["low"], claim["high"]], [middle, middle], color=ink.text, linewidth=1.0)


def _text(claim: Mapping[str, Any]) -> list[str]:
    return lines(claim["text"], LABELS, BODY)


def _words(canvas: Canvas, middle: float, claim: Mapping[str, Any]) -> None:
    canvas.write(MARGIN, middle + 0.04, claim["claim"], SMALL, color=canvas.ink.muted)
    canvas.block(MARGIN + NUMBER, middle, _text(claim))
    canvas.write(WIDTH - MARGIN, middle + 0.04, f"{claim['without']:.0%}", ha="right", weight="bold")


def _others(claims: list[dict[str, Any]]) -> list[str]:
    """Return the lines that name the claims that are not drawn."""
    if not claims:
        return []
    named = ", ".join(claim["claim"] for claim in claims)
    total = sum(claim["share"] for claim in claims)
    words = f"The other {len(claims)} claims together: {minus(f'{total:+.1%}')} ({named})"
    return lines(words, WIDTH - 2 * MARGIN, SMALL)
