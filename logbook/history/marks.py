"""Which paths of a raw config can't set its result apart from another's.

The paths outside the recipe are listed with the leaves. The config models are looked at only where one config lacks
a field that the other has: then it was frozen by another release, and the field's neutral value decides.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from logbook_schemas.config.leaves import OUTSIDE_RECIPE

if TYPE_CHECKING:
    from pydantic import BaseModel, JsonValue
    from pydantic.fields import FieldInfo

__all__ = ["is_under", "paths_without_effect"]


def paths_without_effect(config: dict[str, JsonValue], other: dict[str, JsonValue]) -> frozenset[str]:
    """Return the paths of a config that can't set its result apart from the other's.

    These are the fields outside the recipe, and fields that the other config lacks and that are neutral here: a
    field that a later release added changes nothing while it is neutral.
    """
    if config.get("kind") == "own":
        return OUTSIDE_RECIPE["own"]
    if not _lacks_a_field(other, config):
        return OUTSIDE_RECIPE["run"]
    from logbook_schemas.config.run import RunConfig

    return OUTSIDE_RECIPE["run"] | set(_neutral_alone(RunConfig, config, other, ""))


def is_under(path: str, prefixes: frozenset[str]) -> bool:
    """Say whether a path is one of the prefixes or lies below one."""
    return any(path == prefix or path.startswith((f"{prefix}.", f"{prefix}[")) for prefix in prefixes)


def _lacks_a_field(config: JsonValue, other: JsonValue) -> bool:
    """Say whether a section of the config lacks a key that the same section, of the same kind, has in the other."""
    if isinstance(config, list) and isinstance(other, list):
        return any(map(_lacks_a_field, config, other))
    if not isinstance(config, dict) or not isinstance(other, dict) or config.get("kind") != other.get("kind"):
        return False
    return bool(other.keys() - config.keys()) or any(_lacks_a_field(config[key], other[key]) for key in other)


def _neutral_alone(model: type[BaseModel], raw: dict[str, Any], other: object, prefix: str) -> Iterator[str]:
    """Yield the paths of fields at their neutral value that the other config lacks."""
    from logbook_schemas.config.neutral import is_neutral

    for name, field in model.model_fields.items():
        key = field.alias or name
        if key not in raw:
            continue
        is_missing_there = not isinstance(other, dict) or key not in other
        if is_missing_there and is_neutral(model, name, raw[key]):
            yield f"{prefix}{key}"
        else:
            there = other.get(key) if isinstance(other, dict) else None
            yield from _inside(field, raw[key], there, f"{prefix}{key}")


def _inside(field: FieldInfo, raw: JsonValue, other: object, path: str) -> Iterator[str]:
    from logbook_schemas.config.neutral import section_for

    if isinstance(raw, list):
        for index, item in enumerate(raw):
            there = other[index] if isinstance(other, list) and index < len(other) else None
            yield from _inside(field, item, there, f"{path}[{index}]")
    elif isinstance(raw, dict):
        model = section_for(field, raw)
        if model is not None:
            yield from _neutral_alone(model, raw, other, f"{path}.")
