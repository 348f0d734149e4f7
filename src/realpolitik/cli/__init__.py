"""The command line. Every command is one small module; what is heavy is imported when a command runs, not for help."""

import os
import sys
import warnings
from io import TextIOWrapper
from shutil import get_terminal_size

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
from realpolitik.cli.printing import notify
from realpolitik.cli.run import run
from realpolitik.cli.schema import schema
from realpolitik.cli.sensitivity import sensitivity
from realpolitik.cli.sweep import sweep
from realpolitik.cli.validate import validate
from realpolitik.texts import inert

NARROW = 60
"""Columns below which the help has no room for a column of values beside its options."""

click.rich_click.MAX_WIDTH = 110
if get_terminal_size().columns < NARROW:
    click.rich_click.OPTIONS_TABLE_COLUMN_TYPES = ["opt_all", "help"]
    click.rich_click.OPTIONS_TABLE_HELP_SECTIONS = ["help", "deprecated", "envvar", "default", "required", "metavar"]

BAD_INPUT = 2
INTERRUPTED = 130
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
    warnings.formatwarning = lambda message, *_: f"realpolitik: {inert(str(message))}\n"
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # what an encoding lacks is shown as an escape
    try:
        sys.exit(cli(prog_name="realpolitik", standalone_mode=False) or 0)
    except BrokenPipeError:  # `realpolitik run ... | head`
        sys.stderr.close()
        sys.exit(1)
    except (click.Abort, KeyboardInterrupt):
        notify("interrupted")
        sys.exit(INTERRUPTED)
    except click.ClickException as error:
        notify(_usage(error))
        sys.exit(error.exit_code)
    except MemoryError as error:
        notify(f"there is not enough memory for this: {str(error) or 'ask for fewer worlds or months'}")
        sys.exit(BAD_INPUT)
    except (ValueError, OSError, RuntimeError) as error:
        notify(_reason(error))
        sys.exit(BAD_INPUT)


def _usage(error: click.ClickException) -> str:
    """Say what is wrong with a command line, and where its help is."""
    context = getattr(error, "ctx", None)
    words = error.format_message()
    return words if context is None else f"{words.rstrip('.')}; see {context.command_path} --help"


def _reason(error: Exception) -> str:
    """Say what went wrong: of a file, its name and why."""
    if isinstance(error, OSError) and error.filename is not None and error.strerror:
        return f"{os.fsdecode(error.filename)}: {error.strerror}"
    return str(error)
