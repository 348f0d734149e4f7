"""The versions on which the bytes of a sweep depend."""

from importlib.metadata import version

from realpolitik.version import __version__
from realpolitik_model.engine.compiling import DIGEST

DECISIVE = ("numpy", "scipy", "pyarrow")
"""NumPy and SciPy make the designs, Arrow writes the files."""

OURS = ("realpolitik", "equations")
"""What a reader is told of when it differs; the libraries matter only to what is computed anew."""


def versions() -> dict[str, str]:
    """Name this program, the equations it runs, and the libraries that make the bytes."""
    libraries = {name: version(name) for name in DECISIVE}
    return {"realpolitik": __version__, "equations": DIGEST[:16], **libraries}
