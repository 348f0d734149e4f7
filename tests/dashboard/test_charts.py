"""Charts and the files that they save: the functions of the pages in a browser, without a server."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import pytest

from dashboard.browser import ready
from realpolitik_viz.dashboard.collect import ASSETS
from realpolitik_viz.dashboard.server import STATIC
from window.seeing import contrast

SVG = "{http://www.w3.org/2000/svg}"
MONTHS = [f"{year}-{month:02}" for year in (2022, 2023, 2024) for month in range(1, 13)]
FLAT, RISING = [0.4] * 36, [n / 36 for n in range(36)]
LINE = {"name": "Moscow over Baku", "fan": [FLAT] * 3, "colour": "#ab4232"}
OTHER = {"name": "Baku over Moscow", "fan": [RISING] * 3, "colour": "#3398ec"}
STEP = {"name": "own interest", "share": 0.2, "actor": "Moscow"}
CHARTS: dict[str, dict[str, Any]] = {
    "fans": {"months": MONTHS, "series": [LINE, OTHER], "at": 3, "cutoff": "2023-06", "title": "x"},
    "waterfall": {"steps": [STEP, {**STEP, "total": True}], "colours": ["#ab4232", "#ab4232"], "title": "x"},
    "scatter": {"points": [[0.1, 0.2, 0]], "x": "War", "y": "Exit", "title": "x"},
    "bars": {"rows": [{"name": "War", "value": 0.5, "low": 0.4, "high": 0.7}], "unit": "share", "title": "x"},
}


@pytest.fixture(scope="module")
def blank(browser: Any) -> Iterator[Any]:
    """Open an empty page with the scripts of charts."""
    page = browser.new_page(viewport={"width": 800, "height": 600})
    page.set_content("<body></body>")
    page.evaluate("window.house = {colour: () => '#123456'}")
    page.add_script_tag(content=(STATIC / "words.js").read_text(encoding="utf-8"))
    page.add_script_tag(content=(STATIC / "saving.js").read_text(encoding="utf-8"))
    page.add_script_tag(content=(STATIC / "charts.js").read_text(encoding="utf-8"))
    page.evaluate("window.parts = {}; window.Vue = {component: (name, part) => { parts[name] = part; }}")
    for name in ("heat", "network", "cards", "matters"):
        page.add_script_tag(content=(STATIC / f"{name}.js").read_text(encoding="utf-8"))
    yield page
    page.close()


def option(page: Any, kind: str, **more: Any) -> Any:
    """Return the options of a chart."""
    return page.evaluate("([kind, given]) => house[kind](given)", [kind, {**CHARTS[kind], **more}])


@pytest.mark.parametrize("kind", CHARTS)
def test_axes_have_titles_and_readable_labels(blank: Any, kind: str) -> None:
    """Each value axis of any chart has a title with a unit, the chart says what it shows, in 11 pixels or more."""
    made = option(blank, kind)
    axes = [made[axis] for axis in ("xAxis", "yAxis") if made[axis]["type"] == "value"]
    assert axes
    assert [axis for axis in axes if not axis.get("name")] == []
    assert min(made[axis]["axisLabel"]["fontSize"] for axis in ("xAxis", "yAxis")) >= 11
    assert made["aria"]["label"]["description"]


@pytest.mark.parametrize("ends", [(-0.2, 1.2), (0, 1), (-0.6, 0.4), (-1, 0)], ids=str)
def test_labels_along_an_account_are_apart(blank: Any, ends: tuple[float, float]) -> None:
    """In a narrow chart, whatever the values are, labels of the axis do not touch."""
    blank.evaluate("document.body.innerHTML = '<div id=place style=\"width: 330px; height: 190px\"></div>'")
    blank.add_script_tag(content=(ASSETS / "echarts@5.6.0/dist/echarts.common.min.js").read_text(encoding="utf-8"))
    for span in [0.002 * 1.25**n for n in range(28)]:
        steps = [{"name": "through Baku:\nRussian force in Karabakh", "share": end * span} for end in ends]
        boxes = blank.evaluate(AXIS, {"steps": steps, "colours": [], "title": "x"})
        assert len(boxes) >= 2
        assert all(right[0] - left[1] >= 6 for left, right in pairwise(sorted(boxes))), span


AXIS = """
(given) => {
  const place = document.getElementById("place"), chart = echarts.init(place, null, { renderer: "svg" });
  chart.setOption(house.waterfall(given));
  const numbers = [...place.querySelectorAll("text")].filter((one) => /^\u2212?[0-9.]+$/.test(one.textContent))
    .map((one) => one.getBoundingClientRect());
  const lowest = Math.max(...numbers.map((box) => box.top));
  const found = numbers.filter((box) => box.top > lowest - 1).map((box) => [box.left, box.right]);
  chart.dispose();
  return found;
}
"""
"""Left and right ends of the labels of the axis of an account."""


LONG = "Moscow: Needs Baku: road and rail south to Iran and the Gulf: the part that cannot be had elsewhere"


@pytest.mark.parametrize(("kind", "more"), [("bars", {"unit": f"share: {LONG}"}), ("scatter", {"x": LONG})])
@pytest.mark.parametrize("width", [300, 900])
def test_titles_of_axes_are_whole(blank: Any, kind: str, more: dict[str, str], width: int) -> None:
    """A title that is longer than its chart is wide continues in the next line; no text is cut at a side or below."""
    blank.evaluate(f"document.body.innerHTML = '<div id=place style=\"width: {width}px; height: 200px\"></div>'")
    blank.add_script_tag(content=(ASSETS / "echarts@5.6.0/dist/echarts.common.min.js").read_text(encoding="utf-8"))
    rows = [{"name": LONG, "value": 0.5, "low": 0.4, "high": 0.7}]
    found = blank.evaluate(TEXTS, [kind, {**CHARTS[kind], "rows": rows, **more}, width])
    assert all(name in " ".join(text for text, _ in found) for name in LONG.split())
    for text, (left, _, right, bottom) in found:
        assert left >= 0, text
        assert right <= width, text
        assert bottom <= 200, text


TEXTS = """
([kind, given, width]) => {
  const place = document.getElementById("place"), chart = echarts.init(place, null, { renderer: "svg" });
  const { left, top } = place.getBoundingClientRect();
  chart.setOption(house.fitted ? house.fitted(house[kind](given), width) : house[kind](given));
  const found = [...place.querySelectorAll("text")].map((one) => [one.textContent, one.getBoundingClientRect()])
    .map(([text, box]) => [text, [box.left - left, box.top - top, box.right - left, box.bottom - top]]);
  chart.dispose();
  return found;
}
"""
"""Texts of a chart, each with its box."""


def test_a_fan_names_its_lines_and_says_who_passes_whom(blank: Any) -> None:
    """Two lines that cross are the finding; history and crossing are marked, and each line has its name at its end."""
    made = option(blank, "fans")
    assert made["aria"]["label"]["description"] == '"Baku over Moscow" passes "Moscow over Baku" in Apr 2023'
    ends = made["series"][-1]
    assert [one["label"]["formatter"].split("{name|")[1] for one in ends["data"]] == [
        "Moscow over Baku}",
        "Baku over Moscow}",
    ]
    words = [one["label"]["formatter"] for one in ends["markLine"]["data"]]
    assert words == ["Jun 2023: history ends", "Apr 2023: the lines cross", "Apr 2022"]
    assert option(blank, "fans", given="A question?")["aria"]["label"]["description"] == "A question?"


@pytest.mark.parametrize(
    ("one", "other", "at"),
    [([0, 0, 1], [1, 1, 0], 2), ([1, 0, 1], [0, 1, 0], 2), ([1, 1], [0, 0], None), ([1, 1], [1, 1], None)],
    ids=["once", "twice", "never", "equal"],
)
def test_a_crossing_is_the_last_one(blank: Any, one: list[int], other: list[int], at: int | None) -> None:
    """The month from which one line stays above the other, if it was below before."""
    found = blank.evaluate("(paths) => house.crossing(paths)", [one, other])
    assert (found and found["at"]) == at


@pytest.mark.parametrize("values", [[0.5, 0.5, 0.5], [0.0, 0.01, 1.0], [1.0, 1.0], [0.2, 0.9]], ids=str)
def test_labels_of_lines_hide_no_others(blank: Any, values: list[float]) -> None:
    """Labels of equal lines are apart, in the order of the lines, and within the chart."""
    placed = blank.evaluate("(values) => house.spread(values, 0.1, 1)", values)
    ordered = sorted(placed)
    assert all(b - a >= 0.1 - 1e-9 for a, b in pairwise(ordered))
    assert 0 <= ordered[0] <= ordered[-1] <= 1
    assert [n for _, n in sorted(zip(values, range(9), strict=False))] == [
        n for _, n in sorted(zip(placed, range(9), strict=False))
    ]


def fitted(page: Any, made: Any, width: int = 400) -> Any:
    """Return the options of a chart of this width, and of the height that pages give it."""
    return page.evaluate("([made, width]) => house.fitted(made, width)", [made, width])


def test_a_name_stands_where_its_line_is_not(blank: Any) -> None:
    """A name is above the end of its line, or below it if the line comes down to it; only `named` lines have one."""
    falling = {**LINE, "fan": [[1 - 0.02 * n for n in range(36)]] * 3}
    made = fitted(blank, option(blank, "fans", series=[OTHER, falling], most=2), 900)
    rising, fallen = made["series"][-1]["data"]
    assert rising["value"][1] > RISING[-1]
    assert fallen["value"][1] < falling["fan"][1][-1]
    assert len(option(blank, "fans", named=[OTHER])["series"][-1]["data"]) == 1


@pytest.mark.parametrize("width", [330, 560])
def test_no_line_runs_through_a_name(blank: Any, width: int) -> None:
    """Names of lines that end near each other are apart from all lines, in the order of these, at any width."""
    levels = {"Moscow over Baku": 0.3, "Moscow over Baku, base case": 0.29, "Baku over Moscow": 0.24, "Brussels": 0.95}
    series = [{**LINE, "name": name, "fan": [[level] * 36] * 3} for name, level in levels.items()]
    made = fitted(blank, option(blank, "fans", series=series), width)
    pixel = made["yAxis"]["max"] / (230 - made["grid"]["top"] - made["grid"]["bottom"])
    heights = [one["value"][1] for one in made["series"][-1]["data"]]
    assert min(abs(height - level) for height in heights for level in levels.values()) >= 8.9 * pixel
    assert all(above - below >= 14.9 * pixel for below, above in pairwise(sorted(heights)))
    assert sorted(heights) == [heights[n] for n in sorted(range(4), key=lambda n: list(levels.values())[n])]
    assert made["yAxis"]["max"] - max(heights) >= (2 + 0.5) * 15 * pixel - 1e-9


def test_a_name_stays_near_a_line_that_is_crossed_steeply(blank: Any) -> None:
    """Where lines rise and fall through all heights under a name, it stays near the end of its own line."""
    rise, fall = [0.3] * 33 + [1.0] * 3, [1.0] * 33 + [0.0] * 3
    series = [{**LINE, "fan": [rise] * 3}, {**OTHER, "fan": [fall] * 3}]
    high, low = fitted(blank, option(blank, "fans", series=series, most=1))["series"][-1]["data"]
    assert high["value"][1] > 0.6
    assert low["value"][1] < 0.4


def test_the_chart_of_a_story_names_its_lines_and_sets_its_labels_apart(blank: Any) -> None:
    """One or two solid lines have their names in the chart, others are in the key; near labels do not overlap."""
    blank.evaluate("house.terms = {GLOSSARY: {}, marked: () => []}")
    blank.add_script_tag(content=(STATIC / "story.js").read_text(encoding="utf-8"))
    marks = [{"at": 14, "label": "a\nb\nc"}, {"at": 20, "label": "d\ne"}, {"at": 35, "label": "f"}]
    given = {"months": MONTHS, "series": [LINE, {**OTHER, "dashed": True}], "marks": marks, "title": "x", "unit": "y"}
    made = blank.evaluate("(given) => house.storyLines(given)", given)
    (named,) = (one["data"] for one in made["series"] if one["type"] == "scatter")
    assert [one["label"]["formatter"].split("{name|")[1] for one in named] == ["Moscow over Baku}"]
    first, second, third = (one["label"]["offset"][1] for one in made["series"][-1]["markLine"]["data"])
    assert (first, second <= -3 * 14, third) == (0, True, second - 30)
    assert made["grid"]["top"] >= -third + 14
    count = "(series) => house.story.named(series).length"
    assert [blank.evaluate(count, [LINE] * n) for n in (1, 2, 3)] == [1, 2, 0]


def test_a_name_in_a_story_is_not_on_its_line(blank: Any) -> None:
    """There is half a line of text or more between a line near the top and its name."""
    blank.evaluate("house.terms = {GLOSSARY: {}, marked: () => []}")
    blank.add_script_tag(content=(STATIC / "story.js").read_text(encoding="utf-8"))
    high = {**LINE, "fan": [[0.84] * 36] * 3}
    given = {"months": MONTHS, "series": [high], "marks": [], "title": "x", "unit": "y", "most": 1}
    made = fitted(blank, blank.evaluate("(given) => house.storyLines(given)", given))
    (named,) = (one["data"] for one in made["series"] if one["type"] == "scatter")
    assert named[0]["value"][1] - 0.84 >= 7 / 152


def test_words_of_the_headline_are_not_on_its_curve(blank: Any) -> None:
    """The words of the horizon and of history stand above the curves, one line each."""
    given = {
        "marks": [{"key": "now", "label": "Now", "curve": RISING}],
        "months": MONTHS,
        "by": "2024-06",
        "label": "x",
    }
    history = {"date": "2024-03", "never": False}
    made = blank.evaluate("(given) => house.curves(given)", {**given, "history": history})
    (labels,) = ([one["label"] for one in series["markLine"]["data"]] for series in made["series"])
    assert [one["formatter"] for one in labels] == ["by Jun 2024: 81%", "in fact"]
    assert [one["offset"][1] for one in labels] == [0, -14]
    assert made["grid"]["top"] >= 14 * len(labels)


def test_bars_say_their_values(blank: Any) -> None:
    """A value stands at the end of its bar, and a row without a value says why it has none."""
    rows = [{"name": "leverage", "value": 13.04, "words": "13.0"}, {"name": "mean", "value": None, "words": "no dates"}]
    made = option(blank, "bars", rows=rows)
    assert made["series"][-1]["data"] == [[13.04, 0], [0, 1]]
    said = "([kind, given, n]) => house[kind](given).series.at(-1).label.formatter({dataIndex: n})"
    assert [blank.evaluate(said, ["bars", {**CHARTS["bars"], "rows": rows}, n]) for n in (0, 1)] == ["13.0", "no dates"]


@pytest.mark.parametrize(
    ("value", "high", "shares", "ends"), [(0.7, 1.2, True, 1), (1, None, False, 1), (1.1, None, False, 1.5)]
)
def test_an_axis_of_shares_ends_at_one(blank: Any, value: float, high: float | None, shares: bool, ends: float) -> None:
    """It has no label beyond 1 unless a ratio lies there; the interval of an estimate is drawn within 0 and 1."""
    rows = [{"name": "War", "value": value, "low": None if high is None else -0.1, "high": high}]
    made = option(blank, "bars", rows=rows, shares=shares)
    assert (made["xAxis"]["min"], made["xAxis"]["max"]) == (0, ends)
    assert made["xAxis"]["max"] / made["xAxis"]["interval"] in (3, 4)
    assert made["series"][1]["data"] == ([[0, 0], [1, 0]] if high else [])


def test_numbers_have_a_true_minus(blank: Any) -> None:
    """So have labels of every axis and numbers in tables; the differences of a bar chart have an axis of their own."""
    said = "(values) => values.map((one) => [house.short(one), house.fixed(one, 2), house.figure(one)])"
    assert blank.evaluate(said, [-0.1, 0.30000000000000004, -1e-7]) == [
        ["\N{MINUS SIGN}0.1", "\N{MINUS SIGN}0.10", "\N{MINUS SIGN}0.1"],
        ["0.3", "0.30", "0.3"],
        ["0", "0.00", "\N{MINUS SIGN}1e\N{MINUS SIGN}7"],
    ]
    labels = "([kind, given, axis]) => house[kind](given)[axis].axisLabel.formatter(-0.25)"
    for kind, axis in (("waterfall", "xAxis"), ("scatter", "xAxis"), ("scatter", "yAxis"), ("bars", "xAxis")):
        assert blank.evaluate(labels, [kind, CHARTS[kind], axis]) == "\N{MINUS SIGN}0.25"


def test_what_matters_is_read_from_the_low_end_to_the_high_one(blank: Any) -> None:
    """An arrow leads from the share at the low end of a number to that at its high end, whichever is larger."""
    bar = {"path": "a", "low": 0.1, "high": 0.5, "at": [0.42, 0.001]}
    given = {"found": {"bars": [bar], "value": 0.2}, "rows": {"a": {"words": "A"}}, "all": True}
    (row,) = blank.evaluate("(given) => parts['rp-matters'].computed.bars.call(given)", given)
    assert [(one["value"], one["share"]) for one in row["ends"]] == [(0.1, 0.42), (0.5, 0.001)]
    assert (row["left"], row["right"]) == (pytest.approx(0.1), 42)


def test_bars_have_their_intervals(blank: Any) -> None:
    """The interval of a bar is a line from its low to its high end, in the row of the bar."""
    assert option(blank, "bars")["series"][1]["data"] == [[0.4, 0], [0.7, 0]]
    assert option(blank, "bars", rows=[{"name": "War", "value": 0.5, "low": None}])["series"][1]["data"] == []


DRAWN = """
<figure><svg width="300" height="100" role="img" aria-label="A question?" viewBox="0 0 300 100">
<text x="10" y="50" style="paint-order: stroke; stroke: #ffffff; stroke-width: 3px; fill: #000000">Baku</text></svg>
<figcaption><dl class="legend"><div><dt><i style="background: #ff0000"></i>Control</dt><dd>0.50</dd></div></dl>
<p>What it means. <span class="downloads">PNG</span></p></figcaption></figure>
"""


@pytest.mark.parametrize("ink", [0, 1], ids=["light", "dark"])
def test_numbers_on_a_heat_map_can_be_read(blank: Any, ink: int) -> None:
    """Each number has a contrast of 4.5 to 1 with its cell, whatever the share; a higher share is a stronger colour."""
    style = (STATIC / "custom.css").read_text(encoding="utf-8")
    given = {name: re.findall(rf"--{name}: (#[0-9a-f]{{6}});", style)[ink] for name in ("accent", "paper")}
    cells = blank.evaluate("(inks) => [...Array(101).keys()].map((n) => house.shaded(n / 100, inks))", given)
    for cell in cells:
        assert contrast(cell["fill"], cell["ink"]) >= 4.5, cell
    away = [contrast(cell["fill"], given["paper"]) for cell in cells]
    assert away == sorted(away)
    assert cells[-1]["fill"] == given["accent"]


@pytest.mark.parametrize("columns", range(3, 8))
def test_names_along_a_heat_map_are_whole(blank: Any, columns: int) -> None:
    """On a phone, the name of the last column ends within the drawing."""
    grid = {"across": ["0.87 to 1.09"] * columns, "up": ["1"] * columns}
    right = blank.evaluate(
        """(grid) => {
          const [step] = parts["rp-heat"].computed.step.call({ grid, wide: 334, tall: 260 });
          const pen = document.createElement("canvas").getContext("2d");
          pen.font = "12px system-ui, sans-serif";
          return 84 + (grid.across.length - 0.5) * step + pen.measureText(grid.across[0]).width / 2;
        }""",
        grid,
    )
    assert right <= 334


@pytest.mark.parametrize("across", [300, 334, 560])
@pytest.mark.parametrize("names", [["Moscow", "Budapest", "The White House", "Helsinki"], ["The White House"] * 8])
def test_names_in_a_network_are_whole(blank: Any, across: int, names: list[str]) -> None:
    """Names at the sides and below the ring are within the drawing, on a phone too."""
    found = blank.evaluate(PLACED, [{str(n): {"label": name} for n, name in enumerate(names)}, across])
    left, top, width, height = found["view"]
    assert " ".join(text for text, *_ in found["texts"]).split() == [
        word for name in names for word in [*name.split(), "holds", "0.00"]
    ]
    for text, start, end, bottom in found["texts"]:
        assert left <= start < end <= left + width, text
        assert top < bottom <= top + height, text


PLACED = """
([actors, across]) => {
  const { computed, methods } = parts["rp-network"];
  const self = { leverage: {}, actors, across, month: "2024-03", pair: "" };
  for (const [name, made] of Object.entries(methods)) self[name] = made.bind(self);
  for (const [name, made] of Object.entries(computed)) Object.defineProperty(self, name, { get: made.bind(self) });
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = `bold ${self.size}px system-ui, sans-serif`;
  const texts = Object.values(self.nodes).flatMap((node) =>
    [...(node.lines || [node.label]), "holds 0.00"].map((text, n) => {
      const { x, y, "text-anchor": anchor } = self.placeOf(node, n), wide = pen.measureText(text).width;
      const start = x - wide * { start: 0, middle: 0.5, end: 1 }[anchor];
      return [text, start, start + wide, y + 0.2 * self.size];
    }));
  return { texts, view: self.view || [0, -24, 560, 424] };
}
"""
"""Where the texts of a network stand, and what part of the plane is drawn."""


def test_a_saved_drawing_explains_itself(blank: Any) -> None:
    """Title, key, notes, source and link are around the drawing, in an SVG of the right size; no letter is lost."""
    link = "http://127.0.0.1:20000/?" + "set=drivers.war.scale=0.5&" * 20
    made = blank.evaluate(
        "([drawn, link]) => { document.body.innerHTML = drawn; const svg = document.querySelector('svg'); "
        "const about = house.saving.about(svg, {source: 'A case. 50 worlds'}); "
        "return house.saving.framed(svg, {...about, link}); }",
        [DRAWN, link],
    )
    root = ElementTree.fromstring(made["text"])
    lines = [text.text for text in root.findall(f"{SVG}text")]
    assert lines == ["A question?", "Control 0.50", "What it means.", "A case. 50 worlds"]
    (anchor,) = root.findall(f"{SVG}a")
    assert anchor.get("href") == link
    assert "".join(text.text or "" for text in anchor) == link
    assert max(float(text.get("y", "0")) for text in root.iter(f"{SVG}text")) < made["height"]
    assert root.get("width") == str(made["width"])
    assert [one.get("fill", one.get("style")) for one in root.findall(f"{SVG}rect")][1:] == ["fill: rgb(255, 0, 0)"]


def test_a_saved_chart_has_the_key_that_the_page_shows_elsewhere(blank: Any) -> None:
    """A key that is given in place of the figure's has a piece of each line, in the colour of the page."""
    made = blank.evaluate(
        "(drawn) => { document.body.innerHTML = drawn; const svg = document.querySelector('svg'); "
        "const line = { stroke: 'var(--accent)', 'stroke-dasharray': '5 4' }; "
        "return house.saving.framed(svg, house.saving.about(svg, { key: [{ text: 'Base case: 42%', line }] })); }",
        DRAWN,
    )
    root = ElementTree.fromstring(made["text"])
    assert "Base case: 42%" in [text.text for text in root.findall(f"{SVG}text")]
    assert [(one.get("stroke"), one.get("stroke-dasharray")) for one in root.findall(f"{SVG}line")] == [
        ("#123456", "5 4")
    ]


def test_names_with_an_outline_are_saved_as_two_texts(blank: Any) -> None:
    """The outline is a text of its own under the letters, so that no program paints it over them."""
    made = blank.evaluate(
        "(drawn) => { document.body.innerHTML = drawn; "
        "return house.saving.framed(document.querySelector('svg'), {}).text; }",
        DRAWN,
    )
    outline, letters = ElementTree.fromstring(made).findall(f"{SVG}svg/{SVG}text")
    assert "fill: none" in str(outline.get("style"))
    assert "stroke: none" in str(letters.get("style"))
    assert (outline.text, letters.text) == ("Baku", "Baku")


BOXES = (
    "(all) => all.map((one) => one.getBoundingClientRect()).map((box) => [box.left, box.top, box.right, box.bottom])"
)
SMALL = """
() => [...document.querySelectorAll("figure svg text")].filter((one) => one.getBoundingClientRect().height)
  .map((one) => [parseFloat(getComputedStyle(one).fontSize) * one.ownerSVGElement.getScreenCTM().a, one.textContent])
  .filter(([size]) => size < 11)
"""


def overlap(one: list[float], other: list[float]) -> bool:
    """Return whether two boxes overlap."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


CROSSED = """
() => [...document.querySelectorAll(".network text:not(.date)")].flatMap((text) => {
  const box = text.getBBox(), point = text.ownerSVGElement.createSVGPoint();
  const arrows = [...document.querySelectorAll(".network .arrow")];
  for (let n = 0; n <= 20; n++)
    for (const part of [0.1, 0.5, 0.9]) {
      Object.assign(point, { x: box.x + (box.width * n) / 20, y: box.y + box.height * part });
      const through = arrows.find((arrow) => arrow.isPointInFill(point));
      if (through) return [text.textContent.trim() + ": " + through.textContent.trim()];
    }
  return box.x < 0 || box.x + box.width > 560 ? [text.textContent.trim() + " is cut"] : [];
})
"""
"""Texts of the network that an arrow runs through, or that are cut."""
CHARTED = '() => [...document.querySelectorAll(".chart")].every((one) => one.__vue__ && one.__vue__.chart)'
CALM = """
() => [...document.querySelectorAll(".chart")].flatMap((one) => one.__vue__.chart.getOption().series)
  .map((series) => series.emphasis.disabled)
"""


def test_charts_map_and_network_can_be_read_and_used(visit: Any) -> None:
    """A force covers no city, no arrow runs through a name, Enter chooses an arrow, texts have 11 pixels at 400."""
    page = visit("page=explore&worlds=100&month=2021-06")
    ready(page, "explore")
    page.wait_for_selector(".map circle.force")
    page.wait_for_function(CHARTED)
    calm = page.evaluate(CALM)
    assert calm
    assert all(calm)
    (force,) = page.eval_on_selector_all(".map circle.force", BOXES)
    cities = page.eval_on_selector_all(".map circle.place", BOXES)
    assert len(cities) > 3
    assert not any(overlap(force, city) for city in cities)
    names = page.eval_on_selector_all(".map text.country", "all => all.map((one) => one.textContent.trim())")
    assert {"Armenia", "Azerbaijan"} <= set(names)
    assert "Syunik" in page.inner_text(".map .areas")
    assert page.evaluate(CROSSED) == []
    assert "by Dec 2025: " in page.text_content(".lead-outcome .chart svg")
    page.focus(".network .arrow[aria-label^='Moscow holds'][aria-label*='over Yerevan']")
    page.keyboard.press("Enter")
    page.wait_for_url("**pair=Moscow%3EYerevan**")
    assert page.get_attribute(".network .arrow:focus", "aria-pressed") == "true"
    page.set_viewport_size({"width": 400, "height": 860})
    page.wait_for_timeout(500)
    assert page.evaluate(SMALL) == []
    (around,) = page.eval_on_selector_all(".map svg", BOXES)[:1]
    places = page.eval_on_selector_all(".map text.place", BOXES)
    assert all(around[0] <= left and right <= around[2] for left, _, right, _ in places)
    assert not any(overlap(one, other) for n, one in enumerate(places) for other in places[:n])
    assert page.evaluate(CROSSED) == []


def test_hovering_a_decision_keeps_the_colour_of_its_actor(visit: Any) -> None:
    """The edge of a row has the colour of the actor, hovered or not."""
    page = visit("page=world&world=17&worlds=100")
    ready(page, "world")
    colour = "(one) => getComputedStyle(one).borderLeftColor"
    for row in (page.locator(".events li").first, page.locator(".decisions [data-decision]").first):
        before = row.evaluate(colour)
        row.hover()
        assert row.evaluate(colour) == before
