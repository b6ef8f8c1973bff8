"""What makes two configs the same: the frozen form and its hash, the recipe and its hash, the flat leaves."""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel, JsonValue

from logbook_schemas.config.base import NO_NEUTRAL, marks
from logbook_schemas.config.leaves import flatten
from logbook_schemas.config.own import OwnConfig
from logbook_schemas.config.run import RunConfig
from logbook_schemas.reading import canonical_json, canonical_value, content_hash

__all__ = ["AnyConfig", "Frozen", "config_model", "flatten", "freeze", "recipe", "recipe_hash", "thaw"]

AnyConfig = RunConfig | OwnConfig


class Frozen(BaseModel):
    """A config as it is kept for ever: the canonical bytes of the resolved config, and what they hash to."""

    model_config = {"frozen": True}

    body: bytes
    config_hash: str
    recipe_hash: str


def config_model(value: JsonValue) -> type[RunConfig] | type[OwnConfig]:
    """Return the model that a raw config is to be read with."""
    return OwnConfig if isinstance(value, dict) and value.get("kind") == "own" else RunConfig


def freeze(config: AnyConfig) -> Frozen:
    """Return the frozen form of a config: every default filled in, `$schema` left out."""
    body = canonical_json(config.model_dump(mode="json", by_alias=True))
    return Frozen(body=body, config_hash=content_hash(body), recipe_hash=recipe_hash(body))


def thaw(body: bytes) -> AnyConfig:
    """Return the config that frozen bytes hold: it freezes to the same bytes again."""
    written = canonical_value(body)
    # Not the bytes themselves: pydantic would read a float that is written without a point as a whole number.
    return config_model(written).model_validate_json(json.dumps(written))


def recipe(body: bytes) -> dict[str, Any]:
    """Return the part of a frozen config that can change the result, as JSON."""
    return _essence(thaw(body), canonical_value(body))


def recipe_hash(body: bytes) -> str:
    """Return the hash of the recipe; runs that share it are replicates of each other."""
    return content_hash(canonical_json(recipe(body)))


def _essence(section: BaseModel, written: dict[str, Any]) -> dict[str, Any]:
    """Drop the fields outside the recipe and those at their neutral value.

    Only what stands in the frozen bytes counts: a field that a later release added is absent there, which
    is the same as neutral.
    """
    kept: dict[str, Any] = {}
    for name, field in type(section).model_fields.items():
        key = field.alias or name
        in_recipe, neutral = marks(type(section), name)
        if not in_recipe or key not in written:
            continue
        value = _essence_of(getattr(section, name), written[key])
        if neutral is not NO_NEUTRAL and (value == neutral or written[key] == neutral):
            continue
        if value == {} and isinstance(getattr(section, name), BaseModel):
            continue
        kept[key] = value
    return kept


def _essence_of(value: Any, written: Any) -> Any:
    if isinstance(value, BaseModel):
        return _essence(value, written)
    if isinstance(value, tuple | list):
        return [_essence_of(one, raw) for one, raw in zip(value, written, strict=True)]
    return written
