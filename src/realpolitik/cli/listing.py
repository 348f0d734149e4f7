"""`realpolitik list`: the shipped scenarios."""

import rich_click as click
from rich.table import Table

from realpolitik.cli.common import console, json_option, print_json


@click.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List the shipped scenarios: their names, what they ask, and what they build upon.

    **Examples**

        realpolitik list
        realpolitik list --json
    """
    from realpolitik.scenario import shipped

    scenarios = shipped()
    if as_json:
        print_json([s._asdict() for s in scenarios])
        return
    table = Table("name", "title", "question", "extends", box=None, pad_edge=False, header_style="bold")
    for s in scenarios:
        table.add_row(s.name, s.title, s.question, s.extends or "")
    console().print(table, highlight=False)
