"""A score sheet in sentences: which theory has the best evidence, by how much, and what leverage loses."""

from collections.abc import Iterator, Mapping
from math import inf
from typing import Any, NamedTuple

from realpolitik.accounts import listed
from realpolitik.validation.theories import FORESEEING, OWN, Counted, bayes_factor

Row = Mapping[str, Any]
WORDS = {
    "dates": "the dates",
    "manner": "the dates and the manner",
    "all": "all rows of history, hold-outs included",
}
DIGITS = 3
"""Decimals to which scores are compared, as many as are printed."""
SCORES = {"crps": "mean CRPS", "brier": "Brier score", "auc": "AUC"}


def headline(sections: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each count on which theories are compared, and one on foresight."""
    section = sections["theories"]
    said = [_evidence(section, level) for level in section["levels"]]
    said += [_forecasts(section["origins"])] if section["origins"] else []
    said += [_deployments(sections["deployments"])] if "deployments" in sections else []
    return said + list(_owners(section)) + list(_foresight(section))


class Ranking(NamedTuple):
    """The theory that reproduces a level most often, and the Bayes factors of it against the others."""

    first: Row
    behind: dict[str, tuple[float, float, float]]

    @property
    def close(self) -> list[str]:
        """The theories that are not distinguished from the first."""
        return [name for name, ratio in self.behind.items() if ratio[1] <= 1.0]


def _ranking(section: Row, level: str) -> Ranking | None:
    """Return how the theories rank on a level; None if none has evidence. Foresight makes no theory of its own."""
    rivals = [row for row in section["rows"] if not row["name"].startswith(FORESEEING)]
    first, *rest = sorted(rivals, key=lambda row: -float(row["levels"][level]["share"]))
    if not first["levels"][level]["share"]:
        return None
    return Ranking(first, {row["name"]: _ratio(first, row, level) for row in rest})


def _evidence(section: Row, level: str) -> str:
    """Say which theory reproduces a level most often, and by how much."""
    ranking = _ranking(section, level)
    if ranking is None:
        return f"On {WORDS[level]}, no theory has evidence: no world reproduces them."
    first, behind, close = ranking.first, ranking.behind, ranking.close
    clear = next(((name, ratio) for name, ratio in behind.items() if name not in close), None)
    said = f"On {WORDS[level]}, {first['name']} has the best evidence"
    said += f", {_times(clear[1])} times that of {clear[0]}" if clear else ""
    said += f"; not distinguished from it: {', '.join(close)}" if close else ""
    if first["name"] == OWN or OWN in close:
        return f"{said}."
    return f"{said}. Leverage loses here: the best has {_times(behind[OWN])} times its evidence."


def _owners(section: Row) -> Iterator[str]:
    """Say how many random assignments of owners do better than the true one, or as well: the table has their mean."""
    for row in section["rows"]:
        for said, table in (("do better than", "better"), ("are not distinguished from", "not_distinguished")):
            if any(row.get(table, {}).values()):
                counts = ", ".join(f"{row[table][level]} on {WORDS[level]}" for level in section["levels"])
                yield f"Of {row['of']} random assignments of owners, some {said} the true owners: {counts}."


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
        return bayes_factor(_counted(one, level), _counted(other, level))
    if not second["share"]:
        return inf, first["low"] / second["high"] if second["high"] else inf, inf
    low = first["low"] / (second["high"] or second["share"])
    return first["share"] / second["share"], low, first["high"] / (second["low"] or second["share"])


def _counted(row: Row, level: str) -> Counted:
    found = row["levels"][level]
    return Counted(found["count"], row["worlds"], found.get("effect", 1.0))


def _times(ratio: tuple[float, float, float]) -> str:
    """Return a Bayes factor with its interval; of one without an end, what it is more than."""
    if ratio[1] == inf:
        return "infinitely many"
    value, low, high = (f"{end:,.3g}" if end < 1000 else f"{end:,.0f}" for end in ratio)
    return f"more than {low}" if ratio[0] == inf else f"{value} ({low} to {high})"


def _forecasts(origins: list[Row]) -> str:
    """Say whose forecasts are best after each origin, and where too few worlds agree with the past to compare them."""
    best: dict[str, list[str]] = {}
    only: dict[str, list[str]] = {}
    lost = met = 0
    for origin in origins:
        rivals = [row for row in origin["theories"] if not row["theory"].startswith(FORESEEING)]
        scored = {row["theory"]: row for row in rivals if row["mean"] is not None}
        if len(scored) < len(rivals):
            only.setdefault(listed(scored) if scored else "", []).append(origin["origin"])
        if len(scored) < 2:
            continue
        first = min(scored.values(), key=lambda row: float(row["mean"]))
        others = [name for name, row in scored.items() if row is not first and not _apart(first, row)]
        also = f" (not distinguished: {', '.join(others)})" if others else ""
        best.setdefault(first["theory"], []).append(f"{origin['origin']}{also}")
        met += OWN in scored
        lost += OWN in scored and first["theory"] != OWN and OWN not in others
    said = "; ".join(f"{name} after {', '.join(months)}" for name, months in best.items())
    sentences = [
        f"Forecasts after an origin have the smallest mean error with {said}." if said else "",
        f"Leverage loses {lost} of the {met} after which it is compared." if lost else "",
        _unscored(only),
    ]
    return " ".join(sentence for sentence in sentences if sentence)


def _unscored(only: Mapping[str, list[str]]) -> str:
    """Say which theories could be scored after which origins, where these are not all; "" if there are none."""
    if not only:
        return ""
    said = "; ".join(
        f"{f'only {names}' if names else 'no theory'} could be scored after {', '.join(months)}"
        for names, months in only.items()
    )
    which = "the other" if all(only) else "some"
    return f"Too few worlds of {which} theories agree with the past: {said}."


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


# --- leverage against its rivals ------------------------------------------------------------------------------------


class Contest(NamedTuple):
    """A score on which leverage and its rivals are compared."""

    section: str
    score: str
    own: float
    rivals: dict[str, float]
    better: int
    """1 if more is better, otherwise -1."""

    def lead(self, rival: str) -> float:
        """Return by how much a rival is better than leverage; less than 0 if it is worse."""
        return self.better * (self.rivals[rival] - self.own)

    @property
    def ahead(self) -> list[str]:
        """The rivals that are better than leverage."""
        return [name for name in self.rivals if self.lead(name) > 0]


def contests(sections: Mapping[str, Any]) -> Iterator[Contest]:
    """Yield the scores that leverage and at least one rival, a theory or a simple forecaster, have."""
    tables = [
        ("history", OWN, {"crps": -1, "brier": -1}, sections.get("history", {}).get("scores", {})),
        ("deployments", "template", {"brier": -1, "auc": 1}, sections.get("deployments", {}).get("scores", {})),
        ("directions", OWN, {"correct signs": 1}, _signs(sections)),
    ]
    for section, own, scores, table in tables:
        for score, better in scores.items():
            found = {name: round(row[score], DIGITS) for name, row in table.items() if row.get(score) is not None}
            mine = found.pop(own, None)
            if mine is not None and found:
                yield Contest(section, score, mine, found, better)


def _signs(sections: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    scores = sections.get("directions", {}).get("scores", {})
    return {name: {"correct signs": count} for name, count in scores.items()}


def beaten(sections: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return each score on which a rival does better than leverage."""
    return [
        {"section": one.section, "score": one.score, "by": name, "value": one.rivals[name], "own": one.own}
        for one in contests(sections)
        for name in one.ahead
    ]


def standing(sections: Mapping[str, Any]) -> str | None:
    """Return a sentence on leverage and its rivals, by evidence and by every score; None if there is nothing to say."""
    said = [*_by_evidence(sections.get("theories")), *map(_by_score, contests(sections))]
    return f"Against its rivals: {'; '.join(said)}." if said else None


def _by_evidence(section: Row | None) -> Iterator[str]:
    """Yield what the evidence says of leverage and its rivals, and on which levels."""
    levels: dict[str, list[str]] = {}
    for level in section["levels"] if section else ():
        levels.setdefault(_verdict(_ranking(section or {}, level)), []).append(WORDS[level])
    for verdict, where in levels.items():
        yield ", ".join((*(f"on {words}" for words in where), verdict))


def _verdict(ranking: Ranking | None) -> str:
    if ranking is None:
        return "no theory has evidence"
    first, close = ranking.first["name"], ranking.close
    tied = [name for name in (first, *close) if name != OWN]
    if first == OWN and not close:
        return "leverage has the best evidence"
    if first == OWN or OWN in close:
        return f"the evidence does not distinguish leverage from {listed(tied)}"
    return f"{first} has better evidence than leverage"


def _by_score(contest: Contest) -> str:
    """Say who does better than leverage by a score, else who does as well, else who comes next."""
    name, own = SCORES.get(contest.score, contest.score), f"{contest.own:g}"
    ahead = sorted(contest.ahead, key=contest.lead, reverse=True)
    where = f"on {contest.section}, "
    if ahead:
        values = listed([f"{contest.rivals[rival]:g}" for rival in ahead])
        return f"{where}{listed(ahead)} {_do(ahead)} better than leverage ({name} {values} against {own})"
    tied = [rival for rival in contest.rivals if not contest.lead(rival)]
    if tied:
        return f"{where}{listed(tied)} {_do(tied)} as well as leverage ({name} {own})"
    following = max(contest.rivals, key=contest.lead)
    return f"{where}leverage does best ({name} {own}; next is {following}, {contest.rivals[following]:g})"


def _do(names: list[str]) -> str:
    return "does" if len(names) == 1 else "do"
