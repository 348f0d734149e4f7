"""Saving of figures: the same figure gives the same bytes, and a file is written completely or not at all."""

import re
import warnings
from io import BytesIO
from os import PathLike
from pathlib import Path

from matplotlib.figure import Figure
from matplotlib.text import Text

from realpolitik.figures import FORMATS, Write
from realpolitik.files import write_whole
from realpolitik.texts import inert
from realpolitik.version import __version__
from realpolitik_viz.canvas import Canvas, house

DPI = 200
MISSING = re.compile(r"Glyph (\d+) .* missing from font", re.DOTALL)
MOST_NAMED = 5


def save(figure: Figure, path: str | PathLike[str], write: Write = write_whole) -> None:
    """Write a figure in the format of the file's suffix.

    Parameters
    ----------
    figure
        What a function of this package returned.
    path
        A file that ends in .png, .svg or .pdf.
    write
        Writes the bytes to a path; by default it replaces a file of that name.

    Raises
    ------
    ValueError
        If the suffix is another one.

    Examples
    --------
    >>> import realpolitik as rp
    >>> from pathlib import Path
    >>> from realpolitik_viz import ensemble_figure
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     save(ensemble_figure(rp.run("karabakh", worlds=16)), Path(folder, "karabakh.svg"))
    ...     Path(folder, "karabakh.svg").stat().st_size > 1000
    True
    """
    target = Path(path)
    if target.suffix.lower() not in FORMATS:
        raise ValueError(f"a figure can be written as .png, .svg or .pdf, not as {target.name!r}")
    write(target, rendered(figure, target.suffix.lower().removeprefix(".")))


def rendered(figure: Figure, kind: str) -> bytes:
    """Return the bytes of a figure as png, svg or pdf."""
    content = BytesIO()
    for text in figure.findobj(Text):
        if (shown := inert(text.get_text(), "\n")) != text.get_text():
            text.set_text(shown)
    with house(), warnings.catch_warnings(record=True) as caught:
        warnings.filterwarnings("always", r"Glyph .* missing from font", UserWarning)
        figure.savefig(content, format=kind, dpi=DPI, facecolor=figure.get_facecolor(), metadata=_about(figure, kind))
    _warn(caught, kind)
    return content.getvalue()


def _warn(caught: list[warnings.WarningMessage], kind: str) -> None:
    """Warn once of letters that no font has; an SVG keeps them as text."""
    missing = {found[1] for one in caught if (found := MISSING.match(str(one.message)))}
    for one in caught:
        if not MISSING.match(str(one.message)):
            warnings.warn_explicit(one.message, one.category, one.filename, one.lineno)
    if missing and kind != "svg":
        names = ", ".join(f"U+{int(letter):04X}" for letter in sorted(missing, key=int)[:MOST_NAMED])
        warnings.warn(f"no installed font has {names}, drawn as boxes; an SVG keeps such letters", stacklevel=3)


def _about(figure: Figure, kind: str) -> dict[str, str | None]:
    """Return the metadata of the file; without a date, so that the same figure gives the same file."""
    maker = f"realpolitik {__version__}"
    title, caption = (inert(figure.title), inert(figure.caption)) if isinstance(figure, Canvas) else ("", "")
    if kind == "png":
        return {"Title": title, "Description": caption, "Software": maker}
    if kind == "svg":
        return {"Title": title, "Description": caption, "Creator": maker, "Date": None}
    return {"Title": title, "Subject": caption, "Creator": maker, "CreationDate": None}
