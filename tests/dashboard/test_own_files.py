"""Scenario files of one's own in the dashboard, without a browser: files that it was started with, and uploads."""

import json
import re
import shlex
import shutil
from pathlib import Path

import pytest

import realpolitik as rp
from dashboard.driving import Driven, driven, until
from realpolitik.posterior import posterior_of
from realpolitik.scenario import ScenarioError
from realpolitik_viz.dashboard import catalogue, compare_data, naming, story_data, tasks
from realpolitik_viz.dashboard.catalogue import OWN, OwnFiles
from realpolitik_viz.dashboard.uploads import Uploads
from realpolitik_viz.dashboard.view import view_of

SMALL = Path(__file__).parents[1] / "laboratory" / "small.toml"
DIFF = """extends = {base}
reason = "A test"
assumption = true
[meta]
title = {title}
[set]
"theory.phi" = 0.75
"""


def diff(file: Path, base: str, title: str) -> Path:
    """Write a diff, and return its path."""
    file.write_text(DIFF.format(base=json.dumps(base), title=json.dumps(title)), encoding="utf-8")
    return file


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OwnFiles:
    """Start with a what-if two folders away, whose path has a blank, and that extends a file and is extended."""
    there = tmp_path / "my cases"
    there.mkdir()
    (tmp_path / "a" / "b").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "a" / "b")
    shutil.copy(SMALL, there / "the ferry.toml")
    diff(there / "less.toml", "./the ferry.toml", "Less")
    monkeypatch.setattr(OWN, "files", {})
    assert OWN.open(["../../my cases/less.toml"]) == ["own-less"]
    return OWN


def listed(session: Driven) -> dict[str, str | None]:
    """Return the scenarios that pages can choose from that are not shipped, with the base of each."""
    found = catalogue.listed(session.uploads.about)
    return {name: one["extends"] for name, one in found.items() if name not in catalogue.shipped_about()}


@pytest.mark.usefixtures("own")
def test_what_a_file_extends_is_listed_as_its_base() -> None:
    """A diff of one's own is a what-if of its base, which is read from its folder, and runs as the command runs it."""
    with driven("scenario=own-less&worlds=50", user="one") as session:
        assert session.message.value == session.missing.value == ""
        assert listed(session) == {"own-less": "own-the-ferry", "own-the-ferry": None}
        there = Path("../../my cases")
        assert session.shown("cards")["sha256"] == rp.load(there / "less.toml").sha256
        assert session.shown("base")["sha256"] == rp.load(there / "the ferry.toml").sha256


def test_two_files_of_one_name_have_two_names(own: OwnFiles, tmp_path: Path) -> None:
    """Names are words that are valid in a URL and never one of a shipped scenario; the same file is listed once."""
    (tmp_path / "other").mkdir()
    for name in ("less", "karabakh", "\N{CYRILLIC SMALL LETTER GHE}"):
        shutil.copy(SMALL, tmp_path / "other" / f"{name}.toml")
    asked = [f"../../other/{name}.toml" for name in ("less", "karabakh", "\N{CYRILLIC SMALL LETTER GHE}")]
    assert own.open(asked) == ["own-less-2", "own-karabakh", "own-scenario"]
    assert own.open([str(tmp_path / "my cases" / "less.toml"), "karabakh"]) == ["own-less", "karabakh"]
    assert all(re.fullmatch(r"own-[\w-]+", name, re.ASCII) for name in own.files)
    titles = [one["title"] for one in catalogue.listed({"my-less": catalogue.about(rp.load("karabakh"))}).values()]
    assert len(titles) == len(set(titles))
    assert "Karabakh and the peacekeepers (less.toml)" in titles
    with pytest.raises(ScenarioError, match=r"no such file: '\.\./none\.toml'"):
        own.open(["../none.toml"])


def test_a_changed_file_is_read_again(own: OwnFiles, tmp_path: Path) -> None:
    """A page shows a file as it is now, also after a change of what it extends; an invalid one says where."""
    base = tmp_path / "my cases" / "the ferry.toml"
    with driven("scenario=own-less&worlds=20", user="two") as session:
        before = session.shown("cards")["sha256"]
        base.write_text(base.read_text().replace("patience = 3", "patience = 9"))
        session.refresh()
        assert session.shown("cards")["sha256"] == rp.load(tmp_path / "my cases" / "less.toml").sha256 != before
        base.write_text("x")
        session.refresh()
        assert "the ferry.toml:1:" in session.missing.value
        assert "load this page again" in session.missing.value
    assert own.files["own-less"].last.numbers["theory.patience"] == 9


def test_a_posterior_of_an_own_file_is_used(own: OwnFiles, tmp_path: Path) -> None:
    """Worlds drawn "as calibrated" use the posterior in the folder, and the new one once it was fitted again."""
    there = tmp_path / "my cases"
    query = "scenario=own-the-ferry&worlds=40&uncertainty=posterior"
    with driven(query, user="three") as session:
        assert "realpolitik calibrate" in session.message.value
        shown = []
        for seed in (1, 2):
            made = rp.calibrate(there / "the ferry.toml", error=12.0, settings=32, worlds=4, mixing=1, seed=seed)
            made.write(there / "the ferry.posterior.parquet")
            session.refresh()
            shown.append([row["p"] for row in session.shown("cards")["outcomes"].values()])
            ran = rp.run(str(there / "the ferry.toml"), worlds=40, uncertainty="posterior")
            assert shown[-1] == [round(ran.probability(name), 4) for name in ran.case.outcomes]
        text = (there / "the ferry.toml").read_text()
        session.upload({"name": "the ferry.toml", "text": text})
        session.dismiss(None)
        session.refresh()
        until(lambda: session.message.value != "")
        assert "only a scenario file can have one" in session.message.value
    assert posterior_of(own.files["own-the-ferry"].read()).settings == 32


def test_sweeps_of_own_files_and_uploads_open_as_worlds(own: OwnFiles, tmp_path: Path) -> None:
    """A sweep from a page, with a changed number, is of the file, so that commands take it, and its rows open."""
    given = {"name": "s", "points": 8, "worlds": 4, "vary": [["theory.noise", 0, 0.2]], "design": "lhs"}
    with driven("page=sweep&scenario=own-less&set=moves.sell.cost=0.4", tmp_path, "four") as session:
        session.start(given)
        assert session.task_over() == {"name": "s", "over": True}
        made = rp.open_sweep(tmp_path / "s")
        assert Path(made.plan.scenario["extends"]).samefile(own.files["own-less"].path)
        session.go({"folder": "s"})
        session.row({"folder": "s", "row": 9})
        view = session.view.value
        assert (view.page, view.scenario, view.set[0]) == ("world", "own-less", "moves.sell.cost=0.4")
        told = [(d.date, d.account.actor) for d in made.explain(9, flips=False).decisions]
        assert [(d["month"], d["actor"]) for d in session.shown("story")["decisions"]] == told
        session.upload({"name": "mine.toml", "text": SMALL.read_text()})
        session.start({**given, "name": "t"})
        assert session.task_over() == {"name": "t", "over": True}
        session.go({"page": "sweep", "folder": "t"})
        session.row({"folder": "t", "row": 1})
        assert session.view.value.scenario == "my-mine"
    with driven("page=sweep&folder=t", tmp_path, "five") as session:
        session.row({"folder": "t", "row": 1})
        assert "small is not here" in session.message.value or "mine is not here" in session.message.value


@pytest.mark.usefixtures("own")
def test_own_files_and_uploads_have_score_sheets(monkeypatch: pytest.MonkeyPatch) -> None:
    """`validate` is run on the file, or on the text of an upload."""
    asked: list[tuple[str, str]] = []

    def output(command: list[str], _: object) -> str:
        asked.append((command[-1], Path(command[-1]).read_text()))
        Path(command[command.index("--plot") + 1]).write_text("<svg/>")
        return json.dumps({"checks": []})

    monkeypatch.setattr("realpolitik_viz.dashboard.tasks.output", output)
    with driven("page=evidence&scenario=own-less", user="six") as session:
        session.upload({"name": "mine.toml", "text": SMALL.read_text()})
        for name in ("own-less", "my-mine", "own-less"):
            session.validate(name)
            until(lambda: session._scoring is not None and not session._scoring.is_alive())
            assert session.shown("score")["scenario"] == name
        session.validate("own-none")
        until(lambda: session._scoring is not None and not session._scoring.is_alive())
        assert "start the dashboard with it" in session.shown("score")["why"]
    assert len(asked) == 2
    assert Path("../../my cases/less.toml").samefile(asked[0][0])
    assert asked[1][1] == SMALL.read_text()


NAMED = """
[directions.kept]
scenario = "./less.toml"
outcome = "handed_over"
sign = "down"
text = "Less"
"""


@pytest.mark.usefixtures("own")
def test_a_score_sheet_is_computed_again_when_a_file_that_it_names_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A direction is about another file, or its posterior: a score sheet of an earlier one is not shown."""
    sheets: list[str] = []

    def output(command: list[str], _: object) -> str:
        sheets.append(command[-1])
        Path(command[command.index("--plot") + 1]).write_text("<svg/>")
        return json.dumps({"checks": []})

    monkeypatch.setattr("realpolitik_viz.dashboard.tasks.output", output)
    base, less = (tmp_path / "my cases" / f"{name}.toml" for name in ("the ferry", "less"))
    base.write_text(SMALL.read_text() + NAMED)

    def computed() -> int:
        tasks.score_sheet("own-the-ferry", Uploads(), lambda: True)
        return len(sheets)

    assert (computed(), computed()) == (1, 1)
    less.write_text(less.read_text().replace("0.75", "0.6"))
    assert (computed(), computed()) == (2, 2)
    less.with_name("less.posterior.parquet").write_bytes(b"other")
    assert (computed(), computed()) == (3, 3)
    uploads = Uploads()
    name = uploads.add({"name": "mine.toml", "text": base.read_text()}, "own-the-ferry")
    with pytest.raises(ValueError, match="save it in their folder"):
        tasks.score_sheet(name, uploads, lambda: True)


def test_own_files_are_saved_with_changes(own: OwnFiles, tmp_path: Path) -> None:
    """A changed diff on a file of one's own is saved under its name, and runs the same in its folder."""
    with driven("scenario=own-less&set=moves.sell.cost=0.4&worlds=20", user="seven") as session:
        session.toml(None)
        file = json.loads(session.saved.value)
    assert file["name"] == "less-changed.toml"
    made = tmp_path / "my cases" / file["name"]
    made.write_text(file["text"])
    assert rp.load(made).sha256 == own.files["own-less"].read().set({"moves.sell.cost": 0.4}).sha256


MINE = DIFF.format(base='"karabakh"', title='"Mine"')


def test_uploads_survive_a_reload() -> None:
    """A new page of the same browser has its uploads, and another browser has not."""
    with driven("worlds=20", user="eight") as session:
        session.upload({"name": "mine.toml", "text": MINE})
        before = session.shown("cards")["sha256"]
        assert listed(session) == {"my-mine": "karabakh"}
        session.upload({"name": "mine.toml", "text": MINE.replace("0.75", "0.5")})
        after = session.shown("cards")["sha256"]
        assert after != before
    with driven("scenario=my-mine&worlds=20", user="eight") as session:
        assert session.shown("cards")["sha256"] == after
        assert listed(session) == {"my-mine": "karabakh"}
    with driven("scenario=my-mine&worlds=20", user="nine") as session:
        assert listed(session) == {}
        assert session.shown("cards") is None


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("scenario=my-mine", "Open the file here"),
        ("scenario=own-mine", "start the dashboard with it: realpolitik dashboard mine.toml"),
        ("scenario=karabak", "did you mean 'karabakh'?"),
        ("page=compare&against=my-mine;theory.phi=0.5", "mine.toml"),
        ("page=world&scenario=my-mine", "mine.toml"),
        ("page=sweep&scenario=own-mine", "mine.toml"),
        ("page=evidence&scenario=my-mine", "mine.toml"),
    ],
)
def test_a_link_to_a_file_that_is_not_here_says_what_it_needs(query: str, says: str) -> None:
    """Nothing is computed and nothing waits; the file that the link is to, once opened, is shown as the link says."""
    with driven(f"{query}&worlds=20&set=theory.noise=0.1", user=f"ten {query}") as session:
        assert says in session.missing.value
        assert not session.runner.working
        before = session.view.value
        session.upload({"name": "mine.toml", "text": MINE})
        assert session.missing.value == session.message.value == ""
        after = session.view.value
        assert (after.page, after.set, after.worlds) == (before.page, before.set, 20)
        assert "my-mine" in (after.scenario, after.against[0].split(";")[0] if after.against else "")
        assert all(";theory.phi=0.5" in one for one in after.against)


def test_pages_name_own_files_as_commands_do(own: OwnFiles, tmp_path: Path) -> None:
    """The command for a view runs its worlds, a reset leads to the base, and a story to the file that has it."""
    step = '[[story]]\ntitle = "One"\ntext = "Two."\n'
    with driven("scenario=own-less&set=theory.noise=0.02&worlds=20", user="eleven") as session:
        case = naming.case_of(session.view.value, session.uploads)
        program, command, file, *options = shlex.split(case["command"])
        assert (program, command, options[:2]) == ("realpolitik", "run", ["--set", "theory.noise=0.02"])
        assert Path(file).samefile(own.files["own-less"].path)
        assert case["reset"]["scenario"] == "own-the-ferry"
        assert case["changes"][0]["was"] == "The ferry at Lower Marsh"
        session.upload({"name": "the case.toml", "text": SMALL.read_text() + step})
        words = shlex.split(naming.case_of(session.view.value, session.uploads)["command"])
        assert words[:3] == ["realpolitik", "run", "the-case.toml"]
        assert story_data.outline(session.uploads["my-the-case"])["scenario"] == ""
    (tmp_path / "my cases" / "the ferry.toml").write_text(SMALL.read_text() + step)
    assert story_data.outline(own.files["own-less"].read())["scenario"] == "own-the-ferry"


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("scenario=own-less", ["own-the-ferry", "own-less"]),
        ("scenario=own-the-ferry", ["own-the-ferry", "own-less"]),
        ("scenario=own-the-ferry&set=theory.phi=0.5", ["own-the-ferry", "own-the-ferry"]),
        ("scenario=no-invasion", ["karabakh", "no-invasion"]),
        ("scenario=karabakh&set=theory.phi=0.5", ["karabakh", "karabakh"]),
    ],
)
@pytest.mark.usefixtures("own")
def test_a_file_of_ones_own_is_compared_with_its_base(query: str, names: list[str]) -> None:
    """The page that compares opens on the base and a what-if, or the changes, of any scenario."""
    view, _ = view_of(f"page=compare&{query}")
    assert [one.name for one in compare_data.sides(view, Uploads())] == names


def test_a_file_says_what_it_is_compared_with_first(own: OwnFiles, tmp_path: Path) -> None:
    """`[show] against` of a file names another by its path from there; one that is not here is left out."""
    base = tmp_path / "my cases" / "the ferry.toml"
    diff(base.with_name("more.toml"), "./the ferry.toml", "More")
    own.open([str(base.with_name("more.toml"))])
    for against, names in (("./more.toml", ["own-more"]), ("./none.toml", ["own-less"])):
        base.write_text(f'{SMALL.read_text()}\n[show]\nagainst = "{against}"\n')
        sides = compare_data.sides(view_of("page=compare&scenario=own-the-ferry")[0], Uploads())
        assert [one.name for one in sides[1:]] == names


def test_what_only_pages_read_decides_what_they_show() -> None:
    """Two files with the same worlds and other levers share no result."""
    lever = '[levers.x]\nlabel = "x"\nlow = "a"\nhigh = "b"\nnumbers = { "theory.phi" = [0, 1] }\n'
    one, other = rp.loads(SMALL.read_text()), rp.loads(SMALL.read_text() + lever)
    assert one.sha256 == other.sha256
    assert catalogue.fingerprint(one) != catalogue.fingerprint(other)
