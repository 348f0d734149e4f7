"""Figures are saved whole, the same bytes from the same result, in three formats and no others."""

from pathlib import Path

import matplotlib
import pytest

import realpolitik as rp
from realpolitik_viz import ensemble_figure, save

ENSEMBLE = rp.run("karabakh", worlds=50, seed=1)


@pytest.mark.parametrize("kind", ["svg", "png", "pdf"])
def test_the_same_result_gives_the_same_file(kind: str, tmp_path: Path) -> None:
    """Two figures of one ensemble are the same to the byte, whatever settings of Matplotlib their maker has."""
    save(ensemble_figure(ENSEMBLE), tmp_path / f"one.{kind}")
    with matplotlib.rc_context({"font.size": 20, "axes.facecolor": "red", "svg.fonttype": "path", "axes.grid": True}):
        before = dict(matplotlib.rcParams)
        save(ensemble_figure(ENSEMBLE), tmp_path / f"two.{kind}")
        assert dict(matplotlib.rcParams) == before
    assert (tmp_path / f"one.{kind}").read_bytes() == (tmp_path / f"two.{kind}").read_bytes()


def test_words_stay_words(tmp_path: Path) -> None:
    """An SVG holds its words as text, its provenance as metadata, and no date."""
    save(ensemble_figure(ENSEMBLE), tmp_path / "figure.svg")
    content = (tmp_path / "figure.svg").read_text(encoding="utf-8")
    assert ">The peacekeepers leave</text>" in content
    assert "<dc:title>Karabakh and the peacekeepers</dc:title>" in content
    assert f"sha256 {ENSEMBLE.scenario.sha256[:12]}" in content
    assert "<dc:date>" not in content


def test_the_format_is_the_suffix_in_any_case(tmp_path: Path) -> None:
    """A file named .PNG is a PNG."""
    save(ensemble_figure(ENSEMBLE), tmp_path / "figure.PNG")
    assert (tmp_path / "figure.PNG").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("name", ["figure.jpg", "figure", "figure.svgz", ".svg", "figure.svg.exe"])
def test_other_formats_are_refused(name: str, tmp_path: Path) -> None:
    """Any other suffix, or none, is refused before anything is written, with the three that are known."""
    with pytest.raises(ValueError, match=r"\.png, \.svg or \.pdf, not as"):
        save(ensemble_figure(ENSEMBLE), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_failure_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the disk fails halfway, the figure that was there is still there, and no debris beside it."""
    target = tmp_path / "figure.svg"
    target.write_text("old")

    def full(_: int) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        save(ensemble_figure(ENSEMBLE), target)
    assert [path.read_text() for path in tmp_path.iterdir()] == ["old"]
