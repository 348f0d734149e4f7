"""Tables and lists of a scenario, which cannot be changed: its hash and its numbers depend on them.

They are dicts and lists for everything that reads them, such as json and isinstance.
"""

import copy
from typing import Any, NoReturn


def refuse(*_: object, **__: object) -> NoReturn:
    """Raise TypeError: what to do instead."""
    raise TypeError("a scenario is read-only; use Scenario.set, or change a copy.deepcopy of what it holds")


class FrozenTable(dict[str, Any]):
    """A dict that cannot be changed."""

    __setitem__ = __delitem__ = __ior__ = update = setdefault = pop = popitem = clear = refuse

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[str, Any]:
        return copy.deepcopy(dict(self), memo)

    def __reduce__(self) -> Any:
        return FrozenTable, (dict(self),)


class FrozenList(list[Any]):
    """A list that cannot be changed."""

    __setitem__ = __delitem__ = __iadd__ = __imul__ = refuse
    append = extend = insert = remove = pop = clear = sort = reverse = refuse

    def __deepcopy__(self, memo: dict[int, Any]) -> list[Any]:
        return copy.deepcopy(list(self), memo)

    def __reduce__(self) -> Any:
        return FrozenList, (list(self),)


def frozen(node: Any) -> Any:
    """Return tables and lists as ones that cannot be changed, with all that is inside."""
    if isinstance(node, dict):
        return FrozenTable({key: frozen(child) for key, child in node.items()})
    return FrozenList([frozen(child) for child in node]) if isinstance(node, list) else node
