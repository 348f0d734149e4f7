"""A resolved scenario as plain tables: defaults, dotted paths, months and quantities."""

import copy

THEORY = {
    "phi": 1.0, "sigma": 0.2, "noise": 0.05, "patience": 6.0, "loss": "linear", "weights": "leverage",
}  # fmt: skip
DEFAULTS = {
    "actors": {"capability": 1.0},
    "issues": {"decay": 0.0, "rest": 0.0, "effects": {}},
    "drivers": {"path": None, "season": None, "scale": 1.0, "shift": 0.0},
    "dependence": {"effects": {}},
    "interests": {"effects": {}},
    "moves": {"consent": [], "requires": {}, "cost": 0.0, "chance": 1.0, "payment": None},
    "shocks": {"at": None, "hazard": None, "from": None, "until": None, "requires": {}},
    "outcomes": {"when": {}, "move": None, "result": "made", "at": None, "after": None, "measure": None},
}


def filled(document):
    """Copy a document with every optional key that is absent or None given its default."""
    tables = {"meta": dict(document["meta"]), "theory": fill(document.get("theory") or {}, THEORY)}
    for table, defaults in DEFAULTS.items():
        rows = document.get(table) or {}
        tables[table] = {name: fill(row, defaults) for name, row in rows.items()}
    return tables


def fill(row, defaults):
    """Copy one row with its defaults."""
    given = {k: copy.deepcopy(v) for k, v in row.items() if v is not None}
    return copy.deepcopy(defaults) | given


def with_numbers(tables, numbers):
    """Copy tables with new numbers at dotted paths; entries of a list count from 0."""
    tables = copy.deepcopy(tables)
    for path, value in numbers.items():
        *parents, last = path.split(".")
        row = tables
        for parent in parents:
            row = row[parent]
        row[int(last) if isinstance(row, list) else last] = value
    return tables


def month_index(month, start):
    """Count the months from start to a month, both "YYYY-MM"."""
    year, number = map(int, month.split("-"))
    year0, number0 = map(int, start.split("-"))
    return (year - year0) * 12 + number - number0


def fork_blocks(forks, start):
    """List forks as (month index, numbers), earliest first, in the order given within a month."""
    blocks = []
    for fork in forks:
        if isinstance(fork, dict):
            month, numbers = fork["month"], fork["set"]
        elif isinstance(fork, tuple | list):
            month, numbers = fork
        else:
            month, numbers = fork.month, fork.set if hasattr(fork, "set") else fork.numbers
        blocks.append((month_index(month, start), dict(numbers)))
    return sorted(blocks, key=lambda block: block[0])


def quantity(name, z, D, prices):
    """Read an issue, a driver, a leverage "holder>over" or a "price:move"."""
    if name.startswith("price:"):
        return prices[name.removeprefix("price:")]
    if ">" in name:
        holder, over = name.split(">")
        return D[over, holder]
    return z[name]


def holds(conditions, z, D, prices):
    """Say whether all conditions hold, each above or below a number or another quantity."""

    def bound(value):
        return quantity(value, z, D, prices) if isinstance(value, str) else value

    for name, condition in conditions.items():
        value = quantity(name, z, D, prices)
        if condition.get("above") is not None and not value > bound(condition["above"]):
            return False
        if condition.get("below") is not None and not value < bound(condition["below"]):
            return False
    return True
