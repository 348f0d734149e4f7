"""The page of a report: one HTML file with its figures inside, which loads nothing and prints on A4."""

import re
import shlex
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from importlib.resources import files
from typing import Any

from matplotlib.figure import Figure

from realpolitik.diffing import ScenarioDiff
from realpolitik.explaining import Decision
from realpolitik.pairing import FEWEST, unequal_ends
from realpolitik.reporting import NUMBERS, Report, answer, summary
from realpolitik.swings import Tornado
from realpolitik.texts import inert, minus, told_apart
from realpolitik.validation.history import open_in_words
from realpolitik.version import __version__
from realpolitik_viz.plot_account import account_figure
from realpolitik_viz.plot_comparison import comparison_figure
from realpolitik_viz.plot_ensemble import ensemble_figure
from realpolitik_viz.plot_tornado import tornado_figure
from realpolitik_viz.saving import rendered

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
"""Forbids browsers to load anything, whatever a label of a scenario contains."""
NAMES = {"posterior": "fitted", "prior": "ranges", "none": "values"}
"""Column titles by where the numbers come from."""
MOST_CHANGES = 12
"""Rows and values of a what-if that are listed."""
UNBROKEN = 40
"""Letters of a word of a command that fit on a line of a telephone."""
BREAK = re.compile(r"(?<=[._/>])(?=[^\W\d_])")
"""Where a long name may be broken: after a sign that a letter follows."""
LONG = re.compile(r"\S{18}")
"""A piece so long that it may be broken anywhere."""


def report_page(report: Report) -> str:
    """Return the HTML of a report.

    Parameters
    ----------
    report
        What `realpolitik.report` returned.

    Returns
    -------
    str
        One HTML document with its figures inside, which loads nothing.

    Examples
    --------
    >>> import realpolitik as rp
    >>> found = rp.report("karabakh", outcome="withdrawal", what_ifs=("no-invasion",), worlds=8)
    >>> report_page(found).startswith("<!doctype html>")
    True
    """
    meta = report.scenario.document["meta"]
    style = files("realpolitik_viz").joinpath("report.css").read_text(encoding="utf-8")
    parts = [
        f"<h1>{text(meta['title'])}</h1>\n<p class=question>{text(meta['question'])}</p>",
        f"<p class=answer>{text(answer(report))}</p>",
        *_outcomes(report),
        *_numbers(report),
        *_decisions(report),
        *_what_ifs(report),
        *_history(report),
        *_limits(report),
        *_again(report),
    ]
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{text(meta['title'])}</title>\n<style>\n{style}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(parts)
        + "\n</main>\n</body>\n</html>\n"
    )


def text(words: object) -> str:
    """Return words for HTML: nothing in them is markup, and control characters are escaped."""
    return escape(inert(str(words)))


def cell(words: object, tag: str = "td", *, numeric: bool = False) -> str:
    """Return a cell of a table: long names may be broken, numbers and words may not.

    >>> cell("moves.court.cost"), cell("99.9% of worlds")
    ('<td>moves.<wbr>court.<wbr>cost</td>', '<td>99.9% of worlds</td>')
    """
    pieces = BREAK.split(inert(str(words)))
    kind = " class=n" if numeric else " class=long" if any(map(LONG.search, pieces)) else ""
    return f"<{tag}{kind}>{'<wbr>'.join(map(escape, pieces))}</{tag}>"


def signed(number: float, digits: int = 1) -> str:
    r"""Return a number with its sign, and none if it rounds to 0.

    >>> signed(-0.04), signed(0.06), signed(-0.06) == "\N{MINUS SIGN}0.1"
    ('0.0', '+0.1', True)
    """
    rounded = round(number, digits)
    return minus(f"{rounded:+.{digits}f}") if rounded else f"{0:.{digits}f}"


def picture(figure: Figure, words: str) -> str:
    """Return a figure as an image inside the page, with a text for readers who do not see it."""
    data = b64encode(rendered(figure, "svg")).decode()
    return f'<figure><img alt="{text(words)}" src="data:image/svg+xml;base64,{data}"></figure>'


def table(titles: Sequence[str], rows: Iterable[Sequence[object]], numeric: Iterable[int] = ()) -> str:
    """Return a table; `numeric` columns are aligned at the right."""
    right = {*numeric}

    def cells(tag: str, row: Sequence[object]) -> str:
        return "".join(cell(words, tag, numeric=n in right) for n, words in enumerate(row))

    body = "\n".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
    head = f"<thead><tr>{cells('th', titles)}</tr></thead>"
    return f"<div class=wide><table>{head}\n<tbody>\n{body}\n</tbody></table></div>"


def note(words: str) -> str:
    """Return a note in smaller type."""
    return f"<p class=note>{text(words)}</p>"


def _outcomes(report: Report) -> Iterator[str]:
    """Yield the outcomes: probabilities by where the numbers come from, months, and the figure."""
    yield "<h2>Outcomes</h2>"
    kinds = list(report.ensembles)
    tables = {kind: ensemble.to_dict()["outcomes"] for kind, ensemble in report.ensembles.items()}
    rows = []
    for name, row in tables[kinds[0]].items():
        chances = [_percent(tables[kind][name]["probability"]) for kind in kinds]
        spread = [_cell(row[key]) for key in ("p10", "median", "p90")]
        rows.append([row["label"], *chances, *spread, row["history"] or ""])
    titles = ["outcome", *(NAMES[kind] for kind in kinds), "p10", "median", "p90", "history"]
    yield table(titles, rows, range(1, len(titles)))
    said = "; ".join(f"{NAMES[kind]}: {NUMBERS[kind]}" for kind in kinds)
    yield note(
        f"Share of {report.worlds:,} worlds up to {report.main.months[-1]}, by where the numbers come from ({said}). "
        f"p10, median and p90 are months, or a measure, over the worlds with the outcome, of the column "
        f"'{NAMES[kinds[0]]}'. History is what happened."
    )
    yield picture(ensemble_figure(report.main), "Months of the main outcomes, issues and leverage over time")


def _numbers(report: Report) -> Iterator[str]:
    """Yield what matters most: the widest ranges."""
    yield "<h2>What matters most</h2>"
    found = report.tornado
    if found is None:
        yield "<p>No number of this scenario has a range, so nothing can be said about what matters most.</p>"
        return
    yield f"<p>{text(_widest(found))}</p>"
    if found.swings:
        yield picture(tornado_figure(found), f"The outcome at both ends of every range: {found.label}")


def _widest(found: Tornado) -> str:
    """Return in words which ranges move the outcome most."""
    clear = [swing for swing in found.swings if swing.clear and swing.width is not None]
    ranges = len(found.swings) + len(found.unmoved)
    if not clear:
        return f"None of {ranges:,} ranges moves '{found.label}' by more than sampling noise."
    named = "; ".join(
        f"{swing.path} from {_value(swing.low)} to {_value(swing.high)}: "
        f"{_percent(swing.at_low)} \N{RIGHTWARDS ARROW} {_percent(swing.at_high)}"
        for swing in clear[:3]
    )
    return (
        f"{len(clear):,} of {ranges:,} ranges move '{found.label}' up to {found.by} by more than sampling noise, each "
        f"with all other numbers at their values. The widest: {named}."
    )


def _decisions(report: Report) -> Iterator[str]:
    """Yield the decisions of a typical world with their accounts."""
    yield "<h2>Decisions that mattered</h2>"
    when = next((date for date, name in report.story.events if name == report.outcome), None)
    typical = f"it happens in {when}, the median month" if when else "the outcome happens in none of the worlds"
    yield (
        f"<p>World {report.story.world} of seed {report.seed} is typical: {text(typical)}. These are its first "
        "decisions in the chain of moves that change what the outcome is about, or whether such moves are made.</p>"
    )
    moves = report.main.to_dict()["moves"]
    for decision in report.decisions:
        account = decision.account
        share = _percent(moves[account.move]["ever"])
        yield f"<section><h3>{text(decision.date)}, {text(account.actor)}: {text(decision.text)}</h3>"
        yield f"<p>{text(_in_words(decision))} The move is made in {share} of all worlds.</p>"
        yield picture(account_figure(decision, report.story), f"Account of the decision {account.move}")
        yield "</section>"
    if not report.decisions:
        yield "<p>No actor decides anything in this world.</p>"


def _in_words(decision: Decision) -> str:
    account = decision.account
    price = f" at a price of {account.tau:.2f}" if account.tau else ""
    words = {"done": "Made", "agreed": "Agreed", "refused": "Refused"}[account.result]
    if decision.flip is None:
        return f"{words}{price}."
    value, was = told_apart(decision.flip["value"], decision.flip["was"])
    return f"{words}{price}. It would have been otherwise with {decision.flip['path']} = {value} (it was {was})."


def _what_ifs(report: Report) -> Iterator[str]:
    """Yield the what-ifs side by side: the change of the outcome, the first decision that differs, what they change."""
    yield "<h2>What if</h2>"
    if report.comparison is None:
        none = "No scenario that extends this one can be compared with it: see the limits" if report.left_out else ""
        yield f"<p>{none or 'No scenario extends this one, so there is nothing to compare it with'}.</p>"
        return
    base = report.chance(next(iter(report.ensembles))).value
    rows = [(report.scenario.document["meta"]["title"], _percent(base), "", "", "")]
    for row in summary(report):
        change = f"{signed(100 * row['difference'])} ({signed(100 * row['low'])} to {signed(100 * row['high'])})"
        months = row["months"]
        moved = "too few" if months["difference"] is None else signed(months["difference"])
        moved = f"{moved} ({months['worlds']:,})"
        rows.append((row["title"], _percent(row["probability"]), change, moved, _parting(row["divergence"])))
    yield f"<p>{text(report.label)}, up to {text(report.main.months[-1])}:</p>"
    titles = ("scenario", "probability", "change, points (95%)", "months (worlds)", "most common first difference")
    yield table(titles, rows, (1, 2, 3))
    yield note(
        "The same worlds in all scenarios. Months are the mean change in the worlds in which it happens in both, with "
        f"their number; fewer than {FEWEST} are too few."
    )
    for said in unequal_ends({name: one.months[-1] for name, one in report.comparison.ensembles.items()}):
        yield note(f"{said}.")
    yield picture(comparison_figure(report.comparison, outcomes=[report.outcome]), "The outcome in every scenario")
    yield "<h3>What each of them changes</h3>"
    changes = [row for name, found in report.differences.items() for row in _changes(name, found)]
    yield table(("scenario", "value or row", "before", "after", "reason"), changes)


def _parting(divergence: dict[str, Any]) -> str:
    modal = divergence["modal"]
    if modal is None:
        return "none"
    one, two = (modal[side] or "hold" for side in ("first", "other"))
    return f"{modal['actor']}: {two} instead of {one} ({divergence['share']:.0%} of worlds differ)"


def _changes(name: str, found: ScenarioDiff) -> Iterator[tuple[str, ...]]:
    """Yield the rows and values that a what-if changes; of many, the first ones and their number."""
    rows = [(row.path, "", "added", row.reason or "") for row in found.added]
    rows += [(row.path, "removed", "", row.reason or "") for row in found.removed]
    rows += [(one.path, _value(one.first), _value(one.other), one.reason or "") for one in found.changed]
    for n, row in enumerate(rows[:MOST_CHANGES]):
        repeated = n > 0 and rows[n - 1][3] == row[3]
        yield (name if n == 0 else "", *row[:3], "" if repeated else row[3])
    if len(rows) > MOST_CHANGES:
        yield ("", f"and {len(rows) - MOST_CHANGES} more: realpolitik diff", "", "", "")


def _value(value: object) -> str:
    if isinstance(value, dict):
        return minus(f"{value['value']:g} ({value['low']:g} to {value['high']:g})")
    return minus(f"{value:g}") if isinstance(value, float) else "" if value is None else str(value)


def _history(report: Report) -> Iterator[str]:
    """Yield the score against history, and that of rival theories."""
    yield "<h2>Score against history</h2>"
    found = report.history
    if found is None:
        yield "<p>The scenario has no history, so it cannot be scored.</p>"
        return
    inside = sum(row["inside"] for row in found["rows"])
    opened = f"; {open_in_words(found)}".rstrip("; ")
    yield f"<p>{inside} of {len(found['rows'])} events are inside the 80% interval of the model{opened}.</p>"
    outcomes = report.scenario.document["outcomes"]
    rows = []
    for row in found["rows"]:
        ends = [row[key] or "never" for key in ("p10", "median", "p90")]
        label = outcomes[row["outcome"]]["label"]
        rows.append([label, row["date"], *ends, "yes" if row["inside"] else "no", row["role"]])
    yield table(("event", "happened", "p10", "median", "p90", "inside", "role"), rows, (1, 2, 3, 4))
    scores = [
        (name, "" if row["crps"] is None else f"{row['crps']:.1f}", f"{row['brier']:.3f}")
        for name, row in found["scores"].items()
    ]
    yield f"<p>{text(found['same_numbers'])}</p>"
    yield table(("forecaster", "mean CRPS, months", f"Brier score by {found['cutoff']}"), scores, (1, 2))
    yield note("Months are over all worlds, those without the outcome as never. Lower scores are better.")


def _limits(report: Report) -> Iterator[str]:
    yield "<h2>Limits</h2>"
    left = [f"Not compared: {name}, {why}." for name, why in report.left_out.items()]
    yield "<ul>" + "".join(f"<li>{text(words)}</li>" for words in (*report.limits, *left)) + "</ul>"


def _again(report: Report) -> Iterator[str]:
    """Yield how to make the results again: files, checksum, version and commands."""
    yield "<h2>How to reproduce</h2>"
    rows = [
        ("realpolitik", __version__),
        ("scenario", report.scenario.name),
        ("files", ", ".join(report.scenario.chain)),
        ("sha256 of the scenario", report.scenario.sha256),
        ("theory", report.scenario.document["theory"]["weights"]),
        ("worlds, seed", f"{report.worlds:,}, {report.seed}"),
    ]
    yield table(("what", "value"), rows)
    yield "<pre>" + "\n".join(map(command, report.commands)) + "</pre>"
    yield note("With the same version and files, the worlds are the same to the last bit.")


def command(words: Sequence[str]) -> str:
    """Return a command, quoted for a shell, whose options are not broken over lines; a long path may be."""
    quoted = map(shlex.quote, words)
    return " ".join(text(word) if len(word) > UNBROKEN else f"<span>{text(word)}</span>" for word in quoted)


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.1%}"


def _cell(value: str | float | None) -> str:
    return minus(f"{value:.2f}") if isinstance(value, float) else value or ""
