"""What a session shows and how it handles events, tested without a browser."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

import realpolitik as rp
from dashboard.driving import driven, until
from realpolitik.choices import THEORIES
from realpolitik.narrating import flip_in_words, narrate
from realpolitik.scenario import Setting, parse_setting
from realpolitik.sweeps import Sweep, sweep
from realpolitik_model.equations.weights import RULES
from realpolitik_viz.dashboard import scenario_data
from realpolitik_viz.dashboard.answers import ANSWERS
from realpolitik_viz.dashboard.app import COMPONENTS
from realpolitik_viz.dashboard.session import INVALID, Session
from realpolitik_viz.dashboard.view import PAGES, PARTS, View, query_of, view_of
from repository.tree import PACKAGES

WIDGETS = PACKAGES["realpolitik_viz"] / "dashboard" / "widgets"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of sweeps."""
    return tmp_path_factory.mktemp("sweeps")


@pytest.fixture(scope="module")
def swept(root: Path) -> Sweep:
    """Run a sweep under that folder."""
    vary = {"drivers.isolation.scale": (0.0, 1.1), "drivers.war.scale": (0.0, 1.1)}
    return sweep("karabakh", root / "leverage", vary=vary, points=48, worlds=8, theory="capability", seed=5)


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_the_table_of_pages_is_complete(page: Any) -> None:
    """Each page has a component, an answer, its texts, and handlers of its events; its file uses all of them."""
    assert {page.name} <= COMPONENTS.keys() & ANSWERS.keys()
    assert set(page.needs) <= set(View.__dataclass_fields__)
    assert set(page.texts) <= scenario_data.TEXTS.keys()
    assert all(callable(getattr(Session, event)) for event in page.events)
    file = (WIDGETS / f"{page.name}.vue").read_text(encoding="utf-8")
    names = (*page.texts, *page.parts, *page.later)
    uses = {name: rf'(this\.|v-html="){name}\b' for name in names}
    if "...window.house.shared," in file:  # which has the catalogue as these
        uses["catalogue"] = r"\b(stock|options|titleOf)\b"
    assert [name for name in names if not re.search(uses[name], file)] == []
    assert [event for event in page.events if f"{event}(" not in file] == []


@pytest.mark.usefixtures("swept")
def test_every_part_of_a_page_is_answered(root: Path) -> None:
    """Every part in the table is sent by the answer of its page, but for those that come later, or from tasks."""
    views = {
        "story": "page=story&worlds=50&scenario=no-invasion",
        "explore": "worlds=50&scenario=no-invasion",
        "world": "page=world&world=17&decision=Moscow@2024-03&against=no-invasion",
        "compare": "page=compare&against=no-invasion&worlds=50",
        "sweep": "page=sweep&folder=leverage",
        "evidence": "page=evidence",
        "edit": "page=edit&scenario=no-invasion",
    }
    assert views.keys() == PAGES.keys()
    empty = set(PARTS)
    for query in views.values():
        with driven(query, root) as session:
            assert session.message.value == ""
            empty -= {part for part in PARTS if session.shown(part)}
    assert empty == {"task", "score", "waiting", *(part for page in PAGES.values() for part in page.later)}


def test_the_theories_are_those_of_the_model() -> None:
    """Every weight rule of the model can be chosen, and is sent with its sentence."""
    assert [view_of(f"theory={name}")[0].theory for name in THEORIES] == [rule.name for rule in RULES]
    assert all(rule.sentence in scenario_data.theories_text() for rule in RULES)
    assert "theory: must be one of" in view_of("theory=nothing")[1][0]


QUERIES = [
    "scenario=no-invasion&set=drivers.war.scale=0.4&month=2023-05&issue=tension&pair=Moscow>Yerevan&worlds=500&seed=9",
    "page=world&world=5&decision=Baku@2021-01&month=2021-01",
    "page=compare&against=caspian-route&worlds=500&issue=alignment",
    "page=evidence&tab=model",
]


@pytest.mark.parametrize("query", QUERIES)
def test_a_url_stores_the_whole_view(query: str) -> None:
    """The URL of a view gives the same view and the same results in a new session."""
    view, problems = view_of(query)
    assert problems == []
    assert view_of(query_of(view)) == (view, [])
    with driven(query) as one, driven(query_of(view)) as other:
        assert one.view.value == other.view.value
        page = PAGES[view.page]
        assert [one.shown(part) for part in page.parts] == [other.shown(part) for part in page.parts]


@pytest.mark.parametrize("key", ["month", "by"])
def test_a_month_that_the_case_lacks_is_said_to_be_ignored(key: str) -> None:
    """A month outside of the case has a message, in a new session and after a step back; one of the case has none."""
    wrong = f"Part of the URL was ignored: {key}: Jan 2050 is outside this case, which runs from Dec 2020 to Dec 2030"
    with driven(f"worlds=20&{key}=2050-01") as session:
        assert session.message.value == wrong
        session.address(f"worlds=20&{key}=2024-01")
        assert session.message.value == ""
        session.address(f"worlds=20&{key}=2050-01")
        assert session.message.value == wrong


def test_cards_agree_with_the_command() -> None:
    """The probability of a card is that of `realpolitik run` with the same settings."""
    with driven("scenario=no-invasion&set=theory.phi=0.8&seed=3&worlds=500") as session:
        ensemble = rp.run("no-invasion", worlds=500, seed=3, set={"theory.phi": 0.8})
        rows = session.shown("cards")["outcomes"]
    assert {name: row["p"] for name, row in rows.items()} == {
        name: round(ensemble.probability(name), 4) for name in ensemble.case.outcomes
    }


def test_a_change_and_its_undo() -> None:
    """A changed number changes outcomes and URL; without the change the outcomes are the same as before."""
    with driven("worlds=500") as session:
        before = session.shown("cards")
        session.go({"set": ["drivers.war.scale=0.0"]})
        assert session.shown("cards")["outcomes"]["withdrawal"]["p"] < before["outcomes"]["withdrawal"]["p"]
        assert query_of(session.view.value) == "set=drivers.war.scale=0.0&worlds=500"
        session.go({"set": []})
        assert session.shown("cards") == before


def test_what_the_browser_handles_alone_computes_nothing() -> None:
    """Another month, issue or pair changes the view, and no request is made; another seed makes one."""
    with driven("worlds=50") as session:
        before = session.runner.number
        session.go({"month": "2023-05", "issue": "tension", "pair": "Moscow>Yerevan"})
        assert session.runner.number == before
        session.go({"seed": 2})
        assert session.runner.number == before + 1


def test_a_preview_gives_way_to_the_view() -> None:
    """While a slider moves, a few worlds are shown; when it is released where it was, all worlds are shown again."""
    with driven("worlds=500") as session:
        session.preview({"set": ["theory.phi=0.5"]})
        assert session.shown("cards")["worlds"] == 256
        session.go({"set": []})
        assert session.shown("cards")["worlds"] == 500


def test_sessions_are_separate() -> None:
    """A change in one session changes nothing in another."""
    with driven("worlds=50") as one, driven("worlds=50&scenario=no-invasion") as other:
        before = {name: part.value for name, part in other.parts.items()}
        one.go({"set": ["drivers.war.scale=0.8"]})
        assert one.shown("cards")["sha256"] != other.shown("cards")["sha256"]
        assert {name: part.value for name, part in other.parts.items()} == before


def test_a_decision_has_its_flip() -> None:
    """The account and flip of a decision are those of `realpolitik explain`."""
    story = rp.explain("karabakh", world=17, actor="Moscow", month="2024-03").decisions[0]
    with driven("page=world&world=17&decision=Moscow@2024-03") as session:
        flip = session.shown("flip")
        (shown,) = [d for d in session.shown("story")["decisions"] if (d["actor"], d["month"]) == ("Moscow", "2024-03")]
    assert story.flip is not None
    words = flip_in_words(story.flip, story.account, rp.load("karabakh").document)
    assert flip == {"decision": "Moscow@2024-03", "flip": story.flip, "words": words}
    assert (shown["value"], shown["margin"]) == (story.account.value, story.account.margin)


def test_a_world_is_sent_in_words() -> None:
    """World is sent the title and the events of `explain`, and each decision with its reason and what it changed."""
    story = rp.explain("karabakh", world=17, flips=False)
    narrative = narrate(story)
    with driven("page=world&world=17") as session:
        shown = session.shown("story")
    assert shown["title"] == narrative.title
    assert [(one["month"], one["text"], one["why"]) for one in shown["main"]] == [
        (one.month, one.text, one.why) for one in narrative.events
    ]
    exit_ = next(one for one in shown["decisions"] if (one["actor"], one["month"]) == ("Moscow", "2024-03"))
    assert exit_["price"] == "unpaid"
    assert exit_["text"].endswith("Take the peacekeepers home, unpaid")
    assert exit_["changes"] == [{"label": "Russian force in Karabakh", "change": -1.0}]


def test_a_world_is_forked() -> None:
    """The other branch of a world is that of `explain` with the change, and the same until the month of the fork."""
    setting = "interests.moscow_stay.position=0.967184@2024-03"
    other = rp.explain("karabakh", world=17, set=[parse_setting(setting)], flips=False)
    with driven(f"page=world&world=17&against=karabakh;{setting}") as session:
        shown, whole = session.shown("branch"), session.shown("story")
        with driven(query_of(session.view.value)) as again:
            assert again.shown("branch") == shown
        session.go({"against": ["no-invasion"], "fork": "2023-01"})
        later = session.shown("branch")
        session.go({"against": []})
        assert session.shown("branch") is None
    assert shown["title"] == narrate(other).title
    assert (shown["parting"]["month"], shown["parting"]["actor"]) == ("2024-03", "Moscow")
    assert shown["parting"]["first"] == "Take the peacekeepers home, unpaid"  # as the account of the decision says
    until = shown["months"].index("2024-03")
    assert all(shown["issues"][name][:until] == path[:until] for name, path in whole["issues"].items())
    dates = {label: row["month"] for row in shown["axis"] for kind in ("both", "there") for label in row[kind]}
    measured = {name for name, row in other.scenario.document["outcomes"].items() if row["measure"]}
    assert dates == {
        other.scenario.document["outcomes"][name]["label"]: date for date, name in other.events if name not in measured
    }
    assert all(row["month"] >= "2024-03" for row in shown["axis"] if row["here"] or row["there"])
    assert later["parting"] is None or later["parting"]["month"] >= "2023-01"


def test_a_row_of_a_sweep_opens_as_the_same_world(swept: Sweep, root: Path) -> None:
    """The world of a row is the one of `explain DIR --row`, and its URL shows it again."""
    expected = [(one.account.actor, one.date) for one in swept.explain(133, flips=False).decisions]
    with driven("page=sweep&folder=leverage", root) as session:
        assert session.shown("sweep")["of"] == 48
        session.row({"folder": "leverage", "row": 133})
        assert session.view.value.page == "world"
        assert [(one["actor"], one["month"]) for one in session.shown("story")["decisions"]] == expected
        with driven(query_of(session.view.value)) as again:
            assert again.shown("story") == session.shown("story")


def test_a_row_of_a_sweep_with_a_boolean_opens(tmp_path: Path) -> None:
    """True and false that a sweep sets are written in the view as `--set` takes them, with words that it varies."""
    flag, word = "moves.withdraw_for_price.payment.divisible", "moves.withdraw_for_price.payment.fallback"
    given = [Setting(flag, False), Setting("drivers.war.scale", 0.5, "2023-01")]
    vary: dict[str, list[Any]] = {word: ["withdraw", "demining"], "drivers.isolation.scale": [0.25, 1.0]}
    made = sweep("karabakh", tmp_path / "s", vary=vary, set=given, points=4, worlds=2, design="grid", seed=2)
    varied = made.place(5).values
    with driven("page=sweep&folder=s", tmp_path) as session:
        session.row({"folder": "s", "row": 5})
        assert session.message.value == ""
        assert session.shown("story")["world"] == 1
        view = session.view.value
    assert view.page == "world"
    assert [*map(parse_setting, view.set)] == [*given, *(Setting(path, value) for path, value in varied.items())]


def test_a_small_sweep_runs_and_can_be_cancelled(tmp_path: Path) -> None:
    """A sweep reports its end and appears in the list; a cancelled one says so, and a second one is refused."""
    given = {"vary": [["drivers.war.scale", 0, 1]], "worlds": 16, "design": "lhs"}
    with driven("page=sweep", tmp_path) as session:
        session.start({**given, "name": "small", "points": 8})
        assert session.task_over() == {"name": "small", "over": True}
        assert [one["name"] for one in session.shown("sweeps")] == ["small"]
        session.start({**given, "name": "large", "points": 4096})
        session.start({**given, "name": "another", "points": 8})
        assert session.message.value == "a sweep is running; cancel it first"
        session.cancel(None)
        assert "cancelled" in session.task_over()["why"]


@pytest.mark.parametrize("first", ["world", "sweep"])
def test_a_sweep_that_ends_leaves_the_page_that_is_opened(
    first: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sweep that ends while another page is opened, in any order, does not take the place of that page's results."""
    with driven("page=sweep", tmp_path) as session:
        plain, asked = session.submit, list[str]()

        def submit(view: View) -> None:
            asked.append(view.page)
            if asked == ["sweep"]:
                open_world()
            plain(view)
            if asked == ["world"]:
                end_sweep()

        def open_world() -> None:
            session.go({"page": "world", "world": 3})

        def end_sweep() -> None:
            session._show_task({"name": "x", "over": True})

        monkeypatch.setattr(session, "submit", submit)
        (open_world if first == "world" else end_sweep)()
        assert session.view.value.page == "world"
        assert session.shown("story")["world"] == 3


MINE = """# A comment
extends = "karabakh"
reason = "A test"
assumption = true
[meta]
title = "Mine"
[set]
"drivers.war.scale" = 0.0
"""


def test_an_upload_is_shown_and_saved(tmp_path: Path) -> None:
    """An uploaded diff runs, and is saved with the changes of the view and its comments."""
    with driven("worlds=50") as session:
        session.upload({"name": "mine.toml", "text": MINE})
        session.go({"theory": "capability", "set": ["drivers.isolation.scale=0.5"]})
        assert session.shown("cards")["sha256"] == session.shown("fans")["sha256"]
        session.toml(None)
        file = json.loads(session.saved.value)
    path = tmp_path / file["name"]
    path.write_text(file["text"], encoding="utf-8")
    assert "# A comment" in file["text"]
    changes = [Setting("drivers.isolation.scale", 0.5), Setting("theory.weights", "capability")]
    assert rp.load(path).sha256 == rp.loads(MINE).set(changes).sha256


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('extends = "karabakh"\nreason = "x"\nassumption = true\n[set]\n"drivers.war.scal" = 0.0\n', "bad.toml:5:1: "),
        ('extends = "../../etc/passwd"\n', "bad.toml:1:1: "),
        ("x" * 1_000_001, "at most 1,000,000 bytes"),
    ],
    ids=["unknown path", "foreign file", "too large"],
)
def test_a_bad_upload_shows_file_and_line(text: str, message: str) -> None:
    """An invalid upload is reported with its position, and the view is unchanged."""
    with driven("page=evidence") as session:
        before = session.view.value
        session.upload({"name": "bad.toml", "text": text})
        assert message in session.message.value
        assert session.view.value == before


FAILING = {
    "no posterior": ("scenario=deployment&worlds=50", {"uncertainty": "posterior"}, ("cards", "fans"), "posterior"),
    "no such number": ("page=world", {"set": ["drivers.wa.scale=0"]}, ("story",), "drivers.wa.scale"),
    "no such branch": (
        "page=world&against=no-invasion",
        {"against": ["karabakh;theory.phi=0@2035-01"]},
        ("branch",),
        "2035-01",
    ),
    "no such sweep": ("page=sweep&folder=leverage", {"folder": "nothing"}, ("sweep",), "nothing"),
}


@pytest.mark.usefixtures("swept")
@pytest.mark.parametrize(("query", "change", "parts", "names"), FAILING.values(), ids=FAILING)
def test_an_error_clears_what_it_makes_untrue(query: str, change: Any, parts: Any, names: str, root: Path) -> None:
    """A view whose results cannot be computed shows why, not those of the view before; the next shows its own."""
    with driven(query, root) as session:
        before = {part: session.shown(part) for part in parts}
        assert all(before.values())
        was = {key: getattr(session.view.value, key) for key in change}
        session.go(change)
        assert {part: session.shown(part) for part in parts} == dict.fromkeys(parts)
        assert names in session.failed.value
        assert session.message.value == session.failed.value
        session.go(was)
        assert {part: session.shown(part) for part in parts} == before
        assert (session.failed.value, session.message.value) == ("", "")


def test_a_page_never_opens_with_the_results_of_another_view() -> None:
    """A page of another scenario is empty until its results are there; one of the same view is not."""
    with driven("page=world") as session:
        before = session.shown("story")
        session.go({"page": "evidence"})
        sent: list[str] = []
        session.parts["story"].subscribe(sent.append)
        session.go({"page": "world"})
        assert session.shown("story") == before
        assert "" not in sent
        session.go({"page": "evidence", "scenario": "deployment"})
        session.go({"page": "world"})
        assert session.shown("story")["sha256"] != before["sha256"]
        assert sent[0] == ""


def test_a_preview_that_fails_clears_what_it_makes_untrue() -> None:
    """While a slider moves over an invalid value, no outcomes of another value are shown, and the reason is."""
    with driven("worlds=50") as session:
        session.preview({"set": ["drivers.wa.scale=0"]})
        assert session.shown("cards") is None
        assert "drivers.wa.scale" in session.failed.value
        session.preview({"set": ["drivers.war.scale=0.5"]})
        assert session.shown("cards")
        assert session.failed.value == ""


ANY: list[Any] = [None, True, 0, -1, 1.5, 1e308, 10**30, "", "x", "\ud800", "\x00\u202e", [], [[]], [None] * 3, {}]
ANY += [{"set": 1}, {"set": None}, {"set": ["\ud800=1"]}, {"set": ["meta.title=\ud800"]}, {"name": [], "text": "x"}]
ANY += [{"vary": [1], "points": [], "name": "x"}, {"vary": [["a", {}, []]], "points": 2, "worlds": 1, "name": "x"}]
ANY += [{"world": 1e400}, {"against": [None]}, {"against": [";"]}, {"page": None}, {"folder": "\x00"}, {"": ""}]
ANY += [{"worlds": 10**9}, {"worlds": "2000; rm"}, {"set": ["theory.phi=1e308"]}, {"set": ["theory.phi=0.5"] * 500}]
ANY += [{"scenario": "/etc/passwd"}, {"page": {"x": 1}}, {"__class__": "x"}, {"month": "<img src=x>"}, {"text": {}}]
"""Any JSON value, and some of the form that a handler expects."""
EVENTS = {page.name: sorted({"go", "address", "dismiss", *page.events} - {"validate"}) for page in PAGES.values()}


@pytest.mark.parametrize("page", EVENTS)
def test_an_event_can_carry_any_value(page: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Any value of an event causes a message at most; the session goes on, and no unexpected error is logged."""
    with driven(f"page={page}&worlds=50", tmp_path) as session:
        for name in EVENTS[page]:
            for value in ANY:
                getattr(session, name)(value)
        session.cancel(None)
        session.go({"page": "evidence", "scenario": "karabakh"})
        assert session.view.value.page == "evidence"
        assert len(session.shown("claims")["claims"]) == 40
        until(lambda: not session.task.running)
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


@pytest.mark.parametrize("value", [{"worlds": 10**9}, {"__class__": "x"}, [], {"month": "<img>"}], ids=str)
def test_an_invalid_event_is_reported(value: Any) -> None:
    """An invalid event changes nothing and shows a message."""
    with driven("page=evidence") as session:
        before = session.view.value
        session.go(value)
        assert session.view.value == before
        assert session.message.value
        assert (session.message.value == INVALID) == (not isinstance(value, dict))


@pytest.mark.parametrize(
    "query", ["scenario=../../etc/passwd", "scenario=karabakh.toml", "page=nowhere", "set=theory.phi=nan", "seed=-1"]
)
def test_a_session_starts_with_an_invalid_url(query: str) -> None:
    """Invalid values of a URL are ignored or reported, and the session shows other pages."""
    with driven(query) as session:
        shown = session.message.value + session.missing.value
        assert shown
        assert "root:" not in shown
        session.go({"page": "evidence", "scenario": "karabakh"})
        assert session.shown("claims")
