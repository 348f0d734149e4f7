"""Checks across the keys and rows of a scenario: alternatives, order of dates, shared ids, size, forks."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby, pairwise
from typing import Any, NamedTuple

from realpolitik.choices import REASONED
from realpolitik.scenario.errors import Fault, Loc, shown
from realpolitik.scenario.fields import Range, Responsive, months_counted
from realpolitik.scenario.forms import asked, paid_changes, payers, payment_locs
from realpolitik.scenario.frozen import frozen
from realpolitik.scenario.paths import Table, absent, bounds, dotted, is_number, locate, missing, numbers, threshold

MOST_MONTHS = 1_200
MOST_STAKES = 200_000
"""Changes of moves times the interests in the issues that they change."""
ROUNDING = 1e-9
"""By how much a sum of votes may miss a threshold  (E6)."""
SHARED = ("actors", "issues", "drivers", "moves")
"""Tables whose rows must all have different ids."""
SUBJECTS = {"outcome": ("by", "statistic", "given"), "issues": ("by",), "leverage": ("by",), "moves": ()}
"""What an expectation can be about -> the keys that go with it."""
NAMED = {None: (0, 0), "outcome": (1, 4), "issue": (1, 4), "leverage": (2, 2), "decision": (1, 1), "lever": (1, 3)}
"""What a step of a story can show -> how many names it needs, at least and at most."""


def inconsistencies(full: Table) -> Iterator[Fault]:
    """Yield every contradiction in a document whose keys and types are valid."""
    yield from dates(full["meta"])
    yield from shared_ids(full)
    yield from size(full)
    for table in REASONED:
        for name, row in full[table].items():
            yield from reasons((table, name), row)
    for table, check in CHECKS.items():
        for name, row in full[table].items():
            yield from check((table, name), row)
    for table, check_dates in DATED.items():
        for name, row in full[table].items():
            yield from check_dates((table, name), row, full["meta"])
    for table, check_with_rest in WITH_REST.items():
        for name, row in full[table].items():
            yield from check_with_rest((table, name), row, full)
    yield from shown_first(full)


def dates(meta: Table) -> Iterator[Fault]:
    """Check that a scenario has 1 to 1,200 months."""
    end, start = ("meta", "end"), ("meta", "start")
    length = months_counted(meta["start"], meta["end"])
    if length < 1:
        yield Fault(end, f"meta.end: {meta['end']} is before meta.start, {meta['start']}", also=(start,))
    if length > MOST_MONTHS:
        yield Fault(end, f"meta.end: {length:,} months, at most {MOST_MONTHS:,} are allowed", also=(start,))


def shared_ids(full: Table) -> Iterator[Fault]:
    """Check that actors, issues, drivers and moves never share an id."""
    owner: dict[str, str] = {}
    for table in SHARED:
        for name in full[table]:
            if name in owner:
                also = ((owner[name], name),)
                yield Fault((table, name), f"{table}.{name}: the id is already used by {owner[name]}.{name}", also=also)
            owner.setdefault(name, table)


def size(full: Table) -> Iterator[Fault]:
    """Check that moves do not affect more interests than the engine can hold: changes times interests."""
    interests = Counter(row["issue"] for row in full["interests"].values())
    touched = 0
    for row in full["moves"].values():
        for issue in (*row["changes"], *paid_changes(row)):
            touched += interests[issue]
    if touched > MOST_STAKES:
        problem = f"moves: the changes affect {touched:,} interests in all, at most {MOST_STAKES:,} are allowed"
        yield Fault(("moves",), problem)


def outside(loc: Loc, date: str, meta: Table) -> Iterator[Fault]:
    """Check that a date is within the months of the scenario."""
    if not meta["start"] <= date <= meta["end"]:
        problem = f"{dotted(loc)}: {date} is outside {meta['start']} to {meta['end']}"
        yield Fault(loc, problem, also=(("meta", "start"), ("meta", "end")))


def reasons(loc: Loc, row: Table) -> Iterator[Fault]:
    """Check that a row has either claims or assumption = true."""
    if not row["claims"] and not row["assumption"]:
        yield Fault(loc, f"{dotted(loc)}: needs claims = [...] or assumption = true")
    if row["claims"] and row["assumption"]:
        problem = f"{dotted(loc)}: has both claims and assumption = true, needs exactly one"
        yield Fault((*loc, "assumption"), problem, also=((*loc, "claims"),))


def driver(loc: Loc, row: Table) -> Iterator[Fault]:
    """Check that a driver has a path in order of months, or a season."""
    yield from either(loc, row, "path", "season")
    path = list(row["path"] or {})
    for earlier, later in pairwise(path):
        if later <= earlier:
            yield Fault((*loc, "path", later), f"{dotted(loc)}.path: {later} is not after {earlier}")


def dependence(loc: Loc, row: Table) -> Iterator[Fault]:
    """Check that no actor depends on itself."""
    if row["dependent"] == row["provider"]:
        problem = f"{dotted(loc)}: '{row['provider']}' cannot depend on itself"
        yield Fault((*loc, "provider"), problem, also=((*loc, "dependent"),))


def move(loc: Loc, row: Table) -> Iterator[Fault]:
    """Check that a move asks other actors, each named once, and its payment."""
    yield from changes((*loc, "changes"), row["changes"])
    yield from conditions((*loc, "requires"), row["requires"])
    consent, actors = row["consent"], asked(row)
    key: Loc = (*loc, "consent", "of") if isinstance(consent, dict) else (*loc, "consent")
    listed = not isinstance(consent, dict) or isinstance(consent["of"], list)
    for n, actor in enumerate(actors):
        place = (*key, n if listed else actor)
        if actor == row["actor"]:
            yield Fault(place, f"{dotted(key)}: '{actor}' is the actor of the move; name only others")
        if actor in actors[:n]:
            yield Fault(place, f"{dotted(key)}: '{actor}' is named twice")
    if isinstance(consent, dict):
        yield from vote((*loc, "consent"), consent)
    if row["payment"]:
        yield from payment((*loc, "payment"), row)


def vote(loc: Loc, row: Table) -> Iterator[Fault]:
    """Check that a vote needs more than no votes, and no more than there are."""
    of, need = row["of"], row["need"]
    given = list(of.values()) if isinstance(of, dict) else [1.0] * len(of)
    total, most = sum(ends(votes)[0] for votes in given), sum(max(ends(votes)) for votes in given)
    if min(ends(need)) <= 0:
        yield Fault((*loc, "need"), f"{dotted(loc)}.need: must be above 0; without `consent` a move needs no votes")
    elif ends(need)[0] > total + ROUNDING or max(ends(need)) > most + ROUNDING:
        there = total if ends(need)[0] > total + ROUNDING else most
        problem = f"{dotted(loc)}.need: {max(ends(need)):g} votes are needed, but all together have {there:g}"
        yield Fault((*loc, "need"), problem, also=((*loc, "of"),))


def payment(loc: Loc, row: Table) -> Iterator[Fault]:
    """Check that payers are asked, and that each issue is changed by one of them only, and not by the move itself."""
    paid, paths = row["payment"], payment_locs(loc, row)
    several = isinstance(paid["from"], dict)
    if several and paid["changes"] is not None:
        problem = f"{dotted(loc)}: has both changes and a table of payers; write what each payer pays in 'from'"
        yield Fault((*loc, "changes"), problem, also=((*loc, "from"),))
    if not several and paid["changes"] is None:
        yield Fault((*loc, "changes"), f"missing key 'changes' in {dotted(loc)}", targets=((*loc, "changes"),))
    owner: dict[str, str] = {}
    for payer, given in payers(row).items():
        if payer not in asked(row):
            key = (*loc, "from", payer) if several else (*loc, "from")
            yield Fault(key, f"{dotted(loc)}.from: '{payer}' is not in consent", payer, tuple(asked(row)))
        yield from changes(paths[payer], given)
        for issue in given:
            who = "the move itself" if issue in row["changes"] else f"'{owner[issue]}'" if issue in owner else None
            if who:
                key = (*paths[payer], issue)
                yield Fault(key, f"{dotted(paths[payer])}: '{issue}' is already changed by {who}")
            owner.setdefault(issue, payer)


def shock(loc: Loc, row: Table) -> Iterator[Fault]:
    """Check that a shock has a date, or a hazard with first and last months in order."""
    yield from either(loc, row, "at", "hazard")
    yield from changes((*loc, "changes"), row["changes"])
    yield from conditions((*loc, "requires"), row["requires"])
    for key in ("from", "until"):
        if row[key] and row["at"]:
            yield Fault((*loc, key), f"{dotted(loc)}.{key}: '{key}' is only valid with hazard")


def window(loc: Loc, row: Table, meta: Table) -> Iterator[Fault]:
    """Check that the window of a move or a shock is in order, and that some month of it is in the scenario."""
    at, first, last = row.get("at"), row["from"], row["until"]
    if at:
        yield from outside((*loc, "at"), at, meta)
    if first and last and last < first:
        yield Fault((*loc, "until"), f"{dotted(loc)}.until: {last} is before {first}", also=((*loc, "from"),))
    if first and first > meta["end"]:
        yield from outside((*loc, "from"), first, meta)
    if last and last < meta["start"]:
        yield from outside((*loc, "until"), last, meta)


def outcome(loc: Loc, row: Table) -> Iterator[Fault]:
    """Check that an outcome is defined: by conditions, a move and its result, another outcome, or a measure."""
    yield from conditions((*loc, "when"), row["when"])
    if not (row["when"] or row["move"] or row["at"] or row["measure"]):
        yield Fault(loc, f"{dotted(loc)}: needs when, move, at or measure")
    if row["move"] and not row["result"]:
        yield Fault((*loc, "move"), f'{dotted(loc)}: a move needs result = "made" or "refused"')
    if row["result"] and not row["move"]:
        yield Fault((*loc, "result"), f"{dotted(loc)}: a result needs a move")


def history_dates(loc: Loc, row: Table, meta: Table) -> Iterator[Fault]:
    """Check that history is within the scenario's months, and that rows after the cut-off are holdouts."""
    date, until, cutoff = row["date"], row["until"], meta["cutoff"]
    if date != "never":
        yield from outside((*loc, "date"), date, meta)
    elif until and until < meta["start"]:
        yield from outside((*loc, "until"), until, meta)
    known = until if date == "never" else date
    if cutoff and known and known > cutoff[:7] and not row["holdout"]:
        key = (*loc, "until" if date == "never" else "date")
        problem = f"{dotted(key)}: {known} is after meta.cutoff, {cutoff}; set holdout = true"
        yield Fault(key, problem, also=(("meta", "cutoff"),))
    if until and date != "never" and until < date:
        yield Fault((*loc, "until"), f"{dotted(loc)}.until: {until} is before the date, {date}", also=((*loc, "date"),))


def growth(loc: Loc, row: Table, full: Table) -> Iterator[Fault]:
    """Check that both years of a growth are within the scenario, and that only drivers affect the dependence."""
    start, end = full["meta"]["start"], full["meta"]["end"]
    for key in ("before", "after"):
        if not start <= f"{row[key]}-01" <= f"{row[key]}-12" <= end:
            problem = f"{dotted((*loc, key))}: {row[key]} is not entirely within {start} to {end}"
            yield Fault((*loc, key), problem, also=(("meta", "start"), ("meta", "end")))
    if row["before"] >= row["after"]:
        yield Fault((*loc, "after"), f"{dotted((*loc, 'after'))}: {row['after']} is not after {row['before']}")
    measured = full["dependence"].get(row["dependence"], {})
    effects = [z for number in measured.values() if isinstance(number, Responsive) for z in number.effects]
    for issue in dict.fromkeys(z for z in effects if z in full["issues"]):
        problem = f"{dotted(loc)}: '{row['dependence']}' depends on the issue '{issue}'; only drivers may affect it"
        yield Fault((*loc, "dependence"), problem)


def expectation(loc: Loc, row: Table, full: Table) -> Iterator[Fault]:
    """Check that a direction or a level has a change, if it needs one, one subject, and what goes with it."""
    name = dotted(loc)
    if row["scenario"] and row["set"]:
        yield Fault((*loc, "set"), f"{name}: has both of 'scenario' and 'set', needs one", also=((*loc, "scenario"),))
    if not row["scenario"] and not row["set"] and (loc[0] == "directions" or row["difference"]):
        yield Fault(loc, f"{name}: needs 'scenario' or 'set', the change that is made")
    for path in row["set"]:
        if locate(full, path) is None:
            yield absent(full, path, (*loc, "set", path))
    if loc[0] == "levels":
        yield from either(loc, row, "above", "below")
    yield from subject(loc, row, full)


def subject(loc: Loc, row: Table, full: Table) -> Iterator[Fault]:
    """Check that an expectation is about one thing, in a month of the scenario if it needs one."""
    about = [key for key in SUBJECTS if row[key]]
    if len(about) != 1:
        has = " and ".join(repr(key) for key in about) or "none"
        yield Fault(loc, f"{dotted(loc)}: needs one of 'outcome', 'issues', 'leverage' and 'moves', has {has}")
        return
    for key in ("by", "statistic", "given"):
        if row[key] and key not in SUBJECTS[about[0]]:
            yield Fault((*loc, key), f"{dotted((*loc, key))}: cannot be used with '{about[0]}'")
        if row[key] and row["statistic"] and key != "statistic":
            yield Fault((*loc, key), f"{dotted((*loc, key))}: a measure is taken in all worlds with the outcome")
    if row["by"]:
        yield from outside((*loc, "by"), row["by"], full["meta"])
    elif about[0] in ("issues", "leverage"):
        yield Fault(loc, f"{dotted(loc)}: '{about[0]}' needs 'by', the month")
    measured = full["outcomes"].get(row["outcome"], {"measure": ""})["measure"]
    if row["statistic"] and measured is None:
        yield Fault((*loc, "statistic"), f"{dotted(loc)}: the outcome '{row['outcome']}' has no measure")


def lever(loc: Loc, row: Table, full: Table) -> Iterator[Fault]:
    """Check that a lever moves numbers of the scenario, each within its bounds and to two different ends."""
    for path, (low, high) in row["numbers"].items():
        key = (*loc, "numbers", path)
        if locate(full, path) is None:
            yield missing(full, path, key)
        elif not is_number(full, path):
            yield Fault(key, f"{dotted(loc)}: '{path}' is not the path of a number")
        elif low == high:
            yield Fault(key, f"{dotted(key)}: both ends are {low:g}")
        else:
            yield from beyond(key, path, (low, high))


def beyond(key: Loc, path: str, values: Iterable[float]) -> Iterator[Fault]:
    """Check that values of a number are within its bounds."""
    least, most = bounds(path)
    for value in values:
        if not least <= value <= most:
            yield Fault(key, f"{dotted(key)}: {value:g} is out of range, {least:g} to {most:g}")


def shown_first(full: Table) -> Iterator[Fault]:
    """Check the months of [show] and of the story, and that each step has as many names as it needs."""
    if full["show"]["by"]:
        yield from outside(("show", "by"), full["show"]["by"], full["meta"])
    for n, step in enumerate(full["story"]):
        loc: Loc = ("story", n)
        if step["until"]:
            yield from outside((*loc, "until"), step["until"], full["meta"])
        least, most = NAMED[step["show"]]
        if not least <= len(step["of"]) <= most:
            wanted = f"{least} names" if least == most else f"{least} to {most} names"
            problem = f"{dotted(loc)}.of: needs {wanted}, has {len(step['of'])}"
            yield Fault((*loc, "of"), problem, also=((*loc, "show"),))


def question(loc: Loc, row: Table, full: Table) -> Iterator[Fault]:
    """Check that a question has an outcome or a reason for having none, and a month after the cutoff."""
    yield from either(loc, row, "outcome", "cannot_say")
    if row["scenario"] and row["outcome"] is None:
        yield Fault((*loc, "scenario"), f"{dotted(loc)}: has 'scenario' without 'outcome', which would be in it")
    by, cutoff = (*loc, "by"), full["meta"]["cutoff"]
    if cutoff is None:
        problem = f"{dotted(loc)}: needs the month in which it is asked: give cutoff in [meta]"
        yield Fault(loc, problem, also=(("meta", "cutoff"),))
    elif months_counted(full["meta"]["start"], cutoff) < 1:
        problem = f"{dotted(loc)}: the cutoff, {cutoff}, is before the start, {full['meta']['start']}"
        yield Fault(loc, f"{problem}: no month is played up to it", also=(("meta", "cutoff"), ("meta", "start")))
    else:
        if row["by"] <= cutoff[:7]:
            problem = f"{dotted(by)}: {row['by']} is not after the cutoff, {cutoff}"
            yield Fault(by, problem, also=(("meta", "cutoff"),))
        past, before = (*loc, "past"), months_counted(full["meta"]["start"], cutoff)
        if row["past"] > before or row["past"] % 1:
            problem = f"{dotted(past)}: {row['past']:g} is no number of months from start to cutoff, 0 to {before}"
            yield Fault(past, problem, also=(("meta", "cutoff"), ("meta", "start")))
    if not row["scenario"]:
        yield from outside(by, row["by"], full["meta"])


def either(loc: Loc, row: Table, one: str, other: str) -> Iterator[Fault]:
    """Check that exactly one of two keys is given."""
    if (row[one] is None) == (row[other] is None):
        both = "both" if row[one] is not None else "neither"
        also = ((*loc, one), (*loc, other)) if both == "both" else ()
        yield Fault(loc, f"{dotted(loc)}: has {both} of '{one}' and '{other}', needs exactly one", also=also)


def changes(loc: Loc, row: Table) -> Iterator[Fault]:
    """Check that each change has either `to` or `by`."""
    for issue, change in row.items():
        yield from either((*loc, issue), change, "to", "by")


def conditions(loc: Loc, row: Table) -> Iterator[Fault]:
    """Check that each condition has a threshold, and that thresholds are within the quantity's bounds."""
    for quantity, condition in row.items():
        low, high = threshold(quantity)
        if condition["above"] is None and condition["below"] is None:
            yield Fault((*loc, quantity), f"{dotted((*loc, quantity))}: needs above or below")
        for side, number in condition.items():
            for value in ends(number):
                if not low <= value <= high:
                    key = (*loc, quantity, side)
                    yield Fault(key, f"{dotted(key)}: {shown(value)} is out of range, {low:g} to {high:g}")


def ends(number: Any) -> tuple[float, ...]:
    """Return the numbers of a threshold: (value,), (value, low, high), or () if it is a quantity."""
    return tuple(number) if isinstance(number, Range) else (number,) if isinstance(number, float) else ()


CHECKS: dict[str, Callable[[Loc, Table], Iterator[Fault]]] = {
    "drivers": driver,
    "dependence": dependence,
    "moves": move,
    "shocks": shock,
    "outcomes": outcome,
}
"""Table -> the check of one row."""
DATED: dict[str, Callable[[Loc, Table, Table], Iterator[Fault]]] = {
    "moves": window,
    "shocks": window,
    "history": history_dates,
}
"""Table -> the check of the dates of one row, given [meta]."""
WITH_REST: dict[str, Callable[[Loc, Table, Table], Iterator[Fault]]] = {
    "quantities": growth,
    "directions": expectation,
    "levels": expectation,
    "levers": lever,
    "questions": question,
}
"""Table -> the check of one row that needs the rest of the document."""


class ScenarioFork(NamedTuple):
    """Numbers, by dotted path, that change in a month "YYYY-MM" and stay changed."""

    month: str
    numbers: dict[str, float]


def forks(full: Table) -> tuple[ScenarioFork, ...]:
    """Return the forks of a document sorted by month; within a month, in the order given."""
    given = sorted(full["from"], key=lambda fork: str(fork["month"]))
    return tuple(ScenarioFork(fork["month"], frozen(dict(fork["set"]))) for fork in given)


def invalid_forks(full: Table) -> Iterator[Fault]:
    """Yield a fault for each fork outside the scenario's months, of an unknown number, or out of bounds."""
    known = numbers(full) if full["from"] else {}
    yield from unreachable_forks(full, known)
    start, end = full["meta"]["start"], full["meta"]["end"]
    for n, fork in enumerate(full["from"]):
        if not start <= fork["month"] <= end:
            problem = f"from.month: {fork['month']} is outside {start} to {end}"
            yield Fault(("from", n, "month"), problem, also=(("meta", "start"), ("meta", "end")))
        for path, number in fork["set"].items():
            yield from invalid_number(full, known, n, path, number)
            if path in known and (why := too_late(full, path, fork["month"])):
                yield Fault(("from", n, "set", path), f"{path}: a change in {fork['month']} has no effect: {why}")


def too_late(full: Table, path: str, month: str) -> str | None:
    """Return why a number that changes in a month is not read from then on, None if it may be.

    That of the start of an issue is read in the first month, and that of a point of a driver's path until the next one.
    """
    table, row, *keys = path.split(".")
    start = full["meta"]["start"]
    if (table, keys) == ("issues", ["start"]) and month > start:
        return f"the start of an issue is read in {start} only; a shock can change the issue later"
    if table != "drivers" or keys[0] != "path":
        return None
    given = full["drivers"][row]
    after = next((point for point in given["path"] if point > keys[1]), None)
    forks_of_shift = (fork["set"].get(f"drivers.{row}.shift", 0.0) for fork in full["from"])
    shift = max(0.0, *ends(given["shift"]), *forks_of_shift)
    if after is None or months_counted(after, month) - 1 < shift:
        return None
    late = f" and a shift of up to {shift:g} months" if shift else ""
    return f"the driver follows the point of {keys[1]} until that of {after} only{late}; change a later one, or a scale"


def repeated_forks(data: Table) -> Iterator[Fault]:
    """Yield a fault for each number to which a file, valid or not, gives a value twice from the same month on."""
    rows, first = data.get("from"), dict[tuple[str, str], int]()
    for n, row in enumerate(rows if isinstance(rows, list) else ()):
        month, given = (row.get("month"), row.get("set")) if isinstance(row, dict) else (None, None)
        for path, value in given.items() if isinstance(given, dict) and isinstance(month, str) else ():
            if isinstance(value, int | float) and first.setdefault((str(month), path), n) != n:
                problem = f"'{path[:100]}' has a value from {shown(month)} on already, in another [[from]]"
                yield Fault(("from", n, "set", path), problem, also=(("from", first[str(month), path], "set", path),))


def unreachable_forks(full: Table, known: dict[str, float]) -> Iterator[Fault]:
    """Yield a fault for each month whose forks leave a vote with too few votes for what it needs, or needing none."""
    now = dict(known)
    given = sorted(enumerate(full["from"]), key=lambda fork: str(fork[1]["month"]))
    for _, forks_of_month in groupby(given, key=lambda fork: fork[1]["month"]):
        touched: dict[str, Loc] = {}
        for n, fork in forks_of_month:
            now |= fork["set"]
            paths = (path for path in fork["set"] if path in known and path.split(".")[2:3] == ["consent"])
            touched |= {path.split(".")[1]: ("from", n, "set", path) for path in paths}
        for name, loc in touched.items():
            row = full["moves"][name]["consent"]
            path = f"moves.{name}.consent"
            of = {actor: now.get(f"{path}.of.{actor}", 1.0) for actor in row["of"]}
            for fault in vote(("moves", name, "consent"), {"of": of, "need": now[f"{path}.need"]}):
                yield Fault(loc, fault.problem)


def invalid_number(full: Table, known: dict[str, float], n: int, path: str, number: float) -> Iterator[Fault]:
    """Yield the fault of one number of a fork, if it has one."""
    loc = ("from", n, "set", path)
    row = tuple(path.split(".")[:2])
    if path not in known:
        fault = missing(full, path, loc)
        yield Fault(loc, f"'{path[:100]}' is not the path of a number", targets=(row,), hint=fault.hint)
        return
    low, high = bounds(path)
    if not low <= number <= high:
        yield Fault(loc, f"{path}: {number:g} is out of range, {low:g} to {high:g}")
