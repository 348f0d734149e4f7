"""The command line. Expensive modules are imported when a command runs, so that help is fast."""

import os
import re
import shlex
import sys
import warnings
from io import TextIOWrapper
from shutil import get_terminal_size

import rich_click as click

from realpolitik.cli.analysis import discover, sensitivity
from realpolitik.cli.calibrate import calibrate
from realpolitik.cli.contrasts import audit, compare
from realpolitik.cli.forecast import forecast
from realpolitik.cli.handing import diff, report
from realpolitik.cli.interrupting import interruptible
from realpolitik.cli.numbers import derive, tornado
from realpolitik.cli.one_scenario import explain, run
from realpolitik.cli.printing import BAD_INPUT, notify
from realpolitik.cli.starting import new
from realpolitik.cli.sweep import sweep
from realpolitik.cli.utilities import check, completion, dashboard, list_, schema
from realpolitik.cli.validate import validate
from realpolitik.cli.waiting import noting_compilation
from realpolitik.scenario.errors import SET
from realpolitik.texts import inert

NARROW = 60
"""Columns below which the help of options has no separate column for their values."""

click.rich_click.MAX_WIDTH = 110
if get_terminal_size().columns < NARROW:
    click.rich_click.OPTIONS_TABLE_COLUMN_TYPES = ["opt_all", "help"]
    click.rich_click.OPTIONS_TABLE_HELP_SECTIONS = ["help", "deprecated", "envvar", "default", "required", "metavar"]

INTERRUPTED = 130
LISTED = re.compile(r"; write (\[.*\])$")
"""The end of a message on a value that must be a list."""
PLAIN = {"text_markup": None}
MARKDOWN = {"text_markup": "markdown"}
"""For commands; the list of commands is plain, because importing the renderer takes a fifth of its time."""


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "rich_help_config": PLAIN},
    epilog="Start with: realpolitik run karabakh. Every command takes --help, with examples.",
)
@click.version_option(package_name="realpolitik", prog_name="realpolitik")
def cli() -> None:
    """Simulate arguments about who holds leverage over whom: run them, question them, score them."""


for command in (
    run,
    explain,
    compare,
    calibrate,
    validate,
    forecast,
    audit,
    tornado,
    diff,
    report,
    sweep,
    sensitivity,
    discover,
    dashboard,
    check,
    list_,
    schema,
    new,
    derive,
    completion,
):
    command.context_settings["rich_help_config"] = MARKDOWN
    cli.add_command(command)


def main() -> None:
    """Run the command line; invalid input ends with one line and exit code 2, never with a traceback."""
    warnings.formatwarning = lambda message, *_: f"realpolitik: {inert(str(message))}\n"
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # characters that the encoding lacks are escaped
    try:
        with interruptible(), noting_compilation():
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
        notify(f"not enough memory: {str(error) or 'give fewer worlds or months'}")
        sys.exit(BAD_INPUT)
    except (ValueError, OSError, RuntimeError) as error:
        notify(_reason(error))
        sys.exit(BAD_INPUT)


def _usage(error: click.ClickException) -> str:
    """Return the message for an invalid command line, with the command that prints help."""
    context = getattr(error, "ctx", None)
    words = error.format_message()
    return words if context is None else f"{words.rstrip('.')}; see {context.command_path} --help"


def _reason(error: Exception) -> str:
    """Return the message for an error; for a file, its name and the reason; for a list to set, how a shell takes it."""
    if isinstance(error, FileNotFoundError) and error.filename is not None:
        return f"no such file: '{os.fsdecode(error.filename)}'"
    if isinstance(error, OSError) and error.filename is not None and error.strerror:
        return f"{os.fsdecode(error.filename)}: {error.strerror}"
    if getattr(error, "file", "") == SET and (found := LISTED.search(str(error))):
        setting = f"{getattr(error, 'key', '')}={found[1]}"
        return f"{error}, as {shlex.join(('--set', setting))}"
    return str(error)
