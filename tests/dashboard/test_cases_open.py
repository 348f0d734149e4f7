"""Each of the four cases opens in the dashboard: its story and its Explore page have answers."""

import pytest

from dashboard.driving import driven


@pytest.mark.parametrize("name", ["karabakh", "sweden-nato", "transnistria", "sahel"])
def test_a_case_opens(name: str) -> None:
    """The story and Explore of a case are answered, without a message or a failure."""
    for page in ("story", "explore"):
        with driven(f"page={page}&scenario={name}&worlds=50") as one:
            assert one.view.value.page == page
            assert (one.message.value, one.failed.value, one.missing.value) == ("", "", "")
            assert one.shown("cards")
            assert (one.message.value, one.failed.value) == ("", "")
