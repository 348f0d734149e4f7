"""Saves figures: the same bytes from the same figure, whole or not at all."""

from io import BytesIO
from os import PathLike
from pathlib import Path

from matplotlib.figure import Figure

from realpolitik.figures import FORMATS, Write
from realpolitik.files import write_whole
from realpolitik.version import __version__
from realpolitik_viz.sheet import Sheet, house

DPI = 200


def save(figure: Figure, path: str | PathLike[str], write: Write = write_whole) -> None:
    """Write a figure in the format of the file's suffix; ValueError if that is not png, svg or pdf.

    `write` puts the bytes into the file; by default a file of that name is replaced.
    """
    target = Path(path)
    if target.suffix.lower() not in FORMATS:
        raise ValueError(f"a figure can be written as .png, .svg or .pdf, not as {target.name!r}")
    write(target, rendered(figure, target.suffix.lower().removeprefix(".")))


def rendered(figure: Figure, kind: str) -> bytes:
    """Return the bytes of a figure as png, svg or pdf."""
    content = BytesIO()
    with house():
        figure.savefig(content, format=kind, dpi=DPI, facecolor=figure.get_facecolor(), metadata=_about(figure, kind))
    return content.getvalue()


def _about(figure: Figure, kind: str) -> dict[str, str | None]:
    """Return what the file says of itself; no date, for the same figure is the same file."""
    maker = f"realpolitik {__version__}"
    title, caption = (figure.title, figure.caption) if isinstance(figure, Sheet) else ("", "")
    if kind == "png":
        return {"Title": title, "Description": caption, "Software": maker}
    if kind == "svg":
        return {"Title": title, "Description": caption, "Creator": maker, "Date": None}
    return {"Title": title, "Subject": caption, "Creator": maker, "CreationDate": None}
