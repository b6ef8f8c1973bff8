"""A config written out with every default, each explained by a comment: what `logbook new` writes."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from typing import Any

from logbook_schemas.config.json_schema import config_schema

__all__ = ["commented"]

_WIDTH = 110
_REF = "#/$defs/"


def commented(config: dict[str, Any]) -> str:
    """Return a resolved config as text that reads back as itself: what each field is, in which unit, from which guide.

    What says nothing (the format, an empty list of tags) is left out; sections that are told by their kind alone are
    written as that word.
    """
    schema = config_schema()
    left_out = {key for key in ("format", "$schema", "parent", "tags") if not config.get(key) or key == "format"}
    kept = {key: value for key, value in config.items() if key not in left_out}
    return "\n".join(_object(kept, schema, schema["$defs"], "")) + "\n"


def _object(section: dict[str, Any], schema: dict[str, Any], definitions: dict[str, Any], margin: str) -> Iterator[str]:
    yield f"{margin}{{" if not margin else "{"
    inner = margin + "  "
    for key, value in sorted(section.items(), key=lambda item: item[0] != "kind") if margin else section.items():
        field = schema.get("properties", {}).get(key, {})
        for line in textwrap.wrap(_about(field) if key != "kind" else "", _WIDTH - len(inner)):
            yield f"{inner}// {line}"
        *first, last = _value(value, field, definitions, inner)
        lines = [*first, f"{last},"]
        yield f"{inner}{json.dumps(key)}: {lines[0]}"
        yield from lines[1:]
    yield f"{margin}}}"


def _about(field: dict[str, Any]) -> str:
    """Return what a field is, its unit, and the checklist rows behind its default: they are short."""
    text = str(field.get("description", "")).split(" Unit: ")[0].split(" Default: ")[0].split(" Guide: ")[0]
    unit = f" In {field['unit']}." if "unit" in field else ""
    rows = f" ({field['source']})" if "source" in field else ""
    return f"{text}{unit}{rows}"


def _value(value: Any, field: dict[str, Any], definitions: dict[str, Any], margin: str) -> Iterator[str]:
    if isinstance(value, dict) and set(value) == {"kind"}:
        yield json.dumps(value["kind"])
    elif isinstance(value, dict) and (schema := _schema_of(value, field, definitions)) is not None:
        yield from _object(value, schema, definitions, margin)
    elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
        plain = [item["kind"] if isinstance(item, dict) and set(item) == {"kind"} else item for item in value]
        yield json.dumps(plain, ensure_ascii=False)
    else:
        yield json.dumps(value, ensure_ascii=False)


def _schema_of(value: dict[str, Any], field: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any] | None:
    """Return the schema of a section that a field holds, or None for an object without fields of its own."""
    for one in [field, *field.get("anyOf", ())]:
        section = definitions.get(one.get("$ref", "").removeprefix(_REF))
        if section is None or "properties" not in section:
            continue
        kind = section["properties"].get("kind", {}).get("const")
        if kind == value.get("kind"):
            return dict(section)
    return None
