"""What the format expects at a dotted path: the valid names there, and the bounds of a number."""

from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from realpolitik.scenario.errors import Loc, nearest
from realpolitik.scenario.fields import Bounded
from realpolitik.scenario.files import Complete
from realpolitik.scenario.paths import refused, split

Shape = Any


def shape(annotation: Any) -> Shape:
    """Strip an annotation to a row class, a dict, a list or the bounds of a number."""
    if get_origin(annotation) is Annotated:
        kind, *notes = get_args(annotation)
        return next((note for note in notes if isinstance(note, Bounded)), None) or shape(kind)
    if get_origin(annotation) in (Union, UnionType):
        return shape(next(kind for kind in get_args(annotation) if kind is not NoneType))
    return annotation


@cache
def keys(row: type[BaseModel]) -> dict[str, Shape]:
    """Give the keys of a row, as files write them."""
    fields = row.model_fields.items()
    return {field.alias or name: shape(field.rebuild_annotation()) for name, field in fields}


def below(parent: Shape, key: str | int) -> Shape:
    """Give the shape under one key, or None if there is no such key."""
    if isinstance(parent, type) and issubclass(parent, BaseModel):
        return keys(parent).get(str(key))
    kind: Any = get_origin(parent)
    return shape(get_args(parent)[-1]) if kind in (dict, list) else None


def shape_at(file: type[BaseModel], loc: Loc) -> Shape:
    """Give the shape at a place of a kind of file, or None."""
    found: Shape = file
    for key in loc:
        found = below(found, key)
    return found


def names_at(file: type[BaseModel], loc: Loc) -> tuple[str, ...]:
    """Give the keys that a table may have, if the format fixes them."""
    found = shape_at(file, loc)
    return tuple(keys(found)) if isinstance(found, type) and issubclass(found, BaseModel) else ()


def bounds(path: str) -> tuple[float, float]:
    """Legal bounds of the number at a dotted path, such as `moves.withdraw.cost`: (0, 10)."""
    loc = split(path)
    found = shape_at(Complete, loc)
    if not isinstance(found, Bounded):
        parent = names_at(Complete, loc[:-1])
        raise refused(path, f"'{path}' is not the path of a number", nearest(str(loc[-1]), parent))
    return threshold(str(loc[-2])) if found.quantity else (found.low, found.high)


def threshold(quantity: str) -> tuple[float, float]:
    """Bounds of a condition: leverage has no upper end of its own, everything else lies in [0, 1]."""
    return (0.0, 100.0) if ">" in quantity else (0.0, 1.0)
