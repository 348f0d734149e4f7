"""`realpolitik list`: the shipped scenarios."""

import rich_click as click

from realpolitik.cli.common import json_option
from realpolitik.cli.printing import Grid, Screen, print_json


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
    grid = Grid(("name", "name"), ("title", "prose"), ("question", "prose"), ("extends", "name"))
    for s in scenarios:
        grid.add(s.name, s.title, s.question, s.extends or "")
    grid.show(Screen())
