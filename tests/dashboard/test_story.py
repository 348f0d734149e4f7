"""The story of a case: its steps, its decision, its lever, the words that it explains, and what it waits for."""

import re
from pathlib import Path
from typing import Any

import pytest

import realpolitik as rp
from dashboard.browser import Dashboard, dashboard, ready
from dashboard.driving import driven
from realpolitik.scenario import parse_setting
from realpolitik_model import Account
from realpolitik_model.engine.compiling import Compilation
from realpolitik_viz.dashboard import naming, scenario_data, session, story_data
from realpolitik_viz.dashboard.server import STATIC
from realpolitik_viz.dashboard.view import View, query_of, view_of

# --- where it opens ---------------------------------------------------------------------------------------------------


def test_an_address_without_a_query_opens_the_story() -> None:
    """The bare address is the story; every view has a query of its own, so that its address opens it again."""
    assert view_of("")[0].page == view_of("?")[0].page == view_of(None)[0].page == "story"
    assert view_of("worlds=50")[0].page == "explore"
    for view in (View(), View(page="story"), View(page="story", step=3), View(worlds=50)):
        assert query_of(view)
        assert view_of(query_of(view)) == (view, [])


def test_a_scenario_without_a_story_opens_explore() -> None:
    """A scenario that has no story, nor its base case, opens Explore, and the navigation does not offer the story."""
    with driven("page=story&scenario=deployment&worlds=50") as one:
        assert one.view.value.page == "explore"
        one.go({"page": "story", "scenario": "karabakh"})
        assert one.view.value.page == "story"
        one.go({"scenario": "deployment"})
        assert one.view.value.page == "explore"
    assert "story" in scenario_data.pages_text(True)
    assert "story" not in scenario_data.pages_text(False)


# --- what it shows ----------------------------------------------------------------------------------------------------


def test_a_story_shows_the_worlds_of_the_page() -> None:
    """Outcomes are those of Explore; the decision is one that `explain` gives for its world, and its bars add up."""
    with driven("page=story&worlds=200") as one, driven("page=explore&worlds=200") as other:
        assert one.shown("cards") == other.shown("cards")
        assert one.parts["base"].value == ""
        found = one.shown("accounts")["withdraw"]
    made = rp.explain("karabakh", world=found["world"], actor="Moscow", month=found["month"], flips=False).decisions[-1]
    assert (made.account.move, made.text) == ("withdraw", found["label"])
    *parts, total = found["bars"]
    assert sum(part["share"] for part in parts) == pytest.approx(total["share"]) == made.account.value
    assert len(found["bars"]) <= 6


def test_a_diff_tells_the_story_of_its_base_case() -> None:
    """The texts are those of the base case, whose worlds are shown next to those of the diff."""
    with driven("page=story&worlds=50&scenario=no-invasion") as one:
        steps = one.shown("steps")
        assert (steps["scenario"], steps["diff"]) == ("karabakh", "No invasion")
        war = steps["levers"]["war"]
        assert (war["base"], war["own"]) == ({"drivers.war.scale": 1.0}, {"drivers.war.scale": 0.0})
        assert one.shown("base")["sha256"] == rp.load("karabakh").sha256
        assert one.shown("cards")["sha256"] == rp.load("no-invasion").sha256
        assert one.shown("accounts")["withdraw"] is None


@pytest.mark.parametrize("name", ["karabakh", "sweden-nato"])
def test_all_that_a_shipped_story_names_is_sent(name: str) -> None:
    """Each step has its claims in full, and the dates of history of what it shows, up to the month of its chart."""
    steps = story_data.outline(rp.load(name))
    assert 5 <= len(steps["steps"]) <= 7
    assert all(text for step in steps["steps"] for text in step["claims"].values())
    assert steps["headline"] in steps["outcomes"]
    dates = {date["month"] for step in steps["steps"] for date in step["history"]}
    assert {"karabakh": "2023-09", "sweden-nato": "2024-01"}[name] in dates


def test_a_chart_of_leverage_says_what_moves_it_and_what_one_is() -> None:
    """Drivers to which the pair responds are marked where they begin to move; at 1 / phi, wishes count alike (E4)."""
    outline = story_data.outline(rp.load("karabakh"))
    assert [step["onsets"] for step in outline["steps"] if step["show"] != "leverage"] == [[]] * 5
    (marked,) = (step["onsets"] for step in outline["steps"] if step["show"] == "leverage")
    assert [(one["month"], one["label"], one["rises"]) for one in marked] == [
        ("2022-02", "Burden of the war on Moscow", True),
        ("2022-02", "Isolation of Moscow", True),
    ]
    assert outline["equal"] == 1.0
    assert story_data.outline(rp.load("karabakh").set({"theory.phi": 1.25}))["equal"] == 0.8
    assert story_data.equal_weight(rp.load("karabakh").set({"theory.phi": 0.0})) is None


def test_a_lever_says_the_same_in_the_story_as_in_the_change_bar() -> None:
    """Half of the war is "50% of what it was" on the lever of the story, as in the title of the changed case."""
    plain = rp.load("karabakh")
    war = story_data.outline(plain)["levers"]["war"]
    assert war["words"][25] == "50% of what it was"
    (change,) = naming.changes_of(plain, [parse_setting("drivers.war.scale=0.5")])
    assert change.now == war["words"][25]


def test_a_typical_world_has_the_move_and_the_median_month() -> None:
    """Of the worlds with the move, the one chosen has the outcome nearest to its median month."""
    ensemble = rp.run("karabakh", worlds=200)
    world = story_data.typical_world(ensemble, "withdraw", "free_exit")
    assert world is not None
    first = ensemble.kept.first[:, ensemble.case.outcomes.index("free_exit")]
    made = ensemble.kept.made[:, ensemble.case.moves.index("withdraw")] > 0
    median = ensemble.case.month_of(str(ensemble.month("free_exit")))
    assert made[world]
    assert abs(first[world] - median) == min(abs(first[made & (first >= 0)] - median))
    assert story_data.typical_world(ensemble, "no_such_move", "free_exit") is None
    assert story_data.typical_world(ensemble, "withdraw", "") == int(made.argmax())


ONE: dict[str, Any] = {
    "month": 0,
    "actor": "A",
    "move": "m",
    "result": "done",
    "rows": {},
    "parts": {},
    "paid": {},
    "tau": 0.0,
    "deal": None,
    "parties": [],
    "consents": {},
    "asked": [],
}
ONE |= {"votes": {}, "need": None, "pivotal": [], "horizon": 0, "expected": [], "otherwise": [], "runner_up": None}
REASONS = [
    (-0.1, {"B": 0.4, "C": 0.0}, "acts because of Bee, whose leverage outweighs its own interest"),
    (-0.3, {"B": 0.25, "C": 0.2}, "acts because of Bee and others, whose leverage outweighs its own interest"),
    (0.0, {"B": 0.4}, "acts because of Bee, by whose leverage it is moved"),
    (0.5, {"B": -0.2}, "acts in its own interest, against the wishes of Bee"),
    (0.5, {"B": 0.2}, "acts in its own interest, and with the wishes of Bee"),
    (0.5, {}, "acts in its own interest"),
    (-0.1, {"B": -0.2}, "acts because of noise, though more speaks against the move than for it"),
]


@pytest.mark.parametrize(("own", "through", "reason"), REASONS, ids=[row[2][5:40] for row in REASONS])
def test_a_decision_is_told_in_one_sentence(own: float, through: dict[str, float], reason: str) -> None:
    """The sentence gives the reason and every part of the value, and agrees with the bars."""
    value = own + sum(through.values()) - 0.1 + 0.02
    account = Account(**ONE, own=own, through=through, cost=0.1, noise=0.02, value=value, margin=value)
    labels = {"A": "Ay", "B": "Bee", "C": "Cee"}
    told = story_data.sentence(account, labels)
    assert told.startswith(f"Ay {reason}: its own interest counts {story_data.signed(own)}, ")
    assert told.endswith(f"so that the move is worth {story_data.signed(value)} to it.")
    assert all(story_data.signed(bar["share"]) in told for bar in story_data.bars(account, labels))


def test_an_actor_with_an_article_is_named_as_within_a_sentence() -> None:
    """The article of an actor's name is in lower case within a sentence, whichever one it is."""
    decision = rp.explain("karabakh", world=17, actor="Moscow", month="2024-03").decisions[0]
    case = rp.load("karabakh").set({"actors.Moscow.label": "A capital", "actors.Baku.label": "An oil town"})
    told = story_data.told(case, decision)
    assert told["sentence"].startswith("A capital acts ")
    assert told["bars"][0]["name"] == "What a capital itself wants"


def test_every_term_is_in_the_glossary() -> None:
    """Terms that pages mark are in the glossary, which has all words of the model that a reader meets first."""
    glossary = (STATIC / "terms.js").read_text(encoding="utf-8")
    terms = set(re.findall(r"(\w+): \{\s+name: \"", glossary))
    folder = STATIC.parent
    files = [path.read_text(encoding="utf-8") for path in (*folder.glob("static/*.js"), *folder.glob("widgets/*.vue"))]
    used = {name for text in files for name in re.findall(r'<rp-term[^>]*\sname="(\w+)"', text)}
    listed = re.search(r"const USED = \{(.*?)\};", (STATIC / "story.js").read_text(encoding="utf-8"), re.DOTALL)
    assert listed is not None
    first = {name for names in re.findall(r"\[(.*?)\]", listed[1]) for name in re.findall(r'"(\w+)"', names)}
    assert used
    assert used | first <= terms
    words = "world leverage issue outcome claim salience lever driver actor dependence seed posterior prior"
    assert set(words.split()) == terms


# --- what it waits for ------------------------------------------------------------------------------------------------


def test_a_page_says_what_is_being_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    """While requests wait for the compiler, pages are sent how far it is; nothing before that, nor after it."""
    found: list[Compilation | None] = [None]
    monkeypatch.setattr(session, "compilation", lambda: found[0])
    with driven("page=evidence") as one:
        one.runner._working = True
        one.show_waiting()
        assert one.parts["waiting"].value == ""
        found[0] = Compilation(seconds=12.0, done=31, functions=78)
        one.show_waiting()
        assert one.parts["waiting"].value == '{"seconds":12.0,"done":31,"functions":78}'
        assert one.progress.value == "compiling 31/78"
        one.runner._working = False
        one.show_waiting()
        assert (one.parts["waiting"].value, one.progress.value) == ("", "")


# --- in a browser -----------------------------------------------------------------------------------------------------


def test_a_story_is_read_with_keys_and_a_lever(visit: Any) -> None:
    """Arrow keys turn the steps, which the URL keeps; words and claims are explained; the lever moves the share."""
    page = visit("")
    ready(page, "story")
    assert page.inner_text("h2") == "Karabakh and the peacekeepers"
    assert page.inner_text("[data-word=world] dt") == "World"
    page.keyboard.press("ArrowRight")
    page.wait_for_selector("[data-step='2']")
    page.wait_for_url("**step=2**")
    assert page.locator("[data-word=world]").count() == 0
    page.hover(".text [data-term=leverage]")
    assert "could withhold" in page.inner_text(".text [data-term=leverage] [role=tooltip]")
    page.focus("[data-claim=C40] button")
    assert page.is_visible("[data-claim=C40] [role=tooltip]")
    page.wait_for_selector(".chart svg text:has-text('from here')")
    page.click("[data-next]")
    page.wait_for_selector("[data-step='3']")
    page.click("[aria-label^='Step 4']")
    page.wait_for_selector("[data-step='4'] [data-sentence]")
    assert "so that the move is worth" in page.inner_text("[data-sentence]")
    page.keyboard.press("ArrowRight")
    page.wait_for_selector("[data-step='5'] [data-share]")
    share = "document.querySelector('[data-share]').innerText"
    page.wait_for_function(f"/ in 8\\d of 100 worlds by Dec 2025.$/.test({share})")
    page.focus("[data-lever=war]")
    page.keyboard.press("Home")  # which moves the lever, and not the story
    page.wait_for_function(
        f"/ in (no world|fewer .*|\\d of 100 worlds) by Dec 2025; as the case .* 8\\d of 100 worlds.$/.test({share})"
    )
    assert "set=drivers.war.scale=0" in page.url
    assert page.inner_text("h2") == "Karabakh and the peacekeepers, changed"
    page.click("[data-to=explore]")
    ready(page, "explore")
    assert "set=drivers.war.scale=0" in page.url


def test_a_page_returns_after_a_restart_of_the_server(served: Dashboard, browser: Any, tmp_path: Path) -> None:
    """When a server is back that does not know an open page, the page loads again from its URL, with the same view.

    Until then nothing answers. The page looks for a server more often here than for a reader, so that this is short.
    """
    code = (STATIC / "reconnecting.js").read_text(encoding="utf-8")
    often = code.replace("EVERY = 2000", "EVERY = 200")
    assert often != code
    page, asked = browser.new_context().new_page(), []
    page.route("**/reconnecting.js*", lambda route: route.fulfill(body=often, content_type="text/javascript"))
    page.on("requestfailed", lambda request: asked.append(request.method))
    page.goto(f"{served.url}?page=evidence&tab=model")
    ready(page, "evidence")
    address = page.url
    page.evaluate("window.before = true")
    with dashboard(tmp_path, cable=served.cable):
        page.wait_for_function("!window.before", timeout=60_000)
        ready(page, "evidence")
        assert "HEAD" in asked
        assert page.url == address
        assert page.locator(".v-overlay--active").count() == 0
        page.context.close()
