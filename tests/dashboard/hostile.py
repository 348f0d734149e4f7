"""A scenario with markup in every text field, and a search of everything that a page shows on hovering."""

from typing import Any

FIELDS = (
    *("meta.title", "meta.question", "actors.label", "actors.role", "issues.label", "issues.low", "issues.high"),
    *("issues.reason", "drivers.label", "drivers.reason", "dependence.channel", "dependence.reason"),
    *("interests.reason", "moves.label", "moves.reason", "shocks.label", "shocks.reason", "outcomes.label"),
    *("history.source", "claims.text", "claims.paragraph", "claims.not_modelled"),
)
"""Every text field that a page can show, by table and key."""


def markup(field: str) -> str:
    """Return markup for a field: it runs, and loads a picture, wherever it is parsed as HTML."""
    return f"<img src=/pic/{field} onerror=\"window.ran=['{field}']\"><b>{field}</b> {{x|y}} $\\frac$ %0 {{{{ 7*7 }}}}"


def scenario() -> str:
    """Return the scenario: two actors, two issues, and a row of every table."""
    texts = {field.replace(".", "_"): markup(field).replace("\\", "\\\\").replace('"', '\\"') for field in FIELDS}
    made = TEMPLATE
    for name, text in texts.items():
        made = made.replace(f"<{name}>", text)
    return made


TEMPLATE = """
[meta]
title = "<meta_title>"
question = "<meta_question>"
start = "2025-01"
end = "2026-12"
sources = ["invented"]
[actors]
P = { label = "<actors_label>", role = "<actors_role>" }
H = { label = "Host", role = "wants it gone" }
[issues.garrison]
label = "<issues_label>"
low = "<issues_low>"
high = "<issues_high>"
start = 1.0
reason = "<issues_reason>"
claims = ["C1"]
[issues.second]
label = "A second issue"
low = "no"
high = "yes"
start = { value = 0.7, low = 0.1, high = 0.9 }
reason = "a shock moves it"
assumption = true
[drivers.war]
label = "<drivers_label>"
path = { 2025-01 = 0.1, 2026-01 = 0.9 }
scale = { value = 1.0, low = 0.0, high = 2.0 }
reason = "<drivers_reason>"
claims = ["C1"]
[dependence.d1]
dependent = "P"
provider = "H"
channel = "<dependence_channel>"
stake = { value = 0.8, low = 0.4, high = 1.2 }
alternatives = { value = 0.3, effects = { war = -0.3 } }
reason = "<dependence_reason>"
claims = ["C1"]
[dependence.d2]
dependent = "H"
provider = "P"
channel = "force"
stake = 0.5
alternatives = 0.4
reason = "it could be coerced"
assumption = true
[interests.p]
actor = "P"
issue = "garrison"
position = 1.0
salience = { value = 0.3, low = 0.1, high = 0.6 }
reason = "<interests_reason>"
claims = ["C1"]
[interests.h]
actor = "H"
issue = "garrison"
position = 0.0
salience = 0.7
reason = "sovereignty"
assumption = true
[moves.leave]
actor = "P"
label = "<moves_label>"
changes = { garrison = { to = 0.0 } }
cost = { value = 0.02, low = 0.0, high = 0.5 }
reason = "<moves_reason>"
assumption = true
[shocks.storm]
label = "<shocks_label>"
changes = { second = { to = 1.0 } }
hazard = { value = 0.05, low = 0.0, high = 0.2 }
reason = "<shocks_reason>"
assumption = true
[outcomes.gone]
label = "<outcomes_label>"
when = { garrison = { below = 0.1 } }
[outcomes.stormy]
label = "The storm came"
when = { second = { above = 0.99 } }
measure = "P>H"
[history.gone]
outcome = "gone"
date = "2025-06"
source = "<history_source>"
[claims.C1]
text = "<claims_text>"
paragraph = "<claims_paragraph>"
[claims.C2]
text = "Not modelled"
paragraph = "1"
not_modelled = "<claims_not_modelled>"
"""

HOVER = """
() => {
  for (const one of document.querySelectorAll("main *")) {
    for (const kind of ["pointerover", "mouseover", "mouseenter", "mousemove", "focusin"]) {
      one.dispatchEvent(new MouseEvent(kind, {bubbles: true, clientX: 1, clientY: 1}));
    }
  }
}
"""


DOTS = """
(place) => [...place.querySelectorAll("svg path")].map((one) => one.getBoundingClientRect())
  .filter((box) => box.width > 2 && box.width < 12 && box.height > 2 && box.height < 12).slice(0, 8)
  .map((box) => [box.x + box.width / 2, box.y + box.height / 2])
"""
"""Positions of the dots of a chart."""


def hovered(page: Any) -> str:
    """Hover over everything on a page, charts point by point; return all texts that were shown."""
    page.evaluate("() => document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    page.wait_for_timeout(200)
    page.evaluate(HOVER)
    shown = [page.text_content("main")]
    for place in page.query_selector_all(".chart > div"):
        place.scroll_into_view_if_needed()
        box = place.bounding_box()
        for across in (0.15, 0.4, 0.6, 0.85):
            for down in (0.2, 0.5, 0.8):
                page.mouse.move(box["x"] + across * box["width"], box["y"] + down * box["height"])
                shown.append(place.text_content())
        for x, y in page.evaluate(DOTS, place):
            page.mouse.move(x, y)
            shown.append(place.text_content())
    titles = page.eval_on_selector_all("main [title]", "all => all.map((one) => one.title)")
    return "\n".join([*shown, *titles])
