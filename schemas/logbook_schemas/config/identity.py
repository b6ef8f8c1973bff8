"""What makes two configs the same: the frozen form and its hash, the recipe and its hash, the flat leaves."""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel, JsonValue

from logbook_schemas.config.formats import upgraded
from logbook_schemas.config.leaves import flatten
from logbook_schemas.config.neutral import essence, with_neutral_values
from logbook_schemas.config.own import OwnConfig
from logbook_schemas.config.run import RunConfig
from logbook_schemas.reading import canonical_json, canonical_value, content_hash

__all__ = ["AnyConfig", "Frozen", "config_model", "flatten", "freeze", "freeze_as", "recipe", "recipe_hash", "thaw"]

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
    return freeze_as(canonical_json(config.model_dump(mode="json", by_alias=True)))


def freeze_as(body: bytes) -> Frozen:
    """Return the frozen form that bytes of any release are: they stay as they were, the recipe is derived anew."""
    return Frozen(body=body, config_hash=content_hash(body), recipe_hash=recipe_hash(body))


def thaw(body: bytes) -> AnyConfig:
    """Return the config that frozen bytes hold; what they lack stands at its neutral value, the old behaviour."""
    raw = upgraded(canonical_value(body))
    model = config_model(raw)
    # By way of JSON: a strict model takes a list for a tuple from there alone.
    return model.model_validate_json(json.dumps(with_neutral_values(model, raw)))


def recipe(body: bytes) -> dict[str, Any]:
    """Return the part of a frozen config that can change the result, as JSON.

    Only what stands in the frozen bytes counts: a field that a later release added is absent there, which is the
    same as neutral.
    """
    raw = upgraded(canonical_value(body))
    return essence(config_model(raw), raw)


def recipe_hash(body: bytes) -> str:
    """Return the hash of the recipe; runs that share it are replicates of each other."""
    return content_hash(canonical_json(recipe(body)))
