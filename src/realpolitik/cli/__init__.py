"""The command line. Every command is one small module; what is heavy is imported when a command runs, not for help."""

import sys

import rich_click as click

from realpolitik.cli.audit import audit
from realpolitik.cli.calibrate import calibrate
from realpolitik.cli.check import check
from realpolitik.cli.compare import compare
from realpolitik.cli.completion import completion
from realpolitik.cli.dashboard import dashboard
from realpolitik.cli.discover import discover
from realpolitik.cli.explain import explain
from realpolitik.cli.listing import list_
from realpolitik.cli.new import new
from realpolitik.cli.run import run
from realpolitik.cli.schema import schema
from realpolitik.cli.sensitivity import sensitivity
from realpolitik.cli.sweep import sweep
from realpolitik.cli.validate import validate

click.rich_click.MAX_WIDTH = 110

BAD_INPUT = 2
PLAIN = {"text_markup": None}
MARKDOWN = {"text_markup": "markdown"}
"""For commands; the list of commands needs none, and a fifth of its time would go to importing the renderer."""


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "rich_help_config": PLAIN},
    epilog="Start with: realpolitik run karabakh. Every command takes --help, with examples.",
)
@click.version_option(package_name="realpolitik", prog_name="realpolitik")
def cli() -> None:
    """Arguments about who holds leverage over whom, made to run, be questioned and scored."""


for command in (
    run,
    explain,
    compare,
    calibrate,
    validate,
    audit,
    sweep,
    sensitivity,
    discover,
    dashboard,
    check,
    list_,
    schema,
    new,
    completion,
):
    command.context_settings["rich_help_config"] = MARKDOWN
    cli.add_command(command)


def main() -> None:
    """Run the command line; bad input ends in one clear line and exit code 2, never in a traceback."""
    try:
        cli(prog_name="realpolitik")
    except (ValueError, OSError, RuntimeError) as error:
        if isinstance(error, BrokenPipeError):  # `realpolitik run ... | head`
            sys.stderr.close()
            sys.exit(1)
        click.echo(f"realpolitik: {error}", err=True)
        sys.exit(BAD_INPUT)
