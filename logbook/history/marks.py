"""Which paths of a raw config can't change a result, read from the marks on the fields.

Only classes are looked at: no validator is built and no config needs to be valid, so that a stored config of any
release can be asked about in a few milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel, JsonValue

from logbook_schemas.config.base import NO_NEUTRAL, kind_of, marks
from logbook_schemas.config.identity import config_model

__all__ = ["is_under", "paths_without_effect"]


def paths_without_effect(config: dict[str, JsonValue], other: dict[str, JsonValue]) -> frozenset[str]:
    """Return the paths of a config that can't set its result apart from the other's.

    These are the fields outside the recipe, and fields that the other config lacks and that are neutral here: a
    field that a later release added changes nothing while it is neutral.
    """
    return frozenset(_without_effect(config_model(config), config, other, ""))


def is_under(path: str, prefixes: frozenset[str]) -> bool:
    """Say whether a path is one of the prefixes or lies below one."""
    return any(path == prefix or path.startswith((f"{prefix}.", f"{prefix}[")) for prefix in prefixes)


def section_for(annotation: object, raw: JsonValue) -> type[BaseModel] | None:
    """Return the model that a raw section is of: the one with its kind, or the only one that there is."""
    models = list(_models_in(annotation))
    kind = kind_of(raw)
    named = [model for model in models if _kind_default(model) == kind] if kind is not None else []
    if named:
        return named[0]
    return models[0] if len(models) == 1 else None


def _without_effect(model: type[BaseModel], raw: dict[str, Any], other: object, prefix: str) -> Iterator[str]:
    for name, field in model.model_fields.items():
        key = field.alias or name
        if key not in raw:
            continue
        path = f"{prefix}{key}"
        in_recipe, neutral = marks(model, name)
        is_missing_there = not isinstance(other, dict) or key not in other
        if not in_recipe or (is_missing_there and neutral is not NO_NEUTRAL and raw[key] == neutral):
            yield path
        else:
            there = other.get(key) if isinstance(other, dict) else None
            yield from _inside(field.annotation, raw[key], there, path)


def _inside(annotation: object, raw: JsonValue, other: object, path: str) -> Iterator[str]:
    if isinstance(raw, list):
        for index, item in enumerate(raw):
            there = other[index] if isinstance(other, list) and index < len(other) else None
            yield from _inside(annotation, item, there, f"{path}[{index}]")
    elif isinstance(raw, dict):
        model = section_for(annotation, raw)
        if model is not None:
            yield from _without_effect(model, raw, other, f"{path}.")


def _models_in(annotation: object) -> Iterator[type[BaseModel]]:
    """Yield the models that an annotation speaks of, however deep in unions, lists and metadata."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models_in(inner)


def _kind_default(model: type[BaseModel]) -> object:
    field = model.model_fields.get("kind")
    return field.default if field else None
