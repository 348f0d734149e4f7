"""Output files: checked before any work; inputs are never replaced, other files only with `--force`."""

import hashlib
import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import realpolitik as rp
from commanding import Done, command
from realpolitik import auditing, calibration, comparing, ensembles, explaining, forecasts, swings, validation
from realpolitik.files import sealed, write_whole, writer_of
from realpolitik.sweeps import discovery, indices

SMALL = Path(__file__).parent / "small.toml"
VARY = {"theory.phi": (0.0, 1.0)}
FIGURES = {
    "run": ["run", "mine.toml", "--worlds", "4"],
    "explain": ["explain", "mine.toml"],
    "row": ["explain", "D", "--row", "3"],
    "compare": ["compare", "mine.toml", "base.toml", "--worlds", "8"],
    "audit": ["audit", "mine.toml", "--outcome", "price", "--permutations", "4", "--worlds", "1"],
    "tornado": ["tornado", "mine.toml", "--outcome", "price", "--worlds", "8"],
    "validate": ["validate", "mine.toml", "--worlds", "8"],
    "forecast": ["forecast", "mine.toml", "--worlds", "4000", "--tolerance", "12"],
    "calibrate": ["calibrate", "mine.toml", "--settings", "32", "--worlds", "2", "--error", "900"],
    "sensitivity": ["sensitivity", "D", "--outcome", "price"],
    "discover": ["discover", "D", "--outcome", "price", "--density", "0.95"],
}
FILES = {
    ("calibrate", "--out", ".parquet"): FIGURES["calibrate"],
    ("sensitivity", "--out", ".parquet"): FIGURES["sensitivity"],
    ("discover", "--write", ".toml"): FIGURES["discover"],
}
EVERY = [(name, "--plot", ".svg") for name in FIGURES] + list(FILES)
IDS = [f"{name} {option}" for name, option, _ in EVERY]


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a diff, its base, and a sweep of it."""
    folder = tmp_path_factory.mktemp("outputs")
    (folder / "base.toml").write_bytes(SMALL.read_bytes())
    diff = 'extends = "base.toml"\nreason = "To try"\nassumption = true\n[meta]\ntitle = "A diff"\n'
    diff += '[questions.dear]\ntext = "Dear?"\nresolves = "A toll"\nby = "2031-12"\noutcome = "later_toll"\n'
    (folder / "mine.toml").write_text(diff, encoding="utf-8")
    rp.sweep(str(folder / "mine.toml"), folder / "D", vary=VARY, points=160, worlds=4)
    return folder


def sums(folder: Path) -> dict[str, str]:
    """Return the sha256 of every file below a folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture
def there(swept: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Work in that folder; afterwards its files are unchanged, and new files are removed."""
    monkeypatch.chdir(swept)
    before = sums(swept)
    yield swept
    after = sums(swept)
    for name in after.keys() - before.keys():
        (swept / name).chmod(0o600)
        (swept / name).unlink()
    assert {name: after.get(name) for name in before} == before


@pytest.fixture
def idle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every computation fail the test."""

    def working(*_: Any, **__: Any) -> None:
        raise AssertionError("work has begun")

    modules = {
        ensembles: "run",
        explaining: "explain",
        comparing: "compare",
        auditing: "audit",
        swings: "tornado",
        validation: "validate_cases",
        forecasts: "forecast",
        calibration: "calibrate",
        indices: "sensitivity",
        discovery: "discover",
    }
    for module, name in modules.items():
        monkeypatch.setattr(module, name, working)
    monkeypatch.setattr("realpolitik.sweeps.sweep", working)


def arguments(name: str, option: str) -> list[str]:
    """Return the arguments of a command that writes a file."""
    return next((given for (one, other, _), given in FILES.items() if (one, other) == (name, option)), FIGURES[name])


def refused(done: Done, *says: str) -> None:
    """Check that a command ended with exit code 2 and one line."""
    assert done.code == 2
    assert done.out == ""
    assert done.err.count("\n") == 1
    assert all(words in done.err for words in says), done.err


@pytest.mark.usefixtures("there", "idle")
@pytest.mark.parametrize(("name", "option", "ending"), EVERY, ids=IDS)
@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("figure.jpg", "ends in"),
        ("figure", "ends in"),
        ("", "give a file name"),
        ("none/figure{}", "there is no folder 'none'"),
        ("mine.toml/figure{}", "there is no folder 'mine.toml'"),
        ("folder{}", "it is a folder"),
        ("n" * 300 + "{}", "File name too long"),
    ],
)
def test_a_wrong_path_is_refused_before_any_work(name: str, option: str, ending: str, path: str, says: str) -> None:
    """An invalid ending or folder of any output is an error before any work; nothing is printed."""
    Path(f"folder{ending}").mkdir(exist_ok=True)
    for force in ([], ["--force"], ["--json"]):
        refused(command(*arguments(name, option), option, path.format(ending), *force), "cannot write", says)


@pytest.mark.usefixtures("there", "idle")
def test_wrong_folders_are_refused_before_any_work() -> None:
    """`run --out` and `sweep --out` take no files as folders; the folder of a sweep has no other files."""
    run, sweep = FIGURES["run"], ["sweep", "mine.toml", "--points", "48"]
    for given in (run, sweep):
        refused(command(*given, "--out", "base.toml"), "it is a file, not a folder")
        refused(command(*given, "--out", "base.toml/R"), "there is no folder 'base.toml'")
    Path("own").mkdir(exist_ok=True)
    for name in ("manifest.json", "thesis.txt"):
        Path("own", name).write_text("{}")
        refused(command(*sweep, "--out", "own"), "'own' is not empty and contains no sweep", name)
        Path("own", name).unlink()
    for name in ("SHA256SUMS", ".lock"):
        Path("own", name).touch()
    refused(command(*run, "--out", "own", "--force"), "'own' is the folder that `sweep` or `validate` writes")
    refused(command(*run, "--out", "x.svg", "--plot", "x.svg"), "two outputs have the same name")


@pytest.mark.usefixtures("there", "idle")
@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("explain D --row 1 --world 2", "--world does not go with --row"),
        ("explain D --row 1 --seed 2", "--seed does not go with --row"),
        ("explain D --row 1 --uncertainty prior", "--uncertainty does not go with --row"),
        ("explain D --row 1 --seed 2 --why-not build", "--seed does not go with --row"),
        ("explain mine.toml --why-not build --actor A", "--actor does not go with --why-not"),
        ("sweep mine.toml --status D", "SCENARIO does not go with --status"),
        ("sweep --status D --device cpu", "--device does not go with --status"),
        ("validate --deployments cases.csv --plot x.svg", "--plot does not go with --deployments"),
        ("validate mine.toml --deployments cases.csv", "[SCENARIO]... does not go with --deployments"),
        ("validate mine.toml --settings 8", "--settings does not go with one scenario"),
        ("calibrate mine.toml --check --settings 8", "--settings does not go with --check"),
        ("calibrate mine.toml --check --out x.posterior.parquet", "--out does not go with --check"),
        ("calibrate mine.toml --histories 100", "--histories does not go with a fit, only with --check"),
    ],
)
def test_an_option_without_effect_is_refused(asked: str, says: str) -> None:
    """An option that another one makes void ends with an error, and is never ignored."""
    refused(command(*asked.split()), says)


@pytest.mark.usefixtures("there", "idle")
def test_a_folder_that_cannot_be_written_to_is_refused_before_any_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder is tested before any work: permissions, a read-only disk, a quota."""

    def refusing(**_: Any) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("tempfile.TemporaryFile", refusing)
    for option in (["--plot", "x.svg"], ["--out", "R"]):
        refused(command(*FIGURES["run"], *option), "its folder is not writable: Read-only file system")
    refused(command("sweep", "mine.toml", "--out", "E"), "its folder is not writable: Read-only file system")


@pytest.mark.usefixtures("idle")
@pytest.mark.parametrize(
    ("given", "target"),
    [
        (["discover", "D", "--outcome", "price", "--write"], "mine.toml"),
        (["discover", "D", "--outcome", "price", "--write"], "base.toml"),
        (["discover", "D", "--outcome", "price", "--write"], "../{folder}/mine.toml"),
        (["discover", "D", "--outcome", "price", "--write"], "linked.toml"),
        (["discover", "D", "--outcome", "price", "--boxes", "3", "--write"], "many.toml"),
        (["sensitivity", "D", "--out"], "D/results/part-000000.parquet"),
        (["sensitivity", "D", "--out"], "D/results/part-000009.parquet"),
        (["sensitivity", "D", "--out"], "D/design.parquet"),
        (["explain", "D", "--row", "1", "--plot"], "D/results/x.svg"),
    ],
)
def test_an_input_is_never_written_over(there: Path, given: list[str], target: str) -> None:
    """Commands never replace the scenario, its base or the sweep that they read, even with `--force`."""
    Path("linked.toml").unlink(missing_ok=True)
    Path("linked.toml").symlink_to("base.toml")
    Path("many-3.toml").unlink(missing_ok=True)
    Path("many-3.toml").symlink_to("mine.toml")
    target = target.format(folder=there.name)
    refused(command(*given, target, "--force"), "it is an input of this command")
    Path("linked.toml").unlink()
    Path("many-3.toml").unlink()


@pytest.mark.usefixtures("there")
@pytest.mark.parametrize(("name", "option", "ending"), EVERY, ids=IDS)
def test_a_file_of_another_program_is_kept(name: str, option: str, ending: str) -> None:
    """An existing file is replaced if the same command wrote it and it was not edited, or with `--force`."""
    given, file = arguments(name, option), Path(f"out{ending}")
    file.unlink(missing_ok=True)
    file.write_text("[meta]\n# a day's work\n")
    refused(command(*given, option, file), "give --force to replace it")
    assert file.read_text() == "[meta]\n# a day's work\n"
    assert command(*given, option, file, "--force").code in (0, 1)
    first = file.read_bytes()
    assert command(*given, option, file).code in (0, 1)
    assert file.read_bytes() == first
    if ending != ".parquet":
        file.write_bytes(first.replace(b"\n", b"\n ", 1) if ending == ".svg" else first + b"# mine\n")
        refused(command(*given, option, file), "was changed since")
        file.write_bytes(first)
    other = next(one for one in EVERY if one[2] == ending and one[0] != name) if ending != ".toml" else None
    if other is not None:
        refused(command(*arguments(*other[:2]), other[1], file), "was not written by")
    assert file.read_bytes() == first


@pytest.mark.usefixtures("there")
@pytest.mark.parametrize("ending", [".svg", ".png", ".pdf"])
def test_figures_of_every_format_are_recognised(ending: str) -> None:
    """In every format, a figure is replaced if the command wrote it, and not otherwise."""
    file = Path(f"figure{ending}")
    assert command(*FIGURES["run"], "--plot", file).code == 0
    content = file.read_bytes()
    assert writer_of(file) == "run"
    assert command(*FIGURES["run"], "--plot", file).code == 0
    assert file.read_bytes() == content
    file.write_bytes(content.replace(b"sha256", b"sha257", 1))
    refused(command(*FIGURES["run"], "--plot", file), "give --force")


def test_a_sealed_png_is_a_png(there: Path) -> None:
    """The seal of a PNG is a text chunk with a valid checksum, and a PDF has a valid end."""
    image = pytest.importorskip("PIL.Image")
    assert command(*FIGURES["run"], "--plot", "seal.png").code == 0
    assert command(*FIGURES["run"], "--plot", "seal.pdf").code == 0
    with image.open(there / "seal.png") as picture:
        picture.load()
        assert picture.text["Comment"].startswith("Written by realpolitik run, sha256 ")
    assert (there / "seal.pdf").read_bytes().endswith(b"%%EOF\n")


@pytest.mark.usefixtures("there")
def test_results_of_another_program_are_kept() -> None:
    """`run --out` replaces its own results in a folder, but no other files of the same names."""
    given = [*FIGURES["run"], "--out", "R"]
    assert command(*given).code == 0
    assert command(*given, "--plot", "R/figure.svg").code == 0
    assert json.loads(Path("R/result.json").read_text())["worlds"] == 4
    kept = sums(Path("R"))
    assert command(*given).code == 0
    assert sums(Path("R")) == kept
    for name in ("result.json", "outcomes.csv", "worlds.csv"):
        content = Path("R", name).read_bytes()
        Path("R", name).write_bytes(content.replace(b"handed_over", b"taken_over"))
        refused(command(*given), name, "give --force")
        Path("R", name).write_bytes(content)
    Path("other").mkdir(exist_ok=True)
    Path("other/worlds.csv").write_text("mine\n")
    refused(command(*FIGURES["run"], "--out", "other"), "other/worlds.csv", "give --force")
    assert command(*FIGURES["run"], "--out", "other", "--force").code == 0


def test_special_files_and_links(there: Path) -> None:
    """A pipe is an error; a link is followed and kept."""
    os.mkfifo("pipe.svg")
    refused(command(*FIGURES["run"], "--plot", "pipe.svg", "--force"), "it is not a regular file")
    Path("pipe.svg").unlink()
    Path("link.svg").symlink_to("figure-of-link.svg")
    assert command(*FIGURES["run"], "--plot", "link.svg").code == 0
    assert Path("link.svg").is_symlink()
    assert writer_of(there / "figure-of-link.svg") == "run"
    Path("link.svg").unlink()


@pytest.mark.usefixtures("there")
@pytest.mark.parametrize("as_json", [False, True], ids=["table", "json"])
def test_the_result_is_printed_even_if_it_cannot_be_written(as_json: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the disk is full at the end, the result is still printed."""

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    done = command(*FIGURES["run"], "--plot", "full.svg", *["--json"] * as_json)
    assert done.code == 2
    assert "No space left" in done.err
    assert json.loads(done.out)["worlds"] == 4 if as_json else "The ferry changes hands" in done.out
    assert "written to" not in done.out
    assert not list(Path().glob("*full*"))


@pytest.mark.usefixtures("there")
def test_permissions_follow_the_umask() -> None:
    """New files have the permissions of the umask; existing files keep theirs."""
    before = os.umask(0o077)
    try:
        done = command(*FIGURES["run"], "--out", "private", "--plot", "private.svg")
    finally:
        os.umask(before)
    assert done.code == 0, done.err
    made = [Path("private.svg"), *Path("private").iterdir()]
    assert len(made) == 4
    assert {stat.S_IMODE(path.stat().st_mode) for path in made} == {0o600}
    Path("private.svg").chmod(0o640)
    write_whole(Path("private.svg"), b"new")
    assert stat.S_IMODE(Path("private.svg").stat().st_mode) == 0o640


def test_long_names_can_be_written(tmp_path: Path) -> None:
    """A name of the greatest length, in characters of several bytes, can be written atomically."""
    file = tmp_path / ("\u6e21" * 83 + ".svg")
    write_whole(file, b"whole")
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"whole"]


@pytest.mark.parametrize("ending", [".toml", ".svg", ".pdf", ".json", ".png"])
def test_a_seal_breaks_with_any_change(tmp_path: Path, ending: str) -> None:
    """The seal is valid for the exact bytes only: one byte more or less makes it invalid."""
    chunk = b"\0\0\0\0IEND\xaeB`\x82"
    plain = {".pdf": b"%PDF\nstartxref\n9\n%%EOF\n", ".json": b'{\n "a": 1\n}', ".png": b"\x89PNG" + chunk}
    content = sealed(plain.get(ending, b"a\nb\n"), ending, "run")
    file = tmp_path / f"file{ending}"
    file.write_bytes(content)
    assert writer_of(file) == "run"
    for place in range(len(content)):
        file.write_bytes(content[:place] + b"?" + content[place:])
        assert writer_of(file) != "run"
        file.write_bytes(content[:place] + content[place + 1 :])
        assert writer_of(file) != "run"


@pytest.mark.usefixtures("there")
def test_indices_have_a_mark() -> None:
    """The Parquet file of `sensitivity` has its mark and the metadata of the frame."""
    assert command(*FIGURES["sensitivity"], "--out", "indices.parquet", "--force").code == 0
    assert pq.read_schema("indices.parquet").metadata[b"realpolitik"] == b"Written by realpolitik sensitivity"
