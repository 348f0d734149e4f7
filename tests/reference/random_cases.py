"""Random scenarios for the twin and the kernels: resolved documents, ranges, forks, worlds.

They lean towards life: payments that some actor wants, conditions that mostly hold, chances that mostly come
up; and towards trouble: zeros, minus zeros, bounds, effects of 10 and -10, fractions of months.

Hypothesis draws the sizes of a document and its luck, and can shrink both; every row is then thrown from dice of
its own, so that a row stays as it was when another one goes.
"""

import random
from dataclasses import dataclass

from hypothesis import strategies as st

from realpolitik.choices import THEORIES
from reference.noise import draw

ACTORS = ["alpha", "bravo", "charlie", "delta"]
WHY = {"reason": "made at random", "assumption": True}
EDGES = [0.0, -0.0, 0.5, 1.0]
SIZES = {
    "actors": (2, 4), "issues": (1, 4), "drivers": (1, 3), "dependence": (0, 12), "interests": (0, 12),
    "moves": (2, 9), "shocks": (0, 3), "outcomes": (1, 6), "months": (6, 30), "ranges": (0, 8), "forks": (0, 2),
}  # fmt: skip
BOUNDS = {
    "phi": (0.0, 10.0), "sigma": (0.0, 1.0), "noise": (0.0, 1.0), "patience": (0.0, 6.0),
    "capability": (0.0, 10.0), "start": (0.0, 1.0), "decay": (0.0, 1.0), "rest": (0.0, 1.0),
    "scale": (0.0, 2.0), "shift": (-60.0, 60.0), "stake": (0.0, 10.0), "alternatives": (0.0, 1.0),
    "position": (0.0, 1.0), "salience": (0.0, 10.0), "cost": (0.0, 10.0), "chance": (0.0, 1.0),
    "hazard": (0.0, 1.0), "to": (0.0, 1.0), "by": (-1.0, 1.0), "above": (0.0, 1.0), "below": (0.0, 1.0),
    "path": (0.0, 1.0), "effects": (-10.0, 10.0),
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A document with the ranges of some of its numbers, its forks, and a world to run."""

    document: dict
    ranges: dict[str, tuple[float, float]]
    forks: tuple[tuple[str, dict[str, float]], ...]
    seed: int
    world: int

    def numbers(self, world=None):
        """Draw the numbers of one world from their ranges."""
        world = self.world if world is None else world
        return {path: draw(self.seed, world, path, low, high) for path, (low, high) in self.ranges.items()}


class Dice(random.Random):
    """The luck of one row."""

    def yes(self, share):
        """Say yes with this chance."""
        return self.random() < share

    def number(self, low, high, edges=(), share=0.15):
        """Give a number within bounds: often three decimals, sometimes all digits, sometimes an edge."""
        if edges and self.yes(share):
            return self.choice(edges)
        value = self.uniform(low, high)
        return min(max(round(value, 3), low), high) if self.yes(0.7) else value

    def unit(self):
        """Give a share, now and then 0, -0 or 1."""
        return self.number(0.0, 1.0, EDGES)

    def some(self, things, most, fewest=1):
        """Choose one or more of things, in the order of luck."""
        return self.sample(things, min(len(things), self.randint(fewest, most)))


@dataclass(frozen=True)
class Frame:
    """The names of a document, and the luck of its rows."""

    luck: int
    start: str
    sizes: dict[str, int]

    def names(self, table):
        """Name the rows of a table."""
        count = self.sizes[table]
        return ACTORS[:count] if table == "actors" else [f"{table}_{n}" for n in range(count)]

    def rows(self, table, make):
        """Make the rows of a table, each from dice of its own."""
        return {name: make(self, self.dice(f"{table}.{name}"), name) for name in self.names(table)}

    def dice(self, purpose):
        """Take the dice of one purpose."""
        return Dice(f"{self.luck}/{purpose}")

    def month(self, index):
        """Name the month that is `index` months after the start."""
        year, number = divmod(int(self.start[:4]) * 12 + int(self.start[5:]) - 1 + index, 12)
        return f"{year:04d}-{number + 1:02d}"

    def places(self):
        """Name all issues and drivers."""
        return self.names("issues") + self.names("drivers")

    def quantities(self):
        """Name all quantities that conditions and measures may read."""
        actors = self.names("actors")
        leverage = [f"{i}>{j}" for i in actors for j in actors if i != j]
        return self.places() + leverage + [f"price:{v}" for v in self.names("moves")]


# --- Parts of rows ---


def effects(frame, dice):
    """Give effects on a row, now and then far beyond its bounds."""
    if dice.yes(0.6):
        return {}
    edges = [0.0, -0.0, 10.0, -10.0, 1.0, -1.0]
    return {name: dice.number(-1.0, 1.0, edges) for name in dice.some(frame.places(), 2)}


def change(dice):
    """Give one change of an issue."""
    if dice.yes(0.3):
        return {"to": dice.unit()}
    return {"by": dice.choice([1.0, -1.0]) * dice.number(0.05, 0.5, [0.25, 0.1, 1.0, 0.0], 0.3)}


def changes(dice, issues, most=2):
    """Give changes of one or more issues."""
    return {k: change(dice) for k in dice.some(issues, most)}


def bound(frame, dice, numbers):
    """Give the bound of a condition: a number or another quantity."""
    return dice.choice(numbers) if dice.yes(0.7) else dice.choice(frame.quantities())


def conditions(frame, dice):
    """Give one or two conditions, most of them easy to meet, now and then a corridor."""
    found = {}
    for name in dice.some(frame.quantities() + frame.places(), 2):
        sides = dice.choice([["above"], ["below"], ["above", "below"]])
        easy = {"above": [0.0, -0.0, 0.1, 0.2, dice.unit()], "below": [1.0, 0.9, 0.8, 2.0, dice.unit()]}
        found[name] = {side: bound(frame, dice, easy[side]) for side in sides}
    return found


# --- Rows ---


def theory(dice):
    """Give a theory: all four rules, both losses, noise that may be 0."""
    patience = dice.number(0.0, 6.0) if dice.yes(0.2) else float(dice.randint(0, 6))
    return {
        "phi": dice.number(0.0, 1.0, [0.0, 1.0, 2.5, 10.0], 0.3),
        "sigma": dice.number(0.0, 1.0, [0.0, 0.2, 1.0], 0.4),
        "noise": dice.number(0.0, 0.3, [0.0, 0.0, 0.05, 1.0], 0.35),
        "patience": patience,
        "loss": dice.choice(["linear", "quadratic"]),
        "weights": dice.choice(["leverage", *THEORIES]),
    }


def actor(frame, dice, name):  # noqa: ARG001 - rows are made alike
    """Give an actor, never without capability."""
    return {"label": name, "role": "", "capability": dice.number(0.1, 3.0, [1.0, 10.0])}


def issue(frame, dice, name):
    """Give an issue, with or without a drift to its rest."""
    return {
        "label": name, "low": "none", "high": "all", "start": dice.number(0.2, 0.8, EDGES), "rest": dice.unit(),
        "decay": dice.number(0.0, 0.3, [0.0, -0.0, 1.0]) if dice.yes(0.6) else 0.0,
        "effects": effects(frame, dice),
    } | WHY  # fmt: skip


def driver(frame, dice, name):
    """Give a driver: a dated path or a season, moved by whole months and by parts of them."""
    row = {"label": name, "scale": dice.number(0.5, 1.5, [0.0, -0.0, 1.0, 2.0], 0.3)}
    shifts = [0.0, -0.0, 1.0, -3.0, 0.5, -2.25, 60.0, -60.0]
    row["shift"] = dice.number(-8.0, 8.0, shifts, 0.5)
    if dice.yes(0.35):
        row["season"] = [dice.unit() for _ in range(12)]
    else:
        dates = sorted(dice.some(range(-6, frame.sizes["months"] + 6), 4))
        row["path"] = {frame.month(t): dice.unit() for t in dates}
    return row | WHY


def need(frame, dice, name):  # noqa: ARG001 - rows are made alike
    """Give a dependence of one actor on another."""
    dependent, provider = dice.sample(frame.names("actors"), 2)
    return {
        "dependent": dependent, "provider": provider, "channel": "a channel",
        "stake": dice.number(0.0, 2.0, [0.0, -0.0, 1.0, 10.0]), "alternatives": dice.unit(),
        "effects": effects(frame, dice),
    } | WHY  # fmt: skip


def interest(frame, dice, name):  # noqa: ARG001 - rows are made alike
    """Give an interest of an actor in an issue."""
    return {
        "actor": dice.choice(frame.names("actors")), "issue": dice.choice(frame.names("issues")),
        "position": dice.unit(), "salience": dice.number(0.0, 0.5, [0.0, -0.0, 1.0, 10.0], 0.1),
        "effects": effects(frame, dice),
    } | WHY  # fmt: skip


def move(frame, dice, name):
    """Give a move, paid for in issues it leaves alone by one of those asked, where there are any."""
    issues = frame.names("issues")
    actor, *rest = dice.sample(frame.names("actors"), frame.sizes["actors"])
    row = {
        "actor": actor, "label": name, "changes": changes(dice, issues, max(1, min(2, len(issues) - 1))),
        "consent": dice.some(rest, 2) if dice.yes(0.6) else [],
        "requires": conditions(frame, dice) if dice.yes(0.2) else {},
        "cost": dice.number(0.0, 0.1, [0.0, -0.0, 0.0, 0.5, 10.0], 0.4),
        "chance": dice.choice([0.5, 0.8, 0.0, 1.0]) if dice.yes(0.3) else 1.0,
    } | WHY  # fmt: skip
    unchanged = [k for k in issues if k not in row["changes"]]
    if row["consent"] and unchanged and dice.yes(0.85):
        row["payment"] = {"from": dice.choice(row["consent"]), "changes": changes(dice, unchanged)}
    return row


def shock(frame, dice, name):
    """Give a shock, dated or random."""
    row, months = {"label": name, "changes": changes(dice, frame.names("issues"))}, frame.sizes["months"]
    if dice.yes(0.5):
        row["at"] = frame.month(dice.randrange(months))
    else:
        row["hazard"] = dice.number(0.0, 0.4, [0.0, -0.0, 1.0, 1.0], 0.4)
        if dice.yes(0.4):
            row["from"] = frame.month(dice.randint(-2, months - 1))
        if dice.yes(0.4):
            row["until"] = frame.month(dice.randint(0, months + 1))
    near = {dice.choice(frame.names("issues")): {dice.choice(["above", "below"]): dice.unit()}}
    return row | {"requires": dice.choice([{}, {}, near, conditions(frame, dice)])} | WHY


def outcome(frame, dice, name):
    """Give an outcome: `at` names an earlier one, `after` any other."""
    row, labels = {"label": name}, frame.names("outcomes")
    earlier, rest = labels[: labels.index(name)], [label for label in labels if label != name]
    if dice.yes(0.5):
        row["when"] = conditions(frame, dice)
    if dice.yes(0.4):
        row |= {"move": dice.choice(frame.names("moves")), "result": dice.choice(["made", "made", "refused"])}
    if earlier and dice.yes(0.25):
        row["at"] = dice.choice(earlier)
    if rest and dice.yes(0.25):
        row["after"] = dice.choice(rest)
    if dice.yes(0.5) or len(row) == 1:
        row["measure"] = dice.choice(frame.quantities())
    return row


# --- Motives ---


def wish(document, move, actor, items, salience, against=False):
    """Let an actor wish for the side to which a move's changes take their issues, or for the other one."""
    for k, item in items.items():
        start = document["issues"][k]["start"]
        up = item["to"] > start if "to" in item else item["by"] > 0.0
        document["interests"][f"{move}_{actor}_{k}"] = {
            "actor": actor, "issue": k, "position": 0.0 if up == against else 1.0, "salience": salience,
            "effects": {},
        } | WHY  # fmt: skip


def forget(document, actors, issues):
    """Take away the interests of some actors in some issues."""
    rows = document["interests"]
    for name in [n for n, row in rows.items() if row["actor"] in actors and row["issue"] in issues]:
        del rows[name]


def motive(document, dice, move):
    """Give a reason to make a move: to its actor, or to those who would pay for it and be paid by it."""
    row = document["moves"][move]
    mover, items = row["actor"], row["changes"]
    if "payment" not in row:
        wish(document, move, mover, items, dice.choice([0.5, 1.0, 2.0]))
        return
    payer, payment = row["payment"]["from"], row["payment"]["changes"]
    if dice.yes(0.7):
        forget(document, document["actors"], items | payment)
        row |= {"cost": 0.0, "requires": {}, "chance": 1.0}
    wish(document, move, payer, items, dice.choice([1.0, 2.0]))
    wish(document, move, mover, items, dice.choice([0.1, 0.3, 0.5, 1.0]), against=True)
    wish(document, move, mover, payment, dice.choice([1.0, 2.0, 4.0]))
    wish(document, move, payer, payment, dice.choice([0.5, 1.0, 2.0, 4.0]), against=True)


def crowd(document, dice):
    """Let all who have an unpaid move want the same issue changed at once."""
    k, up = dice.choice(list(document["issues"])), dice.choice([1.0, -1.0])
    for move, row in document["moves"].items():
        if "payment" not in row:
            row |= {"changes": {k: {"by": up * dice.number(0.01, 0.1)}}, "consent": [], "requires": {}}
            row |= {"cost": 0.0, "chance": 1.0}
            forget(document, [row["actor"]], [k])
            wish(document, move, row["actor"], row["changes"], dice.choice([1.0, 2.0, 10.0]))


def double(document, dice):
    """Let one move be worth to its actor exactly what another one is."""
    first, second = dice.sample(list(document["moves"]), 2)
    document["moves"][second] = document["moves"][first] | {"label": second}


def motives(document, frame):
    """Give most moves a reason to be made, and some paid ones a fallback; now and then make crowds and doubles."""
    dice = frame.dice("motives")
    if dice.yes(0.25):
        crowd(document, dice)
    if dice.yes(0.2):
        double(document, dice)
    moves = document["moves"]
    for name, row in moves.items():
        dice = frame.dice(f"motive.{name}")
        if dice.yes(0.8):
            motive(document, dice, name)
        own = [v for v in moves if v != name and moves[v]["actor"] == row["actor"]]
        if "payment" in row and own and dice.yes(0.5):
            row["payment"] = row["payment"] | {"fallback": dice.choice(own)}


# --- Documents ---


def document_of(frame):
    """Make a resolved document, every default filled and absent optional keys missing."""
    makers = {
        "actors": actor, "issues": issue, "drivers": driver, "dependence": need, "interests": interest,
        "moves": move, "shocks": shock, "outcomes": outcome,
    }  # fmt: skip
    meta = {
        "title": "At random", "question": "Do both readings of the model agree?", "start": frame.start,
        "end": frame.month(frame.sizes["months"] - 1), "sources": [],
    }  # fmt: skip
    document = {"meta": meta, "theory": theory(frame.dice("theory"))}
    document |= {table: frame.rows(table, make) for table, make in makers.items()}
    motives(document, frame)
    return document


@st.composite
def frames(pick):
    """Draw the sizes of a document and the luck of its rows."""
    sizes = {table: pick(st.integers(*limits)) for table, limits in SIZES.items()}
    year, number = pick(st.integers(2020, 2023)), pick(st.integers(1, 12))
    return Frame(pick(st.integers(0, 2**24 - 1)), f"{year}-{number:02d}", sizes)


def documents():
    """Draw resolved documents."""
    return frames().map(document_of)


# --- Cases ---


def number_paths(document):
    """Give the dotted path and value of every number that may differ by world."""
    tables = [t for t in document if t not in ("meta", "outcomes")]
    return [leaf for table in tables for leaf in leaves(document[table], table)]


def leaves(node, path):
    """Walk to the numbers below a node, past lists and texts."""
    if isinstance(node, dict):
        return [leaf for k, child in node.items() for leaf in leaves(child, f"{path}.{k}")]
    return [(path, node)] if isinstance(node, float) else []


def bounds(path):
    """Give the bounds of a number by its dotted path."""
    parts = path.split(".")
    return BOUNDS[parts[-1] if parts[-1] in BOUNDS else parts[-2]]


def span(dice, path, value):
    """Give a range around a value, within the bounds of its number."""
    low, high = bounds(path)
    width = dice.choice([0.05, 0.2, 0.5]) * min(high - low, 4.0)
    return min(max(low, value - width), value), max(min(high, value + width), value)


def forks_of(document, frame):
    """Give forks, each with new values of a few numbers from a month on."""
    paths, blocks = [path for path, _ in number_paths(document) if not path.endswith(".start")], []
    for n in range(frame.sizes["forks"]):
        dice = frame.dice(f"forks.{n}")
        numbers = {path: dice.number(*bounds(path), bounds(path)) for path in dice.some(paths, 3)}
        blocks.append((dice.randrange(frame.sizes["months"]), numbers))
    return tuple((frame.month(t), numbers) for t, numbers in sorted(blocks, key=lambda block: block[0]))


def case_of(frame, seed, world):
    """Make a document with ranges, forks and a world of a seed."""
    document = document_of(frame)
    dice = frame.dice("ranges")
    chosen = dict(dice.sample(number_paths(document), frame.sizes["ranges"]))
    ranges = {path: span(dice, path, value) for path, value in chosen.items()}
    return Case(document, ranges, forks_of(document, frame), seed, world)


def cases():
    """Draw documents with ranges, forks and a world of a seed."""
    seeds = st.one_of(st.integers(0, 1000), st.sampled_from([0, 2**31, 2**63 - 1]))
    worlds = st.one_of(st.integers(0, 100), st.sampled_from([0, 63, 64, 2**31]))
    return st.builds(case_of, frames(), seeds, worlds)


# --- What happened ---


def features(twin):
    """Name what happened in a world, to see that the random cases are alive."""
    paid = {term["move"] for term in twin.terms}
    taus = [d["tau"] for d in twin.decisions if d["move"] in paid and d["result"] != "refused"]
    seen = {
        "paid move accepted": bool(taus),
        "accepted at 0 < tau < 1": any(0.0 < tau < 1.0 for tau in taus),
        "accepted at tau = 1": 1.0 in taus,
        "accepted at tau = 0": 0.0 in taus,
        "paid move refused": any(d["result"] == "refused" for d in twin.decisions if d["move"] in paid),
        "0 < q < 1": any(0.0 < term["keep"] < 1.0 for term in twin.terms),
        "0 < q < 1 in a deal": any(term["deal"] and 0.0 < term["keep"] < 1.0 for term in twin.terms),
        "no deal": any(not term["deal"] for term in twin.terms),
        "shock struck": any(twin.struck.values()),
        "outcome happened after month 0": any(t > 0 for t in twin.first.values()),
        "outcome measured": any(value is not None for value in twin.value.values()),
        "two moves in one month": len({d["month"] for d in twin.decisions}) < len(twin.decisions),
    }
    return {d["result"] for d in twin.decisions} | {name for name, true in seen.items() if true}
