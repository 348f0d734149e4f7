"""Damaged files and hostile places: found, never used, and repaired or refused in one clear line."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

import realpolitik as rp
from realpolitik.sweeps.opening import status_of
from sweeping import arguments, command, ended, paused, results, sums, swept

PART = "part-000003.parquet"


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A finished sweep, to be copied and damaged."""
    folder = tmp_path_factory.mktemp("whole") / "D"
    swept(folder)
    return folder


@pytest.fixture
def damaged(tmp_path, whole):
    """A copy of it."""
    return Path(shutil.copytree(whole, tmp_path / "D"))


def flip(path: Path) -> None:
    """Turn one bit in the middle of a file."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def shorten(path: Path) -> None:
    """Take the last byte off."""
    path.write_bytes(path.read_bytes()[:-1])


def empty(path: Path) -> None:
    """Leave nothing in a file."""
    path.write_bytes(b"")


def swap(path: Path) -> None:
    """Exchange a chunk with the next."""
    other = path.with_name("part-000004.parquet")
    one, two = path.read_bytes(), other.read_bytes()
    path.write_bytes(two)
    other.write_bytes(one)


def link(path: Path) -> None:
    """Put a link to the file in its place."""
    elsewhere = path.parents[2] / "elsewhere.parquet"
    path.rename(elsewhere)
    path.symlink_to(elsewhere)


@pytest.mark.parametrize("damage", [flip, shorten, empty, swap, link, Path.unlink])
def test_a_damaged_chunk_is_computed_again(damaged, whole, damage):
    """A chunk that is not as it was written is found by its checksum, named, and computed again."""
    damage(damaged / "results" / PART)
    assert rp.open_sweep(damaged).verify() != []
    assert PART in swept(damaged)
    assert sums(damaged) == sums(whole)
    assert not (damaged / "results" / PART).is_symlink()


def test_a_chunk_of_another_seed_is_not_taken(damaged, whole, tmp_path):
    """A valid chunk of another sweep, with a matching checksum, carries another mark and is not used."""
    other = tmp_path / "other"
    swept(other, seed=2)
    shutil.copy(other / "results" / PART, damaged / "results" / PART)
    lines = (damaged / "SHA256SUMS").read_text().splitlines()
    foreign = next(line for line in (other / "SHA256SUMS").read_text().splitlines() if PART in line)
    assert foreign not in lines
    (damaged / "SHA256SUMS").write_text("\n".join([*(line for line in lines if PART not in line), foreign, ""]))
    assert PART in swept(damaged)
    assert sums(damaged) == sums(whole)


@pytest.mark.parametrize("cut", [0, 1, 2, 100, 5_000, -1])
@pytest.mark.parametrize("name", ["manifest.json", "SHA256SUMS"])
def test_a_truncated_manifest_or_list_of_checksums_is_repaired(damaged, whole, name, cut):
    """Cut anywhere, both are made again from the command and the chunks; reading alone is refused."""
    content = (damaged / name).read_bytes()[:cut]
    (damaged / name).write_bytes(content)
    if name == "manifest.json":
        with pytest.raises(ValueError, match="damaged"):
            rp.open_sweep(damaged)
    swept(damaged)
    assert sums(damaged) == sums(whole)
    assert rp.open_sweep(damaged).missing == []


@pytest.mark.parametrize("junk", [b"\x00\xff" * 1000, b"[" * 100_000, b'{"sha256": 1, "sweep": {}}'])
def test_junk_for_a_manifest(damaged, junk):
    """Anything else in the manifest's place is called damaged."""
    (damaged / "manifest.json").write_bytes(junk)
    with pytest.raises(ValueError, match=r"manifest.json is damaged"):
        rp.open_sweep(damaged)


@pytest.mark.faults
def test_a_refusal_on_the_command_line(damaged):
    """Whatever is wrong with a folder ends a command with exit code 2 and one line."""
    flip(damaged / "manifest.json")
    refused = command("explain", str(damaged), "--row", "1")
    assert refused.returncode == 2
    assert refused.stderr.startswith("realpolitik: ")
    assert refused.stderr.count("\n") == 1


def test_an_edited_manifest(damaged):
    """A number changed in the manifest is noticed by its checksum."""
    document = json.loads((damaged / "manifest.json").read_text())
    document["sweep"]["seed"] = 2
    (damaged / "manifest.json").write_text(json.dumps(document))
    with pytest.raises(ValueError, match="damaged"):
        rp.open_sweep(damaged)


def test_a_lost_manifest_and_another_sweep(damaged, whole):
    """Without a manifest, chunks that carry another sweep's mark are not written over."""
    (damaged / "manifest.json").unlink()
    with pytest.raises(ValueError, match="holds another sweep"):
        swept(damaged, seed=2)
    assert [file.read_bytes() for file in results(damaged)] == [file.read_bytes() for file in results(whole)]


def test_a_folder_with_something_else_in_it(tmp_path):
    """A folder that holds other work is not written to."""
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(ValueError, match=r"holds no sweep: it contains thesis.tex"):
        swept(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_file_in_the_place_of_the_folder(tmp_path):
    """A file where the folder should be stays as it is."""
    (tmp_path / "D").write_text("a file")
    with pytest.raises(OSError, match="is a file"):
        swept(tmp_path / "D")
    assert (tmp_path / "D").read_text() == "a file"


def test_a_link_to_a_folder_is_that_folder(tmp_path, whole):
    """A sweep asked for through a link lies in the folder behind it, under the same lock."""
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    swept(tmp_path / "link")
    assert sums(tmp_path / "real") == sums(whole)
    assert rp.open_sweep(tmp_path / "link").missing == []


def test_results_that_lead_elsewhere(damaged, tmp_path):
    """A `results` that is a link out of the folder is refused, and nothing is written behind it."""
    shutil.rmtree(damaged / "results")
    (tmp_path / "elsewhere").mkdir()
    (damaged / "results").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ValueError, match="only inside its own folder"):
        swept(damaged)
    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.mark.faults
def test_the_folder_is_taken_away_midway(tmp_path):
    """A folder removed under a running sweep ends it with one clear line."""
    folder = tmp_path / "D"
    process = paused(3, *arguments(folder))
    folder.rename(tmp_path / "taken")
    returned, errors = ended(process)
    assert returned == 2
    assert errors.startswith("realpolitik: ")
    assert errors.count("\n") == 1
    assert "3 of 64 chunks are safe" in errors
    assert len(results(tmp_path / "taken")) == 3


@pytest.fixture
def mount(tmp_path):
    """Mount small file systems; needs root, as CI has it."""
    mounted = []

    def mounting(options: str) -> Path:
        place = tmp_path / f"mount{len(mounted)}"
        place.mkdir()
        made = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)], capture_output=True, check=False
        )
        if made.returncode:
            pytest.skip("mounting a file system needs root")
        mounted.append(place)
        return place

    yield mounting
    for place in mounted:
        subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_read_only_folder(mount):
    """A folder that cannot be written to is refused in one line."""
    place = mount("size=1m,ro")
    with pytest.raises(OSError, match="Read-only"):
        (place / "probe").write_text("")
    with pytest.raises(OSError, match="cannot make this folder: Read-only file system"):
        swept(place / "D")


def test_a_folder_that_has_become_read_only(mount, whole):
    """A sweep behind a read-only mount is read as before; taking it up is refused in one line, and changes nothing."""
    place = mount("size=4m")
    shutil.copytree(whole, place / "D")
    (place / "D" / "results" / PART).unlink()
    subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
    with pytest.raises(OSError, match=r"cannot write there: Read-only file system"):
        swept(place / "D")
    opened = rp.open_sweep(place / "D")
    assert opened.verify() == [f"results/{PART}"]
    assert status_of(opened)["running"] is False


def test_a_disk_too_small_is_refused_before_anything_is_written(mount):
    """A sweep that cannot fit is refused with what it needs and what there is."""
    place = mount("size=16k")
    with pytest.raises(ValueError, match=r"does not fit: .* kB of disk are free"):
        swept(place / "D")
    assert list(place.iterdir()) == []


def fill(path: Path) -> None:
    """Write zeros until nothing more fits."""
    with path.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))


@pytest.mark.faults
def test_a_disk_that_fills_up_midway(mount, tmp_path):
    """When the disk fills, the sweep stops with the cause named, and resumes to the same bytes once there is room."""
    place = mount("size=2m")
    process = paused(2, *arguments(place / "D", points=32))
    hog = place / "hog"
    with pytest.raises(OSError, match="No space left"):
        fill(hog)
    returned, errors = ended(process)
    assert returned == 2
    assert "No space left on device" in errors
    assert "2 of 16 chunks are safe" in errors
    hog.unlink()
    again = command(*arguments(place / "D", points=32))
    assert again.returncode == 0, again.stderr
    assert command(*arguments(tmp_path / "undisturbed", points=32)).returncode == 0
    assert sums(place / "D") == sums(tmp_path / "undisturbed")
