"""The few forms that the page needs."""

import re
from collections.abc import Sequence


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table, numbers to the right."""
    rule = ["---:" if cell[:1].isdigit() else "---" for cell in rows[0]]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [head, rule, *rows])


def paragraphs(*parts: str) -> str:
    """Put parts one below the other; items of a list stay together."""
    text = ""
    for part in parts:
        together = part.startswith("- ") and text.rpartition("\n\n")[2].startswith("- ")
        text += ("\n" if together else "\n\n" if text else "") + part
    return text


def number(value: float) -> str:
    """Return a number to three digits, or whole with its thousands."""
    return f"{float(f'{value:.3g}'):,.0f}" if value >= 100 else f"{value:.3g}"


def seconds(value: float) -> str:
    """Return a time in the unit that suits it."""
    return f"{value * 1000:.3g} ms" if value < 1.0 else f"{value:.3g} s"


def part(page: str, heading: str) -> str:
    """Return the section of a page under a heading such as "## Cost", up to the next; "" if there is none."""
    found = re.search(rf"^{re.escape(heading)}$.*?(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    return found[0].strip() if found else ""


def replaced(page: str, heading: str, section: str) -> str:
    """Return a page with another section under a heading, at its end if there was none."""
    old = part(page, heading)
    return page.strip().replace(old, section) if old else paragraphs(page.strip(), section)
