"""The JSON Schema of a config: editors complete, check and explain with it, and `docs/config.md` is made from it.

pydantic says what a model takes; here it becomes what a person may write. A bare string stands for an object with
that kind, what a validator fills in isn't required, and each description tells the unit and the guide.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from logbook_schemas.checklist.guides import cite
from logbook_schemas.config.base import ALSO, NO_NEUTRAL, SHORTHAND
from logbook_schemas.config.run import RunConfig

__all__ = ["SCHEMA_ID", "config_schema"]

SCHEMA_ID = "config.v1.json"
"""The name by which a config may point at the file, in its `$schema`."""

_REF = "#/$defs/"


def config_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of the configs that `logbook run` takes.

    Each property also carries, where there is one, its `unit`, the checklist rows behind its default (`source`), what
    that default `follows`, and `recipe: false` where it can't change a result.
    """
    raw = RunConfig.model_json_schema(by_alias=True)
    definitions = raw.pop("$defs")
    bare = {name for name, section in definitions.items() if _is_said_by_its_kind(section)}
    for section in (raw, *list(definitions.values())):
        _require_what_has_no_default(section)
    for section in (raw, *list(definitions.values())):
        properties = section.get("properties", {})
        section["properties"] = {name: _written(value, definitions, bare) for name, value in properties.items()}
        section.pop("title", None)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        "title": "logbook config, format 1",
        **raw,
        "$defs": dict(sorted(definitions.items())),
    }


def _is_said_by_its_kind(section: dict[str, Any]) -> bool:
    return "kind" in section.get("properties", {}) and not section.get("required")


def _require_what_has_no_default(section: dict[str, Any]) -> None:
    """Require the kind of an object, and drop what a validator fills in from other fields."""
    properties = section.get("properties", {})
    required = [name for name in section.pop("required", ()) if "follows" not in properties[name]]
    if "kind" in properties:
        required.insert(0, "kind")
    if required:
        section["required"] = required


def _written(node: dict[str, Any], definitions: dict[str, Any], bare: set[str]) -> dict[str, Any]:
    """Return the schema of a field as a person may write it."""
    node = {key: value for key, value in node.items() if key != "title"}
    if node.pop("neutral", NO_NEUTRAL) != NO_NEUTRAL or node.get("recipe") is True:
        node.pop("recipe", None)
    if "description" in node:
        node["description"] = _described(node)
    if "follows" in node:
        node.pop("default", None)
    elif "default" in node:
        node["default"] = _short(node["default"])
    for key in ("items", "additionalProperties"):
        if isinstance(node.get(key), dict):
            node[key] = _written(node[key], definitions, bare)
    if SHORTHAND in node:
        return _with_shorthand(node, definitions, bare)
    for key in ("anyOf", "oneOf"):
        if key in node:
            node[key] = [_written(one, definitions, bare) for one in node[key]]
    return node


def _with_shorthand(node: dict[str, Any], definitions: dict[str, Any], bare: set[str]) -> dict[str, Any]:
    """Return a field that takes a bare string, an object with a kind or, where there's a default, one without."""
    default, also = node.pop(SHORTHAND), node.pop(ALSO, {})
    node.pop("discriminator", None)
    names = [one["$ref"].removeprefix(_REF) for one in _members(node)]
    for key in ("oneOf", "anyOf", "$ref"):
        node.pop(key, None)
    kinds = {name: definitions[name]["properties"]["kind"]["const"] for name in names}
    said = [kinds[name] for name in names if name in bare] + [word for word in also if also[word] in bare]
    choices: list[dict[str, Any]] = [{"enum": said}] if said else []
    choices += [{"$ref": _REF + name} for name in names]
    for name in names:
        if kinds[name] == default:
            choices.append({"$ref": _REF + _without_kind(name, definitions)})
    choices += [{"$ref": _REF + _under_another_kind(name, word, definitions)} for word, name in also.items()]
    return {**node, "anyOf": choices}


def _members(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if "$ref" in node:
        yield node
    for key in ("oneOf", "anyOf"):
        yield from node.get(key, ())


def _under_another_kind(name: str, word: str, definitions: dict[str, Any]) -> str:
    """Add a section as it is written with another word for its kind, and return its name."""
    new = f"{name}As{word.title()}"
    section = definitions[name]
    kind = {**section["properties"]["kind"], "const": word, "default": word}
    definitions[new] = {**section, "properties": {**section["properties"], "kind": kind}}
    return new


def _without_kind(name: str, definitions: dict[str, Any]) -> str:
    """Add the section of the default kind as it is written without its kind, and return its name."""
    new = f"{name}WithoutKind"
    section = definitions[name]
    definitions[new] = {
        **section,
        "properties": {key: value for key, value in section["properties"].items() if key != "kind"},
        "required": [key for key in section.get("required", ()) if key != "kind"],
    }
    return new


def _described(node: dict[str, Any]) -> str:
    parts = [node["description"]]
    if "unit" in node:
        parts.append(f"Unit: {node['unit']}.")
    if "follows" in node:
        parts.append(f"Default: {node['follows']}.")
    if "source" in node:
        parts.append(f"Guide: {cite(*node['source'].split(', '))}.")
    return " ".join(parts)


def _short(value: Any) -> Any:
    """Return a default as a person would write it: `"relu"` for `{"kind": "relu"}`."""
    if isinstance(value, dict):
        return value["kind"] if set(value) == {"kind"} else {key: _short(child) for key, child in value.items()}
    return [_short(child) for child in value] if isinstance(value, list) else value
