"""The largest valid scenario: 40 actors, 200 issues, 1,200 months, as many rows as fit into a file."""

ACTORS, ISSUES, INTERESTS, MOVES = 40, 200, 800, 400
HEAD = """[meta]
title = "The largest"
question = "How long does it take?"
start = "1990-01"
end = "2089-12"
sources = ["invented"]
"""
REASON = 'reason="r",assumption=true}'


def largest(title: str = "The largest") -> str:
    """Return the text of the scenario; with another title it is another scenario."""
    actors = [f'a{n}={{label="Actor {n}",role="r"}}' for n in range(ACTORS)]
    issues = [
        f'i{n}={{label="Issue {n}",low="no",high="yes",start=0.5,decay=0.1,rest=0.5,{REASON}' for n in range(ISSUES)
    ]
    pairs = [(n, m) for n in range(ACTORS) for m in range(ACTORS) if n != m]
    dependence = [
        f'd{n}_{m}={{dependent="a{n}",provider="a{m}",channel="c",stake=1,alternatives=0,{REASON}' for n, m in pairs
    ]
    interests = [
        f'n{n}={{actor="a{n % ACTORS}",issue="i{n // ACTORS * 10 + n % 7}",position={n % 2},salience=1,{REASON}'
        for n in range(INTERESTS)
    ]
    moves = [
        f'm{n}={{actor="a{n % ACTORS}",label="Move {n}",changes={{i{n // 2}={{to={n % 2}}}}},cost=1,{REASON}'
        for n in range(MOVES)
    ]
    outcomes = [f'o{n}={{label="Outcome {n}",when={{i{n}={{above=0.9}}}}}}' for n in range(40)]
    tables = {"actors": actors, "issues": issues, "dependence": dependence, "interests": interests, "moves": moves}
    parts = [f"[{name}]\n" + "\n".join(rows) for name, rows in (tables | {"outcomes": outcomes}).items()]
    return HEAD.replace("The largest", title) + "\n".join(parts) + "\n"
