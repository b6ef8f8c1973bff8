"""Write `docs/config.md`, the reference of the config language, from the same models that read a config.

python docs/make_config.py            write it
python docs/make_config.py --check    say whether it is current
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from logbook_schemas.config.json_schema import config_schema

PAGE = Path(__file__).resolve().parent / "config.md"
_REF = "#/$defs/"
_BAR = "\\|"
_INTRODUCTION = """# The config, format 1

Made by `docs/make_config.py` from the models that read a config; `logbook schema config` prints the same as a JSON
Schema for editors. What is left out takes its default. Where a field takes several kinds, it is an object with `kind`;
a bare string is the object with that kind and all its defaults. *S0-12* and the like are rows of the checklist, each
taken from one of the five guides.
"""


def main() -> None:
    """Write the page, or with `--check` compare it."""
    page = config_page()
    if "--check" in sys.argv:
        sys.exit(0 if PAGE.read_text(encoding="utf-8") == page else "docs/config.md is old: python docs/make_config.py")
    PAGE.write_text(page, encoding="utf-8")


def config_page() -> str:
    """Return the page."""
    schema = config_schema()
    lines = [_INTRODUCTION, *_section("The whole", schema)]
    shown: set[str] = set()
    for path, field in schema["properties"].items():
        lines += _below(path, field, schema["$defs"], shown)
    return "\n".join(lines).rstrip() + "\n"


def _below(path: str, field: dict[str, Any], definitions: dict[str, Any], shown: set[str]) -> Iterator[str]:
    """Yield the sections that a field is made of, each once, and then theirs."""
    names = [name for name in _names(field) if not name.endswith("WithoutKind")]
    for name in names:
        section = definitions[name]
        kind = section.get("properties", {}).get("kind", {}).get("const")
        own = {key: value for key, value in section.get("properties", {}).items() if key != "kind"}
        if not own and "description" not in section:
            continue
        title = f"{path}: `{kind}`" if kind else path
        if name in shown:
            continue
        shown.add(name)
        yield from _section(title, {**section, "properties": own})
    for name in names:
        for key, child in definitions[name].get("properties", {}).items():
            yield from _below(f"{path}.{key}", child, definitions, shown)


def _section(title: str, section: dict[str, Any]) -> Iterator[str]:
    yield f"## {title}\n"
    if "description" in section:
        yield " ".join(section["description"].split("\n\n")[0].split()) + "\n"
    if section["properties"]:
        yield "| field | value | default | what it is |"
        yield "|---|---|---|---|"
        for name, field in section["properties"].items():
            cells = (f"`{name}`", _values(field), _default(name, field, section), _about(field))
            yield "| " + " | ".join(cell.replace("|", _BAR) for cell in cells) + " |"
        yield ""


def _names(field: dict[str, Any]) -> Iterator[str]:
    if "$ref" in field:
        yield field["$ref"].removeprefix(_REF)
    for key in ("anyOf", "oneOf"):
        for one in field.get(key, ()):
            yield from _names(one)
    for key in ("items", "additionalProperties"):
        if isinstance(field.get(key), dict):
            yield from _names(field[key])


def _values(field: dict[str, Any]) -> str:
    if "const" in field:
        return _code(field["const"])
    if "enum" in field:
        return ", ".join(map(_code, field["enum"]))
    if "anyOf" in field or "oneOf" in field:
        return _choices([*field.get("anyOf", ()), *field.get("oneOf", ())])
    kind = field.get("type")
    if kind == "array":
        return f"list of {_values(field.get('items', {}))}"
    if kind in ("integer", "number"):
        return f"{'whole number' if kind == 'integer' else 'number'}{_bounds(field)}"
    words = {"string": "text", "boolean": "`true`, `false`", "null": "`null`", "object": "object"}
    return words.get(str(kind), "object" if "$ref" in field else "any JSON")


def _choices(choices: list[dict[str, Any]]) -> str:
    said = [_values(one) for one in choices if "$ref" not in one]
    kinds = [f"`{_KINDS[name]}`" for one in choices for name in _names(one) if name in _KINDS]
    said = [one for one in said if not kinds or one == "`null`"]
    said += ["object"] if not kinds and any("$ref" in one for one in choices) else []
    return ", ".join(dict.fromkeys([*kinds, *said])) or "object"


def _bounds(field: dict[str, Any]) -> str:
    words = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
    found = [f"{word} {_number(field[key])}" for key, word in words.items() if key in field]
    return f" {', '.join(found)}" if found else ""


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else str(value)


def _default(name: str, field: dict[str, Any], section: dict[str, Any]) -> str:
    if "follows" in field:
        return str(field["follows"])
    if name in section.get("required", ()):
        return "*must be said*"
    if "default" not in field:
        return ""
    default = field["default"]
    if isinstance(default, dict):
        return _code(default["kind"]) if "kind" in default else "as below"
    return _code(default)


def _about(field: dict[str, Any]) -> str:
    text = str(field.get("description", "")).split(" Unit: ")[0].split(" Default: ")[0].split(" Guide: ")[0]
    unit = f" ({field['unit']})" if "unit" in field else ""
    rows = f" *{field['source']}*" if "source" in field else ""
    outside = " Outside the recipe." if field.get("recipe") is False else ""
    return f"{text}{unit}{outside}{rows}"


def _code(value: object) -> str:
    return f"`{value if isinstance(value, str) and value else json.dumps(value)}`"


_KINDS = {
    name: section["properties"]["kind"]["const"]
    for name, section in config_schema()["$defs"].items()
    if "kind" in section.get("properties", {})
}

if __name__ == "__main__":
    main()
