"""Accept the worlds of the shipped scenarios as they run now: writes worlds.json. Say why in CHANGELOG.md."""

import json
import sys
from pathlib import Path

import realpolitik as rp

sys.path.insert(0, str(Path(__file__).parents[1]))

from playing import GOLDEN, digests


def main():
    """Write the digests of worlds 0 to 19 of each shipped scenario, with drawn numbers and with those of the file."""
    golden = {}
    for shipped in rp.shipped():
        scenario = rp.load(shipped.name)
        golden[shipped.name] = {"sha256": scenario.sha256, **digests(scenario)}
    GOLDEN.write_text(json.dumps(golden, indent=1, sort_keys=True) + "\n")
    print(f"accepted {len(golden)} scenarios")  # noqa: T201 - a script that talks


if __name__ == "__main__":
    main()
