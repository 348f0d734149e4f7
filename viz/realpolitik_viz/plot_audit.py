"""The figure of an audit: how much each claim contributes to an outcome."""

from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from realpolitik.auditing import Audit
from realpolitik_viz.canvas import BODY, MARGIN, SMALL, Canvas, house
from realpolitik_viz.captions import DOT, numbers_of
from realpolitik_viz.palette import LIGHT, Ink
from realpolitik_viz.words import fitted, wrapped

WIDTH = 10.0
TOP, ROW = 1.62, 0.36
NUMBER, LABELS, WITHOUT = 0.42, 4.7, 0.9
"""Inches for the number of a claim, for its text, and for the column on the right."""
MOST = 18


def audit_figure(audit: Audit, ink: Ink = LIGHT) -> Figure:
    """Draw the claims that contribute most, the largest first; bars to the right make the outcome more likely."""
    result = audit.to_dict()
    claims = result["claims"][:MOST]
    with house():
        canvas = Canvas(WIDTH, TOP + ROW * len(claims) + 0.85, ink, _title(result), _caption(result))
        canvas.head(_below(result))
        left = MARGIN + NUMBER + LABELS + 0.15
        _heads(canvas, left)
        axes = canvas.place(left, TOP, WIDTH - left - WITHOUT - MARGIN, ROW * len(claims))
        _scale(axes, claims, ink)
        for n, claim in enumerate(claims):
            _bar(axes, n, claim, ink)
            _words(canvas, TOP + ROW * (n + 0.5), claim)
        _foot(canvas, result["claims"][MOST:])
        canvas.sign()
    return canvas


def _title(result: Mapping[str, Any]) -> str:
    return f"Contributions of claims to the outcome: {result['label']}"


def _below(result: Mapping[str, Any]) -> str:
    chance = f"{result['full']:.0%} likely by {result['by']} with all claims, {result['empty']:.0%} with none of them"
    return f"{chance}; the bars add up to the difference"


def _caption(result: Mapping[str, Any]) -> str:
    orders = f"{result['permutations']:,} orders of the claims"
    drawn = f"{orders}, {result['worlds']} worlds per pair, seed {result['seed']}"
    source = f"{result['scenario']} {result['sha256'][:12]}, {numbers_of(result['uncertainty'])}"
    return DOT.join((drawn, source, f"realpolitik {result['version']}"))


def _heads(canvas: Canvas, left: float) -> None:
    muted = canvas.ink.muted
    canvas.write(MARGIN, TOP - 0.42, "With the claim that ...", 10, weight="bold")
    canvas.write(left, TOP - 0.42, "... the outcome is this much more or less likely", 10, weight="bold")
    canvas.write(WIDTH - MARGIN, TOP - 0.25, "without it", SMALL, ha="right", color=muted)
    canvas.write(left, TOP - 0.25, "share of the effect (Shapley), with 95% interval", SMALL, color=muted)


def _scale(axes: Axes, claims: list[dict[str, Any]], ink: Ink) -> None:
    reach = max(0.05, *(abs(claim[end]) for claim in claims for end in ("low", "high"))) * 1.05
    axes.set_xlim(-reach, reach)
    axes.set_ylim(len(claims), 0)
    half = float(f"{reach / 2:.1g}")
    ticks = (-half, 0.0, half)
    axes.set_xticks(ticks, [f"{tick:+.0%}".replace("-", "\N{MINUS SIGN}") if tick else "0" for tick in ticks])
    axes.axvline(0, color=ink.muted, linewidth=0.8)


def _bar(axes: Axes, n: int, claim: Mapping[str, Any], ink: Ink) -> None:
    """Draw a share as a bar with its interval; the bar is filled if the interval excludes 0."""
    clear = claim["low"] > 0 or claim["high"] < 0
    face = ink.series if clear else "none"
    axes.barh(n + 0.5, claim["share"], 0.52, facecolor=face, edgecolor=ink.series, linewidth=0.8, alpha=0.6)
    axes.plot([claim["low"], claim["high"]], [n + 0.5, n + 0.5], color=ink.text, linewidth=1.0)
    axes.axhline(n + 1, color=ink.faint, linewidth=0.5, zorder=0)


def _words(canvas: Canvas, middle: float, claim: Mapping[str, Any]) -> None:
    canvas.write(MARGIN, middle + 0.04, claim["claim"], SMALL, color=canvas.ink.muted)
    lines = wrapped(claim["text"], LABELS, BODY)
    for down, line in enumerate(lines):
        canvas.write(MARGIN + NUMBER, middle + 0.04 + 0.14 * (down - (len(lines) - 1) / 2), line)
    canvas.write(WIDTH - MARGIN, middle + 0.04, f"{claim['without']:.0%}", ha="right", weight="bold")


def _foot(canvas: Canvas, others: list[dict[str, Any]]) -> None:
    """Write the claims that are not drawn."""
    if not others:
        return
    total, room = sum(claim["share"] for claim in others), WIDTH - 2 * MARGIN
    named = ", ".join(claim["claim"] for claim in others)
    words = fitted(f"The other {len(others)} claims together: {total:+.1%} ({named})", room, SMALL)
    canvas.write(MARGIN, canvas.height - 0.48, words, SMALL, color=canvas.ink.muted)
