"""`realpolitik check`: whether a scenario file is sound."""

from typing import TYPE_CHECKING, Any

import rich_click as click

from realpolitik.choices import REASONED, TABLES
from realpolitik.cli.common import json_option, load, scenario_argument
from realpolitik.cli.printing import print_json, say

if TYPE_CHECKING:
    from realpolitik.scenario import Scenario, ScenarioError


@click.command()
@scenario_argument
@json_option
def check(scenario: str, as_json: bool) -> None:
    """Check a scenario file and say what it holds.

    A faulty file ends with exit code 2 and one line: file, line, column, key, what is wrong, the nearest valid name.

    **Examples**

        realpolitik check my-case.toml
        realpolitik check karabakh --json
    """
    from realpolitik.scenario import ScenarioError

    try:
        report = _report(load(scenario))
    except ScenarioError as error:
        if as_json:
            print_json({"ok": False, **_fault(error)})
        raise
    if as_json:
        print_json(report)
        return
    counts = ", ".join(f"{count} {table}" for table, count in report["rows"].items() if count)
    say(f"{report['scenario']}: sound. {counts}; {report['numbers']} numbers, {report['ranges']} ranges.")
    for line in report["remarks"]:
        say(f"  {line}")


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
    }


def _remarks(document: dict[str, Any]) -> list[str]:
    """Return what is lawful but likely not meant: issues nobody wants, claims nothing stands on."""
    wanted = {row["issue"] for row in document["interests"].values()}
    rows = [row for table in REASONED for row in document[table].values()]
    cited = {claim for row in rows for claim in row.get("claims") or []}
    remarks = [f"issue '{name}': nobody has an interest in it" for name in document["issues"] if name not in wanted]
    for name, claim in document["claims"].items():
        if name not in cited and claim["not_modelled"] is None:
            remarks.append(f"claim '{name}': no row stands on it, and it is not listed as not modelled")
    return remarks
