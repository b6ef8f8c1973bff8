"""Follow an error's `loc` through the annotations of a model, back to the path that the person wrote.

pydantic puts more into a `loc` than what stands in the file: the kind of a tagged union, a label for
each branch of a plain one. Which step is which can't be told from the text alone (a key may be
called like a kind), so the walk goes by the types.
"""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, RootModel

from logbook_schemas.reading.problems import Path

__all__ = ["Target", "keys_of", "kinds_of", "walk"]

_KIND = "kind"
_KEY_MARK = "[key]"
_ANYTHING: tuple[object, ...] = (Any, object, None)


@dataclass(frozen=True)
class Target:
    """What an error is about: the path as written, and the annotation of what stands there.

    `choice` is the path of the innermost plain union (`int | Literal["auto"]`) that the walk went
    through, None if it went through none; `key` is true if the key itself is at fault, not its value.
    """

    path: Path
    annotation: object
    choice: Path | None = None
    key: bool = False


def walk(annotation: object, loc: Path, path: Path = (), choice: Path | None = None) -> Target | None:
    """Follow `loc` from a value of this annotation; None if it doesn't lead through."""
    annotation = _bare(annotation)
    if not loc:
        return Target(path, annotation, choice)
    if loc == (_KEY_MARK,):
        return Target(path, annotation, choice, key=True)
    if members := _members(annotation):
        return _walk_union(members, loc, path, choice)
    if (model := _model(annotation)) is not None:
        if issubclass(model, RootModel):
            return walk(model.model_fields["root"].annotation, loc, path, choice)
        return walk(_fields(model).get(str(loc[0])), loc[1:], (*path, loc[0]), choice)
    for child in _contents(annotation, loc[0]):
        if target := walk(child, loc[1:], (*path, loc[0]), choice):
            return target
    return None


def _walk_union(members: tuple[object, ...], loc: Path, path: Path, choice: Path | None) -> Target | None:
    if len(members) == 1:
        return walk(members[0], loc, path, choice)
    for member in members:
        if loc[0] in _kinds(member):
            return walk(member, loc[1:], path, choice)
    # The labels of other branches are pydantic's own: a class, or a mark of a tagged union. Then try each.
    for member in sorted(members, key=lambda member: not _is_labelled(member, str(loc[0]))):
        if target := walk(member, loc[1:], path, path):
            return target
    return None


def _is_labelled(member: object, label: str) -> bool:
    if label.startswith(("tuple[", "list[")):  # before its items: their kinds stand in the label too
        return get_origin(member) in (tuple, list)
    return getattr(member, "__name__", "") == label or ("tagged-union[" in label and bool(kinds_of(member)))


def keys_of(annotation: object) -> tuple[str, ...]:
    """The keys that an object of this annotation may have, in the order of the model's fields."""
    members = _members(annotation)
    model = _model(members[0] if len(members) == 1 else annotation)
    return () if model is None else tuple(_fields(model, names=False))


def kinds_of(annotation: object) -> tuple[str, ...]:
    """The kinds to choose from where this annotation is a union told apart by `kind`; else empty."""
    return tuple(kind for member in _members(annotation) for kind in (_kinds(member) or kinds_of(member)))


def _bare(annotation: object) -> object:
    while True:
        if get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
        elif hasattr(annotation, "__value__"):  # an alias made with `type`
            annotation = annotation.__value__
        else:
            return annotation


def _members(annotation: object) -> tuple[object, ...]:
    """The members of a union, None left out: it adds no step to a `loc`."""
    annotation = _bare(annotation)
    if get_origin(annotation) not in (Union, types.UnionType):
        return ()
    return tuple(_bare(member) for member in get_args(annotation) if member is not type(None))


def _model(annotation: object) -> type[BaseModel] | None:
    annotation = _bare(annotation)
    # A parametrized list is a `type` to isinstance, and no class to issubclass.
    if get_origin(annotation) is None and isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return None


def _fields(model: type[BaseModel], *, names: bool = True) -> Mapping[str, object]:
    """Each key a model takes and its annotation; with `names`, also the names of fields with an alias."""
    fields: dict[str, object] = {}
    for name, info in model.model_fields.items():
        fields[info.alias or name] = info.annotation
        if names:
            fields.setdefault(name, info.annotation)
    return fields


def _kinds(annotation: object) -> tuple[str, ...]:
    model = _model(annotation)
    field = None if model is None else model.model_fields.get(_KIND)
    literal = None if field is None else _bare(field.annotation)
    if get_origin(literal) is not Literal:
        return ()
    return tuple(value for value in get_args(literal) if isinstance(value, str))


def _contents(annotation: object, step: str | int) -> Iterator[object]:
    """What may stand at this step inside a list, a tuple or a mapping."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if annotation in _ANYTHING or annotation in (list, tuple, dict):
        yield Any
    elif isinstance(origin, type) and issubclass(origin, Mapping):
        yield arguments[1]
    elif origin is tuple and isinstance(step, int):
        fixed = arguments[-1] is not Ellipsis
        if not fixed or step < len(arguments):
            yield arguments[step] if fixed else arguments[0]
    elif arguments and isinstance(step, int):
        yield arguments[0]
