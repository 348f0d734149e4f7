"""Figures are saved completely, the same bytes from the same result, in three formats and no others."""

import time
from pathlib import Path
from xml.etree import ElementTree

import matplotlib
import pytest

import realpolitik as rp
from realpolitik_viz import ensemble_figure, save
from realpolitik_viz.words import inches, lines, listed

SMALL = Path(__file__).parents[1] / "laboratory" / "small.toml"
ENSEMBLE = rp.run("karabakh", worlds=50, seed=1)


@pytest.mark.parametrize("kind", ["svg", "png", "pdf"])
def test_the_same_result_gives_the_same_file(kind: str, tmp_path: Path) -> None:
    """Two figures of one ensemble are the same to the byte, whatever Matplotlib's settings are."""
    save(ensemble_figure(ENSEMBLE), tmp_path / f"one.{kind}")
    with matplotlib.rc_context({"font.size": 20, "axes.facecolor": "red", "svg.fonttype": "path", "axes.grid": True}):
        before = dict(matplotlib.rcParams)
        save(ensemble_figure(ENSEMBLE), tmp_path / f"two.{kind}")
        assert dict(matplotlib.rcParams) == before
    assert (tmp_path / f"one.{kind}").read_bytes() == (tmp_path / f"two.{kind}").read_bytes()


def test_words_are_kept_as_text(tmp_path: Path) -> None:
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
    """Any other suffix, or none, is refused before anything is written, with the three valid ones."""
    with pytest.raises(ValueError, match=r"\.png, \.svg or \.pdf, not as"):
        save(ensemble_figure(ENSEMBLE), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_failure_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If writing fails, the old figure is kept, and no other file is left."""
    target = tmp_path / "figure.svg"
    target.write_text("old")

    def full(_: int) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        save(ensemble_figure(ENSEMBLE), target)
    assert [path.read_text() for path in tmp_path.iterdir()] == ["old"]


HOSTILE = "a\x1b[31m\x0b\u202e\udcff<b>&amp;"


@pytest.mark.parametrize("kind", ["svg", "png", "pdf"])
def test_names_that_no_text_can_hold_are_escaped(kind: str, tmp_path: Path) -> None:
    """A scenario whose file name has control characters or undecodable bytes is drawn, and the SVG is valid XML."""
    ensemble = rp.run(rp.loads(SMALL.read_text(encoding="utf-8"), name=f"{HOSTILE}.toml"), worlds=8)
    save(ensemble_figure(ensemble), tmp_path / f"figure.{kind}")
    if kind == "svg":
        text = "".join(ElementTree.parse(tmp_path / "figure.svg").getroot().itertext())
        assert "a\\x1b[31m\\x0b\\u202e\\udcff<b>&amp;" in text


def test_letters_that_no_font_has(tmp_path: Path) -> None:
    """An SVG keeps letters that no font has, without a warning; for a PNG one warning names them."""
    text = SMALL.read_text(encoding="utf-8").replace("The ferry changes hands", "\U00013000 and \U00013001")
    figure = ensemble_figure(rp.run(rp.loads(text), worlds=8))
    save(figure, tmp_path / "figure.svg")
    assert "\U00013000 and \U00013001" in (tmp_path / "figure.svg").read_text(encoding="utf-8")
    with pytest.warns(UserWarning, match=r"no installed font has U\+13000, U\+13001, drawn as boxes") as caught:
        save(figure, tmp_path / "figure.png")
    assert len(caught) == 1


@pytest.mark.parametrize("letter", ["w", "w ", "path.of_"])
def test_long_texts_are_broken_into_lines_at_once(letter: str) -> None:
    """A text of 20,000 letters is broken into lines that fit, with a few measurements, and no letter is lost."""
    words = letter * (20_000 // len(letter))
    start = time.monotonic()
    rows = lines(words, 3.0, 8.5)
    assert time.monotonic() - start < 10
    assert "".join(rows).replace(" ", "") == words.replace(" ", "")
    assert max(inches(row, 8.5) for row in rows[:50]) <= 3.0


def test_paths_are_broken_where_they_have_a_sign() -> None:
    """A dotted path that is too wide is broken after a dot or an underscore; other words are kept whole."""
    rows = lines("the dependence.a_very_long_name.alternatives", 1.5, 8.5)
    assert len(rows) > 1
    assert all(row[-1] in "._" for row in rows[1:-1])
    assert lines("the peacekeepers leave", 1.0, 8.5) == ["the", "peacekeepers", "leave"]


def test_a_list_of_names_says_how_many_more_there_are() -> None:
    """As many whole names as fit on a few lines, and the number of the others."""
    names = [f"dependence.row{n}.stake" for n in range(150)]
    rows = listed(names, 3.0, 8.5, 4)
    assert len(rows) == 4
    shown = " ".join(rows).split(" and ")
    assert shown[1] == f"{150 - len(shown[0].split(', '))} more"
    assert listed(names[:2], 3.0, 8.5, 4) == ["dependence.row0.stake, dependence.row1.stake"]
