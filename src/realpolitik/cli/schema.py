"""`realpolitik schema`: the JSON Schema of scenario files."""

import rich_click as click

from realpolitik.cli.printing import print_json


@click.command()
@click.option("--json", "_as_json", is_flag=True, help="The same: the schema is JSON.")
def schema(_as_json: bool) -> None:
    """Print the JSON Schema of scenario files, so that editors complete and check while you type.

    With taplo, tombi or Even Better TOML, save it and put `#:schema ./scenario.schema.json` at the top of a scenario.

    **Example**

        realpolitik schema > scenario.schema.json
    """
    from realpolitik.scenario import schema as json_schema

    print_json(json_schema(), indent=2)
