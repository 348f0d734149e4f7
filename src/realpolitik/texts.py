"""Escapes for control characters, so that texts from files are safe to print."""

from unicodedata import category


def acts(character: str) -> bool:
    """Whether a character is invisible and has an effect: controls, bidi marks, surrogates, line separators."""
    return category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")


def inert(text: str, keep: str = "") -> str:
    """Escape all characters that could control a terminal, break the line, or hide or reverse text, except `keep`."""
    if text.isprintable():
        return text
    return "".join(c.encode("unicode_escape").decode() if acts(c) and c not in keep else c for c in text)
