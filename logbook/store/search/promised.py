"""The names that the config language promises, whether or not a run of this store uses them, and what they hold.

Imports the config's models, so it is imported only when a name isn't found in the store.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from logbook_schemas.config.own import OwnConfig
from logbook_schemas.config.run import RunConfig

__all__ = ["choices", "config_paths", "is_number", "metric_names"]


@cache
def config_paths() -> frozenset[str]:
    """Return the path of every setting; `[0]` stands for any place in a list. Free mappings (kwargs, values)
    promise nothing: their keys are a person's own."""
    return frozenset(_annotations())


def is_number(path: str) -> bool:
    """Say whether a setting is a number wherever it is anything."""
    held = _annotations().get(path, ())
    return bool(held) and all(_plain_types(one) <= {int, float, type(None)} for one in held)


def choices(path: str) -> tuple[str, ...]:
    """Return the words that a setting is one of, sorted; none where it may be anything else."""
    held = _annotations().get(path, ())
    words = {word for one in held if get_origin(one) is Literal for word in get_args(one)}
    is_closed = all(get_origin(one) is Literal for one in held) and all(isinstance(word, str) for word in words)
    return tuple(sorted(words)) if is_closed else ()


@cache
def _annotations() -> dict[str, list[Any]]:
    """Return what each setting may hold: one annotation for each section that has it."""
    found: dict[str, list[Any]] = {}
    for path, annotation in (*_leaves(RunConfig, ""), *_leaves(OwnConfig, "")):
        found.setdefault(path, []).append(annotation)
    return found


def _plain_types(annotation: Any) -> set[Any]:
    """Return the types that an annotation is made of; an annotation that isn't made of types is one itself."""
    parts = get_args(annotation)
    if get_origin(annotation) is Annotated:
        return _plain_types(parts[0])
    if get_origin(annotation) in (Union, UnionType):
        return {one for part in parts for one in _plain_types(part)}
    return {type(one) for one in parts} if get_origin(annotation) is Literal else {annotation}


@cache
def metric_names() -> frozenset[str]:
    """Return the kinds of metric that come with logbook."""
    kinds = (_kinds(section) for section in _sections(RunConfig.model_fields["metrics"].annotation))
    return frozenset(kind for some in kinds for kind in some) - {"python"}


def _leaves(model: type[BaseModel], prefix: str) -> Iterator[tuple[str, Any]]:
    for name, field in model.model_fields.items():
        path = f"{prefix}{field.alias or name}"
        if field.exclude:
            continue
        sections = _sections(field.annotation)
        inside = f"{path}[0]." if _is_list(field.annotation) else f"{path}."
        for section in sections:
            yield from _leaves(section, inside)
        # An empty list, an empty mapping and null are leaves themselves.
        if not sections or _is_list(field.annotation) or type(None) in get_args(field.annotation):
            yield path, field.annotation


def _sections(annotation: Any) -> list[type[BaseModel]]:
    """Return the sections that an annotation allows, through unions, lists and marks."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    if get_origin(annotation) is dict:
        return []
    return [section for part in get_args(annotation) for section in _sections(part)]


def _is_list(annotation: Any) -> bool:
    return get_origin(annotation) in (list, tuple) or any(_is_list(part) for part in get_args(annotation))


def _kinds(section: type[BaseModel]) -> tuple[str, ...]:
    return tuple(get_args(section.model_fields["kind"].annotation))
