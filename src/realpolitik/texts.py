"""Texts that came from elsewhere, made harmless to print."""

from unicodedata import category


def acts(character: str) -> bool:
    """Whether a character does something instead of being seen: controls, bidi marks, surrogates, line separators."""
    return category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")


def inert(text: str, keep: str = "") -> str:
    """Escape whatever could command a terminal, break the line, or hide or reverse text; all but what is to be kept."""
    if text.isprintable():
        return text
    return "".join(c.encode("unicode_escape").decode() if acts(c) and c not in keep else c for c in text)
