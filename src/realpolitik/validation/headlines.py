"""The headline of a score sheet: which theory has the best evidence, by how much, and what leverage loses."""

from collections.abc import Iterator, Mapping
from typing import Any

from realpolitik.validation.theories import FORESEEING, OWN, bayes_factor

Row = Mapping[str, Any]
WORDS = {
    "dates": "the dates",
    "manner": "the dates and the manner",
    "all": "all rows of history, hold-outs included",
}


def headline(sections: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each count on which theories are compared, and one on foresight."""
    section = sections["theories"]
    said = [_evidence(section, level) for level in section["levels"]]
    said += [_forecasts(section["origins"])] if section["origins"] else []
    said += [_deployments(sections["deployments"])] if "deployments" in sections else []
    return said + list(_owners(section)) + list(_foresight(section))


def _evidence(section: Row, level: str) -> str:
    """Say which theory reproduces a level most often, and by how much; foresight makes no theory of its own."""
    rivals = [row for row in section["rows"] if not row["name"].startswith(FORESEEING)]
    first, *rest = sorted(rivals, key=lambda row: -float(row["levels"][level]["share"]))
    if not first["levels"][level]["share"]:
        return f"On {WORDS[level]}, no theory has evidence: no world reproduces them."
    behind = {row["name"]: _ratio(first, row, level) for row in rest}
    close = [name for name, ratio in behind.items() if ratio[1] <= 1.0]
    clear = next(((name, ratio) for name, ratio in behind.items() if name not in close), None)
    said = f"On {WORDS[level]}, {first['name']} has the best evidence"
    said += f", {_times(clear[1])} times that of {clear[0]}" if clear else ""
    said += f"; not distinguished from it: {', '.join(close)}" if close else ""
    if first["name"] == OWN or OWN in close:
        return f"{said}."
    return f"{said}. Leverage loses here: the best has {_times(behind[OWN])} times its evidence."


def _owners(section: Row) -> Iterator[str]:
    """Say how many random assignments of owners reproduce more than the true one; above, their mean is compared."""
    for row in section["rows"]:
        if any(row.get("better", {}).values()):
            counts = ", ".join(f"{row['better'][level]} on {WORDS[level]}" for level in section["levels"])
            yield f"Of {row['of']} random assignments of owners, some do better than the true owners: {counts}."


def _foresight(section: Row) -> Iterator[str]:
    """Say whether foresight changes the evidence of leverage."""
    own = next(row for row in section["rows"] if row["name"] == OWN)
    for row in section["rows"]:
        if row["name"].startswith(FORESEEING) and any(row["levels"][level]["count"] for level in row["levels"]):
            months = row["name"].removeprefix(FORESEEING)
            said = ", ".join(_times(_ratio(row, own, level)) for level in section["levels"])
            yield f"With foresight of {months} months, leverage has {said} times its evidence on these."


def _ratio(one: Row, other: Row, level: str) -> tuple[float, float, float]:
    """Return the Bayes factor of one theory against another with its interval; a share without a count is exact."""
    first, second = one["levels"][level], other["levels"][level]
    if first["count"] is not None and second["count"] is not None:
        return bayes_factor(first["count"], one["worlds"], second["count"], other["worlds"])
    if not second["share"]:
        return (float("inf"),) * 3
    low = first["low"] / (second["high"] or second["share"])
    return first["share"] / second["share"], low, first["high"] / (second["low"] or second["share"])


def _times(ratio: tuple[float, float, float]) -> str:
    value, low, high = (f"{end:,.3g}" if end < 1000 else f"{end:,.0f}" for end in ratio)
    return f"{value} ({low} to {high})"


def _forecasts(origins: list[Row]) -> str:
    """Say whose forecasts are best after each origin, among the theories of which enough worlds agree with the past."""
    best: dict[str, list[str]] = {}
    lost = 0
    for origin in origins:
        rivals = (row for row in origin["theories"] if not row["theory"].startswith(FORESEEING))
        scored = {row["theory"]: row for row in rivals if row["mean"] is not None}
        if scored:
            first = min(scored.values(), key=lambda row: float(row["mean"]))
            others = [name for name, row in scored.items() if row is not first and not _apart(first, row)]
            also = f" (not distinguished: {', '.join(others)})" if others else ""
            best.setdefault(first["theory"], []).append(f"{origin['origin']}{also}")
            lost += first["theory"] != OWN and OWN not in others
    if not best:
        return "After no origin do enough worlds of any theory agree with the past to score their forecasts."
    said = "; ".join(f"{name} after {', '.join(months)}" for name, months in best.items())
    return f"Forecasts after an origin have the smallest mean error with {said}." + (
        f" Leverage loses {lost} of {len(origins)}." if lost else ""
    )


def _apart(one: Row, other: Row) -> bool:
    """Return whether the mean errors of two theories differ by more than their intervals allow."""
    return bool(abs(one["mean"] - other["mean"]) > (one["half"] ** 2 + other["half"] ** 2) ** 0.5)


def _deployments(section: Row) -> str:
    """Say which forecaster of the deployments has the best Brier score, and how the template compares with it."""
    scores = section["scores"]
    best = min(scores, key=lambda name: float(scores[name]["brier"]))
    if best == "template":
        return f"On the deployments, the template has the best Brier score, {scores[best]['brier']:.3f}."
    own, first = scores["template"]["brier"], scores[best]
    lost = "Leverage loses here" if first["ahead_low"] > 0 else "Leverage loses here, though not clearly"
    return (
        f"On the deployments, {best} has the best Brier score, {first['brier']:.3f}. {lost}: its template has "
        f"{own:.3f}, {first['ahead']:.3f} more ({first['ahead_low']:.3f} to {first['ahead_high']:.3f}), over "
        f"{len(section['cases'])} cases."
    )
