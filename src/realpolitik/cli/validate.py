"""`realpolitik validate`: the score sheet of one scenario or of several, and forecasts of the coded deployments."""

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, get_args

import rich_click as click

from realpolitik.choices import Uncertainty
from realpolitik.cli.options import (
    COUNT,
    complete_scenario,
    conclude,
    device_option,
    force_option,
    json_option,
    opened,
    plot_option,
    refuse,
    seed_option,
)
from realpolitik.cli.printing import Screen, notify, number_grid, print_json
from realpolitik.cli.waiting import progress
from realpolitik.texts import counted, written

if TYPE_CHECKING:
    from realpolitik.validation import CaseSheets, ScoreSheet

OWN = "leverage"
FAILED = 1


@click.command()
@click.argument("scenarios", nargs=-1, metavar="[SCENARIO]...", shell_complete=complete_scenario)
@click.option("--worlds", default=5000, type=COUNT, show_default=True, help="Worlds per ensemble; at most 10,000.")
@seed_option
@click.option(
    "--uncertainty",
    type=click.Choice(get_args(Uncertainty)),
    help="Source of the numbers of each world. By default the posterior if there is one, else the ranges.",
)
@click.option(
    "--origin",
    "origins",
    metavar="YYYY-MM",
    multiple=True,
    help="Fit to the history before this month and score what came after; repeatable. By default the month after each "
    "fitted date but the last, and every January up to the last.",
)
@click.option(
    "--settings",
    default=64,
    type=COUNT,
    show_default=True,
    help="Of several scenarios: settings of the numbers that they share, at each foresight.",
)
@click.option("--out", metavar="DIR", help="Keep the results in a folder; the same command goes on from there.")
@click.option("--deployments", metavar="FILE", help="Only forecast the deployments in a CSV file, with the template.")
@device_option
@plot_option
@force_option
@json_option
@click.pass_context
def validate(
    context: click.Context,
    scenarios: tuple[str, ...],
    worlds: int,
    seed: int,
    uncertainty: Uncertainty | None,
    origins: tuple[str, ...],
    settings: int,
    out: str | None,
    deployments: str | None,
    plot: str | None,
    force: bool,
    as_json: bool,
) -> None:
    """Print the score sheet of one or more scenarios: claims, history and expectations, and simpler forecasters.

    What is scored is in the file: [history], [directions], [levels] and [validation]. Every theory draws settings from
    its own ranges; the share of their worlds that reproduce the history is its evidence. The sheet says where a rival
    does better than leverage. The exit code is 1 if a check fails that is not a known miss with a stated reason.

    Of several scenarios, the numbers that they share (in [theory], and the foresight) are also fitted to all but one of
    them and scored on the one that was left out, for every theory. With `--out` each result is kept as soon as it is
    there, so that an interrupted command goes on from where it was.

    **Examples**

        realpolitik validate
        realpolitik validate karabakh sweden-nato transnistria sahel --out scores
        realpolitik validate my-case.toml --worlds 1000
        realpolitik validate --uncertainty prior --plot sheet.svg
        realpolitik validate --origin 2022-01 --origin 2023-10
        realpolitik validate --deployments cases.csv
    """
    if deployments is not None:
        refuse(
            "--deployments, which computes no score sheet",
            *("scenarios", "uncertainty", "origins", "settings", "out", "plot"),
        )
        _deployments(deployments, worlds, seed, as_json)
        return
    first, *others = scenarios or ("karabakh",)
    if others and plot is not None:
        raise ValueError("--plot draws the score sheet of one scenario, and several were given")
    if not others:
        refuse("one scenario, only with several", "settings")
    chosen, files = opened(force, first, *others)
    files.figure(plot, "scoresheet")
    from realpolitik import validation

    try:
        with progress("steps") as report:
            found = validation.validate_cases(
                [chosen, *others],
                worlds=worlds,
                seed=seed,
                uncertainty=uncertainty,
                origins=origins,
                settings=settings,
                out=out,
                progress=report,
                notice=notify,
            )
    except KeyboardInterrupt:
        if out is not None:
            notify(f"stopped; what was finished is in {out}, and the same command goes on from there")
        raise
    shown: ScoreSheet | CaseSheets = found if others else found.sheets[0]
    conclude("scoresheet", shown, _print_sheets, files, plot=plot, as_json=as_json)
    context.exit(0 if found.ok else FAILED)


def _deployments(path: str, worlds: int, seed: int, as_json: bool) -> None:
    """Forecast the cases of a file, and score those whose result is in the file."""
    from realpolitik.validation.deployments import deployments, read_cases

    result = deployments(read_cases(path), worlds, seed)
    if as_json:
        print_json(result)
        return
    _print_deployments(Screen(), result)


def _print_sheets(out: Screen, found: "ScoreSheet | CaseSheets") -> None:
    """Print one score sheet, or those of several cases and what they share."""
    sheets = getattr(found, "sheets", (found,))
    for n, sheet in enumerate(sheets):
        out.say("\n" * (n > 0))
        _print_validate(out, sheet)
    section = getattr(found, "leave_one_out", None)
    if section is not None:
        _print_left_out(out, section)


def _print_left_out(out: Screen, section: dict[str, Any]) -> None:
    """Print the fit of the shared numbers to all cases but one, and every theory on the case left out."""
    spans = ", ".join(f"{_last(path)} {low:g} to {high:g}" for path, (low, high) in section["numbers"].items())
    ahead = ", ".join(map(str, section["foresights"]))
    out.say(("\n\nLeave one case out", "bold"), f", seed {section['seed']}")
    settings, worlds = counted(section["settings"], "setting"), counted(section["worlds"], "world")
    out.say(f"{settings} of {spans}, at foresight {ahead}; {worlds} of each.")
    for line in section["headline"]:
        out.say(line)
    out.say()
    theories = list(section["mean"])
    names = [SHORT.get(theory, theory) for theory in theories]
    numbers = [_last(path) for path in section["together"][OWN]["numbers"]]
    grid = number_grid("case left out", *numbers, *names)
    for case in section["left_out"]:
        rows = case["theories"]
        fitted = [f"{value:.3g}" for value in rows[OWN]["numbers"].values()]
        grid.add(case["case"], *fitted, *(f"{rows[theory]['crps']:.1f}{_sign(rows[theory])}" for theory in theories))
    blank = [""] * len(numbers)
    shares = [f"{section['mean'][theory]['ratio']:.2f}{_sign(section['mean'][theory])}" for theory in theories]
    grid.add("mean share of persistence", *blank, *shares)
    together = [f"{value:.3g}" for value in section["together"][OWN]["numbers"].values()]
    shares = [f"{section['together'][theory]['ratio']:.2f}" for theory in theories[:-1]]
    grid.add("fitted to all: no test", *together, *shares, "1.00")
    grid.show(out)
    note = (
        "The numbers of leverage, fitted to the other cases, and the mean CRPS of each theory on the case left out, in "
        "months (lower is better): rows that are not held out, each theory with its own fit. + better than leverage, = "
        "not distinguished (95% over worlds; four cases are too few for an interval over cases)."
    )
    out.say(note, style="dim")
    _print_held_out(out, section["left_out"], theories)
    _print_foresight(out, section["foresight"])
    _print_missed(out, section["left_out"])


def _print_held_out(out: Screen, cases: list[dict[str, Any]], theories: list[str]) -> None:
    """Print the scores on the rows that are held out in the case that was left out."""
    grid = number_grid("held-out rows", "rows", *(SHORT.get(theory, theory) for theory in theories))
    for case in cases:
        if case["rows_held_out"]:
            held = [f"{case['theories'][theory]['held_out']:.1f}" for theory in theories]
            grid.add(case["case"], str(case["rows_held_out"]), *held)
    out.say()
    grid.show(out)


def _print_foresight(out: Screen, section: dict[str, list[dict[str, Any]]]) -> None:
    """Print the share of the error of persistence at each foresight: of cases left out, and fitted to all."""
    grid = number_grid(
        "foresight, each fitted on its own", *(counted(row["foresight"], "month") for row in section[OWN])
    )
    for theory, (none, *rows) in section.items():
        gains = [f"{row['ratio']:.2f} (gain {-row['high']:+.2f} to {-row['low']:+.2f})" for row in rows]
        grid.add(theory, f"{none['ratio']:.2f}", *gains)
    grid.add("leverage, fitted to all: no test", *(f"{row['together']:.2f}" for row in section[OWN]))
    for case in section[OWN][0]["cases"]:
        grid.add(f"leverage, {case} left out", *(f"{row['cases'][case]:.2f}" for row in section[OWN]))
    out.say()
    grid.show(out)


def _print_missed(out: Screen, cases: list[dict[str, Any]]) -> None:
    """Print the rows of every case left out that leverage has outside 80% of its worlds."""
    out.say(("\nMisses of leverage on the case left out", "bold"), ": rows outside 80% of worlds")
    grid = number_grid("row", "actual", "p10", "median", "p90")
    for case in cases:
        for row in case["misses"]:
            name = f"{case['case']} {row['row']}" + "*" * row["held_out"]
            actual = row["month"] if row["happened"] else f"not by {row['month']}"
            grid.add(name, actual, *(row[key] or "never" for key in ("p10", "median", "p90")))
    grid.show(out)
    out.say("* held out of every fit.", style="dim")


def _last(path: str) -> str:
    return path.rpartition(".")[2]


def _sign(row: dict[str, Any]) -> str:
    """Return the mark of a theory that leverage does not beat; leverage itself has a difference of 0."""
    if not row["low"] and not row["high"]:
        return ""
    return {"better": " +", "tie": " =", "worse": ""}[row["verdict"]]


def _print_validate(out: Screen, sheet: "ScoreSheet") -> None:
    result = sheet.to_dict()
    worlds = f"{counted(result['worlds'], 'world')} per ensemble, seed {result['seed']}"
    out.say((result["scenario"], "bold"), f": {worlds}, numbers from the {result['uncertainty']}")
    out.say(f"{result['note']}\n" if result["note"] else "", style="dim")
    for line in result.get("theories", {}).get("headline", ()):
        out.say(line)
    out.say()
    _print_claims(out, result["claims"])
    if not any(section in result for section in SECTIONS):
        out.say("\nNothing else to score: the file has no [history], [directions] or [levels].")
    for section, show in SECTIONS.items():
        if section in result:
            show(out, result[section])
    _print_checks(out, sheet)


def _print_claims(out: Screen, claims: list[dict[str, Any]]) -> None:
    counts = Counter(claim["status"] for claim in claims)
    summary = ", ".join(f"{count} {status}" for status, count in counts.items())
    out.say(("1. Claims", "bold"), f"  {len(claims)}: {summary}" if claims else "  none in the file")
    for claim in claims:
        if claim["not_modelled"]:
            out.say(f"   {claim['id']} not modelled: {claim['not_modelled']}")


def _print_theories(out: Screen, section: dict[str, Any]) -> None:
    """Print the evidence of every theory on its own ranges, and its forecasts after each origin."""
    levels = list(section["levels"])
    out.say(("\n2. Theories", "bold"), f", each on its own ranges: dates within {section['error']:g} months")
    columns = [title for level in levels for title in (EVIDENCE[level], "Bayes factor")]
    grid = number_grid("theory", "worlds", *columns)
    for row in section["rows"]:
        cells = [cell for level in levels for cell in _evidence(row["levels"][level])]
        cells = [cell if row["name"] != OWN or n % 2 == 0 else "1" for n, cell in enumerate(cells)]
        grid.add(row["name"], "exact" if row["worlds"] is None else f"{row['worlds']:,}", *cells)
    grid.show(out)
    note = (
        "Worlds of settings drawn from the ranges, and how many reproduce the rows; Bayes factors against leverage, "
        "95% intervals; those of random owners are over assignments. Foresight takes longer, so fewer worlds. "
        "Quantities are left out."
    )
    if any(row["levels"][level]["factor"] is None for row in section["rows"] for level in levels):
        note += " Above or undefined: no world of leverage reproduces the rows, and of undefined none of the rival."
    out.say(note, style="dim")
    for row in section["rows"]:
        if "better" in row and not any(row["better"].values()):  # else the headline says how many
            said = f"Of {row['of']} random assignments of owners, none does clearly better than the true owners."
            out.say(said, style="dim")
    for name, near in section["calibrated"].items():
        if near["months"] > section["error"] and name != OWN:
            out.say(
                f"{name}: its {near['settings']} nearest settings are up to {near['months']:.0f} months off.",
                style="dim",
            )
    _print_origins(out, section["origins"])


def _evidence(row: dict[str, Any]) -> list[str]:
    """Return the cells of one theory and level: worlds, or the exact share, and the Bayes factor with its interval."""
    count = written(row["share"], 1) if row["count"] is None else f"{row['count']:,}"
    if row["factor"] is None:  # no world of leverage reproduces the rows
        return [count, f"above {written(row['factor_low'])}" if row["share"] else "undefined"]
    if not row["count"] and row["count"] is not None:
        return [count, f"below {written(row['factor_high'])}"]
    factor, low, high = (written(row[key]) for key in ("factor", "factor_low", "factor_high"))
    return [count, f"{factor} ({low} to {high})"]


def _print_origins(out: Screen, origins: list[dict[str, Any]]) -> None:
    """Print the error of each theory's forecasts after each origin, the mean over the dates that came after."""
    if not origins:
        return
    names = [row["theory"] for row in origins[0]["theories"]]
    grid = number_grid("theory", *(origin["origin"] for origin in origins))
    for name, *scored in zip(names, *(origin["theories"] for origin in origins), strict=True):
        grid.add(name, *(_scored(row) for row in scored))
    out.say()
    grid.show(out)
    note = (
        "Fitted to the history before the origin: mean CRPS of the dates from then on, in months (lower is better), of "
        "the worlds that agree with all that had and had not happened; where a number of worlds is given, they are too "
        "few."
    )
    out.say(note, style="dim")


def _scored(row: dict[str, Any]) -> str:
    """Return the mean error of a theory's forecasts and half its interval, or how few worlds it has."""
    if row["mean"] is None:
        return counted(row["worlds"], "world")
    return f"{row['mean']:.1f} \N{PLUS-MINUS SIGN} {row['half']:.1f}"


def _print_history(out: Screen, section: dict[str, Any]) -> None:
    out.say((f"\n3. History to {section['cutoff']}", "bold"))
    theories = [theory for theory in section["rows"][0]["crps"] if theory != "persistence"]
    names = [SHORT.get(theory, theory) for theory in theories]
    grid = number_grid("row", "actual", "p10", "median", "p90", "inside", "width", *names)
    for row in section["rows"]:
        months = [row[key] or "never" for key in ("p10", "median", "p90")]
        width = "" if row["width"] is None else str(row["width"])
        scores = [f"{row['crps'][theory]:.1f}" for theory in theories]
        name = row["id"] + ("*" if row["role"] == "holdout" else "")
        grid.add(name, row["date"], *months, YES[row["inside"]], width, *scores, style=_style(row["inside"]))
    grid.show(out)
    note = (
        "Months over all worlds; no width if p90 is never; a row of never is inside if at least 80% of worlds do not "
        "have the outcome by the last month observed; * held out of the fit. In the columns of theories and "
        "below: CRPS in months and Brier score, of both of which lower is better."
    )
    out.say(note, style="dim")
    _print_scores(out, section["scores"], {"crps": "mean CRPS", "brier": f"Brier, by {section['cutoff']}"})


def _print_directions(out: Screen, section: dict[str, Any]) -> None:
    out.say(("\n4. Counterfactual directions", "bold"), ", paired worlds")
    grid = number_grid("direction", "what", "base", "other", "95% of the difference", "expected", "holds", prose="what")
    for row in section["rows"]:
        span = "" if row["low"] is None else f"{row['low']:+.3f} to {row['high']:+.3f}"
        sides = ["" if row[key] is None else f"{row[key]:.3f}" for key in ("base", "other")]
        cells = (row["id"], row["text"], *sides, span, row["sign"], YES[row["holds"]])
        grid.add(*cells, style=_style(row["holds"]))
    grid.show(out)
    if section["unrelated"]:
        others = ", ".join(section["unrelated"])
        out.say(f"Not diffs on this scenario, so that other numbers may differ too: {others}.", style="dim")
    for line in section["ends"]:
        out.say(f"{line}.", style="dim")
    right = ", ".join(f"{theory} {count}" for theory, count in section["scores"].items())
    out.say(f"Correct signs, of {section['of']}: {right}")


def _print_levels(out: Screen, rows: list[dict[str, Any]]) -> None:
    grid = number_grid("level", "what", "value", "expected", "holds", prose="what")
    for row in rows:
        value = "" if row["value"] is None else f"{row['value']:.3f}"
        what = f"{row['what']} ({row['scenario']})"
        grid.add(row["id"], what, value, row["must_be"], YES[row["holds"]], style=_style(row["holds"]))
    out.say()
    grid.show(out)


def _print_deployments(out: Screen, section: dict[str, Any]) -> None:
    out.say(("\n5. Deployments", "bold"), ": does the force leave?")
    grid = number_grid("case", "where", "probability", "actual", prose="where")
    for row in section["cases"]:
        ended = {1: "left", 0: "stayed", None: ""}[row["left"]]
        grid.add(row["id"], row["case"], f"{row['chance']:.2f}", ended)
    grid.show(out)
    if section["scores"]:
        _print_scores(out, section["scores"], {"brier": "Brier", "auc": "AUC", "ahead": "better than the template by"})
        out.say("Brier: lower is better. AUC: higher is better; 0.5 is chance.", style="dim")
    if section["accounts"]:
        _print_why(out, section["accounts"])
    out.say(f"Fitted: {section['fitted']}.", style="dim")


def _print_why(out: Screen, accounts: dict[str, dict[str, Any]]) -> None:
    """Print what the accounts of an exit say about the theories: how much of it differs between cases, and in what."""
    grid = number_grid("theory", "own: AUC", "spread", "others: AUC", "spread", "mean")
    for theory, row in accounts.items():
        areas = ["" if row[key] is None else f"{row[key]:.2f}" for key in ("auc_own", "auc_others")]
        spreads = [f"{row[key]:.3f}" for key in ("spread_own", "spread_others")]
        grid.add(theory, areas[0], spreads[0], areas[1], spreads[1], f"{row['others']:.3f}")
    out.say()
    grid.show(out)
    note = (
        "What an exit is worth to Moscow once the host has withdrawn its leave: by its own interests less the cost, "
        "and by those of others at their weight. Where others add about as much in every case and under every theory, "
        "the cases do not test whose interests count."
    )
    out.say(note, style="dim")


def _print_scores(out: Screen, scores: dict[str, dict[str, float | None]], names: dict[str, str]) -> None:
    grid = number_grid("forecaster", *names.values())
    for forecaster, row in scores.items():
        grid.add(forecaster, *("" if row[key] is None else f"{row[key]:.3f}" for key in names))
    grid.show(out)


def _print_checks(out: Screen, sheet: "ScoreSheet") -> None:
    """Print what was checked and what does not hold, then how leverage does against its rivals: no check is on that."""
    from realpolitik.validation.history import open_in_words

    failed = [check for check in sheet.checks if check.failed]
    listed = [check for check in sheet.checks if not check.holds and not check.failed]
    held = f"{sum(check.holds for check in sheet.checks)} of {len(sheet.checks)} checks hold"
    missed = [f"{name}: {len(rows)}" for name, rows in (("known misses", listed), ("failures", failed)) if rows]
    out.say((f"\n{'; '.join((held, *missed))}.", "bold"), " All checks are about leverage alone, not about its rivals.")
    grid = number_grid("check", "hold", "what is checked", prose="what is checked")
    for kind, count in sheet.checked.items():
        opened = f"; {open_in_words(sheet.sections['history'])}" if kind == "history" else ""
        grid.add(kind, f"{count['hold']} of {count['of']}", CHECKED[kind] + opened.rstrip("; "))
    grid.show(out)
    for check in listed:
        out.say(f"  known miss  {check.name}: {check.detail}. {check.listed}")
    for check in failed:
        out.say("  ", ("fails", "red"), f"       {check.name}: {check.detail}")
    if sheet.standing is not None:
        lead, _, rest = sheet.standing.partition(":")
        out.say((f"\n{lead}", "bold"), f":{rest}")


def _style(holds: bool) -> str:
    return "" if holds else "red"


YES = {True: "yes", False: "no"}
CHECKED = {
    "claims": "every claim has a row, a test, or the reason why it is not modelled",
    "history": "the date is within 80% of worlds",
    "width": "the 80% interval is as narrow as the file asks",
    "direction": "the change has the sign that the file expects",
    "level": "the value is in the range that the file expects",
    "deployments": "the score is within the bound in the file",
}
"""By kind of check, what holds."""
EVIDENCE = {"dates": "dates", "manner": "and manner", "all": "all rows"}
SHORT = {"self-interest": "self", "capability": "capab.", "constant dependence": "constant"}
SECTIONS: dict[str, Callable[[Screen, Any], None]] = {
    "theories": _print_theories,
    "history": _print_history,
    "directions": _print_directions,
    "levels": _print_levels,
    "deployments": _print_deployments,
}
