"""The names that the config language promises, whether or not a run of this store uses them.

Imports the config's models, so it is imported only when a name isn't found in the store.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from logbook_schemas.config.own import OwnConfig
from logbook_schemas.config.run import RunConfig

__all__ = ["config_paths", "metric_names"]


@cache
def config_paths() -> frozenset[str]:
    """Return the path of every setting; `[0]` stands for any place in a list. Free mappings (kwargs, values)
    promise nothing: their keys are a person's own."""
    return frozenset({*_paths(RunConfig, ""), *_paths(OwnConfig, "")})


@cache
def metric_names() -> frozenset[str]:
    """Return the kinds of metric that come with logbook."""
    kinds = (_kinds(section) for section in _sections(RunConfig.model_fields["metrics"].annotation))
    return frozenset(kind for some in kinds for kind in some) - {"python"}


def _paths(model: type[BaseModel], prefix: str) -> Iterator[str]:
    for name, field in model.model_fields.items():
        path = f"{prefix}{field.alias or name}"
        if field.exclude:
            continue
        sections = _sections(field.annotation)
        inside = f"{path}[0]." if _is_list(field.annotation) else f"{path}."
        for section in sections:
            yield from _paths(section, inside)
        # An empty list, an empty mapping and null are leaves themselves.
        if not sections or _is_list(field.annotation) or type(None) in get_args(field.annotation):
            yield path


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
