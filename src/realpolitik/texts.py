"""Texts that are safe to print, commands that can be pasted into a shell, and numbers, with what they count."""

import os
import shlex
import sys
from decimal import Decimal
from itertools import count
from unicodedata import category

MINUS = "\N{MINUS SIGN}"
KEPT = "\n\t\u200c\u200d"
"""Control characters that are kept: line breaks, tabs, and the joiners of scripts and emoji."""

UNASKED = "What happens if ...?"
"""The question of a diff that `new` wrote, to be replaced."""


def acts(character: str) -> bool:
    """Whether a character is invisible and has an effect: controls, bidi marks, surrogates, line separators.

    Unassigned characters count too: a terminal may know a later Unicode, in which they have one.
    """
    return category(character) in ("Cc", "Cf", "Cn", "Cs", "Zl", "Zp")


def inert(text: str, keep: str = "") -> str:
    """Escape all characters that could control a terminal, break the line, or hide or reverse text, except `keep`."""
    if text.isprintable():
        return text
    return "".join(c.encode("unicode_escape").decode() if acts(c) and c not in keep else c for c in text)


def printable(text: str, encoding: str | None = None) -> str:
    """Return a text with escapes for control characters and for characters that the encoding lacks."""
    encoding = encoding or getattr(sys.stdout, "encoding", None) or "utf-8"
    return inert(text, KEPT).encode(encoding, "backslashreplace").decode(encoding)


def written(value: float, digits: int = 2) -> str:
    """Return a number to so many significant digits, without an exponent.

    >>> written(173.4), written(0.292), written(1.0), written(0.00001)
    ('170', '0.29', '1', '0.00001')
    """
    return f"{Decimal(f'{value:.{digits}g}'):,f}"


def quoted(word: object) -> str:
    """Quote a word for a shell; with control characters, in the form `$'...'` of bash, zsh and ksh."""
    text = str(word)
    if printable(text) == text and not any(acts(c) for c in text):
        return shlex.quote(text)
    escaped = (chr(b) if 32 <= b < 127 and b not in b"\\'" else f"\\x{b:02x}" for b in os.fsencode(text))
    return f"$'{''.join(escaped)}'"


def command_line(*words: object) -> str:
    """Return a command of this program, quoted for a shell."""
    return " ".join(("realpolitik", *map(quoted, words)))


def argument(path: object) -> str:
    """Return a path that cannot be mistaken for an option."""
    return f"./{path}" if str(path).startswith("-") else str(path)


def minus(digits: str) -> str:
    r"""Return a number in digits with a true minus sign; not for commands, files and terminals.

    >>> minus(f"{-0.25:+.2f}") == "\N{MINUS SIGN}0.25"
    True
    """
    return digits.replace("-", MINUS)


def told_apart(value: float, other: float, digits: int = 3) -> tuple[str, str]:
    """Return two numbers with as few digits as show their difference, but at least `digits` where they have them.

    >>> told_apart(0.967, 1.0), told_apart(0.9986, 1.0), told_apart(0.30004, 0.3), told_apart(0.5, 0.5)
    (('0.967', '1'), ('0.9986', '1'), ('0.30004', '0.3'), ('0.5', '0.5'))
    """
    for more in range(digits, 17):
        one, two = f"{value:.{more}g}", f"{other:.{more}g}"
        if abs(float(one) - float(two) - (value - other)) <= 0.1 * abs(value - other):
            break
    return minus(one), minus(two)


def counted(number: int, what: str) -> str:
    """Return a number and what it counts, in the singular or the plural.

    >>> counted(1, "world"), counted(2000, "world"), counted(0, "entry"), counted(2, "row of history")
    ('1 world', '2,000 worlds', '0 entries', '2 rows of history')
    """
    return f"{number:,} {what if number == 1 else plural(what)}"


def plural(what: str) -> str:
    """Return a noun in the plural; of several words, the last one or that before "of" is the noun."""
    what, of, rest = what.partition(" of ")
    if of:
        return f"{plural(what)}{of}{rest}"
    if what.endswith("y") and what[-2:-1] not in "aeiou":
        return f"{what[:-1]}ies"
    return what + ("es" if what.endswith(("s", "x", "ch")) else "s")


def unique_names(names: list[str]) -> list[str]:
    """Return unique names: a repeated name gets a number that no other one ends with.

    >>> unique_names(["base", "base", "base#2"])
    ['base', 'base#3', 'base#2']
    """
    made: list[str] = []
    for name in names:
        numbered = (f"{name}#{n}" for n in count(2))
        made.append(name if name not in made else next(one for one in numbered if one not in (*made, *names)))
    return made
