"""Places of a config in its JSON Schema: `training.batch_size`, or a kind and its field, `model: mlp.dropout`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

__all__ = ["find_place", "sourced_fields"]

_REF = "#/$defs/"


def find_place(schema: dict[str, Any], place: str) -> dict[str, Any]:
    """Return the schema of a place; LookupError where there is none."""
    node: dict[str, Any] = schema
    path, *more = [part.strip() for part in place.split(": ")]
    node = _follow(schema, node, path, place)
    for part in more:
        kind, _, below = part.partition(".")
        members = [one for one in _sections(schema, node) if one["properties"].get("kind", {}).get("const") == kind]
        if not members:
            raise LookupError(f"{place}: there is no kind {kind!r}")
        node = _follow(schema, members[0], below, place) if below else members[0]
    return node


def sourced_fields(schema: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the place of each field whose default names a source, and the source; each section once."""
    seen: set[int] = set()

    def below(node: dict[str, Any], place: str) -> Iterator[tuple[str, str]]:
        for section in _sections(schema, node):
            if id(section) in seen:
                continue
            seen.add(id(section))
            kind = section["properties"].get("kind", {}).get("const")
            start = f"{place}: {kind}." if kind and place else f"{place}." if place else ""
            for name, field in section["properties"].items():
                if "source" in field:
                    yield f"{start}{name}", field["source"]
                yield from below(field, f"{start}{name}")

    yield from below(schema, "")


def _follow(schema: dict[str, Any], node: dict[str, Any], path: str, place: str) -> dict[str, Any]:
    for name in path.split("."):
        found = [one["properties"][name] for one in _sections(schema, node) if name in one.get("properties", {})]
        if not found:
            raise LookupError(f"{place}: there is no field {name!r}")
        node = found[0]
    return node


def _sections(schema: dict[str, Any], node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the objects that a field may hold, lists and choices looked through."""
    if "properties" in node:
        yield node
    if "$ref" in node:
        yield from _sections(schema, schema["$defs"][node["$ref"].removeprefix(_REF)])
    for key in ("anyOf", "oneOf"):
        for one in node.get(key, ()):
            yield from _sections(schema, one)
    if isinstance(node.get("items"), dict):
        yield from _sections(schema, node["items"])
