"""Random scenarios for the twin and the kernels: resolved documents, ranges, forks, worlds.

They lean towards life: payments that some actor wants, conditions that mostly hold, chances that mostly come
up, actors that react to one another; and towards trouble: zeros, minus zeros, bounds, effects of 10 and -10, fractions
of months, votes that need nothing or too much.

Hypothesis draws the sizes of a document and its luck, and can shrink both; every row is then thrown from dice of
its own, so that a row stays as it was when another one goes.
"""

import os
import random
from dataclasses import dataclass

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from realpolitik.choices import THEORIES
from reference.equations import responding
from reference.noise import draw
from reference.tables import asked, payers, responds

SHARE = float(os.environ.get("REALPOLITIK_EXAMPLES", "1"))
"""Of the examples of a test, those that are tried: fewer where another run tries them all."""
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
    "path": (0.0, 1.0), "effects": (-10.0, 10.0), "discount": (0.0, 1.0),
    # narrower than the format: longer prospects take long, and a vote that needs hundreds never passes
    "foresight": (0.0, 6.0), "need": (0.0, 6.0), "of": (0.0, 2.0),
}  # fmt: skip
RESPONSIVE = {
    "actors": ["capability"], "issues": ["decay", "rest"], "dependence": ["stake", "alternatives"],
    "interests": ["position", "salience"], "moves": ["cost", "chance"], "shocks": ["hazard"],
}  # fmt: skip


def quiet(examples, share=SHARE):
    """Run the same examples every time, or a share of them, and remember nothing."""
    return settings(
        max_examples=max(1, round(share * examples)),
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


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


def responsive(frame, dice, value, share=0.15):
    """Let a number respond to the state now and then, sometimes far beyond its bounds."""
    if not dice.yes(share):
        return value
    edges = [0.0, -0.0, 10.0, -10.0, 1.0, -1.0]
    return {"value": value, "effects": {name: dice.number(-1.0, 1.0, edges) for name in dice.some(frame.places(), 2)}}


def window(frame, dice, share):
    """Give a window of months, open on one side, or on both, and now and then partly or wholly out of the scenario."""
    row, months = {}, frame.sizes["months"]
    if dice.yes(share):
        row["from"] = frame.month(dice.randint(-2, months - 1))
    if dice.yes(share):
        row["until"] = frame.month(dice.randint(0, months + 1))
    return row


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
        "foresight": foresight(dice),
        "discount": dice.number(0.0, 1.0, [0.0, -0.0, 1.0, 0.97], 0.5),
    }


def foresight(dice):
    """Give a horizon: none in half of the cases, else up to 6 months, now and then a fraction."""
    if dice.yes(0.5):
        return 0.0
    return dice.number(0.5, 6.0) if dice.yes(0.2) else float(dice.randint(1, 6))


def actor(frame, dice, name):
    """Give an actor, never without capability unless it responds."""
    return {"label": name, "role": "", "capability": responsive(frame, dice, dice.number(0.1, 3.0, [1.0, 10.0]), 0.25)}


def issue(frame, dice, name):
    """Give an issue, with or without a drift to its rest."""
    decay = dice.number(0.0, 0.3, [0.0, -0.0, 1.0]) if dice.yes(0.6) else 0.0
    return {
        "label": name, "low": "none", "high": "all", "start": dice.number(0.2, 0.8, EDGES),
        "rest": responsive(frame, dice, dice.unit(), 0.3), "decay": responsive(frame, dice, decay),
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
        "stake": responsive(frame, dice, dice.number(0.0, 2.0, [0.0, -0.0, 1.0, 10.0])),
        "alternatives": responsive(frame, dice, dice.unit(), 0.3),
    } | WHY  # fmt: skip


def interest(frame, dice, name):  # noqa: ARG001 - rows are made alike
    """Give an interest of an actor in an issue."""
    salience = dice.number(0.0, 0.5, [0.0, -0.0, 1.0, 10.0], 0.1)
    return {
        "actor": dice.choice(frame.names("actors")), "issue": dice.choice(frame.names("issues")),
        "position": responsive(frame, dice, dice.unit(), 0.2), "salience": responsive(frame, dice, salience, 0.3),
    } | WHY  # fmt: skip


def move(frame, dice, name):
    """Give a move, paid for in issues it leaves alone by one of those asked, where there are any."""
    issues = frame.names("issues")
    actor, *rest = dice.sample(frame.names("actors"), frame.sizes["actors"])
    row = {
        "actor": actor, "label": name, "changes": changes(dice, issues, max(1, min(2, len(issues) - 1))),
        "requires": conditions(frame, dice) if dice.yes(0.2) else {},
        "cost": responsive(frame, dice, dice.number(0.0, 0.1, [0.0, -0.0, 0.0, 0.5, 10.0], 0.4)),
        "chance": responsive(frame, dice, dice.choice([0.5, 0.8, 0.0, 1.0]) if dice.yes(0.3) else 1.0),
    } | window(frame, dice, 0.15) | WHY  # fmt: skip
    voters = dice.some(rest, 3, dice.choice([1, 2])) if dice.yes(0.6) else []
    row["consent"] = consent(dice, voters)
    unchanged = [k for k in issues if k not in row["changes"]]
    if voters and unchanged and dice.yes(0.85):
        row["payment"] = payment(dice, voters, unchanged)
    return row


def consent(dice, voters):
    """Ask everybody in a list, or let them vote by count or by weight; some votes need nothing, all, or too much."""
    if not voters or dice.yes(0.5):
        return voters
    if dice.yes(0.5):
        return {
            "of": voters,
            "need": dice.number(0.0, len(voters), [0.0, 1.0, 1.0, len(voters) - 1.0, len(voters) + 1.0], 0.8),
        }
    of = {j: dice.number(0.0, 1.0, [0.0, -0.0, 1.0, 2.0]) for j in voters}
    total = sum(of.values())
    return {"of": of, "need": dice.number(0.0, total, [0.0, of[voters[0]], total, min(total + 0.1, 6.0)], 0.5)}


def payment(dice, voters, issues, alone=0.25):
    """Let one of those asked pay, or up to three of them together, each with issues of its own."""
    divisible = dice.yes(0.7)
    if dice.yes(alone):
        return {"from": dice.choice(voters), "changes": changes(dice, issues), "divisible": divisible}
    several = dice.some(voters, 3, len(voters))[: len(issues)]
    mine = {j: [k for n, k in enumerate(issues) if n % len(several) == place] for place, j in enumerate(several)}
    return {"from": {j: changes(dice, mine[j]) for j in several}, "divisible": divisible}


def shock(frame, dice, name):
    """Give a shock, dated or random."""
    row, months = {"label": name, "changes": changes(dice, frame.names("issues"))}, frame.sizes["months"]
    if dice.yes(0.5):
        row["at"] = frame.month(dice.randrange(months))
    else:
        hazard = dice.number(0.0, 0.4, [0.0, -0.0, 0.9, 1.0, 1.0], 0.4)
        row |= {"hazard": responsive(frame, dice, hazard, 0.3)} | window(frame, dice, 0.4)
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
    if not row.get("payment"):
        wish(document, move, mover, items, dice.choice([0.5, 1.0, 2.0]))
        return
    if dice.yes(0.8):
        forget(document, document["actors"], [*items, *(k for paid in payers(row).values() for k in paid)])
        row |= {"cost": 0.0, "requires": {}, "chance": 1.0}
    whole, payer_of = not row["payment"]["divisible"], payers(row)
    dislike = [0.5, 1.0, 2.0] if len(payer_of) > 1 else [0.1, 0.3, 0.5, 1.0]
    wish(document, move, mover, items, dice.choice(dislike), against=dice.yes(0.9))
    for voter in asked(row):
        if voter in payer_of or dice.yes(0.6):
            wish(document, move, voter, items, dice.choice([1.0, 2.0]))
    for payer, paid in payer_of.items():
        wish(document, move, mover, paid, dice.choice([1.0, 2.0, 4.0]))
        wish(document, move, payer, paid, dice.choice([0.1, 0.5] if whole else [0.5, 1.0, 2.0, 4.0]), against=True)


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


def syndicate(document, dice):
    """Let two or three actors pay together for one move that changes one issue."""
    issues, (name, row) = list(document["issues"]), dice.choice(list(document["moves"].items()))
    rest = [a for a in document["actors"] if a != row["actor"]]
    if len(rest) < 2 or len(issues) < 3:
        return
    voters = dice.some(rest, len(rest), 2)
    row |= {"changes": changes(dice, issues[:1], 1), "payment": payment(dice, voters, issues[1:], alone=0.0)}
    votes = {"of": voters, "need": dice.choice([0.0, 1.0, len(voters) - 1.0])}
    row |= {"consent": dice.choice([voters, votes]), "requires": {}, "chance": 1.0, "cost": 0.0}
    motive(document, dice, name)


def reaction(document, dice):
    """Let one actor's move give another a reason for a move of its own, about which the first one cares."""
    moves = document["moves"]
    free = [v for v, row in moves.items() if not row.get("payment")]
    pairs = [(u, v) for u in free for v in free if moves[u]["actor"] != moves[v]["actor"]]
    pairs = [(u, v) for u, v in pairs if not set(moves[u]["changes"]) & set(moves[v]["changes"])]
    if not pairs:
        return
    first, answer = dice.choice(pairs)
    k, item = next(iter(moves[first]["changes"].items()))
    start = document["issues"][k]["start"]
    sign = 1.0 if (item["to"] > start if "to" in item else item["by"] > 0.0) else -1.0
    actor, other, items = moves[first]["actor"], moves[answer]["actor"], moves[answer]["changes"]
    moves[answer] |= {"requires": {}, "chance": 1.0, "cost": 0.02, "consent": []}
    moves[first] |= {"requires": {}, "consent": [], "cost": dice.choice([0.0, 0.02, 0.1])}
    document["issues"][k]["decay"] = dice.choice([0.0, 0.1])
    forget(document, [other], items)
    respond(document, dice, answer, (other, k, sign, start))
    wish(document, f"{answer}_seen", actor, items, dice.choice([1.0, 2.0, 4.0]), against=dice.yes(0.3))


def respond(document, dice, answer, reason):
    """Let a number of an answer respond to the issue that the first move changes."""
    other, k, sign, start = reason
    row, strength = document["moves"][answer], sign * dice.choice([2.0, 5.0, 10.0])
    kind = dice.choice(["salience", "salience", "cost", "chance"])
    rising = {"value": dice.choice([0.0, -strength * start + 0.0]), "effects": {k: strength}}
    rising["value"] = min(max(rising["value"], 0.0), 10.0)
    wish(document, answer, other, row["changes"], rising if kind == "salience" else 1.0)
    if kind == "cost":
        row["cost"] = {"value": 1.0, "effects": {k: -strength}}
    if kind == "chance":
        row["chance"] = rising | {"value": min(rising["value"], 1.0)}


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
        if row.get("payment") and own and dice.yes(0.35):
            row["payment"] = row["payment"] | {"fallback": dice.choice(own)}
    dice = frame.dice("syndicate")
    if dice.yes(0.5):
        syndicate(document, dice)
    for n in range(2):
        dice = frame.dice(f"reaction.{n}")
        if dice.yes(0.4):
            reaction(document, dice)


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
    """Walk to the numbers below a node, past lists and texts; a number with effects keeps its own path."""
    if responds(node):
        return [(path, node["value"]), *leaves(node["effects"], f"{path}.effects")]
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
    if dice.yes(0.15):
        chosen["theory.foresight"] = document["theory"]["foresight"]
    ranges = {path: span(dice, path, value) for path, value in chosen.items()}
    return Case(document, ranges, forks_of(document, frame), seed, world)


def cases():
    """Draw documents with ranges, forks and a world of a seed."""
    seeds = st.one_of(st.integers(0, 1000), st.sampled_from([0, 2**31, 2**63 - 1]))
    worlds = st.one_of(st.integers(0, 100), st.sampled_from([0, 63, 64, 2**31]))
    return st.builds(case_of, frames(), seeds, worlds)


# --- What happened ---


def features(case, twin):
    """Name what happened in a world, to see that the random cases are alive."""
    seen = of_events(twin) | of_consent(case, twin) | of_payments(case, twin) | of_foresight(twin)
    names = {d["result"] for d in twin.decisions} | {name for name, true in seen.items() if true}
    return names | {f"{name} responded" for name in responded(case, twin)}


def of_events(twin):
    """Say what happened of shocks, outcomes and months."""
    return {
        "shock struck": any(twin.struck.values()),
        "outcome happened after month 0": any(t > 0 for t in twin.first.values()),
        "outcome measured": any(value is not None for value in twin.value.values()),
        "two moves in one month": len({d["month"] for d in twin.decisions}) < len(twin.decisions),
        "window kept a move away": bool(twin.shut),
    }


def of_consent(case, twin):
    """Say what happened of votes."""
    votes = [d for d in twin.decisions if isinstance(case.document["moves"][d["move"]]["consent"], dict)]
    nays = [d for d in votes if min(d["consents"].values()) <= 0.0]
    return {
        "vote passed with a no": any(d["result"] == "agreed" for d in nays),
        "vote failed": any(d["result"] == "refused" for d in nays),
        "vote failed with a yes": any(d["result"] == "refused" and max(d["consents"].values()) > 0.0 for d in nays),
    }


def of_payments(case, twin):
    """Say what happened of paid moves."""
    terms = {(term["month"], term["move"]): term for term in twin.terms}
    paid = [(d, terms[d["month"], d["move"]]) for d in twin.decisions if (d["month"], d["move"]) in terms]
    accepted = [(d, term) for d, term in paid if d["result"] != "refused"]
    taus = [d["tau"] for d, term in accepted if term["deal"]]
    joint = [d["tau"] for d, term in accepted if len(term["payers"]) > 1 and term["deal"]]
    whole = [d["tau"] for d, _ in accepted if not case.document["moves"][d["move"]]["payment"]["divisible"]]
    return {
        "paid move accepted": bool(taus),
        "accepted at 0 < tau < 1": any(0.0 < tau < 1.0 for tau in taus),
        "accepted at tau = 1": 1.0 in taus,
        "accepted at tau = 0": 0.0 in taus,
        "paid move refused": len(accepted) < len(paid),
        "joint payment accepted": any(joint),
        "joint payment at 0 < tau < 1": any(0.0 < tau < 1.0 for tau in joint),
        "all or nothing accepted": 1.0 in whole,
        "made unpaid for want of a deal": any(term["unpaid"] for _, term in accepted),
        "0 < q < 1": any(0.0 < term["keep"] < 1.0 for term in twin.terms),
        "0 < q < 1 in a deal": any(term["deal"] and 0.0 < term["keep"] < 1.0 for term in twin.terms),
        "no deal": any(not term["deal"] for term in twin.terms),
    }


def of_foresight(twin):
    """Say what happened of decisions with foresight."""
    far = [d for d in twin.decisions if d["horizon"]]
    return {
        "decided with foresight": bool(far),
        "foresight took another move": any(d["move"] != d["shortsighted"] for d in far),
        "a reaction was foreseen": any(d["expects"]["made"] != d["expects"]["held"] for d in far),
        "a refusal was foreseen": any(told[3] == "refused" for d in far for told in d["expects"]["made"]),
        "a payment changed what follows": any(d["expects"]["paid"] != d["expects"]["made"] for d in far),
    }


def responded(case, twin):
    """Name the numbers that took two values or more over the months of a world."""
    states = [x | d for x, d in zip(twin.issues, twin.drivers[1:], strict=False)]
    rows = [
        (row, name) for table, names in RESPONSIVE.items() for row in case.document[table].values() for name in names
    ]
    return {
        name for row, name in rows if responds(row.get(name)) and len({responding(row, name, z) for z in states}) > 1
    }
