"""A scenario edited in the page: values as forms, the text as it is, and what `check` says of both."""

from pathlib import Path
from typing import Any

import pytest

import realpolitik as rp
from dashboard.browser import ready
from dashboard.driving import Driven, driven, until
from dashboard.test_own_files import diff, own  # noqa: F401 (a fixture)
from realpolitik.cli.starting import TEMPLATES
from realpolitik.scenario import ScenarioError
from realpolitik.scenario.core import opened
from realpolitik.scenario.documents import schema
from realpolitik.scenario.toml import parsed
from realpolitik_viz.dashboard import editing
from realpolitik_viz.dashboard.catalogue import OWN
from realpolitik_viz.dashboard.naming import case_of, source_of
from realpolitik_viz.dashboard.uploads import Uploads
from realpolitik_viz.dashboard.view import View

HERE = Path(__file__).parents[1] / "laboratory"


def fields(page: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the fields of a page by their dotted paths."""
    return {".".join(map(str, field["at"])): field for field in editing.fields_of(page["tables"])}


def draft(text: str) -> editing.EditedText:
    """Return a draft of a text."""
    return editing.EditedText("my-x", "my-x", text, "")


def given(field: dict[str, Any]) -> Any:
    """Return the value that a form sends of a field that nobody has changed."""
    ends = [end for end in ("low", "high") if field.get(end) is not None]
    return {key: field[key] for key in ("value", *ends)} if ends else field["value"]


@pytest.mark.parametrize("name", ["small.toml", "forms.toml"])
def test_every_value_has_a_field(name: str) -> None:
    """Each value of a file has one field, and a value that is written again as it is changes nothing."""
    text = (HERE / name).read_text(encoding="utf-8")
    page = editing.page_of(draft(text))
    shown = fields(page)
    assert len(editing.fields_of(page["tables"])) == len(shown)
    made = draft(text)
    for field in shown.values():
        made = editing.with_value(made, field["at"], given(field))
    assert parsed(made.text, "x") == parsed(text, "x")
    comments = [[line.split("#")[1:] for line in one.splitlines()] for one in (made.text, text)]
    assert comments[0] == comments[1]
    ranged = {path for path, field in shown.items() if field["kind"] == "number" and field["ranged"]}
    assert ranged <= rp.load(HERE / name).numbers.keys() | {path for path in shown if path.startswith("set.")}


@pytest.mark.parametrize(
    ("old", "at", "value", "new"),
    [
        ("cost = 0.2 # c", ["cost"], 0.25, "cost = 0.25 # c"),
        (
            "cost = 0.2",
            ["cost"],
            {"value": 0.2, "low": 0.1, "high": 0.5},
            "cost = { value = 0.2, low = 0.1, high = 0.5 }",
        ),
        ("cost = {value=0.2,low=0,high=1}", ["cost"], {"value": 0.3, "low": 0.1}, "cost = {value=0.3,low=0.1,high=1}"),
        (
            "cost = { value = 0.2, effects = { w = 0.1 } }",
            ["cost"],
            {"value": 0.2, "low": 0, "high": 1},
            "cost = { value = 0.2, low = 0, high = 1, effects = { w = 0.1 } }",
        ),
        ("cost = { value = 0.2, low = 0, high = 1 }", ["cost"], 0.3, "cost = { value = 0.3, low = 0, high = 1 }"),
        ('t = """a\nb""" # c', ["t"], 'one "two"\nthree', 't = "one \\"two\\"\\nthree" # c'),
        ('c = ["a", # x\n"b"]', ["c"], ["a, b"], 'c = ["a, b"]'),
        ("[[s]]\nn = 1\n[[s]]\nn = 2", ["s", 1, "n"], 3, "[[s]]\nn = 1\n[[s]]\nn = 3"),
        ('[set]\n"a.b" = 1', ["set", "a.b"], 2, '[set]\n"a.b" = 2'),
        ("flag = true", ["flag"], False, "flag = false"),
    ],
)
def test_only_the_value_changes(old: str, at: list[str | int], value: Any, new: str) -> None:
    """A value is replaced where it is written; comments, blanks and all else stay."""
    assert editing.with_value(draft(old), at, value).text == new


@pytest.mark.parametrize(
    ("at", "value"),
    [(["none"], 1), ([], 1), ("cost", 1), (["cost"], None), (["cost"], float("nan")), (["cost"], {"value": 1, "x": 2})],
)
def test_what_is_no_value_is_refused(at: Any, value: Any) -> None:
    """A place without a value, and a value that TOML does not have, leave the text as it is."""
    with pytest.raises(ValueError, match=r"no such value|a value is"):
        editing.with_value(draft("cost = 0.2"), at, value)


def test_a_valid_edit_is_used_on_all_pages() -> None:
    """An edit becomes an upload with the changes of the view, which other pages show; nothing else changes."""
    with driven("page=edit&scenario=no-invasion&set=theory.phi=0.8", user="edit one") as session:
        assert "phi = 0.8" in session.shown("form")["text"]
        assert "before" in session.shown("glimpse")
        field = fields(session.shown("form"))["set.drivers.war.scale"]
        session.edit({"at": field["at"], "value": 0.25})
        view, form = session.view.value, session.shown("form")
        assert (view.page, view.scenario, view.set) == ("edit", "my-no-invasion-edited", ())
        assert (form["errors"], form["file"]) == ([], "no-invasion-edited.toml")
        wanted = rp.load("no-invasion", set={"theory.phi": 0.8, "drivers.war.scale": 0.25})
        assert session.uploads[view.scenario].sha256 == wanted.sha256
        glimpse = session.shown("glimpse")
        ran = rp.run(wanted, worlds=glimpse["worlds"])
        assert glimpse["share"] == ran.probability("free_exit", by="2025-12")
        assert glimpse["title"] == rp.load("no-invasion").document["meta"]["title"]
        session.go({"page": "explore", "worlds": 20})
        assert session.shown("cards")["sha256"] == wanted.sha256
        assert rp.load("no-invasion").numbers["drivers.war.scale"] != 0.25


def test_an_edited_case_never_passes_for_its_original() -> None:
    """Its title says that it was edited; the original is its base, on Explore and in Compare, of a what-if too."""
    with driven("page=edit&worlds=50", user="edit four") as session:
        session.edit({"at": ["drivers", "war", "scale"], "value": 0.9})
        view, original = session.view.value, rp.load("karabakh")
        assert view.scenario == "my-karabakh-edited"
        title = f"{original.document['meta']['title']}, edited"
        assert session.uploads.about[view.scenario] | {"question": ""} == {
            "title": title, "extends": "karabakh", "question": "",
        }  # fmt: skip
        case = case_of(view, session.uploads)
        assert case["title"] == title
        assert [(one["what"], one["now"], one["go"]) for one in case["changes"]] == [
            ("Case", title, {"scenario": "karabakh"})
        ]
        assert title in source_of(view, session.uploads)
        session.go({"page": "explore"})
        assert session.shown("base")["sha256"] == original.sha256 != session.shown("cards")["sha256"]
        session.go({"page": "compare"})
        assert [one["short"] for one in session.shown("comparison")["sides"]] == ["base case", title]
    with driven("page=edit&scenario=no-invasion&worlds=50", user="edit four") as session:
        session.edit({"at": ["set", "drivers.war.scale"], "value": 0.25})
        session.go({"page": "compare"})
        assert [one["short"] for one in session.shown("comparison")["sides"]] == ["No invasion", "No invasion, edited"]


def test_an_invalid_edit_has_the_messages_of_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Errors are those of `check`, with the fields at fault; the other pages go on with the last valid version."""
    with driven("page=edit", user="edit two") as session:
        session.template("garrison")
        valid = session.uploads["my-garrison"]
        session.edit({"at": ["theory", "phi"], "value": "much"})
        session.edit({"at": ["meta", "start"], "value": "never"})
        form = session.shown("form")
        (tmp_path / form["file"]).write_text(form["text"], encoding="utf-8")
        monkeypatch.chdir(tmp_path)
        with pytest.raises(ScenarioError) as refused:
            rp.load(form["file"])
        assert [one["text"] for one in form["errors"]] == [str(one) for one in (refused.value, *refused.value.others)]
        assert "must be a number, not 'much'" in form["errors"][1]["text"]
        assert form["errors"][1]["key"] in {"theory.phi", "theory.phi.value"}
        field = fields(form)["theory.phi"]
        assert (field["kind"], field["value"], field["ranged"]) == ("number", "much", True)
        assert session.shown("glimpse") is None
        assert session.uploads["my-garrison"] is valid
        session.draft({"text": "x = ["})
        assert session.shown("form")["tables"] == []
        session.edit({"at": ["x"], "value": 1})
        assert "garrison.toml:1:" in session.message.value
        session.draft({"text": session.uploads.texts["my-garrison"]})
        assert session.shown("form")["errors"] == []


@pytest.mark.parametrize("name", [*TEMPLATES, "what-if"])
def test_templates_and_what_ifs_can_be_edited(name: str) -> None:
    """Every template, and a diff on the scenario of the view, is valid and has forms."""
    uploads = Uploads()
    made = editing.from_template(View(scenario="no-invasion"), name, uploads)
    page = editing.page_of(made)
    assert page["errors"] == []
    assert len(page["tables"]) > 2
    assert uploads.add({"name": page["file"], "text": page["text"]}, made.origin) == made.name
    with pytest.raises(ValueError, match="there is no template"):
        editing.from_template(View(), "../garrison", uploads)


def edited(session: Driven, old: str, new: str) -> str:
    """Replace a part of the text that is edited; return the first error, or nothing."""
    text = session.shown("form")["text"]
    assert old in text
    session.draft({"text": text.replace(old, new)})
    errors = session.shown("form")["errors"]
    return errors[0]["text"] if errors else ""


@pytest.mark.usefixtures("own")
def test_an_edited_file_of_ones_own_names_the_files_that_are_here(tmp_path: Path) -> None:
    """What a file extends is still found, and no other file can be named, whether there is one or not."""
    there = tmp_path / "my cases"
    diff(there / "secret.toml", "./the ferry.toml", "Secret")
    (there / "gas.csv").write_text("month,bcm\n2030-01,0.5\n")
    before = (there / "less.toml").read_text()
    with driven("page=edit&scenario=own-less", user="edit three") as session:
        assert edited(session, "0.75", "0.7") == ""
        assert session.view.value.scenario == "my-less-edited"
        assert session.uploads["my-less-edited"].chain == ("<less-edited.toml>", OWN.files["own-the-ferry"].path)
        for name in ("./secret.toml", "./none.toml", str(tmp_path / "none.toml"), "../../../etc/hosts.toml"):
            assert "is not one of the files that can be extended here" in edited(session, "./the ferry.toml", name)
            session.draft({"text": before})
        series = '[drivers.x]\nlabel = "x"\nreason = "x"\nassumption = true\n'
        for name in ("gas.csv", "none.csv"):
            cell = f'series = {{ file = "{name}", month = "month", value = "bcm", low = 0, high = 1 }}\n'
            assert "is not one of the files that can be read here" in edited(session, "[set]", series + cell + "[set]")
            session.draft({"text": before})
        expectation = '[show]\nagainst = "./secret.toml"\n'
        assert "only a shipped scenario can be named here" in edited(session, "[set]", expectation + "[set]")
        session.draft({"text": before.replace("0.75", "0.6")})
        session.go({"page": "explore", "worlds": 20})
        assert session.shown("base")["sha256"] == rp.load(there / "the ferry.toml").sha256
        session.validate("my-less-edited")
        until(lambda: "waiting" not in (session.shown("score") or {"waiting": True}))
        assert "save it in their folder" in session.shown("score")["why"]
    with driven("page=explore&scenario=my-less-edited&worlds=20", user="edit three") as session:
        assert session.missing.value == session.message.value == ""
        assert session.shown("cards")["sha256"] == rp.load(there / "less.toml", set={"theory.phi": 0.6}).sha256
    assert (there / "less.toml").read_text() == before
    with pytest.raises(ScenarioError):
        Uploads().add({"name": "less.toml", "text": before})


def test_an_edited_file_keeps_the_names_of_other_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Directions, rivals and [show] may name what the file on the disk names, here or not, and nothing else."""
    rows = (
        '[show]\nagainst = "less.toml"\n[validation]\nrivals = { other = "rival.toml" }\n'
        '[directions.x]\ntext = "x"\nsign = "up"\noutcome = "sale"\nscenario = "more.toml"\n'
    )
    text = (HERE / "small.toml").read_text(encoding="utf-8") + rows
    (tmp_path / "case.toml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(OWN, "files", {})
    assert OWN.open([str(tmp_path / "case.toml")]) == ["own-case"]
    source = editing.source_of("own-case", Uploads())
    assert opened(source, None).document["show"]["against"] == "less.toml"
    page = editing.page_of(editing.EditedText("my-case-edited", "own-case", text.replace("0.4", "0.3"), "own-case"))
    assert page["errors"] == []
    for name in ("less.toml", "rival.toml", "more.toml"):
        changed = text.replace(name, "secret.toml")
        page = editing.page_of(editing.EditedText("my-case-edited", "own-case", changed, "own-case"))
        assert "only a shipped scenario can be named here" in page["errors"][0]["text"]


def test_every_section_of_a_file_has_a_name_in_words() -> None:
    """Each table that the format has, and no other, is named; the keys outside of tables are one section."""
    parts = schema()["$defs"]
    tables = {name for kind in ("Complete", "Diff") for name in parts[kind]["properties"]}
    assert set(editing.SECTIONS) - {""} == tables - {"extends", "reason", "assumption", "drop"}
    page = editing.page_of(editing.draft_of(View(scenario="no-invasion"), Uploads()))
    assert [one["title"] for one in page["tables"]] == [editing.SECTIONS[one["name"]] for one in page["tables"]]


def test_rows_and_numbers_have_names_in_words() -> None:
    """A row is called as on other pages or by what it is about, and a number by what it is; errors change no name."""
    base = editing.page_of(editing.draft_of(View(), Uploads()))
    labels = {f"{table['name']}.{row['id']}": row["label"] for table in base["tables"] for row in table["rows"]}
    assert [path for path, label in labels.items() if not label and not path.endswith(".")] == []
    assert labels["interests.moscow_stay"] == "Moscow: Wants: Russian force in Karabakh at 1"
    assert labels["dependence.transit"] == "Moscow: Needs Baku: road and rail south to Iran and the Gulf"
    assert labels["history.offensive_2023"] == "Karabakh is taken"
    assert labels["issues.tension"] == "Tension on the border"
    salience = fields(base)["interests.moscow_stay.salience.effects.rationale"]
    assert (salience["words"], salience["name"]) == (
        "salience: effect of Purpose of the mission", "salience.effects.rationale",
    )  # fmt: skip
    what_if = editing.draft_of(View(scenario="no-invasion"), Uploads())
    valid = editing.page_of(what_if)
    assert fields(valid)["set.drivers.war.scale"]["words"] == "Driver: Burden of the war on Moscow: strength"
    wrong = editing.page_of(editing.with_value(what_if, ["set", "drivers.war.scale"], "much"), valid)
    assert wrong["errors"]
    assert fields(wrong)["set.drivers.war.scale"]["words"] == "Driver: Burden of the war on Moscow: strength"
    wrong = editing.page_of(editing.with_value(editing.draft_of(View(), Uploads()), ["theory", "phi"], "much"), base)
    assert [row["label"] for table in wrong["tables"] for row in table["rows"]] == [*labels.values()]


def test_a_scenario_is_edited_in_the_browser(visit: Any, tmp_path: Path) -> None:
    """A number is typed, an error is shown at its field, the file is saved as shown; what is typed last is not lost."""
    page = visit("page=edit")
    asked: list[str] = []

    def stay(dialog: Any) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    ready(page, "edit")
    page.select_option("[name=template]", "garrison")
    page.wait_for_selector("h2:has-text('Edit garrison.toml')")
    page.wait_for_selector("[data-glimpse]")
    page.fill("[name=wanted]", "phi")
    box = page.locator("[data-at='theory.phi']")
    box.fill("much")
    page.wait_for_selector("[data-valid=false] .fault:has-text(\"must be a number, not 'much'\")")
    assert box.input_value() == "much"
    page.evaluate("location.reload()")
    page.wait_for_timeout(300)
    assert asked == ["beforeunload"]
    assert box.input_value() == "much"
    box.fill("0.55")
    page.wait_for_selector("[data-valid=true]")
    page.click("[data-raw]")
    assert "0.55" in page.input_value("textarea.toml")
    text = page.input_value("textarea.toml")
    page.fill("textarea.toml", f"# Mine\n{text}")
    page.wait_for_timeout(700)
    page.wait_for_selector("[data-valid=true]")
    with page.expect_download() as waiting:
        page.click("[data-save]")
    waiting.value.save_as(tmp_path / "made.toml")
    assert (tmp_path / "made.toml").read_text() == f"# Mine\n{text}"
    assert rp.load(tmp_path / "made.toml").numbers["theory.phi"] == 0.55
    page.click("[data-page=explore]")
    ready(page, "explore")
    assert "scenario=my-garrison" in page.url
    page.click("[data-page=edit]")
    ready(page, "edit")
    page.fill("[name=wanted]", "phi")
    page.fill("[data-at='theory.phi']", "0.65")
    page.click("[data-page=explore]")
    ready(page, "explore")
    page.click("[data-page=edit]")
    ready(page, "edit")
    page.fill("[name=wanted]", "phi")
    assert page.input_value("[data-at='theory.phi']") == "0.65"
