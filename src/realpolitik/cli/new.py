"""`realpolitik new`: a scenario to start from."""

import re
from pathlib import Path

import rich_click as click

from realpolitik.cli.printing import command_line, say
from realpolitik.cli.starter import STARTER

DIFF = """extends = "{base}"
reason = "Why this differs from {base}, in a sentence"
assumption = true

[meta]
title = "{title}"
question = "What happens if ...?"

[set]
# Any number of {base} by its dotted path; `realpolitik check` names the nearest path if one is misspelt.
"theory.phi" = 1.0
"""


@click.command()
@click.argument("name")
@click.option("--extends", "base", help="Write a diff on this scenario instead of a complete case.")
def new(name: str, base: str | None) -> None:
    """Write NAME.toml, a scenario that runs, to start from.

    **Examples**

        realpolitik new my-case
        realpolitik new what-if --extends karabakh
    """
    from realpolitik.scenario import load, loads

    target = Path(f"{name.removesuffix('.toml')}.toml")
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}\.toml", str(target)):
        raise ValueError(f"'{name}' cannot name a scenario: use letters, digits, - and _")
    if base is not None:
        load(base)
    title = target.stem.replace("-", " ").replace("_", " ").capitalize()
    text = DIFF.format(base=base, title=title) if base else STARTER.format(title=title)
    loads(text, name=target.name)
    try:
        with target.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise ValueError(f"{target} exists already; choose another name") from None
    say(f"Wrote {target}. Next: {command_line('check', target)}; {command_line('run', target)}")
