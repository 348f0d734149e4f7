"""Templates of `realpolitik new`: each runs, and does what its first lines say that it shows."""

import json
import re
import shlex
from pathlib import Path

import numpy as np
import pytest

import realpolitik as rp
from commanding import command
from realpolitik.cli.starting import TEMPLATES, templates
from realpolitik.scenario import loads

WORLDS = 200
HOW_TO = Path(__file__).parents[2] / "docs" / "howto" / "write-scenario.md"
TEXTS = {one.name: one.text for one in templates()}
NEVER, ALWAYS = (0.0, 0.02), (0.98, 1.0)
SHOWN = [
    ("garrison", "", {"withdrawal": (0.9, 1.0), "crossover": ALWAYS}),
    ("garrison", "--set drivers.sanctions.scale=0", {"withdrawal": NEVER, "crossover": NEVER}),
    ("veto", "", {"blocked": ALWAYS, "conceded": ALWAYS, "admitted": ALWAYS}),
    ("veto", "--set moves.admit.consent.need=1", {"blocked": NEVER, "conceded": NEVER, "admitted": ALWAYS}),
    ("veto", "--set theory.foresight=0", {"blocked": ALWAYS, "conceded": NEVER, "admitted": NEVER}),
    ("swap", "", {"swapped": ALWAYS, "alone": NEVER, "road_alone": NEVER}),
    ("swap", "--set interests.coast_rail.salience=0", {"swapped": NEVER, "alone": NEVER, "road_alone": NEVER}),
    ("swap", "--set drivers.winter.scale=0", {"swapped": NEVER, "alone": NEVER, "road_alone": NEVER}),
    ("embargo", "", {"imposed": ALWAYS, "ended": ALWAYS, "traded": ALWAYS}),
    ("embargo", "--set theory.foresight=0", {"imposed": NEVER, "ended": NEVER}),
    ("embargo", "--set drivers.supplier.scale=1", {"imposed": NEVER, "ended": NEVER}),
    ("election", "", {"signed": ALWAYS}),
    ("election", "--set drivers.campaign.shift=6", {"signed": (0.9, 1.0)}),
    ("election", "--set drivers.campaign.scale=0", {"signed": ALWAYS}),
    ("election", "--set drivers.campaign.shift=12", {"signed": (0.0, 0.05)}),
    ("promise", "", {"promised": ALWAYS, "closed": ALWAYS, "kept": ALWAYS}),
    ("promise", "--set interests.donor_aid.salience.effects.word=0", {"promised": ALWAYS, "closed": NEVER}),
    ("promise", "--set theory.foresight=0", {"closed": NEVER, "kept": NEVER}),
    ("three-party", "", {"closed": ALWAYS}),
    ("three-party", "--set interests.west_site.salience=0", {"closed": NEVER}),
    ("three-party", "--set interests.east_site.salience=0", {"closed": NEVER}),
    ("three-party", "--set interests.owner_site.salience=0.7", {"closed": ALWAYS}),
    ("council", "", {"rejected": NEVER, "passed": ALWAYS}),
    ("council", "--theory self-interest", {"rejected": ALWAYS, "passed": NEVER}),
    ("council", "--set moves.motion.consent.need=5", {"rejected": ALWAYS, "passed": NEVER}),
]
"""Template, options of `run` as in its comments, and the probability of outcomes."""


def played(name: str, options: str = "") -> rp.Ensemble:
    """Return worlds of a template with options of the command line."""
    words = shlex.split(options)
    given = dict(zip(words[::2], words[1::2], strict=True))
    settings = dict([given["--set"].split("=")]) if "--set" in given else {}
    return rp.run(rp.loads(TEXTS[name]), worlds=WORLDS, set=settings, theory=given.get("--theory"))


def months(name: str, outcome: str, options: str = "") -> list[str]:
    """Return the months in which an outcome happens, world by world."""
    ensemble = played(name, options)
    first = ensemble.to_xarray()["first"].sel(event=outcome).to_numpy()
    return [ensemble.months[month] for month in first if month >= 0]


@pytest.mark.parametrize(("name", "options", "outcomes"), SHOWN, ids=lambda v: v if isinstance(v, str) else "")
def test_a_template_shows_what_it_says(name: str, options: str, outcomes: dict[str, tuple[float, float]]) -> None:
    """With the options that its comments give, outcomes happen or do not."""
    ensemble = played(name, options)
    found = {outcome: ensemble.probability(outcome) for outcome in outcomes}
    assert all(low <= found[outcome] <= high for outcome, (low, high) in outcomes.items()), found


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_option_in_a_comment_is_tested(name: str) -> None:
    """The first lines of a template say what it shows, and the table above tests each option that they give."""
    head = TEXTS[name].split("\n\n[meta]")[0]
    assert "# What it shows" in head
    given = set(re.findall(r"--(?:set|theory) [^ )]+", head))
    assert given == {options for template, options, _ in SHOWN if template == name} - {""}


def test_the_garrison_leaves_more_often_for_a_price() -> None:
    """In the garrison template, more withdrawals are paid than unpaid."""
    made = played("garrison").to_dict()["moves"]
    assert made["sell"]["paid"] > made["withdraw"]["ever"] > 0


def test_a_swap_waits_for_the_cold() -> None:
    """In the swap template, no deal is made from April to August, and nearly all of them when autumn comes."""
    found = [date[-2:] for date in months("swap", "swapped")]
    assert not set(found) & {"04", "05", "06", "07", "08"}
    assert np.mean([month in ("09", "10", "11") for month in found]) > 0.95


def test_an_election_delays_by_as_many_months() -> None:
    """In the election template, the treaty comes after the vote; a vote six months later makes it six months later."""
    early, late = (
        np.array(months("election", "signed", options), dtype="datetime64[M]").astype(int)
        for options in ("", "--set drivers.campaign.shift=6")
    )
    assert np.median(late) - np.median(early) == 6
    assert np.mean(np.array(months("election", "signed")) > "2026-06") > 0.95
    assert np.mean(np.array(months("election", "signed", "--set drivers.campaign.scale=0")) <= "2025-04") > 0.9


def test_a_promise_comes_first_and_payment_last() -> None:
    """In the promise template, word, closure and aid follow each other in every world."""
    first = played("promise").to_xarray()["first"]
    word, closed, kept = (first.sel(event=event).to_numpy() for event in ("promised", "closed", "kept"))
    assert (word < closed).all()
    assert (closed < kept).all()


def test_a_dearer_site_has_a_higher_price() -> None:
    """In the three-party template, an owner that wants to keep its site more is paid more, by both the same part."""
    price = "--set interests.owner_site.salience=0.7"
    cheap, dear = (played("three-party", options) for options in ("", price))
    assert 0 < cheap.to_dict()["moves"]["sell"]["price"] < dear.to_dict()["moves"]["sell"]["price"] < 1
    final = cheap.to_xarray()["final"]
    assert np.allclose(final.sel(issue="loan"), final.sel(issue="market"), atol=1e-12)


@pytest.fixture
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("_here")
@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_is_written_under_its_own_title(name: str) -> None:
    """`new --template` writes the template as a scenario that `check` accepts without a remark on unused rows."""
    done = command("new", "my-case", "--template", name, "--json")
    assert json.loads(done.stdout) == {"file": "my-case.toml", "template": name, "extends": None}
    checked = json.loads(command("check", "my-case.toml", "--json").stdout)
    assert [line for line in checked["remarks"] if line.startswith(("issue", "claim"))] == []
    assert rp.load("my-case.toml").document["meta"]["title"] == "My case"
    assert Path("my-case.toml").read_text().count("\n") == TEXTS[name].count("\n")


def test_templates_are_listed() -> None:
    """`new --list` prints each template with its question, as a table and as JSON."""
    listed = json.loads(command("new", "--list", "--json").stdout)
    assert [one["name"] for one in listed] == list(TEMPLATES)
    shown = command("new", "--list").out
    assert all(one["name"] in shown and one["question"] in shown for one in listed)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["new"], "give the NAME of the new scenario, or --list"),
        (["new", "a", "--template", "veto", "--extends", "karabakh"], "give one of them"),
        (["new", "a", "--template", "vetoes"], "veto"),
    ],
)
@pytest.mark.usefixtures("_here")
def test_new_refuses_what_is_unclear(arguments: list[str], says: str) -> None:
    """Without a name, with two kinds of start, or with an unknown template, `new` writes nothing."""
    done = command(*arguments)
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert says in done.err
    assert not list(Path().iterdir())


def test_an_actor_whose_wish_turns_with_a_driver_goes_and_comes_back() -> None:
    """The rows of the guide, in the template that it names, make the garrison leave, return and leave again."""
    guide = HOW_TO.read_text(encoding="utf-8").partition("## An actor that changes its mind")[2]
    rows = guide.partition("```toml\n")[2].partition("```")[0]
    text, replaced = re.subn(r"(?s)\[interests\.patron_garrison\].*?\n\n", f"{rows}\n", TEXTS["garrison"])
    points = (
        ("2025-06", 0.0),
        ("2025-12", 0.8),
        ("2026-06", 0.8),
        ("2026-12", 0.0),
        ("2027-12", 0.0),
        ("2028-06", 0.8),
    )
    path = ", ".join(f'"{month}" = {value}' for month, value in points)
    text, turned = re.subn(r"(?m)^path = .*$", f"path = {{ {path} }}", text)
    assert (replaced, turned) == (1, 1)
    back = '[outcomes.back]\nlabel = "b"\nwhen = { garrison = { above = 0.5 } }\nafter = "withdrawal"\n'
    again = '[outcomes.again]\nlabel = "a"\nwhen = { garrison = { below = 0.1 } }\nafter = "back"\n'
    found = rp.run(loads(f"{text}\n{back}{again}"), worlds=WORLDS)
    assert min(found.probability(name) for name in ("withdrawal", "back", "again")) > 0.95
    months = [found.month(name) for name in ("withdrawal", "back", "again")]
    assert months == sorted(months)
    assert found.tally.made.sum() < 4 * WORLDS
