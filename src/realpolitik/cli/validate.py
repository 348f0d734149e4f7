"""`realpolitik validate`: the score sheet."""

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, get_args

import rich_click as click
from rich.console import Console
from rich.table import Table

from realpolitik.choices import Uncertainty
from realpolitik.cli.common import (
    complete_scenario,
    conclude,
    console,
    json_option,
    load,
    plot_option,
    print_json,
    progress,
    seed_option,
)

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
        _deployments(deployments, worlds, seed, as_json)
        return
    chosen = load(scenario)
    from realpolitik import validation

    with progress("ensembles") as report:
        sheet = validation.validate(chosen, worlds=worlds, seed=seed, uncertainty=uncertainty, progress=report)
    conclude("scoresheet", sheet, _print, plot=plot, as_json=as_json)
    context.exit(0 if sheet.ok else FAILED)


def _deployments(path: str, worlds: int, seed: int, as_json: bool) -> None:
    """Forecast the cases of a file, and score them where the file says how they ended."""
    from realpolitik.validation.deployments import deployments, read_cases

    result = deployments(read_cases(path), worlds, seed)
    if as_json:
        print_json(result)
        return
    _print_deployments(console(), result)


def _print(out: Console, sheet: "ScoreSheet") -> None:
    result = sheet.to_dict()
    worlds = f"{result['worlds']:,} worlds an ensemble, seed {result['seed']}"
    out.print(f"[bold]{result['scenario']}[/bold]: {worlds}, numbers from the {result['uncertainty']}")
    out.print(result["note"] + "\n", style="dim", highlight=False)
    _print_claims(out, result["claims"])
    for section, show in SECTIONS.items():
        if section in result:
            show(out, result[section])
    _print_checks(out, sheet)


def _print_claims(out: Console, claims: list[dict[str, Any]]) -> None:
    counts = Counter(claim["status"] for claim in claims)
    told = ", ".join(f"{count} {status}" for status, count in counts.items())
    out.print(f"[bold]1. Claims[/bold]  {len(claims)}: {told}", highlight=False)
    for claim in claims:
        if claim["not_modelled"]:
            out.print(f"   {claim['id']} not modelled: {claim['not_modelled']}", highlight=False)


def _print_history(out: Console, section: dict[str, Any]) -> None:
    out.print(f"\n[bold]2. History to {section['cutoff']}[/bold]")
    theories = [theory for theory in section["rows"][0]["crps"] if theory != "persistence"]
    names = [SHORT.get(theory, theory) for theory in theories]
    table = _columns("row", "in fact", "p10", "median", "p90", "inside", "width", *names)
    for row in section["rows"]:
        months = [row[key] or "never" for key in ("p10", "median", "p90")]
        width = "" if row["width"] is None else str(row["width"])
        scores = [f"{row['crps'][theory]:.1f}" for theory in theories]
        name = row["id"] + ("*" if row["role"] == "holdout" else "")
        table.add_row(name, row["date"], *months, _mark(row["inside"]), width, *scores)
    out.print(table)
    told = "Months of all worlds, never among them; no width if p90 is never; * held out of the fit. CRPS in months."
    out.print(told, style="dim")
    _print_scores(out, section["scores"], {"crps": "mean CRPS", "brier": f"Brier, by {section['cutoff']}"})


def _print_directions(out: Console, section: dict[str, Any]) -> None:
    out.print("\n[bold]3. Counterfactual directions[/bold], paired worlds")
    table = _columns("direction", "what", "base", "there", "95% of the difference", "must be", "holds", left=2)
    for row in section["rows"]:
        span = "" if row["low"] is None else f"{row['low']:+.3f} to {row['high']:+.3f}"
        sides = ["" if row[key] is None else f"{row[key]:.3f}" for key in ("base", "other")]
        table.add_row(row["id"], row["text"], *sides, span, row["sign"], _mark(row["holds"]))
    out.print(table)
    right = ", ".join(f"{theory} {count}" for theory, count in section["scores"].items())
    out.print(f"Right of {section['of']}: {right}", highlight=False)


def _print_levels(out: Console, rows: list[dict[str, Any]]) -> None:
    table = _columns("level", "what", "value", "must be", "holds", left=2)
    for row in rows:
        value = "" if row["value"] is None else f"{row['value']:.3f}"
        what = f"{row['what']} ({row['scenario']})"
        table.add_row(row["id"], what, value, row["must_be"], _mark(row["holds"]))
    out.print()
    out.print(table)


def _print_deployments(out: Console, section: dict[str, Any]) -> None:
    out.print("\n[bold]4. Deployments[/bold]: will the force leave?")
    table = _columns("case", "where", "chance", "in fact", left=2)
    for row in section["cases"]:
        ended = {1: "left", 0: "stayed", None: ""}[row["left"]]
        table.add_row(row["id"], row["case"], f"{row['chance']:.2f}", ended)
    out.print(table)
    if section["scores"]:
        _print_scores(out, section["scores"], {"brier": "Brier", "auc": "AUC"})
    out.print(f"Fitted: {section['fitted']}.", style="dim")


def _print_scores(out: Console, scores: dict[str, dict[str, float | None]], names: dict[str, str]) -> None:
    table = _columns("forecaster", *names.values())
    for forecaster, row in scores.items():
        table.add_row(forecaster, *("" if row[key] is None else f"{row[key]:.3f}" for key in names))
    out.print(table)


def _print_checks(out: Console, sheet: "ScoreSheet") -> None:
    failed = [check for check in sheet.checks if check.failed]
    listed = [check for check in sheet.checks if not check.holds and not check.failed]
    out.print(f"\n[bold]{sum(check.holds for check in sheet.checks)} of {len(sheet.checks)} checks hold.[/bold]")
    for check in listed:
        out.print(f"  known miss  {check.name}: {check.detail}. {check.listed}", highlight=False)
    for check in failed:
        out.print(f"  [red]fails[/red]       {check.name}: {check.detail}", highlight=False)


def _mark(holds: bool) -> str:
    return "yes" if holds else "[red]no[/red]"


def _columns(*names: str, left: int = 1) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for n, name in enumerate(names):
        table.add_column(name, justify="left" if n < left else "right", no_wrap=n != left - 1 or left == 1)
    return table


SHORT = {"self-interest": "self", "capability": "capab."}
SECTIONS: dict[str, Callable[[Console, Any], None]] = {
    "history": _print_history,
    "directions": _print_directions,
    "levels": _print_levels,
    "deployments": _print_deployments,
}
