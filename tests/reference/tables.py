"""A resolved scenario as plain tables: defaults, dotted paths, months and quantities."""

import copy

THEORY = {
    "phi": 1.0, "sigma": 0.2, "noise": 0.05, "patience": 6.0, "loss": "linear", "weights": "leverage",
    "foresight": 0.0, "discount": 0.97,
}  # fmt: skip
PAYMENT = {"changes": None, "fallback": None, "divisible": True}
DEFAULTS = {
    "actors": {"capability": 1.0},
    "issues": {"decay": 0.0, "rest": 0.0},
    "drivers": {"path": None, "season": None, "scale": 1.0, "shift": 0.0},
    "dependence": {},
    "interests": {},
    "moves": {
        "consent": [], "requires": {}, "cost": 0.0, "chance": 1.0, "payment": None, "from": None, "until": None,
    },
    "shocks": {"at": None, "hazard": None, "from": None, "until": None, "requires": {}},
    "outcomes": {"when": {}, "move": None, "result": "made", "at": None, "after": None, "measure": None},
}  # fmt: skip


def filled(document):
    """Copy a document with every optional key that is absent or None given its default."""
    tables = {"meta": dict(document["meta"]), "theory": fill(document.get("theory") or {}, THEORY)}
    for table, defaults in DEFAULTS.items():
        rows = document.get(table) or {}
        tables[table] = {name: fill(row, defaults) for name, row in rows.items()}
    for move in tables["moves"].values():
        move["payment"] = fill(move["payment"], PAYMENT) if move["payment"] else None
    return tables


def fill(row, defaults):
    """Copy one row with its defaults."""
    given = {k: copy.deepcopy(v) for k, v in row.items() if v is not None}
    return copy.deepcopy(defaults) | given


def with_numbers(tables, numbers):
    """Copy tables with new numbers at dotted paths; entries of a list count from 0, and effects keep their number."""
    tables = copy.deepcopy(tables)
    for path, value in numbers.items():
        *parents, last = path.split(".")
        row = tables
        for parent in parents:
            row = row[parent]
        key = int(last) if isinstance(row, list) else last
        if isinstance(row, dict) and responds(row.get(key)):
            row, key = row[key], "value"
        row[key] = value
    return tables


def responds(node):
    """Say whether a node is a number with effects."""
    return isinstance(node, dict) and "effects" in node


def payers(move):
    """Give the changes that each payer of a move pays for, in order; a move without a payment has no payers."""
    payment = move.get("payment")
    if not payment:
        return {}
    return payment["from"] if isinstance(payment["from"], dict) else {payment["from"]: payment["changes"]}


def payment_of(move):
    """Give all changes of a payment, payer by payer."""
    return {k: change for changes in payers(move).values() for k, change in changes.items()}


def asked(move):
    """List the actors whose consent a move needs, in order."""
    consent = move["consent"]
    return list(consent["of"] if isinstance(consent, dict) else consent)


def window(row, start):
    """Give the first and last month of a row, None where it has no bound."""
    return [None if row[key] is None else month_index(row[key], start) for key in ("from", "until")]


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
