"""What the threads of a warp have in common: which branches of a kernel, as PTX, all of them take the same way.

If a branch does not say so, a GPU prepares it for threads that part and meet again, which takes a quarter of all
instructions in these kernels. A register differs by thread if it is computed from the thread's number, or from what is
loaded at an address that differs, or if it is set on the ways that threads take after a branch on which they part.
"""

import re
from collections import defaultdict
from typing import NamedTuple

FUNCTION = re.compile(r"^(?:\.visible \.entry|\.func) (\w+)\($.*?^\}$", re.MULTILINE | re.DOTALL)
REGISTER = re.compile(r"%[A-Za-z]+\d*")
BRANCH = re.compile(r"^(\s+)@(!?%p\d+) bra(\s)", re.MULTILINE)
STATEMENT = re.compile(r"^\s*(?:\{ *)?(?:@(?P<guard>!?%\w+) )?(?P<operation>[a-z][\w.:]*)\s*(?P<operands>[^;]*);")
PARAMETER = re.compile(r"\[(\w*param_?\d+)(?:\+(\d+))?\]")
THREAD = ("%tid.x", "__local_depot")
"""The number of a thread in its warp, and memory of its own."""


class Statement(NamedTuple):
    """What a line of PTX does."""

    sets: list[str]
    reads: list[str]
    goes_to: str = ""
    """The label where it goes on, if it does so elsewhere than in the next line."""
    guard: str = ""
    """The register that decides whether it goes there."""


class Blocks(NamedTuple):
    """The code of a function between labels and branches."""

    statements: list[list[Statement]]
    follow: list[list[int]]
    """Per block: those that may come next."""


def with_uniform_branches(text: str) -> str:
    """Return the PTX of a module in which every branch that all threads of a warp take together says so."""
    functions = {found[1]: _blocks(found[1], found[0]) for found in FUNCTION.finditer(text)}
    differing = _differing(list(functions.values()))

    def marked(function: re.Match[str]) -> str:
        def mark(branch: re.Match[str]) -> str:
            register = f"{function[1]}:{branch[2].lstrip('!')}"
            return branch[0] if register in differing else f"{branch[1]}@{branch[2]} bra.uni{branch[3]}"

        return BRANCH.sub(mark, function[0])

    return FUNCTION.sub(marked, text)


def _blocks(name: str, text: str) -> Blocks:
    """Return the blocks of a function; its registers have its name before their own."""
    statements: list[list[Statement]] = [[]]
    labels: dict[str, int] = {}
    passed: dict[str, str] = {}
    for line in text.splitlines():
        if label := re.match(r"(\$\w+):", line):
            labels[label[1]] = len(statements)
            statements.append([])
        elif found := STATEMENT.match(line):
            statements[-1] += _statements(name, found, passed)
            if statements[-1] and statements[-1][-1].goes_to:
                statements.append([])
    follow = []
    for n, block in enumerate(statements):
        last = block[-1] if block else Statement([], [])
        onward = [n + 1] if n + 1 < len(statements) and (last.guard or not last.goes_to) else []
        follow.append(onward + [labels[label] for label in [last.goes_to] if label in labels])
    return Blocks(statements, follow)


def _statements(name: str, found: re.Match[str], passed: dict[str, str]) -> list[Statement]:
    """Return what a line does; `passed` holds the words of parameters until the call that takes them."""
    operation, operands = found["operation"], found["operands"]
    own = [f"{name}:{register}" for register in REGISTER.findall(operands)]
    start = operation.split(".")[0]
    if start in ("bra", "ret"):
        guard = f"{name}:{found['guard'].lstrip('!')}" if found["guard"] else ""
        return [Statement([], [], operands.strip() or "the end", guard)]
    parameter = PARAMETER.search(operands)
    if parameter:  # of values, a word each
        first, values = int(parameter[2] or 0) // 8, re.findall(r"[%\w-]+", PARAMETER.sub("", operands))
        words = {f"{parameter[1]}.{first + n}": f"{name}:{one}" for n, one in enumerate(values) if one[0] == "%"}
        if start == "ld":
            return [Statement([register], [word]) for word, register in words.items()]
        passed |= words
    elif start == "call":
        return _handed_on(operands, passed)
    elif start == "vote":
        return [Statement(own[:1], [])]
    elif start not in ("st", "bar"):
        count = operands.partition("}")[0].count("%") if operands.startswith("{") else 1
        return [Statement(own[:count], own[count:] + [one for one in THREAD if one in operands])]
    return []


def _handed_on(operands: str, passed: dict[str, str]) -> list[Statement]:
    """Return what a call does: it sets the parameters of a function, word by word."""
    called, _, given = operands.partition(", (")
    names = {parameter: f"{called}_param_{n}" for n, parameter in enumerate(given.rstrip(")").split(", "))}
    handed = [(*part.split("."), value) for part, value in passed.items()]
    passed.clear()
    return [Statement([f"{names[parameter]}.{n}"], [value]) for parameter, n, value in handed]


def _differing(functions: list[Blocks]) -> set[str]:
    """Return the registers that may differ between the threads of a warp."""
    readers: dict[str, set[str]] = defaultdict(set)
    setters: dict[str, int] = defaultdict(int)
    for function in functions:
        for statement in (one for block in function.statements for one in block):
            for register in statement.sets:
                setters[register] += 1
                for read in statement.reads:
                    readers[read].add(register)
    differing: set[str] = set()
    new = set(THREAD)
    while new:
        while new:
            differing |= new
            new = {register for one in new for register in readers[one]} - differing
        new = {
            register
            for function in functions
            for n in _parted(function, differing)
            for statement in function.statements[n]
            for register in statement.sets
            if setters[register] > 1
        } - differing
    return differing


def _parted(function: Blocks, differing: set[str]) -> set[int]:
    """Return the blocks that only some threads of a warp may be in: from branches that differ to where all meet."""
    parted: set[int] = set()
    branches = [n for n, block in enumerate(function.statements) if block and block[-1].guard in differing]
    if branches:
        after = _always_after(function.follow)
        for branch in branches:
            open_, seen = list(function.follow[branch]), set[int]()
            while open_:
                n = open_.pop()
                if n not in seen and not after[branch] >> n & 1:
                    seen.add(n)
                    open_ += function.follow[n]
            parted |= seen
    return parted


def _always_after(follow: list[list[int]]) -> list[int]:
    """Return, per block, those through which every way from it leads, as bits; itself apart."""
    everything = (1 << len(follow)) - 1
    with_own = [everything if next_ else 1 << n for n, next_ in enumerate(follow)]
    changed = True
    while changed:
        changed = False
        for n in reversed(range(len(follow))):
            if follow[n]:
                common = everything
                for one in follow[n]:
                    common &= with_own[one]
                changed |= with_own[n] != common | 1 << n
                with_own[n] = common | 1 << n
    return [own & ~(1 << n) for n, own in enumerate(with_own)]
