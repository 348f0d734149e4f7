"""Drawing results: figures are functions of results, found by their entry points, for `viz` imports this package."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from realpolitik.choices import name_in
from realpolitik.scenario.errors import no_such

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "realpolitik.figures"
FORMATS = (".png", ".svg", ".pdf")
"""Valid endings of figure files, each for one format."""

Write = Callable[[Path, bytes], None]


class Choice(NamedTuple):
    """What a figure shows; where nothing is chosen, the figure selects what says most."""

    outcomes: Sequence[str] = ()
    issues: Sequence[str] = ()
    leverage: Sequence[str] = ()
    """Pairs such as "Baku>Moscow": the leverage of the first over the second."""

    def check(self, document: Mapping[str, Any]) -> None:
        """Raise ValueError for a name that a scenario does not have."""
        known("outcome", self.outcomes, document["outcomes"], document)
        known("issue", self.issues, document["issues"], document)
        pairs = [f"{row['provider']}>{row['dependent']}" for row in document["dependence"].values()]
        for pair in self.leverage:
            if ">" not in pair:
                raise ValueError(f"{pair!r} is not a pair of actors; write 'A>B' in quotes, as a shell redirects at >")
        known("leverage", self.leverage, dict.fromkeys(pairs))


def known(what: str, names: Iterable[str], there: Iterable[str], document: Mapping[str, Any] | None = None) -> None:
    """Raise ValueError for a name that is not there, with the names that are."""
    valid = list(there)
    for name in names:
        if name_in(what, name) not in valid:
            raise ValueError(no_such(what, name, valid, document))


ALL = Choice()


def offered(kind: str) -> dict[str, "EntryPoint"]:
    """Return the entry points, of which one draws a kind of result; RuntimeError if it is not installed."""
    from importlib.metadata import entry_points

    points = {point.name: point for point in entry_points(group=GROUP)}
    if not {kind, "save"} <= points.keys():
        raise RuntimeError(f"the figure {kind!r} is not installed: reinstall realpolitik")
    return points


def plot(kind: str, result: Any, path: str | Path, write: Write | None = None, choice: Choice = ALL) -> None:
    """Draw a result and write it to a file in the format of its suffix: png, svg or pdf.

    `write` writes the bytes; by default an existing file is replaced. Only figures that show a selection take a
    `choice`. ValueError for an unknown format, RuntimeError if nothing is installed that draws this kind.
    """
    points = offered(kind)
    more = {} if write is None else {"write": write}
    chosen = {name: value for name, value in choice._asdict().items() if value}
    points["save"].load()(points[kind].load()(result, **chosen), path, **more)
