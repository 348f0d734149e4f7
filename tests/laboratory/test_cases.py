"""The four cases: each has what a case needs, and goes through every command; `check` warns of no shipped scenario."""

import json
import re
from pathlib import Path

import pytest

import realpolitik as rp
from commanding import command
from realpolitik.scenario.sources import shipped_folder

CASES = ("karabakh", "sweden-nato", "transnistria", "sahel")
WHAT_IFS = {name: [one.name for one in rp.shipped() if one.extends == name] for name in CASES}


@pytest.mark.parametrize("name", CASES)
def test_a_case_is_complete(name: str) -> None:
    """Question, claims, dated history with rows held out, two what-ifs, levers, story, and a head on what was tuned."""
    document = rp.load(name).document
    history = [row for row in document["history"].values() if row["date"] != "never"]
    assert document["meta"]["question"]
    assert len(document["claims"]) >= 8
    assert name == "karabakh" or len(document["claims"]) <= 15  # those of the base case are from one article
    assert len(history) >= 8
    assert sum(bool(row["holdout"]) for row in history) >= 3
    assert all(row["source"] for row in document["history"].values())
    assert len(WHAT_IFS[name]) >= 2
    assert document["levers"]
    assert document["story"]
    text = (shipped_folder() / f"{name}.toml").read_text(encoding="utf-8")
    head = text[: text.index("\n[")]
    assert re.search("by hand", head)
    assert re.search("is a fit and no test", head)


@pytest.mark.parametrize("name", [one.name for one in rp.shipped()])
def test_check_warns_of_no_shipped_scenario(name: str) -> None:
    """No shipped file has a row that no world can use; what a what-if leaves unused in its base is listed apart."""
    found = json.loads(command("check", name, "--json").out)
    assert found["warnings"] == []
    assert {row["key"] for row in found["luck"]} <= {"moves.demining.cost"}, "nobody wants what de-mining changes"
    assert found["extends"] or found["unused"] == []


def test_a_what_if_is_warned_of_its_own_rows(tmp_path: Path) -> None:
    """What a what-if writes itself, and what its base had without use already, is a warning; the rest is not."""
    file = tmp_path / "own.toml"
    row = 'label = "G"\nlow = "no"\nhigh = "yes"\nstart = 0.0\nreason = "A trap"\nclaims = ["S02"]\n'
    text = f'extends = "no-f16"\nreason = "Nothing"\nclaims = ["S02"]\n\n[issues.ghost]\n{row}'
    file.write_text(text, encoding="utf-8")
    done = command("check", str(file), "--json")
    found = json.loads(done.out)
    keys = {kind: {row["key"].rpartition(".")[2] for row in found[kind]} for kind in ("warnings", "unused")}
    assert keys == {"warnings": {"ghost", "promise", "f16"}, "unused": set()}
    text = command("check", "no-f16").out
    assert "without use in this what-if: " in text
    assert "warning" not in text


@pytest.mark.parametrize("name", CASES)
def test_a_case_goes_through_every_command(name: str, tmp_path: Path) -> None:
    """It runs, explains, compares with its what-ifs, is fitted and reported, and answers questions if it has any."""
    few = ("--worlds", "32")
    sample = tmp_path / f"{name}.posterior.parquet"
    asked = [
        ("run", name, *few),
        ("explain", name, "--world", "3"),
        ("compare", name, *WHAT_IFS[name][:2], *few),
        ("calibrate", name, "--settings", "32", "--worlds", "1", "--error", "100", "--out", str(sample)),
        ("report", name, *few, "--out", str(tmp_path / "report.html")),
    ]
    if rp.load(name).document["questions"]:
        asked.append(("forecast", name, "--worlds", "4000", "--tolerance", "12"))  # enough to agree
    for words in asked:
        done = command(*words)
        assert (words, done.code, done.err) == (words, 0, "")
    assert sample.is_file()
