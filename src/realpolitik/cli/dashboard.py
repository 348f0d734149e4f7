"""`realpolitik dashboard`: the pages, in a browser."""

from importlib.metadata import entry_points

import rich_click as click

GROUP = "realpolitik.dashboard"


@click.command()
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="Where to listen. Elsewhere than here, others can reach it."
)
@click.option("--port", default=8765, show_default=True, type=click.IntRange(1, 65535), help="On which port.")
@click.option(
    "--root", metavar="DIR", default="sweeps", show_default=True, help="The folder whose sweeps may be opened."
)
def dashboard(host: str, port: int, root: str) -> None:
    """Open the dashboard: move a slider, see the politics change.

    It needs the extra `viz`: pip install 'realpolitik[viz]'. Nothing is loaded from
    elsewhere, and nothing is told to anyone.

    **Examples**

        realpolitik dashboard
        realpolitik dashboard --port 9000 --root results
    """
    offered = {point.name: point for point in entry_points(group=GROUP)}
    if "serve" not in offered:
        raise RuntimeError("nothing is installed that serves the dashboard: reinstall realpolitik with its window")
    try:
        offered["serve"].load()(host, port, root)
    except ModuleNotFoundError as missing:
        raise RuntimeError(f"the dashboard needs {missing.name}: pip install 'realpolitik[viz]'") from None
