"""The tools that check JavaScript are pinned, with hashes."""

import json

from repository.tree import ROOT

LOCKED = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
ASKED = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["devDependencies"]


def test_every_package_has_a_hash_and_no_address() -> None:
    """Each package of the lock file has a version and an integrity hash; where it comes from is npm's own setting."""
    packages = [about for path, about in LOCKED.items() if path]
    assert len(packages) > len(ASKED)
    assert [about for about in packages if not about["integrity"].startswith("sha512-") or "resolved" in about] == []


def test_the_lock_file_has_what_is_asked_for() -> None:
    """The lock file has exactly the versions of package.json."""
    assert {name: LOCKED[f"node_modules/{name}"]["version"] for name in ASKED} == ASKED
