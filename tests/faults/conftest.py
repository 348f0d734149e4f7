"""No fault test leaves a process behind, whether it passes or fails."""

import pytest

from sweeping import STARTED


@pytest.fixture(autouse=True)
def _nothing_left_running():
    """Kill what a test has started and not seen to its end; a stopped sweep would hold its folder without end."""
    yield
    for process in STARTED:
        if process.poll() is None:
            process.kill()
            process.communicate()
    STARTED.clear()
