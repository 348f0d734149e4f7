"""`realpolitik completion`: the shell's tab key."""

import os
import subprocess
import sys

import rich_click as click


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the script that completes commands, options and scenarios in a shell.

    **Examples**

        realpolitik completion bash >> ~/.bashrc
        realpolitik completion fish > ~/.config/fish/completions/realpolitik.fish
    """
    asked = {**os.environ, "_REALPOLITIK_COMPLETE": f"{shell}_source"}
    call = "from realpolitik.cli import main; main()"
    script = subprocess.run([sys.executable, "-c", call], env=asked, capture_output=True, text=True, check=False)
    click.echo(script.stdout)
