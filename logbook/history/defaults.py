"""A config as it would be with the checklist's defaults: what `logbook diff` with one argument compares against."""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel, JsonValue
from pydantic.fields import FieldInfo

from logbook.errors import UsageError

__all__ = ["default_config"]

_KEEPS_KIND = ("model", "optimizer", "schedule")


def default_config(config: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """Return the resolved config with the same name, task, source and kinds, everything else at its default.

    The loss isn't kept: its default follows from the task, and another one is worth telling.
    """
    from logbook_schemas.config.run import RunConfig

    if config.get("kind") == "own":
        raise UsageError("a config of one's own loop has no defaults; name two configs to compare")
    data = config.get("data")
    source = data.get("source") if isinstance(data, dict) else None
    bare: dict[str, Any] = {"name": config.get("name"), "task": config.get("task"), "data": {"source": source}}
    for section in _KEEPS_KIND:
        bare[section] = _kind_alone(RunConfig.model_fields[section], config.get(section))
    return RunConfig.model_validate_json(json.dumps(bare)).model_dump(mode="json", by_alias=True)


def _kind_alone(field: FieldInfo, section: JsonValue) -> JsonValue:
    """Reduce a section to its kind and to what has no default (a target, say)."""
    from logbook_schemas.config.neutral import section_for

    if not isinstance(section, dict):
        return section
    model = section_for(field, section)
    required = _required(model) if model else []
    return {key: value for key, value in section.items() if key == "kind" or key in required}


def _required(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items() if field.is_required()]
