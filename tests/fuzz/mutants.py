"""Mutated scenario files through the whole product: read, checked, played and explained, by a checked build.

    REALPOLITIK_CHECKED=1 python -m fuzz.mutants --files 20000      # with tests/ on the path; `make fuzz` does it

File n is made from n alone, so that `--first n --files 1` makes it again. A file may be refused; it may not end in
anything but ScenarioError, take over two seconds of a processor, or leave a value out of bounds.
"""

import argparse
import json
import random
import sys
import time
import tomllib
import traceback
from pathlib import Path

import numpy as np

from realpolitik.scenario import ScenarioError, loads
from realpolitik.scenario.sources import shipped_folder
from realpolitik.uncertainty import draw_numbers
from realpolitik_model import LeverageModel, simulate
from realpolitik_model.accounting import decisions
from reference.random_cases import SIZES, Frame, document_of

LONGEST = 2.0
WORLDS = np.array([0, 1, 2**40])
SMALL, FORMS = (Path(__file__).parents[1] / "laboratory" / name for name in ("small.toml", "forms.toml"))
SHARES = [0, 1, 0.0, -0.0, 1.0, 0.5, 5e-324, 1 - 2**-53]
STRANGE = [-1, 10, -10, 2, 120, 1e308, 2**63, float("nan"), float("inf"), True, "text", [], {}, None]
DATES = ["1800-01", "2199-12", "1999-12", "2000-01", "2024-13", "2024-1", "never", ""]
LABELS = {
    "actors": ("label", "role"), "issues": ("label", "low", "high"), "drivers": ("label",), "dependence": ("channel",),
    "moves": ("label",), "shocks": ("label",), "outcomes": ("label",),
}  # fmt: skip


def written(document):
    """Write a document as TOML: tables of rows, and everything below a row inline."""
    tables = {name: rows for name, rows in document.items() if isinstance(rows, dict)}
    lines = [f"{json.dumps(name)} = {value_of(value)}" for name, value in document.items() if name not in tables]
    for table, rows in tables.items():
        nested = {name: row for name, row in rows.items() if isinstance(row, dict) and table != "set"}
        lines += [f"[{json.dumps(table)}]", *pairs({k: v for k, v in rows.items() if k not in nested})]
        for name, row in nested.items():
            lines += [f"[{json.dumps(table)}.{json.dumps(str(name))}]", *pairs(row)]
    return "\n".join(lines) + "\n"


def pairs(row):
    """Write the keys of a row, a line each."""
    return [f"{json.dumps(str(key))} = {value_of(value)}" for key, value in row.items()]


def value_of(value):
    """Write a value inline."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(str(k))} = {value_of(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(value_of, value)) + "]"
    if isinstance(value, float):
        return repr(value)
    return json.dumps("none" if value is None else value, ensure_ascii=False)


def at_random(dice):
    """Write a random scenario in full."""
    sizes = {table: dice.randint(*limits) for table, limits in SIZES.items()}
    document = document_of(Frame(dice.randrange(2**24), f"{dice.randint(1990, 2030)}-{dice.randint(1, 12):02d}", sizes))
    for table, keys in LABELS.items():
        for name, row in document.get(table, {}).items():
            row.update({key: row.get(key) or name for key in keys})
    for name, row in list(document["outcomes"].items()):
        if {row.get("at"), row.get("after")} - {
            None,
            *list(document["outcomes"])[: list(document["outcomes"]).index(name)],
        }:
            del document["outcomes"][name]
    for path in list(places(document)):
        if path[-1] in ("above", "below") and parent_of(document, path)[path[-1]] == 2.0:
            parent_of(document, path)[path[-1]] = 1.0  # what only leverage could pass
    for row in document.get("moves", {}).values():
        lawful(row)
    return stated(document)


def lawful(move):
    """Keep a random move within what a file may say: votes that can be reached, windows in order."""
    consent = move.get("consent")
    if isinstance(consent, dict):
        votes = list(consent["of"].values()) if isinstance(consent["of"], dict) else [1.0] * len(consent["of"])
        consent["need"] = min(max(consent["need"], 0.1), sum(votes))
        if consent["need"] <= 0:
            move["consent"] = list(consent["of"])
    if move.get("from") and move.get("until"):
        move["from"], move["until"] = sorted((move["from"], move["until"]))


def stated(node):
    """Leave out what is None, which TOML cannot write."""
    if isinstance(node, dict):
        return {key: stated(child) for key, child in node.items() if child is not None}
    return [stated(child) for child in node] if isinstance(node, list) else node


def bases():
    """Give the documents that are mutated, and None for a random one."""
    texts = [path.read_text(encoding="utf-8") for path in (SMALL, *sorted(shipped_folder().glob("*.toml")))]
    written = [*map(tomllib.loads, texts), with_forms()]
    return [*written, *[None] * len(written)]


def with_forms():
    """Give the small document with votes, windows, effects and payments by several."""
    small, forms = (tomllib.loads(path.read_text(encoding="utf-8")) for path in (SMALL, FORMS))
    return small | {table: small[table] | forms[table] for table in ("theory", "issues", "moves")}


def places(node, path=()):
    """List the path of everything in a document."""
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in items:
        yield (*path, key)
        yield from places(child, (*path, key))


def parent_of(document, path):
    """Give what holds the value at a path."""
    for key in path[:-1]:
        document = document[key]
    return document


def replaced(dice, document, old):
    """Return a replacement for a value."""
    if dice.random() < 0.1:
        return dice.choice(STRANGE)
    if isinstance(old, bool) or old is None:
        return dice.choice([True, False])
    if isinstance(old, int | float):
        low, high = sorted(dice.random() for _ in range(2))
        span = {"value": dice.uniform(low, high), "low": low, "high": high}
        return dice.choice([*SHARES, *SHARES, dice.uniform(-1, 2), span])
    if isinstance(old, str):
        names = [str(path[-1]) for path in places(document)]
        alike = [value for path in places(document) if isinstance(value := parent_of(document, path)[path[-1]], str)]
        return dice.choice([*DATES, dice.choice(names), month(dice), *(dice.choice(alike) for _ in range(30))])
    return dice.choice([old, STRANGE[-2], STRANGE[-3]])


def month(dice):
    """Give a month of this time."""
    return f"{dice.randint(1985, 2060)}-{dice.randint(1, 12):02d}"


def mutated(dice, document):
    """Change one thing in a document, in place."""
    paths = list(places(document))
    leaves = [path for path in paths if not isinstance(parent_of(document, path)[path[-1]], dict | list)]
    path = dice.choice(leaves if dice.random() < 0.85 else paths)
    holder, key = parent_of(document, path), path[-1]
    kind = dice.random()
    if kind < 0.5:
        holder[key] = replaced(dice, document, holder[key])
    elif kind < 0.6:
        del holder[key]
    elif kind < 0.7 and isinstance(holder, dict):
        holder[f"{key}_2"] = json.loads(json.dumps(holder[key]))
    elif kind < 0.8:
        other = dice.choice(paths)
        if type(parent_of(document, other)[other[-1]]) is type(holder[key]):
            holder[key] = json.loads(json.dumps(parent_of(document, other)[other[-1]]))
    elif kind < 0.9:
        dates = [
            path for path in paths if path[-1] in ("start", "end", "at", "from", "until", "date", "month", "cutoff")
        ]
        path = dice.choice(dates or paths)
        parent_of(document, path)[path[-1]] = month(dice)
    else:
        document["theory"] = {dice.choice(["phi", "sigma", "noise", "patience"]): dice.choice(SHARES)}


def text_of(number, given):
    """Make mutated file `number`."""
    dice = random.Random(f"mutant {number}")
    base = dice.choice(given)
    document = at_random(dice) if base is None else json.loads(json.dumps(base, default=str))
    for _ in range(dice.choice([1, 1, 1, 2, 3, 6])):
        mutated(dice, document)
    text = written(document)
    if dice.random() < 0.1:
        where = dice.randrange(len(text))
        text = text[:where] + dice.choice(["", "\x00", '"', "]", "=", "\n", "\u202e", "9" * 50]) + text[where + 1 :]
    return text


def played(text, number, settings=None):
    """Read a file and play it in full, three worlds, one of them by Mesa with its accounts; False if it is refused."""
    try:
        scenario = loads(text, f"mutant-{number}.toml", set=settings)
    except ScenarioError:
        return False
    case = scenario.case()
    drawn = draw_numbers(scenario, 1, WORLDS, "prior")
    out = simulate(case, WORLDS, seed=number, numbers=drawn, paths=3)
    within(case, out)
    if number % 10 == 0:
        model = LeverageModel(case, worlds=WORLDS, rng=number, numbers=drawn)
        for _ in range(min(case.months, 24)):
            model.step()
            for account in decisions(model):
                assert np.isfinite([account.value, account.own, account.margin, *account.through.values()]).all()
    return True


def within(case, out):
    """See that everything a run leaves is within its bounds."""
    for name, low, high in (
        ("first", -1, case.months - 1), ("made", 0, case.months), ("refused", 0, case.months), ("price", 0, 1),
        ("final", 0, 1), ("issues", 0, 1), ("leverage", 0, 1e6), ("measured", 0, 1e6),
    ):  # fmt: skip
        values = getattr(out, name)
        assert ((values >= low) & (values <= high)).all(), f"{name} is out of bounds: {values.min()} to {values.max()}"


def main():
    """Make files and play them; say what was found, and exit with 1 if that is anything."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--first", type=int, default=0)
    asked.add_argument("--files", type=int, default=300)
    asked = asked.parse_args()
    given, accepted, found = bases(), 0, 0
    for months in (0.0, 1.0):  # kernels are compiled or loaded before times are taken, those of foresight too
        played(SMALL.read_text(encoding="utf-8"), 0, {"theory.foresight": months})
    for number in range(asked.first, asked.first + asked.files):
        text, start = text_of(number, given), time.process_time()
        try:
            accepted += played(text, number)
        except Exception:
            found += 1
            sys.stdout.write(f"mutant {number}:\n{traceback.format_exc()}\n")
        taken = time.process_time() - start
        if taken > LONGEST:
            found += 1
            sys.stdout.write(f"mutant {number}: {taken:.1f} s\n")
    sys.stdout.write(f"{asked.files} files: {accepted} accepted, {found} at fault\n")
    sys.exit(found > 0)


if __name__ == "__main__":
    main()
