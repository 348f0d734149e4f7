"""`realpolitik validate`: the score sheet."""

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, get_args

import rich_click as click

from realpolitik.choices import Uncertainty
from realpolitik.cli.common import (
    complete_scenario,
    conclude,
    files_of,
    force_option,
    json_option,
    load,
    outputs,
    plot_option,
    seed_option,
)
from realpolitik.cli.printing import Grid, Kind, Screen, print_json, progress

if TYPE_CHECKING:
    from realpolitik.validation import ScoreSheet

FAILED = 1


@click.command()
@click.argument("scenario", default="karabakh", shell_complete=complete_scenario)
@click.option("--worlds", default=5000, show_default=True, help="Worlds in each ensemble; 10,000 at most.")
@seed_option
@click.option(
    "--uncertainty",
    type=click.Choice(get_args(Uncertainty)),
    help="Where worlds draw their numbers from. By default the posterior if there is one, else the ranges.",
)
@click.option("--deployments", metavar="FILE", help="Forecast the coded cases of a CSV file by the template, and stop.")
@plot_option
@force_option
@json_option
@click.pass_context
def validate(
    context: click.Context,
    scenario: str,
    worlds: int,
    seed: int,
    uncertainty: Uncertainty | None,
    deployments: str | None,
    plot: str | None,
    force: bool,
    as_json: bool,
) -> None:
    """Print the score sheet: claims, history, counterfactual directions, deployments, each beside simpler forecasters.

    The exit code is 1 if a check fails that is not listed as a known miss, with its reason.

    **Examples**

        realpolitik validate
        realpolitik validate --uncertainty prior --plot sheet.svg
        realpolitik validate --deployments cases.csv
    """
    if deployments is not None:
        if plot is not None:
            raise ValueError("--plot draws the score sheet, which --deployments does not make: leave one of them out")
        _deployments(deployments, worlds, seed, as_json)
        return
    chosen = load(scenario)
    out = outputs(force, files_of(chosen.chain))
    out.figure(plot, "scoresheet")
    from realpolitik import validation

    with progress("ensembles") as report:
        sheet = validation.validate(chosen, worlds=worlds, seed=seed, uncertainty=uncertainty, progress=report)
    conclude("scoresheet", sheet, _print, out, plot=plot, as_json=as_json)
    context.exit(0 if sheet.ok else FAILED)


def _deployments(path: str, worlds: int, seed: int, as_json: bool) -> None:
    """Forecast the cases of a file, and score them where the file says how they ended."""
    from realpolitik.validation.deployments import deployments, read_cases

    result = deployments(read_cases(path), worlds, seed)
    if as_json:
        print_json(result)
        return
    _print_deployments(Screen(), result)


def _print(out: Screen, sheet: "ScoreSheet") -> None:
    result = sheet.to_dict()
    worlds = f"{result['worlds']:,} worlds an ensemble, seed {result['seed']}"
    out.say((result["scenario"], "bold"), f": {worlds}, numbers from the {result['uncertainty']}")
    out.say(result["note"] + "\n", style="dim")
    _print_claims(out, result["claims"])
    for section, show in SECTIONS.items():
        if section in result:
            show(out, result[section])
    _print_checks(out, sheet)


def _print_claims(out: Screen, claims: list[dict[str, Any]]) -> None:
    counts = Counter(claim["status"] for claim in claims)
    told = ", ".join(f"{count} {status}" for status, count in counts.items())
    out.say(("1. Claims", "bold"), f"  {len(claims)}: {told}")
    for claim in claims:
        if claim["not_modelled"]:
            out.say(f"   {claim['id']} not modelled: {claim['not_modelled']}")


def _print_history(out: Screen, section: dict[str, Any]) -> None:
    out.say((f"\n2. History to {section['cutoff']}", "bold"))
    theories = [theory for theory in section["rows"][0]["crps"] if theory != "persistence"]
    names = [SHORT.get(theory, theory) for theory in theories]
    grid = _grid("row", "in fact", "p10", "median", "p90", "inside", "width", *names)
    for row in section["rows"]:
        months = [row[key] or "never" for key in ("p10", "median", "p90")]
        width = "" if row["width"] is None else str(row["width"])
        scores = [f"{row['crps'][theory]:.1f}" for theory in theories]
        name = row["id"] + ("*" if row["role"] == "holdout" else "")
        grid.add(name, row["date"], *months, YES[row["inside"]], width, *scores, style=_style(row["inside"]))
    grid.show(out)
    told = "Months of all worlds, never among them; no width if p90 is never; * held out of the fit. CRPS in months."
    out.say(told, style="dim")
    _print_scores(out, section["scores"], {"crps": "mean CRPS", "brier": f"Brier, by {section['cutoff']}"})


def _print_directions(out: Screen, section: dict[str, Any]) -> None:
    out.say(("\n3. Counterfactual directions", "bold"), ", paired worlds")
    grid = _grid("direction", "what", "base", "there", "95% of the difference", "must be", "holds", prose="what")
    for row in section["rows"]:
        span = "" if row["low"] is None else f"{row['low']:+.3f} to {row['high']:+.3f}"
        sides = ["" if row[key] is None else f"{row[key]:.3f}" for key in ("base", "other")]
        cells = (row["id"], row["text"], *sides, span, row["sign"], YES[row["holds"]])
        grid.add(*cells, style=_style(row["holds"]))
    grid.show(out)
    right = ", ".join(f"{theory} {count}" for theory, count in section["scores"].items())
    out.say(f"Right of {section['of']}: {right}")


def _print_levels(out: Screen, rows: list[dict[str, Any]]) -> None:
    grid = _grid("level", "what", "value", "must be", "holds", prose="what")
    for row in rows:
        value = "" if row["value"] is None else f"{row['value']:.3f}"
        what = f"{row['what']} ({row['scenario']})"
        grid.add(row["id"], what, value, row["must_be"], YES[row["holds"]], style=_style(row["holds"]))
    out.say()
    grid.show(out)


def _print_deployments(out: Screen, section: dict[str, Any]) -> None:
    out.say(("\n4. Deployments", "bold"), ": will the force leave?")
    grid = _grid("case", "where", "chance", "in fact", prose="where")
    for row in section["cases"]:
        ended = {1: "left", 0: "stayed", None: ""}[row["left"]]
        grid.add(row["id"], row["case"], f"{row['chance']:.2f}", ended)
    grid.show(out)
    if section["scores"]:
        _print_scores(out, section["scores"], {"brier": "Brier", "auc": "AUC"})
    out.say(f"Fitted: {section['fitted']}.", style="dim")


def _print_scores(out: Screen, scores: dict[str, dict[str, float | None]], names: dict[str, str]) -> None:
    grid = _grid("forecaster", *names.values())
    for forecaster, row in scores.items():
        grid.add(forecaster, *("" if row[key] is None else f"{row[key]:.3f}" for key in names))
    grid.show(out)


def _print_checks(out: Screen, sheet: "ScoreSheet") -> None:
    failed = [check for check in sheet.checks if check.failed]
    listed = [check for check in sheet.checks if not check.holds and not check.failed]
    out.say((f"\n{sum(check.holds for check in sheet.checks)} of {len(sheet.checks)} checks hold.", "bold"))
    for check in listed:
        out.say(f"  known miss  {check.name}: {check.detail}. {check.listed}")
    for check in failed:
        out.say("  ", ("fails", "red"), f"       {check.name}: {check.detail}")


def _style(holds: bool) -> str:
    return "" if holds else "red"


def _grid(name: str, *columns: str, prose: str | None = None) -> Grid:
    kinds: list[tuple[str, Kind]] = [(column, "prose" if column == prose else "number") for column in columns]
    return Grid((name, "name"), *kinds)


YES = {True: "yes", False: "no"}
SHORT = {"self-interest": "self", "capability": "capab."}
SECTIONS: dict[str, Callable[[Screen, Any], None]] = {
    "history": _print_history,
    "directions": _print_directions,
    "levels": _print_levels,
    "deployments": _print_deployments,
}
