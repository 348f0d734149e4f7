"""Commands that run no world: `list`, `check`, `schema`, `completion` and `dashboard`."""

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import rich_click as click
from click import get_current_context

from realpolitik.choices import REASONED, TABLES
from realpolitik.cli.options import complete_scenario, json_option, load, scenario_argument
from realpolitik.cli.printing import BAD_INPUT, Grid, Screen, notify, print_json, say
from realpolitik.cli.why_not import month_of_values_option, print_values, valuation, values_option
from realpolitik.texts import counted

if TYPE_CHECKING:
    from realpolitik.scenario import Scenario, ScenarioError

PAGES = "realpolitik.dashboard"
"""The group of entry points that serve the dashboard."""


@click.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List the shipped scenarios: names, titles, questions, and the scenario that each one extends.

    Every command that takes SCENARIO takes one of these names, or a file.

    **Examples**

        realpolitik list
        realpolitik list --json
    """
    from realpolitik.scenario import shipped

    scenarios = shipped()
    if as_json:
        print_json([s._asdict() for s in scenarios])
        return
    grid = Grid(("name", "name"), ("title", "prose"), ("question", "prose"), ("extends", "name"))
    for s in scenarios:
        grid.add(s.name, s.title, s.question, s.extends or "")
    grid.show(Screen())


@click.command()
@scenario_argument
@values_option
@month_of_values_option
@json_option
def check(scenario: str, values: bool, month: str | None, as_json: bool) -> None:
    """Check a scenario file and summarise its contents.

    An invalid file ends with exit code 2 and all of its errors, one a line: file, line, column, the problem, and the
    nearest valid name. Other scenarios that it names must be there, be valid, and have what is asked of them. With
    `--json` errors are under `errors`. A valid file may have warnings, about rows that no world
    can use. Moves that only luck makes, and rows of the base that a what-if leaves without use, are listed apart from
    them. With `--values`, what every move is worth to its owner and to those who must consent follows, which
    moves can only follow others, and which undo each other again and again.

    **Examples**

        realpolitik check my-case.toml
        realpolitik check my-case.toml --values
        realpolitik check my-case.toml --values --month 2031-06
        realpolitik check karabakh --json
    """
    from realpolitik.scenario import ScenarioError
    from realpolitik.scenario.errors import NOUNS
    from realpolitik.scenario.others import check_others

    if month is not None and not values:
        raise click.UsageError("--month goes with --values")
    try:
        read = load(scenario)
        check_others(read)
        report = _report(read)
    except ScenarioError as error:
        errors = [error, *error.others]
        if as_json:
            found = {"errors": [_fault(one) for one in errors], "unlisted": error.unlisted}
            print_json({"ok": False, **_fault(error), **found})
        for one in errors:
            notify(str(one))
        if error.others:
            more = f", and {error.unlisted:,} more" if error.unlisted else ""
            notify(f"{counted(len(errors), 'error')}{more}")
        get_current_context().exit(BAD_INPUT)
    worth = valuation(read, month) if values else None
    if as_json:
        print_json({**report, **({"values": worth.to_dict()} if worth else {})})
        return
    counts = ", ".join(counted(count, NOUNS[table]) for table, count in report["rows"].items() if count)
    warned = f", with {counted(len(report['warnings']), 'warning')}" * bool(report["warnings"])
    numbers = f"{counted(report['numbers'], 'number')}, {counted(report['ranges'], 'range')}"
    say(f"{report['scenario']}: valid{warned}. {counts}; {numbers}.")
    for line in _lines(report):
        say(f"  {line}")
    if worth:
        print_values(Screen(), worth)


def _lines(report: dict[str, Any]) -> Iterator[str]:
    """Yield what there is to say about the rows of a valid file."""
    yield from report["remarks"]
    for kind, head in (("luck", "note"), ("unused", "without use in this what-if"), ("warnings", "warning")):
        yield from (f"{head}: {row['text']}" for row in report[kind])


def _fault(error: "ScenarioError") -> dict[str, Any]:
    names = ("file", "line", "column", "key", "problem", "suggestion")
    return {name: getattr(error, name) for name in names}


def _report(scenario: "Scenario") -> dict[str, Any]:
    return {
        "ok": True,
        "scenario": scenario.name,
        "sha256": scenario.sha256,
        "extends": list(scenario.chain[1:]),
        "rows": {table: len(scenario.document[table]) for table in TABLES},
        "numbers": len(scenario.numbers),
        "ranges": len(scenario.ranges),
        "remarks": _remarks(scenario.document),
        **_without_use(scenario),
    }


def _without_use(scenario: "Scenario") -> dict[str, list[dict[str, Any]]]:
    """Return rows that only `luck` uses, and rows without use: `unused` ones of a diff's base, and `warnings`."""
    from realpolitik.scenario import traps
    from realpolitik.scenario.sources import shipped_names

    link = scenario.chain[1] if len(scenario.chain) > 1 else None
    name = "" if link is None else link.removesuffix(".toml")
    base = None if link is None else load(name if name in shipped_names() else link)
    before = set() if base is None else {trap.key for trap in traps(base)}
    written = set() if base is None else {place.file for place in base.places.values()}
    found: dict[str, list[dict[str, Any]]] = {"luck": [], "unused": [], "warnings": []}
    for trap in traps(scenario):
        table, name = trap.key.split(".")[:2]
        inherited = base is not None and name in base.document.get(table, {}) and trap.place.file in written
        row = {"file": trap.place.file, "line": trap.place.line, "key": trap.key, "text": str(trap)}
        unused = "unused" if inherited and trap.key not in before else "warnings"
        found["luck" if trap.by_luck else unused].append(row)
    return found


def _remarks(document: dict[str, Any]) -> list[str]:
    """Return what is valid but probably a mistake, and what each paid move falls back on."""
    used = {row["issue"] for row in document["interests"].values()} | _causes(document)
    rows = [row for table in (*REASONED, "directions") for row in document[table].values()]
    cited = {claim for row in rows for claim in row.get("claims") or []}
    idle = [name for name in document["issues"] if name not in used]
    remarks = [f"issue '{name}': no actor has an interest in it, and nothing responds to it" for name in idle]
    for name, claim in document["claims"].items():
        if name not in cited and claim["not_modelled"] is None:
            remarks.append(f"claim '{name}': no row or direction cites it, and it has no `not_modelled` reason")
    return [*remarks, *_added_up(document)] + [
        _without_deal(name, row) for name, row in document["moves"].items() if row["payment"]
    ]


def _added_up(document: dict[str, Any]) -> Iterator[str]:
    """Yield interests of one actor in one issue, without effects, and dependences of one channel, for they add up."""
    rows: dict[tuple[str, str], dict[str, float]] = {}
    for name, row in document["interests"].items():
        if isinstance(row["position"], float) and isinstance(row["salience"], float):
            rows.setdefault((row["actor"], row["issue"]), {})[name] = row["position"]
    for (actor, issue), wanted in rows.items():
        names, at = ", ".join(map(repr, wanted)), [f"{position:g}" for position in dict.fromkeys(wanted.values())]
        if len(wanted) > 1 and len(at) == 1:
            yield f"interests {names}: {actor} wants '{issue}' at {at[0]} in each, and their saliences add up"
        elif len(wanted) > 1:
            yield f"interests {names}: {actor} wants '{issue}' at {' and '.join(at)}, and the losses of all add up"
    channels: dict[tuple[str, str, str], list[str]] = {}
    for name, row in document["dependence"].items():
        channels.setdefault((row["dependent"], row["provider"], row["channel"]), []).append(name)
    for (dependent, provider, channel), same in channels.items():
        if len(same) > 1:
            said = f"each is '{channel}' that {dependent} has from {provider}, and the leverage of all adds up"
            yield f"dependence {', '.join(map(repr, same))}: {said}"


def _causes(document: dict[str, Any]) -> set[str]:
    """Return the issues and drivers to which a number responds, or on which a move or a shock is conditional."""
    from realpolitik.scenario.forms import effect_paths  # imported here: `realpolitik --help` reads no scenario

    rows = [(f"{table}.{name}", row) for table in TABLES for name, row in document[table].items()]
    paths = [path for at, row in rows for found in effect_paths(at, row).values() for path in found]
    return {path.rpartition(".")[2] for path in paths} | {z for _, row in rows for z in row.get("requires") or {}}


def _without_deal(name: str, move: dict[str, Any]) -> str:
    """Return what a paid move falls back on: another move, or itself without payment."""
    fallback = move["payment"]["fallback"]
    return f"{name}: without a deal, {fallback or 'made unpaid'}"


@click.command()
@click.option("--json", "_as_json", is_flag=True, help="Has no effect: the schema is always JSON.")
def schema(_as_json: bool) -> None:
    """Print the JSON Schema of scenario files, with which editors complete and check while you type.

    With taplo, tombi or Even Better TOML, save it and put `#:schema ./scenario.schema.json` at the top of a scenario.

    **Example**

        realpolitik schema > scenario.schema.json
    """
    from realpolitik.scenario import schema as json_schema

    print_json(json_schema(), indent=2)


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the script that completes commands, options and scenarios in a shell.

    Write it where the shell reads it at its start, and open a new one.

    **Examples**

        realpolitik completion bash >> ~/.bashrc
        realpolitik completion fish > ~/.config/fish/completions/realpolitik.fish
    """
    environment = {**os.environ, "_REALPOLITIK_COMPLETE": f"{shell}_source"}
    call = [sys.executable, "-m", "realpolitik"]
    script = subprocess.run(call, env=environment, capture_output=True, encoding="utf-8", check=False)
    click.echo(script.stdout)


@click.command()
@click.argument("files", nargs=-1, metavar="[FILE]...", shell_complete=complete_scenario)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen on. With any other address, other machines may reach the dashboard.",
)
@click.option("--port", default=8765, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on.")
@click.option(
    "--root", metavar="DIR", default="sweeps", show_default=True, help="The folder whose sweeps may be opened."
)
def dashboard(files: tuple[str, ...], host: str, port: int, root: str) -> None:
    """Open the dashboard: move a slider and see how the outcomes change.

    FILEs are scenario files of your own, or names of shipped ones. They are listed with the shipped scenarios, and the
    printed address opens the first. What a file extends is listed too. A file that has changed is read again when a
    page is loaded.

    It needs the extra `viz` of the installation. It loads nothing from other servers and sends no data.

    **Examples**

        realpolitik dashboard
        realpolitik dashboard my-case.toml my-what-if.toml
        realpolitik dashboard --port 9000 --root results
    """
    from importlib.metadata import entry_points

    offered = {point.name: point for point in entry_points(group=PAGES)}
    if "serve" not in offered:
        raise RuntimeError("the dashboard is not installed: reinstall realpolitik with the extra 'viz'")
    try:
        offered["serve"].load()(host, port, root, files)
    except ModuleNotFoundError as missing:
        raise RuntimeError(f"the dashboard needs {missing.name} (install realpolitik with its extra 'viz')") from None
