"""`realpolitik diff` and `report`: what differs between two scenarios, and a page to hand on."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click
from click import get_current_context

from realpolitik.cli.options import (
    COUNT,
    WEIGHT_RULES,
    Written,
    complete_scenario,
    computing,
    conclude,
    force_option,
    foresight_option,
    json_option,
    load,
    opened,
    outputs,
    scenario_argument,
    seed_option,
    set_option,
    settings_of,
    theory_option,
)
from realpolitik.cli.printing import Grid, Screen, argument, command_line
from realpolitik.texts import counted

if TYPE_CHECKING:
    from realpolitik.diffing import RowChange, ScenarioDiff, ValueChange
    from realpolitik.reporting import Report


@click.command()
@click.argument("first", shell_complete=complete_scenario)
@click.argument("other", shell_complete=complete_scenario)
@json_option
def diff(first: str, other: str, as_json: bool) -> None:
    """List the rows and values that differ between two scenarios, with the reasons that the files give.

    FIRST and OTHER are files, or names of shipped scenarios. No world is run: `compare` shows what the differences
    do. Texts, on which no run depends, are listed by path; `--json` has them in full.

    **Examples**

        realpolitik diff karabakh no-invasion
        realpolitik diff karabakh my-case.toml --json
    """
    from realpolitik import diffing

    found = diffing.diff(load(first), load(other))
    conclude("", found, _print_diff, outputs(False), plot=None, as_json=as_json)


def _print_diff(out: Screen, found: "ScenarioDiff") -> None:
    """Print rows, then values in one table for each reason, then the paths of texts."""
    first, other = found.names
    counts = (
        f"{counted(len(found.added), 'row')} added",
        f"{counted(len(found.removed), 'row')} removed",
        f"{counted(len(found.changed), 'value')} changed",
        f"{counted(len(found.texts), 'text')} changed",
    )
    out.say((f"From {first} to {other}", "bold"), f": {', '.join(counts)}")
    if found.same:
        out.say("No row or value differs: both give the same worlds.")
    for heading, rows in (("Added", found.added), ("Removed", found.removed)):
        _print_rows(out, heading, rows)
    for reason in dict.fromkeys(change.reason for change in found.changed):
        _print_values(out, found.names, reason, [change for change in found.changed if change.reason == reason])
    for table in found.reordered:
        out.say(f"\nThe rows of [{table}] that both have are in another order.")
    if found.texts:
        out.say(f"\nTexts: {', '.join(change.path for change in found.texts)}", style="dim")
    if not found.same and found.comparable:
        given = get_current_context().params
        out.hint("\nNext:", command_line("compare", argument(given["first"]), argument(given["other"])))


def _print_rows(out: Screen, heading: str, rows: list["RowChange"]) -> None:
    if not rows:
        return
    out.say()
    grid = Grid((heading, "name"), ("what it is", "prose"), ("reason", "prose"))
    for row in rows:
        grid.add(row.path, row.label, row.reason or "")
    grid.show(out)


def _print_values(out: Screen, names: tuple[str, str], reason: str | None, changes: list["ValueChange"]) -> None:
    out.say(f"\n{reason or 'Without a reason in the files'}:")
    grid = Grid(("value", "name"), *((name, "number") for name in names))
    for change in changes:
        grid.add(change.path, in_words(change.first), in_words(change.other))
    grid.show(out)


def in_words(value: Any) -> str:
    """Return a value as it is shown: a number with its range, nothing where there is no value."""
    if isinstance(value, dict):
        return f"{value['value']:.15g} ({value['low']:.15g} to {value['high']:.15g})"
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.15g}" if isinstance(value, float) else "" if value is None else str(value)


@click.command(epilog=WEIGHT_RULES)
@scenario_argument
@click.option("--out", metavar="FILE.html", default="report.html", show_default=True, help="The page to write.")
@click.option(
    "--outcome",
    help="The outcome that the answer is about. By default the headline of [show], otherwise the one at which most "
    "others are measured, otherwise the first that [history] dates, otherwise the first.",
)
@click.option(
    "--what-if",
    "what_ifs",
    multiple=True,
    metavar="SCENARIO",
    help="Compare with this scenario; may be repeated. By default what SCENARIO extends, and all that extend it and "
    "have a title of their own: shipped ones, and files in its folder, but for drafts and files that a command wrote.",
)
@click.option("--worlds", default=2000, type=COUNT, show_default=True, help="Worlds per ensemble; at most 10,000.")
@seed_option
@set_option
@theory_option
@foresight_option
@force_option
@json_option
def report(
    scenario: str,
    out: str,
    outcome: str | None,
    what_ifs: tuple[str, ...],
    worlds: int,
    seed: int,
    settings: tuple[str, ...],
    theory: str | None,
    foresight: int | None,
    force: bool,
    as_json: bool,
) -> None:
    """Write a page to hand on: the answer, what matters most, decisions, what-ifs, the score against history, limits.

    The page is one HTML file with its figures inside. It loads nothing and prints on A4. The answer uses the posterior
    if there is one, otherwise numbers drawn from their ranges. The base case takes a minute or two.

    **Examples**

        realpolitik report karabakh
        realpolitik report karabakh --outcome withdrawal --what-if no-invasion --out exit.html
        realpolitik report my-case.toml --worlds 500 --json > report.json
    """
    chosen, files = opened(force, scenario, *what_ifs)
    files.file(out, "page")
    with computing("steps", even=False) as counted:
        from realpolitik import reporting

        found = reporting.report(
            chosen,
            outcome=outcome,
            what_ifs=what_ifs or None,
            worlds=worlds,
            seed=seed,
            set=settings_of(settings),
            theory=theory,
            foresight=foresight,
            progress=counted,
        ).on_page(out)

    def write() -> None:
        from realpolitik import figures

        page = figures.offered("report")["report"].load()(found)
        files.write(Path(out), page.encode())

    conclude("", found, _print_report, files, plot=None, as_json=as_json, written=[Written("Report", out, write)])


def _print_report(out: Screen, found: "Report") -> None:
    from realpolitik.reporting import answer
    from realpolitik.uncertainty import unusable

    out.say((found.scenario.document["meta"]["question"], "bold"))
    out.say(answer(found))
    if why := unusable(found.scenario):
        out.say(why, style="dim")
    for name, why in found.left_out.items():
        out.say(f"Not compared: {name}, {why}.")
